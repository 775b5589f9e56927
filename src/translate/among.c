/*-------------------------------------------------------------------------
 *
 * among.c
 *		Conditions on the rows of another query: "in the largest state", "longer
 *		than the Rhine".
 *
 * The rows are compared over the columns of the relationship that leads to
 * them; a relation that they have in common is compared by its key.  Where no
 * single column does it, the question is refused.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/compose.h"

static int
edge_column(const AskSnapshot *snapshot, const SnapshotEdge *edge, bool from)
{
	return from ? snapshot_column_by_attnum(&snapshot->relations[edge->from], edge->from_attnums[0])
				: snapshot_column_by_attnum(&snapshot->relations[edge->to], edge->to_attnums[0]);
}

static bool
refuse(Composer *c, const Mention *m)
{
	return compose_fail(
		c, psprintf("It is not clear how \"%s\" is connected with the rest.", m->element->text));
}

/*
 * "capital": a column that points to the things.
 */
static bool
column_of_link(Composer *c, const Mention *link, int things, FieldRef *column, int *inner)
{
	const int *edges;
	int nedges;
	int found = 0;

	if (link->chosen.relation < 0)
		return false;
	edges = snapshot_edges_of(c->snapshot, link->chosen.relation, &nedges);
	for (int i = 0; i < nedges; i++)
	{
		const SnapshotEdge *edge = &c->snapshot->edges[edges[i]];
		int from;

		if (edge->from != link->chosen.relation || edge->to != things || edge->nkeys != 1)
			continue;
		from = edge_column(c->snapshot, edge, true);
		if (link->chosen.column != from)
			continue;
		found++;
		column->relation = edge->from;
		column->column = from;
		*inner = edge_column(c->snapshot, edge, false);
	}
	return found == 1;
}

/* the columns of the last step of the way from the plan to the things */
static bool
column_of_way(Composer *c, int things, FieldRef *column, int *inner)
{
	JoinPlan full = c->query->plan;
	const JoinStep *last;
	const SnapshotEdge *edge;
	bool from_things;

	if (!extend_plan(c->snapshot, &full, things))
		return false;
	last = &full.steps[full.nsteps - 1];
	edge = &c->snapshot->edges[last->edge];
	if (last->relation != things || edge->nkeys != 1)
		return false;
	from_things = edge->from == things;
	column->relation = last->parent;
	column->column = edge_column(c->snapshot, edge, !from_things);
	*inner = edge_column(c->snapshot, edge, from_things);
	return true;
}

/* is there any way from the word to the things? */
static bool
leads_to(Composer *c, const Mention *link, int things)
{
	return join_distance(c->snapshot, link->chosen.relation, things) >= 0;
}

bool
place_among(Composer *c, Mention *m)
{
	Filter *filter = &m->filter;
	const Phrase *phrase = m->element->phrase;
	int things = m->chosen.relation;
	int inner = -1;
	const Mention *link = m->via < 0 ? NULL : &c->scan->mentions[m->via];

	if (phrase)
		c->assumptions = list_concat_copy(c->assumptions, phrase->assumptions);
	filter->words = m->element->text;
	if (phrase && phrase->column >= 0)
	{
		filter->column.relation = things;
		filter->column.column = phrase->column;
		filter->among_column = phrase->yields;
		return place_filter(c, filter, NULL);
	}
	if (!phrase)
		return place_filter(c, filter, NULL);
	if (link && link->element &&
		(link->chosen.relation < 0 ||
		 (link->chosen.relation != things && !leads_to(c, link, things))))
		return refuse(c, m);
	if (!(link && (other_column_of_link(c, link, things, &filter->column, &inner) ||
				   column_of_link(c, link, things, &filter->column, &inner))))
	{
		if (plan_reaches(&c->query->plan, things))
		{
			inner = key_column(c->snapshot, things);
			filter->column.relation = things;
			filter->column.column = inner;
		}
		else if (!column_of_way(c, things, &filter->column, &inner))
			return refuse(c, m);
	}
	if (inner < 0 || filter->column.column < 0)
		return refuse(c, m);
	filter->among_column.relation = things;
	filter->among_column.column = inner;
	return place_filter(c, filter, NULL);
}

/* the rows of the relation that a value stands for */
AskQuery *
rows_of_value(const Composer *c, const Element *value, int relation)
{
	List *labels = label_columns(c->snapshot, relation);
	const ValueCandidate *best = NULL;
	AskQuery *query;
	Filter *filter;

	for (int i = 0; i < value->nvalues; i++)
	{
		const ValueCandidate *v = &value->values[i];

		if (v->relation == relation && (!best || list_member_int(labels, v->column)))
			best = v;
	}
	if (!best)
		return NULL;
	query = palloc0(sizeof(AskQuery));
	query->snapshot = c->snapshot;
	query->plan.root = relation;
	query->plan.ambiguous_relation = -1;
	query->subject = relation;
	filter = palloc0(sizeof(Filter));
	filter->kind = FILTER_VALUES;
	filter->column.relation = relation;
	filter->column.column = best->column;
	filter->values = best->values;
	query->filters = list_make1(filter);
	return query;
}

bool
place_beyond(Composer *c, Mention *m)
{
	Filter *filter = &m->filter;
	const Phrase *phrase = m->operand->phrase;

	filter->words = m->operand->text;
	if (!phrase)
		filter->among = rows_of_value(c, m->operand, m->chosen.relation);
	else if (phrase->relation == m->chosen.relation)
	{
		c->assumptions = list_concat_copy(c->assumptions, phrase->assumptions);
		filter->among = phrase->query;
	}
	if (!filter->among)
		return compose_fail(
			c, psprintf("It is not clear what of \"%s\" should be compared.", filter->words));
	filter->among_column = filter->column;
	return true;
}
