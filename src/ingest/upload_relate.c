/*-------------------------------------------------------------------------
 *
 * upload_relate.c
 *		How the tables of an upload belong to each other, and to the others of
 *		their schema and owner.
 *
 * Names propose: customer_id may be the key of customers.  Types must agree, and
 * then the rows decide, all of them: nearly all values must be there.  What holds
 * is recorded, so that questions join over it at once; it becomes a foreign key
 * only where that is asked for, and holds for every row.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "catalog/relationship.h"
#include "common/words.h"
#include "executor/spi.h"
#include "ingest/tables.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#define MAX_TABLES    1000 /* of the schema that are looked at, the newest */
#define MIN_MATCHED   0.95 /* of the rows */
#define SCORE_TABLE   1.0
#define SCORE_WORDS   0.9
#define SCORE_TAIL    0.8
#define SCORE_NAME    0.6
#define SCORE_UPLOAD  0.05 /* more for a table of the same upload */
#define MAX_KEY_WIDTH 8

typedef struct RelatedColumn
{
	char *name; /* UTF-8 */
	Oid type;
	List *words; /* stems of the name */
} RelatedColumn;

typedef struct RelatedKey
{
	List *columns; /* char * */
	bool declared;
} RelatedKey;

typedef struct RelatedTable
{
	Oid relation;
	char *name;
	UploadTable *upload; /* or NULL */
	List *columns;       /* RelatedColumn * */
	List *keys;          /* RelatedKey * */
	List *words;         /* stems of the name */
} RelatedTable;

typedef struct Candidate
{
	RelatedTable *from;
	RelatedTable *to;
	List *from_columns;
	const RelatedKey *key;
	double score;
} Candidate;

/* ---- what there is ---- */

static char *
result_text(uint64 row, int column)
{
	return upload_utf8(SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column));
}

static Oid
result_oid(uint64 row, int column)
{
	bool isnull;

	return DatumGetObjectId(
		SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull));
}

static RelatedTable *
find_related(List *related, Oid relation)
{
	ListCell *lc;

	foreach (lc, related)
		if (((RelatedTable *) lfirst(lc))->relation == relation)
			return lfirst(lc);
	return NULL;
}

/* tables of the schema that belong to the current role, as uploads make them */
static List *
read_tables(const UploadTarget *target, List *uploads)
{
	List *related = NIL;
	uint64 count = tables_run(
		psprintf("SELECT c.oid, c.relname::text FROM pg_class AS c WHERE c.relnamespace = %u"
				 " AND c.relowner = %u AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
				 " ORDER BY c.oid DESC LIMIT %d",
				 target->schema_oid, target->owner, MAX_TABLES));

	for (uint64 i = 0; i < count; i++)
	{
		RelatedTable *table = palloc0(sizeof(RelatedTable));
		ListCell *lc;

		table->relation = result_oid(i, 1);
		table->name = result_text(i, 2);
		table->words = words_of_identifier(table->name);
		foreach (lc, uploads)
			if (((UploadTable *) lfirst(lc))->relation == table->relation)
				table->upload = lfirst(lc);
		related = lappend(related, table);
	}
	return related;
}

/* the columns that can be part of a key */
static void
read_columns(const UploadTarget *target, List *related)
{
	RelatedTable *table = NULL;
	uint64 count =
		tables_run(psprintf("SELECT a.attrelid, a.attname::text, a.atttypid FROM pg_attribute AS a"
							" JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.relnamespace = %u"
							" AND c.relowner = %u AND c.relkind IN ('r', 'p') AND a.attnum > 0"
							" AND NOT a.attisdropped AND a.atttypid IN (%u, %u, %u, %u)"
							" ORDER BY a.attrelid, a.attnum",
							target->schema_oid, target->owner, INT4OID, INT8OID, TEXTOID, UUIDOID));

	for (uint64 i = 0; i < count; i++)
	{
		Oid relation = result_oid(i, 1);
		RelatedColumn *column = palloc(sizeof(RelatedColumn));

		if (table == NULL || table->relation != relation)
			table = find_related(related, relation);
		if (table == NULL)
			continue;
		column->name = result_text(i, 2);
		column->type = result_oid(i, 3);
		column->words = words_of_identifier(column->name);
		table->columns = lappend(table->columns, column);
	}
}

static void
add_key(RelatedTable *table, List *columns, bool declared)
{
	RelatedKey *key = palloc(sizeof(RelatedKey));

	key->columns = columns;
	key->declared = declared;
	table->keys = lappend(table->keys, key);
}

static void
read_keys(const UploadTarget *target, List *related)
{
	ListCell *lc;
	uint64 count = tables_run(psprintf(
		"SELECT i.indrelid, i.indexrelid, a.attname::text FROM pg_index AS i"
		" JOIN pg_class AS c ON c.oid = i.indrelid"
		" JOIN pg_attribute AS a ON a.attrelid = i.indexrelid AND a.attnum <= i.indnkeyatts"
		" WHERE c.relnamespace = %u AND c.relowner = %u AND c.relkind IN ('r', 'p')"
		" AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL"
		" AND i.indexprs IS NULL AND i.indnkeyatts <= %d ORDER BY i.indexrelid, a.attnum",
		target->schema_oid, target->owner, MAX_KEY_WIDTH));
	Oid index = InvalidOid;

	for (uint64 i = 0; i < count; i++)
	{
		RelatedTable *table = find_related(related, result_oid(i, 1));

		if (table == NULL)
			continue;
		if (result_oid(i, 2) != index)
			add_key(table, NIL, true);
		index = result_oid(i, 2);
		((RelatedKey *) llast(table->keys))->columns =
			lappend(((RelatedKey *) llast(table->keys))->columns, result_text(i, 3));
	}
	/* proven by the rows of this upload, not created */
	foreach (lc, related)
	{
		RelatedTable *table = lfirst(lc);
		ListCell *lp;

		foreach (lp, table->upload != NULL ? table->upload->proposals : NIL)
			if (((KeyProposal *) lfirst(lp))->unique && !((KeyProposal *) lfirst(lp))->created)
				add_key(table, ((KeyProposal *) lfirst(lp))->columns, false);
	}
}

/* ---- what names propose ---- */

static const RelatedColumn *
find_column(const RelatedTable *table, const char *name)
{
	ListCell *lc;

	foreach (lc, table->columns)
		if (strcmp(((RelatedColumn *) lfirst(lc))->name, name) == 0)
			return lfirst(lc);
	return NULL;
}

static bool
same_kind(Oid a, Oid b)
{
	return a == b || ((a == INT4OID || a == INT8OID) && (b == INT4OID || b == INT8OID));
}

/* are the last `count` words of the two the same? */
static bool
same_tail(List *a, List *b, int count)
{
	if (count == 0 || list_length(a) < count || list_length(b) < count)
		return false;
	for (int i = 1; i <= count; i++)
		if (strcmp(list_nth(a, list_length(a) - i), list_nth(b, list_length(b) - i)) != 0)
			return false;
	return true;
}

/* how much the words before the key word are those of the table's name */
static double
table_score(List *head, const RelatedTable *to)
{
	int words = list_length(to->words);

	if (list_length(head) == words && same_tail(head, to->words, words))
		return SCORE_WORDS;
	if (same_tail(head, to->words, Min(list_length(head), words)))
		return SCORE_TAIL;
	return 0;
}

/*
 * customer_id, billing_customer_id: the key of customers, be it called id or
 * customer_id.  Or the same name of several words as the key.  0 = neither.
 */
static double
name_score(const RelatedTable *from, const RelatedColumn *column, const RelatedTable *to,
		   const RelatedColumn *key)
{
	List *words = column->words;
	List *key_words = key->words;
	int count = list_length(words);
	bool same = strcmp(column->name, key->name) == 0;
	double score;

	if (count < 2 || key_words == NIL || strcmp(llast(words), llast(key_words)) != 0 ||
		(from == to && same))
		return 0;
	score = table_score(list_truncate(list_copy(words), count - 1), to);
	if (same)
		return score > 0 ? SCORE_TABLE : SCORE_NAME;
	if (from == to)
		return count == 2 && strcmp(linitial(words), "parent") == 0 ? SCORE_WORDS : 0;
	/* the key is called id, or after its table */
	if (list_length(key_words) > 1 && !same_tail(words, key_words, list_length(key_words)))
		return 0;
	return score;
}

static bool
is_own_key(const RelatedTable *table, const char *column)
{
	ListCell *lc;

	foreach (lc, table->keys)
	{
		const RelatedKey *key = lfirst(lc);

		if (list_length(key->columns) == 1 && strcmp(linitial(key->columns), column) == 0)
			return true;
	}
	return false;
}

/* all columns of the key, by the same names */
static bool
has_key_columns(const RelatedTable *from, const RelatedTable *to, const RelatedKey *key)
{
	ListCell *lc;

	foreach (lc, key->columns)
	{
		const RelatedColumn *mine = find_column(from, lfirst(lc));
		const RelatedColumn *theirs = find_column(to, lfirst(lc));

		if (mine == NULL || theirs == NULL || !same_kind(mine->type, theirs->type) ||
			strcmp(lfirst(lc), "id") == 0)
			return false;
	}
	return true;
}

static List *
add_candidate(List *candidates, RelatedTable *from, RelatedTable *to, List *columns,
			  const RelatedKey *key, double score)
{
	Candidate *candidate = palloc(sizeof(Candidate));

	candidate->from = from;
	candidate->to = to;
	candidate->from_columns = columns;
	candidate->key = key;
	candidate->score = score + (from->upload != NULL && to->upload != NULL ? SCORE_UPLOAD : 0);
	return lappend(candidates, candidate);
}

/* what the column may refer to in the table */
static List *
propose_column(List *candidates, RelatedTable *from, const RelatedColumn *column, RelatedTable *to)
{
	ListCell *lc;

	foreach (lc, to->keys)
	{
		const RelatedKey *key = lfirst(lc);
		const RelatedColumn *other = find_column(to, linitial(key->columns));
		double score;

		if (list_length(key->columns) != 1 || other == NULL ||
			!same_kind(column->type, other->type))
			continue;
		score = name_score(from, column, to, other);
		/* of two tables with the same key the one that is called like it is its home */
		if (score > 0 && (score >= SCORE_TAIL || !is_own_key(from, column->name)))
			candidates = add_candidate(candidates, from, to, list_make1(column->name), key, score);
	}
	return candidates;
}

static List *
propose_composite(List *candidates, RelatedTable *from, RelatedTable *to)
{
	ListCell *lc;

	foreach (lc, to->keys)
	{
		const RelatedKey *key = lfirst(lc);

		if (from != to && list_length(key->columns) > 1 && has_key_columns(from, to, key))
			candidates = add_candidate(candidates, from, to, key->columns, key, SCORE_NAME);
	}
	return candidates;
}

/* ---- what the rows say ---- */

/* counts of the rows whose key is there, and of all that have one */
static void
count_rows(const Candidate *candidate, const UploadTarget *target, int64 *matched, int64 *rows)
{
	bool isnull;

	if (tables_run(psprintf(
			"SELECT count(t.%s), count(*) FROM %s AS f LEFT JOIN %s AS t ON %s WHERE ROW(%s) IS NOT"
			" NULL",
			tables_quoted(linitial(candidate->key->columns)),
			tables_qualified(target, candidate->from->name),
			tables_qualified(target, candidate->to->name),
			tables_equal("f", candidate->from_columns, "t", candidate->key->columns),
			tables_list(candidate->from_columns, "f."))) != 1)
		elog(ERROR, "could not compare keys");
	*matched =
		DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	*rows = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
}

static bool
create_constraint(const Candidate *candidate, const UploadTarget *target)
{
	if (!candidate->key->declared || candidate->from->upload == NULL ||
		!candidate->from->upload->created)
		return false;
	tables_run(psprintf(
		"ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s)",
		tables_qualified(target, candidate->from->name), tables_list(candidate->from_columns, ""),
		tables_qualified(target, candidate->to->name), tables_list(candidate->key->columns, "")));
	return true;
}

/* a relationship of the candidate, or NULL where its rows speak against it */
static UploadRelationship *
verify(const Candidate *candidate, const UploadOptions *options, const UploadTarget *target)
{
	UploadRelationship *result = palloc0(sizeof(UploadRelationship));
	int64 rows;

	count_rows(candidate, target, &result->matched, &rows);
	if (rows == 0 || (double) result->matched < MIN_MATCHED * (double) rows)
		return NULL;
	result->table = candidate->from->name;
	result->columns = candidate->from_columns;
	result->references_table = candidate->to->name;
	result->references_columns = candidate->key->columns;
	result->from = candidate->from->relation;
	result->to = candidate->to->relation;
	result->unmatched = rows - result->matched;
	if (options->foreign_keys && result->unmatched == 0)
		result->created = create_constraint(candidate, target);
	return result;
}

static int
compare_candidates(const ListCell *a, const ListCell *b)
{
	double x = ((const Candidate *) lfirst(a))->score;
	double y = ((const Candidate *) lfirst(b))->score;

	return x > y ? -1 : x < y;
}

/*
 * The best that holds; where several are named equally well and hold, none: a
 * wrong join is a wrong answer that looks right.
 */
static UploadRelationship *
choose(List *candidates, const UploadOptions *options, const UploadTarget *target)
{
	UploadOptions check = *options;
	const Candidate *best = NULL;
	ListCell *lc;

	check.foreign_keys = false;
	list_sort(candidates, compare_candidates);
	foreach (lc, candidates)
	{
		const Candidate *candidate = lfirst(lc);

		if (best != NULL && candidate->score < best->score)
			break;
		if (verify(candidate, &check, target) == NULL)
			continue;
		if (best != NULL)
			return NULL;
		best = candidate;
	}
	return best != NULL ? verify(best, options, target) : NULL;
}

static void
keep(UploadRelationship *relationship, const RelatedTable *from, List *related)
{
	RelatedTable *to;

	if (relationship == NULL)
		return;
	if (from->upload != NULL)
	{
		from->upload->relationships = lappend(from->upload->relationships, relationship);
		return;
	}
	to = find_related(related, relationship->to);
	to->upload->relationships = lappend(to->upload->relationships, relationship);
}

/* from the table to all others; one end at least is of this upload */
static void
relate_table(RelatedTable *from, List *related, const UploadOptions *options,
			 const UploadTarget *target)
{
	List *composite = NIL;
	ListCell *lc;
	ListCell *lt;

	foreach (lc, from->columns)
	{
		List *candidates = NIL;

		CHECK_FOR_INTERRUPTS();
		foreach (lt, related)
			if (from->upload != NULL || ((RelatedTable *) lfirst(lt))->upload != NULL)
				candidates = propose_column(candidates, from, lfirst(lc), lfirst(lt));
		keep(choose(candidates, options, target), from, related);
	}
	foreach (lt, related)
		if (from->upload != NULL || ((RelatedTable *) lfirst(lt))->upload != NULL)
			composite = propose_composite(composite, from, lfirst(lt));
	keep(choose(composite, options, target), from, related);
}

void
relate_tables(List *uploads, const UploadOptions *options, const UploadTarget *target)
{
	List *related = read_tables(target, uploads);
	ListCell *lc;

	read_columns(target, related);
	read_keys(target, related);
	foreach (lc, related)
		relate_table(lfirst(lc), related, options, target);
}

/*
 * As the caller again: what was found is recorded with the rights of the
 * extension's owner.
 */
void
relate_record(List *uploads)
{
	List *tables = NIL;
	List *found = NIL;
	ListCell *lc;

	foreach (lc, uploads)
	{
		const UploadTable *table = lfirst(lc);
		ListCell *lr;

		tables = lappend_oid(tables, table->relation);
		foreach (lr, table->relationships)
		{
			const UploadRelationship *relationship = lfirst(lr);
			RecordedRelationship *recorded = palloc0(sizeof(RecordedRelationship));
			ListCell *ln;

			recorded->from = relationship->from;
			recorded->to = relationship->to;
			foreach (ln, relationship->columns)
				recorded->from_columns =
					lappend(recorded->from_columns, upload_server_text(lfirst(ln)));
			foreach (ln, relationship->references_columns)
				recorded->to_columns =
					lappend(recorded->to_columns, upload_server_text(lfirst(ln)));
			if (!relationship->created)
				found = lappend(found, recorded);
		}
	}
	relationships_replace(tables, found);
}
