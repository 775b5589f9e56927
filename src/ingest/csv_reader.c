/*-------------------------------------------------------------------------
 *
 * csv_reader.c
 *		Delimited text as one sheet of rows.
 *
 * The text passes through a window that holds at least the row being split; it
 * grows with a long row up to the largest field that is read.  A quote that never
 * closes would swallow the rest of the file, so the growth of a row in quotes
 * ends early where the lines behind the quote are rows by themselves.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "ingest/csv.h"
#include "utils/memutils.h"

#define WINDOW        (INT64CONST(1024) * 1024)
#define MAX_ROW       (INT64CONST(256) * 1024 * 1024)
#define LONG_QUOTE    (INT64CONST(1024) * 1024)
#define MIN_ROOM      65536
#define SAMPLE        WINDOW
#define LOST_LINES    100 /* lines behind an open quote that are rows by themselves */
#define MAX_LOST_LINE 65536

typedef struct CsvReader
{
	SheetReader base;
	CsvText *text;
	CsvClasses classes;
	int64 skip;  /* a "sep=" line */
	bool given;  /* the one sheet has been handed out */
	bool at_end; /* of the text */
	char *window;
	int64 room;
	int64 length;
	int64 position;
	int64 clean_to; /* no zero byte before this position of the window */
	int64 row_number;
	int modal_width;
	int64 irregular_rows;
	int64 first_irregular;
	CsvRow row;
} CsvReader;

/*
 * More text into the window, what is before the position dropped.  A row that is
 * not whole yet is split anew each time, so what there is of it is doubled.
 */
static void
fill_window(CsvReader *reader)
{
	int64 wanted = Max(WINDOW, 2 * (reader->length - reader->position));
	int64 n;

	memmove(reader->window, reader->window + reader->position, reader->length - reader->position);
	reader->length -= reader->position;
	reader->clean_to = Max(reader->clean_to - reader->position, 0);
	reader->position = 0;
	if (reader->room < wanted + MIN_ROOM)
	{
		reader->room = wanted + MIN_ROOM;
		reader->window = repalloc_huge(reader->window, reader->room);
	}
	do
	{
		n = csv_text_read(reader->text, reader->window + reader->length,
						  reader->room - reader->length);
		reader->length += n;
	} while (n > 0 && reader->room - reader->length >= MIN_ROOM && reader->length < wanted);
	if (n == 0)
		reader->at_end = true;
}

static void
pg_attribute_noreturn() unclosed_quote(const CsvReader *reader)
{
	ereport(ERROR,
			(errcode(ERRCODE_AGENT_FILE_INVALID),
			 errmsg("row %lld opens a quote that is never closed", (long long) reader->row_number),
			 errhint("Close the quote in the file, or give the quote character in the options.")));
}

/*
 * An open quote with many lines behind it that split into rows as wide as the
 * others: a stray quote rather than a long text.
 */
static bool
quote_is_stray(CsvReader *reader)
{
	const char *p = reader->window + reader->position;
	const char *end = reader->window + reader->length;
	CsvRow row = {0};
	int alike = 0;

	for (int line = 0; line < LOST_LINES; line++)
	{
		int64 n;

		p = memchr(p, '\n', end - p);
		if (p == NULL || ++p >= end)
			break;
		n = csv_split_row(&reader->classes, p, Min(end - p, MAX_LOST_LINE), false, &row);
		if (n == CSV_NEEDS_MORE)
			continue;
		if (row.ncells == reader->modal_width && row.ncells > 1)
			alike++;
	}
	if (row.cells != NULL)
		pfree(row.cells);
	return alike > LOST_LINES / 2;
}

/* PostgreSQL's text has no room for a zero byte */
static void
check_zero_bytes(CsvReader *reader, int64 upto)
{
	if (upto <= reader->clean_to)
		return;
	if (memchr(reader->window + reader->clean_to, '\0', upto - reader->clean_to) == NULL)
	{
		reader->clean_to = upto;
		return;
	}
	for (int i = 0; i < reader->row.ncells; i++)
		if (memchr(reader->row.cells[i].text, '\0', reader->row.cells[i].length) != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
					 errmsg("row %lld, column %d holds a zero byte", (long long) reader->row_number,
							i + 1),
					 errhint("Remove it from the file; text in PostgreSQL can not hold one.")));
	reader->clean_to = upto;
}

/* splits the next row, blank or not; false at the end */
static bool
split_next(CsvReader *reader)
{
	for (;;)
	{
		int64 available = reader->length - reader->position;
		int64 n;

		if (available == 0 && reader->at_end)
			return false;
		n = available == 0 ? CSV_NEEDS_MORE
						   : csv_split_row(&reader->classes, reader->window + reader->position,
										   available, reader->at_end, &reader->row);
		if (n != CSV_NEEDS_MORE)
		{
			reader->row_number++;
			if (reader->row.unclosed)
				unclosed_quote(reader);
			if (reader->row.too_wide)
				ereport(ERROR,
						(errcode(ERRCODE_TOO_MANY_COLUMNS),
						 errmsg("row %lld has more than %d fields", (long long) reader->row_number,
								SHEET_MAX_COLUMNS),
						 errhint("Give the delimiter in the options if it was taken wrongly.")));
			check_zero_bytes(reader, reader->position + n);
			reader->position += n;
			return true;
		}
		if (available > LONG_QUOTE && reader->row.unclosed && quote_is_stray(reader))
		{
			reader->row_number++;
			unclosed_quote(reader);
		}
		if (available > MAX_ROW)
			ereport(ERROR,
					(errcode(ERRCODE_AGENT_FILE_UNSUPPORTED),
					 errmsg("row %lld is longer than 256 MB", (long long) reader->row_number + 1)));
		fill_window(reader);
	}
}

static bool
row_is_blank(const CsvRow *row)
{
	for (int i = 0; i < row->ncells; i++)
		if (row->cells[i].kind != CELL_BLANK)
			return false;
	return true;
}

static bool
csv_next_row(SheetReader *base, SheetRow *row)
{
	CsvReader *reader = (CsvReader *) base;

	do
	{
		if (!split_next(reader))
			return false;
		csv_row_unescape(&reader->classes, &reader->row);
	} while (row_is_blank(&reader->row));

	if (reader->row.irregular && reader->irregular_rows++ == 0)
		reader->first_irregular = reader->row_number;
	row->number = reader->row_number;
	row->ncells = reader->row.ncells;
	row->cells = reader->row.cells;
	return true;
}

static void
csv_rewind(SheetReader *base)
{
	CsvReader *reader = (CsvReader *) base;

	csv_text_rewind(reader->text);
	reader->length = 0;
	reader->position = 0;
	reader->clean_to = 0;
	reader->at_end = false;
	reader->row_number = 0;
	reader->irregular_rows = 0;
	fill_window(reader);
	reader->position = Min(reader->skip, reader->length);
	if (reader->skip > 0)
		reader->row_number = 1;
}

static bool
csv_next_sheet(SheetReader *base, SheetInfo *info)
{
	CsvReader *reader = (CsvReader *) base;

	if (reader->given)
		return false;
	reader->given = true;
	memset(info, 0, sizeof(*info));
	csv_rewind(base);
	return true;
}

static void
csv_restart(SheetReader *base)
{
	((CsvReader *) base)->given = false;
}

static double
csv_progress(SheetReader *base)
{
	return csv_text_progress(((CsvReader *) base)->text);
}

static const SheetReaderMethods csv_methods = {
	.format = "csv",
	.next_sheet = csv_next_sheet,
	.next_row = csv_next_row,
	.rewind = csv_rewind,
	.restart = csv_restart,
	.progress = csv_progress,
};

/* the width that most of the first rows have */
static int
modal_width(CsvReader *reader)
{
	SheetRow row;
	int best = 0;
	int best_count = 0;
	int counts[256] = {0};

	csv_rewind(&reader->base);
	for (int i = 0; i < LOST_LINES && reader->position < reader->length; i++)
	{
		int64 n = csv_split_row(&reader->classes, reader->window + reader->position,
								reader->length - reader->position, reader->at_end, &reader->row);
		int width;

		if (n == CSV_NEEDS_MORE)
			break;
		reader->position += n;
		row.ncells = reader->row.ncells;
		width = Min(row.ncells, (int) lengthof(counts) - 1);
		if (++counts[width] > best_count)
		{
			best_count = counts[width];
			best = row.ncells;
		}
	}
	return best;
}

SheetReader *
csv_reader_open(Source *source, const CsvOptions *options)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "csv reader", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	CsvReader *reader = palloc0(sizeof(CsvReader));
	const char *encoding;
	bool guessed;

	reader->base.methods = &csv_methods;
	reader->base.source = source;
	reader->base.context = context;
	reader->text = csv_text_open(source, options);
	reader->room = 2 * WINDOW;
	reader->window = MemoryContextAllocHuge(context, reader->room);
	fill_window(reader);
	csv_classes_set(&reader->classes,
					csv_detect_dialect(reader->window, Min(reader->length, SAMPLE),
									   reader->at_end && reader->length <= SAMPLE, options,
									   &reader->skip));
	reader->modal_width = modal_width(reader);
	encoding = csv_text_encoding(reader->text, &guessed);
	if (guessed)
		reader->base.warnings =
			lappend(reader->base.warnings,
					psprintf("The encoding was taken to be %s; give it in the options if letters "
							 "are wrong.",
							 encoding));
	MemoryContextSwitchTo(caller);
	return &reader->base;
}
