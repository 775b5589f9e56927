/*-------------------------------------------------------------------------
 *
 * member.c
 *		SQL functions tenant_add_member and tenant_remove_member.
 *
 * A member is a login that inherits from the reader role of its tenant (16 and
 * later: without the right to SET ROLE to it).  That membership is the fact
 * that counts; the row of sql_agent.member says the rest: department, job,
 * who may see the tenant's history.
 *
 * A login that could read more than its tenant's rows is refused: one that is
 * exempt from row security, may make roles, reads everything, operates the
 * installation, or has to do with another tenant, by whatever path.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "common/display.h"
#include "miscadmin.h"
#include "tenant/act.h"
#include "tenant/options.h"
#include "tenant/identity.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(sql_agent_tenant_add_member);
PG_FUNCTION_INFO_V1(sql_agent_tenant_remove_member);

/* roles of the server that see or reach what is other tenants' */
static const char *const powerful_roles[] = {
	"pg_read_all_data",  "pg_write_all_data",     "pg_read_server_files",
	"pg_monitor",        "pg_write_server_files", "pg_execute_server_program",
	"pg_read_all_stats", "pg_stat_scan_tables",   ADMIN_ROLE,
	READER_ROLE};

/*
 * Every role that the login can act as, itself included, whether it inherits
 * from it or would have to SET ROLE.
 */
static List *
all_roles_of(Oid login)
{
	List *roles = list_make1_oid(login);
	ListCell *lc;

	/* the list grows while it is walked */
	foreach (lc, roles)
	{
		CatCList *list = SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(lfirst_oid(lc)));

		for (int i = 0; i < list->n_members; i++)
			roles = list_append_unique_oid(
				roles, ((Form_pg_auth_members) GETSTRUCT(&list->members[i]->tuple))->roleid);
		ReleaseSysCacheList(list);
	}
	return roles;
}

/*
 * What makes the role unfit as a member's, or as one that a member can act as;
 * NULL for nothing.
 */
static const char *
fault_of_role(Oid role, const char *tenant)
{
	HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	Form_pg_authid form;
	const char *fault = NULL;
	char *name;
	char *other;
	bool owner;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	form = (Form_pg_authid) GETSTRUCT(tuple);
	name = pstrdup(NameStr(form->rolname));
	if (form->rolsuper)
		fault = "is a superuser";
	else if (form->rolbypassrls)
		fault = "is exempt from row security";
	else if (form->rolcreaterole)
		fault = "may make roles";
	else if (form->rolreplication)
		fault = "may replicate the whole cluster";
	ReleaseSysCache(tuple);
	if (fault != NULL)
		return fault;
	for (int i = 0; i < lengthof(powerful_roles); i++)
		if (strcmp(name, powerful_roles[i]) == 0)
			return "sees more than one tenant";
	other = tenant_named_by_role(name, &owner);
	if (other != NULL && owner)
		return "is the owner role of a tenant";
	if (other != NULL && strcmp(other, tenant) != 0)
		return "is another tenant's role";
	return NULL;
}

/*
 * Why the login can not be a member of the tenant, or NULL.
 */
static char *
login_fault(Oid login, const char *tenant)
{
	ListCell *lc;
	HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(login));
	bool can_login;
	bool inherits;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for role %u", login);
	can_login = ((Form_pg_authid) GETSTRUCT(tuple))->rolcanlogin;
	inherits = COMPAT_INHERIT_BY_GRANT || ((Form_pg_authid) GETSTRUCT(tuple))->rolinherit;
	ReleaseSysCache(tuple);

	foreach (lc, all_roles_of(login))
	{
		const char *fault = fault_of_role(lfirst_oid(lc), tenant);

		if (fault == NULL)
			continue;
		if (lfirst_oid(lc) == login)
			return psprintf("It %s.", fault);
		return psprintf("It can act as role \"%s\", which %s.",
						GetUserNameFromId(lfirst_oid(lc), false), fault);
	}
	if (!can_login)
		return pstrdup("It can not log in; a member is one person's or one program's login.");
	if (!inherits)
		return pstrdup("It does not inherit the privileges of roles (NOINHERIT).");
	return NULL;
}

static bool
holds_role(Oid login, const char *role)
{
	Oid oid = get_role_oid(role, true);

	return OidIsValid(oid) && compat_is_direct_member(login, oid);
}

List *
member_logins(const char *tenant)
{
	return act_texts("SELECT m.login FROM sql_agent.member m"
					 " WHERE m.tenant OPERATOR(pg_catalog.=) %s ORDER BY m.login",
					 quote_literal_cstr(tenant));
}

static const char *
this_database(void)
{
	return quote_identifier(get_database_name(MyDatabaseId));
}

/*
 * A role's settings are not inherited, so each member has its own: the
 * tenant's schema first, then where the ask family is.
 */
void
member_apply_settings(const char *login, const TenantRecord *record)
{
	const char *role = quote_identifier(login);
	Oid verbs = extension_schema();
	TenantOptions options;

	(void) act_run("ALTER ROLE %s IN DATABASE %s SET search_path = %s, %s", role, this_database(),
				   quote_identifier(record->name), quote_identifier(get_namespace_name(verbs)));
	tenant_options_read(record->options, &options);
	if (options.statement_timeout > 0)
		(void) act_run("ALTER ROLE %s IN DATABASE %s SET statement_timeout = %d", role,
					   this_database(), options.statement_timeout);
	else
		(void) act_run("ALTER ROLE %s IN DATABASE %s RESET statement_timeout", role,
					   this_database());
}

void
member_grant(const char *login, const TenantRecord *record)
{
	Oid role = get_role_oid(login, false);
	char *reader = tenant_reader_name(record->name);

	if (!holds_role(role, USER_ROLE))
		(void) act_run("GRANT %s TO %s" GRANT_INHERIT, USER_ROLE, quote_identifier(login));
	/* members of a suspended tenant get it with tenant_resume() */
	if (!record->suspended && !holds_role(role, reader))
		(void) act_run("GRANT %s TO %s" GRANT_INHERIT_ONLY, quote_identifier(reader),
					   quote_identifier(login));
}

void
member_revoke(const char *login, const char *tenant)
{
	Oid role = get_role_oid(login, true);
	char *reader = tenant_reader_name(tenant);

	if (!OidIsValid(role) || !holds_role(role, reader))
		return;
	(void) act_run("REVOKE %s FROM %s", quote_identifier(reader), quote_identifier(login));
	if (holds_role(role, reader))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("role \"%s\" still holds role \"%s\"", login, reader),
						errdetail("Another role than the extension's owner granted it."),
						errhint("REVOKE it GRANTED BY that role.")));
}

void
member_release(const char *login, const char *tenant)
{
	const char *role = quote_identifier(login);
	Oid oid = get_role_oid(login, true);

	if (!OidIsValid(oid))
		return;
	member_revoke(login, tenant);
	if (holds_role(oid, USER_ROLE))
		(void) act_run("REVOKE %s FROM %s", USER_ROLE, role);
	(void) act_run("ALTER ROLE %s IN DATABASE %s RESET search_path", role, this_database());
	(void) act_run("ALTER ROLE %s IN DATABASE %s RESET statement_timeout", role, this_database());
}

void
member_repair(const TenantRecord *record)
{
	ListCell *lc;

	foreach (lc, member_logins(record->name))
	{
		const char *login = lfirst(lc);
		Oid role = get_role_oid(login, true);
		char *fault;

		if (!OidIsValid(role))
		{
			ereport(WARNING,
					(errmsg("login \"%s\" of tenant \"%s\" does not exist", login, record->name),
					 errhint("CREATE ROLE %s LOGIN and repair the tenant again, or "
							 "tenant_remove_member(%s).",
							 quote_identifier(login), quote_literal_cstr(login))));
			continue;
		}
		fault = login_fault(role, record->name);
		if (fault != NULL)
		{
			ereport(WARNING, (errmsg("login \"%s\" can not be a member of tenant \"%s\"", login,
									 record->name),
							  errdetail_internal("%s", fault)));
			continue;
		}
		member_grant(login, record);
		member_apply_settings(login, record);
	}
}

static void
create_login(const char *login)
{
	(void) act_run("CREATE ROLE %s LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE "
				   "NOREPLICATION NOBYPASSRLS",
				   quote_identifier(login));
	ereport(NOTICE, (errmsg("login \"%s\" has been made without a password", login),
					 errhint("Set one with \\password %s in psql, or let pg_hba.conf say how it "
							 "logs in.",
							 quote_identifier(login))));
}

/*
 * The login, made where the caller wants that.
 */
static void
require_login(const char *login, bool create, const char *tenant)
{
	Oid role = get_role_oid(login, true);
	char *fault;

	if (OidIsValid(role) && create)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT), errmsg("role \"%s\" exists already", login),
				 errhint("Leave create_login out to make that role a member.")));
	if (!OidIsValid(role) && !create)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("role \"%s\" does not exist", display_escape(login)),
						errhint("With create_login => true it is made.")));
	if (create)
	{
		create_login(login);
		return;
	}
	fault = login_fault(role, tenant);
	if (fault != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_GRANT_OPERATION),
						errmsg("role \"%s\" can not be a member of tenant \"%s\"", login, tenant),
						errdetail_internal("%s", fault)));
}

static void
check_login_name(const char *login)
{
	if (*login == '\0' || !display_is_clean(login) || strlen(login) >= NAMEDATALEN)
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME),
						errmsg("invalid login name \"%s\"", display_escape(login)),
						errdetail("A name has 1 to %d bytes and no control or invisible character.",
								  NAMEDATALEN - 1)));
}

static char *
literal_or_null(const char *text)
{
	return text ? quote_literal_cstr(text) : pstrdup("NULL");
}

/*
 * Calling it again for a member changes what is known of it.
 */
Datum
sql_agent_tenant_add_member(PG_FUNCTION_ARGS)
{
	char *tenant = act_text_argument(fcinfo, 0, "tenant");
	char *login = act_text_argument(fcinfo, 1, "login");
	char *department = act_label_argument(fcinfo, 2, "department");
	char *job_role = act_label_argument(fcinfo, 3, "job_role");
	char *email = act_label_argument(fcinfo, 4, "email");
	bool admin = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5);
	bool create = !PG_ARGISNULL(6) && PG_GETARG_BOOL(6);
	char *caller = GetUserNameFromId(GetUserId(), false);
	OwnerScope scope;
	TenantRecord record;
	MemberRecord member;

	check_login_name(login);
	act_begin(&scope, "tenant_add_member()", tenant, NULL);
	act_require_tenant(tenant, &record);
	act_require_roles_ours(&record, false);
	if (registry_find_member(login, &member) && strcmp(member.tenant, tenant) != 0)
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT),
						errmsg("login \"%s\" belongs to tenant \"%s\"", login, member.tenant),
						errdetail("A login belongs to one tenant at most."),
						errhint("tenant_remove_member() takes it out of that one.")));
	require_login(login, create, tenant);
	if (act_run("INSERT INTO sql_agent.member AS m"
				" (login, tenant, department, job_role, email, tenant_admin, added_by)"
				" VALUES (%s, %s, %s, %s, %s, %s, %s)"
				" ON CONFLICT (login) DO UPDATE SET department = excluded.department,"
				" job_role = excluded.job_role, email = excluded.email,"
				" tenant_admin = excluded.tenant_admin"
				" WHERE m.tenant OPERATOR(pg_catalog.=) excluded.tenant",
				quote_literal_cstr(login), quote_literal_cstr(tenant), literal_or_null(department),
				literal_or_null(job_role), literal_or_null(email), admin ? "true" : "false",
				quote_literal_cstr(caller)) != 1)
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT),
						errmsg("login \"%s\" was given to another tenant meanwhile", login)));
	member_grant(login, &record);
	member_apply_settings(login, &record);
	act_end(&scope);
	PG_RETURN_VOID();
}

/*
 * The login's tenant is read before its lock is taken, so it is read again.
 */
Datum
sql_agent_tenant_remove_member(PG_FUNCTION_ARGS)
{
	char *login = text_to_cstring(PG_GETARG_TEXT_PP(0));
	OwnerScope scope;
	MemberRecord member;
	MemberRecord locked;

	if (!identity_is_operator() || !registry_find_member(login, &member))
		member.tenant = login;
	act_begin(&scope, "tenant_remove_member()", member.tenant, NULL);
	if (!registry_find_member(login, &locked) || strcmp(locked.tenant, member.tenant) != 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("login \"%s\" is no tenant's member", display_escape(login)),
						errhint("View sql_agent.members lists them.")));
	member_release(login, member.tenant);
	(void) act_run("DELETE FROM sql_agent.member WHERE login OPERATOR(pg_catalog.=) %s",
				   quote_literal_cstr(login));
	act_end(&scope);
	PG_RETURN_VOID();
}
