/*-------------------------------------------------------------------------
 *
 * ratio.c
 *		"ratio of A to B", "percentage of A that ...": one number over another.
 *
 * The question is cut into two, which are read like any other: what stands
 * over the line and what stands under it, each with the groups that were said
 * ("by country").  "the percentage of orders that were late" stands for late
 * orders over orders.  A condition at the very end ("... in 2024") is of both
 * where the first says nothing of the kind; that is stated as an assumption.
 * Shares of the groups of one total ("share of revenue by region") are no
 * ratio in this sense: compose.c serves them.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/combine.h"
#include "translate/spans.h"

typedef struct RatioParts
{
	Span over;
	Span under;
	Span groups;   /* of both; empty where there are none */
	Span shared;   /* a condition of both that stands at the end of one; may be empty */
	Span rest;     /* further sentences */
	bool by_share; /* under is over without its conditions */
	bool percent;
} RatioParts;

/* "are", "were", "have been": what follows is said of the things before */
static bool
is_verb_of_being(const Interpretation *in, int at)
{
	static const char *const words[] = {"is", "are", "was", "were", "been"};
	const Element *element = &in->elements[at];

	if (span_concept(in, at) != CONCEPT_NOISE)
		return false;
	for (int i = 0; i < lengthof(words); i++)
	{
		if (pg_strcasecmp(element->text, words[i]) == 0)
			return true;
	}
	return false;
}

/* the grouping at the end of the span, cut off from it */
static Span
cut_groups(const Interpretation *in, Span *span)
{
	Span groups = {span->to, span->to};

	for (int i = span->from + 1; i < span->to; i++)
	{
		Concept concept = span_concept(in, i);

		if (concept == CONCEPT_GROUP || concept == CONCEPT_EACH ||
			(concept == CONCEPT_UNIT && (in->elements[i].entry->arg & UNIT_BUCKET)))
		{
			groups.from = i;
			span->to = i;
			break;
		}
	}
	return groups;
}

static bool
says_the_like(const Interpretation *in, Span span, const Element *condition)
{
	for (int i = span.from; i < span.to; i++)
	{
		const Element *element = &in->elements[i];

		if ((element->kind == ELEMENT_TIME && condition->kind == ELEMENT_TIME) ||
			(element->kind == ELEMENT_VALUE && condition->kind == ELEMENT_VALUE &&
			 elements_share_column(element, condition)))
			return true;
	}
	return false;
}

/* "... in New York", "... in 2024" at the end, of which the first part says nothing */
static Span
shared_condition(const Interpretation *in, Span over, Span under)
{
	Span none = {under.to, under.to};
	int at = under.to - 1;
	const Element *last;

	while (at > under.from && span_concept(in, at) == CONCEPT_NOISE)
		at--;
	if (at <= under.from)
		return none;
	last = &in->elements[at];
	if ((last->kind != ELEMENT_VALUE && last->kind != ELEMENT_TIME) ||
		says_the_like(in, over, last))
		return none;
	if (last->kind == ELEMENT_TIME)
		return (Span){at, under.to};
	while (at > under.from &&
		   (in->elements[at].kind == ELEMENT_VALUE || span_concept(in, at) == CONCEPT_NOISE))
		at--;
	/* "in the city of New York" */
	if (span_concept(in, at) == CONCEPT_OF && at - 1 > under.from &&
		span_is_thing(&in->elements[at - 1]))
	{
		at -= 2;
		while (at > under.from && span_concept(in, at) == CONCEPT_NOISE)
			at--;
	}
	if (span_concept(in, at) != CONCEPT_PREPOSITION || at <= under.from)
		return none;
	return (Span){at, under.to};
}

/*
 * Where what is said of the things begins: at "that", "with", a verb; else at
 * the preposition or comparison behind them.
 */
static int
start_of_conditions(const Interpretation *in, Span span)
{
	int noun = span.from;
	int preposition = -1;

	while (noun < span.to && !span_is_thing(&in->elements[noun]))
		noun++;
	for (int i = noun + 1; i < span.to; i++)
	{
		switch (span_concept(in, i))
		{
			case CONCEPT_THAT:
			case CONCEPT_WITH:
			case CONCEPT_WITHOUT:
			case CONCEPT_WHAT:
			case CONCEPT_WHERE:
			case CONCEPT_VERB:
			case CONCEPT_COMPARE:
			case CONCEPT_NOT:
				return i;
			case CONCEPT_PREPOSITION:
				if (preposition < 0)
					preposition = i;
				break;
			default:
				if (is_verb_of_being(in, i))
					return i;
				break;
		}
		if (in->elements[i].kind == ELEMENT_TIME && preposition < 0)
			preposition = i;
	}
	return preposition;
}

int
first_condition(const Interpretation *in, int from, int to)
{
	return start_of_conditions(in, (Span){from, to});
}

/* the element that parts A from B in "ratio of A to B" */
static int
find_divider(const Interpretation *in, Span span)
{
	int at = span_find(in, span, CONCEPT_TO);

	/* "ratio between A and B" */
	if (at < 0 && span_concept(in, span.from) == CONCEPT_BETWEEN)
		at = span_find(in, span, CONCEPT_AND);
	return at;
}

/* "comes from" before "each category" is no condition */
static bool
says_something(const Interpretation *in, int from, int to)
{
	for (int i = from; i < to; i++)
	{
		if (in->elements[i].kind != ELEMENT_CONCEPT)
			return true;
	}
	return false;
}

static bool
find_parts(const Interpretation *in, RatioParts *parts)
{
	Span all = {0, in->count};
	int ratio = span_find(in, all, CONCEPT_RATIO);
	int share = span_find(in, all, CONCEPT_SHARE);
	int divider;
	Span sentence;

	memset(parts, 0, sizeof(RatioParts));
	if (ratio < 0 && share < 0)
		return false;
	sentence.from = Max(ratio, share) + 1;
	sentence.to = sentence.from;
	while (sentence.to < in->count && span_concept(in, sentence.to) != CONCEPT_SENTENCE)
		sentence.to++;
	parts->rest = (Span){sentence.to, in->count};
	parts->groups = cut_groups(in, &sentence);
	parts->percent = share >= 0 && in->elements[share].entry->arg == 1;
	divider = find_divider(in, sentence);
	if (divider > sentence.from && divider + 1 < sentence.to)
	{
		parts->over = (Span){sentence.from, divider};
		parts->under = (Span){divider + 1, sentence.to};
		if (span_concept(in, sentence.from) == CONCEPT_BETWEEN ||
			span_concept(in, sentence.from) == CONCEPT_OF)
			parts->over.from++;
		parts->shared = shared_condition(in, parts->over, parts->under);
		return true;
	}
	if (share < 0)
		return false;
	divider = start_of_conditions(in, sentence);
	if (divider < 0 || !says_something(in, divider, sentence.to))
		return false;
	parts->over = sentence;
	parts->under = (Span){sentence.from, divider};
	parts->by_share = true;
	/* "... are open in New York": of the businesses in New York */
	if (is_verb_of_being(in, divider) || is_verb_of_being(in, divider + 1))
	{
		Span shared = shared_condition(in, parts->under, sentence);

		if (shared.from < shared.to && says_something(in, divider, shared.from))
			parts->shared = shared;
	}
	return true;
}

/*
 * One side of the line as a question of its own.
 */
static Reading *
read_side(const Interpretation *in, Span span, const RatioParts *parts)
{
	Interpretation *side = span_copy_empty(in);

	if (!span_has_aggregate(in, span) && (parts->by_share || span_counts_things(in, span)))
		span_append_concept(side, &span_number_of);
	span_append(side, in, span);
	/* the side that does not have it yet */
	if (parts->shared.from < parts->shared.to && (span.to == parts->over.to) != parts->by_share)
		span_append(side, in, parts->shared);
	span_append(side, in, parts->groups);
	return read_elements(side);
}

/*
 * What is said after the question ("Return the counts, too") must name nothing
 * that the two sides do not speak of.
 */
static char *
unread_rest(const Interpretation *in, const RatioParts *parts, const Reading *over,
			const Reading *under)
{
	for (int i = parts->rest.from; i < parts->rest.to; i++)
	{
		const Element *element = &in->elements[i];
		bool known = false;

		if (element->kind == ELEMENT_CONCEPT)
			continue;
		for (int side = 0; side < 2 && element->kind == ELEMENT_NAME; side++)
		{
			const QuestionScan *scan = side == 0 ? over->scan : under->scan;

			for (int m = 0; m < scan->count; m++)
			{
				const Candidate *c = &scan->mentions[m].chosen;

				for (int k = 0; k < element->names.count && k < 4; k++)
					known |= c->relation == element->names.items[k].relation &&
							 (c->column == element->names.items[k].column ||
							  element->names.items[k].column < 0 || c->column < 0);
			}
		}
		if (!known)
			return element->text;
	}
	return NULL;
}

bool
translate_ratio(Interpretation *in, Translation *translation)
{
	RatioParts parts;
	Reading *over;
	Reading *under;
	CombinedQuery *combined;
	char *unread;
	char *reason = NULL;

	if (in->too_long || !find_parts(in, &parts))
		return false;
	over = read_side(in, parts.over, &parts);
	if (!over->query)
		return span_decline(translation, over, NULL);
	under = read_side(in, parts.under, &parts);
	if (!under->query)
		return span_decline(translation, under, NULL);
	unread = unread_rest(in, &parts, over, under);
	if (unread)
		return span_decline(translation, over,
							psprintf("It is not clear what is to be done with \"%s\".", unread));
	combined = combine_queries(over->query, under->query, &reason);
	if (!combined)
		return span_decline(translation, over, reason);
	combined->percent = parts.percent;
	translation->assumptions = list_concat_unique_text(over->assumptions, under->assumptions);
	if (parts.shared.from < parts.shared.to)
		translation->assumptions =
			lappend(translation->assumptions, psprintf("\"%s\" is taken as a condition of both.",
													   span_text(in, parts.shared)));
	translation->ambiguities = list_concat(over->ambiguities, under->ambiguities);
	translation->confidence = Min(over->confidence, under->confidence);
	translation->answered = true;
	translation->understood = list_concat_unique_text(describe_understood(over->scan, true),
													  describe_understood(under->scan, true));
	present_combined(translation, combined);
	return true;
}
