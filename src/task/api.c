/*-------------------------------------------------------------------------
 *
 * api.c
 *		What libraries of other extensions use of the queue.
 *
 * The one function that leaves this library for them.  They find it with
 *		load_external_function("sql_agent", "sql_agent_task_api", true, NULL)
 * in their _PG_init, which loads sql_agent where it is not loaded yet.  A worker
 * knows their kinds only where they are preloaded as well.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "task/task.h"

extern PGDLLEXPORT const TaskApi *sql_agent_task_api(int version);

static void
report_progress(double percent, const char *message)
{
	task_report_progress(percent, "%s", message);
}

static const TaskApi api = {task_register_kind, task_enqueue, report_progress, task_pause,
							task_resume};

const TaskApi *
sql_agent_task_api(int version)
{
	if (version != TASK_API_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("this sql_agent offers version %d of its interface for tasks, not %d",
						TASK_API_VERSION, version)));
	return &api;
}
