/*-------------------------------------------------------------------------
 *
 * svg.c
 *		A chart as SVG: one self-contained, inert image.
 *
 * No script, no style sheet, no reference to anything outside.  All texts come
 * from a plot, where control characters are escapes already, and are escaped
 * for XML here; so the result is well-formed whatever the rows hold.  A title,
 * a description and a tooltip on every mark serve people who can not see it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "chart/plot.h"
#include "chart/svgdraw.h"
#include "common/display.h"
#include "common/json.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sql_agent_chart_svg);

#define DEFAULT_WIDTH   640
#define DEFAULT_HEIGHT  400
#define MIN_WIDTH       160
#define MAX_WIDTH       4000
#define MIN_HEIGHT      120
#define MAX_HEIGHT      4000
#define MAX_NUMBER_FONT 64

static int
option_int(const char *key, const JsonbValue *value, int low, int high)
{
	double number =
		value->type == jbvNumeric ? strtod(json_value_text(value), NULL) : (double) low - 1;

	if (number != floor(number) || number < low || number > high)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" is not a whole number between %d and %d", key, low, high)));
	return (int) number;
}

static void
read_option(SvgImage *image, const char *key, const JsonbValue *value)
{
	if (strcmp(key, "width") == 0)
		image->width = option_int(key, value, MIN_WIDTH, MAX_WIDTH);
	else if (strcmp(key, "height") == 0)
		image->height = option_int(key, value, MIN_HEIGHT, MAX_HEIGHT);
	else if (strcmp(key, "theme") == 0)
	{
		char *theme = value->type == jbvString ? json_value_text(value) : "";

		if (strcmp(theme, "light") != 0 && strcmp(theme, "dark") != 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("option \"theme\" is not \"light\" or \"dark\"")));
		svg_set_theme(image, strcmp(theme, "dark") == 0);
	}
	else
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unrecognized option \"%s\"", display_escape(key)),
						errhint("Valid options are \"height\", \"theme\" and \"width\".")));
}

static void
read_options(SvgImage *image, Jsonb *options)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue value;
	char *key = "";

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("options is not a JSON object")));
	iterator = JsonbIteratorInit(&options->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = json_value_text(&value);
		else if (token == WJB_VALUE)
			read_option(image, key, &value);
	}
}

/*
 * Title and description
 */
static char *
plot_title(const ChartPlot *plot)
{
	if (plot->title)
		return pstrdup(plot->title);
	if (plot->type == CHART_NUMBER && plot->nseries > 0)
		return pstrdup(plot->series[0].name);
	return psprintf("%s by %s", plot->y_title ? plot->y_title : "Values",
					plot->x_title ? plot->x_title : "row");
}

static char *
plot_description(const ChartPlot *plot)
{
	static const char *const kinds[] = {[CHART_NUMBER] = "Number",
										[CHART_BAR] = "Bar chart",
										[CHART_LINE] = "Line chart",
										[CHART_PIE] = "Pie chart"};
	double low;
	double high;

	if (!chart_plot_range(plot, &low, &high))
		return psprintf("%s without data.", kinds[plot->type]);
	if (plot->type == CHART_NUMBER)
		return psprintf("%s: %s.", kinds[plot->type], chart_value_text(plot, high));
	return psprintf("%s of %d values in %d series, from %s to %s.", kinds[plot->type],
					plot->nlabels, plot->nseries, chart_value_text(plot, low),
					chart_value_text(plot, high));
}

static void
draw_number(SvgImage *image, const ChartPlot *plot)
{
	char *value = plot->nseries > 0 && plot->nlabels > 0
					  ? chart_value_text(plot, plot->series[0].values[0])
					  : pstrdup("-");
	/* as large as fits */
	double size = Min(MAX_NUMBER_FONT, image->width * 0.9 / (Max(display_width(value), 1) * 0.6));

	svg_text(image, image->width / 2.0, image->height / 2.0 + size * 0.35, size, "middle", value);
	if (plot->nseries > 0 && !plot->title)
		svg_text(image, image->width / 2.0, image->height / 2.0 + size * 0.35 + 28, 14, "middle",
				 plot->series[0].name);
}

static void
draw_plot(SvgImage *image, const ChartPlot *plot)
{
	double low;
	double high;

	svg_begin(image, plot_title(plot), plot_description(plot));
	if (plot->title)
		svg_text(image, image->width / 2.0, 24, 16, "middle", plot->title);
	if (!chart_plot_range(plot, &low, &high))
		svg_text(image, image->width / 2.0, image->height / 2.0, 14, "middle", "No data");
	else if (plot->type == CHART_NUMBER)
		draw_number(image, plot);
	else if (plot->type == CHART_PIE)
		svg_draw_pie(image, plot);
	else
		svg_draw_axes_and_marks(image, plot);
	svg_end(image);
}

Datum
sql_agent_chart_svg(PG_FUNCTION_ARGS)
{
	SvgImage image;
	ChartPlot *plot;

	svg_init(&image, DEFAULT_WIDTH, DEFAULT_HEIGHT);
	read_options(&image, PG_GETARG_JSONB_P(2));
	plot = chart_plot_from_jsonb(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1));
	if (plot->type == CHART_TABLE)
		PG_RETURN_NULL();
	draw_plot(&image, plot);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(image.out.data, image.out.len));
}
