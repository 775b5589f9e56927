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
#define BOARD_DATABASES    64
#define BOARD_NAME_SIZE    NAMEDATALEN
#define BOARD_KEY_SIZE     (NAMEDATALEN + 2)
#define BOARD_MESSAGE_SIZE 160

/* one worker, copied out of shared memory */
typedef struct BoardWorker
{
	int slot;
	int pid; /* 0 = nobody */
	TimestampTz started;
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
	int64 tasks_done;
	int64 tasks_failed;
} BoardWorker;

/* false where the library is not preloaded: nothing else here may be called then */
extern bool board_exists(void);
extern void board_init(void); /* _PG_init: hooks for shared memory */

/* copies of the slots in use; database InvalidOid = all.  palloc'ed array */
extern BoardWorker *board_workers(Oid database, int *count);

/* ---- a worker's own slot ---- */
extern bool board_join(Oid database); /* false: no slot, or the database is closed */
extern void board_leave(void);        /* idempotent; also at exit */
/* reserves one of the queue's places in this database; false where `limit` are taken */
extern bool board_reserve_queue(const char *queue, int limit);
/* the task is this worker's, unless `limit` tasks of the key run in this database; 0 = no limit */
extern bool board_take(const pg_uuid_t *task, const char *kind, const char *fair_key, int limit);
extern void board_release(bool failed, bool worked); /* gives the place and the task back */
extern void board_set_progress(double percent, const char *message);
extern bool board_cancel_requested(void);

/* the key that was served last in a queue of this database, for the round over tenants */
extern void board_last_key(const char *queue, char *key);
extern void board_set_last_key(const char *queue, const char *key);

/* ---- for everybody ---- */
/* asks the worker of the task to stop and interrupts it; false where none works on it */
extern bool board_cancel_task(const pg_uuid_t *task);
/* is that process still working on that task? */
extern bool board_is_working(const pg_uuid_t *task, int pid, TimestampTz started);
/* there is work in the database: wakes an idle worker of it, or the launcher */
extern void board_wake(Oid database);

#endif /* SQL_AGENT_BOARD_H */
