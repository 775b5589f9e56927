/*-------------------------------------------------------------------------
 *
 * savedview.c
 *		Views that ask_view() made for tenants: whose they are, and how they go.
 *
 * They belong to the tenant's owner role, which no member can become.  So the
 * table sql_agent.saved_view keeps who saved one, and a member drops or
 * replaces it through ask_view_drop() and ask_view(..., replace => true): its
 * own, as an administrator of the tenant any, as an operator those of every
 * tenant.  What is not in that table was made by somebody else, and stays.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xact.h"
#include "ask/savedview.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/display.h"
#include "common/owner.h"
#include "miscadmin.h"
#include "tenant/act.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(sql_agent_ask_view_drop);

/* who saved the view, in the memory of the scope, or NULL */
static char *
saved_by(const char *tenant, const char *name)
{
	List *found =
		act_texts("SELECT saved_by FROM sql_agent.saved_view"
				  " WHERE tenant OPERATOR(pg_catalog.=) %s AND name OPERATOR(pg_catalog.=) %s",
				  quote_literal_cstr(tenant), quote_literal_cstr(name));

	return found == NIL ? NULL : linitial(found);
}

/* may the caller change what others of the tenant saved? */
static bool
may_change_all(const char *tenant)
{
	const TenantIdentity *identity = tenant_identity(GetUserId());

	return identity_is_operator() || (identity->state == TENANT_ONE && identity->admin &&
									  strcmp(identity->name, tenant) == 0);
}

/*
 * Drops the view with its row.  Of a view that something else rests on
 * PostgreSQL's error says so.
 */
static void
drop_saved_view(const char *tenant, const char *name)
{
	char *caller = GetUserNameFromId(GetUserId(), false);
	bool may_change = may_change_all(tenant);
	OwnerScope scope;
	char *saver;

	owner_scope_enter(&scope);
	saver = saved_by(tenant, name);
	if (saver == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("there is no saved view \"%s\"", display_escape(name)),
						errhint("View sql_agent.saved_views lists those of your tenant.")));
	if (!may_change && strcmp(saver, caller) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for saved view \"%s\"", display_escape(name)),
				 errdetail("It was saved by \"%s\".", saver),
				 errhint("Its saver, an administrator of the tenant or an operator may do that.")));
	(void) act_run("DELETE FROM sql_agent.saved_view"
				   " WHERE tenant OPERATOR(pg_catalog.=) %s AND name OPERATOR(pg_catalog.=) %s",
				   quote_literal_cstr(tenant), quote_literal_cstr(name));
	(void) act_run("DROP VIEW IF EXISTS %s", quote_qualified_identifier(tenant, name));
	owner_scope_leave(&scope);
}

void
saved_view_make_room(const char *tenant, const char *name, bool replace)
{
	if (!OidIsValid(get_relname_relid(name, get_namespace_oid(tenant, false))))
		return;
	if (!replace)
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_TABLE),
						errmsg("relation \"%s\" already exists", display_escape(name)),
						errhint("Choose another name, or replace a saved view with "
								"replace => true.")));
	drop_saved_view(tenant, name);
}

void
saved_view_record(const char *tenant, const char *name, const char *question)
{
	const char *view = quote_qualified_identifier(tenant, name);
	const char *saver = quote_literal_cstr(GetUserNameFromId(GetUserId(), false));
	OwnerScope scope;

	owner_scope_enter(&scope);
	/* a row may be left of a view that was dropped by other means */
	(void) act_run("INSERT INTO sql_agent.saved_view (tenant, name, question, saved_by)"
				   " VALUES (%s, %s, %s, %s) ON CONFLICT (tenant, name) DO UPDATE"
				   " SET question = EXCLUDED.question, saved_by = EXCLUDED.saved_by,"
				   " saved_at = EXCLUDED.saved_at",
				   quote_literal_cstr(tenant), quote_literal_cstr(name),
				   quote_literal_cstr(question), saver);
	(void) act_run("GRANT SELECT ON %s TO %s", view, quote_identifier(tenant_reader_name(tenant)));
	if (!COMPAT_HAS_SECURITY_INVOKER)
		(void) act_run("SELECT sql_agent.allow_relation(%s)", quote_literal_cstr(view));
	owner_scope_leave(&scope);
}

/*
 * ask_view_drop(name, tenant)
 */
Datum
sql_agent_ask_view_drop(PG_FUNCTION_ARGS)
{
	const TenantIdentity *identity = tenant_identity(GetUserId());
	char *tenant = NULL;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("view name must not be null")));
	PreventCommandIfReadOnly("ask_view_drop()");
	if (!PG_ARGISNULL(1))
	{
		tenant = text_to_cstring(PG_GETARG_TEXT_PP(1));
		/* raises for who is no operator */
		(void) identity_asking_role_of(tenant);
	}
	else if (identity->state == TENANT_ONE)
		tenant = pstrdup(identity->name);
	else
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("role \"%s\" belongs to no tenant", GetUserNameFromId(GetUserId(), false)),
				 errhint("A view of your own goes with DROP VIEW; an operator names the tenant.")));
	drop_saved_view(tenant, text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_VOID();
}
