/*-------------------------------------------------------------------------
 *
 * memory_nearest.c
 *		The verified examples whose questions are most like another one.
 *
 * Ranked by BM25 over the stems of the questions: a word that few examples
 * have counts for more, one that a long question has for less.  Equal scores
 * go by the newer example, then by its id, so that the same memory always gives
 * the same list.  Reads at most MAX_EXAMPLES of the asking role's.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "common/words.h"
#include "miscadmin.h"
#include "translate/memory_int.h"

#define MAX_EXAMPLES 5000
#define MAX_WORDS    64

/* the usual constants of BM25 */
#define SATURATION 1.2
#define LENGTH     0.75

typedef struct Scored
{
	const MemoryEntry *entry;
	List *words; /* char *, distinct */
	double score;
	int place; /* newest first */
} Scored;

static bool
has_word(List *words, const char *word)
{
	ListCell *lc;

	foreach (lc, words)
		if (strcmp(lfirst(lc), word) == 0)
			return true;
	return false;
}

static List *
distinct_words(const char *text)
{
	List *result = NIL;
	ListCell *lc;

	foreach (lc, words_of_text(text))
	{
		if (list_length(result) >= MAX_WORDS)
			break;
		if (!has_word(result, lfirst(lc)))
			result = lappend(result, lfirst(lc));
	}
	return result;
}

/* examples that can serve now */
static int
collect_examples(AskSnapshot *snapshot, Scored **result)
{
	MemoryScope scope = memory_scope(snapshot->role);
	List *found = memory_read_scope(MEMORY_EXAMPLES_OF_SCOPE, &scope, MAX_EXAMPLES);
	Scored *examples = palloc(sizeof(Scored) * Max(list_length(found), 1));
	int n = 0;
	ListCell *lc;

	foreach (lc, found)
	{
		const MemoryEntry *entry = lfirst(lc);

		if (!memory_serves(entry, &scope) || (entry->dated && entry->only_on != memory_today()))
			continue;
		examples[n].entry = entry;
		examples[n].words = distinct_words(entry->question);
		examples[n].score = 0;
		examples[n].place = n;
		n++;
	}
	*result = examples;
	return n;
}

static void
score_word(Scored *examples, int n, const char *word, double mean_length)
{
	bool *has = palloc(sizeof(bool) * Max(n, 1));
	int having = 0;
	double weight;

	for (int i = 0; i < n; i++)
	{
		has[i] = has_word(examples[i].words, word);
		having += has[i];
	}
	weight = log(1 + (n - having + 0.5) / (having + 0.5));
	for (int i = 0; i < n; i++)
	{
		double length = list_length(examples[i].words) / mean_length;

		if (has[i])
			examples[i].score +=
				weight * (SATURATION + 1) / (1 + SATURATION * (1 - LENGTH + LENGTH * length));
	}
	pfree(has);
}

static int
compare_scores(const void *a, const void *b)
{
	const Scored *x = a;
	const Scored *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->place - y->place;
}

List *
memory_nearest_examples(AskSnapshot *snapshot, const char *question, int count)
{
	Scored *examples;
	int n = collect_examples(snapshot, &examples);
	double words = 0;
	List *result = NIL;
	ListCell *lc;

	if (n == 0 || count <= 0)
		return NIL;
	for (int i = 0; i < n; i++)
		words += list_length(examples[i].words);
	foreach (lc, distinct_words(question))
	{
		CHECK_FOR_INTERRUPTS();
		score_word(examples, n, lfirst(lc), Max(words / n, 1));
	}
	qsort(examples, n, sizeof(Scored), compare_scores);
	for (int i = 0; i < n && list_length(result) < count && examples[i].score > 0; i++)
	{
		MemoryExample *example;

		if (memory_missing(examples[i].entry, snapshot->role) != NULL)
			continue;
		example = palloc(sizeof(MemoryExample));
		example->question = examples[i].entry->question;
		example->sql = examples[i].entry->sql;
		result = lappend(result, example);
	}
	return result;
}
