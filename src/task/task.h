/*-------------------------------------------------------------------------
 *
 * task.h
 *		Background work: kinds of tasks, how one is enqueued, and what the
 *		handler of one may use while it runs.
 *
 * The queue knows no kind: each capability registers its own from _PG_init.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_TASK_H
#define SQL_AGENT_TASK_H

#include "datatype/timestamp.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

#define QUEUE_DEFAULT     "default"
#define QUEUE_FILES       "file_processing"
#define QUEUE_QUESTIONS   "query_processing"
#define QUEUE_MAINTENANCE "maintenance"

/* may a task that was cut off by a crash be run again? */
typedef enum TaskEffect
{
	TASK_TRANSACTIONAL, /* all that it does is in the transaction that ends it */
	TASK_IDEMPOTENT,    /* reaches outside, but twice does no harm */
	TASK_ONCE           /* never again when it is not known how far it came */
} TaskEffect;

/* one try of one task, as its handler sees it; lives until the try ends */
typedef struct TaskRun
{
	pg_uuid_t id;
	const char *kind;
	const char *tenant; /* or NULL */
	Oid owner;          /* who enqueued it; the effective role while the handler runs */
	int attempt;        /* from 1 */
	Jsonb *payload;
} TaskRun;

typedef struct TaskKind
{
	const char *name;
	const char *queue;
	int timeout; /* s of one try, 0 = none */
	int max_attempts;
	TaskEffect effect;
	/*
	 * The work is the installation's: it runs with the rights of the
	 * extension's owner, and only operators may enqueue it.
	 */
	bool installation;
	/* people may enqueue and schedule it themselves: task_enqueue(), schedule_create() */
	bool open;
	/* raises for a payload that the handler could not work with; or NULL */
	void (*check)(Jsonb *payload);
	/*
	 * Does the work inside a transaction, as the owner, in a security-restricted
	 * operation; returns the result or NULL.  The end of the task is marked in
	 * the same transaction.  It may leave that transaction for a wait with
	 * task_pause() and task_resume().
	 */
	Jsonb *(*run)(TaskRun *run);
	/*
	 * s; workers enqueue one of the installation's when the last was enqueued
	 * longer ago.  0 = only when somebody asks for it.
	 */
	int every;
} TaskKind;

/* kept by reference: static data of the caller */
extern void task_register_kind(const TaskKind *kind);
/* NULL where there is none of the name */
extern const TaskKind *task_find_kind(const char *name);
extern int task_count_kinds(void);
extern const TaskKind *task_kind_at(int number);

typedef struct TaskRequest
{
	const char *kind;
	Jsonb *payload;     /* NULL = {} */
	Oid owner;          /* InvalidOid = the effective role */
	const char *tenant; /* NULL = the owner's */
	const char *queue;  /* NULL = the kind's */
	int priority;       /* higher first */
	TimestampTz run_at; /* 0 = now */
	const char
		*unique_key;     /* or NULL; while one of the kind and key is not ended, it is returned */
	const pg_uuid_t *id; /* NULL = a new one; raises where there is a task of it */
} TaskRequest;

/*
 * Enqueues with the caller's transaction; workers wake when it commits.  Raises
 * where the tenant is suspended or has max_tasks waiting and running.
 */
extern pg_uuid_t task_enqueue(const TaskRequest *request);

/*
 * For functions by which people enqueue, now or later: raises unless there is
 * such a kind, it is open, and the caller may enqueue it.
 */
extern void task_require_open_kind(const char *name);

/* what became of a task; palloc'ed */
typedef struct TaskState
{
	char *status;  /* PENDING, PROCESSING, SUCCESS, FAILURE, CANCELLED */
	char *message; /* or NULL */
	int attempts;
	Jsonb *result; /* or NULL */
	Jsonb *error;  /* or NULL */
} TaskState;

/* false where there is none of the kind whose result the caller may see */
extern bool task_read(const pg_uuid_t *id, const char *kind, TaskState *state);

/*
 * For capabilities whose things are tasks and have a face of their own; who may is
 * theirs to know.
 */
/* it waits or runs */
extern bool task_is_live(const pg_uuid_t *id);
/* as task_cancel(), which see: for those that the effective role may see */
extern bool task_cancel(const pg_uuid_t *id);
/* deletes it where it has failed or was cancelled, so that its id is free for another try */
extern void task_forget_failed(const pg_uuid_t *id);

/* is there anybody who would run it?  *why, *hint: full sentences, where not */
extern bool task_workers_available(const char **why, const char **hint);

/* ---- for handlers; nothing happens outside a worker ---- */

/* seen by others at once, whatever the transaction does; cheap enough for each row */
extern void task_report_progress(double percent, const char *format, ...) pg_attribute_printf(2, 3);

/*
 * Between the two no transaction is open: no lock, no snapshot.  What was done
 * so far is committed.  Nothing of the transaction may be held: SPI, portals,
 * relations, nested settings, memory of the transaction.  false: not in a
 * worker, nothing was done.
 */
extern bool task_pause(void);
extern void task_resume(void);

/* ---- for libraries of other extensions, see api.c ---- */

#define TASK_API_VERSION 1

typedef struct TaskApi
{
	void (*register_kind)(const TaskKind *kind);
	pg_uuid_t (*enqueue)(const TaskRequest *request);
	void (*report_progress)(double percent, const char *message);
	bool (*pause)(void);
	void (*resume)(void);
} TaskApi;

/* _PG_init */
extern void task_init(void);

#endif /* SQL_AGENT_TASK_H */
