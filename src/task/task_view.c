/*-------------------------------------------------------------------------
 *
 * task_view.c
 *		What the views tasks, queues and workers are made of.
 *
 * Functions in a view run with the rights of who looks at it, so anybody may
 * call them: they show only what the caller may see.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "miscadmin.h"
#include "task/board.h"
#include "task/claim.h"
#include "task/task_int.h"
#include "tenant/identity.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(sql_agent_task_workers);
PG_FUNCTION_INFO_V1(sql_agent_task_home);
PG_FUNCTION_INFO_V1(sql_agent_queue_places);
PG_FUNCTION_INFO_V1(sql_agent_queue_places_per_tenant);

#define WORKER_COLUMNS 12

/* is the task one that the caller may see? */
#define IS_SEEN "SELECT 1 FROM sql_agent.task WHERE id = $1 AND " TASK_IS_VISIBLE

static Oid seen_types[] = {TASK_VISIBLE_TYPES};

/* kept for the life of the backend */
static SPIPlanPtr seen_plan = NULL;

float4
task_shown_progress(double progress)
{
	return (float4) (rint(progress * 10) / 10);
}

/* an operator sees idle workers too */
static bool
may_see(const BoardWorker *worker, bool may_all)
{
	Datum values[TASK_VISIBLE_COUNT];
	char nulls[TASK_VISIBLE_COUNT];
	OwnerScope scope;
	bool seen;

	if (may_all || !worker->busy)
		return may_all;
	task_visible_values(&worker->task, values, nulls);
	task_scope_enter(&scope);
	owner_prepare(&seen_plan, IS_SEEN, lengthof(seen_types), seen_types);
	seen = task_execute(seen_plan, values, nulls, SPI_OK_SELECT) == 1;
	owner_scope_leave(&scope);
	return seen;
}

static void
put_worker(ReturnSetInfo *rsinfo, const BoardWorker *worker)
{
	Datum values[WORKER_COLUMNS] = {0};
	bool nulls[WORKER_COLUMNS] = {0};

	values[0] = Int32GetDatum(worker->pid);
	values[1] = TimestampTzGetDatum(worker->started);
	values[2] = CStringGetTextDatum(worker->cancel_requested ? "stopping"
									: worker->busy           ? "working"
															 : "idle");
	values[3] = TimestampTzGetDatum(worker->since);
	if (worker->busy)
	{
		values[4] = UUIDPGetDatum(&worker->task);
		values[5] = task_name_datum(worker->kind);
		values[6] = task_name_datum(worker->queue);
		values[8] = Float4GetDatum(task_shown_progress(worker->progress));
	}
	nulls[4] = nulls[5] = nulls[6] = nulls[8] = !worker->busy;
	nulls[7] = !worker->busy || strncmp(worker->fair_key, "t:", 2) != 0;
	if (!nulls[7])
		values[7] = task_name_datum(worker->fair_key + 2);
	nulls[9] = worker->message[0] == '\0';
	if (!nulls[9])
		values[9] = CStringGetTextDatum(worker->message);
	values[10] = Int64GetDatum(worker->tasks_done);
	values[11] = Int64GetDatum(worker->tasks_failed);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

Datum
sql_agent_task_workers(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool may_all = identity_is_operator();
	BoardWorker *workers;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	if (!board_exists())
		return (Datum) 0;
	workers = board_workers(MyDatabaseId, &count);
	for (int i = 0; i < count; i++)
		if (workers[i].pid != 0 && may_see(&workers[i], may_all))
			put_worker(rsinfo, &workers[i]);
	return (Datum) 0;
}

Datum
sql_agent_task_home(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(task_home()));
}

Datum
sql_agent_queue_places(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(task_default_places(NameStr(*PG_GETARG_NAME(0))));
}

Datum
sql_agent_queue_places_per_tenant(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(task_default_places_per_tenant(PG_GETARG_INT32(0)));
}
