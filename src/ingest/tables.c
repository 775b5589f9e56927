/*-------------------------------------------------------------------------
 *
 * tables.c
 *		Statements on the tables of an upload.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "executor/spi.h"
#include "ingest/shown.h"
#include "ingest/tables.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define MAX_VALUE 100

/*
 * SPI leaves its own memory as the current one, which goes with SPI_finish();
 * the report of the upload is to outlive it.
 */
int
tables_execute(const char *sql)
{
	MemoryContext context = CurrentMemoryContext;
	int result = SPI_execute(sql, false, 0);

	MemoryContextSwitchTo(context);
	return result;
}

uint64
tables_run(const char *sql)
{
	int result = tables_execute(sql);

	if (result < 0)
		elog(ERROR, "%s failed for: %s", SPI_result_code_string(result), sql);
	return SPI_processed;
}

int64
tables_int(const char *sql)
{
	bool isnull;
	Datum value;

	if (tables_run(sql) != 1)
		elog(ERROR, "no row from: %s", sql);
	value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	return isnull ? 0 : DatumGetInt64(value);
}

const char *
tables_quoted(const char *utf8)
{
	return quote_identifier(upload_server_text(utf8));
}

char *
tables_qualified(const UploadTarget *target, const char *name)
{
	return psprintf("%s.%s", quote_identifier(target->schema), tables_quoted(name));
}

char *
tables_list(List *names, const char *prefix)
{
	StringInfoData list;
	ListCell *lc;

	initStringInfo(&list);
	foreach (lc, names)
		appendStringInfo(&list, "%s%s%s", list.len > 0 ? ", " : "", prefix,
						 tables_quoted(lfirst(lc)));
	return list.data;
}

char *
tables_plain_list(List *names)
{
	StringInfoData list;
	ListCell *lc;

	initStringInfo(&list);
	foreach (lc, names)
		appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "", (char *) lfirst(lc));
	return list.data;
}

char *
tables_equal(const char *a, List *a_names, const char *b, List *b_names)
{
	StringInfoData condition;
	ListCell *la;
	ListCell *lb;

	initStringInfo(&condition);
	forboth (la, a_names, lb, b_names)
		appendStringInfo(&condition, "%s%s.%s OPERATOR(pg_catalog.=) %s.%s",
						 condition.len > 0 ? " AND " : "", a, tables_quoted(lfirst(la)), b,
						 tables_quoted(lfirst(lb)));
	return condition.data;
}

/* number in the file of the n-th row that was loaded from the current sheet */
static int64
row_number(SheetReader *reader, const SheetLayout *layout, int64 n)
{
	SheetRow row;
	int64 count = 0;

	reader->methods->rewind(reader);
	while (sheet_next_filled_row(reader, &row))
		if (row.number >= layout->first_row && ++count == n)
			return row.number;
	return 0;
}

/* the number in the file of the row that the result has the place of */
static int64
row_at(SheetReader *reader, const SheetLayout *layout, const char *relation, const char *place)
{
	return row_number(
		reader, layout,
		tables_int(psprintf("SELECT count(*) FROM %s WHERE ctid <= '%s'", relation, place)));
}

/*
 * Rows of a table that was just filled lie in the order of the file, so places
 * compare as rows do.  Nothing is sorted but one place for each value that comes
 * again, and nothing is collected: all rows may have the same.
 */
bool
tables_find_duplicate(SheetReader *reader, const SheetLayout *layout, const char *relation,
					  List *columns, Duplicate *duplicate)
{
	char *keys = tables_list(columns, "");
	char *first;
	char *second;
	char *value;

	if (tables_run(psprintf("SELECT min(ctid) FROM %s WHERE ROW(%s) IS NOT NULL GROUP BY %s"
							" HAVING count(*) > 1 ORDER BY 1 LIMIT 1",
							relation, keys, keys)) == 0)
		return false;
	first = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	if (tables_run(
			psprintf("SELECT b.ctid, left(concat_ws(', ', %s), %d) FROM %s AS a JOIN %s AS b ON %s"
					 " WHERE a.ctid = '%s' AND b.ctid > a.ctid ORDER BY 1 LIMIT 1",
					 tables_list(columns, "a."), MAX_VALUE, relation, relation,
					 tables_equal("a", columns, "b", columns), first)) == 0)
		elog(ERROR, "a key comes again nowhere");
	second = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	value = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2);
	duplicate->value = upload_utf8(value != NULL ? value : pstrdup(""));
	duplicate->first = row_at(reader, layout, relation, first);
	duplicate->second = row_at(reader, layout, relation, second);
	return true;
}

int64
tables_find_incomplete(SheetReader *reader, const SheetLayout *layout, const char *relation,
					   List *columns)
{
	char *first;

	if (tables_run(psprintf("SELECT min(ctid) FROM %s WHERE NOT ROW(%s) IS NOT NULL", relation,
							tables_list(columns, ""))) != 1)
		elog(ERROR, "no row from an aggregate");
	first = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	return first != NULL ? row_at(reader, layout, relation, first) : 0;
}

bool
tables_unique(const char *relation, List *columns)
{
	char *keys = tables_list(columns, "");

	return tables_int(psprintf("SELECT count(*) FROM (SELECT FROM %s WHERE ROW(%s) IS NOT NULL"
							   " GROUP BY %s HAVING count(*) > 1 LIMIT 1) AS t",
							   relation, keys, keys)) == 0;
}

List *
tables_columns(const SheetLayout *layout, List *names)
{
	List *result = NIL;
	ListCell *lc;

	foreach (lc, names)
	{
		const char *name = lfirst(lc);
		const SheetColumn *found = NULL;

		for (int i = 0; i < layout->ncolumns && found == NULL; i++)
			if (strcmp(layout->columns[i].name, name) == 0 ||
				(layout->columns[i].original != NULL &&
				 strcmp(layout->columns[i].original, name) == 0))
				found = &layout->columns[i];
		if (found == NULL)
			ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
							errmsg("the file has no column \"%s\"", shown(name)),
							errhint("The option key takes names of headers or of columns.")));
		result = lappend(result, found->name);
	}
	return result;
}
