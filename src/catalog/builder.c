/*-------------------------------------------------------------------------
 *
 * builder.c
 *		Lays a snapshot out compactly: relations, columns, edges and the word
 *		index, in one memory context that is made, swapped and freed whole.
 *
 * Equal strings are stored once (in many schemas half of all columns are
 * called id or created_at), and a name is split into stems once, however many
 * columns bear it.  All arrays are allocated at their final size.
 *
 * The new context hangs below the caller's until it is complete, so an error
 * in the middle leaves nothing behind and the old snapshot untouched.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/snapshot_private.h"
#include "common/hashfn.h"
#include "common/words.h"
#include "miscadmin.h"
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

typedef struct Builder
{
	CatalogSnapshot *snapshot;
	MemoryContext temp;    /* for the time of the build */
	MemoryContext scratch; /* reset every now and then */

	/* bump allocator for strings */
	char *arena;
	Size arena_left;

	strings_hash *strings; /* all but stems */
	int nstrings;

	/* the stems of string i: name_stems[name_start[i]] .. name_start[i + 1] - 1 */
	int *name_start;
	int name_allocated;
	int *name_stems;
	int nname_stems;
	int name_stems_allocated;

	strings_hash *stems;
	const char **stem_names; /* by id */
	int stem_allocated;
	int nstems;

	/* postings in the order of relations, with the stem of each */
	int *posting_stems;
	WordPosting *postings;
	int nposting;
	int posting_allocated;
} Builder;

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

static const char *
arena_string(Builder *builder, const char *string)
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

static int
intern_stem(Builder *builder, const char *stem)
{
	bool found;
	StringEntry *entry = strings_insert(builder->stems, stem, &found);

	if (!found)
	{
		entry->key = arena_string(builder, stem);
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
static const char *
intern_name(Builder *builder, const char *name, int *id)
{
	bool found;
	StringEntry *entry = strings_insert(builder->strings, name, &found);

	if (!found)
	{
		MemoryContext old = MemoryContextSwitchTo(builder->scratch);

		entry->key = arena_string(builder, name);
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

static void
post_name(Builder *builder, int name_id, int relation, int column)
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

static void
post_text(Builder *builder, List *words, int relation, int column, WordSource source)
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

static const char *
copy_comment(Builder *builder, const char *comment, int relation, int column)
{
	MemoryContext old;

	if (comment == NULL)
		return NULL;
	old = MemoryContextSwitchTo(builder->scratch);
	post_text(builder, words_of_text(comment), relation, column, WORD_IN_COMMENT);
	MemoryContextSwitchTo(old);
	MemoryContextReset(builder->scratch);
	return arena_string(builder, comment);
}

static ForeignKey *
copy_foreign_keys(Builder *builder, const RelationDetail *detail)
{
	ForeignKey *result;

	if (detail->nforeign_keys == 0)
		return NULL;
	result =
		MemoryContextAlloc(builder->snapshot->context, detail->nforeign_keys * sizeof(ForeignKey));
	for (int i = 0; i < detail->nforeign_keys; i++)
	{
		const ForeignKey *fk = &detail->foreign_keys[i];
		AttrNumber *attnums =
			MemoryContextAlloc(builder->snapshot->context, 2 * fk->nkeys * sizeof(AttrNumber));

		memcpy(attnums, fk->from_attnums, fk->nkeys * sizeof(AttrNumber));
		memcpy(attnums + fk->nkeys, fk->to_attnums, fk->nkeys * sizeof(AttrNumber));
		result[i].to = fk->to;
		result[i].nkeys = fk->nkeys;
		result[i].from_attnums = attnums;
		result[i].to_attnums = attnums + fk->nkeys;
	}
	return result;
}

/*
 * Synonyms are sorted by their target, so that their postings can be woven in.
 */
static int
post_synonyms(Builder *builder, int next, int relation, int column)
{
	AskSnapshot *face = &builder->snapshot->face;

	while (next < face->nsynonyms && face->synonyms[next].relation == relation &&
		   face->synonyms[next].column == column)
	{
		MemoryContext old = MemoryContextSwitchTo(builder->scratch);

		post_text(builder, words_of_text(face->synonyms[next].phrase), relation, column,
				  WORD_IN_SYNONYM);
		MemoryContextSwitchTo(old);
		next++;
	}
	return next;
}

/*
 * Copies relations, columns, names and comments.
 */
static void
build_relations(Builder *builder, RecordSet *set)
{
	CatalogSnapshot *snapshot = builder->snapshot;
	AskSnapshot *face = &snapshot->face;
	int64 ncolumns = 0;
	SnapshotColumn *columns;

	face->nrelations = set->count;
	for (int i = 0; i < set->count; i++)
		ncolumns += set->records[i].face.ncolumns;
	face->relations =
		MemoryContextAllocHuge(snapshot->context, Max(set->count, 1) * sizeof(SnapshotRelation));
	snapshot->details =
		MemoryContextAllocHuge(snapshot->context, Max(set->count, 1) * sizeof(RelationDetail));
	columns = MemoryContextAllocHuge(snapshot->context, Max(ncolumns, 1) * sizeof(SnapshotColumn));
	for (int i = 0; i < set->count; i++)
	{
		SnapshotRelation *relation = &face->relations[i];

		CHECK_FOR_INTERRUPTS();
		*relation = set->records[i].face;
		memcpy(columns, relation->columns, relation->ncolumns * sizeof(SnapshotColumn));
		relation->columns = columns;
		columns += relation->ncolumns;
		relation->schema = intern_name(builder, relation->schema, NULL);
		relation->name = intern_name(builder, relation->name, NULL);
		for (int c = 0; c < relation->ncolumns; c++)
		{
			relation->columns[c].in_foreign_key = false;
			relation->columns[c].name = intern_name(builder, relation->columns[c].name, NULL);
		}
		snapshot->details[i] = set->records[i].detail;
		snapshot->details[i].foreign_keys = copy_foreign_keys(builder, &set->records[i].detail);
	}
}

/*
 * Postings in the order of (relation, column): the relation's own first.
 */
static void
build_postings(Builder *builder)
{
	AskSnapshot *face = &builder->snapshot->face;
	int synonym = 0;

	for (int i = 0; i < face->nrelations; i++)
	{
		SnapshotRelation *relation = &face->relations[i];
		int name_id;

		CHECK_FOR_INTERRUPTS();
		(void) intern_name(builder, relation->name, &name_id);
		post_name(builder, name_id, i, -1);
		relation->comment = copy_comment(builder, relation->comment, i, -1);
		synonym = post_synonyms(builder, synonym, i, -1);
		for (int c = 0; c < relation->ncolumns; c++)
		{
			SnapshotColumn *column = &relation->columns[c];

			(void) intern_name(builder, column->name, &name_id);
			post_name(builder, name_id, i, c);
			column->comment = copy_comment(builder, column->comment, i, c);
			synonym = post_synonyms(builder, synonym, i, c);
		}
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
static void
build_word_index(Builder *builder)
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

static bool
edge_is_visible(const AskSnapshot *face, int from, int to, const ForeignKey *fk)
{
	if (to < 0)
		return false;
	for (int i = 0; i < fk->nkeys; i++)
		if (snapshot_column_by_attnum(&face->relations[from], fk->from_attnums[i]) < 0 ||
			snapshot_column_by_attnum(&face->relations[to], fk->to_attnums[i]) < 0)
			return false;
	return true;
}

/*
 * Relationships that are visible from both ends.
 */
static void
build_edges(Builder *builder)
{
	CatalogSnapshot *snapshot = builder->snapshot;
	AskSnapshot *face = &snapshot->face;
	int allocated = 0;

	for (int i = 0; i < face->nrelations; i++)
		allocated += snapshot->details[i].nforeign_keys;
	face->edges =
		MemoryContextAllocHuge(snapshot->context, Max(allocated, 1) * sizeof(SnapshotEdge));
	for (int i = 0; i < face->nrelations; i++)
	{
		for (int k = 0; k < snapshot->details[i].nforeign_keys; k++)
		{
			ForeignKey *fk = &snapshot->details[i].foreign_keys[k];
			int to = snapshot_relation_by_oid(face, fk->to);
			SnapshotEdge *edge;

			if (!edge_is_visible(face, i, to, fk))
				continue;
			edge = &face->edges[face->nedges++];
			edge->from = i;
			edge->to = to;
			edge->nkeys = fk->nkeys;
			edge->from_attnums = fk->from_attnums;
			edge->to_attnums = fk->to_attnums;
			edge->declared = true;
			edge->score = 1.0;
			for (int n = 0; n < fk->nkeys; n++)
			{
				int column = snapshot_column_by_attnum(&face->relations[i], fk->from_attnums[n]);

				face->relations[i].columns[column].in_foreign_key = true;
			}
		}
	}
}

static int
compare_records(const void *a, const void *b)
{
	const SnapshotRelation *x = &((const RelationRecord *) a)->face;
	const SnapshotRelation *y = &((const RelationRecord *) b)->face;
	int order = strcmp(x->schema, y->schema);

	return order != 0 ? order : strcmp(x->name, y->name);
}

static int
compare_oids(const void *a, const void *b)
{
	Oid x = ((const OidPosition *) a)->oid;
	Oid y = ((const OidPosition *) b)->oid;

	return x < y ? -1 : x > y;
}

static void
build_oid_index(CatalogSnapshot *snapshot)
{
	int count = snapshot->face.nrelations;

	snapshot->by_oid =
		MemoryContextAllocHuge(snapshot->context, Max(count, 1) * sizeof(OidPosition));
	for (int i = 0; i < count; i++)
	{
		snapshot->by_oid[i].oid = snapshot->face.relations[i].relid;
		snapshot->by_oid[i].position = i;
	}
	qsort(snapshot->by_oid, count, sizeof(OidPosition), compare_oids);
}

static int
compare_synonyms(const void *a, const void *b)
{
	const SnapshotSynonym *x = a;
	const SnapshotSynonym *y = b;

	if (x->relation != y->relation)
		return x->relation < y->relation ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return strcmp(x->phrase, y->phrase);
}

/*
 * Keeps the rows as they are, and those of them whose target is here resolved.
 */
static void
build_synonyms(Builder *builder, const SynonymSet *rows)
{
	CatalogSnapshot *snapshot = builder->snapshot;
	AskSnapshot *face = &snapshot->face;
	Size count = Max(rows->count, 1);
	RawSynonym *copies = MemoryContextAlloc(snapshot->context, count * sizeof(RawSynonym));

	face->synonyms = MemoryContextAlloc(snapshot->context, count * sizeof(SnapshotSynonym));
	for (int i = 0; i < rows->count; i++)
	{
		int relation;
		int column;

		copies[i].phrase = unconstify(char *, arena_string(builder, rows->synonyms[i].phrase));
		copies[i].target = unconstify(char *, arena_string(builder, rows->synonyms[i].target));
		if (!synonym_resolve(face, copies[i].target, &relation, &column))
			continue;
		face->synonyms[face->nsynonyms].phrase = copies[i].phrase;
		face->synonyms[face->nsynonyms].relation = relation;
		face->synonyms[face->nsynonyms].column = column;
		face->nsynonyms++;
	}
	qsort(face->synonyms, face->nsynonyms, sizeof(SnapshotSynonym), compare_synonyms);
	snapshot->synonym_rows = *rows;
	snapshot->synonym_rows.synonyms = copies;
}

CatalogSnapshot *
builder_build(Oid role, List *schemas, RecordSet *set, const SynonymSet *synonyms)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "sql_agent snapshot", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Builder builder = {0};
	CatalogSnapshot *snapshot = palloc0(sizeof(CatalogSnapshot));

	snapshot->context = context;
	snapshot->face.role = role;
	snapshot->face.schemas = list_copy(schemas);
	snapshot->schemas_fingerprint = schemas_fingerprint(schemas);
	snapshot->face.private_data = snapshot;
	builder.snapshot = snapshot;
	builder.temp =
		AllocSetContextCreate(context, "sql_agent snapshot build", ALLOCSET_DEFAULT_SIZES);
	builder.scratch =
		AllocSetContextCreate(builder.temp, "sql_agent snapshot words", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(builder.temp);
	builder.name_start = grow(&builder, NULL, 0, &builder.name_allocated, sizeof(int));
	builder.name_stems = grow(&builder, NULL, 0, &builder.name_stems_allocated, sizeof(int));
	builder.strings = strings_create(builder.temp, 1024, NULL);
	builder.stems = strings_create(builder.temp, 1024, NULL);

	qsort(set->records, set->count, sizeof(RelationRecord), compare_records);
	build_relations(&builder, set);
	build_oid_index(snapshot);
	build_edges(&builder);
	snapshot_index_edges(snapshot);
	build_synonyms(&builder, synonyms);
	build_postings(&builder);
	build_word_index(&builder);

	MemoryContextSwitchTo(old);
	MemoryContextDelete(builder.temp);
	return snapshot;
}
