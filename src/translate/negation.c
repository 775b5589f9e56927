/*-------------------------------------------------------------------------
 *
 * negation.c
 *		How far a "not" reaches: "except A and B", "without orders or visits".
 *
 * What is joined to something denied is denied with it, as long as it is of
 * the same kind: another value of the same column, or another relation with no
 * condition of its own.  The word between them becomes the same denial, so that
 * the scan has nothing to know of it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/query.h"

static Concept
concept_of(const Interpretation *in, int at)
{
	if (at < 0 || at >= in->count || in->elements[at].kind != ELEMENT_CONCEPT)
		return CONCEPT_NONE;
	return in->elements[at].entry->concept;
}

static bool
share_a_column(const Element *a, const Element *b)
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
is_thing(const Element *element)
{
	return element->kind == ELEMENT_NAME && !element->phrase && element->names.count > 0 &&
		   element->names.items[0].column < 0;
}

/* is it of the kind of what was denied? */
static bool
continues(const Element *denied, const Element *element)
{
	if (denied->kind == ELEMENT_VALUE)
		return element->kind == ELEMENT_VALUE && share_a_column(denied, element);
	return is_thing(denied) && is_thing(element);
}

/* is something said of the element at this place? */
static bool
has_condition(const Interpretation *in, int at)
{
	if (at >= in->count)
		return false;
	if (in->elements[at].kind != ELEMENT_CONCEPT)
		return in->elements[at].kind != ELEMENT_TIME;
	switch (concept_of(in, at))
	{
		case CONCEPT_NOISE:
			return has_condition(in, at + 1);
		case CONCEPT_AND:
		case CONCEPT_OR:
		case CONCEPT_SENTENCE:
		case CONCEPT_ORDER:
		case CONCEPT_GROUP:
		case CONCEPT_NOT:
		case CONCEPT_PREPOSITION:
			return false;
		default:
			return true;
	}
}

static int
skip_noise(const Interpretation *in, int at)
{
	while (concept_of(in, at) == CONCEPT_NOISE)
		at++;
	return at;
}

void
spread_negation(Interpretation *in)
{
	const LexiconEntry *denial = NULL;
	const Element *denied = NULL;

	for (int i = 0; i < in->count; i++)
	{
		Element *element = &in->elements[i];
		Concept concept = concept_of(in, i);
		int next;

		if (concept == CONCEPT_NOISE && strcmp(element->text, ",") != 0)
			continue;
		if (concept == CONCEPT_NOT || concept == CONCEPT_WITHOUT)
		{
			denial = element->entry;
			denied = NULL;
			continue;
		}
		if (!denial)
			continue;
		/* "not from Riverton", "with neither" */
		if (!denied && concept == CONCEPT_PREPOSITION)
			continue;
		if (!denied)
		{
			denied = element->kind == ELEMENT_VALUE || is_thing(element) ? element : NULL;
			if (!denied)
				denial = NULL;
			continue;
		}
		next = skip_noise(in, i + 1);
		/* "Riverton or from Brookfield" */
		if (concept == CONCEPT_OR && concept_of(in, next) == CONCEPT_PREPOSITION)
			next = skip_noise(in, next + 1);
		if ((concept == CONCEPT_OR || concept == CONCEPT_AND || concept == CONCEPT_NOISE) &&
			next < in->count && continues(denied, &in->elements[next]) &&
			!(is_thing(denied) && (concept == CONCEPT_NOISE || has_condition(in, next + 1))))
		{
			element->kind = ELEMENT_CONCEPT;
			element->entry = denial;
			denied = NULL;
			continue;
		}
		denial = NULL;
	}
}
