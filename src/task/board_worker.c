/*-------------------------------------------------------------------------
 *
 * board_worker.c
 *		A worker's own place on the board.
 *
 * The places of a queue and of a key are counted and taken under the lock, so
 * that no two workers see the same last one free.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "task/board_int.h"

/* how far from its hash an entry may be */
#define ROUND_PROBES 8

/* ms that a worker is there at least, to be worth its start */
#define LEAST_STAY 1000

static BoardSlot *mine = NULL;

bool
board_join(int slot, Oid database)
{
	BoardSlot *wanted;
	BoardDatabase *entry;

	if (slot < 0 || slot >= BOARD_WORKERS)
		return false;
	wanted = &board->slots[slot];
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	entry = board_find_database(database);
	if (wanted->worker.database == database && wanted->worker.pid == 0 && entry != NULL &&
		entry->closed_by == 0)
	{
		wanted->worker.pid = MyProcPid;
		wanted->worker.started = MyStartTimestamp;
		wanted->worker.since = GetCurrentTimestamp();
		wanted->latch = MyLatch;
		mine = wanted;
	}
	LWLockRelease(board->lock);
	return mine != NULL;
}

/*
 * Who leaves in the middle of a task, or was woken and did not look, leaves
 * something to do for another one.
 */
void
board_leave(void)
{
	BoardDatabase *entry;

	if (mine == NULL)
		return;
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	entry = board_find_database(mine->worker.database);
	if (entry != NULL && (mine->worker.busy || mine->woken))
		entry->wanted |= entry->marked;
	memset(mine, 0, sizeof(BoardSlot));
	board_set_launcher_latch();
	LWLockRelease(board->lock);
	mine = NULL;
}

TimestampTz
board_my_start(void)
{
	return mine->worker.started;
}

/*
 * At the limit the launcher can do nothing with a wake; it is left for it only
 * in case that a worker leaves first.
 */
bool
board_heed_wake(int limit)
{
	BoardDatabase *entry;
	bool woken;

	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	woken = mine->woken;
	mine->woken = false;
	entry = board_find_database(MyDatabaseId);
	if (entry != NULL && entry->wanted && board_count_slots(MyDatabaseId) >= limit)
	{
		entry->wanted = false;
		woken = true;
	}
	LWLockRelease(board->lock);
	return woken;
}

bool
board_retire(void)
{
	bool done;

	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	done = !mine->woken;
	mine->retired = done;
	LWLockRelease(board->lock);
	return done;
}

/*
 * Other databases that wait for a worker, or only those that have none, less the
 * workers that make room already; the lock is held.
 */
static int
count_without_room(bool all)
{
	int count = 0;

	for (int i = 0; i < BOARD_DATABASES; i++)
	{
		BoardDatabase *entry = &board->databases[i];

		if (entry->marked && entry->wanted && entry->closed_by == 0 &&
			entry->database != MyDatabaseId && (all || board_count_slots(entry->database) == 0))
			count++;
	}
	for (int i = 0; i < BOARD_WORKERS; i++)
		if (board->slots[i].retired)
			count--;
	return count;
}

/*
 * What is left to do here wants a worker again; the launcher goes round.
 */
bool
board_must_yield(bool idle)
{
	BoardDatabase *entry;
	bool yields = false;

	/* seldom; and a moment later is early enough */
	if (board->launcher.failing_since == 0 ||
		!TimestampDifferenceExceeds(mine->worker.started, GetCurrentTimestamp(), LEAST_STAY))
		return false;
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	entry = board_find_database(MyDatabaseId);
	if (entry != NULL && board->launcher.failing_since != 0 && count_without_room(idle) > 0)
	{
		mine->retired = yields = true;
		entry->wanted |= entry->marked && !idle;
	}
	LWLockRelease(board->lock);
	return yields;
}

void
board_my_message(char *message)
{
	strlcpy(message, mine->worker.message, BOARD_MESSAGE_SIZE);
}

void
board_set_next_due(TimestampTz due)
{
	BoardDatabase *entry;

	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	entry = board_find_database(MyDatabaseId);
	if (entry != NULL)
	{
		/* the launcher sleeps until what it knows of */
		if (due != 0 && (entry->next_due == 0 || due < entry->next_due))
			board_set_launcher_latch();
		entry->next_due = due;
	}
	LWLockRelease(board->lock);
}

/* the lock is held; counts this worker too */
static int
count_places(const char *queue, const char *fair_key)
{
	int count = 0;

	for (int i = 0; i < BOARD_WORKERS; i++)
	{
		BoardWorker *worker = &board->slots[i].worker;

		if (worker->pid != 0 && worker->database == MyDatabaseId &&
			strcmp(worker->queue, queue) == 0 &&
			(fair_key == NULL || (worker->busy && strcmp(worker->fair_key, fair_key) == 0)))
			count++;
	}
	return count;
}

bool
board_reserve_queue(const char *queue, int limit)
{
	bool done;

	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	mine->worker.queue[0] = '\0';
	done = count_places(queue, NULL) < limit;
	if (done)
		strlcpy(mine->worker.queue, queue, BOARD_NAME_SIZE);
	LWLockRelease(board->lock);
	return done;
}

bool
board_take(const pg_uuid_t *task, const char *kind, const char *fair_key, int limit)
{
	BoardWorker *worker = &mine->worker;
	bool done;

	Assert(worker->queue[0] != '\0' && !worker->busy);
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	done = limit == 0 || count_places(worker->queue, fair_key) < limit;
	if (done)
	{
		worker->busy = true;
		worker->task = *task;
		strlcpy(worker->kind, kind, BOARD_NAME_SIZE);
		strlcpy(worker->fair_key, fair_key, BOARD_KEY_SIZE);
		worker->since = GetCurrentTimestamp();
		worker->progress = 0;
		worker->message[0] = '\0';
		worker->cancel_requested = false;
	}
	LWLockRelease(board->lock);
	return done;
}

void
board_release(bool failed, bool worked)
{
	BoardWorker *worker;

	if (mine == NULL)
		return;
	worker = &mine->worker;
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	worker->busy = false;
	worker->queue[0] = worker->kind[0] = worker->fair_key[0] = worker->message[0] = '\0';
	worker->progress = 0;
	worker->cancel_requested = false;
	worker->since = GetCurrentTimestamp();
	if (worked && failed)
		worker->tasks_failed++;
	else if (worked)
		worker->tasks_done++;
	LWLockRelease(board->lock);
}

void
board_set_progress(double percent, const char *message)
{
	if (mine == NULL)
		return;
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	mine->worker.progress = Min(Max(percent, 0), 100);
	if (message != NULL)
		strlcpy(mine->worker.message, message, BOARD_MESSAGE_SIZE);
	LWLockRelease(board->lock);
}

/*
 * Only this worker takes the request back, so it need not be locked out.
 */
bool
board_cancel_requested(void)
{
	volatile BoardWorker *worker;

	if (mine == NULL)
		return false;
	worker = &mine->worker;
	return worker->busy && worker->cancel_requested;
}

/* ---- the round over the keys of a queue ---- */

/*
 * The queue's entry, or the one to be overwritten for it: a round that is lost
 * begins anew.  The lock is held.
 */
static BoardRound *
find_round(const char *queue, bool *found)
{
	uint32 start = hash_bytes((const unsigned char *) queue, strlen(queue)) ^ MyDatabaseId;
	BoardRound *oldest = NULL;

	*found = false;
	for (int i = 0; i < ROUND_PROBES; i++)
	{
		BoardRound *round = &board->rounds[(start + i) % BOARD_ROUNDS];

		if (round->database == MyDatabaseId && strcmp(round->queue, queue) == 0)
		{
			*found = true;
			return round;
		}
		if (oldest == NULL || round->used < oldest->used)
			oldest = round;
	}
	return oldest;
}

void
board_last_key(const char *queue, char *key)
{
	BoardRound *round;
	bool found;

	LWLockAcquire(board->lock, LW_SHARED);
	round = find_round(queue, &found);
	strlcpy(key, found ? round->key : "", BOARD_KEY_SIZE);
	LWLockRelease(board->lock);
}

void
board_set_last_key(const char *queue, const char *key)
{
	BoardRound *round;
	bool found;

	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	round = find_round(queue, &found);
	round->database = MyDatabaseId;
	round->used = ++board->rounds_used;
	strlcpy(round->queue, queue, BOARD_NAME_SIZE);
	strlcpy(round->key, key, BOARD_KEY_SIZE);
	LWLockRelease(board->lock);
}
