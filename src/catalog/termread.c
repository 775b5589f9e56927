/*-------------------------------------------------------------------------
 *
 * termread.c
 *		The terms that count for a role, in its snapshot.
 *
 * A term's relation is kept as quoted names and its columns by their names, so
 * that it survives dump and restore; one whose relation or columns are gone, or
 * not visible to the asking role, is inert.  A role's own meaning of a word
 * hides the one that counts for everybody.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/builder.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "catalog/term.h"
#include "common/hashfn.h"
#include "common/words.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

static const char *const kinds[] = {"phrase", "condition", "value", "measure"};

const char *
term_kind_name(TermKind kind)
{
	return kinds[kind];
}

bool
term_kind_of_name(const char *name, TermKind *kind)
{
	for (int i = 0; i < lengthof(kinds); i++)
	{
		if (strcmp(kinds[i], name) == 0)
		{
			*kind = (TermKind) i;
			return true;
		}
	}
	return false;
}

char **
term_column_names(Datum array, int *count)
{
	Datum *elements;
	char **result;

	deconstruct_array(DatumGetArrayTypeP(array), NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR,
					  &elements, NULL, count);
	result = palloc(Max(*count, 1) * sizeof(char *));
	for (int i = 0; i < *count; i++)
		result[i] = pstrdup(NameStr(*DatumGetName(elements[i])));
	return result;
}

static uint64
hash_text(const char *text, int seed)
{
	return text ? hash_bytes_extended((const unsigned char *) text, strlen(text), seed) : 0;
}

static void
read_term(const TupleTableSlot *slot, RawTerm *term, uint64 *fingerprint)
{
	uint64 one;

	term->phrase = words_fold_phrase(TextDatumGetCString(slot->tts_values[TERM_WORD - 1]));
	if (!term_kind_of_name(TextDatumGetCString(slot->tts_values[TERM_KIND - 1]), &term->kind))
		elog(ERROR, "unrecognized kind of term");
	term->meaning = TextDatumGetCString(slot->tts_values[TERM_MEANING - 1]);
	term->adds_up = DatumGetBool(slot->tts_values[TERM_ADDS_UP - 1]);
	term->own = !slot->tts_isnull[TERM_OWNER - 1];
	term->relation = NULL;
	if (!slot->tts_isnull[TERM_RELATION - 1])
		term->relation = TextDatumGetCString(slot->tts_values[TERM_RELATION - 1]);
	term->columns = term_column_names(slot->tts_values[TERM_COLUMNS - 1], &term->ncolumns);
	one = hash_combine64(hash_text(term->phrase, 3), hash_text(term->meaning, 4));
	one = hash_combine64(one, hash_text(term->relation, 5));
	one = hash_combine64(one, (uint64) term->kind * 4 + term->own * 2 + term->adds_up);
	/* the order of rows in the table must not matter */
	*fingerprint += one;
}

/*
 * Straight from the table, as synonyms are read.
 */
void
terms_read(Oid role, SynonymSet *set)
{
	char *rolename = GetUserNameFromId(role, false);
	Oid nspoid = get_namespace_oid("sql_agent", true);
	Oid relid = OidIsValid(nspoid) ? get_relname_relid("term", nspoid) : InvalidOid;
	Relation rel;
	Snapshot snapshot;
	TableScanDesc scan;
	TupleTableSlot *slot;
	int allocated = 16;

	set->nterms = 0;
	set->terms = palloc(allocated * sizeof(RawTerm));
	if (!OidIsValid(relid))
		return;
	rel = table_open(relid, AccessShareLock);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	scan = table_beginscan(rel, snapshot, 0, NULL);
	slot = table_slot_create(rel, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		slot_getallattrs(slot);
		if (!slot->tts_isnull[TERM_OWNER - 1] &&
			strcmp(NameStr(*DatumGetName(slot->tts_values[TERM_OWNER - 1])), rolename) != 0)
			continue;
		if (set->nterms >= allocated)
		{
			allocated *= 2;
			set->terms = repalloc(set->terms, allocated * sizeof(RawTerm));
		}
		read_term(slot, &set->terms[set->nterms++], &set->fingerprint);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(rel, AccessShareLock);
}

bool
term_resolve(const AskSnapshot *snapshot, const char *relation, char *const *columns, int ncolumns,
			 int *position)
{
	int column;

	if (!synonym_resolve(snapshot, relation, position, &column) || column >= 0)
		return false;
	for (int i = 0; i < ncolumns; i++)
	{
		if (relation_column_by_name(&snapshot->relations[*position], columns[i]) < 0)
			return false;
	}
	return true;
}

/* what is the role's own comes before what counts for everybody */
static int
compare_raw(const void *a, const void *b)
{
	const RawTerm *x = a;
	const RawTerm *y = b;
	int order = strcmp(x->phrase, y->phrase);

	return order != 0 ? order : (int) y->own - (int) x->own;
}

static int
compare_terms(const void *a, const void *b)
{
	const SnapshotTerm *x = a;
	const SnapshotTerm *y = b;
	int order;

	if (x->relation != y->relation)
		return x->relation < y->relation ? -1 : 1;
	order = strcmp(x->phrase, y->phrase);
	return order != 0 ? order : strcmp(x->meaning, y->meaning);
}

static const char *
column_name_of(Builder *builder, const char *phrase)
{
	char *name = pstrdup(phrase);

	for (char *p = name; *p; p++)
	{
		if (*p == ' ')
			*p = '_';
	}
	return builder_string(builder, name);
}

/* the columns of a relation, and behind them one for each of its n terms */
static void
add_columns(Builder *builder, SnapshotTerm *terms, int n)
{
	AskSnapshot *face = &builder->snapshot->face;
	SnapshotRelation *relation = &face->relations[terms[0].relation];
	int room = relation->ncolumns + n;
	SnapshotColumn *columns =
		MemoryContextAllocZero(builder->snapshot->context, room * sizeof(SnapshotColumn));

	memcpy(columns, relation->columns, relation->ncolumns * sizeof(SnapshotColumn));
	for (int i = 0; i < n; i++)
	{
		SnapshotColumn *column = &columns[relation->ncolumns + i];
		bool holds = terms[i].kind == TERM_CONDITION;

		terms[i].column = relation->ncolumns + i;
		column->attnum = InvalidAttrNumber;
		column->type_class = holds ? TYPE_CLASS_BOOLEAN : TYPE_CLASS_NUMBER;
		column->type = holds ? BOOLOID : NUMERICOID;
		column->typmod = -1;
		column->name = column_name_of(builder, terms[i].phrase);
		column->plain = column->name;
		column->is_private = terms[i].is_private;
	}
	relation->columns = columns;
}

static void
lay_out_term(Builder *builder, const RawTerm *raw, int relation, SnapshotTerm *term)
{
	List *stems = words_of_text(raw->phrase);
	ListCell *lc;

	term->kind = raw->kind;
	term->phrase = raw->phrase;
	term->meaning = raw->meaning;
	term->adds_up = raw->adds_up;
	term->relation = relation;
	term->column = -1;
	term->nstems = 0;
	term->stems =
		MemoryContextAlloc(builder->snapshot->context, Max(list_length(stems), 1) * sizeof(char *));
	foreach (lc, stems)
		term->stems[term->nstems++] = builder_string(builder, lfirst(lc));
}

static bool
reads_private(const AskSnapshot *face, const RawTerm *raw, int relation)
{
	const SnapshotRelation *rel = &face->relations[relation];

	for (int i = 0; i < raw->ncolumns; i++)
	{
		if (rel->columns[relation_column_by_name(rel, raw->columns[i])].is_private)
			return true;
	}
	return false;
}

/*
 * Keeps the rows as they are, and those of them that are no longer hidden and
 * whose columns are here laid out.
 */
void
builder_terms(Builder *builder, const SynonymSet *rows)
{
	CatalogSnapshot *snapshot = builder->snapshot;
	AskSnapshot *face = &snapshot->face;
	RawTerm *copies = MemoryContextAlloc(snapshot->context, Max(rows->nterms, 1) * sizeof(RawTerm));

	face->terms =
		MemoryContextAllocZero(snapshot->context, Max(rows->nterms, 1) * sizeof(SnapshotTerm));
	if (rows->nterms > 0)
		memcpy(copies, rows->terms, rows->nterms * sizeof(RawTerm));
	qsort(copies, rows->nterms, sizeof(RawTerm), compare_raw);
	for (int i = 0, first = 0; i < rows->nterms; i++)
	{
		RawTerm *raw = &copies[i];
		char **columns =
			MemoryContextAlloc(snapshot->context, Max(raw->ncolumns, 1) * sizeof(char *));
		int relation = -1;

		raw->phrase = unconstify(char *, builder_string(builder, raw->phrase));
		raw->meaning = unconstify(char *, builder_string(builder, raw->meaning));
		if (raw->relation)
			raw->relation = unconstify(char *, builder_string(builder, raw->relation));
		for (int k = 0; k < raw->ncolumns; k++)
			columns[k] = unconstify(char *, builder_string(builder, raw->columns[k]));
		raw->columns = columns;
		if (strcmp(copies[first].phrase, raw->phrase) != 0)
			first = i;
		if (copies[first].own && !raw->own)
			continue;
		if (raw->kind != TERM_PHRASE &&
			!term_resolve(face, raw->relation, raw->columns, raw->ncolumns, &relation))
			continue;
		lay_out_term(builder, raw, relation, &face->terms[face->nterms]);
		face->terms[face->nterms++].is_private =
			relation >= 0 && reads_private(face, raw, relation);
	}
	qsort(face->terms, face->nterms, sizeof(SnapshotTerm), compare_terms);
	for (int i = 0, n; i < face->nterms; i += n)
	{
		for (n = 1; i + n < face->nterms && face->terms[i + n].relation == face->terms[i].relation;)
			n++;
		if (face->terms[i].relation >= 0)
			add_columns(builder, &face->terms[i], n);
	}
	snapshot->synonym_rows.nterms = rows->nterms;
	snapshot->synonym_rows.terms = copies;
}

const SnapshotTerm *
snapshot_term(const AskSnapshot *snapshot, int relation, int column)
{
	if (relation < 0 || column < snapshot->relations[relation].ncolumns)
		return NULL;
	for (int i = 0; i < snapshot->nterms; i++)
	{
		if (snapshot->terms[i].relation == relation && snapshot->terms[i].column == column)
			return &snapshot->terms[i];
	}
	return NULL;
}
