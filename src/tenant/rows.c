/*-------------------------------------------------------------------------
 *
 * rows.c
 *		Whose rows of a relation does a role without a tenant see?
 *
 * An answer over rows that belong to tenants must say so when it is nobody's:
 * either it counts the rows of all tenants, or policies hid them.  The
 * functions that the policies rest on tell which: a policy of share_table()
 * lets those pass who have nothing to do with tenants (outside_tenants()), one
 * that compares with current_tenant() alone does not.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "tenant/current.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"

/*
 * What calling the function says of a policy.
 */
static TenantRows
rows_by_function(Oid function, Oid nspoid)
{
	char *name;

	if (get_func_namespace(function) != nspoid)
		return ROWS_PLAIN;
	name = get_func_name(function);
	if (name == NULL)
		return ROWS_PLAIN;
	if (strcmp(name, "outside_tenants") == 0)
		return ROWS_OF_ALL;
	if (strcmp(name, "current_tenant") == 0 || strcmp(name, "current_tenant_key") == 0)
		return ROWS_HIDDEN;
	return ROWS_PLAIN;
}

static TenantRows
rows_by_policy(Oid policy, Oid nspoid)
{
	Relation rel = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;
	TenantRows result = ROWS_PLAIN;

	ScanKeyInit(&keys[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(PolicyRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(policy));
	scan = systable_beginscan(rel, DependDependerIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);

		if (form->refclassid == ProcedureRelationId)
			result = Max(result, rows_by_function(form->refobjid, nspoid));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return result;
}

TenantRows
tenant_rows_of(Oid relid, Oid role)
{
	Oid nspoid = get_namespace_oid("sql_agent", true);
	Relation rel;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	bool hidden = false;
	bool all = false;

	if (!OidIsValid(nspoid) || check_enable_rls(relid, role, true) != RLS_ENABLED)
		return ROWS_PLAIN;
	rel = table_open(PolicyRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_policy_polrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, PolicyPolrelidPolnameIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		TenantRows rows = rows_by_policy(((Form_pg_policy) GETSTRUCT(tuple))->oid, nspoid);

		hidden |= rows == ROWS_HIDDEN;
		all |= rows == ROWS_OF_ALL;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return hidden ? ROWS_HIDDEN : all ? ROWS_OF_ALL : ROWS_PLAIN;
}
