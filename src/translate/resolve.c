/*-------------------------------------------------------------------------
 *
 * resolve.c
 *		Chooses for every mention of a question which relation or column it means.
 *
 * A beam search over all mentions together: a choice is good when the words
 * name it well, when its type fits its role (a sum needs a number), and when it
 * lies near the other choices over relationships.  The distance of the second
 * best reading is the translator's doubt.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "miscadmin.h"
#include "translate/query.h"

#define BEAM_WIDTH     24
#define DISTANCE_PRICE 0.10f
#define UNREACHABLE    3.0f
/* "their name" is the name of what the rows are */
#define SUBJECT_BONUS 0.03f
/* "by transaction type and status": what stands side by side is of one thing */
#define NEIGHBOUR_BONUS 0.021f
/* readings nearer than this to the best are worth telling */
#define NEAR_MARGIN  0.07f
#define MAX_READINGS 4

typedef struct BeamReading
{
	float score;
	int8 choice[MAX_MENTIONS]; /* index into options, -1 = none */
} BeamReading;

typedef struct DistanceCache
{
	AskSnapshot *snapshot;
	int n;
	struct
	{
		int from;
		int to;
		float distance;
	} known[512];
} DistanceCache;

static float
cached_distance(DistanceCache *cache, int a, int b)
{
	float distance;

	if (a == b)
		return 0;
	for (int i = 0; i < cache->n; i++)
	{
		if ((cache->known[i].from == a && cache->known[i].to == b) ||
			(cache->known[i].from == b && cache->known[i].to == a))
			return cache->known[i].distance;
	}
	distance = join_distance(cache->snapshot, a, b);
	if (distance < 0)
		distance = UNREACHABLE / DISTANCE_PRICE;
	if (cache->n < (int) lengthof(cache->known))
	{
		cache->known[cache->n].from = a;
		cache->known[cache->n].to = b;
		cache->known[cache->n].distance = distance;
		cache->n++;
	}
	return distance;
}

/*
 * A name that is summed, averaged, ranked by.
 */
static float
score_as_measure(const AskSnapshot *snapshot, const Mention *m, const Candidate *c)
{
	const SnapshotColumn *column = candidate_column(snapshot, c);
	bool counts = m->aggregate == AGGREGATE_COUNT || m->aggregate == AGGREGATE_COUNT_DISTINCT ||
				  (m->whole_things &&
				   (m->aggregate == AGGREGATE_NONE || (m->aggregate == AGGREGATE_AVG && !column)));

	if (m->element && m->element->elapsed)
		return counts ? -1 : c->score;
	if (counts)
	{
		if (!column)
			return c->score + 0.1f;
		if (column->in_primary_key || column->unique_alone)
			return c->score;
		if (column->type_class == TYPE_CLASS_BOOLEAN || column->type_class == TYPE_CLASS_JSON)
			return -1;
		if (type_class_is_time(column->type_class))
			return c->score - 0.4f;
		/* "invoices" are told apart by their number */
		if (column_named_like(column, "id number no code key"))
			return c->score + 0.05f;
		/* "number of references" may be a column that holds that number */
		return c->score - 0.08f;
	}
	if (!column)
	{
		if (m->role == ROLE_RANK)
			return c->score - 0.25f;
		return default_measure(snapshot, c->relation) >= 0 ? c->score - 0.25f : -1;
	}
	if (m->aggregate == AGGREGATE_MIN || m->aggregate == AGGREGATE_MAX ||
		(m->role == ROLE_RANK && m->aggregate == AGGREGATE_NONE))
	{
		if (type_class_is_time(column->type_class) || column->type_class == TYPE_CLASS_INTERVAL)
			return c->score;
	}
	if (!type_class_is_numeric(column->type_class))
		return -1;
	if (!column_is_measure(snapshot, c->relation, c->column))
		return c->score - 0.5f;
	return c->score;
}

static float
score_as_filter(const AskSnapshot *snapshot, const Mention *m, const Candidate *c)
{
	const SnapshotColumn *column = candidate_column(snapshot, c);

	switch (m->filter.kind)
	{
		case FILTER_VALUES:
			return c->score;
		case FILTER_AMONG:
			return c->score;
		case FILTER_SAME:
			return c->score;
		case FILTER_AVERAGE:
		case FILTER_BEYOND:
			return column && column_is_measure(snapshot, c->relation, c->column) ? c->score : -1;
		case FILTER_COMPARE:
		case FILTER_BETWEEN:
			if (!column)
				return m->whole_things || m->filter.aggregate != AGGREGATE_NONE ? c->score : -1;
			return type_class_is_numeric(column->type_class) || (m->element && m->element->elapsed)
					   ? c->score
					   : -1;
		case FILTER_TIME:
			if (!column)
				return -1;
			return type_class_is_time(column->type_class) ? c->score : -1;
		case FILTER_MATCH:
			if (!column)
				return label_columns(snapshot, c->relation) != NIL ? c->score - 0.1f : -1;
			return column->type_class == TYPE_CLASS_TEXT ? c->score : -1;
		case FILTER_TRUE:
			return column && column->type_class == TYPE_CLASS_BOOLEAN ? c->score : -1;
		case FILTER_NULL:
		case FILTER_ANY:
		case FILTER_EXISTS:
			return column ? c->score : -1;
	}
	return -1;
}

/* how well the candidate serves the mention's role; negative = not at all */
static float
score_option(const AskSnapshot *snapshot, const Mention *m, const Candidate *c)
{
	const SnapshotColumn *column = candidate_column(snapshot, c);

	switch (m->role)
	{
		case ROLE_MEASURE:
		case ROLE_RANK:
			return score_as_measure(snapshot, m, c);
		case ROLE_FILTER:
			return score_as_filter(snapshot, m, c);
		case ROLE_GROUP:
			if (column && column_is_measure(snapshot, c->relation, c->column))
				return c->score - 0.4f;
			if (column && column->type_class == TYPE_CLASS_JSON)
				return -1;
			return c->score;
		case ROLE_WITHOUT:
		case ROLE_QUALIFIER:
			return column ? c->score - 0.1f : c->score;
		case ROLE_OUTPUT:
			if (m->leading && !column)
				return c->score + 0.05f;
			return c->score;
		case ROLE_ORDER:
			return c->score;
	}
	return -1;
}

/* the price of the candidate's distance from what is chosen already */
static float
distance_price(DistanceCache *cache, const QuestionScan *scan, const BeamReading *reading, int upto,
			   const int *order, const Candidate *c)
{
	float nearest = -1;
	bool subject = false;
	bool neighbour = false;

	for (int i = 0; i < upto; i++)
	{
		const Mention *other = &scan->mentions[order[i]];
		int choice = reading->choice[order[i]];
		float distance;

		if (choice < 0)
			continue;
		distance = cached_distance(cache, other->options.items[choice].relation, c->relation);
		if (nearest < 0 || distance < nearest)
			nearest = distance;
		subject |= distance == 0 && (other->leading || other->role == ROLE_GROUP);
		neighbour |= distance == 0 && abs(order[i] - order[upto]) == 1;
	}
	return nearest < 0 ? 0
					   : nearest * DISTANCE_PRICE - (subject ? SUBJECT_BONUS : 0) -
							 (neighbour ? NEIGHBOUR_BONUS : 0);
}

static void
keep_reading(BeamReading *beam, int *n, int width, const BeamReading *reading)
{
	int at = *n;

	while (at > 0 && beam[at - 1].score < reading->score)
		at--;
	if (at >= width)
		return;
	if (*n < width)
		(*n)++;
	memmove(&beam[at + 1], &beam[at], sizeof(BeamReading) * (*n - at - 1));
	beam[at] = *reading;
}

/* the surest mentions first: they are the ground that the others stand on */
static void
order_mentions(const QuestionScan *scan, int *order)
{
	float best[MAX_MENTIONS];

	for (int i = 0; i < scan->count; i++)
	{
		const CandidateList *options = &scan->mentions[i].options;
		int at = i;

		best[i] = 0;
		if (options->count > 0)
			best[i] = options->items[0].score - 0.02f * options->count;
		while (at > 0 && best[order[at - 1]] < best[i])
		{
			order[at] = order[at - 1];
			at--;
		}
		order[at] = i;
	}
}

/*
 * The relation or column of a reading, as it is told to the user.
 */
char *
reading_text(const AskSnapshot *snapshot, int relation, int column)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];

	if (column < 0)
		return psprintf("%s.%s", rel->schema, rel->name);
	return psprintf("%s.%s", rel->name, rel->columns[column].name);
}

/*
 * Where a reading nearly as good chose something else, tell it.
 */
static List *
find_ambiguities(const QuestionScan *scan, const BeamReading *beam, int n)
{
	List *result = NIL;
	AskSnapshot *snapshot = scan->in->snapshot;

	for (int m = 0; m < scan->count; m++)
	{
		const Mention *mention = &scan->mentions[m];
		Ambiguity *ambiguity = NULL;
		int8 seen[MAX_CANDIDATES] = {0};

		if (beam[0].choice[m] < 0 || !mention->element)
			continue;
		seen[beam[0].choice[m]] = 1;
		for (int i = 1; i < n && beam[i].score > beam[0].score - NEAR_MARGIN; i++)
		{
			int choice = beam[i].choice[m];

			if (choice < 0 || seen[choice] ||
				(ambiguity && list_length(ambiguity->readings) >= MAX_READINGS))
				continue;
			seen[choice] = 1;
			if (!ambiguity)
			{
				const Candidate *best = &mention->options.items[beam[0].choice[m]];

				ambiguity = palloc0(sizeof(Ambiguity));
				ambiguity->word = mention->element->text;
				ambiguity->readings =
					list_make1(reading_text(snapshot, best->relation, best->column));
			}
			ambiguity->readings = lappend(
				ambiguity->readings, reading_text(snapshot, mention->options.items[choice].relation,
												  mention->options.items[choice].column));
		}
		if (ambiguity)
			result = lappend(result, ambiguity);
	}
	return result;
}

bool
resolve_mentions(QuestionScan *scan, float *score, float *margin, List **ambiguities)
{
	AskSnapshot *snapshot = scan->in->snapshot;
	DistanceCache *cache = palloc0(sizeof(DistanceCache));
	BeamReading *beam = palloc(sizeof(BeamReading) * (BEAM_WIDTH + 1));
	BeamReading *next = palloc(sizeof(BeamReading) * (BEAM_WIDTH + 1));
	int order[MAX_MENTIONS];
	int nbeam = 1;

	cache->snapshot = snapshot;
	memset(&beam[0], 0, sizeof(BeamReading));
	memset(beam[0].choice, -1, sizeof(beam[0].choice));
	order_mentions(scan, order);

	for (int i = 0; i < scan->count; i++)
	{
		Mention *mention = &scan->mentions[order[i]];
		int nnext = 0;

		CHECK_FOR_INTERRUPTS();
		if (mention->options.count == 0)
			continue; /* a time unit, or an order by what is shown */
		for (int b = 0; b < nbeam; b++)
		{
			for (int o = 0; o < mention->options.count; o++)
			{
				const Candidate *c = &mention->options.items[o];
				float fit = score_option(snapshot, mention, c);
				BeamReading reading = beam[b];

				if (fit < 0)
					continue;
				reading.choice[order[i]] = o;
				reading.score += fit - distance_price(cache, scan, &beam[b], i, order, c);
				keep_reading(next, &nnext, BEAM_WIDTH, &reading);
			}
			if (mention->optional)
				keep_reading(next, &nnext, BEAM_WIDTH, &beam[b]);
		}
		if (nnext == 0)
		{
			if (mention->element)
				scan->not_understood = lappend(scan->not_understood, mention->element->text);
			return false;
		}
		memcpy(beam, next, sizeof(BeamReading) * nnext);
		nbeam = nnext;
	}

	for (int i = 0; i < scan->count; i++)
	{
		Mention *mention = &scan->mentions[i];

		mention->chosen.relation = -1;
		mention->chosen.column = -1;
		if (beam[0].choice[i] < 0)
		{
			/* a word that fits nothing is not understood, however dispensable */
			if (mention->optional && mention->element && mention->options.count > 0 &&
				mention->options.items[0].score >= 0.8f)
			{
				scan->not_understood = lappend(scan->not_understood, mention->element->text);
				return false;
			}
			continue;
		}
		mention->chosen = mention->options.items[(int) beam[0].choice[i]];
		mention->filter.column.relation = mention->chosen.relation;
		mention->filter.column.column = mention->chosen.column;
		if (mention->values)
			mention->filter.values = mention->values[(int) beam[0].choice[i]].values;
	}
	*score = beam[0].score;
	*margin = nbeam > 1 ? beam[0].score - beam[1].score : 1.0f;
	*ambiguities = find_ambiguities(scan, beam, nbeam);
	return true;
}
