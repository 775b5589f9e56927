/*-------------------------------------------------------------------------
 *
 * claim.h
 *		What a worker does with the table of tasks: takes one, says how it
 *		ended, looks for those whose worker was lost.
 *
 * Each function wants a transaction (READ COMMITTED) that the caller began and
 * ends, runs as the extension's owner, and leaves the caller's effective role
 * as it was.
 * A worker is known by its pid and by board_my_start(): it has joined the board.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_CLAIM_H
#define SQL_AGENT_CLAIM_H

#include "task/board.h"
#include "utils/jsonb.h"

/* a task that this worker took; strings and payload are palloc'ed in the caller's context */
typedef struct TaskClaim
{
	pg_uuid_t id;
	char kind[NAMEDATALEN];
	char queue[NAMEDATALEN];
	char *tenant; /* or NULL */
	char *owner;  /* name that the role it runs as had */
	Oid owner_id; /* that role; may have been dropped */
	int attempt;  /* from 1 */
	int max_attempts;
	Jsonb *payload;
} TaskClaim;

/* "<system identifier>/<database oid>": only tasks of one's own home are run */
extern const char *task_home(void);

/* makes tasks ready whose time has come; returns how many */
extern int claim_promote_due(void);

/*
 * Takes the next task, fairly over tenants.  true: its row says PROCESSING and
 * the board has it as this worker's, with a place of its queue; the caller
 * commits, then works.  When the transaction aborts instead, or the work has
 * ended and its end is committed, the caller gives the place back with
 * board_release().  false: nothing is to be had now; nothing is held.
 */
extern bool claim_next(TaskClaim *claim);

/*
 * The end of a task, as this worker's; raises where it is no more this worker's
 * task (somebody deleted it, or a reaper took it away): the transaction must not
 * commit then.  message: the last one of the task, or NULL.
 */
extern void claim_finish_success(const pg_uuid_t *id, Jsonb *result, const char *message);
extern void claim_finish_cancelled(const pg_uuid_t *id, const char *message);
/*
 * may_retry: the error can pass.  Returns whether the task will be tried again:
 * while it has attempts left, later and later.  false too where the task is gone.
 */
extern bool claim_finish_failure(const pg_uuid_t *id, const ErrorData *error, bool may_retry);
/* as if it had not been taken: it waits until run_at.  message: why, or NULL */
extern void claim_put_back(const pg_uuid_t *id, TimestampTz run_at, const char *message);

/*
 * Tasks that lost their worker go back to the queue or fail, see docs/tasks.md;
 * returns how many.
 */
extern int claim_reap(void);

/* when the next task of this database is due, 0 = none waits for its time */
extern TimestampTz claim_next_due(void);
/* recur.c: enqueues the kinds that come by themselves, as far as their time has come */
extern void claim_enqueue_recurrent(void);

/* is there a ready task that another worker could take now? */
extern bool claim_more_ready(void);

#endif /* SQL_AGENT_CLAIM_H */
