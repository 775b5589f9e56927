/*-------------------------------------------------------------------------
 *
 * chart.h
 *		The neutral chart spec: which kind of picture says most about the rows.
 *
 * A spec names columns and copies no data:
 *   {"type": "bar", "x": "product", "y": ["revenue"], "series": null,
 *    "x_type": "category", "format": {...}, "title": "..."}
 * Renderers (text, SVG, Chart.js, Vega-Lite) take the spec and the rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_CHART_H
#define SQL_AGENT_CHART_H

#include "utils/jsonb.h"

typedef enum ChartColumnClass
{
	CHART_COLUMN_OTHER,
	CHART_COLUMN_NUMBER,
	CHART_COLUMN_CATEGORY, /* text, enum, boolean, identifiers */
	CHART_COLUMN_TIME,     /* date or timestamp, or a year, quarter or month number */
	CHART_COLUMN_REMARK    /* a number about the other numbers: never drawn */
} ChartColumnClass;

typedef struct ChartColumn
{
	const char *name;
	ChartColumnClass column_class;
} ChartColumn;

/* rows as text and, for number columns, as numbers too (NaN where null) */
typedef struct ChartData
{
	int ncolumns;
	ChartColumn *columns;
	int nrows;
	char ***text;    /* [row][column], NULL for a null */
	double **number; /* [row][column] */
} ChartData;

typedef struct ChartHints
{
	bool share;        /* the question asked for a share or percentage */
	const char *title; /* or NULL */
} ChartHints;

/* never NULL: type "table" where a picture says no more than the rows */
extern Jsonb *chart_choose(const ChartData *data, const ChartHints *hints);

/*
 * One line or a small block for a terminal, or NULL where the type has none.
 * Bars for categories, a sparkline for a line.
 */
extern char *chart_render_text(Jsonb *spec, const ChartData *data, int width);

/* room for the rows; texts NULL, numbers NaN, classes to be set by the caller */
extern ChartData *chart_data_create(int nrows, int ncolumns);
/* sets a cell: text is kept, the number is read from it */
extern void chart_data_set(ChartData *data, int row, int column, char *text);

/*
 * The class of a column of numbers, by its name and values: a year, quarter or
 * month is a time, an identifier a category.
 */
extern ChartColumnClass chart_classify_numbers(const ChartData *data, int column);

/*
 * Drops what all times have in common: midnight, the first day of the month,
 * the first month of the year.  ISO texts; others stay as they are.
 */
extern void chart_shorten_times(char **labels, int nlabels);

#endif /* SQL_AGENT_CHART_H */
