/*-------------------------------------------------------------------------
 *
 * cron.c
 *		Reads cron expressions: minute, hour, day of month, month, weekday.
 *
 * The language is that of Vixie cron, with what people know from other
 * schedulers: "?", "L" for the last day of a month, "FRI#2" for its second
 * Friday and "5L" for its last, names in lists, ranges that end on Sunday.
 * What Vixie cron takes and hardly anybody means is refused: "5/15", and steps
 * beyond their range ("*" "/90" for minutes would run each hour).
 *
 * Everything before an error is ASCII, so bytes count its characters.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/display.h"
#include "task/cron.h"
#include "utils/datetime.h"

#define MAX_LENGTH 1000
/* columns of the expression, and of what is wrong in it, that are shown */
#define SHOWN      80
#define SHOWN_WORD 20
/* digits that are read as a number; none of ours has more than two */
#define MAX_DIGITS 4

/* dates and weekdays come back after this many days: 400 years */
#define CYCLE_DAYS 146097

typedef struct CronField
{
	const char *name;
	int min;
	int max;
	const char *const *names; /* of min and the following */
	const char *hint;
} CronField;

static const char *const month_names[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
										  "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
static const char *const weekday_names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

enum
{
	FIELD_MINUTE,
	FIELD_HOUR,
	FIELD_DAY,
	FIELD_MONTH,
	FIELD_WEEKDAY,
	FIELD_COUNT
};

static const CronField fields[FIELD_COUNT] = {
	{"minute", 0, 59, NULL, "Minutes are 0 to 59."},
	{"hour", 0, 23, NULL, "Hours are 0 to 23."},
	{"day of month", 1, 31, NULL, "Days are 1 to 31, and L for the last one of the month."},
	{"month", 1, 12, month_names, "Months are 1 to 12, or JAN to DEC."},
	{"weekday", 0, 6, weekday_names,
	 "Weekdays are 0 (Sunday) to 7 (Sunday too), or SUN to SAT; FRI#2 is the second Friday of the "
	 "month and FRIL its last."}};

static const struct
{
	const char *name;
	const char *meaning;
} macros[] = {{"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
			  {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
			  {"@hourly", "0 * * * *"}};

typedef struct CronReader
{
	const char *text;
	const char *p;
	const CronField *field;
	CronExpression *cron;
} CronReader;

static char *
shown(const char *text, int width)
{
	bool cut;

	return display_shorten(display_escape(text), width, &cut);
}

static void complain(const CronReader *reader, const char *at, const char *hint, const char *format,
					 ...) pg_attribute_noreturn() pg_attribute_printf(4, 5);

/* `at` NULL: the whole of it */
static void
complain(const CronReader *reader, const char *at, const char *hint, const char *format, ...)
{
	char detail[256];
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid cron expression \"%s\"", shown(reader->text, SHOWN)),
			 at == NULL ? errdetail("%s", detail)
						: errdetail("At character %d: %s", (int) (at - reader->text) + 1, detail),
			 hint ? errhint("%s", hint) : 0));
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
at_end_of_field(const CronReader *reader)
{
	return *reader->p == '\0' || is_space(*reader->p);
}

/* what stands here, up to the next comma or blank */
static char *
word_here(const CronReader *reader)
{
	int length = *reader->p == ',' ? 1 : 0;

	while (reader->p[length] != '\0' && reader->p[length] != ',' && !is_space(reader->p[length]))
		length++;
	return shown(pnstrdup(reader->p, length), SHOWN_WORD);
}

static bool
take(CronReader *reader, char c)
{
	if (pg_toupper((unsigned char) *reader->p) != c)
		return false;
	reader->p++;
	return true;
}

/* a number, -1 where none stands here */
static int
read_number(CronReader *reader)
{
	int digits = strspn(reader->p, "0123456789");
	int number = 0;

	if (digits == 0)
		return -1;
	if (digits > MAX_DIGITS)
		complain(reader, reader->p, reader->field->hint, "%s is out of range for the %s.",
				 word_here(reader), reader->field->name);
	while (digits-- > 0)
		number = number * 10 + (*reader->p++ - '0');
	return number;
}

/* the value whose name stands here, -1 where none does */
static int
read_name(CronReader *reader)
{
	const CronField *field = reader->field;

	for (int i = 0; field->names != NULL && field->min + i <= field->max; i++)
	{
		if (pg_strncasecmp(reader->p, field->names[i], 3) != 0)
			continue;
		reader->p += 3;
		return field->min + i;
	}
	return -1;
}

static int
read_value(CronReader *reader)
{
	const CronField *field = reader->field;
	const char *start = reader->p;
	/* Sunday has two numbers */
	int max = field == &fields[FIELD_WEEKDAY] ? 7 : field->max;
	int value;

	if (at_end_of_field(reader) || *start == ',')
		complain(reader, start, field->hint, "A value for the %s is missing.", field->name);
	value = read_name(reader);
	if (value >= 0)
		return value;
	value = read_number(reader);
	if (value < 0)
		complain(reader, start, field->hint, "\"%s\" is no %s.", word_here(reader), field->name);
	if (value < field->min || value > max)
		complain(reader, start, field->hint, "%d is out of range for the %s.", value, field->name);
	return value;
}

static int
read_step(CronReader *reader, int values)
{
	const char *start = reader->p;
	int step = read_number(reader);

	if (step < 0)
		complain(reader, start, NULL, "A step, a number after \"/\", is missing.");
	if (step == 0)
		complain(reader, start, NULL, "A step must not be zero.");
	if (step > values)
		complain(reader, start,
				 "A step starts anew in each hour, day, month or year; for other periods use "
				 "an interval: every => '90 minutes'.",
				 "Step %d is longer than its range, which has %d %s.", step, values,
				 values == 1 ? "value" : "values");
	return step;
}

/* the numbers from low to high, by steps */
static uint64
numbers(int low, int high, int step)
{
	uint64 set = 0;

	for (int i = low; i <= high; i += step)
		set |= UINT64CONST(1) << i;
	return set;
}

/* 7 is Sunday; a range may end on it, or start */
static void
order_weekdays(int *low, int *high)
{
	if (*high == 0 && *low > 0)
		*high = 7;
	else if (*low == 7 && *high < 7)
		*low = 0;
}

static uint64
fold_sunday(uint64 weekdays)
{
	return (weekdays & 0x7f) | (weekdays >> 7);
}

/* after a weekday: "#2" or "L" */
static bool
read_week(CronReader *reader, int weekday)
{
	uint64 set = fold_sunday(UINT64CONST(1) << weekday);
	const char *start;
	int week;

	if (take(reader, 'L'))
	{
		reader->cron->last_weekdays |= set;
		return true;
	}
	if (!take(reader, '#'))
		return false;
	start = reader->p;
	week = read_number(reader);
	if (week < 1 || week > CRON_WEEKS)
		complain(reader, start, reader->field->hint,
				 "After \"#\" stands a number from 1 to %d: which of the month's.", CRON_WEEKS);
	reader->cron->nth_weekdays[week - 1] |= set;
	return true;
}

/* "5", "1-5", "1-5/2", "FRI#2", "L" */
static uint64
read_range(CronReader *reader)
{
	const CronField *field = reader->field;
	const char *start = reader->p;
	int low;
	int high;

	if (field == &fields[FIELD_DAY] && take(reader, 'L'))
	{
		reader->cron->last_day = true;
		return 0;
	}
	low = read_value(reader);
	if (field == &fields[FIELD_WEEKDAY] && read_week(reader, low))
		return 0;
	if (*reader->p == '/')
		complain(reader, reader->p, psprintf("Write %d-%d/... or */...", low, field->max),
				 "A step needs a range before it.");
	if (!take(reader, '-'))
		return numbers(low, low, 1);
	high = read_value(reader);
	if (field == &fields[FIELD_WEEKDAY])
		order_weekdays(&low, &high);
	if (low > high)
		complain(reader, start,
				 psprintf("Write two ranges: %d-%d,%d-%d.", low, field->max, field->min, high),
				 "The range ends before it starts.");
	return numbers(low, high, take(reader, '/') ? read_step(reader, high - low + 1) : 1);
}

/* one element of the list that a field is */
static uint64
read_item(CronReader *reader)
{
	const CronField *field = reader->field;
	int step = 1;

	if (!take(reader, '*'))
		return read_range(reader);
	if (take(reader, '/'))
		step = read_step(reader, field->max - field->min + 1);
	return numbers(field->min, field->max, step);
}

static uint64
read_field(CronReader *reader)
{
	const CronField *field = reader->field;
	uint64 set = 0;

	if (*reader->p == '?')
	{
		if (field != &fields[FIELD_DAY] && field != &fields[FIELD_WEEKDAY])
			complain(reader, reader->p, "Write *.",
					 "\"?\" stands for the day of month or the weekday only.");
		reader->p++;
		set = numbers(field->min, field->max, 1);
	}
	else
	{
		do
			set |= read_item(reader);
		while (take(reader, ','));
	}
	if (!at_end_of_field(reader))
		complain(reader, reader->p, field->hint, "\"%s\" is not expected here.", word_here(reader));
	return set;
}

static void
skip_spaces(CronReader *reader)
{
	while (is_space(*reader->p))
		reader->p++;
}

static int
count_fields(const char *text)
{
	int count = 0;

	for (const char *p = text; *p != '\0'; p++)
		if (!is_space(*p) && (p == text || is_space(p[-1])))
			count++;
	return count;
}

static void
read_fields(CronReader *reader)
{
	CronExpression *cron = reader->cron;
	uint64 *sets[FIELD_COUNT] = {&cron->minutes, &cron->hours, &cron->days, &cron->months,
								 &cron->weekdays};
	bool open[FIELD_COUNT];
	int count = count_fields(reader->p);

	if (count != FIELD_COUNT)
		complain(reader, NULL,
				 count == FIELD_COUNT + 1
					 ? "There are no seconds in it; for periods below a minute use an interval: "
					   "every => '10 seconds'."
					 : "For example: 30 7 * * 1-5, at half past seven from Monday to Friday.",
				 "It has %d %s instead of five: minute, hour, day of month, month, weekday.", count,
				 count == 1 ? "field" : "fields");
	for (int i = 0; i < FIELD_COUNT; i++)
	{
		skip_spaces(reader);
		reader->field = &fields[i];
		open[i] = *reader->p == '*' || *reader->p == '?';
		*sets[i] = read_field(reader);
	}
	cron->weekdays = fold_sunday(cron->weekdays);
	cron->open_day = open[FIELD_DAY];
	cron->open_weekday = open[FIELD_WEEKDAY];
	cron->hourly = open[FIELD_HOUR] || cron->hours == numbers(0, 23, 1);
}

/* "@daily" becomes the five fields that it stands for */
static const char *
expand_macro(const CronReader *reader)
{
	int length = strcspn(reader->p, " \t\r\n");

	for (int i = 0; i < lengthof(macros); i++)
		if (length == (int) strlen(macros[i].name) &&
			pg_strncasecmp(reader->p, macros[i].name, length) == 0 &&
			strspn(reader->p + length, " \t\r\n") == strlen(reader->p + length))
			return macros[i].meaning;
	complain(reader, reader->p,
			 "There are @hourly, @daily (or @midnight), @weekly, @monthly and @yearly (or "
			 "@annually).",
			 "\"%s\" is not known.", shown(reader->p, SHOWN_WORD));
}

void
cron_parse(const char *text, CronExpression *cron)
{
	CronReader reader = {text, text, NULL, cron};

	memset(cron, 0, sizeof(*cron));
	if (strlen(text) > MAX_LENGTH)
		complain(&reader, NULL, NULL, "It has %zu bytes, the limit is %d.", strlen(text),
				 MAX_LENGTH);
	skip_spaces(&reader);
	if (*reader.p == '@')
		reader.text = reader.p = expand_macro(&reader);
	read_fields(&reader);
	if (cron_next_day(cron, POSTGRES_EPOCH_JDATE, POSTGRES_EPOCH_JDATE + CYCLE_DAYS) < 0)
		complain(&reader, NULL, NULL, "It never comes: there is no such day in the calendar.");
}
