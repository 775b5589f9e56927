/*-------------------------------------------------------------------------
 *
 * again.c
 *		"customers who bought more than once", "customers of 2023 who also bought
 *		in 2024", "... but not in 2024".
 *
 * The things are read as a question of their own, with their conditions; what
 * they did becomes a condition on the events that point to them.  Whatever else
 * of the question would have to be said of the events ("who bought Tea again")
 * is refused, for it is not clear of which of them.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/habits.h"

typedef struct Deeds
{
	int again; /* element, or -1 */
	int lost;  /* element: "churned", or -1 */
	int ntimes;
	int times[2];    /* elements */
	bool negated[2]; /* "but not in" */
	bool both;       /* "also", "again" between the times */
} Deeds;

static void
find_deeds(const Interpretation *in, Deeds *deeds)
{
	bool negated = false;

	memset(deeds, 0, sizeof(Deeds));
	deeds->again = deeds->lost = -1;
	for (int i = 0; i < in->count; i++)
	{
		const Element *element = &in->elements[i];

		if (span_concept(in, i) == CONCEPT_HABIT)
		{
			if (element->entry->arg == HABIT_AGAIN || element->entry->arg == HABIT_REPEAT)
				deeds->again = i;
			else if (element->entry->arg == HABIT_LOST)
				deeds->lost = i;
		}
		if (deeds->ntimes == 1 && (deeds->again == i || pg_strcasecmp(element->text, "also") == 0))
			deeds->both = true;
		if (span_concept(in, i) == CONCEPT_NOT)
			negated = true;
		if (element->kind != ELEMENT_TIME)
			continue;
		if (deeds->ntimes < 2)
		{
			deeds->times[deeds->ntimes] = i;
			deeds->negated[deeds->ntimes] = negated;
		}
		deeds->ntimes++;
		negated = false;
	}
}

static bool
in_two_times(const Deeds *deeds)
{
	return deeds->ntimes == 2 && (deeds->both || deeds->negated[0] || deeds->negated[1]);
}

/* "again in 2024" may be again since before, or twice in 2024 */
static bool
is_unclear(const Interpretation *in, const Deeds *deeds)
{
	const char *phrase = deeds->again < 0 ? "" : in->elements[deeds->again].entry->phrase;

	return deeds->ntimes > 2 || (deeds->ntimes == 1 && strstr(phrase, "again") != NULL) ||
		   (deeds->ntimes == 2 && !in_two_times(deeds)) ||
		   (deeds->ntimes == 2 && deeds->negated[0] && deeds->negated[1]);
}

/* the elements that say what was done, and when */
static void
use_deeds(const Interpretation *in, const Deeds *deeds, Habit *habit)
{
	for (int i = 0; i < in->count; i++)
	{
		switch (span_concept(in, i))
		{
			case CONCEPT_VERB:
			case CONCEPT_THAT:
			case CONCEPT_WITH:
				habit->used[i] = i > habit->things_at;
				break;
			case CONCEPT_WHAT:
				/* "customers who ..." */
				habit->used[i] = i > habit->things_at && habit->things_at >= 0;
				break;
			case CONCEPT_NOT:
			case CONCEPT_AND:
				habit->used[i] = in_two_times(deeds) && i < deeds->times[1] &&
								 (i > deeds->times[0] || deeds->negated[0]);
				break;
			case CONCEPT_SENTENCE:
				habit->used[i] = deeds->lost >= 0;
				break;
			default:
				break;
		}
	}
	for (int i = 0; i < Min(deeds->ntimes, 2); i++)
		habit->used[deeds->times[i]] = true;
	if (deeds->again >= 0)
		habit->used[deeds->again] = true;
	if (deeds->lost >= 0)
		habit->used[deeds->lost] = true;
	if (habit->events_at >= 0)
		habit->used[habit->events_at] = true;
}

static Filter *
time_of_events(const Interpretation *in, const Habit *habit, int at)
{
	Filter *filter = palloc0(sizeof(Filter));

	filter->kind = FILTER_TIME;
	filter->column.relation = habit->events;
	filter->column.column = habit->time;
	filter->time = in->elements[at].time;
	filter->words = in->elements[at].text;
	return filter;
}

/* there were such events in that time, or none */
static void
add_times(const Interpretation *in, const Deeds *deeds, const Habit *habit, AskQuery *query)
{
	for (int i = 0; i < 2; i++)
	{
		ExistsGroup *group = palloc0(sizeof(ExistsGroup));

		group->nsteps = 1;
		group->steps[0].edge = habit->edge;
		group->steps[0].relation = habit->events;
		group->steps[0].parent = habit->things;
		group->steps[0].fans_out = true;
		group->filters = list_make1(time_of_events(in, habit, deeds->times[i]));
		group->negated = deeds->negated[i];
		query->exists = lappend(query->exists, group);
	}
}

/* more than one event, or more than one document of events */
static void
add_more_than_one(const Interpretation *in, const Deeds *deeds, const Habit *habit, AskQuery *query)
{
	const AskSnapshot *snapshot = in->snapshot;
	const SnapshotEdge *edge = &snapshot->edges[habit->edge];
	AskQuery *events = palloc0(sizeof(AskQuery));
	Filter *among = palloc0(sizeof(Filter));
	Filter *having = palloc0(sizeof(Filter));

	having->kind = FILTER_COMPARE;
	having->compare = COMPARE_GT;
	having->aggregate = habit->document < 0 ? AGGREGATE_COUNT : AGGREGATE_COUNT_DISTINCT;
	having->column.relation = habit->events;
	having->column.column = habit->document;
	having->values = list_make1("1");
	events->snapshot = query->snapshot;
	events->plan.root = habit->events;
	events->plan.ambiguous_relation = -1;
	events->aggregated = true;
	events->having = list_make1(having);
	if (deeds->ntimes == 1)
		events->filters = list_make1(time_of_events(in, habit, deeds->times[0]));
	among->kind = FILTER_AMONG;
	among->words = in->elements[deeds->again].text;
	among->column.relation = habit->things;
	among->column.column =
		snapshot_column_by_attnum(&snapshot->relations[edge->to], edge->to_attnums[0]);
	among->among = events;
	among->among_column.relation = habit->events;
	among->among_column.column =
		snapshot_column_by_attnum(&snapshot->relations[edge->from], edge->from_attnums[0]);
	query->filters = lappend(query->filters, among);
}

/* the query without what was done, and that */
static char *
explain_deeds(const Interpretation *in, const Deeds *deeds, const Habit *habit, char *plain)
{
	char *things = habit_things(in, habit);
	char *events = habit_events(in, habit);
	int len = strlen(plain);

	if (len > 0 && plain[len - 1] == '.')
		plain[len - 1] = '\0';
	if (in_two_times(deeds))
		return psprintf("%s, of %s with %s%s \"%s\" and %s \"%s\".", plain, things,
						deeds->negated[0] ? "no " : "", events, in->elements[deeds->times[0]].text,
						deeds->negated[1] ? psprintf("no %s", events) : events,
						in->elements[deeds->times[1]].text);
	return psprintf("%s, of %s with more than one of the %s%s.", plain, things, events,
					deeds->ntimes == 1 ? psprintf(" \"%s\"", in->elements[deeds->times[0]].text)
									   : "");
}

static char *
assumed_of_again(const Interpretation *in, const Deeds *deeds, const Habit *habit)
{
	return psprintf(
		"\"%s\" is taken as more than one of the %s%s.", in->elements[deeds->again].text,
		habit_events(in, habit),
		habit->document >= 0
			? psprintf(", by %s",
					   in->snapshot->relations[habit->events].columns[habit->document].name)
			: "");
}

static bool
refuse(Translation *translation, Reading *reading, char *reason)
{
	reading->query = NULL;
	return span_decline(translation, reading, reason);
}

bool
translate_again_and_times(Interpretation *in, Translation *translation)
{
	Habit habit = {0};
	Deeds deeds;
	Reading *reading;
	AskQuery *query;
	char *explanation;

	find_deeds(in, &deeds);
	if (deeds.again < 0 && !in_two_times(&deeds))
		return false;
	if (is_unclear(in, &deeds))
		return refuse(translation, read_elements(in),
					  pstrdup("It is not clear what happened in which time."));
	/* in two times something has to be done that is named */
	if (!find_habit(in, &habit) || habit.things_at < 0 ||
		(in_two_times(&deeds) && habit.events_at < 0))
		return refuse(translation, read_elements(in),
					  pstrdup("It is not clear who did what in which time."));
	use_deeds(in, &deeds, &habit);
	reading = read_elements(habit_rest(in, &habit));
	query = reading->query;
	if (!query)
		return span_decline(translation, reading, NULL);
	if (query->plan.root != habit.things || query->exists != NIL || query->having != NIL ||
		query->share || query->average_groups || query->count_groups || query->ranked)
		return refuse(
			translation, reading,
			psprintf("It is not clear which of the %s are meant.", habit_events(in, &habit)));
	explanation = explain_deeds(in, &deeds, &habit, explain_query(query));
	if (in_two_times(&deeds))
		add_times(in, &deeds, &habit, query);
	else
	{
		add_more_than_one(in, &deeds, &habit, query);
		reading->assumptions = lappend(reading->assumptions, assumed_of_again(in, &deeds, &habit));
	}
	present_reading(translation, reading);
	translation->explanation = explanation;
	return true;
}
