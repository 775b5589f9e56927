/*-------------------------------------------------------------------------
 *
 * doubts.c
 *		Readings that fit word by word and are wrong nevertheless.
 *
 * Each is a way to take a word for something near it: an attribute of the
 * thing for one of what the thing points to, a number of one table for that of
 * the table that was named.  Where the right reading is plain it is put in its
 * place, else the question is declined.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/compose.h"

/* names of columns that were said by part of them only */
#define SAID_WHOLE 0.9f

/*
 * "the names of the customers" are first and last names, where customers are
 * told apart by both.
 */
static void
complete_names(Composer *c)
{
	for (int i = 0; i < c->scan->count; i++)
	{
		Mention *m = &c->scan->mentions[i];
		List *labels;

		if (m->role != ROLE_OUTPUT || m->has_filter || m->chosen.column < 0 || !m->element ||
			m->element->ntokens != 1 ||
			strcmp(c->scan->in->tokens->tokens[m->element->first].stem, "nam") != 0)
			continue;
		labels = label_columns(c->snapshot, m->chosen.relation);
		if (list_length(labels) == 2 && list_member_int(labels, m->chosen.column))
			m->chosen.column = -1;
	}
}

/* a column of the same name in the relation */
static bool
has_column_like(const AskSnapshot *snapshot, int relation, const SnapshotColumn *column)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];

	for (int i = 0; i < rel->ncolumns; i++)
	{
		if (strcmp(rel->columns[i].plain, column->plain) == 0)
			return true;
	}
	return false;
}

/*
 * "Which capitals have more than 5 inhabitants" of states (capital, population)
 * and cities (population): a capital is a city, and its inhabitants are not those
 * of the state.
 */
static bool
attribute_of_pointer(Composer *c, const Mention *subject, const Mention *condition)
{
	int nedges;
	const int *edges;
	const SnapshotColumn *column = mention_column(c, condition);

	if (subject->role != ROLE_OUTPUT || subject->chosen.column < 0 ||
		condition->role != ROLE_FILTER || condition->filter.kind != FILTER_COMPARE || !column ||
		condition->chosen.relation != subject->chosen.relation || !is_measure_column(c, condition))
		return false;
	edges = snapshot_edges_of(c->snapshot, subject->chosen.relation, &nedges);
	for (int i = 0; i < nedges; i++)
	{
		const SnapshotEdge *edge = &c->snapshot->edges[edges[i]];

		if (edge->from == subject->chosen.relation && edge->to != edge->from && edge->nkeys == 1 &&
			snapshot_column_by_attnum(&c->snapshot->relations[edge->from], edge->from_attnums[0]) ==
				subject->chosen.column &&
			has_column_like(c->snapshot, edge->to, column))
			return true;
	}
	return false;
}

/*
 * "How much was paid in premium payments": part of the name of a number in a
 * table that the question does not speak of, beside one that has its own.
 */
static bool
number_of_others(Composer *c, const Mention *number)
{
	bool others = false;

	if (number->role != ROLE_MEASURE || number->aggregate != AGGREGATE_SUM ||
		number->chosen.column < 0 || !number->element || number->chosen.score >= SAID_WHOLE)
		return false;
	for (int i = 0; i < c->scan->count; i++)
	{
		const Mention *m = &c->scan->mentions[i];

		if (m == number || m->chosen.relation < 0)
			continue;
		if (m->chosen.relation == number->chosen.relation)
			return false;
		others |= !m->has_filter && m->chosen.column < 0 && m->chosen.score >= SAID_WHOLE &&
				  default_measure(c->snapshot, m->chosen.relation) >= 0;
	}
	return others;
}

bool
settle_doubts(Composer *c)
{
	complete_names(c);
	for (int i = 0; i < c->scan->count; i++)
	{
		const Mention *m = &c->scan->mentions[i];

		if (m->chosen.relation >= 0 && number_of_others(c, m))
			return compose_fail(
				c, psprintf("It is not clear of what \"%s\" is meant.", mention_words(m)));
		for (int k = 0; k < c->scan->count && m->chosen.relation >= 0; k++)
		{
			const Mention *condition = &c->scan->mentions[k];

			if (condition != m && condition->chosen.relation >= 0 &&
				attribute_of_pointer(c, m, condition))
				return compose_fail(c, psprintf("It is not clear whose \"%s\" is meant.",
												mention_words(condition)));
		}
	}
	return true;
}
