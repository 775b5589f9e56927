/*-------------------------------------------------------------------------
 *
 * spec.c
 *		Reading a chart spec.
 *
 * A spec may come from anybody.  A member of the wrong kind or an unrecognized
 * type raises invalid_parameter_value; members that nobody knows are ignored.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "chart/plot.h"
#include "common/display.h"
#include "common/json.h"

#define MAX_MEASURES 32

static const struct
{
	const char *name;
	ChartType type;
} chart_types[] = {{"table", CHART_TABLE},
				   {"number", CHART_NUMBER},
				   {"bar", CHART_BAR},
				   {"line", CHART_LINE},
				   {"pie", CHART_PIE}};

static void
raise_member(const char *key, const char *expected)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("chart member \"%s\" is not %s", key, expected)));
}

const char *
chart_spec_text(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_member(object, key);

	if (value == NULL)
		return NULL;
	if (value->type != jbvString)
		raise_member(key, "a string");
	return pnstrdup(value->val.string.val, value->val.string.len);
}

static bool
read_bool(JsonbContainer *object, const char *key, bool otherwise)
{
	JsonbValue *value = json_member(object, key);

	if (value == NULL)
		return otherwise;
	if (value->type != jbvBool)
		raise_member(key, "true or false");
	return value->val.boolean;
}

static int
read_int(JsonbContainer *object, const char *key, int low, int high, int otherwise)
{
	JsonbValue *value = json_member(object, key);
	double number;

	if (value == NULL)
		return otherwise;
	if (value->type != jbvNumeric)
		raise_member(key, "a number");
	number = strtod(json_value_text(value), NULL);
	if (number != floor(number) || number < low || number > high)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("chart member \"%s\" is not a whole number between %d and %d", key,
							   low, high)));
	return (int) number;
}

/* a name or an array of names */
static List *
read_names(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_member(object, key);
	List *names = NIL;
	JsonbContainer *array;

	if (value == NULL)
		return NIL;
	if (value->type == jbvString)
		return list_make1(pnstrdup(value->val.string.val, value->val.string.len));
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		raise_member(key, "a name or an array of names");
	array = value->val.binary.data;
	if (JsonContainerSize(array) > MAX_MEASURES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("chart member \"%s\" names more than %d columns", key, MAX_MEASURES)));
	for (int i = 0; i < JsonContainerSize(array); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(array, i);

		if (element->type != jbvString)
			raise_member(key, "a name or an array of names");
		names = lappend(names, pnstrdup(element->val.string.val, element->val.string.len));
	}
	return names;
}

static const char *
read_affix(JsonbContainer *format, const char *key)
{
	const char *text = format ? chart_spec_text(format, key) : NULL;

	return text ? display_shorten(display_escape(text), CHART_MAX_TEXT, NULL) : "";
}

static void
read_format(JsonbContainer *object, ChartSpec *spec)
{
	JsonbValue *value = json_member(object, "format");
	JsonbContainer *format = NULL;

	if (value != NULL)
	{
		if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
			raise_member("format", "an object");
		format = value->val.binary.data;
	}
	spec->decimals = format ? read_int(format, "decimals", 0, 10, -1) : -1;
	spec->prefix = read_affix(format, "prefix");
	spec->suffix = read_affix(format, "suffix");
}

static void
read_type(JsonbContainer *object, ChartSpec *spec)
{
	const char *name = chart_spec_text(object, "type");

	for (int i = 0; name && i < lengthof(chart_types); i++)
	{
		if (strcmp(name, chart_types[i].name) == 0)
		{
			spec->type = chart_types[i].type;
			return;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 name ? errmsg("unrecognized chart type \"%s\"", display_escape(name))
				  : errmsg("chart has no type"),
			 errhint("Chart types are \"number\", \"bar\", \"line\", \"pie\" and \"table\".")));
}

/* members that a drawn type can not do without */
static void
require_members(const ChartSpec *spec)
{
	if (spec->type == CHART_TABLE)
		return;
	if (spec->y == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("chart names no column in \"y\""),
				 errhint("Name the columns that hold the numbers.")));
	if (spec->x == NULL && spec->type != CHART_NUMBER)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("chart names no column in \"x\""),
				 errhint("Name the column that holds the categories or times.")));
}

void
chart_spec_read(Jsonb *document, ChartSpec *spec)
{
	JsonbContainer *object = &document->root;
	const char *text;

	memset(spec, 0, sizeof(*spec));
	if (!JsonContainerIsObject(object))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("chart is not a JSON object"),
				 errhint("Take the member \"chart\" of what ask_json() returns.")));
	read_type(object, spec);
	text = chart_spec_text(object, "title");
	spec->title = text ? display_shorten(display_escape(text), CHART_MAX_TEXT, NULL) : NULL;
	spec->x = chart_spec_text(object, "x");
	spec->series = chart_spec_text(object, "series");
	spec->y = read_names(object, "y");
	text = chart_spec_text(object, "x_type");
	if (text && strcmp(text, "time") != 0 && strcmp(text, "category") != 0)
		raise_member("x_type", "\"time\" or \"category\"");
	spec->time_axis = text && strcmp(text, "time") == 0;
	text = chart_spec_text(object, "sort");
	if (text && strcmp(text, "value") != 0 && strcmp(text, "none") != 0)
		raise_member("sort", "\"value\" or \"none\"");
	spec->sorted = !spec->time_axis && (text == NULL || strcmp(text, "value") == 0);
	spec->horizontal = read_bool(object, "horizontal", false);
	spec->other = read_bool(object, "other", false);
	spec->limit = read_int(object, "limit", 1, CHART_MAX_POINTS, 0);
	read_format(object, spec);
	require_members(spec);
}
