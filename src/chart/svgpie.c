/*-------------------------------------------------------------------------
 *
 * svgpie.c
 *		The pie of an SVG chart.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "chart/svgdraw.h"

#define LEGEND_SPACE 220

static char *
slice_text(const ChartPlot *plot, int label, double share)
{
	return psprintf("%s: %s (%.1f%%)", plot->labels[label],
					chart_value_text(plot, plot->series[0].values[label]), share * 100);
}

static void
draw_slice(SvgImage *image, double x, double y, double radius, double from, double to,
		   const char *color, const char *tooltip)
{
	double start = 2 * M_PI * from - M_PI / 2;
	double end = 2 * M_PI * to - M_PI / 2;

	appendStringInfo(&image->out,
					 "<path d=\"M%.2f %.2fL%.2f %.2fA%.2f %.2f 0 %d 1 %.2f %.2fZ\" fill=\"%s\""
					 " stroke=\"%s\">",
					 x, y, x + radius * cos(start), y + radius * sin(start), radius, radius,
					 to - from > 0.5 ? 1 : 0, x + radius * cos(end), y + radius * sin(end), color,
					 image->background);
	svg_tooltip(image, tooltip);
	appendStringInfoString(&image->out, "</path>\n");
}

void
svg_draw_pie(SvgImage *image, const ChartPlot *plot)
{
	const double *values = plot->series[0].values;
	int top = plot->title ? 40 : 16;
	double radius = Max(Min(image->width - LEGEND_SPACE, image->height - top) / 2.0 - 16, 20);
	double x = radius + 24;
	double y = top + (image->height - top) / 2.0;
	double total = 0;
	double done = 0;
	char **names = palloc(sizeof(char *) * plot->nlabels);

	for (int i = 0; i < plot->nlabels; i++)
		total += isnan(values[i]) ? 0 : values[i];
	for (int i = 0; i < plot->nlabels; i++)
	{
		double share = isnan(values[i]) ? 0 : values[i] / total;
		char *text = slice_text(plot, i, share);

		names[i] = psprintf("%.1f%% %s", share * 100, plot->labels[i]);
		/* an arc of 360 degrees draws nothing */
		if (share >= 0.9999)
			svg_circle(image, x, y, radius, svg_color(i), text);
		else if (share > 0)
			draw_slice(image, x, y, radius, done, done + share, svg_color(i), text);
		done += share;
	}
	svg_legend(image, x + radius + 24, y - plot->nlabels * 9 + 9, plot->nlabels, names);
}
