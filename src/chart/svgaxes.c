/*-------------------------------------------------------------------------
 *
 * svgaxes.c
 *		Bars and lines of an SVG chart, with their axes.
 *
 * Points and bars stand at equal distances, in the order of the plot.  Where a
 * number is missing a line has a gap.  All arithmetic on values goes through
 * chart_fraction(), so that numbers near the end of double precision do no
 * harm.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "chart/svgdraw.h"
#include "common/display.h"

#define COLUMN_WIDTH    6.8 /* pixels that a terminal column takes in 12 px type */
#define LABEL_COLUMNS   18
#define MAX_TICKS       12
#define LEGEND_SPACE    160
#define MAX_POINT_MARKS 60

typedef struct Frame
{
	double left;
	double top;
	double right;
	double bottom;
	double low; /* of the value axis */
	double high;
	bool horizontal; /* bars lie, values go to the right */
	bool rotated;    /* labels below are turned */
	int nticks;
	double ticks[MAX_TICKS];
} Frame;

/* where a value lies, in pixels along the value axis */
static double
value_position(const Frame *frame, double value)
{
	double fraction = chart_fraction(value, frame->low, frame->high);

	return frame->horizontal ? frame->left + fraction * (frame->right - frame->left)
							 : frame->bottom - fraction * (frame->bottom - frame->top);
}

/*
 * Round numbers for the axis: steps of 1, 2 or 5 times a power of ten.  Where
 * there is no such step (the range is no double, or nothing) the ends alone.
 */
static void
choose_ticks(Frame *frame)
{
	double range = frame->high - frame->low;
	double power;
	double step;
	double first;

	if (!(range > 0) || isinf(range) || range < 1e-300)
	{
		if (!(range > 0))
			frame->high = frame->low + Max(fabs(frame->low), 1);
		frame->nticks = 2;
		frame->ticks[0] = frame->low;
		frame->ticks[1] = frame->high;
		return;
	}
	power = pow(10, floor(log10(range / 5)));
	step = power;
	if (range / step > 10)
		step = 2 * power;
	if (range / step > 10)
		step = 5 * power;
	first = floor(frame->low / step);
	for (frame->nticks = 0; frame->nticks < MAX_TICKS; frame->nticks++)
	{
		frame->ticks[frame->nticks] = (first + frame->nticks) * step;
		if (frame->ticks[frame->nticks] >= frame->high)
		{
			frame->nticks++;
			break;
		}
	}
	frame->low = Min(frame->low, frame->ticks[0]);
	frame->high = Max(frame->high, frame->ticks[frame->nticks - 1]);
}

static double
widest_label(const ChartPlot *plot)
{
	int widest = 0;

	for (int i = 0; i < plot->nlabels; i++)
		widest = Max(widest, display_width(plot->labels[i]));
	return Min(widest, LABEL_COLUMNS) * COLUMN_WIDTH;
}

static double
widest_tick(const ChartPlot *plot, const Frame *frame)
{
	int widest = 0;

	for (int i = 0; i < frame->nticks; i++)
		widest = Max(widest, display_width(chart_axis_text(plot, frame->ticks[i])));
	return widest * COLUMN_WIDTH;
}

static void
layout(Frame *frame, const SvgImage *image, const ChartPlot *plot)
{
	double label_width = widest_label(plot);

	memset(frame, 0, sizeof(*frame));
	(void) chart_plot_range(plot, &frame->low, &frame->high);
	/* a bar shows a size, so it begins at zero; a line shows a course */
	if (plot->type == CHART_BAR)
	{
		frame->low = Min(frame->low, 0);
		frame->high = Max(frame->high, 0);
	}
	frame->horizontal = plot->horizontal && plot->type == CHART_BAR;
	choose_ticks(frame);

	frame->top = plot->title ? 44 : 18;
	frame->right = image->width - 18 - (plot->nseries > 1 ? LEGEND_SPACE : 0);
	frame->left = 16 + (frame->horizontal ? label_width : widest_tick(plot, frame));
	frame->right = Max(frame->right, frame->left + 40);
	frame->rotated = !frame->horizontal && plot->type == CHART_BAR &&
					 label_width > (frame->right - frame->left) / Max(plot->nlabels, 1) - 4;
	frame->bottom = image->height - 28 - (frame->rotated ? label_width * 0.65 : 0);
	if (plot->hidden_labels > 0)
		frame->bottom -= 16;
	frame->bottom = Max(frame->bottom, frame->top + 30);
}

static void
draw_value_axis(SvgImage *image, const ChartPlot *plot, const Frame *frame)
{
	for (int i = 0; i < frame->nticks; i++)
	{
		double position = value_position(frame, frame->ticks[i]);
		char *text = chart_axis_text(plot, frame->ticks[i]);

		if (frame->horizontal)
		{
			svg_line(image, position, frame->top, position, frame->bottom, image->grid);
			svg_text(image, position, frame->bottom + 16, 12, "middle", text);
		}
		else
		{
			svg_line(image, frame->left, position, frame->right, position, image->grid);
			svg_text(image, frame->left - 6, position + 4, 12, "end", text);
		}
	}
}

/* the middle of a label's place along the other axis */
static double
label_position(const Frame *frame, const ChartPlot *plot, int label)
{
	double start = frame->horizontal ? frame->top : frame->left;
	double end = frame->horizontal ? frame->bottom : frame->right;

	if (plot->type == CHART_LINE && plot->nlabels > 1)
		return start + (end - start) * label / (plot->nlabels - 1);
	return start + (end - start) * (label + 0.5) / Max(plot->nlabels, 1);
}

static void
draw_labels(SvgImage *image, const ChartPlot *plot, const Frame *frame)
{
	double room = frame->horizontal ? 14 : widest_label(plot) + 10;
	double length = frame->horizontal ? frame->bottom - frame->top : frame->right - frame->left;
	int fitting = Max((int) (length / room), 1);
	int every = frame->rotated ? 1 : (plot->nlabels + fitting - 1) / fitting;

	for (int i = 0; i < plot->nlabels; i += Max(every, 1))
	{
		char *label = display_shorten(plot->labels[i], LABEL_COLUMNS, NULL);
		double position = label_position(frame, plot, i);

		if (frame->horizontal)
			svg_text(image, frame->left - 6, position + 4, 12, "end", label);
		else if (frame->rotated)
			svg_rotated_text(image, position + 4, frame->bottom + 14, 12, label);
		else
			svg_text(image, position, frame->bottom + 16, 12, "middle", label);
	}
	if (plot->hidden_labels > 0)
		svg_text(image, frame->right, image->height - 6, 11, "end",
				 psprintf("%d more are not shown", plot->hidden_labels));
}

static char *
mark_text(const ChartPlot *plot, int series, int label)
{
	char *value = chart_value_text(plot, plot->series[series].values[label]);

	if (plot->nseries > 1)
		return psprintf("%s, %s: %s", plot->labels[label], plot->series[series].name, value);
	return psprintf("%s: %s", plot->labels[label], value);
}

static void
draw_bars(SvgImage *image, const ChartPlot *plot, const Frame *frame)
{
	double length = frame->horizontal ? frame->bottom - frame->top : frame->right - frame->left;
	double group = length / Max(plot->nlabels, 1) * 0.8;
	double thickness = group / plot->nseries;
	double zero = value_position(frame, 0);

	for (int s = 0; s < plot->nseries; s++)
	{
		for (int i = 0; i < plot->nlabels; i++)
		{
			double value = plot->series[s].values[i];
			double across = label_position(frame, plot, i) - group / 2 + s * thickness;
			double end;

			if (isnan(value))
				continue;
			end = value_position(frame, value);
			if (frame->horizontal)
				svg_rect(image, Min(zero, end), across, fabs(end - zero), thickness, svg_color(s),
						 mark_text(plot, s, i));
			else
				svg_rect(image, across, Min(zero, end), thickness, fabs(end - zero), svg_color(s),
						 mark_text(plot, s, i));
		}
	}
}

static void
draw_line(SvgImage *image, const ChartPlot *plot, const Frame *frame, int series)
{
	const double *values = plot->series[series].values;
	bool drawing = false;
	bool marks = plot->nlabels <= MAX_POINT_MARKS;

	appendStringInfoString(&image->out, "<path d=\"");
	for (int i = 0; i < plot->nlabels; i++)
	{
		if (isnan(values[i]))
		{
			drawing = false;
			continue;
		}
		appendStringInfo(&image->out, "%c%.1f %.1f", drawing ? 'L' : 'M',
						 label_position(frame, plot, i), value_position(frame, values[i]));
		drawing = true;
	}
	appendStringInfo(&image->out, "\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\">",
					 svg_color(series));
	svg_tooltip(image, plot->series[series].name);
	appendStringInfoString(&image->out, "</path>\n");

	for (int i = 0; i < plot->nlabels; i++)
	{
		/* a point between two gaps has no line that would show it */
		bool alone =
			(i == 0 || isnan(values[i - 1])) && (i == plot->nlabels - 1 || isnan(values[i + 1]));

		if (!isnan(values[i]) && (marks || alone))
			svg_circle(image, label_position(frame, plot, i), value_position(frame, values[i]), 3,
					   svg_color(series), mark_text(plot, series, i));
	}
}

void
svg_draw_axes_and_marks(SvgImage *image, const ChartPlot *plot)
{
	Frame frame;

	layout(&frame, image, plot);
	draw_value_axis(image, plot, &frame);
	draw_labels(image, plot, &frame);
	if (plot->type == CHART_BAR)
		draw_bars(image, plot, &frame);
	else
	{
		for (int s = 0; s < plot->nseries; s++)
			draw_line(image, plot, &frame, s);
	}
	if (plot->nseries > 1)
	{
		char **names = palloc(sizeof(char *) * plot->nseries);

		for (int s = 0; s < plot->nseries; s++)
			names[s] = unconstify(char *, plot->series[s].name);
		svg_legend(image, frame.right + 18, frame.top + 10, plot->nseries, names);
	}
}
