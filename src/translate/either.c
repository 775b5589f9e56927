/*-------------------------------------------------------------------------
 *
 * either.c
 *		"patients in Riverton or with an appointment in 2024": two conditions of
 *		different kinds, of which one must hold.
 *
 * What stands before the first condition is the question without any; each
 * side of "or" is read as a question of its own behind it.  The conditions of
 * both become one, of the rows that the question is about: as they are where
 * they stand on those rows, otherwise as their keys among the rows of a
 * sub-select.  A side with more than one condition is declined, for then it
 * would not be clear what belongs together.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/builtin.h"

static Concept
concept_of(const Interpretation *in, int at)
{
	if (at < 0 || at >= in->count || in->elements[at].kind != ELEMENT_CONCEPT)
		return CONCEPT_NONE;
	return in->elements[at].entry->concept;
}

/* the only "or", or -1; groups and rankings behind it could belong to either side */
static int
find_or(const Interpretation *in)
{
	int found = -1;

	for (int i = 0; i < in->count; i++)
	{
		switch (concept_of(in, i))
		{
			case CONCEPT_OR:
				if (found >= 0)
					return -1;
				found = i;
				break;
			case CONCEPT_GROUP:
			case CONCEPT_EACH:
			case CONCEPT_ORDER:
			case CONCEPT_SORTED:
			case CONCEPT_TOP:
			case CONCEPT_SHARE:
				if (found >= 0)
					return -1;
				break;
			case CONCEPT_SENTENCE:
				if (i < in->count - 1)
					return -1;
				break;
			default:
				break;
		}
	}
	return found;
}

static bool
names_thing(const Element *element, int relation)
{
	for (int i = 0; i < element->names.count && element->kind == ELEMENT_NAME; i++)
	{
		if (element->names.items[i].column < 0 && element->names.items[i].relation == relation)
			return true;
	}
	return false;
}

/* the elements of head, and some of those behind it */
static Reading *
read_side(const Interpretation *in, int head, int from, int to)
{
	Interpretation *side = palloc(sizeof(Interpretation));

	*side = *in;
	side->count = 0;
	for (int i = 0; i < head; i++)
		side->elements[side->count++] = in->elements[i];
	for (int i = from; i < to; i++)
	{
		if (concept_of(in, i) != CONCEPT_EITHER)
			side->elements[side->count++] = in->elements[i];
	}
	return read_elements(side);
}

static bool
same_output(const Output *a, const Output *b)
{
	return a->column.relation == b->column.relation && a->column.column == b->column.column &&
		   a->aggregate == b->aggregate && a->bucket == b->bucket && a->group == b->group;
}

/* does the side show what the head shows? */
static bool
same_outputs(const AskQuery *head, const AskQuery *side)
{
	ListCell *a;
	int found = 0;
	int shown = 0;

	foreach (a, head->outputs)
	{
		ListCell *b;

		shown += !((Output *) lfirst(a))->hidden;
		foreach (b, side->outputs)
		{
			if (!((Output *) lfirst(a))->hidden && same_output(lfirst(a), lfirst(b)))
			{
				found++;
				break;
			}
		}
	}
	/* a side with a number as its condition shows that, too */
	return found == shown || (side->having != NIL && !head->aggregated);
}

/* the relation whose rows the conditions are about */
static int
rows_of(const AskQuery *query)
{
	return query->having != NIL && query->subject >= 0 ? query->subject : query->plan.root;
}

/*
 * The one condition of the side as one on the rows of the head, or NULL.
 */
static Filter *
condition_of(const AskQuery *head, AskQuery *side)
{
	int n = list_length(side->filters) + list_length(side->exists) + list_length(side->having);
	Filter *filter;
	int key;

	if (n != 1 || side->limit > 0 || side->place > 0 || side->within || side->count_groups ||
		side->average_groups || side->share || rows_of(side) != head->plan.root ||
		!same_outputs(head, side))
		return NULL;
	if (side->having == NIL && side->plan.nsteps == head->plan.nsteps)
	{
		if (side->filters != NIL)
			return linitial(side->filters);
		filter = palloc0(sizeof(Filter));
		filter->kind = FILTER_EXISTS;
		filter->exists = linitial(side->exists);
		filter->column.relation = head->plan.root;
		filter->column.column = -1;
		return filter;
	}
	key = key_column(head->snapshot, head->plan.root);
	if (key < 0)
		return NULL;
	filter = palloc0(sizeof(Filter));
	filter->kind = FILTER_AMONG;
	filter->column.relation = head->plan.root;
	filter->column.column = key;
	filter->among = side;
	filter->among_column = filter->column;
	return filter;
}

static char *
words_of_side(const Interpretation *in, int from, int to)
{
	const Token *tokens = in->tokens->tokens;
	const Element *last = &in->elements[to - 1];

	return pnstrdup(in->tokens->question + tokens[in->elements[from].first].start,
					tokens[last->first + last->ntokens - 1].end -
						tokens[in->elements[from].first].start);
}

static bool
only_reads(const Reading *reading)
{
	return reading->query && reading->query->orders == NIL;
}

/*
 * The question with its conditions beginning at the element.
 */
static Reading *
read_either_from(const Interpretation *in, int start, int or_at, int end)
{
	Reading *head = read_side(in, start, start, start);
	Reading *sides[2];
	Filter *any;
	int from = or_at + 1;

	if (!only_reads(head) || head->query->filters != NIL || head->query->exists != NIL ||
		head->query->having != NIL || head->query->limit > 0 || head->query->plan.fans_out)
		return NULL;
	/* "... or patients with" says the things once more */
	while (from < end &&
		   (concept_of(in, from) == CONCEPT_NOISE || concept_of(in, from) == CONCEPT_EITHER))
		from++;
	if (from < end && names_thing(&in->elements[from], head->query->plan.root))
		from++;
	if (from >= end)
		return NULL;
	sides[0] = read_side(in, start, start, or_at);
	sides[1] = read_side(in, start, from, end);
	any = palloc0(sizeof(Filter));
	any->kind = FILTER_ANY;
	for (int i = 0; i < 2; i++)
	{
		Filter *filter;

		if (!only_reads(sides[i]) && !(sides[i]->query && sides[i]->query->having != NIL))
			return NULL;
		filter = condition_of(head->query, sides[i]->query);
		if (!filter)
			return NULL;
		if (!filter->words)
			filter->words = i == 0 ? words_of_side(in, start, or_at) : words_of_side(in, from, end);
		any->column = i == 0 ? filter->column : any->column;
		any->values = lappend(any->values, filter);
		head->assumptions = list_concat(head->assumptions, sides[i]->assumptions);
		head->ambiguities = list_concat(head->ambiguities, sides[i]->ambiguities);
		head->confidence = Min(head->confidence, sides[i]->confidence);
	}
	head->query->filters = list_make1(any);
	return head;
}

Reading *
read_either(const Interpretation *in)
{
	int or_at = find_or(in);
	int start;
	int end = in->count;

	if (in->too_long || or_at < 0)
		return NULL;
	start = first_condition(in, 0, or_at);
	while (end > or_at && concept_of(in, end - 1) == CONCEPT_SENTENCE)
		end--;
	/* "mechanics of grade B", but "number of mechanics with grade B" */
	for (int i = 1; i < or_at && (start < 0 || i <= start); i++)
	{
		Reading *reading = NULL;

		if (i == start || concept_of(in, i) == CONCEPT_OF)
			reading = read_either_from(in, i, or_at, end);
		if (reading)
			return reading;
	}
	return NULL;
}
