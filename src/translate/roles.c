/*-------------------------------------------------------------------------
 *
 * roles.c
 *		Two relationships between the same two relations: the origin and the
 *		destination of a flight, the buyer and the seller of a deal.
 *
 * Which of them is meant is said by words of the column ("origin"), by a
 * preposition or verb of direction ("from", "arriving"), or it is the one that
 * has no name besides that of what it leads to ("user_id").  Where nothing
 * says it, the question is declined: to take the first one would be wrong as
 * often as right.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "translate/compose.h"

static const char leaving_columns[] =
	"origin source from departure depart start sender home seller";
static const char reaching_columns[] =
	"destination dest to arrival arrive end target receiver recipient away buyer";
static const char *const leaving_words[] = {"from",    "depart", "departs", "departing", "departed",
											"leaving", "leave",  "leaves",  "departures"};
static const char *const reaching_words[] = {"to",      "arrive",  "arrives",  "arriving",
											 "arrived", "landing", "arrivals", "into"};

static List *
words_of_edge(const AskSnapshot *snapshot, const SnapshotEdge *edge)
{
	const SnapshotRelation *rel = &snapshot->relations[edge->from];

	return words_of_identifier(
		rel->columns[snapshot_column_by_attnum(rel, edge->from_attnums[0])].plain);
}

/* the relationships beside the edge, itself included */
static int
find_parallel(AskSnapshot *snapshot, int edge, int *found, int max)
{
	const SnapshotEdge *given = &snapshot->edges[edge];
	int nedges;
	const int *edges = snapshot_edges_of(snapshot, given->from, &nedges);
	int n = 0;

	for (int i = 0; i < nedges && n < max; i++)
	{
		const SnapshotEdge *other = &snapshot->edges[edges[i]];

		if (other->from == given->from && other->to == given->to && other->nkeys == 1 &&
			other->declared == given->declared)
			found[n++] = edges[i];
	}
	return n;
}

static bool
is_one_of(const char *word, const char *const *words, int nwords)
{
	for (int i = 0; word && i < nwords; i++)
	{
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

/*
 * What the tokens say for a column of these words: 1 = it is meant.
 */
static bool
tokens_say(const TokenList *tokens, int from, int to, List *column_words)
{
	for (int i = Max(from, 0); i < to && i < tokens->count; i++)
	{
		const Token *token = &tokens->tokens[i];
		ListCell *lc;

		if (token->kind != TOKEN_WORD)
			continue;
		foreach (lc, column_words)
		{
			if (strlen(token->stem) > 3 && strcmp(lfirst(lc), token->stem) == 0)
				return true;
		}
		if ((is_one_of(token->folded, leaving_words, lengthof(leaving_words)) &&
			 words_find_any(column_words, leaving_columns) >= 0) ||
			(is_one_of(token->folded, reaching_words, lengthof(reaching_words)) &&
			 words_find_any(column_words, reaching_columns) >= 0))
			return true;
	}
	return false;
}

/* "user_id" of users: nothing but the names of what it leads to and of its key */
static bool
is_plain_reference(const AskSnapshot *snapshot, const SnapshotEdge *edge)
{
	const SnapshotRelation *rel = &snapshot->relations[edge->to];
	List *target =
		list_concat(words_of_identifier(rel->plain),
					words_of_identifier(
						rel->columns[snapshot_column_by_attnum(rel, edge->to_attnums[0])].plain));
	ListCell *lc;

	foreach (lc, words_of_edge(snapshot, edge))
	{
		bool known = strcmp(lfirst(lc), "id") == 0 || strcmp(lfirst(lc), "code") == 0 ||
					 strcmp(lfirst(lc), "key") == 0 || strcmp(lfirst(lc), "no") == 0;
		ListCell *lc2;

		foreach (lc2, target)
			known |= strcmp(lfirst(lc), lfirst(lc2)) == 0;
		if (!known)
			return false;
	}
	return true;
}

/*
 * The one that the tokens speak of, or -1; *several is whether there is a
 * choice at all.
 */
static int
choose_edge(const Composer *c, int edge, int from, int to, bool *several)
{
	int parallel[MAX_CANDIDATES];
	int n = find_parallel(c->snapshot, edge, parallel, MAX_CANDIDATES);
	int said = -1;
	int plain = -1;
	int nsaid = 0;

	*several = n > 1;
	for (int i = 0; i < n; i++)
	{
		const SnapshotEdge *e = &c->snapshot->edges[parallel[i]];

		if (tokens_say(c->scan->in->tokens, from, to, words_of_edge(c->snapshot, e)))
		{
			nsaid++;
			said = parallel[i];
		}
		if (is_plain_reference(c->snapshot, e))
			plain = parallel[i];
	}
	/* "borders" names the rows that connect states with states, and no side of them */
	if (plain >= 0 && c->snapshot->relations[c->snapshot->edges[edge].from].ncolumns == n)
		return plain;
	return nsaid == 1 ? said : nsaid > 1 ? -1 : plain;
}

static bool
refuse(Composer *c, int edge)
{
	int parallel[MAX_CANDIDATES] = {edge};
	int n = find_parallel(c->snapshot, edge, parallel, MAX_CANDIDATES);
	const SnapshotEdge *a = &c->snapshot->edges[parallel[0]];
	const SnapshotEdge *b = &c->snapshot->edges[parallel[Max(n, 1) - 1]];
	const SnapshotRelation *rel = &c->snapshot->relations[a->from];

	return compose_fail(c,
						psprintf("It is not clear whether %s or %s is meant.",
								 reading_text(c->snapshot, a->from,
											  snapshot_column_by_attnum(rel, a->from_attnums[0])),
								 reading_text(c->snapshot, b->from,
											  snapshot_column_by_attnum(rel, b->from_attnums[0]))));
}

/*
 * "from Paris to Oslo": a value on the other end of such a relationship becomes
 * a condition on the column that leads there.  *done is whether it was that.
 */
bool
place_by_role(Composer *c, Mention *m, bool *done)
{
	JoinPlan way = c->query->plan;
	const JoinStep *last;
	bool several;
	int edge;
	int first = m->element ? m->element->first : -1;
	AskQuery *rows;
	Filter *own;

	*done = false;
	if (m->filter.kind != FILTER_VALUES || first < 1 ||
		plan_reaches(&c->query->plan, m->chosen.relation) ||
		!extend_plan(c->snapshot, &way, m->chosen.relation) || way.nsteps == 0)
		return true;
	last = &way.steps[way.nsteps - 1];
	if (last->fans_out || last->relation != m->chosen.relation)
		return true;
	/* the words right before it, else what the rest of the question says */
	edge = choose_edge(c, last->edge, first - 2, first, &several);
	if (!several)
		return true;
	if (edge < 0 || is_plain_reference(c->snapshot, &c->snapshot->edges[edge]))
	{
		int whole = choose_edge(c, last->edge, 0, c->scan->in->tokens->count, &several);

		edge = whole >= 0 ? whole : edge;
	}
	if (edge < 0)
		return refuse(c, last->edge);
	own = palloc0(sizeof(Filter));
	*own = m->filter;
	own->negated = false;
	rows = palloc0(sizeof(AskQuery));
	rows->snapshot = c->snapshot;
	rows->plan.root = rows->subject = m->chosen.relation;
	rows->plan.ambiguous_relation = -1;
	rows->filters = list_make1(own);
	m->filter.kind = FILTER_AMONG;
	m->filter.among = rows;
	m->filter.among_column.relation = m->chosen.relation;
	m->filter.among_column.column = snapshot_column_by_attnum(
		&c->snapshot->relations[m->chosen.relation], c->snapshot->edges[edge].to_attnums[0]);
	m->filter.column.relation = last->parent;
	m->filter.column.column = snapshot_column_by_attnum(&c->snapshot->relations[last->parent],
														c->snapshot->edges[edge].from_attnums[0]);
	m->filter.words = m->element->text;
	*done = true;
	return place_filter(c, &m->filter, NULL);
}

static bool
settle_step(Composer *c, JoinStep *step)
{
	bool several;
	int edge;

	if (step->fans_out)
		return true;
	edge = choose_edge(c, step->edge, 0, c->scan->in->tokens->count, &several);
	if (!several)
		return true;
	if (edge < 0)
		return refuse(c, step->edge);
	step->edge = edge;
	return true;
}

/*
 * What is joined by one of several such relationships.
 */
bool
compose_roles(Composer *c)
{
	for (int i = 0; i < c->query->plan.nsteps; i++)
	{
		if (!settle_step(c, &c->query->plan.steps[i]))
			return false;
	}
	return true;
}
