/*-------------------------------------------------------------------------
 *
 * values_time.c
 *		Dates and times in texts of cells.
 *
 * PostgreSQL's own input is too generous for files that nobody has looked at: it
 * takes "today", abbreviations of zones, years of two digits, and it decides by
 * DateStyle which number is the day.  Here a text is a date when it can only be
 * one, and which number is the day is left to the whole column.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/values.h"
#include "ingest/values_time.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#define MIN_YEAR       1000 /* four digits */
#define MAX_ZONE_HOURS 15

/* a date as it stands: three numbers, or two and a month's name */
typedef struct DateParts
{
	int first;
	int second;
	int year;
	bool year_first;
	bool named; /* first is the day, second the month, by name */
} DateParts;

typedef struct TimeParts
{
	int hours;
	int minutes;
	int seconds;
	int microseconds;
	bool has_seconds;
} TimeParts;

typedef struct Scanner
{
	const char *p;
	const char *end;
} Scanner;

static bool
scan_char(Scanner *scanner, char c)
{
	if (scanner->p >= scanner->end || *scanner->p != c)
		return false;
	scanner->p++;
	return true;
}

/* a number of min to max digits, -1 where there is none */
static int
scan_int(Scanner *scanner, int min, int max)
{
	int digits = 0;
	int value = 0;

	while (scanner->p < scanner->end && *scanner->p >= '0' && *scanner->p <= '9')
	{
		if (++digits > max)
			return -1;
		value = value * 10 + (*scanner->p++ - '0');
	}
	return digits >= min ? value : -1;
}

static bool
at_digit(const Scanner *scanner)
{
	return scanner->p < scanner->end && *scanner->p >= '0' && *scanner->p <= '9';
}

/* the month whose English name, or its first three letters, stands here; 0 = none */
static int
scan_month(Scanner *scanner)
{
	static const char *const names[] = {"january",   "february", "march",    "april",
										"may",       "june",     "july",     "august",
										"september", "october",  "november", "december"};
	const char *start = scanner->p;
	int length = 0;

	while (start + length < scanner->end && isalpha((unsigned char) start[length]))
		length++;
	for (int i = 0; i < 12; i++)
	{
		if ((length != 3 && length != (int) strlen(names[i])) ||
			pg_strncasecmp(start, names[i], length) != 0)
			continue;
		scanner->p += length;
		if (scanner->p < scanner->end && *scanner->p == '.' && length == 3)
			scanner->p++;
		return i + 1;
	}
	return 0;
}

static bool
is_separator(char c)
{
	return c == '-' || c == '/' || c == '.' || c == ' ';
}

/* "12 Jan 2024", "12-Jan-2024" */
static bool
scan_day_month_name(Scanner *scanner, DateParts *date)
{
	char separator;

	date->named = true;
	if (scanner->p >= scanner->end || !is_separator(*scanner->p))
		return false;
	separator = *scanner->p++;
	date->second = scan_month(scanner);
	if (date->second == 0)
		return false;
	if (separator == ' ')
		scan_char(scanner, ',');
	if (!scan_char(scanner, separator))
		return false;
	date->year = scan_int(scanner, 4, 4);
	return date->year >= MIN_YEAR;
}

/* "Jan 12, 2024" */
static bool
scan_month_name_day(Scanner *scanner, DateParts *date)
{
	date->named = true;
	date->second = scan_month(scanner);
	if (date->second == 0 || !scan_char(scanner, ' '))
		return false;
	date->first = scan_int(scanner, 1, 2);
	if (date->first < 0)
		return false;
	scan_char(scanner, ',');
	if (!scan_char(scanner, ' '))
		return false;
	date->year = scan_int(scanner, 4, 4);
	return date->year >= MIN_YEAR;
}

static bool
scan_date(Scanner *scanner, DateParts *date)
{
	const char *start = scanner->p;
	char separator;

	memset(date, 0, sizeof(*date));
	if (!at_digit(scanner))
		return scan_month_name_day(scanner, date);
	date->first = scan_int(scanner, 1, 4);
	if (date->first < 0 || scanner->p >= scanner->end || !is_separator(*scanner->p))
		return false;
	if (scanner->p + 1 < scanner->end && isalpha((unsigned char) scanner->p[1]))
		return scanner->p - start <= 2 && scan_day_month_name(scanner, date);
	separator = *scanner->p;
	if (separator == ' ' || scanner->p - start == 3)
		return false;
	date->year_first = scanner->p - start == 4;
	scanner->p++;
	date->second = scan_int(scanner, 1, 2);
	if (date->second < 0 || !scan_char(scanner, separator))
		return false;
	date->year = date->year_first ? scan_int(scanner, 1, 2) : scan_int(scanner, 4, 4);
	if (date->year_first)
	{
		int day = date->year;

		date->year = date->first;
		date->first = day;
	}
	return date->first >= 0 && date->year >= MIN_YEAR;
}

static bool
scan_time(Scanner *scanner, bool long_hours, TimeParts *time)
{
	memset(time, 0, sizeof(*time));
	time->hours = scan_int(scanner, 1, long_hours ? 6 : 2);
	if (time->hours < 0 || !scan_char(scanner, ':'))
		return false;
	time->minutes = scan_int(scanner, 2, 2);
	if (time->minutes < 0 || time->minutes > 59)
		return false;
	if (scan_char(scanner, ':'))
	{
		time->seconds = scan_int(scanner, 2, 2);
		time->has_seconds = true;
		if (time->seconds < 0 || time->seconds > 59)
			return false;
		if (scanner->p < scanner->end && (*scanner->p == '.' || *scanner->p == ','))
		{
			int scale = 100000;

			scanner->p++;
			if (!at_digit(scanner))
				return false;
			for (; at_digit(scanner); scale /= 10)
			{
				/* more digits than microseconds have would be lost */
				if (scale == 0 && *scanner->p != '0')
					return false;
				time->microseconds += (*scanner->p++ - '0') * scale;
			}
		}
	}
	if (!long_hours && scanner->end - scanner->p >= 2)
	{
		Scanner half = *scanner;
		bool pm;

		scan_char(&half, ' ');
		pm = half.p < half.end && (*half.p == 'p' || *half.p == 'P');
		if (half.end - half.p >= 2 && (pm || *half.p == 'a' || *half.p == 'A') &&
			(half.p[1] == 'm' || half.p[1] == 'M'))
		{
			if (time->hours < 1 || time->hours > 12)
				return false;
			time->hours = time->hours % 12 + (pm ? 12 : 0);
			scanner->p = half.p + 2;
		}
	}
	return long_hours || time->hours < 24;
}

/* Z, +02, +0200, +02:00; seconds east of Greenwich */
static bool
scan_zone(Scanner *scanner, int *seconds)
{
	int sign;
	int hours;
	int minutes = 0;

	if (scan_char(scanner, 'Z') || scan_char(scanner, 'z'))
	{
		*seconds = 0;
		return true;
	}
	scan_char(scanner, ' ');
	if (scanner->p >= scanner->end || (*scanner->p != '+' && *scanner->p != '-'))
		return false;
	sign = *scanner->p++ == '+' ? 1 : -1;
	if (scanner->end - scanner->p < 2)
		return false;
	hours = scan_int(&(Scanner){scanner->p, scanner->p + 2}, 2, 2);
	scanner->p += 2;
	if (scanner->p < scanner->end)
	{
		scan_char(scanner, ':');
		minutes = scan_int(scanner, 2, 2);
	}
	*seconds = sign * (hours * 3600 + minutes * 60);
	return hours >= 0 && hours <= MAX_ZONE_HOURS && minutes >= 0 && minutes < 60;
}

bool
value_valid_date(int year, int month, int day)
{
	if (month < 1 || month > 12 || day < 1 || year < 1 || year > 9999)
		return false;
	return day <= day_tab[isleap(year)][month - 1];
}

/* the forms of a date, as the ones of a plain date */
static ValueForms
date_forms(const DateParts *date)
{
	ValueForms forms = 0;

	if (date->named)
		return value_valid_date(date->year, date->second, date->first) ? FORMS_DATE : 0;
	if (date->year_first)
		return value_valid_date(date->year, date->second, date->first) ? FORM_DATE_YMD : 0;
	if (value_valid_date(date->year, date->second, date->first))
		forms |= FORM_DATE_DMY;
	if (value_valid_date(date->year, date->first, date->second))
		forms |= FORM_DATE_MDY;
	return forms;
}

/* the same orders as forms of timestamps, with a zone or without */
static ValueForms
stamp_forms(ValueForms dates, bool zoned)
{
	ValueForms forms = 0;

	if (dates & FORM_DATE_YMD)
		forms |= zoned ? FORM_ZONED_YMD : FORM_STAMP_YMD;
	if (dates & FORM_DATE_DMY)
		forms |= zoned ? FORM_ZONED_DMY : FORM_STAMP_DMY;
	if (dates & FORM_DATE_MDY)
		forms |= zoned ? FORM_ZONED_MDY : FORM_STAMP_MDY;
	return forms;
}

/* what stands between a date and its time */
static bool
scan_gap(Scanner *scanner)
{
	if (scan_char(scanner, 'T'))
		return true;
	scan_char(scanner, ',');
	return scan_char(scanner, ' ');
}

ValueForms
value_time_forms(const char *text, int length)
{
	Scanner scanner = {text, text + length};
	DateParts date;
	TimeParts time;
	ValueForms forms;
	int zone;

	if (scan_date(&scanner, &date))
	{
		forms = date_forms(&date);
		if (forms == 0)
			return 0;
		if (scanner.p == scanner.end)
			return forms | stamp_forms(forms, false);
		if (!scan_gap(&scanner) || !scan_time(&scanner, false, &time))
			return 0;
		if (scanner.p == scanner.end)
			return stamp_forms(forms, false);
		if (!scan_zone(&scanner, &zone) || scanner.p != scanner.end)
			return 0;
		return stamp_forms(forms, true);
	}
	scanner.p = text;
	if (scan_time(&scanner, false, &time) && scanner.p == scanner.end)
		return FORM_TIME | (time.has_seconds ? FORM_INTERVAL : 0);
	scanner.p = text;
	/* "24:00" could be minutes and seconds, or a time that is none */
	if (scan_time(&scanner, true, &time) && scanner.p == scanner.end && time.has_seconds)
		return FORM_INTERVAL;
	return 0;
}

static int64
time_microseconds(const TimeParts *time)
{
	return ((int64) time->hours * SECS_PER_HOUR + time->minutes * SECS_PER_MINUTE + time->seconds) *
			   USECS_PER_SEC +
		   time->microseconds;
}

bool
value_to_time(const char *text, int length, bool long_hours, int64 *result)
{
	Scanner scanner = {text, text + length};
	TimeParts time;

	if (!scan_time(&scanner, long_hours, &time) || scanner.p != scanner.end)
	{
		/* "1:30 PM" is no elapsed time, yet fits a column of both */
		scanner.p = text;
		if (!scan_time(&scanner, false, &time) || scanner.p != scanner.end)
			return false;
	}
	*result = time_microseconds(&time);
	return true;
}

bool
value_to_timestamp(const char *text, int length, ValueForms form, Timestamp *result)
{
	Scanner scanner = {text, text + length};
	DateParts date;
	TimeParts time = {0};
	bool month_first = (form & (FORM_DATE_MDY | FORM_STAMP_MDY | FORM_ZONED_MDY)) != 0;
	int zone = 0;
	int month;
	int day;

	if (!scan_date(&scanner, &date))
		return false;
	if (date.named || date.year_first)
		month_first = false;
	month = month_first ? date.first : date.second;
	day = month_first ? date.second : date.first;
	if (!value_valid_date(date.year, month, day))
		return false;
	if (scanner.p < scanner.end)
	{
		if (!scan_gap(&scanner) || !scan_time(&scanner, false, &time))
			return false;
		if (scanner.p < scanner.end && !scan_zone(&scanner, &zone))
			return false;
	}
	*result = (int64) (date2j(date.year, month, day) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY +
			  time_microseconds(&time) - (int64) zone * USECS_PER_SEC;
	return scanner.p == scanner.end;
}
