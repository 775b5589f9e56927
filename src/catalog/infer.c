/*-------------------------------------------------------------------------
 *
 * infer.c
 *		Relationships that no foreign key declares.
 *
 * Careful by design: a wrong join is a wrong answer that looks right.  Two
 * patterns count (and a third of values alone, infervalues.c), and only between relations that no declared key connects:
 *
 *	customer_id -> customers.id
 *		the column is named after the other relation and a word for a key
 *	aid -> author.aid
 *		several relations have a column of the same key-like name; the one of
 *		them that it identifies is its home, the others point there
 *
 * The other side must be a key: declared, or (where the relation declares no
 * key at all) without repetition and nulls among the rows that the role sees.
 * What the names suggest is then tested on a sample of the values, through
 * the guard as the asking role; values that are not on the other side refute
 * it.  The score tells how much of this held; it is always below 1.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/infer.h"
#include "catalog/pg_class.h"
#include "catalog/profile.h"
#include "common/words.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define SCORE_NAMED_AFTER  0.7
#define SCORE_SAME_NAME    0.6
#define SCORE_BY_VALUES    0.5
#define SCORE_DECLARED_KEY 0.1 /* added where the other side is a declared key */
#define SCORE_VALUES_FOUND 0.15

/* share of the sampled values that must be found on the other side */
#define MIN_INCLUSION    0.95
#define INCLUSION_SAMPLE 200

typedef struct Link
{
	int from;
	int from_column;
	int to;
	int to_column;
	float score;
} Link;

/* a column in a group of columns of the same name */
typedef struct NamedColumn
{
	const char *name;
	int relation;
	int column;
} NamedColumn;

static bool
same_kind_of_key(const SnapshotColumn *a, const SnapshotColumn *b)
{
	if (a->type_class != b->type_class)
		return false;
	return a->type_class == TYPE_CLASS_INTEGER || a->type_class == TYPE_CLASS_TEXT ||
		   a->type_class == TYPE_CLASS_UUID;
}

static SnapshotColumn *
column_at(Inference *inference, int relation, int column)
{
	return &inference->face->relations[relation].columns[column];
}

bool
infer_declares_a_key(const SnapshotRelation *relation)
{
	if (relation->nprimary_key > 0)
		return true;
	for (int i = 0; i < relation->ncolumns; i++)
		if (relation->columns[i].unique_alone)
			return true;
	return false;
}

/*
 * Is the column unique and never null among the rows that the role sees?
 */
static bool
is_unique_by_values(Inference *inference, int relation, int column)
{
	const ColumnProfile *profile;
	RelationProfile *whole;

	if (!inference->small || inference->face->relations[relation].relkind == RELKIND_VIEW)
		return false;
	profile = snapshot_profile(inference->face, relation, column);
	whole = profile_of_relation(inference->snapshot, relation);
	return profile != NULL && whole != NULL && whole->rows >= 2 && profile->null_share == 0 &&
		   profile->distinct_seen == whole->rows;
}

bool
infer_identifies(Inference *inference, int relation, int column)
{
	if (column_at(inference, relation, column)->unique_alone)
		return true;
	return !infer_declares_a_key(&inference->face->relations[relation]) &&
		   is_unique_by_values(inference, relation, column);
}

static bool
are_connected(Inference *inference, int a, int b)
{
	int count;
	const int *edges = edges_touching(inference->snapshot, a, &count);

	for (int i = 0; i < count; i++)
	{
		const SnapshotEdge *edge = &inference->face->edges[edges[i]];

		if ((edge->declared || edge->score >= SCORE_RECORDED) &&
			((edge->from == a && edge->to == b) || (edge->from == b && edge->to == a)))
			return true;
	}
	return false;
}

/* receives found and all of the sampled values */
static void
receive_inclusion(void *arg, Datum *values, bool *nulls)
{
	double *counts = arg;

	counts[0] = DatumGetInt64(values[0]);
	counts[1] = DatumGetInt64(values[1]);
}

/*
 * How many of the values are on the other side?  -1 where that can not be
 * found out in time, or there are none.
 */
static double
read_inclusion(Inference *inference, const Link *link)
{
	const SnapshotRelation *from = &inference->face->relations[link->from];
	const SnapshotRelation *to = &inference->face->relations[link->to];
	const char *from_name = quote_identifier(from->columns[link->from_column].name);
	const char *to_name = quote_identifier(to->columns[link->to_column].name);
	double counts[2] = {0, 0};
	char *sql;

	sql = psprintf("SELECT pg_catalog.count(b.k), pg_catalog.count(*) FROM"
				   " (SELECT DISTINCT t.%s AS k FROM %s AS t WHERE t.%s IS NOT NULL LIMIT %d) AS a"
				   " LEFT JOIN (SELECT DISTINCT t.%s AS k FROM %s AS t) AS b"
				   " ON a.k OPERATOR(pg_catalog.=) b.k",
				   from_name, quote_qualified_identifier(from->schema, from->name), from_name,
				   INCLUSION_SAMPLE, to_name, quote_qualified_identifier(to->schema, to->name));
	if (!profile_statement(inference->snapshot, sql, receive_inclusion, counts))
	{
		inference->skipped = true;
		return -1;
	}
	return counts[1] == 0 ? -1 : counts[0] / counts[1];
}

/*
 * The same, remembered: a snapshot is built anew more often than values change.
 */
static double
inclusion(Inference *inference, const Link *link)
{
	InclusionKey key = {0};
	Inclusion *known;
	double share;

	key.from = inference->face->relations[link->from].relid;
	key.to = inference->face->relations[link->to].relid;
	key.from_attnum = column_at(inference, link->from, link->from_column)->attnum;
	key.to_attnum = column_at(inference, link->to, link->to_column)->attnum;
	known = inclusion_find(inference->snapshot->profiles, &key);
	if (known != NULL)
		return known->share;
	share = read_inclusion(inference, link);
	if (share >= 0)
		inclusion_keep(inference->snapshot->profiles, &key, share);
	return share;
}

/*
 * Keeps the link unless the values refute it.
 */
static void
consider(Inference *inference, Link link)
{
	SnapshotColumn *from = column_at(inference, link.from, link.from_column);
	SnapshotColumn *to = column_at(inference, link.to, link.to_column);
	double share;
	ListCell *lc;

	if (!same_kind_of_key(from, to) || from->in_foreign_key ||
		are_connected(inference, link.from, link.to))
		return;
	foreach (lc, inference->links)
	{
		const Link *other = lfirst(lc);

		if (other->from == link.from && other->from_column == link.from_column)
			return;
	}
	if (to->unique_alone)
		link.score += SCORE_DECLARED_KEY;
	share = inclusion(inference, &link);
	if (share >= 0 && share < MIN_INCLUSION)
		return;
	/* a name alone is not enough where the key itself is a guess, nor for text */
	if (share < 0 && (!to->unique_alone || to->type_class == TYPE_CLASS_TEXT))
		return;
	if (share >= 0)
		link.score += SCORE_VALUES_FOUND;
	inference->links = lappend(inference->links, memcpy(palloc(sizeof(Link)), &link, sizeof(Link)));
}

void
infer_consider(Inference *inference, int from, int from_column, int to, int to_column)
{
	consider(inference, (Link){from, from_column, to, to_column, SCORE_BY_VALUES});
}

/*
 * The column of the relation that "<relation>_<key word>" means: a key that is
 * called like the key word, like both, or exactly like the referencing column.
 */
static int
named_key(Inference *inference, int relation, const char *relation_words, const char *key_word,
		  const char *column_name)
{
	const SnapshotRelation *to = &inference->face->relations[relation];
	char *both = psprintf("%s %s", relation_words, key_word);

	for (int i = 0; i < to->ncolumns; i++)
	{
		List *words = words_of_identifier(to->columns[i].plain);
		char *joined = names_join(words, 0, list_length(words));

		if ((strcmp(joined, key_word) == 0 || strcmp(joined, both) == 0 ||
			 strcmp(to->columns[i].plain, column_name) == 0) &&
			infer_identifies(inference, relation, i))
			return i;
	}
	return -1;
}

/*
 * customer_id, billing_customer_id, customerid
 */
static void
infer_named_after(Inference *inference, int from, int column)
{
	const SnapshotRelation *relation = &inference->face->relations[from];
	const char *name = relation->columns[column].plain;
	List *words = name_ends_like_a_key(name) ? words_of_identifier(name) : NIL;
	int count = list_length(words);
	const char *key_word = count == 0 ? "" : llast(words);
	Size len = strlen(key_word);

	if (count == 1 && len > 4 && strcmp(key_word + len - 2, "id") == 0)
	{
		words = list_make1(word_stem(pnstrdup(key_word, len - 2)));
		key_word = "id";
	}
	else if (count < 2 || !name_is_key_word(inference, key_word))
		return;
	else
		words = list_truncate(words, count - 1);
	count = list_length(words);
	if (count == 1 && strcmp(linitial(words), "parent") == 0)
	{
		int to_column = named_key(inference, from, "", key_word, "");

		if (to_column >= 0 && to_column != column)
			consider(inference, (Link){from, column, from, to_column, SCORE_NAMED_AFTER});
		return;
	}
	/* the longest tail of the name that is a relation's */
	for (int first = 0; first < count; first++)
	{
		char *relation_words = names_join(words, first, count);
		int to = names_find_relation(inference, relation_words, relation->schema);
		int to_column;

		if (to < 0)
			continue;
		to_column = named_key(inference, to, relation_words, key_word, name);
		/* order_id of orders is no reference, original_order_id may be */
		if (to_column >= 0 && (to != from || (first > 0 && to_column != column)))
			consider(inference,
					 (Link){from, column, to, to_column, SCORE_NAMED_AFTER - 0.05 * (first > 0)});
		return;
	}
}

static int
compare_columns(const void *a, const void *b)
{
	const NamedColumn *x = a;
	const NamedColumn *y = b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	return x->relation != y->relation ? x->relation - y->relation : x->column - y->column;
}

static bool
named_after_its_relation(Inference *inference, const NamedColumn *member)
{
	const SnapshotRelation *relation = &inference->face->relations[member->relation];
	List *words = words_of_identifier(relation->columns[member->column].plain);
	int count = list_length(words);

	return count > 1 && names_find_relation(inference, names_join(words, 0, count - 1),
											relation->schema) == member->relation;
}

/*
 * How much the relation looks like the one that the column identifies: its
 * only key, at the front, with something to say about it beyond other keys.
 * A table of two keys (author_id, paper_id) is a link, not a home.
 */
static int
home_rank(Inference *inference, const NamedColumn *member)
{
	const SnapshotRelation *relation = &inference->face->relations[member->relation];
	const SnapshotColumn *column = &relation->columns[member->column];
	int rank = 0;
	int others = 0;

	for (int i = 0; i < relation->ncolumns; i++)
		if (i != member->column && !name_is_shared_key(inference, relation->columns[i].name))
			others++;
	if (column->in_primary_key && relation->nprimary_key == 1)
		rank += 8;
	else if (column->unique_alone)
		rank += 4;
	rank += others > 0 ? 2 : 0;
	rank += member->column == 0 ? 1 : 0;
	/* state_name is at home in state, whoever else has one line for each */
	if (named_after_its_relation(inference, member))
		rank += 16;
	return rank;
}

/*
 * The one member of the group that the name identifies, or NULL where none
 * or more than one could be meant.
 */
static const NamedColumn *
find_home(Inference *inference, const NamedColumn *group, int count)
{
	const NamedColumn *home = NULL;
	int best = -1;
	bool tie = false;

	for (int i = 0; i < count; i++)
	{
		int rank;

		if (!infer_identifies(inference, group[i].relation, group[i].column))
			continue;
		rank = home_rank(inference, &group[i]);
		if (rank > best)
		{
			home = &group[i];
			best = rank;
			tie = false;
		}
		else if (rank == best)
			tie = true;
	}
	return tie ? NULL : home;
}

static void
infer_group(Inference *inference, const NamedColumn *group, int count)
{
	const NamedColumn *home = count < 2 ? NULL : find_home(inference, group, count);

	for (int i = 0; home != NULL && i < count; i++)
		if (&group[i] != home && group[i].relation != home->relation)
			consider(inference, (Link){group[i].relation, group[i].column, home->relation,
									   home->column, SCORE_SAME_NAME});
}

/*
 * aid in several relations.  Looks at values, so only where there are few
 * relations; groups do not span schemas.
 */
static void
infer_same_names(Inference *inference)
{
	AskSnapshot *face = inference->face;
	NamedColumn *columns;
	int total = 0;
	int count = 0;

	for (int i = 0; i < face->nrelations; i++)
		total += face->relations[i].ncolumns;
	columns = palloc(Max(total, 1) * sizeof(NamedColumn));
	for (int i = 0; i < face->nrelations; i++)
		for (int c = 0; c < face->relations[i].ncolumns; c++)
			if (name_is_shared_key(inference, face->relations[i].columns[c].name))
			{
				columns[count].name = psprintf("%s.%s", face->relations[i].schema,
											   face->relations[i].columns[c].name);
				columns[count].relation = i;
				columns[count++].column = c;
			}
	qsort(columns, count, sizeof(NamedColumn), compare_columns);
	for (int first = 0; first < count;)
	{
		int end = first + 1;

		while (end < count && strcmp(columns[end].name, columns[first].name) == 0)
			end++;
		CHECK_FOR_INTERRUPTS();
		infer_group(inference, &columns[first], end - first);
		first = end;
	}
}

/*
 * Adds what was found to the snapshot's edges.
 */
static void
install_links(Inference *inference)
{
	AskSnapshot *face = inference->face;
	MemoryContext context = inference->snapshot->context;
	SnapshotEdge *edges = MemoryContextAllocHuge(
		context, (face->nedges + list_length(inference->links)) * sizeof(SnapshotEdge));
	SnapshotEdge *old = face->edges;
	ListCell *lc;

	memcpy(edges, old, face->nedges * sizeof(SnapshotEdge));
	face->edges = edges;
	foreach (lc, inference->links)
	{
		const Link *link = lfirst(lc);
		SnapshotEdge *edge = &edges[face->nedges++];
		AttrNumber *attnums = MemoryContextAlloc(context, 2 * sizeof(AttrNumber));

		attnums[0] = column_at(inference, link->from, link->from_column)->attnum;
		attnums[1] = column_at(inference, link->to, link->to_column)->attnum;
		edge->from = link->from;
		edge->to = link->to;
		edge->nkeys = 1;
		edge->from_attnums = &attnums[0];
		edge->to_attnums = &attnums[1];
		edge->declared = false;
		edge->score = link->score;
		column_at(inference, link->from, link->from_column)->in_foreign_key = true;
	}
	pfree(old);
	snapshot_index_edges(inference->snapshot);
	face->version = snapshot_next_version();
}

/*
 * Finds them and adds them to the snapshot; false where time ran out, so that
 * the next question goes on with it.
 */
bool
infer_edges(CatalogSnapshot *snapshot)
{
	MemoryContext work =
		AllocSetContextCreate(CurrentMemoryContext, "sql_agent inference", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(work);
	Inference inference = {0};

	inference.snapshot = snapshot;
	inference.face = &snapshot->face;
	inference.small = snapshot->face.nrelations <= SNAPSHOT_PROFILE_ALL;
	names_make_lists(&inference);
	for (int i = 0; i < snapshot->face.nrelations; i++)
	{
		const SnapshotRelation *relation = &snapshot->face.relations[i];

		CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < relation->ncolumns; c++)
			if (!relation->columns[c].in_foreign_key &&
				!(relation->columns[c].in_primary_key && relation->nprimary_key == 1))
				infer_named_after(&inference, i, c);
	}
	if (inference.small)
	{
		infer_same_names(&inference);
		infer_by_values(&inference);
	}
	if (inference.links != NIL)
		install_links(&inference);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(work);
	return !inference.skipped;
}
