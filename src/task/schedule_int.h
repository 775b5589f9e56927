/*-------------------------------------------------------------------------
 *
 * schedule_int.h
 *		What the files of schedules share; for this folder only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SCHEDULE_INT_H
#define SQL_AGENT_SCHEDULE_INT_H

#include "common/owner.h"
#include "datatype/timestamp.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

/* when a schedule is due: by a cron expression, or each interval from a start */
typedef struct ScheduleTimes
{
	const char *cron; /* or NULL */
	Interval every;
	const char *timezone;
	TimestampTz start;
} ScheduleTimes;

/* raises for times that no schedule may have */
extern void schedule_check_times(const ScheduleTimes *times);
/* the first time after that one; false where there is none.  Raises as the above does. */
extern bool schedule_next_time(const ScheduleTimes *times, TimestampTz after, TimestampTz *next);

/* a row of sql_agent.schedule, palloc'ed */
typedef struct Schedule
{
	pg_uuid_t id;
	char *name;
	char *home;
	char *tenant; /* or NULL */
	char *owner_name;
	Oid owner;
	char *kind;
	Jsonb *payload;
	ScheduleTimes times;
	bool skip_missed;
	bool has_next;
	TimestampTz next_run;
	bool has_task;
	pg_uuid_t last_task;
	bool may_use; /* the owner may call the functions for schedules */
} Schedule;

/* columns of a query in this order make a Schedule */
#define SCHEDULE_COLUMNS                                                                   \
	"s.id, s.name, s.home, s.tenant, s.owner_role, s.owner_id, s.kind, s.payload, s.cron," \
	" s.every, s.timezone, s.started_at, s.missed = 'skip' AS skip_missed, s.next_run,"    \
	" s.last_task,"                                                                        \
	" has_function_privilege(s.owner_id, 'sql_agent.schedule_run_now(text, text, text)',"  \
	" 'EXECUTE')"

/* a row of SPI's result, counted from 0, in the current memory context */
extern Schedule *schedule_of_row(uint64 row);

/*
 * Why the owner's tasks may not be enqueued: a sentence, or NULL.  *renamed: the
 * owner's new name, where it has one.
 */
extern char *schedule_trouble(const Schedule *schedule, const char **renamed);

/* in the rights of the extension's owner; one that has not ended yet is not enqueued again */
extern pg_uuid_t schedule_enqueue(const Schedule *schedule);
/* has the last task not ended yet? */
extern bool schedule_is_busy(const Schedule *schedule);

#endif /* SQL_AGENT_SCHEDULE_INT_H */
