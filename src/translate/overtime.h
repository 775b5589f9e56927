/*-------------------------------------------------------------------------
 *
 * overtime.h
 *		One number over time: periods beside each other, the change from one to
 *		the next, running totals and moving averages.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_OVERTIME_H
#define SQL_AGENT_OVERTIME_H

#include "translate/query.h"

#define MAX_PERIODS 4

typedef enum OverTimeKind
{
	OVER_PERIODS, /* a column for each of some periods */
	OVER_CHANGE,  /* from one bucket of time to the next */
	OVER_RUNNING, /* total so far */
	OVER_MOVING   /* average of some buckets */
} OverTimeKind;

/* a query of groups with one number, and what stands around it */
typedef struct OverTimeQuery
{
	OverTimeKind kind;
	AskQuery *base;
	Output *measure;
	Output *bucket; /* not of OVER_PERIODS */
	TimeUnit step;  /* OVER_CHANGE: how long before is what is compared with */
	int width;      /* OVER_MOVING: so many buckets */
	int nperiods;
	const TimeSpan *periods[MAX_PERIODS]; /* the earliest first */
	Output *sides[MAX_PERIODS];           /* the number in each */
	Filter *times;                        /* rows of any of them */
} OverTimeQuery;

/* overtime_sql.c: SQL, explanation, and the shape of the result */
extern void present_over_time(Translation *translation, OverTimeQuery *over);

#endif /* SQL_AGENT_OVERTIME_H */
