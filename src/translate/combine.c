/*-------------------------------------------------------------------------
 *
 * combine.c
 *		The ratio of two queries of the same groups, and both numbers beside it.
 *
 * Each stays a sub-select of its own, so that neither repeats the rows of the
 * other, and both are joined over what they are grouped by.  A group that only
 * one of them has keeps its line; a count that is not there is none.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "lib/stringinfo.h"
#include "translate/combine.h"
#include "utils/builtins.h"

static bool
is_group(const Output *output)
{
	return output->group && !output->hidden;
}

/* the visible groups, or the hidden keys where things are told apart by them */
static int
count_groups(const AskQuery *query)
{
	int n = 0;
	ListCell *lc;

	foreach (lc, query->outputs)
		n += is_group(lfirst(lc));
	return n;
}

static Output *
only_measure(const AskQuery *query)
{
	Output *found = NULL;
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		Output *output = lfirst(lc);

		if (output->hidden || output->group)
			continue;
		if (output->aggregate == AGGREGATE_NONE || found)
			return NULL;
		found = output;
	}
	return found;
}

static Output *
group_at(const AskQuery *query, int n)
{
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		Output *output = lfirst(lc);

		if (is_group(output) && n-- == 0)
			return output;
	}
	return NULL;
}

/*
 * Groups mean the same when they are the same column, the same bucket of time,
 * or columns of one name that a relationship may have led to either of.
 */
static bool
groups_fit(const AskQuery *a, const AskQuery *b, int n)
{
	const Output *x = group_at(a, n);
	const Output *y = group_at(b, n);

	if (x->bucket != TIME_UNIT_NONE || y->bucket != TIME_UNIT_NONE)
		return x->bucket == y->bucket;
	if (x->column.relation == y->column.relation && x->column.column == y->column.column)
		return true;
	return strcmp(a->snapshot->relations[x->column.relation].columns[x->column.column].name,
				  a->snapshot->relations[y->column.relation].columns[y->column.column].name) == 0;
}

CombinedQuery *
combine_queries(AskQuery *first, AskQuery *second, char **reason)
{
	CombinedQuery *combined = palloc0(sizeof(CombinedQuery));
	int ngroups = count_groups(first);

	combined->parts[0] = first;
	combined->parts[1] = second;
	combined->grouped = ngroups > 0;
	for (int i = 0; i < 2; i++)
	{
		AskQuery *part = combined->parts[i];

		combined->measures[i] = part->count_groups ? NULL : only_measure(part);
		if (!part->aggregated || !combined->measures[i] || part->limit > 0)
		{
			*reason = pstrdup("It is not clear which two numbers should be combined.");
			return NULL;
		}
		part->orders = NIL;
	}
	if (count_groups(second) != ngroups)
	{
		*reason = pstrdup("The two numbers are not grouped by the same.");
		return NULL;
	}
	for (int i = 0; i < ngroups; i++)
	{
		if (!groups_fit(first, second, i))
		{
			*reason = pstrdup("The two numbers are not grouped by the same.");
			return NULL;
		}
	}
	return combined;
}

static char *
indented(const char *sql)
{
	StringInfoData out;

	initStringInfo(&out);
	for (const char *p = sql; *p; p++)
	{
		appendStringInfoChar(&out, *p);
		if (*p == '\n')
			appendStringInfoString(&out, "  ");
	}
	return out.data;
}

/* the number of one side in the outer query */
static char *
measure_sql(const CombinedQuery *combined, int side)
{
	const Output *measure = combined->measures[side];
	char *column = psprintf("%s.%s", side == 0 ? "a" : "b", quote_identifier(measure->name));

	/* no group means none of them */
	if (combined->grouped &&
		(measure->aggregate == AGGREGATE_COUNT || measure->aggregate == AGGREGATE_COUNT_DISTINCT))
		return psprintf("coalesce(%s, 0)", column);
	return column;
}

static char *
measure_name(const CombinedQuery *combined, int side)
{
	if (side == 1 && strcmp(combined->measures[0]->name, combined->measures[1]->name) == 0)
		return psprintf("%s_of_all", combined->measures[1]->name);
	return combined->measures[side]->name;
}

static void
append_result_column(Translation *translation, char *name, ResultRole role)
{
	ResultColumn *column = palloc0(sizeof(ResultColumn));

	column->name = name;
	column->role = role;
	translation->columns = lappend(translation->columns, column);
}

/* a key that shows nothing is still what the rows are joined by */
static void
append_join(StringInfo out, const CombinedQuery *combined)
{
	int n = count_groups(combined->parts[0]);

	if (n == 0)
	{
		appendStringInfoString(out, "\nCROSS JOIN (");
		return;
	}
	appendStringInfoString(out, "\nFULL JOIN (");
}

static void
append_join_columns(StringInfo out, const CombinedQuery *combined)
{
	int n = count_groups(combined->parts[0]);

	for (int i = 0; i < n; i++)
		appendStringInfo(out, "%sa.%s = b.%s", i == 0 ? " ON " : " AND ",
						 quote_identifier(group_at(combined->parts[0], i)->name),
						 quote_identifier(group_at(combined->parts[1], i)->name));
}

static void
append_ratio(StringInfo out, Translation *translation, const CombinedQuery *combined)
{
	char *name = combined->percent ? "percentage" : "ratio";

	appendStringInfo(out, ",\n  %s%s::numeric / nullif(%s, 0) AS %s",
					 combined->percent ? "100.0 * " : "", measure_sql(combined, 0),
					 measure_sql(combined, 1), name);
	append_result_column(translation, name, RESULT_MEASURE);
}

static void
append_columns(StringInfo out, Translation *translation, const CombinedQuery *combined)
{
	int n = count_groups(combined->parts[0]);

	for (int i = 0; i < n; i++)
	{
		const Output *a = group_at(combined->parts[0], i);
		const Output *b = group_at(combined->parts[1], i);

		appendStringInfo(out, "%scoalesce(a.%s, b.%s) AS %s", i > 0 ? ",\n  " : "",
						 quote_identifier(a->name), quote_identifier(b->name),
						 quote_identifier(a->name));
		append_result_column(translation, a->name,
							 a->bucket != TIME_UNIT_NONE ? RESULT_TIME : RESULT_KEY);
	}
	for (int side = 0; side < 2; side++)
	{
		appendStringInfo(out, "%s%s AS %s", n > 0 || side > 0 ? ",\n  " : "",
						 measure_sql(combined, side),
						 quote_identifier(measure_name(combined, side)));
		append_result_column(translation, measure_name(combined, side), RESULT_MEASURE);
	}
}

static void
append_order(StringInfo out, const CombinedQuery *combined)
{
	const Output *group = group_at(combined->parts[0], 0);

	if (!group)
		return;
	if (group->bucket != TIME_UNIT_NONE)
		appendStringInfo(out, "\nORDER BY %s", quote_identifier(group->name));
	else
		appendStringInfo(out, "\nORDER BY %s DESC NULLS LAST",
						 combined->percent ? "percentage" : "ratio");
}

/* the explanation of a part without its full stop, and with a small letter */
static char *
explain_part(const AskQuery *query)
{
	char *text = explain_query(query);
	int len = strlen(text);

	if (len > 0 && text[len - 1] == '.')
		text[len - 1] = '\0';
	if (text[0] >= 'A' && text[0] <= 'Z')
		text[0] += 'a' - 'A';
	return text;
}

void
present_combined(Translation *translation, CombinedQuery *combined)
{
	StringInfoData out;
	char *first = indented(deparse_query(combined->parts[0]));
	char *second = indented(deparse_query(combined->parts[1]));

	initStringInfo(&out);
	appendStringInfoString(&out, "SELECT ");
	append_columns(&out, translation, combined);
	append_ratio(&out, translation, combined);
	appendStringInfo(&out, "\nFROM (%s) AS a", first);
	append_join(&out, combined);
	appendStringInfo(&out, "%s) AS b", second);
	append_join_columns(&out, combined);
	append_order(&out, combined);
	translation->sql = out.data;
	translation->explanation = psprintf("The %s over the %s.", explain_part(combined->parts[0]),
										explain_part(combined->parts[1]));
	translation->wants_share = combined->percent;
}

List *
list_concat_unique_text(List *first, List *second)
{
	ListCell *lc;

	foreach (lc, second)
	{
		ListCell *lc2;
		bool known = false;

		foreach (lc2, first)
			known |= strcmp(lfirst(lc), lfirst(lc2)) == 0;
		if (!known)
			first = lappend(first, lfirst(lc));
	}
	return first;
}
