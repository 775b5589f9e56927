/*-------------------------------------------------------------------------
 *
 * share_check.c
 *		What may be shared with tenants, and by whom.
 *
 * Only what lies outside the tenants' schemas, as a whole (no partition
 * alone), and no view that would show every tenant what its owner sees.
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
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_rewrite.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "tenant/identity.h"
#include "tenant/outside.h"
#include "tenant/registry.h"
#include "tenant/share.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* ---- the relation ---- */

static HeapTuple
relation_tuple(Oid relid)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("relation with OID %u does not exist", relid)));
	return tuple;
}

static void
require_owner(Form_pg_class form)
{
	if (identity_is_operator())
		return;
	if (!has_privs_of_role(GetUserId(), form->relowner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of %s to share it", NameStr(form->relname)),
				 errhint("Its owner, or a member of role \"%s\", can share it.", ADMIN_ROLE)));
	/* what it shared would stand among the tables of all other tenants */
	if (!session_is_outside_tenants())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("a tenant's member can not share tables with other tenants")));
}

static void
require_place(Form_pg_class form)
{
	const char *schema = get_namespace_name(form->relnamespace);
	TenantRecord tenant;

	if (form->relpersistence == RELPERSISTENCE_TEMP)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("\"%s\" is a temporary relation", NameStr(form->relname))));
	if (form->oid < FirstNormalObjectId || schema == NULL ||
		IsCatalogNamespace(form->relnamespace) || strcmp(schema, "information_schema") == 0 ||
		strcmp(schema, "sql_agent") == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("\"%s\" can not be shared", NameStr(form->relname)),
						errdetail("System tables and sql_agent's own are never shared.")));
	if (registry_find_tenant(schema, &tenant))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" can not be shared", NameStr(form->relname)),
				 errdetail("Schema \"%s\" belongs to a tenant.", schema),
				 errhint("Move the table to another schema with ALTER TABLE ... SET SCHEMA.")));
}

ShareTarget *
share_target(Oid relid)
{
	ShareTarget *target = palloc0(sizeof(ShareTarget));
	HeapTuple tuple = relation_tuple(relid);
	Form_pg_class form;

	/* before the lock, which nobody else may take; and again with it */
	require_owner((Form_pg_class) GETSTRUCT(tuple));
	require_place((Form_pg_class) GETSTRUCT(tuple));
	ReleaseSysCache(tuple);
	LockRelationOid(relid, AccessExclusiveLock);
	tuple = relation_tuple(relid);
	form = (Form_pg_class) GETSTRUCT(tuple);
	require_owner(form);
	require_place(form);

	target->relid = relid;
	target->nspoid = form->relnamespace;
	target->relkind = form->relkind;
	target->has_row_security = form->relrowsecurity;
	target->has_force = form->relforcerowsecurity;
	target->schema = get_namespace_name(form->relnamespace);
	target->name = pstrdup(NameStr(form->relname));
	target->owner = GetUserNameFromId(form->relowner, false);
	target->qualified = quote_qualified_identifier(target->schema, target->name);
	ReleaseSysCache(tuple);
	return target;
}

/* ---- catalog rows that belong to a relation ---- */

void
share_each_row(Oid catalog, Oid index, AttrNumber column, Oid object, ShareVisit visit,
			   void *context)
{
	Relation rel = table_open(catalog, AccessShareLock);
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple tuple;

	ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(object));
	scan = systable_beginscan(rel, index, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)) &&
		   !visit(tuple, RelationGetDescr(rel), context))
		;
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

static bool
policy_is_for_all(HeapTuple tuple, TupleDesc desc)
{
	bool isnull;
	ArrayType *roles =
		DatumGetArrayTypeP(heap_getattr(tuple, Anum_pg_policy_polroles, desc, &isnull));
	Oid *oids = (Oid *) ARR_DATA_PTR(roles);

	for (int i = 0; i < ARR_DIMS(roles)[0]; i++)
		if (oids[i] == ACL_ID_PUBLIC)
			return true;
	return false;
}

static bool
note_policy(HeapTuple tuple, TupleDesc desc, void *context)
{
	SharePolicies *policies = (SharePolicies *) context;
	Form_pg_policy form = (Form_pg_policy) GETSTRUCT(tuple);

	if (strcmp(NameStr(form->polname), TENANT_POLICY) == 0)
		policies->tenant = true;
	else if (strcmp(NameStr(form->polname), ROWS_POLICY) == 0)
	{
		policies->rows = true;
		policies->rows_for_all = policy_is_for_all(tuple, desc);
	}
	else if (strcmp(NameStr(form->polname), OWNER_POLICY) == 0)
		policies->owner = true;
	else
	{
		policies->others = true;
		if (form->polpermissive && (form->polcmd == '*' || form->polcmd == 'r') &&
			policy_is_for_all(tuple, desc))
			policies->general = true;
	}
	return false;
}

SharePolicies
share_policies(Oid relid)
{
	SharePolicies policies = {0};

	share_each_row(PolicyRelationId, PolicyPolrelidPolnameIndexId, Anum_pg_policy_polrelid, relid,
				   note_policy, &policies);
	return policies;
}

static bool
note_parent(HeapTuple tuple, TupleDesc desc, void *context)
{
	*(Oid *) context = ((Form_pg_inherits) GETSTRUCT(tuple))->inhparent;
	return true;
}

static void
require_no_parent(const ShareTarget *target)
{
	Oid parent = InvalidOid;

	share_each_row(InheritsRelationId, InheritsRelidSeqnoIndexId, Anum_pg_inherits_inhrelid,
				   target->relid, note_parent, &parent);
	if (OidIsValid(parent))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is a part of \"%s\"", target->name, get_rel_name(parent)),
				 errdetail("Row security of the one does not reach what is read from the other."),
				 errhint("Share the table that has no parent: it is shared with all its parts.")));
}

bool
share_may_read(Oid relid, Oid role)
{
	return pg_class_aclcheck(relid, role, ACL_SELECT) == ACLCHECK_OK ||
		   pg_attribute_aclcheck_all(relid, role, ACL_SELECT, ACLMASK_ANY) == ACLCHECK_OK;
}

void
share_require_hidden_parts(const ShareTarget *target, Oid tenant_group)
{
	List *parts = find_all_inheritors(target->relid, AccessShareLock, NULL);
	ListCell *lc;

	foreach (lc, parts)
		if (lfirst_oid(lc) != target->relid && share_may_read(lfirst_oid(lc), tenant_group))
			ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
							errmsg("tenants could read \"%s\", a part of \"%s\", past row security",
								   get_rel_name(lfirst_oid(lc)), target->name),
							errhint("REVOKE SELECT ON %s FROM PUBLIC, or from the role that "
									"tenants have it from.",
									quote_identifier(get_rel_name(lfirst_oid(lc))))));
}

/* ---- views ---- */

static bool
view_runs_as_invoker(Oid relid)
{
	HeapTuple tuple = relation_tuple(relid);
	bool isnull;
	bool result = false;
	Datum options = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &isnull);
	ListCell *lc;

	if (!isnull)
		foreach (lc, untransformRelOptions(options))
		{
			DefElem *option = lfirst_node(DefElem, lc);

			if (strcmp(option->defname, "security_invoker") == 0)
				result = defGetBoolean(option);
		}
	ReleaseSysCache(tuple);
	return result && COMPAT_HAS_SECURITY_INVOKER;
}

typedef struct ViewTest
{
	Oid view;
	Oid group;
	Oid unreadable;
} ViewTest;

static bool
note_unreadable(HeapTuple tuple, TupleDesc desc, void *context)
{
	ViewTest *test = (ViewTest *) context;
	Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);

	if (form->refclassid == RelationRelationId && form->refobjid != test->view &&
		!share_may_read(form->refobjid, test->group))
		test->unreadable = form->refobjid;
	return OidIsValid(test->unreadable);
}

/* of a view that runs with the reader's rights, what it reads must be shared too */
static bool
look_at_rule(HeapTuple tuple, TupleDesc desc, void *context)
{
	Oid rule = ((Form_pg_rewrite) GETSTRUCT(tuple))->oid;
	Relation depends = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple row;

	ScanKeyInit(&keys[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RewriteRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(rule));
	scan = systable_beginscan(depends, DependDependerIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(row = systable_getnext(scan)) &&
		   !note_unreadable(row, RelationGetDescr(depends), context))
		;
	systable_endscan(scan);
	table_close(depends, AccessShareLock);
	return false;
}

static void
check_view(const ShareTarget *target, Oid tenant_group)
{
	ViewTest test = {.view = target->relid, .group = tenant_group};

	if (!view_runs_as_invoker(target->relid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("view \"%s\" runs with the rights of its owner", target->name),
				 errdetail("It would show every tenant what its owner sees."),
				 COMPAT_HAS_SECURITY_INVOKER
					 ? errhint("ALTER VIEW %s SET (security_invoker = true), and share the tables "
							   "that it reads.",
							   target->qualified)
					 : errhint("Share the tables that it reads.")));
	share_each_row(RewriteRelationId, RewriteRelRulenameIndexId, Anum_pg_rewrite_ev_class,
				   target->relid, look_at_rule, &test);
	if (OidIsValid(test.unreadable))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("view \"%s\" reads \"%s\", which is not shared", target->name,
							   get_rel_name(test.unreadable)),
						errdetail("The view runs with the rights of who reads it."),
						errhint("Share \"%s\" first.", get_rel_name(test.unreadable))));
}

void
share_check_table(ShareTarget *target, Oid tenant_group)
{
	switch (target->relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
			require_no_parent(target);
			break;
		case RELKIND_VIEW:
			check_view(target, tenant_group);
			break;
		case RELKIND_MATVIEW:
		case RELKIND_FOREIGN_TABLE:
			ereport(NOTICE,
					(errmsg("tenants will read every row of \"%s\"", target->name),
					 errdetail("Row security does not reach materialized views and foreign tables; "
							   "questions can not be about it."),
					 errhint("A superuser can permit questions about it with allow_relation().")));
			break;
		default:
			ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
							errmsg("\"%s\" is not a table or view", target->name)));
	}
}
