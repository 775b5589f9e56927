/*-------------------------------------------------------------------------
 *
 * places.c
 *		Which rows of a ranking are asked for, beyond the first so many.
 *
 * "The second largest city" is a place, and all that share it have it.  "The
 * best product of each category" begins the ranking anew for each category.
 * "Which products have the highest price" wants all of them, where several
 * have it.  What ranks for each of something is no group of the result: it
 * stands beside the rows.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/compose.h"
#include "utils/builtins.h"

#define MAX_PLACE_NAMES 100

/* "products", and neither "product" nor "status" */
static bool
is_plural(const Composer *c, const Element *element)
{
	const Token *last;

	if (!element || element->phrase)
		return false;
	last = &c->scan->in->tokens->tokens[element->first + element->ntokens - 1];
	return last->folded && last->stem && last->folded[0] && last->stem[0] &&
		   last->folded[strlen(last->folded) - 1] == 's' &&
		   last->stem[strlen(last->stem) - 1] != 's';
}

static bool
says_top(const Composer *c)
{
	for (int i = 0; i < c->scan->in->count; i++)
	{
		const Element *element = &c->scan->in->elements[i];

		if (element->kind == ELEMENT_CONCEPT && element->entry->concept == CONCEPT_TOP)
			return true;
	}
	return false;
}

/* is the group what is asked for ("which category has ... in each category")? */
static bool
is_same_thing(const Composer *c, const Mention *group, const Mention *thing)
{
	if (group->chosen.relation != thing->chosen.relation)
		return false;
	return group->chosen.column == thing->chosen.column ||
		   (group->chosen.column < 0 &&
			list_member_int(label_columns(c->snapshot, thing->chosen.relation),
							thing->chosen.column));
}

/* "the highest paid ... by salary": says once more what ranks */
static void
drop_repeated_rank(QuestionScan *scan, const Mention *rank)
{
	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role != ROLE_GROUP || m->each || m->chosen.relation != rank->chosen.relation ||
			m->chosen.column < 0 || m->chosen.column != rank->chosen.column)
			continue;
		m->role = ROLE_QUALIFIER;
		m->optional = true;
	}
}

/*
 * "who has the highest salary": somebody, and not the number.
 */
static Mention *
add_somebody(Composer *c, const Mention *rank)
{
	QuestionScan *scan = c->scan;
	const Element *first = scan->in->count > 0 ? &scan->in->elements[0] : NULL;
	Mention *somebody;

	if (!first || first->kind != ELEMENT_CONCEPT || first->entry->concept != CONCEPT_WHAT ||
		first->entry->arg != 1 || rank->chosen.column < 0 || rank->aggregate != AGGREGATE_NONE ||
		scan->count >= MAX_MENTIONS || label_columns(c->snapshot, rank->chosen.relation) == NIL)
		return NULL;
	somebody = &scan->mentions[scan->count++];
	memset(somebody, 0, sizeof(Mention));
	somebody->role = ROLE_OUTPUT;
	somebody->leading = true;
	somebody->chosen = rank->chosen;
	somebody->chosen.column = -1;
	somebody->filter.words = pstrdup("who");
	somebody->filter.column.column = -1;
	somebody->noun = somebody->via = -1;
	return somebody;
}

/*
 * What is asked for besides the groups, or NULL.
 */
static Mention *
thing_beside_groups(Composer *c)
{
	QuestionScan *scan = c->scan;
	Mention *found = NULL;

	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role != ROLE_OUTPUT || m->chosen.relation < 0 || (found && found->leading))
			continue;
		if (!found || m->leading || (m->chosen.column < 0 && found->chosen.column >= 0))
			found = m;
	}
	return found;
}

/*
 * "the highest price per category", "the second highest price": the number is
 * what is asked for.
 */
static void
settle_number(Composer *c, Mention *rank, bool each)
{
	QuestionScan *scan = c->scan;

	if (!rank->superlative || rank->aggregate != AGGREGATE_NONE || rank->chosen.column < 0)
		return;
	if (scan->rank_place > 0)
	{
		rank->role = ROLE_OUTPUT;
		rank->leading = true;
		scan->rank_shown = true;
		scan->rank_descending = rank->descending;
		scan->distinct = c->query->distinct = true;
	}
	else if (each)
	{
		rank->role = ROLE_MEASURE;
		rank->aggregate = rank->descending ? AGGREGATE_MAX : AGGREGATE_MIN;
		scan->ranked = false;
	}
}

bool
settle_places(Composer *c)
{
	QuestionScan *scan = c->scan;
	Mention *rank = find_mention(scan, ROLE_RANK);
	Mention *thing = thing_beside_groups(c);
	bool each = false;
	bool other = false;

	if (!rank || rank->chosen.relation < 0)
		return scan->rank_place == 0 || compose_fail(c, pstrdup("It is not clear what is ranked."));
	drop_repeated_rank(scan, rank);
	if (!thing)
		thing = add_somebody(c, rank);
	for (int i = 0; i < scan->count; i++)
	{
		const Mention *m = &scan->mentions[i];

		if (m->role != ROLE_GROUP)
			continue;
		each |= m->each && !(thing && is_same_thing(c, m, thing));
		other |= !m->each || m->unit != TIME_UNIT_NONE;
	}
	if (!thing)
		settle_number(c, rank, each && !other);
	if (!thing || !each || other)
		return true;
	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role == ROLE_GROUP)
		{
			m->role = ROLE_QUALIFIER;
			m->optional = true;
			m->within = true;
		}
	}
	thing->leading = true;
	return true;
}

bool
query_wants_place(const AskQuery *query)
{
	return query->place > 0 || query->within;
}

/*
 * After the order is known: where the ranking ends, and what else is in it.
 */
bool
compose_places(Composer *c)
{
	QuestionScan *scan = c->scan;
	AskQuery *query = c->query;
	const Mention *target = find_target(scan);

	query->place = scan->rank_place;
	if (query_wants_place(query) && (query->orders == NIL || !query->ranked))
		return compose_fail(c, pstrdup("It is not clear by what the rows should be ranked."));
	if (query->place > 0 && scan->limit > 0)
		return compose_fail(c, pstrdup("It is not clear how many rows are asked for."));
	if (query_wants_place(query) &&
		(query->count_groups || query->average_groups || list_length(query->orders) != 1))
		return compose_fail(c, pstrdup("It is not clear what is ranked."));
	if (query->ranked && scan->limit == 0 && query->place == 0 && target && target->element &&
		is_plural(c, target->element) && !says_top(c))
	{
		if (scan->common)
			query->limit = 10;
		else
			query->ties = true;
	}
	if (scan->common && target && target->chosen.column < 0 && find_mention(scan, ROLE_RANK) &&
		find_mention(scan, ROLE_RANK)->chosen.relation >= 0)
		compose_assume(
			c,
			psprintf("\"%s\" is by the number of %s.", find_mention(scan, ROLE_RANK)->filter.words,
					 relation_plural(
						 &c->snapshot->relations[find_mention(scan, ROLE_RANK)->chosen.relation])));
	/* what nobody said is not the most common of what they said */
	if (scan->common && target && target->chosen.column >= 0 &&
		!mention_column(c, target)->not_null)
	{
		Filter *known = palloc0(sizeof(Filter));

		known->kind = FILTER_NULL;
		known->negated = true;
		known->column.relation = target->chosen.relation;
		known->column.column = target->chosen.column;
		query->filters = lappend(query->filters, known);
	}
	return true;
}

/* a name for the place that no column of the result has */
char *
place_name(const AskQuery *query)
{
	for (int n = 1; n < MAX_PLACE_NAMES; n++)
	{
		char *name = n == 1 ? pstrdup("place") : psprintf("place_%d", n);
		bool taken = false;
		ListCell *lc;

		foreach (lc, query->outputs)
		{
			const Output *output = lfirst(lc);

			taken |= output->name && strcmp(output->name, name) == 0;
		}
		if (!taken)
			return name;
	}
	elog(ERROR, "no name is left for the place of a row");
	return NULL; /* keep compiler quiet */
}

char *
place_condition(const AskQuery *query)
{
	if (query->place > 0)
		return psprintf("%s = %d", place_name(query), query->place);
	return psprintf("%s %s " INT64_FORMAT, place_name(query),
					query->limit == 1 ? "=" : "<=", query->limit);
}
