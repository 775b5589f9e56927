/*-------------------------------------------------------------------------
 *
 * valueindex.c
 *		From a phrase of the question to the stored values that it can mean.
 *
 * A hash table over all values of all profiles of a role, by folded value,
 * and by each word of values that have several ("Larry" -> "Larry Summers").
 * It holds hashes and positions only; a hit is verified by folding the stored
 * value again.  It is made when it is first asked after a profile changed.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/profile.h"
#include "common/hashfn.h"
#include "common/words.h"
#include "miscadmin.h"
#include "utils/memutils.h"

void
value_index_reset(ProfileStore *store)
{
	if (store->index.context != NULL)
		MemoryContextDelete(store->index.context);
	memset(&store->index, 0, sizeof(ValueIndex));
}

static uint32
hash_text(const char *text, Size len)
{
	return hash_bytes((const unsigned char *) text, len);
}

static void
add_entry(ValueIndex *index, uint32 hash, RelationProfile *profile, int column, int value,
		  bool is_word)
{
	ValueEntry *entry;

	if (index->nentries >= index->allocated)
	{
		index->allocated = index->allocated == 0 ? 1024 : index->allocated * 2;
		index->entries =
			index->entries == NULL
				? MemoryContextAllocHuge(index->context, index->allocated * sizeof(ValueEntry))
				: repalloc_huge(index->entries, index->allocated * sizeof(ValueEntry));
	}
	entry = &index->entries[index->nentries++];
	entry->hash = hash;
	entry->profile = profile;
	entry->column = column;
	entry->value = value;
	entry->is_word = is_word;
}

/*
 * The words of one folded value, where there are several.
 */
static void
add_words(ValueIndex *index, const char *folded, RelationProfile *profile, int column, int value)
{
	const char *word = folded;

	if (strchr(folded, ' ') == NULL)
		return;
	while (*word != '\0')
	{
		Size len = strcspn(word, " ");

		if (len > 1)
			add_entry(index, hash_text(word, len), profile, column, value, true);
		word += len;
		while (*word == ' ')
			word++;
	}
}

static void
add_profile(ValueIndex *index, RelationProfile *profile)
{
	for (int c = 0; c < profile->ncolumns; c++)
	{
		const StoredProfile *column = &profile->columns[c];

		for (int v = 0; v < column->face.nvalues; v++)
		{
			add_entry(index, column->hashes[v], profile, c, v, false);
			if (strpbrk(column->face.values[v], " -_/.,") != NULL)
			{
				char *folded = words_fold_phrase(column->face.values[v]);

				add_words(index, folded, profile, c, v);
				pfree(folded);
			}
		}
	}
}

static void
build_index(ProfileStore *store)
{
	ValueIndex index = {0};
	HASH_SEQ_STATUS status;
	RelationProfile *profile;
	uint32 nbuckets = 1024;

	index.context =
		AllocSetContextCreate(CurrentMemoryContext, "sql_agent value index", ALLOCSET_SMALL_SIZES);
	hash_seq_init(&status, store->relations);
	while ((profile = hash_seq_search(&status)) != NULL)
		if (profile->context != NULL)
			add_profile(&index, profile);
	while (nbuckets < index.nentries)
		nbuckets *= 2;
	index.mask = nbuckets - 1;
	index.buckets = MemoryContextAllocHuge(index.context, nbuckets * sizeof(int32));
	memset(index.buckets, 0xff, nbuckets * sizeof(int32));
	for (int i = 0; i < index.nentries; i++)
	{
		int32 *bucket = &index.buckets[index.entries[i].hash & index.mask];

		index.entries[i].next = *bucket;
		*bucket = i;
	}
	MemoryContextSetParent(index.context, store->context);
	store->index = index;
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

/*
 * Where the entry stands in the snapshot; false where its column has gone.
 */
static bool
entry_posting(const AskSnapshot *face, const ValueEntry *entry, ValuePosting *posting)
{
	const StoredProfile *column = &entry->profile->columns[entry->column];

	posting->relation = snapshot_relation_by_oid(face, entry->profile->relid);
	if (posting->relation < 0)
		return false;
	posting->column =
		snapshot_column_by_attnum(&face->relations[posting->relation], column->attnum);
	posting->value = column->face.values[entry->value];
	return posting->column >= 0;
}

static const ValuePosting *
find_values(AskSnapshot *face, const char *phrase, bool partial, int *count, bool *incomplete)
{
	CatalogSnapshot *snapshot = face->private_data;
	ProfileStore *store = snapshot->profiles;
	uint32 hash = hash_text(phrase, partial ? strcspn(phrase, " ") : strlen(phrase));
	ValuePosting *result = NULL;
	int allocated = 0;

	*count = 0;
	*incomplete = !profile_read_all(snapshot);
	if (*phrase == '\0')
		return NULL;
	if (store->index.context == NULL)
		build_index(store);
	for (int32 i = store->index.buckets[hash & store->index.mask]; i >= 0;
		 i = store->index.entries[i].next)
	{
		const ValueEntry *entry = &store->index.entries[i];
		ValuePosting posting;
		char *folded;
		bool hit;

		if (entry->hash != hash || entry->is_word != partial ||
			!entry_posting(face, entry, &posting))
			continue;
		folded = words_fold_phrase(posting.value);
		hit = partial ? contains_words(folded, phrase) && strcmp(folded, phrase) != 0
					  : strcmp(folded, phrase) == 0;
		pfree(folded);
		if (!hit)
			continue;
		if (*count >= allocated)
		{
			allocated = allocated == 0 ? 4 : allocated * 2;
			result = result == NULL ? palloc(allocated * sizeof(ValuePosting))
									: repalloc(result, allocated * sizeof(ValuePosting));
		}
		result[(*count)++] = posting;
	}
	if (*count > 1)
	{
		int kept = 1;

		qsort(result, *count, sizeof(ValuePosting), compare_postings);
		/* a word may stand in the value twice */
		for (int i = 1; i < *count; i++)
			if (compare_postings(&result[i], &result[kept - 1]) != 0)
				result[kept++] = result[i];
		*count = kept;
	}
	return result;
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
