/*-------------------------------------------------------------------------
 *
 * xlsx_strings.c
 *		Texts that cells share.
 *
 * They are needed in any order, so all of them are kept: their bytes and eight
 * more for each.  Formatting inside of a text is dropped, its runs are joined;
 * phonetic readings are left out.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/xlsx.h"
#include "mb/pg_wchar.h"

#define ESCAPE_LENGTH 7 /* _x000D_ */

/* the code unit of an escape at p, or -1 */
static int
escaped_unit(const char *p, const char *end)
{
	int unit = 0;

	if (end - p < ESCAPE_LENGTH || p[0] != '_' || p[1] != 'x' || p[6] != '_')
		return -1;
	for (int i = 2; i < 6; i++)
	{
		char c = p[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
					: c >= 'a' && c <= 'f' ? c - 'a' + 10
					: c >= 'A' && c <= 'F' ? c - 'A' + 10
										   : -1;

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

size_t
xlsx_unescape(char *text, size_t length)
{
	const char *end = text + length;
	char *from = memchr(text, '_', length);
	char *to = from;

	if (from == NULL)
		return length;
	while (from < end)
	{
		int unit = escaped_unit(from, end);
		pg_wchar c;

		if (unit < 0)
		{
			*to++ = *from++;
			continue;
		}
		from += ESCAPE_LENGTH;
		c = (pg_wchar) unit;
		if (c >= 0xD800 && c < 0xDC00)
		{
			int low = escaped_unit(from, end);

			if (low >= 0xDC00 && low < 0xE000)
			{
				c = 0x10000 + ((c - 0xD800) << 10) + ((pg_wchar) low - 0xDC00);
				from += ESCAPE_LENGTH;
			}
		}
		if (c >= 0xD800 && c < 0xE000)
			c = 0xFFFD;
		/* an escape is longer than what it stands for */
		unicode_to_utf8(c, (unsigned char *) to);
		to += pg_utf_mblen((unsigned char *) to);
	}
	return (size_t) (to - text);
}

static void
on_start(void *arg, const char *name, const char **attributes)
{
	SharedStrings *strings = arg;
	uint64 offset = strings->data.length;

	if (strcmp(name, "si") == 0)
		grow_append(&strings->offsets, &offset, sizeof(offset));
	else if (strcmp(name, "rPh") == 0)
		strings->in_phonetic = true;
	else if (strcmp(name, "t") == 0)
		strings->in_text = !strings->in_phonetic;
}

static void
on_end(void *arg, const char *name)
{
	SharedStrings *strings = arg;

	if (strcmp(name, "rPh") == 0)
		strings->in_phonetic = false;
	else if (strcmp(name, "t") == 0)
		strings->in_text = false;
	else if (strcmp(name, "si") == 0 && strings->offsets.length > 0 && !strings->data.failed)
	{
		uint64 start;
		size_t length;

		memcpy(&start, strings->offsets.data + strings->offsets.length - sizeof(start),
			   sizeof(start));
		length = strings->data.length - start;
		if (length > 0)
			strings->data.length = start + xlsx_unescape(strings->data.data + start, length);
	}
}

static void
on_text(void *arg, const char *text, int length)
{
	SharedStrings *strings = arg;

	if (strings->in_text)
		grow_append(&strings->data, text, length);
}

static const char *
find_problem(void *arg)
{
	SharedStrings *strings = arg;

	if (strings->data.failed || strings->offsets.failed)
		return "Its shared texts take more than 512 MB.";
	return NULL;
}

static const XmlHandler handler = {
	.start = on_start, .end = on_end, .text = on_text, .problem = find_problem};

void
xlsx_read_strings(ZipArchive *archive, const char *part, SharedStrings *strings)
{
	uint64 end;

	xml_read_part(archive, part, &handler, strings);
	end = strings->data.length;
	grow_append(&strings->offsets, &end, sizeof(end));
}

int64
xlsx_strings_count(const SharedStrings *strings)
{
	return (int64) (strings->offsets.length / sizeof(uint64)) - 1;
}
