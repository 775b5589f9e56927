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

#include "catalog/builder.h"
#include "common/words.h"
#include "miscadmin.h"
#include "utils/memutils.h"

static const char *
copy_comment(Builder *builder, const char *comment, int relation, int column)
{
	MemoryContext old;

	if (comment == NULL)
		return NULL;
	old = MemoryContextSwitchTo(builder->scratch);
	builder_post_text(builder, words_of_text(comment), relation, column, WORD_IN_COMMENT);
	MemoryContextSwitchTo(old);
	MemoryContextReset(builder->scratch);
	return builder_string(builder, comment);
}

/*
 * Copies the foreign keys of all relations into two arrays.
 */
static void
copy_foreign_keys(CatalogSnapshot *snapshot)
{
	int64 nkeys = 0;
	int64 nattnums = 0;
	ForeignKey *keys;
	AttrNumber *attnums;

	for (int i = 0; i < snapshot->face.nrelations; i++)
	{
		nkeys += snapshot->details[i].nforeign_keys;
		for (int k = 0; k < snapshot->details[i].nforeign_keys; k++)
			nattnums += 2 * snapshot->details[i].foreign_keys[k].nkeys;
	}
	keys = MemoryContextAllocHuge(snapshot->context, Max(nkeys, 1) * sizeof(ForeignKey));
	attnums = MemoryContextAllocHuge(snapshot->context, Max(nattnums, 1) * sizeof(AttrNumber));
	for (int i = 0; i < snapshot->face.nrelations; i++)
	{
		RelationDetail *detail = &snapshot->details[i];
		const ForeignKey *from = detail->foreign_keys;

		detail->foreign_keys = keys;
		for (int k = 0; k < detail->nforeign_keys; k++, keys++)
		{
			Size size = from[k].nkeys * sizeof(AttrNumber);

			keys->to = from[k].to;
			keys->recorded = from[k].recorded;
			keys->nkeys = from[k].nkeys;
			keys->from_attnums = memcpy(attnums, from[k].from_attnums, size);
			attnums += keys->nkeys;
			keys->to_attnums = memcpy(attnums, from[k].to_attnums, size);
			attnums += keys->nkeys;
		}
	}
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

		builder_post_text(builder, words_of_text(face->synonyms[next].phrase), relation, column,
						  WORD_IN_SYNONYM);
		MemoryContextSwitchTo(old);
		next++;
	}
	return next;
}

/* the same of the relation's terms, which are sorted as well */
static int
post_terms(Builder *builder, int next, int relation)
{
	AskSnapshot *face = &builder->snapshot->face;

	for (; next < face->nterms && face->terms[next].relation == relation; next++)
	{
		MemoryContext old = MemoryContextSwitchTo(builder->scratch);

		builder_post_text(builder, words_of_text(face->terms[next].phrase), relation,
						  face->terms[next].column, WORD_IN_SYNONYM);
		MemoryContextSwitchTo(old);
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
		relation->schema = builder_name(builder, relation->schema, NULL);
		relation->name = builder_name(builder, relation->name, NULL);
		for (int c = 0; c < relation->ncolumns; c++)
		{
			relation->columns[c].in_foreign_key = false;
			relation->columns[c].name = builder_name(builder, relation->columns[c].name, NULL);
		}
		snapshot->details[i] = set->records[i].detail;
	}
	builder_plain_names(builder);
	copy_foreign_keys(snapshot);
}

/* a name that was cut into words is still known as it is written */
static void
post_whole_name(Builder *builder, const char *name, const char *plain, int relation, int column)
{
	MemoryContext old;

	if (name == plain)
		return;
	old = MemoryContextSwitchTo(builder->scratch);
	builder_post_text(builder, words_of_identifier(name), relation, column, WORD_IN_SYNONYM);
	MemoryContextSwitchTo(old);
}

/*
 * Postings in the order of (relation, column): the relation's own first.
 */
static void
build_postings(Builder *builder)
{
	AskSnapshot *face = &builder->snapshot->face;
	int synonym = 0;
	int term = 0;

	while (term < face->nterms && face->terms[term].relation < 0)
		term++;
	for (int i = 0; i < face->nrelations; i++)
	{
		SnapshotRelation *relation = &face->relations[i];
		int name_id;

		CHECK_FOR_INTERRUPTS();
		(void) builder_name(builder, relation->plain, &name_id);
		builder_post_name(builder, name_id, i, -1);
		post_whole_name(builder, relation->name, relation->plain, i, -1);
		relation->comment = copy_comment(builder, relation->comment, i, -1);
		synonym = post_synonyms(builder, synonym, i, -1);
		for (int c = 0; c < relation->ncolumns; c++)
		{
			SnapshotColumn *column = &relation->columns[c];

			(void) builder_name(builder, column->plain, &name_id);
			builder_post_name(builder, name_id, i, c);
			post_whole_name(builder, column->name, column->plain, i, c);
			column->comment = copy_comment(builder, column->comment, i, c);
			synonym = post_synonyms(builder, synonym, i, c);
		}
		term = post_terms(builder, term, i);
	}
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
			edge->declared = !fk->recorded;
			edge->score = fk->recorded ? SCORE_RECORDED : 1.0f;
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

		copies[i].phrase = unconstify(char *, builder_string(builder, rows->synonyms[i].phrase));
		copies[i].target = unconstify(char *, builder_string(builder, rows->synonyms[i].target));
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
	builder_begin_words(&builder);

	qsort(set->records, set->count, sizeof(RelationRecord), compare_records);
	build_relations(&builder, set);
	build_oid_index(snapshot);
	build_edges(&builder);
	snapshot_index_edges(snapshot);
	build_synonyms(&builder, synonyms);
	builder_terms(&builder, synonyms);
	build_postings(&builder);
	builder_sort_postings(&builder);

	MemoryContextSwitchTo(old);
	MemoryContextDelete(builder.temp);
	return snapshot;
}
