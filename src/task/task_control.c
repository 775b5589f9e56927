/*-------------------------------------------------------------------------
 *
 * task_control.c
 *		SQL functions task_cancel(), task_retry(), queue_set(), queue_reset() and
 *		resume_after_restore().
 *
 * Waiting tasks are changed with the transaction of the caller.  To cancel a
 * running one means to tell its worker, at once: a rollback does not take that
 * back.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "miscadmin.h"
#include "task/board.h"
#include "task/claim.h"
#include "task/task.h"
#include "task/task_int.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sql_agent_task_cancel);
PG_FUNCTION_INFO_V1(sql_agent_task_retry);
PG_FUNCTION_INFO_V1(sql_agent_task_wake);
PG_FUNCTION_INFO_V1(sql_agent_queue_set);
PG_FUNCTION_INFO_V1(sql_agent_queue_reset);

#define MOST_PLACES 1000

#define CANCELLED                                                                \
	" status = 'CANCELLED', finished_at = clock_timestamp(), worker_pid = NULL," \
	" worker_started = NULL, message = 'cancelled by ' || $4"

/* in this home or of another */
#define CANCEL_WAITING                                                          \
	"UPDATE sql_agent.task SET" CANCELLED " WHERE id = $1 AND " TASK_IS_VISIBLE \
	" AND (status = 'PENDING' OR status = 'PROCESSING' AND home <> $2)"

#define FIND                                                                                       \
	"SELECT status, worker_pid, worker_started, tenant, $7 OR " TASK_IS_OWN " FROM sql_agent.task" \
	" WHERE id = $1 AND " TASK_IS_VISIBLE

/* $8, $9: the worker that was lost */
#define CANCEL_LOST                                                             \
	"UPDATE sql_agent.task SET" CANCELLED " WHERE id = $1 AND " TASK_IS_VISIBLE \
	" AND status = 'PROCESSING'"                                                \
	" AND worker_pid IS NOT DISTINCT FROM $8 AND worker_started IS NOT DISTINCT FROM $9"

#define RETRY_ENDED                                                                           \
	"UPDATE sql_agent.task SET status = 'PENDING', ready = true, held = false, attempts = 0," \
	" progress = 0, message = NULL, result = NULL, error = NULL, started_at = NULL,"          \
	" finished_at = NULL, run_at = clock_timestamp()"                                         \
	" WHERE id = $1 AND " TASK_IS_VISIBLE " AND home = $2"                                    \
	" AND status IN ('FAILURE', 'CANCELLED')"

#define FIND_SUCCESSOR                                                                 \
	"SELECT o.id FROM sql_agent.task t, sql_agent.task o WHERE t.id = $1"              \
	" AND t.status IN ('FAILURE', 'CANCELLED') AND o.home = t.home"                    \
	" AND o.owner_id = t.owner_id AND o.kind = t.kind AND o.unique_key = t.unique_key" \
	" AND o.status IN ('PENDING', 'PROCESSING')"

#define SET_QUEUE                                                                      \
	"INSERT INTO sql_agent.task_queue AS q (queue, places, places_per_tenant, paused)" \
	" VALUES ($1, $2, $3, coalesce($4, false)) ON CONFLICT (queue) DO UPDATE"          \
	" SET places = coalesce($2, q.places), places_per_tenant = coalesce($3,"           \
	" q.places_per_tenant), paused = coalesce($4, q.paused)"

#define RESET_QUEUE "DELETE FROM sql_agent.task_queue WHERE queue = $1"

static Oid visible_types[] = {TASK_VISIBLE_TYPES};
static Oid lost_types[] = {TASK_VISIBLE_TYPES, INT4OID, TIMESTAMPTZOID};
static Oid queue_types[] = {NAMEOID, INT4OID, INT4OID, BOOLOID};

/* kept for the life of the backend */
static SPIPlanPtr cancel_waiting_plan = NULL;
static SPIPlanPtr find_plan = NULL;
static SPIPlanPtr cancel_lost_plan = NULL;
static SPIPlanPtr find_successor_plan = NULL;
static SPIPlanPtr retry_plan = NULL;
static SPIPlanPtr set_queue_plan = NULL;
static SPIPlanPtr reset_queue_plan = NULL;

typedef enum CancelStep
{
	CANCEL_DONE,     /* it has been cancelled, or its worker has been told */
	CANCEL_TOO_LATE, /* it has ended */
	CANCEL_CHANGED   /* it changed while we looked */
} CancelStep;

/*
 * Connected to SPI.  values: room for two more.
 */
static CancelStep
cancel_running(const pg_uuid_t *id, Datum *values, char *nulls)
{
	Datum *worker = values + TASK_VISIBLE_COUNT;
	char *worker_nulls = nulls + TASK_VISIBLE_COUNT;
	bool isnull;

	owner_prepare(&find_plan, FIND, lengthof(visible_types), visible_types);
	if (task_execute(find_plan, values, nulls, SPI_OK_SELECT) == 0)
		task_raise_unknown(id);
	if (strcmp(TextDatumGetCString(task_column(1, &isnull)), "PENDING") == 0)
		return CANCEL_CHANGED;
	if (strcmp(TextDatumGetCString(task_column(1, &isnull)), "PROCESSING") != 0)
		return CANCEL_TOO_LATE;
	worker[0] = task_column(2, &isnull);
	worker_nulls[0] = isnull ? 'n' : ' ';
	worker[1] = task_column(3, &isnull);
	worker_nulls[1] = isnull ? 'n' : ' ';
	if (board_exists() && board_cancel_task(id))
		return CANCEL_DONE;
	/* nobody is at it any more */
	owner_prepare(&cancel_lost_plan, CANCEL_LOST, lengthof(lost_types), lost_types);
	return task_execute(cancel_lost_plan, values, nulls, SPI_OK_UPDATE) == 1 ? CANCEL_DONE
																			 : CANCEL_CHANGED;
}

bool
task_cancel(const pg_uuid_t *id)
{
	Datum values[TASK_VISIBLE_COUNT + 2];
	char nulls[TASK_VISIBLE_COUNT + 2];
	CancelStep step = CANCEL_CHANGED;
	OwnerScope scope;
	bool waited;

	task_visible_values(id, values, nulls);
	task_scope_enter(&scope);
	owner_prepare(&cancel_waiting_plan, CANCEL_WAITING, lengthof(visible_types), visible_types);
	do
	{
		CHECK_FOR_INTERRUPTS();
		waited = task_execute(cancel_waiting_plan, values, nulls, SPI_OK_UPDATE) == 1;
		step = waited ? CANCEL_DONE : cancel_running(id, values, nulls);
	} while (step == CANCEL_CHANGED);
	owner_scope_leave(&scope);
	if (waited)
		task_notify(id, "CANCELLED");
	return step == CANCEL_DONE;
}

Datum
sql_agent_task_cancel(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("task_cancel()");
	PG_RETURN_BOOL(task_cancel(PG_GETARG_UUID_P(0)));
}

/*
 * The task will run with the rights of its owner: seeing it is not enough.
 * Connected to SPI, to a row of FIND.  Returns the tenant, or
 * NULL.
 */
static TenantRecord *
require_may_retry(void)
{
	TenantRecord *record;
	Datum tenant;
	bool isnull;

	if (!DatumGetBool(task_column(5, &isnull)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to run the task again"),
				 errdetail("Only its owner, superusers and members of role \"%s\" may do so.",
						   ADMIN_ROLE)));
	tenant = task_column(4, &isnull);
	if (isnull)
		return NULL;
	record = palloc(sizeof(TenantRecord));
	if (!registry_find_tenant(NameStr(*DatumGetName(tenant)), record))
		return NULL;
	if (record->suspended)
		identity_raise_suspended(record->name);
	return record;
}

/*
 * A task that was enqueued since under the same unique key has its place.
 */
static void
require_key_free(Datum *values)
{
	bool isnull;

	owner_prepare(&find_successor_plan, FIND_SUCCESSOR, 1, visible_types);
	if (task_execute(find_successor_plan, values, NULL, SPI_OK_SELECT) > 0)
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT),
						errmsg("another task of the same unique key has not ended"),
						errdetail("It is task %s.", DatumGetCString(DirectFunctionCall1(
														uuid_out, task_column(1, &isnull))))));
}

Datum
sql_agent_task_retry(PG_FUNCTION_ARGS)
{
	pg_uuid_t *id = PG_GETARG_UUID_P(0);
	Datum values[TASK_VISIBLE_COUNT];
	char nulls[TASK_VISIBLE_COUNT];
	TenantOptions options;
	TenantRecord *tenant;
	OwnerScope scope;
	bool done;

	PreventCommandIfReadOnly("task_retry()");
	task_visible_values(id, values, nulls);
	task_scope_enter(&scope);
	owner_prepare(&find_plan, FIND, lengthof(visible_types), visible_types);
	if (task_execute(find_plan, values, nulls, SPI_OK_SELECT) == 0)
		task_raise_unknown(id);
	tenant = require_may_retry();
	require_key_free(values);
	owner_prepare(&retry_plan, RETRY_ENDED, lengthof(visible_types), visible_types);
	done = task_execute(retry_plan, values, nulls, SPI_OK_UPDATE) == 1;
	if (done && tenant != NULL)
	{
		tenant_options_read(tenant->options, &options);
		task_require_room(tenant->name, &options);
	}
	owner_scope_leave(&scope);
	if (done)
	{
		task_wake_at_commit();
		task_notify(id, "PENDING");
	}
	PG_RETURN_BOOL(done);
}

/* for SQL functions that make tasks ready */
Datum
sql_agent_task_wake(PG_FUNCTION_ARGS)
{
	task_wake_at_commit();
	PG_RETURN_VOID();
}

static void
require_operator(const char *function)
{
	if (!identity_is_operator())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for %s", function),
				 errdetail("Only superusers and members of role \"%s\" may call it.", ADMIN_ROLE)));
	PreventCommandIfReadOnly(function);
}

static void
check_places(FunctionCallInfo fcinfo, int argument, int least, const char *name)
{
	int places;

	if (PG_ARGISNULL(argument))
		return;
	places = PG_GETARG_INT32(argument);
	if (places < least || places > MOST_PLACES)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s must be from %d to %d", name, least, MOST_PLACES)));
}

Datum
sql_agent_queue_set(PG_FUNCTION_ARGS)
{
	Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2),
					  PG_GETARG_DATUM(3)};
	char nulls[lengthof(values)];
	OwnerScope scope;

	require_operator("queue_set()");
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("queue must not be null")));
	if (NameStr(*PG_GETARG_NAME(0))[0] == '\0')
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME), errmsg("queue must not be empty")));
	check_places(fcinfo, 1, 1, "places");
	check_places(fcinfo, 2, 0, "places_per_tenant");
	for (int i = 0; i < lengthof(values); i++)
		nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
	owner_scope_enter(&scope);
	owner_prepare(&set_queue_plan, SET_QUEUE, lengthof(queue_types), queue_types);
	(void) task_execute(set_queue_plan, values, nulls, SPI_OK_INSERT);
	owner_scope_leave(&scope);
	task_wake_at_commit();
	PG_RETURN_VOID();
}

Datum
sql_agent_queue_reset(PG_FUNCTION_ARGS)
{
	Datum values[] = {PG_GETARG_DATUM(0)};
	OwnerScope scope;
	bool done;

	require_operator("queue_reset()");
	owner_scope_enter(&scope);
	owner_prepare(&reset_queue_plan, RESET_QUEUE, 1, queue_types);
	done = task_execute(reset_queue_plan, values, NULL, SPI_OK_DELETE) == 1;
	owner_scope_leave(&scope);
	task_wake_at_commit();
	PG_RETURN_BOOL(done);
}
