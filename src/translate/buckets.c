/*-------------------------------------------------------------------------
 *
 * buckets.c
 *		Groups of times as SQL: months, fiscal years, weekdays, hours of the day.
 *
 * A bucket is shown by the day on which it begins; a fiscal year by its number,
 * a weekday and a month of the year by their English names, which are put in
 * the order of the week and the year.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "lib/stringinfo.h"
#include "translate/query.h"

#define MONDAY_TO_SUNDAY 7

/* the beginning of a unit that begins some months later than the calendar's */
static char *
shifted_trunc(const char *column, const char *unit, int months)
{
	const char *plural = months == 1 ? "" : "s";

	if (months == 0)
		return psprintf("date_trunc('%s', %s)::date", unit, column);
	return psprintf("(date_trunc('%s', %s - INTERVAL '%d month%s') + INTERVAL '%d month%s')::date",
					unit, column, months, plural, months, plural);
}

/* the year in which the fiscal year ends */
static char *
fiscal_year_sql(const char *column)
{
	int ahead = fiscal_shift() == 0 ? 0 : 12 - fiscal_shift();

	if (ahead == 0)
		return psprintf("extract(year FROM %s)::int", column);
	return psprintf("extract(year FROM %s + INTERVAL '%d month%s')::int", column, ahead,
					ahead == 1 ? "" : "s");
}

char *
bucket_sql(const char *column, TimeUnit unit)
{
	switch (unit)
	{
		case TIME_UNIT_HOUR:
			return psprintf("date_trunc('hour', %s)", column);
		case TIME_UNIT_FISCAL_QUARTER:
			return shifted_trunc(column, "quarter", fiscal_shift() % 3);
		case TIME_UNIT_FISCAL_YEAR:
			return fiscal_year_sql(column);
		case TIME_UNIT_WEEKDAY:
			return psprintf("to_char(%s, 'FMDay')", column);
		case TIME_UNIT_MONTH_OF_YEAR:
			return psprintf("to_char(%s, 'FMMonth')", column);
		case TIME_UNIT_HOUR_OF_DAY:
			return psprintf("extract(hour FROM %s)::int", column);
		default:
			return shifted_trunc(column, time_unit_name(unit), 0);
	}
}

/* what the bucket is ordered by where that is not itself, or NULL */
char *
bucket_order_sql(const char *column, TimeUnit unit)
{
	if (unit == TIME_UNIT_WEEKDAY)
		return psprintf("extract(isodow FROM %s)", column);
	if (unit == TIME_UNIT_MONTH_OF_YEAR)
		return psprintf("extract(month FROM %s)", column);
	return NULL;
}

char *
weekdays_sql(const char *column, int weekdays)
{
	StringInfoData out;
	int n = 0;

	initStringInfo(&out);
	for (int day = 0; day < MONDAY_TO_SUNDAY; day++)
	{
		if (weekdays & (1 << day))
			appendStringInfo(&out, "%s%d", n++ > 0 ? ", " : "", day + 1);
	}
	return psprintf(n == 1 ? "extract(isodow FROM %s) = %s" : "extract(isodow FROM %s) IN (%s)",
					column, out.data);
}
