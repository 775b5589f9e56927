/*-------------------------------------------------------------------------
 *
 * header.c
 *		Where the header of a sheet is.
 *
 * People put titles, dates and notes above a table, and sometimes no header at
 * all.  A header is the first row as wide as the table, if it consists of names:
 * short texts that do not come again below themselves.  Files that people hand
 * over nearly always have a header, so that is enough even where all columns are
 * texts; but then it is said.  A name or two may come again where other things
 * than texts stand below the others (and the whole header may, as in reports of
 * several pages).  If the first row is no header, the first row of texts with
 * other things than texts below is; but never one that has rows of data above it,
 * for what is above the header is left out.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/infer.h"
#include "miscadmin.h"

#define MAX_HEADER_INDEX 30
#define MAX_NAME         200 /* bytes; longer ones are sentences */

static int
row_width(const SampleRow *row)
{
	for (int i = row->ncells - 1; i >= 0; i--)
		if (row->cells[i].kind != CELL_BLANK)
			return row->cells[i].column + 1;
	return 0;
}

static int
row_filled(const SampleRow *row)
{
	int filled = 0;

	for (int i = 0; i < row->ncells; i++)
		filled += row->cells[i].kind != CELL_BLANK;
	return filled;
}

/* the width that most rows have; of two, the larger */
static int
modal_width(const SampleRow *rows, int nrows)
{
	int best = 0;
	int best_count = 0;

	for (int i = 0; i < nrows; i++)
	{
		int width = row_width(&rows[i]);
		int count = 0;

		for (int j = 0; j < nrows; j++)
			count += row_width(&rows[j]) == width;
		if (count > best_count || (count == best_count && width > best))
		{
			best = width;
			best_count = count;
		}
	}
	return best;
}

/* cells stand in the order of columns, and mostly without a gap */
static const SheetCell *
cell_at(const SampleRow *row, int column)
{
	int low = 0;
	int high = Min(row->ncells - 1, column);

	while (low <= high)
	{
		int middle = row->cells[high].column == column ? high : (low + high) / 2;
		const SheetCell *cell = &row->cells[middle];

		if (cell->column == column)
			return cell->kind == CELL_BLANK ? NULL : cell;
		if (cell->column < column)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return NULL;
}

/* columns in which a row of the table's width has something */
static int
used_columns(const SampleRow *rows, int nrows, int width)
{
	int used = 0;

	for (int column = 0; column < width; column++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < nrows; i++)
			if (row_width(&rows[i]) == width && cell_at(&rows[i], column) != NULL)
			{
				used++;
				break;
			}
	}
	return used;
}

/* is the cell something that a text is not? */
static bool
is_typed(const SheetCell *cell)
{
	static const SheetOptions no_options;
	bool grouped = false;
	bool exponent = false;
	const char *text;
	int length;

	if (cell->kind != CELL_TEXT)
		return true;
	if (!infer_cell_text(cell, &no_options, &text, &length))
		return false;
	/* letters that may stand for truth are names as well */
	return (value_forms(text, length, &grouped, &exponent) & ~FORMS_BOOL) != 0;
}

/* what speaks for the row as a header: columns of other things below texts */
static int
header_evidence(const SampleRow *rows, int nrows, int index, int width)
{
	int evidence = 0;

	for (int column = 0; column < width; column++)
	{
		const SheetCell *name = cell_at(&rows[index], column);
		int typed = 0;
		int texts = 0;

		CHECK_FOR_INTERRUPTS();
		if (name == NULL)
			continue;
		if (is_typed(name))
			return -1;
		for (int i = index + 1; i < nrows; i++)
		{
			const SheetCell *cell = cell_at(&rows[i], column);

			if (cell != NULL)
				*(is_typed(cell) ? &typed : &texts) += 1;
		}
		if (typed > texts)
			evidence++;
	}
	return evidence;
}

static bool
same_text(const SheetCell *a, const SheetCell *b)
{
	return b->kind == CELL_TEXT && a->length == b->length &&
		   memcmp(a->text, b->text, a->length) == 0;
}

/* is the row the header once more? */
static bool
is_repetition(const SampleRow *header, const SampleRow *row)
{
	int same = 0;

	for (int i = 0; i < header->ncells; i++)
	{
		const SheetCell *cell;

		if (header->cells[i].kind == CELL_BLANK)
			continue;
		cell = cell_at(row, header->cells[i].column);
		if (cell == NULL || !same_text(&header->cells[i], cell))
			return false;
		same++;
	}
	return same > 0;
}

/* does the name come again below itself? */
static bool
comes_again(const SampleRow *rows, int nrows, int index, const SheetCell *name, const bool *ignored)
{
	for (int i = index + 1; i < nrows; i++)
	{
		const SheetCell *cell = ignored[i] ? NULL : cell_at(&rows[i], name->column);

		if (cell != NULL && same_text(name, cell))
			return true;
	}
	return false;
}

/*
 * Short names for nearly all columns, none of them again below itself, or only
 * as many as columns of other things than texts speak for a header.
 */
static bool
looks_like_names(const SampleRow *rows, int nrows, int index, int width, int used, int evidence)
{
	bool ignored[HEADER_SAMPLE] = {false};
	int names = 0;
	int again = 0;

	for (int i = index + 1; evidence > 0 && i < nrows; i++)
		ignored[i] = is_repetition(&rows[index], &rows[i]);
	for (int column = 0; column < width; column++)
	{
		const SheetCell *name = cell_at(&rows[index], column);

		CHECK_FOR_INTERRUPTS();
		if (name == NULL)
			continue;
		names++;
		if (name->kind != CELL_TEXT || name->length > MAX_NAME || is_typed(name))
			return false;
		again += comes_again(rows, nrows, index, name, ignored);
	}
	return names * 3 >= used * 2 && again <= evidence && (again == 0 || again * 2 < names);
}

/* columns that have mostly other things than texts below the row */
static bool *
typed_below(const SampleRow *rows, int nrows, int index, int width)
{
	bool *result = palloc0(Max(width, 1) * sizeof(bool));

	for (int column = 0; column < width; column++)
	{
		int balance = 0;

		CHECK_FOR_INTERRUPTS();
		for (int i = index + 1; i < nrows; i++)
		{
			const SheetCell *cell = cell_at(&rows[i], column);

			if (cell != NULL)
				balance += is_typed(cell) ? 1 : -1;
		}
		result[column] = balance > 0;
	}
	return result;
}

/*
 * Is any row before the index like the rows below it, with other things than texts
 * in most of the columns that have them there?
 */
static bool
data_above(const SampleRow *rows, int nrows, int start, int index, int width)
{
	bool *typed = typed_below(rows, nrows, index, width);
	bool found = false;

	for (int i = start; i < index && !found; i++)
	{
		int expected = 0;
		int same = 0;

		for (int column = 0; column < width; column++)
		{
			const SheetCell *cell = typed[column] ? cell_at(&rows[i], column) : NULL;

			expected += typed[column];
			same += cell != NULL && is_typed(cell);
		}
		found = same * 2 > expected;
	}
	pfree(typed);
	return found;
}

static bool
has_typed(const SampleRow *row)
{
	for (int i = 0; i < row->ncells; i++)
		if (row->cells[i].kind != CELL_BLANK && is_typed(&row->cells[i]))
			return true;
	return false;
}

int
header_find(const SampleRow *rows, int nrows, int *width, int *first, bool *evident)
{
	int start = -1;
	int used;

	*width = modal_width(rows, nrows);
	*evident = true;
	used = used_columns(rows, nrows, *width);
	/* it will be refused; to look for names in it would take long */
	if (used > TABLE_MAX_COLUMNS)
	{
		*first = 0;
		return -1;
	}
	for (int i = 0; i < Min(nrows, MAX_HEADER_INDEX); i++)
	{
		int filled = row_filled(&rows[i]);
		int evidence;

		/* a title is narrow; a header may lack a name or two */
		if (row_width(&rows[i]) < *width && filled * 10 < used * 8)
			continue;
		evidence = filled * 2 < used ? -1 : header_evidence(rows, nrows, i, *width);
		if (start < 0 ? evidence >= 0 && looks_like_names(rows, nrows, i, *width, used, evidence)
					  : evidence > 0)
		{
			if (start >= 0 && data_above(rows, nrows, start, i, *width))
				break;
			*first = i + 1;
			*evident = evidence > 0;
			return i;
		}
		if (start < 0)
			start = i;
	}
	/* titles are words; anything else is data, however little of it */
	for (*first = 0; *first < start && !has_typed(&rows[*first]);)
		(*first)++;
	return -1;
}
