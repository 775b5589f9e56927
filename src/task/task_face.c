/*-------------------------------------------------------------------------
 *
 * task_face.c
 *		SQL functions task_status() and task_wait(); who may see a task.
 *
 * A task is seen by its owner (while it belongs to the task's tenant), by the
 * administrators of its tenant, and by operators.  Payload, result and error
 * are the owner's and the operators' alone.  For others the task does not exist.
 *
 * How far a running task is stands on the board, for its row is locked up in
 * the transaction that works on it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xact.h"
#include "common/errors.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "task/board.h"
#include "task/claim.h"
#include "task/task.h"
#include "task/task_int.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(sql_agent_task_status);
PG_FUNCTION_INFO_V1(sql_agent_task_wait);

/* ms between two looks of task_wait() */
#define FIRST_PAUSE   5
#define LONGEST_PAUSE 200

#define RESTORED "waits for resume_after_restore(): it was restored or copied from another database"

/* $1 .. $7 are those of task_visible_values(), $8 and $9 what the board says */
#define STATUS                                                                                     \
	"SELECT status, xmin, home = $2, jsonb_build_object("                                          \
	"'task_id', id, 'status', status,"                                                             \
	" 'progress', CASE WHEN status = 'PROCESSING' THEN coalesce($8, progress) ELSE progress END,"  \
	" 'message', CASE WHEN home <> $2 AND status IN ('PENDING', 'PROCESSING') THEN '" RESTORED "'" \
	" WHEN held THEN 'waits for tenant_resume()'"                                                  \
	" WHEN status = 'PROCESSING' THEN coalesce($9, message) ELSE message END,"                     \
	" 'result', CASE WHEN $7 OR " TASK_IS_OWN " THEN result END,"                                  \
	" 'error', CASE WHEN $7 OR " TASK_IS_OWN " THEN error END,"                                    \
	" 'queue', queue, 'kind', kind, 'attempts', attempts, 'created_at', created_at,"               \
	" 'started_at', started_at, 'finished_at', finished_at)"                                       \
	" FROM sql_agent.task WHERE id = $1 AND " TASK_IS_VISIBLE

static Oid status_types[] = {TASK_VISIBLE_TYPES, FLOAT4OID, TEXTOID};

/* kept for the life of the backend */
static SPIPlanPtr status_plan = NULL;

/* a task as its caller sees it */
typedef struct TaskView
{
	bool ended;
	bool at_home;
	bool uncommitted; /* written by this very transaction */
	Jsonb *document;
} TaskView;

void
task_visible_values(const pg_uuid_t *id, Datum *values, char *nulls)
{
	Oid role = GetUserId();
	const TenantIdentity *identity = tenant_identity(role);
	bool member = identity->state == TENANT_ONE;

	memset(nulls, ' ', TASK_VISIBLE_COUNT);
	values[0] = UUIDPGetDatum(id);
	values[1] = CStringGetTextDatum(task_home());
	values[2] = ObjectIdGetDatum(role);
	values[3] = task_name_datum(GetUserNameFromId(role, false));
	values[4] = member ? task_name_datum(identity->name) : (Datum) 0;
	nulls[4] = member ? ' ' : 'n';
	values[5] = values[4];
	nulls[5] = member && identity->admin ? ' ' : 'n';
	values[6] = BoolGetDatum(identity_is_operator());
}

void
task_raise_unknown(const pg_uuid_t *id)
{
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
					errmsg("task %s does not exist",
						   DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)))),
					errhint("View sql_agent.tasks lists those that you can see.")));
}

/*
 * What the board says of a running task: nothing where it is not running.
 */
static void
read_board(const pg_uuid_t *id, Datum *values, char *nulls)
{
	BoardWorker *workers;
	int count;

	nulls[0] = nulls[1] = 'n';
	values[0] = values[1] = (Datum) 0;
	if (!board_exists())
		return;
	workers = board_workers(MyDatabaseId, &count);
	for (int i = 0; i < count; i++)
	{
		if (!workers[i].busy || memcmp(&workers[i].task, id, sizeof(pg_uuid_t)) != 0)
			continue;
		nulls[0] = ' ';
		values[0] = Float4GetDatum(task_shown_progress(workers[i].progress));
		if (workers[i].message[0] != '\0')
		{
			nulls[1] = ' ';
			values[1] = CStringGetTextDatum(workers[i].message);
		}
	}
	if (workers != NULL)
		pfree(workers);
}

/*
 * Under a snapshot of its own.  Raises where the caller may not see the task.
 */
static void
look(const pg_uuid_t *id, TaskView *view)
{
	MemoryContext context = CurrentMemoryContext;
	Datum values[TASK_VISIBLE_COUNT + 2];
	char nulls[TASK_VISIBLE_COUNT + 2];
	OwnerScope scope;
	MemoryContext old;
	bool isnull;
	char *status;
	bool found;

	task_visible_values(id, values, nulls);
	read_board(id, values + TASK_VISIBLE_COUNT, nulls + TASK_VISIBLE_COUNT);
	task_scope_enter(&scope);
	owner_prepare(&status_plan, STATUS, lengthof(status_types), status_types);
	found = task_execute(status_plan, values, nulls, SPI_OK_SELECT) == 1;
	if (found)
	{
		status = TextDatumGetCString(task_column(1, &isnull));
		view->ended = strcmp(status, "PENDING") != 0 && strcmp(status, "PROCESSING") != 0;
		view->uncommitted =
			TransactionIdIsCurrentTransactionId(DatumGetTransactionId(task_column(2, &isnull)));
		view->at_home = DatumGetBool(task_column(3, &isnull));
		old = MemoryContextSwitchTo(context);
		view->document = DatumGetJsonbPCopy(task_column(4, &isnull));
		MemoryContextSwitchTo(old);
	}
	owner_scope_leave(&scope);
	if (!found)
		task_raise_unknown(id);
}

Datum
sql_agent_task_status(PG_FUNCTION_ARGS)
{
	TaskView view;

	look(PG_GETARG_UUID_P(0), &view);
	PG_RETURN_JSONB_P(view.document);
}

/*
 * Waiting makes no sense where the end could never be seen.
 */
static void
require_end_in_sight(const TaskView *view)
{
	const char *why;
	const char *hint;

	if (view->uncommitted)
		ereport(ERROR,
				(errcode(ERRCODE_AGENT_TASK_NOT_STARTED),
				 errmsg("a task that this transaction enqueued can not have started"),
				 errhint("Commit first: then workers see it, and task_wait() can wait for it.")));
	if (IsolationUsesXactSnapshot())
		ereport(ERROR, (errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
						errmsg("task_wait() can not see the end of a task in this transaction"),
						errdetail("A repeatable read or serializable transaction sees nothing "
								  "that is committed after it began."),
						errhint("Wait in a read committed transaction.")));
	if (!view->at_home)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the task was restored or copied from another database and will not run"),
				 errhint("A superuser can let such tasks run: SELECT "
						 "sql_agent.resume_after_restore();")));
	if (!task_workers_available(&why, &hint))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("nobody works on tasks"),
				 errdetail_internal("%s", why), errhint("%s", hint)));
}

/*
 * Interruptible.  until: DT_NOEND = as long as it takes.
 */
static void
pause_until(TimestampTz until, long pause)
{
	long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);

	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, Min(pause, left + 1),
					 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

static TimestampTz
end_of_wait(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(1))
		return DT_NOEND;
	return DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval,
												   TimestampTzGetDatum(GetCurrentTimestamp()),
												   IntervalPGetDatum(PG_GETARG_INTERVAL_P(1))));
}

/*
 * Each look has a memory context that is emptied after it: a wait may be long.
 */
Datum
sql_agent_task_wait(PG_FUNCTION_ARGS)
{
	MemoryContext context;
	MemoryContext old;
	TimestampTz until;
	long pause = FIRST_PAUSE;
	pg_uuid_t id;
	TaskView view;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	id = *PG_GETARG_UUID_P(0);
	until = end_of_wait(fcinfo);
	context =
		AllocSetContextCreate(CurrentMemoryContext, "sql_agent task_wait", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	for (;;)
	{
		look(&id, &view);
		if (view.ended)
			break;
		require_end_in_sight(&view);
		if (GetCurrentTimestamp() >= until)
			break;
		pause_until(until, pause);
		pause = Min(pause * 3 / 2, LONGEST_PAUSE);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old);
	PG_RETURN_JSONB_P(view.document);
}
