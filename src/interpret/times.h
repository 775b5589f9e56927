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
} TimeBound;

typedef struct TimeSpan
{
	TimeBound from;  /* included */
	TimeBound to;    /* excluded */
	bool bare_years; /* nothing but numbers that look like years */
	bool month_without_year;
	char *label; /* as the question says it */
} TimeSpan;

/* words that times are told with, for the correction of slips */
extern const char *const time_words[];
extern const int time_word_count;

/* the time that begins at the token, or NULL; *ntokens is how many it takes */
extern TimeSpan *time_parse(const TokenList *list, int at, int *ntokens);

/* the bound as an SQL expression of type date or timestamp */
extern char *time_bound_sql(const TimeBound *bound);

/* do both ends fall on the first of January, so that a column of years can be compared? */
extern bool time_span_whole_years(const TimeSpan *span, int *first, int *past_last);

#endif /* SQL_AGENT_TIMES_H */
