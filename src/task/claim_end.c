/*-------------------------------------------------------------------------
 *
 * claim_end.c
 *		How a task ended, and tasks whose worker was lost.
 *
 * The end is written where the row still says that this worker has the task.
 * So a worker that was taken for dead, or whose task was deleted, can not
 * commit what it did: writing the end raises, and the work goes with it.
 *
 * A task has lost its worker when its row says PROCESSING and the board does not
 * know that worker to be at it: a crash emptied the board, or the process died.
 * No clock is involved.  The board's slot is filled before the row is committed
 * and emptied after the end is committed; the row is read before the board.
 * So a task that has a worker is never taken for lost, and one that ended in
 * between is found to have changed when it is locked.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "common/json.h"
#include "common/owner.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "task/claim.h"
#include "task/task.h"
#include "task/task_int.h"
#include "utils/builtins.h"

/* bytes of a text of an error that are kept */
#define ERROR_TEXT_MAX 8192
/* rows that are looked at in one go */
#define REAP_LIMIT 1000

#define IS_MINE \
	" WHERE id = $1 AND status = 'PROCESSING' AND worker_pid = $2 AND worker_started = $3"
#define HAS_ENDED "worker_pid = NULL, worker_started = NULL, finished_at = clock_timestamp()"

#define FINISH                                                                        \
	"UPDATE sql_agent.task SET status = $4, result = $5, message = $6, error = NULL," \
	" progress = CASE $4 WHEN 'SUCCESS' THEN 100 ELSE progress END, " HAS_ENDED IS_MINE

/*
 * The wait doubles from 10 s to an hour; chance keeps tasks that failed together
 * from coming back together.
 */
#define RETRY_SET                                                                         \
	" status = 'PENDING', ready = false, progress = 0, worker_pid = NULL,"                \
	" worker_started = NULL, run_at = clock_timestamp() + least(power(2, least(attempts," \
	" 20)) * 5, 3600) * (0.5 + random()) * interval '1 second'"

/* $5: may it be tried again? */
#define RETRY                                                                 \
	"UPDATE sql_agent.task SET error = $4, message = NULL," RETRY_SET IS_MINE \
	" AND $5 AND attempts < max_attempts"

#define FAIL \
	"UPDATE sql_agent.task SET status = 'FAILURE', error = $4, message = NULL, " HAS_ENDED IS_MINE

/*
 * The time of the next try is not the back-off's.  Where the tenant is suspended
 * it is held; the lock keeps tenant_resume() from missing it.
 */
#define PUT_BACK                                                                              \
	"UPDATE sql_agent.task t SET status = 'PENDING', ready = false, attempts = attempts - 1," \
	" progress = 0, worker_pid = NULL, worker_started = NULL, started_at = NULL,"             \
	" run_at = $4, message = $5, held = EXISTS (SELECT FROM sql_agent.tenant n"               \
	" WHERE n.name = t.tenant AND n.suspended_at IS NOT NULL FOR SHARE SKIP LOCKED)" IS_MINE

#define RUNNING                                                            \
	"SELECT id, kind, worker_pid, worker_started, attempts < max_attempts" \
	" FROM sql_agent.task WHERE home = $1 AND status = 'PROCESSING' LIMIT $2"

/* locks it unless somebody else has it; the same worker still */
#define LOCK_LOST "SELECT 1 FROM sql_agent.task" IS_MINE " FOR UPDATE SKIP LOCKED"

static Oid finish_types[] = {UUIDOID, INT4OID, TIMESTAMPTZOID, TEXTOID, JSONBOID, TEXTOID};
static Oid retry_types[] = {UUIDOID, INT4OID, TIMESTAMPTZOID, JSONBOID, BOOLOID};
static Oid fail_types[] = {UUIDOID, INT4OID, TIMESTAMPTZOID, JSONBOID};
static Oid put_back_types[] = {UUIDOID, INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID};
static Oid running_types[] = {TEXTOID, INT4OID};

/* kept for the life of the backend */
static SPIPlanPtr finish_plan = NULL;
static SPIPlanPtr retry_plan = NULL;
static SPIPlanPtr fail_plan = NULL;
static SPIPlanPtr put_back_plan = NULL;
static SPIPlanPtr running_plan = NULL;
static SPIPlanPtr lock_lost_plan = NULL;

/* whose task it is */
typedef struct TaskHolder
{
	pg_uuid_t id;
	int pid;
	TimestampTz started;
} TaskHolder;

static TaskHolder
me(const pg_uuid_t *id)
{
	TaskHolder holder = {*id, MyProcPid, board_my_start()};

	return holder;
}

/* $1 .. $3 */
static void
set_holder(Datum *values, const TaskHolder *holder)
{
	values[0] = UUIDPGetDatum(&holder->id);
	values[1] = Int32GetDatum(holder->pid);
	values[2] = TimestampTzGetDatum(holder->started);
}

static void
raise_lost(const pg_uuid_t *id)
{
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("task %s is no more this worker's",
						   DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)))),
					errdetail("It was deleted, or given to another worker, while it ran.")));
}

static void
finish(const pg_uuid_t *id, const char *status, Jsonb *result, const char *message)
{
	TaskHolder holder = me(id);
	Datum values[6] = {0};
	char nulls[6] = {' ', ' ', ' ', ' ', result ? ' ' : 'n', message ? ' ' : 'n'};
	OwnerScope scope;

	set_holder(values, &holder);
	values[3] = CStringGetTextDatum(status);
	if (result != NULL)
		values[4] = JsonbPGetDatum(result);
	if (message != NULL)
		values[5] = CStringGetTextDatum(message);
	task_scope_enter(&scope);
	owner_prepare(&finish_plan, FINISH, lengthof(finish_types), finish_types);
	if (task_execute(finish_plan, values, nulls, SPI_OK_UPDATE) != 1)
		raise_lost(id);
	owner_scope_leave(&scope);
	task_notify(id, status);
}

void
claim_finish_success(const pg_uuid_t *id, Jsonb *result, const char *message)
{
	finish(id, "SUCCESS", result, message);
}

void
claim_finish_cancelled(const pg_uuid_t *id, const char *message)
{
	finish(id, "CANCELLED", NULL, message);
}

static char *
error_text(const char *text)
{
	if (text == NULL)
		return NULL;
	return pnstrdup(text, pg_mbcliplen(text, strlen(text), ERROR_TEXT_MAX));
}

static Jsonb *
error_document(const char *sqlstate, const char *message, const char *detail, const char *hint,
			   const char *context)
{
	JsonBuilder json;

	json_start(&json);
	json_begin_object(&json, NULL);
	json_string(&json, "sqlstate", sqlstate);
	json_string(&json, "message", error_text(message));
	json_string(&json, "detail", error_text(detail));
	json_string(&json, "hint", error_text(hint));
	json_string(&json, "context", error_text(context));
	json_end_object(&json);
	return json_finish(&json);
}

/*
 * Connected to SPI.  Returns the state that the task is in now, or NULL where it
 * was not the holder's any more.
 */
static const char *
end_or_retry(const TaskHolder *holder, Jsonb *error, bool may_retry)
{
	Datum values[5];

	set_holder(values, holder);
	values[3] = JsonbPGetDatum(error);
	values[4] = BoolGetDatum(may_retry);
	owner_prepare(&retry_plan, RETRY, lengthof(retry_types), retry_types);
	owner_prepare(&fail_plan, FAIL, lengthof(fail_types), fail_types);
	if (task_execute(retry_plan, values, NULL, SPI_OK_UPDATE) == 1)
		return "PENDING";
	if (task_execute(fail_plan, values, NULL, SPI_OK_UPDATE) == 1)
		return "FAILURE";
	return NULL;
}

bool
claim_finish_failure(const pg_uuid_t *id, const ErrorData *error, bool may_retry)
{
	TaskHolder holder = me(id);
	OwnerScope scope;
	const char *status;

	task_scope_enter(&scope);
	status = end_or_retry(&holder,
						  error_document(unpack_sql_state(error->sqlerrcode), error->message,
										 error->detail, error->hint, error->context),
						  may_retry);
	owner_scope_leave(&scope);
	if (status == NULL)
		return false;
	task_notify(id, status);
	return strcmp(status, "PENDING") == 0;
}

void
claim_put_back(const pg_uuid_t *id, TimestampTz run_at, const char *message)
{
	TaskHolder holder = me(id);
	Datum values[5] = {0};
	char nulls[5] = {' ', ' ', ' ', ' ', message ? ' ' : 'n'};
	OwnerScope scope;

	set_holder(values, &holder);
	values[3] = TimestampTzGetDatum(run_at);
	if (message != NULL)
		values[4] = CStringGetTextDatum(message);
	task_scope_enter(&scope);
	owner_prepare(&put_back_plan, PUT_BACK, lengthof(put_back_types), put_back_types);
	if (task_execute(put_back_plan, values, nulls, SPI_OK_UPDATE) != 1)
		raise_lost(id);
	owner_scope_leave(&scope);
}

/*
 * A task that reaches outside is not run again where nobody knows how far it
 * came.  Nor is one of a kind that this process does not know.
 */
static Jsonb *
lost_error(const TaskKind *kind)
{
	bool partly = kind == NULL || kind->effect == TASK_ONCE;

	return error_document(
		unpack_sql_state(ERRCODE_CRASH_SHUTDOWN), "the worker ended while the task ran",
		partly ? "It may have been done in part, so it is not run again by itself." : NULL,
		partly ? "When it may be done twice, start it again with task_retry()." : NULL, NULL);
}

/*
 * Where the worker is at it still, or the row has changed, nothing happens.
 */
static bool
reap(const TaskHolder *holder, const char *kind_name, bool attempts_left)
{
	const TaskKind *kind = task_find_kind(kind_name);
	bool repeatable = kind != NULL && kind->effect != TASK_ONCE;
	Datum values[3];
	const char *status;

	if (board_is_working(&holder->id, holder->pid, holder->started))
		return false;
	set_holder(values, holder);
	owner_prepare(&lock_lost_plan, LOCK_LOST, lengthof(values), fail_types);
	if (task_execute(lock_lost_plan, values, NULL, SPI_OK_SELECT) == 0)
		return false;
	status = end_or_retry(holder, lost_error(kind), repeatable);
	if (status == NULL)
		return false;
	ereport(LOG, (errmsg("task %s of kind \"%s\" has lost its worker (PID %d)",
						 DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&holder->id))),
						 kind_name, holder->pid),
				  repeatable && attempts_left ? errdetail("It will be run again.")
											  : errdetail("It has failed.")));
	task_notify(&holder->id, status);
	return true;
}

int
claim_reap(void)
{
	Datum values[] = {CStringGetTextDatum(task_home()), Int32GetDatum(REAP_LIMIT)};
	OwnerScope scope;
	SPITupleTable *rows;
	int reaped = 0;

	task_scope_enter(&scope);
	owner_prepare(&running_plan, RUNNING, lengthof(running_types), running_types);
	(void) task_execute(running_plan, values, NULL, SPI_OK_SELECT);
	rows = SPI_tuptable;
	for (uint64 i = 0; i < rows->numvals; i++)
	{
		TaskHolder holder = {0};
		Datum value;
		bool isnull;
		char *kind;

		holder.id = *DatumGetUUIDP(SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &isnull));
		kind = SPI_getvalue(rows->vals[i], rows->tupdesc, 2);
		value = SPI_getbinval(rows->vals[i], rows->tupdesc, 3, &isnull);
		holder.pid = isnull ? 0 : DatumGetInt32(value);
		value = SPI_getbinval(rows->vals[i], rows->tupdesc, 4, &isnull);
		holder.started = isnull ? 0 : DatumGetTimestampTz(value);
		value = SPI_getbinval(rows->vals[i], rows->tupdesc, 5, &isnull);
		if (reap(&holder, kind, DatumGetBool(value)))
			reaped++;
	}
	owner_scope_leave(&scope);
	return reaped;
}
