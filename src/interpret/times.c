/*-------------------------------------------------------------------------
 *
 * times.c
 *		Times in questions: "in March 2024", "last 30 days", "since 2023".
 *
 * Relative times stay relative in the SQL (CURRENT_DATE), so that a view made
 * of "sales of last month" means last month whenever it is read.  With
 * sql_agent.as_of they are counted from that day and become literals.
 *
 * "last month" is the calendar month before this one; "the last 3 months" are
 * the three months up to and including today.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/settings.h"
#include "interpret/times.h"
#include "utils/date.h"
#include "utils/datetime.h"

static const char *const month_words[] = {"january",   "february", "march",    "april",
										  "may",       "june",     "july",     "august",
										  "september", "october",  "november", "december"};

/* of those that this file looks for, the ones that are long enough to be misspelt */
const char *const time_words[] = {
	"january", "february", "march",     "april",     "june",   "july",    "august",
	"october", "november", "september", "december",  "last",   "past",    "previous",
	"current", "since",    "preceding", "yesterday", "prior",  "today",   "this",
	"after",   "before",   "between",   "until",     "till",   "through", "during",
	"within",  "first",    "second",    "third",     "fourth", "from"};
const int time_word_count = lengthof(time_words);

static const char *const ordinal_words[] = {"first", "second", "third", "fourth"};

static const Token *
token_at(const TokenList *list, int at)
{
	return at >= 0 && at < list->count ? &list->tokens[at] : NULL;
}

static bool
is_word(const TokenList *list, int at, const char *word)
{
	const Token *token = token_at(list, at);

	return token && token->kind == TOKEN_WORD && strcmp(token->folded, word) == 0;
}

static bool
is_one_of(const TokenList *list, int at, const char *const *words, int nwords)
{
	for (int i = 0; i < nwords; i++)
	{
		if (is_word(list, at, words[i]))
			return true;
	}
	return false;
}

static TimeUnit
unit_at(const TokenList *list, int at)
{
	const Token *token = token_at(list, at);

	if (!token || token->kind != TOKEN_WORD)
		return TIME_UNIT_NONE;
	for (TimeUnit unit = TIME_UNIT_DAY; unit <= TIME_UNIT_YEAR; unit++)
	{
		if (strcmp(token->stem, time_unit_name(unit)) == 0)
			return unit;
	}
	return TIME_UNIT_NONE;
}

/* 1 .. 12, or 0; "may" and "march" count only with a capital or before a year */
static int
month_at(const TokenList *list, int at)
{
	const Token *token = token_at(list, at);
	int len;

	if (!token || token->kind != TOKEN_WORD)
		return 0;
	len = strlen(token->folded);
	for (int i = 0; i < 12; i++)
	{
		if (strcmp(token->folded, month_words[i]) == 0 ||
			((len == 3 || (len == 4 && i == 8)) &&
			 strncmp(token->folded, month_words[i], len) == 0))
		{
			const Token *next = token_at(list, at + 1);
			bool before_number = next && next->kind == TOKEN_NUMBER;
			bool doubtful = i == 4 || i == 2 || len == 3;

			if (doubtful && !(token->text[0] >= 'A' && token->text[0] <= 'Z') && !before_number &&
				!is_word(list, at - 1, "in"))
				return 0;
			return i + 1;
		}
	}
	return 0;
}

/* a number written with four digits that can be a year, or 0 */
static int
year_at(const TokenList *list, int at)
{
	const Token *token = token_at(list, at);

	if (!token || token->kind != TOKEN_NUMBER || token->percent || strlen(token->text) != 4 ||
		strspn(token->text, "0123456789") != 4 || token->number < 1800 || token->number > 2199)
		return 0;
	return (int) token->number;
}

/* 1 .. 4 for "Q3", "third quarter", and how many tokens; or 0 */
static int
quarter_at(const TokenList *list, int at, int *ntokens)
{
	const Token *token = token_at(list, at);

	*ntokens = 0;
	if (!token || token->kind != TOKEN_WORD)
		return 0;
	if (strlen(token->folded) == 2 && token->folded[0] == 'q' && token->folded[1] >= '1' &&
		token->folded[1] <= '4')
	{
		*ntokens = 1;
		return token->folded[1] - '0';
	}
	for (int i = 0; i < 4; i++)
	{
		if (is_word(list, at, ordinal_words[i]) && unit_at(list, at + 1) == TIME_UNIT_QUARTER)
		{
			*ntokens = 2;
			return i + 1;
		}
	}
	if (is_word(list, at, "last") && is_word(list, at + 1, "quarter") &&
		is_word(list, at + 2, "of") && year_at(list, at + 3))
	{
		*ntokens = 2;
		return 4;
	}
	return 0;
}

static TimeBound
absolute_bound(int year, int month, int day)
{
	TimeBound bound = {.set = true, .year = year, .month = month, .day = day};

	/* normalise months past December */
	while (bound.month > 12)
	{
		bound.month -= 12;
		bound.year++;
	}
	return bound;
}

static TimeBound
relative_bound(TimeUnit trunc, int offset, TimeUnit unit)
{
	TimeBound bound = {
		.set = true, .relative = true, .trunc = trunc, .offset = offset, .offset_unit = unit};

	return bound;
}

static TimeBound
day_after(int year, int month, int day)
{
	j2date(date2j(year, month, day) + 1, &year, &month, &day);
	return absolute_bound(year, month, day);
}

/* today's date, or that of sql_agent.as_of */
static void
current_day(int *year, int *month, int *day)
{
	if (setting_as_of && *setting_as_of &&
		sscanf(setting_as_of, "%4d-%2d-%2d", year, month, day) == 3)
		return;
	j2date(GetSQLCurrentDate() + POSTGRES_EPOCH_JDATE, year, month, day);
}

/* a month or quarter named without a year: the latest that has begun */
static int
latest_year_of(int month)
{
	int year;
	int this_month;
	int day;

	current_day(&year, &this_month, &day);
	return month <= this_month ? year : year - 1;
}

/* a year behind a month or quarter: "2024", "of 2024", "in 2024", ", 2024" */
static int
trailing_year(const TokenList *list, int at, int *ntokens)
{
	static const char *const links[] = {"of", "in"};
	const Token *token = token_at(list, at);
	int skip = 0;

	if (is_one_of(list, at, links, lengthof(links)) ||
		(token && token->kind == TOKEN_SIGN && strcmp(token->text, ",") == 0))
		skip = 1;
	if (is_word(list, at + skip, "the"))
		skip++;
	if (is_word(list, at + skip, "year"))
		skip++;
	if (!year_at(list, at + skip))
	{
		*ntokens = 0;
		return 0;
	}
	*ntokens = skip + 1;
	return year_at(list, at + skip);
}

static bool
parse_month(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	int month = month_at(list, at);
	const Token *next = token_at(list, at + 1);
	int day = 0;
	int n = 1;
	int extra;
	int year;

	if (month == 0)
		return false;
	if (next && next->kind == TOKEN_NUMBER && next->number >= 1 && next->number <= 31 &&
		strlen(next->text) <= 2)
	{
		day = (int) next->number;
		n++;
	}
	year = trailing_year(list, at + n, &extra);
	n += extra;
	span->month_without_year = year == 0;
	if (year == 0)
		year = latest_year_of(month);
	if (day > 0)
	{
		span->from = absolute_bound(year, month, day);
		span->to = day_after(year, month, day);
	}
	else
	{
		span->from = absolute_bound(year, month, 1);
		span->to = absolute_bound(year, month + 1, 1);
	}
	*ntokens = n;
	return true;
}

static bool
parse_quarter(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	int n;
	int extra;
	int quarter = quarter_at(list, at, &n);
	int year;

	if (quarter == 0)
		return false;
	year = trailing_year(list, at + n, &extra);
	span->month_without_year = year == 0;
	if (year == 0)
		year = latest_year_of(quarter * 3 - 2);
	span->from = absolute_bound(year, quarter * 3 - 2, 1);
	span->to = absolute_bound(year, quarter * 3 + 1, 1);
	*ntokens = n + extra;
	return true;
}

/*
 * "today", "this month", "last year", "previous quarter", "last 30 days".
 */
static bool
parse_relative(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	static const char *const last_words[] = {"last", "past", "previous", "preceding", "prior"};
	static const char *const this_words[] = {"this", "current"};
	const Token *next = token_at(list, at + 1);
	TimeUnit unit;

	*ntokens = 1;
	if (is_word(list, at, "today"))
	{
		span->from = relative_bound(TIME_UNIT_NONE, 0, TIME_UNIT_DAY);
		span->to = relative_bound(TIME_UNIT_NONE, 1, TIME_UNIT_DAY);
		return true;
	}
	if (is_word(list, at, "yesterday"))
	{
		span->from = relative_bound(TIME_UNIT_NONE, -1, TIME_UNIT_DAY);
		span->to = relative_bound(TIME_UNIT_NONE, 0, TIME_UNIT_DAY);
		return true;
	}
	if (is_word(list, at, "ytd") ||
		(is_word(list, at, "year") && is_word(list, at + 1, "to") && is_word(list, at + 2, "date")))
	{
		*ntokens = is_word(list, at, "ytd") ? 1 : 3;
		span->from = relative_bound(TIME_UNIT_YEAR, 0, TIME_UNIT_YEAR);
		span->to = relative_bound(TIME_UNIT_NONE, 1, TIME_UNIT_DAY);
		return true;
	}
	unit = unit_at(list, at + 1);
	if (unit != TIME_UNIT_NONE && is_one_of(list, at, this_words, lengthof(this_words)))
	{
		*ntokens = 2;
		span->from = relative_bound(unit, 0, unit);
		span->to = relative_bound(unit, 1, unit);
		return true;
	}
	if (!is_one_of(list, at, last_words, lengthof(last_words)))
		return false;
	if (unit != TIME_UNIT_NONE)
	{
		*ntokens = 2;
		if (unit == TIME_UNIT_DAY)
		{
			span->from = relative_bound(TIME_UNIT_NONE, -1, unit);
			span->to = relative_bound(TIME_UNIT_NONE, 0, unit);
			return true;
		}
		span->from = relative_bound(unit, -1, unit);
		span->to = relative_bound(unit, 0, unit);
		return true;
	}
	unit = unit_at(list, at + 2);
	if (next && next->kind == TOKEN_NUMBER && unit != TIME_UNIT_NONE && next->number >= 1 &&
		next->number <= 100000)
	{
		*ntokens = 3;
		span->from = relative_bound(TIME_UNIT_NONE, -(int) next->number, unit);
		span->to = relative_bound(TIME_UNIT_NONE, 1, TIME_UNIT_DAY);
		return true;
	}
	return false;
}

/*
 * One period: a day, month, quarter or year, absolute or relative.
 */
static bool
parse_period(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	const Token *token = token_at(list, at);
	int skip = 0;
	int year;

	memset(span, 0, sizeof(TimeSpan));
	if (is_word(list, at, "the"))
		skip = 1;
	if (parse_quarter(list, at + skip, span, ntokens) ||
		parse_relative(list, at + skip, span, ntokens))
	{
		*ntokens += skip;
		return true;
	}
	if (unit_at(list, at + skip) == TIME_UNIT_YEAR && year_at(list, at + skip + 1))
		skip++;
	else if (is_word(list, at + skip, "month") && is_word(list, at + skip + 1, "of"))
		skip += 2;
	if (parse_month(list, at + skip, span, ntokens))
	{
		*ntokens += skip;
		return true;
	}
	if ((year = year_at(list, at + skip)) != 0)
	{
		span->from = absolute_bound(year, 1, 1);
		span->to = absolute_bound(year + 1, 1, 1);
		span->bare_years = skip == 0;
		*ntokens = skip + 1;
		return true;
	}
	if (token && token->kind == TOKEN_DATE)
	{
		span->from = absolute_bound(token->year, token->month, token->day);
		span->to = day_after(token->year, token->month, token->day);
		*ntokens = 1;
		return true;
	}
	return false;
}

/* "between A and B", "from A to B" */
static bool
parse_range(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	static const char *const links[] = {"and", "to", "until", "till", "through"};
	TimeSpan first;
	TimeSpan second;
	int n1;
	int n2;
	int link;

	if (!is_word(list, at, "between") && !is_word(list, at, "from"))
		return false;
	if (!parse_period(list, at + 1, &first, &n1))
		return false;
	link = at + 1 + n1;
	if (!is_one_of(list, link, links, lengthof(links)) ||
		!parse_period(list, link + 1, &second, &n2))
		return false;
	/* "between March and May 2024": the year belongs to both */
	if (first.month_without_year && !second.month_without_year && !first.from.relative &&
		!second.from.relative)
	{
		first.from.year = second.from.year;
		if (first.from.month > second.from.month)
			first.from.year--;
	}
	span->from = first.from;
	span->to = second.to;
	span->bare_years = first.bare_years && second.bare_years;
	*ntokens = 2 + n1 + n2;
	return true;
}

/* "since A", "after A", "before A", "until A" */
static bool
parse_open(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	static const char *const openers[] = {"since", "after", "before", "until", "till"};
	TimeSpan period;
	int n;

	if (!is_one_of(list, at, openers, lengthof(openers)) ||
		!parse_period(list, at + 1, &period, &n))
		return false;
	if (is_word(list, at, "since"))
		span->from = period.from;
	else if (is_word(list, at, "after"))
		span->from = period.to;
	else if (is_word(list, at, "before"))
		span->to = period.from;
	else
		span->to = period.to;
	*ntokens = n + 1;
	return true;
}

TimeSpan *
time_parse(const TokenList *list, int at, int *ntokens)
{
	static const char *const prepositions[] = {"in", "during", "for", "of", "on", "from", "within"};
	TimeSpan span;
	TimeSpan *result;
	int skip = 0;
	int start;
	int end;

	memset(&span, 0, sizeof(span));
	if (!parse_range(list, at, &span, ntokens) && !parse_open(list, at, &span, ntokens))
	{
		if (is_one_of(list, at, prepositions, lengthof(prepositions)))
			skip = 1;
		if (!parse_period(list, at + skip, &span, ntokens))
			return NULL;
	}
	*ntokens += skip;
	result = palloc(sizeof(TimeSpan));
	*result = span;
	start = list->tokens[at + skip].start;
	end = list->tokens[at + *ntokens - 1].end;
	result->label = pnstrdup(list->question + start, end - start);
	return result;
}

/* the day that a relative bound means, counted from sql_agent.as_of */
static TimeBound
resolve_bound(const TimeBound *bound)
{
	int year;
	int month;
	int day;
	int julian;

	current_day(&year, &month, &day);
	if (bound->trunc == TIME_UNIT_WEEK)
	{
		julian = date2j(year, month, day);
		/* Julian day 0 was a Monday */
		j2date(julian - julian % 7, &year, &month, &day);
	}
	if (bound->trunc >= TIME_UNIT_MONTH)
		day = 1;
	if (bound->trunc == TIME_UNIT_QUARTER)
		month = (month - 1) / 3 * 3 + 1;
	if (bound->trunc == TIME_UNIT_YEAR)
		month = 1;
	switch (bound->offset_unit)
	{
		case TIME_UNIT_WEEK:
		case TIME_UNIT_DAY:
			julian = date2j(year, month, day) +
					 bound->offset * (bound->offset_unit == TIME_UNIT_WEEK ? 7 : 1);
			j2date(julian, &year, &month, &day);
			break;
		default:
		{
			int months = bound->offset * (bound->offset_unit == TIME_UNIT_YEAR      ? 12
										  : bound->offset_unit == TIME_UNIT_QUARTER ? 3
																					: 1);
			int total = year * 12 + month - 1 + months;

			year = total / 12;
			month = total % 12 + 1;
			day = Min(day, day_tab[isleap(year)][month - 1]);
		}
	}
	return absolute_bound(year, month, day);
}

char *
time_bound_sql(const TimeBound *bound)
{
	TimeBound resolved = *bound;
	char *base;
	int offset = bound->offset;
	const char *unit = time_unit_name(bound->offset_unit);

	if (bound->relative && setting_as_of && *setting_as_of)
		resolved = resolve_bound(bound);
	if (!resolved.relative)
		return psprintf("DATE '%04d-%02d-%02d'", resolved.year, resolved.month, resolved.day);

	base = bound->trunc == TIME_UNIT_NONE
			   ? pstrdup("CURRENT_DATE")
			   : psprintf("date_trunc('%s', CURRENT_DATE)", time_unit_name(bound->trunc));
	if (offset == 0)
		return base;
	if (bound->offset_unit == TIME_UNIT_DAY && bound->trunc == TIME_UNIT_NONE)
		return psprintf("%s %c %d", base, offset < 0 ? '-' : '+', abs(offset));
	/* intervals know no quarters */
	if (bound->offset_unit == TIME_UNIT_QUARTER)
	{
		offset *= 3;
		unit = "month";
	}
	return psprintf("%s %c INTERVAL '%d %s%s'", base, offset < 0 ? '-' : '+', abs(offset), unit,
					abs(offset) == 1 ? "" : "s");
}

bool
time_span_whole_years(const TimeSpan *span, int *first, int *past_last)
{
	TimeBound from = span->from;
	TimeBound to = span->to;

	if (from.set && from.relative)
		from = resolve_bound(&from);
	if (to.set && to.relative)
		to = resolve_bound(&to);
	if ((from.set && (from.month != 1 || from.day != 1)) ||
		(to.set && (to.month != 1 || to.day != 1)))
		return false;
	*first = from.set ? from.year : 0;
	*past_last = to.set ? to.year : 0;
	return from.set || to.set;
}
