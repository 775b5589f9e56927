/*-------------------------------------------------------------------------
 *
 * ring.h
 *		Calls of models whose rows went with a transaction that was rolled back.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_RING_H
#define SQL_AGENT_RING_H

#include "datatype/timestamp.h"
#include "ledger/ledger.h"

#define RING_TEXT_SIZE 100

/* a call as it is kept outside of any transaction */
typedef struct LedgerEntry
{
	pg_uuid_t id;
	Oid database;
	TimestampTz created_at;
	char asked_by[NAMEDATALEN];
	char tenant[NAMEDATALEN]; /* empty = none */
	char operation[RING_TEXT_SIZE];
	char provider[RING_TEXT_SIZE];
	char server[NAMEDATALEN];
	char request_model[RING_TEXT_SIZE];
	char response_model[RING_TEXT_SIZE]; /* empty = none; so the following */
	char finish_reason[RING_TEXT_SIZE];
	char error_type[8];
	ModelCall numbers; /* texts of it are not to be used */
} LedgerEntry;

typedef struct LedgerRing
{
	int waiting;        /* entries of this database that nobody has written */
	TimestampTz oldest; /* of them */
	int64 lost;         /* that there was no room for, since the server started */
} LedgerRing;

extern bool ring_exists(void);
/* in the abort of a transaction, too: raises nothing.  false: no room */
extern bool ring_push(const LedgerEntry *entry);
/* copies entries of this database, palloc'ed; they stay until ring_remove() */
extern LedgerEntry *ring_read(int *count);
extern void ring_remove(const LedgerEntry *entries, int count);
extern void ring_state(LedgerRing *state);
/* what a tenant's calls that are waiting here used since that time */
extern void ring_spent(const char *tenant, TimestampTz since, int64 *tokens, double *usd);

/* _PG_init */
extern void ring_init(void);

#endif /* SQL_AGENT_RING_H */
