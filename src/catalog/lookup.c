/*-------------------------------------------------------------------------
 *
 * lookup.c
 *		Finding things in a snapshot.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/snapshot_private.h"
#include "common/words.h"
#include "utils/memutils.h"

int
snapshot_column_by_attnum(const SnapshotRelation *relation, AttrNumber attnum)
{
	int low = 0;
	int high = relation->ncolumns - 1;

	while (low <= high)
	{
		int middle = (low + high) / 2;
		AttrNumber found = relation->columns[middle].attnum;

		if (found == attnum)
			return middle;
		if (found < attnum)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

int
snapshot_relation_by_oid(const AskSnapshot *face, Oid relid)
{
	const CatalogSnapshot *snapshot = face->private_data;
	int low = 0;
	int high = face->nrelations - 1;

	while (low <= high)
	{
		int middle = (low + high) / 2;
		Oid found = snapshot->by_oid[middle].oid;

		if (found == relid)
			return snapshot->by_oid[middle].position;
		if (found < relid)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

const WordPosting *
snapshot_find_word(AskSnapshot *face, const char *stem, int *count)
{
	const CatalogSnapshot *snapshot = face->private_data;
	int low = 0;
	int high = snapshot->nstems - 1;

	*count = 0;
	while (low <= high)
	{
		int middle = (low + high) / 2;
		int order = strcmp(stem, snapshot->stems[middle]);

		if (order == 0)
		{
			*count = snapshot->stem_start[middle + 1] - snapshot->stem_start[middle];
			return &snapshot->postings[snapshot->stem_start[middle]];
		}
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return NULL;
}

void
snapshot_visit_words(const AskSnapshot *face, char first, SnapshotWordVisitor visitor, void *arg)
{
	const CatalogSnapshot *snapshot = face->private_data;
	int low = 0;
	int high = snapshot->nstems;

	/* the stems are in the order of their bytes */
	while (low < high)
	{
		int middle = (low + high) / 2;

		if ((unsigned char) snapshot->stems[middle][0] < (unsigned char) first)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < snapshot->nstems && snapshot->stems[low][0] == first; low++)
		visitor(arg, snapshot->stems[low], strlen(snapshot->stems[low]));
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* the word of a text that has the stem, or NULL */
static char *
word_with_stem(const char *text, const char *stem)
{
	while (text && *text != '\0')
	{
		int len = 0;

		/* words of names may be written together: a capital begins another */
		while (is_letter(text[len]) && !(len > 0 && text[len] <= 'Z' && text[len - 1] >= 'a'))
			len++;
		if (len > 0)
		{
			char *folded = word_fold(text, len);

			if (strcmp(word_stem(folded), stem) == 0)
				return folded;
		}
		text += Max(len, 1);
	}
	return NULL;
}

char *
snapshot_written_word(AskSnapshot *snapshot, const char *stem)
{
	int count;
	const WordPosting *posting = snapshot_find_word(snapshot, stem, &count);
	const SnapshotRelation *relation;
	const SnapshotColumn *column;
	char *word;

	if (count == 0)
		return NULL;
	relation = &snapshot->relations[posting->relation];
	column = posting->column < 0 ? NULL : &relation->columns[posting->column];
	word = word_with_stem(column ? column->plain : relation->plain, stem);
	if (!word)
		word = word_with_stem(column ? column->comment : relation->comment, stem);
	for (int i = 0; i < snapshot->nsynonyms && !word; i++)
		word = word_with_stem(snapshot->synonyms[i].phrase, stem);
	return word;
}

/*
 * Makes the index from a relation to the edges that touch it.
 */
void
snapshot_index_edges(CatalogSnapshot *snapshot)
{
	AskSnapshot *face = &snapshot->face;
	int *start = MemoryContextAllocHuge(snapshot->context, (face->nrelations + 1) * sizeof(int));
	int *ids = MemoryContextAllocHuge(snapshot->context, (2 * face->nedges + 1) * sizeof(int));
	int total = 0;

	memset(start, 0, (face->nrelations + 1) * sizeof(int));
	for (int i = 0; i < face->nedges; i++)
	{
		start[face->edges[i].from]++;
		if (face->edges[i].to != face->edges[i].from)
			start[face->edges[i].to]++;
	}
	for (int i = 0; i <= face->nrelations; i++)
	{
		total += start[i];
		start[i] = total;
	}
	/* filled from behind, so that start[] ends up at the beginnings */
	for (int i = face->nedges - 1; i >= 0; i--)
	{
		ids[--start[face->edges[i].from]] = i;
		if (face->edges[i].to != face->edges[i].from)
			ids[--start[face->edges[i].to]] = i;
	}
	if (snapshot->edge_start != NULL)
	{
		pfree(snapshot->edge_start);
		pfree(snapshot->edge_ids);
	}
	snapshot->edge_start = start;
	snapshot->edge_ids = ids;
}

const int *
edges_touching(const CatalogSnapshot *snapshot, int relation, int *count)
{
	*count = snapshot->edge_start[relation + 1] - snapshot->edge_start[relation];
	return &snapshot->edge_ids[snapshot->edge_start[relation]];
}

void
snapshot_infer_edges(AskSnapshot *face)
{
	CatalogSnapshot *snapshot = face->private_data;

	if (snapshot->inferred || snapshot->infer_paused)
		return;
	snapshot->inferred = infer_edges(snapshot);
	snapshot->infer_paused = !snapshot->inferred;
}

const int *
snapshot_edges_of(AskSnapshot *face, int relation, int *count)
{
	snapshot_infer_edges(face);
	return edges_touching(face->private_data, relation, count);
}
