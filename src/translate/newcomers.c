/*-------------------------------------------------------------------------
 *
 * newcomers.c
 *		"new customers per month", "monthly retention": when things had their
 *		first event, and how many of a period came back in the next.
 *
 * These are no selections of rows that a query of ours could say, so the
 * statements are written here.  Only what is understood completely is served:
 * the thing, a unit, a time.  Anything else in the question declines.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/settings.h"
#include "lib/stringinfo.h"
#include "translate/habits.h"
#include "utils/builtins.h"

#define CONFIDENCE_NAMED   0.9
#define CONFIDENCE_IMPLIED 0.8

typedef struct Periods
{
	TimeUnit unit;
	const TimeSpan *time; /* or NULL */
	char *time_words;
	bool counts;
} Periods;

static bool
is_unit(const Element *element)
{
	return element->entry && element->entry->concept == CONCEPT_UNIT;
}

/*
 * The unit and the time.  False where the question says anything more.
 */
static bool
read_periods(const Interpretation *in, const Habit *habit, int word, Periods *periods)
{
	memset(periods, 0, sizeof(Periods));
	for (int i = 0; i < in->count; i++)
	{
		const Element *element = &in->elements[i];

		if (i == word || i == habit->things_at)
			continue;
		if (is_unit(element))
		{
			if (periods->unit != TIME_UNIT_NONE)
				return false;
			periods->unit = UNIT_OF(element->entry->arg);
			/* periods that follow each other, and that date_trunc() knows */
			if (periods->unit < TIME_UNIT_DAY || periods->unit > TIME_UNIT_YEAR)
				return false;
			continue;
		}
		if (element->kind == ELEMENT_TIME)
		{
			if (periods->time || element->time->weekdays || i == 0 ||
				span_concept(in, i - 1) == CONCEPT_NOT)
				return false;
			periods->time = element->time;
			periods->time_words = element->text;
			continue;
		}
		switch (span_concept(in, i))
		{
			case CONCEPT_NOISE:
			case CONCEPT_LIST:
			case CONCEPT_WHAT:
			case CONCEPT_SENTENCE:
				break;
			case CONCEPT_OF:
				/* "retention of customers", "number of" */
				if (i + 1 != habit->things_at && i + 1 != word)
					return false;
				break;
			case CONCEPT_GROUP:
			case CONCEPT_EACH:
				if (i + 1 >= in->count || !is_unit(&in->elements[i + 1]))
					return false;
				break;
			case CONCEPT_COUNT:
				periods->counts = true;
				break;
			case CONCEPT_VERB:
				/* "how many new customers did we get" */
				if (element->entry->hints)
					return false;
				break;
			default:
				return false;
		}
	}
	return true;
}

static const char *
events_sql(const Interpretation *in, const Habit *habit)
{
	const SnapshotRelation *rel = &in->snapshot->relations[habit->events];

	return quote_qualified_identifier(rel->schema, rel->name);
}

static const char *
time_column_sql(const Interpretation *in, const Habit *habit)
{
	return quote_identifier(in->snapshot->relations[habit->events].columns[habit->time].name);
}

static const SnapshotColumn *
pointing_column(const Interpretation *in, const Habit *habit)
{
	const SnapshotEdge *edge = &in->snapshot->edges[habit->edge];
	const SnapshotRelation *rel = &in->snapshot->relations[edge->from];

	return &rel->columns[snapshot_column_by_attnum(rel, edge->from_attnums[0])];
}

/* rows that point to nobody are nobody's */
static char *
pointing_condition(const Interpretation *in, const Habit *habit, const char *indent)
{
	const SnapshotColumn *column = pointing_column(in, habit);

	return column->not_null
			   ? pstrdup("")
			   : psprintf("\n%sWHERE e.%s IS NOT NULL", indent, quote_identifier(column->name));
}

static void
append_result(Translation *translation, const char *name, ResultRole role)
{
	ResultColumn *column = palloc0(sizeof(ResultColumn));

	column->name = pstrdup(name);
	column->role = role;
	translation->columns = lappend(translation->columns, column);
}

static char *
joined_name(const char *prefix, const char *words)
{
	char *name = psprintf("%s%s", prefix, words);

	for (char *p = name; *p; p++)
	{
		if (*p == ' ')
			*p = '_';
	}
	return name;
}

static bool
sure_enough(const Habit *habit, Translation *translation)
{
	translation->confidence = habit->things_at >= 0 ? CONFIDENCE_NAMED : CONFIDENCE_IMPLIED;
	return translation->confidence >= setting_builtin_confidence;
}

static void
present(const Interpretation *in, const Habit *habit, Translation *translation, char *sql,
		char *explanation, char *assumption)
{
	const SnapshotRelation *events = &in->snapshot->relations[habit->events];

	translation->answered = true;
	translation->sql = sql;
	translation->explanation = explanation;
	translation->assumptions =
		list_make2(assumption, psprintf("What %s do is told by %s, by %s.", habit_things(in, habit),
										reading_text(in->snapshot, habit->events, -1),
										events->columns[habit->time].name));
	translation->understood = list_make1(psprintf(
		"\"%s\" as %s",
		habit->things_at >= 0 ? in->elements[habit->things_at].text : habit_things(in, habit),
		reading_text(in->snapshot, habit->things, -1)));
}

static void
append_bounds(StringInfo out, const TimeSpan *time)
{
	const char *word = "\nWHERE ";

	if (time->from.set)
	{
		appendStringInfo(out, "%sn.first_at >= %s", word, time_bound_sql(&time->from));
		word = " AND ";
	}
	if (time->to.set)
		appendStringInfo(out, "%sn.first_at < %s", word, time_bound_sql(&time->to));
}

/*
 * New is who has the first event then.
 */
bool
translate_newcomers(Interpretation *in, Translation *translation)
{
	Habit habit = {0};
	Periods periods;
	StringInfoData out;
	char *number;
	const char *key;
	int word = 0;

	while (span_concept(in, word) != CONCEPT_HABIT)
		word++;
	if (!find_habit(in, &habit) || habit.things_at < word || !sure_enough(&habit, translation) ||
		!read_periods(in, &habit, word, &periods) ||
		(periods.unit == TIME_UNIT_NONE && !periods.counts))
		return false;
	/* a new product may be one that was launched */
	if (!habit_of_people(in, &habit) && default_time_column(in->snapshot, habit.things, NULL) >= 0)
		return false;
	key = quote_identifier(pointing_column(in, &habit)->name);
	number = joined_name("number_of_new_", habit_things(in, &habit));
	initStringInfo(&out);
	appendStringInfoString(&out, "SELECT ");
	if (periods.unit != TIME_UNIT_NONE)
	{
		const char *unit = time_unit_name(periods.unit);

		appendStringInfo(&out, "date_trunc('%s', n.first_at)::date AS %s,\n  ", unit,
						 quote_identifier(unit));
		append_result(translation, unit, RESULT_TIME);
	}
	append_result(translation, number, RESULT_MEASURE);
	appendStringInfo(&out,
					 "count(*) AS %s\nFROM (SELECT e.%s,\n    min(e.%s) AS first_at\n  FROM %s AS "
					 "e%s\n  GROUP BY e.%s) AS n",
					 quote_identifier(number), key, time_column_sql(in, &habit),
					 events_sql(in, &habit), pointing_condition(in, &habit, "  "), key);
	if (periods.time)
		append_bounds(&out, periods.time);
	if (periods.unit != TIME_UNIT_NONE)
		appendStringInfo(&out, "\nGROUP BY date_trunc('%s', n.first_at)::date\nORDER BY %s",
						 time_unit_name(periods.unit),
						 quote_identifier(time_unit_name(periods.unit)));
	translation->single_value = periods.unit == TIME_UNIT_NONE;
	present(in, &habit, translation, out.data,
			psprintf("The number of %s by the time of the first of their %s.",
					 habit_things(in, &habit), habit_events(in, &habit)),
			psprintf("New are %s in the period of the first of their %s.", habit_things(in, &habit),
					 habit_events(in, &habit)));
	return true;
}

/*
 * Retention: how many of a period come back in the next one.
 */
bool
translate_retention(Interpretation *in, Translation *translation)
{
	Habit habit = {0};
	Periods periods;
	StringInfoData out;
	const char *key;
	const char *unit;
	char *number;
	int word = 0;

	while (span_concept(in, word) != CONCEPT_HABIT)
		word++;
	if (!find_habit(in, &habit) || !sure_enough(&habit, translation) ||
		!read_periods(in, &habit, word, &periods) || periods.time || periods.counts ||
		periods.unit == TIME_UNIT_HOUR)
		return false;
	unit = time_unit_name(periods.unit == TIME_UNIT_NONE ? TIME_UNIT_MONTH : periods.unit);
	key = quote_identifier(pointing_column(in, &habit)->name);
	number = joined_name("number_of_", habit_things(in, &habit));
	initStringInfo(&out);
	appendStringInfo(&out,
					 "WITH active AS (SELECT DISTINCT date_trunc('%s', e.%s)::date AS %s,\n    "
					 "e.%s\n  FROM %s AS e%s)\n",
					 unit, time_column_sql(in, &habit), quote_identifier(unit), key,
					 events_sql(in, &habit), pointing_condition(in, &habit, "  "));
	appendStringInfo(&out,
					 "SELECT a.%s,\n  round(100.0 * count(b.%s) / count(*), 2) AS "
					 "retention_percent,\n  count(b.%s) AS number_of_returners,\n  count(*) AS "
					 "%s\nFROM active AS a\n",
					 quote_identifier(unit), key, key, quote_identifier(number));
	appendStringInfo(&out,
					 "LEFT JOIN active AS b ON b.%s = a.%s\n  AND b.%s = (a.%s + interval '%s')\n",
					 key, key, quote_identifier(unit), quote_identifier(unit),
					 strcmp(unit, "quarter") == 0 ? "3 months" : psprintf("1 %s", unit));
	appendStringInfo(&out, "GROUP BY a.%s\nORDER BY %s", quote_identifier(unit),
					 quote_identifier(unit));
	append_result(translation, unit, RESULT_TIME);
	append_result(translation, "retention_percent", RESULT_MEASURE);
	append_result(translation, "number_of_returners", RESULT_REMARK);
	append_result(translation, number, RESULT_REMARK);
	present(in, &habit, translation, out.data,
			psprintf("Of the %s with %s in a %s, the percentage with %s in the next %s.",
					 habit_things(in, &habit), habit_events(in, &habit), unit,
					 habit_events(in, &habit), unit),
			psprintf("Retained is who comes back in the next %s.", unit));
	return true;
}
