/*-------------------------------------------------------------------------
 *
 * answer_json.c
 *		An answer as one JSON document.
 *
 * Every member is there in every answer; what does not apply is null or empty.
 * Durations are seconds, costs US dollars.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/answer.h"
#include "commands/dbcommands.h"
#include "common/json.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "translate/clarify.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

static void
put_uuid(JsonBuilder *json, const char *key, bool set, const pg_uuid_t *id)
{
	if (set)
		json_string(json, key, DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id))));
	else
		json_null(json, key);
}

static void
put_texts(JsonBuilder *json, const char *key, List *texts)
{
	ListCell *lc;

	json_begin_array(json, key);
	foreach (lc, texts)
		json_string(json, NULL, (char *) lfirst(lc));
	json_end_array(json);
}

static Jsonb *
result_rows(const Answer *answer)
{
	JsonBuilder json;

	json_start(&json);
	json_begin_array(&json, NULL);
	if (answer->data)
	{
		TupleTableSlot *slot = guard_make_slot(answer->outcome);

		guard_rewind(answer->outcome);
		while (guard_next_row(answer->outcome, slot))
		{
			CHECK_FOR_INTERRUPTS();
			json_jsonb(&json, NULL, guard_row_to_jsonb(answer->outcome, slot));
		}
		ExecDropSingleTupleTableSlot(slot);
	}
	json_end_array(&json);
	return json_finish(&json);
}

static void
put_columns(JsonBuilder *json, const Answer *answer)
{
	json_begin_array(json, "columns");
	for (int i = 0; answer->data && i < answer->outcome->ncolumns; i++)
	{
		const GuardColumn *column = &answer->outcome->columns[i];

		json_begin_object(json, NULL);
		json_string(json, "name", column->name);
		json_string(json, "type", format_type_with_typemod(column->type, column->typmod));
		json_end_object(json);
	}
	json_end_array(json);
}

static void
put_error(JsonBuilder *json, const AnswerError *error)
{
	if (error->sqlstate == 0)
	{
		json_null(json, "error");
		return;
	}
	json_begin_object(json, "error");
	json_string(json, "sqlstate", unpack_sql_state(error->sqlstate));
	json_string(json, "message", error->message);
	json_string(json, "detail", error->detail);
	json_string(json, "hint", error->hint);
	json_end_object(json);
}

/* what a caller can offer the person who asked: other readings, other questions */
void
answer_put_clarification(JsonBuilder *json, const char *key, const Clarification *clarification)
{
	ListCell *lc;

	if (clarification == NULL)
	{
		json_null(json, key);
		return;
	}
	json_begin_object(json, key);
	json_bool(json, "is_too_broad", clarification->is_too_broad);
	json_begin_array(json, "missing");
	foreach (lc, clarification->missing)
	{
		OpenDimension *dimension = lfirst(lc);

		json_begin_object(json, NULL);
		json_string(json, "dimension", dimension->name);
		json_string(json, "question", dimension->question);
		put_texts(json, "options", dimension->options);
		json_string(json, "default", dimension->default_option);
		json_end_object(json);
	}
	json_end_array(json);
	json_begin_array(json, "ambiguous");
	foreach (lc, clarification->ambiguous)
	{
		Ambiguity *ambiguity = lfirst(lc);

		json_begin_object(json, NULL);
		json_string(json, "word", ambiguity->word);
		put_texts(json, "readings", ambiguity->readings);
		json_end_object(json);
	}
	json_end_array(json);
	put_texts(json, "suggestions", clarification->suggestions);
	json_end_object(json);
}

/* one entry a database; this one alone so far */
static void
put_database_results(JsonBuilder *json, const Answer *answer, Jsonb *rows)
{
	json_begin_array(json, "database_results");
	if (answer->outcome)
	{
		json_begin_object(json, NULL);
		json_string(json, "connection_name", get_database_name(MyDatabaseId));
		json_string(json, "query_used", answer_sql(answer));
		json_jsonb(json, "result", rows);
		json_int(json, "row_count", answer->data ? answer->outcome->row_count : 0);
		json_double(json, "execution_time", answer->outcome->execution_time);
		put_error(json, &answer->error);
		json_end_object(json);
	}
	json_end_array(json);
}

static void
put_translation(JsonBuilder *json, const Answer *answer)
{
	const Translation *translation = answer->translation;

	json_string(json, "query_used", answer_sql(answer));
	json_string(json, "explanation",
				answer->status == ANSWER_ANSWERED ? translation->explanation : NULL);
	put_texts(json, "assumptions", translation ? translation->assumptions : NIL);
	json_string(json, "translator", translation ? translation->translator : NULL);
	json_string(json, "model", translation ? translation->model : NULL);
	if (translation && translation->answered)
		json_double(json, "confidence", translation->confidence);
	else
		json_null(json, "confidence");
}

/* of models; all zero where none was called */
static void
put_cost(JsonBuilder *json, const Answer *answer)
{
	AnswerCost cost = answer_cost(answer);

	json_begin_object(json, "tokens");
	json_int(json, "input", cost.input);
	json_int(json, "cached", cost.cached);
	json_int(json, "output", cost.output);
	json_int(json, "reasoning", cost.reasoning);
	json_end_object(json);
	if (cost.known)
		json_double(json, "cost_usd", cost.usd);
	else
		json_null(json, "cost_usd");
}

Jsonb *
answer_to_json(const Answer *answer)
{
	JsonBuilder json;
	Jsonb *rows = result_rows(answer);

	json_start(&json);
	json_begin_object(&json, NULL);
	json_bool(&json, "success", answer->status == ANSWER_ANSWERED);
	json_string(&json, "status", answer_status_name(answer->status));
	put_uuid(&json, "question_id", answer->recorded, &answer->question_id);
	put_uuid(&json, "chat_id", answer->recorded, &answer->chat_id);
	json_string(&json, "question", answer->request->question);
	json_string(&json, "answer", answer->sentence);
	json_jsonb(&json, "result", rows);
	put_columns(&json, answer);
	json_int(&json, "row_count", answer->data ? answer->outcome->row_count : 0);
	json_bool(&json, "truncated", answer->data && answer->outcome->truncated);
	put_translation(&json, answer);
	put_database_results(&json, answer, rows);
	answer_put_clarification(&json, "clarification", answer->clarification);
	json_jsonb(&json, "chart", answer->chart);
	put_error(&json, &answer->error);
	json_int(&json, "attempts", answer->attempts);
	put_cost(&json, answer);
	if (answer->data)
		json_double(&json, "execution_time", answer->outcome->execution_time);
	else
		json_null(&json, "execution_time");
	json_double(&json, "total_time", answer->total_time);
	json_end_object(&json);
	return json_finish(&json);
}
