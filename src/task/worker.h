/*-------------------------------------------------------------------------
 *
 * worker.h
 *		The processes of background work; for this folder only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_WORKER_H
#define SQL_AGENT_WORKER_H

#include "nodes/pg_list.h"
#include "task/claim.h"

#define WORKER_LIBRARY "sql_agent"

/* ---- survey.c: the databases of the cluster ---- */

/* those that workers may connect to, as the launcher reads them: OIDs */
extern List *survey_usable_databases(Oid *for_survey);

/* ---- run.c: one task ---- */

/* once, in a transaction */
extern void run_init(void);
/* after the claim was committed; raises nothing.  Ends with board_release() */
extern void run_task(TaskClaim *claim, MemoryContext context);
/*
 * At exit: the task that was in hand goes back to the queue where the process
 * was asked to leave, and nothing of the task can have been done.
 */
extern void run_give_back(bool asked_to_leave);

/* ---- run_as.c: with whose rights ---- */

typedef struct RunAs
{
	Oid saved_userid;
	int saved_sec_context;
	int guc_level;
} RunAs;

/* at the start of a transaction, with an active snapshot */
extern void run_as_enter(RunAs *scope, Oid role);
/* fires what is deferred, as the role; afterwards nothing of its is left to run */
extern void run_as_leave(RunAs *scope);

/* ---- _PG_init ---- */
extern void launcher_init(void);
extern void stop_init(void);

#endif /* SQL_AGENT_WORKER_H */
