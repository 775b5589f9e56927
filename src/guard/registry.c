/*-------------------------------------------------------------------------
 *
 * registry.c
 *		Functions and relations that the administrator has allowed.
 *
 * The tables hold identities as text and a hash of the body, so that a dump
 * can be restored and a changed body ends the permission.  They are read
 * directly, in the rare case that a statement needs them, and never cached.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "guard/guard_int.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* both tables begin with these columns */
#define REGISTRY_IDENTITY 1
#define REGISTRY_HASH     2

static Oid
registry_table(const char *name)
{
	Oid namespace = get_namespace_oid("sql_agent", true);

	return OidIsValid(namespace) ? get_relname_relid(name, namespace) : InvalidOid;
}

static bool
row_matches(HeapTuple tuple, TupleDesc desc, const char *identity, const char *hash)
{
	bool isnull;
	Datum datum = heap_getattr(tuple, REGISTRY_IDENTITY, desc, &isnull);

	if (isnull || strcmp(TextDatumGetCString(datum), identity) != 0)
		return false;
	datum = heap_getattr(tuple, REGISTRY_HASH, desc, &isnull);
	return !isnull && strcmp(TextDatumGetCString(datum), hash) == 0;
}

static bool
registry_contains(const char *table, const char *identity, const char *hash)
{
	Oid relid = registry_table(table);
	Relation rel;
	SysScanDesc scan;
	HeapTuple tuple;
	bool found = false;

	if (!OidIsValid(relid))
		return false;
	rel = table_open(relid, AccessShareLock);
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	while (!found && HeapTupleIsValid(tuple = systable_getnext(scan)))
		found = row_matches(tuple, RelationGetDescr(rel), identity, hash);
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

static char *
md5_of(const char *data)
{
	return TextDatumGetCString(DirectFunctionCall1(md5_text, CStringGetTextDatum(data)));
}

static char *
definition_of(PGFunction deparse, Oid object)
{
	return TextDatumGetCString(DirectFunctionCall1(deparse, ObjectIdGetDatum(object)));
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
	ReleaseSysCache(tuple);
	return md5_of(definition.data);
}

bool
registry_has_function(Oid funcid)
{
	return registry_contains("allowed_function", format_procedure_qualified(funcid),
							 function_hash(funcid));
}

bool
registry_has_relation(Oid relid)
{
	return registry_contains("allowed_relation", relation_identity(relid), relation_hash(relid));
}
