/*-------------------------------------------------------------------------
 *
 * shown.c
 *		What a file says, quoted in a message.
 *
 * Texts of a file are UTF-8, messages are in the encoding of the server.  An
 * ordinary conversion raises where a character has no equivalent, and then the
 * message that was meant is lost.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/namespace.h"
#include "ingest/shown.h"
#include "mb/pg_wchar.h"

char *
shown_text(const char *utf8, int length, int limit)
{
	int encoding = GetDatabaseEncoding();
	Oid conversion;
	unsigned char *from;
	char *result;
	int used = 0;
	int out = 0;

	length = pg_encoding_mbcliplen(PG_UTF8, utf8, length, limit);
	from = (unsigned char *) pnstrdup(utf8, length);
	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return (char *) from;
	conversion = FindDefaultConversionProc(PG_UTF8, encoding);
	result = palloc((Size) length * MAX_CONVERSION_GROWTH + 2);
	while (OidIsValid(conversion) && used < length)
	{
		used += pg_do_encoding_conversion_buf(conversion, PG_UTF8, encoding, from + used,
											  length - used, (unsigned char *) result + out,
											  (length - used) * MAX_CONVERSION_GROWTH + 1, true);
		out += (int) strlen(result + out);
		if (used >= length)
			break;
		result[out++] = '?';
		used += Min(Max(pg_utf_mblen(from + used), 1), length - used);
	}
	result[out] = '\0';
	return result;
}

char *
shown(const char *utf8)
{
	return shown_text(utf8, (int) strlen(utf8), PG_INT32_MAX / MAX_CONVERSION_GROWTH);
}
