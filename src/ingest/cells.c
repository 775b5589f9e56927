/*-------------------------------------------------------------------------
 *
 * cells.c
 *		The cells of a file as they stand in it, before anything is inferred.
 *
 * For those who ask why a column came out as it did, and for tests that compare
 * our readers with others.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/numformat.h"
#include "ingest/sheet.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sql_agent_upload_cells);

static const char *
kind_name(const SheetCell *cell)
{
	switch (cell->kind)
	{
		case CELL_TEXT:
			return cell->iso_date ? "date" : "text";
		case CELL_BOOLEAN:
			return "boolean";
		case CELL_ERROR:
			return "error";
		case CELL_BLANK:
			return "blank";
		case CELL_NUMBER:
			break;
	}
	switch (cell->number_class)
	{
		case NUMBER_DATE:
			return "date";
		case NUMBER_DATETIME:
			return "timestamp";
		case NUMBER_TIME:
			return "time";
		case NUMBER_ELAPSED:
			return "elapsed";
		case NUMBER_PERCENT:
			return "percent";
		case NUMBER_CURRENCY:
			return "currency";
		default:
			return "number";
	}
}

/* the value as text of the server, or NULL */
static char *
cell_value(const SheetCell *cell, bool date1904)
{
	char *text = numformat_cell_text(cell, date1904);

	return text == NULL ? NULL : pg_any_to_server(text, (int) strlen(text), PG_UTF8);
}

static void
put_row(ReturnSetInfo *rsinfo, const SheetInfo *info, const SheetRow *row)
{
	for (int i = 0; i < row->ncells; i++)
	{
		const SheetCell *cell = &row->cells[i];
		Datum values[6];
		bool nulls[6] = {false};
		char *value = cell_value(cell, info->date1904);

		nulls[0] = info->name == NULL;
		if (info->name != NULL)
			values[0] =
				CStringGetTextDatum(pg_any_to_server(info->name, strlen(info->name), PG_UTF8));
		values[1] = BoolGetDatum(info->hidden);
		values[2] = Int64GetDatum(row->number);
		values[3] = Int32GetDatum(cell->column + 1);
		values[4] = CStringGetTextDatum(kind_name(cell));
		nulls[5] = value == NULL;
		if (value != NULL)
			values[5] = CStringGetTextDatum(value);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

/*
 * upload_cells(content bytea)
 */
Datum
sql_agent_upload_cells(PG_FUNCTION_ARGS)
{
	Source *source = source_of_bytea(PG_GETARG_DATUM(0));
	CsvOptions options = {0};
	MemoryContext row_context;
	MemoryContext caller;
	SheetReader *reader;
	SheetInfo info;
	SheetRow row;

	InitMaterializedSRF(fcinfo, 0);
	row_context = AllocSetContextCreate(CurrentMemoryContext, "cells", ALLOCSET_DEFAULT_SIZES);
	reader = sheet_reader_open(source, &options);
	while (reader->methods->next_sheet(reader, &info))
	{
		while (reader->methods->next_row(reader, &row))
		{
			caller = MemoryContextSwitchTo(row_context);
			put_row((ReturnSetInfo *) fcinfo->resultinfo, &info, &row);
			MemoryContextSwitchTo(caller);
			MemoryContextReset(row_context);
		}
	}
	sheet_reader_close(reader);
	return (Datum) 0;
}
