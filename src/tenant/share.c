/*-------------------------------------------------------------------------
 *
 * share.c
 *		share_table() and unshare_table(): tables outside the tenants' schemas
 *		that all tenants may read.
 *
 * SELECT is granted to one role that every tenant's reader and owner is a
 * member of.  A privilege for each tenant would make the table's list of
 * privileges as long as the list of tenants, and it is walked from its start
 * whenever anybody reads the table.
 *
 * With a tenant column the table gets a RESTRICTIVE policy: whatever other
 * policies there are, or come later, they can only take rows away.  It holds
 * for every role, so that a view of somebody else's that a member reads shows
 * that tenant's rows.  Row security is forced, since the owner of a table is
 * often the owner of its views.  A permissive policy that hides nothing stands
 * beside it, for row security without one shows nothing.
 *
 * Where Citus is, the key is compared without a subselect, which Citus refuses
 * in policies.  Elsewhere the subselect makes a sequential scan ask for the
 * key once, and not for each row.
 *
 * The caller's right is checked first; then the statements run with the rights
 * of the extension's owner, in one transaction with the caller.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "tenant/act.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "tenant/share.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(sql_agent_share_table);
PG_FUNCTION_INFO_V1(sql_agent_unshare_table);
PG_FUNCTION_INFO_V1(sql_agent_shared_table_state);
PG_FUNCTION_INFO_V1(sql_agent_tenant_group);

/*
 * What a row of sql_agent.shared_table says.
 */
typedef struct SharedRow
{
	bool found;
	const char *column; /* or NULL */
	bool had_row_security;
	bool had_force;
} SharedRow;

/* ---- statements, between owner_scope_enter() and owner_scope_leave() ---- */

static int
run_with_names(const char *sql, const ShareTarget *target, bool read_only)
{
	Oid types[] = {TEXTOID, TEXTOID};
	Datum values[] = {CStringGetTextDatum(target->schema), CStringGetTextDatum(target->name)};
	int code = SPI_execute_with_args(sql, 2, types, values, NULL, read_only, 0);

	if (code < 0)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(code));
	return (int) SPI_processed;
}

static SharedRow
read_row(const ShareTarget *target)
{
	SharedRow row = {0};
	HeapTuple tuple;
	TupleDesc desc;
	bool isnull;
	Datum column;

	if (run_with_names("SELECT tenant_column, had_row_security, had_force"
					   " FROM sql_agent.shared_table"
					   " WHERE schema_name = $1::name AND table_name = $2::name",
					   target, false) == 0)
		return row;
	tuple = SPI_tuptable->vals[0];
	desc = SPI_tuptable->tupdesc;
	row.found = true;
	column = SPI_getbinval(tuple, desc, 1, &isnull);
	if (!isnull)
		row.column = pstrdup(NameStr(*DatumGetName(column)));
	row.had_row_security = DatumGetBool(SPI_getbinval(tuple, desc, 2, &isnull));
	row.had_force = DatumGetBool(SPI_getbinval(tuple, desc, 3, &isnull));
	return row;
}

static void
write_row(const ShareTarget *target, const char *column, Oid caller)
{
	Oid types[] = {TEXTOID, TEXTOID, TEXTOID, BOOLOID, BOOLOID, TEXTOID};
	Datum values[] = {CStringGetTextDatum(target->schema),
					  CStringGetTextDatum(target->name),
					  column ? CStringGetTextDatum(column) : (Datum) 0,
					  BoolGetDatum(target->has_row_security),
					  BoolGetDatum(target->has_force),
					  CStringGetTextDatum(GetUserNameFromId(caller, false))};
	char nulls[] = {' ', ' ', column ? ' ' : 'n', ' ', ' ', ' ', '\0'};

	(void) SPI_execute_with_args("INSERT INTO sql_agent.shared_table (schema_name, table_name,"
								 " tenant_column, had_row_security, had_force, shared_by)"
								 " VALUES ($1::name, $2::name, $3::name, $4, $5, $6::name)",
								 lengthof(types), types, values, nulls, false, 0);
}

/*
 * Tables that were dropped or renamed.  A new one of the old name would
 * otherwise count as shared with the old one's column.
 */
static void
forget_missing(void)
{
	(void) act_run("DELETE FROM sql_agent.shared_table s WHERE NOT EXISTS"
				   " (SELECT FROM pg_catalog.pg_class c"
				   " JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
				   " WHERE n.nspname OPERATOR(pg_catalog.=) s.schema_name"
				   " AND c.relname OPERATOR(pg_catalog.=) s.table_name)");
}

/* ---- sharing ---- */

static void
make_tenant_policy(const ShareTarget *target)
{
	const char *column = quote_identifier(target->column);
	char *key = psprintf("sql_agent.current_tenant_key(NULL::%s)", target->key_type);

	if (!OidIsValid(get_extension_oid("citus", true)))
		key = psprintf("(SELECT %s)", key);
	(void) act_run("CREATE POLICY " TENANT_POLICY " ON %s AS RESTRICTIVE FOR ALL TO PUBLIC"
				   " USING (%s OPERATOR(pg_catalog.=) %s OR sql_agent.outside_tenants())",
				   target->qualified, column, key);
	(void) act_run(
		"COMMENT ON POLICY " TENANT_POLICY " ON %s IS"
		" 'made by share_table(): a tenant sees its own rows; unshare_table() removes it'",
		target->qualified);
}

/*
 * Restrictive policies only take away.  Where row security was off everybody
 * keeps what his privileges give him; where it was on, tenants get what the
 * table's own policies give PUBLIC, or else their rows.
 */
static void
make_rows_policy(const ShareTarget *target, const SharePolicies *policies, const char *group)
{
	if (policies->rows)
		return;
	if (policies->general)
	{
		ereport(NOTICE, (errmsg("the row security policies of \"%s\" apply to tenants as well",
								target->name),
						 errdetail("A tenant sees those of its rows that they show.")));
		return;
	}
	if (target->has_row_security)
		(void) act_run("CREATE POLICY " ROWS_POLICY " ON %s FOR SELECT TO %s, " READER_ROLE
					   " USING (true)",
					   target->qualified, quote_identifier(group));
	else
		(void) act_run("CREATE POLICY " ROWS_POLICY " ON %s FOR ALL TO PUBLIC USING (true)",
					   target->qualified);
	(void) act_run("COMMENT ON POLICY " ROWS_POLICY " ON %s IS"
				   " 'made by share_table(): what policy " TENANT_POLICY " leaves is shown'",
				   target->qualified);
}

/* whom row security did not bind before it was forced */
static void
make_owner_policy(const ShareTarget *target, const SharePolicies *policies)
{
	if (!target->has_row_security || target->has_force || policies->owner)
		return;
	(void) act_run("CREATE POLICY " OWNER_POLICY " ON %s FOR ALL TO %s USING (true)",
				   target->qualified, quote_identifier(target->owner));
	(void) act_run("COMMENT ON POLICY " OWNER_POLICY " ON %s IS"
				   " 'made by share_table(): forced row security hides nothing from the owner'",
				   target->qualified);
}

static void
add_row_security(const ShareTarget *target, const char *group)
{
	SharePolicies policies = share_policies(target->relid);

	if (policies.tenant)
		(void) act_run("DROP POLICY " TENANT_POLICY " ON %s", target->qualified);
	make_tenant_policy(target);
	make_rows_policy(target, &policies, group);
	make_owner_policy(target, &policies);
	(void) act_run("ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
				   target->qualified);
}

static void
grant_to_tenants(const ShareTarget *target, const char *group)
{
	(void) act_run("GRANT USAGE ON SCHEMA %s TO %s", quote_identifier(target->schema),
				   quote_identifier(group));
	(void) act_run("GRANT SELECT ON TABLE %s TO %s", target->qualified, quote_identifier(group));
}

static bool
same_column(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
is_shared_already(const ShareTarget *target, const SharedRow *row, const char *column)
{
	if (!row->found)
		return false;
	if (!same_column(row->column, column))
		ereport(
			ERROR,
			(errcode(ERRCODE_DUPLICATE_OBJECT),
			 row->column != NULL
				 ? errmsg("\"%s\" is shared already, by column \"%s\"", target->name, row->column)
				 : errmsg("\"%s\" is shared already, without a tenant column", target->name),
			 errhint("Call unshare_table() first.")));
	if (strcmp(share_state(target->relid, row->column), "shared") != 0)
		return false;
	ereport(NOTICE, (errmsg("\"%s\" is shared already", target->name)));
	return true;
}

/*
 * How the table was before it was shared, where it is or was.  Of one that was
 * renamed since there is no row, but its policies tell.
 */
static void
recall_before(ShareTarget *target, const SharedRow *row)
{
	SharePolicies policies = share_policies(target->relid);

	if (row->found)
	{
		target->has_row_security = row->had_row_security;
		target->has_force = row->had_force;
	}
	else if (policies.tenant)
	{
		target->has_row_security = !policies.rows_for_all;
		target->has_force = !policies.owner && target->has_row_security;
	}
}

static void
share(ShareTarget *target, const char *column)
{
	Oid caller = GetUserId();
	OwnerScope scope;
	char *group;
	Oid group_oid;
	SharedRow row;

	owner_scope_enter(&scope);
	group = tenant_group_establish();
	group_oid = get_role_oid(group, false);
	forget_missing();
	row = read_row(target);
	recall_before(target, &row);
	if (!is_shared_already(target, &row, column))
	{
		share_check_table(target, group_oid);
		if (column != NULL)
			share_check_column(target, column, group_oid);
		if (column != NULL)
			add_row_security(target, group);
		grant_to_tenants(target, group);
		if (!row.found)
			write_row(target, column, caller);
	}
	owner_scope_leave(&scope);
}

Datum
sql_agent_share_table(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("relation must not be null")));
	PreventCommandIfReadOnly("share_table()");
	share(share_target(PG_GETARG_OID(0)), PG_ARGISNULL(1) ? NULL : NameStr(*PG_GETARG_NAME(1)));
	PG_RETURN_VOID();
}

/* ---- taking back ---- */

/*
 * Row security is switched off only where share_table() switched it on and
 * nobody has made a policy since: what one relies on must not stop silently.
 */
static void
remove_row_security(const ShareTarget *target, const SharePolicies *policies)
{
	if (policies->tenant)
		(void) act_run("DROP POLICY " TENANT_POLICY " ON %s", target->qualified);
	if (policies->rows)
		(void) act_run("DROP POLICY " ROWS_POLICY " ON %s", target->qualified);
	if (policies->owner)
		(void) act_run("DROP POLICY " OWNER_POLICY " ON %s", target->qualified);
	if (policies->others && !target->has_row_security)
	{
		ereport(WARNING,
				(errmsg("row security of \"%s\" stays on", target->name),
				 errdetail("Policies were made for it since it was shared."),
				 errhint("ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY, "
						 "where that is right.",
						 target->qualified)));
		return;
	}
	if (!target->has_force)
		(void) act_run("ALTER TABLE %s NO FORCE ROW LEVEL SECURITY", target->qualified);
	if (!target->has_row_security)
		(void) act_run("ALTER TABLE %s DISABLE ROW LEVEL SECURITY", target->qualified);
}

static void
revoke_from_tenants(const ShareTarget *target, const char *group)
{
	(void) act_run("REVOKE SELECT ON TABLE %s FROM %s", target->qualified, quote_identifier(group));
	(void) run_with_names("DELETE FROM sql_agent.shared_table"
						  " WHERE schema_name = $1::name AND table_name = $2::name",
						  target, false);
	if (run_with_names("SELECT FROM sql_agent.shared_table"
					   " WHERE schema_name = $1::name AND table_name <> $2::name",
					   target, false) == 0)
		(void) act_run("REVOKE USAGE ON SCHEMA %s FROM %s", quote_identifier(target->schema),
					   quote_identifier(group));
}

static void
unshare(ShareTarget *target)
{
	OwnerScope scope;
	Oid group_oid = registry_tenant_group();
	SharePolicies policies = share_policies(target->relid);
	SharedRow row;

	owner_scope_enter(&scope);
	row = read_row(target);
	if (!row.found && !policies.tenant &&
		(!OidIsValid(group_oid) || !share_may_read(target->relid, group_oid)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("\"%s\" is not shared", target->name),
				 errhint("View sql_agent.shared_tables lists what is.")));
	if (OidIsValid(group_oid))
		revoke_from_tenants(target, GetUserNameFromId(group_oid, false));
	recall_before(target, &row);
	if (policies.tenant || row.column != NULL)
		remove_row_security(target, &policies);
	owner_scope_leave(&scope);
}

Datum
sql_agent_unshare_table(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("unshare_table()");
	unshare(share_target(PG_GETARG_OID(0)));
	PG_RETURN_VOID();
}

/* ---- state ---- */

const char *
share_state(Oid relid, const char *column)
{
	Oid group = registry_tenant_group();
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;
	bool fenced;

	if (!HeapTupleIsValid(tuple))
		return "missing";
	form = (Form_pg_class) GETSTRUCT(tuple);
	fenced = column == NULL ||
			 (form->relrowsecurity && form->relforcerowsecurity && share_policies(relid).tenant);
	ReleaseSysCache(tuple);
	return fenced && OidIsValid(group) && share_may_read(relid, group) ? "shared" : "altered";
}

Datum
sql_agent_tenant_group(PG_FUNCTION_ARGS)
{
	Oid group = registry_tenant_group();

	if (!OidIsValid(group))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(DirectFunctionCall1(namein, CStringGetDatum(GetUserNameFromId(group, false))));
}

Datum
sql_agent_shared_table_state(PG_FUNCTION_ARGS)
{
	const char *column = PG_ARGISNULL(1) ? NULL : NameStr(*PG_GETARG_NAME(1));

	PG_RETURN_TEXT_P(
		cstring_to_text(share_state(PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0), column)));
}
