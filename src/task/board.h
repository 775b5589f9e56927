/*-------------------------------------------------------------------------
 *
 * board.h
 *		What the launcher, the workers and everybody else tell each other in
 *		shared memory: who works on what, how far it is, who should wake up.
 *
 * Exists only where the library is preloaded.  The board holds nothing that
 * must survive: after a crash it is empty, and so the tasks that the table
 * says are being worked on are seen to have lost their worker.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_BOARD_H
#define SQL_AGENT_BOARD_H

#include "datatype/timestamp.h"
#include "utils/uuid.h"

#define BOARD_WORKERS      128 /* of all databases together */
#define BOARD_DATABASES    256
#define BOARD_NAME_SIZE    NAMEDATALEN
#define BOARD_KEY_SIZE     (NAMEDATALEN + 2)
#define BOARD_MESSAGE_SIZE 160

/* one worker, copied out of shared memory */
typedef struct BoardWorker
{
	int slot;
	int pid;             /* 0 = nobody */
	TimestampTz started; /* MyStartTimestamp of the process */
	Oid database;
	bool busy; /* the members below are of a task */
	pg_uuid_t task;
	char kind[BOARD_NAME_SIZE];
	char queue[BOARD_NAME_SIZE];
	char fair_key[BOARD_KEY_SIZE];
	TimestampTz since; /* the task's start, or idle since */
	double progress;   /* 0 .. 100 */
	char message[BOARD_MESSAGE_SIZE];
	bool cancel_requested;
	TimestampTz cancel_requested_at; /* for the first time */
	int64 tasks_done;
	int64 tasks_failed;
} BoardWorker;

/* false where the library is not preloaded: nothing else here may be called then */
extern bool board_exists(void);
extern void board_init(void); /* _PG_init: hooks for shared memory */
/* has the server crashed in the last minutes? */
extern bool board_crashed_lately(void);

/* copies of the slots in use; database InvalidOid = all.  palloc'ed array */
extern BoardWorker *board_workers(Oid database, int *count);

/* ---- a worker's own slot ---- */
/*
 * Takes the slot that the launcher reserved for this process; false: it is not
 * reserved (any more), or the database is closed.  Given back with
 * board_leave(), which the caller must see to at exit.
 */
extern bool board_join(int slot, Oid database);
extern void board_leave(void); /* idempotent */
/* what a worker's row in the table of tasks is signed with, beside its pid */
extern TimestampTz board_my_start(void);
/*
 * Before each look for work: wakes that come from here on are for the look
 * after this one.  Was there one since the last call, for this worker or, where
 * the database has its `limit` of workers, for any?
 */
extern bool board_heed_wake(int limit);
/* the worker looks no more; false: it was woken meanwhile, so it must */
extern bool board_retire(void);
/*
 * Between two tasks, where no more workers can be started: must it leave, so that
 * a database that has none gets one, or an idle one, for any other database?
 */
extern bool board_must_yield(bool idle);
/* the message of its task; room for BOARD_MESSAGE_SIZE */
extern void board_my_message(char *message);
/* when there will be work in this database, 0 = never; the launcher then sees to it that somebody looks */
extern void board_set_next_due(TimestampTz due);
/* reserves one of the queue's places in this database; false where `limit` are taken */
extern bool board_reserve_queue(const char *queue, int limit);
/* the task is this worker's, unless `limit` of the key and that queue run in this database; 0 = no limit */
extern bool board_take(const pg_uuid_t *task, const char *kind, const char *fair_key, int limit);
extern void board_release(bool failed, bool worked); /* gives the place and the task back */
extern void board_set_progress(double percent, const char *message);
extern bool board_cancel_requested(void);

/* the key that was served last in a queue of this database, for the round over tenants */
extern void board_last_key(const char *queue, char *key);
extern void board_set_last_key(const char *queue, const char *key);

/* ---- for everybody ---- */
/*
 * Asks the worker of the task to stop and interrupts it; who asks again some
 * seconds later ends it.  False where none works on it.
 */
extern bool board_cancel_task(const pg_uuid_t *task);
/* is that process still working on that task? */
extern bool board_is_working(const pg_uuid_t *task, int pid, TimestampTz started);
/* there is work in the database: wakes an idle worker of it, or the launcher */
extern void board_wake(Oid database);
/* changes with each of these calls */
extern uint32 board_count_wakes(Oid database);
/* the list of databases with background work may have changed */
extern void board_request_survey(void);

/*
 * No worker joins until board_open_all() or the end of this process; the workers
 * that are there are asked to leave.  False: another process keeps it closed.
 */
extern bool board_close(Oid database);
extern bool board_is_open(Oid database);
/* opens what this process has closed */
extern void board_open_all(void);

/* ---- the launcher ---- */
typedef struct BoardLauncher
{
	int pid; /* 0 = there is none */
	TimestampTz started;
	int databases; /* that have background work */
	/* why workers could not be started the last time, and since when; 0 = they could */
	TimestampTz failing_since;
	char failure[BOARD_MESSAGE_SIZE];
} BoardLauncher;

extern void board_launcher(BoardLauncher *launcher);
extern void board_launcher_enter(void);
extern void board_launcher_leave(void);
/* NULL = workers can be started */
extern void board_launcher_failing(const char *why);
extern bool board_take_survey_request(void);
/* how often board_set_databases() was called since the server started */
extern int64 board_count_surveys(void);
/* these databases have background work, and no others; false: more than there is room for */
extern bool board_set_databases(const Oid *databases, int count);
extern int board_databases(Oid *databases); /* room for BOARD_DATABASES */
/* does the database have background work, and nobody who keeps workers out? */
extern bool board_may_work(Oid database);
/* lets the launcher start a worker; InvalidOid = in each database */
extern void board_want(Oid database);
/*
 * A database that wants a worker and has fewer than `limit`: reserves a slot.
 * Otherwise false, and *due is when one will want one, 0 = not known.
 */
extern bool board_reserve_slot(int limit, Oid *database, int *slot, TimestampTz *due);
/* the worker that it was reserved for did not come: does nothing if it did */
extern void board_free_slot(int slot);
/* how many workers the database has, those that are being started included */
extern int board_count_workers(Oid database);

#endif /* SQL_AGENT_BOARD_H */
