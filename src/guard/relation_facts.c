/*-------------------------------------------------------------------------
 *
 * relation_facts.c
 *		What the catalogs say of a relation, whoever asks.
 *
 * Would planning or reading it run code that nobody vouches for: in an index,
 * a CHECK, a partition key, statistics, a generated column, a domain, or in a
 * child?  Is it below a table with row-level security?  Each takes a few
 * catalog scans, so the answers are kept until an invalidation message arrives
 * that could change one.
 *
 * No relation is opened: opening one and planning with it would already fold,
 * and so run, such expressions.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_partitioned_table.h"
#include "catalog/pg_statistic_ext.h"
#include "guard/guard_int.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

static HTAB *facts_cache = NULL;
static uint64 catalog_generation = 0; /* counts what made facts stale */
static uint64 facts_generation = 0;   /* when the cache was begun */

/*
 * Is the test true for any row of the catalog that belongs to the relation?
 */
bool
any_catalog_row(Oid catalog, Oid index, AttrNumber column, Oid relid, CatalogTest test,
				void *context)
{
	Relation rel = table_open(catalog, AccessShareLock);
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple tuple;
	bool found = false;

	ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, index, true, NULL, 1, &key);
	while (!found && HeapTupleIsValid(tuple = systable_getnext(scan)))
		found = test(tuple, RelationGetDescr(rel), context);
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

static bool
expression_column_untrusted(HeapTuple tuple, TupleDesc desc, AttrNumber column)
{
	bool isnull;
	Datum expr = heap_getattr(tuple, column, desc, &isnull);

	return !isnull && policy_expression_untrusted(stringToNode(TextDatumGetCString(expr)));
}

static bool
index_untrusted(HeapTuple tuple, TupleDesc desc, void *context)
{
	return expression_column_untrusted(tuple, desc, Anum_pg_index_indexprs) ||
		   expression_column_untrusted(tuple, desc, Anum_pg_index_indpred);
}

static bool
constraint_untrusted(HeapTuple tuple, TupleDesc desc, void *context)
{
	return expression_column_untrusted(tuple, desc, Anum_pg_constraint_conbin);
}

static bool
statistics_untrusted(HeapTuple tuple, TupleDesc desc, void *context)
{
	return expression_column_untrusted(tuple, desc, Anum_pg_statistic_ext_stxexprs);
}

static bool
default_untrusted(HeapTuple tuple, TupleDesc desc, void *context)
{
	AttrNumber attnum = ((Form_pg_attrdef) GETSTRUCT(tuple))->adnum;
	HeapTuple column =
		SearchSysCache2(ATTNUM, ObjectIdGetDatum(((Form_pg_attrdef) GETSTRUCT(tuple))->adrelid),
						Int16GetDatum(attnum));
	bool generated;

	if (!HeapTupleIsValid(column))
		return false;
	generated = ((Form_pg_attribute) GETSTRUCT(column))->attgenerated != '\0';
	ReleaseSysCache(column);
	/* an ordinary default does not run when reading */
	return generated && expression_column_untrusted(tuple, desc, Anum_pg_attrdef_adbin);
}

static bool
column_dangerous(HeapTuple tuple, TupleDesc desc, void *context)
{
	Form_pg_attribute form = (Form_pg_attribute) GETSTRUCT(tuple);

	return form->attnum > 0 && !form->attisdropped && !policy_is_builtin(form->atttypid) &&
		   type_dangerous(form->atttypid);
}

static bool
partition_key_untrusted(Oid relid)
{
	HeapTuple tuple = SearchSysCache1(PARTRELID, ObjectIdGetDatum(relid));
	bool untrusted = false;
	bool isnull;
	Datum expr;

	if (!HeapTupleIsValid(tuple))
		return false;
	expr = SysCacheGetAttr(PARTRELID, tuple, Anum_pg_partitioned_table_partexprs, &isnull);
	if (!isnull)
		untrusted = policy_expression_untrusted(stringToNode(TextDatumGetCString(expr)));
	ReleaseSysCache(tuple);
	return untrusted;
}

static bool
own_code_untrusted(Oid relid, Form_pg_class form)
{
	if (form->relkind == RELKIND_VIEW)
		return false;
	if (form->relhasindex && any_catalog_row(IndexRelationId, IndexIndrelidIndexId,
											 Anum_pg_index_indrelid, relid, index_untrusted, NULL))
		return true;
	if (form->relchecks > 0 &&
		any_catalog_row(ConstraintRelationId, ConstraintRelidTypidNameIndexId,
						Anum_pg_constraint_conrelid, relid, constraint_untrusted, NULL))
		return true;
	return partition_key_untrusted(relid) ||
		   any_catalog_row(StatisticExtRelationId, StatisticExtRelidIndexId,
						   Anum_pg_statistic_ext_stxrelid, relid, statistics_untrusted, NULL) ||
		   any_catalog_row(AttrDefaultRelationId, AttrDefaultIndexId, Anum_pg_attrdef_adrelid,
						   relid, default_untrusted, NULL);
}

static bool
child_runs_code(HeapTuple tuple, TupleDesc desc, void *context)
{
	return relation_runs_code(((Form_pg_inherits) GETSTRUCT(tuple))->inhrelid);
}

/* ---- inheritance ---- */

static bool ancestor_has_row_security(Oid relid);

static bool
parent_has_row_security(HeapTuple tuple, TupleDesc desc, void *context)
{
	Oid parent = ((Form_pg_inherits) GETSTRUCT(tuple))->inhparent;
	HeapTuple class_tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(parent));
	bool result = true;

	if (HeapTupleIsValid(class_tuple))
	{
		result = ((Form_pg_class) GETSTRUCT(class_tuple))->relrowsecurity;
		ReleaseSysCache(class_tuple);
	}
	return result || ancestor_has_row_security(parent);
}

static bool
ancestor_has_row_security(Oid relid)
{
	check_stack_depth();
	return any_catalog_row(InheritsRelationId, InheritsRelidSeqnoIndexId, Anum_pg_inherits_inhrelid,
						   relid, parent_has_row_security, NULL);
}

/* ---- facts ---- */

static void
forget_facts(Datum arg, Oid relid)
{
	catalog_generation++;
}

static void
forget_facts_by_object(Datum arg, int cacheid, uint32 hashvalue)
{
	catalog_generation++;
}

static void
watch_catalogs(void)
{
	static bool watching = false;

	if (watching)
		return;
	CacheRegisterRelcacheCallback(forget_facts, (Datum) 0);
	CacheRegisterSyscacheCallback(PROCOID, forget_facts_by_object, (Datum) 0);
	CacheRegisterSyscacheCallback(OPEROID, forget_facts_by_object, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, forget_facts_by_object, (Datum) 0);
	CacheRegisterSyscacheCallback(CONSTROID, forget_facts_by_object, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, forget_facts_by_object, (Datum) 0);
	watching = true;
}

uint64
relation_facts_generation(void)
{
	watch_catalogs();
	return catalog_generation;
}

static void
renew_cache(void)
{
	HASHCTL control = {.keysize = sizeof(Oid), .entrysize = sizeof(RelationFacts)};

	watch_catalogs();
	if (facts_cache != NULL && facts_generation == catalog_generation)
		return;
	if (facts_cache != NULL)
		hash_destroy(facts_cache);
	facts_cache = NULL;
	control.hcxt = TopMemoryContext;
	facts_cache = hash_create("sql_agent relation facts", 64, &control,
							  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	facts_generation = catalog_generation;
}

/*
 * Would planning or reading the relation run code that nobody vouches for?
 * Its children are planned with it and may have other owners.
 */
static bool
find_code(Oid relid, Form_pg_class form)
{
	check_stack_depth();
	if (!superuser_arg(form->relowner) && own_code_untrusted(relid, form))
		return true;
	return form->relhassubclass &&
		   any_catalog_row(InheritsRelationId, InheritsParentIndexId, Anum_pg_inherits_inhparent,
						   relid, child_runs_code, NULL);
}

static bool
read_facts(Oid relid, RelationFacts *facts)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_class) GETSTRUCT(tuple);
	facts->relid = relid;
	facts->columns_dangerous =
		any_catalog_row(AttributeRelationId, AttributeRelidNumIndexId, Anum_pg_attribute_attrelid,
						relid, column_dangerous, NULL);
	facts->runs_code = facts->columns_dangerous || find_code(relid, form);
	facts->of_extension = OidIsValid(getExtensionOfObject(RelationRelationId, relid));
	facts->below_row_security = ancestor_has_row_security(relid);
	ReleaseSysCache(tuple);
	return true;
}

/*
 * The facts of the relation, from the cache where nothing has changed.  What
 * rests on the administrator's registry is not kept: its changes send no
 * message.
 */
RelationFacts
relation_facts(Oid relid)
{
	/* a relation that is not there is no relation to read */
	RelationFacts facts = {relid, true, true, true, true};
	RelationFacts *kept;
	uint64 consulted = registry_consulted();
	uint64 generation;

	renew_cache();
	generation = catalog_generation;
	kept = hash_search(facts_cache, &relid, HASH_FIND, NULL);
	if (kept != NULL)
		return *kept;
	if (read_facts(relid, &facts) && generation == catalog_generation &&
		consulted == registry_consulted())
		memcpy(hash_search(facts_cache, &relid, HASH_ENTER, NULL), &facts, sizeof(facts));
	return facts;
}

bool
relation_columns_dangerous(Oid relid)
{
	return relation_facts(relid).columns_dangerous;
}

bool
relation_runs_code(Oid relid)
{
	return relation_facts(relid).runs_code;
}
