/*-------------------------------------------------------------------------
 *
 * ask.c
 *		SQL functions ask, ask_json, ask_rows, ask_sql and suggest_questions.
 *
 * Each reads its arguments, builds the answer in a context of its own and
 * renders it.  The context goes with the call, so that a backend that asks
 * ten thousand questions is no larger than one that asked ten.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/answer.h"
#include "ask/usage.h"
#include "catalog/snapshot.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "tenant/identity.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(sql_agent_ask);
PG_FUNCTION_INFO_V1(sql_agent_ask_json);
PG_FUNCTION_INFO_V1(sql_agent_ask_rows);
PG_FUNCTION_INFO_V1(sql_agent_ask_sql);
PG_FUNCTION_INFO_V1(sql_agent_suggest_questions);

#define MAX_SUGGESTIONS 100

static MemoryContext
begin_context(MemoryContext *outer)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "sql_agent answer", ALLOCSET_DEFAULT_SIZES);

	*outer = MemoryContextSwitchTo(context);
	return context;
}

static void
end_context(MemoryContext context, MemoryContext outer)
{
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
}

static void
put_value(ReturnSetInfo *rsinfo, Datum value)
{
	bool isnull = false;

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value, &isnull);
}

static void
put_lines(ReturnSetInfo *rsinfo, List *lines)
{
	ListCell *lc;

	foreach (lc, lines)
		put_value(rsinfo, CStringGetTextDatum((char *) lfirst(lc)));
}

Datum
sql_agent_ask(PG_FUNCTION_ARGS)
{
	MemoryContext outer;
	MemoryContext context;
	AskRequest *request;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	context = begin_context(&outer);
	request = ask_request_begin(fcinfo, 0, 1);
	if (request)
	{
		Answer *answer = answer_build(request, ANSWER_RUN);

		put_lines((ReturnSetInfo *) fcinfo->resultinfo, answer_to_lines(answer));
		answer_end(answer);
	}
	end_context(context, outer);
	return (Datum) 0;
}

Datum
sql_agent_ask_json(PG_FUNCTION_ARGS)
{
	MemoryContext outer;
	MemoryContext context = begin_context(&outer);
	AskRequest *request = ask_request_begin(fcinfo, 0, 1);
	Answer *answer;
	Jsonb *document;

	if (request == NULL)
	{
		end_context(context, outer);
		PG_RETURN_NULL();
	}
	answer = answer_build(request, ANSWER_RUN);
	document = answer_to_json(answer);
	answer_end(answer);
	MemoryContextSwitchTo(outer);
	document = (Jsonb *) pg_detoast_datum_copy((struct varlena *) document);
	end_context(context, outer);
	PG_RETURN_JSONB_P(document);
}

Datum
sql_agent_ask_rows(PG_FUNCTION_ARGS)
{
	MemoryContext outer;
	MemoryContext context;
	AskRequest *request;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	context = begin_context(&outer);
	request = ask_request_begin(fcinfo, 0, 1);
	if (request)
	{
		Answer *answer = answer_build(request, ANSWER_ROWS);
		TupleTableSlot *slot;

		answer_require(answer);
		slot = guard_make_slot(answer->outcome);
		guard_rewind(answer->outcome);
		while (guard_next_row(answer->outcome, slot))
		{
			Jsonb *row = guard_row_to_jsonb(answer->outcome, slot);

			CHECK_FOR_INTERRUPTS();
			put_value((ReturnSetInfo *) fcinfo->resultinfo, JsonbPGetDatum(row));
			pfree(row);
		}
		ExecDropSingleTupleTableSlot(slot);
		answer_end(answer);
	}
	end_context(context, outer);
	return (Datum) 0;
}

Datum
sql_agent_ask_sql(PG_FUNCTION_ARGS)
{
	MemoryContext outer;
	MemoryContext context = begin_context(&outer);
	AskRequest *request = ask_request_begin(fcinfo, 0, 1);
	Answer *answer;
	char *sql;
	text *result;

	if (request == NULL)
	{
		end_context(context, outer);
		PG_RETURN_NULL();
	}
	answer = answer_build(request, ANSWER_CHECK);
	answer_require(answer);
	sql = answer_sql(answer);
	answer_end(answer);
	MemoryContextSwitchTo(outer);
	result = cstring_to_text(sql);
	end_context(context, outer);
	PG_RETURN_TEXT_P(result);
}

Datum
sql_agent_suggest_questions(PG_FUNCTION_ARGS)
{
	int count = PG_GETARG_INT32(0);
	MemoryContext outer;
	MemoryContext context;
	AskSnapshot *snapshot;

	if (count < 1 || count > MAX_SUGGESTIONS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("count must be between 1 and %d", MAX_SUGGESTIONS)));
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	context = begin_context(&outer);
	snapshot = snapshot_get(identity_asking_role());
	if (snapshot->nrelations > 0)
		put_lines((ReturnSetInfo *) fcinfo->resultinfo,
				  translate_suggest(snapshot, usage_of_relations(snapshot), count));
	end_context(context, outer);
	return (Datum) 0;
}
