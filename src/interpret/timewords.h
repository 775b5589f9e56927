/*-------------------------------------------------------------------------
 *
 * timewords.h
 *		Shared by the files that read times out of tokens.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_TIMEWORDS_H
#define SQL_AGENT_TIMEWORDS_H

#include "interpret/times.h"

/* times.c */
extern bool time_is_word(const TokenList *list, int at, const char *word);
extern TimeUnit time_unit_at(const TokenList *list, int at);
extern int time_year_at(const TokenList *list, int at);
extern int time_quarter_at(const TokenList *list, int at, int *ntokens);
extern TimeBound time_absolute(int year, int month, int day);
extern TimeBound time_relative(TimeUnit trunc, int offset, TimeUnit unit);

/* calendar.c: each fills the span and says how many tokens it takes */
extern bool time_parse_fiscal(const TokenList *list, int at, TimeSpan *span, int *ntokens);
extern bool time_parse_weekdays(const TokenList *list, int at, TimeSpan *span, int *ntokens);

#endif /* SQL_AGENT_TIMEWORDS_H */
