/*-------------------------------------------------------------------------
 *
 * outside.h
 *		Has the one who reads anything to do with a tenant?
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_OUTSIDE_H
#define SQL_AGENT_OUTSIDE_H

#include "nodes/pg_list.h"

/* neither the effective role, nor the one that was set, nor the login has */
extern bool session_is_outside_tenants(void);

/*
 * Would the plan of a statement over these relations, or what the planner
 * expects of it, tell a member of other tenants' rows?
 */
extern bool plan_is_hidden(List *relations);

/* members get no EXPLAIN of statements under row security */
extern void explain_init(void);

#endif /* SQL_AGENT_OUTSIDE_H */
