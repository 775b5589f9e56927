/*-------------------------------------------------------------------------
 *
 * report.c
 *		What came of an upload, and what would come of one, as JSON.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/numformat.h"
#include "ingest/upload.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define PREVIEW_ROWS 20
#define MAX_CELL     1000

static void
push_key(JsonbParseState **state, const char *key)
{
	JsonbValue value = {.type = jbvString};

	value.val.string.val = pstrdup(key);
	value.val.string.len = (int) strlen(key);
	pushJsonbValue(state, WJB_KEY, &value);
}

static void
push_value(JsonbParseState **state, JsonbIteratorToken token, const char *utf8)
{
	JsonbValue value = {.type = jbvNull};

	if (utf8 != NULL)
	{
		value.type = jbvString;
		value.val.string.val = pg_any_to_server(pstrdup(utf8), (int) strlen(utf8), PG_UTF8);
		value.val.string.len = (int) strlen(value.val.string.val);
	}
	pushJsonbValue(state, token, &value);
}

static void
push_text(JsonbParseState **state, const char *key, const char *utf8)
{
	push_key(state, key);
	push_value(state, WJB_VALUE, utf8);
}

static void
push_number(JsonbParseState **state, const char *key, Datum numeric)
{
	JsonbValue value = {.type = jbvNumeric};

	value.val.numeric = DatumGetNumeric(numeric);
	push_key(state, key);
	pushJsonbValue(state, WJB_VALUE, &value);
}

static void
push_int(JsonbParseState **state, const char *key, int64 number)
{
	push_number(state, key, DirectFunctionCall1(int8_numeric, Int64GetDatum(number)));
}

static void
push_bool(JsonbParseState **state, const char *key, bool truth)
{
	JsonbValue value = {.type = jbvBool, .val.boolean = truth};

	push_key(state, key);
	pushJsonbValue(state, WJB_VALUE, &value);
}

static void
push_texts(JsonbParseState **state, const char *key, const List *texts)
{
	ListCell *lc;

	push_key(state, key);
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	foreach (lc, texts)
		push_value(state, WJB_ELEM, lfirst(lc));
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

/* warnings about the file as a whole have no sheet */
static void
push_warnings(JsonbParseState **state, const char *sheet, const List *warnings)
{
	ListCell *lc;

	push_key(state, "warnings");
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	foreach (lc, warnings)
	{
		const SheetWarning *warning = lfirst(lc);

		pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
		push_text(state, "message", warning->message);
		push_text(state, "sheet", sheet);
		push_text(state, "column", warning->column);
		if (warning->first.row != 0)
			push_int(state, "row", warning->first.row);
		else
			push_text(state, "row", NULL);
		push_text(state, "value", warning->first.value);
		if (warning->count != 0)
			push_int(state, "count", warning->count);
		else
			push_text(state, "count", NULL);
		pushJsonbValue(state, WJB_END_OBJECT, NULL);
	}
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

static void
push_columns(JsonbParseState **state, const SheetLayout *layout)
{
	push_key(state, "columns");
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < layout->ncolumns; i++)
	{
		const SheetColumn *column = &layout->columns[i];

		pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
		push_text(state, "name", column->name);
		push_text(state, "original_name", column->original);
		push_text(state, "type", column_type_name(column->type));
		push_text(state, "reason", column->reason);
		pushJsonbValue(state, WJB_END_OBJECT, NULL);
	}
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

static void
push_proposals(JsonbParseState **state, const UploadTable *table)
{
	ListCell *lc;

	push_key(state, "key_proposals");
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	foreach (lc, table->proposals)
	{
		const KeyProposal *proposal = lfirst(lc);

		pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
		push_texts(state, "columns", proposal->columns);
		push_bool(state, "created", proposal->created);
		push_text(state, "reason", proposal->reason);
		pushJsonbValue(state, WJB_END_OBJECT, NULL);
	}
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

static void
push_relationships(JsonbParseState **state, const UploadTable *table)
{
	ListCell *lc;

	push_key(state, "relationships");
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	foreach (lc, table->relationships)
	{
		const UploadRelationship *relationship = lfirst(lc);

		pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
		push_text(state, "table", relationship->table);
		push_texts(state, "columns", relationship->columns);
		push_text(state, "references_table", relationship->references_table);
		push_texts(state, "references_columns", relationship->references_columns);
		push_int(state, "matched", relationship->matched);
		push_int(state, "unmatched", relationship->unmatched);
		push_bool(state, "created", relationship->created);
		pushJsonbValue(state, WJB_END_OBJECT, NULL);
	}
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

static void
push_table(JsonbParseState **state, const UploadTable *table)
{
	const SheetLayout *layout = table->layout;

	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_text(state, "sheet", layout->sheet);
	push_text(state, "table", table->name);
	push_int(state, "rows", table->rows);
	push_int(state, "header_row", layout->header_row);
	push_columns(state, layout);
	if (table->upserted)
	{
		push_int(state, "inserted", table->inserted);
		push_int(state, "updated", table->updated);
	}
	push_texts(state, "keys", table->keys);
	push_proposals(state, table);
	push_relationships(state, table);
	push_texts(state, "preamble", layout->preamble);
	push_warnings(state, layout->sheet, layout->warnings);
	pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

Jsonb *
upload_report(const List *tables, const UploadTarget *target, double seconds)
{
	JsonbParseState *state = NULL;
	List *sheets = NIL;
	int64 rows = 0;
	int created = 0;
	ListCell *lc;

	foreach (lc, tables)
	{
		const UploadTable *table = lfirst(lc);

		rows += table->rows;
		created += table->created;
		if (table->layout->sheet != NULL)
			sheets = lappend(sheets, table->layout->sheet);
	}
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_text(&state, "schema", upload_utf8(target->schema));
	push_int(&state, "tables_created", created);
	push_int(&state, "total_rows", rows);
	push_number(&state, "processing_time",
				DirectFunctionCall1(float8_numeric, Float8GetDatum(seconds)));
	push_texts(&state, "sheets", sheets);
	push_key(&state, "tables");
	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	foreach (lc, tables)
		push_table(&state, lfirst(lc));
	pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* ---- preview ---- */

static char *
cell_text(const SheetCell *cell, bool date1904)
{
	char *text = numformat_cell_text(cell, date1904);

	if (text != NULL)
		text[pg_encoding_mbcliplen(PG_UTF8, text, (int) strlen(text), MAX_CELL)] = '\0';
	return text;
}

static void
push_row(JsonbParseState **state, const SheetLayout *layout, const SheetRow *row)
{
	const SheetCell **cells = palloc0(Max(layout->ncolumns, 1) * sizeof(SheetCell *));

	for (int i = 0; i < row->ncells; i++)
	{
		int column = row->cells[i].column;

		if (column < layout->nplaces && layout->places[column] >= 0)
			cells[layout->places[column]] = &row->cells[i];
	}
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < layout->ncolumns; i++)
		push_value(state, WJB_ELEM,
				   cells[i] != NULL ? cell_text(cells[i], layout->date1904) : NULL);
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

static void
push_first_rows(JsonbParseState **state, SheetReader *reader, const SheetLayout *layout)
{
	SheetRow row;
	int count = 0;

	push_key(state, "first_rows");
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	reader->methods->rewind(reader);
	while (count < PREVIEW_ROWS && sheet_next_filled_row(reader, &row))
	{
		if (row.number < layout->first_row)
			continue;
		push_row(state, layout, &row);
		count++;
	}
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

static void
push_sheet(JsonbParseState **state, SheetReader *reader, const SheetInfo *info,
		   const UploadOptions *options)
{
	SheetLayout *layout = infer_sheet(reader, info, &options->sheet);

	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_text(state, "sheet", info->name);
	push_bool(state, "hidden", info->hidden);
	push_int(state, "rows", layout != NULL ? layout->rows : 0);
	if (layout != NULL)
	{
		push_int(state, "header_row", layout->header_row);
		push_columns(state, layout);
		push_texts(state, "preamble", layout->preamble);
		push_warnings(state, layout->sheet, layout->warnings);
		push_first_rows(state, reader, layout);
	}
	pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

List *
file_warnings(const List *messages)
{
	List *result = NIL;
	ListCell *lc;

	foreach (lc, messages)
		result = lappend(result, warning_make(lfirst(lc)));
	return result;
}

Jsonb *
upload_preview_report(SheetReader *reader, const UploadOptions *options)
{
	JsonbParseState *state = NULL;
	SheetInfo info;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_text(&state, "format", reader->methods->format);
	push_warnings(&state, NULL, file_warnings(reader->warnings));
	push_key(&state, "sheets");
	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	while (reader->methods->next_sheet(reader, &info))
		push_sheet(&state, reader, &info, options);
	pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}
