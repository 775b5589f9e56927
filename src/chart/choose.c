/*-------------------------------------------------------------------------
 *
 * choose.c
 *		Which kind of picture says most about the rows.
 *
 * Fixed rules over the classes of the columns, so that the same rows always
 * give the same picture:
 *
 *	one row, one number                                number
 *	a time and numbers, at least 3 points              line (a category: its series)
 *	one category and numbers, 2 to 40 of them          bar
 *	the same, up to 7, a share was asked for           pie
 *	two categories and a number                        bar, the smaller one as series
 *	anything else                                      table
 *
 * Several measures share a picture only where they are of one magnitude.  What
 * is only computed from them (the change between two) is left to the table.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "chart/plot.h"
#include "common/json.h"

#define MAX_CATEGORIES  40
#define MAX_SLICES      7
#define MAX_SERIES      7
#define MAX_MEASURES    4
#define MIN_LINE_POINTS 3
#define LONG_LABEL      12 /* bytes; longer labels lie better than they stand */
#define MAGNITUDE       20.0

/* columns by class, as indexes */
typedef struct ColumnSet
{
	List *numbers;
	List *categories;
	List *times;
	int others;
} ColumnSet;

typedef struct ChartChoice
{
	const char *type;
	int x; /* -1 = none */
	int series;
	List *y;
} ChartChoice;

static void
classify(const ChartData *data, ColumnSet *set)
{
	memset(set, 0, sizeof(*set));
	for (int i = 0; i < data->ncolumns; i++)
	{
		switch (data->columns[i].column_class)
		{
			case CHART_COLUMN_NUMBER:
				set->numbers = lappend_int(set->numbers, i);
				break;
			case CHART_COLUMN_CATEGORY:
				set->categories = lappend_int(set->categories, i);
				break;
			case CHART_COLUMN_TIME:
				set->times = lappend_int(set->times, i);
				break;
			case CHART_COLUMN_REMARK:
				break;
			case CHART_COLUMN_OTHER:
				set->others++;
				break;
		}
	}
}

static double
largest_magnitude(const ChartData *data, int column)
{
	double largest = 0;

	for (int row = 0; row < data->nrows; row++)
	{
		double value = data->number[row][column];

		if (!isnan(value))
			largest = Max(largest, fabs(value));
	}
	return largest;
}

/*
 * The measures that can share an axis.  Of two that differ in magnitude the
 * first is drawn; more than two that do so give no picture.
 */
static List *
comparable_measures(const ChartData *data, List *numbers)
{
	double smallest = INFINITY;
	double largest = 0;
	ListCell *lc;

	if (list_length(numbers) < 2)
		return numbers;
	foreach (lc, numbers)
	{
		double magnitude = largest_magnitude(data, lfirst_int(lc));

		smallest = Min(smallest, magnitude);
		largest = Max(largest, magnitude);
	}
	if (list_length(numbers) <= MAX_MEASURES && smallest > 0 && largest / smallest <= MAGNITUDE)
		return numbers;
	return list_length(numbers) == 2 ? list_make1_int(linitial_int(numbers)) : NIL;
}

static bool
is_share(const ChartData *data, int column)
{
	double sum = 0;

	for (int row = 0; row < data->nrows; row++)
	{
		double value = data->number[row][column];

		if (isnan(value) || value < 0)
			return false;
		sum += value;
	}
	return sum > 0;
}

static void
choose_over_time(const ChartData *data, const ColumnSet *set, ChartChoice *choice)
{
	int time = linitial_int(set->times);
	int points = chart_count_distinct(data, time);
	List *measures = comparable_measures(data, set->numbers);

	if (list_length(set->categories) > 1 || measures == NIL)
		return;
	if (set->categories == NIL)
	{
		/* the same time twice is no series */
		if (points < data->nrows || points < 2)
			return;
		choice->type = points >= MIN_LINE_POINTS ? "line" : "bar";
		choice->y = measures;
	}
	else
	{
		int category = linitial_int(set->categories);

		if (points < MIN_LINE_POINTS || list_length(set->numbers) > 1 ||
			chart_count_distinct(data, category) > MAX_SERIES)
			return;
		choice->type = "line";
		choice->series = category;
		choice->y = set->numbers;
	}
	choice->x = time;
}

static void
choose_over_category(const ChartData *data, const ColumnSet *set, const ChartHints *hints,
					 ChartChoice *choice)
{
	int category = linitial_int(set->categories);
	List *measures = comparable_measures(data, set->numbers);

	if (measures == NIL || data->nrows > MAX_CATEGORIES ||
		chart_count_distinct(data, category) < data->nrows)
		return;
	choice->x = category;
	choice->y = measures;
	choice->type = "bar";
	/* the share itself may stand beside what it is a share of */
	if (hints->share && data->nrows <= MAX_SLICES && is_share(data, linitial_int(set->numbers)))
	{
		choice->type = "pie";
		choice->y = list_make1_int(linitial_int(set->numbers));
	}
}

static void
choose_over_two_categories(const ChartData *data, const ColumnSet *set, ChartChoice *choice)
{
	int first = linitial_int(set->categories);
	int second = lsecond_int(set->categories);
	int nfirst = chart_count_distinct(data, first);
	int nsecond = chart_count_distinct(data, second);

	if (Min(nfirst, nsecond) > MAX_SERIES || Max(nfirst, nsecond) > MAX_CATEGORIES ||
		Min(nfirst, nsecond) < 2)
		return;
	choice->type = "bar";
	choice->x = nfirst >= nsecond ? first : second;
	choice->series = nfirst >= nsecond ? second : first;
	choice->y = set->numbers;
}

/* how many decimals the drawn numbers need */
static int
decimals_of(const ChartData *data, List *y)
{
	int decimals = 0;
	ListCell *lc;

	foreach (lc, y)
	{
		for (int row = 0; row < data->nrows; row++)
		{
			const char *text = data->text[row][lfirst_int(lc)];
			const char *point = text ? strchr(text, '.') : NULL;

			if (point != NULL)
				decimals = Max(decimals, (int) strspn(point + 1, "0123456789"));
		}
	}
	return decimals > 4 ? 2 : decimals;
}

static bool
has_long_labels(const ChartData *data, int column)
{
	for (int row = 0; row < data->nrows; row++)
	{
		const char *text = data->text[row][column];

		if (text != NULL && strlen(text) > LONG_LABEL)
			return true;
	}
	return false;
}

static Jsonb *
choice_to_spec(const ChartData *data, const ChartHints *hints, const ChartChoice *choice)
{
	JsonBuilder json;
	ListCell *lc;
	bool time = choice->x >= 0 && data->columns[choice->x].column_class == CHART_COLUMN_TIME;
	bool bar = strcmp(choice->type, "bar") == 0;

	json_start(&json);
	json_begin_object(&json, NULL);
	json_string(&json, "type", choice->type);
	json_string(&json, "x", choice->x >= 0 ? data->columns[choice->x].name : NULL);
	json_begin_array(&json, "y");
	foreach (lc, choice->y)
		json_string(&json, NULL, data->columns[lfirst_int(lc)].name);
	json_end_array(&json);
	json_string(&json, "series", choice->series >= 0 ? data->columns[choice->series].name : NULL);
	json_string(&json, "x_type", choice->x < 0 ? NULL : (time ? "time" : "category"));
	json_begin_object(&json, "format");
	if (choice->y != NIL)
		json_int(&json, "decimals", decimals_of(data, choice->y));
	json_end_object(&json);
	json_string(&json, "title", hints->title);
	if (bar && !time)
		json_bool(&json, "horizontal", has_long_labels(data, choice->x));
	json_end_object(&json);
	return json_finish(&json);
}

static void
choose(const ChartData *data, const ChartHints *hints, ChartChoice *choice)
{
	ColumnSet set;

	classify(data, &set);
	if (set.others > 0 || set.numbers == NIL || data->nrows == 0)
		return;
	if (data->nrows == 1)
	{
		if (data->ncolumns > 1)
			return;
		choice->type = "number";
		choice->y = set.numbers;
	}
	else if (list_length(set.times) == 1)
		choose_over_time(data, &set, choice);
	else if (set.times != NIL)
		return;
	else if (list_length(set.categories) == 1)
		choose_over_category(data, &set, hints, choice);
	else if (list_length(set.categories) == 2 && list_length(set.numbers) == 1)
		choose_over_two_categories(data, &set, choice);
}

Jsonb *
chart_choose(const ChartData *data, const ChartHints *hints)
{
	ChartChoice choice = {.type = "table", .x = -1, .series = -1, .y = NIL};

	choose(data, hints, &choice);
	return choice_to_spec(data, hints, &choice);
}
