/*-------------------------------------------------------------------------
 *
 * registry.c
 *		Functions and relations that the administrator has allowed.
 *
 * The tables hold identities as text and a hash of the definition, so that a
 * dump can be restored and a changed definition ends the permission.  They are
 * read directly, in the rare case that a statement needs them, and never
 * cached.  Only superusers write them.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "common/owner.h"
#include "foreign/foreign.h"
#include "guard/guard_int.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* both tables begin with these columns */
#define REGISTRY_IDENTITY 1
#define REGISTRY_HASH     2

/* how often the registry was asked: what rests on its answers is not cached */
static uint64 times_consulted = 0;

uint64
registry_consulted(void)
{
	return times_consulted;
}

static Oid
registry_table(const char *name)
{
	Oid namespace = get_namespace_oid("sql_agent", true);

	return OidIsValid(namespace) ? get_relname_relid(name, namespace) : InvalidOid;
}

/*
 * The hash that is kept for the identity, or NULL.
 */
static char *
registered_hash(const char *table, const char *identity)
{
	Oid relid = registry_table(table);
	Relation rel;
	SysScanDesc scan;
	HeapTuple tuple;
	char *hash = NULL;

	times_consulted++;
	if (!OidIsValid(relid))
		return NULL;
	rel = table_open(relid, AccessShareLock);
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	while (hash == NULL && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool isnull;
		Datum datum = heap_getattr(tuple, REGISTRY_IDENTITY, RelationGetDescr(rel), &isnull);

		if (isnull || strcmp(TextDatumGetCString(datum), identity) != 0)
			continue;
		datum = heap_getattr(tuple, REGISTRY_HASH, RelationGetDescr(rel), &isnull);
		if (!isnull)
			hash = TextDatumGetCString(datum);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return hash;
}

static char *
md5_of(const char *data)
{
	return TextDatumGetCString(DirectFunctionCall1(md5_text, CStringGetTextDatum(data)));
}

/*
 * The definition as SQL.  Deparsing leaves out schemas that are in the search
 * path, so that must not be the session's.
 */
static char *
definition_of(PGFunction deparse, Oid object)
{
	int level = NewGUCNestLevel();
	char *definition;

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("quote_all_identifiers", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	definition = TextDatumGetCString(DirectFunctionCall1(deparse, ObjectIdGetDatum(object)));
	AtEOXact_GUC(false, level);
	return definition;
}

/*
 * What must not change for the permission to hold.  The definition as SQL has
 * body, labels and settings in it; the owner is beside it.
 */
static char *
function_hash(Oid funcid)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(funcid));
	Form_pg_proc form;
	StringInfoData definition;
	bool isnull;
	Datum source;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", funcid);
	form = (Form_pg_proc) GETSTRUCT(tuple);
	initStringInfo(&definition);
	appendStringInfo(&definition, "%s %c\n", GetUserNameFromId(form->proowner, true),
					 form->prokind);
	if (form->prokind != PROKIND_AGGREGATE)
		appendStringInfoString(&definition, definition_of(pg_get_functiondef, funcid));
	source = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &isnull);
	if (!isnull)
		appendStringInfoString(&definition, TextDatumGetCString(source));
	ReleaseSysCache(tuple);
	return md5_of(definition.data);
}

/* where a foreign table reads: server and options */
static void
append_foreign_source(StringInfo definition, Oid relid)
{
	ForeignTable *table = GetForeignTable(relid);
	ListCell *lc;

	appendStringInfoString(definition, GetForeignServer(table->serverid)->servername);
	foreach (lc, table->options)
	{
		DefElem *option = lfirst_node(DefElem, lc);

		appendStringInfo(definition, "\n%s=%s", option->defname, strVal(option->arg));
	}
}

static char *
relation_identity(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  get_rel_name(relid));
}

static char *
relation_hash(Oid relid)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;
	StringInfoData definition;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	form = (Form_pg_class) GETSTRUCT(tuple);
	initStringInfo(&definition);
	appendStringInfo(&definition, "%s %c\n", GetUserNameFromId(form->relowner, true),
					 form->relkind);
	if (form->relkind == RELKIND_VIEW || form->relkind == RELKIND_MATVIEW)
		appendStringInfoString(&definition, definition_of(pg_get_viewdef, relid));
	if (form->relkind == RELKIND_FOREIGN_TABLE)
		append_foreign_source(&definition, relid);
	ReleaseSysCache(tuple);
	return md5_of(definition.data);
}

bool
registry_has_function(Oid funcid)
{
	char *hash = registered_hash("allowed_function", format_procedure_qualified(funcid));

	return hash != NULL && strcmp(hash, function_hash(funcid)) == 0;
}

bool
registry_has_relation(Oid relid)
{
	char *hash = registered_hash("allowed_relation", relation_identity(relid));

	return hash != NULL && strcmp(hash, relation_hash(relid)) == 0;
}

PG_FUNCTION_INFO_V1(sql_agent_allow_function);
PG_FUNCTION_INFO_V1(sql_agent_disallow_function);
PG_FUNCTION_INFO_V1(sql_agent_allow_relation);
PG_FUNCTION_INFO_V1(sql_agent_disallow_relation);
PG_FUNCTION_INFO_V1(sql_agent_registry_state);

static void
require_superuser(void)
{
	if (!superuser())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("must be superuser to change what generated statements may use")));
}

/*
 * One statement over a registry table, with the identity as $1 and the hash,
 * where given, as $2.
 */
static uint64
execute(const char *sql, const char *identity, const char *hash)
{
	OwnerScope scope;
	Oid types[2] = {TEXTOID, TEXTOID};
	Datum values[2] = {CStringGetTextDatum(identity), CStringGetTextDatum(hash ? hash : "")};
	uint64 processed;

	owner_scope_enter(&scope);
	(void) SPI_execute_with_args(sql, hash ? 2 : 1, types, values, NULL, false, 0);
	processed = SPI_processed;
	owner_scope_leave(&scope);
	return processed;
}

/*
 * What may never be allowed, whoever asks for it.
 */
static void
check_function(Oid funcid)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(funcid));
	Form_pg_proc form;
	bool isnull;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
						errmsg("function with OID %u does not exist", funcid)));
	form = (Form_pg_proc) GETSTRUCT(tuple);
	if (policy_is_builtin(funcid))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("function %s is built in", format_procedure_qualified(funcid)),
						errdetail("What built-in functions may be called is decided by review.")));
	if (form->prokind == PROKIND_PROCEDURE)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("%s is a procedure", format_procedure_qualified(funcid))));
	if (form->prosecdef)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("function %s runs with the rights of its owner",
							   format_procedure_qualified(funcid)),
						errhint("Make it SECURITY INVOKER.")));
	if (!superuser_arg(form->proowner))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("function %s is not owned by a superuser",
							   format_procedure_qualified(funcid)),
						errdetail("Its owner could replace it at any time."),
						errhint("ALTER FUNCTION ... OWNER TO a superuser.")));
	(void) SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proconfig, &isnull);
	if (isnull && form->prolang != ClanguageId && form->prolang != INTERNALlanguageId &&
		form->prokind != PROKIND_AGGREGATE)
		ereport(
			WARNING,
			(errmsg("function %s has no search_path of its own",
					format_procedure_qualified(funcid)),
			 errdetail("Names in it can come to mean objects of the asking role's schemas."),
			 errhint(
				 "ALTER FUNCTION ... SET search_path = pg_catalog, pg_temp, then allow it again.")));
	ReleaseSysCache(tuple);
}

/*
 * allow_function(function)
 */
Datum
sql_agent_allow_function(PG_FUNCTION_ARGS)
{
	Oid funcid = PG_GETARG_OID(0);

	require_superuser();
	check_function(funcid);
	(void) execute("INSERT INTO sql_agent.allowed_function (identity, hash) VALUES ($1, $2) "
				   "ON CONFLICT (identity) DO UPDATE SET hash = EXCLUDED.hash, "
				   "allowed_by = EXCLUDED.allowed_by, allowed_at = EXCLUDED.allowed_at",
				   format_procedure_qualified(funcid), function_hash(funcid));
	PG_RETURN_VOID();
}

/*
 * disallow_function(function)
 */
Datum
sql_agent_disallow_function(PG_FUNCTION_ARGS)
{
	char *identity = format_procedure_qualified(PG_GETARG_OID(0));

	require_superuser();
	if (execute("DELETE FROM sql_agent.allowed_function WHERE identity OPERATOR(pg_catalog.=) $1",
				identity, NULL) == 0)
		ereport(NOTICE, (errmsg("function %s was not allowed", identity)));
	PG_RETURN_VOID();
}

static void
check_relation(Oid relid)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("relation with OID %u does not exist", relid)));
	form = (Form_pg_class) GETSTRUCT(tuple);
	if (relid < FirstNormalObjectId || form->relpersistence == RELPERSISTENCE_TEMP)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is a system or temporary relation", NameStr(form->relname))));
	if (strchr("rvmfpS", form->relkind) == NULL)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("\"%s\" can not be read by a SELECT", NameStr(form->relname))));
	ReleaseSysCache(tuple);
}

/*
 * allow_relation(relation)
 */
Datum
sql_agent_allow_relation(PG_FUNCTION_ARGS)
{
	Oid relid = PG_GETARG_OID(0);

	require_superuser();
	check_relation(relid);
	(void) execute("INSERT INTO sql_agent.allowed_relation (identity, hash) VALUES ($1, $2) "
				   "ON CONFLICT (identity) DO UPDATE SET hash = EXCLUDED.hash, "
				   "allowed_by = EXCLUDED.allowed_by, allowed_at = EXCLUDED.allowed_at",
				   relation_identity(relid), relation_hash(relid));
	PG_RETURN_VOID();
}

/*
 * disallow_relation(relation)
 */
Datum
sql_agent_disallow_relation(PG_FUNCTION_ARGS)
{
	Oid relid = PG_GETARG_OID(0);

	require_superuser();
	check_relation(relid);
	if (execute("DELETE FROM sql_agent.allowed_relation WHERE identity OPERATOR(pg_catalog.=) $1",
				relation_identity(relid), NULL) == 0)
		ereport(NOTICE, (errmsg("relation %s was not allowed", relation_identity(relid))));
	PG_RETURN_VOID();
}

/*
 * registry_state(object, is_relation): is the object allowed as it is now?
 * For lint().
 */
Datum
sql_agent_registry_state(PG_FUNCTION_ARGS)
{
	Oid object = PG_GETARG_OID(0);

	PG_RETURN_BOOL(PG_GETARG_BOOL(1) ? registry_has_relation(object)
									 : registry_has_function(object));
}
