/*-------------------------------------------------------------------------
 *
 * board_int.h
 *		The board itself: for board*.c alone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_BOARD_INT_H
#define SQL_AGENT_BOARD_INT_H

#include "storage/latch.h"
#include "storage/lwlock.h"
#include "task/board.h"

/* how many queues' rounds are remembered, of all databases */
#define BOARD_ROUNDS 512

/*
 * In use when its database is set: reserved by the launcher for a worker that
 * is being started while the pid is 0, of that worker after.
 */
typedef struct BoardSlot
{
	BoardWorker worker;
	Latch *latch;
	bool woken;   /* somebody counts on it to look for work */
	bool retired; /* it will not look any more */
} BoardSlot;

typedef struct BoardDatabase
{
	Oid database;         /* InvalidOid = free */
	bool marked;          /* background work is on there */
	bool wanted;          /* there is work that waits for a worker */
	uint32 wakes;         /* how often somebody said that there is work */
	int closed_by;        /* pid of the backend that keeps workers out, 0 = open */
	TimestampTz next_due; /* when there will be work, 0 = not known */
} BoardDatabase;

/* where the round over the keys of a queue has come to */
typedef struct BoardRound
{
	Oid database; /* InvalidOid = free */
	uint64 used;  /* the least goes first */
	char queue[BOARD_NAME_SIZE];
	char key[BOARD_KEY_SIZE];
} BoardRound;

typedef struct Board
{
	TimestampTz crashed_at; /* when a process died and all was begun anew, 0 = not yet */
	LWLock *lock;           /* for everything below */
	BoardLauncher launcher;
	Latch *launcher_latch;
	bool survey_wanted;
	int64 surveys;
	int next_database; /* where the launcher's round has come to */
	uint64 rounds_used;
	BoardDatabase databases[BOARD_DATABASES];
	BoardSlot slots[BOARD_WORKERS];
	BoardRound rounds[BOARD_ROUNDS];
} Board;

extern Board *board; /* NULL where the library is not preloaded */

/* the lock must be held for all of these */
extern BoardDatabase *board_find_database(Oid database);
extern void board_set_launcher_latch(void);
extern int board_count_slots(Oid database); /* reserved ones included */

#endif /* SQL_AGENT_BOARD_INT_H */
