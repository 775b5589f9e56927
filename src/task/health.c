/*-------------------------------------------------------------------------
 *
 * health.c
 *		SQL function health: is the installation well?
 *
 * For a probe each second: a few looks at shared memory and some queries by
 * index, each bounded.  Each check has a status of its own; the worst of them is
 * the whole's, and its message says why.  People who are no operators get the
 * statuses without the figures: how much others work is not theirs to know.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "common/json.h"
#include "common/owner.h"
#include "common/settings.h"
#include "ledger/ring.h"
#include "miscadmin.h"
#include "task/board.h"
#include "task/claim.h"
#include "task/task.h"
#include "task/task_int.h"
#include "tenant/identity.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(sql_agent_health);

/* no more are counted than this: a probe must stay cheap */
#define COUNT_MAX 10000
/* s that a ready task waits before somebody should look */
#define LATE_AFTER      60
#define VERY_LATE_AFTER 600
/* s: what models did before is no news */
#define RECENT_CALLS 3600

#define EXTENSION_VERSION "SELECT extversion FROM pg_extension WHERE extname = 'sql_agent'"

/* waiting and running tasks of other homes, by the partial indexes */
#define ELSEWHERE(state)                                        \
	"SELECT FROM sql_agent.task o WHERE o.home < $1 AND " state \
	" UNION ALL SELECT FROM sql_agent.task o WHERE o.home > $1 AND " state

/* what waits in a paused queue is not late */
#define READY                                                                          \
	"SELECT p.run_at FROM sql_agent.task p WHERE p.home = $1 AND p.status = 'PENDING'" \
	" AND p.ready AND NOT EXISTS (SELECT FROM sql_agent.task_queue q"                  \
	" WHERE q.queue = p.queue AND q.paused) LIMIT 10000"

#define COUNT_QUEUE                                                                                                                \
	"SELECT count(*), extract(epoch FROM clock_timestamp() - min(t.run_at))::float8,"                                              \
	" (SELECT count(*) FROM (" ELSEWHERE("o.status = 'PENDING' AND o.ready") " UNION ALL " ELSEWHERE(                              \
		"o.status = 'PENDING' AND NOT o.ready") " UNION ALL " ELSEWHERE("o.status = 'PROCESSING'") " LIMIT 10000) s) FROM (" READY \
																								   ") t"

#define LAST_CALLS                                                                          \
	"SELECT s.srvname, extract(epoch FROM clock_timestamp() - c.created_at)::float8,"       \
	" c.error_type FROM pg_foreign_server s"                                                \
	" JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw AND w.fdwname = 'sql_agent_llm'"   \
	" LEFT JOIN LATERAL (SELECT m.created_at, m.error_type FROM sql_agent.model_call m"     \
	"   WHERE m.sql_agent_server = s.srvname ORDER BY m.created_at DESC LIMIT 1) c ON true" \
	" ORDER BY s.srvname LIMIT 100"

static Oid count_types[] = {TEXTOID};
/* kept for the life of the backend */
static SPIPlanPtr version_plan = NULL;
static SPIPlanPtr count_plan = NULL;
static SPIPlanPtr calls_plan = NULL;

typedef enum Health
{
	HEALTHY,
	DEGRADED,
	UNHEALTHY
} Health;

static const char *const health_names[] = {"healthy", "degraded", "unhealthy"};

typedef struct Examination
{
	JsonBuilder json;
	bool in_full; /* figures as well */
	int busy;     /* workers that are at a task */
	Health worst;
	const char *message; /* of the worst, the first of several */
} Examination;

static void
begin_check(Examination *examination, const char *name)
{
	json_begin_object(&examination->json, name);
}

static void
number(Examination *examination, const char *key, int64 value)
{
	if (examination->in_full)
		json_int(&examination->json, key, value);
}

/* ends the check that was begun; message NULL = nothing to say */
static void
end_check(Examination *examination, Health health, const char *message)
{
	json_string(&examination->json, "status", health_names[health]);
	json_string(&examination->json, "message", message);
	json_end_object(&examination->json);
	if (health > examination->worst)
	{
		examination->worst = health;
		examination->message = message;
	}
}

static void
check_version(Examination *examination)
{
	OwnerScope scope;
	char *installed = NULL;
	bool isnull;

	task_scope_enter(&scope);
	owner_prepare(&version_plan, EXTENSION_VERSION, 0, NULL);
	if (task_execute(version_plan, NULL, NULL, SPI_OK_SELECT) == 1)
		installed = TextDatumGetCString(task_column(1, &isnull));
	if (installed)
		installed = MemoryContextStrdup(GetMemoryChunkContext(examination), installed);
	owner_scope_leave(&scope);
	begin_check(examination, "version");
	json_string(&examination->json, "library", SQL_AGENT_VERSION);
	json_string(&examination->json, "extension", installed);
	if (installed && strcmp(installed, SQL_AGENT_VERSION) == 0)
		end_check(examination, HEALTHY, NULL);
	else
		end_check(examination, UNHEALTHY,
				  "The library and the extension are not of the same version: run ALTER "
				  "EXTENSION sql_agent UPDATE, or restart the server.");
}

static void
check_server(Examination *examination)
{
	begin_check(examination, "server");
	json_bool(&examination->json, "standby", RecoveryInProgress());
	json_bool(&examination->json, "preloaded", board_exists());
	if (board_exists())
		end_check(examination, HEALTHY, NULL);
	else
		end_check(examination, DEGRADED,
				  "sql_agent is not in shared_preload_libraries: there are no workers.");
}

static void
check_launcher(Examination *examination)
{
	BoardLauncher launcher = {0};

	if (!board_exists() || RecoveryInProgress())
		return;
	board_launcher(&launcher);
	begin_check(examination, "launcher");
	number(examination, "pid", launcher.pid);
	number(examination, "databases", launcher.databases);
	if (launcher.pid == 0)
		end_check(examination, UNHEALTHY,
				  "The launcher is not running; the server starts it again within seconds.");
	else if (launcher.failing_since != 0)
		end_check(examination, DEGRADED,
				  psprintf("Workers can not be started: %s", launcher.failure));
	else
		end_check(examination, HEALTHY, NULL);
}

static void
check_workers(Examination *examination)
{
	BoardWorker *workers;
	const char *why;
	const char *hint;
	int count = 0;

	if (!board_exists() || RecoveryInProgress())
		return;
	workers = board_workers(MyDatabaseId, &count);
	for (int i = 0; i < count; i++)
		examination->busy += workers[i].busy;
	begin_check(examination, "workers");
	number(examination, "running", count);
	number(examination, "busy", examination->busy);
	number(examination, "limit", setting_workers);
	if (task_workers_available(&why, &hint))
		end_check(examination, HEALTHY, NULL);
	else
		end_check(examination, DEGRADED, psprintf("%s  %s", why, hint));
}

/*
 * A member can have as many tasks wait as it likes, and an installation that is
 * at work is not ill for that: who acts on "unhealthy" would stop the work.
 */
static Health
judge_queue(int64 ready, double oldest, bool at_work, int64 foreign, const char **message)
{
	if (ready > 0 && oldest > LATE_AFTER)
	{
		*message = oldest > VERY_LATE_AFTER
					   ? psprintf("A task has been ready for %.0f minutes.", oldest / 60)
					   : psprintf("A task has been ready for %.0f seconds.", oldest);
		return oldest > VERY_LATE_AFTER && !at_work ? UNHEALTHY : DEGRADED;
	}
	if (foreign > 0)
	{
		*message = "Tasks of a restored or copied database wait for resume_after_restore().";
		return DEGRADED;
	}
	return HEALTHY;
}

static void
check_queue(Examination *examination)
{
	Datum values[] = {CStringGetTextDatum(task_home())};
	const char *message = NULL;
	OwnerScope scope;
	int64 ready;
	int64 foreign;
	double oldest;
	bool isnull;
	Health health;

	task_scope_enter(&scope);
	owner_prepare(&count_plan, COUNT_QUEUE, lengthof(count_types), count_types);
	(void) task_execute(count_plan, values, NULL, SPI_OK_SELECT);
	ready = DatumGetInt64(task_column(1, &isnull));
	oldest = DatumGetFloat8(task_column(2, &isnull));
	if (isnull)
		oldest = 0;
	foreign = DatumGetInt64(task_column(3, &isnull));
	owner_scope_leave(&scope);

	health = judge_queue(ready, oldest, examination->busy > 0, foreign, &message);
	begin_check(examination, "queue");
	number(examination, "ready", ready);
	number(examination, "waiting_for_resume", foreign);
	if (examination->in_full)
	{
		json_bool(&examination->json, "ready_is_more", ready == COUNT_MAX);
		json_double(&examination->json, "oldest_seconds", oldest);
	}
	/* what waits on a standby waits for the primary */
	end_check(examination, RecoveryInProgress() ? HEALTHY : health, message);
}

/*
 * The row of the ledger that was written last for each server.
 */
static void
check_models(Examination *examination)
{
	MemoryContext context = CurrentMemoryContext;
	const char *message = NULL;
	OwnerScope scope;

	task_scope_enter(&scope);
	owner_prepare(&calls_plan, LAST_CALLS, 0, NULL);
	(void) task_execute(calls_plan, NULL, NULL, SPI_OK_SELECT);
	MemoryContextSwitchTo(context);
	begin_check(examination, "models");
	if (examination->in_full)
		json_begin_array(&examination->json, "servers");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char *server = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		char *error = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 3);
		bool never;
		double age =
			DatumGetFloat8(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &never));

		if (!never && error != NULL && age < RECENT_CALLS)
			message = examination->in_full
						  ? psprintf("The last call of server \"%s\" failed (%s).", server, error)
						  : "The last call of a model failed.";
		if (!examination->in_full)
			continue;
		json_begin_object(&examination->json, NULL);
		json_string(&examination->json, "server", server);
		if (never)
			json_null(&examination->json, "last_call_seconds");
		else
			json_double(&examination->json, "last_call_seconds", age);
		json_string(&examination->json, "last_error", error);
		json_end_object(&examination->json);
	}
	if (examination->in_full)
		json_end_array(&examination->json);
	owner_scope_leave(&scope);
	end_check(examination, message ? DEGRADED : HEALTHY, message);
}

/* as jsonb has timestamps, whatever the session's DateStyle is */
static char *
now_text(void)
{
	return JsonEncodeDateTime(palloc(MAXDATELEN + 1), TimestampTzGetDatum(GetCurrentTimestamp()),
							  TIMESTAMPTZOID, NULL);
}

/*
 * Calls of models that a worker is to write.
 */
static void
check_ledger(Examination *examination)
{
	LedgerRing state;
	const char *message = NULL;

	if (!ring_exists() || RecoveryInProgress())
		return;
	ring_state(&state);
	if (state.waiting > 0 &&
		TimestampDifferenceExceeds(state.oldest, GetCurrentTimestamp(), LATE_AFTER * 1000))
		message = "Calls of models wait for a worker to put them on record.";
	else if (state.lost > 0)
		message = "Calls of models were lost: no worker put them on record.";
	begin_check(examination, "ledger");
	number(examination, "waiting", state.waiting);
	number(examination, "lost", state.lost);
	end_check(examination, message ? DEGRADED : HEALTHY, message);
}

Datum
sql_agent_health(PG_FUNCTION_ARGS)
{
	Examination *examination = palloc0(sizeof(Examination));
	JsonBuilder *json = &examination->json;

	examination->in_full = identity_is_operator();
	json_start(json);
	json_begin_object(json, NULL);
	json_begin_object(json, "checks");
	check_version(examination);
	check_server(examination);
	check_launcher(examination);
	check_workers(examination);
	check_queue(examination);
	check_models(examination);
	check_ledger(examination);
	json_end_object(json);
	json_string(json, "status", health_names[examination->worst]);
	json_string(json, "message", examination->message ? examination->message : "All is well.");
	json_string(json, "version", SQL_AGENT_VERSION);
	json_string(json, "timestamp", now_text());
	json_end_object(json);
	PG_RETURN_JSONB_P(json_finish(json));
}
