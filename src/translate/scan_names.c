/*-------------------------------------------------------------------------
 *
 * scan_names.c
 *		The role of a name in the sentence.
 *
 * A name carries a condition when one follows it ("price over 5"), modifies
 * the noun behind it ("active customers"), or takes what the words before
 * announced ("number of", "by", "highest").
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/scan.h"

/*
 * "<name> more than 5", "<name> between 1 and 5", "<name> starts with 'A'",
 * "<name> is missing": the condition follows the name.  Returns the index of
 * the last element that it takes, or 0.
 */
static int
condition_after(Scanner *state, int at, Filter *filter)
{
	int i = next_significant(state, at);
	Element *element = element_at(state, i);
	Element *operand;
	int next;

	/* "a price of at least 12" */
	if (concept_at(state, i) == CONCEPT_OF &&
		concept_at(state, next_significant(state, i)) == CONCEPT_COMPARE)
	{
		i = next_significant(state, i);
		element = element_at(state, i);
	}
	if (!element)
		return 0;
	if (element->kind == ELEMENT_CONCEPT && element->entry->concept == CONCEPT_NOT)
	{
		int n = next_significant(state, i);
		Concept concept = concept_at(state, n);

		if (concept == CONCEPT_COMPARE || concept == CONCEPT_MATCH || concept == CONCEPT_NULL)
		{
			filter->negated = true;
			i = n;
			element = element_at(state, i);
		}
	}
	if (element->kind != ELEMENT_CONCEPT)
		return 0;
	next = next_significant(state, i);
	operand = element_at(state, next);
	switch (element->entry->concept)
	{
		case CONCEPT_COMPARE:
			if (!operand || operand->kind == ELEMENT_CONCEPT)
			{
				Element *noun = element_at(state, next_significant(state, next));

				/* "above average", but not yet "above average price" */
				if (is_average(state, next) && !(noun && noun->kind == ELEMENT_NAME))
				{
					filter->kind = FILTER_AVERAGE;
					filter->compare = (CompareOperator) element->entry->arg;
					return next;
				}
				return 0;
			}
			if (operand->kind != ELEMENT_NUMBER)
				return 0;
			filter->kind = FILTER_COMPARE;
			filter->compare = (CompareOperator) element->entry->arg;
			filter->values = list_make1(operand->literal);
			return next;
		case CONCEPT_BETWEEN:
		{
			int and_at = next_significant(state, next);
			int last = next_significant(state, and_at);
			Element *high = element_at(state, last);

			if (!operand || operand->kind != ELEMENT_NUMBER ||
				concept_at(state, and_at) != CONCEPT_AND || !high || high->kind != ELEMENT_NUMBER)
				return 0;
			filter->kind = FILTER_BETWEEN;
			filter->values = list_make2(operand->literal, high->literal);
			return last;
		}
		case CONCEPT_MATCH:
			if (!operand || operand->kind == ELEMENT_CONCEPT || operand->kind == ELEMENT_TIME)
				return 0;
			filter->kind = FILTER_MATCH;
			filter->match = (MatchKind) element->entry->arg;
			filter->values = list_make1(operand->text);
			return next;
		case CONCEPT_NULL:
		case CONCEPT_NOT_NULL:
			filter->kind = FILTER_NULL;
			filter->negated ^= element->entry->concept == CONCEPT_NOT_NULL;
			return i;
		default:
			return 0;
	}
}

/*
 * Do the relations have what the superlative speaks of ("largest city": a
 * population)?  Or does a measure follow ("smallest state by area")?
 */
static bool
names_things(const Scanner *state, const CandidateList *relations)
{
	CandidateList attributes;

	match_hints(&state->scan->in->match, state->thing_hints, &attributes);
	for (int i = 0; i < attributes.count; i++)
	{
		for (int j = 0; j < relations->count; j++)
		{
			if (attributes.items[i].column >= 0 && relations->items[j].column < 0 &&
				attributes.items[i].relation == relations->items[j].relation)
				return true;
		}
	}
	return false;
}

/* is something else than this asked for already ("which customer has the highest orders")? */
static bool
asks_for_others(const QuestionScan *scan, const Mention *mention)
{
	for (int i = 0; i < scan->count; i++)
	{
		const Mention *other = &scan->mentions[i];

		if (other != mention && (other->role == ROLE_OUTPUT || other->role == ROLE_GROUP))
			return true;
	}
	return false;
}

/*
 * The role that the words before give to a name.
 */
static void
take_pending(Scanner *state, Mention *mention)
{
	QuestionScan *scan = state->scan;

	mention->aggregate = state->aggregate;
	mention->whole_things = state->count;
	if (state->count && state->aggregate == AGGREGATE_NONE)
		mention->aggregate = state->count_distinct ? AGGREGATE_COUNT_DISTINCT : AGGREGATE_COUNT;

	if (state->without)
		mention->role = ROLE_WITHOUT;
	else if (state->superlative && best_is_relation(&mention->options) &&
			 (!asks_for_others(scan, mention) ||
			  (state->thing_hints && names_things(state, &mention->options))))
	{
		/* "the largest city": the city is asked for, by its size unless more is said */
		mention->role = ROLE_OUTPUT;
		mention->leading = true;
		state->rank_hints = state->thing_hints;
		state->rank_by_time = state->time_superlative;
		state->rank_thing = mention;
		return;
	}
	else if (state->superlative || state->most)
	{
		mention->role = ROLE_RANK;
		mention->descending = scan->rank_descending;
		mention->superlative = state->superlative;
		scan->rank_needs_measure = false;
		if (state->most && mention->aggregate == AGGREGATE_NONE)
			mention->whole_things = true;
	}
	else if (state->mode == MODE_RANK)
	{
		mention->role = ROLE_RANK;
		mention->descending = scan->rank_descending;
		scan->rank_needs_measure = false;
	}
	else if (state->mode == MODE_ORDER)
	{
		mention->role = ROLE_ORDER;
		if (state->direction_pending)
		{
			mention->descending = state->direction_descending;
			mention->direction_given = true;
			state->direction_pending = false;
		}
	}
	else if (mention->aggregate != AGGREGATE_NONE)
		mention->role = ROLE_MEASURE;
	else if (state->mode == MODE_GROUP && state->after_of && state->last &&
			 best_is_relation(&mention->options))
		mention->role = ROLE_QUALIFIER; /* "by kind of product" */
	else if (state->mode == MODE_GROUP)
		mention->role = ROLE_GROUP;
	else if (state->mode == MODE_FILTER)
		mention->role = state->with_condition && !best_is_relation(&mention->options)
							? ROLE_OUTPUT
							: ROLE_QUALIFIER;
	else if (state->after_of && best_is_relation(&mention->options))
		mention->role = ROLE_QUALIFIER;
	else
		mention->role = ROLE_OUTPUT;
	mention->leading =
		mention->role == ROLE_OUTPUT && (state->what || (scan->ranked && scan->count == 1));
}

/* "more than 5 orders": the condition is on the number of them, or on the column */
void
take_held_comparison(Scanner *state, Mention *mention)
{
	mention->role = ROLE_FILTER;
	mention->has_filter = true;
	mention->filter.kind = FILTER_COMPARE;
	mention->filter.compare = state->compare;
	mention->filter.values = list_make1(state->compare_literal);
	mention->filter.negated = state->negated;
	mention->whole_things = true;
	state->compare_held = false;
	state->negated = false;
}

static void
filter_by_null(Mention *mention, bool is_null)
{
	mention->role = ROLE_FILTER;
	mention->has_filter = true;
	mention->filter.kind = FILTER_NULL;
	mention->filter.negated = !is_null;
}

/*
 * A name that says something about another one instead of being asked for:
 * "active customers", "have been discontinued", "with a parking lot".
 */
static bool
take_adjective(Scanner *state, int at, Mention *mention)
{
	Element *element = mention->element;
	Element *next = element_at(state, next_significant(state, at));
	const AskSnapshot *snapshot = state->scan->in->snapshot;
	bool before_noun = next && next->kind == ELEMENT_NAME && best_is_relation(&next->names);
	bool condition =
		state->mode == MODE_FILTER || element->negated ||
		(state->last && !state->last->has_filter && best_is_relation(&state->last->options));
	int len = strlen(element->text);

	if (state->mode == MODE_GROUP || state->mode == MODE_ORDER)
		return false;
	if (best_is(snapshot, &mention->options, is_boolean) && (before_noun || condition))
	{
		mention->role = ROLE_FILTER;
		mention->has_filter = true;
		mention->filter.kind = FILTER_TRUE;
		mention->filter.negated = state->negated ^ element->negated;
		return true;
	}
	/* "have been discontinued": the date of it is known */
	if (best_is(snapshot, &mention->options, type_class_is_time) && element->ntokens == 1 &&
		len > 4 && strcmp(element->text + len - 2, "ed") == 0 &&
		!(next && next->kind == ELEMENT_TIME) &&
		(before_noun || condition || state->scan->count > 1 || state->negated))
	{
		filter_by_null(mention, state->negated);
		return true;
	}
	/* "how many customers with a phone" */
	if (state->with_condition && state->scan->counts && !best_is_relation(&mention->options) &&
		!state->superlative && !state->most && state->aggregate == AGGREGATE_NONE &&
		!state->count &&
		!(next && (next->kind == ELEMENT_VALUE || next->kind == ELEMENT_TEXT ||
				   next->kind == ELEMENT_NUMBER || next->kind == ELEMENT_TIME)))
	{
		filter_by_null(mention, state->negated || state->without);
		return true;
	}
	return false;
}

/*
 * "names of the authors": the names are columns of authors, where authors have
 * such columns.
 */
static void
narrow_to_owner(Mention *owned, const CandidateList *owners)
{
	CandidateList kept = {0};

	for (int i = 0; i < owned->options.count; i++)
	{
		for (int j = 0; j < owners->count; j++)
		{
			if (owners->items[j].column < 0 && owners->items[j].score >= 0.6f &&
				owners->items[j].relation == owned->options.items[i].relation)
			{
				kept.items[kept.count++] = owned->options.items[i];
				break;
			}
		}
	}
	if (kept.count > 0)
		owned->options = kept;
}

int
scan_name(Scanner *state, int at)
{
	Element *element = element_at(state, at);
	Mention *owned = state->after_of && state->last && !state->last->values ? state->last : NULL;
	Mention *mention = add_mention(state, ROLE_OUTPUT, element);
	Filter filter = {0};
	int taken;

	if (!mention)
		return at + 1;
	if (element->leading_aggregate != AGGREGATE_NONE && state->aggregate == AGGREGATE_NONE &&
		!state->count)
		state->aggregate = element->leading_aggregate;

	if (owned && best_is_relation(&element->names) && !best_is_relation(&owned->options))
		narrow_to_owner(owned, &element->names);
	filter.words = element->text;
	filter.column.column = -1;
	taken = condition_after(state, at, &filter);
	if (taken > 0)
	{
		if (filter.kind == FILTER_COMPARE || filter.kind == FILTER_BETWEEN)
			filter.aggregate = state->count ? AGGREGATE_COUNT : state->aggregate;
		else if (state->count || state->aggregate != AGGREGATE_NONE)
			not_understood(state, element->text);
		mention->role = ROLE_FILTER;
		mention->has_filter = true;
		mention->filter = filter;
		mention->filter.negated ^= state->negated;
		mention->whole_things = state->count;
		state->negated = false;
	}
	else if (state->compare_held)
		take_held_comparison(state, mention);
	else if (take_adjective(state, at, mention))
	{
		/* what was pending is for the noun that follows */
		state->negated = false;
		state->last = mention;
		state->last_element = at;
		return at + 1;
	}
	else
		take_pending(state, mention);
	clear_pending(state);
	state->last = mention;
	state->last_element = taken > 0 ? taken : at;
	return state->last_element + 1;
}
