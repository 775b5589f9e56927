/*-------------------------------------------------------------------------
 *
 * rows.c
 *		The rows of a chart: from jsonb, with the class of each column.
 *
 * A result is what ask_json() returns under "result": an array of objects.
 * Anything else is refused with invalid_parameter_value.  Texts are escaped
 * for display here, once, so that no renderer meets a control character; a
 * number that a double can not hold counts as missing.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "chart/plot.h"
#include "common/display.h"
#include "common/hashfn.h"
#include "common/json.h"
#include "miscadmin.h"
#include "utils/hsearch.h"

ChartData *
chart_data_create(int nrows, int ncolumns)
{
	ChartData *data = palloc0(sizeof(ChartData));

	data->ncolumns = ncolumns;
	data->nrows = nrows;
	data->columns = palloc0(sizeof(ChartColumn) * Max(ncolumns, 1));
	data->text = palloc(sizeof(char **) * Max(nrows, 1));
	data->number = palloc(sizeof(double *) * Max(nrows, 1));
	for (int row = 0; row < nrows; row++)
	{
		data->text[row] = palloc0(sizeof(char *) * Max(ncolumns, 1));
		data->number[row] = palloc(sizeof(double) * Max(ncolumns, 1));
		for (int column = 0; column < ncolumns; column++)
			data->number[row][column] = NAN;
	}
	return data;
}

/* the number that the whole text is, NaN where it is none or not finite */
static double
text_number(const char *text)
{
	char *end;
	double number;

	/* no hexadecimal, "inf" or blanks, which strtod() would take */
	if (text[strspn(text, "0123456789+-.eE")] != '\0' || *text == '\0')
		return NAN;
	number = strtod(text, &end);
	return *end == '\0' && isfinite(number) ? number : NAN;
}

void
chart_data_set(ChartData *data, int row, int column, char *text)
{
	data->text[row][column] = text;
	if (text != NULL)
		data->number[row][column] = text_number(text);
}

int
chart_column_index(const ChartData *data, const char *name)
{
	for (int i = 0; i < data->ncolumns; i++)
	{
		if (strcmp(data->columns[i].name, name) == 0)
			return i;
	}
	return -1;
}

/*
 * Numbers for texts, given out in order of first appearance.
 */
typedef struct TextSlot
{
	const char *text; /* the key */
	int index;
} TextSlot;

static uint32
slot_hash(const void *key, Size keysize)
{
	const char *text = *(const char *const *) key;

	return hash_bytes((const unsigned char *) text, strlen(text));
}

static int
slot_compare(const void *a, const void *b, Size keysize)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

HTAB *
chart_slots_create(void)
{
	HASHCTL control = {0};

	control.keysize = sizeof(char *);
	control.entrysize = sizeof(TextSlot);
	control.hash = slot_hash;
	control.match = slot_compare;
	control.hcxt = CurrentMemoryContext;
	return hash_create("chart labels", 256, &control,
					   HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

int
chart_slots_index(HTAB *slots, const char *text)
{
	bool found;
	TextSlot *slot = hash_search(slots, &text, HASH_ENTER, &found);

	if (!found)
		slot->index = hash_get_num_entries(slots) - 1;
	return slot->index;
}

/* nulls count as one more */
int
chart_count_distinct(const ChartData *data, int column)
{
	HTAB *slots = chart_slots_create();
	bool any_null = false;
	int count;

	for (int row = 0; row < data->nrows; row++)
	{
		if (data->text[row][column] == NULL)
			any_null = true;
		else
			(void) chart_slots_index(slots, data->text[row][column]);
	}
	count = hash_get_num_entries(slots) + (any_null ? 1 : 0);
	hash_destroy(slots);
	return count;
}

static bool
name_is_or_ends_with(const char *name, const char *word)
{
	size_t name_len = strlen(name);
	size_t word_len = strlen(word);

	if (name_len < word_len || pg_strcasecmp(name + name_len - word_len, word) != 0)
		return false;
	return name_len == word_len || name[name_len - word_len - 1] == '_';
}

static bool
integers_between(const ChartData *data, int column, double low, double high)
{
	bool any = false;

	for (int row = 0; row < data->nrows; row++)
	{
		double value = data->number[row][column];

		if (data->text[row][column] == NULL)
			continue;
		if (isnan(value) || value != floor(value) || value < low || value > high)
			return false;
		any = true;
	}
	return any;
}

ChartColumnClass
chart_classify_numbers(const ChartData *data, int column)
{
	const char *name = data->columns[column].name;

	if ((name_is_or_ends_with(name, "year") && integers_between(data, column, 1000, 2999)) ||
		(name_is_or_ends_with(name, "month") && integers_between(data, column, 1, 12)) ||
		(name_is_or_ends_with(name, "quarter") && integers_between(data, column, 1, 4)))
		return CHART_COLUMN_TIME;
	if (name_is_or_ends_with(name, "id"))
		return CHART_COLUMN_CATEGORY;
	return CHART_COLUMN_NUMBER;
}

/* YYYY-MM-DD, alone or before a time */
static bool
looks_like_date(const char *text)
{
	static const char form[] = "dddd-dd-dd";

	for (int i = 0; i < lengthof(form) - 1; i++)
	{
		if (form[i] == 'd' ? !isdigit((unsigned char) text[i]) : text[i] != form[i])
			return false;
	}
	return text[10] == '\0' || text[10] == ' ' || text[10] == 'T';
}

/* is there nothing but midnight behind the date? */
static bool
is_midnight(const char *text)
{
	const char *time = text + 10;

	if (*time == '\0')
		return true;
	time++;
	if (strncmp(time, "00:00:00", 8) != 0)
		return false;
	/* a zone may follow, a fraction of a second not */
	return time[8] == '\0' || time[8] == '+' || time[8] == '-' || time[8] == 'Z';
}

void
chart_shorten_times(char **labels, int nlabels)
{
	int keep = 4;
	int usable = 0;

	for (int i = 0; i < nlabels; i++)
	{
		if (labels[i] == NULL)
			continue;
		if (!looks_like_date(labels[i]) || !is_midnight(labels[i]))
			return;
		if (strncmp(labels[i] + 8, "01", 2) != 0)
			keep = 10;
		else if (strncmp(labels[i] + 5, "01", 2) != 0)
			keep = Max(keep, 7);
		usable++;
	}
	/* one or two days may be the first of a month by chance */
	if (usable < 3)
		keep = 10;
	for (int i = 0; i < nlabels; i++)
	{
		if (labels[i] != NULL)
			labels[i] = pnstrdup(labels[i], keep);
	}
}

/* what a column holds, by the types of its JSON values */
static ChartColumnClass
classify_json(const ChartData *data, int column, const bool *seen_string,
			  const bool *seen_container, const bool *seen_number)
{
	if (seen_container[column])
		return CHART_COLUMN_OTHER;
	if (seen_number[column] && !seen_string[column])
		return chart_classify_numbers(data, column);
	if (!seen_string[column])
		return CHART_COLUMN_OTHER; /* nothing but nulls */
	for (int row = 0; row < data->nrows; row++)
	{
		const char *text = data->text[row][column];

		if (text != NULL && !looks_like_date(text))
			return CHART_COLUMN_CATEGORY;
	}
	return CHART_COLUMN_TIME;
}

static void
raise_not_rows(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("result is not a list of rows"),
			 errdetail("A JSON array of objects is expected, one object a row."),
			 errhint("Take the member \"result\" of what ask_json() returns.")));
}

static void
raise_no_column(const char *name, List *columns)
{
	StringInfoData list;
	ListCell *lc;

	initStringInfo(&list);
	foreach (lc, columns)
		appendStringInfo(&list, "%s\"%s\"", list.len > 0 ? ", " : "",
						 display_escape((char *) lfirst(lc)));
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("chart names column \"%s\", which the result does not have",
						   display_escape(name)),
					errdetail("The result has the columns %s.", list.data)));
}

/* the columns of the rows, in the order in which they first appear */
static List *
columns_of_rows(Jsonb *result)
{
	List *names = NIL;
	JsonbIterator *iterator = JsonbIteratorInit(&result->root);
	JsonbIteratorToken token;
	JsonbValue value;
	int depth = 0;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT)
			depth++;
		else if (token == WJB_END_ARRAY || token == WJB_END_OBJECT)
			depth--;
		else if (token == WJB_KEY && depth == 2 && list_length(names) < CHART_MAX_COLUMNS)
		{
			char *name = json_value_text(&value);
			ListCell *lc;
			bool known = false;

			foreach (lc, names)
				known = known || strcmp((char *) lfirst(lc), name) == 0;
			if (known)
				pfree(name);
			else
				names = lappend(names, name);
		}
	}
	return names;
}

ChartData *
chart_data_from_jsonb(Jsonb *result, List *wanted)
{
	ChartData *data;
	int nrows;
	int ncolumns;
	bool *seen_string;
	bool *seen_container;
	bool *seen_number;
	bool *present;

	if (!JB_ROOT_IS_ARRAY(result) || JB_ROOT_IS_SCALAR(result))
		raise_not_rows();
	nrows = JB_ROOT_COUNT(result);
	if (nrows > CHART_MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("result has %d rows, a chart takes at most %d", nrows, CHART_MAX_ROWS),
				 errhint("Aggregate the rows before drawing them.")));
	if (wanted == NIL)
		wanted = columns_of_rows(result);
	ncolumns = list_length(wanted);

	data = chart_data_create(nrows, ncolumns);
	for (int column = 0; column < ncolumns; column++)
		data->columns[column].name = (char *) list_nth(wanted, column);
	seen_string = palloc0(Max(ncolumns, 1));
	seen_container = palloc0(Max(ncolumns, 1));
	seen_number = palloc0(Max(ncolumns, 1));
	present = palloc0(Max(ncolumns, 1));

	for (int row = 0; row < nrows; row++)
	{
		JsonbValue *object = getIthJsonbValueFromContainer(&result->root, row);

		CHECK_FOR_INTERRUPTS();
		if (object->type != jbvBinary || !JsonContainerIsObject(object->val.binary.data))
			raise_not_rows();
		for (int column = 0; column < ncolumns; column++)
		{
			const char *name = data->columns[column].name;
			JsonbValue *value =
				getKeyJsonValueFromContainer(object->val.binary.data, name, strlen(name), NULL);

			present[column] = present[column] || value != NULL;
			if (value == NULL || value->type == jbvNull)
				continue;
			chart_data_set(data, row, column, display_escape(json_value_text(value)));
			if (value->type == jbvBinary)
				seen_container[column] = true;
			else if (value->type == jbvNumeric)
				seen_number[column] = true;
			else
				seen_string[column] = true;
			pfree(value);
		}
		pfree(object);
	}
	for (int column = 0; column < ncolumns && nrows > 0; column++)
	{
		if (!present[column])
			raise_no_column(data->columns[column].name, columns_of_rows(result));
	}
	for (int column = 0; column < ncolumns; column++)
		data->columns[column].column_class =
			classify_json(data, column, seen_string, seen_container, seen_number);
	return data;
}
