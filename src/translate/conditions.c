/*-------------------------------------------------------------------------
 *
 * conditions.c
 *		Puts the conditions of a question where they belong: WHERE, HAVING, or an
 *		EXISTS that keeps them from multiplying the rows.
 *
 * A condition on a relation that is joined towards "one" goes to WHERE.  One
 * on a relation with many rows for each row of the result becomes EXISTS;
 * conditions that hang on the same of its rows ("bought Cola in March") share
 * one.  Times without a named column go to the rows that the question is about.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/compose.h"

static bool
same_steps_begin(const ExistsGroup *group, const JoinStep *step)
{
	return group->nsteps > 0 && group->steps[0].edge == step->edge &&
		   group->steps[0].relation == step->relation;
}

static bool
group_has_relation(const ExistsGroup *group, int relation)
{
	for (int i = 0; i < group->nsteps; i++)
	{
		if (group->steps[i].relation == relation)
			return true;
	}
	return false;
}

/*
 * The EXISTS group whose rows lie on the way from the plan to the relation;
 * steps before the first that fans out are joined to the plan itself.
 */
static ExistsGroup *
exists_group_for(Composer *c, int relation, bool negated, bool from_first_step)
{
	AskQuery *query = c->query;
	JoinPlan full = query->plan;
	int at;
	ExistsGroup *group = NULL;
	ListCell *lc;

	if (!extend_plan(c->snapshot, &full, relation))
		return NULL;
	at = query->plan.nsteps;
	while (!from_first_step && at < full.nsteps && !full.steps[at].fans_out)
	{
		if (query->plan.nsteps >= MAX_JOIN_STEPS)
			return NULL;
		query->plan.steps[query->plan.nsteps++] = full.steps[at++];
	}
	if (at >= full.nsteps)
		return NULL;
	foreach (lc, query->exists)
	{
		ExistsGroup *other = lfirst(lc);

		if (!negated && !other->negated && same_steps_begin(other, &full.steps[at]))
			group = other;
	}
	if (!group)
	{
		group = palloc0(sizeof(ExistsGroup));
		group->negated = negated;
		query->exists = lappend(query->exists, group);
	}
	for (; at < full.nsteps; at++)
	{
		if (group_has_relation(group, full.steps[at].relation))
			continue;
		if (group->nsteps >= MAX_JOIN_STEPS)
			return NULL;
		group->steps[group->nsteps++] = full.steps[at];
	}
	return group;
}

/*
 * Join a relation to the plan when that keeps every row once.
 */
static bool
join_without_fan_out(Composer *c, int relation)
{
	AskQuery *query = c->query;
	JoinPlan full = query->plan;

	if (!extend_plan(c->snapshot, &full, relation))
		return false;
	for (int i = query->plan.nsteps; i < full.nsteps; i++)
	{
		if (full.steps[i].fans_out)
			return false;
	}
	query->plan = full;
	return true;
}

/*
 * "publications in the domain X": the condition belongs to the noun right
 * before it when that lies at least as near as what the question is about, and
 * its rows are those of an EXISTS.
 */
static bool
place_with_noun(Composer *c, Filter *filter, const Mention *noun)
{
	JoinPlan way;
	ListCell *lc;

	if (noun->chosen.relation < 0 || plan_reaches(&c->query->plan, noun->chosen.relation) ||
		join_distance(c->snapshot, noun->chosen.relation, filter->column.relation) >
			join_distance(c->snapshot, c->query->plan.root, filter->column.relation) + 0.01f ||
		!plan_joins(c->snapshot, noun->chosen.relation, &filter->column.relation, 1, &way))
		return false;
	foreach (lc, c->query->exists)
	{
		ExistsGroup *group = lfirst(lc);
		int nnew = 0;

		if (group->negated || !group_has_relation(group, noun->chosen.relation))
			continue;
		for (int i = 0; i < way.nsteps; i++)
		{
			if (plan_reaches(&c->query->plan, way.steps[i].relation))
				return false;
			nnew += !group_has_relation(group, way.steps[i].relation);
		}
		if (group->nsteps + nnew > MAX_JOIN_STEPS)
			return false;
		for (int i = 0; i < way.nsteps; i++)
		{
			if (!group_has_relation(group, way.steps[i].relation))
				group->steps[group->nsteps++] = way.steps[i];
		}
		group->filters = lappend(group->filters, filter);
		return true;
	}
	return false;
}

static Filter *
find_values_filter(List *filters, const Filter *like)
{
	ListCell *lc;

	foreach (lc, filters)
	{
		Filter *other = lfirst(lc);

		if (other->kind == FILTER_VALUES && !other->negated &&
			other->column.relation == like->column.relation &&
			other->column.column == like->column.column)
			return other;
	}
	return NULL;
}

/*
 * "both Books and Games": other rows of the same kind must hold the other
 * value, and all else that was said of the first ones.
 */
static bool
place_beside(Composer *c, const ExistsGroup *group, const Filter *first, Filter *filter)
{
	ExistsGroup *other = palloc(sizeof(ExistsGroup));
	ListCell *lc;

	*other = *group;
	other->filters = NIL;
	foreach (lc, group->filters)
		other->filters = lappend(other->filters, lfirst(lc) == first ? filter : lfirst(lc));
	c->query->exists = lappend(c->query->exists, other);
	return true;
}

/*
 * "Books and Games", "Books or Games": a column of the result's own rows holds
 * one value at a time, so both words mean either.  Of rows that hang on it
 * ("bought Books and Games") "and" would mean both, which is not served.
 */
static bool
join_other_values(Composer *c, Filter *filter, bool *failed)
{
	Filter *other;
	ListCell *lc;

	*failed = false;
	if (filter->kind != FILTER_VALUES || filter->negated)
		return false;
	other = find_values_filter(c->query->filters, filter);
	foreach (lc, c->query->exists)
	{
		ExistsGroup *group = lfirst(lc);
		Filter *hanging = find_values_filter(group->filters, filter);

		if (hanging && !filter->either && c->scan->both)
		{
			if (place_beside(c, group, hanging, filter))
				return true;
			*failed = true;
			return false;
		}
		if (hanging && !filter->either)
		{
			*failed = true;
			return compose_fail(c, pstrdup("It is not clear whether both values or either of "
										   "them are meant."));
		}
		if (hanging)
			other = hanging;
	}
	if (!other)
		return false;
	other->values = list_concat_copy(other->values, filter->values);
	return true;
}

/*
 * borders (state, neighbour): a condition on the neighbour is no way to reach
 * the state by.  Leave by another relationship to the same relation.
 */
static void
avoid_own_edge(Composer *c, ExistsGroup *group, const Filter *filter)
{
	JoinStep *step;
	const SnapshotEdge *edge;
	const SnapshotRelation *rel;
	const int *edges;
	int nedges;

	if (!group || group->nsteps != 1 || group->steps[0].relation != filter->column.relation)
		return;
	step = &group->steps[0];
	edge = &c->snapshot->edges[step->edge];
	rel = &c->snapshot->relations[edge->from];
	if (edge->from != step->relation || edge->nkeys != 1 ||
		snapshot_column_by_attnum(rel, edge->from_attnums[0]) != filter->column.column)
		return;
	edges = snapshot_edges_of(c->snapshot, edge->from, &nedges);
	for (int i = 0; i < nedges; i++)
	{
		const SnapshotEdge *other = &c->snapshot->edges[edges[i]];

		if (other != edge && other->from == edge->from && other->to == edge->to &&
			other->nkeys == 1 && other->to_attnums[0] == edge->to_attnums[0])
		{
			step->edge = edges[i];
			return;
		}
	}
}

/*
 * "states that do not border Ohio", "users who did not buy Cola": no such rows
 * at all, and not rows with something else.  What the verb led to already
 * (an EXISTS without a condition) becomes the way to those.  Things that repeat
 * over rows of their own ("rivers that do not run through Ohio") are denied by
 * their name.
 */
static bool
deny_rows(Composer *c, Filter *filter, const Mention *noun)
{
	ExistsGroup *group = NULL;
	int root = c->query->plan.root;
	List *labels;
	ListCell *lc;

	if (filter->kind != FILTER_VALUES || !filter->negated)
		return false;
	labels = label_columns(c->snapshot, root);
	/* "users with orders that do not hold Cola": orders there must be */
	if (noun && noun->chosen.relation >= 0 && !plan_reaches(&c->query->plan, noun->chosen.relation))
		return false;
	if (filter->column.relation == root)
	{
		AskQuery *rows;

		if (filter->deny != DENIAL_BY_VERB || key_column(c->snapshot, root) >= 0 ||
			list_length(labels) != 1 || linitial_int(labels) == filter->column.column)
			return false;
		rows = palloc0(sizeof(AskQuery));
		rows->snapshot = c->snapshot;
		rows->plan.root = rows->subject = root;
		rows->plan.ambiguous_relation = -1;
		rows->filters = list_make1(filter);
		filter->negated = false;
		filter = palloc0(sizeof(Filter));
		filter->kind = FILTER_AMONG;
		filter->negated = true;
		filter->among = rows;
		filter->column.relation = filter->among_column.relation = root;
		filter->column.column = filter->among_column.column = linitial_int(labels);
		filter->words = ((Filter *) linitial(rows->filters))->words;
		c->query->filters = lappend(c->query->filters, filter);
		return true;
	}
	foreach (lc, c->query->exists)
	{
		ExistsGroup *other = lfirst(lc);

		if (!other->negated && other->filters == NIL &&
			group_has_relation(other, filter->column.relation))
			group = other;
	}
	if (!group)
	{
		JoinPlan way = c->query->plan;

		if (plan_reaches(&c->query->plan, filter->column.relation) ||
			!extend_plan(c->snapshot, &way, filter->column.relation))
			return false;
		for (int i = c->query->plan.nsteps; i < way.nsteps && !group; i++)
		{
			if (way.steps[i].fans_out)
				group = exists_group_for(c, filter->column.relation, true, false);
		}
	}
	if (!group)
		return false;
	group->negated = true;
	filter->negated = false;
	avoid_own_edge(c, group, filter);
	group->filters = lappend(group->filters, filter);
	return true;
}

bool
place_filter(Composer *c, Filter *filter, const Mention *noun)
{
	ExistsGroup *group;
	ListCell *lc;
	bool failed;

	if (join_other_values(c, filter, &failed))
		return true;
	if (failed)
		return false;

	if (noun && place_with_noun(c, filter, noun))
		return true;

	/* it belongs to rows that an EXISTS is about already */
	foreach (lc, c->query->exists)
	{
		group = lfirst(lc);
		if (!group->negated && group_has_relation(group, filter->column.relation) &&
			!plan_reaches(&c->query->plan, filter->column.relation))
		{
			avoid_own_edge(c, group, filter);
			group->filters = lappend(group->filters, filter);
			return true;
		}
	}
	if (join_without_fan_out(c, filter->column.relation))
	{
		c->query->filters = lappend(c->query->filters, filter);
		return true;
	}
	group = exists_group_for(c, filter->column.relation, false, false);
	avoid_own_edge(c, group, filter);
	if (!group)
		return compose_fail(c, psprintf("No relationship leads from %s to %s.",
										reading_text(c->snapshot, c->query->plan.root, -1),
										reading_text(c->snapshot, filter->column.relation, -1)));
	group->filters = lappend(group->filters, filter);
	return true;
}

/*
 * "without orders": no such rows, or no value in such a column.
 */
static bool
place_without(Composer *c, const Mention *m)
{
	ExistsGroup *group;
	Filter *filter = palloc0(sizeof(Filter));

	filter->column = m->filter.column;
	filter->words = m->element ? m->element->text : NULL;
	if (m->chosen.column >= 0 && plan_reaches(&c->query->plan, m->chosen.relation))
	{
		filter->kind = FILTER_NULL;
		c->query->filters = lappend(c->query->filters, filter);
		return true;
	}
	if (plan_reaches(&c->query->plan, m->chosen.relation))
		return compose_fail(
			c, psprintf("It is not clear what is to be without \"%s\".", filter->words));
	group = exists_group_for(c, m->chosen.relation, true, true);
	if (!group)
		return compose_fail(c, psprintf("No relationship leads to %s.",
										reading_text(c->snapshot, m->chosen.relation, -1)));
	if (c->query->aggregated && c->query->having == NIL && !c->scan->counts)
		return compose_fail(c, pstrdup("A total over things that have no such rows is not clear."));
	return true;
}

/*
 * Among the relations of an EXISTS: the time column that looks most like the
 * time of an event.
 */
static void
consider_group_times(Composer *c, ExistsGroup *group, FieldRef *ref, ExistsGroup **best_group,
					 int *best_score)
{
	for (int i = 0; i < group->nsteps; i++)
	{
		int score;
		int column = best_time_column(c->snapshot, group->steps[i].relation, c->scan->in, &score);

		if (column >= 0 && (ref->column < 0 || score > *best_score))
		{
			ref->relation = group->steps[i].relation;
			ref->column = column;
			*best_group = group;
			*best_score = score;
		}
	}
}

/* "patients who had an appointment last week": the time of the appointments */
static bool
find_time_of_noun(Composer *c, const Filter *time, FieldRef *ref, ExistsGroup **group)
{
	ListCell *lc;

	if (!time->of || time->of->chosen.relation < 0 || time->of->chosen.column >= 0)
		return false;
	foreach (lc, c->query->exists)
	{
		ExistsGroup *g = lfirst(lc);

		if (!group_has_relation(g, time->of->chosen.relation))
			continue;
		ref->relation = time->of->chosen.relation;
		ref->column = default_time_column(c->snapshot, ref->relation, c->scan->in);
		*group = g;
		return ref->column >= 0;
	}
	return false;
}

/* a number called year in the rows of an EXISTS */
static bool
year_in_groups(Composer *c, FieldRef *ref, ExistsGroup **group)
{
	ListCell *lc;

	foreach (lc, c->query->exists)
	{
		ExistsGroup *g = lfirst(lc);

		for (int i = 0; i < g->nsteps; i++)
		{
			const SnapshotRelation *rel = &c->snapshot->relations[g->steps[i].relation];

			for (int k = 0; k < rel->ncolumns; k++)
			{
				if (!type_class_is_numeric(rel->columns[k].type_class) ||
					!column_named_like(&rel->columns[k], "year"))
					continue;
				ref->relation = g->steps[i].relation;
				ref->column = k;
				*group = g;
				return true;
			}
		}
	}
	return false;
}

static bool
measures_amount(const Composer *c)
{
	ListCell *lc;

	foreach (lc, c->query->outputs)
	{
		const Output *output = lfirst(lc);

		if (output->aggregate != AGGREGATE_NONE && !is_count(output->aggregate))
			return true;
	}
	return false;
}

/* are rows of the root counted by some groups? */
static bool
counts_root(const Composer *c)
{
	ListCell *lc;

	foreach (lc, c->query->outputs)
	{
		const Output *output = lfirst(lc);

		if (is_count(output->aggregate) && output->column.relation == c->query->plan.root)
			return true;
	}
	return false;
}

/*
 * An amount whose rows have no time was made when what they belong to happened
 * (the order of an order line), and not when another thing beside them came to
 * be (the product).
 */
static void
consider_parent_times(Composer *c, FieldRef *ref, int *best_score)
{
	int nedges;
	const int *edges = snapshot_edges_of(c->snapshot, c->query->plan.root, &nedges);
	int parent = -1;

	if (ref->column < 0 || ref->relation == c->query->plan.root || !measures_amount(c))
		return;
	for (int e = 0; e < nedges; e++)
	{
		const SnapshotEdge *edge = &c->snapshot->edges[edges[e]];
		int score;
		int column;

		if (edge->from != c->query->plan.root)
			continue;
		column = best_time_column(c->snapshot, edge->to, c->scan->in, &score);
		if (column < 0 || score <= *best_score)
			continue;
		parent = edge->to;
		ref->column = column;
		*best_score = score;
	}
	if (parent >= 0 && join_without_fan_out(c, parent))
		ref->relation = parent;
	else if (parent >= 0)
		ref->column = default_time_column(c->snapshot, ref->relation, c->scan->in);
}

/*
 * The rows whose time a condition without a named column means, and their
 * column: those of a negated EXISTS ("no orders in 2024"), else those of the
 * root, of another EXISTS ("who bought Cola in March") or of what is joined to
 * the root, whichever looks most like the time of an event.
 */
static bool
find_time_column(Composer *c, const Filter *time, FieldRef *ref, ExistsGroup **group)
{
	AskQuery *query = c->query;
	ListCell *lc;
	const int *edges;
	int nedges;
	int first;
	int past_last;
	int best_score = 0;

	*group = NULL;
	ref->column = -1;
	foreach (lc, query->exists)
	{
		ExistsGroup *g = lfirst(lc);

		if (g->negated)
			consider_group_times(c, g, ref, group, &best_score);
	}
	if (ref->column >= 0 || find_time_of_noun(c, time, ref, group))
		return true;

	for (int i = -1; i < query->plan.nsteps; i++)
	{
		int relation = i < 0 ? query->plan.root : query->plan.steps[i].relation;
		int score;
		int column = best_time_column(c->snapshot, relation, c->scan->in, &score);

		if (column < 0)
			continue;
		if (i < 0) /* what is asked about; when an amount was made is its own time */
			score += measures_amount(c) && score > 0 ? 8 : 1;
		/* "visits per user this month": when they were, and not when the users came */
		if (i >= 0 && ref->relation == query->plan.root && ref->column >= 0 && counts_root(c))
			continue;
		if (ref->column < 0 || score > best_score)
		{
			ref->relation = relation;
			ref->column = column;
			best_score = score;
		}
	}
	consider_parent_times(c, ref, &best_score);
	foreach (lc, query->exists)
		consider_group_times(c, lfirst(lc), ref, group, &best_score);
	if (ref->column >= 0)
		return true;

	/* a number column called year serves whole years */
	if (time_span_whole_years(time->time, &first, &past_last))
	{
		for (int i = -1; i < query->plan.nsteps; i++)
		{
			const SnapshotRelation *rel;

			ref->relation = i < 0 ? query->plan.root : query->plan.steps[i].relation;
			rel = &c->snapshot->relations[ref->relation];
			for (ref->column = 0; ref->column < rel->ncolumns; ref->column++)
			{
				if (type_class_is_numeric(rel->columns[ref->column].type_class) &&
					column_named_like(&rel->columns[ref->column], "year"))
					return true;
			}
		}
	}
	if (time_span_whole_years(time->time, &first, &past_last) && year_in_groups(c, ref, group))
		return true;
	/* one step away, towards one */
	edges = snapshot_edges_of(c->snapshot, query->plan.root, &nedges);
	for (int e = 0; e < nedges; e++)
	{
		const SnapshotEdge *edge = &c->snapshot->edges[edges[e]];

		if (edge->from != query->plan.root)
			continue;
		ref->relation = edge->to;
		ref->column = default_time_column(c->snapshot, edge->to, c->scan->in);
		if (ref->column >= 0 && join_without_fan_out(c, edge->to))
			return true;
	}
	return false;
}

static bool
has_other_time_column(const Composer *c, const FieldRef *ref)
{
	const SnapshotRelation *rel = &c->snapshot->relations[ref->relation];

	for (int i = 0; i < rel->ncolumns; i++)
	{
		if (i != ref->column && type_class_is_time(rel->columns[i].type_class))
			return true;
	}
	return false;
}

static bool
place_time(Composer *c, Filter *time)
{
	FieldRef ref = {0};
	ExistsGroup *group;

	if (!find_time_column(c, time, &ref, &group))
		return compose_fail(c,
							psprintf("There is no date that \"%s\" could be about.", time->words));
	time->column = ref;
	if (has_other_time_column(c, &ref))
		compose_assume(c, psprintf("\"%s\" is taken as the time in %s.", time->words,
								   reading_text(c->snapshot, ref.relation, ref.column)));
	if (group)
		group->filters = lappend(group->filters, time);
	else
		c->query->filters = lappend(c->query->filters, time);
	return true;
}

/*
 * "customers with orders": rows must exist.  A relation that lies towards one
 * is joined, which asks for its row to exist too ("presented at a conference").
 */
static bool
place_qualifier(Composer *c, const Mention *m)
{
	ExistsGroup *group;

	/* a column in a condition, and nothing that it is compared with */
	if (m->chosen.column >= 0 && !m->optional)
		return compose_fail(c, psprintf("It is not clear what \"%s\" should be compared with.",
										m->element ? m->element->text : m->filter.words));
	if (m->chosen.relation < 0 || plan_reaches(&c->query->plan, m->chosen.relation))
		return true;
	if (join_without_fan_out(c, m->chosen.relation))
		return true;
	group = exists_group_for(c, m->chosen.relation, false, false);
	if (!group && !m->optional)
		return compose_fail(c, psprintf("No relationship leads to %s.",
										reading_text(c->snapshot, m->chosen.relation, -1)));
	return true;
}

/*
 * "Italian or in New York": the two conditions become one, where both are of
 * the rows that are asked about.
 */
static bool
join_alternatives(Composer *c)
{
	AskQuery *query = c->query;
	Mention *sides[2];
	int n = 0;
	Filter *any;

	for (int i = 0; i < c->scan->count; i++)
	{
		Mention *m = &c->scan->mentions[i];

		if (m->role != ROLE_FILTER && m->role != ROLE_WITHOUT)
			continue;
		if (n < 2)
			sides[n] = m;
		n++;
	}
	if (n != 2 || c->scan->ntimes > 0 || query->exists != NIL ||
		sides[1] < &c->scan->mentions[c->scan->or_at] ||
		sides[0] >= &c->scan->mentions[c->scan->or_at] ||
		sides[0]->filter.column.relation != query->plan.root ||
		sides[1]->filter.column.relation != query->plan.root ||
		!list_member_ptr(query->filters, &sides[0]->filter) ||
		!list_member_ptr(query->filters, &sides[1]->filter))
		return compose_fail(c, pstrdup("It is not clear what \"or\" stands between."));
	any = palloc0(sizeof(Filter));
	any->kind = FILTER_ANY;
	any->column = sides[0]->filter.column;
	any->values = list_make2(&sides[0]->filter, &sides[1]->filter);
	query->filters = list_delete_ptr(query->filters, &sides[0]->filter);
	query->filters = list_delete_ptr(query->filters, &sides[1]->filter);
	query->filters = lappend(query->filters, any);
	return true;
}

bool
compose_conditions(Composer *c)
{
	QuestionScan *scan = c->scan;
	bool placed;

	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role == ROLE_QUALIFIER && !place_qualifier(c, m))
			return false;
		if (m->role == ROLE_WITHOUT && !place_without(c, m))
			return false;
	}
	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role != ROLE_FILTER || m->chosen.relation < 0 ||
			m->filter.aggregate != AGGREGATE_NONE)
			continue;
		if (m->filter.deny != DENIAL_PLAIN &&
			deny_rows(c, &m->filter, m->noun < 0 ? NULL : &scan->mentions[m->noun]))
			continue;
		if (m->filter.kind == FILTER_MATCH && m->filter.column.column < 0)
			m->filter.column.column =
				linitial_int(label_columns(c->snapshot, m->filter.column.relation));
		if (m->filter.kind == FILTER_AMONG)
		{
			if (!place_among(c, m))
				return false;
			continue;
		}
		if (m->filter.kind == FILTER_SAME)
		{
			if (!place_same(c, m))
				return false;
			continue;
		}
		if (!place_by_role(c, m, &placed))
			return false;
		if (placed)
			continue;
		if (m->filter.kind == FILTER_BEYOND && !place_beyond(c, m))
			return false;
		if (!place_filter(c, &m->filter, m->noun < 0 ? NULL : &scan->mentions[m->noun]))
			return false;
	}
	if (scan->or_at > 0 && !join_alternatives(c))
		return false;
	for (int i = 0; i < scan->ntimes; i++)
	{
		if (!place_time(c, &scan->times[i]))
			return false;
	}
	return true;
}
