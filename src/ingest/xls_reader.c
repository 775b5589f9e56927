/*-------------------------------------------------------------------------
 *
 * xls_reader.c
 *		Excel 5 to 2003 workbooks as sheets of rows.
 *
 * Nearly every workbook stores the cells of a sheet row by row, so that rows
 * can be handed out as they are read.  A look at the whole sheet first tells
 * where that is not so; then the places of its cells are sorted.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "ingest/xls.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define XLS_MAX_ROWS       65536 /* by the format */
#define MAX_SORTED_RECORDS (8 * 1024 * 1024)
#define MANY_CELLS         65536

typedef struct XlsReader
{
	SheetReader base;
	XlsRecords *records;
	XlsGlobals globals;
	int next_sheet; /* in globals.sheets */
	int64 looked;   /* bytes of the sheets so far */

	/* the current sheet */
	int64 sheet_start; /* of the record after its BOF */
	int64 sheet_end;
	MemoryContext row_context;
	SheetCell *cells;
	int ncells;
	int room;

	/* where its rows do not come in order: its records of cells by row */
	MemoryContext sheet_context;
	uint32 *sorted; /* where each record is in the stream */
	int nsorted;
	int next_sorted;
	int *row_ends; /* in `sorted`, of each row */
	int next_row;
} XlsReader;

/* what a first look at a sheet finds */
typedef struct SheetLook
{
	int64 cells; /* records of cells */
	bool in_order;
} SheetLook;

/*
 * The next record of cells of the current sheet, charts inside of it left out.
 */
static bool
next_cell_record(XlsReader *reader)
{
	XlsRecords *records = reader->records;
	int depth = 0;

	while (xls_records_next(records))
	{
		if (records->type == XLS_BOF)
			depth++;
		else if (records->type == XLS_EOF && depth-- == 0)
		{
			xls_records_unread(records);
			return false;
		}
		else if (depth == 0 && xls_is_cell(records->type))
			return true;
	}
	return false;
}

static int
cell_record_row(XlsReader *reader)
{
	return get_u16(xls_records_body(reader->records, 6));
}

static SheetLook
look_at_sheet(XlsReader *reader)
{
	SheetLook look = {.cells = 0, .in_order = true};
	int last = 0;

	xls_records_seek(reader->records, reader->sheet_start);
	while (next_cell_record(reader))
	{
		int row = cell_record_row(reader);

		if (row < last)
			look.in_order = false;
		last = row;
		look.cells++;
	}
	reader->sheet_end = reader->records->next;
	/* a file can name one place as many sheets, or have one sheet within another */
	reader->looked += reader->sheet_end - reader->sheet_start;
	if (reader->looked > reader->records->stream->size)
		xls_invalid("Its sheets overlap.");
	return look;
}

/* cells of one record into reader->cells */
static void
read_record(XlsReader *reader)
{
	reader->cells = xls_read_cells(reader->records, &reader->globals, reader->cells,
								   &reader->ncells, &reader->room);
}

/*
 * Sorts the places of the sheet's records by row, those of a row as they stand: by
 * counting them first, so that it takes four bytes a record and two passes.
 */
static void
sort_sheet(XlsReader *reader, int64 count)
{
	MemoryContext caller = MemoryContextSwitchTo(reader->sheet_context);
	int *places = palloc0((XLS_MAX_ROWS + 1) * sizeof(int));

	if (count > MAX_SORTED_RECORDS || reader->sheet_end > PG_UINT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_AGENT_FILE_UNSUPPORTED), errmsg("sheet is too large to be sorted"),
				 errdetail("Its rows do not stand in order."),
				 errhint("Save it as .xlsx, then upload it again.")));
	reader->sorted = palloc(Max(count, 1) * sizeof(uint32));
	reader->nsorted = (int) count;
	xls_records_seek(reader->records, reader->sheet_start);
	while (next_cell_record(reader))
		places[cell_record_row(reader) + 1]++;
	for (int row = 0; row < XLS_MAX_ROWS; row++)
		places[row + 1] += places[row];
	xls_records_seek(reader->records, reader->sheet_start);
	while (next_cell_record(reader))
		reader->sorted[places[cell_record_row(reader)]++] = (uint32) reader->records->start;
	/* what was the start of each row is its end by now */
	reader->row_ends = places;
	MemoryContextSwitchTo(caller);
}

static void
xls_rewind(SheetReader *base)
{
	XlsReader *reader = (XlsReader *) base;

	reader->next_sorted = 0;
	reader->next_row = 0;
	xls_records_seek(reader->records, reader->sheet_start);
}

/* goes to the first record after the sheet's BOF; false where none is there */
static bool
enter_sheet(XlsReader *reader, const XlsSheet *sheet)
{
	xls_records_seek(reader->records, sheet->offset);
	if (!xls_records_next(reader->records) || reader->records->type != XLS_BOF)
		xls_invalid("A sheet does not start as one.");
	reader->sheet_start = reader->records->next;
	return reader->sheet_start < reader->records->stream->size;
}

static bool
xls_next_sheet(SheetReader *base, SheetInfo *info)
{
	XlsReader *reader = (XlsReader *) base;

	while (reader->next_sheet < list_length(reader->globals.sheets))
	{
		XlsSheet *sheet = list_nth(reader->globals.sheets, reader->next_sheet++);
		SheetLook look;

		MemoryContextReset(reader->sheet_context);
		reader->sorted = NULL;
		if (!sheet->worksheet || !enter_sheet(reader, sheet))
			continue;
		look = look_at_sheet(reader);
		if (!look.in_order)
			sort_sheet(reader, look.cells);
		info->name = sheet->name;
		info->hidden = sheet->hidden;
		info->date1904 = reader->globals.date1904;
		xls_rewind(base);
		return true;
	}
	return false;
}

/* in the order of columns; of two cells in one place the later one counts */
static void
order_columns(XlsReader *reader)
{
	SheetCell places[XLS_MAX_COLUMNS];
	bool filled[XLS_MAX_COLUMNS] = {false};
	bool in_order = true;

	for (int i = 1; i < reader->ncells; i++)
		if (reader->cells[i].column <= reader->cells[i - 1].column)
			in_order = false;
	if (in_order)
		return;

	for (int i = 0; i < reader->ncells; i++)
	{
		places[reader->cells[i].column] = reader->cells[i];
		filled[reader->cells[i].column] = true;
	}
	reader->ncells = 0;
	for (int column = 0; column < XLS_MAX_COLUMNS; column++)
		if (filled[column])
			reader->cells[reader->ncells++] = places[column];
}

/* collects the cells of one row; false at the end of the sheet */
static bool
collect_row(XlsReader *reader, int *row)
{
	bool found = false;

	while (next_cell_record(reader))
	{
		int this_row = cell_record_row(reader);

		if (found && this_row != *row)
		{
			xls_records_unread(reader->records);
			break;
		}
		found = true;
		*row = this_row;
		read_record(reader);
		/* a file can fill one place over and over */
		if (reader->ncells > MANY_CELLS)
			order_columns(reader);
	}
	return found;
}

static bool
collect_sorted_row(XlsReader *reader, int *row)
{
	if (reader->next_sorted >= reader->nsorted)
		return false;
	while (reader->row_ends[reader->next_row] <= reader->next_sorted)
		reader->next_row++;
	*row = reader->next_row;
	while (reader->next_sorted < reader->row_ends[*row])
	{
		xls_records_seek(reader->records, reader->sorted[reader->next_sorted++]);
		if (!next_cell_record(reader))
			xls_invalid("A record is not where it was.");
		read_record(reader);
		if (reader->ncells > MANY_CELLS)
			order_columns(reader);
	}
	return true;
}

static bool
xls_next_row(SheetReader *base, SheetRow *row)
{
	XlsReader *reader = (XlsReader *) base;
	MemoryContext caller;
	int number = 0;
	bool found;

	do
	{
		MemoryContextReset(reader->row_context);
		caller = MemoryContextSwitchTo(reader->row_context);
		reader->ncells = 0;
		found = reader->sorted != NULL ? collect_sorted_row(reader, &number)
									   : collect_row(reader, &number);
		MemoryContextSwitchTo(caller);
	} while (found && reader->ncells == 0);

	order_columns(reader);
	row->number = (int64) number + 1;
	row->ncells = reader->ncells;
	row->cells = reader->cells;
	return found;
}

static void
xls_restart(SheetReader *base)
{
	((XlsReader *) base)->next_sheet = 0;
	((XlsReader *) base)->looked = 0;
}

static double
xls_progress(SheetReader *base)
{
	XlsReader *reader = (XlsReader *) base;
	int64 length = reader->sheet_end - reader->sheet_start;

	if (reader->sorted != NULL)
		return (double) reader->next_sorted / Max(reader->nsorted, 1);
	if (length <= 0)
		return 1;
	return Min(1.0, (double) (reader->records->next - reader->sheet_start) / length);
}

static const SheetReaderMethods xls_methods = {
	.format = "xls",
	.next_sheet = xls_next_sheet,
	.next_row = xls_next_row,
	.rewind = xls_rewind,
	.restart = xls_restart,
	.progress = xls_progress,
};

static CfbStream *
open_workbook_stream(Source *source)
{
	static const char *const names[] = {"Workbook", "Book"};
	CfbStream *stream;

	if (!cfb_identify(source))
		return cfb_plain_stream(source);
	stream = cfb_open_stream(source, names, lengthof(names));
	if (stream == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_AGENT_FILE_UNSUPPORTED), errmsg("file is not a workbook"),
				 errdetail("It is a compound file without a stream named Workbook or Book.")));
	return stream;
}

SheetReader *
xls_reader_open(Source *source)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "xls reader", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	XlsReader *reader = palloc0(sizeof(XlsReader));

	reader->base.methods = &xls_methods;
	reader->base.source = source;
	reader->base.context = context;
	reader->row_context = AllocSetContextCreate(context, "xls row", ALLOCSET_SMALL_SIZES);
	reader->sheet_context = AllocSetContextCreate(context, "xls sheet", ALLOCSET_DEFAULT_SIZES);
	reader->room = 64;
	reader->cells = palloc(reader->room * sizeof(SheetCell));
	reader->records = palloc0(sizeof(XlsRecords));
	reader->records->stream = open_workbook_stream(source);
	xls_read_globals(reader->records, &reader->globals);
	MemoryContextSwitchTo(caller);
	return &reader->base;
}
