/*-------------------------------------------------------------------------
 *
 * task_int.h
 *		What the files of the queue share; for this folder only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_TASK_INT_H
#define SQL_AGENT_TASK_INT_H

#include "catalog/pg_type.h"
#include "common/owner.h"
#include "task/task.h"
#include "tenant/options.h"
#include "utils/uuid.h"

/*
 * Which tasks the caller may see, for a query on sql_agent.task: parameters $1 to
 * $7 are those of task_visible_values().  Roles have another OID elsewhere, so a
 * task of another home goes by the name.
 */
#define TASK_IS_OWN                                                    \
	"(CASE WHEN home = $2 THEN owner_id = $3 ELSE owner_role = $4 END" \
	" AND (tenant IS NULL OR tenant = $5))"
#define TASK_IS_VISIBLE    "($7 OR tenant = $6 OR " TASK_IS_OWN ")"
#define TASK_VISIBLE_TYPES UUIDOID, TEXTOID, OIDOID, NAMEOID, NAMEOID, NAMEOID, BOOLOID
#define TASK_VISIBLE_COUNT 7

/* as the indexes have it */
#define TASK_IS_READY "status = 'PENDING' AND ready"

/* of the effective role, for the task */
extern void task_visible_values(const pg_uuid_t *id, Datum *values, char *nulls);
/* as if it were not there, for who may not see it */
extern void task_raise_unknown(const pg_uuid_t *id) pg_attribute_noreturn();

/* owner_scope_enter(), for statements that must go by our indexes */
extern void task_scope_enter(OwnerScope *scope);
/* runs a plan; raises where it does not do what is expected; returns SPI_processed */
extern uint64 task_execute(SPIPlanPtr plan, Datum *values, const char *nulls, int expected);
/* of the first row of SPI's result; columns count from 1 */
extern Datum task_column(int column, bool *isnull);
extern Datum task_name_datum(const char *name);

/* raises for a payload that is no object, is too large, or is not what the kind works with */
extern void task_check_payload(const TaskKind *kind, Jsonb *payload, const char *whose);

/* raises AG061 where the tenant has more waiting and running than it may; connected to SPI */
extern void task_require_room(const char *tenant, const TenantOptions *options);

/* as it is shown: one place */
extern float4 task_shown_progress(double progress);

/* is it one that is always there? */
extern bool task_queue_is_known(const char *queue);
/* places of a queue that queue_set() was not called for */
extern int task_default_places(const char *queue);
extern int task_default_places_per_tenant(int places);

/* wakes workers of this database when the transaction commits */
extern void task_wake_at_commit(void);
/* tells outside listeners, where sql_agent.task_notify says so */
extern void task_notify(const pg_uuid_t *id, const char *status);

#endif /* SQL_AGENT_TASK_INT_H */
