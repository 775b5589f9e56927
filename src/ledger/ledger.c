/*-------------------------------------------------------------------------
 *
 * ledger.c
 *		What calls of models cost, and the record of them.
 *
 * A cost is computed once, with the prices of the day, and stored with the
 * call: another price tomorrow does not rewrite yesterday's bill.  A model
 * without a price costs NULL, never nothing; a local server costs 0.
 *
 * Rows are written in the caller's transaction.  Where they go with it, a worker
 * writes them again (unsettled.c, ring.c).
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "common/owner.h"
#include "ledger/ledger.h"
#include "ledger/ring.h"
#include "ledger/unsettled.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#define MTOK 1e6

/* US dollars a million tokens; negative = not known */
typedef struct Prices
{
	double input;
	double output;
	double cached;
	double cache_write;
	int64 tier_above; /* 0 = one tier */
	double tier_input;
	double tier_output;
} Prices;

/*
 * The longest pattern that fits the name as given, or without the date or
 * "-latest" at its end; then the latest price that is in force.
 */
#define FIND_PRICE                                                                                      \
	"SELECT p.input_per_mtok::float8, p.output_per_mtok::float8, p.cached_input_per_mtok::float8,"      \
	" p.cache_write_per_mtok::float8, p.tier_above_tokens::int8, p.tier_input_per_mtok::float8,"        \
	" p.tier_output_per_mtok::float8"                                                                   \
	" FROM sql_agent.model_price p"                                                                     \
	" WHERE p.provider OPERATOR(pg_catalog.=) $1 AND p.valid_from OPERATOR(pg_catalog.<=) CURRENT_DATE" \
	" AND ($2 OPERATOR(pg_catalog.~~) p.model_pattern OR pg_catalog.regexp_replace($2,"                 \
	" '-(20[0-9]{2}-?[0-9]{2}-?[0-9]{2}|latest)$', '') OPERATOR(pg_catalog.~~) p.model_pattern)"        \
	" ORDER BY pg_catalog.length(p.model_pattern) DESC, p.valid_from DESC LIMIT 1"

#define INSERT_CALL                                                                                \
	"INSERT INTO sql_agent.model_call (question_id, asked_by, attempt, gen_ai_operation_name,"     \
	" gen_ai_provider_name, sql_agent_server, gen_ai_request_model, gen_ai_response_model,"        \
	" gen_ai_response_finish_reasons, gen_ai_usage_input_tokens, gen_ai_usage_cached_tokens,"      \
	" gen_ai_usage_cache_write_tokens, gen_ai_usage_output_tokens, gen_ai_usage_reasoning_tokens," \
	" duration_seconds, cost_usd, error_type, tenant, id, created_at)"                             \
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $9 IS NOT NULL THEN ARRAY[$9] END,"        \
	" $10, $11, $12, $13, $14, $15, pg_catalog.round($16::numeric, 10), $17,"                      \
	" (SELECT t.name FROM sql_agent.tenant t WHERE t.name = $18), $19,"                            \
	" coalesce($20, clock_timestamp()))"                                                           \
	" ON CONFLICT (id) DO UPDATE SET question_id = coalesce(excluded.question_id,"                 \
	" model_call.question_id)"

/* UTC, for the session's time zone is the caller's choice */
#define SPENT_TODAY                                                                              \
	"SELECT coalesce(sum(m.gen_ai_usage_input_tokens + m.gen_ai_usage_output_tokens), 0)::int8," \
	" coalesce(sum(m.cost_usd), 0)::float8 FROM sql_agent.model_call m"                          \
	" WHERE m.tenant = $1 AND m.created_at >="                                                   \
	" date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"

enum
{
	P_QUESTION,
	P_ASKED_BY,
	P_ATTEMPT,
	P_OPERATION,
	P_PROVIDER,
	P_SERVER,
	P_REQUEST_MODEL,
	P_RESPONSE_MODEL,
	P_FINISH,
	P_INPUT,
	P_CACHED,
	P_CACHE_WRITE,
	P_OUTPUT,
	P_REASONING,
	P_SECONDS,
	P_COST,
	P_ERROR,
	P_TENANT,
	P_ID,
	P_CREATED_AT,
	P_COUNT
};

static Oid call_types[P_COUNT] = {UUIDOID,   NAMEOID, INT4OID, TEXTOID, TEXTOID,
								  TEXTOID,   TEXTOID, TEXTOID, TEXTOID, INT8OID,
								  INT8OID,   INT8OID, INT8OID, INT8OID, FLOAT8OID,
								  FLOAT8OID, TEXTOID, NAMEOID, UUIDOID, TIMESTAMPTZOID};
static Oid price_types[] = {TEXTOID, TEXTOID};

/* kept for the life of the backend */
static SPIPlanPtr insert_call = NULL;
static SPIPlanPtr find_price = NULL;
static SPIPlanPtr spent_today = NULL;

static double
price_column(int number)
{
	bool isnull;
	Datum value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, number, &isnull);

	return isnull ? -1 : DatumGetFloat8(value);
}

static bool
look_up_price(const char *provider, const char *model, Prices *prices)
{
	Datum values[2];
	OwnerScope scope;
	bool found;
	bool isnull;

	if (provider == NULL || model == NULL)
		return false;
	values[0] = CStringGetTextDatum(provider);
	values[1] = CStringGetTextDatum(model);
	owner_scope_enter(&scope);
	owner_prepare(&find_price, FIND_PRICE, lengthof(price_types), price_types);
	if (SPI_execute_plan(find_price, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the prices of models");
	found = SPI_processed > 0;
	if (found)
	{
		Datum above = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 5, &isnull);

		prices->input = price_column(1);
		prices->output = price_column(2);
		prices->cached = price_column(3);
		prices->cache_write = price_column(4);
		prices->tier_above = isnull ? 0 : DatumGetInt64(above);
		prices->tier_input = price_column(6);
		prices->tier_output = price_column(7);
	}
	owner_scope_leave(&scope);
	return found;
}

/* the server's own prices go before the table's, each by itself */
static void
apply_overrides(const ModelCall *call, Prices *prices)
{
	if (call->input_price >= 0)
		prices->input = call->input_price;
	if (call->output_price >= 0)
		prices->output = call->output_price;
	if (call->cached_input_price >= 0)
		prices->cached = call->cached_input_price;
	if (call->cache_write_price >= 0)
		prices->cache_write = call->cache_write_price;
	/* who says what a token costs does not mean a tier of the public price list */
	if (call->input_price >= 0 || call->output_price >= 0)
		prices->tier_above = 0;
}

/*
 * A request above the tier's size is billed at the tier's prices as a whole;
 * cached input and cache writes keep their ratio to the price of input.
 */
static void
apply_tier(const ModelCall *call, Prices *prices)
{
	double factor;

	if (prices->tier_above <= 0 ||
		call->input + call->cached + call->cache_write <= prices->tier_above)
		return;
	if (prices->tier_input >= 0 && prices->input > 0)
	{
		factor = prices->tier_input / prices->input;
		prices->cached = prices->cached < 0 ? -1 : prices->cached * factor;
		prices->cache_write = prices->cache_write < 0 ? -1 : prices->cache_write * factor;
		prices->input = prices->tier_input;
	}
	if (prices->tier_output >= 0)
		prices->output = prices->tier_output;
}

void
ledger_price_call(ModelCall *call)
{
	Prices prices = {-1, -1, -1, -1, 0, -1, -1};

	call->cost_known = false;
	call->cost_usd = 0;
	if (call->local && call->input_price < 0 && call->output_price < 0)
	{
		call->cost_known = true;
		return;
	}
	if (!call->usage_known)
		return;
	/* the reply names the model that was billed: behind a deployment or an alias */
	if (!look_up_price(call->price_provider, call->response_model, &prices))
		(void) look_up_price(call->price_provider, call->request_model, &prices);
	apply_overrides(call, &prices);
	apply_tier(call, &prices);
	if (prices.input < 0 || prices.output < 0)
		return;
	call->cost_known = true;
	call->cost_usd =
		(call->input * prices.input +
		 call->cached * (prices.cached >= 0 ? prices.cached : prices.input) +
		 call->cache_write * (prices.cache_write >= 0 ? prices.cache_write : prices.input) +
		 call->output * prices.output) /
		MTOK;
}

/* of the day that it is in UTC */
static TimestampTz
midnight(void)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz since = now % USECS_PER_DAY;

	return now - (since < 0 ? since + USECS_PER_DAY : since);
}

void
ledger_spent_today(const char *tenant, int64 *tokens, double *usd)
{
	Oid types[] = {NAMEOID};
	Datum values[] = {DirectFunctionCall1(namein, CStringGetDatum(tenant))};
	OwnerScope scope;
	bool isnull;
	int64 unwritten_tokens;
	double unwritten_usd;

	owner_scope_enter(&scope);
	owner_prepare(&spent_today, SPENT_TODAY, lengthof(types), types);
	if (SPI_execute_plan(spent_today, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read what a tenant spent");
	*tokens =
		DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	*usd = DatumGetFloat8(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
	owner_scope_leave(&scope);
	/* and of what waits to be written, since midnight */
	ring_spent(tenant, midnight(), &unwritten_tokens, &unwritten_usd);
	*tokens += unwritten_tokens;
	*usd += unwritten_usd;
}

static void
set_text(Datum *values, char *nulls, int position, const char *text)
{
	if (text == NULL)
		nulls[position] = 'n';
	else
		values[position] = CStringGetTextDatum(text);
}

static Datum
name_of(const char *name)
{
	return DirectFunctionCall1(namein, CStringGetDatum(name));
}

static void
fill_call(const pg_uuid_t *question_id, const ModelCall *call, const char *asked_by, Datum *values,
		  char *nulls)
{
	memset(nulls, ' ', P_COUNT);
	if (question_id != NULL)
		values[P_QUESTION] = UUIDPGetDatum(question_id);
	else
		nulls[P_QUESTION] = 'n';
	values[P_ASKED_BY] = name_of(asked_by);
	values[P_ATTEMPT] = Int32GetDatum(call->attempt);
	set_text(values, nulls, P_OPERATION, call->operation);
	set_text(values, nulls, P_PROVIDER, call->provider);
	set_text(values, nulls, P_SERVER, call->server);
	set_text(values, nulls, P_REQUEST_MODEL, call->request_model);
	set_text(values, nulls, P_RESPONSE_MODEL, call->response_model);
	set_text(values, nulls, P_FINISH, call->finish_reason);
	values[P_INPUT] = Int64GetDatum(call->input + call->cached + call->cache_write);
	values[P_CACHED] = Int64GetDatum(call->cached);
	values[P_CACHE_WRITE] = Int64GetDatum(call->cache_write);
	values[P_OUTPUT] = Int64GetDatum(call->output);
	values[P_REASONING] = Int64GetDatum(call->reasoning);
	if (!call->usage_known)
		nulls[P_INPUT] = nulls[P_CACHED] = nulls[P_CACHE_WRITE] = nulls[P_OUTPUT] =
			nulls[P_REASONING] = 'n';
	values[P_SECONDS] = Float8GetDatum(call->seconds);
	values[P_COST] = Float8GetDatum(call->cost_usd);
	if (!call->cost_known)
		nulls[P_COST] = 'n';
	set_text(values, nulls, P_ERROR, call->error_type);
	if (call->tenant != NULL)
		values[P_TENANT] = name_of(call->tenant);
	else
		nulls[P_TENANT] = 'n';
	values[P_ID] = UUIDPGetDatum(&call->id);
	nulls[P_CREATED_AT] = 'n';
}

static void
insert(Datum *values, const char *nulls)
{
	int code = SPI_execute_plan(insert_call, values, nulls, false, 0);

	if (code != SPI_OK_INSERT)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
}

void
ledger_note_call(ModelCall *call)
{
	if (!pg_strong_random(&call->id, sizeof(call->id)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
	unsettled_add(call);
}

void
ledger_record_calls(const pg_uuid_t *question_id, List *calls)
{
	const char *asked_by = GetUserNameFromId(GetUserId(), false);
	OwnerScope scope;
	ListCell *lc;

	if (calls == NIL || XactReadOnly || RecoveryInProgress() || IsInParallelMode())
		return;
	owner_scope_enter(&scope);
	owner_prepare(&insert_call, INSERT_CALL, P_COUNT, call_types);
	foreach (lc, calls)
	{
		const ModelCall *call = lfirst(lc);
		Datum values[P_COUNT] = {0};
		char nulls[P_COUNT];

		fill_call(question_id, call, asked_by, values, nulls);
		insert(values, nulls);
		unsettled_note_row(&call->id);
	}
	owner_scope_leave(&scope);
}

/* ---- of those that were rolled back ---- */

struct LedgerBatch
{
	LedgerEntry *entries;
	int count;
};

static const char *
text_or_null(const char *text)
{
	return *text ? text : NULL;
}

static void
insert_entry(LedgerEntry *entry)
{
	ModelCall call = entry->numbers;
	Datum values[P_COUNT] = {0};
	char nulls[P_COUNT];

	call.id = entry->id;
	call.tenant = text_or_null(entry->tenant);
	call.operation = entry->operation;
	call.provider = text_or_null(entry->provider);
	call.server = text_or_null(entry->server);
	call.request_model = text_or_null(entry->request_model);
	call.response_model = text_or_null(entry->response_model);
	call.finish_reason = text_or_null(entry->finish_reason);
	call.error_type = text_or_null(entry->error_type);
	fill_call(NULL, &call, entry->asked_by, values, nulls);
	values[P_CREATED_AT] = TimestampTzGetDatum(entry->created_at);
	nulls[P_CREATED_AT] = ' ';
	insert(values, nulls);
}

bool
ledger_has_unsettled(void)
{
	LedgerRing state;

	ring_state(&state);
	return state.waiting > 0;
}

LedgerBatch *
ledger_write_unsettled(void)
{
	LedgerBatch *batch = palloc(sizeof(LedgerBatch));
	OwnerScope scope;

	batch->entries = ring_read(&batch->count);
	if (batch->count == 0)
		return NULL;
	owner_scope_enter(&scope);
	owner_prepare(&insert_call, INSERT_CALL, P_COUNT, call_types);
	for (int i = 0; i < batch->count; i++)
		insert_entry(&batch->entries[i]);
	owner_scope_leave(&scope);
	return batch;
}

void
ledger_forget_written(LedgerBatch *batch)
{
	ring_remove(batch->entries, batch->count);
}
