/*-------------------------------------------------------------------------
 *
 * csv_split.c
 *		Delimited text into rows of fields.
 *
 * RFC 4180, read as generously as spreadsheet programs read it: a line ends
 * with LF, CRLF or CR; what follows a closing quote belongs to the field; a
 * quote inside of plain text is a letter.  The last two are reported.
 *
 * This stands between a file and COPY's engine, and a file has many more bytes
 * than fields: the inner loops do nothing but look bytes up in a table.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/csv.h"
#include "utils/memutils.h"

/* what a byte means */
enum
{
	BYTE_TEXT = 0,
	BYTE_DELIMITER = 1,
	BYTE_LF = 2,
	BYTE_CR = 3,
	BYTE_QUOTE = 4,
	BYTE_ESCAPE = 5
};

void
csv_classes_set(CsvClasses *classes, CsvDialect dialect)
{
	memset(classes->of, BYTE_TEXT, sizeof(classes->of));
	classes->dialect = dialect;
	classes->of['\n'] = BYTE_LF;
	classes->of['\r'] = BYTE_CR;
	if (dialect.quote != 0)
		classes->of[(uint8) dialect.quote] = BYTE_QUOTE;
	if (dialect.escape != 0)
		classes->of[(uint8) dialect.escape] = BYTE_ESCAPE;
	if (dialect.delimiter != 0)
		classes->of[(uint8) dialect.delimiter] = BYTE_DELIMITER;
}

static inline SheetCell *
add_field(CsvRow *row)
{
	SheetCell *cell;

	/* a line of delimiters alone would take fifty times its size */
	if (row->ncells == SHEET_MAX_COLUMNS)
	{
		row->too_wide = true;
		row->ncells--;
	}
	if (row->ncells == row->room)
	{
		row->room = Max(64, row->room * 2);
		row->cells =
			row->cells == NULL
				? MemoryContextAllocHuge(CurrentMemoryContext, (Size) row->room * sizeof(SheetCell))
				: repalloc_huge(row->cells, (Size) row->room * sizeof(SheetCell));
	}
	cell = &row->cells[row->ncells];
	memset(cell, 0, sizeof(SheetCell));
	cell->column = row->ncells++;
	return cell;
}

/*
 * The end of the quoted part of a field that starts at p, behind the opening
 * quote: the closing quote, or NULL where the data ends first.
 */
static const uint8 *
find_closing_quote(const CsvClasses *classes, const uint8 *p, const uint8 *end)
{
	const uint8 quote = (uint8) classes->dialect.quote;
	const uint8 escape = (uint8) classes->dialect.escape;

	for (;;)
	{
		if (escape == 0)
			p = memchr(p, quote, end - p);
		else
			while (p < end && *p != quote && *p != escape)
				p++;
		if (p == NULL || p >= end)
			return NULL;
		if (*p == quote && (p + 1 >= end || p[1] != quote))
			return p;
		p += 2; /* a doubled quote, or an escaped byte */
		if (p > end)
			return NULL;
	}
}

static inline const uint8 *
skip_plain(const CsvClasses *classes, const uint8 *p, const uint8 *end, CsvRow *row)
{
	for (;;)
	{
		while (p < end && classes->of[*p] == BYTE_TEXT)
			p++;
		if (p >= end || classes->of[*p] < BYTE_QUOTE)
			return p;
		if (classes->of[*p] == BYTE_QUOTE)
			row->irregular = true;
		else if (p + 1 < end)
			p++; /* what is escaped ends nothing */
		p++;
	}
}

/* spaces before an opening quote do not make it a letter */
static inline const uint8 *
skip_blanks_before_quote(const CsvClasses *classes, const uint8 *p, const uint8 *end)
{
	const uint8 *q = p;

	while (q < end && *q == ' ')
		q++;
	return q < end && classes->of[*q] == BYTE_QUOTE ? q : p;
}

/*
 * Reads one field; returns where it ended: at a delimiter, an end of line, or
 * the end of the data.  NULL where the data ended in quotes.
 */
static inline const uint8 *
split_field(const CsvClasses *classes, const uint8 *p, const uint8 *end, CsvRow *row)
{
	SheetCell *cell = add_field(row);
	const uint8 *close;
	const uint8 *stop;

	if (p < end && *p == ' ')
		p = skip_blanks_before_quote(classes, p, end);
	if (p >= end || classes->of[*p] != BYTE_QUOTE)
	{
		bool irregular = row->irregular;

		stop = skip_plain(classes, p, end, row);
		cell->text = (const char *) p;
		cell->length = (int) (stop - p);
		row->irregular |= irregular;
		return stop;
	}

	close = find_closing_quote(classes, p + 1, end);
	cell->quoted = true;
	cell->text = (const char *) p + 1;
	if (close == NULL)
	{
		cell->length = (int) (end - p - 1);
		row->unclosed = true;
		return NULL;
	}
	cell->length = (int) (close - p - 1);
	stop = skip_plain(classes, close + 1, end, row);
	for (const uint8 *rest = close + 1; rest < stop; rest++)
	{
		if (*rest == ' ')
			continue;
		/* more than blanks behind the closing quote: kept, quote and all */
		cell->text = (const char *) p;
		cell->length = (int) (stop - p);
		cell->quoted = false;
		row->irregular = true;
		break;
	}
	return stop;
}

int64
csv_split_row(const CsvClasses *classes, const char *data, int64 length, bool final, CsvRow *row)
{
	const uint8 *start = (const uint8 *) data;
	const uint8 *end = start + length;
	const uint8 *p = start;

	row->ncells = 0;
	row->irregular = false;
	row->unclosed = false;
	row->too_wide = false;
	for (;;)
	{
		p = split_field(classes, p, end, row);
		if (p == NULL)
			return final ? length : CSV_NEEDS_MORE;
		if (p >= end)
			return final ? length : CSV_NEEDS_MORE;
		if (classes->of[*p] == BYTE_DELIMITER)
		{
			p++;
			continue;
		}
		if (*p == '\r')
		{
			if (p + 1 >= end && !final)
				return CSV_NEEDS_MORE;
			if (p + 1 < end && p[1] == '\n')
				p++;
		}
		return p + 1 - start;
	}
}

static void
unescape(const CsvDialect *dialect, SheetCell *cell)
{
	char *from = unconstify(char *, cell->text);
	char *end = from + cell->length;
	char *to = from;

	while (from < end)
	{
		if (cell->quoted && *from == dialect->quote && from + 1 < end)
			from++;
		else if (dialect->escape != 0 && *from == dialect->escape && from + 1 < end)
			from++;
		*to++ = *from++;
	}
	cell->length = (int) (to - cell->text);
}

void
csv_row_unescape(const CsvClasses *classes, CsvRow *row)
{
	const CsvDialect *dialect = &classes->dialect;

	for (int i = 0; i < row->ncells; i++)
	{
		SheetCell *cell = &row->cells[i];

		cell->kind = cell->length == 0 && !cell->quoted ? CELL_BLANK : CELL_TEXT;
		if (cell->length == 0)
			continue;
		if ((cell->quoted && memchr(cell->text, dialect->quote, cell->length) != NULL) ||
			(dialect->escape != 0 && memchr(cell->text, dialect->escape, cell->length) != NULL))
			unescape(dialect, cell);
	}
}
