/*-------------------------------------------------------------------------
 *
 * schedule.h
 *		Tasks at times: what workers do for schedules, and how capabilities make
 *		some of their own.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SCHEDULE_H
#define SQL_AGENT_SCHEDULE_H

#include "datatype/timestamp.h"
#include "utils/jsonb.h"

/*
 * For workers, in a transaction (READ COMMITTED) that the caller began and
 * ends; the caller's effective role stays.
 */
/* enqueues what is due, and returns how many tasks; not more than once a second */
extern int schedule_tick(void);
/* when the next schedule of this database is due, 0 = none waits for its time */
extern TimestampTz schedule_next_due(void);

typedef struct ScheduleRequest
{
	const char *name;
	const char *kind;
	Jsonb *payload;       /* NULL = {} */
	const char *cron;     /* one of the two */
	Interval *every;      /* the first time is one of it from now */
	const char *timezone; /* NULL = the tenant's, otherwise the session's */
	bool skip_missed;     /* do not make up for one that was missed */
	Oid owner;            /* InvalidOid = the effective role */
	const char *tenant;   /* NULL = the owner's */
} ScheduleRequest;

/*
 * Makes a schedule; the caller has checked that it may.  false: there is one of
 * that name already, of the tenant or of the owner without one; it stays.
 */
extern bool schedule_add(const ScheduleRequest *request);

#endif /* SQL_AGENT_SCHEDULE_H */
