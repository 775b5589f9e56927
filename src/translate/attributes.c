/*-------------------------------------------------------------------------
 *
 * attributes.c
 *		Attributes that are said by a verb, or by a word of order.
 *
 * "What does it cost" asks for a price, "born in 1980" is about a date of
 * birth, "the last 5 orders" are ranked by when they happened, and "when was
 * the first order" asks for the earliest time.  The elements are rewritten
 * into those of the plain question, before the scan; what is no such question
 * stays as it is.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/query.h"

static const LexiconEntry of_entry = {"of", CONCEPT_OF, 0, NULL};
static const LexiconEntry highest_entry = {"highest", CONCEPT_SUPERLATIVE, 1, NULL};
static const LexiconEntry lowest_entry = {"lowest", CONCEPT_SUPERLATIVE, 0, NULL};
static const LexiconEntry first_entry = {"first", CONCEPT_SUPERLATIVE, SUPERLATIVE_OF_TIME, NULL};
static const LexiconEntry last_entry = {"last", CONCEPT_SUPERLATIVE, SUPERLATIVE_OF_TIME | 1, NULL};
static const LexiconEntry minimum_entry = {"minimum", CONCEPT_AGGREGATE, AGGREGATE_MIN, NULL};
static const LexiconEntry maximum_entry = {"maximum", CONCEPT_AGGREGATE, AGGREGATE_MAX, NULL};

static Concept
concept_of(const Interpretation *in, int at)
{
	if (at < 0 || at >= in->count || in->elements[at].kind != ELEMENT_CONCEPT)
		return CONCEPT_NONE;
	return in->elements[at].entry->concept;
}

static int
next_significant(const Interpretation *in, int at)
{
	at++;
	while (concept_of(in, at) == CONCEPT_NOISE)
		at++;
	return at;
}

static void
remove_element(Interpretation *in, int at)
{
	memmove(&in->elements[at], &in->elements[at + 1], sizeof(Element) * (in->count - at - 1));
	in->count--;
}

static void
become_concept(Element *element, const LexiconEntry *entry)
{
	element->kind = ELEMENT_CONCEPT;
	element->entry = entry;
}

static void
become_name(Element *element, const CandidateList *names)
{
	element->kind = ELEMENT_NAME;
	element->names = *names;
	element->entry = NULL;
	element->negated = false;
}

static bool
says(const Element *element, const char *word)
{
	return pg_strcasecmp(element->text, word) == 0;
}

static bool
is_thing(const Interpretation *in, int at)
{
	return at < in->count && in->elements[at].kind == ELEMENT_NAME && !in->elements[at].phrase &&
		   in->elements[at].names.count > 0 && in->elements[at].names.items[0].column < 0;
}

static const LexiconVerb *
verb_at(const Interpretation *in, int at)
{
	const Element *element = &in->elements[at];

	if (element->phrase || (element->kind != ELEMENT_NAME && element->kind != ELEMENT_UNKNOWN &&
							concept_of(in, at) != CONCEPT_VERB))
		return NULL;
	for (int i = 0; i < lexicon_verb_count; i++)
	{
		if (says(element, lexicon_verbs[i].words))
			return &lexicon_verbs[i];
	}
	return NULL;
}

static bool
after_do(const Interpretation *in, int at)
{
	while (--at >= 0 && concept_of(in, at) != CONCEPT_SENTENCE)
	{
		if (concept_of(in, at) == CONCEPT_NOISE &&
			(says(&in->elements[at], "do") || says(&in->elements[at], "does") ||
			 says(&in->elements[at], "did")))
			return true;
	}
	return false;
}

/* "products that cost less than 5", but not "the cost of products" */
static bool
is_verb(const Interpretation *in, int at, const LexiconVerb *verb)
{
	Concept next = concept_of(in, next_significant(in, at));

	if (!verb->noun || after_do(in, at))
		return true;
	if ((next == CONCEPT_COMPARE || next == CONCEPT_BETWEEN) &&
		(concept_of(in, at - 1) == CONCEPT_OR || concept_of(in, at - 1) == CONCEPT_AND ||
		 concept_of(in, at - 1) == CONCEPT_EITHER))
		return true;
	return concept_of(in, at - 1) == CONCEPT_THAT || concept_of(in, at - 1) == CONCEPT_WHAT ||
		   (at > 0 && is_thing(in, at - 1) &&
			(next == CONCEPT_COMPARE || next == CONCEPT_BETWEEN || next == CONCEPT_MOST));
}

/* the columns of the hints; for a verb of time only times */
static bool
find_attribute(const Interpretation *in, const LexiconVerb *verb, CandidateList *columns)
{
	int n = 0;

	match_hints(&in->match, verb->hints, columns);
	for (int i = 0; i < columns->count; i++)
	{
		const SnapshotColumn *column = candidate_column(in->snapshot, &columns->items[i]);

		if (column && type_class_is_time(column->type_class) == verb->time &&
			(verb->time || type_class_is_numeric(column->type_class)))
			columns->items[n++] = columns->items[i];
	}
	columns->count = n;
	return n > 0;
}

/* the words that ask: "how much", "what"; -1 where there are none */
static int
asking_words(const Interpretation *in, int before)
{
	for (int i = 0; i < before; i++)
	{
		if (concept_of(in, i) == CONCEPT_HOW_MUCH ||
			(concept_of(in, i) == CONCEPT_WHAT && says(&in->elements[i], "what") &&
			 !is_thing(in, next_significant(in, i))))
			return i;
		if (in->elements[i].kind != ELEMENT_CONCEPT)
			return -1;
	}
	return -1;
}

/* "what does X cost": the price of X */
static void
ask_for(Interpretation *in, int asking, const CandidateList *columns)
{
	become_name(&in->elements[asking], columns);
	if (in->count >= MAX_ELEMENTS)
		return;
	memmove(&in->elements[asking + 2], &in->elements[asking + 1],
			sizeof(Element) * (in->count - asking - 1));
	in->count++;
	in->elements[asking + 1] = in->elements[asking];
	become_concept(&in->elements[asking + 1], &of_entry);
}

static void
rewrite_verb(Interpretation *in, int at, const LexiconVerb *verb)
{
	int next = next_significant(in, at);
	int asking = asking_words(in, at);
	CandidateList columns;

	if (!is_verb(in, at, verb) || !find_attribute(in, verb, &columns) || in->count >= MAX_ELEMENTS)
		return;
	if (verb->time || concept_of(in, next) == CONCEPT_COMPARE ||
		concept_of(in, next) == CONCEPT_BETWEEN)
		become_name(&in->elements[at], &columns);
	else if (concept_of(in, next) == CONCEPT_MOST)
	{
		/* "earns the most" */
		become_concept(&in->elements[at],
					   in->elements[next].entry->arg == 1 ? &highest_entry : &lowest_entry);
		become_name(&in->elements[next], &columns);
	}
	else if (asking >= 0)
	{
		remove_element(in, at);
		ask_for(in, asking, &columns);
	}
}

/* "how much is the Espresso Machine": its price, where nothing else is named */
static void
rewrite_how_much(Interpretation *in)
{
	static const LexiconVerb price = {"cost", "price cost fee fare", false, false};
	CandidateList columns;
	bool value = false;

	if (in->count < 3 || concept_of(in, 0) != CONCEPT_HOW_MUCH || in->count >= MAX_ELEMENTS ||
		!(says(&in->elements[1], "is") || says(&in->elements[1], "are")))
		return;
	for (int i = 1; i < in->count; i++)
	{
		if (in->elements[i].kind == ELEMENT_VALUE)
			value = true;
		else if (concept_of(in, i) != CONCEPT_NOISE && concept_of(in, i) != CONCEPT_SENTENCE)
			return;
	}
	if (value && find_attribute(in, &price, &columns))
		ask_for(in, 0, &columns);
}

/* "the last 5 orders", "the first appointment", where those have a time */
static void
rewrite_first_and_last(Interpretation *in, int at)
{
	Element *element = &in->elements[at];
	bool first = says(element, "first");
	int thing = next_significant(in, at);

	if (!first && !says(element, "last"))
		return;
	if (element->kind == ELEMENT_CONCEPT || element->kind == ELEMENT_TIME)
		return;
	if (thing < in->count && in->elements[thing].kind == ELEMENT_NUMBER)
		thing = next_significant(in, thing);
	if (is_thing(in, thing) &&
		default_time_column(in->snapshot, in->elements[thing].names.items[0].relation, in) >= 0)
		become_concept(element, first ? &first_entry : &last_entry);
}

/*
 * "when was the first order", "date of the latest order": the earliest or
 * latest time of them.
 */
static void
rewrite_moment(Interpretation *in)
{
	int at = 0;
	int superlative;
	int thing;
	bool of;
	CandidateList column = {0};

	while (concept_of(in, at) == CONCEPT_NOISE || concept_of(in, at) == CONCEPT_LIST ||
		   concept_of(in, at) == CONCEPT_WHAT)
		at++;
	if (at >= in->count)
		return;
	superlative = next_significant(in, at);
	of = concept_of(in, superlative) == CONCEPT_OF;
	if (of)
		superlative = next_significant(in, superlative);
	thing = next_significant(in, superlative);
	if (!(of ? says(&in->elements[at], "date") || says(&in->elements[at], "time") ||
				   says(&in->elements[at], "day")
			 : concept_of(in, at) == CONCEPT_WHEN) ||
		concept_of(in, superlative) != CONCEPT_SUPERLATIVE ||
		!(in->elements[superlative].entry->arg & SUPERLATIVE_OF_TIME) || !is_thing(in, thing))
		return;
	column.items[0] = in->elements[thing].names.items[0];
	column.items[0].column = default_time_column(in->snapshot, column.items[0].relation, in);
	column.count = 1;
	if (column.items[0].column < 0)
		return;
	become_concept(&in->elements[superlative],
				   in->elements[superlative].entry->arg & 1 ? &maximum_entry : &minimum_entry);
	become_name(&in->elements[thing], &column);
	while (superlative-- > at)
		remove_element(in, at);
}

/*
 * "which employee was hired first": the word of order stands behind, and is
 * neither a name ("first_name") nor noise.
 */
static void
rewrite_trailing_order(Interpretation *in)
{
	int end = in->count;
	int thing = 0;
	Element order;

	while (end > 0 && (concept_of(in, end - 1) == CONCEPT_SENTENCE ||
					   concept_of(in, end - 1) == CONCEPT_NOISE))
		end--;
	if (end < 3 || in->elements[end - 1].kind == ELEMENT_CONCEPT ||
		!(says(&in->elements[end - 1], "first") || says(&in->elements[end - 1], "last")))
		return;
	order = in->elements[end - 1];
	if (concept_of(in, 0) == CONCEPT_WHAT)
		thing = next_significant(in, 0);
	if (thing >= end - 1 || !is_thing(in, thing) || thing == 0)
	{
		/* whatever it says, it does not ask for a name */
		order.kind = ELEMENT_UNKNOWN;
		order.names.count = 0;
		in->elements[end - 1] = order;
		return;
	}
	become_concept(&order, says(&order, "first") ? &first_entry : &last_entry);
	memmove(&in->elements[thing + 1], &in->elements[thing], sizeof(Element) * (end - 1 - thing));
	in->elements[thing] = order;
}

void
name_attributes(Interpretation *in)
{
	rewrite_trailing_order(in);
	rewrite_how_much(in);
	for (int i = 0; i < in->count; i++)
	{
		const LexiconVerb *verb = verb_at(in, i);

		if (verb)
			rewrite_verb(in, i, verb);
		else
			rewrite_first_and_last(in, i);
	}
	rewrite_moment(in);
}
