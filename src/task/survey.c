/*-------------------------------------------------------------------------
 *
 * survey.c
 *		Which databases have background work.
 *
 * CREATE EXTENSION leaves a mark in the settings of its database
 * (sql_agent.enabled = on), in a catalog that all databases share.  Reading that
 * takes a connection to some database, any of them, for a moment: the launcher
 * starts a process for it when it starts, when a mark may have changed (stop.c),
 * and once a minute.
 *
 * Templates have no workers, marked or not: CREATE DATABASE would wait for them.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "catalog/pg_db_role_setting.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "task/worker.h"
#include "tcop/tcopprot.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#define MARK "sql_agent.enabled"

PGDLLEXPORT void sql_agent_survey_main(Datum arg);

/*
 * In one the survey is in nobody's way; in template1 it would be most.
 */
static int
survey_rank(Form_pg_database database)
{
	if (!database->datallowconn || !board_is_open(database->oid))
		return 0;
	if (database->datistemplate)
		return 1;
	return strcmp(NameStr(database->datname), "postgres") == 0 ? 3 : 2;
}

/*
 * Begins and ends a transaction; the list is in the caller's context.
 */
List *
survey_usable_databases(Oid *for_survey)
{
	MemoryContext context = CurrentMemoryContext;
	List *usable = NIL;
	int best = 0;
	Relation rel;
	TableScanDesc scan;
	HeapTuple tuple;

	*for_survey = InvalidOid;
	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	rel = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(rel, 0, NULL);
	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);
		int rank = survey_rank(database);

		if (rank > best)
		{
			best = rank;
			*for_survey = database->oid;
		}
		if (database->datallowconn && !database->datistemplate)
		{
			MemoryContext old = MemoryContextSwitchTo(context);

			usable = lappend_oid(usable, database->oid);
			MemoryContextSwitchTo(old);
		}
	}
	table_endscan(scan);
	table_close(rel, AccessShareLock);
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return usable;
}

static bool
is_marked(ArrayType *settings)
{
	Datum *values;
	int count;

	deconstruct_array(settings, TEXTOID, -1, false, TYPALIGN_INT, &values, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		char *setting = TextDatumGetCString(values[i]);
		size_t length = strlen(MARK);
		bool on;

		if (pg_strncasecmp(setting, MARK "=", length + 1) == 0)
			return parse_bool(setting + length + 1, &on) && on;
	}
	return false;
}

/*
 * Marks of a database as such count, not those of a role in it.
 */
static List *
marked_databases(void)
{
	Relation rel = table_open(DbRoleSettingRelationId, AccessShareLock);
	TableScanDesc scan = table_beginscan_catalog(rel, 0, NULL);
	List *marked = NIL;
	HeapTuple tuple;

	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_db_role_setting form = (Form_pg_db_role_setting) GETSTRUCT(tuple);
		bool isnull;
		Datum settings;

		if (OidIsValid(form->setrole) || !OidIsValid(form->setdatabase))
			continue;
		settings =
			heap_getattr(tuple, Anum_pg_db_role_setting_setconfig, RelationGetDescr(rel), &isnull);
		if (!isnull && is_marked(DatumGetArrayTypeP(settings)))
			marked = lappend_oid(marked, form->setdatabase);
	}
	table_endscan(scan);
	table_close(rel, AccessShareLock);
	return marked;
}

void
sql_agent_survey_main(Datum arg)
{
	Oid database;
	Oid databases[BOARD_DATABASES];
	int count = 0;
	List *marked;
	ListCell *lc;

	memcpy(&database, MyBgworkerEntry->bgw_extra, sizeof(Oid));
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	marked = marked_databases();
	foreach (lc, marked)
		if (count < BOARD_DATABASES)
			databases[count++] = lfirst_oid(lc);
	if (!board_set_databases(databases, count) || count < list_length(marked))
		ereport(LOG, (errmsg("sql_agent can not work in all %d databases that ask for it",
							 list_length(marked)),
					  errdetail("There is room for %d.", BOARD_DATABASES)));
	PopActiveSnapshot();
	CommitTransactionCommand();
	proc_exit(0);
}
