/*-------------------------------------------------------------------------
 *
 * spans.c
 *		Parts of a question, for the files that cut one question into several.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/spans.h"

const LexiconEntry span_number_of = {"number of", CONCEPT_COUNT, 0, NULL};

Concept
span_concept(const Interpretation *in, int at)
{
	if (at < 0 || at >= in->count || in->elements[at].kind != ELEMENT_CONCEPT)
		return CONCEPT_NONE;
	return in->elements[at].entry->concept;
}

int
span_find(const Interpretation *in, Span span, Concept concept)
{
	for (int i = span.from; i < span.to; i++)
	{
		if (span_concept(in, i) == concept)
			return i;
	}
	return -1;
}

bool
span_is_thing(const Element *element)
{
	return element->kind == ELEMENT_NAME && element->names.count > 0;
}

bool
span_has_aggregate(const Interpretation *in, Span span)
{
	return span_find(in, span, CONCEPT_COUNT) >= 0 || span_find(in, span, CONCEPT_AGGREGATE) >= 0;
}

static bool
says_amount_at(const Interpretation *in, const Element *element)
{
	const Token *head = &in->tokens->tokens[element->first + element->ntokens - 1];

	return head->stem && lexicon_is_amount(head->stem);
}

bool
span_says_amount(const Interpretation *in, Span span)
{
	for (int i = span.from; i < span.to; i++)
	{
		if (in->elements[i].kind == ELEMENT_NAME && !in->elements[i].phrase &&
			says_amount_at(in, &in->elements[i]))
			return true;
	}
	return false;
}

bool
span_counts_things(const Interpretation *in, Span span)
{
	for (int i = span.from; i < span.to; i++)
	{
		const Element *element = &in->elements[i];
		const Element *next = i + 1 < span.to ? &in->elements[i + 1] : NULL;

		if (element->kind != ELEMENT_NAME)
			continue;
		/* "open businesses" */
		if (!element->phrase && span_is_thing(element) && element->names.items[0].column >= 0 &&
			next && span_is_thing(next) && next->names.items[0].column < 0 &&
			next->first == element->first + element->ntokens)
			continue;
		return element->phrase || (element->names.count > 0 && element->names.items[0].column < 0 &&
								   !says_amount_at(in, element));
	}
	return false;
}

char *
span_text(const Interpretation *in, Span span)
{
	const Token *tokens = in->tokens->tokens;
	const Element *last = &in->elements[span.to - 1];
	int start = tokens[in->elements[span.from].first].start;

	return pnstrdup(in->tokens->question + start,
					tokens[last->first + last->ntokens - 1].end - start);
}

bool
elements_share_column(const Element *a, const Element *b)
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

Interpretation *
span_copy_empty(const Interpretation *in)
{
	Interpretation *copy = palloc(sizeof(Interpretation));

	*copy = *in;
	copy->count = 0;
	return copy;
}

void
span_append(Interpretation *to, const Interpretation *from, Span span)
{
	for (int i = span.from; i < span.to && to->count < MAX_ELEMENTS; i++)
		to->elements[to->count++] = from->elements[i];
}

void
span_append_concept(Interpretation *to, const LexiconEntry *entry)
{
	Element *element;

	if (to->count >= MAX_ELEMENTS)
		return;
	element = &to->elements[to->count++];
	memset(element, 0, sizeof(Element));
	element->kind = ELEMENT_CONCEPT;
	element->text = pstrdup(entry->phrase);
	element->entry = entry;
}

bool
span_decline(Translation *translation, Reading *reading, char *reason)
{
	if (reason)
		reading->reason = reason;
	abstain(translation, reading);
	return true;
}
