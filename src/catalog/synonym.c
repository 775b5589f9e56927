/*-------------------------------------------------------------------------
 *
 * synonym.c
 *		Words that somebody gave to a table or column.
 *
 * A synonym's target is kept as quoted names, schema.table or
 * schema.table.column, so that it survives dump and restore; one whose target
 * is gone (or not visible to the asking role) is inert, not an error.  A
 * user's synonym counts for the questions of that user's asking role; an
 * operator's, with owner NULL, for all.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/snapshot_private.h"
#include "common/hashfn.h"
#include "common/owner.h"
#include "common/words.h"
#include "miscadmin.h"
#include "tenant/identity.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/varlena.h"

/* columns of sql_agent.synonym */
#define SYNONYM_WORD   1
#define SYNONYM_TARGET 2
#define SYNONYM_OWNER  3
#define SYNONYM_NATTS  3

#define MAX_SYNONYM_LENGTH 200
/* each backend of the owner's asking role keeps them all */
#define MAX_SYNONYMS "1000"

PG_FUNCTION_INFO_V1(sql_agent_synonym_add);
PG_FUNCTION_INFO_V1(sql_agent_synonym_drop);
PG_FUNCTION_INFO_V1(sql_agent_synonym_is_active);

static Oid
synonym_table(void)
{
	Oid nspoid = get_namespace_oid("sql_agent", true);

	return OidIsValid(nspoid) ? get_relname_relid("synonym", nspoid) : InvalidOid;
}

ConfigTable
config_table_of(Oid relid)
{
	Oid nspoid = get_namespace_oid("sql_agent", true);
	char *name;

	if (!OidIsValid(nspoid) || get_rel_namespace(relid) != nspoid)
		return CONFIG_NONE;
	name = get_rel_name(relid);
	if (name == NULL)
		return CONFIG_NONE;
	if (strcmp(name, "synonym") == 0 || strcmp(name, "term") == 0)
		return CONFIG_SYNONYMS;
	if (strcmp(name, "allowed_relation") == 0 || strcmp(name, "allowed_function") == 0 ||
		strcmp(name, "private_column") == 0 || strcmp(name, "relationship") == 0)
		return CONFIG_RELATIONS;
	return CONFIG_NONE;
}

static bool
has_rows(Oid relid)
{
	Relation rel = table_open(relid, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	bool result = HeapTupleIsValid(systable_getnext(scan));

	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return result;
}

bool
config_permits_anything(void)
{
	static const char *const tables[] = {"allowed_relation", "allowed_function"};
	Oid nspoid = get_namespace_oid("sql_agent", true);

	for (int i = 0; OidIsValid(nspoid) && i < lengthof(tables); i++)
	{
		Oid relid = get_relname_relid(tables[i], nspoid);

		if (OidIsValid(relid) && has_rows(relid))
			return true;
	}
	return false;
}

/*
 * Reads the rows that count for the role, straight from the table: no
 * privilege or policy of the caller matters here, the owner is compared below.
 */
void
synonyms_read(Oid role, SynonymSet *set)
{
	char *rolename = GetUserNameFromId(role, false);
	Relation rel;
	Snapshot snapshot;
	TableScanDesc scan;
	TupleTableSlot *slot;
	int allocated = 16;

	memset(set, 0, sizeof(SynonymSet));
	set->relid = synonym_table();
	set->synonyms = palloc(allocated * sizeof(RawSynonym));
	if (!OidIsValid(set->relid))
		return;
	rel = table_open(set->relid, AccessShareLock);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	scan = table_beginscan(rel, snapshot, 0, NULL);
	slot = table_slot_create(rel, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		RawSynonym *synonym;

		slot_getallattrs(slot);
		if (!slot->tts_isnull[SYNONYM_OWNER - 1] &&
			strcmp(NameStr(*DatumGetName(slot->tts_values[SYNONYM_OWNER - 1])), rolename) != 0)
			continue;
		if (set->count >= allocated)
		{
			allocated *= 2;
			set->synonyms = repalloc(set->synonyms, allocated * sizeof(RawSynonym));
		}
		synonym = &set->synonyms[set->count++];
		synonym->phrase =
			words_fold_phrase(TextDatumGetCString(slot->tts_values[SYNONYM_WORD - 1]));
		synonym->target = TextDatumGetCString(slot->tts_values[SYNONYM_TARGET - 1]);
		/* the order of rows in the table must not matter */
		set->fingerprint +=
			hash_combine64(hash_bytes_extended((const unsigned char *) synonym->phrase,
											   strlen(synonym->phrase), 1),
						   hash_bytes_extended((const unsigned char *) synonym->target,
											   strlen(synonym->target), 2));
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(rel, AccessShareLock);
	terms_read(role, set);
}

/* position of schema.name, -1 where there is none */
static int
find_relation(const AskSnapshot *snapshot, const char *schema, const char *name)
{
	int low = 0;
	int high = snapshot->nrelations - 1;

	while (low <= high)
	{
		int middle = (low + high) / 2;
		int order = strcmp(schema, snapshot->relations[middle].schema);

		if (order == 0)
			order = strcmp(name, snapshot->relations[middle].name);
		if (order == 0)
			return middle;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return -1;
}

int
relation_column_by_name(const SnapshotRelation *relation, const char *name)
{
	for (int i = 0; i < relation->ncolumns; i++)
		if (strcmp(relation->columns[i].name, name) == 0)
			return i;
	return -1;
}

bool
synonym_resolve(const AskSnapshot *snapshot, const char *target, int *relation, int *column)
{
	List *names;

	if (!SplitIdentifierString(pstrdup(target), '.', &names) || list_length(names) < 2 ||
		list_length(names) > 3)
		return false;
	*column = -1;
	*relation = find_relation(snapshot, linitial(names), lsecond(names));
	if (*relation < 0)
		return false;
	if (list_length(names) == 3)
	{
		*column = relation_column_by_name(&snapshot->relations[*relation], lthird(names));
		return *column >= 0;
	}
	return true;
}

/*
 * Every reading of the names that the caller gave: table, schema.table,
 * table.column, schema.table.column.  Raises unless there is exactly one.
 */
static char *
resolve_target(const AskSnapshot *snapshot, const char *target)
{
	List *names;
	int matches = 0;
	char *result = NULL;

	if (!SplitIdentifierString(pstrdup(target), '.', &names) || list_length(names) < 1 ||
		list_length(names) > 3)
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME), errmsg("invalid target \"%s\"", target),
						errhint("Give a table or a column, such as sales.amount or "
								"public.sales.amount.")));
	for (int i = 0; i < snapshot->nrelations; i++)
	{
		const SnapshotRelation *relation = &snapshot->relations[i];
		const char *first = linitial(names);
		const char *second = list_length(names) > 1 ? lsecond(names) : NULL;
		const char *third = list_length(names) > 2 ? lthird(names) : NULL;
		const char *column = NULL;
		bool found = false;

		if (third != NULL)
		{
			found = strcmp(first, relation->schema) == 0 && strcmp(second, relation->name) == 0;
			column = third;
		}
		else if (strcmp(first, relation->name) == 0)
		{
			found = true;
			column = second;
		}
		else if (second != NULL)
			found = strcmp(first, relation->schema) == 0 && strcmp(second, relation->name) == 0;
		if (found && column != NULL)
			found = relation_column_by_name(relation, column) >= 0;
		if (!found)
			continue;
		matches++;
		result = quote_qualified_identifier(relation->schema, relation->name);
		if (column != NULL)
			result = psprintf("%s.%s", result, quote_identifier(column));
	}
	if (matches == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("target \"%s\" does not exist", target),
				 errdetail("It is neither a table nor a column that role \"%s\" may ask about.",
						   GetUserNameFromId(snapshot->role, false)),
				 errhint("View sql_agent.my_tables lists what can be asked about.")));
	if (matches > 1)
		ereport(ERROR,
				(errcode(ERRCODE_AMBIGUOUS_ALIAS), errmsg("target \"%s\" is ambiguous", target),
				 errhint("Write it with its schema.")));
	return result;
}

/*
 * Whose the caller's synonyms are: NULL for all, from an operator.
 */
static Datum
synonym_owner(char *null_flag)
{
	*null_flag = 'n';
	if (identity_is_operator())
		return (Datum) 0;
	*null_flag = ' ';
	return DirectFunctionCall1(namein,
							   CStringGetDatum(GetUserNameFromId(identity_asking_role(), false)));
}

static char *
text_argument(FunctionCallInfo fcinfo, int number, const char *name)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("argument \"%s\" must not be null", name)));
	return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

/* the word as it is kept: folded, checked */
static char *
checked_word(const char *word)
{
	char *result = words_fold_phrase(word);

	if (words_of_text(result) == NIL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a synonym must have at least one letter or digit")));
	if (strlen(result) > MAX_SYNONYM_LENGTH)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("synonym is too long"),
						errdetail("The limit is %d bytes.", MAX_SYNONYM_LENGTH)));
	return result;
}

/*
 * synonym_add(word, target): what the word means from now on; another meaning
 * of the same owner is added, not replaced.
 */
Datum
sql_agent_synonym_add(PG_FUNCTION_ARGS)
{
	char *word = checked_word(text_argument(fcinfo, 0, "word"));
	char *target = text_argument(fcinfo, 1, "target");
	char nulls[4] = "   ";
	Oid types[3] = {TEXTOID, TEXTOID, NAMEOID};
	Datum values[3];
	OwnerScope scope;
	bool too_many;
	bool isnull;

	(void) extension_owner();
	target = resolve_target(snapshot_get(identity_asking_role()), target);
	values[0] = CStringGetTextDatum(word);
	values[1] = CStringGetTextDatum(target);
	values[2] = synonym_owner(&nulls[2]);
	owner_scope_enter(&scope);
	if (SPI_execute_with_args(
			"INSERT INTO sql_agent.synonym (word, target, owner)"
			" SELECT $1, $2, $3 WHERE NOT EXISTS"
			" (SELECT FROM sql_agent.synonym s WHERE s.word OPERATOR(pg_catalog.=) $1"
			"  AND s.target OPERATOR(pg_catalog.=) $2"
			"  AND NOT (s.owner IS DISTINCT FROM $3))"
			" RETURNING (SELECT pg_catalog.count(*) FROM sql_agent.synonym s"
			"  WHERE NOT (s.owner IS DISTINCT FROM $3)) OPERATOR(pg_catalog.>=) " MAX_SYNONYMS,
			3, types, values, nulls, false, 0) != SPI_OK_INSERT_RETURNING)
		elog(ERROR, "could not record the synonym");
	too_many = SPI_processed > 0 && DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0],
															   SPI_tuptable->tupdesc, 1, &isnull));
	owner_scope_leave(&scope);
	if (too_many)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many synonyms"),
						errdetail("The limit is " MAX_SYNONYMS " for one owner."),
						errhint("Drop some with synonym_drop().")));
	PG_RETURN_VOID();
}

/*
 * synonym_drop(word): all meanings that the caller gave to the word.
 */
Datum
sql_agent_synonym_drop(PG_FUNCTION_ARGS)
{
	char *word = checked_word(text_argument(fcinfo, 0, "word"));
	char nulls[3] = "  ";
	Oid types[2] = {TEXTOID, NAMEOID};
	Datum values[2];
	OwnerScope scope;
	uint64 dropped;

	(void) extension_owner();
	values[0] = CStringGetTextDatum(word);
	values[1] = synonym_owner(&nulls[1]);
	owner_scope_enter(&scope);
	if (SPI_execute_with_args("DELETE FROM sql_agent.synonym s"
							  " WHERE s.word OPERATOR(pg_catalog.=) $1"
							  " AND NOT (s.owner IS DISTINCT FROM $2)",
							  2, types, values, nulls, false, 0) != SPI_OK_DELETE)
		elog(ERROR, "could not drop the synonym");
	dropped = SPI_processed;
	owner_scope_leave(&scope);
	if (dropped == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("synonym \"%s\" does not exist", word),
				 errhint("View sql_agent.synonyms lists them; only those of your own "
						 "can be dropped.")));
	PG_RETURN_VOID();
}

Datum
sql_agent_synonym_is_active(PG_FUNCTION_ARGS)
{
	char *target = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int relation;
	int column;

	PG_RETURN_BOOL(
		synonym_resolve(snapshot_get(identity_asking_role()), target, &relation, &column));
}
