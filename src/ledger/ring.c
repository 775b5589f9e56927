/*-------------------------------------------------------------------------
 *
 * ring.c
 *		Calls of models whose rows went with a transaction that was rolled back.
 *
 * A model's bill comes whether or not the caller commits.  Where its row of
 * model_call can not stay, the call is put here, and a worker of the database
 * writes it within a second or so.  An entry stays until its row is committed;
 * its id is the row's key, so that it is never there twice.
 *
 * In shared memory: a server that stops before a worker came loses what is
 * here.  Where all places are taken the call is lost and counted.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ledger/ring.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"

#define TRANCHE      "sql_agent_ledger"
#define RING_ENTRIES 512

typedef struct Ring
{
	LWLock *lock;
	int64 lost;
	int used;                          /* no entry beyond it is in use */
	LedgerEntry entries[RING_ENTRIES]; /* database InvalidOid: free */
} Ring;

static Ring *ring = NULL;
static shmem_startup_hook_type previous_startup = NULL;

static void
request_memory(void)
{
	RequestAddinShmemSpace(MAXALIGN(sizeof(Ring)));
	RequestNamedLWLockTranche(TRANCHE, 1);
}

static void
start_up(void)
{
	bool found;

	if (previous_startup != NULL)
		previous_startup();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	ring = ShmemInitStruct("sql_agent ledger", sizeof(Ring), &found);
	if (!found)
	{
		memset(ring, 0, sizeof(Ring));
		ring->lock = &GetNamedLWLockTranche(TRANCHE)->lock;
	}
	LWLockRelease(AddinShmemInitLock);
}

void
ring_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	compat_on_shmem_request(request_memory);
	previous_startup = shmem_startup_hook;
	shmem_startup_hook = start_up;
}

bool
ring_exists(void)
{
	return ring != NULL;
}

bool
ring_push(const LedgerEntry *entry)
{
	int place = 0;

	LWLockAcquire(ring->lock, LW_EXCLUSIVE);
	while (place < ring->used && OidIsValid(ring->entries[place].database))
		place++;
	if (place < RING_ENTRIES)
	{
		ring->entries[place] = *entry;
		ring->used = Max(ring->used, place + 1);
	}
	else
		ring->lost++;
	LWLockRelease(ring->lock);
	return place < RING_ENTRIES;
}

LedgerEntry *
ring_read(int *count)
{
	LedgerEntry *entries;
	int room;

	*count = 0;
	if (ring == NULL || ring->used == 0)
		return NULL;
	entries = palloc(RING_ENTRIES * sizeof(LedgerEntry));
	room = RING_ENTRIES;
	LWLockAcquire(ring->lock, LW_SHARED);
	for (int i = 0; i < ring->used && *count < room; i++)
		if (ring->entries[i].database == MyDatabaseId)
			entries[(*count)++] = ring->entries[i];
	LWLockRelease(ring->lock);
	return entries;
}

static bool
is_among(const pg_uuid_t *id, const LedgerEntry *entries, int count)
{
	for (int i = 0; i < count; i++)
		if (memcmp(id, &entries[i].id, sizeof(pg_uuid_t)) == 0)
			return true;
	return false;
}

void
ring_remove(const LedgerEntry *entries, int count)
{
	LWLockAcquire(ring->lock, LW_EXCLUSIVE);
	for (int i = 0; i < ring->used; i++)
		if (ring->entries[i].database == MyDatabaseId &&
			is_among(&ring->entries[i].id, entries, count))
			ring->entries[i].database = InvalidOid;
	while (ring->used > 0 && !OidIsValid(ring->entries[ring->used - 1].database))
		ring->used--;
	LWLockRelease(ring->lock);
}

void
ring_state(LedgerRing *state)
{
	memset(state, 0, sizeof(LedgerRing));
	if (ring == NULL)
		return;
	LWLockAcquire(ring->lock, LW_SHARED);
	state->lost = ring->lost;
	for (int i = 0; i < ring->used; i++)
	{
		const LedgerEntry *entry = &ring->entries[i];

		if (entry->database != MyDatabaseId)
			continue;
		if (state->waiting == 0 || entry->created_at < state->oldest)
			state->oldest = entry->created_at;
		state->waiting++;
	}
	LWLockRelease(ring->lock);
}

void
ring_spent(const char *tenant, TimestampTz since, int64 *tokens, double *usd)
{
	*tokens = 0;
	*usd = 0;
	if (ring == NULL || ring->used == 0)
		return;
	LWLockAcquire(ring->lock, LW_SHARED);
	for (int i = 0; i < ring->used; i++)
	{
		const LedgerEntry *entry = &ring->entries[i];

		if (entry->database != MyDatabaseId || entry->created_at < since ||
			strcmp(entry->tenant, tenant) != 0)
			continue;
		*tokens += entry->numbers.input + entry->numbers.cached + entry->numbers.cache_write +
				   entry->numbers.output;
		*usd += entry->numbers.cost_usd;
	}
	LWLockRelease(ring->lock);
}
