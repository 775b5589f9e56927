/*-------------------------------------------------------------------------
 *
 * stop.c
 *		Workers are in nobody's way: they leave before what needs a database, or
 *		the extension, for itself.
 *
 * DROP DATABASE, ALTER DATABASE RENAME and SET TABLESPACE, and CREATE DATABASE
 * with that database as the template wait five seconds for others to leave, and
 * fail.  DROP EXTENSION waits for locks that a task holds for as long as it runs.  So
 * a ProcessUtility hook closes the database on the board, waits until the workers
 * have gone, and opens it again at the end of the transaction.  Who may not do
 * the statement stops nobody.  A task that was cut off goes back to the queue.
 *
 * The mark of background work (survey.c) is watched here too: ALTER DATABASE ..
 * SET tells the launcher when it is committed, and dropping the extension, by
 * whatever statement, takes the mark away in the same transaction.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_extension.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "common/owner.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "task/worker.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"

#define EXTENSION "sql_agent"
#define MARK      "sql_agent.enabled"

/* ms */
#define WAIT_STEP 5
#define WAIT_MAX  10000

static ProcessUtility_hook_type previous_utility = NULL;
static object_access_hook_type previous_access = NULL;

/* to do at the end of the transaction */
static bool has_closed = false;
static bool mark_changed = false;

static void
at_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE ||
		event == XACT_EVENT_PARALLEL_PRE_COMMIT)
		return;
	if (has_closed)
		board_open_all();
	if (mark_changed && event == XACT_EVENT_COMMIT)
		board_request_survey();
	has_closed = mark_changed = false;
}

/* ---- closing ---- */

/*
 * A worker leaves the board before it has left the database.
 */
static void
wait_until_gone(const BoardWorker *workers, int count)
{
	for (int i = 0, waited = 0; i < count && waited < WAIT_MAX;)
	{
		if (workers[i].pid == MyProcPid || BackendPidGetProc(workers[i].pid) == NULL)
		{
			i++;
			continue;
		}
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, WAIT_STEP,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		waited += WAIT_STEP;
	}
}

static void
stop_workers(Oid database)
{
	BoardWorker *workers;
	int count;

	if (!OidIsValid(database))
		return;
	has_closed = true;
	if (!board_close(database))
		return;
	workers = board_workers(database, &count);
	wait_until_gone(workers, count);
	pfree(workers);
}

/* ---- who may ---- */

static bool
owns_database(Oid database)
{
	return OidIsValid(database) && compat_owns_database(database, GetUserId());
}

static void
stop_if_owner(const char *name)
{
	Oid database = get_database_oid(name, true);

	if (owns_database(database))
		stop_workers(database);
}

static bool
moves_database(AlterDatabaseStmt *stmt)
{
	ListCell *lc;

	foreach (lc, stmt->options)
		if (strcmp(lfirst_node(DefElem, lc)->defname, "tablespace") == 0)
			return true;
	return false;
}

/*
 * A template may be copied by whoever may create databases, where it is marked
 * as one; other databases by their owner.
 */
static void
before_createdb(CreatedbStmt *stmt)
{
	char *template = NULL;
	Oid database;
	ListCell *lc;

	foreach (lc, stmt->options)
	{
		DefElem *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, "template") == 0 && option->arg != NULL)
			template = defGetString(option);
	}
	/* template1 has no workers */
	if (template == NULL || !have_createdb_privilege())
		return;
	database = get_database_oid(template, true);
	if (owns_database(database))
		stop_workers(database);
}

static bool
owns_extension(void)
{
	return extension_installed() && has_privs_of_role(GetUserId(), extension_owner());
}

/*
 * The extension itself, or the schema that it was created in.
 */
static bool
drops_extension(DropStmt *stmt)
{
	ListCell *lc;

	if (stmt->removeType != OBJECT_EXTENSION && stmt->removeType != OBJECT_SCHEMA)
		return false;
	foreach (lc, stmt->objects)
	{
		char *name = strVal(lfirst(lc));

		if (stmt->removeType == OBJECT_EXTENSION && strcmp(name, EXTENSION) == 0)
			return owns_extension();
		if (stmt->removeType == OBJECT_SCHEMA && stmt->behavior == DROP_CASCADE &&
			extension_installed() && get_namespace_oid(name, true) == extension_schema())
			return owns_extension();
	}
	return false;
}

static void
before_utility(Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_DropdbStmt:
			stop_if_owner(castNode(DropdbStmt, stmt)->dbname);
			break;
		case T_RenameStmt:
			if (castNode(RenameStmt, stmt)->renameType == OBJECT_DATABASE)
				stop_if_owner(castNode(RenameStmt, stmt)->subname);
			break;
		case T_AlterDatabaseStmt:
			if (moves_database(castNode(AlterDatabaseStmt, stmt)))
				stop_if_owner(castNode(AlterDatabaseStmt, stmt)->dbname);
			break;
		case T_CreatedbStmt:
			before_createdb(castNode(CreatedbStmt, stmt));
			break;
		case T_DropStmt:
			if (drops_extension(castNode(DropStmt, stmt)))
				stop_workers(MyDatabaseId);
			break;
		case T_AlterExtensionStmt:
			if (strcmp(castNode(AlterExtensionStmt, stmt)->extname, EXTENSION) == 0 &&
				owns_extension())
				stop_workers(MyDatabaseId);
			break;
		case T_AlterDatabaseSetStmt:
			/* by name, or ALL; cheap enough to look whichever it is */
			mark_changed = true;
			break;
		default:
			break;
	}
}

static void
utility(PlannedStmt *pstmt, const char *queryString, bool readOnlyTree,
		ProcessUtilityContext context, ParamListInfo params, QueryEnvironment *queryEnv,
		DestReceiver *dest, QueryCompletion *qc)
{
	if (IsTransactionState())
		before_utility(pstmt->utilityStmt);
	if (previous_utility != NULL)
		previous_utility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest, qc);
	else
		standard_ProcessUtility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest,
								qc);
}

/* ---- the mark ---- */

/*
 * Who may drop the extension need not be allowed to change the setting.
 */
static void
remove_mark(void)
{
	VariableSetStmt *reset = makeNode(VariableSetStmt);
	Oid userid;
	int sec_context;

	reset->kind = VAR_RESET;
	reset->name = MARK;
	GetUserIdAndSecContext(&userid, &sec_context);
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, sec_context | SECURITY_LOCAL_USERID_CHANGE);
	AlterSetting(MyDatabaseId, InvalidOid, reset);
	SetUserIdAndSecContext(userid, sec_context);
	mark_changed = true;
}

static void
access_object(ObjectAccessType access, Oid class, Oid object, int subobject, void *arg)
{
	if (previous_access != NULL)
		previous_access(access, class, object, subobject, arg);
	if (access == OAT_DROP && class == ExtensionRelationId &&
		object == get_extension_oid(EXTENSION, true))
		remove_mark();
}

void
stop_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	RegisterXactCallback(at_end, NULL);
	previous_utility = ProcessUtility_hook;
	ProcessUtility_hook = utility;
	previous_access = object_access_hook;
	object_access_hook = access_object;
}
