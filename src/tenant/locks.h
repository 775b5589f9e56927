/*-------------------------------------------------------------------------
 *
 * locks.h
 *		Locks on tenants: their names, and the questions that run for them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_LOCKS_H
#define SQL_AGENT_LOCKS_H

#include "tenant/current.h"

/* until the end of the transaction, in every database; `second` may be NULL */
extern void tenant_lock_names(const char *name, const char *second);

/*
 * A question runs for the tenant: raises AG061 when as many run as the
 * tenant's max_asks allows.  Ends with tenant_ask_end(), or with the
 * (sub)transaction when an error comes first.
 */
typedef struct TenantAsk
{
	bool active;
	uint32 high;
	uint32 low;
	int slot; /* 0 = the tenant has no limit */
} TenantAsk;

extern void tenant_ask_begin(TenantAsk *ask, const TenantIdentity *identity);
extern void tenant_ask_end(TenantAsk *ask);

/* cancels the questions that run for the tenant, and says how many there were */
extern int tenant_cancel_asks(const pg_uuid_t *id);
extern int tenant_count_asks(const pg_uuid_t *id);

#endif /* SQL_AGENT_LOCKS_H */
