/*-------------------------------------------------------------------------
 *
 * infer.c
 *		What a sheet is as a table, from all of its rows.
 *
 * Nothing is sampled: a type that holds for the first thousand rows and not for
 * the next is the commonest complaint about importers.  Each column starts with
 * every form that a value can have; each cell leaves those that it has, too.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "common/errors.h"
#include "ingest/infer.h"
#include "ingest/numformat.h"
#include "ingest/progress.h"
#include "ingest/shown.h"
#include "ingest/values_time.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define MAX_EXACT       9007199254740992.0 /* 2^53 */
#define WITNESS_LENGTH  100
#define SHORT_ROW_SHARE 100 /* one in so many rows may be short */
#define SAMPLE_TEXT     4096
#define SAMPLE_BYTES    (INT64CONST(16) * 1024 * 1024) /* of the rows that tell the header */

typedef struct Inference
{
	SheetReader *reader;
	const SheetOptions *options;
	SheetLayout *layout;
	bool csv;
	MemoryContext context; /* of the layout */
	SheetColumn *columns;  /* of the sheet, as wide as any row */
	int ncolumns;
	int room;
} Inference;

static bool
is_null_token(const char *text, int length, List *tokens)
{
	ListCell *lc;

	foreach (lc, tokens)
		if ((int) strlen(lfirst(lc)) == length && memcmp(lfirst(lc), text, length) == 0)
			return true;
	return false;
}

bool
infer_cell_text(const SheetCell *cell, const SheetOptions *options, const char **text, int *length)
{
	const char *p = cell->text;
	const char *end = p + cell->length;

	if (options->nulls != NIL && is_null_token(p, cell->length, options->nulls))
		return false;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*text = p;
	*length = (int) (end - p);
	return true;
}

/* cuts the text to that many bytes, at the end of a character */
static void
clip(char *text, int length)
{
	text[pg_encoding_mbcliplen(PG_UTF8, text, (int) strlen(text), length)] = '\0';
}

static void
set_witness(Inference *inference, Witness *witness, int64 row, const SheetCell *cell)
{
	SheetCell shown = *cell;
	MemoryContext caller;

	if (witness->row != 0)
		return;
	caller = MemoryContextSwitchTo(inference->context);
	if (cell->kind == CELL_TEXT)
		shown.length = pg_encoding_mbcliplen(PG_UTF8, cell->text, cell->length, WITNESS_LENGTH);
	witness->row = row;
	witness->value = numformat_cell_text(&shown, inference->layout->date1904);
	clip(witness->value, WITNESS_LENGTH);
	MemoryContextSwitchTo(caller);
}

/* leaves the forms that this value has, too */
static void
narrow(Inference *inference, SheetColumn *column, ValueForms forms, int64 row,
	   const SheetCell *cell)
{
	ValueForms left = column->forms & forms;

	column->values++;
	if (left == column->forms)
		return;
	if (left == 0 && column->forms != 0)
		set_witness(inference, &column->no_value, row, cell);
	if ((column->forms & FORM_INT8) != 0 && (left & FORM_INT8) == 0)
		set_witness(inference, &column->no_integer, row, cell);
	column->forms = left;
}

static ValueForms
number_cell_forms(Inference *inference, SheetColumn *column, const SheetCell *cell, int64 row)
{
	bool date1904 = inference->layout->date1904;
	double number = cell->number;
	Timestamp timestamp;

	switch (cell->number_class)
	{
		case NUMBER_DATE:
		case NUMBER_DATETIME:
			if (number >= 0 && number < 1 && cell->number_class == NUMBER_DATETIME)
				break;
			if (!numformat_serial_to_timestamp(number, date1904, &timestamp))
				break;
			return FORMS_STAMP | (timestamp % USECS_PER_DAY == 0 ? FORMS_DATE : 0);
		case NUMBER_TIME:
			if (number >= 0 && number < 1)
				return FORM_TIME | FORM_INTERVAL;
			if (numformat_serial_to_timestamp(number, date1904, &timestamp))
				return FORMS_STAMP | FORM_INTERVAL;
			break;
		case NUMBER_ELAPSED:
			return FORM_INTERVAL | (number >= 0 && number < 1 ? FORM_TIME : 0);
		case NUMBER_PERCENT:
			column->percent = true;
			break;
		default:
			break;
	}
	if (fabs(number) > MAX_EXACT)
	{
		column->large++;
		set_witness(inference, &column->first_large, row, cell);
	}
	if (number != rint(number) || fabs(number) > MAX_EXACT)
		return FORM_DOUBLE;
	return FORM_INT8 | FORM_NUMERIC | FORM_DOUBLE |
		   (number >= PG_INT32_MIN && number <= PG_INT32_MAX ? FORM_INT4 : 0);
}

static bool
is_impossible_date(const SheetCell *cell, bool date1904)
{
	Timestamp timestamp;

	return cell->kind == CELL_NUMBER && cell->number_class == NUMBER_DATE &&
		   !numformat_serial_to_timestamp(cell->number, date1904, &timestamp);
}

static void
see_number(Inference *inference, SheetColumn *column, const SheetCell *cell, int64 row)
{
	if (is_impossible_date(cell, inference->layout->date1904))
	{
		column->no_dates++;
		column->nulls++;
		set_witness(inference, &column->first_no_date, row, cell);
	}
	else
		narrow(inference, column, number_cell_forms(inference, column, cell, row), row, cell);
}

static void
see_text(Inference *inference, SheetColumn *column, const SheetCell *cell, int64 row)
{
	SheetCell trimmed = *cell;
	const char *text;
	int length;
	ValueForms forms = 0;

	if (!infer_cell_text(cell, inference->options, &text, &length))
	{
		column->nulls++;
		return;
	}
	if (length == 0 && !(cell->quoted && cell->length == 0))
	{
		/* blanks: null for every type but text */
		column->nulls++;
		column->max_length = Max(column->max_length, cell->length);
		return;
	}
	column->max_length = Max(column->max_length, cell->length);
	column->texts = true;
	if (length == 0)
		return; /* "" fits every type, as null */
	if (column->forms == 0)
	{
		column->values++;
		return;
	}
	/* a text of a workbook is one by its author's word, whatever it looks like */
	trimmed.text = text;
	trimmed.length = length;
	if (inference->csv)
	{
		forms = value_forms(text, length, &column->grouped, &column->exponent);
		if (column->exponent && column->first_exponent.row == 0)
			set_witness(inference, &column->first_exponent, row, &trimmed);
	}
	else if (cell->iso_date)
		forms = value_time_forms(text, length);
	narrow(inference, column, forms, row, &trimmed);
}

static void
see_cell(Inference *inference, const SheetCell *cell, int64 row)
{
	SheetColumn *column = &inference->columns[cell->column];

	switch (cell->kind)
	{
		case CELL_TEXT:
			see_text(inference, column, cell, row);
			break;
		case CELL_NUMBER:
			see_number(inference, column, cell, row);
			break;
		case CELL_BOOLEAN:
			narrow(inference, column, FORM_BOOL_WORD, row, cell);
			break;
		case CELL_ERROR:
			column->errors++;
			set_witness(inference, &column->first_error, row, cell);
			break;
		case CELL_BLANK:
			column->uncached += cell->uncached;
			if (cell->uncached && column->first_uncached.row == 0)
				column->first_uncached.row = row;
			break;
	}
}

static void
pg_attribute_noreturn() too_many_columns(const Inference *inference, int count)
{
	ereport(ERROR,
			(errcode(ERRCODE_TOO_MANY_COLUMNS),
			 inference->layout->sheet != NULL
				 ? errmsg("sheet \"%s\" has %d columns", shown(inference->layout->sheet), count)
				 : errmsg("file has %d columns", count),
			 errdetail("A table has at most %d.", TABLE_MAX_COLUMNS),
			 errhint("Split it, or give the delimiter in the options if it was taken wrongly.")));
}

/* makes room for a column of the sheet */
static void
need_column(Inference *inference, int column)
{
	if (column < inference->ncolumns)
		return;
	while (column >= inference->room)
	{
		inference->room *= 2;
		inference->columns =
			repalloc_huge(inference->columns, (Size) inference->room * sizeof(SheetColumn));
	}
	memset(inference->columns + inference->ncolumns, 0,
		   (column + 1 - inference->ncolumns) * sizeof(SheetColumn));
	for (; inference->ncolumns <= column; inference->ncolumns++)
		inference->columns[inference->ncolumns].forms = FORMS_ALL;
}

/*
 * A row of a text file has as many fields as the others.  What is too much is an
 * error unless it is empty; what is missing is null, and counted.
 */
static void
check_width(Inference *inference, const SheetRow *row, int width)
{
	int filled = row->ncells;

	while (filled > width && row->cells[filled - 1].kind == CELL_BLANK)
		filled--;
	if (filled > width)
		ereport(ERROR,
				(errcode(ERRCODE_AGENT_FILE_INVALID),
				 errmsg("row %lld has %d fields where %d were expected", (long long) row->number,
						row->ncells, width),
				 errhint("Quote fields that hold the delimiter, or give delimiter and quote in the "
						 "options.")));
	if (row->ncells < width && inference->layout->short_rows++ == 0)
		inference->layout->first_short = row->number;
}

static void
see_row(Inference *inference, const SheetRow *row, int width)
{
	bool filled = false;

	if (inference->csv)
		check_width(inference, row, width);
	for (int i = 0; i < row->ncells; i++)
	{
		if (inference->csv && row->cells[i].column >= width)
			break;
		if (row->cells[i].kind == CELL_BLANK && !row->cells[i].uncached)
			continue;
		need_column(inference, row->cells[i].column);
		see_cell(inference, &row->cells[i], row->number);
		filled = true;
	}
	if (filled)
		inference->layout->rows++;
}

/* ---- names and places ---- */

static void
apply_type_options(Inference *inference, SheetColumn *column)
{
	ListCell *lc;

	foreach (lc, inference->options->types)
	{
		ColumnTypeOption *option = lfirst(lc);

		if (strcmp(option->column, column->name) != 0 &&
			(column->original == NULL || strcmp(option->column, column->original) != 0))
			continue;
		infer_retype(column, option->type, inference->options);
		column->reason = pstrdup("as given in the options");
	}
}

/*
 * The columns of the table: those of the sheet that have a name or a value.
 */
static void
place_columns(Inference *inference, const SampleRow *header)
{
	SheetLayout *layout = inference->layout;
	TakenNames taken = {0};
	int kept = 0;

	for (int i = 0; header != NULL && i < header->ncells; i++)
		if (header->cells[i].kind != CELL_BLANK)
		{
			need_column(inference, header->cells[i].column);
			inference->columns[header->cells[i].column].original =
				numformat_cell_text(&header->cells[i], layout->date1904);
		}
	layout->nplaces = inference->ncolumns;
	layout->places = palloc(Max(inference->ncolumns, 1) * sizeof(int));
	for (int i = 0; i < inference->ncolumns; i++)
	{
		SheetColumn *column = &inference->columns[i];

		layout->places[i] = -1;
		if (column->original == NULL && column->values == 0 && !column->texts)
			continue;
		if (kept == TABLE_MAX_COLUMNS)
			too_many_columns(inference, inference->ncolumns);
		column->name = name_clean(column->original, psprintf("column_%d", i + 1),
								  inference->options->keep_names, &taken);
		infer_type(column, inference->options);
		apply_type_options(inference, column);
		layout->places[i] = kept;
		inference->columns[kept++] = *column;
	}
	layout->columns = inference->columns;
	layout->ncolumns = kept;
	if (taken.names != NULL)
		pfree(taken.names);
}

static void
check_short_rows(const SheetLayout *layout)
{
	if (layout->short_rows * SHORT_ROW_SHARE <= layout->rows || layout->short_rows <= 1)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_AGENT_FILE_INVALID),
			 errmsg("row %lld has fewer fields than the others", (long long) layout->first_short),
			 errdetail("%lld of %lld rows are too short.", (long long) layout->short_rows,
					   (long long) layout->rows),
			 errhint("Give delimiter and quote in the options if they were taken wrongly.")));
}

/* ---- the whole ---- */

/*
 * Of a long text the start is enough to tell a header.  Returns how many bytes
 * were copied.
 */
static int64
copy_row(const SheetRow *row, SampleRow *copy)
{
	int64 bytes = (int64) row->ncells * (int64) sizeof(SheetCell);

	copy->number = row->number;
	copy->ncells = row->ncells;
	copy->cells = palloc(Max(row->ncells, 1) * sizeof(SheetCell));
	memcpy(copy->cells, row->cells, row->ncells * sizeof(SheetCell));
	for (int i = 0; i < row->ncells; i++)
		if (row->cells[i].text != NULL)
		{
			copy->cells[i].length = pg_encoding_mbcliplen(PG_UTF8, row->cells[i].text,
														  row->cells[i].length, SAMPLE_TEXT);
			copy->cells[i].text = pnstrdup(row->cells[i].text, copy->cells[i].length);
			bytes += copy->cells[i].length;
		}
	return bytes;
}

static char *
row_as_text(const SampleRow *row, bool date1904)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < row->ncells && text.len < 200; i++)
	{
		char *cell = numformat_cell_text(&row->cells[i], date1904);

		if (cell != NULL && *cell != '\0')
			appendStringInfo(&text, "%s%s", text.len > 0 ? " | " : "", cell);
	}
	clip(text.data, 200);
	return text.data;
}

/* which of the first rows is the header, by options or by looks; -1 = none */
static int
choose_header(Inference *inference, const SampleRow *rows, int nrows, int *width, int *first)
{
	const SheetOptions *options = inference->options;
	bool evident;
	int header = header_find(rows, nrows, width, first, &evident);

	if (options->no_header)
	{
		*first = 0;
		return -1;
	}
	if (options->header_row == 0)
	{
		if (header < 0 && options->has_header)
			header = (*first)++;
		inference->layout->header_assumed = header >= 0 && !evident && !options->has_header;
		return header;
	}
	for (int i = 0; i < nrows; i++)
		if (rows[i].number == options->header_row)
		{
			*first = i + 1;
			return i;
		}
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("row %d can not be the header", options->header_row),
					errdetail("It is blank, or not among the first %d rows.", HEADER_SAMPLE)));
}

static int
read_sample(Inference *inference, SampleRow *rows)
{
	SheetRow row;
	int64 bytes = 0;
	int nrows = 0;

	inference->reader->methods->rewind(inference->reader);
	while (nrows < HEADER_SAMPLE && bytes < SAMPLE_BYTES &&
		   sheet_next_filled_row(inference->reader, &row))
		bytes += copy_row(&row, &rows[nrows++]);
	return nrows;
}

SheetLayout *
infer_sheet(SheetReader *reader, const SheetInfo *info, const SheetOptions *options)
{
	SheetLayout *layout = palloc0(sizeof(SheetLayout));
	SampleRow *rows = palloc(HEADER_SAMPLE * sizeof(SampleRow));
	Inference inference = {.reader = reader,
						   .options = options,
						   .layout = layout,
						   .csv = strcmp(reader->methods->format, "csv") == 0,
						   .context = CurrentMemoryContext,
						   .room = 64};
	SheetRow row;
	int64 first_row;
	int nrows;
	int header;
	int width = 0;
	int first = 0;

	layout->sheet = info->name != NULL ? pstrdup(info->name) : NULL;
	layout->hidden = info->hidden;
	layout->date1904 = info->date1904;
	nrows = read_sample(&inference, rows);
	if (nrows == 0)
		return NULL;
	header = choose_header(&inference, rows, nrows, &width, &first);
	layout->has_header = header >= 0;
	layout->header_row = header >= 0 ? rows[header].number : 0;
	for (int i = 0; i < (header >= 0 ? header : first); i++)
		layout->preamble = lappend(layout->preamble, row_as_text(&rows[i], layout->date1904));
	if (header >= 0)
		width = inference.csv ? rows[header].ncells : width;
	else if (inference.csv)
		for (int i = first; i < nrows; i++)
			width = Max(width, rows[i].ncells);

	inference.columns = palloc0(inference.room * sizeof(SheetColumn));
	if (inference.csv && width > 0)
		need_column(&inference, width - 1);
	first_row = first < nrows ? rows[first].number : rows[nrows - 1].number + 1;
	layout->first_row = first_row;
	reader->methods->rewind(reader);
	while (sheet_next_filled_row(reader, &row))
	{
		if (row.number >= first_row)
			see_row(&inference, &row, width);
		progress_row();
	}
	check_short_rows(layout);
	place_columns(&inference, header >= 0 ? &rows[header] : NULL);
	warnings_add(layout, inference.csv);
	return layout;
}
