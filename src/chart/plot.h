/*-------------------------------------------------------------------------
 *
 * plot.h
 *		A chart spec applied to rows: what every renderer draws.
 *
 * Private to chart/.  A plot has labels and series of numbers; sorting,
 * cutting to the largest, pivoting and the check of the spec are done when it
 * is built, so that renderers only draw.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_PLOT_H
#define SQL_AGENT_PLOT_H

#include "chart/chart.h"
#include "nodes/pg_list.h"
#include "utils/hsearch.h"

typedef enum ChartType
{
	CHART_TABLE,
	CHART_NUMBER,
	CHART_BAR,
	CHART_LINE,
	CHART_PIE
} ChartType;

/* the spec as it was written, checked */
typedef struct ChartSpec
{
	ChartType type;
	const char *title;
	const char *x;
	const char *series;
	List *y; /* char * */
	bool time_axis;
	bool horizontal;
	bool sorted;
	bool other;   /* sum what is cut as one more bar */
	int limit;    /* 0 = the type's own */
	int decimals; /* -1 = from the numbers */
	const char *prefix;
	const char *suffix;
} ChartSpec;

typedef struct ChartSeries
{
	const char *name;
	double *values; /* one a label; NaN where there is none */
} ChartSeries;

typedef struct ChartPlot
{
	ChartType type;
	const char *title;   /* or NULL */
	const char *x_title; /* or NULL */
	const char *y_title; /* or NULL where there are several measures */
	const char *prefix;  /* before and behind a number; never NULL */
	const char *suffix;
	int decimals;
	bool horizontal;
	bool time_axis;
	int nlabels;
	char **labels;
	int nseries;
	ChartSeries *series;
	int hidden_labels; /* left out, because there were too many */
	int hidden_series;
} ChartPlot;

/* spec and rows of the SQL functions; raises invalid_parameter_value for what is no such thing */
extern ChartPlot *chart_plot_from_jsonb(Jsonb *spec, Jsonb *result);
extern ChartPlot *chart_plot(Jsonb *spec, const ChartData *data);
extern char *chart_plot_text(const ChartPlot *plot, int width);

/* smallest and largest number of the plot; false where there is none */
extern bool chart_plot_range(const ChartPlot *plot, double *min, double *max);
/* a value as people read it, and its short form for axes (1.5M) */
extern char *chart_value_text(const ChartPlot *plot, double value);
extern char *chart_axis_text(const ChartPlot *plot, double value);
/* where value lies between low (0) and high (1); does not overflow */
extern double chart_fraction(double value, double low, double high);

/* spec.c */
#define CHART_MAX_POINTS 10000
#define CHART_MAX_TEXT   200 /* terminal columns of a title, label or affix */

extern void chart_spec_read(Jsonb *document, ChartSpec *spec);
/* a member that is a string, NULL where there is none */
extern const char *chart_spec_text(JsonbContainer *object, const char *key);

/* rows.c */
#define CHART_MAX_ROWS    100000
#define CHART_MAX_COLUMNS 64

/* wanted: names (char *) of the columns to take; NIL = the first CHART_MAX_COLUMNS */
extern ChartData *chart_data_from_jsonb(Jsonb *result, List *wanted);
extern int chart_column_index(const ChartData *data, const char *name);
/* numbers 0, 1, ... for texts, in order of first appearance; the texts are not copied */
extern HTAB *chart_slots_create(void);
extern int chart_slots_index(HTAB *slots, const char *text);
extern int chart_count_distinct(const ChartData *data, int column);

#endif /* SQL_AGENT_PLOT_H */
