/*-------------------------------------------------------------------------
 *
 * terms.c
 *		Words that somebody gave the meaning of an expression.
 *
 * A condition is asked for like a column of yes and no, a value like a column of
 * numbers.  A measure, such as sum(price - cost), is put together from many rows
 * by itself: nothing else can be done with those, and single rows do not have it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/compose.h"

AggregateKind
term_aggregate(const AskSnapshot *snapshot, FieldRef column)
{
	const SnapshotTerm *term =
		column.elapsed ? NULL : snapshot_term(snapshot, column.relation, column.column);

	if (!term || term->kind != TERM_MEASURE)
		return AGGREGATE_NONE;
	return term->adds_up ? AGGREGATE_SUM : AGGREGATE_AVG;
}

static AggregateKind
aggregate_of_mention(const Composer *c, const Mention *m)
{
	return term_aggregate(c->snapshot,
						  (FieldRef){.relation = m->chosen.relation, .column = m->chosen.column});
}

static bool
refuse(Composer *c, const Mention *m)
{
	return compose_fail(c, psprintf("\"%s\" is put together from many rows, and nothing more can "
									"be done with it.",
									mention_words(m)));
}

/*
 * Each measure is one wherever it stands.
 */
bool
settle_terms(Composer *c)
{
	for (int i = 0; i < c->scan->count; i++)
	{
		Mention *m = &c->scan->mentions[i];
		AggregateKind aggregate = aggregate_of_mention(c, m);

		if (aggregate == AGGREGATE_NONE)
			continue;
		if (m->aggregate != AGGREGATE_NONE && m->aggregate != aggregate)
			return refuse(c, m);
		switch (m->role)
		{
			case ROLE_OUTPUT:
				m->role = ROLE_MEASURE;
				m->leading = false;
				m->aggregate = aggregate;
				break;
			case ROLE_MEASURE:
			case ROLE_RANK:
				m->aggregate = aggregate;
				break;
			case ROLE_FILTER:
				if (m->filter.kind != FILTER_COMPARE && m->filter.kind != FILTER_BETWEEN)
					return refuse(c, m);
				m->filter.aggregate = aggregate;
				break;
			case ROLE_GROUP:
				/* "regions by gross margin" */
			case ROLE_ORDER:
				break;
			default:
				return refuse(c, m);
		}
	}
	return true;
}

/*
 * Was every measure left as it is by what came after?
 */
bool
terms_fit(Composer *c)
{
	ListCell *lc;

	foreach (lc, c->query->outputs)
	{
		const Output *output = lfirst(lc);
		AggregateKind aggregate = term_aggregate(c->snapshot, output->column);

		if (aggregate == AGGREGATE_NONE)
			continue;
		if (output->aggregate != aggregate || output->group)
			return compose_fail(c, psprintf("%s is put together from many rows.",
											reading_text(c->snapshot, output->column.relation,
														 output->column.column)));
	}
	foreach (lc, c->query->filters)
	{
		const Filter *filter = lfirst(lc);

		if (term_aggregate(c->snapshot, filter->column) != AGGREGATE_NONE)
			return compose_fail(c, psprintf("%s is put together from many rows.",
											reading_text(c->snapshot, filter->column.relation,
														 filter->column.column)));
	}
	return true;
}
