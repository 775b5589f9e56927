/*-------------------------------------------------------------------------
 *
 * sql_agent_test_kinds.c
 *		Kinds of tasks that do what a test wants to see.  Never shipped.
 *
 * Preload it after sql_agent.  It uses what the library of any other extension
 * can use: the header, and sql_agent_task_api().
 *
 *	 kind                  payload                           does
 *	 test_ok               {}                                returns itself, role, attempt, tenant
 *	 test_error            {sqlstate, message, detail, hint} raises; 22023 by default
 *	 test_flaky            {succeed_at, sqlstate}            raises (40001) until that attempt
 *	 test_sleep            {seconds}                         sleeps, with progress
 *	 test_sleep_once       {seconds}                         the same, must not be done twice
 *	 test_sleep_idempotent {seconds}                         the same, may be done twice
 *	 test_timeout          {seconds}                         the same, may take 1 s
 *	 test_fatal            {}                                ends the process with FATAL
 *	 test_kill             {}                                is killed with SIGKILL
 *	 test_memory           {}                                palloc's until there is no more
 *	 test_sql              {sql}                             runs it; returns its first value as text
 *	 test_pause            {before, seconds, after}          runs SQL, sleeps outside of any
 *	                                                         transaction, runs SQL
 *	 test_stubborn         {seconds}                         sleeps on when it is cancelled; may take 1 s
 *	 test_closed           {}                                as test_ok, not open
 *	 test_installation     {}                                as test_ok, for the installation
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <signal.h>

#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "task/task.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

static const TaskApi *api;

/* ---- reading payloads and writing results ---- */

static JsonbValue *
member(Jsonb *payload, const char *name)
{
	return getKeyJsonValueFromContainer(&payload->root, name, strlen(name), NULL);
}

static char *
text_member(Jsonb *payload, const char *name, char *missing)
{
	JsonbValue *value = member(payload, name);

	return value != NULL && value->type == jbvString
			   ? pnstrdup(value->val.string.val, value->val.string.len)
			   : missing;
}

static double
number_member(Jsonb *payload, const char *name, double missing)
{
	JsonbValue *value = member(payload, name);

	if (value == NULL || value->type != jbvNumeric)
		return missing;
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value->val.numeric)));
}

static void
push_string(JsonbParseState **state, const char *name, const char *string)
{
	JsonbValue value;

	value.type = jbvString;
	value.val.string.val = unconstify(char *, name);
	value.val.string.len = strlen(name);
	(void) pushJsonbValue(state, WJB_KEY, &value);
	value.type = string ? jbvString : jbvNull;
	if (string != NULL)
	{
		value.val.string.val = unconstify(char *, string);
		value.val.string.len = strlen(string);
	}
	(void) pushJsonbValue(state, WJB_VALUE, &value);
}

/* ---- handlers ---- */

static Jsonb *
run_ok(TaskRun *run)
{
	JsonbParseState *state = NULL;

	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_string(&state, "role", GetUserNameFromId(GetUserId(), false));
	push_string(&state, "tenant", run->tenant);
	push_string(&state, "kind", run->kind);
	push_string(&state, "attempt", psprintf("%d", run->attempt));
	push_string(&state, "payload",
				JsonbToCString(NULL, &run->payload->root, VARSIZE(run->payload)));
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

static int
sqlstate_member(Jsonb *payload, char *missing)
{
	char *state = text_member(payload, "sqlstate", missing);

	if (strlen(state) != 5)
		elog(ERROR, "sqlstate must have five letters");
	return MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4]);
}

static Jsonb *
run_error(TaskRun *run)
{
	char *detail = text_member(run->payload, "detail", NULL);
	char *hint = text_member(run->payload, "hint", NULL);

	ereport(ERROR, (errcode(sqlstate_member(run->payload, "22023")),
					errmsg("%s", text_member(run->payload, "message", "the task was told to fail")),
					detail ? errdetail("%s", detail) : 0, hint ? errhint("%s", hint) : 0));
	return NULL;
}

static Jsonb *
run_flaky(TaskRun *run)
{
	if (run->attempt < number_member(run->payload, "succeed_at", 2))
		ereport(ERROR, (errcode(sqlstate_member(run->payload, "40001")),
						errmsg("attempt %d was told to fail", run->attempt)));
	return run_ok(run);
}

static void
sleep_for(TaskRun *run)
{
	double seconds = number_member(run->payload, "seconds", 1);
	instr_time start;
	instr_time now;
	double passed = 0;

	INSTR_TIME_SET_CURRENT(start);
	while (passed < seconds)
	{
		CHECK_FOR_INTERRUPTS();
		pg_usleep(10000L);
		INSTR_TIME_SET_CURRENT(now);
		INSTR_TIME_SUBTRACT(now, start);
		passed = INSTR_TIME_GET_DOUBLE(now);
		api->report_progress(Min(100, 100 * passed / seconds), "sleeping");
	}
}

static Jsonb *
run_sleep(TaskRun *run)
{
	sleep_for(run);
	return run_ok(run);
}

static Jsonb *
run_fatal(TaskRun *run)
{
	ereport(FATAL, (errmsg("the task was told to end its process")));
	return NULL;
}

static Jsonb *
run_kill(TaskRun *run)
{
	kill(MyProcPid, SIGKILL);
	pg_usleep(10000000L);
	return NULL;
}

static Jsonb *
run_memory(TaskRun *run)
{
	/* more than the address space of any machine, 1 GB at a time and untouched */
	for (int i = 0; i < 1000000; i++)
	{
		CHECK_FOR_INTERRUPTS();
		(void) MemoryContextAllocHuge(CurrentMemoryContext, (Size) 1 << 40);
	}
	return NULL;
}

static Jsonb *
run_sql(TaskRun *run)
{
	MemoryContext context = CurrentMemoryContext;
	JsonbParseState *state = NULL;
	char *value = NULL;
	char *sql = text_member(run->payload, "sql", "SELECT 1");

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(sql, false, 0) < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(SPI_result));
	if (SPI_tuptable != NULL && SPI_tuptable->numvals > 0)
	{
		char *printed = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);

		value = printed ? MemoryContextStrdup(context, printed) : NULL;
	}
	SPI_finish();
	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_string(&state, "value", value);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

static void
execute(const char *sql)
{
	if (sql == NULL)
		return;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(sql, false, 0) < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(SPI_result));
	SPI_finish();
}

static Jsonb *
run_pause(TaskRun *run)
{
	execute(text_member(run->payload, "before", NULL));
	if (!api->pause())
		elog(ERROR, "not in a worker");
	sleep_for(run);
	api->resume();
	execute(text_member(run->payload, "after", NULL));
	return run_ok(run);
}

static Jsonb *
run_stubborn(TaskRun *run)
{
	for (double left = number_member(run->payload, "seconds", 1); left > 0; left -= 0.01)
	{
		/* as a function of the owner that catches query_canceled */
		QueryCancelPending = false;
		CHECK_FOR_INTERRUPTS();
		pg_usleep(10000L);
	}
	return run_ok(run);
}

static void
check_ok(Jsonb *payload)
{
	if (member(payload, "refuse") != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the payload was told to be refused")));
}

/* name, queue, timeout, attempts, effect, installation, open, check, run */
static const TaskKind kinds[] = {
	{"test_ok", QUEUE_DEFAULT, 60, 3, TASK_TRANSACTIONAL, false, true, check_ok, run_ok, 0},
	{"test_error", QUEUE_DEFAULT, 60, 3, TASK_TRANSACTIONAL, false, true, NULL, run_error, 0},
	{"test_flaky", QUEUE_DEFAULT, 60, 3, TASK_TRANSACTIONAL, false, true, NULL, run_flaky, 0},
	{"test_sleep", QUEUE_DEFAULT, 0, 3, TASK_TRANSACTIONAL, false, true, NULL, run_sleep, 0},
	{"test_sleep_once", QUEUE_DEFAULT, 0, 3, TASK_ONCE, false, true, NULL, run_sleep, 0},
	{"test_sleep_idempotent", QUEUE_DEFAULT, 0, 3, TASK_IDEMPOTENT, false, true, NULL, run_sleep,
	 0},
	{"test_timeout", QUEUE_DEFAULT, 1, 1, TASK_TRANSACTIONAL, false, true, NULL, run_sleep, 0},
	{"test_fatal", QUEUE_DEFAULT, 60, 2, TASK_TRANSACTIONAL, false, true, NULL, run_fatal, 0},
	{"test_kill", QUEUE_DEFAULT, 60, 2, TASK_TRANSACTIONAL, false, true, NULL, run_kill, 0},
	{"test_memory", QUEUE_DEFAULT, 60, 1, TASK_TRANSACTIONAL, false, true, NULL, run_memory, 0},
	{"test_sql", QUEUE_DEFAULT, 60, 1, TASK_TRANSACTIONAL, false, true, NULL, run_sql, 0},
	{"test_pause", QUEUE_DEFAULT, 60, 2, TASK_IDEMPOTENT, false, true, NULL, run_pause, 0},
	{"test_stubborn", QUEUE_DEFAULT, 1, 1, TASK_TRANSACTIONAL, false, true, NULL, run_stubborn, 0},
	{"test_closed", QUEUE_DEFAULT, 60, 3, TASK_TRANSACTIONAL, false, false, NULL, run_ok, 0},
	{"test_installation", QUEUE_MAINTENANCE, 60, 3, TASK_TRANSACTIONAL, true, true, NULL, run_ok,
	 0}};

void
_PG_init(void)
{
	const TaskApi *(*find_api)(int);

	find_api = (const TaskApi *(*) (int) ) load_external_function("sql_agent", "sql_agent_task_api",
																  true, NULL);
	api = find_api(TASK_API_VERSION);
	for (int i = 0; i < lengthof(kinds); i++)
		api->register_kind(&kinds[i]);
}
