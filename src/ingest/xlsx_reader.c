/*-------------------------------------------------------------------------
 *
 * xlsx_reader.c
 *		Office Open XML workbooks (.xlsx, .xlsm) as sheets of rows.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/xlsx.h"
#include "utils/memutils.h"

typedef struct XlsxReader
{
	SheetReader base;
	ZipArchive *archive;
	XlsxWorkbook *workbook;
	SharedStrings strings;
	int next_sheet;

	/* the current sheet */
	XlsxSheet *sheet;
	MemoryContext sheet_context;
	XlsxRows *rows;
} XlsxReader;

static void
close_rows(XlsxReader *reader)
{
	if (reader->rows != NULL)
		xlsx_rows_close(reader->rows);
	reader->rows = NULL;
	MemoryContextReset(reader->sheet_context);
}

static void
xlsx_rewind(SheetReader *base)
{
	XlsxReader *reader = (XlsxReader *) base;
	MemoryContext caller;

	close_rows(reader);
	caller = MemoryContextSwitchTo(reader->sheet_context);
	reader->rows =
		xlsx_rows_open(reader->archive, reader->sheet->part, reader->workbook, &reader->strings);
	MemoryContextSwitchTo(caller);
}

static bool
xlsx_next_sheet(SheetReader *base, SheetInfo *info)
{
	XlsxReader *reader = (XlsxReader *) base;

	close_rows(reader);
	if (reader->next_sheet >= list_length(reader->workbook->sheets))
		return false;
	reader->sheet = list_nth(reader->workbook->sheets, reader->next_sheet++);
	info->name = reader->sheet->name;
	info->hidden = reader->sheet->hidden;
	info->date1904 = reader->workbook->date1904;
	xlsx_rewind(base);
	return true;
}

static int
compare_columns(const void *a, const void *b)
{
	const SheetCell *x = a;
	const SheetCell *y = b;

	return (x->column > y->column) - (x->column < y->column);
}

static bool
xlsx_next_row(SheetReader *base, SheetRow *row)
{
	XlsxReader *reader = (XlsxReader *) base;
	int kept = 0;

	if (!xlsx_rows_next(reader->rows, row))
		return false;
	for (int i = 1; i < row->ncells; i++)
		if (row->cells[i].column <= row->cells[i - 1].column)
		{
			/* no program writes such rows; of two cells in one place either may count */
			qsort(row->cells, row->ncells, sizeof(SheetCell), compare_columns);
			break;
		}
	for (int i = 0; i < row->ncells; i++)
	{
		if (kept > 0 && row->cells[kept - 1].column == row->cells[i].column)
			kept--;
		row->cells[kept++] = row->cells[i];
	}
	row->ncells = kept;
	return true;
}

static void
xlsx_restart(SheetReader *base)
{
	((XlsxReader *) base)->next_sheet = 0;
}

static double
xlsx_progress(SheetReader *base)
{
	XlsxReader *reader = (XlsxReader *) base;

	return reader->rows != NULL ? xlsx_rows_progress(reader->rows) : 1;
}

static const SheetReaderMethods xlsx_methods = {
	.format = "xlsx",
	.next_sheet = xlsx_next_sheet,
	.next_row = xlsx_next_row,
	.rewind = xlsx_rewind,
	.restart = xlsx_restart,
	.progress = xlsx_progress,
};

SheetReader *
xlsx_reader_open(Source *source)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "xlsx reader", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	XlsxReader *reader = palloc0(sizeof(XlsxReader));

	reader->base.methods = &xlsx_methods;
	reader->base.source = source;
	reader->base.context = context;
	reader->sheet_context = AllocSetContextCreate(context, "xlsx sheet", ALLOCSET_DEFAULT_SIZES);
	grow_free_with_context(&reader->strings.data);
	grow_free_with_context(&reader->strings.offsets);
	reader->archive = zip_archive_open(source);
	reader->workbook = xlsx_read_workbook(reader->archive);
	if (reader->workbook->strings_part != NULL)
		xlsx_read_strings(reader->archive, reader->workbook->strings_part, &reader->strings);
	MemoryContextSwitchTo(caller);
	return &reader->base;
}
