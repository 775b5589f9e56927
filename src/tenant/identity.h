/*-------------------------------------------------------------------------
 *
 * identity.h
 *		Who asks: the role that generated SQL runs as, and where it may look.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_IDENTITY_H
#define SQL_AGENT_IDENTITY_H

#include "nodes/pg_list.h"

#define READER_ROLE "sql_agent_reader"
#define USER_ROLE   "sql_agent_user"
#define ADMIN_ROLE  "sql_agent_admin"

/* may the current role operate the installation? */
extern bool identity_is_operator(void);
extern bool identity_role_is_operator(Oid role);

/*
 * The role that the current role's questions run as: the reader role of its
 * tenant; sql_agent_reader for superusers, operators and roles that bypass row
 * security; otherwise itself.  Never a superuser.  Raises for a suspended
 * tenant (AG060), for a role of several tenants, and for a member that does not
 * hold its tenant's role.
 */
extern Oid identity_asking_role(void);
/*
 * Raises unless the role clearly belongs to one active tenant or to none: for a
 * suspended tenant (AG060), for several, and for a member that does not hold its
 * tenant's role.
 */
extern void identity_require_clear(Oid role);
/* raises AG060 */
extern void identity_raise_suspended(const char *tenant);
/* the reader role of a tenant that an operator asks for; raises for others */
extern Oid identity_asking_role_of(const char *tenant);

/*
 * OIDs, sorted, of the schemas that the role may ask about, those it lacks USAGE on
 * left out.  System schemas and our own are never among them.
 */
extern List *identity_allowed_schemas(Oid role);

/* the search_path under which a generated statement of the role is read */
extern char *identity_search_path(Oid role);

/* changes when the role gains or loses the privileges of another */
extern uint64 identity_role_fingerprint(Oid role);

#endif /* SQL_AGENT_IDENTITY_H */
