/*-------------------------------------------------------------------------
 *
 * text.c
 *		A chart of characters, for a terminal.
 *
 * Bars are made of block characters in eighths, where the server encoding is
 * UTF-8, and of # otherwise; a line is a sparkline.  Lines have no trailing
 * blanks and are never wider than asked for, as far as labels can be cut.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "chart/plot.h"
#include "common/display.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define MIN_WIDTH 20
#define MAX_WIDTH 500
#define MIN_BAR   8

PG_FUNCTION_INFO_V1(sql_agent_chart_text);

static const char *const left_eighths[] = {"",
										   "\xE2\x96\x8F",
										   "\xE2\x96\x8E",
										   "\xE2\x96\x8D",
										   "\xE2\x96\x8C",
										   "\xE2\x96\x8B",
										   "\xE2\x96\x8A",
										   "\xE2\x96\x89",
										   "\xE2\x96\x88"};
static const char *const lower_eighths[] = {"\xE2\x96\x81", "\xE2\x96\x82", "\xE2\x96\x83",
											"\xE2\x96\x84", "\xE2\x96\x85", "\xE2\x96\x86",
											"\xE2\x96\x87", "\xE2\x96\x88"};
/* the levels of a sparkline where there are no block characters */
static const char plain_levels[] = "_.-=+*#@";

static void
append_blanks(StringInfo buf, int count)
{
	for (int i = 0; i < count; i++)
		appendStringInfoChar(buf, ' ');
}

static void
trim_line(StringInfo buf)
{
	while (buf->len > 0 && buf->data[buf->len - 1] == ' ')
		buf->data[--buf->len] = '\0';
}

/* a bar that begins at the left, in eighths of a column; returns columns used */
static int
append_bar(StringInfo buf, double fraction, int columns)
{
	bool blocks = GetDatabaseEncoding() == PG_UTF8;
	int eighths = (int) rint(fraction * columns * 8);
	int used;

	/* something is more than nothing */
	if (fraction > 0 && eighths == 0)
		eighths = 1;
	if (!blocks)
		eighths = (eighths + 7) / 8 * 8;
	for (int i = 0; i < eighths / 8; i++)
		appendStringInfoString(buf, blocks ? left_eighths[8] : "#");
	used = eighths / 8;
	if (eighths % 8 != 0)
	{
		appendStringInfoString(buf, left_eighths[eighths % 8]);
		used++;
	}
	return used;
}

/* a bar of a negative number: it ends at the axis */
static void
append_negative_bar(StringInfo buf, double fraction, int columns)
{
	bool blocks = GetDatabaseEncoding() == PG_UTF8;
	int filled = Max((int) rint(fraction * columns), fraction > 0 ? 1 : 0);

	append_blanks(buf, columns - filled);
	for (int i = 0; i < filled; i++)
		appendStringInfoString(buf, blocks ? left_eighths[8] : "#");
}

/* the bars of one series */
static void
append_bars(StringInfo buf, const ChartPlot *plot, const ChartSeries *series, int width)
{
	double low;
	double high;
	double total = 0;
	int label_width = 0;
	int value_width = 0;
	int bar_columns;
	int negative_columns;
	char **values = palloc(sizeof(char *) * Max(plot->nlabels, 1));

	(void) chart_plot_range(plot, &low, &high);
	low = Min(low, 0);
	high = Max(high, 0);
	for (int i = 0; i < plot->nlabels; i++)
		total += isnan(series->values[i]) ? 0 : series->values[i];
	for (int i = 0; i < plot->nlabels; i++)
	{
		values[i] = chart_value_text(plot, series->values[i]);
		if (plot->type == CHART_PIE && !isnan(series->values[i]))
			values[i] = psprintf("%s (%.1f%%)", values[i], 100 * series->values[i] / total);
		label_width = Max(label_width, display_width(plot->labels[i]));
		value_width = Max(value_width, display_width(values[i]));
	}
	label_width = Min(label_width, Max(width / 3, 4));
	bar_columns = Max(width - label_width - value_width - 2, MIN_BAR);
	negative_columns = low < 0 ? (int) rint(chart_fraction(0, low, high) * bar_columns) : 0;

	for (int i = 0; i < plot->nlabels; i++)
	{
		double value = series->values[i];
		char *label = display_shorten(plot->labels[i], label_width, NULL);
		int used = 0;

		/* of several series none has all labels */
		if (isnan(value) && plot->nseries > 1)
			continue;
		appendStringInfoString(buf, label);
		append_blanks(buf, label_width - display_width(label) + 1);
		if (!isnan(value) && value < 0)
			append_negative_bar(buf, value / low, negative_columns);
		else
		{
			append_blanks(buf, negative_columns);
			if (!isnan(value) && high > 0)
				used = append_bar(buf, value / high, bar_columns - negative_columns);
		}
		append_blanks(buf, bar_columns - negative_columns - used + 1 + value_width -
							   display_width(values[i]));
		appendStringInfoString(buf, values[i]);
		trim_line(buf);
		appendStringInfoChar(buf, '\n');
	}
}

/*
 * One character a point, or the mean of several points where there are more
 * than columns.
 */
static void
append_sparkline(StringInfo buf, const ChartPlot *plot, const ChartSeries *series, int columns)
{
	bool blocks = GetDatabaseEncoding() == PG_UTF8;
	int npoints = Min(plot->nlabels, columns);
	double low;
	double high;

	(void) chart_plot_range(plot, &low, &high);
	for (int point = 0; point < npoints; point++)
	{
		int first = (int) ((int64) point * plot->nlabels / npoints);
		int end = (int) ((int64) (point + 1) * plot->nlabels / npoints);
		double sum = 0;
		int count = 0;
		int level;

		for (int i = first; i < end; i++)
		{
			if (!isnan(series->values[i]))
			{
				sum += chart_fraction(series->values[i], low, high);
				count++;
			}
		}
		if (count == 0)
		{
			appendStringInfoChar(buf, ' ');
			continue;
		}
		level = Min((int) (sum / count * 8), 7);
		if (blocks)
			appendStringInfoString(buf, lower_eighths[level]);
		else
			appendStringInfoChar(buf, plain_levels[level]);
	}
}

static void
append_lines(StringInfo buf, const ChartPlot *plot, int width)
{
	double low;
	double high;
	int name_width = 0;
	char *range;
	char *named;

	if (!chart_plot_range(plot, &low, &high))
	{
		appendStringInfoString(buf, "(no numbers)\n");
		return;
	}
	range = psprintf("%s .. %s, low %s, high %s", plot->labels[0], plot->labels[plot->nlabels - 1],
					 chart_value_text(plot, low), chart_value_text(plot, high));
	named = psprintf("%s: %s", plot->y_title ? plot->y_title : "values", range);
	if (display_width(named) <= width)
		range = named;
	if (plot->nseries > 1)
	{
		for (int s = 0; s < plot->nseries; s++)
			name_width = Max(name_width, display_width(plot->series[s].name));
		name_width = Min(name_width, Max(width / 3, 4));
	}
	for (int s = 0; s < plot->nseries; s++)
	{
		if (plot->nseries > 1)
		{
			char *name = display_shorten(plot->series[s].name, name_width, NULL);

			appendStringInfoString(buf, name);
			append_blanks(buf, name_width - display_width(name) + 1);
		}
		append_sparkline(buf, plot, &plot->series[s],
						 plot->nseries > 1 ? width - name_width - 1 : width);
		/* what does not fit beside the line stands below it */
		if (plot->nseries == 1 && Min(plot->nlabels, width) + display_width(range) + 2 <= width)
			appendStringInfo(buf, "  %s", range);
		else if (s == plot->nseries - 1)
			appendStringInfo(buf, "\n%s", display_shorten(range, width, NULL));
		appendStringInfoChar(buf, '\n');
	}
}

static void
append_hidden(StringInfo buf, const ChartPlot *plot)
{
	if (plot->hidden_labels > 0)
		appendStringInfo(buf, "... %d more\n", plot->hidden_labels);
	if (plot->hidden_series > 0)
		appendStringInfo(buf, "... %d more series\n", plot->hidden_series);
}

char *
chart_plot_text(const ChartPlot *plot, int width)
{
	StringInfoData buf;

	if (plot->type == CHART_TABLE)
		return NULL;
	initStringInfo(&buf);
	if (plot->title)
		appendStringInfo(&buf, "%s\n", display_shorten(plot->title, width, NULL));
	if (plot->type == CHART_NUMBER)
	{
		for (int s = 0; s < plot->nseries && plot->nlabels > 0; s++)
			appendStringInfo(&buf, "%s: %s\n", plot->series[s].name,
							 chart_value_text(plot, plot->series[s].values[0]));
	}
	else if (plot->nlabels == 0)
		appendStringInfoString(&buf, "(no rows)\n");
	else if (plot->type == CHART_LINE)
		append_lines(&buf, plot, width);
	else
	{
		for (int s = 0; s < plot->nseries; s++)
		{
			if (plot->nseries > 1)
				appendStringInfo(&buf, "%s\n", plot->series[s].name);
			append_bars(&buf, plot, &plot->series[s], width);
		}
	}
	append_hidden(&buf, plot);
	/* the last line ends without a newline */
	if (buf.len > 0 && buf.data[buf.len - 1] == '\n')
		buf.data[--buf.len] = '\0';
	return buf.data;
}

char *
chart_render_text(Jsonb *spec, const ChartData *data, int width)
{
	ChartPlot *plot = chart_plot(spec, data);

	if (plot->type == CHART_NUMBER)
		return NULL;
	return chart_plot_text(plot, width);
}

Datum
sql_agent_chart_text(PG_FUNCTION_ARGS)
{
	ChartPlot *plot;
	int width = PG_GETARG_INT32(2);
	char *text;

	if (width < MIN_WIDTH || width > MAX_WIDTH)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("width %d is out of range", width),
						errhint("A chart is %d to %d columns wide.", MIN_WIDTH, MAX_WIDTH)));
	plot = chart_plot_from_jsonb(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1));
	text = chart_plot_text(plot, width);
	if (text == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(text));
}
