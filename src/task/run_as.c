/*-------------------------------------------------------------------------
 *
 * run_as.c
 *		With whose rights a task runs, and that nothing of theirs is left over.
 *
 * A worker is connected as the bootstrap superuser: roles that can not log in
 * own tasks too.  So whatever an owner has prepared must run before the userid
 * is the superuser's again:
 *
 * - constraints are made immediate before; the restricted operation refuses to
 *   queue what a trigger has deferred again, and if there were something in the
 *   queue, it would be fired after, as the owner;
 * - open cursors are closed as the owner;
 * - the restricted operation refuses what would outlive it: cursors WITH HOLD,
 *   prepared statements, temporary tables, LISTEN, SET ROLE; other temporary
 *   objects are refused in the end;
 * - parameters are set back, whoever set them, and session locks let go.
 *
 * The settings of the database and the owner's own (ALTER ROLE .. SET) hold as
 * they would in a new session, but for the search_path, which is pinned, and
 * those that a restricted operation refuses.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_db_role_setting.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "task/worker.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/portal.h"
#include "utils/rel.h"

/* a task that waits for a lock longer than that is tried again later */
#define DEFAULT_LOCK_TIMEOUT "60s"

static void
set(const char *name, const char *value, int elevel)
{
	(void) set_config_option(name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, elevel,
							 false);
}

/*
 * They were checked when they were stored; what is not valid any more is passed
 * over, as at a login.
 */
static void
apply(ArrayType *settings)
{
	Datum *values;
	int count;

	deconstruct_array(settings, TEXTOID, -1, false, TYPALIGN_INT, &values, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		char *name;
		char *value;

		ParseLongOption(TextDatumGetCString(values[i]), &name, &value);
		if (value != NULL)
			set(name, value, DEBUG1);
	}
}

static void
apply_settings_of(Oid database, Oid role)
{
	Relation rel = table_open(DbRoleSettingRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;

	ScanKeyInit(&keys[0], Anum_pg_db_role_setting_setdatabase, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(database));
	ScanKeyInit(&keys[1], Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
	scan =
		systable_beginscan(rel, DbRoleSettingDatidRolidIndexId, true, NULL, lengthof(keys), keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool isnull;
		Datum settings =
			heap_getattr(tuple, Anum_pg_db_role_setting_setconfig, RelationGetDescr(rel), &isnull);

		if (!isnull)
			apply(DatumGetArrayTypeP(settings));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

static void
make_constraints_immediate(void)
{
	ConstraintsSetStmt *all = makeNode(ConstraintsSetStmt);

	all->constraints = NIL;
	all->deferred = false;
	AfterTriggerSetState(all);
}

void
run_as_enter(RunAs *scope, Oid role)
{
	make_constraints_immediate();
	GetUserIdAndSecContext(&scope->saved_userid, &scope->saved_sec_context);
	scope->guc_level = NewGUCNestLevel();
	SetUserIdAndSecContext(role, scope->saved_sec_context | SECURITY_LOCAL_USERID_CHANGE |
									 SECURITY_RESTRICTED_OPERATION);
	set("lock_timeout", DEFAULT_LOCK_TIMEOUT, ERROR);
	/* a worker may be older than what was set for the database */
	apply_settings_of(InvalidOid, InvalidOid);
	apply_settings_of(MyDatabaseId, InvalidOid);
	apply_settings_of(InvalidOid, role);
	apply_settings_of(MyDatabaseId, role);
	set("search_path", "pg_catalog, pg_temp", ERROR);
}

/*
 * What is in pg_temp stays as long as the worker, and is found before what other
 * tasks mean: where their search_path does not name it, types are looked up there
 * first.
 */
static void
require_no_temporary_schema(void)
{
	Oid schema;
	Oid toast_schema;

	GetTempNamespaceState(&schema, &toast_schema);
	if (OidIsValid(schema))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("cannot create temporary objects in a task"),
						errdetail("They would be there for the tasks of others too.")));
}

void
run_as_leave(RunAs *scope)
{
	AfterTriggerFireDeferred();
	PortalHashTableDeleteAll();
	require_no_temporary_schema();
	AtEOXact_GUC(false, scope->guc_level);
	SetUserIdAndSecContext(scope->saved_userid, scope->saved_sec_context);
}
