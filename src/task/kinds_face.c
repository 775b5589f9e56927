/*-------------------------------------------------------------------------
 *
 * kinds_face.c
 *		SQL functions task_kinds() and task_enqueue().
 *
 * A person may enqueue kinds that are open.  Those that are not are enqueued by
 * functions of their own, which know what to check.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/display.h"
#include "miscadmin.h"
#include "task/task.h"
#include "task/task_int.h"
#include "tenant/identity.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(sql_agent_task_kinds);
PG_FUNCTION_INFO_V1(sql_agent_task_enqueue);

#define KIND_COLUMNS 7

static const char *
effect_name(TaskEffect effect)
{
	switch (effect)
	{
		case TASK_TRANSACTIONAL:
			return "transactional";
		case TASK_IDEMPOTENT:
			return "idempotent";
		case TASK_ONCE:
			return "once";
	}
	pg_unreachable();
}

Datum
sql_agent_task_kinds(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < task_count_kinds(); i++)
	{
		const TaskKind *kind = task_kind_at(i);
		Interval timeout = {.time = kind->timeout * USECS_PER_SEC};
		Datum values[KIND_COLUMNS] = {DirectFunctionCall1(namein, CStringGetDatum(kind->name)),
									  DirectFunctionCall1(namein, CStringGetDatum(kind->queue)),
									  IntervalPGetDatum(&timeout),
									  Int32GetDatum(kind->max_attempts),
									  CStringGetTextDatum(effect_name(kind->effect)),
									  BoolGetDatum(kind->installation),
									  BoolGetDatum(kind->open)};
		bool nulls[KIND_COLUMNS] = {[2] = kind->timeout == 0};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

void
task_require_open_kind(const char *name)
{
	const TaskKind *kind = task_find_kind(name);

	if (kind == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("task kind \"%s\" does not exist", display_escape(name)),
						errhint("SELECT * FROM sql_agent.task_kinds() lists them.")));
	if (!kind->open)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("tasks of kind \"%s\" are not enqueued by hand", kind->name),
						errhint("SELECT * FROM sql_agent.task_kinds() WHERE open lists those that "
								"are.")));
	if (kind->installation && !identity_is_operator())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to enqueue tasks of kind \"%s\"", kind->name),
						errdetail("They work for the whole installation: only superusers and "
								  "members of role \"%s\" may do so.",
								  ADMIN_ROLE)));
}

Datum
sql_agent_task_enqueue(PG_FUNCTION_ARGS)
{
	TaskRequest request = {0};
	pg_uuid_t *id = palloc(sizeof(pg_uuid_t));

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("kind must not be null")));
	request.kind = NameStr(*PG_GETARG_NAME(0));
	task_require_open_kind(request.kind);
	if (!PG_ARGISNULL(1))
		request.payload = PG_GETARG_JSONB_P(1);
	if (!PG_ARGISNULL(2))
		request.queue = NameStr(*PG_GETARG_NAME(2));
	if (!PG_ARGISNULL(3))
		request.priority = PG_GETARG_INT32(3);
	if (!PG_ARGISNULL(4))
		request.run_at = PG_GETARG_TIMESTAMPTZ(4);
	if (!PG_ARGISNULL(5))
		request.unique_key = text_to_cstring(PG_GETARG_TEXT_PP(5));
	*id = task_enqueue(&request);
	PG_RETURN_UUID_P(id);
}
