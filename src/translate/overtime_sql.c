/*-------------------------------------------------------------------------
 *
 * overtime_sql.c
 *		Writes one number over time as SQL, and says it.
 *
 * The number of each group is a sub-select; what compares groups stands around
 * it.  What lies a step before is found by a window of exactly that distance
 * and not by lag(): a month without rows is no month to compare with.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <ctype.h>

#include "lib/stringinfo.h"
#include "translate/builtin.h"
#include "translate/overtime.h"
#include "utils/builtins.h"

static const char *
name_of(const Output *output)
{
	return quote_identifier(output->name);
}

static void
add_column(Translation *translation, char *name, ResultRole role)
{
	ResultColumn *column = palloc0(sizeof(ResultColumn));

	column->name = name;
	column->role = role;
	translation->columns = lappend(translation->columns, column);
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

/* "INTERVAL '2 months'", or a plain number of fiscal years */
static char *
distance_sql(const Output *bucket, TimeUnit unit, int count)
{
	if (bucket->bucket == TIME_UNIT_FISCAL_YEAR)
		return psprintf("%d", count);
	if (unit == TIME_UNIT_QUARTER || unit == TIME_UNIT_FISCAL_QUARTER)
	{
		unit = TIME_UNIT_MONTH;
		count *= 3;
	}
	return psprintf("INTERVAL '%d %s%s'", count, time_unit_name(unit), count == 1 ? "" : "s");
}

/* "PARTITION BY zone ORDER BY month": each of the other groups is a series of its own */
static char *
series_sql(const OverTimeQuery *over)
{
	StringInfoData out;
	const char *word = "PARTITION BY ";
	ListCell *lc;

	initStringInfo(&out);
	foreach (lc, over->base->outputs)
	{
		const Output *output = lfirst(lc);

		if (!output->group || output == over->bucket)
			continue;
		appendStringInfo(&out, "%s%s", word, name_of(output));
		word = ", ";
	}
	appendStringInfo(&out, "%sORDER BY %s", out.len > 0 ? " " : "", name_of(over->bucket));
	return out.data;
}

static void
append_change(StringInfo out, Translation *translation, const char *now, const char *before)
{
	appendStringInfo(out, ",\n  %s - %s AS change", now, before);
	appendStringInfo(
		out, ",\n  round((100.0 * (%s - %s) / nullif(%s, 0))::numeric, 2) AS change_percent", now,
		before, before);
	add_column(translation, "change", RESULT_REMARK);
	add_column(translation, "change_percent", RESULT_REMARK);
}

/*
 * What stands beside the columns of the sub-select.
 */
static void
append_computed(StringInfo out, Translation *translation, const OverTimeQuery *over)
{
	const char *number = over->kind == OVER_PERIODS ? NULL : name_of(over->measure);

	switch (over->kind)
	{
		case OVER_PERIODS:
			if (over->nperiods == 2)
				append_change(out, translation, name_of(over->sides[1]), name_of(over->sides[0]));
			break;
		case OVER_CHANGE:
			append_change(out, translation, number,
						  psprintf("first_value(%s) OVER before", number));
			break;
		case OVER_RUNNING:
			appendStringInfo(out, ",\n  sum(%s) OVER (%s) AS running_total", number,
							 series_sql(over));
			add_column(translation, "running_total", RESULT_MEASURE);
			break;
		case OVER_MOVING:
			appendStringInfo(out,
							 ",\n  avg(%s) OVER (%s RANGE BETWEEN %s PRECEDING AND CURRENT ROW) "
							 "AS moving_average",
							 number, series_sql(over),
							 distance_sql(over->bucket, over->bucket->bucket, over->width - 1));
			add_column(translation, "moving_average", RESULT_MEASURE);
			break;
	}
}

/* groups that come again are ordered by their place in the week or year */
static char *
group_order_sql(const Output *group)
{
	if (group->bucket == TIME_UNIT_MONTH_OF_YEAR)
		return psprintf("to_date(%s, 'Month')", name_of(group));
	if (group->bucket == TIME_UNIT_WEEKDAY)
		return psprintf("array_position(ARRAY['Monday', 'Tuesday', 'Wednesday', 'Thursday', "
						"'Friday', 'Saturday', 'Sunday'], %s)",
						name_of(group));
	return pstrdup(name_of(group));
}

static void
append_order(StringInfo out, const OverTimeQuery *over)
{
	const char *word = "\nORDER BY ";
	bool grouped = false;
	ListCell *lc;

	foreach (lc, over->base->outputs)
	{
		const Output *output = lfirst(lc);

		if (!output->group || output == over->bucket)
			continue;
		grouped = true;
		if (output->hidden || (!over->bucket && output->bucket == TIME_UNIT_NONE))
			continue;
		appendStringInfo(out, "%s%s", word, group_order_sql(output));
		word = ", ";
	}
	if (over->bucket)
		appendStringInfo(out, "%s%s", word, name_of(over->bucket));
	else if (grouped && *word == '\n')
		appendStringInfo(out, "%s%s DESC NULLS LAST", word,
						 name_of(over->sides[over->nperiods - 1]));
}

static char *
over_time_sql(Translation *translation, OverTimeQuery *over)
{
	StringInfoData out;
	List *shown = NIL;
	const char *word = "SELECT ";
	char *inner;
	ListCell *lc;

	/* keys that are not shown tell series apart all the same */
	foreach (lc, over->base->outputs)
	{
		Output *output = lfirst(lc);

		if (!output->hidden)
			shown = lappend(shown, output);
		if (over->bucket)
			output->hidden = false;
	}
	inner = indented(deparse_query(over->base));
	initStringInfo(&out);
	foreach (lc, shown)
	{
		appendStringInfo(&out, "%s%s", word, name_of(lfirst(lc)));
		word = ",\n  ";
	}
	append_computed(&out, translation, over);
	appendStringInfo(&out, "\nFROM (%s) AS %s", inner, over->bucket ? "series" : "periods");
	if (over->kind == OVER_CHANGE)
	{
		char *distance = distance_sql(over->bucket, over->step, 1);

		appendStringInfo(&out,
						 "\nWINDOW before AS (%s RANGE BETWEEN %s PRECEDING AND %s PRECEDING)",
						 series_sql(over), distance, distance);
	}
	foreach (lc, over->base->outputs)
	{
		Output *output = lfirst(lc);

		output->hidden = !list_member_ptr(shown, output);
	}
	append_order(&out, over);
	return out.data;
}

/*
 * What is done with the numbers, in words.
 */
static char *
computed_words(const OverTimeQuery *over)
{
	StringInfoData out;
	const char *unit =
		over->bucket ? readable_name(time_unit_name(over->bucket->bucket)) : "period";

	initStringInfo(&out);
	switch (over->kind)
	{
		case OVER_PERIODS:
			appendStringInfoString(&out, ": ");
			for (int i = 0; i < over->nperiods; i++)
				appendStringInfo(&out, "%s\"%s\"", i > 0 ? " beside " : "",
								 over->periods[i]->label);
			if (over->nperiods == 2)
				appendStringInfoString(&out, ", and the change from the one to the other");
			break;
		case OVER_CHANGE:
			appendStringInfo(&out, ", and the change from the %s before",
							 over->step == TIME_UNIT_YEAR &&
									 over->bucket->bucket != TIME_UNIT_YEAR &&
									 over->bucket->bucket != TIME_UNIT_FISCAL_YEAR
								 ? psprintf("same %s of the year", unit)
								 : unit);
			break;
		case OVER_RUNNING:
			appendStringInfo(&out, ", and their total up to each %s", unit);
			break;
		case OVER_MOVING:
			appendStringInfo(&out, ", and the average of each %s and the %d before", unit,
							 over->width - 1);
			break;
	}
	appendStringInfoChar(&out, '.');
	return out.data;
}

/* "Q1 2024" as a part of a column's name */
static char *
side_name(const char *label)
{
	StringInfoData out;

	initStringInfo(&out);
	if (pg_strncasecmp(label, "the ", 4) == 0)
		label += 4;
	for (const char *p = label; *p; p++)
	{
		if (isalnum((unsigned char) *p) || (unsigned char) *p >= 0x80)
			appendStringInfoChar(&out, pg_tolower((unsigned char) *p));
		else if (out.len > 0 && out.data[out.len - 1] != '_')
			appendStringInfoChar(&out, '_');
	}
	return out.data;
}

void
present_over_time(Translation *translation, OverTimeQuery *over)
{
	char *base = explain_query(over->base);

	base[strlen(base) - 1] = '\0';
	translation->explanation = psprintf("%s%s", base, computed_words(over));
	over->base->orders = NIL;
	if (over->kind == OVER_PERIODS)
	{
		/* the number gives way to one for each period */
		List *outputs = NIL;
		ListCell *lc;

		foreach (lc, over->base->outputs)
		{
			if (lfirst(lc) != over->measure)
				outputs = lappend(outputs, lfirst(lc));
			else
				for (int i = 0; i < over->nperiods; i++)
				{
					over->sides[i]->side = side_name(over->periods[i]->label);
					outputs = lappend(outputs, over->sides[i]);
				}
		}
		over->base->outputs = outputs;
		over->base->filters = lappend(over->base->filters, over->times);
	}
	/* gives the columns their names, which the roles need */
	(void) deparse_query(over->base);
	describe_shape(translation, over->base);
	translation->sql = over_time_sql(translation, over);
	translation->single_value = false;
}
