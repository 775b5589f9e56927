/*-------------------------------------------------------------------------
 *
 * fanout.c
 *		Where the joins of a query begin, and what keeps its numbers right.
 *
 * A join from one to many repeats the rows of the one side.  The root is
 * chosen so that what is measured is not repeated; where that can not be had,
 * things are counted by their key and sums are refused.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/compose.h"

/*
 * Which relation the joins begin at: one whose rows are measured, such that
 * nothing else multiplies them.
 */
bool
compose_root(Composer *c)
{
	AskQuery *query = c->query;
	List *roots = NIL;
	int needed[MAX_MENTIONS * 2];
	int n = 0;
	ListCell *lc;
	JoinPlan best = {.root = -1};

	foreach (lc, query->outputs)
	{
		Output *output = lfirst(lc);

		if (output->column.relation < 0)
			continue;
		if (n < (int) lengthof(needed))
			needed[n++] = output->column.relation;
		if (output->column.elapsed && output->column.elapsed->kind != ELAPSED_AGE &&
			n < (int) lengthof(needed))
			needed[n++] = output->column.elapsed->other.relation;
		if (output->aggregate != AGGREGATE_NONE)
			roots = list_append_unique_int(roots, output->column.relation);
	}
	foreach (lc, query->having)
	{
		Filter *filter = lfirst(lc);

		if (n < (int) lengthof(needed))
			needed[n++] = filter->column.relation;
		roots = list_append_unique_int(roots, filter->column.relation);
	}
	if (roots == NIL && query->subject >= 0)
		roots = list_make1_int(query->subject);
	if (roots == NIL && n > 0)
		roots = list_make1_int(needed[0]);
	if (roots == NIL)
		return compose_fail(c, pstrdup("It is not clear what should be shown."));

	foreach (lc, roots)
	{
		JoinPlan plan;

		if (!plan_joins_by_way(c->snapshot, lfirst_int(lc), needed, n, c->scan->way, &plan))
			continue;
		if (best.root < 0 || (best.fans_out && !plan.fans_out) ||
			(best.fans_out == plan.fans_out && plan.cost < best.cost))
			best = plan;
	}
	if (best.root < 0)
		return compose_fail(c, pstrdup("No relationship connects what the question names."));
	query->plan = best;
	return true;
}

/*
 * Is the relation's row met more than once in the joined rows?
 */
static bool
rows_are_repeated(const JoinPlan *plan, int relation)
{
	int at = relation;

	/* no relation that was joined: nothing is known of it */
	if (!plan_reaches(plan, relation))
		return true;
	/* towards the root, each step to one means many rows of the parent for one of ours */
	while (at != plan->root)
	{
		for (int i = 0; i < plan->nsteps; i++)
		{
			if (plan->steps[i].relation == at)
			{
				if (!plan->steps[i].fans_out)
					return true;
				at = plan->steps[i].parent;
				break;
			}
		}
	}
	/* away from it, each step to many repeats ours, unless it led to ours */
	for (int i = 0; i < plan->nsteps; i++)
	{
		int walk = relation;
		bool on_way = false;

		if (!plan->steps[i].fans_out)
			continue;
		while (walk != plan->root && !on_way)
		{
			on_way = walk == plan->steps[i].relation;
			for (int j = 0; j < plan->nsteps; j++)
			{
				if (plan->steps[j].relation == walk)
				{
					walk = plan->steps[j].parent;
					break;
				}
			}
		}
		if (!on_way)
			return true;
	}
	return false;
}

/*
 * Make every aggregate right in the face of joins that repeat rows: count
 * things by their key, refuse sums.
 */
static bool
protect_aggregate(Composer *c, FieldRef *ref, AggregateKind *aggregate)
{
	if (*aggregate == AGGREGATE_NONE || !rows_are_repeated(&c->query->plan, ref->relation))
		return true;
	if (*aggregate == AGGREGATE_COUNT ||
		(*aggregate == AGGREGATE_COUNT_DISTINCT && ref->column < 0))
	{
		int key = ref->column >= 0 ? ref->column : key_column(c->snapshot, ref->relation);

		if (key < 0)
			return compose_fail(c, psprintf("%s has no key to count its rows by.",
											reading_text(c->snapshot, ref->relation, -1)));
		ref->column = key;
		*aggregate = AGGREGATE_COUNT_DISTINCT;
		return true;
	}
	if (*aggregate == AGGREGATE_COUNT_DISTINCT || *aggregate == AGGREGATE_MIN ||
		*aggregate == AGGREGATE_MAX)
		return true;
	return compose_fail(c, psprintf("%s would be counted more than once for each row that it is "
									"combined with.",
									reading_text(c->snapshot, ref->relation, ref->column)));
}

/*
 * "list all zones": values of a column, and not the things that have them.
 */
static bool
lists_attribute_only(const Composer *c)
{
	ListCell *lc;
	QuestionScan *scan = c->scan;

	for (int i = 0; i < scan->count; i++)
	{
		const Mention *m = &scan->mentions[i];

		if (m->role != ROLE_FILTER && m->chosen.relation >= 0 && m->chosen.column < 0)
			return false;
	}
	foreach (lc, c->query->outputs)
	{
		const Output *output = lfirst(lc);
		const SnapshotColumn *column =
			&c->snapshot->relations[output->column.relation].columns[output->column.column];

		if (column->unique_alone || column->in_primary_key ||
			!(column->type_class == TYPE_CLASS_TEXT || column->type_class == TYPE_CLASS_ENUM) ||
			list_member_int(label_columns(c->snapshot, output->column.relation),
							output->column.column))
			return false;
	}
	return true;
}

static int
fan_outs(const JoinPlan *plan)
{
	int n = 0;

	for (int i = 0; i < plan->nsteps; i++)
		n += plan->steps[i].fans_out;
	return n;
}

bool
compose_protection(Composer *c)
{
	ListCell *lc;

	foreach (lc, c->query->outputs)
	{
		Output *output = lfirst(lc);

		if (output->column.relation < 0)
			return compose_fail(c, pstrdup("It is not clear what should be shown."));
		if (!protect_aggregate(c, &output->column, &output->aggregate))
			return false;
	}
	foreach (lc, c->query->having)
	{
		Filter *filter = lfirst(lc);

		if (!protect_aggregate(c, &filter->column, &filter->aggregate))
			return false;
	}
	if (!c->query->aggregated && fan_outs(&c->query->plan) > 1)
		return compose_fail(c, pstrdup("Rows would be combined that have nothing to do with "
									   "each other."));
	/* listed rows must not repeat either */
	if (!c->query->aggregated && (c->query->plan.fans_out || lists_attribute_only(c)))
		c->query->distinct = true;
	return true;
}
