/*-------------------------------------------------------------------------
 *
 * prepare.c
 *		Small things of English that are settled before the scan, because they
 *		are about several elements at once.
 *
 * "customer ID" is the key of customers, whatever that column is called;
 * "country name" is the country; how the answer should be computed ("by doing
 * a left join from A to B") says nothing of what is asked and is left out.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "translate/query.h"

static void
remove_elements(Interpretation *in, int from, int to)
{
	memmove(&in->elements[from], &in->elements[to], sizeof(Element) * (in->count - to));
	in->count -= to - from;
}

static bool
ends_sentence(const Element *element)
{
	return element->kind == ELEMENT_CONCEPT && element->entry->concept == CONCEPT_SENTENCE;
}

static bool
is_concept(const Element *element, Concept concept)
{
	return element->kind == ELEMENT_CONCEPT && element->entry->concept == concept;
}

static bool
is_word_of(const Element *element, const char *const *words, int nwords)
{
	for (int i = 0; i < nwords; i++)
	{
		if (pg_strcasecmp(element->text, words[i]) == 0)
			return true;
	}
	return false;
}

/* "by doing a left join from the cars to the sales table": to the end of the sentence */
static void
leave_out_methods(Interpretation *in)
{
	for (int i = 0; i < in->count; i++)
	{
		int end = i;

		if (!is_concept(&in->elements[i], CONCEPT_METHOD))
			continue;
		while (end < in->count && !ends_sentence(&in->elements[end]))
			end++;
		remove_elements(in, i, end);
	}
}

/*
 * "customer ID", "domain ids": the key of the things, or what points to it.
 */
static bool
make_key(const Interpretation *in, Element *thing)
{
	CandidateList keys = {0};

	for (int i = 0; i < thing->names.count; i++)
	{
		Candidate c = thing->names.items[i];

		if (c.column >= 0 || c.score < 0.8f)
			continue;
		c.column = key_column(in->snapshot, c.relation);
		if (c.column >= 0)
			keys.items[keys.count++] = c;
	}
	if (keys.count == 0)
		return false;
	thing->names = keys;
	return true;
}

static void
join_key_words(Interpretation *in)
{
	static const char *const words[] = {"id", "ids", "identifier", "identifiers"};

	for (int i = 0; i + 1 < in->count; i++)
	{
		Element *thing = &in->elements[i];
		const Element *word = &in->elements[i + 1];

		if (thing->kind != ELEMENT_NAME || thing->phrase || word->kind == ELEMENT_CONCEPT ||
			word->first != thing->first + thing->ntokens ||
			!is_word_of(word, words, lengthof(words)) || !make_key(in, thing))
			continue;
		thing->ntokens++;
		thing->text = psprintf("%s %s", thing->text, word->text);
		remove_elements(in, i + 1, i + 2);
	}
}

/* a text column right before: "country name" */
static void
leave_out_names(Interpretation *in)
{
	static const char *const words[] = {"name", "names"};

	for (int i = 0; i + 1 < in->count; i++)
	{
		const Element *before = &in->elements[i];
		const Element *word = &in->elements[i + 1];
		const SnapshotColumn *column;

		if (before->kind != ELEMENT_NAME || before->phrase || before->names.count == 0 ||
			word->kind != ELEMENT_NAME || word->first != before->first + before->ntokens ||
			!is_word_of(word, words, lengthof(words)))
			continue;
		column = candidate_column(in->snapshot, &before->names.items[0]);
		if (!column || column->type_class != TYPE_CLASS_TEXT || before->names.items[0].score < 0.9f)
			continue;
		remove_elements(in, i + 1, i + 2);
	}
}

/* "close price" of a column "close": the second word says what the first one is */
static void
leave_out_kinds(Interpretation *in)
{
	static const char *const words[] = {"price", "prices", "amount", "value", "values", "rate"};

	for (int i = 0; i + 1 < in->count; i++)
	{
		const Element *before = &in->elements[i];
		const Element *word = &in->elements[i + 1];
		const Candidate *c = &before->names.items[0];
		bool own = false;

		if (before->kind != ELEMENT_NAME || before->phrase || before->names.count == 0 ||
			word->kind != ELEMENT_NAME || word->first != before->first + before->ntokens ||
			!is_word_of(word, words, lengthof(words)) || c->column < 0 || c->score < 0.95f ||
			!column_is_measure(in->snapshot, c->relation, c->column))
			continue;
		for (int k = 0; k < word->names.count; k++)
			own |= word->names.items[k].relation == c->relation;
		if (!own)
			remove_elements(in, i + 1, i + 2);
	}
}

static bool
column_has_word(const Interpretation *in, const Candidate *c, const Element *word)
{
	const char *stem = in->tokens->tokens[word->first].stem;
	ListCell *lc;

	if (c->column < 0 || !stem || !column_is_measure(in->snapshot, c->relation, c->column))
		return false;
	foreach (lc, words_of_identifier(candidate_column(in->snapshot, c)->plain))
	{
		if (strcmp(lfirst(lc), stem) == 0)
			return true;
	}
	return false;
}

/*
 * "closing price" of a column close_price: the first word has found it, and the
 * second one is in its name.
 */
static void
join_words_of_measure(Interpretation *in)
{
	for (int i = 0; i + 1 < in->count; i++)
	{
		Element *before = &in->elements[i];
		const Element *word = &in->elements[i + 1];
		CandidateList kept = {0};

		if (before->kind != ELEMENT_NAME || before->phrase || before->names.count == 0 ||
			word->kind != ELEMENT_NAME || word->ntokens != 1 ||
			word->first != before->first + before->ntokens ||
			!column_has_word(in, &before->names.items[0], word))
			continue;
		for (int k = 0; k < before->names.count; k++)
		{
			Candidate c = before->names.items[k];

			if (!column_has_word(in, &c, word))
				continue;
			/* said by both words, if not letter by letter */
			c.score = Max(c.score, 0.9f);
			kept.items[kept.count++] = c;
		}
		before->names = kept;
		before->ntokens++;
		before->text = psprintf("%s %s", before->text, word->text);
		remove_elements(in, i + 1, i + 2);
	}
}

/* "average spend": the verb stands for what is spent */
static void
name_spending(Interpretation *in)
{
	for (int i = 0; i + 1 < in->count; i++)
	{
		Element *verb = &in->elements[i + 1];

		if (!is_concept(&in->elements[i], CONCEPT_AGGREGATE) || !is_concept(verb, CONCEPT_VERB) ||
			verb->entry->arg != 1)
			continue;
		match_hints(&in->match, verb->entry->hints, &verb->names);
		if (verb->names.count > 0)
			verb->kind = ELEMENT_NAME;
	}
}

/* the candidate of the value that is the named column, or -1 */
static int
value_of_column(const Element *value, const Candidate *column)
{
	for (int i = 0; i < value->nvalues; i++)
	{
		if (value->values[i].relation == column->relation &&
			value->values[i].column == column->column)
			return i;
	}
	return -1;
}

/* "class A outlets": the outlets whose class it is, and nothing of classes */
static void
join_column_and_value(Interpretation *in)
{
	for (int i = 0; i + 2 < in->count; i++)
	{
		const Element *column = &in->elements[i];
		Element *value = &in->elements[i + 1];
		const Element *thing = &in->elements[i + 2];
		const Candidate *c = &column->names.items[0];
		int at;

		if (column->kind != ELEMENT_NAME || column->phrase || column->names.count == 0 ||
			c->column < 0 || value->kind != ELEMENT_VALUE || value->partial_value ||
			value->first != column->first + column->ntokens || thing->kind != ELEMENT_NAME ||
			thing->phrase || thing->names.count == 0 ||
			thing->first != value->first + value->ntokens || thing->names.items[0].column >= 0 ||
			thing->names.items[0].relation != c->relation)
			continue;
		at = value_of_column(value, c);
		if (at < 0)
			continue;
		value->values[0] = value->values[at];
		value->nvalues = 1;
		remove_elements(in, i, i + 1);
	}
}

static bool
names_relation(const Element *element)
{
	for (int i = 0; i < element->names.count; i++)
	{
		if (element->names.items[i].column < 0 && element->names.items[i].score >= 0.9f)
			return true;
	}
	return false;
}

/* "sales count", "total order count": the number of sales, whatever they add up to */
static void
turn_counts(Interpretation *in)
{
	static const char *const words[] = {"count", "counts"};

	for (int i = 0; i + 1 < in->count; i++)
	{
		Element *thing = &in->elements[i];
		Element *count = &in->elements[i + 1];
		Element turned;

		if (thing->kind != ELEMENT_NAME || thing->phrase || !is_concept(count, CONCEPT_COUNT) ||
			count->first != thing->first + thing->ntokens || count->ntokens != 1 ||
			!is_word_of(count, words, lengthof(words)) || !names_relation(thing) ||
			(i + 2 < in->count && in->elements[i + 2].kind == ELEMENT_NAME))
			continue;
		turned = *count;
		turned.first = thing->first;
		*count = *thing;
		*thing = turned;
		if (i > 0 && is_concept(&in->elements[i - 1], CONCEPT_AGGREGATE) &&
			in->elements[i - 1].entry->arg == AGGREGATE_SUM)
			remove_elements(in, i - 1, i);
	}
}

/*
 * "the minimum, maximum and average price": each of them is of the price.
 */
static void
spread_aggregates(Interpretation *in)
{
	for (int i = 0; i + 2 < in->count; i++)
	{
		int name = i + 1;
		int aggregates = 1;

		if (!is_concept(&in->elements[i], CONCEPT_AGGREGATE))
			continue;
		for (; name < in->count; name++)
		{
			if (is_concept(&in->elements[name], CONCEPT_AGGREGATE))
				aggregates++;
			else if (!is_concept(&in->elements[name], CONCEPT_NOISE) &&
					 !is_concept(&in->elements[name], CONCEPT_AND))
				break;
		}
		if (aggregates < 2 || name >= in->count || in->elements[name].kind != ELEMENT_NAME ||
			in->elements[name].phrase || is_concept(&in->elements[i + 1], CONCEPT_AGGREGATE) ||
			in->count + aggregates > MAX_ELEMENTS)
			continue;
		for (int k = name - 1; k >= i; k--)
		{
			if (!is_concept(&in->elements[k], CONCEPT_AGGREGATE) || k == name - 1)
				continue;
			memmove(&in->elements[k + 2], &in->elements[k + 1],
					sizeof(Element) * (in->count - k - 1));
			in->count++;
			name++;
			in->elements[k + 1] = in->elements[name];
		}
		i = name;
	}
}

void
prepare_elements(Interpretation *in)
{
	spread_aggregates(in);
	join_words_of_measure(in);
	name_spending(in);
	leave_out_methods(in);
	join_key_words(in);
	leave_out_names(in);
	leave_out_kinds(in);
	turn_counts(in);
	join_column_and_value(in);
	name_attributes(in);
	spread_negation(in);
}
