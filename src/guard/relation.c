/*-------------------------------------------------------------------------
 *
 * relation.c
 *		Which relations a generated statement may read.
 *
 * Facts come from system caches and single catalog scans and are kept until an
 * invalidation message arrives; no relation is opened.  Opening and planning would already run code: index predicates,
 * CHECK constraints and statistics expressions are folded by the planner with
 * nothing of it in the statement's tree.  So what hangs on a relation of
 * somebody who is no superuser is looked at first.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/reloptions.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_partitioned_table.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "commands/defrem.h"
#include "guard/guard_int.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/*
 * What the catalogs say of a relation whoever asks, kept until anything in
 * them changes that could have a say.
 */
typedef struct RelationFacts
{
	Oid relid; /* hash key; must be first */
	bool columns_dangerous;
	bool runs_code;
	bool of_extension;
	bool below_row_security;
} RelationFacts;

static HTAB *facts_cache = NULL;
static uint64 catalog_generation = 0; /* counts what made facts stale */
static uint64 facts_generation = 0;   /* when the cache was begun */

/* called with each tuple; true ends the scan */
typedef bool (*CatalogTest)(HeapTuple tuple, TupleDesc desc, void *context);

/*
 * Is the test true for any row of the catalog that belongs to the relation?
 */
static bool
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

/* ---- row-level security ---- */

typedef struct PolicyTest
{
	Oid role;
	bool trusted_owner;
	RelationVerdict verdict;
} PolicyTest;

static bool
policy_applies(HeapTuple tuple, TupleDesc desc, Oid role)
{
	Form_pg_policy form = (Form_pg_policy) GETSTRUCT(tuple);
	bool isnull;
	ArrayType *roles;
	Oid *oids;

	if (form->polcmd != '*' && form->polcmd != 'r')
		return false;
	roles = DatumGetArrayTypeP(heap_getattr(tuple, Anum_pg_policy_polroles, desc, &isnull));
	oids = (Oid *) ARR_DATA_PTR(roles);
	for (int i = 0; i < ARR_DIMS(roles)[0]; i++)
		if (oids[i] == ACL_ID_PUBLIC || has_privs_of_role(role, oids[i]))
			return true;
	return false;
}

static bool
function_reads_settings(Oid funcid, void *context)
{
	return policy_reads_settings(funcid);
}

static bool
settings_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (check_functions_in_node(node, function_reads_settings, context))
		return true;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, settings_walker, context, 0);
	return expression_tree_walker(node, settings_walker, context);
}

static bool
policy_unfit(HeapTuple tuple, TupleDesc desc, void *context)
{
	PolicyTest *test = (PolicyTest *) context;
	bool isnull;
	Datum expr;
	Node *qual;

	if (!policy_applies(tuple, desc, test->role))
		return false;
	expr = heap_getattr(tuple, Anum_pg_policy_polqual, desc, &isnull);
	if (isnull)
		return false;
	qual = (Node *) stringToNode(TextDatumGetCString(expr));
	if (settings_walker(qual, NULL))
		test->verdict = RELATION_POLICY;
	else if (!test->trusted_owner && policy_expression_untrusted(qual))
		test->verdict = RELATION_CODE;
	return test->verdict != RELATION_ALLOWED;
}

static RelationVerdict
row_security_verdict(Oid relid, Form_pg_class form, Oid role)
{
	PolicyTest test = {role, superuser_arg(form->relowner), RELATION_ALLOWED};

	if (!form->relrowsecurity)
		return RELATION_ALLOWED;
	if (!form->relforcerowsecurity && has_privs_of_role(role, form->relowner))
		return RELATION_BYPASS;
	(void) any_catalog_row(PolicyRelationId, PolicyPolrelidPolnameIndexId, Anum_pg_policy_polrelid,
						   relid, policy_unfit, &test);
	return test.verdict;
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
static RelationFacts
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

/* ---- views ---- */

static bool
view_runs_as_invoker(HeapTuple tuple)
{
	bool isnull;
	Datum options = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &isnull);
	ListCell *lc;

	if (isnull || !COMPAT_HAS_SECURITY_INVOKER)
		return false;
	foreach (lc, untransformRelOptions(options))
	{
		DefElem *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, "security_invoker") == 0)
			return defGetBoolean(option);
	}
	return false;
}

/* ---- the verdict ---- */

/*
 * What the relation is; registering it lifts these.
 */
static RelationVerdict
kind_verdict(Oid relid, HeapTuple tuple, Oid role)
{
	Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);
	RelationFacts facts = relation_facts(relid);
	RelationVerdict verdict;

	switch (form->relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
			break;
		case RELKIND_VIEW:
			if (form->relowner != role && !view_runs_as_invoker(tuple))
				return RELATION_VIEW;
			break;
		default:
			return RELATION_KIND;
	}
	if (facts.of_extension)
		return RELATION_EXTENSION;
	verdict = row_security_verdict(relid, form, role);
	if (verdict != RELATION_ALLOWED)
		return verdict;
	if (form->relkind != RELKIND_VIEW && !form->relrowsecurity && facts.below_row_security)
		return RELATION_CHILD;
	return RELATION_ALLOWED;
}

static RelationVerdict
place_verdict(Form_pg_class form, List *schemas)
{
	if (form->relpersistence == RELPERSISTENCE_TEMP || isAnyTempNamespace(form->relnamespace))
		return RELATION_TEMPORARY;
	if (IsCatalogNamespace(form->relnamespace) || IsToastNamespace(form->relnamespace) ||
		form->oid < FirstNormalObjectId)
		return RELATION_SYSTEM;
	return list_member_oid(schemas, form->relnamespace) ? RELATION_ALLOWED : RELATION_SCHEMA;
}

/*
 * Where the relation is; the rest is decided when analysis has locked it.
 */
RelationVerdict
relation_place_verdict(Oid relid, List *schemas)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	RelationVerdict verdict;

	if (!HeapTupleIsValid(tuple))
		return RELATION_HIDDEN;
	verdict = place_verdict((Form_pg_class) GETSTRUCT(tuple), schemas);
	ReleaseSysCache(tuple);
	return verdict;
}

RelationVerdict
relation_verdict(Oid relid, Oid role, List *schemas)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	RelationVerdict verdict;

	if (!HeapTupleIsValid(tuple))
		return RELATION_HIDDEN;
	verdict = place_verdict((Form_pg_class) GETSTRUCT(tuple), schemas);
	if (verdict == RELATION_ALLOWED)
	{
		verdict = kind_verdict(relid, tuple, role);
		if (verdict != RELATION_ALLOWED && verdict != RELATION_CODE && registry_has_relation(relid))
			verdict = RELATION_ALLOWED;
		if (verdict == RELATION_ALLOWED && relation_runs_code(relid))
			verdict = RELATION_CODE;
	}
	ReleaseSysCache(tuple);
	return verdict;
}

bool
relation_fully_readable(Oid relid, Oid role)
{
	return pg_class_aclcheck(relid, role, ACL_SELECT) == ACLCHECK_OK;
}

bool
relation_readable(Oid relid, Oid role)
{
	return relation_fully_readable(relid, role) ||
		   pg_attribute_aclcheck_all(relid, role, ACL_SELECT, ACLMASK_ANY) == ACLCHECK_OK;
}

typedef struct VerdictText
{
	const char *rule;
	const char *detail;
	const char *hint;
} VerdictText;

static const VerdictText verdict_texts[] = {
	[RELATION_HIDDEN] = {"relation_not_allowed", NULL,
						 "Use only relations and columns that this role can see."},
	[RELATION_SCHEMA] = {"relation_not_allowed", NULL,
						 "Use only relations and columns that this role can see."},
	[RELATION_SYSTEM] = {"system_catalog",
						 "System catalogs and their views are not to be asked about.", NULL},
	[RELATION_TEMPORARY] = {"relation_temporary", "It is a temporary relation.", NULL},
	[RELATION_KIND] = {"relation_kind",
					   "Row-level security does not reach materialized views, foreign tables and "
					   "sequences.",
					   "A superuser can permit one with sql_agent.allow_relation()."},
	[RELATION_VIEW] = {"relation_view",
					   "The view runs with the rights of its owner, past the row-level security of "
					   "the asking role.",
					   "ALTER VIEW ... SET (security_invoker = true), or permit it with "
					   "sql_agent.allow_relation()."},
	[RELATION_EXTENSION] = {"relation_extension", "It belongs to an extension.",
							"A superuser can permit it with sql_agent.allow_relation()."},
	[RELATION_CHILD] = {"relation_child",
						"Its parent has row-level security, which reading the child directly would "
						"pass by.",
						"Read the parent."},
	[RELATION_BYPASS] = {"relation_bypass",
						 "The asking role owns it, so its row-level security would not apply.",
						 "ALTER TABLE ... FORCE ROW LEVEL SECURITY."},
	[RELATION_POLICY] = {"relation_policy",
						 "Its row-level security trusts a parameter that any statement can set.",
						 "Write the policy with current_user or sql_agent.current_tenant()."},
	[RELATION_CODE] =
		{"relation_code",
		 "Reading it would run functions that nobody vouches for: in an index, a CHECK, "
		 "a policy, statistics, a generated column or a domain.",
		 NULL},
};

bool
relation_refuse(GuardCall *call, RelationVerdict verdict, Oid relid, const char *name, int location)
{
	const VerdictText *text = &verdict_texts[verdict];

	/* what the role can not read is not told from what is not there */
	if (OidIsValid(relid) && verdict != RELATION_SYSTEM && !relation_readable(relid, call->role))
		text = &verdict_texts[RELATION_HIDDEN];
	if (text->detail == NULL || verdict == RELATION_SYSTEM)
		return guard_refuse(call, text->rule, location,
							psprintf("relation \"%s\" does not exist or may not be read", name),
							text->detail, text->hint);
	return guard_refuse(call, text->rule, location,
						psprintf("relation \"%s\" may not be read by a generated statement", name),
						text->detail, text->hint);
}
