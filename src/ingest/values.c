/*-------------------------------------------------------------------------
 *
 * values.c
 *		Which types a text fits, and its conversion to bool and numbers.
 *
 * This runs for every cell of a file, so the first character decides what is
 * tried at all.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/shortest_dec.h"
#include "ingest/values.h"
#include "ingest/values_json.h"
#include "ingest/values_time.h"

#define MAX_INT8_DIGITS    18
#define MAX_DOUBLE_DIGITS  15 /* that a double gives back as they were */
#define MAX_WRITTEN_DIGITS 17 /* that it takes to write any double */
#define UUID_LENGTH        36

/* what a text of digits and signs is made of */
typedef struct NumberParts
{
	bool negative;
	int whole;        /* digits before the decimal sign, separators left out */
	int fraction;     /* digits behind it, -1 = no decimal sign */
	bool zero_padded; /* 007 */
	bool exponent;
	int groups; /* separators of thousands */
	const char *digits;
} NumberParts;

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
equals(const char *text, int length, const char *word)
{
	return (int) strlen(word) == length && pg_strncasecmp(text, word, length) == 0;
}

static ValueForms
bool_forms(const char *text, int length)
{
	if (length == 1)
	{
		if (strchr("tTfF", *text) != NULL)
			return FORM_BOOL_T;
		return strchr("yYnN", *text) != NULL ? FORM_BOOL_Y : 0;
	}
	if (equals(text, length, "true") || equals(text, length, "false"))
		return FORM_BOOL_WORD;
	if (equals(text, length, "yes") || equals(text, length, "no"))
		return FORM_BOOL_YES;
	return 0;
}

bool
value_to_bool(const char *text, int length, bool *result)
{
	if (bool_forms(text, length) == 0)
		return false;
	*result = strchr("tTyY", *text) != NULL;
	return true;
}

/* digits with single separators before each group of three; returns what follows */
static const char *
scan_whole(const char *p, const char *end, char separator, NumberParts *parts)
{
	const char *group = p;

	while (p < end)
	{
		if (is_digit(*p))
			p++;
		else if (separator != 0 && *p == separator && p > group && end - p > 3 && is_digit(p[1]) &&
				 is_digit(p[2]) && is_digit(p[3]) && (end - p == 4 || !is_digit(p[4])) &&
				 (parts->groups > 0 ? p - group == 3 : p - group <= 3))
		{
			parts->groups++;
			parts->whole += (int) (p - group);
			group = ++p;
		}
		else
			break;
	}
	parts->whole += (int) (p - group);
	return p;
}

/*
 * Reads a number with the decimal sign, and separators of thousands where given.
 */
static bool
scan_number(const char *text, int length, char decimal, char separator, NumberParts *parts)
{
	const char *p = text;
	const char *end = text + length;

	memset(parts, 0, sizeof(*parts));
	parts->fraction = -1;
	if (p < end && *p == '-')
	{
		parts->negative = true;
		p++;
	}
	parts->digits = p;
	p = scan_whole(p, end, separator, parts);
	parts->zero_padded = parts->whole > 1 && *parts->digits == '0';
	if (p < end && *p == decimal)
	{
		const char *fraction = ++p;

		while (p < end && is_digit(*p))
			p++;
		parts->fraction = (int) (p - fraction);
	}
	if (parts->whole + Max(parts->fraction, 0) == 0)
		return false;
	if (p < end && (*p == 'e' || *p == 'E') && decimal == '.')
	{
		parts->exponent = true;
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		if (p >= end || !is_digit(*p))
			return false;
		while (p < end && is_digit(*p))
			p++;
	}
	return p == end && parts->whole + Max(parts->fraction, 0) <= MAX_NUMERIC_DIGITS;
}

static bool
fits_int4(const NumberParts *parts)
{
	static const char limit[] = "2147483647";

	if (parts->whole != (int) strlen(limit))
		return parts->whole < (int) strlen(limit);
	return memcmp(parts->digits, limit, strlen(limit)) <= 0;
}

/* zeros that a type would drop, or a sign that it would */
static bool
loses_nothing(const NumberParts *parts)
{
	bool minus_zero =
		parts->negative && parts->whole == 1 && *parts->digits == '0' && parts->fraction <= 0;

	return !parts->zero_padded && !minus_zero && parts->whole > 0 && parts->fraction != 0;
}

/* the digits of a number between its first and its last that is not zero; returns how many */
static int
significant_digits(const char *text, int length, char *digits, int room)
{
	int count = 0;
	int last = 0;

	for (int i = 0; i < length && text[i] != 'e' && text[i] != 'E'; i++)
	{
		if (!is_digit(text[i]) || (count == 0 && text[i] == '0'))
			continue;
		if (count < room)
			digits[count] = text[i];
		count++;
		if (text[i] != '0')
			last = count;
	}
	return last;
}

/*
 * Does a double give all digits back?  Fifteen always; what a program wrote of a
 * double of its own has up to seventeen, and is found by the round trip.
 */
static bool
fits_double(const char *text, int length, const NumberParts *parts)
{
	char digits[MAX_WRITTEN_DIGITS];
	char back[DOUBLE_SHORTEST_DECIMAL_LEN];
	char back_digits[MAX_WRITTEN_DIGITS];
	double value;
	int count;

	/* beyond its range there is no double at all */
	if (parts->exponent && !value_to_double(text, length, &value))
		return false;
	if (parts->whole + Max(parts->fraction, 0) <= MAX_DOUBLE_DIGITS)
		return true;
	/* whole numbers are read as such */
	if (!parts->exponent && parts->fraction <= 0)
		return false;
	count = significant_digits(text, length, digits, MAX_WRITTEN_DIGITS);
	if (count > MAX_WRITTEN_DIGITS || !value_to_double(text, length, &value))
		return false;
	double_to_shortest_decimal_buf(value, back);
	return significant_digits(back, (int) strlen(back), back_digits, MAX_WRITTEN_DIGITS) == count &&
		   memcmp(digits, back_digits, count) == 0;
}

static ValueForms
plain_number_forms(const char *text, int length, const NumberParts *parts)
{
	ValueForms forms = fits_double(text, length, parts) ? FORM_DOUBLE : 0;

	if (parts->exponent)
		return forms;
	forms |= FORM_NUMERIC;
	if (parts->fraction < 0)
	{
		forms |= FORM_DECIMAL_COMMA | FORMS_GROUPED;
		if (parts->whole <= MAX_INT8_DIGITS)
			forms |= FORM_INT8;
		if (fits_int4(parts))
			forms |= FORM_INT4;
	}
	return forms;
}

static ValueForms
number_forms(const char *text, int length, bool *grouped, bool *exponent)
{
	NumberParts parts;
	ValueForms forms = 0;

	if (scan_number(text, length, '.', 0, &parts) && loses_nothing(&parts))
	{
		forms |= plain_number_forms(text, length, &parts);
		*exponent |= parts.exponent;
	}
	if (scan_number(text, length, ',', 0, &parts) && loses_nothing(&parts) && !parts.exponent)
		forms |= FORM_DECIMAL_COMMA;
	if (memchr(text, ',', length) == NULL && memchr(text, '.', length) == NULL)
		return forms;
	if (scan_number(text, length, '.', ',', &parts) && loses_nothing(&parts) && !parts.exponent)
	{
		forms |= FORM_GROUPED_POINT;
		*grouped |= parts.groups > 1 || (parts.groups == 1 && parts.fraction > 0);
	}
	if (scan_number(text, length, ',', '.', &parts) && loses_nothing(&parts))
	{
		forms |= FORM_GROUPED_COMMA;
		*grouped |= parts.groups > 1 || (parts.groups == 1 && parts.fraction > 0);
	}
	return forms;
}

bool
value_to_int8(const char *text, int length, int64 *result)
{
	const char *end = text + length;
	bool negative = length > 0 && *text == '-';
	int64 value = 0;

	if (negative)
		text++;
	if (text == end || end - text > MAX_INT8_DIGITS)
		return false;
	for (; text < end; text++)
	{
		if (!is_digit(*text))
			return false;
		value = value * 10 + (*text - '0');
	}
	*result = negative ? -value : value;
	return true;
}

bool
value_to_double(const char *text, int length, double *result)
{
	char buffer[128];
	char *end;

	if (length == 0 || length >= (int) sizeof(buffer))
		return false;
	memcpy(buffer, text, length);
	buffer[length] = '\0';
	errno = 0;
	*result = strtod(buffer, &end);
	return *end == '\0' && errno == 0;
}

int
value_plain_decimal(const char *text, int length, ValueForms form, char *result)
{
	char decimal = form == FORM_DECIMAL_COMMA || form == FORM_GROUPED_COMMA ? ',' : '.';
	int n = 0;

	for (int i = 0; i < length; i++)
	{
		if (text[i] == decimal)
			result[n++] = '.';
		else if (text[i] == '-' || is_digit(text[i]))
			result[n++] = text[i];
	}
	return n;
}

static int
hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
value_to_uuid(const char *text, int length, unsigned char *result)
{
	int n = 0;

	if (length != UUID_LENGTH)
		return false;
	for (int i = 0; i < UUID_LENGTH;)
	{
		int high;
		int low;

		if (i == 8 || i == 13 || i == 18 || i == 23)
		{
			if (text[i++] != '-')
				return false;
			continue;
		}
		high = hex_digit(text[i]);
		low = hex_digit(text[i + 1]);
		if (high < 0 || low < 0)
			return false;
		result[n++] = (unsigned char) (high * 16 + low);
		i += 2;
	}
	return true;
}

ValueForms
value_forms(const char *text, int length, bool *grouped, bool *exponent)
{
	unsigned char uuid[16];
	ValueForms forms = 0;
	char first;

	if (length == 0)
		return FORMS_ALL;
	first = *text;
	if (is_digit(first) || first == '-')
	{
		forms = number_forms(text, length, grouped, exponent);
		if (is_digit(first))
			forms |= value_time_forms(text, length);
	}
	else if (first == '{' || first == '[')
		return value_is_json(text, length) ? FORM_JSON : 0;
	else if (strchr("tTfFyYnN", first) != NULL)
		forms = bool_forms(text, length);
	if (length == UUID_LENGTH && value_to_uuid(text, length, uuid))
		forms |= FORM_UUID;
	if (forms == 0 && ((first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z')))
		forms = value_time_forms(text, length);
	return forms;
}
