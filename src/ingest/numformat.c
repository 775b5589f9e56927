/*-------------------------------------------------------------------------
 *
 * numformat.c
 *		What a spreadsheet's number formats and serial numbers mean.
 *
 * A workbook stores a date as a number; only the number format of the cell
 * tells it from any other number.  The language of formats is that of ECMA-376
 * part 1, 18.8.31; only its first section, the one for positive numbers, counts.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "ingest/numformat.h"
#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#define MSECS_PER_DAY      INT64CONST(86400000)
#define LAST_SERIAL        2958466.0 /* the day after 9999-12-31 */
#define SERIAL_1904_OFFSET 1462
#define PG_EPOCH_SERIAL    36526              /* 2000-01-01 in the 1900 system */
#define MAX_EXACT          9007199254740992.0 /* 2^53 */
#define MAX_ELAPSED        1e9                /* days */

/* what a format code has in it */
typedef struct FormatParts
{
	bool date;   /* years, days, eras */
	bool months; /* "m" that may be months or minutes */
	bool time;
	bool elapsed;
	bool percent;
	bool currency;
} FormatParts;

NumberClass
numformat_builtin(int id)
{
	if (id == 9 || id == 10)
		return NUMBER_PERCENT;
	if ((id >= 5 && id <= 8) || id == 42 || id == 44)
		return NUMBER_CURRENCY;
	if (id == 22)
		return NUMBER_DATETIME;
	if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id == 45 || id == 47)
		return NUMBER_TIME;
	if (id == 46)
		return NUMBER_ELAPSED;
	if ((id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58))
		return NUMBER_DATE;
	return NUMBER_PLAIN;
}

static bool
has_prefix(const char *text, const char *prefix)
{
	return pg_strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/*
 * Reads "[...]" at p: elapsed time, a currency, or a colour, condition or
 * locale, which mean nothing here.  Returns what follows.
 */
static const char *
read_bracket(const char *p, FormatParts *parts)
{
	const char *end = strchr(p, ']');
	const char *inside = p + 1;

	if (end == NULL)
		return p + strlen(p);
	if (*inside == '$' && inside[1] != '-' && inside + 1 < end)
		parts->currency = true;
	else if (end > inside && strspn(inside, "hHmMsS") == (size_t) (end - inside))
		parts->elapsed = true;
	return end + 1;
}

/*
 * An "m" stands for minutes next to hours or seconds, else for months.  It is
 * decided after the whole section was read: where there is time and no date,
 * "m" is minutes, in "d/m/yy h:mm" both are there anyway.
 */
static const char *
read_letter(const char *p, FormatParts *parts)
{
	if (has_prefix(p, "general"))
		return p + strlen("general");
	if (has_prefix(p, "am/pm"))
	{
		parts->time = true;
		return p + strlen("am/pm");
	}
	if (has_prefix(p, "a/p"))
	{
		parts->time = true;
		return p + strlen("a/p");
	}
	switch (*p)
	{
		case 'y':
		case 'Y':
		case 'd':
		case 'D':
		case 'b':
		case 'B':
			parts->date = true;
			break;
		case 'e':
		case 'E':
			/* scientific: E+00; alone it is a year of an era */
			if (p[1] == '+' || p[1] == '-')
				return p + 2;
			parts->date = true;
			break;
		case 'm':
		case 'M':
			parts->months = true;
			break;
		case 'h':
		case 'H':
		case 's':
		case 'S':
			parts->time = true;
			break;
		case '%':
			parts->percent = true;
			break;
		case '$':
			parts->currency = true;
			break;
		default:
			break;
	}
	return p + 1;
}

static void
read_section(const char *p, FormatParts *parts)
{
	const char *end;

	while (*p != '\0' && *p != ';')
	{
		switch (*p)
		{
			case '"':
				end = strchr(p + 1, '"');
				p = end == NULL ? p + strlen(p) : end + 1;
				break;
			case '\\':
			case '_':
			case '*':
				p += p[1] == '\0' ? 1 : 2;
				break;
			case '[':
				p = read_bracket(p, parts);
				break;
			default:
				p = read_letter(p, parts);
				break;
		}
	}
}

NumberClass
numformat_classify(const char *code)
{
	FormatParts parts = {0};

	read_section(code, &parts);
	if (parts.months && !parts.time && !parts.elapsed)
		parts.date = true;
	if (parts.date)
		return parts.time ? NUMBER_DATETIME : NUMBER_DATE;
	if (parts.elapsed)
		return NUMBER_ELAPSED;
	if (parts.time)
		return NUMBER_TIME;
	if (parts.percent)
		return NUMBER_PERCENT;
	return parts.currency ? NUMBER_CURRENCY : NUMBER_PLAIN;
}

bool
numformat_serial_to_timestamp(double serial, bool date1904, Timestamp *result)
{
	int64 msecs;

	if (isnan(serial) || serial < 0 || serial >= LAST_SERIAL)
		return false;
	if (date1904)
		serial += SERIAL_1904_OFFSET;
	else if (serial >= 60 && serial < 61)
		return false;
	else if (serial < 60)
		serial += 1; /* the day that never was lies ahead */
	msecs = (int64) rint((serial - PG_EPOCH_SERIAL) * MSECS_PER_DAY);
	*result = msecs * 1000;
	return serial < LAST_SERIAL;
}

/* without the time where there is none */
static char *
date_text(Timestamp timestamp)
{
	char buffer[MAXDATELEN + 1];
	struct pg_tm tm;
	fsec_t fsec;

	if (timestamp2tm(timestamp, NULL, &tm, &fsec, NULL, NULL) != 0)
		return NULL;
	if (timestamp % USECS_PER_DAY == 0)
		EncodeDateOnly(&tm, USE_ISO_DATES, buffer);
	else
		EncodeDateTime(&tm, fsec, false, 0, NULL, USE_ISO_DATES, buffer);
	return pstrdup(buffer);
}

/* hours may pass 24 */
static char *
time_text(double days)
{
	int64 msecs = (int64) rint(days * MSECS_PER_DAY);
	int64 seconds = msecs / 1000;
	char *text = psprintf("%02lld:%02d:%02d", (long long) (seconds / 3600),
						  (int) (seconds / 60 % 60), (int) (seconds % 60));

	return msecs % 1000 == 0 ? text : psprintf("%s.%03d", text, (int) (msecs % 1000));
}

static char *
number_text(double number, NumberClass number_class, bool date1904)
{
	char buffer[DOUBLE_SHORTEST_DECIMAL_LEN];
	bool date = number_class == NUMBER_DATE || number_class == NUMBER_DATETIME;
	bool time = number_class == NUMBER_TIME || number_class == NUMBER_DATETIME;
	Timestamp timestamp;

	if (number >= 0 &&
		((time && number < 1) || (number_class == NUMBER_ELAPSED && number < MAX_ELAPSED)))
		return time_text(number);
	if ((date || time) && numformat_serial_to_timestamp(number, date1904, &timestamp))
		return date_text(timestamp);
	if (number == rint(number) && fabs(number) <= MAX_EXACT)
		return psprintf(INT64_FORMAT, (int64) number);
	double_to_shortest_decimal_buf(number, buffer);
	return pstrdup(buffer);
}

char *
numformat_cell_text(const SheetCell *cell, bool date1904)
{
	switch (cell->kind)
	{
		case CELL_TEXT:
		case CELL_ERROR:
			return pnstrdup(cell->text, cell->length);
		case CELL_BOOLEAN:
			return pstrdup(cell->number != 0 ? "true" : "false");
		case CELL_NUMBER:
			return number_text(cell->number, cell->number_class, date1904);
		case CELL_BLANK:
			break;
	}
	return NULL;
}
