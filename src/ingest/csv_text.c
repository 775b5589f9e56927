/*-------------------------------------------------------------------------
 *
 * csv_text.c
 *		A text file as UTF-8, whatever encoding it has.
 *
 * A byte-order mark decides; else zero bytes at every other place are UTF-16;
 * else a file that is valid UTF-8 from end to end is that.  A file that is not,
 * yet has characters of several bytes that are right, is damaged UTF-8; any
 * other was written in an older encoding, which libuchardet guesses.
 *
 * PostgreSQL's own conversions do the work, in blocks.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <uchardet/uchardet.h>

#include "catalog/namespace.h"
#include "common/errors.h"
#include "ingest/csv.h"
#include "ingest/shown.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#define BLOCK      65536
#define GUESS_SIZE (1024 * 1024)

/* U+FFFD */
static const char replacement[] = {'\xEF', '\xBF', '\xBD'};

typedef enum TextForm
{
	TEXT_UTF8,
	TEXT_UTF16LE,
	TEXT_UTF16BE,
	TEXT_LEGACY /* converted by PostgreSQL */
} TextForm;

struct CsvText
{
	const Source *source;
	TextForm form;
	int encoding; /* of TEXT_LEGACY */
	Oid conversion;
	const char *name;
	bool guessed;
	bool replace_invalid;
	bool check;  /* UTF-8 by the user's word alone: its validity is not known */
	int64 start; /* behind the byte-order mark */
	int64 at;
};

/* what a look at the whole file finds */
typedef struct Utf8Look
{
	int64 first_invalid; /* -1 = none */
	int64 invalid;
	int64 multibyte;
} Utf8Look;

static int64
read_raw(const Source *source, int64 offset, void *buffer, int64 length)
{
	int64 n = source_read(source, offset, buffer, length);

	if (n < 0)
		source_raise(source);
	CHECK_FOR_INTERRUPTS();
	return n;
}

/* the length of the valid character at p, 0 where there is none, -1 where it is cut */
static int
utf8_character(const uint8 *p, int64 available)
{
	int length = pg_utf_mblen(p);

	if (length > available)
		return -1;
	return pg_utf8_islegal(p, length) ? length : 0;
}

static int64
ascii_run(const uint8 *p, int64 length)
{
	int64 n = 0;

	while (n + 8 <= length)
	{
		uint64 word;

		memcpy(&word, p + n, sizeof(word));
		if ((word & UINT64CONST(0x8080808080808080)) != 0)
			break;
		n += 8;
	}
	while (n < length && p[n] < 0x80)
		n++;
	return n;
}

static Utf8Look
look_for_utf8(const Source *source, int64 start)
{
	Utf8Look look = {.first_invalid = -1};
	uint8 *block = palloc(BLOCK);
	int64 at = start;

	for (;;)
	{
		int64 n = read_raw(source, at, block, BLOCK);
		int64 i = 0;

		if (n == 0)
			break;
		while (i < n)
		{
			int length;

			i += ascii_run(block + i, n - i);
			if (i >= n)
				break;
			length = utf8_character(block + i, n - i);
			if (length < 0 && at + n < source->size)
				break; /* the next block starts with it */
			if (length > 0)
				look.multibyte++;
			else
			{
				if (look.first_invalid < 0)
					look.first_invalid = at + i;
				look.invalid++;
				length = 1;
			}
			i += length;
		}
		at += i;
	}
	pfree(block);
	return look;
}

/* every other byte of the start is zero: UTF-16 of mostly western text */
static bool
is_utf16(const uint8 *head, int64 n, int zero_at)
{
	int64 zeros = 0;
	int64 pairs = n / 2;

	for (int64 i = 0; i < pairs; i++)
	{
		zeros += head[2 * i + zero_at] == 0;
		if (head[2 * i + 1 - zero_at] == 0)
			return false;
	}
	return pairs > 1 && n % 2 == 0 && zeros * 10 > pairs * 7;
}

static void
set_legacy(CsvText *text, int encoding)
{
	text->form = TEXT_LEGACY;
	text->encoding = encoding;
	text->name = pg_encoding_to_char(encoding);
	text->conversion = FindDefaultConversionProc(encoding, PG_UTF8);
	if (!OidIsValid(text->conversion))
		ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_UNSUPPORTED),
						errmsg("encoding \"%s\" can not be converted to UTF-8", text->name)));
}

/* names of libuchardet that PostgreSQL knows under other ones */
static int
guessed_encoding(const char *name)
{
	if (pg_strcasecmp(name, "IBM866") == 0)
		return PG_WIN866;
	if (pg_strcasecmp(name, "TIS-620") == 0)
		return PG_WIN874;
	/* the newer one has all of the older one and the letters of Windows */
	if (pg_strcasecmp(name, "ISO-8859-1") == 0 || pg_strcasecmp(name, "ASCII") == 0)
		return PG_WIN1252;
	return pg_char_to_encoding(name);
}

static void
guess_legacy(CsvText *text)
{
	int64 length = Min(text->source->size, GUESS_SIZE);
	char *sample = palloc(length);
	uchardet_t detector;
	char name[64] = "";
	int encoding;

	length = read_raw(text->source, 0, sample, length);
	detector = uchardet_new();
	if (detector != NULL)
	{
		if (uchardet_handle_data(detector, sample, length) == 0)
		{
			uchardet_data_end(detector);
			strlcpy(name, uchardet_get_charset(detector), sizeof(name));
		}
		uchardet_delete(detector);
	}
	pfree(sample);
	encoding = guessed_encoding(name);
	if (encoding < 0 || encoding == PG_UTF8 || encoding == PG_SQL_ASCII ||
		!OidIsValid(FindDefaultConversionProc(encoding, PG_UTF8)))
		encoding = PG_WIN1252;
	set_legacy(text, encoding);
	text->guessed = true;
}

static void
set_named(CsvText *text, const char *name)
{
	int encoding;

	text->form = TEXT_UTF8;
	text->name = "UTF8";
	if (pg_strcasecmp(name, "utf-16") == 0 || pg_strcasecmp(name, "utf-16le") == 0 ||
		pg_strcasecmp(name, "utf16") == 0)
	{
		text->form = TEXT_UTF16LE;
		text->name = "UTF-16LE";
		return;
	}
	if (pg_strcasecmp(name, "utf-16be") == 0)
	{
		text->form = TEXT_UTF16BE;
		text->name = "UTF-16BE";
		return;
	}
	encoding = pg_char_to_encoding(name);
	if (encoding < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("encoding \"%s\" is not known", shown(name)),
						errhint("Use a name such as UTF8, WIN1252, LATIN1, SJIS, or UTF-16.")));
	if (encoding != PG_UTF8)
		set_legacy(text, encoding);
}

static void
pg_attribute_noreturn() invalid_utf8(int64 offset)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			 errmsg("file is damaged: the byte at offset %lld is no part of a UTF-8 character",
					(long long) offset),
			 errdetail("The rest of the file is UTF-8."),
			 errhint("Give its encoding in the options, or replace_invalid => true.")));
}

static void
detect(CsvText *text)
{
	uint8 head[BLOCK];
	int64 n = read_raw(text->source, 0, head, sizeof(head));
	Utf8Look look;

	text->form = TEXT_UTF8;
	text->name = "UTF8";
	if (is_utf16(head, n, 1))
		set_named(text, "utf-16le");
	else if (is_utf16(head, n, 0))
		set_named(text, "utf-16be");
	else
	{
		look = look_for_utf8(text->source, text->start);
		if (look.invalid == 0)
			return;
		if (look.multibyte <= look.invalid)
			guess_legacy(text);
		else if (!text->replace_invalid)
			invalid_utf8(look.first_invalid);
		else
			text->check = true;
	}
}

/* true where a byte-order mark says what the file is */
static bool
read_mark(CsvText *text)
{
	uint8 head[3] = {0};
	int64 n = read_raw(text->source, 0, head, sizeof(head));

	if (n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0)
	{
		text->start = 3;
		return false; /* a mark does not prove the rest */
	}
	if (n >= 2 && ((head[0] == 0xFF && head[1] == 0xFE) || (head[0] == 0xFE && head[1] == 0xFF)))
	{
		text->start = 2;
		set_named(text, head[0] == 0xFF ? "utf-16le" : "utf-16be");
		return true;
	}
	return false;
}

CsvText *
csv_text_open(const Source *source, const CsvOptions *options)
{
	CsvText *text = palloc0(sizeof(CsvText));

	text->source = source;
	text->replace_invalid = options->replace_invalid;
	if (!read_mark(text))
	{
		if (options->encoding != NULL)
		{
			set_named(text, options->encoding);
			text->check = true;
		}
		else
			detect(text);
	}
	text->at = text->start;
	return text;
}

/* UTF-16 at `from` to UTF-8; returns how many bytes of it were used */
static int64
convert_utf16(const CsvText *text, const uint8 *from, int64 length, bool last, char *into,
			  int64 *written)
{
	int low = text->form == TEXT_UTF16LE ? 0 : 1;
	int64 i = 0;
	unsigned char *p = (unsigned char *) into;

	while (i + 1 < length)
	{
		pg_wchar c = from[i + low] | from[i + 1 - low] << 8;
		int used = 2;

		if (c >= 0xD800 && c < 0xDC00)
		{
			pg_wchar next;

			if (i + 3 >= length && !last)
				break;
			next = i + 3 < length ? from[i + 2 + low] | from[i + 3 - low] << 8 : 0;
			if (next >= 0xDC00 && next < 0xE000)
			{
				c = 0x10000 + ((c - 0xD800) << 10) + (next - 0xDC00);
				used = 4;
			}
		}
		if (c >= 0xD800 && c < 0xE000)
			c = 0xFFFD;
		unicode_to_utf8(c, p);
		p += pg_utf_mblen(p);
		i += used;
	}
	*written = (char *) p - into;
	return last ? length : i;
}

/*
 * Bytes of an older encoding to UTF-8.  What can not be converted is replaced;
 * where the encoding was only guessed, too: a guess must not end an upload.
 */
static int64
convert_legacy(const CsvText *text, const uint8 *from, int64 length, bool last, char *into,
			   int64 room, int64 *written)
{
	int64 used = 0;
	int64 out = 0;

	while (used < length)
	{
		int read = pg_do_encoding_conversion_buf(
			text->conversion, text->encoding, PG_UTF8, unconstify(uint8 *, from + used),
			(int) (length - used), (unsigned char *) into + out, (int) (room - out), true);

		out += (int64) strlen(into + out);
		used += read;
		if (used >= length)
			break;
		if (from[used] == 0)
		{
			/* the conversion stops at a zero byte; the splitter reports it */
			into[out++] = '\0';
			used++;
			continue;
		}
		/* a character that the block cuts comes again with the next one */
		if (!last && length - used < MAX_MULTIBYTE_CHAR_LEN)
			break;
		if (!text->replace_invalid && !text->guessed)
			ereport(ERROR,
					(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
					 errmsg("file has a byte sequence at offset %lld that is not valid in encoding "
							"\"%s\"",
							(long long) (text->at + used), text->name),
					 errhint("Give another encoding, or replace_invalid => true.")));
		memcpy(into + out, replacement, sizeof(replacement));
		out += sizeof(replacement);
		used++;
	}
	*written = out;
	return used;
}

/* UTF-8 whose validity is not known */
static int64
check_utf8(const CsvText *text, const uint8 *from, int64 length, bool last, char *into,
		   int64 *written)
{
	int64 used = 0;
	int64 out = 0;

	while (used < length)
	{
		int64 run = ascii_run(from + used, length - used);
		int character;

		memcpy(into + out, from + used, run);
		used += run;
		out += run;
		if (used >= length)
			break;
		character = utf8_character(from + used, length - used);
		if (character < 0 && !last)
			break;
		if (character <= 0)
		{
			if (!text->replace_invalid)
				invalid_utf8(text->at + used);
			memcpy(into + out, replacement, sizeof(replacement));
			out += sizeof(replacement);
			used++;
			continue;
		}
		memcpy(into + out, from + used, character);
		used += character;
		out += character;
	}
	*written = out;
	return used;
}

int64
csv_text_read(CsvText *text, char *buffer, int64 room)
{
	int64 written = 0;
	uint8 *raw;
	int64 n;
	bool last;

	if (text->form == TEXT_UTF8 && !text->check)
	{
		n = read_raw(text->source, text->at, buffer, room);
		text->at += n;
		return n;
	}
	/* a byte becomes at most MAX_CONVERSION_GROWTH */
	raw = palloc(BLOCK);
	n = read_raw(text->source, text->at, raw,
				 Min(BLOCK, (room - MAX_MULTIBYTE_CHAR_LEN) / MAX_CONVERSION_GROWTH));
	last = text->at + n >= text->source->size;
	if (text->form == TEXT_LEGACY)
		n = convert_legacy(text, raw, n, last, buffer, room, &written);
	else if (text->form == TEXT_UTF8)
		n = check_utf8(text, raw, n, last, buffer, &written);
	else
		n = convert_utf16(text, raw, n, last, buffer, &written);
	text->at += n;
	pfree(raw);
	return written;
}

void
csv_text_rewind(CsvText *text)
{
	text->at = text->start;
}

double
csv_text_progress(const CsvText *text)
{
	return (double) text->at / Max(text->source->size, 1);
}

const char *
csv_text_encoding(const CsvText *text, bool *guessed)
{
	*guessed = text->guessed;
	return text->name;
}
