/*-------------------------------------------------------------------------
 *
 * relation.c
 *		Which relations a generated statement may read.
 *
 * Decided by what it is, where it is, who owns it, the policies that apply to
 * the role, and what relation_facts.c knows of it.  What the role may not read
 * is answered like what does not exist.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "access/reloptions.h"
#include "catalog/catalog.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_policy.h"
#include "commands/defrem.h"
#include "guard/guard_int.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/syscache.h"

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
	/* code is the graver finding: no registration lifts it */
	if (!test->trusted_owner && policy_expression_untrusted(qual))
		test->verdict = RELATION_CODE;
	else if (test->verdict == RELATION_ALLOWED && settable_expression(qual))
		test->verdict = RELATION_POLICY;
	return test->verdict == RELATION_CODE;
}

static RelationVerdict
policies_verdict(Oid relid, Form_pg_class form, Oid role)
{
	PolicyTest test = {role, superuser_arg(form->relowner), RELATION_ALLOWED};

	(void) any_catalog_row(PolicyRelationId, PolicyPolrelidPolnameIndexId, Anum_pg_policy_polrelid,
						   relid, policy_unfit, &test);
	return test.verdict;
}

static RelationVerdict
row_security_verdict(Oid relid, Form_pg_class form, Oid role)
{
	if (!form->relrowsecurity)
		return RELATION_ALLOWED;
	if (!form->relforcerowsecurity && has_privs_of_role(role, form->relowner))
		return RELATION_BYPASS;
	return policies_verdict(relid, form, role);
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
	/* what a registration does not lift comes first */
	verdict = row_security_verdict(relid, form, role);
	if (verdict != RELATION_CODE && facts.of_extension)
		return RELATION_EXTENSION;
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

RelationVerdict
relation_body_verdict(Oid relid, Oid reader)
{
	HeapTuple tuple;
	RelationVerdict verdict = RELATION_ALLOWED;

	if (relation_runs_code(relid))
		return RELATION_CODE;
	if (check_enable_rls(relid, reader, true) != RLS_ENABLED)
		return RELATION_ALLOWED;
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	if (!HeapTupleIsValid(tuple))
		return RELATION_HIDDEN;
	if (policies_verdict(relid, (Form_pg_class) GETSTRUCT(tuple), reader) == RELATION_CODE)
		verdict = RELATION_CODE;
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
