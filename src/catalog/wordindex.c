/*-------------------------------------------------------------------------
 *
 * wordindex.c
 *		The strings of a snapshot, each once, and the index from stems to the
 *		names, comments and synonyms that they stand in.
 *
 * A name is split into stems once, however many columns bear it.  Postings are
 * collected in the order of relations and columns, then sorted by stem, which
 * keeps that order.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/builder.h"
#include "common/hashfn.h"
#include "common/words.h"
#include "utils/memutils.h"

/* strings, each once */
typedef struct StringEntry
{
	const char *key; /* in the arena */
	uint32 hash;
	int id;
	char status;
} StringEntry;

#define SH_PREFIX         strings
#define SH_ELEMENT_TYPE   StringEntry
#define SH_KEY_TYPE       const char *
#define SH_KEY            key
#define SH_HASH_KEY(t, k) hash_bytes((const unsigned char *) (k), strlen(k))
#define SH_EQUAL(t, a, b) (strcmp(a, b) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(t, a) (a)->hash
#define SH_SCOPE          static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#define ARENA_FIRST_BLOCK (4 * 1024)
#define ARENA_BLOCK       (64 * 1024)

static char *
arena_alloc(Builder *builder, Size size)
{
	char *result;

	if (size > builder->arena_left)
	{
		Size block = builder->arena == NULL ? ARENA_FIRST_BLOCK : ARENA_BLOCK;

		if (size > block / 4)
			return MemoryContextAlloc(builder->snapshot->context, size);
		builder->arena = MemoryContextAlloc(builder->snapshot->context, block);
		builder->arena_left = block;
	}
	result = builder->arena;
	builder->arena += size;
	builder->arena_left -= size;
	return result;
}

const char *
builder_string(Builder *builder, const char *string)
{
	Size size = strlen(string) + 1;

	return memcpy(arena_alloc(builder, size), string, size);
}

/* makes room for one more element of a temporary array */
static void *
grow(Builder *builder, void *array, int count, int *allocated, Size element)
{
	if (count < *allocated)
		return array;
	*allocated = *allocated == 0 ? 256 : *allocated * 2;
	if (array == NULL)
		return MemoryContextAllocHuge(builder->temp, *allocated * element);
	return repalloc_huge(array, *allocated * element);
}

void
builder_begin_words(Builder *builder)
{
	builder->name_start = grow(builder, NULL, 0, &builder->name_allocated, sizeof(int));
	builder->name_stems = grow(builder, NULL, 0, &builder->name_stems_allocated, sizeof(int));
	builder->strings = strings_create(builder->temp, 1024, NULL);
	builder->stems = strings_create(builder->temp, 1024, NULL);
}

static int
intern_stem(Builder *builder, const char *stem)
{
	bool found;
	StringEntry *entry = strings_insert(builder->stems, stem, &found);

	if (!found)
	{
		entry->key = builder_string(builder, stem);
		entry->id = builder->nstems;
		builder->stem_names = grow(builder, builder->stem_names, builder->nstems,
								   &builder->stem_allocated, sizeof(char *));
		builder->stem_names[builder->nstems++] = entry->key;
	}
	return entry->id;
}

/*
 * Appends the distinct stems of the words to the list of the name that is
 * being interned.
 */
static void
append_name_stems(Builder *builder, List *words, int start)
{
	ListCell *lc;

	foreach (lc, words)
	{
		int stem = intern_stem(builder, (const char *) lfirst(lc));
		bool seen = false;

		for (int i = start; i < builder->nname_stems && !seen; i++)
			seen = builder->name_stems[i] == stem;
		if (seen)
			continue;
		builder->name_stems = grow(builder, builder->name_stems, builder->nname_stems,
								   &builder->name_stems_allocated, sizeof(int));
		builder->name_stems[builder->nname_stems++] = stem;
	}
}

/*
 * The one copy of a string.  Where stems are wanted, all callers for that
 * string must want the same, so comments and names have different tables:
 * comments are not interned at all.
 */
const char *
builder_name(Builder *builder, const char *name, int *id)
{
	bool found;
	StringEntry *entry = strings_insert(builder->strings, name, &found);

	if (!found)
	{
		MemoryContext old = MemoryContextSwitchTo(builder->scratch);

		entry->key = builder_string(builder, name);
		entry->id = builder->nstrings++;
		builder->name_start = grow(builder, builder->name_start, builder->nstrings + 1,
								   &builder->name_allocated, sizeof(int));
		builder->name_start[entry->id] = builder->nname_stems;
		append_name_stems(builder, words_of_identifier(name), builder->nname_stems);
		builder->name_start[entry->id + 1] = builder->nname_stems;
		MemoryContextSwitchTo(old);
		if (builder->nstrings % 256 == 0)
			MemoryContextReset(builder->scratch);
	}
	if (id != NULL)
		*id = entry->id;
	return entry->key;
}

static void
add_posting(Builder *builder, int stem, int relation, int column, WordSource source, int nwords)
{
	WordPosting *posting;
	int allocated = builder->posting_allocated;

	builder->postings = grow(builder, builder->postings, builder->nposting,
							 &builder->posting_allocated, sizeof(WordPosting));
	builder->posting_stems =
		grow(builder, builder->posting_stems, builder->nposting, &allocated, sizeof(int));
	posting = &builder->postings[builder->nposting];
	posting->relation = relation;
	posting->column = column;
	posting->source = source;
	posting->nwords = Min(nwords, 255);
	builder->posting_stems[builder->nposting++] = stem;
}

void
builder_post_name(Builder *builder, int name_id, int relation, int column)
{
	int start = builder->name_start[name_id];
	int end = builder->name_start[name_id + 1];

	for (int i = start; i < end; i++)
		add_posting(builder, builder->name_stems[i], relation, column, WORD_IN_NAME, end - start);
}

/* words that say nothing of what a table holds */
static bool
is_filler(const char *word)
{
	static const char *const fillers[] = {
		"a",  "an",  "and", "are", "as", "at",   "be",  "by",   "for", "from", "in",    "is",
		"it", "its", "of",  "on",  "or", "that", "the", "this", "to",  "was",  "which", "with"};
	int low = 0;
	int high = lengthof(fillers) - 1;

	while (low <= high)
	{
		int middle = (low + high) / 2;
		int order = strcmp(word, fillers[middle]);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return false;
}

void
builder_post_text(Builder *builder, List *words, int relation, int column, WordSource source)
{
	int first = builder->nposting;
	int nwords = list_length(words);
	ListCell *lc;

	foreach (lc, words)
	{
		const char *word = (const char *) lfirst(lc);
		bool seen = false;
		int stem;

		if (source == WORD_IN_COMMENT && is_filler(word))
			continue;
		stem = intern_stem(builder, word);
		for (int i = first; i < builder->nposting && !seen; i++)
			seen = builder->posting_stems[i] == stem;
		if (!seen)
			add_posting(builder, stem, relation, column, source, nwords);
	}
}

static int
compare_names(const void *a, const void *b, void *arg)
{
	const char **names = arg;

	return strcmp(names[*(const int *) a], names[*(const int *) b]);
}

/*
 * Sorts the stems and, stably, the postings by them.
 */
void
builder_sort_postings(Builder *builder)
{
	CatalogSnapshot *snapshot = builder->snapshot;
	int nstems = builder->nstems;
	int *order = MemoryContextAllocHuge(builder->temp, Max(nstems, 1) * sizeof(int));
	int *next;

	for (int i = 0; i < nstems; i++)
		order[i] = i;
	if (nstems > 1)
		qsort_arg(order, nstems, sizeof(int), compare_names, builder->stem_names);
	next = MemoryContextAllocHuge(builder->temp, Max(nstems, 1) * sizeof(int));
	memset(next, 0, nstems * sizeof(int));
	for (int i = 0; i < builder->nposting; i++)
		next[builder->posting_stems[i]]++;

	snapshot->nstems = nstems;
	snapshot->stems = MemoryContextAllocHuge(snapshot->context, Max(nstems, 1) * sizeof(char *));
	snapshot->stem_start = MemoryContextAllocHuge(snapshot->context, (nstems + 1) * sizeof(int));
	snapshot->postings =
		MemoryContextAllocHuge(snapshot->context, Max(builder->nposting, 1) * sizeof(WordPosting));
	snapshot->stem_start[0] = 0;
	for (int i = 0; i < nstems; i++)
	{
		int count = next[order[i]];

		snapshot->stems[i] = builder->stem_names[order[i]];
		snapshot->stem_start[i + 1] = snapshot->stem_start[i] + count;
		next[order[i]] = snapshot->stem_start[i];
	}
	for (int i = 0; i < builder->nposting; i++)
		snapshot->postings[next[builder->posting_stems[i]]++] = builder->postings[i];
}
