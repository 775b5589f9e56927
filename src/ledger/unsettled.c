/*-------------------------------------------------------------------------
 *
 * unsettled.c
 *		Calls of models that this transaction made, until it is known whether
 *		their rows stay.
 *
 * A call is noted the moment that its reply is there.  Its row is written with
 * the question's, at the end of the answer; an error before that, or a rollback
 * of the (sub)transaction after it, leaves no row.  Then, and where the
 * transaction may not write at all, the call goes into the ring.
 *
 * The list lives in memory of the backend: it is read when a transaction has
 * aborted.  A prepared transaction takes its rows along, and loses them when it
 * is rolled back.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xact.h"
#include "ledger/ring.h"
#include "ledger/unsettled.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* of one transaction; a question makes a handful */
#define CALLS_MAX 1000

typedef struct Unsettled
{
	LedgerEntry entry;
	bool written;
	int level; /* of the subtransaction that wrote it, or in which it was made */
} Unsettled;

static Unsettled *calls = NULL;
static int ncalls = 0;
static int capacity = 0;

/* tells somebody that the ring is to be emptied; or NULL */
static void (*wake_writer)(Oid database) = NULL;

/* cut between two characters */
static void
copy_text(char *target, const char *text, int size)
{
	int length;

	if (text == NULL)
		text = "";
	length = pg_mbcliplen(text, (int) strlen(text), size - 1);
	memcpy(target, text, length);
	target[length] = '\0';
}

static void
fill_entry(LedgerEntry *entry, const ModelCall *call)
{
	memset(entry, 0, sizeof(LedgerEntry));
	entry->id = call->id;
	entry->database = MyDatabaseId;
	entry->created_at = GetCurrentTimestamp();
	copy_text(entry->asked_by, GetUserNameFromId(GetUserId(), false), NAMEDATALEN);
	copy_text(entry->tenant, call->tenant, NAMEDATALEN);
	copy_text(entry->operation, call->operation, RING_TEXT_SIZE);
	copy_text(entry->provider, call->provider, RING_TEXT_SIZE);
	copy_text(entry->server, call->server, NAMEDATALEN);
	copy_text(entry->request_model, call->request_model, RING_TEXT_SIZE);
	copy_text(entry->response_model, call->response_model, RING_TEXT_SIZE);
	copy_text(entry->finish_reason, call->finish_reason, RING_TEXT_SIZE);
	copy_text(entry->error_type, call->error_type, sizeof(entry->error_type));
	entry->numbers = *call;
}

void
unsettled_add(const ModelCall *call)
{
	if (!ring_exists() || ncalls >= CALLS_MAX)
		return;
	if (ncalls == capacity)
	{
		int room = Max(2 * capacity, 8);

		if (calls == NULL)
			calls = MemoryContextAlloc(TopMemoryContext, room * sizeof(Unsettled));
		else
			calls = repalloc(calls, room * sizeof(Unsettled));
		capacity = room;
	}
	fill_entry(&calls[ncalls].entry, call);
	calls[ncalls].written = false;
	calls[ncalls].level = GetCurrentTransactionNestLevel();
	ncalls++;
}

void
unsettled_note_row(const pg_uuid_t *id)
{
	for (int i = 0; i < ncalls; i++)
	{
		if (memcmp(id, &calls[i].entry.id, sizeof(pg_uuid_t)) != 0)
			continue;
		calls[i].written = true;
		calls[i].level = GetCurrentTransactionNestLevel();
	}
}

/*
 * Those that have no row at that level or above go into the ring.
 */
static void
give_up(int level, bool only_unwritten)
{
	int kept = 0;
	bool pushed = false;

	for (int i = 0; i < ncalls; i++)
	{
		if (calls[i].level < level || (only_unwritten && calls[i].written))
		{
			if (kept != i)
				calls[kept] = calls[i];
			kept++;
			continue;
		}
		pushed |= ring_push(&calls[i].entry);
	}
	ncalls = kept;
	if (pushed && wake_writer)
		wake_writer(MyDatabaseId);
}

static void
end_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	int level = GetCurrentTransactionNestLevel();

	if (ncalls == 0)
		return;
	if (event == SUBXACT_EVENT_ABORT_SUB)
		give_up(level, false);
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
		for (int i = 0; i < ncalls; i++)
			calls[i].level = Min(calls[i].level, level - 1);
}

static void
end_transaction(XactEvent event, void *arg)
{
	if (ncalls == 0)
		return;
	switch (event)
	{
		case XACT_EVENT_ABORT:
			give_up(0, false);
			break;
		case XACT_EVENT_COMMIT:
			give_up(0, true);
			break;
		case XACT_EVENT_PREPARE:
			break;
		default:
			return;
	}
	ncalls = 0;
	/* one with very many calls does not keep their memory */
	if (capacity > 64)
	{
		pfree(calls);
		calls = NULL;
		capacity = 0;
	}
}

void
unsettled_init(void (*wake)(Oid database))
{
	wake_writer = wake;
	RegisterXactCallback(end_transaction, NULL);
	RegisterSubXactCallback(end_subtransaction, NULL);
}
