/*-------------------------------------------------------------------------
 *
 * relationship.c
 *		Relationships that were recorded: kept, taken back, read.
 *
 * They are kept by names, which survive dump and restore, and by OIDs, which
 * survive a rename: an event trigger takes new names over.  One whose tables or
 * columns are gone, or not visible to the asking role, is inert.  What is dropped
 * takes its relationships along: relationship_drop.c.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "catalog/reader.h"
#include "catalog/relationship.h"
#include "commands/trigger.h"
#include "common/owner.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(sql_agent_relationship_changed);

/* ---- reading ---- */

void
reader_open_recorded(CatalogReader *reader)
{
	Oid nspoid = get_namespace_oid("sql_agent", true);

	if (!OidIsValid(nspoid))
		return;
	reader->recorded_oid = get_relname_relid("relationship", nspoid);
	reader->recorded_key = get_relname_relid("relationship_pkey", nspoid);
	if (!OidIsValid(reader->recorded_oid) || !OidIsValid(reader->recorded_key))
		return;
	reader->recorded = table_open(reader->recorded_oid, AccessShareLock);
	reader->recorded_snapshot = RegisterSnapshot(GetLatestSnapshot());
}

void
reader_close_recorded(CatalogReader *reader)
{
	if (reader->recorded == NULL)
		return;
	UnregisterSnapshot(reader->recorded_snapshot);
	table_close(reader->recorded, AccessShareLock);
}

static int
name_array(HeapTuple tuple, int column, TupleDesc desc, Datum **names)
{
	bool isnull;
	ArrayType *array = DatumGetArrayTypeP(heap_getattr(tuple, column, desc, &isnull));
	int count;

	deconstruct_array(array, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR, names, NULL, &count);
	return count;
}

/* false where a column is gone */
static bool
column_numbers(Oid relation, const Datum *names, int count, AttrNumber *attnums)
{
	for (int i = 0; i < count; i++)
	{
		attnums[i] = get_attnum(relation, NameStr(*DatumGetName(names[i])));
		if (attnums[i] <= 0)
			return false;
	}
	return count > 0;
}

static bool
is_declared(const RelationDetail *detail, const ForeignKey *recorded)
{
	Size size = recorded->nkeys * sizeof(AttrNumber);

	for (int i = 0; i < detail->nforeign_keys; i++)
	{
		const ForeignKey *fk = &detail->foreign_keys[i];

		if (fk->to == recorded->to && fk->nkeys == recorded->nkeys &&
			memcmp(fk->from_attnums, recorded->from_attnums, size) == 0 &&
			memcmp(fk->to_attnums, recorded->to_attnums, size) == 0)
			return true;
	}
	return false;
}

static void
add_recorded(CatalogReader *reader, HeapTuple tuple, Oid relid, RelationDetail *detail)
{
	TupleDesc desc = RelationGetDescr(reader->recorded);
	bool isnull;
	Name schema = DatumGetName(heap_getattr(tuple, RELATIONSHIP_TO_SCHEMA, desc, &isnull));
	Name table = DatumGetName(heap_getattr(tuple, RELATIONSHIP_TO_TABLE, desc, &isnull));
	Oid nspoid = get_namespace_oid(NameStr(*schema), true);
	ForeignKey key = {.recorded = true};
	Datum *from;
	Datum *to;

	key.to = OidIsValid(nspoid) ? get_relname_relid(NameStr(*table), nspoid) : InvalidOid;
	key.nkeys = name_array(tuple, RELATIONSHIP_FROM_COLUMNS, desc, &from);
	if (!OidIsValid(key.to) || name_array(tuple, RELATIONSHIP_TO_COLUMNS, desc, &to) != key.nkeys)
		return;
	key.from_attnums = palloc(Max(key.nkeys, 1) * sizeof(AttrNumber));
	key.to_attnums = palloc(Max(key.nkeys, 1) * sizeof(AttrNumber));
	if (!column_numbers(relid, from, key.nkeys, key.from_attnums) ||
		!column_numbers(key.to, to, key.nkeys, key.to_attnums) || is_declared(detail, &key))
		return;
	if (detail->foreign_keys == NULL)
		detail->foreign_keys = palloc(sizeof(ForeignKey));
	else
		detail->foreign_keys =
			repalloc(detail->foreign_keys, (detail->nforeign_keys + 1) * sizeof(ForeignKey));
	detail->foreign_keys[detail->nforeign_keys++] = key;
}

/*
 * Adds those of the relation to its foreign keys.  Straight from the table, as
 * synonyms are read: what is not visible falls away when edges are made.
 */
void
reader_recorded(CatalogReader *reader, const SnapshotRelation *relation, RelationDetail *detail)
{
	ScanKeyData keys[2];
	NameData schema;
	NameData name;
	SysScanDesc scan;
	HeapTuple tuple;

	if (reader->recorded == NULL)
		return;
	namestrcpy(&schema, relation->schema);
	namestrcpy(&name, relation->name);
	ScanKeyInit(&keys[0], RELATIONSHIP_FROM_SCHEMA, BTEqualStrategyNumber, F_NAMEEQ,
				NameGetDatum(&schema));
	ScanKeyInit(&keys[1], RELATIONSHIP_FROM_TABLE, BTEqualStrategyNumber, F_NAMEEQ,
				NameGetDatum(&name));
	scan = systable_beginscan(reader->recorded, reader->recorded_key, true,
							  reader->recorded_snapshot, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		add_recorded(reader, tuple, relation->relid, detail);
	systable_endscan(scan);
}

/* ---- recording, for uploads ---- */

static Datum
name_datum(const char *name)
{
	return DirectFunctionCall1(namein, CStringGetDatum(name));
}

static Datum
names_datum(List *names)
{
	Datum *elements = palloc(Max(list_length(names), 1) * sizeof(Datum));
	int count = 0;
	ListCell *lc;

	foreach (lc, names)
		elements[count++] = name_datum(lfirst(lc));
	return PointerGetDatum(
		construct_array(elements, count, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR));
}

static void
forget_found(Oid table)
{
	Oid types[] = {NAMEOID, NAMEOID};
	Datum values[] = {name_datum(get_namespace_name(get_rel_namespace(table))),
					  name_datum(get_rel_name(table))};

	if (SPI_execute_with_args("DELETE FROM sql_agent.relationship AS r WHERE r.source"
							  " OPERATOR(pg_catalog.=) 'upload'"
							  " AND r.from_schema OPERATOR(pg_catalog.=) $1"
							  " AND r.from_table OPERATOR(pg_catalog.=) $2",
							  2, types, values, NULL, false, 0) != SPI_OK_DELETE)
		elog(ERROR, "could not forget relationships");
}

/* in the scope of the extension's owner; an equal one stays as it is */
static void
insert_relationship(const RecordedRelationship *relationship, const char *source,
					const char *recorded_by)
{
	Oid types[] = {NAMEOID, NAMEOID, NAMEARRAYOID, NAMEOID, NAMEOID, NAMEARRAYOID,
				   OIDOID,  OIDOID,  TEXTOID,      TEXTOID, NAMEOID};
	Datum values[] = {
		name_datum(get_namespace_name(get_rel_namespace(relationship->from))),
		name_datum(get_rel_name(relationship->from)),
		names_datum(relationship->from_columns),
		name_datum(get_namespace_name(get_rel_namespace(relationship->to))),
		name_datum(get_rel_name(relationship->to)),
		names_datum(relationship->to_columns),
		ObjectIdGetDatum(relationship->from),
		ObjectIdGetDatum(relationship->to),
		CStringGetTextDatum(private_installation()),
		CStringGetTextDatum(source),
		name_datum(recorded_by),
	};

	if (SPI_execute_with_args(
			"INSERT INTO sql_agent.relationship AS r (from_schema, from_table, from_columns,"
			" to_schema, to_table, to_columns, from_relation, to_relation, installation, source,"
			" recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
			" ON CONFLICT DO NOTHING",
			lengthof(types), types, values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not record a relationship");
}

void
relationships_replace(List *tables, List *relationships)
{
	char *recorded_by = GetUserNameFromId(GetUserId(), false);
	OwnerScope scope;
	ListCell *lc;

	owner_scope_enter(&scope);
	foreach (lc, tables)
		forget_found(lfirst_oid(lc));
	foreach (lc, relationships)
		insert_relationship(lfirst(lc), "upload", recorded_by);
	owner_scope_leave(&scope);
}

void
relationship_give(const RecordedRelationship *relationship)
{
	char *recorded_by = GetUserNameFromId(GetUserId(), false);
	OwnerScope scope;

	owner_scope_enter(&scope);
	insert_relationship(relationship, "given", recorded_by);
	owner_scope_leave(&scope);
}

bool
relationship_take_back(const RecordedRelationship *relationship)
{
	Oid types[] = {NAMEOID, NAMEOID, NAMEARRAYOID, NAMEOID, NAMEOID, NAMEARRAYOID};
	Datum values[] = {
		name_datum(get_namespace_name(get_rel_namespace(relationship->from))),
		name_datum(get_rel_name(relationship->from)),
		names_datum(relationship->from_columns),
		name_datum(get_namespace_name(get_rel_namespace(relationship->to))),
		name_datum(get_rel_name(relationship->to)),
		names_datum(relationship->to_columns),
	};
	OwnerScope scope;
	uint64 removed;

	owner_scope_enter(&scope);
	if (SPI_execute_with_args(
			"DELETE FROM sql_agent.relationship AS r WHERE r.from_schema OPERATOR(pg_catalog.=) $1"
			" AND r.from_table OPERATOR(pg_catalog.=) $2"
			" AND r.from_columns OPERATOR(pg_catalog.=) $3"
			" AND r.to_schema OPERATOR(pg_catalog.=) $4"
			" AND r.to_table OPERATOR(pg_catalog.=) $5"
			" AND r.to_columns OPERATOR(pg_catalog.=) $6",
			lengthof(types), types, values, NULL, false, 0) != SPI_OK_DELETE)
		elog(ERROR, "could not take the relationship back");
	removed = SPI_processed;
	owner_scope_leave(&scope);
	return removed > 0;
}

/* ---- keeping up ---- */

static void
invalidate_from(HeapTuple tuple, TupleDesc desc)
{
	bool isnull;
	Name schema = DatumGetName(heap_getattr(tuple, RELATIONSHIP_FROM_SCHEMA, desc, &isnull));
	Name table = DatumGetName(heap_getattr(tuple, RELATIONSHIP_FROM_TABLE, desc, &isnull));
	Oid nspoid = get_namespace_oid(NameStr(*schema), true);
	Oid relid = OidIsValid(nspoid) ? get_relname_relid(NameStr(*table), nspoid) : InvalidOid;

	if (OidIsValid(relid))
		CacheInvalidateRelcacheByRelid(relid);
}

Datum
sql_agent_relationship_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc desc;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("function must be called as a trigger for each row")));
	desc = RelationGetDescr(trigger->tg_relation);
	invalidate_from(trigger->tg_trigtuple, desc);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		invalidate_from(trigger->tg_newtuple, desc);
	return PointerGetDatum(NULL);
}

/* other names of tables and schemas */
static void
take_over_tables(void)
{
	static const char update[] =
		"UPDATE sql_agent.relationship AS r SET %s_schema = n.nspname, %s_table = c.relname"
		" FROM pg_catalog.pg_class AS c"
		" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
		" WHERE r.installation OPERATOR(pg_catalog.=) $1"
		" AND c.oid OPERATOR(pg_catalog.=) r.%s_relation"
		" AND (n.nspname OPERATOR(pg_catalog.<>) r.%s_schema"
		"  OR c.relname OPERATOR(pg_catalog.<>) r.%s_table)";
	static const char *const ends[] = {"from", "to"};
	Oid types[] = {TEXTOID};
	Datum values[] = {CStringGetTextDatum(private_installation())};

	for (int i = 0; i < (int) lengthof(ends); i++)
		if (SPI_execute_with_args(psprintf(update, ends[i], ends[i], ends[i], ends[i], ends[i]), 1,
								  types, values, NULL, false, 0) != SPI_OK_UPDATE)
			elog(ERROR, "could not take over a new name");
}

static void
take_over_column(Oid relation, const char *old_name, const char *new_name)
{
	static const char update[] = "UPDATE sql_agent.relationship AS r"
								 " SET %s_columns = pg_catalog.array_replace(r.%s_columns, $1, $2)"
								 " WHERE r.installation OPERATOR(pg_catalog.=) $3"
								 " AND r.%s_relation OPERATOR(pg_catalog.=) $4";
	static const char *const ends[] = {"from", "to"};
	Oid types[] = {NAMEOID, NAMEOID, TEXTOID, OIDOID};
	Datum values[] = {name_datum(old_name), name_datum(new_name),
					  CStringGetTextDatum(private_installation()), ObjectIdGetDatum(relation)};

	for (int i = 0; i < (int) lengthof(ends); i++)
		if (SPI_execute_with_args(psprintf(update, ends[i], ends[i], ends[i]), 4, types, values,
								  NULL, false, 0) != SPI_OK_UPDATE)
			elog(ERROR, "could not take over a new name");
}

/*
 * At the end of an ALTER that may have given something another name.
 */
void
relationships_follow_rename(Node *statement)
{
	RenameStmt *rename = IsA(statement, RenameStmt) ? (RenameStmt *) statement : NULL;
	OwnerScope scope;
	Oid relation = InvalidOid;

	if (rename != NULL && rename->renameType == OBJECT_COLUMN && rename->relation != NULL)
		relation = RangeVarGetRelid(rename->relation, NoLock, true);
	owner_scope_enter(&scope);
	if (OidIsValid(relation))
		take_over_column(relation, rename->subname, rename->newname);
	else
		take_over_tables();
	owner_scope_leave(&scope);
}
