/*-------------------------------------------------------------------------
 *
 * owned.c
 *		DROP OWNED leaves sql_agent's roles alone.
 *
 * PostgreSQL lets every role that inherits from another say DROP OWNED BY the
 * other, and so take away all that was ever granted to it.  A member inherits
 * from its tenant's reader, from the role that stands for all tenants and from
 * sql_agent_user: one statement would end the work of every tenant.  An event
 * trigger refuses it to all but superusers.  REASSIGN OWNED moves objects only,
 * and these roles own none.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "commands/event_trigger.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "utils/acl.h"

PG_FUNCTION_INFO_V1(sql_agent_keep_roles);

/* roles that hold what others were given through them */
static bool
role_is_ours(const char *name)
{
	static const char *const groups[] = {READER_ROLE, USER_ROLE, ADMIN_ROLE};
	Oid role = get_role_oid(name, true);
	TenantRecord tenant;
	bool owner;
	char *tenant_name;

	for (int i = 0; i < lengthof(groups); i++)
		if (strcmp(name, groups[i]) == 0)
			return true;
	if (OidIsValid(role) && role == registry_tenant_group())
		return true;
	tenant_name = tenant_named_by_role(name, &owner);
	return tenant_name != NULL && registry_find_tenant(tenant_name, &tenant);
}

static void
refuse_roles(List *roles)
{
	ListCell *lc;

	foreach (lc, roles)
	{
		RoleSpec *spec = lfirst_node(RoleSpec, lc);
		char *name = get_rolespec_name(spec);

		if (role_is_ours(name))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied to take away what role \"%s\" was granted", name),
					 errdetail("Others hold their privileges through this role of sql_agent."),
					 errhint("A superuser can do it.")));
	}
}

Datum
sql_agent_keep_roles(PG_FUNCTION_ARGS)
{
	EventTriggerData *event;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("function must be called as an event trigger")));
	event = (EventTriggerData *) fcinfo->context;
	if (superuser())
		PG_RETURN_NULL();
	if (IsA(event->parsetree, DropOwnedStmt))
		refuse_roles(((DropOwnedStmt *) event->parsetree)->roles);
	PG_RETURN_NULL();
}
