/*-------------------------------------------------------------------------
 *
 * options.c
 *		Limits and settings of a tenant: one JSON object, checked when it is
 *		written.
 *
 * Every option is a number with a range, but for the time zone.  An option that
 * is not there is no limit.  Reading trusts nothing all the same: a row may have
 * been restored from a version that knew more, so what is unknown is skipped.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <limits.h>

#include "common/display.h"
#include "common/json.h"
#include "pgtime.h"
#include "tenant/options.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

/* what a JSON number can hold without loss everywhere */
#define MAX_COUNT 9007199254740991.0
/* columns of a bad name or value that are shown */
#define SHOWN 40

typedef struct OptionKind
{
	const char *name;
	const char *meaning;
	double min;
	double max;
	bool whole;
	bool zone; /* no number, the name of a time zone */
} OptionKind;

#define TIMEZONE "timezone"

static const OptionKind kinds[] = {
	{"max_asks", "questions at one time", 1, 10000, true, false},
	{"max_tasks", "tasks waiting or running", 1, 1000000, true, false},
	{"max_rows", "rows of one answer", 1, 1000000, true, false},
	{"max_bytes", "bytes stored", 1, MAX_COUNT, true, false},
	{"tokens_per_day", "tokens of models a day", 1, MAX_COUNT, true, false},
	{"cost_per_day", "US dollars a day", 0.000001, 1e9, false, false},
	{"statement_timeout", "milliseconds of a member's statement", 1, INT_MAX, true, false},
	{TIMEZONE, "time zone of schedules", 0, 0, false, true}};

static const OptionKind *
find_kind(const char *name)
{
	for (int i = 0; i < lengthof(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static char *
valid_names(void)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < lengthof(kinds); i++)
		appendStringInfo(&buf, "%s\"%s\"",
						 i == 0                     ? ""
						 : i == lengthof(kinds) - 1 ? " and "
													: ", ",
						 kinds[i].name);
	return buf.data;
}

static double
number_of(const JsonbValue *value)
{
	/* out of float8's range is out of every option's */
	return DatumGetFloat8(
		DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
}

static bool
is_time_zone(const JsonbValue *value)
{
	pg_tz *zone;

	if (value->type != jbvString)
		return false;
	zone = pg_tzset(json_value_text(value));
	return zone != NULL && pg_tz_acceptable(zone);
}

static bool
option_fits(const OptionKind *kind, const JsonbValue *value)
{
	double number;

	if (kind->zone)
		return is_time_zone(value);
	if (value->type != jbvNumeric)
		return false;
	number = number_of(value);
	return number >= kind->min && number <= kind->max &&
		   (!kind->whole || number == (double) (int64) number);
}

static void
check_option(const char *name, const JsonbValue *value)
{
	const OptionKind *kind = find_kind(name);
	bool cut;

	if (kind == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unrecognized option \"%s\"",
							   display_shorten(display_escape(name), SHOWN, &cut)),
						errhint("Valid options are %s.", valid_names())));
	if (value->type == jbvNull || option_fits(kind, value))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"%s\": %s", name,
					display_shorten(display_escape(json_value_text(value)), SHOWN, &cut)),
			 kind->zone ? errdetail("It is the name of a time zone such as Europe/Berlin, or null.")
			 : kind->whole ? errdetail("It is a whole number (%s) from %.0f to %.0f, or null.",
									   kind->meaning, kind->min, kind->max)
						   : errdetail("It is a number (%s) from %g to %g, or null.", kind->meaning,
									   kind->min, kind->max)));
}

void
tenant_options_check(Jsonb *options)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue value;
	char *name = "";

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("options is not a JSON object")));
	iterator = JsonbIteratorInit(&options->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			name = json_value_text(&value);
		else if (token == WJB_VALUE)
			check_option(name, &value);
	}
}

static double
read_number(Jsonb *options, const char *name)
{
	JsonbValue *value = json_member(&options->root, name);

	return value != NULL && option_fits(find_kind(name), value) ? number_of(value) : 0;
}

void
tenant_options_read(Jsonb *options, TenantOptions *result)
{
	result->max_asks = read_number(options, "max_asks");
	result->max_tasks = read_number(options, "max_tasks");
	result->max_rows = read_number(options, "max_rows");
	result->max_bytes = read_number(options, "max_bytes");
	result->tokens_per_day = read_number(options, "tokens_per_day");
	result->cost_per_day = read_number(options, "cost_per_day");
	result->statement_timeout = read_number(options, "statement_timeout");
}

Jsonb *
tenant_options_merge(Jsonb *old, Jsonb *changes)
{
	JsonBuilder json;

	json_start(&json);
	json_begin_object(&json, NULL);
	for (int i = 0; i < lengthof(kinds); i++)
	{
		const char *name = kinds[i].name;
		bool changed = JB_ROOT_IS_OBJECT(changes) &&
					   getKeyJsonValueFromContainer(&changes->root, name, strlen(name), NULL);
		JsonbValue *value = json_member(changed ? &changes->root : &old->root, name);

		if (value != NULL)
			json_jsonb(&json, name, JsonbValueToJsonb(value));
	}
	json_end_object(&json);
	return json_finish(&json);
}

char *
tenant_options_timezone(Jsonb *options)
{
	JsonbValue *value = json_member(&options->root, TIMEZONE);

	return value != NULL && is_time_zone(value) ? json_value_text(value) : NULL;
}
