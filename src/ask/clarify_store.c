/*-------------------------------------------------------------------------
 *
 * clarify_store.c
 *		What a chat remembers of answers to questions asked back: table
 *		sql_agent.chat_answer.
 *
 * An answer belongs to a chat and to the role that gave it, and holds for
 * sql_agent.remember_answers.  The default chat remembers nothing: all kinds of
 * questions end up there, of all who share the role, and a choice made for one
 * of them would silently change the others.  It is a row of the caller's transaction and is
 * rolled back with it.  Statements run as the owner of the extension; each
 * names the caller, so that nobody reads or changes what another role said.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "ask/clarify.h"
#include "catalog/pg_type.h"
#include "common/owner.h"
#include "common/settings.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#define FIND_QUESTION \
	"SELECT question, chat_id FROM sql_agent.question WHERE id = $1 AND asked_by = $2"

#define FIND_ANSWERS                                                                   \
	"SELECT a.key, a.kind = 'reading', a.about, a.answer FROM sql_agent.chat c"        \
	" JOIN sql_agent.chat_answer a ON a.chat_id = c.id AND a.answered_by = c.owned_by" \
	" WHERE c.owned_by = $2 AND c.id = $1 AND NOT c.is_default"                        \
	" AND a.answered_at > clock_timestamp() - make_interval(secs => $3)"               \
	" ORDER BY a.kind, a.key"

#define KEEP_ANSWER                                                                        \
	"INSERT INTO sql_agent.chat_answer (chat_id, answered_by, kind, key, about, answer,"   \
	" answered_at) SELECT $1, $2, CASE WHEN $4 THEN 'reading' ELSE 'dimension' END, $3,"   \
	" $5, $6, clock_timestamp() FROM sql_agent.chat c WHERE c.id = $1 AND c.owned_by = $2" \
	" AND NOT c.is_default ON CONFLICT (chat_id, answered_by, kind, key)"                  \
	" DO UPDATE SET about = excluded.about, answer = excluded.answer,"                     \
	" answered_at = excluded.answered_at"

static Oid find_types[] = {UUIDOID, NAMEOID};
static Oid answers_types[] = {UUIDOID, NAMEOID, FLOAT8OID};
static Oid keep_types[] = {UUIDOID, NAMEOID, TEXTOID, BOOLOID, TEXTOID, JSONBOID};

/* kept for the life of the backend */
static SPIPlanPtr find_plan = NULL;
static SPIPlanPtr answers_plan = NULL;
static SPIPlanPtr keep_plan = NULL;

/* reads too see what the same statement wrote: a question asked a moment ago */
static void
execute(SPIPlanPtr plan, Datum *values, const char *nulls, int expected)
{
	int code = SPI_execute_plan(plan, values, nulls, false, 0);

	if (code != expected)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
}

static Datum
caller_name(void)
{
	return DirectFunctionCall1(namein, CStringGetDatum(GetUserNameFromId(GetUserId(), false)));
}

static Datum
column_of(int row, int column, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, isnull);
}

bool
clarify_find_question(const pg_uuid_t *id, char **question, pg_uuid_t *chat)
{
	Datum values[] = {UUIDPGetDatum(id), caller_name()};
	MemoryContext context = CurrentMemoryContext;
	OwnerScope scope;
	bool found;

	owner_scope_enter(&scope);
	execute(owner_prepare(&find_plan, FIND_QUESTION, lengthof(find_types), find_types), values,
			NULL, SPI_OK_SELECT);
	found = SPI_processed == 1;
	if (found)
	{
		bool isnull;
		MemoryContext inner = MemoryContextSwitchTo(context);

		*question = TextDatumGetCString(column_of(0, 1, &isnull));
		*chat = *DatumGetUUIDP(column_of(0, 2, &isnull));
		MemoryContextSwitchTo(inner);
	}
	owner_scope_leave(&scope);
	return found;
}

static ClarifyAnswer *
read_answer(int row)
{
	ClarifyAnswer *answer = palloc0(sizeof(ClarifyAnswer));
	bool isnull;
	Datum about;

	answer->key = TextDatumGetCString(column_of(row, 1, &isnull));
	answer->reading = DatumGetBool(column_of(row, 2, &isnull));
	about = column_of(row, 3, &isnull);
	answer->about = isnull ? NULL : TextDatumGetCString(about);
	answer->answer = DatumGetJsonbPCopy(column_of(row, 4, &isnull));
	answer->remembered = true;
	return answer;
}

List *
clarify_remembered(const pg_uuid_t *chat)
{
	Datum values[] = {UUIDPGetDatum(chat), caller_name(), Float8GetDatum(setting_remember_answers)};
	MemoryContext context = CurrentMemoryContext;
	MemoryContext inner;
	List *result = NIL;
	OwnerScope scope;

	if (chat == NULL || setting_remember_answers == 0 || IsInParallelMode())
		return NIL;
	owner_scope_enter(&scope);
	execute(owner_prepare(&answers_plan, FIND_ANSWERS, lengthof(answers_types), answers_types),
			values, NULL, SPI_OK_SELECT);
	inner = MemoryContextSwitchTo(context);
	for (uint64 row = 0; row < SPI_processed; row++)
		result = lappend(result, read_answer(row));
	MemoryContextSwitchTo(inner);
	owner_scope_leave(&scope);
	return result;
}

void
clarify_remember(const pg_uuid_t *chat, List *answers)
{
	Datum caller = caller_name(); /* not the owner, whose rights follow */
	OwnerScope scope;
	ListCell *lc;

	if (setting_remember_answers == 0 || XactReadOnly || RecoveryInProgress() || IsInParallelMode())
		return;
	owner_scope_enter(&scope);
	owner_prepare(&keep_plan, KEEP_ANSWER, lengthof(keep_types), keep_types);
	foreach (lc, answers)
	{
		const ClarifyAnswer *answer = lfirst(lc);
		char nulls[] = {' ', ' ', ' ', ' ', answer->about ? ' ' : 'n', ' '};
		Datum values[] = {UUIDPGetDatum(chat),
						  caller,
						  CStringGetTextDatum(answer->key),
						  BoolGetDatum(answer->reading),
						  answer->about ? CStringGetTextDatum(answer->about) : (Datum) 0,
						  JsonbPGetDatum(answer->answer)};

		execute(keep_plan, values, nulls, SPI_OK_INSERT);
	}
	owner_scope_leave(&scope);
}
