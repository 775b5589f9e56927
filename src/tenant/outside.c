/*-------------------------------------------------------------------------
 *
 * outside.c
 *		Has the one who reads anything to do with a tenant?
 *
 * The policy of a shared table lets two kinds of readers pass: a tenant sees
 * the rows that carry its key, and who has nothing to do with any tenant (the
 * owner, an application, sql_agent_reader) sees what it saw before the table
 * was shared.  The second kind is decided by every role that has a say in the
 * session: the effective one, the one that was set, and the login.  So a
 * member who reads through a SECURITY DEFINER function or a view of somebody
 * else's stays a member.
 *
 * "Or nothing to do with a tenant" would keep the planner from using the index
 * of the tenant column.  The support function turns the call into "false" where
 * it is false for as long as the plan can live: the plan of a query with row
 * security belongs to one effective role, and the login that the connection
 * was made with never changes.  It is never turned into "true": a stale plan
 * shows too little, not too much.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/supportnodes.h"
#include "tenant/current.h"
#include "tenant/outside.h"
#include "tenant/registry.h"
#include "utils/acl.h"

PG_FUNCTION_INFO_V1(sql_agent_outside_tenants);
PG_FUNCTION_INFO_V1(sql_agent_outside_tenants_support);

/* the roles of the session that were looked at last, and what was found */
typedef struct Seen
{
	uint64 generation; /* 0 = nothing yet */
	Oid effective;
	Oid set;
	Oid session;
	bool outside;
} Seen;

/*
 * Also where it belongs to several tenants, or to a suspended one, or could
 * become a tenant's role without having its privileges.
 */
static bool
has_tenant(Oid role)
{
	Oid group;

	if (tenant_identity(role)->state != TENANT_NONE)
		return true;
	group = registry_tenant_group();
	return OidIsValid(group) && is_member_of_role_nosuper(role, group);
}

/*
 * Called for every row where it could not be left out, so the roles that
 * were looked at last are remembered.
 */
bool
session_is_outside_tenants(void)
{
	static Seen seen;
	Seen now = {.generation = tenant_generation(),
				.effective = GetUserId(),
				.set = GetOuterUserId(),
				.session = GetSessionUserId()};

	if (seen.generation == now.generation && seen.effective == now.effective &&
		seen.set == now.set && seen.session == now.session)
		return seen.outside;
	/* what changes while it is looked up counts with the next call */
	now.outside = !has_tenant(now.effective) && !has_tenant(now.set) && !has_tenant(now.session);
	seen = now;
	return now.outside;
}

Datum
sql_agent_outside_tenants(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(session_is_outside_tenants());
}

Datum
sql_agent_outside_tenants_support(PG_FUNCTION_ARGS)
{
	Node *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestSimplify) &&
		(has_tenant(GetUserId()) || has_tenant(GetAuthenticatedUserId())))
		PG_RETURN_POINTER(makeBoolConst(false, false));
	PG_RETURN_POINTER(NULL);
}
