/*-------------------------------------------------------------------------
 *
 * display.c
 *		Text for terminals: width, shortening, and hostile characters made
 *		visible.
 *
 * Names, comments and values come from anywhere.  What could move the cursor,
 * reorder the line, hide in it or end it early is written as an escape, so
 * that what is printed is what is there.  Everything takes text of the server
 * encoding; a byte that is none in it (SQL_ASCII databases have them) is
 * shown as \xNN.  Nothing here raises but for memory.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/display.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

typedef struct CodeRange
{
	uint32 first;
	uint32 last;
} CodeRange;

/* code points that are written as escapes; sorted */
static const CodeRange hidden_ranges[] = {
	{0x0000, 0x001F},   /* C0 controls */
	{0x007F, 0x009F},   /* DEL, C1 controls */
	{0x00AD, 0x00AD},   /* soft hyphen */
	{0x034F, 0x034F},   /* combining grapheme joiner */
	{0x061C, 0x061C},   /* Arabic letter mark */
	{0x115F, 0x1160},   /* Hangul fillers */
	{0x17B4, 0x17B5},   /* Khmer inherent vowels */
	{0x180B, 0x180F},   /* Mongolian selectors and vowel separator */
	{0x200B, 0x200F},   /* zero width, left/right marks */
	{0x2028, 0x202E},   /* separators, bidi embeddings and overrides */
	{0x2060, 0x206F},   /* word joiner, invisible operators, bidi isolates */
	{0x3164, 0x3164},   /* Hangul filler */
	{0xFE00, 0xFE0D},   /* variation selectors, but for text and emoji style */
	{0xFEFF, 0xFEFF},   /* byte order mark */
	{0xFFA0, 0xFFA0},   /* half width Hangul filler */
	{0xFFF0, 0xFFFB},   /* interlinear annotation */
	{0x1D173, 0x1D17A}, /* musical formatting */
	{0xE0000, 0xE0FFF}, /* tags, further variation selectors */
};

static bool
codepoint_is_hidden(uint32 code)
{
	int low = 0;
	int high = lengthof(hidden_ranges) - 1;

	while (low <= high)
	{
		int middle = (low + high) / 2;

		if (code < hidden_ranges[middle].first)
			high = middle - 1;
		else if (code > hidden_ranges[middle].last)
			low = middle + 1;
		else
			return true;
	}
	/* the last two of every plane are no characters either */
	return (code & 0xFFFE) == 0xFFFE;
}

/* do the bytes 0x80 .. 0x9f stand for C1 controls in this encoding? */
static bool
encoding_has_c1(int encoding)
{
	switch (encoding)
	{
		case PG_LATIN1:
		case PG_LATIN2:
		case PG_LATIN3:
		case PG_LATIN4:
		case PG_LATIN5:
		case PG_LATIN6:
		case PG_LATIN7:
		case PG_LATIN8:
		case PG_LATIN9:
		case PG_LATIN10:
		case PG_ISO_8859_5:
		case PG_ISO_8859_6:
		case PG_ISO_8859_7:
		case PG_ISO_8859_8:
		case PG_SQL_ASCII:
			return true;
		default:
			return false;
	}
}

/*
 * The length of the character at text, 0 where the bytes are none.  *hidden:
 * it must not be printed as it is.
 */
static int
next_character(const char *text, int remaining, int encoding, bool *hidden)
{
	unsigned char first = (unsigned char) *text;
	int len;

	if (first < 0x80)
	{
		*hidden = first < 0x20 || first == 0x7F;
		return 1;
	}
	if (encoding == PG_SQL_ASCII)
		return 0;
	len = pg_encoding_verifymbchar(encoding, text, remaining);
	if (len <= 0)
		return 0;
	if (encoding == PG_UTF8)
		*hidden = codepoint_is_hidden(utf8_to_unicode((const unsigned char *) text));
	else
		*hidden = len == 1 && first < 0xA0 && encoding_has_c1(encoding);
	return len;
}

/* terminal columns of one character */
static int
character_width(const char *text, int encoding)
{
	int width;

	if ((unsigned char) *text < 0x80)
		return 1;
	width = pg_encoding_dsplen(encoding, text);
	return Max(width, 0);
}

int
display_width(const char *text)
{
	int encoding = GetDatabaseEncoding();
	int remaining = strlen(text);
	int width = 0;

	while (remaining > 0)
	{
		bool hidden;
		int len = next_character(text, remaining, encoding, &hidden);

		/* a stray byte counts as one column */
		if (len == 0)
		{
			len = 1;
			width++;
		}
		else
			width += character_width(text, encoding);
		text += len;
		remaining -= len;
	}
	return width;
}

static void
append_escape(StringInfo buf, const char *text, int len, int encoding)
{
	uint32 code;

	if (len == 1)
	{
		switch (*text)
		{
			case '\n':
				appendStringInfoString(buf, "\\n");
				return;
			case '\t':
				appendStringInfoString(buf, "\\t");
				return;
			case '\r':
				appendStringInfoString(buf, "\\r");
				return;
			default:
				appendStringInfo(buf, "\\x%02x", (unsigned char) *text);
				return;
		}
	}
	if (encoding != PG_UTF8)
	{
		for (int i = 0; i < len; i++)
			appendStringInfo(buf, "\\x%02x", (unsigned char) text[i]);
		return;
	}
	code = utf8_to_unicode((const unsigned char *) text);
	if (code <= 0xFFFF)
		appendStringInfo(buf, "\\u%04x", code);
	else
		appendStringInfo(buf, "\\U%08x", code);
}

/* how many leading bytes can be printed as they are */
static int
clean_prefix(const char *text, int total, int encoding)
{
	int done = 0;

	while (done < total)
	{
		bool hidden = false;
		int len = next_character(text + done, total - done, encoding, &hidden);

		if (len == 0 || hidden)
			break;
		done += len;
	}
	return done;
}

bool
display_is_clean(const char *text)
{
	int total = strlen(text);

	return clean_prefix(text, total, GetDatabaseEncoding()) == total;
}

char *
display_escape(const char *text)
{
	int encoding = GetDatabaseEncoding();
	int remaining = strlen(text);
	StringInfoData buf;
	int clean = clean_prefix(text, remaining, encoding);

	if (clean == remaining)
		return pnstrdup(text, remaining);

	initStringInfo(&buf);
	for (;;)
	{
		bool hidden = false;
		int len;

		appendBinaryStringInfo(&buf, text, clean);
		text += clean;
		remaining -= clean;
		if (remaining == 0)
			break;
		len = next_character(text, remaining, encoding, &hidden);
		len = Max(len, 1);
		append_escape(&buf, text, len, encoding);
		text += len;
		remaining -= len;
		clean = clean_prefix(text, remaining, encoding);
	}
	return buf.data;
}

char *
display_plain(const char *text)
{
	int encoding = GetDatabaseEncoding();
	int remaining = strlen(text);
	StringInfoData buf;

	initStringInfo(&buf);
	while (remaining > 0)
	{
		int clean = clean_prefix(text, remaining, encoding);
		bool hidden = false;
		int len;

		appendBinaryStringInfo(&buf, text, clean);
		text += clean;
		remaining -= clean;
		if (remaining == 0)
			break;
		len = Max(next_character(text, remaining, encoding, &hidden), 1);
		if (len == 1)
			appendStringInfoChar(&buf, ' ');
		text += len;
		remaining -= len;
	}
	return buf.data;
}

char *
display_shorten(const char *text, int max_width, bool *shortened)
{
	int encoding = GetDatabaseEncoding();
	const char *ellipsis = encoding == PG_UTF8 ? "\xE2\x80\xA6" : "...";
	int ellipsis_width = encoding == PG_UTF8 ? 1 : 3;
	int total = strlen(text);
	int done = 0;
	int width = 0;
	int cut = 0; /* bytes that leave room for the ellipsis */

	if (shortened)
		*shortened = false;
	while (done < total)
	{
		bool hidden = false;
		int len = next_character(text + done, total - done, encoding, &hidden);
		int columns = len == 0 ? 1 : character_width(text + done, encoding);

		len = Max(len, 1);
		if (width + columns > max_width)
		{
			if (shortened)
				*shortened = true;
			return psprintf("%.*s%s", cut, text, ellipsis_width <= max_width ? ellipsis : "");
		}
		width += columns;
		done += len;
		if (width + ellipsis_width <= max_width)
			cut = done;
	}
	return pnstrdup(text, total);
}

char *
display_number(const char *number)
{
	const char *p = number;
	const char *digits;
	int ndigits;
	const char *tail;
	StringInfoData buf;

	if (*p == '-' || *p == '+')
		p++;
	digits = p;
	ndigits = strspn(p, "0123456789");
	tail = p + ndigits;
	p = tail;
	if (*p == '.')
	{
		p++;
		p += strspn(p, "0123456789");
	}
	/* no number, an exponent, or nothing to separate */
	if (*p != '\0' || ndigits <= 3)
		return pstrdup(number);

	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, number, digits - number);
	for (int i = 0; i < ndigits; i++)
	{
		if (i > 0 && (ndigits - i) % 3 == 0)
			appendStringInfoChar(&buf, ',');
		appendStringInfoChar(&buf, digits[i]);
	}
	appendStringInfoString(&buf, tail);
	return buf.data;
}
