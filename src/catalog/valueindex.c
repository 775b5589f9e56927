/*-------------------------------------------------------------------------
 *
 * valueindex.c
 *		From a phrase of the question to the stored values that it can mean.
 *
 * Each profile holds, sorted, the hashes of its folded values, and of the
 * words of values that have several ("Larry" -> "Larry Summers").  A phrase is
 * looked for in every profile in turn: a dozen comparisons each, and nothing
 * to be made anew when one of them is read again.  A hit is verified by
 * folding the stored value.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <ctype.h>

#include "catalog/profile.h"
#include "common/hashfn.h"
#include "common/words.h"

/* more words of one value than this are not looked for */
#define MAX_WORDS 8
/* more values than this are not gone through one by one: a few milliseconds */
#define MAX_VISITED 20000

typedef struct EntryList
{
	ValueEntry *entries;
	int count;
	int allocated;
} EntryList;

static uint32
hash_text(const char *text, Size len)
{
	return hash_bytes((const unsigned char *) text, len);
}

static void
add_entry(EntryList *list, uint32 hash, int column, int value)
{
	ValueEntry *entry;

	if (list->count >= list->allocated)
	{
		list->allocated *= 2;
		list->entries = repalloc(list->entries, list->allocated * sizeof(ValueEntry));
	}
	entry = &list->entries[list->count++];
	entry->hash = hash;
	entry->column = column;
	entry->value = value;
}

static void
add_value(EntryList *list, const char *folded, int column, int value)
{
	const char *word = folded;

	add_entry(list, hash_text(folded, strlen(folded)), column, value);
	if (strchr(folded, ' ') == NULL)
		return;
	for (int i = 0; *word != '\0' && i < MAX_WORDS; i++)
	{
		Size len = strcspn(word, " ");

		if (len > 1)
			add_entry(list, hash_text(word, len), column | VALUE_IS_WORD, value);
		word += len;
		word += strspn(word, " ");
	}
}

static int
compare_entries(const void *a, const void *b)
{
	uint32 x = ((const ValueEntry *) a)->hash;
	uint32 y = ((const ValueEntry *) b)->hash;

	return x < y ? -1 : x > y;
}

void
profile_index_values(RelationProfile *profile, MemoryContext context)
{
	EntryList list;

	list.count = 0;
	list.allocated = 256;
	list.entries = palloc(list.allocated * sizeof(ValueEntry));
	for (int c = 0; c < profile->ncolumns; c++)
	{
		const ColumnProfile *face = &profile->columns[c].face;

		for (int v = 0; v < face->nvalues; v++)
		{
			char *folded = words_fold_phrase(face->values[v]);

			add_value(&list, folded, c, v);
			pfree(folded);
		}
	}
	qsort(list.entries, list.count, sizeof(ValueEntry), compare_entries);
	profile->nentries = list.count;
	profile->entries = MemoryContextAlloc(context, Max(list.count, 1) * sizeof(ValueEntry));
	memcpy(profile->entries, list.entries, list.count * sizeof(ValueEntry));
	pfree(list.entries);
}

/* does the folded value hold the phrase as whole words? */
static bool
contains_words(const char *folded, const char *phrase)
{
	Size len = strlen(phrase);
	const char *hit = folded;

	while ((hit = strstr(hit, phrase)) != NULL)
	{
		if ((hit == folded || hit[-1] == ' ') && (hit[len] == ' ' || hit[len] == '\0'))
			return true;
		hit++;
	}
	return false;
}

static int
compare_postings(const void *a, const void *b)
{
	const ValuePosting *x = a;
	const ValuePosting *y = b;

	if (x->relation != y->relation)
		return x->relation < y->relation ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return strcmp(x->value, y->value);
}

typedef struct ValueSearch
{
	const char *phrase;
	bool partial;
	uint32 hash;
	ValuePosting *found;
	int count;
	int allocated;
} ValueSearch;

static void
add_posting(ValueSearch *search, int relation, int column, const char *value)
{
	if (search->count >= search->allocated)
	{
		search->allocated = search->allocated == 0 ? 4 : search->allocated * 2;
		search->found = search->found == NULL
							? palloc(search->allocated * sizeof(ValuePosting))
							: repalloc(search->found, search->allocated * sizeof(ValuePosting));
	}
	search->found[search->count].relation = relation;
	search->found[search->count].column = column;
	search->found[search->count++].value = value;
}

/* is it what was looked for, and not just of the same hash? */
static bool
verify(const ValueSearch *search, const char *value)
{
	char *folded = words_fold_phrase(value);
	bool whole = strcmp(folded, search->phrase) == 0;
	bool result = search->partial ? !whole && contains_words(folded, search->phrase) : whole;

	pfree(folded);
	return result;
}

static void
search_profile(ValueSearch *search, const AskSnapshot *face, const RelationProfile *profile)
{
	int relation = -1;
	int low = 0;
	int high = profile->nentries;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (profile->entries[middle].hash < search->hash)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < profile->nentries && profile->entries[low].hash == search->hash; low++)
	{
		const ValueEntry *entry = &profile->entries[low];
		const StoredProfile *stored = &profile->columns[entry->column & ~VALUE_IS_WORD];
		const char *value = stored->face.values[entry->value];
		int column;

		if (search->partial != ((entry->column & VALUE_IS_WORD) != 0) || !verify(search, value))
			continue;
		if (relation < 0)
			relation = snapshot_relation_by_oid(face, profile->relid);
		if (relation < 0)
			return;
		column = snapshot_column_by_attnum(&face->relations[relation], stored->attnum);
		if (column >= 0)
			add_posting(search, relation, column, value);
	}
}

/* a word may stand in a value twice */
static void
sort_found(ValueSearch *search)
{
	int kept = Min(search->count, 1);

	if (search->count > 1)
		qsort(search->found, search->count, sizeof(ValuePosting), compare_postings);
	for (int i = 1; i < search->count; i++)
		if (compare_postings(&search->found[i], &search->found[kept - 1]) != 0)
			search->found[kept++] = search->found[i];
	search->count = kept;
}

static const ValuePosting *
find_values(AskSnapshot *face, const char *phrase, bool partial, int *count, bool *incomplete)
{
	CatalogSnapshot *snapshot = face->private_data;
	ValueSearch search = {.phrase = phrase, .partial = partial};
	HASH_SEQ_STATUS status;
	RelationProfile *profile;

	*incomplete = !profile_read_all(snapshot) || face->nrelations > SNAPSHOT_PROFILE_ALL;
	search.hash = hash_text(phrase, partial ? strcspn(phrase, " ") : strlen(phrase));
	hash_seq_init(&status, snapshot->profiles->relations);
	while ((profile = hash_seq_search(&status)) != NULL)
		if (*phrase != '\0' && profile->context != NULL && !profile_is_expired(profile))
			search_profile(&search, face, profile);
	sort_found(&search);
	*count = search.count;
	return search.found;
}

const ValuePosting *
snapshot_find_value(AskSnapshot *snapshot, const char *folded_phrase, int *count, bool *incomplete)
{
	return find_values(snapshot, folded_phrase, false, count, incomplete);
}

const ValuePosting *
snapshot_find_value_part(AskSnapshot *snapshot, const char *folded_phrase, int *count,
						 bool *incomplete)
{
	return find_values(snapshot, folded_phrase, true, count, incomplete);
}

static void
visit_words_of(const char *value, char first, SnapshotWordVisitor visitor, void *arg)
{
	const char *word = value;

	while (*word != '\0')
	{
		int len = 0;

		while (IS_HIGHBIT_SET(word[len]) || isalnum((unsigned char) word[len]))
			len++;
		if (len > 0 && (IS_HIGHBIT_SET(word[0]) || pg_tolower((unsigned char) word[0]) == first))
			visitor(arg, word, len);
		word += Max(len, 1);
	}
}

bool
snapshot_visit_value_words(AskSnapshot *face, char first, SnapshotWordVisitor visitor, void *arg)
{
	CatalogSnapshot *snapshot = face->private_data;
	HASH_SEQ_STATUS status;
	RelationProfile *profile;
	int visited = 0;

	(void) profile_read_all(snapshot);
	hash_seq_init(&status, snapshot->profiles->relations);
	while ((profile = hash_seq_search(&status)) != NULL)
	{
		if (profile->context == NULL || profile_is_expired(profile) ||
			snapshot_relation_by_oid(face, profile->relid) < 0)
			continue;
		for (int c = 0; c < profile->ncolumns; c++)
		{
			const ColumnProfile *column = &profile->columns[c].face;

			visited += column->nvalues;
			if (visited > MAX_VISITED)
			{
				hash_seq_term(&status);
				return false;
			}
			for (int v = 0; v < column->nvalues; v++)
				visit_words_of(column->values[v], first, visitor, arg);
		}
	}
	return true;
}
