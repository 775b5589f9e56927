/*-------------------------------------------------------------------------
 *
 * events.c
 *		Who does what: the things of a question, and the dated rows that point to
 *		them.
 *
 * Customers and their orders, patients and their appointments: found from the
 * relationships and not from any name.  What the question names comes first,
 * by a noun ("appointments") or a verb ("bought"); where it names nothing, the
 * events are those that look most like a business happening to the thing: rows
 * with an amount, called by a word for an event, and many.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "common/words.h"
#include "translate/habits.h"

/* as if the question had said the word, or another one for the same */
Element
habit_name(const Interpretation *in, int at, const char *word)
{
	Element element = in->elements[at];
	char *stem = word_stem(word);
	CandidateList others = {0};

	element.kind = ELEMENT_NAME;
	element.entry = NULL;
	memset(&element.names, 0, sizeof(CandidateList));
	match_names(&in->match, &stem, 1, &element.names);
	match_alternatives(&in->match, stem, &others);
	match_merge(&in->match, &element.names, &others);
	return element;
}

Element
habit_relation(const Interpretation *in, int at, int relation)
{
	Element element = in->elements[at];

	element.kind = ELEMENT_NAME;
	element.entry = NULL;
	element.leading_aggregate = AGGREGATE_NONE;
	memset(&element.names, 0, sizeof(CandidateList));
	element.names.count = 1;
	element.names.items[0].relation = relation;
	element.names.items[0].column = -1;
	element.names.items[0].score = 1;
	return element;
}

static bool
lists_relation(const CandidateList *names, int relation)
{
	for (int i = 0; i < names->count; i++)
	{
		if (names->items[i].relation == relation && names->items[i].column < 0 &&
			names->items[i].score > 0.4f)
			return true;
	}
	return false;
}

/* is it called by a word for something that happens? */
static bool
is_event(const SnapshotRelation *rel)
{
	return words_find_any(words_of_identifier(rel->plain),
						  "order sale purchase invoice transaction booking appointment visit "
						  "rental ticket trip payment loan") >= 0;
}

bool
habit_of_people(const Interpretation *in, const Habit *habit)
{
	return words_find_any(words_of_identifier(in->snapshot->relations[habit->things].plain),
						  "customer client user member account buyer shopper patient subscriber "
						  "person student guest visitor reader player donor passenger contact "
						  "household company distributor") >= 0;
}

/* how much the rows look like what happens between a business and the thing */
static float
score_events(AskSnapshot *snapshot, const SnapshotEdge *edge)
{
	const SnapshotRelation *rel = &snapshot->relations[edge->from];
	int measure = default_measure(snapshot, edge->from);
	int time_score;
	float score = edge->declared ? 2 : 0;

	(void) best_time_column(snapshot, edge->from, NULL, &time_score);
	score += Max(Min(time_score, 5), 0) * 0.4f;
	if (measure >= 0 && column_named_like(&rel->columns[measure], "revenue amount total sales net"))
		score += 3;
	if (is_event(rel))
		score += 2;
	if (rel->row_estimate > 1)
		score += log10(rel->row_estimate) * 0.7;
	return score;
}

/*
 * The events of a thing; limited to some where the question names them.
 */
static bool
events_of(AskSnapshot *snapshot, int things, const CandidateList *named, Habit *habit, float *best)
{
	int nedges;
	const int *edges = snapshot_edges_of(snapshot, things, &nedges);
	bool found = false;

	for (int i = 0; i < nedges; i++)
	{
		const SnapshotEdge *edge = &snapshot->edges[edges[i]];
		int time;
		float score;

		if (edge->to != things || edge->from == things || edge->nkeys != 1 ||
			(named && !lists_relation(named, edge->from)))
			continue;
		time = default_time_column(snapshot, edge->from, NULL);
		if (time < 0)
			continue;
		score = score_events(snapshot, edge);
		if (score <= *best)
			continue;
		*best = score;
		habit->things = things;
		habit->events = edge->from;
		habit->edge = edges[i];
		habit->time = time;
		found = true;
	}
	return found;
}

/*
 * Lines of a document: several rows are one occasion.  The column that tells
 * the documents apart, or -1.
 */
int
document_column(const AskSnapshot *snapshot, int relation)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];
	bool has_lines = false;
	int document = -1;

	for (int i = 0; i < rel->ncolumns; i++)
	{
		const SnapshotColumn *column = &rel->columns[i];

		if (column_named_like(column, "line"))
			has_lines = true;
		else if (!column->in_primary_key && !column->unique_alone && document < 0 &&
				 (column->type_class == TYPE_CLASS_TEXT ||
				  column->type_class == TYPE_CLASS_INTEGER) &&
				 column_named_like(column, "invoice order receipt ticket document bill") &&
				 column_named_like(column, "number no nr code id"))
			document = i;
	}
	return has_lines ? document : -1;
}

/* does the verb or noun name the events? */
static bool
names_events(const Interpretation *in, int at, CandidateList *named)
{
	const Element *element = &in->elements[at];

	memset(named, 0, sizeof(CandidateList));
	if (span_concept(in, at) == CONCEPT_VERB)
	{
		if (element->entry->hints)
			match_hints(&in->match, element->entry->hints, named);
		return element->entry->hints != NULL;
	}
	if (span_is_thing(element) && !element->phrase)
		*named = element->names;
	return named->count > 0;
}

bool
find_habit(const Interpretation *in, Habit *habit)
{
	float best = -1;
	bool named_things = false;

	habit->things = -1;
	habit->things_at = habit->events_at = -1;
	for (int at = 0; at < in->count; at++)
	{
		const Element *element = &in->elements[at];

		if (!span_is_thing(element) || element->phrase || habit->used[at] ||
			element->names.items[0].column >= 0)
			continue;
		/* whose name it is, and not who is mentioned in some comment */
		for (int i = 0; i < element->names.count && !named_things; i++)
		{
			const Candidate *c = &element->names.items[i];

			named_things = c->column < 0 && !is_event(&in->snapshot->relations[c->relation]) &&
						   c->score > element->names.items[0].score - 0.1f &&
						   events_of(in->snapshot, c->relation, NULL, habit, &best);
		}
		if (named_things)
		{
			habit->things_at = at;
			break;
		}
	}
	if (!named_things)
	{
		Element customer = habit_name(in, 0, "customer");

		for (int i = 0; i < customer.names.count; i++)
		{
			if (customer.names.items[i].column < 0)
				events_of(in->snapshot, customer.names.items[i].relation, NULL, habit, &best);
		}
	}
	if (habit->things < 0)
		return false;
	for (int at = 0; at < in->count; at++)
	{
		CandidateList named;
		float best_named = -1;

		if (at == habit->things_at || habit->used[at] || !names_events(in, at, &named) ||
			!events_of(in->snapshot, habit->things, &named, habit, &best_named))
			continue;
		habit->events_at = at;
		break;
	}
	habit->document = document_column(in->snapshot, habit->events);
	return true;
}

Interpretation *
habit_rest(const Interpretation *in, const Habit *habit)
{
	Interpretation *rest = span_copy_empty(in);

	for (int i = 0; i < in->count; i++)
	{
		if (habit->used[i])
			continue;
		span_append(rest, in, (Span){i, i + 1});
		if (i == habit->things_at)
			rest->elements[rest->count - 1] = habit_relation(in, i, habit->things);
	}
	return rest;
}

char *
habit_things(const Interpretation *in, const Habit *habit)
{
	return relation_plural(&in->snapshot->relations[habit->things]);
}

char *
habit_events(const Interpretation *in, const Habit *habit)
{
	return relation_plural(&in->snapshot->relations[habit->events]);
}

void
count_occasions(const Habit *habit, AskQuery *query)
{
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		Output *output = lfirst(lc);

		if (output->aggregate != AGGREGATE_COUNT || output->column.relation != habit->events ||
			habit->document < 0)
			continue;
		output->column.column = habit->document;
		output->aggregate = AGGREGATE_COUNT_DISTINCT;
	}
}
