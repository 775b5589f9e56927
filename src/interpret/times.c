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
#include "interpret/timewords.h"
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

bool
time_is_word(const TokenList *list, int at, const char *word)
{
	const Token *token = token_at(list, at);

	return token && token->kind == TOKEN_WORD && strcmp(token->folded, word) == 0;
}

static bool
is_one_of(const TokenList *list, int at, const char *const *words, int nwords)
{
	for (int i = 0; i < nwords; i++)
	{
		if (time_is_word(list, at, words[i]))
			return true;
	}
	return false;
}

TimeUnit
time_unit_at(const TokenList *list, int at)
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
				!time_is_word(list, at - 1, "in"))
				return 0;
			return i + 1;
		}
	}
	return 0;
}

/* a number written with four digits that can be a year, or 0 */
int
time_year_at(const TokenList *list, int at)
{
	const Token *token = token_at(list, at);

	if (!token || token->kind != TOKEN_NUMBER || token->percent || strlen(token->text) != 4 ||
		strspn(token->text, "0123456789") != 4 || token->number < 1800 || token->number > 2199)
		return 0;
	return (int) token->number;
}

/* 1 .. 4 for "Q3", "third quarter", and how many tokens; or 0 */
int
time_quarter_at(const TokenList *list, int at, int *ntokens)
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
		if (time_is_word(list, at, ordinal_words[i]) &&
			time_unit_at(list, at + 1) == TIME_UNIT_QUARTER)
		{
			*ntokens = 2;
			return i + 1;
		}
	}
	if (time_is_word(list, at, "last") && time_is_word(list, at + 1, "quarter") &&
		time_is_word(list, at + 2, "of") && time_year_at(list, at + 3))
	{
		*ntokens = 2;
		return 4;
	}
	return 0;
}

TimeBound
time_absolute(int year, int month, int day)
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

TimeBound
time_relative(TimeUnit trunc, int offset, TimeUnit unit)
{
	TimeBound bound = {
		.set = true, .relative = true, .trunc = trunc, .offset = offset, .offset_unit = unit};

	return bound;
}

static TimeBound
day_after(int year, int month, int day)
{
	j2date(date2j(year, month, day) + 1, &year, &month, &day);
	return time_absolute(year, month, day);
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
	if (time_is_word(list, at + skip, "the"))
		skip++;
	if (time_is_word(list, at + skip, "year"))
		skip++;
	if (!time_year_at(list, at + skip))
	{
		*ntokens = 0;
		return 0;
	}
	*ntokens = skip + 1;
	return time_year_at(list, at + skip);
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
		span->from = time_absolute(year, month, day);
		span->to = day_after(year, month, day);
	}
	else
	{
		span->from = time_absolute(year, month, 1);
		span->to = time_absolute(year, month + 1, 1);
	}
	span->unit = day > 0 ? TIME_UNIT_DAY : TIME_UNIT_MONTH;
	*ntokens = n;
	return true;
}

static bool
parse_quarter(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	int n;
	int extra;
	int quarter = time_quarter_at(list, at, &n);
	int year;

	if (quarter == 0)
		return false;
	year = trailing_year(list, at + n, &extra);
	span->month_without_year = year == 0;
	if (year == 0)
		year = latest_year_of(quarter * 3 - 2);
	span->from = time_absolute(year, quarter * 3 - 2, 1);
	span->to = time_absolute(year, quarter * 3 + 1, 1);
	span->unit = TIME_UNIT_QUARTER;
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
	if (time_is_word(list, at, "today"))
	{
		span->unit = TIME_UNIT_DAY;
		span->from = time_relative(TIME_UNIT_NONE, 0, TIME_UNIT_DAY);
		span->to = time_relative(TIME_UNIT_NONE, 1, TIME_UNIT_DAY);
		return true;
	}
	if (time_is_word(list, at, "yesterday"))
	{
		span->unit = TIME_UNIT_DAY;
		span->from = time_relative(TIME_UNIT_NONE, -1, TIME_UNIT_DAY);
		span->to = time_relative(TIME_UNIT_NONE, 0, TIME_UNIT_DAY);
		return true;
	}
	if (time_is_word(list, at, "ytd") ||
		(time_is_word(list, at, "year") && time_is_word(list, at + 1, "to") &&
		 time_is_word(list, at + 2, "date")))
	{
		*ntokens = time_is_word(list, at, "ytd") ? 1 : 3;
		span->from = time_relative(TIME_UNIT_YEAR, 0, TIME_UNIT_YEAR);
		span->to = time_relative(TIME_UNIT_NONE, 1, TIME_UNIT_DAY);
		return true;
	}
	unit = time_unit_at(list, at + 1);
	if (unit != TIME_UNIT_NONE && is_one_of(list, at, this_words, lengthof(this_words)))
	{
		*ntokens = 2;
		span->unit = unit;
		if (unit == TIME_UNIT_DAY)
			unit = TIME_UNIT_NONE;
		span->from = time_relative(unit, 0, span->unit);
		span->to = time_relative(unit, 1, span->unit);
		return true;
	}
	if (!is_one_of(list, at, last_words, lengthof(last_words)))
		return false;
	if (unit != TIME_UNIT_NONE)
	{
		*ntokens = 2;
		span->unit = unit;
		if (unit == TIME_UNIT_DAY)
		{
			span->from = time_relative(TIME_UNIT_NONE, -1, unit);
			span->to = time_relative(TIME_UNIT_NONE, 0, unit);
			return true;
		}
		span->from = time_relative(unit, -1, unit);
		span->to = time_relative(unit, 0, unit);
		return true;
	}
	unit = time_unit_at(list, at + 2);
	if (next && next->kind == TOKEN_NUMBER && unit != TIME_UNIT_NONE && next->number >= 1 &&
		next->number <= 100000)
	{
		*ntokens = 3;
		span->unit = unit;
		span->count = (int) next->number;
		span->from = time_relative(TIME_UNIT_NONE, -(int) next->number, unit);
		span->to = time_relative(TIME_UNIT_NONE, 1, TIME_UNIT_DAY);
		return true;
	}
	return false;
}

/* "each month of 2024" are twelve */
static bool
after_each(const TokenList *list, int at)
{
	return time_is_word(list, at - 1, "each") || time_is_word(list, at - 1, "every") ||
		   time_is_word(list, at - 1, "per") || time_is_word(list, at - 1, "by");
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
	span->count = 1;
	if (time_is_word(list, at, "the"))
		skip = 1;
	if (time_parse_fiscal(list, at + skip, span, ntokens) ||
		parse_quarter(list, at + skip, span, ntokens) ||
		parse_relative(list, at + skip, span, ntokens))
	{
		*ntokens += skip;
		return true;
	}
	if (time_unit_at(list, at + skip) == TIME_UNIT_YEAR && time_year_at(list, at + skip + 1))
		skip++;
	else if (time_is_word(list, at + skip, "month") && time_is_word(list, at + skip + 1, "of") &&
			 !after_each(list, at))
		skip += 2;
	if (parse_month(list, at + skip, span, ntokens))
	{
		*ntokens += skip;
		return true;
	}
	if ((year = time_year_at(list, at + skip)) != 0)
	{
		span->from = time_absolute(year, 1, 1);
		span->to = time_absolute(year + 1, 1, 1);
		span->bare_years = skip == 0;
		span->unit = TIME_UNIT_YEAR;
		*ntokens = skip + 1;
		return true;
	}
	if (token && token->kind == TOKEN_DATE)
	{
		span->from = time_absolute(token->year, token->month, token->day);
		span->to = day_after(token->year, token->month, token->day);
		span->unit = TIME_UNIT_DAY;
		*ntokens = 1;
		return true;
	}
	return false;
}

static TimeSpan *
copy_span(const TokenList *list, const TimeSpan *span, int at, int ntokens)
{
	TimeSpan *copy = palloc(sizeof(TimeSpan));
	int start = list->tokens[at].start;

	*copy = *span;
	copy->label = pnstrdup(list->question + start, list->tokens[at + ntokens - 1].end - start);
	return copy;
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

	if (!time_is_word(list, at, "between") && !time_is_word(list, at, "from"))
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
		int first_year = first.from.year;

		first.from.year = second.from.year;
		if (first.from.month > second.from.month)
			first.from.year--;
		first.to.year += first.from.year - first_year;
	}
	span->first = copy_span(list, &first, at + 1, n1);
	span->last = copy_span(list, &second, link + 1, n2);
	span->from = first.from;
	span->to = second.to;
	span->fiscal = first.fiscal || second.fiscal;
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
	if (time_is_word(list, at, "since"))
		span->from = period.from;
	else if (time_is_word(list, at, "after"))
		span->from = period.to;
	else if (time_is_word(list, at, "before"))
		span->to = period.from;
	else
		span->to = period.to;
	span->fiscal = period.fiscal;
	*ntokens = n + 1;
	return true;
}

/* "older than 30 days", "more than 2 years ago", "newer than 3 weeks" */
static bool
parse_distance(const TokenList *list, int at, TimeSpan *span, int *ntokens)
{
	static const char *const prepositions[] = {"from", "since", "in"};
	static const char *const old_words[] = {"older", "more"};
	static const char *const new_words[] = {"newer", "younger", "less"};
	int skip = is_one_of(list, at, prepositions, lengthof(prepositions)) ? 1 : 0;
	bool old = is_one_of(list, at + skip, old_words, lengthof(old_words));
	bool over = time_is_word(list, at + skip, "over");
	bool ago;
	int n = at + skip + (over ? 1 : 2);
	const Token *number = token_at(list, n);
	TimeUnit unit = time_unit_at(list, n + 1);
	TimeBound bound;

	if ((!over && ((!old && !is_one_of(list, at + skip, new_words, lengthof(new_words))) ||
				   !time_is_word(list, at + skip + 1, "than"))) ||
		!number || number->kind != TOKEN_NUMBER || unit == TIME_UNIT_NONE || number->number < 1 ||
		number->number > 100000 || number->number != (int) number->number)
		return false;
	ago = time_is_word(list, n + 2, "ago");
	/* "more than 30 days" by itself counts days */
	if (!ago &&
		(over || time_is_word(list, at + skip, "more") || time_is_word(list, at + skip, "less")))
		return false;
	bound = time_relative(TIME_UNIT_NONE, -(int) number->number, unit);
	if (old || over)
		span->to = bound;
	else
		span->from = bound;
	if (!ago)
		span->age = unit;
	span->count = (int) number->number;
	*ntokens = n + 2 + (ago ? 1 : 0) - at;
	return true;
}

TimeSpan *
time_parse(const TokenList *list, int at, int *ntokens)
{
	static const char *const prepositions[] = {"in", "during", "for", "of", "on", "from", "within"};
	TimeSpan span;
	int skip = 0;

	memset(&span, 0, sizeof(span));
	if (!time_parse_weekdays(list, at, &span, ntokens) && !parse_range(list, at, &span, ntokens) &&
		!parse_open(list, at, &span, ntokens) && !parse_distance(list, at, &span, ntokens))
	{
		if (is_one_of(list, at, prepositions, lengthof(prepositions)))
			skip = 1;
		if (!parse_period(list, at + skip, &span, ntokens))
			return NULL;
	}
	*ntokens += skip;
	span.skipped += skip;
	return copy_span(list, &span, at + skip, *ntokens - skip);
}

static void
add_months(int *year, int *month, int months)
{
	int total = *year * 12 + *month - 1 + months;

	*year = total / 12;
	*month = total % 12 + 1;
}

/* of a month, quarter or year */
static int
months_of(TimeUnit unit)
{
	return unit == TIME_UNIT_YEAR ? 12 : unit == TIME_UNIT_QUARTER ? 3 : 1;
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
	if (bound->shift > 0)
		add_months(&year, &month, -bound->shift);
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
	if (bound->shift > 0)
		add_months(&year, &month, bound->shift);
	switch (bound->offset_unit)
	{
		case TIME_UNIT_WEEK:
		case TIME_UNIT_DAY:
			julian = date2j(year, month, day) +
					 bound->offset * (bound->offset_unit == TIME_UNIT_WEEK ? 7 : 1);
			j2date(julian, &year, &month, &day);
			break;
		default:
			add_months(&year, &month, bound->offset * months_of(bound->offset_unit));
			day = Min(day, day_tab[isleap(year)][month - 1]);
	}
	return time_absolute(year, month, day);
}

static char *
months_interval(int months)
{
	if (months % 12 == 0)
		return psprintf("INTERVAL '%d year%s'", months / 12, months == 12 ? "" : "s");
	return psprintf("INTERVAL '%d month%s'", months, months == 1 ? "" : "s");
}

/*
 * Years and quarters that begin later than those of the calendar: today is moved
 * back into the calendar's, and the beginning forth again.
 */
static char *
shifted_bound_sql(const TimeBound *bound)
{
	char *base = psprintf("date_trunc('%s', CURRENT_DATE - %s)", time_unit_name(bound->trunc),
						  months_interval(bound->shift));
	int months = bound->shift + bound->offset * months_of(bound->offset_unit);

	if (months == 0)
		return base;
	return psprintf("%s %c %s", base, months < 0 ? '-' : '+', months_interval(abs(months)));
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

	if (bound->shift > 0)
		return shifted_bound_sql(bound);
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

/* the bound, so many units earlier or later; false where the two do not go together */
static bool
move_bound(TimeBound *bound, TimeUnit unit, int count)
{
	bool by_days = unit == TIME_UNIT_DAY || unit == TIME_UNIT_WEEK;

	if (!bound->set || unit < TIME_UNIT_DAY || unit > TIME_UNIT_YEAR)
		return false;
	if (!bound->relative)
	{
		if (by_days)
			j2date(date2j(bound->year, bound->month, bound->day) +
					   count * (unit == TIME_UNIT_WEEK ? 7 : 1),
				   &bound->year, &bound->month, &bound->day);
		else
		{
			add_months(&bound->year, &bound->month, count * months_of(unit));
			bound->day = Min(bound->day, day_tab[isleap(bound->year)][bound->month - 1]);
		}
		return true;
	}
	if (bound->offset == 0)
		bound->offset_unit = unit;
	if (bound->offset_unit == unit)
	{
		bound->offset += count;
		return true;
	}
	if (by_days || bound->offset_unit == TIME_UNIT_DAY || bound->offset_unit == TIME_UNIT_WEEK)
		return false;
	bound->offset = bound->offset * months_of(bound->offset_unit) + count * months_of(unit);
	bound->offset_unit = TIME_UNIT_MONTH;
	return true;
}

/* what a period that the question does not name is called */
static char *
label_of_span(const TimeSpan *span)
{
	const TimeBound *from = &span->from;

	if (span->count > 1)
		return psprintf("the %d %ss before", span->count, time_unit_name(span->unit));
	if (from->relative || span->fiscal)
		return psprintf("the %s before", time_unit_name(span->unit));
	switch (span->unit)
	{
		case TIME_UNIT_YEAR:
			return psprintf("%d", from->year);
		case TIME_UNIT_QUARTER:
			return psprintf("Q%d %d", (from->month + 2) / 3, from->year);
		case TIME_UNIT_MONTH:
			return psprintf("%c%s %d", pg_toupper((unsigned char) month_words[from->month - 1][0]),
							month_words[from->month - 1] + 1, from->year);
		default:
			return psprintf("%04d-%02d-%02d", from->year, from->month, from->day);
	}
}

bool
time_span_before(const TimeSpan *span, TimeSpan *before)
{
	*before = *span;
	if (span->unit == TIME_UNIT_NONE || !span->from.set || !span->to.set)
		return false;
	before->to = span->from;
	if (!move_bound(&before->from, span->unit, -span->count))
		return false;
	before->label = label_of_span(before);
	return true;
}

static int
day_of_bound(const TimeBound *bound)
{
	TimeBound resolved = bound->relative ? resolve_bound(bound) : *bound;

	return date2j(resolved.year, resolved.month, resolved.day);
}

bool
time_span_earlier(const TimeSpan *first, const TimeSpan *second)
{
	return first->from.set && second->from.set &&
		   day_of_bound(&first->from) < day_of_bound(&second->from);
}
