/*-------------------------------------------------------------------------
 *
 * svgdraw.h
 *		The pieces that an SVG chart is made of.  Private to chart/.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SVGDRAW_H
#define SQL_AGENT_SVGDRAW_H

#include "chart/plot.h"
#include "lib/stringinfo.h"

typedef struct SvgImage
{
	StringInfoData out;
	int width;
	int height;
	const char *background;
	const char *foreground;
	const char *grid;
} SvgImage;

/* svgdraw.c: elements; every text is escaped */
extern void svg_init(SvgImage *image, int width, int height);
extern void svg_set_theme(SvgImage *image, bool dark);
extern void svg_begin(SvgImage *image, const char *title, const char *description);
extern void svg_end(SvgImage *image);
extern void
svg_text(SvgImage *image, double x, double y, double size, const char *anchor, const char *text);
extern void svg_rotated_text(SvgImage *image, double x, double y, double size, const char *text);
extern void
svg_line(SvgImage *image, double x1, double y1, double x2, double y2, const char *color);
extern void svg_rect(SvgImage *image, double x, double y, double width, double height,
					 const char *color, const char *tooltip);
extern void svg_circle(SvgImage *image, double x, double y, double radius, const char *color,
					   const char *tooltip);
/* opens an element that a tooltip goes into, and closes it */
extern void svg_tooltip(SvgImage *image, const char *tooltip);
extern const char *svg_color(int index);
/* names of series or slices, downwards from (x, y) */
extern void svg_legend(SvgImage *image, double x, double y, int count, char **names);

/* svgaxes.c, svgpie.c */
extern void svg_draw_axes_and_marks(SvgImage *image, const ChartPlot *plot);
extern void svg_draw_pie(SvgImage *image, const ChartPlot *plot);

#endif /* SQL_AGENT_SVGDRAW_H */
