/*-------------------------------------------------------------------------
 *
 * times.h
 *		Times in questions: "in March 2024", "last 30 days", "since 2023".
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_TIMES_H
#define SQL_AGENT_TIMES_H

#include "interpret/lexicon.h"
#include "interpret/tokens.h"

/*
 * One end of a span.  Absolute: a day.  Relative: today, cut down to the
 * beginning of a unit where trunc is set, then moved by offset units.
 */
typedef struct TimeBound
{
	bool set;
	bool relative;
	int year;
	int month;
	int day;
	TimeUnit trunc;
	TimeUnit offset_unit;
	int offset;
	int shift; /* relative: months by which years and quarters begin later than the calendar's */
} TimeBound;

/*
 * From one bound to another, or the days of some weekdays at all times.
 */
typedef struct TimeSpan
{
	TimeBound from;         /* included */
	TimeBound to;           /* excluded */
	uint8 weekdays;         /* bit 0 = Monday; 0 = a span of time */
	bool fiscal;            /* as sql_agent.fiscal_year_start has it */
	int skipped;            /* tokens before it that belong to it: "in" */
	TimeUnit age;           /* "older than 5 years": the unit, and count has the 5 */
	TimeUnit unit;          /* one period of this length, or NONE */
	int count;              /* so many of them */
	struct TimeSpan *first; /* "from A to B": both ends as periods, or NULL */
	struct TimeSpan *last;
	bool bare_years; /* nothing but numbers that look like years */
	bool month_without_year;
	char *label; /* as the question says it */
} TimeSpan;

/* words that times are told with, for the correction of slips */
extern const char *const time_words[];
extern const int time_word_count;

/* the time that begins at the token, or NULL; *ntokens is how many it takes */
extern TimeSpan *time_parse(const TokenList *list, int at, int *ntokens);

/* the period of the same length right before; false where there is none */
extern bool time_span_before(const TimeSpan *span, TimeSpan *before);

/* does the first begin before the second?  Counted from today where relative. */
extern bool time_span_earlier(const TimeSpan *first, const TimeSpan *second);

/* the months by which fiscal years begin later than calendar years */
extern int fiscal_shift(void);

/* a sentence on what a fiscal year is */
extern char *fiscal_year_explained(void);

/* the bound as an SQL expression of type date or timestamp */
extern char *time_bound_sql(const TimeBound *bound);

/* do both ends fall on the first of January, so that a column of years can be compared? */
extern bool time_span_whole_years(const TimeSpan *span, int *first, int *past_last);

#endif /* SQL_AGENT_TIMES_H */
