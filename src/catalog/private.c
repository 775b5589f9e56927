/*-------------------------------------------------------------------------
 *
 * private.c
 *		Columns that somebody marked private: they never leave for a model.
 *
 * A mark must hold whatever becomes of the column, so it is kept twice: by
 * names, which survive dump and restore, and by OID and column number, which
 * survive a rename.  A column is private when either fits.  OIDs count only in
 * the installation that they were written in.  An event trigger takes a new
 * name over, so that a dump made after a rename is right too.
 *
 * Marks are the same for all roles; a mark that leads to nothing does no harm.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "catalog/private.h"
#include "catalog/relationship.h"
#include "commands/event_trigger.h"
#include "common/owner.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tenant/identity.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* columns of sql_agent.private_column */
#define PRIVATE_SCHEMA       1
#define PRIVATE_TABLE        2
#define PRIVATE_COLUMN       3
#define PRIVATE_RELATION     4
#define PRIVATE_ATTNUM       5
#define PRIVATE_INSTALLATION 6

PG_FUNCTION_INFO_V1(sql_agent_mark_private);
PG_FUNCTION_INFO_V1(sql_agent_unmark_private);
PG_FUNCTION_INFO_V1(sql_agent_relation_renamed);

typedef struct PrivateColumn
{
	NameData schema;
	NameData table;
	NameData column;
	Oid relid; /* InvalidOid where it was written elsewhere */
	AttrNumber attnum;
} PrivateColumn;

struct PrivateColumns
{
	int count;
	PrivateColumn *by_name;
	PrivateColumn *by_oid;
};

char *
private_installation(void)
{
	return psprintf(UINT64_FORMAT "/%u", GetSystemIdentifier(), MyDatabaseId);
}

static int
compare_table(const PrivateColumn *a, const char *schema, const char *table)
{
	int order = strcmp(NameStr(a->schema), schema);

	return order != 0 ? order : strcmp(NameStr(a->table), table);
}

static int
compare_by_name(const void *a, const void *b)
{
	const PrivateColumn *y = b;

	return compare_table(a, NameStr(y->schema), NameStr(y->table));
}

static int
compare_by_oid(const void *a, const void *b)
{
	Oid x = ((const PrivateColumn *) a)->relid;
	Oid y = ((const PrivateColumn *) b)->relid;

	return x < y ? -1 : x > y;
}

static void
read_row(TupleTableSlot *slot, const char *here, PrivateColumn *mark)
{
	char *written;

	slot_getallattrs(slot);
	mark->schema = *DatumGetName(slot->tts_values[PRIVATE_SCHEMA - 1]);
	mark->table = *DatumGetName(slot->tts_values[PRIVATE_TABLE - 1]);
	mark->column = *DatumGetName(slot->tts_values[PRIVATE_COLUMN - 1]);
	written = TextDatumGetCString(slot->tts_values[PRIVATE_INSTALLATION - 1]);
	mark->relid = InvalidOid;
	if (strcmp(written, here) == 0)
		mark->relid = DatumGetObjectId(slot->tts_values[PRIVATE_RELATION - 1]);
	mark->attnum = DatumGetInt16(slot->tts_values[PRIVATE_ATTNUM - 1]);
}

/*
 * Straight from the table, as synonyms are read: no privilege or policy of the
 * caller matters to what is private.
 */
PrivateColumns *
private_columns_read(void)
{
	PrivateColumns *set = palloc0(sizeof(PrivateColumns));
	Oid nspoid = get_namespace_oid("sql_agent", true);
	Oid relid = OidIsValid(nspoid) ? get_relname_relid("private_column", nspoid) : InvalidOid;
	char *here = private_installation();
	int allocated = 16;
	Relation rel;
	Snapshot snapshot;
	TableScanDesc scan;
	TupleTableSlot *slot;

	if (!OidIsValid(relid))
		return set;
	set->by_name = palloc(allocated * sizeof(PrivateColumn));
	rel = table_open(relid, AccessShareLock);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	scan = table_beginscan(rel, snapshot, 0, NULL);
	slot = table_slot_create(rel, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		if (set->count >= allocated)
		{
			allocated *= 2;
			set->by_name = repalloc_huge(set->by_name, allocated * sizeof(PrivateColumn));
		}
		read_row(slot, here, &set->by_name[set->count++]);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(rel, AccessShareLock);

	set->by_oid = palloc(Max(set->count, 1) * sizeof(PrivateColumn));
	memcpy(set->by_oid, set->by_name, set->count * sizeof(PrivateColumn));
	qsort(set->by_name, set->count, sizeof(PrivateColumn), compare_by_name);
	qsort(set->by_oid, set->count, sizeof(PrivateColumn), compare_by_oid);
	return set;
}

static void
apply_names(const PrivateColumns *set, SnapshotRelation *relation)
{
	int low = 0;
	int high = set->count;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (compare_table(&set->by_name[middle], relation->schema, relation->name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < set->count; low++)
	{
		const PrivateColumn *mark = &set->by_name[low];

		if (compare_table(mark, relation->schema, relation->name) != 0)
			break;
		for (int i = 0; i < relation->ncolumns; i++)
			if (strcmp(relation->columns[i].name, NameStr(mark->column)) == 0)
				relation->columns[i].is_private = true;
	}
}

static void
apply_oids(const PrivateColumns *set, SnapshotRelation *relation)
{
	int low = 0;
	int high = set->count;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (set->by_oid[middle].relid < relation->relid)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < set->count && set->by_oid[low].relid == relation->relid; low++)
	{
		int position = snapshot_column_by_attnum(relation, set->by_oid[low].attnum);

		if (position >= 0)
			relation->columns[position].is_private = true;
	}
}

void
private_columns_apply(const PrivateColumns *set, SnapshotRelation *relation)
{
	if (set->count == 0)
		return;
	apply_names(set, relation);
	apply_oids(set, relation);
}

List *
private_columns_of(Oid relid)
{
	const PrivateColumns *set = private_columns_read();
	char *table = get_rel_name(relid);
	char *schema = get_namespace_name(get_rel_namespace(relid));
	List *result = NIL;

	for (int i = 0; table != NULL && schema != NULL && i < set->count; i++)
	{
		const PrivateColumn *mark = &set->by_name[i];

		if (mark->relid == relid)
			result = list_append_unique_int(result, mark->attnum);
		if (compare_table(mark, schema, table) == 0)
			result = list_append_unique_int(result, get_attnum(relid, NameStr(mark->column)));
	}
	return result;
}

/* what a mark is about: an existing column that the caller may decide on */
typedef struct MarkTarget
{
	Oid relid;
	AttrNumber attnum;
	char *schema;
	char *table;
	char *column;
} MarkTarget;

static MarkTarget
read_target(FunctionCallInfo fcinfo)
{
	MarkTarget target;

	(void) extension_owner();
	target.relid = PG_GETARG_OID(0);
	target.column = pstrdup(NameStr(*PG_GETARG_NAME(1)));
	target.table = get_rel_name(target.relid);
	if (target.table == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("relation with OID %u does not exist", target.relid)));
	target.schema = get_namespace_name(get_rel_namespace(target.relid));
	if (!identity_is_operator() && !compat_owns_relation(target.relid, GetUserId()))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("must be owner of relation %s", target.table),
						errhint("Its owner, or an operator, can say what is private.")));
	target.attnum = get_attnum(target.relid, target.column);
	if (target.attnum <= 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("column \"%s\" of relation \"%s\" does not exist", target.column,
							   target.table)));
	return target;
}

static void
fill_values(const MarkTarget *target, Datum *values)
{
	values[0] = DirectFunctionCall1(namein, CStringGetDatum(target->schema));
	values[1] = DirectFunctionCall1(namein, CStringGetDatum(target->table));
	values[2] = DirectFunctionCall1(namein, CStringGetDatum(target->column));
	values[3] = ObjectIdGetDatum(target->relid);
	values[4] = Int16GetDatum(target->attnum);
	values[5] = CStringGetTextDatum(private_installation());
}

static Oid value_types[] = {NAMEOID, NAMEOID, NAMEOID, OIDOID, INT2OID, TEXTOID, NAMEOID};

/* the rows that mark the column, by either way */
#define IS_MARKED                                                                          \
	" (p.schema_name OPERATOR(pg_catalog.=) $1 AND p.table_name OPERATOR(pg_catalog.=) $2" \
	"  AND p.column_name OPERATOR(pg_catalog.=) $3"                                        \
	"  OR p.relation OPERATOR(pg_catalog.=) $4 AND p.attnum OPERATOR(pg_catalog.=) $5"     \
	"  AND p.installation OPERATOR(pg_catalog.=) $6)"

/*
 * mark_private(relation, column): marking twice is the same as once.
 */
Datum
sql_agent_mark_private(PG_FUNCTION_ARGS)
{
	MarkTarget target = read_target(fcinfo);
	Datum values[7];
	OwnerScope scope;

	fill_values(&target, values);
	values[6] = DirectFunctionCall1(namein, CStringGetDatum(GetUserNameFromId(GetUserId(), false)));
	owner_scope_enter(&scope);
	if (SPI_execute_with_args("INSERT INTO sql_agent.private_column AS p (schema_name, table_name,"
							  " column_name, relation, attnum, installation, marked_by)"
							  " VALUES ($1, $2, $3, $4, $5, $6, $7)"
							  " ON CONFLICT (schema_name, table_name, column_name) DO UPDATE"
							  " SET relation = $4, attnum = $5, installation = $6",
							  7, value_types, values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not mark the column");
	owner_scope_leave(&scope);
	PG_RETURN_VOID();
}

/*
 * unmark_private(relation, column)
 */
Datum
sql_agent_unmark_private(PG_FUNCTION_ARGS)
{
	MarkTarget target = read_target(fcinfo);
	Datum values[6];
	OwnerScope scope;
	uint64 removed;

	fill_values(&target, values);
	owner_scope_enter(&scope);
	if (SPI_execute_with_args("DELETE FROM sql_agent.private_column p WHERE" IS_MARKED, 6,
							  value_types, values, NULL, false, 0) != SPI_OK_DELETE)
		elog(ERROR, "could not take the mark back");
	removed = SPI_processed;
	owner_scope_leave(&scope);
	if (removed == 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("column \"%s\" of relation \"%s\" is not private", target.column,
							   target.table)));
	PG_RETURN_VOID();
}

static void
take_over_names(void)
{
	Oid types[] = {TEXTOID};
	Datum values[] = {CStringGetTextDatum(private_installation())};
	OwnerScope scope;

	owner_scope_enter(&scope);
	if (SPI_execute_with_args(
			"UPDATE sql_agent.private_column AS p"
			" SET schema_name = n.nspname, table_name = c.relname, column_name = a.attname"
			" FROM pg_catalog.pg_class AS c"
			" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
			" JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) c.oid"
			" WHERE p.installation OPERATOR(pg_catalog.=) $1"
			" AND c.oid OPERATOR(pg_catalog.=) p.relation"
			" AND a.attnum OPERATOR(pg_catalog.=) p.attnum AND NOT a.attisdropped"
			" AND (n.nspname OPERATOR(pg_catalog.<>) p.schema_name"
			"  OR c.relname OPERATOR(pg_catalog.<>) p.table_name"
			"  OR a.attname OPERATOR(pg_catalog.<>) p.column_name)"
			" AND NOT EXISTS (SELECT FROM sql_agent.private_column AS o"
			"  WHERE o.schema_name OPERATOR(pg_catalog.=) n.nspname"
			"  AND o.table_name OPERATOR(pg_catalog.=) c.relname"
			"  AND o.column_name OPERATOR(pg_catalog.=) a.attname)",
			1, types, values, NULL, false, 0) != SPI_OK_UPDATE)
		elog(ERROR, "could not take over a new name");
	owner_scope_leave(&scope);
}

/*
 * Event trigger at the end of ALTER: something may have another name or be in
 * another schema.
 */
Datum
sql_agent_relation_renamed(PG_FUNCTION_ARGS)
{
	EventTriggerData *trigger;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("function must be called as an event trigger")));
	trigger = (EventTriggerData *) fcinfo->context;
	if (!IsA(trigger->parsetree, RenameStmt) && !IsA(trigger->parsetree, AlterObjectSchemaStmt))
		PG_RETURN_NULL();
	if (private_columns_read()->count > 0)
		take_over_names();
	relationships_follow_rename(trigger->parsetree);
	PG_RETURN_NULL();
}
