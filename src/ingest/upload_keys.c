/*-------------------------------------------------------------------------
 *
 * upload_keys.c
 *		Primary keys of the tables of an upload.
 *
 * The first column that is named like a key becomes the primary key where its
 * values prove it; of the others the report says what speaks against them.  Two
 * columns that are unique together are only proposed: in a small file that may be
 * by chance, and a key that is none refuses the next file.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/shown.h"
#include "ingest/tables.h"

#define MAX_PROPOSALS 8
#define MAX_PAIRED    4 /* columns that are looked at in pairs */

bool
key_named_like(const char *name)
{
	size_t length = strlen(name);

	return strcmp(name, "id") == 0 || (length > 3 && strcmp(name + length - 3, "_id") == 0) ||
		   strcmp(name, "code") == 0 || (length > 5 && strcmp(name + length - 5, "_code") == 0) ||
		   (length > 7 && strcmp(name + length - 7, "_number") == 0);
}

static bool
type_can_be_key(ColumnType type)
{
	return type == COLUMN_INTEGER || type == COLUMN_BIGINT || type == COLUMN_UUID ||
		   type == COLUMN_TEXT;
}

static void
propose(UploadTable *table, List *columns, bool created, bool unique, char *reason)
{
	KeyProposal *proposal = palloc(sizeof(KeyProposal));

	proposal->columns = columns;
	proposal->created = created;
	proposal->unique = unique;
	proposal->reason = reason;
	table->proposals = lappend(table->proposals, proposal);
}

static void
create_key(UploadTable *table, const UploadTarget *target, List *columns, char *reason)
{
	tables_run(psprintf("ALTER TABLE %s ADD PRIMARY KEY (%s)",
						tables_qualified(target, table->name), tables_list(columns, "")));
	table->keys = columns;
	propose(table, columns, true, true, reason);
}

/* what speaks against the column as a key, or NULL */
static char *
objection(const UploadTable *table, const SheetColumn *column, SheetReader *reader,
		  const UploadTarget *target)
{
	const SheetLayout *layout = table->layout;
	Duplicate duplicate;

	if (column->values != layout->rows)
		return psprintf("%lld of %lld rows have no value",
						(long long) (layout->rows - column->values), (long long) layout->rows);
	if (!tables_find_duplicate(reader, layout, tables_qualified(target, table->name),
							   list_make1(column->name), &duplicate))
		return NULL;
	return psprintf("duplicates: rows %lld and %lld have '%s'", (long long) duplicate.first,
					(long long) duplicate.second, duplicate.value);
}

/* the key that the caller wants, or an error that names the rows against it */
static void
create_given(UploadTable *table, SheetReader *reader, const UploadOptions *options,
			 const UploadTarget *target)
{
	List *columns = tables_columns(table->layout, options->key);
	char *relation = tables_qualified(target, table->name);
	Duplicate duplicate;
	int64 row = tables_find_incomplete(reader, table->layout, relation, columns);

	if (row > 0)
		key_missing(columns, row);
	if (tables_find_duplicate(reader, table->layout, relation, columns, &duplicate))
		key_repeated(columns, &duplicate);
	create_key(table, target, columns, pstrdup("as given in the options"));
}

/* pairs of columns that are named like keys and are unique only together */
static void
propose_pairs(UploadTable *table, const UploadTarget *target)
{
	const SheetLayout *layout = table->layout;
	char *relation = tables_qualified(target, table->name);
	List *names = NIL;

	for (int i = 0; i < layout->ncolumns && list_length(names) < MAX_PAIRED; i++)
		if (key_named_like(layout->columns[i].name) && type_can_be_key(layout->columns[i].type) &&
			layout->columns[i].values == layout->rows)
			names = lappend(names, layout->columns[i].name);
	for (int a = 0; a < list_length(names); a++)
		for (int b = a + 1; b < list_length(names); b++)
		{
			List *pair = list_make2(list_nth(names, a), list_nth(names, b));

			if (!tables_unique(relation, pair))
				continue;
			propose(table, pair, false, true,
					pstrdup("unique together in this file; give the option key to have it so"));
			return;
		}
}

void
key_propose(UploadTable *table, SheetReader *reader, const UploadOptions *options,
			const UploadTarget *target)
{
	const SheetLayout *layout = table->layout;

	if (options->key != NIL)
	{
		create_given(table, reader, options, target);
		return;
	}
	if (!options->keys || layout->rows == 0)
		return;
	for (int i = 0; i < layout->ncolumns && list_length(table->proposals) < MAX_PROPOSALS; i++)
	{
		const SheetColumn *column = &layout->columns[i];
		char *reason;

		if (!key_named_like(column->name) || !type_can_be_key(column->type))
			continue;
		reason = objection(table, column, reader, target);
		if (reason == NULL)
		{
			create_key(table, target, list_make1(column->name), NULL);
			return;
		}
		propose(table, list_make1(column->name), false, false, reason);
	}
	propose_pairs(table, target);
}

void
key_missing(List *columns, int64 row)
{
	ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION),
					errmsg("row %lld has no value for the key (%s)", (long long) row,
						   shown(tables_plain_list(columns))),
					errhint("Fill it in, or give other columns as the option key.")));
}

void
key_repeated(List *columns, const Duplicate *duplicate)
{
	ereport(ERROR, (errcode(ERRCODE_UNIQUE_VIOLATION),
					errmsg("rows %lld and %lld have the same key", (long long) duplicate->first,
						   (long long) duplicate->second),
					errdetail("Both have (%s) = (%s).", shown(tables_plain_list(columns)),
							  shown(duplicate->value)),
					errhint("Leave one of them out, or give other columns as the option key.")));
}
