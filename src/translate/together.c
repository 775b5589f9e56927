/*-------------------------------------------------------------------------
 *
 * together.c
 *		"compare revenue with visits by month", "does my revenue correlate with
 *		the index": two numbers that are brought together over what both are
 *		grouped by.
 *
 * The question is cut in two at the word that parts the numbers, and each part
 * is read by itself, so that no relationship needs to connect them: a tenant's
 * own sales and a shared price have only their months in common.  Groups and
 * times are of both; where only one part says a time it is stated that it is
 * taken for both.
 *
 * "A and B by month" is read as one query first, and so only where the numbers
 * do not have each a time of its own: orders and returns of a month are not the
 * orders that were returned.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/combine.h"
#include "translate/spans.h"

typedef struct Together
{
	CombineKind kind;
	bool said; /* by a word, not only by "and" */
	int word;  /* that word, where what parts the two must stand behind it; or -1 */
	Span sentence;
	Span groups; /* of both; empty where there are none */
	int bucket;  /* an element that is a bucket of time ("monthly"), or -1 */
	int times[2];
} Together;

static const LexiconEntry monthly = {"monthly", CONCEPT_UNIT, TIME_UNIT_MONTH | UNIT_BUCKET, NULL};

static bool
is_bucket(const Interpretation *in, int at)
{
	return span_concept(in, at) == CONCEPT_UNIT && (in->elements[at].entry->arg & UNIT_BUCKET);
}

static void
cut_groups(const Interpretation *in, Together *together)
{
	together->bucket = -1;
	together->groups = (Span){together->sentence.to, together->sentence.to};
	for (int i = together->sentence.from; i < together->sentence.to; i++)
	{
		Concept concept = span_concept(in, i);

		if (concept == CONCEPT_GROUP || concept == CONCEPT_EACH)
		{
			together->groups.from = i;
			together->sentence.to = i;
			return;
		}
		if (is_bucket(in, i) && together->bucket < 0)
			together->bucket = i;
	}
}

static bool
find_together(const Interpretation *in, Together *together)
{
	Span all = {0, in->count};
	int comparison = span_find(in, all, CONCEPT_COMPARISON);
	int correlation = span_find(in, all, CONCEPT_CORRELATION);

	memset(together, 0, sizeof(Together));
	together->sentence = all;
	while (together->sentence.to > 0 &&
		   (span_concept(in, together->sentence.to - 1) == CONCEPT_SENTENCE ||
			span_concept(in, together->sentence.to - 1) == CONCEPT_NOISE))
		together->sentence.to--;
	if (span_find(in, together->sentence, CONCEPT_SENTENCE) >= 0)
		return false;
	together->kind = correlation >= 0 ? COMBINE_CORRELATION : COMBINE_BESIDE;
	together->said = comparison >= 0 || correlation >= 0 || span_find(in, all, CONCEPT_VERSUS) >= 0;
	together->word = Max(correlation, comparison);
	if (comparison >= 0 && in->elements[comparison].entry->arg == 1)
		return false;
	cut_groups(in, together);
	return true;
}

/*
 * Is this the word that parts the two?
 */
static bool
may_part(const Interpretation *in, const Together *together, int at)
{
	switch (span_concept(in, at))
	{
		case CONCEPT_VERSUS:
			return true;
		case CONCEPT_AND:
			return together->word < at;
		case CONCEPT_WITH:
		case CONCEPT_TO:
			return together->said && together->word < at;
		default:
			return false;
	}
}

static int
time_of(const Interpretation *in, Span span)
{
	for (int i = span.from; i < span.to; i++)
	{
		if (in->elements[i].kind == ELEMENT_TIME)
			return i;
	}
	return -1;
}

/*
 * A thing that is observed over time and has one number that does not add up
 * (an index and its level, a rate and its percentage): that number is meant.
 */
static bool
observed_number(const AskSnapshot *snapshot, Candidate *c)
{
	const SnapshotRelation *rel = &snapshot->relations[c->relation];
	int found = -1;
	int n = 0;

	if (c->column >= 0 || default_time_column(snapshot, c->relation, NULL) < 0)
		return false;
	for (int i = 0; i < rel->ncolumns; i++)
	{
		if (!column_is_measure(snapshot, c->relation, i))
			continue;
		found = i;
		n++;
	}
	if (n != 1 || column_adds_up(&rel->columns[found]))
		return false;
	c->column = found;
	return true;
}

/* "performance", "level" behind the thing that is observed */
static bool
says_course(const Element *element)
{
	static const char *const words[] = {"performance", "development", "level", "levels",
										"course",      "movement",    "trend"};

	for (int i = 0; i < lengthof(words); i++)
	{
		if (pg_strcasecmp(element->text, words[i]) == 0)
			return true;
	}
	return false;
}

static void
name_observed(Interpretation *side)
{
	for (int i = 0; i < side->count; i++)
	{
		Element *element = &side->elements[i];

		if (!span_is_thing(element) || element->phrase ||
			!observed_number(side->snapshot, &element->names.items[0]))
			continue;
		element->names.count = 1;
		if (i + 1 < side->count && says_course(&side->elements[i + 1]))
		{
			memmove(&side->elements[i + 1], &side->elements[i + 2],
					sizeof(Element) * (side->count - i - 2));
			side->count--;
		}
	}
}

/*
 * One of the two as a question of its own.
 */
static Reading *
read_part(const Interpretation *in, const Together *together, Span span, int time)
{
	Interpretation *side = span_copy_empty(in);
	bool bucketed = false;
	int count_at;

	for (int i = span.from; i < span.to; i++)
	{
		bucketed |= is_bucket(in, i);
		if (i != together->word &&
			!(i > 0 && i - 1 == together->word && span_concept(in, i) == CONCEPT_BETWEEN))
			span_append(side, in, (Span){i, i + 1});
	}
	name_observed(side);
	count_at = side->count;
	if (!span_has_aggregate(side, (Span){0, count_at}) &&
		span_counts_things(side, (Span){0, count_at}))
	{
		Interpretation *counted = span_copy_empty(in);

		if (together->kind == COMBINE_CORRELATION)
		{
			Reading *reading = read_elements(side);

			reading->query = NULL;
			reading->reason = pstrdup("It is not clear which numbers should be correlated.");
			return reading;
		}
		span_append_concept(counted, &span_number_of);
		span_append(counted, side, (Span){0, side->count});
		side = counted;
	}
	if (time >= 0)
		span_append(side, in, (Span){time, time + 1});
	if (!bucketed && together->bucket >= 0)
		span_append(side, in, (Span){together->bucket, together->bucket + 1});
	else if (!bucketed && together->kind == COMBINE_CORRELATION &&
			 together->groups.from == together->groups.to)
		span_append_concept(side, &monthly);
	span_append(side, in, together->groups);
	return read_elements(side);
}

static bool
says_groups(const Together *together)
{
	return together->bucket >= 0 || together->groups.from < together->groups.to;
}

/* a time alone is no number */
static bool
names_something(const Interpretation *in, Span span)
{
	for (int i = span.from; i < span.to; i++)
	{
		if (span_is_thing(&in->elements[i]))
			return true;
	}
	return false;
}

/*
 * What tells two numbers of one name apart: their relations, or else their
 * schemas.
 */
static void
label_parts(CombinedQuery *combined)
{
	const SnapshotRelation *rels[2];
	bool same;

	for (int i = 0; i < 2; i++)
		rels[i] = &combined->parts[i]->snapshot->relations[combined->measures[i]->column.relation];
	same = strcmp(rels[0]->name, rels[1]->name) == 0;
	if (same && strcmp(rels[0]->schema, rels[1]->schema) == 0)
		return;
	for (int i = 0; i < 2; i++)
		combined->labels[i] = pstrdup(same ? rels[i]->schema : rels[i]->name);
}

/*
 * Both numbers of the question cut at the element; NULL where they are no two
 * numbers.  *failed is the part that could not be read.
 */
static CombinedQuery *
try_cut(const Interpretation *in, const Together *together, int at, Reading **parts, char **reason)
{
	Span spans[2] = {{together->sentence.from, at}, {at + 1, together->sentence.to}};
	int times[2];
	CombinedQuery *combined;

	for (int i = 0; i < 2; i++)
		times[i] = time_of(in, spans[i]);
	parts[0] = read_part(in, together, spans[0], times[0] < 0 ? times[1] : -1);
	if (!parts[0]->query)
		return NULL;
	parts[1] = read_part(in, together, spans[1], times[1] < 0 ? times[0] : -1);
	if (!parts[1]->query)
		return NULL;
	combined = combine_queries(parts[0]->query, parts[1]->query, reason);
	if (!combined || (together->kind == COMBINE_CORRELATION && !combined->grouped))
		return NULL;
	combined->kind = together->kind;
	label_parts(combined);
	if ((times[0] < 0) != (times[1] < 0))
	{
		int time = Max(times[0], times[1]);

		parts[0]->assumptions = lappend(
			parts[0]->assumptions, psprintf("\"%s\" is taken for both.", in->elements[time].text));
	}
	if (together->kind == COMBINE_CORRELATION && !says_groups(together))
		parts[0]->assumptions =
			lappend(parts[0]->assumptions, pstrdup("The two are compared month by month."));
	return combined;
}

/* the column that tells the query's buckets apart; false where it has none */
static bool
bucket_column(const AskQuery *query, FieldRef *column)
{
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		const Output *output = lfirst(lc);

		if (output->bucket == TIME_UNIT_NONE)
			continue;
		*column = output->column;
		return true;
	}
	return false;
}

/*
 * Do the two have each a time of its own?  Then they are no one query.
 */
static bool
times_differ(const CombinedQuery *combined)
{
	FieldRef a = {0};
	FieldRef b = {0};

	return bucket_column(combined->parts[0], &a) && bucket_column(combined->parts[1], &b) &&
		   (a.relation != b.relation || a.column != b.column);
}

bool
translate_together(Interpretation *in, const Reading *reading, Translation *translation)
{
	Together together;
	Reading *failed = NULL;
	char *reason = NULL;

	if (in->too_long || !find_together(in, &together) ||
		(!together.said && !says_groups(&together)))
		return false;
	for (int at = together.sentence.from + 1; at + 1 < together.sentence.to; at++)
	{
		Reading *parts[2] = {NULL, NULL};
		CombinedQuery *combined;

		if (!may_part(in, &together, at) ||
			!names_something(in, (Span){together.sentence.from, at}) ||
			!names_something(in, (Span){at + 1, together.sentence.to}))
			continue;
		combined = try_cut(in, &together, at, parts, &reason);
		if (!combined)
		{
			failed = parts[1] ? parts[1] : parts[0];
			continue;
		}
		if (!together.said && (combined->parts[0]->aggregated == false ||
							   (reading->query && !times_differ(combined))))
			return false;
		translation->assumptions =
			list_concat_unique_text(parts[0]->assumptions, parts[1]->assumptions);
		if (times_differ(combined))
			translation->assumptions =
				lappend(translation->assumptions, pstrdup("Each is dated by its own date."));
		translation->ambiguities = list_concat(parts[0]->ambiguities, parts[1]->ambiguities);
		translation->confidence = Min(parts[0]->confidence, parts[1]->confidence);
		translation->answered = true;
		translation->understood = list_concat_unique_text(
			describe_understood(parts[0]->scan, true), describe_understood(parts[1]->scan, true));
		present_combined(translation, combined);
		return true;
	}
	if (!together.said || !failed)
		return false;
	return span_decline(translation, failed, failed->query ? reason : NULL);
}
