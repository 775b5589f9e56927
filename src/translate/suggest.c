/*-------------------------------------------------------------------------
 *
 * suggest.c
 *		Questions that the built-in translator can answer, made from the snapshot.
 *
 * Candidates are composed from relations, measures, labels and times; each is
 * translated, and only what translates is offered.  Bigger relations and those
 * with more relationships come first: they are what people ask about.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "miscadmin.h"
#include "translate/builtin.h"
#include "translate/query.h"

/* candidates that are tried at most, so that a suggestion costs milliseconds */
#define MAX_TRIES 40

typedef struct Suggester
{
	AskSnapshot *snapshot;
	List *stems;  /* of the question that could not be answered, or NIL */
	List *result; /* char * */
	int count;
	int tries;
} Suggester;

typedef struct Interest
{
	int relation;
	double weight;
} Interest;

static void
offer(Suggester *s, char *question)
{
	ListCell *lc;
	Translation *translation;

	if (list_length(s->result) >= s->count || s->tries >= MAX_TRIES)
		return;
	foreach (lc, s->result)
	{
		if (strcmp(lfirst(lc), question) == 0)
			return;
	}
	CHECK_FOR_INTERRUPTS();
	s->tries++;
	translation = builtin_translate(question, s->snapshot);
	if (translation->answered)
		s->result = lappend(s->result, question);
}

static bool
relation_is_mentioned(const Suggester *s, const SnapshotRelation *rel)
{
	List *words = words_of_identifier(rel->name);
	ListCell *lc;
	ListCell *lc2;

	foreach (lc, words)
	{
		foreach (lc2, s->stems)
		{
			if (strcmp(lfirst(lc), lfirst(lc2)) == 0)
				return true;
		}
	}
	return false;
}

static int
compare_interest(const void *a, const void *b)
{
	const Interest *x = a;
	const Interest *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->relation - y->relation;
}

/* relations by how likely somebody wants to know about them */
static Interest *
rank_relations(Suggester *s, int *n)
{
	AskSnapshot *snapshot = s->snapshot;
	Interest *interests = palloc(sizeof(Interest) * Max(snapshot->nrelations, 1));

	for (int i = 0; i < snapshot->nrelations; i++)
	{
		const SnapshotRelation *rel = &snapshot->relations[i];
		int nedges;

		snapshot_edges_of(snapshot, i, &nedges);
		interests[i].relation = i;
		interests[i].weight = nedges + (default_measure(snapshot, i) >= 0 ? 2 : 0);
		if (relation_is_mentioned(s, rel))
			interests[i].weight += 1000;
	}
	qsort(interests, snapshot->nrelations, sizeof(Interest), compare_interest);
	*n = snapshot->nrelations;
	return interests;
}

static void
suggest_about(Suggester *s, int relation)
{
	AskSnapshot *snapshot = s->snapshot;
	const SnapshotRelation *rel = &snapshot->relations[relation];
	int measure = default_measure(snapshot, relation);
	char *things = relation_plural(rel);
	const int *edges;
	int nedges;

	edges = snapshot_edges_of(snapshot, relation, &nedges);
	if (measure >= 0)
	{
		char *amount = readable_name(rel->columns[measure].name);

		for (int i = 0; i < nedges && i < 4; i++)
		{
			const SnapshotEdge *edge = &snapshot->edges[edges[i]];

			if (edge->from == relation && label_columns(snapshot, edge->to) != NIL)
			{
				offer(s, psprintf("top 5 %s by %s", relation_plural(&snapshot->relations[edge->to]),
								  amount));
				break;
			}
		}
		if (default_time_column(snapshot, relation, NULL) >= 0)
			offer(s, psprintf("total %s by month", amount));
		else
			offer(s, psprintf("total %s", amount));
	}
	for (int i = 0; i < rel->ncolumns; i++)
	{
		const SnapshotColumn *column = &rel->columns[i];

		if (column->type_class == TYPE_CLASS_TEXT && !column->unique_alone &&
			!list_member_int(label_columns(snapshot, relation), i))
		{
			offer(s, psprintf("how many %s are there by %s", things, readable_name(column->name)));
			break;
		}
	}
	offer(s, psprintf("how many %s are there", things));
}

static List *
suggest(AskSnapshot *snapshot, List *stems, int count)
{
	Suggester s = {.snapshot = snapshot, .stems = stems, .count = count};
	int n;
	Interest *interests = rank_relations(&s, &n);

	for (int i = 0; i < n && list_length(s.result) < count && s.tries < MAX_TRIES; i++)
		suggest_about(&s, interests[i].relation);
	return s.result;
}

List *
translate_suggest(AskSnapshot *snapshot, int count)
{
	return suggest(snapshot, NIL, count);
}

List *
translate_suggest_near(AskSnapshot *snapshot, const char *question, int count)
{
	return suggest(snapshot, words_of_text(question), count);
}
