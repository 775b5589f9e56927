/*-------------------------------------------------------------------------
 *
 * csv_dialect.c
 *		Which delimiter and which quotes a text file uses.
 *
 * Each dialect is tried on the first part of the file.  The right one makes rows
 * of one width, and fields that look like values: van den Burg et al., "Wrangling
 * messy CSV files by detecting row and type patterns" (2019), showed that both
 * together are right where either alone is not.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/csv.h"

#define MAX_SAMPLE_ROWS 2000
#define MAX_WIDTH       16384

static const char delimiters[] = {',', ';', '\t', '|', '\0'};
static const char quotes[] = {'"', '\'', '\0'};

typedef struct DialectFit
{
	int rows;
	int modal_rows;
	int modal_width;
	int cells;
	int clean_cells;
	int irregular_rows;
	int quoted_cells;
	int opened; /* cells that start with a double quote, where that is no quote */
	bool unclosed;
} DialectFit;

/* digits with what stands between them in numbers, dates and times */
static bool
is_figure(const char *text, int length)
{
	bool digit = false;

	for (int i = 0; i < length; i++)
	{
		if (text[i] >= '0' && text[i] <= '9')
			digit = true;
		else if (strchr("+-.,:/ %$TZeE()", text[i]) == NULL || text[i] == '\0')
			return false;
	}
	return digit;
}

/* words, without what delimits words in other dialects */
static bool
is_plain(const char *text, int length)
{
	for (int i = 0; i < length; i++)
		if (text[i] == '\0' || strchr(",;\t|\"", text[i]) != NULL)
			return false;
	return true;
}

static bool
is_clean(const SheetCell *cell)
{
	return cell->length == 0 || cell->quoted || is_figure(cell->text, cell->length) ||
		   is_plain(cell->text, cell->length);
}

static void
count_cells(const CsvRow *row, DialectFit *fit)
{
	for (int i = 0; i < row->ncells; i++)
	{
		fit->cells++;
		if (is_clean(&row->cells[i]))
			fit->clean_cells++;
		if (row->cells[i].quoted)
			fit->quoted_cells++;
		else if (row->cells[i].length > 0 && row->cells[i].text[0] == '"')
			fit->opened++;
	}
}

static bool
is_blank(const CsvRow *row)
{
	for (int i = 0; i < row->ncells; i++)
		if (row->cells[i].length > 0)
			return false;
	return true;
}

static DialectFit
try_dialect(CsvDialect dialect, const char *sample, int64 length, bool whole_file, CsvRow *row,
			int *widths)
{
	DialectFit fit = {0};
	CsvClasses classes;
	int64 at = 0;

	memset(widths, 0, (MAX_WIDTH + 1) * sizeof(int));
	csv_classes_set(&classes, dialect);
	while (at < length && fit.rows < MAX_SAMPLE_ROWS)
	{
		int64 n = csv_split_row(&classes, sample + at, length - at, whole_file, row);
		int width;

		if (n == CSV_NEEDS_MORE)
		{
			/* quotes that never close swallow the sample */
			fit.unclosed = row->unclosed && at < length / 2;
			break;
		}
		at += n;
		fit.unclosed |= row->unclosed;
		if (is_blank(row))
			continue;
		width = Min(row->ncells, MAX_WIDTH);
		fit.rows++;
		fit.irregular_rows += row->irregular;
		if (++widths[width] > fit.modal_rows ||
			(widths[width] == fit.modal_rows && width > fit.modal_width))
		{
			fit.modal_rows = widths[width];
			fit.modal_width = width;
		}
		count_cells(row, &fit);
	}
	return fit;
}

static double
dialect_score(CsvDialect dialect, const DialectFit *fit)
{
	double share;
	double clean;
	double width;
	double score;

	if (fit->rows == 0)
		return 0;
	share = (double) fit->modal_rows / fit->rows;
	clean = (double) fit->clean_cells / Max(fit->cells, 1);
	width = fit->modal_width > 1 ? 1 - 0.5 / fit->modal_width : 0.35;
	score = share * share * width * clean * clean;
	score *= 1 - 0.5 * fit->irregular_rows / fit->rows;
	if (fit->unclosed)
		score *= 0.3;
	/* an unusual thing must earn its place */
	if (dialect.quote == '\'')
		score *= fit->quoted_cells > 0 ? 0.97 : 0.5;
	if (dialect.quote == 0)
		score *= 0.9;
	if (dialect.quote != '"' && fit->opened > 0)
		score *= 0.2;
	if (dialect.escape != 0)
		score *= 0.98;
	return score;
}

/* Excel's own way to name the delimiter: a first line "sep=;" */
static bool
read_separator_line(const char *sample, int64 length, char *delimiter, int64 *skip)
{
	if (length < 6 || pg_strncasecmp(sample, "sep=", 4) != 0)
		return false;
	if (sample[5] != '\n' && sample[5] != '\r')
		return false;
	*delimiter = sample[4];
	*skip = sample[5] == '\r' && length > 6 && sample[6] == '\n' ? 7 : 6;
	return true;
}

static bool
has_escaped_quote(const char *sample, int64 length, char quote)
{
	const char *p = sample;
	const char *end = sample + length;

	while (quote != 0 && (p = memchr(p, '\\', end - p)) != NULL)
	{
		if (p + 1 < end && p[1] == quote)
			return true;
		if (++p >= end)
			break;
		p++;
		if (p >= end)
			break;
	}
	return false;
}

CsvDialect
csv_detect_dialect(const char *sample, int64 length, bool whole_file, const CsvOptions *options,
				   int64 *skip)
{
	CsvDialect best = {.delimiter = ',', .quote = '"'};
	double best_score = -1;
	char given = options->delimiter;
	CsvRow row = {0};
	int *widths = palloc((MAX_WIDTH + 1) * sizeof(int));

	*skip = 0;
	if (given == 0)
		read_separator_line(sample, length, &given, skip);
	sample += *skip;
	length -= *skip;
	for (int d = 0; d < (int) lengthof(delimiters); d++)
	{
		for (int q = 0; q < (int) lengthof(quotes); q++)
		{
			for (int e = 0; e < 2; e++)
			{
				CsvDialect dialect = {.delimiter = given != 0 ? given : delimiters[d],
									  .quote = quotes[q],
									  .escape = e != 0 ? '\\' : '\0'};
				DialectFit fit;
				double score;

				if (given != 0 && d > 0)
					continue;
				if (options->quote != 0 && dialect.quote != options->quote)
					continue;
				if (options->no_quote && dialect.quote != 0)
					continue;
				if (e != 0 && !has_escaped_quote(sample, length, dialect.quote))
					continue;
				fit = try_dialect(dialect, sample, length, whole_file, &row, widths);
				score = dialect_score(dialect, &fit);
				if (score > best_score)
				{
					best = dialect;
					best_score = score;
				}
			}
		}
	}
	if (best_score < 0)
		best = (CsvDialect){.delimiter = given, .quote = options->no_quote ? 0 : options->quote};
	pfree(widths);
	if (row.cells != NULL)
		pfree(row.cells);
	return best;
}
