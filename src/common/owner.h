/*-------------------------------------------------------------------------
 *
 * owner.h
 *		Own catalog queries, run with the rights of the extension's owner.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_OWNER_H
#define SQL_AGENT_OWNER_H

#include "executor/spi.h"

typedef struct OwnerScope
{
	Oid saved_userid;
	int saved_sec_context;
	int guc_level;
} OwnerScope;

/* is the extension installed in this database (and not just its library loaded)? */
extern bool extension_installed(void);
/* raises feature_not_supported with a hint where it is not */
extern Oid extension_owner(void);
/* where CREATE EXTENSION put the ask family */
extern Oid extension_schema(void);

extern void owner_scope_enter(OwnerScope *scope);
/* the same as another role, such as the owner of what a tenant has */
extern void role_scope_enter(OwnerScope *scope, Oid role);
extern void owner_scope_leave(OwnerScope *scope);

/*
 * Prepares a query of ours, once for the life of the backend; connected to SPI.
 * Returns it; *plan stays NULL where that fails.
 */
extern SPIPlanPtr owner_prepare(SPIPlanPtr *plan, const char *query, int nargs, Oid *types);

#endif /* SQL_AGENT_OWNER_H */
