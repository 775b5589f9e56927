/*-------------------------------------------------------------------------
 *
 * plot.c
 *		A chart spec applied to rows.
 *
 * Sorts, cuts and pivots, so that renderers only draw.  A column that the rows
 * lack raises invalid_parameter_value; a spec without "type" is completed by
 * the rules of choose.c.  Numbers that are missing stay missing (NaN); nothing
 * is made up to fill a gap.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "chart/plot.h"
#include "common/display.h"
#include "common/json.h"

#define DEFAULT_BARS       12
#define DEFAULT_SLICES     8
#define MAX_PLOTTED_SERIES 12

static char *
cell_label(const ChartData *data, int row, int column)
{
	return data->text[row][column] ? data->text[row][column] : "(none)";
}

static int
required_column(const ChartData *data, const char *name)
{
	int column = chart_column_index(data, name);

	if (column < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("chart names column \"%s\", which the result does not have",
							   display_escape(name))));
	return column;
}

static double *
missing_values(int count)
{
	double *values = palloc(sizeof(double) * Max(count, 1));

	for (int i = 0; i < count; i++)
		values[i] = NAN;
	return values;
}

/* one label a row, one series a measure */
static void
fill_measures(ChartPlot *plot, const ChartSpec *spec, const ChartData *data, int x)
{
	ListCell *lc;

	plot->nlabels = data->nrows;
	plot->labels = palloc(sizeof(char *) * Max(data->nrows, 1));
	for (int row = 0; row < data->nrows; row++)
		plot->labels[row] = x >= 0 ? cell_label(data, row, x) : "";
	plot->series = palloc0(sizeof(ChartSeries) * list_length(spec->y));
	foreach (lc, spec->y)
	{
		int column = required_column(data, (char *) lfirst(lc));
		ChartSeries *series = &plot->series[plot->nseries++];

		series->name = display_escape((char *) lfirst(lc));
		series->values = missing_values(data->nrows);
		for (int row = 0; row < data->nrows; row++)
			series->values[row] = data->number[row][column];
	}
}

/* rows to labels x series; rows of the same label and series are added up */
static void
fill_pivot(ChartPlot *plot, const ChartSpec *spec, const ChartData *data, int x)
{
	int column = required_column(data, spec->series);
	int measure = required_column(data, (char *) linitial(spec->y));
	HTAB *labels = chart_slots_create();
	HTAB *names = chart_slots_create();
	int ncells = Max(data->nrows, 1);

	plot->labels = palloc(sizeof(char *) * ncells);
	plot->series = palloc0(sizeof(ChartSeries) * MAX_PLOTTED_SERIES);
	for (int row = 0; row < data->nrows; row++)
	{
		char *label = cell_label(data, row, x);
		char *name = cell_label(data, row, column);
		int label_index = chart_slots_index(labels, label);
		int name_index = chart_slots_index(names, name);
		double value = data->number[row][measure];
		double *cell;

		plot->labels[label_index] = label;
		if (name_index >= MAX_PLOTTED_SERIES)
			continue;
		if (plot->series[name_index].values == NULL)
		{
			plot->series[name_index].name = name;
			plot->series[name_index].values = missing_values(ncells);
		}
		cell = &plot->series[name_index].values[label_index];
		if (!isnan(value))
			*cell = isnan(*cell) ? value : *cell + value;
		if (isinf(*cell))
			*cell = NAN;
	}
	plot->nlabels = hash_get_num_entries(labels);
	plot->nseries = Min(hash_get_num_entries(names), MAX_PLOTTED_SERIES);
	plot->hidden_series = hash_get_num_entries(names) - plot->nseries;
	hash_destroy(labels);
	hash_destroy(names);
}

/*
 * Sorting: an index array is sorted, then labels and values are permuted.
 */
typedef struct SortEntry
{
	int index;
	double value;
	const char *label;
} SortEntry;

/* largest first, missing last; equal ones stay in order */
static int
compare_by_value(const void *a, const void *b)
{
	const SortEntry *left = a;
	const SortEntry *right = b;

	if (isnan(left->value) != isnan(right->value))
		return isnan(left->value) ? 1 : -1;
	if (left->value > right->value)
		return -1;
	if (left->value < right->value)
		return 1;
	return left->index - right->index;
}

static int
compare_by_time(const void *a, const void *b)
{
	const SortEntry *left = a;
	const SortEntry *right = b;
	int order = strcmp(left->label, right->label);

	return order != 0 ? order : left->index - right->index;
}

static void
permute(ChartPlot *plot, const SortEntry *entries)
{
	char **labels = palloc(sizeof(char *) * Max(plot->nlabels, 1));

	for (int i = 0; i < plot->nlabels; i++)
		labels[i] = plot->labels[entries[i].index];
	plot->labels = labels;
	for (int s = 0; s < plot->nseries; s++)
	{
		double *values = palloc(sizeof(double) * Max(plot->nlabels, 1));

		for (int i = 0; i < plot->nlabels; i++)
			values[i] = plot->series[s].values[entries[i].index];
		plot->series[s].values = values;
	}
}

static double
label_total(const ChartPlot *plot, int label)
{
	double total = NAN;

	for (int s = 0; s < plot->nseries; s++)
	{
		double value = plot->series[s].values[label];

		if (!isnan(value))
			total = isnan(total) ? value : total + value;
	}
	return total;
}

/* years sort as numbers do, and ISO times as texts; both have a fixed width */
static bool
times_are_sortable(const ChartPlot *plot)
{
	for (int i = 0; i < plot->nlabels; i++)
	{
		const char *label = plot->labels[i];
		size_t digits = strspn(label, "0123456789");

		if (digits != 4 || (label[4] != '\0' && label[4] != '-'))
			return false;
	}
	return true;
}

/* how many labels are drawn */
static int
label_limit(const ChartPlot *plot, const ChartSpec *spec)
{
	if (spec->limit > 0)
		return spec->limit;
	if (plot->type == CHART_BAR)
		return plot->time_axis ? 2 * DEFAULT_BARS : DEFAULT_BARS;
	return plot->type == CHART_PIE ? DEFAULT_SLICES : CHART_MAX_POINTS;
}

static void
sort_labels(ChartPlot *plot, const ChartSpec *spec)
{
	SortEntry *entries;
	bool rising = true;
	bool falling = true;

	if (plot->time_axis ? !times_are_sortable(plot) : !spec->sorted || plot->type == CHART_LINE)
		return;
	entries = palloc(sizeof(SortEntry) * Max(plot->nlabels, 1));
	for (int i = 0; i < plot->nlabels; i++)
	{
		entries[i].index = i;
		entries[i].label = plot->labels[i];
		entries[i].value = plot->time_axis ? 0 : label_total(plot, i);
		if (i > 0)
		{
			rising = rising && entries[i - 1].value <= entries[i].value;
			falling = falling && entries[i - 1].value >= entries[i].value;
		}
	}
	/* "smallest first" is an order too, but must not cut off the largest */
	if (!plot->time_axis && (falling || (rising && plot->nlabels <= label_limit(plot, spec))))
		return;
	qsort(entries, plot->nlabels, sizeof(SortEntry),
		  plot->time_axis ? compare_by_time : compare_by_value);
	permute(plot, entries);
}

/* what does not fit is counted, or added up as one more label */
static void
limit_labels(ChartPlot *plot, const ChartSpec *spec)
{
	int limit = label_limit(plot, spec);
	bool other = spec->other || plot->type == CHART_PIE;

	if (plot->nlabels <= limit)
		return;
	if (other)
	{
		/* the last label that stays becomes the sum of itself and the rest */
		plot->labels[limit - 1] = "Other";
		for (int s = 0; s < plot->nseries; s++)
		{
			double *values = plot->series[s].values;
			double sum = NAN;

			for (int i = limit - 1; i < plot->nlabels; i++)
			{
				if (!isnan(values[i]))
					sum = isnan(sum) ? values[i] : sum + values[i];
			}
			values[limit - 1] = isinf(sum) ? NAN : sum;
		}
	}
	else
		plot->hidden_labels = plot->nlabels - limit;
	plot->nlabels = limit;
}

bool
chart_plot_range(const ChartPlot *plot, double *min, double *max)
{
	bool any = false;

	*min = *max = 0;
	for (int s = 0; s < plot->nseries; s++)
	{
		for (int i = 0; i < plot->nlabels; i++)
		{
			double value = plot->series[s].values[i];

			if (isnan(value))
				continue;
			*min = any ? Min(*min, value) : value;
			*max = any ? Max(*max, value) : value;
			any = true;
		}
	}
	return any;
}

double
chart_fraction(double value, double low, double high)
{
	/* halves first: the distance of two doubles can be more than a double */
	double range = high / 2 - low / 2;

	return range > 0 ? (value / 2 - low / 2) / range : 0;
}

static int
plot_decimals(const ChartPlot *plot)
{
	int decimals = 0;

	for (int s = 0; s < plot->nseries; s++)
	{
		for (int i = 0; i < plot->nlabels; i++)
		{
			double value = plot->series[s].values[i];

			if (isnan(value) || fabs(value) >= 1e9)
				continue;
			while (decimals < 2 &&
				   fabs(value * pow(10, decimals) - rint(value * pow(10, decimals))) > 1e-9)
				decimals++;
		}
	}
	return decimals;
}

/* a pie of parts that are no parts of a whole is drawn as bars */
static void
check_pie(ChartPlot *plot)
{
	double sum = 0;

	if (plot->type != CHART_PIE)
		return;
	for (int i = 0; i < plot->nlabels; i++)
	{
		double value = plot->nseries == 1 ? plot->series[0].values[i] : -1;

		if (value < 0)
			sum = -INFINITY;
		else if (!isnan(value))
			sum += value;
	}
	if (!(sum > 0) || isinf(sum))
		plot->type = CHART_BAR;
}

static void
escape_labels(ChartPlot *plot)
{
	for (int i = 0; i < plot->nlabels; i++)
		plot->labels[i] = display_shorten(plot->labels[i], CHART_MAX_TEXT, NULL);
	for (int s = 0; s < plot->nseries; s++)
		plot->series[s].name = display_shorten(plot->series[s].name, CHART_MAX_TEXT, NULL);
}

static ChartPlot *
build_plot(const ChartSpec *spec, const ChartData *data)
{
	ChartPlot *plot = palloc0(sizeof(ChartPlot));
	int x;

	plot->type = spec->type;
	plot->title = spec->title;
	plot->prefix = spec->prefix;
	plot->suffix = spec->suffix;
	plot->horizontal = spec->horizontal;
	if (spec->type == CHART_TABLE)
		return plot;

	x = spec->x && spec->type != CHART_NUMBER ? required_column(data, spec->x) : -1;
	plot->time_axis = spec->time_axis && x >= 0;
	plot->x_title = x >= 0 ? display_escape(spec->x) : NULL;
	plot->y_title = list_length(spec->y) == 1 ? display_escape((char *) linitial(spec->y)) : NULL;
	if (spec->series && x >= 0)
		fill_pivot(plot, spec, data, x);
	else
		fill_measures(plot, spec, data, x);
	check_pie(plot);
	sort_labels(plot, spec);
	limit_labels(plot, spec);
	if (plot->time_axis)
		chart_shorten_times(plot->labels, plot->nlabels);
	escape_labels(plot);
	plot->decimals = spec->decimals >= 0 ? spec->decimals : plot_decimals(plot);
	return plot;
}

ChartPlot *
chart_plot(Jsonb *document, const ChartData *data)
{
	ChartSpec spec;

	chart_spec_read(document, &spec);
	return build_plot(&spec, data);
}

ChartPlot *
chart_plot_from_jsonb(Jsonb *document, Jsonb *result)
{
	ChartSpec spec;
	List *wanted;

	if (JsonContainerIsObject(&document->root) && json_member(&document->root, "type") == NULL)
	{
		ChartData *data = chart_data_from_jsonb(result, NIL);
		ChartHints hints = {.title = chart_spec_text(&document->root, "title")};

		return chart_plot(chart_choose(data, &hints), data);
	}
	chart_spec_read(document, &spec);
	wanted = list_copy(spec.y);
	if (spec.x)
		wanted = lappend(wanted, unconstify(char *, spec.x));
	if (spec.series)
		wanted = lappend(wanted, unconstify(char *, spec.series));
	return build_plot(&spec, chart_data_from_jsonb(result, wanted));
}

/*
 * Numbers for people
 */
char *
chart_value_text(const ChartPlot *plot, double value)
{
	char *number;

	if (isnan(value))
		return pstrdup("-");
	if (fabs(value) >= 1e15)
		number = psprintf("%.6g", value);
	else
		number = display_number(psprintf("%.*f", plot->decimals, value));
	return psprintf("%s%s%s", plot->prefix, number, plot->suffix);
}

char *
chart_axis_text(const ChartPlot *plot, double value)
{
	static const struct
	{
		double unit;
		const char *letter;
	} units[] = {{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "k"}};
	double size = fabs(value);
	char *number = NULL;

	if (size >= 1e15 || (size > 0 && size < 1e-4))
		number = psprintf("%.3g", value);
	for (int i = 0; number == NULL && i < lengthof(units); i++)
	{
		if (size >= units[i].unit)
			number = psprintf("%.4g%s", value / units[i].unit, units[i].letter);
	}
	if (number == NULL)
		number = psprintf("%.4g", value);
	return psprintf("%s%s%s", plot->prefix, number, plot->suffix);
}
