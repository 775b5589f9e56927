/*-------------------------------------------------------------------------
 *
 * profileread.c
 *		Reads the values of one relation with one generated statement.
 *
 * The statement takes a sample of rows once and gives back, in one shape of
 * seven columns (kind, value, n, d, average, smallest, largest):
 *
 *	kind 0				n = rows in the sample
 *	kind i, value NULL	column i: n = non-null values; for text d = bytes of the
 *						longest and the average; else d = distinct values, and
 *						the smallest and largest
 *	kind i, value v		text column i: the value v occurs n times, and there
 *						are d values
 *
 * A text longer than PROFILE_LONG_TEXT counts for its length only.
 *
 * The columns are text, enum, numbers, dates, timestamps and booleans; json,
 * bytea, arrays and all else have no profile.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_class.h"
#include "catalog/profile.h"
#include "common/settings.h"
#include "lib/stringinfo.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* columns of a very wide table beyond this many are left alone */
#define MAX_PROFILED_COLUMNS 64
/* values in the sample: of a wide table fewer rows are read, so that it takes no longer */
#define SAMPLE_VALUES   160000
#define MIN_SAMPLE_ROWS 2000
/* the guard lets a statement have 64 */
#define MAX_FROM_ENTRIES 60

typedef struct ValueList
{
	const char **values;
	int count;
	int allocated;
	int64 longest; /* bytes */
	double average;
} ValueList;

typedef struct ProfileReading
{
	const SnapshotRelation *relation;
	RelationProfile *profile;
	int sample_rows;
	bool by_blocks; /* may be sampled by blocks */
	bool sampled;
	ValueList *lists; /* by column */
	double rows;
	bool *is_list; /* text or enum, by column */
} ProfileReading;

static bool
has_value_list(uint8 type_class)
{
	return type_class == TYPE_CLASS_TEXT || type_class == TYPE_CLASS_ENUM;
}

static bool
has_range(uint8 type_class)
{
	return type_class == TYPE_CLASS_INTEGER || type_class == TYPE_CLASS_NUMBER ||
		   type_class == TYPE_CLASS_DATE || type_class == TYPE_CLASS_TIMESTAMP;
}

static bool
is_profiled(uint8 type_class)
{
	return has_value_list(type_class) || has_range(type_class) ||
		   type_class == TYPE_CLASS_BOOLEAN || type_class == TYPE_CLASS_UUID;
}

/*
 * What the column adds to the parts of the statement: expressions in the
 * sample, aggregates over it, a row of statistics made from those, and for
 * text a branch with the values.
 */
typedef struct StatementParts
{
	StringInfoData sample;
	StringInfoData aggregates;
	StringInfoData rows;
	StringInfoData branches;
} StatementParts;

static void
append_text_column(StatementParts *parts, const char *name, int i)
{
	appendStringInfo(&parts->sample,
					 "%spg_catalog.octet_length(t.%s::pg_catalog.text) AS l%d,"
					 " CASE WHEN pg_catalog.octet_length(t.%s::pg_catalog.text)"
					 " OPERATOR(pg_catalog.<=) %d THEN t.%s::pg_catalog.text END"
					 " COLLATE pg_catalog.\"C\" AS c%d",
					 parts->sample.len > 0 ? ", " : "", name, i, name, PROFILE_LONG_TEXT, name, i);
	appendStringInfo(&parts->aggregates,
					 ", pg_catalog.count(l%d) AS n%d, pg_catalog.max(l%d) AS m%d,"
					 " pg_catalog.avg(l%d) AS a%d",
					 i, i, i, i, i, i);
	appendStringInfo(&parts->rows,
					 ", (%d, n%d, m%d::pg_catalog.int8, a%d::pg_catalog.float8,"
					 " NULL::pg_catalog.text, NULL::pg_catalog.text)",
					 i, i, i, i);
	if (setting_profile_values > 0)
		appendStringInfo(&parts->branches,
						 " UNION ALL (SELECT %d, v, n, d, NULL::pg_catalog.float8,"
						 " NULL::pg_catalog.text, NULL::pg_catalog.text FROM"
						 " (SELECT c%d AS v, pg_catalog.count(*) AS n,"
						 " pg_catalog.count(*) OVER () AS d FROM s WHERE c%d IS NOT NULL"
						 " GROUP BY c%d) AS g"
						 " WHERE pg_catalog.octet_length(v) OPERATOR(pg_catalog.<=) %d"
						 " ORDER BY n DESC, v LIMIT %d)",
						 i, i, i, i, PROFILE_VALUE_BYTES, setting_profile_values + 1);
}

static void
append_other_column(StatementParts *parts, const char *name, int i, bool range)
{
	appendStringInfo(&parts->sample, "%st.%s AS c%d", parts->sample.len > 0 ? ", " : "", name, i);
	appendStringInfo(&parts->aggregates,
					 ", pg_catalog.count(c%d) AS n%d, pg_catalog.count(DISTINCT c%d) AS d%d", i, i,
					 i, i);
	if (range)
		appendStringInfo(&parts->aggregates,
						 ", pg_catalog.min(c%d)::pg_catalog.text AS lo%d,"
						 " pg_catalog.max(c%d)::pg_catalog.text AS hi%d",
						 i, i, i, i);
	appendStringInfo(&parts->rows, ", (%d, n%d, d%d, NULL::pg_catalog.float8, ", i, i, i);
	appendStringInfo(&parts->rows,
					 range ? "lo%d, hi%d)" : "NULL::pg_catalog.text, NULL::pg_catalog.text)", i, i);
}

/* what a column adds to the statement, in entries of FROM clauses and in rows of the result */
static int
from_entries(uint8 type_class)
{
	return has_value_list(type_class) ? 2 : 0;
}

static int
result_rows(uint8 type_class)
{
	return has_value_list(type_class) ? setting_profile_values + 2 : 1;
}

/*
 * Blocks from everywhere, where a big table can be sampled so.  Under row
 * security a role that sees a small part of the rows would find few of them in
 * such a sample; the first rows that it sees say more.
 */
static char *
sample_clause(ProfileReading *reading)
{
	double rows = reading->relation->row_estimate;

	if (!reading->by_blocks || rows < 2.0 * reading->sample_rows)
		return "";
	return psprintf(" TABLESAMPLE SYSTEM (%g) REPEATABLE (1)", 100.0 * reading->sample_rows / rows);
}

/*
 * The statement for the columns from *next on, as many as the guard's limits
 * and the size of the result allow.
 */
static char *
make_statement(ProfileReading *reading, int *next)
{
	const SnapshotRelation *relation = reading->relation;
	RelationProfile *profile = reading->profile;
	StatementParts parts;
	int entries = 3;
	int rows = 1;
	int first = *next;

	initStringInfo(&parts.sample);
	initStringInfo(&parts.aggregates);
	initStringInfo(&parts.rows);
	initStringInfo(&parts.branches);
	for (; *next < profile->ncolumns; (*next)++)
	{
		int position = snapshot_column_by_attnum(relation, profile->columns[*next].attnum);
		const SnapshotColumn *column = &relation->columns[position];

		entries += from_entries(column->type_class);
		rows += result_rows(column->type_class);
		if (*next > first && (entries > MAX_FROM_ENTRIES || rows > PROFILE_RESULT_ROWS))
			break;
		if (has_value_list(column->type_class))
			append_text_column(&parts, quote_identifier(column->name), *next + 1);
		else
			append_other_column(&parts, quote_identifier(column->name), *next + 1,
								has_range(column->type_class));
	}
	return psprintf("WITH s AS MATERIALIZED (SELECT %s FROM %s AS t%s LIMIT %d)"
					" SELECT k, NULL::pg_catalog.text, n, d, a, lo, hi"
					" FROM (SELECT pg_catalog.count(*) AS n0%s FROM s) AS x,"
					" LATERAL (VALUES (0, n0, NULL::pg_catalog.int8, NULL::pg_catalog.float8,"
					" NULL::pg_catalog.text, NULL::pg_catalog.text)%s) AS y (k, n, d, a, lo, hi)%s",
					parts.sample.data, quote_qualified_identifier(relation->schema, relation->name),
					sample_clause(reading), reading->sample_rows + 1, parts.aggregates.data,
					parts.rows.data, parts.branches.data);
}

static char *
datum_text(Datum value, bool isnull)
{
	return isnull ? NULL : TextDatumGetCString(value);
}

/*
 * Receives one row of the statement's result.
 */
static void
receive_row(void *arg, Datum *values, bool *nulls)
{
	ProfileReading *reading = arg;
	int kind = DatumGetInt32(values[0]);
	double n = DatumGetInt64(values[2]);
	ColumnProfile *face;
	ValueList *list;

	if (kind == 0)
	{
		reading->rows = n;
		return;
	}
	if (kind < 1 || kind > reading->profile->ncolumns)
		return;
	face = &reading->profile->columns[kind - 1].face;
	list = &reading->lists[kind - 1];
	if (nulls[1])
	{
		face->null_share = n; /* made a share when the number of rows is known */
		if (reading->is_list[kind - 1])
		{
			list->longest = nulls[3] ? 0 : DatumGetInt64(values[3]);
			list->average = nulls[4] ? 0 : DatumGetFloat8(values[4]);
			return;
		}
		face->distinct_seen = nulls[3] ? 0 : DatumGetInt64(values[3]);
		face->min = datum_text(values[5], nulls[5]);
		face->max = datum_text(values[6], nulls[6]);
		return;
	}
	face->distinct_seen = DatumGetInt64(values[3]);
	if (list->count >= list->allocated)
	{
		list->allocated = list->allocated == 0 ? 16 : list->allocated * 2;
		list->values = list->values == NULL
						   ? palloc(list->allocated * sizeof(char *))
						   : repalloc(list->values, list->allocated * sizeof(char *));
	}
	list->values[list->count++] = TextDatumGetCString(values[1]);
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/*
 * Turns what was received into the column's profile; the values are copied to
 * one block, for there may be many and short ones.
 */
static void
finish_column(ProfileReading *reading, int i, MemoryContext context)
{
	StoredProfile *column = &reading->profile->columns[i];
	ColumnProfile *face = &column->face;
	ValueList *list = &reading->lists[i];
	double nonnull = face->null_share;
	Size bytes = 0;
	char *block;

	face->null_share = reading->rows > 0 ? (reading->rows - nonnull) / reading->rows : 0;
	face->sampled = reading->sampled;
	if (face->min != NULL)
		face->min = MemoryContextStrdup(context, face->min);
	if (face->max != NULL)
		face->max = MemoryContextStrdup(context, face->max);
	if (list->average > PROFILE_LONG_TEXT)
		return;
	face->nvalues = Min(list->count, setting_profile_values);
	face->complete = reading->is_list[i] && !face->sampled &&
					 list->longest <= PROFILE_VALUE_BYTES && list->count == face->distinct_seen &&
					 face->nvalues == list->count;
	if (face->nvalues == 0)
		return;
	for (int v = 0; v < face->nvalues; v++)
		bytes += strlen(list->values[v]) + 1;
	qsort(list->values, face->nvalues, sizeof(char *), compare_strings);
	face->values = MemoryContextAlloc(context, face->nvalues * sizeof(char *));
	block = MemoryContextAlloc(context, bytes);
	for (int v = 0; v < face->nvalues; v++)
	{
		Size size = strlen(list->values[v]) + 1;

		face->values[v] = memcpy(block, list->values[v], size);
		block += size;
	}
}

/*
 * Runs the statements one after the other within the time for all of them.
 */
static bool
read_all_columns(ProfileReading *reading, Oid role, int timeout)
{
	int next = 0;
	instr_time start;
	instr_time now;

	INSTR_TIME_SET_CURRENT(start);
	while (next < reading->profile->ncolumns)
	{
		char *sql = make_statement(reading, &next);

		INSTR_TIME_SET_CURRENT(now);
		INSTR_TIME_SUBTRACT(now, start);
		if (INSTR_TIME_GET_MILLISEC(now) >= timeout ||
			!profile_run(sql, role, timeout - (int) INSTR_TIME_GET_MILLISEC(now), receive_row,
						 reading))
			return false;
	}
	return true;
}

bool
profile_read_columns(const CatalogSnapshot *snapshot, int position, int timeout,
					 RelationProfile *profile)
{
	const SnapshotRelation *relation = &snapshot->face.relations[position];
	MemoryContext context = CurrentMemoryContext;
	MemoryContext work =
		AllocSetContextCreate(context, "sql_agent profile reading", ALLOCSET_DEFAULT_SIZES);
	ProfileReading reading = {0};
	int count;
	bool done;

	profile->columns = palloc0(Max(relation->ncolumns, 1) * sizeof(StoredProfile));
	for (int i = 0; i < relation->ncolumns && profile->ncolumns < MAX_PROFILED_COLUMNS; i++)
		if (is_profiled(relation->columns[i].type_class))
			profile->columns[profile->ncolumns++].attnum = relation->columns[i].attnum;
	MemoryContextSwitchTo(work);
	count = Max(profile->ncolumns, 1);
	reading.relation = relation;
	reading.profile = profile;
	reading.sample_rows = Max(Min(PROFILE_SAMPLE_ROWS, SAMPLE_VALUES / count), MIN_SAMPLE_ROWS);
	reading.by_blocks = relation->relkind != RELKIND_VIEW &&
						relation->relkind != RELKIND_FOREIGN_TABLE &&
						!snapshot->details[position].row_security;
	reading.lists = palloc0(count * sizeof(ValueList));
	reading.is_list = palloc0(count * sizeof(bool));
	for (int i = 0; i < profile->ncolumns; i++)
	{
		int column = snapshot_column_by_attnum(relation, profile->columns[i].attnum);

		reading.is_list[i] = has_value_list(relation->columns[column].type_class);
	}
	done = read_all_columns(&reading, snapshot->face.role, timeout);
	reading.sampled = reading.rows > reading.sample_rows || *sample_clause(&reading) != '\0';
	profile->rows = reading.rows;
	for (int i = 0; done && i < profile->ncolumns; i++)
		finish_column(&reading, i, context);
	if (done)
		profile_index_values(profile, context);
	MemoryContextSwitchTo(context);
	MemoryContextDelete(work);
	return done;
}
