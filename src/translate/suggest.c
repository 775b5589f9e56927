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
#include "portability/instr_time.h"
#include "translate/builtin.h"
#include "translate/query.h"

/* what a suggestion may cost */
#define MAX_TRIES     40
#define MAX_TIME_MS   20
#define MAX_RELATIONS 30
/* looking for a measure in every column of more than that takes too long */
#define MAX_RELATIONS_MEASURED 300

typedef struct Suggester
{
	AskSnapshot *snapshot;
	List *stems;  /* of the question that could not be answered, or NIL */
	List *result; /* char * */
	int count;
	int tries;
	instr_time start;
} Suggester;

typedef struct Interest
{
	int relation;
	double weight;
} Interest;

static bool
out_of_budget(const Suggester *s)
{
	instr_time now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, s->start);
	return list_length(s->result) >= s->count || s->tries >= MAX_TRIES ||
		   INSTR_TIME_GET_MILLISEC(now) > MAX_TIME_MS;
}

static void
offer(Suggester *s, char *question)
{
	ListCell *lc;
	Translation *translation;

	if (out_of_budget(s))
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

static int
compare_interest(const void *a, const void *b)
{
	const Interest *x = a;
	const Interest *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->relation - y->relation;
}

/*
 * Relations by how likely somebody wants to know about them.  Only what is
 * cheap is looked at, for there may be thousands.
 */
static Interest *
rank_relations(Suggester *s)
{
	AskSnapshot *snapshot = s->snapshot;
	Interest *interests = palloc(sizeof(Interest) * Max(snapshot->nrelations, 1));
	ListCell *lc;

	for (int i = 0; i < snapshot->nrelations; i++)
	{
		int nedges;

		snapshot_edges_of(snapshot, i, &nedges);
		interests[i].relation = i;
		interests[i].weight = nedges;
		if (snapshot->nrelations <= MAX_RELATIONS_MEASURED && default_measure(snapshot, i) >= 0)
			interests[i].weight += 2;
	}
	foreach (lc, s->stems)
	{
		int count;
		const WordPosting *postings = snapshot_find_word(snapshot, lfirst(lc), &count);

		for (int i = 0; i < count; i++)
		{
			if (postings[i].source != WORD_IN_COMMENT)
				interests[postings[i].relation].weight += postings[i].column < 0 ? 1000 : 100;
		}
	}
	qsort(interests, snapshot->nrelations, sizeof(Interest), compare_interest);
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
		const char *total = strncmp(amount, "total", 5) == 0 ? "" : "total ";

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
			offer(s, psprintf("%s%s by month", total, amount));
		else
			offer(s, psprintf("%s%s", total, amount));
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
	Interest *interests;

	INSTR_TIME_SET_CURRENT(s.start);
	interests = rank_relations(&s);
	for (int i = 0; i < Min(snapshot->nrelations, MAX_RELATIONS) && !out_of_budget(&s); i++)
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
