/*-------------------------------------------------------------------------
 *
 * cron.h
 *		Cron expressions: reading one, and when it comes next in a time zone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_CRON_H
#define SQL_AGENT_CRON_H

#include "datatype/timestamp.h"
#include "pgtime.h"

#define CRON_WEEKS 5 /* that a month may have, whole or in part */

/* sets of numbers, as bits */
typedef struct CronExpression
{
	uint64 minutes;  /* 0 .. 59 */
	uint64 hours;    /* 0 .. 23 */
	uint64 days;     /* 1 .. 31 */
	uint64 months;   /* 1 .. 12 */
	uint64 weekdays; /* 0 .. 6, 0 = Sunday */
	bool last_day;   /* and the last day of the month */
	/* weekdays that count in the first, second ... seven days of a month, and in its last seven */
	uint64 nth_weekdays[CRON_WEEKS];
	uint64 last_weekdays;
	/* the field starts with a star: both must fit, otherwise one is enough */
	bool open_day;
	bool open_weekday;
	/* comes each hour, so that it follows the clock when that is changed */
	bool hourly;
} CronExpression;

/* raises, with the position, for what is no cron expression, and for one that never comes */
extern void cron_parse(const char *text, CronExpression *cron);

/* raises for an unknown name */
extern pg_tz *cron_timezone(const char *name);

/*
 * The first time after `after`, which must be finite; false where that is
 * beyond what a timestamp can hold.  A local time that the clock skips comes
 * when it has skipped it, one that it shows twice comes the first time.
 */
extern bool cron_next(const CronExpression *cron, TimestampTz after, pg_tz *tz, TimestampTz *next);

/* does it come on that day (a Julian day number)? */
extern bool cron_comes_on(const CronExpression *cron, int julian);
/* the first such day from the one to the other, or -1 */
extern int cron_next_day(const CronExpression *cron, int from, int to);

#endif /* SQL_AGENT_CRON_H */
