/*-------------------------------------------------------------------------
 *
 * schedule_tick.c
 *		Enqueues the tasks of schedules that are due; what workers call.
 *
 * The task and the schedule's next time are written in one transaction, with
 * the schedule's row locked: a time comes once, however many workers look and
 * whatever the clock does.  A row that another worker has locked is that
 * worker's.  The next time is later than both now and the time that was due, so
 * a clock that is put back brings no time again.
 *
 * Of several times that passed while nobody looked one run is made up for, or
 * none, as the schedule says.  While its last task has not ended a schedule
 * enqueues no other.  What is left out is counted, with the reason.
 *
 * One schedule must not stop the others: what fails is rolled back to a
 * savepoint.  A task that can not be enqueued (the tenant has too many) is left
 * out; a schedule that can never run (its role is gone) is paused and says why.
 * Only errors of the server itself end the tick.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "common/apart.h"
#include "miscadmin.h"
#include "task/claim.h"
#include "task/schedule.h"
#include "task/schedule_int.h"
#include "task/task_int.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(sql_agent_schedule_tick);

/* what comes later than that was missed, not just delayed */
#define LATE (60 * USECS_PER_SEC)
/* schedules of one tick; further ones have the next */
#define MAX_DUE 500

#define NOT_SUSPENDED                                                     \
	" NOT EXISTS (SELECT FROM sql_agent.tenant t WHERE t.name = s.tenant" \
	" AND t.suspended_at IS NOT NULL)"

#define DUE                                                                           \
	"SELECT " SCHEDULE_COLUMNS " FROM sql_agent.schedule s WHERE s.home = $1"         \
	" AND s.next_run <= $2 AND" NOT_SUSPENDED " ORDER BY s.home, s.next_run LIMIT $3" \
	" FOR UPDATE OF s SKIP LOCKED"

#define NEXT_DUE                                                    \
	"SELECT s.next_run FROM sql_agent.schedule s WHERE s.home = $1" \
	" AND s.next_run IS NOT NULL AND" NOT_SUSPENDED " ORDER BY s.home, s.next_run LIMIT 1"

#define MARK_RUN                                                                          \
	"UPDATE sql_agent.schedule SET next_run = $2, owner_role = coalesce($3, owner_role)," \
	" last_run = $4, last_task = $5, runs = runs + 1 WHERE id = $1"

#define MARK_SKIPPED                                                                      \
	"UPDATE sql_agent.schedule SET next_run = $2, owner_role = coalesce($3, owner_role)," \
	" skipped = skipped + 1, last_skip = $4, last_skip_reason = $5 WHERE id = $1"

#define MARK_PAUSED                                                                     \
	"UPDATE sql_agent.schedule SET next_run = NULL, paused_at = $2, paused_reason = $3" \
	" WHERE id = $1"

static Oid due_types[] = {TEXTOID, TIMESTAMPTZOID, INT8OID};
static Oid next_due_types[] = {TEXTOID};
static Oid run_types[] = {UUIDOID, TIMESTAMPTZOID, NAMEOID, TIMESTAMPTZOID, UUIDOID};
static Oid skipped_types[] = {UUIDOID, TIMESTAMPTZOID, NAMEOID, TIMESTAMPTZOID, TEXTOID};
static Oid paused_types[] = {UUIDOID, TIMESTAMPTZOID, TEXTOID};

/* kept for the life of the backend */
static SPIPlanPtr due_plan = NULL;
static SPIPlanPtr next_due_plan = NULL;
static SPIPlanPtr run_plan = NULL;
static SPIPlanPtr skipped_plan = NULL;
static SPIPlanPtr paused_plan = NULL;

/* one schedule that is due */
typedef struct DueRun
{
	Schedule *schedule;
	TimestampTz now;
	TimestampTz next;
	bool has_next;
	const char *renamed;
	pg_uuid_t task;
	bool enqueued;
} DueRun;

/* ---- what becomes of a schedule ---- */

static Datum
optional_name(const char *name, char *null)
{
	*null = name == NULL ? 'n' : ' ';
	return name == NULL ? (Datum) 0 : task_name_datum(name);
}

static void
mark_run(const DueRun *run)
{
	char nulls[] = "     ";
	Datum values[] = {UUIDPGetDatum(&run->schedule->id), TimestampTzGetDatum(run->next),
					  optional_name(run->renamed, &nulls[2]), TimestampTzGetDatum(run->now),
					  UUIDPGetDatum(&run->task)};

	nulls[1] = run->has_next ? ' ' : 'n';
	owner_prepare(&run_plan, MARK_RUN, lengthof(run_types), run_types);
	(void) task_execute(run_plan, values, nulls, SPI_OK_UPDATE);
}

static void
mark_skipped(const DueRun *run, const char *reason)
{
	char nulls[] = "     ";
	Datum values[] = {UUIDPGetDatum(&run->schedule->id), TimestampTzGetDatum(run->next),
					  optional_name(run->renamed, &nulls[2]),
					  TimestampTzGetDatum(run->schedule->next_run), CStringGetTextDatum(reason)};

	nulls[1] = run->has_next ? ' ' : 'n';
	owner_prepare(&skipped_plan, MARK_SKIPPED, lengthof(skipped_types), skipped_types);
	(void) task_execute(skipped_plan, values, nulls, SPI_OK_UPDATE);
}

static void
mark_paused(const DueRun *run, const char *reason)
{
	Datum values[] = {UUIDPGetDatum(&run->schedule->id), TimestampTzGetDatum(run->now),
					  CStringGetTextDatum(reason)};

	owner_prepare(&paused_plan, MARK_PAUSED, lengthof(paused_types), paused_types);
	(void) task_execute(paused_plan, values, NULL, SPI_OK_UPDATE);
	ereport(LOG, (errmsg("schedule \"%s\" of role \"%s\" is paused: %s", run->schedule->name,
						 run->schedule->owner_name, reason)));
}

static void
enqueue(void *arg)
{
	DueRun *run = arg;

	run->task = schedule_enqueue(run->schedule);
}

/*
 * One time of one schedule.  What is raised here pauses it.
 */
static void
run_due(void *arg)
{
	DueRun *run = arg;
	Schedule *schedule = run->schedule;
	char *trouble = schedule_trouble(schedule, &run->renamed);
	ErrorData *error;

	if (trouble != NULL)
	{
		mark_paused(run, trouble);
		return;
	}
	run->has_next =
		schedule_next_time(&schedule->times, Max(run->now, schedule->next_run), &run->next);
	if (schedule->skip_missed && run->now - schedule->next_run > LATE)
		mark_skipped(run, "No worker was there when it was due.");
	else if (schedule_is_busy(schedule))
		mark_skipped(run, "The run before it had not ended.");
	else if ((error = apart_run(enqueue, run, 0)) != NULL)
		mark_skipped(run, error->message);
	else
	{
		mark_run(run);
		run->enqueued = true;
	}
}

/* ---- the tick ---- */

/* locks the rows; a list of Schedule */
static List *
lock_due(TimestampTz now)
{
	Datum values[] = {CStringGetTextDatum(task_home()), TimestampTzGetDatum(now),
					  Int64GetDatum(MAX_DUE)};
	List *due = NIL;
	uint64 rows;

	owner_prepare(&due_plan, DUE, lengthof(due_types), due_types);
	rows = task_execute(due_plan, values, NULL, SPI_OK_SELECT);
	for (uint64 i = 0; i < rows; i++)
		due = lappend(due, schedule_of_row(i));
	return due;
}

int
schedule_tick(void)
{
	OwnerScope scope;
	TimestampTz now = GetCurrentTimestamp();
	int enqueued = 0;
	ListCell *lc;

	task_scope_enter(&scope);
	foreach (lc, lock_due(now))
	{
		DueRun run = {.schedule = lfirst(lc), .now = now};
		ErrorData *error;

		CHECK_FOR_INTERRUPTS();
		error = apart_run(run_due, &run, 0);
		if (error != NULL)
			mark_paused(&run, error->message);
		else if (run.enqueued)
			enqueued++;
	}
	owner_scope_leave(&scope);
	return enqueued;
}

TimestampTz
schedule_next_due(void)
{
	Datum values[] = {CStringGetTextDatum(task_home())};
	OwnerScope scope;
	TimestampTz next = 0;
	bool isnull;

	task_scope_enter(&scope);
	owner_prepare(&next_due_plan, NEXT_DUE, lengthof(next_due_types), next_due_types);
	if (task_execute(next_due_plan, values, NULL, SPI_OK_SELECT) > 0)
		next = DatumGetTimestampTz(task_column(1, &isnull));
	owner_scope_leave(&scope);
	return next;
}

/*
 * schedule_tick(): for operators, where no workers run.
 */
Datum
sql_agent_schedule_tick(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("schedule_tick()");
	PreventCommandIfParallelMode("schedule_tick()");
	PG_RETURN_INT32(schedule_tick());
}
