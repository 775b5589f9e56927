/*-------------------------------------------------------------------------
 *
 * retrieve.c
 *		Which relations of a snapshot a model has to be shown for a question.
 *
 * Ranks by BM25 over the snapshot's own word index (names split into words,
 * comments, synonyms) with a weight for each kind of place, then by stored
 * values that stand in the question, then lets relations that are joined to
 * good ones share their score: a table that links two others is named by no
 * question.
 *
 * A relation that is left out of a prompt can not be used, so the ranking does
 * not decide between all and nothing: the best are said in full, the next with
 * their columns, many more by name.
 *
 * Nothing here fails but for a cancel; values that could not be read in time
 * only make the ranking poorer.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "catalog/retrieve.h"
#include "catalog/snapshot_private.h"
#include "common/words.h"
#include "miscadmin.h"

/* saturation of BM25, and how much a wide table is held against itself */
#define BM25_K 1.2
#define BM25_B 0.3

#define WEIGHT_TABLE_NAME     3.0
#define WEIGHT_TABLE_COMMENT  1.2
#define WEIGHT_COLUMN_NAME    1.2
#define WEIGHT_COLUMN_COMMENT 0.6
/* a table all of whose name is in the question: "author", and not author_ledger_2 */
#define WEIGHT_WHOLE_NAME 8.0
#define WEIGHT_VALUE      4.0
#define WEIGHT_SEED       6.0
/* a word that stands in no name counts as the one that it may be a misspelling of, for so much */
#define WEIGHT_SIMILAR 0.6

/* what a neighbour gets: of the relation that it points to, and of one that points to it */
#define SHARE_REFERENCED  0.35
#define SHARE_REFERENCING 0.25
#define SHARING_RELATIONS 16

/* values of one phrase of the question */
#define MAX_VALUES 6

#define MAX_WORDS        64
#define MAX_PHRASE_WORDS 4
/* whose values are read where there are too many relations to read all */
#define VALUE_RELATIONS 12

#define MAX_FULL    14
#define MAX_COLUMNS 40
#define MAX_NAMES   200
/* where the question leads to fewer relations, others are named too */
#define MIN_RANKED 5
/* below this share of the best score a relation is not worth its columns */
#define FULL_SCORE_SHARE    0.12
#define COLUMNS_SCORE_SHARE 0.02
/* of the budget, so that one level leaves something to the next */
#define FULL_BUDGET    0.70
#define COLUMNS_BUDGET 0.90

typedef struct Ranking
{
	AskSnapshot *snapshot;
	const CatalogSnapshot *whole;
	float *score;
	float *frequency; /* of the word that is being looked at */
	int *touched;
	int ntouched;
	uint8 *named; /* words of the relation's name that were in the question */
	double mean_columns;
	List *values; /* RetrievedValue * */
} Ranking;

/* words of questions that lead nowhere */
static bool
is_question_word(const char *stem)
{
	static const char *const words[] = {
		"a",    "all",  "an",   "and",  "any",   "are",   "as",    "at",    "be",    "by",
		"can",  "did",  "do",   "doe",  "each",  "find",  "for",   "from",  "get",   "give",
		"ha",   "had",  "have", "how",  "i",     "in",    "is",    "it",    "list",  "many",
		"me",   "more", "most", "much", "my",    "of",    "on",    "or",    "our",   "per",
		"show", "tell", "than", "that", "the",   "them",  "there", "to",    "their", "was",
		"we",   "were", "what", "when", "where", "which", "who",   "whose", "with",  "you"};

	for (int i = 0; i < lengthof(words); i++)
		if (strcmp(stem, words[i]) == 0)
			return true;
	return false;
}

static double
posting_weight(const Ranking *ranking, const WordPosting *posting)
{
	const SnapshotRelation *relation = &ranking->snapshot->relations[posting->relation];
	/* a word says more of a short name than of a long comment */
	double brevity = 0.4 + 0.6 / Max(1, posting->nwords);
	double width = 1 - BM25_B + BM25_B * relation->ncolumns / ranking->mean_columns;

	if (posting->column < 0)
		return posting->source == WORD_IN_COMMENT ? WEIGHT_TABLE_COMMENT
												  : WEIGHT_TABLE_NAME * brevity;
	if (posting->source == WORD_IN_COMMENT)
		return WEIGHT_COLUMN_COMMENT / width;
	return WEIGHT_COLUMN_NAME * brevity / width;
}

static void
add_frequency(Ranking *ranking, int relation, double weight)
{
	if (ranking->frequency[relation] == 0)
		ranking->touched[ranking->ntouched++] = relation;
	ranking->frequency[relation] += weight;
}

/* the word's postings were collected: turn them into scores */
static void
finish_word(Ranking *ranking, double weight)
{
	int total = ranking->snapshot->nrelations;
	int with = ranking->ntouched;
	double rarity = log(1 + (total - with + 0.5) / (with + 0.5));

	for (int i = 0; i < ranking->ntouched; i++)
	{
		int relation = ranking->touched[i];
		double frequency = ranking->frequency[relation];

		ranking->score[relation] +=
			weight * rarity * frequency * (BM25_K + 1) / (frequency + BM25_K);
		ranking->frequency[relation] = 0;
	}
	ranking->ntouched = 0;
}

static bool
collect_stem(Ranking *ranking, const char *stem)
{
	int count;
	const WordPosting *postings = snapshot_find_word(ranking->snapshot, stem, &count);

	for (int i = 0; i < count; i++)
	{
		const WordPosting *posting = &postings[i];
		const SnapshotRelation *relation = &ranking->snapshot->relations[posting->relation];

		if (posting->column >= 0 && relation->columns[posting->column].is_private)
			continue;
		add_frequency(ranking, posting->relation, posting_weight(ranking, posting));
		if (posting->column < 0 && posting->source == WORD_IN_NAME &&
			++ranking->named[posting->relation] == posting->nwords)
			ranking->score[posting->relation] += WEIGHT_WHOLE_NAME;
	}
	return count > 0;
}

/* first stem that is not below the text */
static int
stem_lower_bound(const CatalogSnapshot *whole, const char *text)
{
	int low = 0;
	int high = whole->nstems;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (strcmp(whole->stems[middle], text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Stems that begin with the word, begin it, or differ by one letter: looked
 * for among those that share its first letter.
 */
static bool
collect_similar(Ranking *ranking, const char *stem)
{
	const CatalogSnapshot *whole = ranking->whole;
	size_t length = strlen(stem);
	char first[2] = {stem[0], '\0'};
	bool found = false;

	if (length < 4)
		return false;
	for (int i = stem_lower_bound(whole, first); i < whole->nstems && whole->stems[i][0] == stem[0];
		 i++)
	{
		const char *other = whole->stems[i];
		size_t other_length = strlen(other);
		size_t shared = Min(length, other_length);

		if (other_length < 3)
			continue;
		if (strncmp(stem, other, shared) == 0 ||
			(length >= 5 && other_length + 1 >= length && other_length <= length + 1 &&
			 word_distance(stem, other, 1) <= 1))
			found |= collect_stem(ranking, other);
	}
	return found;
}

static void
score_words(Ranking *ranking, char **stems, int nstems)
{
	for (int i = 0; i < nstems; i++)
	{
		bool repeated = is_question_word(stems[i]);

		for (int k = 0; k < i && !repeated; k++)
			repeated = strcmp(stems[k], stems[i]) == 0;
		if (repeated)
			continue;
		if (collect_stem(ranking, stems[i]))
			finish_word(ranking, 1.0);
		else if (collect_similar(ranking, stems[i]))
			finish_word(ranking, WEIGHT_SIMILAR);
		/* "work orders" may be the table workorders */
		if (i + 1 < nstems && collect_stem(ranking, psprintf("%s%s", stems[i], stems[i + 1])))
			finish_word(ranking, 1.0);
	}
}

/*
 * Takes the values that were found for some words.  Returns whether there is
 * any that may be spoken of.
 */
static bool
take_values(Ranking *ranking, const char *words, const ValuePosting *postings, int count)
{
	int taken = 0;

	for (int i = 0; i < count; i++)
	{
		const ValuePosting *posting = &postings[i];
		const SnapshotRelation *relation = &ranking->snapshot->relations[posting->relation];
		RetrievedValue *value;

		if (relation->columns[posting->column].is_private)
			continue;
		ranking->score[posting->relation] += WEIGHT_VALUE / (1 + log(count));
		if (taken++ >= MAX_VALUES)
			continue;
		value = palloc(sizeof(RetrievedValue));
		value->relation = posting->relation;
		value->column = posting->column;
		value->value = posting->value;
		value->words = words;
		ranking->values = lappend(ranking->values, value);
	}
	return taken > 0;
}

/*
 * Stored values that stand in the question, the longest ones first; a word
 * counts for one value only.  A word that is in no name may be a part of one.
 */
static void
score_values(Ranking *ranking, char **words, int nwords)
{
	bool *used = palloc0(Max(nwords, 1) * sizeof(bool));
	const ValuePosting *postings;
	int count;
	bool incomplete;

	for (int length = Min(MAX_PHRASE_WORDS, nwords); length > 0; length--)
	{
		for (int start = 0; start + length <= nwords; start++)
		{
			char *phrase = words[start];
			bool taken = false;

			for (int i = start; i < start + length; i++)
				taken |= used[i];
			if (taken || (length == 1 && (strlen(phrase) < 3 || is_question_word(phrase))))
				continue;
			for (int i = start + 1; i < start + length; i++)
				phrase = psprintf("%s %s", phrase, words[i]);
			postings = snapshot_find_value(ranking->snapshot, phrase, &count, &incomplete);
			if (take_values(ranking, phrase, postings, count))
				memset(&used[start], true, length * sizeof(bool));
		}
	}
	for (int i = 0; i < nwords; i++)
	{
		if (used[i] || strlen(words[i]) < 4 || is_question_word(words[i]))
			continue;
		(void) snapshot_find_word(ranking->snapshot, word_stem(words[i]), &count);
		if (count > 0)
			continue;
		postings = snapshot_find_value_part(ranking->snapshot, words[i], &count, &incomplete);
		(void) take_values(ranking, words[i], postings, count);
	}
}

static int
compare_ranked(const void *a, const void *b)
{
	const RankedRelation *x = a;
	const RankedRelation *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->relation < y->relation ? -1 : x->relation > y->relation;
}

static RankedRelation *
sort_relations(const Ranking *ranking)
{
	int count = ranking->snapshot->nrelations;
	RankedRelation *result =
		MemoryContextAllocHuge(CurrentMemoryContext, Max(count, 1) * sizeof(RankedRelation));

	for (int i = 0; i < count; i++)
	{
		result[i].relation = i;
		result[i].score = ranking->score[i];
	}
	qsort(result, count, sizeof(RankedRelation), compare_ranked);
	return result;
}

/* the values of the best ones are read where there are too many to read all */
static void
name_relations_for_values(const Ranking *ranking)
{
	RankedRelation *ranked;
	int relations[VALUE_RELATIONS];
	int count = 0;

	if (ranking->snapshot->nrelations <= SNAPSHOT_PROFILE_ALL)
		return;
	ranked = sort_relations(ranking);
	while (count < VALUE_RELATIONS && ranked[count].score > 0)
	{
		relations[count] = ranked[count].relation;
		count++;
	}
	snapshot_profile_relations(ranking->snapshot, relations, count);
}

/*
 * Relations that are joined to good ones get a share of their score, the
 * smaller the more such neighbours there are; one between two good ones gets
 * both.  From the scores as they were, so that the order plays no part.
 */
static void
share_with_neighbours(Ranking *ranking)
{
	RankedRelation *ranked = sort_relations(ranking);

	for (int i = 0; i < Min(SHARING_RELATIONS, ranking->snapshot->nrelations); i++)
	{
		int relation = ranked[i].relation;
		int count;
		const int *edges;

		if (ranked[i].score <= 0)
			break;
		edges = snapshot_edges_of(ranking->snapshot, relation, &count);
		for (int k = 0; k < count; k++)
		{
			const SnapshotEdge *edge = &ranking->snapshot->edges[edges[k]];
			bool points = edge->from == relation;
			int other = points ? edge->to : edge->from;
			double share = points ? SHARE_REFERENCED : SHARE_REFERENCING / sqrt(count);

			if (other != relation)
				ranking->score[other] += ranked[i].score * share * edge->score;
		}
	}
}

/* question as folded words, cut at MAX_WORDS */
static int
split_words(const char *question, char **words)
{
	char *text = words_fold_phrase(question);
	int count = 0;
	char *save = NULL;

	for (char *word = strtok_r(text, " ", &save); word != NULL && count < MAX_WORDS;
		 word = strtok_r(NULL, " ", &save))
		words[count++] = word;
	return count;
}

static int
split_stems(const char *question, char **stems)
{
	int count = 0;
	ListCell *lc;

	foreach (lc, words_of_text(question))
	{
		if (count >= MAX_WORDS)
			break;
		stems[count++] = lfirst(lc);
	}
	return count;
}

static double
mean_columns(const AskSnapshot *snapshot)
{
	double sum = 0;

	for (int i = 0; i < snapshot->nrelations; i++)
		sum += snapshot->relations[i].ncolumns;
	return Max(1, sum / Max(1, snapshot->nrelations));
}

Retrieval *
retrieve_rank(AskSnapshot *snapshot, const char *question, List *seeds)
{
	int count = Max(snapshot->nrelations, 1);
	Retrieval *result = palloc(sizeof(Retrieval));
	Ranking ranking = {.snapshot = snapshot, .whole = snapshot->private_data};
	char *words[MAX_WORDS];
	int nwords;
	ListCell *lc;

	ranking.score = palloc0(count * sizeof(float));
	ranking.frequency = palloc0(count * sizeof(float));
	ranking.touched = palloc(count * sizeof(int));
	ranking.named = palloc0(count * sizeof(uint8));
	ranking.mean_columns = mean_columns(snapshot);

	nwords = split_stems(question, words);
	score_words(&ranking, words, nwords);
	foreach (lc, seeds)
		ranking.score[lfirst_int(lc)] += WEIGHT_SEED;
	name_relations_for_values(&ranking);
	nwords = split_words(question, words);
	score_values(&ranking, words, nwords);
	CHECK_FOR_INTERRUPTS();
	share_with_neighbours(&ranking);
	result->ranked = sort_relations(&ranking);
	result->values = ranking.values;
	return result;
}

/* the filling of levels */
typedef struct Filling
{
	uint8 *levels;
	Size used;
	Size budget;
	RetrieveSize size;
	void *arg;
} Filling;

static bool
fill(Filling *filling, int relation, RetrieveLevel level, double share)
{
	Size size = filling->size(filling->arg, relation, level);

	if (filling->used + size > filling->budget * share)
		return false;
	filling->used += size;
	filling->levels[relation] = level;
	return true;
}

static bool
has_public_column(const SnapshotRelation *relation)
{
	for (int i = 0; i < relation->ncolumns; i++)
		if (!relation->columns[i].is_private)
			return true;
	return false;
}

/* the most that the relation's place in the ranking allows */
static RetrieveLevel
deserved_level(float score, float best, const int *given)
{
	if (score > 0 && score >= best * FULL_SCORE_SHARE && given[RETRIEVE_FULL] < MAX_FULL)
		return RETRIEVE_FULL;
	if (score > 0 && score >= best * COLUMNS_SCORE_SHARE && given[RETRIEVE_COLUMNS] < MAX_COLUMNS)
		return RETRIEVE_COLUMNS;
	return given[RETRIEVE_NAME] < MAX_NAMES ? RETRIEVE_NAME : RETRIEVE_NOT;
}

uint8 *
retrieve_levels(AskSnapshot *snapshot, const RankedRelation *ranked, List *wanted, Size budget,
				RetrieveSize size, void *arg)
{
	static const double shares[] = {0, 1.0, COLUMNS_BUDGET, FULL_BUDGET};
	Filling filling = {.budget = budget, .size = size, .arg = arg};
	int given[RETRIEVE_FULL + 1] = {0};
	ListCell *lc;

	filling.levels = palloc0(Max(snapshot->nrelations, 1));
	foreach (lc, wanted)
	{
		int relation = lfirst_int(lc);

		if (filling.levels[relation] == RETRIEVE_NOT &&
			has_public_column(&snapshot->relations[relation]))
			(void) fill(&filling, relation, RETRIEVE_FULL, 1.0);
	}
	for (int i = 0; i < snapshot->nrelations; i++)
	{
		int relation = ranked[i].relation;
		RetrieveLevel level = deserved_level(ranked[i].score, ranked[0].score, given);

		/* names of things that the question does not touch help only where there are few */
		if (level == RETRIEVE_NOT ||
			(ranked[i].score == 0 && i >= MIN_RANKED && snapshot->nrelations > MAX_NAMES))
			break;
		if (filling.levels[relation] != RETRIEVE_NOT ||
			!has_public_column(&snapshot->relations[relation]))
			continue;
		while (level > RETRIEVE_NOT && !fill(&filling, relation, level, shares[level]))
			level--;
		if (level == RETRIEVE_NOT)
			break;
		given[level]++;
	}
	return filling.levels;
}
