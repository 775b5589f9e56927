/*-------------------------------------------------------------------------
 *
 * phrases.c
 *		Phrases inside a question that are questions of their own: "rivers in
 *		[the largest state]", "states that border [states that border Texas]".
 *
 * English nests to the right, so the phrases are cut off from right to left:
 * each is scanned, resolved and composed by itself, and stands in what is left
 * as one element, a thing that is known by a sub-select.  A phrase is cut only
 * where the words before it speak of something else than its own things; a
 * question that can be read as one query is left as it is.  What can not be
 * composed is left as it is, too, and is then declined or not as a whole.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/builtin.h"

#define MAX_PHRASES 4
/* a name that surely says the thing */
#define SURE_NAME 0.85

static Concept
concept_of(const Interpretation *in, int at)
{
	if (at < 0 || at >= in->count || in->elements[at].kind != ELEMENT_CONCEPT)
		return CONCEPT_NONE;
	return in->elements[at].entry->concept;
}

/* the relation whose rows the element names, or -1 */
static int
thing_at(const Interpretation *in, int at)
{
	const Element *element = &in->elements[at];

	if (element->kind != ELEMENT_NAME || element->names.count == 0 ||
		element->names.items[0].column >= 0 || element->names.items[0].score < SURE_NAME)
		return -1;
	return element->names.items[0].relation;
}

static bool
is_superlative(const Interpretation *in, int at)
{
	return concept_of(in, at) == CONCEPT_SUPERLATIVE &&
		   !(in->elements[at].entry->arg & SUPERLATIVE_OF_TIME);
}

/*
 * Where the noun phrase of a thing begins: at its superlative, if it has one.
 */
static int
phrase_start(const Interpretation *in, int noun, bool *superlative)
{
	int at = noun - 1;

	*superlative = false;
	while (at >= 0 &&
		   (in->elements[at].kind == ELEMENT_NUMBER || in->elements[at].kind == ELEMENT_VALUE))
		at--;
	if (at >= 0 && is_superlative(in, at))
	{
		*superlative = true;
		/* "the second largest state" */
		return concept_of(in, at - 1) == CONCEPT_ORDINAL ? at - 1 : at;
	}
	return noun;
}

/* the element after the last one of the phrase */
static int
phrase_end(const Interpretation *in, int start)
{
	int end = start;

	while (end < in->count)
	{
		Concept concept = concept_of(in, end);

		if (concept == CONCEPT_SENTENCE || concept == CONCEPT_ORDER || concept == CONCEPT_LIST ||
			concept == CONCEPT_WHAT)
			break;
		/* "... and the number of ...": something else is asked for */
		if (concept == CONCEPT_AND && (concept_of(in, end + 1) == CONCEPT_COUNT ||
									   concept_of(in, end + 1) == CONCEPT_AGGREGATE ||
									   concept_of(in, end + 1) == CONCEPT_LIST))
			break;
		end++;
	}
	/* "... does the largest state have" */
	while (end > start + 1 &&
		   (concept_of(in, end - 1) == CONCEPT_NOISE || concept_of(in, end - 1) == CONCEPT_VERB ||
			concept_of(in, end - 1) == CONCEPT_WITH ||
			concept_of(in, end - 1) == CONCEPT_PREPOSITION))
		end--;
	return end;
}

static int
sentence_start(const Interpretation *in, int at)
{
	while (at > 0 && concept_of(in, at - 1) != CONCEPT_SENTENCE)
		at--;
	return at;
}

/* can the element be read as the relation, or as something in it? */
static bool
speaks_of(const Element *element, int relation)
{
	for (int i = 0; i < element->names.count; i++)
	{
		if (element->names.items[i].relation == relation && element->names.items[i].score >= 0.5f)
			return true;
	}
	return false;
}

/* is something named before that is not in the relation? */
static bool
others_before(const Interpretation *in, int start, int relation)
{
	for (int i = sentence_start(in, start); i < start; i++)
	{
		const Element *element = &in->elements[i];

		if (element->kind == ELEMENT_NAME && !speaks_of(element, relation))
			return true;
	}
	return false;
}

/* the same things are named before, and something that leads from those to these */
static bool
repeats_thing(const Interpretation *in, int noun, int relation)
{
	bool link = false;
	bool number = false;

	for (int i = noun - 1; i >= sentence_start(in, noun); i--)
	{
		const Element *element = &in->elements[i];

		/* "larger than the population of the region ...", and not "above 4 ..." */
		number |= element->kind == ELEMENT_NUMBER;
		link |= concept_of(in, i) == CONCEPT_COMPARE && !number;
		if (element->kind != ELEMENT_NAME)
			continue;
		if (thing_at(in, i) == relation)
			return link;
		link |= !speaks_of(element, relation);
	}
	return false;
}

static bool
ranks_inside(const Interpretation *in, int from, int to)
{
	for (int i = from; i < to; i++)
	{
		const Element *element = &in->elements[i];
		int ignored;
		const LexiconEntry *entry;

		if (is_superlative(in, i) || concept_of(in, i) == CONCEPT_MOST)
			return true;
		/* "highest point" as the name of a column */
		if (element->kind != ELEMENT_NAME || element->phrase || element->ntokens < 2)
			continue;
		entry = lexicon_find(in->tokens, element->first, &ignored);
		if (entry && entry->concept == CONCEPT_SUPERLATIVE)
			return true;
	}
	return false;
}

static bool
groups_inside(const Interpretation *in, int from, int to)
{
	for (int i = from; i < to; i++)
	{
		if (concept_of(in, i) == CONCEPT_GROUP || concept_of(in, i) == CONCEPT_EACH ||
			concept_of(in, i) == CONCEPT_TOP)
			return true;
	}
	return false;
}

static bool
restricted_inside(const Interpretation *in, int from, int to)
{
	for (int i = from; i < to; i++)
	{
		if (in->elements[i].kind == ELEMENT_VALUE || in->elements[i].phrase)
			return true;
	}
	return false;
}

/* does what stands before take a thing ("in", "of", "border", "run through")? */
static bool
follows_link(const Interpretation *in, int start, bool after_link)
{
	int at = start - 1;

	while (concept_of(in, at) == CONCEPT_NOISE)
		at--;
	switch (concept_of(in, at))
	{
		case CONCEPT_PREPOSITION:
		case CONCEPT_OF:
		case CONCEPT_TO:
		case CONCEPT_VERB:
		case CONCEPT_WITH:
		case CONCEPT_COMPARE:
			return true;
		default:
			/* "border", but not the "business" of "business category" */
			return at >= 0 && in->elements[at].kind == ELEMENT_NAME &&
				   (after_link || thing_at(in, at) < 0);
	}
}

/* "the largest city of their state": depends on each row of what stands before */
static bool
refers_back(const Interpretation *in, int from, int to)
{
	static const char *const words[] = {"their", "its", "his", "her"};

	for (int i = in->elements[from].first; i < in->elements[to - 1].first; i++)
	{
		for (int w = 0; w < lengthof(words); w++)
		{
			if (in->tokens->tokens[i].folded && strcmp(in->tokens->tokens[i].folded, words[w]) == 0)
				return true;
		}
	}
	return false;
}

/*
 * Is the thing the head of a phrase of its own?
 */
static bool
is_own_phrase(const Interpretation *in, int noun, int relation, int start, int end,
			  bool superlative)
{
	Concept before = concept_of(in, start - 1);

	if (start == 0 || refers_back(in, start, end) || before == CONCEPT_WHAT ||
		before == CONCEPT_GROUP || before == CONCEPT_EACH || before == CONCEPT_COUNT ||
		before == CONCEPT_MOST || groups_inside(in, start, end))
		return false;
	if (superlative)
		return others_before(in, start, relation);
	if (repeats_thing(in, noun, relation))
		return follows_link(in, start, true) &&
			   (ranks_inside(in, noun, end) || restricted_inside(in, noun, end));
	return follows_link(in, start, false) && ranks_inside(in, noun, end) &&
		   others_before(in, start, relation);
}

/*
 * The phrase as a query, or NULL.
 */
static Phrase *
compose_phrase(const Interpretation *in, int start, int end, int relation)
{
	Interpretation *part = palloc(sizeof(Interpretation));
	Reading *reading;
	Phrase *phrase;

	*part = *in;
	part->count = end - start;
	memmove(part->elements, &in->elements[start], sizeof(Element) * part->count);
	reading = read_elements(part);
	if (!reading->query || reading->query->count_groups || reading->query->share ||
		reading->query->subject != relation)
		return NULL;
	phrase = palloc0(sizeof(Phrase));
	phrase->relation = relation;
	phrase->column = -1;
	phrase->query = reading->query;
	phrase->assumptions = reading->assumptions;
	return phrase;
}

/* put the phrase in the place of its words */
static void
replace_by_phrase(Interpretation *in, int start, int end, Phrase *phrase)
{
	Element *element = &in->elements[start];
	const Element *last = &in->elements[end - 1];
	const Token *tokens = in->tokens->tokens;
	int first = element->first;
	int past = last->first + last->ntokens;

	memset(element, 0, sizeof(Element));
	element->kind = ELEMENT_NAME;
	element->first = first;
	element->ntokens = past - first;
	element->text = pnstrdup(in->tokens->question + tokens[first].start,
							 tokens[past - 1].end - tokens[first].start);
	element->names.count = 1;
	element->names.items[0] =
		(Candidate){.relation = phrase->relation, .column = -1, .score = 1.0f};
	element->phrase = phrase;
	memmove(&in->elements[start + 1], &in->elements[end], sizeof(Element) * (in->count - end));
	in->count -= end - start - 1;
}

static bool
value_is_listed(const ColumnProfile *profile, const char *value)
{
	int low = 0;
	int high = profile->nvalues;

	while (low < high)
	{
		int middle = (low + high) / 2;
		int order = strcmp(profile->values[middle], value);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/*
 * Does the column hold names of the things of another relation ("capital": of
 * cities)?  Their name column, or -1.
 */
static int
names_of_things(AskSnapshot *snapshot, const Candidate *column, int things)
{
	const ColumnProfile *names = snapshot_profile(snapshot, column->relation, column->column);
	List *labels = label_columns(snapshot, things);
	const ColumnProfile *whole;

	if (things == column->relation || list_length(labels) != 1 || !names || !names->complete ||
		names->nvalues < 2)
		return -1;
	whole = snapshot_profile(snapshot, things, linitial_int(labels));
	if (!whole || !whole->complete)
		return -1;
	for (int i = 0; i < names->nvalues; i++)
	{
		if (!value_is_listed(whole, names->values[i]))
			return -1;
	}
	return linitial_int(labels);
}

static int
before_noise(const Interpretation *in, int at)
{
	at--;
	while (concept_of(in, at) == CONCEPT_NOISE)
		at--;
	return at;
}

/*
 * "the population of the capital of Texas": the capital is a column of states
 * that names a city, and the population is the city's.
 */
static bool
cut_named_things(Interpretation *in, int at)
{
	const Element *element = &in->elements[at];
	const Candidate *column = &element->names.items[0];
	int link = before_noise(in, at);
	int attribute = link;
	int end;
	const Element *outer;

	if (element->kind != ELEMENT_NAME || element->phrase || element->names.count == 0 ||
		column->column < 0 ||
		(concept_of(in, link) != CONCEPT_OF && concept_of(in, link) != CONCEPT_PREPOSITION))
		return false;
	while (attribute >= 0 && in->elements[attribute].kind == ELEMENT_CONCEPT &&
		   concept_of(in, attribute) != CONCEPT_SENTENCE)
		attribute--;
	if (attribute < 0 || in->elements[attribute].kind != ELEMENT_NAME ||
		candidate_column(in->snapshot, column)->type_class != TYPE_CLASS_TEXT)
		return false;
	outer = &in->elements[attribute];
	end = phrase_end(in, at);
	for (int i = 0; i < outer->names.count; i++)
	{
		const Candidate *of_thing = &outer->names.items[i];
		Phrase *phrase;
		int label;

		if (of_thing->column < 0 || of_thing->score < SURE_NAME)
			continue;
		label = names_of_things(in->snapshot, column, of_thing->relation);
		if (label < 0 || !(phrase = compose_phrase(in, at, end, column->relation)))
			continue;
		phrase->yields.relation = column->relation;
		phrase->yields.column = column->column;
		phrase->relation = of_thing->relation;
		phrase->column = label;
		replace_by_phrase(in, at, end, phrase);
		return true;
	}
	return false;
}

void
cut_phrases(Interpretation *in)
{
	int nphrases = 0;

	for (int noun = in->count - 1; noun > 0 && nphrases < MAX_PHRASES; noun--)
	{
		int relation = in->elements[noun].phrase ? -1 : thing_at(in, noun);
		bool superlative;
		int start;
		int end;
		Phrase *phrase;

		if (cut_named_things(in, noun))
			nphrases++;
		if (relation < 0 || in->elements[noun].phrase)
			continue;
		start = phrase_start(in, noun, &superlative);
		end = phrase_end(in, noun);
		if (!is_own_phrase(in, noun, relation, start, end, superlative))
			continue;
		phrase = compose_phrase(in, start, end, relation);
		if (!phrase)
			continue;
		replace_by_phrase(in, start, end, phrase);
		nphrases++;
		noun = start;
	}
}
