/*-------------------------------------------------------------------------
 *
 * scan_compare.c
 *		Comparisons that do not stand right behind the name they are about.
 *
 * "above average price", "more than 5 orders", "heavier than 5", "longer than
 * the Rhine", "products under 30": what is compared follows, or the word names
 * it, or it is the one number that the things are most likely meant by.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/scan.h"

/* what "larger than Texas" may be about */
static const char *const thing_sizes = "size area population volume amount";

/*
 * "products under 30": nothing says of what, but the things have one number that
 * it is most likely about, such as a price.
 */
static bool
scan_bare_comparison(Scanner *state, int at, int operand)
{
	const Element *after = element_at(state, next_significant(state, operand));
	Mention *thing = state->last;
	Mention *mention;

	if (!thing || thing->has_filter || thing->values || !best_is_relation(&thing->options) ||
		state->last_element != at - 1 || state->count || state->aggregate != AGGREGATE_NONE ||
		state->mode == MODE_GROUP || (after && after->kind == ELEMENT_NAME) ||
		!(mention = add_mention(state, ROLE_FILTER, NULL)))
		return false;
	for (int i = 0; i < thing->options.count; i++)
	{
		Candidate c = thing->options.items[i];

		if (c.column >= 0)
			continue;
		c.column = default_measure(state->scan->in->snapshot, c.relation);
		c.indirect = c.by_alternative = true;
		if (c.column >= 0)
			mention->options.items[mention->options.count++] = c;
	}
	if (mention->options.count == 0)
	{
		state->scan->count--;
		return false;
	}
	mention->has_filter = true;
	mention->bare = true;
	mention->filter.words = element_at(state, at)->text;
	mention->filter.kind = FILTER_COMPARE;
	mention->filter.compare = (CompareOperator) element_at(state, at)->entry->arg;
	mention->filter.values = list_make1(element_at(state, operand)->literal);
	mention->filter.negated = state->negated;
	state->negated = false;
	return true;
}

int
scan_comparison(Scanner *state, int at)
{
	Element *element = element_at(state, at);
	int next = next_significant(state, at);
	int after = next_significant(state, next);
	Element *operand = element_at(state, next);
	Element *noun = element_at(state, after);

	if (is_average(state, next) && noun && noun->kind == ELEMENT_NAME)
	{
		/* "above average price" */
		Mention *mention = add_mention(state, ROLE_FILTER, noun);

		if (mention)
		{
			mention->has_filter = true;
			mention->filter.kind = FILTER_AVERAGE;
			mention->filter.compare = (CompareOperator) element->entry->arg;
			state->last = mention;
			state->last_element = after;
		}
		return after + 1;
	}
	if (is_average(state, next) && element->entry->hints)
	{
		/* "cheaper than average" */
		Mention *mention = add_mention(state, ROLE_FILTER, NULL);

		if (mention)
		{
			match_hints(&state->scan->in->match, element->entry->hints, &mention->options);
			mention->filter.words = element->text;
			mention->has_filter = true;
			mention->filter.kind = FILTER_AVERAGE;
			mention->filter.compare = (CompareOperator) element->entry->arg;
			if (mention->options.count == 0 || state->negated)
				not_understood(state, element->text);
		}
		return next + 1;
	}
	if (operand && operand->kind == ELEMENT_NUMBER && !element->entry->hints &&
		scan_bare_comparison(state, at, next))
		return next + 1;
	if (operand && operand->kind == ELEMENT_NUMBER)
	{
		CandidateList columns = {0};

		state->compare_held = true;
		state->compare = (CompareOperator) element->entry->arg;
		state->compare_literal = operand->literal;
		if (element->entry->hints)
			match_hints(&state->scan->in->match, element->entry->hints, &columns);
		if (columns.count > 0)
		{
			/* "heavier than 5" names its own column */
			Mention *mention = add_mention(state, ROLE_FILTER, NULL);

			if (mention)
			{
				mention->options = columns;
				mention->filter.words = element->text;
				take_held_comparison(state, mention);
				mention->whole_things = false;
				return skip_unit(state, mention, next) + 1;
			}
		}
		return next + 1;
	}
	if (operand && (operand->kind == ELEMENT_VALUE || operand->phrase))
	{
		/* "longer than the Rhine" */
		Mention *mention = add_mention(state, ROLE_FILTER, NULL);

		if (mention)
		{
			match_hints(&state->scan->in->match,
						element->entry->hints ? element->entry->hints : thing_sizes,
						&mention->options);
			mention->filter.words = element->text;
			mention->has_filter = true;
			mention->filter.kind = FILTER_BEYOND;
			mention->filter.compare = (CompareOperator) element->entry->arg;
			mention->filter.negated = state->negated;
			mention->operand = operand;
			state->negated = false;
			if (mention->options.count == 0)
				not_understood(state, element->text);
		}
		return next + 1;
	}
	not_understood(state, element->text);
	return at + 1;
}
