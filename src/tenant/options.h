/*-------------------------------------------------------------------------
 *
 * options.h
 *		Limits and settings of a tenant.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_OPTIONS_H
#define SQL_AGENT_OPTIONS_H

#include "utils/jsonb.h"

/* 0 = no limit of the tenant's own */
typedef struct TenantOptions
{
	int max_asks;          /* questions at one time */
	int max_tasks;         /* tasks waiting or running */
	int max_rows;          /* rows of one answer */
	int64 max_bytes;       /* stored by uploads */
	int64 tokens_per_day;  /* of models */
	double cost_per_day;   /* US dollars */
	int statement_timeout; /* ms, of the members' own statements */
} TenantOptions;

/* raises for an unknown option or a bad value, listing the valid ones */
extern void tenant_options_check(Jsonb *options);
extern void tenant_options_read(Jsonb *options, TenantOptions *result);
/* where its schedules' times are, or NULL; palloc'ed */
extern char *tenant_options_timezone(Jsonb *options);
/* the options of the first, changed by the second; null takes one away */
extern Jsonb *tenant_options_merge(Jsonb *old, Jsonb *changes);

#endif /* SQL_AGENT_OPTIONS_H */
