/*-------------------------------------------------------------------------
 *
 * cron_next.c
 *		When a cron expression comes next, in a time zone; SQL function
 *		cron_next.
 *
 * The clock of a zone is a row of stretches with one offset each.  In each of
 * them local time and real time run side by side, so the search is one over
 * local minutes, stretch by stretch.  Between two of them the clock skips local
 * times or shows some again.  What is due at a skipped time comes when the clock
 * has skipped it, and what is due at one that it shows twice comes the first
 * time: once a day stays once a day.  What comes each hour follows the clock
 * instead: a run each five minutes must not pause for an hour in autumn.
 *
 * PostgreSQL's own table of zones is used throughout.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/display.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "task/cron.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(sql_agent_cron_next);

#define MAX_COUNT 10000

#define DAYS_PER_WEEK 7
#define DAY_MINUTES   (HOURS_PER_DAY * MINS_PER_HOUR)
/* dates and weekdays come back after 400 years, the clock's changes may add a day */
#define HORIZON ((int64) 401 * 366 * SECS_PER_DAY)
/* the clock was never put back by more */
#define MAX_REPEATED (25 * SECS_PER_HOUR)

#define EPOCH_SECONDS ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)
/* the calendar functions reach a little further back */
#define FIRST_AFTER ((int64) (date2j(1, 1, 1) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY)

#define SHOWN 60

static int64
floor_div(int64 value, int64 by)
{
	return value / by - (value % by < 0 ? 1 : 0);
}

static bool
holds(uint64 set, int number)
{
	return (set >> number & 1) != 0;
}

/* the smallest member that is not below `from`, -1 where there is none */
static int
next_member(uint64 set, int from)
{
	set = set >> from << from;
	return set == 0 ? -1 : pg_rightmost_one_pos64(set);
}

static bool
day_fits(const CronExpression *cron, int day, int days_of_month, int weekday)
{
	bool by_day = holds(cron->days, day) || (cron->last_day && day == days_of_month);
	bool by_weekday = holds(cron->weekdays, weekday) ||
					  holds(cron->nth_weekdays[(day - 1) / DAYS_PER_WEEK], weekday) ||
					  (day > days_of_month - DAYS_PER_WEEK && holds(cron->last_weekdays, weekday));

	/* the rule of Vixie cron */
	if (cron->open_day || cron->open_weekday)
		return by_day && by_weekday;
	return by_day || by_weekday;
}

int
cron_next_day(const CronExpression *cron, int from, int to)
{
	int julian = from;

	while (julian <= to)
	{
		int year;
		int month;
		int first_day;
		int days_of_month;

		j2date(julian, &year, &month, &first_day);
		days_of_month = day_tab[isleap(year)][month - 1];
		for (int day = first_day; day <= days_of_month && holds(cron->months, month); day++)
		{
			int candidate = julian + day - first_day;

			if (day_fits(cron, day, days_of_month, j2day(candidate)))
				return candidate <= to ? candidate : -1;
		}
		julian += days_of_month - first_day + 1;
	}
	return -1;
}

/* the first minute of a day, counted from midnight, from that one on; -1 = none */
static int
next_minute(const CronExpression *cron, int from)
{
	int hour = from / MINS_PER_HOUR;
	int minute;

	if (holds(cron->hours, hour))
	{
		minute = next_member(cron->minutes, from % MINS_PER_HOUR);
		if (minute >= 0)
			return hour * MINS_PER_HOUR + minute;
	}
	hour = next_member(cron->hours, hour + 1);
	return hour < 0 ? -1 : hour * MINS_PER_HOUR + next_member(cron->minutes, 0);
}

/*
 * The first local time in a stretch, in seconds since 1970 on the local clock;
 * `to` is not in it.
 */
static bool
next_local(const CronExpression *cron, int64 from, int64 to, int64 *local)
{
	int64 first = floor_div(from + SECS_PER_MINUTE - 1, SECS_PER_MINUTE);
	int64 day = floor_div(first, DAY_MINUTES);
	int64 last_day = floor_div(to - 1, SECS_PER_DAY);
	int minute = next_minute(cron, first - day * DAY_MINUTES);
	int julian;

	if (from >= to)
		return false;
	/* not today, or too late today */
	if (minute < 0 || cron_next_day(cron, day + UNIX_EPOCH_JDATE, day + UNIX_EPOCH_JDATE) < 0)
	{
		julian = cron_next_day(cron, day + 1 + UNIX_EPOCH_JDATE, last_day + UNIX_EPOCH_JDATE);
		if (julian < 0)
			return false;
		day = julian - UNIX_EPOCH_JDATE;
		minute = next_minute(cron, 0);
	}
	*local = (day * DAY_MINUTES + minute) * SECS_PER_MINUTE;
	return *local < to;
}

/*
 * In seconds since 1970; `now` itself is not meant, nor is what is beyond the
 * horizon.
 */
static bool
next_time(const CronExpression *cron, pg_time_t now, pg_time_t horizon, pg_tz *tz, pg_time_t *next)
{
	/* local times before it were shown already; so look back */
	int64 shown_until = PG_INT64_MIN;
	pg_time_t start = now - MAX_REPEATED;

	for (;;)
	{
		pg_time_t end;
		long offset;
		long next_offset;
		int dst;
		int64 local;
		int64 from;
		int found = pg_next_dst_boundary(&start, &offset, &dst, &end, &next_offset, &dst, tz);

		if (found < 0)
			elog(ERROR, "could not read the changes of time zone \"%s\"", pg_get_timezone_name(tz));
		if (found == 0 || end > horizon)
			end = horizon;
		from = Max(start, now + 1) + offset;
		if (!cron->hourly)
			from = Max(from, shown_until);
		if (next_local(cron, from, end + offset, &local))
		{
			*next = local - offset;
			return true;
		}
		if (end == horizon)
			return false;
		shown_until = Max(shown_until, end + offset);
		if (!cron->hourly && end > now && next_local(cron, shown_until, end + next_offset, &local))
		{
			*next = end;
			return true;
		}
		start = end;
	}
}

bool
cron_next(const CronExpression *cron, TimestampTz after, pg_tz *tz, TimestampTz *next)
{
	pg_time_t now = floor_div(after, USECS_PER_SEC) + EPOCH_SECONDS;
	pg_time_t horizon = Min(now + HORIZON, floor_div(END_TIMESTAMP, USECS_PER_SEC) + EPOCH_SECONDS);
	pg_time_t found;

	Assert(!TIMESTAMP_NOT_FINITE(after));
	if (!next_time(cron, now, horizon, tz, &found))
		return false;
	*next = (found - EPOCH_SECONDS) * USECS_PER_SEC;
	return true;
}

pg_tz *
cron_timezone(const char *name)
{
	pg_tz *tz = pg_tzset(name);
	bool cut;

	if (tz == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized",
						display_shorten(display_escape(name), SHOWN, &cut)),
				 errhint("Use a name such as Europe/Berlin; view pg_timezone_names lists them.")));
	if (!pg_tz_acceptable(tz))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" appears to use leap seconds", pg_get_timezone_name(tz)),
				 errdetail("PostgreSQL does not support leap seconds.")));
	return tz;
}

Datum
sql_agent_cron_next(PG_FUNCTION_ARGS)
{
	CronExpression cron;
	TimestampTz after = PG_GETARG_TIMESTAMPTZ(1);
	pg_tz *tz = cron_timezone(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	int count = PG_GETARG_INT32(3);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	cron_parse(text_to_cstring(PG_GETARG_TEXT_PP(0)), &cron);
	if (TIMESTAMP_NOT_FINITE(after) || after < FIRST_AFTER)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("\"after\" must be a finite time of our era")));
	if (count < 1 || count > MAX_COUNT)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("count must be between 1 and %d", MAX_COUNT)));
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < count && cron_next(&cron, after, tz, &after); i++)
	{
		Datum value = TimestampTzGetDatum(after);
		bool isnull = false;

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value, &isnull);
	}
	return (Datum) 0;
}
