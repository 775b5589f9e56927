/*-------------------------------------------------------------------------
 *
 * suggest.c
 *		Questions that the built-in translator can answer, made from the snapshot.
 *
 * Candidates are composed from relations, measures, labels and times; each is
 * translated, and only what translates is offered.  First come the relations
 * that the caller's questions were about, then those with more relationships,
 * then, by orders of magnitude, those with more rows and scans.  Each of them in
 * turn has a question of another kind.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "common/words.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "translate/builtin.h"
#include "translate/query.h"
#include "utils/fmgrprotos.h"

/* what a suggestion may cost */
#define MAX_TRIES     40 /* and twice as many as are wanted */
#define MAX_TIME_MS   20 /* where a question could not be answered */
#define MAX_LONG_MS   500
#define MAX_RELATIONS 30
/* looking for a measure in every column of more than that takes too long */
#define MAX_RELATIONS_MEASURED 300
/* one question about a relation counts as much as so many relationships */
#define USAGE_WEIGHT 10

typedef struct Suggester
{
	AskSnapshot *snapshot;
	List *stems;         /* of the question that could not be answered, or NIL */
	const double *usage; /* of each relation in questions before, or NULL */
	List *result;        /* char * */
	int count;
	int tries;
	instr_time start;
} Suggester;

typedef struct Interest
{
	int relation;
	double weight;
	int activity; /* order of magnitude of rows and scans */
} Interest;

static bool
out_of_budget(const Suggester *s)
{
	instr_time now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, s->start);
	return list_length(s->result) >= s->count || s->tries >= Max(MAX_TRIES, 2 * s->count) ||
		   INSTR_TIME_GET_MILLISEC(now) > (s->stems ? MAX_TIME_MS : MAX_LONG_MS);
}

static bool
offer(Suggester *s, char *question)
{
	ListCell *lc;
	Translation *translation;

	foreach (lc, s->result)
	{
		if (strcmp(lfirst(lc), question) == 0)
			return false;
	}
	CHECK_FOR_INTERRUPTS();
	s->tries++;
	translation = builtin_translate(question, s->snapshot);
	if (translation->answered)
		s->result = lappend(s->result, question);
	return translation->answered;
}

static int
compare_interest(const void *a, const void *b)
{
	const Interest *x = a;
	const Interest *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	if (x->activity != y->activity)
		return y->activity - x->activity;
	return x->relation - y->relation;
}

/*
 * How many hundredfolds of rows and scans the statistics know of: coarse, so
 * that what is suggested does not change with every statement.
 */
static int
activity_of(const SnapshotRelation *relation)
{
	Datum relid = ObjectIdGetDatum(relation->relid);
	double known = (double) DatumGetInt64(DirectFunctionCall1(pg_stat_get_live_tuples, relid)) +
				   (double) DatumGetInt64(DirectFunctionCall1(pg_stat_get_numscans, relid));

	return (int) (log10(1 + Max(known, 0)) / 2);
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
		interests[i].activity = 0;
		if (s->usage)
			interests[i].weight += USAGE_WEIGHT * s->usage[i];
		if (s->stems == NIL && snapshot->nrelations <= MAX_RELATIONS_MEASURED)
			interests[i].activity = activity_of(&snapshot->relations[i]);
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

/* ---- kinds of questions: NULL where a relation is not made for it ---- */

/* "price", where rows of the relation have an amount */
static char *
amount_of(AskSnapshot *snapshot, int relation)
{
	int measure = default_measure(snapshot, relation);

	return measure < 0 ? NULL : readable_name(snapshot->relations[relation].columns[measure].name);
}

static const char *
total_word(const char *amount)
{
	return strncmp(amount, "total", 5) == 0 ? "" : "total ";
}

/* a text column whose values tell groups of rows apart, or -1 */
static int
category_of(AskSnapshot *snapshot, int relation)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];

	for (int i = 0; i < rel->ncolumns; i++)
	{
		const SnapshotColumn *column = &rel->columns[i];

		if ((column->type_class == TYPE_CLASS_TEXT || column->type_class == TYPE_CLASS_ENUM) &&
			!column->unique_alone && !list_member_int(label_columns(snapshot, relation), i) &&
			!column_named_like(column, "comment note description text address street email mail "
									   "phone url path password hash token key"))
			return i;
	}
	return -1;
}

static char *
top_things(AskSnapshot *snapshot, int relation)
{
	char *amount = amount_of(snapshot, relation);
	int nedges;
	const int *edges = snapshot_edges_of(snapshot, relation, &nedges);

	for (int i = 0; amount && i < nedges && i < 4; i++)
	{
		const SnapshotEdge *edge = &snapshot->edges[edges[i]];

		if (edge->from == relation && label_columns(snapshot, edge->to) != NIL)
			return psprintf("top 5 %s by %s", relation_plural(&snapshot->relations[edge->to]),
							amount);
	}
	return NULL;
}

static char *
total_over_time(AskSnapshot *snapshot, int relation)
{
	char *amount = amount_of(snapshot, relation);

	if (!amount)
		return NULL;
	if (default_time_column(snapshot, relation, NULL) < 0)
		return psprintf("%s%s", total_word(amount), amount);
	return psprintf("%s%s by month", total_word(amount), amount);
}

static char *
count_by_category(AskSnapshot *snapshot, int relation)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];
	int category = category_of(snapshot, relation);

	return category < 0 ? NULL
						: psprintf("how many %s are there by %s", relation_plural(rel),
								   readable_name(rel->columns[category].name));
}

static char *
count_all(AskSnapshot *snapshot, int relation)
{
	return psprintf("how many %s are there", relation_plural(&snapshot->relations[relation]));
}

static char *
share_by_category(AskSnapshot *snapshot, int relation)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];
	int category = category_of(snapshot, relation);
	char *amount = amount_of(snapshot, relation);

	return category < 0 ? NULL
						: psprintf("share of %s by %s", amount ? amount : relation_plural(rel),
								   readable_name(rel->columns[category].name));
}

static char *
average_by_category(AskSnapshot *snapshot, int relation)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];
	int category = category_of(snapshot, relation);
	char *amount = amount_of(snapshot, relation);

	return category < 0 || !amount
			   ? NULL
			   : psprintf("average %s by %s", amount, readable_name(rel->columns[category].name));
}

static char *
trend(AskSnapshot *snapshot, int relation)
{
	if (default_time_column(snapshot, relation, NULL) < 0)
		return NULL;
	return psprintf("month over month change in number of %s",
					relation_plural(&snapshot->relations[relation]));
}

typedef char *(*QuestionMaker)(AskSnapshot *snapshot, int relation);

/* near a question that could not be answered: all of a relation's, the best first */
static const QuestionMaker near_makers[] = {top_things, total_over_time, count_by_category,
											count_all};
/* of one relation after the other, each time another one */
static const QuestionMaker makers[] = {total_over_time,   top_things, share_by_category,
									   count_by_category, trend,      average_by_category,
									   count_all};

static bool
offer_made(Suggester *s, QuestionMaker make, int relation)
{
	char *question = out_of_budget(s) ? NULL : make(s->snapshot, relation);

	return question && offer(s, question);
}

List *
translate_suggest(AskSnapshot *snapshot, const double *usage, int count)
{
	Suggester s = {.snapshot = snapshot, .usage = usage, .count = count};
	Interest *interests;
	int n = Min(snapshot->nrelations, MAX_RELATIONS);
	int made[MAX_RELATIONS] = {0};

	INSTR_TIME_SET_CURRENT(s.start);
	interests = rank_relations(&s);
	for (int round = 0; round < lengthof(makers); round++)
	{
		for (int i = 0; i < n; i++)
		{
			while (
				made[i] < lengthof(makers) &&
				!offer_made(&s, makers[(i + made[i]++) % lengthof(makers)], interests[i].relation))
				;
		}
	}
	return s.result;
}

List *
translate_suggest_near(AskSnapshot *snapshot, const char *question, int count)
{
	Suggester s = {.snapshot = snapshot, .stems = words_of_text(question), .count = count};
	Interest *interests;
	int n = Min(snapshot->nrelations, MAX_RELATIONS);

	INSTR_TIME_SET_CURRENT(s.start);
	interests = rank_relations(&s);
	for (int i = 0; i < n; i++)
	{
		for (int k = 0; k < lengthof(near_makers); k++)
			offer_made(&s, near_makers[k], interests[i].relation);
	}
	return s.result;
}
