/*-------------------------------------------------------------------------
 *
 * registry.h
 *		Tenants, members and their roles, as the catalog and our tables have
 *		them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_REGISTRY_H
#define SQL_AGENT_REGISTRY_H

#include "utils/jsonb.h"
#include "utils/uuid.h"

#define TENANT_ROLE_PREFIX  "tenant_"
#define TENANT_OWNER_SUFFIX "_owner"
/* bytes that a tenant's name may have, so that its roles' names fit */
#define TENANT_NAME_MAX \
	(NAMEDATALEN - 1 - (int) strlen(TENANT_ROLE_PREFIX) - (int) strlen(TENANT_OWNER_SUFFIX))

/* a row of sql_agent.tenant, palloc'ed */
typedef struct TenantRecord
{
	char *name;
	pg_uuid_t id;
	char *key;
	bool suspended;
	Jsonb *options;
} TenantRecord;

/* a row of sql_agent.member, palloc'ed */
typedef struct MemberRecord
{
	char *login;
	char *tenant;
	bool admin;
} MemberRecord;

/*
 * Rows as they are committed, or written by this transaction, whatever its
 * isolation level; no privilege or policy of the caller matters.  False where
 * there is none, and where the extension is not installed.
 */
extern bool registry_find_tenant(const char *name, TenantRecord *record);
extern bool registry_find_member(const char *login, MemberRecord *record);
/* the role that stands for all tenants, InvalidOid before the first tenant */
extern Oid registry_tenant_group(void);
/* its name and the installation's id; false before the first tenant */
extern bool registry_find_installation(char **group, pg_uuid_t *id);

/* the tables themselves, InvalidOid where the extension is not installed */
extern void registry_find_tables(Oid *tenant, Oid *member);

/* names of a tenant's roles, palloc'ed */
extern char *tenant_reader_name(const char *tenant);
extern char *tenant_owner_name(const char *tenant);
/* the tenant that a role is named after, or NULL; palloc'ed */
extern char *tenant_named_by_role(const char *role, bool *owner);

/*
 * Whose role is it?  Roles belong to the cluster; the comment of one that we
 * made tells whose.
 */
typedef enum RoleMark
{
	ROLE_UNMARKED,  /* not made by sql_agent */
	ROLE_OF_OTHERS, /* made for another tenant, in this database or another */
	ROLE_SHARED,    /* ours, and also the one of the database that this is a copy of */
	ROLE_OURS
} RoleMark;

/* *database: the one that the role was made in, or NULL */
extern RoleMark role_mark(Oid role, const pg_uuid_t *id, char **database);
/* the comment that marks a role as made in this database for this id */
extern char *role_mark_text(const pg_uuid_t *id);

#endif /* SQL_AGENT_REGISTRY_H */
