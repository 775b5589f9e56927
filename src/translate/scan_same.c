/*-------------------------------------------------------------------------
 *
 * scan_same.c
 *		"the same city as Ann": a condition on a column, compared with that of
 *		another row.
 *
 * Only the whole of it is read: the same, a name, "as", and a value that says
 * which row.  Anything else with "same" compares rows of the result with each
 * other, which is not served.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/scan.h"

static bool
is_as(const Scanner *state, int at)
{
	const Element *element = element_at(state, at);

	return element && pg_strcasecmp(element->text, "as") == 0;
}

/* the next element that is no noise; but "as" stays */
static int
next_word(const Scanner *state, int at)
{
	at++;
	while (concept_at(state, at) == CONCEPT_NOISE && !is_as(state, at))
		at++;
	return at;
}

int
scan_same(Scanner *state, int at)
{
	int noun = next_word(state, at);
	int as = next_word(state, noun);
	int row;
	const Element *name = element_at(state, noun);
	const Element *value;
	Mention *mention;

	/* "the same city that Ann lives in" is not served, "the same as" neither */
	if (!name || name->kind != ELEMENT_NAME || name->phrase || !is_as(state, as) ||
		state->scan->count == 0)
	{
		state->scan->unsupported = pstrdup("comparisons of rows with each other");
		return at + 1;
	}
	row = next_significant(state, as);
	/* "as the product Chai", "as that of Chai" */
	if (element_at(state, row) && element_at(state, row)->kind == ELEMENT_NAME &&
		element_at(state, row)->phrase == NULL && element_at(state, next_significant(state, row)) &&
		element_at(state, next_significant(state, row))->kind == ELEMENT_VALUE)
		row = next_significant(state, row);
	value = element_at(state, row);
	mention = value && value->kind == ELEMENT_VALUE
				  ? add_mention(state, ROLE_FILTER, element_at(state, noun))
				  : NULL;
	if (!mention)
	{
		state->scan->unsupported = pstrdup("comparisons of rows with each other");
		return at + 1;
	}
	mention->has_filter = true;
	mention->filter.kind = FILTER_SAME;
	mention->filter.negated = state->negated;
	mention->operand = value;
	mention->noperands = 1;
	/* "Ann Lee" of two columns */
	while (element_at(state, row + 1) && element_at(state, row + 1)->kind == ELEMENT_VALUE)
	{
		mention->noperands++;
		row++;
	}
	state->negated = false;
	clear_pending(state);
	state->mode = MODE_FILTER;
	state->last = mention;
	state->last_element = row;
	return row + 1;
}
