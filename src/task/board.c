/*-------------------------------------------------------------------------
 *
 * board.c
 *		Shared memory of background work: who works on what, and who should
 *		wake up.
 *
 * One lock guards the board.  Nothing under it waits, raises or allocates, so
 * it is held for microseconds; a slot is changed by its worker, and by who asks
 * that worker to stop.
 *
 * A crash of any process makes the postmaster begin anew with an empty board.
 * Processes that end in an orderly way, by FATAL too, leave it by a callback.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <signal.h>

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
#include "task/board_int.h"
#include "utils/timestamp.h"

#define TRANCHE "sql_agent_board"

/* ms */
#define LATELY   600000
#define PATIENCE 5000 /* with a task that was cancelled */

Board *board = NULL;

static shmem_startup_hook_type previous_startup = NULL;

static void
request_memory(void)
{
	RequestAddinShmemSpace(MAXALIGN(sizeof(Board)));
	RequestNamedLWLockTranche(TRANCHE, 1);
}

/*
 * In the postmaster: when it starts, and again after a crash, when the memory is
 * new.
 */
static void
start_up(void)
{
	static int times = 0;
	bool found;

	if (previous_startup != NULL)
		previous_startup();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	board = ShmemInitStruct("sql_agent board", sizeof(Board), &found);
	if (!found)
	{
		memset(board, 0, sizeof(Board));
		board->crashed_at = times++ > 0 ? GetCurrentTimestamp() : 0;
		board->lock = &GetNamedLWLockTranche(TRANCHE)->lock;
	}
	LWLockRelease(AddinShmemInitLock);
}

void
board_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	compat_on_shmem_request(request_memory);
	previous_startup = shmem_startup_hook;
	shmem_startup_hook = start_up;
}

bool
board_exists(void)
{
	return board != NULL;
}

bool
board_crashed_lately(void)
{
	return board->crashed_at != 0 &&
		   !TimestampDifferenceExceeds(board->crashed_at, GetCurrentTimestamp(), LATELY);
}

BoardDatabase *
board_find_database(Oid database)
{
	for (int i = 0; i < BOARD_DATABASES; i++)
		if (board->databases[i].database == database)
			return &board->databases[i];
	return NULL;
}

void
board_set_launcher_latch(void)
{
	if (board->launcher_latch != NULL)
		SetLatch(board->launcher_latch);
}

int
board_count_slots(Oid database)
{
	int count = 0;

	for (int i = 0; i < BOARD_WORKERS; i++)
		if (board->slots[i].worker.database == database)
			count++;
	return count;
}

BoardWorker *
board_workers(Oid database, int *count)
{
	BoardWorker *workers = palloc(BOARD_WORKERS * sizeof(BoardWorker));

	*count = 0;
	LWLockAcquire(board->lock, LW_SHARED);
	for (int i = 0; i < BOARD_WORKERS; i++)
	{
		BoardWorker *worker = &board->slots[i].worker;

		if (worker->pid == 0 || (OidIsValid(database) && worker->database != database))
			continue;
		workers[*count] = *worker;
		workers[*count].slot = i;
		(*count)++;
	}
	LWLockRelease(board->lock);
	return workers;
}

static BoardSlot *
find_task(const pg_uuid_t *task)
{
	for (int i = 0; i < BOARD_WORKERS; i++)
	{
		BoardSlot *slot = &board->slots[i];

		if (slot->worker.busy && slot->worker.database == MyDatabaseId &&
			memcmp(&slot->worker.task, task, sizeof(pg_uuid_t)) == 0)
			return slot;
	}
	return NULL;
}

/*
 * What there is no answer to: a function of the owner may catch the cancel and go
 * on, but not the end of its process.
 */
static bool
is_stubborn(const BoardWorker *worker)
{
	return worker->cancel_requested &&
		   TimestampDifferenceExceeds(worker->cancel_requested_at, GetCurrentTimestamp(), PATIENCE);
}

/*
 * The worker is interrupted while the lock keeps it on this task, so that the
 * signal can not hit its next one.
 */
bool
board_cancel_task(const pg_uuid_t *task)
{
	BoardSlot *slot;

	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	slot = find_task(task);
	if (slot != NULL)
	{
		(void) kill(slot->worker.pid, is_stubborn(&slot->worker) ? SIGTERM : SIGINT);
		if (!slot->worker.cancel_requested)
			slot->worker.cancel_requested_at = GetCurrentTimestamp();
		slot->worker.cancel_requested = true;
	}
	LWLockRelease(board->lock);
	return slot != NULL;
}

bool
board_is_working(const pg_uuid_t *task, int pid, TimestampTz started)
{
	BoardSlot *slot;
	bool working;

	LWLockAcquire(board->lock, LW_SHARED);
	slot = find_task(task);
	working = slot != NULL && slot->worker.pid == pid && slot->worker.started == started;
	LWLockRelease(board->lock);
	return working;
}

static bool
wake_idle_worker(Oid database)
{
	for (int i = 0; i < BOARD_WORKERS; i++)
	{
		BoardSlot *slot = &board->slots[i];

		if (slot->worker.pid == 0 || slot->worker.database != database || slot->worker.busy ||
			slot->woken || slot->retired)
			continue;
		slot->woken = true;
		SetLatch(slot->latch);
		return true;
	}
	return false;
}

void
board_wake(Oid database)
{
	BoardDatabase *entry;

	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	entry = board_find_database(database);
	if (entry != NULL)
		entry->wakes++;
	if (entry != NULL && entry->marked && !wake_idle_worker(database))
	{
		entry->wanted = true;
		board_set_launcher_latch();
	}
	LWLockRelease(board->lock);
}

uint32
board_count_wakes(Oid database)
{
	BoardDatabase *entry;
	uint32 wakes;

	LWLockAcquire(board->lock, LW_SHARED);
	entry = board_find_database(database);
	wakes = entry != NULL ? entry->wakes : 0;
	LWLockRelease(board->lock);
	return wakes;
}

void
board_request_survey(void)
{
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	board->survey_wanted = true;
	board_set_launcher_latch();
	LWLockRelease(board->lock);
}

/* ---- who needs a database for himself ---- */

static void
open_at_exit(int code, Datum arg)
{
	board_open_all();
}

/*
 * An entry for a database that has none is made: workers must stay away from it
 * even when its background work is turned on meanwhile.
 */
bool
board_close(Oid database)
{
	static bool registered = false;
	BoardDatabase *entry;
	bool done = false;

	if (!registered)
	{
		before_shmem_exit(open_at_exit, (Datum) 0);
		registered = true;
	}
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	entry = board_find_database(database);
	if (entry == NULL)
		entry = board_find_database(InvalidOid);
	if (entry != NULL && (entry->closed_by == 0 || entry->closed_by == MyProcPid))
	{
		entry->database = database;
		entry->closed_by = MyProcPid;
		done = true;
		for (int i = 0; i < BOARD_WORKERS; i++)
		{
			BoardWorker *worker = &board->slots[i].worker;

			if (worker->pid != 0 && worker->pid != MyProcPid && worker->database == database)
				(void) kill(worker->pid, SIGTERM);
		}
	}
	LWLockRelease(board->lock);
	return done;
}

bool
board_is_open(Oid database)
{
	BoardDatabase *entry;
	bool open;

	LWLockAcquire(board->lock, LW_SHARED);
	entry = board_find_database(database);
	open = entry == NULL || entry->closed_by == 0;
	LWLockRelease(board->lock);
	return open;
}

void
board_open_all(void)
{
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	for (int i = 0; i < BOARD_DATABASES; i++)
	{
		BoardDatabase *entry = &board->databases[i];

		if (!OidIsValid(entry->database) || entry->closed_by != MyProcPid)
			continue;
		entry->closed_by = 0;
		entry->wanted = entry->marked;
		if (!entry->marked)
			entry->database = InvalidOid;
		board_set_launcher_latch();
	}
	LWLockRelease(board->lock);
}
