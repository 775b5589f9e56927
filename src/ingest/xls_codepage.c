/*-------------------------------------------------------------------------
 *
 * xls_codepage.c
 *		Texts of a workbook as UTF-8.
 *
 * BIFF8 has UTF-16.  BIFF5 has bytes in the code page that the workbook names;
 * PostgreSQL's own conversions read them.  What can not be converted becomes
 * the replacement character, as every spreadsheet program does it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/namespace.h"
#include "ingest/xls.h"
#include "mb/pg_wchar.h"

#define REPLACEMENT 0xFFFD

typedef struct Codepage
{
	int number;
	int encoding;
} Codepage;

static const Codepage codepages[] = {
	{367, PG_SQL_ASCII}, {437, PG_WIN1252},  {850, PG_WIN1252},   {866, PG_WIN866},
	{874, PG_WIN874},    {932, PG_SJIS},     {936, PG_GBK},       {949, PG_UHC},
	{950, PG_BIG5},      {1250, PG_WIN1250}, {1251, PG_WIN1251},  {1252, PG_WIN1252},
	{1253, PG_WIN1253},  {1254, PG_WIN1254}, {1255, PG_WIN1255},  {1256, PG_WIN1256},
	{1257, PG_WIN1257},  {1258, PG_WIN1258}, {10000, PG_WIN1252}, {20866, PG_KOI8R},
	{21866, PG_KOI8U},   {28591, PG_LATIN1}, {32768, PG_WIN1252}, {32769, PG_WIN1252},
	{65001, PG_UTF8}};

static void
append_codepoint(StringInfo into, pg_wchar c)
{
	unsigned char buffer[MAX_MULTIBYTE_CHAR_LEN];

	if (c < 0x80)
	{
		appendStringInfoCharMacro(into, (char) c);
		return;
	}
	unicode_to_utf8(c, buffer);
	appendBinaryStringInfo(into, (char *) buffer, pg_utf_mblen(buffer));
}

void
xls_append_utf16(StringInfo into, const uint16 *units, int count)
{
	for (int i = 0; i < count; i++)
	{
		pg_wchar c = units[i];

		if (c >= 0xD800 && c <= 0xDFFF)
		{
			bool pair = c < 0xDC00 && i + 1 < count && (units[i + 1] & 0xFC00) == 0xDC00;

			c = pair ? 0x10000 + ((c - 0xD800) << 10) + (units[++i] - 0xDC00) : REPLACEMENT;
		}
		append_codepoint(into, c);
	}
}

static int
codepage_encoding(int codepage)
{
	for (int i = 0; i < (int) lengthof(codepages); i++)
		if (codepages[i].number == codepage)
			return codepages[i].encoding;
	return PG_WIN1252;
}

/* bytes one by one: ASCII stays, the rest can not be read */
static void
append_ascii(StringInfo into, const uint8 *bytes, int length)
{
	for (int i = 0; i < length; i++)
		append_codepoint(into, bytes[i] < 0x80 ? bytes[i] : REPLACEMENT);
}

void
xls_append_codepage(StringInfo into, int codepage, const uint8 *bytes, int length)
{
	int encoding = codepage_encoding(codepage);
	Oid proc;
	int done = 0;

	proc = encoding == PG_SQL_ASCII || encoding == PG_UTF8
			   ? InvalidOid
			   : FindDefaultConversionProc(encoding, PG_UTF8);
	if (encoding == PG_UTF8 && pg_verify_mbstr(PG_UTF8, (const char *) bytes, length, true))
	{
		appendBinaryStringInfo(into, (const char *) bytes, length);
		return;
	}
	while (OidIsValid(proc) && done < length)
	{
		int room = (length - done) * MAX_CONVERSION_GROWTH + 1;
		int read;

		enlargeStringInfo(into, room);
		read = pg_do_encoding_conversion_buf(
			proc, encoding, PG_UTF8, unconstify(unsigned char *, bytes + done), length - done,
			(unsigned char *) into->data + into->len, room, true);
		into->len += strlen(into->data + into->len);
		done += read;
		if (done < length)
			append_codepoint(into, bytes[done] == 0 ? 0 : REPLACEMENT), done++;
	}
	if (!OidIsValid(proc))
		append_ascii(into, bytes, length);
}
