/*-------------------------------------------------------------------------
 *
 * task_int.h
 *		What the files of the queue share; for this folder only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_TASK_INT_H
#define SQL_AGENT_TASK_INT_H

#include "common/owner.h"
#include "utils/uuid.h"

/* owner_scope_enter(), for statements that must go by our indexes */
extern void task_scope_enter(OwnerScope *scope);
/* runs a plan; raises where it does not do what is expected; returns SPI_processed */
extern uint64 task_execute(SPIPlanPtr plan, Datum *values, const char *nulls, int expected);
/* of the first row of SPI's result; columns count from 1 */
extern Datum task_column(int column, bool *isnull);
extern Datum task_name_datum(const char *name);

/* places of a queue that queue_set() was not called for */
extern int task_default_places(const char *queue);
extern int task_default_places_per_tenant(int places);

/* wakes workers of this database when the transaction commits */
extern void task_wake_at_commit(void);
/* tells outside listeners, where sql_agent.task_notify says so */
extern void task_notify(const pg_uuid_t *id, const char *status);

#endif /* SQL_AGENT_TASK_INT_H */
