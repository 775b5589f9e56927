/*-------------------------------------------------------------------------
 *
 * ask_async.c
 *		Questions that are answered in the background: SQL functions ask_async
 *		and ask_result, and the task kind "ask".
 *
 * A worker asks as the one who enqueued the question.  While a model is waited
 * for no transaction is open: no lock, no snapshot that would keep VACUUM from
 * its work.  What the answer is made of so far lives in memory of the task; what
 * a transaction holds (settings of the options, the tenant's place among its
 * questions) is given up before the wait and taken again after it, and the role
 * must then still be asking as it did.  Rows that were spilled to a file are
 * held by their transaction, which then stays open.
 *
 * A crash while a model works repeats the call, and its cost, once.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/answer.h"
#include "ask/ask_async.h"
#include "common/errors.h"
#include "miscadmin.h"
#include "service/transfer.h"
#include "task/task.h"
#include "tenant/identity.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(sql_agent_ask_async);
PG_FUNCTION_INFO_V1(sql_agent_ask_result);

#define ASK_TIMEOUT  900 /* s */
#define ASK_ATTEMPTS 2

/* ---- the payload ---- */

static Jsonb *
make_payload(const AskRequest *request)
{
	JsonBuilder json;

	json_start(&json);
	json_begin_object(&json, NULL);
	json_string(&json, "question", request->question);
	if (request->chat)
		json_string(&json, "chat",
					DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(request->chat))));
	if (request->max_rows > 0)
		json_int(&json, "max_rows", request->max_rows);
	if (request->tenant)
		json_string(&json, "tenant", request->tenant);
	if (request->options)
		json_jsonb(&json, "options", request->options);
	json_end_object(&json);
	return json_finish(&json);
}

/* NULL where there is none; raises for what is no text */
static char *
text_member(Jsonb *payload, const char *key)
{
	JsonbValue *value = json_member(&payload->root, key);

	if (value == NULL)
		return NULL;
	if (value->type != jbvString)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("member \"%s\" of the payload is not a text", key)));
	return json_value_text(value);
}

static int
rows_member(Jsonb *payload)
{
	JsonbValue *value = json_member(&payload->root, "max_rows");
	int rows;

	if (value == NULL)
		return 0;
	if (value->type != jbvNumeric)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("member \"max_rows\" of the payload is not a number")));
	rows = DatumGetInt32(DirectFunctionCall1(numeric_int4, NumericGetDatum(value->val.numeric)));
	if (rows < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("max_rows must be at least 1")));
	return rows;
}

static Jsonb *
options_member(Jsonb *payload)
{
	JsonbValue *value = json_member(&payload->root, "options");

	return value ? JsonbValueToJsonb(value) : NULL;
}

static AskRequest *
read_payload(Jsonb *payload)
{
	AskRequest *request = palloc0(sizeof(AskRequest));
	char *chat;

	request->question = text_member(payload, "question");
	if (request->question == NULL)
		ereport(ERROR, (errcode(ERRCODE_AGENT_BAD_QUESTION),
						errmsg("member \"question\" of the payload is missing")));
	ask_check_question(request->question);
	request->record = true;
	request->chart = true;
	chat = text_member(payload, "chat");
	if (chat)
		request->chat = DatumGetUUIDP(DirectFunctionCall1(uuid_in, CStringGetDatum(chat)));
	request->max_rows = rows_member(payload);
	request->tenant = text_member(payload, "tenant");
	request->options = options_member(payload);
	return request;
}

/* the options are tried on, so that who asks hears at once what is wrong with them */
static void
check_request(AskRequest *request)
{
	ask_request_apply(request);
	ask_request_end(request);
	if (request->tenant)
		(void) identity_asking_role_of(request->tenant);
	else
		(void) identity_asking_role();
}

static void
check_payload(Jsonb *payload)
{
	check_request(read_payload(payload));
}

/* ---- in the worker ---- */

/* the question in hand, NULL = none, and whether its transaction was left */
static AskRequest *asked = NULL;
static bool paused = false;

static bool
rows_are_held(const Answer *answer)
{
	return answer->outcome != NULL && answer->outcome->store != NULL &&
		   !tuplestore_in_memory(answer->outcome->store);
}

static void
leave_transaction(void)
{
	MemoryContext context = CurrentMemoryContext;
	Answer *answer = asked->answer;

	if (answer == NULL || rows_are_held(answer))
		return;
	tenant_ask_end(&answer->running);
	ask_request_end(asked);
	paused = task_pause();
	MemoryContextSwitchTo(context);
}

/*
 * The worker holds the tenant by itself: the place among its questions is not
 * waited for a second time.
 */
static void
enter_transaction(void)
{
	MemoryContext context = CurrentMemoryContext;
	Oid role;

	if (!paused)
		return;
	paused = false;
	task_resume();
	MemoryContextSwitchTo(context);
	ask_request_apply(asked);
	role = asked->tenant ? identity_asking_role_of(asked->tenant) : identity_asking_role();
	if (role != asked->answer->asking_role)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the role that asks has changed while the question was answered"),
						errhint("Ask again.")));
}

static Jsonb *
answer_in_worker(AskRequest *request)
{
	Answer *answer;
	Jsonb *document;

	ask_request_apply(request);
	answer = answer_build(request, ANSWER_RUN);
	document = answer_to_json(answer);
	answer_end(answer);
	return document;
}

static Jsonb *
run_task(TaskRun *run)
{
	MemoryContext outer = CurrentMemoryContext;
	/* lives as long as the try, and so over the end of a transaction */
	MemoryContext context = AllocSetContextCreate(GetMemoryChunkContext(run->payload),
												  "sql_agent answer", ALLOCSET_DEFAULT_SIZES);
	Jsonb *volatile document = NULL;

	MemoryContextSwitchTo(context);
	asked = read_payload(run->payload);
	paused = false;
	if (run->attempt > 1)
		task_report_progress(0, "asked again: an earlier try was cut off");
	transfer_around_waits(leave_transaction, enter_transaction);
	PG_TRY();
	{
		document = answer_in_worker(asked);
	}
	PG_FINALLY();
	{
		transfer_around_waits(NULL, NULL);
		asked = NULL;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(outer);
	return document;
}

static const TaskKind ask_kind = {.name = ASK_KIND,
								  .queue = QUEUE_QUESTIONS,
								  .timeout = ASK_TIMEOUT,
								  .max_attempts = ASK_ATTEMPTS,
								  .effect = TASK_IDEMPOTENT,
								  .open = true,
								  .check = check_payload,
								  .run = run_task};

void
ask_async_init(void)
{
	task_register_kind(&ask_kind);
}

/* ---- for those who ask ---- */

/* ask_async(question, chat, databases, max_rows, tenant, token, options) */
Datum
sql_agent_ask_async(PG_FUNCTION_ARGS)
{
	TaskRequest task = {.kind = ASK_KIND};
	AskRequest *request;
	const char *why;
	const char *hint;
	pg_uuid_t *id;

	PreventCommandIfReadOnly("ask_async()");
	request = ask_request_read(fcinfo, 0, 1);
	if (request == NULL)
		PG_RETURN_NULL();
	if (!task_workers_available(&why, &hint))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("nobody would answer the question"), errdetail("%s", why),
						errhint("%s  Or ask with ask_json(), which waits for the answer.", hint)));
	check_request(request);
	task.payload = make_payload(request);
	task.tenant = request->tenant;
	id = palloc(sizeof(pg_uuid_t));
	*id = task_enqueue(&task);
	PG_RETURN_UUID_P(id);
}

/* ---- what became of it ---- */

static const char *
answer_status_of(const char *task_status)
{
	static const char *const names[][2] = {
		{"PENDING", "pending"}, {"PROCESSING", "processing"}, {"CANCELLED", "cancelled"}};

	for (int i = 0; i < lengthof(names); i++)
		if (strcmp(task_status, names[i][0]) == 0)
			return names[i][1];
	return "failed";
}

/* in the shape of an answer, as far as there is something to say */
static Jsonb *
unanswered(const TaskState *task)
{
	JsonBuilder json;

	json_start(&json);
	json_begin_object(&json, NULL);
	json_string(&json, "status", answer_status_of(task->status));
	json_string(&json, "message", task->message);
	json_int(&json, "attempts", task->attempts);
	if (task->error)
		json_jsonb(&json, "error", task->error);
	else
		json_null(&json, "error");
	json_end_object(&json);
	return json_finish(&json);
}

/* ask_result(task) */
Datum
sql_agent_ask_result(PG_FUNCTION_ARGS)
{
	pg_uuid_t *id = PG_GETARG_UUID_P(0);
	TaskState task;

	/* somebody else's is as one that does not exist */
	if (!task_read(id, ASK_KIND, &task))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no question %s",
						DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)))),
				 errhint("View sql_agent.tasks lists yours; those that have ended are kept for "
						 "some time only.")));
	if (strcmp(task.status, "SUCCESS") == 0 && task.result)
		PG_RETURN_JSONB_P(task.result);
	PG_RETURN_JSONB_P(unanswered(&task));
}
