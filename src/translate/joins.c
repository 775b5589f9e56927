/*-------------------------------------------------------------------------
 *
 * joins.c
 *		Ways between relations over their relationships.
 *
 * Following a foreign key from the many side to the one side keeps every row
 * once and costs 1; going against it multiplies rows and costs more; inferred
 * relationships cost more than declared ones.  Searches stop at MAX_PATH_COST:
 * relations further apart than that have little to do with each other.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/query.h"

#define COST_TO_ONE   1.0f
#define COST_TO_MANY  1.7f
#define COST_INFERRED 0.3f
#define MAX_PATH_COST 6.0f
#define MAX_SETTLED   500 /* a hub may touch thousands of relations */

/*
 * Shortest ways from a set of relations.  "touched" is what was reached, so
 * that nothing but that needs to be looked at again.
 */
typedef struct PathSearch
{
	AskSnapshot *snapshot;
	float *cost; /* by relation; negative = not reached */
	int *edge;   /* by which edge it was reached, -1 = a start */
	int *parent;
	int *tie; /* the parent of another way of the same cost, or -1 */
	JoinWay way;
	bool *queued;
	int nqueue;
	int *queue;
	int nsettled;
} PathSearch;

static PathSearch *
begin_search(AskSnapshot *snapshot, JoinWay way)
{
	PathSearch *search = palloc(sizeof(PathSearch));
	int n = Max(snapshot->nrelations, 1);

	search->snapshot = snapshot;
	search->way = way;
	search->cost = palloc(sizeof(float) * n);
	search->edge = palloc(sizeof(int) * n);
	search->parent = palloc(sizeof(int) * n);
	search->tie = palloc(sizeof(int) * n);
	search->queue = palloc(sizeof(int) * n);
	search->queued = palloc0(sizeof(bool) * n);
	search->nqueue = 0;
	search->nsettled = 0;
	for (int i = 0; i < n; i++)
		search->cost[i] = -1;
	return search;
}

static void
end_search(PathSearch *search)
{
	pfree(search->cost);
	pfree(search->edge);
	pfree(search->parent);
	pfree(search->tie);
	pfree(search->queue);
	pfree(search->queued);
	pfree(search);
}

/*
 * Of two ways that cost the same: the one that was asked for, else always the
 * same one, whatever was looked at first.
 */
static bool
is_preferred(const PathSearch *search, int relation, int edge, int parent)
{
	if (relation == search->way.relation)
		return parent == search->way.parent;
	return edge < search->edge[relation];
}

static void
reach(PathSearch *search, int relation, float cost, int edge, int parent)
{
	float known = search->cost[relation];

	if (cost > MAX_PATH_COST)
		return;
	if (known >= 0 && known < cost - 0.001f)
		return;
	if (known >= 0 && known <= cost + 0.001f)
	{
		if (search->edge[relation] == edge)
			return;
		if (is_preferred(search, relation, edge, parent))
		{
			search->tie[relation] = search->parent[relation];
			search->edge[relation] = edge;
			search->parent[relation] = parent;
		}
		else if (search->tie[relation] < 0)
			search->tie[relation] = parent;
		return;
	}
	search->cost[relation] = cost;
	search->edge[relation] = edge;
	search->parent[relation] = parent;
	search->tie[relation] = -1;
	if (!search->queued[relation])
		search->queue[search->nqueue++] = relation;
	search->queued[relation] = true;
}

/*
 * Dijkstra over the few relations near the starts; stops when the target is
 * settled (target -1: never).
 */
static void
run_search(PathSearch *search, int target)
{
	while (search->nqueue > 0)
	{
		int best = 0;
		int at;
		int nedges;
		const int *edges;

		for (int i = 1; i < search->nqueue; i++)
		{
			if (search->cost[search->queue[i]] < search->cost[search->queue[best]])
				best = i;
		}
		at = search->queue[best];
		search->queue[best] = search->queue[--search->nqueue];
		search->queued[at] = false;
		if (at == target || ++search->nsettled > MAX_SETTLED)
			return;
		edges = snapshot_edges_of(search->snapshot, at, &nedges);
		for (int i = 0; i < nedges; i++)
		{
			const SnapshotEdge *edge = &search->snapshot->edges[edges[i]];
			float extra = edge->declared ? 0 : COST_INFERRED + (1 - edge->score) * COST_INFERRED;

			if (edge->from == edge->to)
				continue;
			if (edge->from == at)
				reach(search, edge->to, search->cost[at] + COST_TO_ONE + extra, edges[i], at);
			else
				reach(search, edge->from, search->cost[at] + COST_TO_MANY + extra, edges[i], at);
		}
	}
}

float
join_distance(AskSnapshot *snapshot, int from, int to)
{
	static const JoinWay none = {-1, -1};
	PathSearch *search;
	float result;

	if (from == to)
		return 0;
	search = begin_search(snapshot, none);
	reach(search, from, 0, -1, -1);
	run_search(search, to);
	result = search->cost[to];
	end_search(search);
	return result;
}

bool
plan_reaches(const JoinPlan *plan, int relation)
{
	if (plan->root == relation)
		return true;
	for (int i = 0; i < plan->nsteps; i++)
	{
		if (plan->steps[i].relation == relation)
			return true;
	}
	return false;
}

/*
 * Add the steps of the way to one relation.
 */
static bool
add_path(PathSearch *search, int relation, JoinPlan *plan)
{
	int path[MAX_JOIN_STEPS];
	int n = 0;

	for (int at = relation; !plan_reaches(plan, at); at = search->parent[at])
	{
		if (n >= MAX_JOIN_STEPS)
			return false;
		path[n++] = at;
		if (search->tie[at] >= 0 && plan->ambiguous_relation < 0 && at != plan->way.relation)
		{
			plan->ambiguous_relation = at;
			plan->other_parent = search->tie[at];
		}
	}
	while (n > 0)
	{
		int at = path[--n];
		JoinStep *step;

		if (plan->nsteps >= MAX_JOIN_STEPS)
			return false;
		step = &plan->steps[plan->nsteps++];
		step->edge = search->edge[at];
		step->relation = at;
		step->parent = search->parent[at];
		step->fans_out = search->snapshot->edges[step->edge].from == at;
		plan->fans_out |= step->fans_out;
	}
	return true;
}

/*
 * Join the nearest of the relations that the plan does not reach yet, by the
 * cheapest way from what is joined already.  False where one of them can not
 * be reached; *done when there was none left.
 */
static bool
add_nearest(AskSnapshot *snapshot, const int *needed, int nneeded, JoinPlan *plan, bool *done)
{
	PathSearch *search = begin_search(snapshot, plan->way);
	int nearest = -1;
	bool ok = true;

	reach(search, plan->root, 0, -1, -1);
	for (int i = 0; i < plan->nsteps; i++)
		reach(search, plan->steps[i].relation, 0, -1, -1);
	run_search(search, -1);
	for (int i = 0; i < nneeded; i++)
	{
		if (plan_reaches(plan, needed[i]))
			continue;
		if (search->cost[needed[i]] < 0)
			ok = false;
		else if (nearest < 0 || search->cost[needed[i]] < search->cost[nearest])
			nearest = needed[i];
	}
	if (ok && nearest >= 0)
	{
		plan->cost += search->cost[nearest];
		ok = add_path(search, nearest, plan);
	}
	end_search(search);
	*done = nearest < 0;
	return ok;
}

bool
plan_joins(AskSnapshot *snapshot, int root, const int *needed, int nneeded, JoinPlan *plan)
{
	static const JoinWay none = {-1, -1};

	return plan_joins_by_way(snapshot, root, needed, nneeded, none, plan);
}

bool
plan_joins_by_way(AskSnapshot *snapshot, int root, const int *needed, int nneeded, JoinWay way,
				  JoinPlan *plan)
{
	bool done = false;

	memset(plan, 0, sizeof(JoinPlan));
	plan->root = root;
	plan->way = way;
	plan->ambiguous_relation = -1;
	while (!done)
	{
		if (!add_nearest(snapshot, needed, nneeded, plan, &done))
			return false;
	}
	return true;
}

bool
extend_plan(AskSnapshot *snapshot, JoinPlan *plan, int relation)
{
	bool done;

	return add_nearest(snapshot, &relation, 1, plan, &done);
}

bool
path_fans_out(AskSnapshot *snapshot, int from, int to)
{
	JoinPlan plan;

	if (!plan_joins(snapshot, from, &to, 1, &plan))
		return true;
	return plan.fans_out;
}
