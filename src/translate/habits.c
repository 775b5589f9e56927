/*-------------------------------------------------------------------------
 *
 * habits.c
 *		"customer lifetime value", "average order value", "repeat rate": numbers
 *		of numbers that a query has for each thing.
 *
 * The inner query is a question like any other ("total revenue per customer by
 * region"), put together from the elements at hand and read as if it had been
 * asked; around it stands what is made of its rows.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "lib/stringinfo.h"
#include "translate/habits.h"
#include "utils/builtins.h"

static const LexiconEntry total = {"total", CONCEPT_AGGREGATE, AGGREGATE_SUM, NULL};
static const LexiconEntry per = {"per", CONCEPT_GROUP, 4, NULL};
static const LexiconEntry and = {"and", CONCEPT_AND, 0, NULL};

static void
append_element(Interpretation *to, Element element)
{
	if (to->count < MAX_ELEMENTS)
		to->elements[to->count++] = element;
}

static int
find_habit_word(const Interpretation *in, HabitKind kind)
{
	for (int i = 0; i < in->count; i++)
	{
		if (span_concept(in, i) == CONCEPT_HABIT && in->elements[i].entry->arg == kind)
			return i;
	}
	return -1;
}

static bool
has_time(const Interpretation *in)
{
	for (int i = 0; i < in->count; i++)
	{
		if (in->elements[i].kind == ELEMENT_TIME)
			return true;
	}
	return false;
}

static bool
is_ranked(const Interpretation *in)
{
	Span all = {0, in->count};

	return span_find(in, all, CONCEPT_TOP) >= 0 || span_find(in, all, CONCEPT_MOST) >= 0 ||
		   span_find(in, all, CONCEPT_SUPERLATIVE) >= 0;
}

/* is it what tells the things apart, or what they are called? */
static bool
is_of_things(const Output *output, const AskQuery *query, int things)
{
	return output->group && output->bucket == TIME_UNIT_NONE && output->column.relation == things &&
		   (output->hidden ||
			list_member_int(label_columns(query->snapshot, things), output->column.column) ||
			key_column(query->snapshot, things) == output->column.column);
}

/* what the rows are grouped by besides the things (-1 = none) */
static List *
other_groups(const AskQuery *query, int things)
{
	List *groups = NIL;
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		Output *output = lfirst(lc);

		if (output->group && !output->hidden &&
			(things < 0 || !is_of_things(output, query, things)))
			groups = lappend(groups, output);
	}
	return groups;
}

static Output *
measure_of(const AskQuery *query, bool count)
{
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		Output *output = lfirst(lc);
		bool counts =
			output->aggregate == AGGREGATE_COUNT || output->aggregate == AGGREGATE_COUNT_DISTINCT;

		if (output->aggregate != AGGREGATE_NONE && counts == count)
			return output;
	}
	return NULL;
}

static void
append_column(Translation *translation, StringInfo out, const char *expression, const char *name,
			  ResultRole role)
{
	ResultColumn *column = palloc0(sizeof(ResultColumn));

	appendStringInfo(out, "%s%s", translation->columns == NIL ? "SELECT " : ",\n  ", expression);
	if (name && strcmp(expression, psprintf("n.%s", quote_identifier(name))) != 0)
		appendStringInfo(out, " AS %s", quote_identifier(name));
	column->name = pstrdup(name);
	column->role = role;
	translation->columns = lappend(translation->columns, column);
}

static void
append_groups(Translation *translation, StringInfo out, List *groups)
{
	ListCell *lc;

	foreach (lc, groups)
	{
		const Output *group = lfirst(lc);

		append_column(translation, out, psprintf("n.%s", quote_identifier(group->name)),
					  group->name, group->bucket != TIME_UNIT_NONE ? RESULT_TIME : RESULT_KEY);
	}
}

/* FROM, GROUP BY and ORDER BY; groups by time come in their order */
static void
append_inner(StringInfo out, const char *inner, List *groups, bool grouped, const char *order)
{
	const char *word = "\nGROUP BY ";
	const char *by = psprintf("%s DESC NULLS LAST", order);
	ListCell *lc;

	appendStringInfoString(out, "\nFROM (");
	for (const char *p = inner; *p; p++)
	{
		appendStringInfoChar(out, *p);
		if (*p == '\n')
			appendStringInfoString(out, "  ");
	}
	appendStringInfoString(out, ") AS n");
	foreach (lc, groups)
	{
		const Output *group = lfirst(lc);

		if (group->bucket != TIME_UNIT_NONE)
			by = quote_identifier(group->name);
		if (grouped)
			appendStringInfo(out, "%sn.%s", word, quote_identifier(group->name));
		word = ", ";
	}
	if (groups != NIL)
		appendStringInfo(out, "\nORDER BY %s", by);
}

/* what the reading says of itself, for a query that stands around it */
static void
present_around(Translation *translation, Reading *reading, char *sql, char *explanation)
{
	translation->assumptions = reading->assumptions;
	translation->ambiguities = reading->ambiguities;
	translation->confidence = reading->confidence;
	translation->answered = true;
	translation->sql = sql;
	translation->explanation = explanation;
	translation->understood = describe_understood(reading->scan, true);
}

static char *
group_words(List *groups)
{
	StringInfoData out;
	ListCell *lc;

	initStringInfo(&out);
	foreach (lc, groups)
		appendStringInfo(&out, "%s%s", out.len == 0 ? " by " : " and ",
						 readable_name(((Output *) lfirst(lc))->name));
	return out.data;
}

static char *
number_of_things(const Interpretation *in, const Habit *habit)
{
	char *name = psprintf("number_of_%s", habit_things(in, habit));

	for (char *p = name; *p; p++)
	{
		if (*p == ' ')
			*p = '_';
	}
	return name;
}

static bool
refuse(Translation *translation, Reading *reading, char *reason)
{
	reading->query = NULL;
	return span_decline(translation, reading, reason);
}

/*
 * "average lifetime value by region": of the totals of each thing.
 */
static bool
present_lifetime(const Interpretation *in, const Habit *habit, Reading *reading, bool average,
				 Translation *translation)
{
	AskQuery *query = reading->query;
	Output *measure = measure_of(query, false);
	List *groups = other_groups(query, habit->things);
	StringInfoData out;
	char *inner;

	if (!measure || query->limit > 0 || query->average_groups || query->count_groups ||
		query->share)
		return refuse(translation, reading, pstrdup("It is not clear whose value is asked for."));
	reading->assumptions = lappend(
		reading->assumptions,
		psprintf("The lifetime value is the sum of %s over all time.",
				 reading_text(query->snapshot, measure->column.relation, measure->column.column)));
	if (!average && groups == NIL)
	{
		present_reading(translation, reading);
		return true;
	}
	query->orders = NIL;
	initStringInfo(&out);
	inner = deparse_query(query);
	append_groups(translation, &out, groups);
	append_column(translation, &out, psprintf("avg(n.%s)", quote_identifier(measure->name)),
				  "average_lifetime_value", RESULT_MEASURE);
	append_column(translation, &out, "count(*)", number_of_things(in, habit), RESULT_REMARK);
	append_inner(&out, inner, groups, true, "average_lifetime_value");
	present_around(translation, reading, out.data,
				   psprintf("The average over %s of what each has brought in total%s.",
							habit_things(in, habit), group_words(groups)));
	return true;
}

/* drops what says whose value it is: "customer", "of customers", "per customer" */
static bool
take_owner(const Interpretation *in, int word, Habit *habit)
{
	int at = habit->things_at;

	if (at < 0)
		return span_concept(in, word + 1) != CONCEPT_OF;
	habit->used[at] = true;
	if (at > 0 && (span_concept(in, at - 1) == CONCEPT_OF ||
				   (span_concept(in, at - 1) == CONCEPT_GROUP &&
					(in->elements[at - 1].entry->arg == 4 || at == word + 2))))
		habit->used[at - 1] = true;
	/* "lifetime value of X" of something else than the things found */
	return span_concept(in, word + 1) != CONCEPT_OF || habit->used[word + 1];
}

static bool
translate_lifetime(Interpretation *in, int word, Translation *translation)
{
	Interpretation *question = span_copy_empty(in);
	Element revenue = habit_name(in, word, "revenue");
	Habit habit = {0};
	Reading *reading;
	bool average = false;

	if (has_time(in) || revenue.names.count == 0 || !find_habit(in, &habit))
		return false;
	if (is_ranked(in))
	{
		/* "top 5 customers by lifetime value" */
		span_append(question, in, (Span){0, word});
		append_element(question, revenue);
		span_append(question, in, (Span){word + 1, in->count});
		reading = read_elements(question);
		if (!reading->query)
			return span_decline(translation, reading, NULL);
		reading->assumptions = lappend(reading->assumptions,
									   pstrdup("The lifetime value is the total over all time."));
		present_reading(translation, reading);
		return true;
	}
	habit.used[word] = true;
	for (int i = 0; i < word; i++)
	{
		if (span_concept(in, i) != CONCEPT_AGGREGATE)
			continue;
		if (average || in->elements[i].entry->arg != AGGREGATE_AVG)
			return false;
		average = habit.used[i] = true;
	}
	if (!take_owner(in, word, &habit))
		return false;
	for (int i = 0; i < in->count; i++)
	{
		if (i == word)
		{
			span_append_concept(question, &total);
			append_element(question, revenue);
			span_append_concept(question, &per);
			append_element(question, habit_relation(in, Max(habit.things_at, 0), habit.things));
		}
		if (!habit.used[i])
			span_append(question, in, (Span){i, i + 1});
	}
	reading = read_elements(question);
	if (!reading->query)
		return span_decline(translation, reading, NULL);
	return present_lifetime(in, &habit, reading, average, translation);
}

/*
 * Orders whose rows are orders and have their amount: that is averaged.  Of
 * lines of orders it is the orders that are counted.  True where the average
 * is one of rows.
 */
static bool
settle_orders(const Interpretation *in, Element *orders)
{
	const AskSnapshot *snapshot = in->snapshot;

	for (int i = 0; i < orders->names.count; i++)
	{
		Candidate c = orders->names.items[i];
		int measure;

		if (c.column >= 0)
			continue;
		c.column = document_column(snapshot, c.relation);
		measure = default_measure(snapshot, c.relation);
		if (c.column < 0 &&
			(measure < 0 || !column_named_like(&snapshot->relations[c.relation].columns[measure],
											   "total amount revenue value net")))
			return false;
		orders->names.count = 1;
		orders->names.items[0] = c;
		if (c.column >= 0)
			return false;
		orders->names.items[0].column = measure;
		orders->names.items[0].indirect = true;
		return true;
	}
	return false;
}

/* "average order value" of orders that have their amount */
static bool
translate_average_of_rows(const Interpretation *in, int word, Element amount,
						  Translation *translation)
{
	static const LexiconEntry average = {"average", CONCEPT_AGGREGATE, AGGREGATE_AVG, NULL};
	Interpretation *question = span_copy_empty(in);
	Reading *reading;

	span_append(question, in, (Span){0, word});
	span_append_concept(question, &average);
	append_element(question, amount);
	span_append(question, in, (Span){word + 1, in->count});
	reading = read_elements(question);
	if (!reading->query)
		return span_decline(translation, reading, NULL);
	present_reading(translation, reading);
	return true;
}

/*
 * "average order value by channel": the amount over the number of orders.
 */
static bool
translate_order_value(Interpretation *in, int word, Translation *translation)
{
	Interpretation *question = span_copy_empty(in);
	Element orders = in->elements[word];
	Element revenue = habit_name(in, word, "revenue");
	Reading *reading;
	Output *sum;
	Output *count;
	List *groups;
	StringInfoData out;
	char *inner;
	char *name;

	orders.kind = ELEMENT_NAME;
	match_hints(&in->match, orders.entry->hints, &orders.names);
	orders.entry = NULL;
	if (orders.names.count == 0 || revenue.names.count == 0)
		return false;
	if (settle_orders(in, &orders))
		return translate_average_of_rows(in, word, orders, translation);
	span_append(question, in, (Span){0, word});
	span_append_concept(question, &total);
	append_element(question, revenue);
	span_append_concept(question, &and);
	span_append_concept(question, &span_number_of);
	append_element(question, orders);
	span_append(question, in, (Span){word + 1, in->count});
	reading = read_elements(question);
	if (!reading->query)
		return span_decline(translation, reading, NULL);
	sum = measure_of(reading->query, false);
	count = measure_of(reading->query, true);
	if (!sum || !count || sum->aggregate != AGGREGATE_SUM || reading->query->ranked ||
		reading->query->limit > 0 || reading->query->average_groups || reading->query->share)
		return refuse(translation, reading,
					  pstrdup("It is not clear what the average value is of."));
	reading->query->orders = NIL;
	groups = other_groups(reading->query, -1);
	initStringInfo(&out);
	inner = deparse_query(reading->query);
	name = pstrdup("average_value");
	append_groups(translation, &out, groups);
	append_column(translation, &out,
				  psprintf("n.%s::numeric / nullif(n.%s, 0)", quote_identifier(sum->name),
						   quote_identifier(count->name)),
				  name, RESULT_MEASURE);
	append_column(translation, &out, psprintf("n.%s", quote_identifier(sum->name)), sum->name,
				  RESULT_REMARK);
	append_column(translation, &out, psprintf("n.%s", quote_identifier(count->name)), count->name,
				  RESULT_REMARK);
	append_inner(&out, inner, groups, false, name);
	present_around(translation, reading, out.data,
				   psprintf("The %s over the %s%s.", readable_name(sum->name),
							readable_name(count->name), group_words(groups)));
	return true;
}

/*
 * "repeat rate by country", "share of customers who bought more than once".
 */
static bool
translate_repeat_rate(Interpretation *in, int word, int share, Translation *translation)
{
	Interpretation *question = span_copy_empty(in);
	Habit habit = {0};
	Reading *reading;
	Output *count;
	List *groups;
	StringInfoData out;
	char *inner;
	char *repeated;

	habit.used[word] = true;
	if (share >= 0)
		habit.used[share] = true;
	if (!find_habit(in, &habit))
		return false;
	for (int i = 0; i < in->count; i++)
	{
		Concept concept = span_concept(in, i);

		habit.used[i] |= i == habit.things_at || i == habit.events_at || concept == CONCEPT_OF ||
						 concept == CONCEPT_THAT || concept == CONCEPT_WHAT ||
						 concept == CONCEPT_VERB;
	}
	span_append_concept(question, &span_number_of);
	append_element(question, habit_relation(in, Max(habit.events_at, 0), habit.events));
	span_append_concept(question, &per);
	append_element(question, habit_relation(in, Max(habit.things_at, 0), habit.things));
	for (int i = 0; i < in->count; i++)
	{
		if (!habit.used[i])
			span_append(question, in, (Span){i, i + 1});
	}
	reading = read_elements(question);
	if (!reading->query)
		return span_decline(translation, reading, NULL);
	count = measure_of(reading->query, true);
	if (!count || reading->query->ranked || reading->query->limit > 0 ||
		reading->query->average_groups || reading->query->count_groups || reading->query->share)
		return refuse(translation, reading, pstrdup("It is not clear what is repeated."));
	count_occasions(&habit, reading->query);
	reading->query->orders = NIL;
	groups = other_groups(reading->query, habit.things);
	initStringInfo(&out);
	inner = deparse_query(reading->query);
	repeated = psprintf("count(*) FILTER (WHERE n.%s > 1)", quote_identifier(count->name));
	append_groups(translation, &out, groups);
	append_column(translation, &out,
				  psprintf("round(100.0 * %s / nullif(count(*), 0), 2)", repeated),
				  "repeat_rate_percent", RESULT_MEASURE);
	append_column(translation, &out, repeated, "number_of_repeaters", RESULT_REMARK);
	append_column(translation, &out, "count(*)", number_of_things(in, &habit), RESULT_REMARK);
	append_inner(&out, inner, groups, true, "repeat_rate_percent");
	reading->assumptions = lappend(reading->assumptions,
								   psprintf("The share is of the %s with at least one of the %s.",
											habit_things(in, &habit), habit_events(in, &habit)));
	present_around(translation, reading, out.data,
				   psprintf("The percentage of %s with more than one of the %s%s.",
							habit_things(in, &habit), habit_events(in, &habit),
							group_words(groups)));
	return true;
}

bool
translate_habits(Interpretation *in, Translation *translation)
{
	Span all = {0, in->count};
	int word;
	int share = span_find(in, all, CONCEPT_SHARE);

	if (in->too_long)
		return false;
	if ((word = find_habit_word(in, HABIT_LIFETIME)) >= 0)
		return translate_lifetime(in, word, translation);
	if ((word = find_habit_word(in, HABIT_ORDER_VALUE)) >= 0)
		return translate_order_value(in, word, translation);
	if ((word = find_habit_word(in, HABIT_REPEAT_RATE)) >= 0)
		return translate_repeat_rate(in, word, -1, translation);
	if (share >= 0 && (word = find_habit_word(in, HABIT_AGAIN)) >= 0)
		return translate_repeat_rate(in, word, share, translation);
	if (find_habit_word(in, HABIT_RETENTION) >= 0)
		return translate_retention(in, translation);
	if (find_habit_word(in, HABIT_NEW) >= 0)
		return translate_newcomers(in, translation);
	return translate_again_and_times(in, translation);
}
