/*-------------------------------------------------------------------------
 *
 * schedule_time.c
 *		When a schedule is due next.
 *
 * An interval is counted from the schedule's start, never from the last run: a
 * run that came late does not shift all others, and a schedule each month that
 * began on the 31st is due on the last day of shorter months and on the 31st
 * again.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "task/cron.h"
#include "task/schedule_int.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#define MAX_YEARS 100
/* longer than any month, and by how much a day may be longer than 24 hours all in all */
#define LONGEST_MONTH (31 * USECS_PER_DAY)
#define CLOCK_CHANGES (27 * USECS_PER_HOUR)

static void
check_interval(const Interval *every)
{
	if (every->month < 0 || every->day < 0 || every->time < 0 ||
		(every->month == 0 && every->day == 0 && every->time < USECS_PER_SEC))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the interval of a schedule must be at least one second"),
						errdetail("None of its parts may be negative.")));
	if (every->month > MAX_YEARS * MONTHS_PER_YEAR || every->day > MAX_YEARS * 366 ||
		every->time > MAX_YEARS * 366 * USECS_PER_DAY)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the interval of a schedule must be at most %d years", MAX_YEARS)));
}

void
schedule_check_times(const ScheduleTimes *times)
{
	CronExpression cron;

	(void) cron_timezone(times->timezone);
	if (times->cron != NULL)
		cron_parse(times->cron, &cron);
	else
		check_interval(&times->every);
}

/*
 * start + n * every, months and days by the calendar of the time zone; false
 * where that is no timestamp.
 */
static bool
add_times(TimestampTz start, const Interval *every, int64 n, pg_tz *tz, TimestampTz *result)
{
	struct pg_tm tm;
	fsec_t fsec;
	int offset;
	int64 months;
	int64 days;

	*result = start;
	if (every->month != 0 || every->day != 0)
	{
		if (timestamp2tm(start, &offset, &tm, &fsec, NULL, tz) != 0)
			return false;
		months = (int64) tm.tm_year * MONTHS_PER_YEAR + tm.tm_mon - 1 + every->month * n;
		if (months / MONTHS_PER_YEAR >= JULIAN_MAXYEAR)
			return false;
		tm.tm_year = months / MONTHS_PER_YEAR;
		tm.tm_mon = months % MONTHS_PER_YEAR + 1;
		tm.tm_mday = Min(tm.tm_mday, day_tab[isleap(tm.tm_year)][tm.tm_mon - 1]);
		days = date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) + every->day * n;
		if (days >= TIMESTAMP_END_JULIAN)
			return false;
		j2date(days, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
		offset = DetermineTimeZoneOffset(&tm, tz);
		if (tm2timestamp(&tm, fsec, &offset, result) != 0)
			return false;
	}
	return !pg_add_s64_overflow(*result, every->time * n, result) && IS_VALID_TIMESTAMP(*result);
}

/*
 * As many intervals as fit into the span for certain.
 */
static int64
surely_passed(TimestampTz start, const Interval *every, TimestampTz after)
{
	int64 longest = every->month * LONGEST_MONTH + every->day * USECS_PER_DAY + every->time;
	int64 span = after - start;

	if (every->month != 0 || every->day != 0)
		span -= CLOCK_CHANGES;
	return span > 0 ? span / longest : 0;
}

static bool
next_interval(const ScheduleTimes *times, TimestampTz after, pg_tz *tz, TimestampTz *next)
{
	int64 n = surely_passed(times->start, &times->every, after);

	do
	{
		if (!add_times(times->start, &times->every, ++n, tz, next))
			return false;
	} while (*next <= after);
	return true;
}

bool
schedule_next_time(const ScheduleTimes *times, TimestampTz after, TimestampTz *next)
{
	pg_tz *tz = cron_timezone(times->timezone);
	CronExpression cron;

	if (times->cron == NULL)
	{
		/* what was restored may be anything */
		check_interval(&times->every);
		return next_interval(times, after, tz, next);
	}
	cron_parse(times->cron, &cron);
	return cron_next(&cron, after, tz, next);
}
