/*-------------------------------------------------------------------------
 *
 * lifecycle.c
 *		SQL functions tenant_drop, tenant_rename, tenant_suspend, tenant_resume
 *		and tenant_set_options.
 *
 * Each locks the tenant's name, acts with the rights of the extension's owner
 * and leaves everything to the caller's transaction, so that an error or a
 * rollback leaves no half of a tenant.  What other folders keep of a tenant
 * they change by triggers on sql_agent.tenant.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/namespace.h"
#include "common/display.h"
#include "miscadmin.h"
#include "tenant/act.h"
#include "tenant/locks.h"
#include "utils/acl.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sql_agent_tenant_drop);
PG_FUNCTION_INFO_V1(sql_agent_tenant_rename);
PG_FUNCTION_INFO_V1(sql_agent_tenant_suspend);
PG_FUNCTION_INFO_V1(sql_agent_tenant_resume);
PG_FUNCTION_INFO_V1(sql_agent_tenant_set_options);

/*
 * What is in the schema, whoever owns it, and what the owner role owns
 * elsewhere in this database.
 */
static List *
tenant_objects(const char *name)
{
	return act_texts(
		"SELECT pg_catalog.pg_describe_object(o.classid, o.objid, 0) FROM ("
		" SELECT d.classid, d.objid FROM pg_catalog.pg_depend d"
		"  JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) d.refobjid"
		"  WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass"
		"  AND d.deptype OPERATOR(pg_catalog.=) 'n'"
		"  AND n.nspname OPERATOR(pg_catalog.=) %s"
		" UNION"
		" SELECT s.classid, s.objid FROM pg_catalog.pg_shdepend s"
		"  JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.refobjid"
		"  WHERE s.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_authid'::pg_catalog.regclass"
		"  AND s.deptype OPERATOR(pg_catalog.=) 'o'"
		"  AND s.dbid OPERATOR(pg_catalog.=) %u"
		"  AND s.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_default_acl'::pg_catalog.regclass"
		"  AND r.rolname OPERATOR(pg_catalog.=) ANY (ARRAY[%s, %s]::pg_catalog.name[])"
		"  AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace n"
		"   WHERE s.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass"
		"   AND n.oid OPERATOR(pg_catalog.=) s.objid AND n.nspname OPERATOR(pg_catalog.=) %s)"
		") o ORDER BY 1",
		quote_literal_cstr(name), MyDatabaseId, quote_literal_cstr(tenant_reader_name(name)),
		quote_literal_cstr(tenant_owner_name(name)), quote_literal_cstr(name));
}

/*
 * Raises where dropping would take something away that the caller did not
 * name.
 */
static void
require_empty(const TenantRecord *record)
{
	List *objects = tenant_objects(record->name);
	List *members = member_logins(record->name);
	int asks = tenant_count_asks(&record->id);
	StringInfoData detail;

	if (objects == NIL && members == NIL && asks == 0)
		return;
	initStringInfo(&detail);
	if (members != NIL)
		appendStringInfo(&detail, "It has members: %s.", act_list(members));
	if (objects != NIL)
		appendStringInfo(&detail, "%sIt has objects: %s.", detail.len > 0 ? "  " : "",
						 act_list(objects));
	if (asks > 0)
		appendStringInfo(&detail, "%sIts questions that run now: %d.", detail.len > 0 ? "  " : "",
						 asks);
	ereport(ERROR, (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					errmsg("tenant \"%s\" is not empty", record->name),
					errdetail_internal("%s", detail.data),
					errhint("With cascade => true all of that is dropped; the logins stay.")));
}

/*
 * Another database that uses the role, a copy of this one, would lose it, or
 * would not know it under another name.
 */
static void
require_unused_elsewhere(const char *role)
{
	List *databases = act_texts(
		"SELECT DISTINCT pg_catalog.quote_ident(d.datname) FROM pg_catalog.pg_shdepend s"
		" JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) s.dbid"
		" JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.refobjid"
		" WHERE s.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_authid'::pg_catalog.regclass"
		" AND r.rolname OPERATOR(pg_catalog.=) %s AND s.dbid OPERATOR(pg_catalog.<>) %u ORDER BY 1",
		quote_literal_cstr(role), MyDatabaseId);

	if (databases != NIL)
		ereport(ERROR, (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
						errmsg("role \"%s\" is used in other databases", role),
						errdetail_internal("%s.", act_list(databases)),
						errhint("DROP OWNED BY %s there first.", quote_identifier(role))));
}

static void
drop_role(const char *role)
{
	if (!OidIsValid(get_role_oid(role, true)))
		return;
	require_unused_elsewhere(role);
	/* privileges, default privileges, and what it owns outside the schema */
	(void) act_run("DROP OWNED BY %s CASCADE", quote_identifier(role));
	(void) act_run("DROP ROLE %s", quote_identifier(role));
}

/*
 * Tells what runs for the tenant to stop.
 */
static void
cancel_running(const TenantRecord *record)
{
	int cancelled = tenant_cancel_asks(&record->id);

	if (cancelled > 0)
		ereport(NOTICE, (errmsg_plural("%d running question of tenant \"%s\" has been cancelled",
									   "%d running questions of tenant \"%s\" have been cancelled",
									   cancelled, cancelled, record->name)));
}

Datum
sql_agent_tenant_drop(PG_FUNCTION_ARGS)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	bool cascade = PG_GETARG_BOOL(1);
	OwnerScope scope;
	TenantRecord record;
	ListCell *lc;

	act_begin(&scope, "tenant_drop()", name, NULL);
	act_require_tenant(name, &record);
	act_require_roles_ours(&record, false);
	if (cascade)
		cancel_running(&record);
	else
		require_empty(&record);
	foreach (lc, member_logins(name))
		member_release((char *) lfirst(lc), name);
	if (OidIsValid(get_namespace_oid(name, true)))
		(void) act_run("DROP SCHEMA %s CASCADE", quote_identifier(name));
	drop_role(tenant_reader_name(name));
	drop_role(tenant_owner_name(name));
	(void) act_run("DELETE FROM sql_agent.tenant WHERE name OPERATOR(pg_catalog.=) %s",
				   quote_literal_cstr(name));
	act_end(&scope);
	PG_RETURN_VOID();
}

/*
 * The new name must be free of roles and of a schema.
 */
static void
require_free_name(const char *name)
{
	char *roles[2];
	TenantRecord other;

	if (registry_find_tenant(name, &other))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT), errmsg("tenant \"%s\" exists already", name)));
	if (OidIsValid(get_namespace_oid(name, true)))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_SCHEMA), errmsg("schema \"%s\" exists already", name)));
	roles[0] = tenant_reader_name(name);
	roles[1] = tenant_owner_name(name);
	for (int i = 0; i < lengthof(roles); i++)
		if (OidIsValid(get_role_oid(roles[i], true)))
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_OBJECT),
					 errmsg("role \"%s\" exists already", roles[i]),
					 errdetail("Roles belong to the whole cluster: another database may have made "
							   "it.")));
}

Datum
sql_agent_tenant_rename(PG_FUNCTION_ARGS)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char *new_name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	OwnerScope scope;
	TenantRecord record;
	ListCell *lc;

	tenant_check_name(new_name);
	act_begin(&scope, "tenant_rename()", name, new_name);
	act_require_tenant(name, &record);
	act_require_roles_ours(&record, false);
	require_free_name(new_name);
	require_unused_elsewhere(tenant_reader_name(name));
	require_unused_elsewhere(tenant_owner_name(name));
	(void) act_run("ALTER SCHEMA %s RENAME TO %s", quote_identifier(name),
				   quote_identifier(new_name));
	(void) act_run("ALTER ROLE %s RENAME TO %s", quote_identifier(tenant_reader_name(name)),
				   quote_identifier(tenant_reader_name(new_name)));
	(void) act_run("ALTER ROLE %s RENAME TO %s", quote_identifier(tenant_owner_name(name)),
				   quote_identifier(tenant_owner_name(new_name)));
	(void) act_run("UPDATE sql_agent.tenant SET name = %s WHERE name OPERATOR(pg_catalog.=) %s",
				   quote_literal_cstr(new_name), quote_literal_cstr(name));
	record.name = new_name;
	foreach (lc, member_logins(new_name))
		if (OidIsValid(get_role_oid((char *) lfirst(lc), true)))
			member_apply_settings((char *) lfirst(lc), &record);
	act_end(&scope);
	PG_RETURN_VOID();
}

/*
 * Suspends or resumes; doing so twice does no harm.
 */
static void
set_suspended(const char *function, char *name, bool suspend)
{
	OwnerScope scope;
	TenantRecord record;
	ListCell *lc;

	act_begin(&scope, function, name, NULL);
	act_require_tenant(name, &record);
	act_require_roles_ours(&record, false);
	(void) act_run("UPDATE sql_agent.tenant SET suspended_at = %s"
				   " WHERE name OPERATOR(pg_catalog.=) %s"
				   " AND (suspended_at IS NULL) OPERATOR(pg_catalog.=) %s",
				   suspend ? "pg_catalog.clock_timestamp()" : "NULL", quote_literal_cstr(name),
				   suspend ? "true" : "false");
	record.suspended = suspend;
	if (suspend)
	{
		foreach (lc, member_logins(name))
			member_revoke((char *) lfirst(lc), name);
		cancel_running(&record);
	}
	else
		member_repair(&record);
	act_end(&scope);
}

Datum
sql_agent_tenant_suspend(PG_FUNCTION_ARGS)
{
	set_suspended("tenant_suspend()", text_to_cstring(PG_GETARG_TEXT_PP(0)), true);
	PG_RETURN_VOID();
}

Datum
sql_agent_tenant_resume(PG_FUNCTION_ARGS)
{
	set_suspended("tenant_resume()", text_to_cstring(PG_GETARG_TEXT_PP(0)), false);
	PG_RETURN_VOID();
}

Datum
sql_agent_tenant_set_options(PG_FUNCTION_ARGS)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Jsonb *changes = PG_GETARG_JSONB_P(1);
	OwnerScope scope;
	TenantRecord record;
	ListCell *lc;

	tenant_options_check(changes);
	act_begin(&scope, "tenant_set_options()", name, NULL);
	act_require_tenant(name, &record);
	record.options = tenant_options_merge(record.options, changes);
	(void) act_run(
		"UPDATE sql_agent.tenant SET options = %s::pg_catalog.jsonb"
		" WHERE name OPERATOR(pg_catalog.=) %s",
		quote_literal_cstr(JsonbToCString(NULL, &record.options->root, VARSIZE(record.options))),
		quote_literal_cstr(name));
	foreach (lc, member_logins(name))
		if (OidIsValid(get_role_oid((char *) lfirst(lc), true)))
			member_apply_settings((char *) lfirst(lc), &record);
	act_end(&scope);
	PG_RETURN_VOID();
}
