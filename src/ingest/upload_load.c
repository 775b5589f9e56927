/*-------------------------------------------------------------------------
 *
 * upload_load.c
 *		A file into tables: all of its sheets, or none.
 *
 * Everything that touches the target runs as its owner in the restricted
 * security context, so that nothing that a tenant put there (a trigger, an index
 * expression, a domain) runs with more rights than the tenant's own.  Names of
 * types and operators are pg_catalog's whatever the caller's search_path is: a
 * domain of the caller named "text" would run its checks as the owner.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/errors.h"
#include "common/hashfn.h"
#include "common/owner.h"
#include "executor/spi.h"
#include "ingest/load.h"
#include "ingest/progress.h"
#include "ingest/shown.h"
#include "ingest/tables.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#define MAX_ROW_WIDTH 8100 /* bytes of a row that must be on its page */
#define TOAST_POINTER 18
#define ROW_HEADER    24
#define MAX_COMMENT   1000
#define CLASS_TABLE   0x5343 /* of advisory locks; those of people are 1 and 2 */

static int
fixed_width(ColumnType type)
{
	switch (type)
	{
		case COLUMN_BOOLEAN:
			return 1;
		case COLUMN_INTEGER:
		case COLUMN_DATE:
			return 4;
		case COLUMN_INTERVAL:
		case COLUMN_UUID:
			return 16;
		case COLUMN_NUMERIC:
			return 12;
		case COLUMN_TEXT:
		case COLUMN_JSONB:
			return TOAST_POINTER;
		default:
			return 8;
	}
}

/*
 * A row that can not be stored would fail in the middle of the load with a
 * message that names no sheet.
 */
static void
check_row_width(const SheetLayout *layout)
{
	int width = ROW_HEADER + layout->ncolumns / 8;

	for (int i = 0; i < layout->ncolumns; i++)
	{
		const SheetColumn *column = &layout->columns[i];
		int bytes = fixed_width(column->type);

		if (column->type == COLUMN_TEXT)
			bytes = Min(bytes, column->max_length + 1);
		width += bytes;
	}
	if (width > MAX_ROW_WIDTH)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("rows are too wide for a table: %d columns, some %d bytes",
							   layout->ncolumns, width),
						errhint("Split the sheet into several with fewer columns.")));
}

/*
 * Names of tables that other transactions are making can not be seen; so each name
 * is locked, and one that is locked is taken, without a wait.
 */
static bool
reserve_name(const char *name, const UploadTarget *target)
{
	LOCKTAG tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, target->schema_oid,
						 DatumGetUInt32(hash_any((const unsigned char *) name, (int) strlen(name))),
						 CLASS_TABLE);
	if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		return false;
	/* who had it before may have made the table */
	AcceptInvalidationMessages();
	return true;
}

/* a name for the table that no relation of the schema has */
static char *
free_table_name(const char *original, const UploadOptions *options, const UploadTarget *target)
{
	char *prefixed =
		options->prefix != NULL ? psprintf("%s%s", options->prefix, original) : pstrdup(original);
	TakenNames taken = {0};
	char *name = name_clean(prefixed, "table", options->sheet.keep_names, &taken);

	if (options->mode != UPLOAD_CREATE)
		return name;
	while (!reserve_name(name, target) ||
		   OidIsValid(get_relname_relid(upload_server_text(name), target->schema_oid)) ||
		   OidIsValid(GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
									  CStringGetDatum(upload_server_text(name)),
									  ObjectIdGetDatum(target->schema_oid))))
		name = name_clean(prefixed, "table", options->sheet.keep_names, &taken);
	return name;
}

/* the file's name without folders and ending */
static char *
base_name(const char *file_name)
{
	const char *base = file_name;
	char *result;
	char *dot;

	for (const char *p = file_name; *p != '\0'; p++)
		if (*p == '/' || *p == '\\')
			base = p + 1;
	result = pstrdup(base);
	dot = strrchr(result, '.');
	if (dot != NULL && dot != result)
		*dot = '\0';
	return result;
}

static void
create_table(const UploadTable *table, const UploadTarget *target)
{
	const SheetLayout *layout = table->layout;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE TABLE %s (", tables_qualified(target, table->name));
	for (int i = 0; i < layout->ncolumns; i++)
		appendStringInfo(&sql, "%s%s %s", i > 0 ? ", " : "", tables_quoted(layout->columns[i].name),
						 column_type_name(layout->columns[i].type));
	appendStringInfoChar(&sql, ')');
	tables_run(sql.data);
}

static void
comment_on(const char *what, const char *text)
{
	char *clipped =
		pnstrdup(text, pg_encoding_mbcliplen(PG_UTF8, text, (int) strlen(text), MAX_COMMENT));

	tables_run(
		psprintf("COMMENT ON %s IS %s", what, quote_literal_cstr(upload_server_text(clipped))));
}

static void
add_comments(const UploadTable *table, const UploadTarget *target, const char *file_name)
{
	const SheetLayout *layout = table->layout;
	char *name = tables_qualified(target, table->name);

	comment_on(psprintf("TABLE %s", name), layout->sheet != NULL
											   ? psprintf("%s, sheet %s", file_name, layout->sheet)
											   : file_name);
	for (int i = 0; i < layout->ncolumns; i++)
	{
		const SheetColumn *column = &layout->columns[i];

		if (column->original == NULL)
			continue;
		comment_on(psprintf("COLUMN %s.%s", name, tables_quoted(column->name)),
				   column->percent ? psprintf("%s (1 = 100 %%)", column->original)
								   : column->original);
	}
}

/*
 * What is deferred would run at the end of the transaction with the rights of
 * whoever uploads; PostgreSQL refuses that, too, with a message that helps nobody.
 */
static void
check_triggers(Relation rel, const char *name)
{
	for (int i = 0; rel->trigdesc != NULL && i < rel->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &rel->trigdesc->triggers[i];

		if (trigger->tginitdeferred && trigger->tgenabled != TRIGGER_DISABLED)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("table \"%s\" has a deferred constraint \"%s\"", shown(name),
							get_constraint_name(trigger->tgconstraint)),
					 errdetail("What an upload does is checked at once."),
					 errhint("Make it INITIALLY IMMEDIATE, or upload into a table of its own "
							 "and INSERT from it.")));
	}
}

/*
 * COPY's engine checks neither privileges nor row security, so a table that
 * exists must be the owner's own, and plain.
 */
static void
check_existing(Oid relation, const UploadTarget *target, const char *name)
{
	Relation rel = table_open(relation, AccessShareLock);

	if (rel->rd_rel->relkind != RELKIND_RELATION &&
		rel->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not a table", shown(name))));
	if (rel->rd_rel->relowner != target->owner)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("must be owner of table %s", shown(name))));
	if (rel->rd_rel->relrowsecurity)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("table \"%s\" has row security", shown(name)),
						errhint("Upload into a table of its own, then INSERT from it.")));
	check_triggers(rel, name);
	table_close(rel, NoLock);
}

/* the type of the table's column as one that files are read into */
static bool
type_of_name(const char *name, ColumnType *type)
{
	/* as they are called in a catalog; texts of all kinds have one binary form */
	static const struct
	{
		const char *name;
		ColumnType type;
	} others[] = {{"timestamp without time zone", COLUMN_TIMESTAMP},
				  {"time without time zone", COLUMN_TIME},
				  {"character varying", COLUMN_TEXT},
				  {"character", COLUMN_TEXT},
				  /* these are made of them: see encode_fit.c */
				  {"smallint", COLUMN_INTEGER},
				  {"real", COLUMN_DOUBLE}};

	for (int i = 0; i < (int) lengthof(others); i++)
		if (strcmp(name, others[i].name) == 0)
		{
			*type = others[i].type;
			return true;
		}
	/* its binary form is not jsonb's */
	return strcmp(name, "json") != 0 && column_type_by_name(name, type);
}

/* an interval of some fields only, which takes no notice of the others */
static bool
drops_fields(const SheetColumn *column)
{
	return column->target == INTERVALOID && column->typmod >= 0 &&
		   INTERVAL_RANGE(column->typmod) != INTERVAL_FULL_RANGE;
}

/* the columns of a sheet that is appended must be those of the table, by name */
static void
match_columns(Oid relation, SheetLayout *layout, const SheetOptions *options, const char *name)
{
	for (int i = 0; i < layout->ncolumns; i++)
	{
		SheetColumn *column = &layout->columns[i];
		AttrNumber attnum = get_attnum(relation, upload_server_text(column->name));
		ColumnType type;
		char *type_name;
		Oid collation;

		if (attnum <= 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("table \"%s\" has no column \"%s\"", shown(name), shown(column->name)),
					 errhint("Rename the header, or use mode \"replace\".")));
		if (get_attgenerated(relation, attnum) != '\0')
			ereport(ERROR, (errcode(ERRCODE_GENERATED_ALWAYS),
							errmsg("column \"%s\" of table \"%s\" is generated",
								   shown(column->name), shown(name)),
							errhint("Leave it out of the file.")));
		get_atttypetypmodcoll(relation, attnum, &column->target, &column->typmod, &collation);
		type_name = format_type_be(column->target);
		if (!type_of_name(type_name, &type) || drops_fields(column))
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("column \"%s\" of table \"%s\" is of type %s",
								   shown(column->name), shown(name), type_name),
							errdetail("Files are not read into this type.")));
		infer_retype(column, type, options);
	}
}

static void
prepare_table(UploadTable *table, const UploadOptions *options, const UploadTarget *target)
{
	Oid existing = get_relname_relid(upload_server_text(table->name), target->schema_oid);

	if (OidIsValid(existing))
		check_existing(existing, target, table->name);
	if ((options->mode == UPLOAD_APPEND || options->mode == UPLOAD_UPSERT) && OidIsValid(existing))
	{
		match_columns(existing, table->layout, &options->sheet, table->name);
		table->relation = existing;
		return;
	}
	if (OidIsValid(existing))
		tables_run(psprintf("DROP TABLE %s", tables_qualified(target, table->name)));
	create_table(table, target);
	CommandCounterIncrement();
	table->relation = get_relname_relid(upload_server_text(table->name), target->schema_oid);
	table->created = true;
}

static bool
is_wanted(const SheetInfo *info, const UploadOptions *options)
{
	ListCell *lc;

	if (options->sheets == NIL)
		return options->hidden || !info->hidden;
	foreach (lc, options->sheets)
		if (info->name != NULL && strcmp(lfirst(lc), info->name) == 0)
			return true;
	return false;
}

/* errors name the sheet, whatever they are about */
static void
sheet_context(void *arg)
{
	const char *name = arg;

	if (name != NULL)
		errcontext("sheet \"%s\"", name);
}

/* into the table that is there by now */
static void
load_rows(UploadTable *table, SheetReader *reader, const UploadOptions *options,
		  const UploadTarget *target)
{
	SheetLayout *layout = table->layout;
	SheetWarning *warning;
	int64 given;

	if (options->mode == UPLOAD_UPSERT && !table->created)
		upsert_sheet(table, reader, options, target);
	else
	{
		table->rows = load_sheet(reader, layout, &options->sheet, table->relation, &given);
		table->left_out = given - table->rows;
	}
	CommandCounterIncrement();
	if (options->mode == UPLOAD_UPSERT && table->created)
	{
		table->upserted = true;
		table->inserted = table->rows;
	}
	if (table->left_out == 0)
		return;
	warning = warning_make(psprintf("%lld rows were left out by triggers or rules of the table",
									(long long) table->left_out));
	warning->count = table->left_out;
	layout->warnings = lappend(layout->warnings, warning);
}

static void
check_strict(const UploadTable *table, const UploadOptions *options)
{
	if (options->strict && table->layout->warnings != NIL)
		ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_INVALID), errmsg("upload has warnings"),
						errdetail("%s", shown(warning_text(linitial(table->layout->warnings)))),
						errhint("Mend the file, or upload without strict.")));
}

static UploadTable *
load_one(SheetReader *reader, const SheetInfo *info, const char *file_name, bool only,
		 const UploadOptions *options, const UploadTarget *target)
{
	UploadTable *table = palloc0(sizeof(UploadTable));
	char *original = options->table;
	ErrorContextCallback callback = {.previous = error_context_stack, .callback = sheet_context};

	if (info->name != NULL)
		callback.arg = shown(info->name);
	error_context_stack = &callback;

	progress_stage(UPLOAD_READING, reader);
	table->layout = infer_sheet(reader, info, &options->sheet);
	if (table->layout == NULL || table->layout->ncolumns == 0)
	{
		error_context_stack = callback.previous;
		return NULL;
	}
	check_strict(table, options);
	check_row_width(table->layout);
	if (original == NULL)
		original = info->name != NULL && !only ? pstrdup(info->name) : base_name(file_name);
	table->name = free_table_name(original, options, target);
	prepare_table(table, options, target);
	progress_stage(UPLOAD_LOADING, reader);
	load_rows(table, reader, options, target);
	check_strict(table, options);
	if (table->created)
	{
		progress_stage(UPLOAD_INDEXING, NULL);
		add_comments(table, target, file_name);
		key_propose(table, reader, options, target);
	}
	error_context_stack = callback.previous;
	return table;
}

static int
count_sheets(SheetReader *reader, const UploadOptions *options, int *wanted)
{
	SheetInfo info;
	int count = 0;

	*wanted = 0;
	while (reader->methods->next_sheet(reader, &info))
	{
		count++;
		*wanted += is_wanted(&info, options);
	}
	return count;
}

static void
check_sheets(int wanted, const UploadOptions *options)
{
	if (wanted == 0)
		ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_INVALID), errmsg("file has no sheet to read"),
						options->sheets != NIL
							? errhint("Look at the names of its sheets with upload_preview().")
							: errhint("Hidden sheets are read with the option hidden.")));
	if (wanted > 1 && options->table != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"table\" names one table, but the file has %d sheets", wanted),
				 errhint("Choose one with the option sheets, or use prefix.")));
}

static List *
load_sheets(const char *file_name, Source *source, const UploadOptions *options,
			const UploadTarget *target)
{
	SheetReader *reader = sheet_reader_open(source, &options->csv);
	int wanted;
	int count = count_sheets(reader, options, &wanted);
	SheetInfo info;
	List *tables = NIL;
	int sheet = 0;

	check_sheets(wanted, options);
	reader->methods->restart(reader);
	while (reader->methods->next_sheet(reader, &info))
	{
		UploadTable *table;

		if (!is_wanted(&info, options))
			continue;
		progress_sheet(sheet++, wanted, info.name);
		table = load_one(reader, &info, file_name, count == 1, options, target);
		if (table == NULL)
			continue;
		if (tables == NIL)
			table->layout->warnings =
				list_concat(table->layout->warnings, file_warnings(reader->warnings));
		tables = lappend(tables, table);
	}
	if (tables == NIL)
		ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_INVALID), errmsg("file holds no data")));
	return tables;
}

List *
upload_load(const char *file_name, Source *source, const UploadOptions *options,
			const UploadTarget *target)
{
	OwnerScope scope;
	MemoryContext context = CurrentMemoryContext;
	List *tables;
	ListCell *lc;

	role_scope_enter(&scope, target->owner);
	/* what comes of it outlives SPI's own memory */
	MemoryContextSwitchTo(context);
	tables = load_sheets(file_name, source, options, target);
	progress_stage(UPLOAD_FINISHING, NULL);
	foreach (lc, tables)
	{
		const UploadTable *table = lfirst(lc);

		progress_fraction((double) foreach_current_index(lc) / (list_length(tables) + 1));
		tables_run(psprintf("ANALYZE %s", tables_qualified(target, table->name)));
	}
	relate_tables(tables, options, target);
	owner_scope_leave(&scope);
	relate_record(tables);
	return tables;
}
