/*-------------------------------------------------------------------------
 *
 * board_launcher.c
 *		What the board tells the launcher: which databases want a worker.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "miscadmin.h"
#include "task/board_int.h"
#include "utils/timestamp.h"

#define LOOK_INTERVAL 1000 /* ms, whether an idle worker saw what is due */

void
board_launcher(BoardLauncher *launcher)
{
	LWLockAcquire(board->lock, LW_SHARED);
	*launcher = board->launcher;
	LWLockRelease(board->lock);
}

/*
 * Slots that an earlier launcher reserved and nobody took are free: a worker
 * that comes yet finds that its own is not reserved any more.
 */
void
board_launcher_enter(void)
{
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	board->launcher.pid = MyProcPid;
	board->launcher.started = GetCurrentTimestamp();
	board->launcher_latch = MyLatch;
	for (int i = 0; i < BOARD_WORKERS; i++)
		if (board->slots[i].worker.pid == 0)
			board->slots[i].worker.database = InvalidOid;
	LWLockRelease(board->lock);
}

void
board_launcher_leave(void)
{
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	if (board->launcher.pid == MyProcPid)
	{
		board->launcher.pid = 0;
		board->launcher_latch = NULL;
	}
	LWLockRelease(board->lock);
}

void
board_launcher_failing(const char *why)
{
	BoardLauncher *launcher = &board->launcher;

	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	if (why == NULL)
		launcher->failing_since = 0;
	else if (launcher->failing_since == 0)
		launcher->failing_since = GetCurrentTimestamp();
	strlcpy(launcher->failure, why ? why : "", BOARD_MESSAGE_SIZE);
	LWLockRelease(board->lock);
}

bool
board_take_survey_request(void)
{
	bool wanted;

	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	wanted = board->survey_wanted;
	board->survey_wanted = false;
	LWLockRelease(board->lock);
	return wanted;
}

static bool
is_member(const Oid *databases, int count, Oid database)
{
	for (int i = 0; i < count; i++)
		if (databases[i] == database)
			return true;
	return false;
}

static void
unmark_others(const Oid *databases, int count)
{
	for (int i = 0; i < BOARD_DATABASES; i++)
	{
		BoardDatabase *entry = &board->databases[i];
		int closed_by = entry->closed_by;

		if (!OidIsValid(entry->database) || is_member(databases, count, entry->database))
			continue;
		if (closed_by != 0)
			entry->marked = entry->wanted = false;
		else
			memset(entry, 0, sizeof(BoardDatabase));
	}
}

/*
 * A database that is new here wants a worker: there may be work from before.
 */
bool
board_set_databases(const Oid *databases, int count)
{
	bool room = true;

	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	board->surveys++;
	unmark_others(databases, count);
	board->launcher.databases = 0;
	for (int i = 0; i < count && room; i++)
	{
		BoardDatabase *entry = board_find_database(databases[i]);

		if (entry == NULL)
			entry = board_find_database(InvalidOid);
		room = entry != NULL;
		if (!room)
			break;
		if (!entry->marked)
			entry->wanted = true;
		entry->database = databases[i];
		entry->marked = true;
		board->launcher.databases++;
	}
	board_set_launcher_latch();
	LWLockRelease(board->lock);
	return room;
}

int
board_databases(Oid *databases)
{
	int count = 0;

	LWLockAcquire(board->lock, LW_SHARED);
	for (int i = 0; i < BOARD_DATABASES; i++)
		if (board->databases[i].marked)
			databases[count++] = board->databases[i].database;
	LWLockRelease(board->lock);
	return count;
}

bool
board_may_work(Oid database)
{
	BoardDatabase *entry;
	bool may;

	LWLockAcquire(board->lock, LW_SHARED);
	entry = board_find_database(database);
	may = entry != NULL && entry->marked && entry->closed_by == 0;
	LWLockRelease(board->lock);
	return may;
}

void
board_want(Oid database)
{
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	for (int i = 0; i < BOARD_DATABASES; i++)
	{
		BoardDatabase *entry = &board->databases[i];

		if (!OidIsValid(database) || entry->database == database)
			entry->wanted |= entry->marked;
	}
	LWLockRelease(board->lock);
}

static int
find_free_slot(void)
{
	for (int i = 0; i < BOARD_WORKERS; i++)
		if (!OidIsValid(board->slots[i].worker.database))
			return i;
	return -1;
}

/* one that looks for itself what is due, or is about to */
static bool
has_idle_worker(Oid database)
{
	for (int i = 0; i < BOARD_WORKERS; i++)
	{
		BoardSlot *slot = &board->slots[i];

		if (slot->worker.database == database && !slot->worker.busy && !slot->retired)
			return true;
	}
	return false;
}

/*
 * Does it want one now?  *due becomes the earliest time that one may.  A worker
 * that is at a task does not see what becomes due meanwhile; one that is idle
 * does, a little later, and says what is next.
 */
static bool
wants_worker(BoardDatabase *entry, int limit, TimestampTz now, TimestampTz *due)
{
	if (!entry->marked || entry->closed_by != 0)
		return false;
	if (entry->next_due != 0 && entry->next_due <= now && !has_idle_worker(entry->database))
	{
		entry->next_due = 0;
		entry->wanted = true;
	}
	if (entry->next_due != 0)
	{
		TimestampTz look = entry->next_due > now ? entry->next_due
												 : TimestampTzPlusMilliseconds(now, LOOK_INTERVAL);

		if (*due == 0 || look < *due)
			*due = look;
	}
	return entry->wanted && board_count_slots(entry->database) < limit;
}

/*
 * Databases take turns, those that have no worker before those that want another
 * one.  The number of the next, or -1.
 */
static int
next_wanting(int limit, TimestampTz now, TimestampTz *due)
{
	int another = -1;

	for (int i = 0; i < BOARD_DATABASES; i++)
	{
		int number = (board->next_database + i) % BOARD_DATABASES;
		BoardDatabase *entry = &board->databases[number];

		if (!wants_worker(entry, limit, now, due))
			continue;
		if (board_count_slots(entry->database) == 0)
			return number;
		if (another < 0)
			another = number;
	}
	return another;
}

bool
board_reserve_slot(int limit, Oid *database, int *slot, TimestampTz *due)
{
	int number = -1;

	*due = 0;
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	*slot = find_free_slot();
	if (*slot >= 0)
		number = next_wanting(limit, GetCurrentTimestamp(), due);
	if (number >= 0)
	{
		BoardDatabase *entry = &board->databases[number];

		entry->wanted = false;
		board->next_database = number + 1;
		*database = entry->database;
		memset(&board->slots[*slot], 0, sizeof(BoardSlot));
		board->slots[*slot].worker.database = *database;
	}
	LWLockRelease(board->lock);
	return number >= 0;
}

void
board_free_slot(int slot)
{
	LWLockAcquire(board->lock, LW_EXCLUSIVE);
	if (board->slots[slot].worker.pid == 0)
		board->slots[slot].worker.database = InvalidOid;
	LWLockRelease(board->lock);
}

int
board_count_workers(Oid database)
{
	int count;

	LWLockAcquire(board->lock, LW_SHARED);
	count = board_count_slots(database);
	LWLockRelease(board->lock);
	return count;
}

int64
board_count_surveys(void)
{
	int64 count;

	LWLockAcquire(board->lock, LW_SHARED);
	count = board->surveys;
	LWLockRelease(board->lock);
	return count;
}
