/*-------------------------------------------------------------------------
 *
 * table.c
 *		The rows of an answer as aligned lines.
 *
 * Looks like psql's output: numbers to the right, texts to the left, widths
 * counted in terminal columns.  At most sql_agent.display_rows rows; what is
 * left out, shortened or rounded is said in the notes.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/answer.h"
#include "common/display.h"
#include "common/settings.h"
#include "lib/stringinfo.h"

#define MAX_COLUMN_WIDTH      50
#define MAX_DISPLAYED_COLUMNS 20

typedef struct TextTable
{
	int nrows;
	int ncolumns;
	char ***cells; /* [row][column]; row 0 is the header */
	int *widths;
	bool *numbers;
	bool shortened;
	bool rounded;
} TextTable;

static char *
table_cell(TextTable *table, const Answer *answer, int row, int column)
{
	const char *text = answer->data->text[row][column];
	bool shortened;
	char *cell;

	if (text == NULL)
		return "";
	if (table->numbers[column])
		return answer->roles[column] >= RESULT_MEASURE ? answer_measure_text(text, &table->rounded)
													   : answer_round_text(text, &table->rounded);
	cell = display_shorten(text, MAX_COLUMN_WIDTH, &shortened);
	table->shortened = table->shortened || shortened;
	return cell;
}

static void
fill_table(TextTable *table, const Answer *answer)
{
	bool shortened;

	table->cells = palloc(sizeof(char **) * table->nrows);
	for (int row = 0; row < table->nrows; row++)
		table->cells[row] = palloc(sizeof(char *) * table->ncolumns);
	table->widths = palloc0(sizeof(int) * table->ncolumns);
	table->numbers = palloc0(sizeof(bool) * table->ncolumns);

	for (int column = 0; column < table->ncolumns; column++)
	{
		const GuardColumn *source = &answer->outcome->columns[column];

		table->numbers[column] = answer_type_is_number(source->type);
		table->cells[0][column] = display_shorten(source->name, MAX_COLUMN_WIDTH, &shortened);
		for (int row = 1; row < table->nrows; row++)
			table->cells[row][column] = table_cell(table, answer, row - 1, column);
		for (int row = 0; row < table->nrows; row++)
			table->widths[column] =
				Max(table->widths[column], display_width(table->cells[row][column]));
	}
}

static void
append_padding(StringInfo buf, int count)
{
	for (int i = 0; i < count; i++)
		appendStringInfoChar(buf, ' ');
}

static char *
row_line(const TextTable *table, int row)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int column = 0; column < table->ncolumns; column++)
	{
		const char *cell = table->cells[row][column];
		int padding = table->widths[column] - display_width(cell);
		int before = 0;

		/* a header stands in the middle, as psql has it */
		if (row == 0)
			before = padding / 2;
		else if (table->numbers[column])
			before = padding;
		appendStringInfoString(&buf, column > 0 ? "| " : " ");
		append_padding(&buf, before);
		appendStringInfoString(&buf, cell);
		if (column < table->ncolumns - 1)
			append_padding(&buf, padding - before + 1);
	}
	while (buf.len > 0 && buf.data[buf.len - 1] == ' ')
		buf.data[--buf.len] = '\0';
	return buf.data;
}

static char *
rule_line(const TextTable *table)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int column = 0; column < table->ncolumns; column++)
	{
		if (column > 0)
			appendStringInfoChar(&buf, '+');
		for (int i = 0; i < table->widths[column] + 2; i++)
			appendStringInfoChar(&buf, '-');
	}
	return buf.data;
}

List *
answer_table_lines(const Answer *answer, List **notes)
{
	TextTable table = {0};
	List *lines = NIL;
	int64 hidden;

	table.nrows = Min(answer->data->nrows, setting_display_rows) + 1;
	table.ncolumns = Min(answer->data->ncolumns, MAX_DISPLAYED_COLUMNS);
	if (table.ncolumns == 0)
		return NIL;
	fill_table(&table, answer);
	lines = lappend(lines, row_line(&table, 0));
	lines = lappend(lines, rule_line(&table));
	for (int row = 1; row < table.nrows; row++)
		lines = lappend(lines, row_line(&table, row));

	hidden = answer->outcome->row_count - (table.nrows - 1);
	if (hidden > 0)
		lines = lappend(lines,
						psprintf("... %s more %s", display_number(psprintf(INT64_FORMAT, hidden)),
								 hidden == 1 ? "row" : "rows"));
	if (answer->data->ncolumns > table.ncolumns)
		*notes = lappend(*notes, psprintf("%d more columns are not shown.",
										  answer->data->ncolumns - table.ncolumns));
	if (table.shortened)
		*notes = lappend(*notes, "Long texts are shortened; ask_rows() gives them whole.");
	if (table.rounded)
		*notes = lappend(*notes, "Numbers are rounded; ask_rows() gives them in full.");
	return lines;
}
