/*-------------------------------------------------------------------------
 *
 * combine.c
 *		Two queries of the same groups in one statement: the ratio of their
 *		numbers, the numbers side by side, or their correlation.
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

/*
 * Things of one name are not the same: their keys are needed to join by.
 */
static void
bring_out_keys(AskQuery *query)
{
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		Output *output = lfirst(lc);

		if (!output->group || !output->hidden)
			continue;
		output->hidden = false;
		output->inner = true;
	}
}

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
	int ngroups;

	combined->parts[0] = first;
	combined->parts[1] = second;
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
		bring_out_keys(part);
	}
	/* the average of groups is one number */
	ngroups = count_groups(first);
	if (first->average_groups || second->average_groups)
		ngroups = first->average_groups && second->average_groups ? 0 : -1;
	combined->grouped = ngroups > 0;
	if (ngroups != 0 && count_groups(second) != ngroups)
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

/* what the sub-select calls its number */
static char *
number_name(const AskQuery *part, const Output *measure)
{
	return part->average_groups ? psprintf("average_%s", measure->name) : measure->name;
}

/* the number of one side in the outer query */
static char *
measure_sql(const CombinedQuery *combined, int side)
{
	const Output *measure = combined->measures[side];
	char *column = psprintf("%s.%s", side == 0 ? "a" : "b",
							quote_identifier(number_name(combined->parts[side], measure)));

	/* no group means none of them */
	if (combined->grouped &&
		(measure->aggregate == AGGREGATE_COUNT || measure->aggregate == AGGREGATE_COUNT_DISTINCT))
		return psprintf("coalesce(%s, 0)", column);
	return column;
}

static char *
measure_name(const CombinedQuery *combined, int side)
{
	char *first = number_name(combined->parts[0], combined->measures[0]);
	char *second = number_name(combined->parts[1], combined->measures[1]);

	if (strcmp(first, second) != 0)
		return side == 0 ? first : second;
	if (combined->labels[side])
		return psprintf("%s_%s", first, combined->labels[side]);
	return side == 0 ? first : psprintf("%s_of_all", second);
}

static void
append_result_column(Translation *translation, char *name, ResultRole role)
{
	ResultColumn *column = palloc0(sizeof(ResultColumn));

	column->name = name;
	column->role = role;
	translation->columns = lappend(translation->columns, column);
}

static int
ngroups_of(const CombinedQuery *combined)
{
	return combined->grouped ? count_groups(combined->parts[0]) : 0;
}

static void
append_join(StringInfo out, const CombinedQuery *combined)
{
	if (!combined->grouped)
		appendStringInfoString(out, "\nCROSS JOIN (");
	else if (combined->kind == COMBINE_CORRELATION)
		appendStringInfoString(out, "\nJOIN (");
	else
		appendStringInfoString(out, "\nFULL JOIN (");
}

/* are all groups called the same on both sides? */
static bool
groups_share_names(const CombinedQuery *combined)
{
	for (int i = 0; i < ngroups_of(combined); i++)
	{
		if (strcmp(group_at(combined->parts[0], i)->name, group_at(combined->parts[1], i)->name) !=
			0)
			return false;
	}
	return true;
}

static void
append_join_columns(StringInfo out, const CombinedQuery *combined)
{
	int n = ngroups_of(combined);

	if (combined->kind != COMBINE_RATIO && n > 0 && groups_share_names(combined))
	{
		for (int i = 0; i < n; i++)
			appendStringInfo(out, "%s%s", i == 0 ? " USING (" : ", ",
							 quote_identifier(group_at(combined->parts[0], i)->name));
		appendStringInfoChar(out, ')');
		return;
	}
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
	const char *comma = "";

	for (int i = 0; i < ngroups_of(combined); i++)
	{
		const Output *a = group_at(combined->parts[0], i);
		const Output *b = group_at(combined->parts[1], i);

		if (a->inner)
			continue;
		if (combined->kind != COMBINE_RATIO && groups_share_names(combined))
			appendStringInfo(out, "%s%s", comma, quote_identifier(a->name));
		else
			appendStringInfo(out, "%scoalesce(a.%s, b.%s) AS %s", comma, quote_identifier(a->name),
							 quote_identifier(b->name), quote_identifier(a->name));
		append_result_column(
			translation, a->name,
			a->bucket != TIME_UNIT_NONE && !time_unit_recurs(a->bucket) ? RESULT_TIME : RESULT_KEY);
		comma = ",\n  ";
	}
	for (int side = 0; side < 2; side++)
	{
		appendStringInfo(out, "%s%s AS %s", comma, measure_sql(combined, side),
						 quote_identifier(measure_name(combined, side)));
		append_result_column(translation, measure_name(combined, side), RESULT_MEASURE);
		comma = ",\n  ";
	}
}

/* how the numbers move together, and over how many groups that is known */
static void
append_correlation(StringInfo out, Translation *translation, const CombinedQuery *combined)
{
	const Output *group = group_at(combined->parts[0], 0);
	char *number = group->bucket != TIME_UNIT_NONE
					   ? psprintf("number_of_%ss", time_unit_name(group->bucket))
					   : pstrdup("number_of_groups");

	appendStringInfo(out, "corr(%s, %s) AS correlation,\n  count(*) AS %s",
					 measure_sql(combined, 0), measure_sql(combined, 1), number);
	append_result_column(translation, "correlation", RESULT_MEASURE);
	append_result_column(translation, number, RESULT_REMARK);
}

static void
append_order(StringInfo out, const CombinedQuery *combined)
{
	const char *number;

	for (int i = 0; i < ngroups_of(combined); i++)
	{
		const Output *group = group_at(combined->parts[0], i);

		if (group->bucket == TIME_UNIT_NONE)
			continue;
		appendStringInfo(out, "\nORDER BY %s", quote_identifier(group->name));
		return;
	}
	if (!combined->grouped)
		return;
	if (combined->kind == COMBINE_BESIDE)
		number = quote_identifier(measure_name(combined, 0));
	else
		number = combined->percent ? "percentage" : "ratio";
	appendStringInfo(out, "\nORDER BY %s DESC NULLS LAST", number);
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

static char *
explain_combined(const CombinedQuery *combined)
{
	char *first = explain_part(combined->parts[0]);
	char *second = explain_part(combined->parts[1]);

	switch (combined->kind)
	{
		case COMBINE_RATIO:
			break;
		case COMBINE_BESIDE:
			return psprintf("The %s, beside the %s.", first, second);
		case COMBINE_CORRELATION:
			return psprintf("The correlation of the %s with the %s: near 1 they rise and fall "
							"together, near -1 one falls where the other rises, near 0 neither.",
							first, second);
	}
	return psprintf("The %s over the %s.", first, second);
}

void
present_combined(Translation *translation, CombinedQuery *combined)
{
	StringInfoData out;
	char *first = indented(deparse_query(combined->parts[0]));
	char *second = indented(deparse_query(combined->parts[1]));

	initStringInfo(&out);
	appendStringInfoString(&out, "SELECT ");
	if (combined->kind == COMBINE_CORRELATION)
		append_correlation(&out, translation, combined);
	else
		append_columns(&out, translation, combined);
	if (combined->kind == COMBINE_RATIO)
		append_ratio(&out, translation, combined);
	appendStringInfo(&out, "\nFROM (%s) AS a", first);
	append_join(&out, combined);
	appendStringInfo(&out, "%s) AS b", second);
	append_join_columns(&out, combined);
	if (combined->kind != COMBINE_CORRELATION)
		append_order(&out, combined);
	translation->sql = out.data;
	translation->explanation = explain_combined(combined);
	translation->wants_share = combined->kind == COMBINE_RATIO && combined->percent;
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
