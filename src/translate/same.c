/*-------------------------------------------------------------------------
 *
 * same.c
 *		"employees in the same city as Ann": rows that share something with the
 *		row that a value stands for.
 *
 * What is shared is a column, or a thing that both lead to.  The rows of the
 * value are found in a sub-select of their own, by the same relationships, and
 * they themselves are not in the answer.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/compose.h"

static bool
refuse(Composer *c, const Mention *m)
{
	return compose_fail(c, psprintf("It is not clear what should be the same as that of \"%s\".",
									m->operand->text));
}

/*
 * Of the things that the value can stand for: those that are asked about, where
 * it can be one of them.
 */
static const ValueCandidate *
find_row(const Composer *c, const Element *value, int subject)
{
	const ValueCandidate *best = NULL;
	int best_score = -1;

	for (int i = 0; i < value->nvalues; i++)
	{
		const ValueCandidate *v = &value->values[i];
		int score = 2 * (v->relation == subject) +
					list_member_int(label_columns(c->snapshot, v->relation), v->column);

		if (score > best_score)
		{
			best = v;
			best_score = score;
		}
	}
	/* a value that names nothing by itself ("the same city as Completed") says no row */
	return best_score > 0 ? best : NULL;
}

static int
edge_column(AskSnapshot *snapshot, const SnapshotEdge *edge, int relation)
{
	return snapshot_column_by_attnum(&snapshot->relations[relation], relation == edge->from
																		 ? edge->from_attnums[0]
																		 : edge->to_attnums[0]);
}

/*
 * What is shared: the column, or of a thing what points to it on the way there.
 */
static bool
find_shared(Composer *c, const Candidate *chosen, const JoinPlan *way, FieldRef *shared)
{
	const JoinStep *last;
	const SnapshotEdge *edge;

	shared->relation = chosen->relation;
	shared->column = chosen->column;
	if (chosen->column >= 0)
		return true;
	if (way->nsteps == 0)
		return false;
	last = &way->steps[way->nsteps - 1];
	edge = &c->snapshot->edges[last->edge];
	if (last->relation != chosen->relation || edge->nkeys != 1)
		return false;
	shared->relation = last->fans_out ? last->relation : last->parent;
	shared->column = last->fans_out ? key_column(c->snapshot, last->relation)
									: edge_column(c->snapshot, edge, last->parent);
	return shared->column >= 0;
}

/*
 * Conditions for the rows that all the values together stand for.
 */
static List *
conditions_of_row(const Composer *c, const Mention *m, const ValueCandidate *row)
{
	List *filters = NIL;

	for (int i = 0; i < m->noperands; i++)
	{
		const Element *value = &m->operand[i];
		const ValueCandidate *found = i == 0 ? row : NULL;
		Filter *filter;

		for (int k = 0; k < value->nvalues && !found; k++)
		{
			if (value->values[k].relation == row->relation &&
				value->values[k].column != row->column &&
				list_member_int(label_columns(c->snapshot, row->relation), value->values[k].column))
				found = &value->values[k];
		}
		if (!found)
			return NIL;
		filter = palloc0(sizeof(Filter));
		filter->kind = FILTER_VALUES;
		filter->column.relation = found->relation;
		filter->column.column = found->column;
		filter->values = found->values;
		filter->words = value->text;
		filters = lappend(filters, filter);
	}
	return filters;
}

/* the row itself is not in the answer: by its name, or by the key of its rows */
static bool
leave_out_row(Composer *c, const AskQuery *rows)
{
	Filter *other = palloc0(sizeof(Filter));
	const Filter *own = linitial(rows->filters);
	AskQuery *itself;
	int key = key_column(c->snapshot, own->column.relation);

	if (list_length(rows->filters) == 1)
	{
		*other = *own;
		other->negated = true;
		return place_filter(c, other, NULL);
	}
	if (key < 0)
		return false;
	itself = palloc(sizeof(AskQuery));
	*itself = *rows;
	itself->plan.nsteps = 0;
	other->kind = FILTER_AMONG;
	other->negated = true;
	other->among = itself;
	other->column.relation = other->among_column.relation = own->column.relation;
	other->column.column = other->among_column.column = key;
	other->words = own->words;
	return place_filter(c, other, NULL);
}

bool
place_same(Composer *c, Mention *m)
{
	int subject = c->query->subject >= 0 ? c->query->subject : c->query->plan.root;
	const ValueCandidate *row = find_row(c, m->operand, subject);
	AskQuery *rows;

	if (!row || (c->query->aggregated && c->query->plan.root != subject))
		return refuse(c, m);
	rows = palloc0(sizeof(AskQuery));
	rows->snapshot = c->snapshot;
	rows->subject = row->relation;
	rows->filters = conditions_of_row(c, m, row);
	if (rows->filters == NIL ||
		!plan_joins(c->snapshot, row->relation, &m->chosen.relation, 1, &rows->plan) ||
		!find_shared(c, &m->chosen, &rows->plan, &m->filter.column))
		return refuse(c, m);
	/* the thing itself need not be joined where what points to it is known */
	if (rows->plan.nsteps > 0 && m->filter.column.relation != m->chosen.relation)
		rows->plan.nsteps--;
	m->filter.kind = FILTER_AMONG;
	m->filter.among = rows;
	m->filter.among_column = m->filter.column;
	m->filter.words = m->operand->text;
	if (!place_filter(c, &m->filter, NULL))
		return false;
	if (row->relation != subject || m->filter.negated)
		return true;
	return leave_out_row(c, rows) || refuse(c, m);
}
