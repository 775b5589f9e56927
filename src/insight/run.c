/*-------------------------------------------------------------------------
 *
 * run.c
 *		Looks at KPIs and writes down what is found: SQL functions insight_run,
 *		insight_dismiss and kpi_values, and the task kind "insights".
 *
 * A KPI that can not be read (a dropped table, a column renamed) does not stop
 * the others: the reason stands in its row.  A finding is written once; one
 * that was told a short while ago for the same KPI in the same direction is
 * not told again (a shift of the level would else be told each day for a
 * week).  What a member of a dimension shows is left out where the whole shows
 * the same.
 *
 * NOTIFY sql_agent_insight carries nothing but the id of the insight: whoever
 * listens in the database gets it, and only those who may see it can read on.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "commands/async.h"
#include "common/apart.h"
#include "common/json.h"
#include "common/owner.h"
#include "insight/insight.h"
#include "miscadmin.h"
#include "task/task.h"
#include "tenant/act.h"
#include "tenant/identity.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(sql_agent_insight_run);
PG_FUNCTION_INFO_V1(sql_agent_insight_dismiss);
PG_FUNCTION_INFO_V1(sql_agent_kpi_values);

#define CHANNEL "sql_agent_insight"
/* of one KPI and run */
#define FINDINGS_MAX  10
#define COOLDOWN_DAYS 7
#define MAX_BUCKETS   1000
#define TASK_TIMEOUT  1800
#define TASK_ATTEMPTS 3

#define INSERT_INSIGHT                                                                       \
	"INSERT INTO sql_agent.insight (kpi_id, type, priority, sentiment, first_day, last_day," \
	" dimension_values, current_value, expected_value, low_value, high_value, change,"       \
	" score, sentence, sql)"                                                                 \
	" SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15"               \
	" WHERE NOT EXISTS (SELECT FROM sql_agent.insight i WHERE i.kpi_id = $1 AND i.type = $2" \
	"   AND i.dimension_values = $7 AND sign(i.score) = sign($13)"                           \
	"   AND i.last_day BETWEEN $6 - $16 AND $6)"                                             \
	" ON CONFLICT ON CONSTRAINT insight_once DO NOTHING RETURNING id"

#define NOTE_RUN                                                                           \
	"UPDATE sql_agent.kpi SET last_run_at = pg_catalog.clock_timestamp(), last_error = $2" \
	" WHERE id = $1"

/* what came of a run over several KPIs */
typedef struct RunSummary
{
	int kpis;
	int findings;
	List *errors; /* char * */
} RunSummary;

static int
compare_findings(const ListCell *a, const ListCell *b)
{
	const Finding *left = lfirst(a);
	const Finding *right = lfirst(b);
	double difference = fabs(right->score) / right->threshold - fabs(left->score) / left->threshold;

	return (difference > 0) - (difference < 0);
}

static bool
same_direction(const Finding *a, const Finding *b)
{
	return strcmp(a->type, b->type) == 0 && (a->score > 0) == (b->score > 0);
}

/* the first `whole` findings are of all rows */
static bool
shown_by_whole(List *findings, int whole, const Finding *finding)
{
	for (int i = 0; i < whole; i++)
		if (same_direction(list_nth(findings, i), finding))
			return true;
	return false;
}

/* what is found in the series of one KPI, the strongest first */
static List *
find_in(List *series)
{
	List *findings = NIL;
	int whole = 0;
	ListCell *lc;

	foreach (lc, series)
	{
		Series *one = lfirst(lc);
		ListCell *found;

		foreach (found, detect_all(one))
			if (one->dimension == NULL || !shown_by_whole(findings, whole, lfirst(found)))
				findings = lappend(findings, lfirst(found));
		if (one->dimension == NULL)
			whole = list_length(findings);
	}
	list_sort(findings, compare_findings);
	return list_truncate(findings, FINDINGS_MAX);
}

static Jsonb *
dimension_values(const Series *series)
{
	JsonBuilder json;

	json_start(&json);
	json_begin_object(&json, NULL);
	if (series->dimension)
		json_string(&json, series->dimension, series->member);
	json_end_object(&json);
	return json_finish(&json);
}

/* a level that moved is told once; a single odd day is an event of its own */
static int
cooldown(const Finding *finding)
{
	return strcmp(finding->type, "unusual_value") == 0 ? 0 : COOLDOWN_DAYS;
}

/* false where it was told before.  Owner's rights needed */
static bool
record_finding(const Finding *finding)
{
	Oid types[] = {UUIDOID,   TEXTOID,   TEXTOID,   TEXTOID,   DATEOID,   DATEOID,
				   JSONBOID,  FLOAT8OID, FLOAT8OID, FLOAT8OID, FLOAT8OID, FLOAT8OID,
				   FLOAT8OID, TEXTOID,   TEXTOID,   INT4OID};
	const char *priority = finding_priority(finding);
	Datum values[lengthof(types)];
	bool isnull;

	values[0] = UUIDPGetDatum(&finding->series->kpi->id);
	values[1] = CStringGetTextDatum(finding->type);
	values[2] = CStringGetTextDatum(priority);
	values[3] = CStringGetTextDatum(finding_sentiment(finding));
	values[4] = DateADTGetDatum(finding->from);
	values[5] = DateADTGetDatum(finding->until);
	values[6] = JsonbPGetDatum(dimension_values(finding->series));
	values[7] = Float8GetDatum(finding->current);
	values[8] = Float8GetDatum(finding->expected);
	values[9] = Float8GetDatum(finding->low);
	values[10] = Float8GetDatum(finding->high);
	values[11] = Float8GetDatum(finding_change(finding));
	values[12] = Float8GetDatum(finding->score);
	values[13] = CStringGetTextDatum(finding_sentence(finding));
	values[14] = CStringGetTextDatum(finding->series->sql);
	values[15] = Int32GetDatum(cooldown(finding));
	if (SPI_execute_with_args(INSERT_INSIGHT, lengthof(types), types, values, NULL, false, 0) !=
		SPI_OK_INSERT_RETURNING)
		elog(ERROR, "could not record the insight");
	if (SPI_processed == 0)
		return false;
	if (strcmp(priority, "high") == 0)
	{
		Datum id = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);

		Async_Notify(CHANNEL, DatumGetCString(DirectFunctionCall1(uuid_out, id)));
	}
	return true;
}

static void
note_run(const Kpi *kpi, const char *problem)
{
	Oid types[] = {UUIDOID, TEXTOID};
	Datum values[] = {UUIDPGetDatum(&kpi->id), problem ? CStringGetTextDatum(problem) : (Datum) 0};

	if (SPI_execute_with_args(NOTE_RUN, 2, types, values, problem ? "  " : " n", false, 0) !=
		SPI_OK_UPDATE)
		elog(ERROR, "could not note the run of a KPI");
}

/* the look at one KPI */
typedef struct KpiRun
{
	const Kpi *kpi;
	char *problem; /* why it could not be read, or NULL */
	int recorded;  /* new insights */
} KpiRun;

static void
look_at_kpi(void *arg)
{
	KpiRun *run = arg;
	Oid role = kpi_reading_role(run->kpi, &run->problem);
	List *findings = NIL;
	OwnerScope scope;
	ListCell *lc;

	if (OidIsValid(role))
		findings = find_in(series_read(run->kpi, role, 0, true, &run->problem));
	owner_scope_enter(&scope);
	foreach (lc, findings)
		run->recorded += record_finding(lfirst(lc));
	owner_scope_leave(&scope);
}

static void
run_kpi(KpiRun *run)
{
	ErrorData *error = apart_run(look_at_kpi, run, 0);
	OwnerScope scope;

	if (error != NULL)
	{
		run->problem = error->message;
		run->recorded = 0;
	}
	owner_scope_enter(&scope);
	note_run(run->kpi, run->problem);
	owner_scope_leave(&scope);
}

static void
run_kpis(List *kpis, RunSummary *summary)
{
	MemoryContext work =
		AllocSetContextCreate(CurrentMemoryContext, "sql_agent KPI", ALLOCSET_DEFAULT_SIZES);
	ListCell *lc;

	foreach (lc, kpis)
	{
		const Kpi *kpi = lfirst(lc);
		KpiRun run = {.kpi = kpi};
		MemoryContext old = MemoryContextSwitchTo(work);

		CHECK_FOR_INTERRUPTS();
		task_report_progress(100.0 * foreach_current_index(lc) / list_length(kpis), "%s",
							 kpi->name);
		run_kpi(&run);
		summary->findings += run.recorded;
		summary->kpis++;
		MemoryContextSwitchTo(old);
		if (run.problem != NULL)
			summary->errors = lappend(summary->errors, psprintf("%s: %s", kpi->name, run.problem));
		MemoryContextReset(work);
	}
	MemoryContextDelete(work);
}

/* an operator who names nobody means everybody */
static void
run_for(const char *wanted, RunSummary *summary)
{
	MemoryContext context = CurrentMemoryContext;
	bool everybody = wanted == NULL && identity_is_operator();
	char *tenant = NULL;
	char *owner = NULL;
	OwnerScope scope;
	List *kpis;

	if (!everybody)
		kpi_whose(wanted, &tenant, &owner);
	owner_scope_enter(&scope);
	kpis = kpi_read(context, tenant, tenant ? NULL : owner, NULL);
	owner_scope_leave(&scope);
	run_kpis(kpis, summary);
}

Datum
sql_agent_insight_run(PG_FUNCTION_ARGS)
{
	RunSummary summary = {0};

	PreventCommandIfReadOnly("insight_run()");
	run_for(PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0)), &summary);
	if (summary.errors != NIL)
		ereport(WARNING, (errmsg("%d of %d KPIs could not be read", list_length(summary.errors),
								 summary.kpis),
						  errdetail("%s", act_list(summary.errors))));
	PG_RETURN_INT32(summary.findings);
}

/* insight_dismiss(id, dismissed) */
Datum
sql_agent_insight_dismiss(PG_FUNCTION_ARGS)
{
	char *id = DatumGetCString(DirectFunctionCall1(uuid_out, PG_GETARG_DATUM(0)));
	bool dismissed = PG_GETARG_BOOL(1);
	const char *caller = quote_literal_cstr(GetUserNameFromId(GetUserId(), false));
	bool everybody = identity_is_operator();
	char *condition = "true";
	char *tenant;
	char *owner;
	OwnerScope scope;
	uint64 changed;

	PreventCommandIfReadOnly("insight_dismiss()");
	if (!everybody)
	{
		kpi_whose(NULL, &tenant, &owner);
		condition =
			tenant ? psprintf("k.tenant = %s", quote_literal_cstr(tenant))
				   : psprintf("k.tenant IS NULL AND k.owner_role = %s", quote_literal_cstr(owner));
	}
	owner_scope_enter(&scope);
	changed = act_run("UPDATE sql_agent.insight i SET dismissed_at = %s, dismissed_by = %s"
					  " FROM sql_agent.kpi k WHERE k.id = i.kpi_id AND i.id = '%s' AND %s",
					  dismissed ? "pg_catalog.clock_timestamp()" : "NULL",
					  dismissed ? caller : "NULL", id, condition);
	owner_scope_leave(&scope);
	if (changed == 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("there is no insight %s", id),
						errhint("View sql_agent.insights lists them.")));
	PG_RETURN_VOID();
}

static Kpi *
require_kpi(const char *wanted, const char *name)
{
	MemoryContext context = CurrentMemoryContext;
	char *tenant;
	char *owner;
	OwnerScope scope;
	List *found;

	kpi_whose(wanted, &tenant, &owner);
	owner_scope_enter(&scope);
	found = kpi_read(context, tenant, tenant ? NULL : owner, name);
	owner_scope_leave(&scope);
	if (found == NIL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("there is no KPI \"%s\"", name),
						errhint("View sql_agent.kpis lists them.")));
	return linitial(found);
}

/* kpi_values(name, buckets, tenant) */
Datum
sql_agent_kpi_values(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Kpi *kpi;
	Series *series;
	List *read;
	Oid role;
	char *problem;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("name and number of buckets must not be null")));
	if (PG_GETARG_INT32(1) < 1 || PG_GETARG_INT32(1) > MAX_BUCKETS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("buckets must be between 1 and %d", MAX_BUCKETS)));
	kpi = require_kpi(PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2)),
					  text_to_cstring(PG_GETARG_TEXT_PP(0)));
	role = kpi_reading_role(kpi, &problem);
	read = OidIsValid(role) ? series_read(kpi, role, PG_GETARG_INT32(1), false, &problem) : NIL;
	if (problem != NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the KPI can not be read: %s", problem)));
	if (read == NIL)
		return (Datum) 0;
	series = linitial(read);
	for (int i = 0; i < series->count; i++)
	{
		Datum values[] = {DateADTGetDatum(bucket_add(kpi->granularity, series->first, i)),
						  Float8GetDatum(series->values[i])};
		bool nulls[] = {false, isnan(series->values[i])};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ---- the task ---- */

static char *
payload_tenant(Jsonb *payload)
{
	JsonbValue *value = json_member(&payload->root, "tenant");

	if (value == NULL)
		return NULL;
	if (value->type != jbvString)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("member \"tenant\" of the payload is not a text")));
	return json_value_text(value);
}

static void
check_payload(Jsonb *payload)
{
	(void) payload_tenant(payload);
}

static Jsonb *
run_task(TaskRun *run)
{
	RunSummary summary = {0};
	JsonBuilder json;
	ListCell *lc;

	run_for(payload_tenant(run->payload), &summary);
	json_start(&json);
	json_begin_object(&json, NULL);
	json_int(&json, "kpis", summary.kpis);
	json_int(&json, "findings", summary.findings);
	json_begin_array(&json, "errors");
	foreach (lc, summary.errors)
		json_string(&json, NULL, lfirst(lc));
	json_end_array(&json);
	json_end_object(&json);
	return json_finish(&json);
}

static const TaskKind insights_kind = {.name = "insights",
									   .queue = QUEUE_DEFAULT,
									   .timeout = TASK_TIMEOUT,
									   .max_attempts = TASK_ATTEMPTS,
									   .effect = TASK_TRANSACTIONAL,
									   .open = true,
									   .check = check_payload,
									   .run = run_task};

void
insight_init(void)
{
	task_register_kind(&insights_kind);
}
