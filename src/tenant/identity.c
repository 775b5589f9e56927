/*-------------------------------------------------------------------------
 *
 * identity.c
 *		Who asks: the role that generated SQL runs as.  Where it may look is in
 *		schemas.c.
 *
 * Identity is the effective role (GetUserId()) and catalog facts, never a
 * parameter that a statement could set.  search_path decides nothing here.
 *
 * A superuser's question must not run as the superuser, so it runs as
 * sql_agent_reader, which sees what expose_schema() gave it.  The same holds
 * for members of sql_agent_admin and for roles with BYPASSRLS: a generated
 * statement must always meet row-level security.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "common/display.h"
#include "common/errors.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static bool
role_bypasses_rls(Oid role)
{
	HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	bool result = false;

	if (HeapTupleIsValid(tuple))
	{
		result = ((Form_pg_authid) GETSTRUCT(tuple))->rolbypassrls;
		ReleaseSysCache(tuple);
	}
	return result;
}

bool
identity_role_is_operator(Oid role)
{
	Oid admin = get_role_oid(ADMIN_ROLE, true);

	return superuser_arg(role) || (OidIsValid(admin) && has_privs_of_role(role, admin));
}

bool
identity_is_operator(void)
{
	return identity_role_is_operator(GetUserId());
}

void
identity_raise_suspended(const char *tenant)
{
	ereport(ERROR,
			(errcode(ERRCODE_AGENT_TENANT_SUSPENDED), errmsg("tenant \"%s\" is suspended", tenant),
			 errhint("An operator can resume it: SELECT sql_agent.tenant_resume(%s);",
					 quote_literal_cstr(tenant))));
}

/*
 * The reader role of the tenant, which must be there and plain.
 */
static Oid
reader_of(const char *tenant, Oid reader)
{
	if (!OidIsValid(reader))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("role \"%s\" does not exist", tenant_reader_name(tenant)),
				 errdetail("Questions of tenant \"%s\" run as this role.", tenant),
				 errhint("An operator can make it again: SELECT sql_agent.tenant_provision(%s, "
						 "if_not_exists => true);",
						 quote_literal_cstr(tenant))));
	if (superuser_arg(reader) || role_bypasses_rls(reader))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("role \"%s\" must be neither superuser nor exempt from row security",
							   tenant_reader_name(tenant))));
	return reader;
}

void
identity_require_clear(Oid role)
{
	const TenantIdentity *identity = tenant_identity(role);

	switch (identity->state)
	{
		case TENANT_NONE:
		case TENANT_ONE:
			break;
		case TENANT_SUSPENDED:
			identity_raise_suspended(identity->name);
			break;
		case TENANT_LOST:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("role \"%s\" is a member of tenant \"%s\" and does not hold its role",
							GetUserNameFromId(role, false), identity->name),
					 errdetail("Role \"%s\" was taken from it, or one of the two was made anew.",
							   tenant_reader_name(identity->name)),
					 errhint("An operator can give it back: SELECT sql_agent.tenant_provision(%s, "
							 "if_not_exists => true); or take the login out of the tenant with "
							 "tenant_remove_member().",
							 quote_literal_cstr(identity->name))));
			break;
		case TENANT_SEVERAL:
			ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
							errmsg("role \"%s\" belongs to more than one tenant",
								   GetUserNameFromId(role, false)),
							errdetail("Whose tables it asks about must not be a guess."),
							errhint("Ask as a login that is the member of one tenant.")));
			break;
	}
}

/*
 * The role that questions of an ordinary role run as.
 */
static Oid
ordinary_asking_role(Oid role)
{
	const TenantIdentity *identity;

	identity_require_clear(role);
	identity = tenant_identity(role);
	return identity->state == TENANT_ONE ? reader_of(identity->name, identity->reader) : role;
}

Oid
identity_asking_role_of(const char *tenant)
{
	TenantRecord record;
	const TenantIdentity *identity;
	Oid reader;

	if (!identity_is_operator())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to ask for a tenant"),
				 errdetail("Only superusers and members of role \"%s\" may do so.", ADMIN_ROLE),
				 errhint("Leave argument \"tenant\" out: a member asks for its own "
						 "tenant.")));
	if (!registry_find_tenant(tenant, &record))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("tenant \"%s\" does not exist", display_escape(tenant)),
						errhint("View sql_agent.tenants lists them.")));
	if (record.suspended)
		identity_raise_suspended(record.name);
	reader = reader_of(tenant, get_role_oid(tenant_reader_name(tenant), true));
	identity = tenant_identity(reader);
	/* the role of that name is another tenant's, or was given a second one */
	if (identity->state != TENANT_ONE || strcmp(identity->name, tenant) != 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("role \"%s\" is not the reader of tenant \"%s\" alone",
							   tenant_reader_name(tenant), tenant),
						errhint("SELECT sql_agent.tenant_provision(%s, if_not_exists => true) says "
								"what is wrong.",
								quote_literal_cstr(tenant))));
	return reader;
}

Oid
identity_asking_role(void)
{
	Oid role = GetUserId();

	if (!identity_is_operator() && !role_bypasses_rls(role))
		return ordinary_asking_role(role);

	role = get_role_oid(READER_ROLE, true);
	if (!OidIsValid(role))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("role \"%s\" does not exist", READER_ROLE),
						errdetail("Questions of superusers and operators run as this role."),
						errhint("Create it: CREATE ROLE %s NOLOGIN.", READER_ROLE)));
	if (superuser_arg(role) || role_bypasses_rls(role))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("role \"%s\" must be neither superuser nor exempt from row security",
							   READER_ROLE)));
	return role;
}

/*
 * Appends the roles whose privileges the member inherits directly.
 */
static List *
append_memberships(List *roles, Oid member)
{
	CatCList *list = SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(member));

	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_auth_members form = (Form_pg_auth_members) GETSTRUCT(&list->members[i]->tuple);

		if (membership_inherits(form))
			roles = list_append_unique_oid(roles, form->roleid);
	}
	ReleaseSysCacheList(list);
	return roles;
}

uint64
identity_role_fingerprint(Oid role)
{
	List *roles = list_make1_oid(role);
	uint64 result = 0;
	ListCell *lc;

	/* the list grows while it is walked */
	foreach (lc, roles)
	{
		HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(lfirst_oid(lc)));
		Form_pg_authid form;
		uint64 flags;

		if (!HeapTupleIsValid(tuple))
			continue;
		form = (Form_pg_authid) GETSTRUCT(tuple);
		flags = form->rolsuper | form->rolinherit << 1 | form->rolbypassrls << 2;
		/* the order of memberships does not matter; "$user" goes by the name */
		result +=
			hash_combine64(hash_combine64(form->oid, flags),
						   form->oid == role ? hash_bytes((unsigned char *) NameStr(form->rolname),
														  strlen(NameStr(form->rolname)))
											 : 0);
		if (role_inherits(form))
			roles = append_memberships(roles, form->oid);
		ReleaseSysCache(tuple);
	}
	return result;
}
