/*-------------------------------------------------------------------------
 *
 * current.h
 *		Which tenant a role belongs to.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_CURRENT_H
#define SQL_AGENT_CURRENT_H

#include "tenant/options.h"
#include "utils/uuid.h"

typedef enum TenantState
{
	TENANT_NONE,      /* belongs to no tenant; superusers never do */
	TENANT_ONE,       /* to one that is active */
	TENANT_SUSPENDED, /* to one that is suspended */
	TENANT_LOST,      /* registered as a member of one, whose role it does not hold */
	TENANT_SEVERAL    /* to more than one: counts as none, and may not ask */
} TenantState;

typedef struct TenantIdentity
{
	TenantState state;
	/* of one tenant: ONE, SUSPENDED, LOST */
	char *name;
	pg_uuid_t id;
	char *key;
	Oid reader;
	TenantOptions options;
	/* TENANT_ONE: may the role see the questions of the whole tenant? */
	bool admin;
} TenantIdentity;

/*
 * Cached; what it leads to is valid until the next call.  A role belongs to a
 * tenant when it is, or inherits from, the tenant's reader or owner role.
 */
extern const TenantIdentity *tenant_identity(Oid role);

/* a reader role: the tenant of that name whose reader it is */
extern bool tenant_is_reader(Oid role);

/* grows when anything that identities are made of may have changed */
extern uint64 tenant_generation(void);

/*
 * Whose rows a role without a tenant sees in a relation.
 */
typedef enum TenantRows
{
	ROWS_PLAIN,  /* no policy asks for the tenant */
	ROWS_HIDDEN, /* those of tenants are hidden from it */
	ROWS_OF_ALL  /* every tenant's */
} TenantRows;

extern TenantRows tenant_rows_of(Oid relid, Oid role);

extern void tenant_init(void);

#endif /* SQL_AGENT_CURRENT_H */
