/*-------------------------------------------------------------------------
 *
 * firstlast.c
 *		"when was the first order of each customer", "last visit date per patient":
 *		the earliest or latest time of things.
 *
 * Before the scan the words give way to the lowest or highest of the column that
 * says when such things happened.  Without "when" or "date" the thing itself is
 * asked for, and nothing is done here.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/query.h"

static const LexiconEntry lowest = {"minimum", CONCEPT_AGGREGATE, AGGREGATE_MIN, NULL};
static const LexiconEntry highest = {"maximum", CONCEPT_AGGREGATE, AGGREGATE_MAX, NULL};

static Concept
concept_of(const Interpretation *in, int at)
{
	if (at < 0 || at >= in->count || in->elements[at].kind != ELEMENT_CONCEPT)
		return CONCEPT_NONE;
	return in->elements[at].entry->concept;
}

static bool
is_word(const Interpretation *in, int at, const char *word)
{
	return at >= 0 && at < in->count && pg_strcasecmp(in->elements[at].text, word) == 0;
}

static bool
is_date_word(const Interpretation *in, int at)
{
	return is_word(in, at, "date") || is_word(in, at, "dates");
}

static int
before_noise(const Interpretation *in, int at)
{
	do
		at--;
	while (concept_of(in, at) == CONCEPT_NOISE);
	return at;
}

/* "first", "latest": which end is meant, or NULL */
static const LexiconEntry *
end_at(const Interpretation *in, int at)
{
	if (is_word(in, at, "first") || is_word(in, at, "earliest"))
		return &lowest;
	if (is_word(in, at, "last") || is_word(in, at, "latest") || is_word(in, at, "most recent"))
		return &highest;
	return NULL;
}

/* when the things happened that the element can be */
static CandidateList
times_of(const Interpretation *in, const Element *thing)
{
	CandidateList times = {0};

	if (thing->kind != ELEMENT_NAME || thing->phrase || thing->elapsed)
		return times;
	for (int i = 0; i < thing->names.count; i++)
	{
		Candidate c = thing->names.items[i];

		if (c.column >= 0)
			continue;
		c.column = default_time_column(in->snapshot, c.relation, in);
		c.indirect = true;
		if (c.column >= 0)
			times.items[times.count++] = c;
	}
	return times;
}

static void
remove_elements(Interpretation *in, int from, int to)
{
	memmove(&in->elements[from], &in->elements[to], sizeof(Element) * (in->count - to));
	in->count -= to - from;
}

/*
 * Where the words that ask for the time begin and end around "first order"; false
 * where nothing asks for it.
 */
static bool
find_asking(const Interpretation *in, int at, int *from, int *to)
{
	int before = before_noise(in, at);

	*from = at;
	*to = at + 2;
	if (is_date_word(in, at + 2))
	{
		*to = at + 3;
		return true;
	}
	if (concept_of(in, before) == CONCEPT_OF && is_date_word(in, before_noise(in, before)))
	{
		*from = before_noise(in, before);
		return true;
	}
	if (concept_of(in, before) == CONCEPT_WHEN)
	{
		*from = before;
		return true;
	}
	return false;
}

void
cut_first_and_last(Interpretation *in)
{
	for (int at = 0; at + 1 < in->count; at++)
	{
		const LexiconEntry *end = end_at(in, at);
		CandidateList times;
		Element thing;
		int from;
		int to;

		if (!end || !find_asking(in, at, &from, &to))
			continue;
		thing = in->elements[at + 1];
		times = times_of(in, &thing);
		if (times.count == 0)
			continue;
		thing.names = times;
		thing.entry = NULL;
		/* at least two elements give way to two */
		memset(&in->elements[from], 0, sizeof(Element));
		in->elements[from].kind = ELEMENT_CONCEPT;
		in->elements[from].entry = end;
		in->elements[from].first = thing.first;
		in->elements[from].ntokens = 1;
		in->elements[from].text = pstrdup(end->phrase);
		in->elements[from + 1] = thing;
		remove_elements(in, from + 2, to);
		at = from + 1;
	}
}
