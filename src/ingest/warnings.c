/*-------------------------------------------------------------------------
 *
 * warnings.c
 *		What the uploader should know of a sheet that was read.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/infer.h"
#include "lib/stringinfo.h"

SheetWarning *
warning_make(const char *message)
{
	SheetWarning *warning = palloc0(sizeof(SheetWarning));

	warning->message = pstrdup(message);
	return warning;
}

char *
warning_text(const SheetWarning *warning)
{
	StringInfoData text;

	initStringInfo(&text);
	if (warning->column != NULL)
		appendStringInfo(&text, "column %s: ", warning->column);
	appendStringInfoString(&text, warning->message);
	if (warning->first.row != 0)
		appendStringInfo(&text, " (row %lld", (long long) warning->first.row);
	if (warning->first.row != 0 && warning->first.value != NULL)
		appendStringInfo(&text, " has '%s'", warning->first.value);
	if (warning->first.row != 0)
		appendStringInfoChar(&text, ')');
	return text.data;
}

static SheetWarning *
warn(SheetLayout *layout, const char *message)
{
	SheetWarning *warning = warning_make(message);

	layout->warnings = lappend(layout->warnings, warning);
	return warning;
}

static void
warn_count(SheetLayout *layout, const SheetColumn *column, int64 count, const Witness *first,
		   const char *what)
{
	SheetWarning *warning;

	if (count == 0)
		return;
	warning = warn(layout, psprintf("%lld %s", (long long) count, what));
	warning->column = column->name;
	warning->first = *first;
	warning->count = count;
}

static void
warn_column(SheetLayout *layout, const SheetColumn *column, const Witness *first,
			const char *message)
{
	SheetWarning *warning = warn(layout, message);

	warning->column = column->name;
	warning->first = *first;
}

static void
add_column_warnings(SheetLayout *layout, const SheetColumn *column, bool csv)
{
	warn_count(layout, column, column->errors, &column->first_error,
			   "cells hold an error and are null");
	warn_count(layout, column, column->uncached, &column->first_uncached,
			   "formulas have no result in the file and are null");
	warn_count(layout, column, column->no_dates, &column->first_no_date,
			   "cells hold no date that exists and are null");
	warn_count(layout, column, column->large, &column->first_large,
			   "numbers are beyond 2^53: digits may be lost already in the file");
	if (csv && column->exponent && column->type == COLUMN_DOUBLE)
		warn_column(layout, column, &column->first_exponent,
					"numbers in exponent form: digits may have been lost before the upload");
	if (column->type == COLUMN_TEXT && column->reason != NULL &&
		strstr(column->reason, "date_order") != NULL)
		warn_column(layout, column, &column->no_value, column->reason);
}

void
warnings_add(SheetLayout *layout, bool csv)
{
	for (int i = 0; i < layout->ncolumns; i++)
		add_column_warnings(layout, &layout->columns[i], csv);
	if (layout->header_assumed)
		warn(layout, "the row was taken as the header; if it is none, give the option header as "
					 "false")
			->first.row = layout->header_row;
	if (layout->short_rows > 0)
	{
		SheetWarning *warning =
			warn(layout, psprintf("%lld rows have fewer fields than the others; they were filled "
								  "with null",
								  (long long) layout->short_rows));

		warning->count = layout->short_rows;
		warning->first.row = layout->first_short;
	}
}
