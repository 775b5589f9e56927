/*-------------------------------------------------------------------------
 *
 * guard.c
 *		The guard's SQL functions.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "guard/guard_int.h"
#include "miscadmin.h"
#include "tenant/identity.h"
#include "tenant/locks.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define VERDICT_COLUMNS 6

PG_FUNCTION_INFO_V1(sql_agent_check_sql);
PG_FUNCTION_INFO_V1(sql_agent_run_sql);

void
guard_init(void)
{
	fence_init();
}

static Datum
relations_array(List *relations)
{
	Datum *oids = palloc(sizeof(Datum) * Max(list_length(relations), 1));
	int count = 0;
	ListCell *lc;

	foreach (lc, relations)
		oids[count++] = ObjectIdGetDatum(lfirst_oid(lc));
	return PointerGetDatum(
		construct_array(oids, count, REGCLASSOID, sizeof(Oid), true, TYPALIGN_INT));
}

static char *
reason_text(const GuardError *error)
{
	StringInfoData reason;

	initStringInfo(&reason);
	appendStringInfoString(&reason, error->message);
	if (error->detail != NULL)
		appendStringInfo(&reason, ": %s", error->detail);
	return reason.data;
}

/*
 * The row type of check_sql(), made once: to derive it from the call's
 * expression takes longer than parsing a small statement.
 */
static TupleDesc
verdict_row(void)
{
	static TupleDesc desc = NULL;
	static const struct
	{
		const char *name;
		Oid type;
	} columns[VERDICT_COLUMNS] = {
		{"allowed", BOOLOID},          {"rule", TEXTOID},
		{"reason", TEXTOID},           {"relations", REGCLASSARRAYOID},
		{"estimated_cost", FLOAT8OID}, {"estimated_rows", FLOAT8OID},
	};
	MemoryContext old;
	TupleDesc made;

	if (desc != NULL)
		return desc;
	old = MemoryContextSwitchTo(TopMemoryContext);
	made = CreateTemplateTupleDesc(VERDICT_COLUMNS);
	for (int i = 0; i < VERDICT_COLUMNS; i++)
		TupleDescInitEntry(made, i + 1, columns[i].name, columns[i].type, -1, 0);
	MemoryContextSwitchTo(old);
	desc = BlessTupleDesc(made);
	return desc;
}

/*
 * check_sql(sql): one row (allowed, rule, reason, relations, estimated_cost,
 * estimated_rows).
 */
Datum
sql_agent_check_sql(PG_FUNCTION_ARGS)
{
	char *sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
	GuardOutcome *outcome = guard_check(sql, identity_asking_role());
	bool allowed = outcome->status == GUARD_OK;
	Datum values[VERDICT_COLUMNS];
	bool nulls[VERDICT_COLUMNS] = {false};

	values[0] = BoolGetDatum(allowed);
	if (allowed)
	{
		nulls[1] = nulls[2] = true;
		values[3] = relations_array(outcome->relations);
		values[4] = Float8GetDatum(outcome->estimated_cost);
		values[5] = Float8GetDatum(outcome->estimated_rows);
		nulls[4] = nulls[5] = outcome->plan_hidden;
	}
	else
	{
		values[1] = CStringGetTextDatum(outcome->error.rule);
		values[2] = CStringGetTextDatum(reason_text(&outcome->error));
		nulls[3] = nulls[4] = nulls[5] = true;
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(verdict_row(), values, nulls)));
}

/*
 * Sends the rows, within max_bytes as JSON text too.
 */
static bool
put_rows(const GuardOutcome *outcome, ReturnSetInfo *rsinfo)
{
	TupleTableSlot *slot = guard_make_slot(outcome);
	MemoryContext row_context =
		AllocSetContextCreate(CurrentMemoryContext, "run_sql row", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(row_context);
	int64 left = guard_max_bytes();
	bool all = true;

	guard_rewind(outcome);
	while (all && guard_next_row(outcome, slot))
	{
		Jsonb *row = guard_row_to_jsonb(outcome, slot);
		Datum value = JsonbPGetDatum(row);
		bool isnull = false;
		int size = strlen(JsonbToCString(NULL, &row->root, VARSIZE(row)));

		CHECK_FOR_INTERRUPTS();
		left -= size;
		all = left >= 0;
		if (all)
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value, &isnull);
		MemoryContextReset(row_context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
	ExecDropSingleTupleTableSlot(slot);
	return all;
}

/*
 * run_sql(sql, max_rows): the rows as jsonb.
 */
Datum
sql_agent_run_sql(PG_FUNCTION_ARGS)
{
	char *sql;
	int64 max_rows = 0;
	Oid role;
	const TenantIdentity *identity;
	TenantAsk running;
	GuardOutcome *outcome;
	bool all;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("argument \"sql\" must not be null")));
	sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (!PG_ARGISNULL(1))
	{
		max_rows = PG_GETARG_INT32(1);
		if (max_rows <= 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("argument \"max_rows\" must be positive")));
	}
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	role = identity_asking_role();
	identity = tenant_identity(role);
	if (identity->options.max_rows > 0 && (max_rows == 0 || max_rows > identity->options.max_rows))
		max_rows = identity->options.max_rows;
	tenant_ask_begin(&running, identity);
	outcome = guard_run(sql, role, max_rows);
	if (outcome->status != GUARD_OK)
		guard_raise(outcome);
	all = put_rows(outcome, (ReturnSetInfo *) fcinfo->resultinfo);
	if (outcome->truncated || !all)
		ereport(NOTICE,
				(errmsg("the result was cut"), errdetail("A limit on its %s was reached.",
														 all ? outcome->truncated_by : "bytes")));
	tuplestore_end(outcome->store);
	tenant_ask_end(&running);
	return (Datum) 0;
}
