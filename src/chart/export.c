/*-------------------------------------------------------------------------
 *
 * export.c
 *		A chart as the configuration of Chart.js 4 or as a Vega-Lite 5 document.
 *
 * Data only: no callback, no expression, no address to load from.  Both are
 * made from the plot, so that they show what the text and the SVG show.  Types
 * without axes or slices (number, table) have no such form: NULL.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "chart/plot.h"
#include "chart/svgdraw.h"
#include "common/json.h"

PG_FUNCTION_INFO_V1(sql_agent_chartjs);
PG_FUNCTION_INFO_V1(sql_agent_vegalite);

static const char *
type_name(const ChartPlot *plot)
{
	switch (plot->type)
	{
		case CHART_BAR:
			return "bar";
		case CHART_LINE:
			return "line";
		case CHART_PIE:
			return "pie";
		default:
			return NULL;
	}
}

/*
 * Chart.js
 */
static void
put_colors(JsonBuilder *json, const ChartPlot *plot, int series)
{
	if (plot->type != CHART_PIE)
	{
		json_string(json, "backgroundColor", svg_color(series));
		json_string(json, "borderColor", svg_color(series));
		return;
	}
	/* slices have a colour each */
	json_begin_array(json, "backgroundColor");
	for (int i = 0; i < plot->nlabels; i++)
		json_string(json, NULL, svg_color(i));
	json_end_array(json);
}

static void
put_dataset(JsonBuilder *json, const ChartPlot *plot, int series)
{
	json_begin_object(json, NULL);
	json_string(json, "label", plot->series[series].name);
	json_begin_array(json, "data");
	for (int i = 0; i < plot->nlabels; i++)
		json_double(json, NULL, plot->series[series].values[i]);
	json_end_array(json);
	put_colors(json, plot, series);
	json_end_object(json);
}

static void
put_axis(JsonBuilder *json, const char *name, const char *title, bool from_zero)
{
	json_begin_object(json, name);
	if (from_zero)
		json_bool(json, "beginAtZero", true);
	json_begin_object(json, "title");
	json_bool(json, "display", title != NULL);
	json_string(json, "text", title ? title : "");
	json_end_object(json);
	json_end_object(json);
}

static void
put_options(JsonBuilder *json, const ChartPlot *plot)
{
	bool lying = plot->type == CHART_BAR && plot->horizontal;

	json_begin_object(json, "options");
	json_bool(json, "responsive", true);
	if (lying)
		json_string(json, "indexAxis", "y");
	json_begin_object(json, "plugins");
	json_begin_object(json, "title");
	json_bool(json, "display", plot->title != NULL);
	json_string(json, "text", plot->title ? plot->title : "");
	json_end_object(json);
	json_begin_object(json, "legend");
	json_bool(json, "display", plot->nseries > 1 || plot->type == CHART_PIE);
	json_end_object(json);
	json_end_object(json);
	if (plot->type != CHART_PIE)
	{
		json_begin_object(json, "scales");
		put_axis(json, lying ? "y" : "x", plot->x_title, false);
		put_axis(json, lying ? "x" : "y", plot->y_title, plot->type == CHART_BAR);
		json_end_object(json);
	}
	json_end_object(json);
}

Datum
sql_agent_chartjs(PG_FUNCTION_ARGS)
{
	ChartPlot *plot = chart_plot_from_jsonb(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1));
	JsonBuilder json;

	if (type_name(plot) == NULL)
		PG_RETURN_NULL();
	json_start(&json);
	json_begin_object(&json, NULL);
	json_string(&json, "type", type_name(plot));
	json_begin_object(&json, "data");
	json_begin_array(&json, "labels");
	for (int i = 0; i < plot->nlabels; i++)
		json_string(&json, NULL, plot->labels[i]);
	json_end_array(&json);
	json_begin_array(&json, "datasets");
	for (int s = 0; s < plot->nseries; s++)
		put_dataset(&json, plot, s);
	json_end_array(&json);
	json_end_object(&json);
	put_options(&json, plot);
	json_end_object(&json);
	PG_RETURN_JSONB_P(json_finish(&json));
}

/*
 * Vega-Lite.  The values are written with fields of our own names, because a
 * column's name may hold what Vega reads as a path.
 */
static void
put_values(JsonBuilder *json, const ChartPlot *plot)
{
	json_begin_object(json, "data");
	json_begin_array(json, "values");
	for (int s = 0; s < plot->nseries; s++)
	{
		for (int i = 0; i < plot->nlabels; i++)
		{
			json_begin_object(json, NULL);
			json_string(json, "label", plot->labels[i]);
			json_double(json, "value", plot->series[s].values[i]);
			json_string(json, "series", plot->series[s].name);
			json_end_object(json);
		}
	}
	json_end_array(json);
	json_end_object(json);
}

static void
put_channel(JsonBuilder *json, const char *channel, const char *field, const char *type,
			const char *title)
{
	json_begin_object(json, channel);
	json_string(json, "field", field);
	json_string(json, "type", type);
	json_string(json, "title", title);
	/* in the order of the values */
	if (strcmp(type, "quantitative") != 0)
		json_null(json, "sort");
	json_end_object(json);
}

static void
put_encoding(JsonBuilder *json, const ChartPlot *plot)
{
	bool lying = plot->type == CHART_BAR && plot->horizontal;

	json_begin_object(json, "encoding");
	if (plot->type == CHART_PIE)
	{
		put_channel(json, "theta", "value", "quantitative", plot->y_title);
		put_channel(json, "color", "label", "nominal", plot->x_title);
	}
	else
	{
		put_channel(json, lying ? "y" : "x", "label", "ordinal", plot->x_title);
		put_channel(json, lying ? "x" : "y", "value", "quantitative", plot->y_title);
		if (plot->nseries > 1)
		{
			put_channel(json, "color", "series", "nominal", NULL);
			/* bars of one label side by side */
			if (plot->type == CHART_BAR)
				put_channel(json, lying ? "yOffset" : "xOffset", "series", "nominal", NULL);
		}
	}
	json_end_object(json);
}

Datum
sql_agent_vegalite(PG_FUNCTION_ARGS)
{
	ChartPlot *plot = chart_plot_from_jsonb(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1));
	JsonBuilder json;

	if (type_name(plot) == NULL)
		PG_RETURN_NULL();
	json_start(&json);
	json_begin_object(&json, NULL);
	json_string(&json, "$schema", "https://vega.github.io/schema/vega-lite/v5.json");
	if (plot->title)
		json_string(&json, "title", plot->title);
	put_values(&json, plot);
	json_begin_object(&json, "mark");
	json_string(&json, "type", plot->type == CHART_PIE ? "arc" : type_name(plot));
	json_bool(&json, "tooltip", true);
	json_end_object(&json);
	put_encoding(&json, plot);
	json_end_object(&json);
	PG_RETURN_JSONB_P(json_finish(&json));
}
