/*-------------------------------------------------------------------------
 *
 * rows.c
 *		The rows of an answer as cells, what each column is, and the chart.
 *
 * One pass over the rows that the guard kept; the sentence, the table and the
 * chart are all made from the same cells.  Cells are escaped for display.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/answer.h"
#include "catalog/pg_type.h"
#include "common/display.h"
#include "common/json.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"

bool
answer_type_is_number(Oid type)
{
	switch (getBaseType(type))
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			return true;
		default:
			return false;
	}
}

static ChartColumnClass
type_class(Oid type)
{
	char category;
	bool preferred;

	switch (getBaseType(type))
	{
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return CHART_COLUMN_TIME;
		case UUIDOID:
			return CHART_COLUMN_CATEGORY;
		default:
			break;
	}
	get_type_category_preferred(getBaseType(type), &category, &preferred);
	if (category == TYPCATEGORY_STRING || category == TYPCATEGORY_ENUM ||
		category == TYPCATEGORY_BOOLEAN)
		return CHART_COLUMN_CATEGORY;
	return CHART_COLUMN_OTHER;
}

/* what the translator says of the column, where it says anything */
static bool
given_role(const Answer *answer, int column, ResultRole *role)
{
	List *columns = answer->translation->columns;

	if (list_length(columns) != answer->outcome->ncolumns)
		return false;
	*role = ((ResultColumn *) list_nth(columns, column))->role;
	return true;
}

static void
classify_column(Answer *answer, int column)
{
	ChartData *data = answer->data;
	Oid type = answer->outcome->columns[column].type;
	ChartColumnClass class =
		answer_type_is_number(type) ? chart_classify_numbers(data, column) : type_class(type);
	ResultRole role;

	if (!given_role(answer, column, &role))
	{
		if (class == CHART_COLUMN_NUMBER)
			role = RESULT_MEASURE;
		else if (class == CHART_COLUMN_TIME)
			role = RESULT_TIME;
		else
			role = RESULT_ATTRIBUTE;
	}
	else if (role == RESULT_MEASURE && answer_type_is_number(type))
		class = CHART_COLUMN_NUMBER;
	else if (role == RESULT_REMARK && answer_type_is_number(type))
		class = CHART_COLUMN_REMARK;
	else if (role == RESULT_TIME && class != CHART_COLUMN_OTHER)
		class = CHART_COLUMN_TIME;
	else if (role == RESULT_KEY && class == CHART_COLUMN_NUMBER)
		class = CHART_COLUMN_CATEGORY;
	answer->roles[column] = role;
	data->columns[column].column_class = class;
}

/* is the column a time that rows are grouped by? */
static bool
is_time_bucket(const Answer *answer, int column)
{
	ResultRole role;

	return type_class(answer->outcome->columns[column].type) == CHART_COLUMN_TIME &&
		   (!given_role(answer, column, &role) || role == RESULT_TIME);
}

/*
 * A time in ISO form whatever DateStyle says: charts and sentences order and
 * shorten times by their text.  NULL for a null.
 */
static char *
iso_time(const Answer *answer, TupleTableSlot *slot, int column)
{
	JsonbValue value;
	char *text;

	guard_value_to_jsonb(answer->outcome, slot, column, &value);
	if (value.type == jbvNull)
		return NULL;
	text = json_value_text(&value);
	if (strlen(text) > 10 && text[10] == 'T')
		text[10] = ' ';
	return display_escape(text);
}

static void
read_cells(Answer *answer)
{
	GuardOutcome *outcome = answer->outcome;
	ChartData *data = answer->data;
	TupleTableSlot *slot = guard_make_slot(outcome);
	bool *times = palloc(sizeof(bool) * Max(data->ncolumns, 1));

	for (int column = 0; column < data->ncolumns; column++)
		times[column] = is_time_bucket(answer, column);
	guard_rewind(outcome);
	for (int row = 0; row < data->nrows && guard_next_row(outcome, slot); row++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int column = 0; column < data->ncolumns; column++)
			chart_data_set(data, row, column,
						   times[column] ? iso_time(answer, slot, column)
										 : guard_value_text(outcome, slot, column));
	}
	ExecDropSingleTupleTableSlot(slot);
}

/* "2024-10" -> "2024-Q4", where all are the first month of one */
static void
name_quarters(char **labels, int nlabels)
{
	for (int i = 0; i < nlabels; i++)
	{
		if (labels[i] != NULL && (strlen(labels[i]) != 7 || atoi(labels[i] + 5) % 3 != 1))
			return;
	}
	for (int i = 0; i < nlabels; i++)
	{
		if (labels[i] != NULL)
			labels[i] = psprintf("%.4s-Q%d", labels[i], atoi(labels[i] + 5) / 3 + 1);
	}
}

/* times without what they all have in common, such as midnight */
static void
shorten_times(Answer *answer, int column)
{
	ChartData *data = answer->data;
	char **labels;

	if (!is_time_bucket(answer, column))
		return;
	labels = palloc(sizeof(char *) * Max(data->nrows, 1));
	for (int row = 0; row < data->nrows; row++)
		labels[row] = data->text[row][column];
	chart_shorten_times(labels, data->nrows);
	if (pg_strcasecmp(data->columns[column].name, "quarter") == 0)
		name_quarters(labels, data->nrows);
	for (int row = 0; row < data->nrows; row++)
		data->text[row][column] = labels[row];
}

void
answer_read_rows(Answer *answer)
{
	GuardOutcome *outcome = answer->outcome;
	/* the first rows of a ranking, or of a cut result, are no whole */
	ChartHints hints = {.share = answer->translation->wants_share && !answer->translation->ranked &&
								 !outcome->truncated};

	answer->data = chart_data_create(outcome->row_count, outcome->ncolumns);
	for (int column = 0; column < outcome->ncolumns; column++)
		answer->data->columns[column].name = outcome->columns[column].name;
	read_cells(answer);
	answer->roles = palloc0(sizeof(ResultRole) * Max(outcome->ncolumns, 1));
	for (int column = 0; column < outcome->ncolumns; column++)
	{
		classify_column(answer, column);
		shorten_times(answer, column);
	}
	if (answer->request->chart)
		answer->chart = chart_choose(answer->data, &hints);
}
