/*-------------------------------------------------------------------------
 *
 * reach.c
 *		When rows happened that have no date of their own: items of an order
 *		happened when the order did.
 *
 * The date is looked for one step away, towards one, so that no row is met
 * twice.  Where two dates look as much like the time of an event, neither is
 * taken.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "translate/compose.h"

/* "ordered_at" of orders: the event that the relation is called by */
static bool
time_of_own_event(const SnapshotRelation *rel, int column)
{
	char *event = llast(words_of_identifier(rel->plain));
	char *word = linitial(words_of_identifier(rel->columns[column].plain));

	return strlen(event) >= 4 && strncmp(event, word, 4) == 0;
}

bool
reach_time(Composer *c, FieldRef *column)
{
	JoinPlan *plan = &c->query->plan;
	int nedges;
	const int *edges = snapshot_edges_of(c->snapshot, plan->root, &nedges);
	int best_score = 0;
	bool tie = false;

	column->column = -1;
	for (int e = 0; e < nedges; e++)
	{
		const SnapshotEdge *edge = &c->snapshot->edges[edges[e]];
		int score;
		int time;

		if (edge->from != plan->root || edge->to == plan->root)
			continue;
		time = best_time_column(c->snapshot, edge->to, c->scan->in, &score);
		if (time < 0)
			continue;
		score += time_of_own_event(&c->snapshot->relations[edge->to], time) ? 3 : 0;
		tie = column->column >= 0 && score == best_score && edge->to != column->relation;
		if (column->column >= 0 && score <= best_score)
			continue;
		column->relation = edge->to;
		column->column = time;
		best_score = score;
	}
	return column->column >= 0 && !tie &&
		   (plan_reaches(plan, column->relation) ||
			extend_plan(c->snapshot, plan, column->relation));
}
