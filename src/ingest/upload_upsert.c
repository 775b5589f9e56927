/*-------------------------------------------------------------------------
 *
 * upload_upsert.c
 *		Rows of a sheet into a table that has some of them already.
 *
 * They are loaded into a table of their own beside the target, which only this
 * transaction sees; what is wrong with them shows there, as rows of the file.
 * Then rows whose key exists are updated and the others inserted, by two
 * statements: triggers, generated columns, defaults and constraints behave as they
 * do for those, and the key needs no index.  The target is locked against other
 * writers meanwhile, so that no row comes in between.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/table.h"
#include "access/xact.h"
#include "ingest/load.h"
#include "ingest/shown.h"
#include "ingest/tables.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* names of all columns of the sheet */
static List *
column_names(const SheetLayout *layout)
{
	List *names = NIL;

	for (int i = 0; i < layout->ncolumns; i++)
		names = lappend(names, layout->columns[i].name);
	return names;
}

static bool
has_name(List *names, const char *name)
{
	ListCell *lc;

	foreach (lc, names)
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	return false;
}

static List *
primary_key(Oid relation)
{
	Relation rel = table_open(relation, NoLock);
	Bitmapset *columns = RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_PRIMARY_KEY);
	List *names = NIL;
	int member = -1;

	while ((member = bms_next_member(columns, member)) >= 0)
		names = lappend(
			names,
			upload_utf8(get_attname(
				relation, (AttrNumber) (member + FirstLowInvalidHeapAttributeNumber), false)));
	table_close(rel, NoLock);
	return names;
}

/* a column that is named like a key, and is one among the rows of the target */
static List *
proven_key(const SheetLayout *layout, const char *relation)
{
	for (int i = 0; i < layout->ncolumns; i++)
	{
		List *column = list_make1(layout->columns[i].name);

		if (key_named_like(layout->columns[i].name) && tables_unique(relation, column))
			return column;
	}
	return NIL;
}

static List *
choose_key(const UploadTable *table, const UploadOptions *options, const char *relation)
{
	List *key = NIL;
	ListCell *lc;

	if (options->key != NIL)
	{
		key = tables_columns(table->layout, options->key);
		if (!tables_unique(relation, key))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("(%s) is no key of table \"%s\"", shown(tables_plain_list(key)),
								   shown(table->name)),
							errdetail("Several of its rows have the same values there."),
							errhint("Give columns that tell its rows apart as the option key.")));
		return key;
	}
	key = primary_key(table->relation);
	if (key == NIL)
		key = proven_key(table->layout, relation);
	if (key == NIL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("table \"%s\" has no key to update rows by", shown(table->name)),
						errhint("Give the columns that tell its rows apart as the option key.")));
	foreach (lc, key)
		if (!has_name(column_names(table->layout), lfirst(lc)))
			ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
							errmsg("the file has no column \"%s\", which is of the key of table "
								   "\"%s\"",
								   shown(lfirst(lc)), shown(table->name)),
							errhint("Give other columns as the option key.")));
	return key;
}

/*
 * Where a transaction keeps its first snapshot the lock does not help: rows that
 * came before it are there and are not seen.  A primary key finds them.
 */
static void
check_isolation(const UploadTable *table, List *key)
{
	List *primary = primary_key(table->relation);
	ListCell *lc;
	bool same = list_length(primary) == list_length(key);

	if (!IsolationUsesXactSnapshot())
		return;
	foreach (lc, key)
		same = same && has_name(primary, lfirst(lc));
	if (!same)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("rows of table \"%s\" can not be updated by (%s) at this isolation level",
						shown(table->name), shown(tables_plain_list(key))),
				 errdetail("It is not the primary key: rows that others added may be added again."),
				 errhint("Upload in a READ COMMITTED transaction.")));
}

/* a relation of the same columns and no more: no constraint, default or trigger */
static char *
create_staging(const UploadTable *table, const UploadTarget *target, const char *relation)
{
	TakenNames taken = {0};
	char *name;

	do
		name = name_clean(psprintf("%s_upload", table->name), "upload", true, &taken);
	while (OidIsValid(get_relname_relid(upload_server_text(name), target->schema_oid)));
	tables_run(psprintf("CREATE UNLOGGED TABLE %s AS SELECT %s FROM %s WITH NO DATA",
						tables_qualified(target, name),
						tables_list(column_names(table->layout), ""), relation));
	CommandCounterIncrement();
	return name;
}

static void
check_staged_key(const UploadTable *table, SheetReader *reader, const char *staging, List *key)
{
	Duplicate duplicate;
	int64 row = tables_find_incomplete(reader, table->layout, staging, key);

	if (row > 0)
		key_missing(key, row);
	if (tables_find_duplicate(reader, table->layout, staging, key, &duplicate))
		key_repeated(key, &duplicate);
}

static int64
update_rows(const char *relation, const char *staging, List *columns, List *key)
{
	StringInfoData sets;
	ListCell *lc;

	initStringInfo(&sets);
	foreach (lc, columns)
		if (!has_name(key, lfirst(lc)))
			appendStringInfo(&sets, "%s%s = s.%s", sets.len > 0 ? ", " : "",
							 tables_quoted(lfirst(lc)), tables_quoted(lfirst(lc)));
	if (sets.len == 0)
		return 0;
	return (int64) tables_run(psprintf("UPDATE %s AS t SET %s FROM %s AS s WHERE %s", relation,
									   sets.data, staging, tables_equal("t", key, "s", key)));
}

static int64
insert_rows(const char *relation, const char *staging, List *columns, List *key)
{
	return (int64) tables_run(
		psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s AS s"
				 " WHERE NOT EXISTS (SELECT FROM %s AS t WHERE %s) ORDER BY s.ctid",
				 relation, tables_list(columns, ""), tables_list(columns, "s."), staging, relation,
				 tables_equal("t", key, "s", key)));
}

void
upsert_sheet(UploadTable *table, SheetReader *reader, const UploadOptions *options,
			 const UploadTarget *target)
{
	char *relation = tables_qualified(target, table->name);
	List *columns = column_names(table->layout);
	char *name;
	char *staging;
	List *key;

	tables_run(psprintf("LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE", relation));
	key = choose_key(table, options, relation);
	check_isolation(table, key);
	name = create_staging(table, target, relation);
	staging = tables_qualified(target, name);
	(void) load_sheet(reader, table->layout, &options->sheet,
					  get_relname_relid(upload_server_text(name), target->schema_oid),
					  &table->rows);
	CommandCounterIncrement();
	check_staged_key(table, reader, staging, key);
	tables_run(psprintf("ANALYZE %s", staging));
	table->upserted = true;
	table->keys = key;
	table->updated = update_rows(relation, staging, columns, key);
	table->inserted = insert_rows(relation, staging, columns, key);
	/* of rows that are nothing but a key those that exist are as they should be */
	if (list_length(columns) > list_length(key))
		table->left_out = Max(table->rows - table->updated - table->inserted, 0);
	tables_run(psprintf("DROP TABLE %s", staging));
}
