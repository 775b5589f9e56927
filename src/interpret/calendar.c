/*-------------------------------------------------------------------------
 *
 * calendar.c
 *		Fiscal years and quarters, and weekdays, in questions: "FY24", "this
 *		fiscal quarter", "on Mondays", "from Monday to Friday".
 *
 * sql_agent.fiscal_year_start says in which month fiscal years begin.  Where
 * that is not January a fiscal year is called after the calendar year in which
 * it ends, and the answer says so.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/settings.h"
#include "interpret/timewords.h"

#define WORKING_DAYS 0x1f
#define WEEKEND      0x60

static const char *const day_words[] = {"monday", "tuesday",  "wednesday", "thursday",
										"friday", "saturday", "sunday"};

int
fiscal_shift(void)
{
	return setting_fiscal_year_start - 1;
}

char *
fiscal_year_explained(void)
{
	static const char *const months[] = {"January",   "February", "March",    "April",
										 "May",       "June",     "July",     "August",
										 "September", "October",  "November", "December"};
	int start = fiscal_shift();

	if (start == 0)
		return pstrdup("Fiscal years are taken as calendar years (sql_agent.fiscal_year_start).");
	return psprintf("Fiscal years run from %s to %s and are called after the year in which they "
					"end (sql_agent.fiscal_year_start).",
					months[start], months[start - 1]);
}

static bool
is_any(const TokenList *list, int at, const char *const *words, int nwords)
{
	for (int i = 0; i < nwords; i++)
	{
		if (time_is_word(list, at, words[i]))
			return true;
	}
	return false;
}

static bool
is_fiscal_word(const TokenList *list, int at)
{
	return time_is_word(list, at, "fiscal") || time_is_word(list, at, "financial");
}

/* 24 is 2024, 99 is 1999 */
static int
full_year(int year)
{
	return year >= 100 ? year : year < 80 ? 2000 + year : 1900 + year;
}

/* digits and nothing else: a year of two or four digits, or 0 */
static int
year_of_digits(const char *digits)
{
	int len = strlen(digits);

	if ((len != 2 && len != 4) || (int) strspn(digits, "0123456789") != len)
		return 0;
	return full_year(atoi(digits));
}

/*
 * "FY24", "FY 2024", "fiscal 2024", "fiscal year 2024", "this fiscal year": the
 * first day of it.
 */
static bool
parse_fiscal_year(const TokenList *list, int at, TimeBound *start, int *ntokens)
{
	static const char *const this_words[] = {"this", "current"};
	static const char *const last_words[] = {"last", "past", "previous", "preceding", "prior"};
	const Token *token = at < list->count ? &list->tokens[at] : NULL;
	int year = 0;
	int n = 1;

	if (!token || token->kind != TOKEN_WORD)
		return false;
	if (is_fiscal_word(list, at + 1) && time_unit_at(list, at + 2) == TIME_UNIT_YEAR)
	{
		bool last = is_any(list, at, last_words, lengthof(last_words));

		if (!last && !is_any(list, at, this_words, lengthof(this_words)))
			return false;
		*start = time_relative(TIME_UNIT_YEAR, last ? -1 : 0, TIME_UNIT_YEAR);
		start->shift = fiscal_shift();
		*ntokens = 3;
		return true;
	}
	if (strncmp(token->folded, "fy", 2) == 0 && token->folded[2] != '\0')
		year = year_of_digits(token->folded + 2);
	else if (is_fiscal_word(list, at) || time_is_word(list, at, "fy"))
	{
		if (time_unit_at(list, at + 1) == TIME_UNIT_YEAR)
			n++;
		if (at + n < list->count && list->tokens[at + n].kind == TOKEN_NUMBER)
			year = year_of_digits(list->tokens[at + n].text);
		n++;
	}
	if (year < 1800 || year > 2199)
		return false;
	*start = fiscal_shift() == 0 ? time_absolute(year, 1, 1)
								 : time_absolute(year - 1, setting_fiscal_year_start, 1);
	*ntokens = n;
	return true;
}

/* the beginning of a month of the fiscal year, counted from 0 */
static TimeBound
month_of_fiscal_year(const TimeBound *start, int month)
{
	TimeBound bound = *start;

	if (!bound.relative)
		return time_absolute(bound.year, bound.month + month, 1);
	bound.offset = bound.offset * 12 + month;
	bound.offset_unit = TIME_UNIT_MONTH;
	return bound;
}

/* "this fiscal quarter": quarters that begin with the fiscal year */
static bool
parse_current_quarter(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	bool last = time_is_word(list, at, "last") || time_is_word(list, at, "previous");

	if ((!last && !time_is_word(list, at, "this") && !time_is_word(list, at, "current")) ||
		!is_fiscal_word(list, at + 1) || time_unit_at(list, at + 2) != TIME_UNIT_QUARTER)
		return false;
	span->from = time_relative(TIME_UNIT_QUARTER, last ? -1 : 0, TIME_UNIT_QUARTER);
	span->to = time_relative(TIME_UNIT_QUARTER, last ? 0 : 1, TIME_UNIT_QUARTER);
	span->from.shift = span->to.shift = fiscal_shift() % 3;
	span->unit = TIME_UNIT_QUARTER;
	*ntokens = 3;
	return true;
}

/* "fiscal year to date", "fiscal YTD", "FYTD" */
static bool
parse_year_to_date(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	if (time_is_word(list, at, "fytd"))
		*ntokens = 1;
	else if (is_fiscal_word(list, at) && time_is_word(list, at + 1, "ytd"))
		*ntokens = 2;
	else if (is_fiscal_word(list, at) && time_is_word(list, at + 1, "year") &&
			 time_is_word(list, at + 2, "to") && time_is_word(list, at + 3, "date"))
		*ntokens = 4;
	else
		return false;
	span->from = time_relative(TIME_UNIT_YEAR, 0, TIME_UNIT_YEAR);
	span->from.shift = fiscal_shift();
	span->to = time_relative(TIME_UNIT_NONE, 1, TIME_UNIT_DAY);
	return true;
}

/* "fiscal Q2 2024", "Q2 FY24", "second quarter of fiscal year 2024" */
static bool
parse_fiscal_quarter(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	int fiscal = is_fiscal_word(list, at) ? 1 : 0;
	int n;
	int quarter = time_quarter_at(list, at + fiscal, &n);
	int year;
	int n_year = 1;
	TimeBound start;

	if (quarter == 0)
		return false;
	n += fiscal;
	if (time_is_word(list, at + n, "of") || time_is_word(list, at + n, "in"))
		n++;
	if (time_is_word(list, at + n, "the"))
		n++;
	year = time_year_at(list, at + n);
	if (fiscal && year)
		start = fiscal_shift() == 0 ? time_absolute(year, 1, 1)
									: time_absolute(year - 1, setting_fiscal_year_start, 1);
	else if (fiscal || !parse_fiscal_year(list, at + n, &start, &n_year))
		return false;
	span->from = month_of_fiscal_year(&start, quarter * 3 - 3);
	span->to = month_of_fiscal_year(&start, quarter * 3);
	span->unit = TIME_UNIT_QUARTER;
	*ntokens = n + n_year;
	return true;
}

bool
time_parse_fiscal(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	span->fiscal = true;
	if (parse_current_quarter(list, at, span, ntokens) ||
		parse_year_to_date(list, at, span, ntokens) ||
		parse_fiscal_quarter(list, at, span, ntokens))
		return true;
	if (parse_fiscal_year(list, at, &span->from, ntokens))
	{
		span->to = month_of_fiscal_year(&span->from, 12);
		if (span->from.relative)
		{
			span->to = span->from;
			span->to.offset++;
		}
		span->unit = TIME_UNIT_YEAR;
		return true;
	}
	span->fiscal = false;
	return false;
}

/* "Monday", "Mondays": 0 .. 6, or -1 */
static int
weekday_at(const TokenList *list, int at)
{
	const Token *token = at < list->count ? &list->tokens[at] : NULL;

	if (!token || token->kind != TOKEN_WORD)
		return -1;
	for (int i = 0; i < lengthof(day_words); i++)
	{
		int len = strlen(day_words[i]);

		if (strncmp(token->folded, day_words[i], len) == 0 &&
			(token->folded[len] == '\0' || strcmp(token->folded + len, "s") == 0))
			return i;
	}
	return -1;
}

/* "Monday to Friday", "Mondays, Tuesdays and Sundays"; 0 where no weekday stands there */
static uint8
weekday_list_at(const TokenList *list, int at, int *ntokens)
{
	static const char *const range_words[] = {"to", "through", "till", "until"};
	int day = weekday_at(list, at);
	uint8 days;
	int n = 1;

	if (day < 0)
		return 0;
	days = 1 << day;
	if (is_any(list, at + 1, range_words, lengthof(range_words)) && weekday_at(list, at + 2) >= 0)
	{
		for (int last = weekday_at(list, at + 2); day != last; day = (day + 1) % 7)
			days |= 1 << ((day + 1) % 7);
		*ntokens = 3;
		return days;
	}
	for (;;)
	{
		int skip = 0;

		if (at + n < list->count && strcmp(list->tokens[at + n].text, ",") == 0)
			skip++;
		if (time_is_word(list, at + n + skip, "and") || time_is_word(list, at + n + skip, "or"))
			skip++;
		if (skip == 0 || weekday_at(list, at + n + skip) < 0)
			break;
		days |= 1 << weekday_at(list, at + n + skip);
		n += skip + 1;
	}
	*ntokens = n;
	return days;
}

bool
time_parse_weekdays(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	static const char *const openers[] = {"on", "at", "over", "during", "from", "for", "in"};
	static const char *const articles[] = {"the", "a", "every"};
	bool opened = is_any(list, at, openers, lengthof(openers));
	int skip = opened ? 1 : 0;
	int n = 1;
	uint8 days;

	if (opened && is_any(list, at + 1, articles, lengthof(articles)))
		skip++;
	if (time_is_word(list, at + skip, "weekend") || time_is_word(list, at + skip, "weekends"))
		days = WEEKEND;
	/* "by weekday" asks for groups */
	else if (opened && (time_is_word(list, at + skip, "weekdays") ||
						time_is_word(list, at + skip, "weekday")))
		days = WORKING_DAYS;
	else
		days = weekday_list_at(list, at + skip, &n);
	if (days == 0)
		return false;
	span->weekdays = days;
	span->skipped = skip;
	*ntokens = skip + n;
	return true;
}
