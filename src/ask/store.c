/*-------------------------------------------------------------------------
 *
 * store.c
 *		The history of questions: tables sql_agent.question and sql_agent.chat.
 *
 * One statement a question, planned once per backend and run as the owner of
 * the extension in the caller's transaction: it is rolled back with it.  Rows
 * name roles, not OIDs, so that they survive dump and restore.  The plans find
 * the tables by name when they are made valid again, so DROP and CREATE
 * EXTENSION in one session do no harm.
 *
 * Nothing is written in a read-only transaction, in recovery, or in a parallel
 * worker.  An error while recording is the caller's error.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "ask/store.h"
#include "catalog/pg_type.h"
#include "common/owner.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(sql_agent_forget_questions);

#define INSERT_QUESTION(chat_is)                                                                 \
	"INSERT INTO sql_agent.question (id, chat_id, created_at, asked_by, asking_role, question,"  \
	" status, sql, explanation, translator, model, confidence, attempts, row_count, truncated,"  \
	" error_sqlstate, error_message, execution_time, total_time, memory_id, context, tenant)"    \
	" SELECT $1, c.id, $4, $3, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18," \
	" $19, $20, $21, $22 FROM sql_agent.chat c WHERE c.owned_by = $3"                            \
	" AND coalesce(c.tenant, '') = coalesce($22, '') AND " chat_is " RETURNING chat_id"

/* the first row is made with the first question; $1 null = the default chat */
#define INSERT_CHAT                                                 \
	"INSERT INTO sql_agent.chat (id, owned_by, tenant, is_default)" \
	" VALUES (coalesce($1, gen_random_uuid()), $2, $3, $1 IS NULL) ON CONFLICT DO NOTHING"

/* with what was answered when they were asked back */
#define FORGET_QUESTIONS                                                        \
	"WITH answers AS (DELETE FROM sql_agent.chat_answer WHERE answered_by = $1" \
	" AND answered_at < $2) DELETE FROM sql_agent.question WHERE asked_by = $1 AND created_at < $2"

/* $1 .. $22 of INSERT_QUESTION */
enum
{
	P_ID,
	P_CHAT,
	P_ASKED_BY,
	P_CREATED_AT,
	P_ASKING_ROLE,
	P_QUESTION,
	P_STATUS,
	P_SQL,
	P_EXPLANATION,
	P_TRANSLATOR,
	P_MODEL,
	P_CONFIDENCE,
	P_ATTEMPTS,
	P_ROW_COUNT,
	P_TRUNCATED,
	P_SQLSTATE,
	P_MESSAGE,
	P_EXECUTION_TIME,
	P_TOTAL_TIME,
	P_MEMORY_ID,
	P_CONTEXT,
	P_TENANT,
	P_COUNT
};

static Oid question_types[P_COUNT] = {
	UUIDOID, UUIDOID,   NAMEOID,   TIMESTAMPTZOID, NAMEOID, TEXTOID, TEXTOID, TEXTOID,
	TEXTOID, TEXTOID,   TEXTOID,   FLOAT8OID,      INT4OID, INT8OID, BOOLOID, TEXTOID,
	TEXTOID, FLOAT8OID, FLOAT8OID, UUIDOID,        TEXTOID, NAMEOID};
static Oid chat_types[] = {UUIDOID, NAMEOID, NAMEOID};
static Oid forget_types[] = {NAMEOID, TIMESTAMPTZOID};

/* kept for the life of the backend */
static SPIPlanPtr insert_in_default_chat = NULL;
static SPIPlanPtr insert_in_chat = NULL;
static SPIPlanPtr insert_chat = NULL;
static SPIPlanPtr forget_plan = NULL;

static uint64
execute(SPIPlanPtr plan, Datum *values, const char *nulls, int expected)
{
	int code = SPI_execute_plan(plan, values, nulls, false, 0);

	if (code != expected)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
	return SPI_processed;
}

static Datum
role_name(Oid role)
{
	return DirectFunctionCall1(namein, CStringGetDatum(GetUserNameFromId(role, false)));
}

static void
set_text(Datum *values, char *nulls, int position, const char *text)
{
	if (text == NULL)
		nulls[position] = 'n';
	else
		values[position] = CStringGetTextDatum(text);
}

static void
fill_parameters(const Answer *answer, Datum *values, char *nulls)
{
	const Translation *translation = answer->translation;
	const GuardOutcome *outcome = answer->outcome;
	bool ran = answer->status == ANSWER_ANSWERED && answer->mode != ANSWER_CHECK;

	memset(nulls, ' ', P_COUNT);
	values[P_ID] = UUIDPGetDatum(&answer->question_id);
	if (answer->request->chat)
		values[P_CHAT] = UUIDPGetDatum(answer->request->chat);
	else
		nulls[P_CHAT] = 'n';
	values[P_ASKED_BY] = role_name(GetUserId());
	values[P_CREATED_AT] = TimestampTzGetDatum(answer->asked_at);
	values[P_ASKING_ROLE] = role_name(answer->asking_role);
	set_text(values, nulls, P_QUESTION, answer->request->question);
	set_text(values, nulls, P_STATUS, answer_status_name(answer->status));
	set_text(values, nulls, P_SQL, answer_sql(answer));
	set_text(values, nulls, P_EXPLANATION, translation ? translation->explanation : NULL);
	set_text(values, nulls, P_TRANSLATOR, translation ? translation->translator : NULL);
	set_text(values, nulls, P_MODEL, translation ? translation->model : NULL);
	values[P_CONFIDENCE] = Float8GetDatum(translation ? translation->confidence : 0);
	nulls[P_CONFIDENCE] = translation ? ' ' : 'n';
	values[P_ATTEMPTS] = Int32GetDatum(answer->attempts);
	values[P_ROW_COUNT] = Int64GetDatum(ran ? outcome->row_count : 0);
	values[P_TRUNCATED] = BoolGetDatum(ran && outcome->truncated);
	values[P_EXECUTION_TIME] = Float8GetDatum(ran ? outcome->execution_time : 0);
	nulls[P_ROW_COUNT] = nulls[P_TRUNCATED] = nulls[P_EXECUTION_TIME] = ran ? ' ' : 'n';
	set_text(values, nulls, P_SQLSTATE,
			 answer->error.sqlstate ? unpack_sql_state(answer->error.sqlstate) : NULL);
	set_text(values, nulls, P_MESSAGE, answer->error.message);
	values[P_TOTAL_TIME] = Float8GetDatum(answer->total_time);
	set_text(values, nulls, P_CONTEXT, translation ? translation->context : NULL);
	nulls[P_MEMORY_ID] = translation && translation->memory_id ? ' ' : 'n';
	if (translation && translation->memory_id)
		values[P_MEMORY_ID] = UUIDPGetDatum(translation->memory_id);
	if (answer->tenant)
		values[P_TENANT] = DirectFunctionCall1(namein, CStringGetDatum(answer->tenant));
	else
		nulls[P_TENANT] = 'n';
}

static void
make_chat(Datum *values, const char *nulls)
{
	Datum chat_values[] = {values[P_CHAT], values[P_ASKED_BY], values[P_TENANT]};
	char chat_nulls[] = {nulls[P_CHAT], ' ', nulls[P_TENANT]};

	owner_prepare(&insert_chat, INSERT_CHAT, lengthof(chat_types), chat_types);
	(void) execute(insert_chat, chat_values, chat_nulls, SPI_OK_INSERT);
}

static void
read_chat_id(Answer *answer)
{
	bool isnull;
	Datum id = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);

	answer->chat_id = *DatumGetUUIDP(id);
}

void
store_question(Answer *answer)
{
	OwnerScope scope;
	Datum values[P_COUNT] = {0};
	char nulls[P_COUNT];
	SPIPlanPtr *plan = answer->request->chat ? &insert_in_chat : &insert_in_default_chat;
	bool done;

	if (XactReadOnly || RecoveryInProgress() || IsInParallelMode())
		return;
	answer->question_id = *DatumGetUUIDP(DirectFunctionCall1(gen_random_uuid, (Datum) 0));
	fill_parameters(answer, values, nulls);

	owner_scope_enter(&scope);
	if (answer->request->chat)
		owner_prepare(plan, INSERT_QUESTION("c.id = $2"), P_COUNT, question_types);
	else
		owner_prepare(plan, INSERT_QUESTION("c.is_default AND $2 IS NULL"), P_COUNT,
					  question_types);
	done = execute(*plan, values, nulls, SPI_OK_INSERT_RETURNING) == 1;
	if (!done)
	{
		make_chat(values, nulls);
		done = execute(*plan, values, nulls, SPI_OK_INSERT_RETURNING) == 1;
	}
	if (done)
		read_chat_id(answer);
	owner_scope_leave(&scope);

	/* the id belongs to a chat of another role, or about another tenant */
	if (!done)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("chat %s does not exist",
						DatumGetCString(DirectFunctionCall1(uuid_out, values[P_CHAT]))),
				 errhint("View sql_agent.chats lists your chats; any new uuid begins another.")));
	answer->recorded = true;
}

Datum
sql_agent_forget_questions(PG_FUNCTION_ARGS)
{
	OwnerScope scope;
	Datum values[] = {role_name(GetUserId()), PG_GETARG_DATUM(0)};
	uint64 count;

	PreventCommandIfReadOnly("forget_questions()");
	owner_scope_enter(&scope);
	owner_prepare(&forget_plan, FORGET_QUESTIONS, lengthof(forget_types), forget_types);
	count = execute(forget_plan, values, NULL, SPI_OK_DELETE);
	owner_scope_leave(&scope);
	PG_RETURN_INT64(count);
}
