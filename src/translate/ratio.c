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

#include "translate/builtin.h"
#include "translate/combine.h"

/* some elements of the question: from .. to - 1 */
typedef struct Span
{
	int from;
	int to;
} Span;

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

static Concept
concept_of(const Interpretation *in, int at)
{
	if (at < 0 || at >= in->count || in->elements[at].kind != ELEMENT_CONCEPT)
		return CONCEPT_NONE;
	return in->elements[at].entry->concept;
}

static int
find_concept(const Interpretation *in, Span span, Concept concept)
{
	for (int i = span.from; i < span.to; i++)
	{
		if (concept_of(in, i) == concept)
			return i;
	}
	return -1;
}

static bool
is_thing(const Element *element)
{
	return element->kind == ELEMENT_NAME && element->names.count > 0;
}

/* "are", "were", "have been": what follows is said of the things before */
static bool
is_verb_of_being(const Interpretation *in, int at)
{
	static const char *const words[] = {"is", "are", "was", "were", "been"};
	const Element *element = &in->elements[at];

	if (concept_of(in, at) != CONCEPT_NOISE)
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
		Concept concept = concept_of(in, i);

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

/* do the two values speak of the same column? */
static bool
same_column(const Element *a, const Element *b)
{
	for (int i = 0; i < a->nvalues; i++)
	{
		for (int j = 0; j < b->nvalues; j++)
		{
			if (a->values[i].relation == b->values[j].relation &&
				a->values[i].column == b->values[j].column)
				return true;
		}
	}
	return false;
}

static bool
says_the_like(const Interpretation *in, Span span, const Element *condition)
{
	for (int i = span.from; i < span.to; i++)
	{
		const Element *element = &in->elements[i];

		if ((element->kind == ELEMENT_TIME && condition->kind == ELEMENT_TIME) ||
			(element->kind == ELEMENT_VALUE && condition->kind == ELEMENT_VALUE &&
			 same_column(element, condition)))
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

	while (at > under.from && concept_of(in, at) == CONCEPT_NOISE)
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
		   (in->elements[at].kind == ELEMENT_VALUE || concept_of(in, at) == CONCEPT_NOISE))
		at--;
	/* "in the city of New York" */
	if (concept_of(in, at) == CONCEPT_OF && at - 1 > under.from && is_thing(&in->elements[at - 1]))
	{
		at -= 2;
		while (at > under.from && concept_of(in, at) == CONCEPT_NOISE)
			at--;
	}
	if (concept_of(in, at) != CONCEPT_PREPOSITION || at <= under.from)
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

	while (noun < span.to && !is_thing(&in->elements[noun]))
		noun++;
	for (int i = noun + 1; i < span.to; i++)
	{
		switch (concept_of(in, i))
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

/* the element that parts A from B in "ratio of A to B" */
static int
find_divider(const Interpretation *in, Span span)
{
	int at = find_concept(in, span, CONCEPT_TO);

	/* "ratio between A and B" */
	if (at < 0 && concept_of(in, span.from) == CONCEPT_BETWEEN)
		at = find_concept(in, span, CONCEPT_AND);
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
	int ratio = find_concept(in, all, CONCEPT_RATIO);
	int share = find_concept(in, all, CONCEPT_SHARE);
	int divider;
	Span sentence;

	memset(parts, 0, sizeof(RatioParts));
	if (ratio < 0 && share < 0)
		return false;
	sentence.from = Max(ratio, share) + 1;
	sentence.to = sentence.from;
	while (sentence.to < in->count && concept_of(in, sentence.to) != CONCEPT_SENTENCE)
		sentence.to++;
	parts->rest = (Span){sentence.to, in->count};
	parts->groups = cut_groups(in, &sentence);
	parts->percent = share >= 0 && in->elements[share].entry->arg == 1;
	divider = find_divider(in, sentence);
	if (divider > sentence.from && divider + 1 < sentence.to)
	{
		parts->over = (Span){sentence.from, divider};
		parts->under = (Span){divider + 1, sentence.to};
		if (concept_of(in, sentence.from) == CONCEPT_BETWEEN ||
			concept_of(in, sentence.from) == CONCEPT_OF)
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

static void
append_span(Interpretation *to, const Interpretation *from, Span span)
{
	for (int i = span.from; i < span.to && to->count < MAX_ELEMENTS; i++)
		to->elements[to->count++] = from->elements[i];
}

static bool
has_aggregate(const Interpretation *in, Span span)
{
	return find_concept(in, span, CONCEPT_COUNT) >= 0 ||
		   find_concept(in, span, CONCEPT_AGGREGATE) >= 0;
}

static bool
says_amount_at(const Interpretation *in, const Element *element)
{
	const Token *head = &in->tokens->tokens[element->first + element->ntokens - 1];

	return head->stem && lexicon_is_amount(head->stem);
}

/* does the span name a thing, which has to be counted, and no number of it? */
static bool
counts_things(const Interpretation *in, Span span)
{
	for (int i = span.from; i < span.to; i++)
	{
		const Element *element = &in->elements[i];
		const Element *next = i + 1 < span.to ? &in->elements[i + 1] : NULL;

		if (element->kind != ELEMENT_NAME)
			continue;
		/* "open businesses" */
		if (!element->phrase && is_thing(element) && element->names.items[0].column >= 0 && next &&
			is_thing(next) && next->names.items[0].column < 0 &&
			next->first == element->first + element->ntokens)
			continue;
		return element->phrase || (element->names.count > 0 && element->names.items[0].column < 0 &&
								   !says_amount_at(in, element));
	}
	return false;
}

/*
 * One side of the line as a question of its own.
 */
static Reading *
read_side(const Interpretation *in, Span span, const RatioParts *parts)
{
	static const LexiconEntry count = {"number of", CONCEPT_COUNT, 0, NULL};
	Interpretation *side = palloc(sizeof(Interpretation));

	*side = *in;
	side->count = 0;
	if (!has_aggregate(in, span) && (parts->by_share || counts_things(in, span)))
	{
		Element *element = &side->elements[side->count++];

		memset(element, 0, sizeof(Element));
		element->kind = ELEMENT_CONCEPT;
		element->text = pstrdup(count.phrase);
		element->entry = &count;
	}
	append_span(side, in, span);
	/* the side that does not have it yet */
	if (parts->shared.from < parts->shared.to && (span.to == parts->over.to) != parts->by_share)
		append_span(side, in, parts->shared);
	append_span(side, in, parts->groups);
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

static bool
decline(Translation *translation, Reading *reading, char *reason)
{
	if (reason)
		reading->reason = reason;
	abstain(translation, reading);
	return true;
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
		return decline(translation, over, NULL);
	under = read_side(in, parts.under, &parts);
	if (!under->query)
		return decline(translation, under, NULL);
	unread = unread_rest(in, &parts, over, under);
	if (unread)
		return decline(translation, over,
					   psprintf("It is not clear what is to be done with \"%s\".", unread));
	combined = combine_queries(over->query, under->query, &reason);
	if (!combined)
		return decline(translation, over, reason);
	combined->percent = parts.percent;
	translation->assumptions = list_concat_unique_text(over->assumptions, under->assumptions);
	if (parts.shared.from < parts.shared.to)
		translation->assumptions = lappend(
			translation->assumptions,
			psprintf(
				"\"%s\" is taken as a condition of both.",
				pnstrdup(in->tokens->question +
							 in->tokens->tokens[in->elements[parts.shared.from].first].start,
						 in->tokens
								 ->tokens[in->elements[parts.shared.to - 1].first +
										  in->elements[parts.shared.to - 1].ntokens - 1]
								 .end -
							 in->tokens->tokens[in->elements[parts.shared.from].first].start)));
	translation->ambiguities = list_concat(over->ambiguities, under->ambiguities);
	translation->confidence = Min(over->confidence, under->confidence);
	translation->answered = true;
	translation->understood = list_concat_unique_text(describe_understood(over->scan, true),
													  describe_understood(under->scan, true));
	present_combined(translation, combined);
	return true;
}
