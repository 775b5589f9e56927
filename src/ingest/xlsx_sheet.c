/*-------------------------------------------------------------------------
 *
 * xlsx_sheet.c
 *		Rows of a sheet of an Office Open XML workbook.
 *
 * expat calls back for each element of a chunk; the rows that a chunk completes
 * wait in a queue until they are asked for.  A chunk of 64 kB makes few rows, so
 * memory does not depend on the size of the sheet.  The one long thing is a text
 * in a cell; its length is capped.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "ingest/xlsx.h"
#include "utils/memutils.h"

#define MAX_QUEUE_TEXT  (64 * 1024 * 1024)
#define MAX_QUEUE       (64 * 1024 * 1024)
#define MAX_UTF8_LENGTH 4
#define MAX_CELL_TEXT   32767 /* characters, by the format's own limit */
#define MAX_ROW         1048576

/* what the "t" of a cell says */
typedef enum ValueType
{
	VALUE_NUMBER,
	VALUE_SHARED,
	VALUE_TEXT, /* of a formula */
	VALUE_INLINE,
	VALUE_BOOLEAN,
	VALUE_ERROR,
	VALUE_DATE
} ValueType;

typedef struct QueuedCell
{
	SheetCell cell;
	int64 offset; /* of its text in the queue's texts; -1 = cell.text is right */
} QueuedCell;

typedef struct QueuedRow
{
	int64 number;
	int first; /* in the queue of cells */
	int count;
} QueuedRow;

struct XlsxRows
{
	const XlsxWorkbook *workbook;
	const SharedStrings *strings;
	XmlDocument *document;

	/* the queue */
	GrowBuffer rows;  /* QueuedRow, complete */
	GrowBuffer cells; /* QueuedCell */
	GrowBuffer texts;
	int next_row;
	SheetCell *handed; /* the row that was handed out last */
	int handed_room;

	/* where the parser is */
	bool in_data;
	bool in_row;
	bool in_cell;
	bool in_value;
	bool in_phonetic;
	bool has_value;
	bool has_formula;
	int64 row_number;
	int64 last_row; /* that has cells */
	int row_first;
	int column;
	ValueType type;
	NumberClass number_class;
	size_t value_start; /* in texts */
	const char *problem;
};

static int
cell_count(const XlsxRows *rows)
{
	return (int) (rows->cells.length / sizeof(QueuedCell));
}

/* the column of a reference such as "AB12", from 0; -1 where there is none */
static int
reference_column(const char *reference)
{
	int column = 0;

	for (; (*reference >= 'A' && *reference <= 'Z') || (*reference >= 'a' && *reference <= 'z');
		 reference++)
	{
		column = column * 26 + (*reference & 0x1F);
		if (column > SHEET_MAX_COLUMNS)
			return SHEET_MAX_COLUMNS;
	}
	return column - 1;
}

static ValueType
value_type(const char *name)
{
	if (name == NULL || strcmp(name, "n") == 0)
		return VALUE_NUMBER;
	if (strcmp(name, "s") == 0)
		return VALUE_SHARED;
	if (strcmp(name, "str") == 0)
		return VALUE_TEXT;
	if (strcmp(name, "inlineStr") == 0)
		return VALUE_INLINE;
	if (strcmp(name, "b") == 0)
		return VALUE_BOOLEAN;
	if (strcmp(name, "e") == 0)
		return VALUE_ERROR;
	return strcmp(name, "d") == 0 ? VALUE_DATE : VALUE_NUMBER;
}

static void
start_row(XlsxRows *rows, const char **attributes)
{
	const char *number = xml_attribute(attributes, "r");

	rows->row_number = number != NULL ? strtoll(number, NULL, 10) : rows->row_number + 1;
	rows->row_first = cell_count(rows);
	rows->column = -1;
	rows->in_row = true;
}

static void
start_cell(XlsxRows *rows, const char **attributes)
{
	const char *reference = xml_attribute(attributes, "r");
	const char *style = xml_attribute(attributes, "s");
	int column = reference != NULL ? reference_column(reference) : -1;
	int style_number = style != NULL ? atoi(style) : 0;

	rows->column = column >= 0 ? column : rows->column + 1;
	if (rows->column >= SHEET_MAX_COLUMNS)
		rows->problem = "A cell stands to the right of column XFD.";
	rows->type = value_type(xml_attribute(attributes, "t"));
	rows->number_class = NUMBER_PLAIN;
	if (style_number >= 0 && style_number < rows->workbook->nclasses)
		rows->number_class = (NumberClass) rows->workbook->classes[style_number];
	rows->in_cell = true;
	rows->has_value = false;
	rows->has_formula = false;
	rows->value_start = rows->texts.length;
}

static void
on_start(void *arg, const char *name, const char **attributes)
{
	XlsxRows *rows = arg;

	if (strcmp(name, "sheetData") == 0)
		rows->in_data = true;
	else if (!rows->in_data)
		return;
	else if (!rows->in_row)
	{
		if (strcmp(name, "row") == 0)
			start_row(rows, attributes);
	}
	else if (!rows->in_cell)
	{
		if (strcmp(name, "c") == 0)
			start_cell(rows, attributes);
	}
	else if ((strcmp(name, "v") == 0 && rows->type != VALUE_INLINE) ||
			 (strcmp(name, "t") == 0 && !rows->in_phonetic))
	{
		rows->in_value = true;
		rows->has_value = true;
	}
	else if (strcmp(name, "f") == 0)
		rows->has_formula = true;
	else if (strcmp(name, "rPh") == 0)
		rows->in_phonetic = true;
}

static void
on_text(void *arg, const char *text, int length)
{
	XlsxRows *rows = arg;

	if (rows->in_value)
		grow_append(&rows->texts, text, length);
}

/*
 * The format allows 32,767 characters in a cell.  Without that limit a small
 * file could have each of its cells refer to one long text.
 */
static void
check_length(XlsxRows *rows, const SheetCell *cell)
{
	if (cell->length > MAX_CELL_TEXT * MAX_UTF8_LENGTH)
		rows->problem = "A cell has more than 32767 characters.";
}

/* a text of the queue; its place is an offset until the row is handed out */
static void
set_text(XlsxRows *rows, QueuedCell *queued, CellKind kind)
{
	size_t length = rows->texts.length - rows->value_start;

	if (kind == CELL_TEXT && length > 0)
		length = xlsx_unescape(rows->texts.data + rows->value_start, length);
	rows->texts.length = rows->value_start + length;
	queued->cell.kind = kind;
	queued->cell.length = (int) length;
	queued->offset = (int64) rows->value_start;
	check_length(rows, &queued->cell);
}

/* a text that is shared has its own place for good */
static void
set_shared(XlsxRows *rows, SheetCell *cell, double index)
{
	const uint64 *offsets = (const uint64 *) rows->strings->offsets.data;

	if (!(index >= 0 && index < (double) xlsx_strings_count(rows->strings)))
	{
		rows->problem = "A cell refers to a shared text that is not there.";
		return;
	}
	cell->kind = CELL_TEXT;
	cell->text = rows->strings->data.data + offsets[(int64) index];
	cell->length = (int) (offsets[(int64) index + 1] - offsets[(int64) index]);
	check_length(rows, cell);
}

static void
set_number(XlsxRows *rows, QueuedCell *queued)
{
	SheetCell *cell = &queued->cell;
	const char *start;
	char *end;

	grow_append(&rows->texts, "", 1);
	if (rows->texts.failed)
		return;
	start = rows->texts.data + rows->value_start;
	cell->number = strtod(start, &end);
	rows->texts.length--;
	while (*end == ' ' || *end == '\n' || *end == '\r' || *end == '\t')
		end++;
	if (end == start || *end != '\0' || !isfinite(cell->number))
	{
		/* what is no number is text, as it stands */
		set_text(rows, queued, CELL_TEXT);
		return;
	}
	if (rows->type == VALUE_SHARED)
		set_shared(rows, cell, cell->number);
	else if (rows->type == VALUE_BOOLEAN)
		cell->kind = CELL_BOOLEAN;
	else
	{
		cell->kind = CELL_NUMBER;
		cell->number_class = rows->number_class;
	}
	rows->texts.length = rows->value_start;
}

static void
end_cell(XlsxRows *rows)
{
	QueuedCell queued = {.cell.column = rows->column, .offset = -1};
	size_t length = rows->texts.length - rows->value_start;

	rows->in_cell = false;
	if (rows->texts.failed || rows->problem != NULL)
		return;
	if (!rows->has_value || (length == 0 && rows->type != VALUE_TEXT && rows->type != VALUE_INLINE))
	{
		if (!rows->has_formula)
			return;
		queued.cell.uncached = true;
	}
	else if (rows->type == VALUE_TEXT || rows->type == VALUE_INLINE)
		set_text(rows, &queued, CELL_TEXT);
	else if (rows->type == VALUE_ERROR)
		set_text(rows, &queued, CELL_ERROR);
	else if (rows->type == VALUE_DATE)
	{
		set_text(rows, &queued, CELL_TEXT);
		queued.cell.iso_date = true;
	}
	else
		set_number(rows, &queued);
	grow_append(&rows->cells, &queued, sizeof(queued));
}

/*
 * Everything above tells rows by their numbers, which go up: a header, then what
 * stands below it.  Rows in another order would be lost.
 */
static void
end_row(XlsxRows *rows)
{
	QueuedRow row = {.number = rows->row_number,
					 .first = rows->row_first,
					 .count = cell_count(rows) - rows->row_first};

	rows->in_row = false;
	if (row.count == 0)
		return;
	if (row.number <= rows->last_row)
		rows->problem = "Its rows do not stand in order.";
	else if (row.number > MAX_ROW)
		rows->problem = "A cell stands below row 1048576.";
	rows->last_row = row.number;
	grow_append(&rows->rows, &row, sizeof(row));
}

static void
on_end(void *arg, const char *name)
{
	XlsxRows *rows = arg;

	if (!rows->in_data)
		return;
	if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
		rows->in_value = false;
	else if (strcmp(name, "rPh") == 0)
		rows->in_phonetic = false;
	else if (strcmp(name, "c") == 0 && rows->in_cell)
		end_cell(rows);
	else if (strcmp(name, "row") == 0 && rows->in_row)
		end_row(rows);
	else if (strcmp(name, "sheetData") == 0)
		rows->in_data = false;
}

static const char *
find_problem(void *arg)
{
	XlsxRows *rows = arg;

	if (rows->problem != NULL)
		return rows->problem;
	if (rows->texts.failed || rows->cells.failed || rows->rows.failed)
		return "A row of it takes more than 64 MB.";
	return NULL;
}

static const XmlHandler handler = {
	.start = on_start, .end = on_end, .text = on_text, .problem = find_problem};

XlsxRows *
xlsx_rows_open(ZipArchive *archive, const char *part, const XlsxWorkbook *workbook,
			   const SharedStrings *strings)
{
	XlsxRows *rows = palloc0(sizeof(XlsxRows));

	rows->workbook = workbook;
	rows->strings = strings;
	rows->rows.cap = MAX_QUEUE;
	rows->cells.cap = MAX_QUEUE;
	rows->texts.cap = MAX_QUEUE_TEXT;
	rows->handed_room = 64;
	rows->handed = palloc(rows->handed_room * sizeof(SheetCell));
	grow_free_with_context(&rows->rows);
	grow_free_with_context(&rows->cells);
	grow_free_with_context(&rows->texts);
	rows->document = xml_document_open(archive, part, &handler, rows);
	return rows;
}

/*
 * Drops the rows that were handed out; the one that the parser is in stays.
 */
static void
clear_queue(XlsxRows *rows)
{
	int ncells = cell_count(rows);
	int keep_from = rows->in_row ? rows->row_first : ncells;
	size_t keep_text = rows->in_cell ? rows->value_start : rows->texts.length;
	QueuedCell *cells = (QueuedCell *) rows->cells.data;

	for (int i = keep_from; i < ncells; i++)
		if (cells[i].offset >= 0)
			keep_text = Min(keep_text, (size_t) cells[i].offset);
	for (int i = keep_from; i < ncells; i++)
		if (cells[i].offset >= 0)
			cells[i].offset -= (int64) keep_text;
	rows->value_start -= Min(rows->value_start, keep_text);
	grow_drop(&rows->texts, keep_text);
	grow_drop(&rows->cells, keep_from * sizeof(QueuedCell));
	rows->rows.length = 0;
	rows->next_row = 0;
	rows->row_first = 0;
}

static void
hand_out(XlsxRows *rows, const QueuedRow *queued, SheetRow *row)
{
	const QueuedCell *cells = (const QueuedCell *) rows->cells.data + queued->first;

	if (queued->count > rows->handed_room)
	{
		rows->handed_room = Max(queued->count, 2 * rows->handed_room);
		rows->handed = repalloc(rows->handed, rows->handed_room * sizeof(SheetCell));
	}
	for (int i = 0; i < queued->count; i++)
	{
		rows->handed[i] = cells[i].cell;
		if (cells[i].offset >= 0)
			rows->handed[i].text = rows->texts.data + cells[i].offset;
	}
	row->number = queued->number;
	row->ncells = queued->count;
	row->cells = rows->handed;
}

bool
xlsx_rows_next(XlsxRows *rows, SheetRow *row)
{
	while ((size_t) rows->next_row * sizeof(QueuedRow) >= rows->rows.length)
	{
		clear_queue(rows);
		if (!xml_document_read(rows->document))
			return false;
	}
	hand_out(rows, (QueuedRow *) rows->rows.data + rows->next_row++, row);
	return true;
}

double
xlsx_rows_progress(const XlsxRows *rows)
{
	return xml_document_progress(rows->document);
}

void
xlsx_rows_close(XlsxRows *rows)
{
	xml_document_close(rows->document);
	grow_free(&rows->rows);
	grow_free(&rows->cells);
	grow_free(&rows->texts);
}
