/*-------------------------------------------------------------------------
 *
 * policy_table.h
 *		The function policy of the major version that is compiled for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_POLICY_TABLE_H
#define SQL_AGENT_POLICY_TABLE_H

#if PG_VERSION_NUM >= 190000
#error "the functions of this PostgreSQL have not been reviewed: see src/guard/policy_gen.py"
#elif PG_VERSION_NUM >= 180000
#include "guard/policy_18.h"
#elif PG_VERSION_NUM >= 170000
#include "guard/policy_17.h"
#elif PG_VERSION_NUM >= 160000
#include "guard/policy_16.h"
#elif PG_VERSION_NUM >= 150000
#include "guard/policy_15.h"
#else
#include "guard/policy_14.h"
#endif

#endif /* SQL_AGENT_POLICY_TABLE_H */
