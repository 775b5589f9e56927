/*-------------------------------------------------------------------------
 *
 * svgdraw.c
 *		Elements of an SVG image: the only place that writes XML.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "chart/svgdraw.h"
#include "common/display.h"

#define LEGEND_STEP  18
#define LEGEND_WIDTH 18 /* terminal columns of a name */

/* told apart with colour blindness too (Okabe and Ito) */
static const char *const palette[] = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
									  "#56b4e9", "#d55e00", "#8c8c00", "#7a5195"};

const char *
svg_color(int index)
{
	return palette[index % lengthof(palette)];
}

static void
append_escaped(StringInfo out, const char *text)
{
	for (const char *p = text; *p; p++)
	{
		switch (*p)
		{
			case '&':
				appendStringInfoString(out, "&amp;");
				break;
			case '<':
				appendStringInfoString(out, "&lt;");
				break;
			case '>':
				appendStringInfoString(out, "&gt;");
				break;
			case '"':
				appendStringInfoString(out, "&quot;");
				break;
			case '\'':
				appendStringInfoString(out, "&#39;");
				break;
			default:
				appendStringInfoChar(out, *p);
		}
	}
}

void
svg_init(SvgImage *image, int width, int height)
{
	initStringInfo(&image->out);
	image->width = width;
	image->height = height;
	svg_set_theme(image, false);
}

void
svg_set_theme(SvgImage *image, bool dark)
{
	image->background = dark ? "#1e1e1e" : "#ffffff";
	image->foreground = dark ? "#eeeeee" : "#222222";
	image->grid = dark ? "#444444" : "#dddddd";
}

void
svg_begin(SvgImage *image, const char *title, const char *description)
{
	StringInfo out = &image->out;

	appendStringInfo(out,
					 "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
					 " viewBox=\"0 0 %d %d\" role=\"img\" font-family=\"sans-serif\" aria-label=\"",
					 image->width, image->height, image->width, image->height);
	append_escaped(out, title);
	appendStringInfoString(out, "\">\n<title>");
	append_escaped(out, title);
	appendStringInfoString(out, "</title>\n<desc>");
	append_escaped(out, description);
	appendStringInfo(out, "</desc>\n<rect width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", image->width,
					 image->height, image->background);
}

void
svg_end(SvgImage *image)
{
	appendStringInfoString(&image->out, "</svg>");
}

void
svg_text(SvgImage *image, double x, double y, double size, const char *anchor, const char *text)
{
	appendStringInfo(
		&image->out,
		"<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.0f\" text-anchor=\"%s\" fill=\"%s\">", x, y,
		size, anchor, image->foreground);
	append_escaped(&image->out, text);
	appendStringInfoString(&image->out, "</text>\n");
}

void
svg_rotated_text(SvgImage *image, double x, double y, double size, const char *text)
{
	appendStringInfo(&image->out,
					 "<text transform=\"translate(%.1f %.1f) rotate(-40)\" font-size=\"%.0f\""
					 " text-anchor=\"end\" fill=\"%s\">",
					 x, y, size, image->foreground);
	append_escaped(&image->out, text);
	appendStringInfoString(&image->out, "</text>\n");
}

void
svg_line(SvgImage *image, double x1, double y1, double x2, double y2, const char *color)
{
	appendStringInfo(&image->out,
					 "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", x1,
					 y1, x2, y2, color);
}

void
svg_tooltip(SvgImage *image, const char *tooltip)
{
	appendStringInfoString(&image->out, "<title>");
	append_escaped(&image->out, tooltip);
	appendStringInfoString(&image->out, "</title>");
}

void
svg_rect(SvgImage *image, double x, double y, double width, double height, const char *color,
		 const char *tooltip)
{
	appendStringInfo(&image->out,
					 "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\">", x,
					 y, width, height, color);
	if (tooltip)
		svg_tooltip(image, tooltip);
	appendStringInfoString(&image->out, "</rect>\n");
}

void
svg_circle(SvgImage *image, double x, double y, double radius, const char *color,
		   const char *tooltip)
{
	appendStringInfo(&image->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\">", x, y,
					 radius, color);
	svg_tooltip(image, tooltip);
	appendStringInfoString(&image->out, "</circle>\n");
}

void
svg_legend(SvgImage *image, double x, double y, int count, char **names)
{
	for (int i = 0; i < count; i++)
	{
		svg_rect(image, x, y + i * LEGEND_STEP - 10, 10, 10, svg_color(i), NULL);
		svg_text(image, x + 16, y + i * LEGEND_STEP, 12, "start",
				 display_shorten(names[i], LEGEND_WIDTH, NULL));
	}
}
