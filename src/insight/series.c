/*-------------------------------------------------------------------------
 *
 * series.c
 *		Values of a KPI, bucket by bucket.
 *
 * The statement is plain SQL of the KPI's own texts; it takes the path of all
 * that is generated: checked and run by the guard as the reader of the tenant
 * (or the asking role of who made the KPI).  It names days, not "now", so that
 * whoever runs it later sees what was judged.
 *
 * Only complete buckets are read: up to yesterday in the KPI's time zone, less
 * the days that rows may come late.  Buckets without a row count as zero where
 * the measure is a count or a sum, and are unknown otherwise.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "common/owner.h"
#include "common/settings.h"
#include "guard/guard.h"
#include "insight/insight.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "pgtime.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* buckets that are read for the detectors, the judged one included */
#define DAYS_READ   85
#define WEEKS_READ  53
#define MONTHS_READ 37
/* members of a dimension that are looked at: those with the most rows */
#define MEMBERS 10
/* bytes of one: a longer text is no member of anything */
#define MEMBER_MAX 256

/* what the measure says of buckets */
typedef struct MeasureKind
{
	bool zero;    /* no rows means zero */
	bool adds_up; /* the value of a week is the sum of its days */
} MeasureKind;

static int
buckets_read(KpiGranularity granularity)
{
	switch (granularity)
	{
		case KPI_DAY:
			return DAYS_READ;
		case KPI_WEEK:
			return WEEKS_READ;
		case KPI_MONTH:
			return MONTHS_READ;
	}
	return 0;
}

static DateADT
month_start(int year, int month)
{
	/* months from 0 */
	year += month >= 0 ? month / 12 : -((11 - month) / 12);
	month = ((month % 12) + 12) % 12;
	return date2j(year, month + 1, 1) - POSTGRES_EPOCH_JDATE;
}

DateADT
bucket_add(KpiGranularity granularity, DateADT bucket, int count)
{
	int year;
	int month;
	int day;

	if (granularity == KPI_DAY)
		return bucket + count;
	if (granularity == KPI_WEEK)
		return bucket + 7 * count;
	j2date(bucket + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return month_start(year, month - 1 + count);
}

/* the bucket that a day lies in */
static DateADT
bucket_of(KpiGranularity granularity, DateADT date)
{
	int year;
	int month;
	int day;

	if (granularity == KPI_DAY)
		return date;
	if (granularity == KPI_WEEK) /* the 1st of January 2000 was a Saturday */
		return date - (((date + 5) % 7) + 7) % 7;
	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return month_start(year, month - 1);
}

/* buckets from `first` to the one that begins on `bucket` */
static int
bucket_distance(KpiGranularity granularity, DateADT first, DateADT bucket)
{
	int year;
	int month;
	int day;
	int first_year;
	int first_month;

	if (granularity == KPI_DAY)
		return bucket - first;
	if (granularity == KPI_WEEK)
		return (bucket - first) / 7;
	j2date(first + POSTGRES_EPOCH_JDATE, &first_year, &first_month, &day);
	j2date(bucket + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return (year - first_year) * 12 + month - first_month;
}

/*
 * Today where the KPI is; sql_agent.as_of, where it is set.
 */
static DateADT
today(const Kpi *kpi)
{
	pg_tz *zone = kpi->time_zone ? pg_tzset(kpi->time_zone) : NULL;
	int year;
	int month;
	int day;
	struct pg_tm tm;
	fsec_t fsec;
	int offset;

	if (setting_as_of && *setting_as_of &&
		sscanf(setting_as_of, "%4d-%2d-%2d", &year, &month, &day) == 3)
		return date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
	if (timestamp2tm(GetCurrentTimestamp(), &offset, &tm, &fsec, NULL,
					 zone ? zone : session_timezone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
	return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
}

static bool
is_function(const FuncCall *call, const char *name)
{
	return strcmp(strVal(llast(call->funcname)), name) == 0;
}

static MeasureKind
measure_kind_of(Node *node)
{
	MeasureKind kind = {false, false};

	if (IsA(node, FuncCall))
	{
		FuncCall *call = (FuncCall *) node;

		kind.zero = is_function(call, "count") || is_function(call, "sum");
		kind.adds_up = kind.zero && !call->agg_distinct;
	}
	else if (IsA(node, A_Expr))
	{
		A_Expr *expression = (A_Expr *) node;
		const char *operator= strVal(llast(expression->name));

		if (expression->kind == AEXPR_OP && expression->lexpr && expression->rexpr &&
			(strcmp(operator, "+") == 0 || strcmp(operator, "-") == 0))
		{
			MeasureKind left = measure_kind_of(expression->lexpr);
			MeasureKind right = measure_kind_of(expression->rexpr);

			kind.zero = left.zero && right.zero;
			kind.adds_up = left.adds_up && right.adds_up;
		}
	}
	return kind;
}

static MeasureKind
measure_kind(const Kpi *kpi)
{
	return measure_kind_of(kpi_parse_expression("measure", kpi->measure));
}

static char *
date_literal(DateADT date)
{
	int year;
	int month;
	int day;

	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return psprintf("'%04d-%02d-%02d'", year, month, day);
}

/* a day's beginning as something that the time column can be compared with */
static char *
bound(const Kpi *kpi, DateADT date)
{
	if (kpi->time_zone == NULL)
		return psprintf("DATE %s", date_literal(date));
	return psprintf("(TIMESTAMP %s AT TIME ZONE %s)", date_literal(date),
					quote_literal_cstr(kpi->time_zone));
}

static void
append_conditions(StringInfo buf, const Kpi *kpi, const char *column, DateADT first, DateADT end,
				  const char *indent)
{
	appendStringInfo(buf, "%sWHERE %s >= %s AND %s < %s\n", indent, column, bound(kpi, first),
					 column, bound(kpi, end));
	if (kpi->filter)
		appendStringInfo(buf, "%s  AND (%s\n%s  )\n", indent, kpi->filter, indent);
}

char *
series_sql(const Kpi *kpi, const char *dimension, DateADT first, DateADT end)
{
	const char *table = quote_qualified_identifier(kpi->schema, kpi->relation);
	const char *column = quote_identifier(kpi->time_column);
	const char *day = kpi->time_zone ? psprintf("(%s AT TIME ZONE %s)", column,
												quote_literal_cstr(kpi->time_zone))
									 : column;
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "SELECT date_trunc('%s', %s)::date AS bucket,\n",
					 kpi_granularity_name(kpi->granularity), day);
	if (dimension)
		appendStringInfo(&buf, "  %s AS member,\n", quote_identifier(dimension));
	appendStringInfo(&buf,
					 "  (%s\n  )::double precision AS value,\n  count(*) AS row_count\nFROM %s\n",
					 kpi->measure, table);
	append_conditions(&buf, kpi, column, first, end, "");
	if (dimension)
	{
		const char *name = quote_identifier(dimension);

		appendStringInfo(&buf, "  AND %s IN (SELECT %s FROM %s\n", name, name, table);
		append_conditions(&buf, kpi, column, first, end, "    ");
		appendStringInfo(&buf, "    GROUP BY %s ORDER BY count(*) DESC, %s LIMIT %d)\n", name, name,
						 MEMBERS);
	}
	appendStringInfo(&buf, "GROUP BY 1%s\nORDER BY 1%s", dimension ? ", 2" : "",
					 dimension ? ", 2" : "");
	return buf.data;
}

Oid
kpi_reading_role(const Kpi *kpi, char **problem)
{
	const char *owner = kpi->tenant ? tenant_owner_name(kpi->tenant) : kpi->owner_role;
	Oid role = get_role_oid(owner, true);
	Oid asking;
	OwnerScope scope;

	*problem = NULL;
	if (!OidIsValid(role))
	{
		*problem = psprintf("role \"%s\" does not exist", owner);
		return InvalidOid;
	}
	switch (tenant_identity(role)->state)
	{
		case TENANT_SUSPENDED:
			*problem = "the tenant is suspended";
			return InvalidOid;
		case TENANT_LOST:
		case TENANT_SEVERAL:
			*problem = psprintf("role \"%s\" does not clearly belong to a tenant", owner);
			return InvalidOid;
		case TENANT_NONE:
			if (kpi->tenant)
			{
				*problem =
					psprintf("role \"%s\" is not the owner of tenant \"%s\"", owner, kpi->tenant);
				return InvalidOid;
			}
			break;
		case TENANT_ONE:
			break;
	}
	role_scope_enter(&scope, role);
	asking = identity_asking_role();
	owner_scope_leave(&scope);
	return asking;
}

static GuardOutcome *
run(const char *sql, Oid role, char **problem)
{
	GuardOutcome *outcome = guard_run(sql, role, 0);

	if (outcome->status == GUARD_OK && !outcome->truncated)
		return outcome;
	*problem = outcome->status == GUARD_OK
				   ? "there are more values than sql_agent.max_rows or sql_agent.max_bytes allow"
				   : pstrdup(outcome->error.message);
	if (outcome->store)
		tuplestore_end(outcome->store);
	return NULL;
}

static Series *
make_series(const Kpi *kpi, const char *dimension, const char *member, DateADT first, int count,
			MeasureKind kind)
{
	Series *series = palloc0(sizeof(Series));

	series->kpi = kpi;
	series->dimension = dimension ? pstrdup(dimension) : NULL;
	series->member = member ? pstrdup(member) : NULL;
	series->first = first;
	series->count = count;
	series->adds_up = kind.adds_up;
	series->silent = count;
	series->values = palloc(count * sizeof(double));
	series->rows = palloc0(count * sizeof(double));
	for (int i = 0; i < count; i++)
		series->values[i] = kind.zero ? 0 : NAN;
	return series;
}

static Series *
find_series(List *list, const char *member)
{
	ListCell *lc;

	foreach (lc, list)
		if (strcmp(((Series *) lfirst(lc))->member, member) == 0)
			return lfirst(lc);
	return NULL;
}

/* what was before the first row is not known: the business may not have existed */
static void
cut_beginning(Series *series, int first)
{
	series->first = bucket_add(series->kpi->granularity, series->first, first);
	series->values += first;
	series->rows += first;
	series->count -= first;
	series->silent = Min(series->silent, series->count);
}

/* nothing can be compared with an infinite value */
static double
known_value(double value)
{
	return isfinite(value) ? value : NAN;
}

/*
 * One statement, and the series that are in it.  The first row of each tells
 * where it begins: rows come in order.
 */
static List *
read_dimension(const Kpi *kpi, Oid role, const char *dimension, DateADT first, int count,
			   MeasureKind kind, char **problem)
{
	DateADT end = bucket_add(kpi->granularity, first, count);
	char *sql = series_sql(kpi, dimension, first, end);
	int measure = dimension ? 2 : 1;
	GuardOutcome *outcome = run(sql, role, problem);
	List *result = NIL;
	List *begins = NIL;
	TupleTableSlot *slot;
	ListCell *lc;
	ListCell *begin;

	if (outcome == NULL)
		return NIL;
	slot = guard_make_slot(outcome);
	guard_rewind(outcome);
	while (guard_next_row(outcome, slot))
	{
		char *member = dimension ? guard_value_text(outcome, slot, 1) : "";
		Series *series;
		int bucket;

		slot_getallattrs(slot);
		if (slot->tts_isnull[0] || member == NULL || strlen(member) > MEMBER_MAX)
			continue;
		bucket = bucket_distance(kpi->granularity, first, DatumGetDateADT(slot->tts_values[0]));
		if (bucket < 0 || bucket >= count)
			continue;
		series = find_series(result, member);
		if (series == NULL)
		{
			series = make_series(kpi, dimension, member, first, count, kind);
			series->sql = sql;
			result = lappend(result, series);
			begins = lappend_int(begins, bucket);
		}
		if (!slot->tts_isnull[measure])
			series->values[bucket] = known_value(DatumGetFloat8(slot->tts_values[measure]));
		series->rows[bucket] = (double) DatumGetInt64(slot->tts_values[measure + 1]);
		series->silent = count - 1 - bucket;
	}
	ExecDropSingleTupleTableSlot(slot);
	tuplestore_end(outcome->store);
	forboth (lc, result, begin, begins)
		cut_beginning(lfirst(lc), lfirst_int(begin));
	return result;
}

List *
series_read(const Kpi *kpi, Oid role, int buckets, bool dimensions, char **problem)
{
	MeasureKind kind = measure_kind(kpi);
	int count = buckets > 0 ? buckets : buckets_read(kpi->granularity);
	DateADT last;
	DateADT first;
	List *result;
	ListCell *lc;

	*problem = NULL;
	last = bucket_add(kpi->granularity,
					  bucket_of(kpi->granularity, today(kpi) - kpi->options.delay), -1);
	first = bucket_add(kpi->granularity, last, 1 - count);
	result = read_dimension(kpi, role, NULL, first, count, kind, problem);
	if (result == NIL || !dimensions)
		return result;
	foreach (lc, kpi->dimensions)
	{
		List *members = read_dimension(kpi, role, lfirst(lc), first, count, kind, problem);

		if (*problem != NULL)
			return NIL;
		result = list_concat(result, members);
	}
	return result;
}
