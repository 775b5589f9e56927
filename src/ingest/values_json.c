/*-------------------------------------------------------------------------
 *
 * values_json.c
 *		Texts of cells as JSON documents.
 *
 * Not all that is well-formed can become jsonb: it drops all but one of the
 * values of a key that comes twice, and it refuses zero characters, halves of
 * surrogates, and numbers out of numeric's range.  And the parsers recurse, so
 * that brackets without end would end the upload.  Such a document is a text.
 *
 * So a scan that trusts nothing goes first, which looks for these alone; whether
 * the text is JSON at all is for PostgreSQL's parser to say.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/jsonapi.h"
#include "ingest/values.h"
#include "ingest/values_json.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#define MAX_JSON     (1024 * 1024)
#define MAX_DEPTH    256
#define MAX_EXPONENT 1000
#define FIRST_KEYS   16

typedef struct JsonKey
{
	int offset; /* in the bytes of the keys */
	int length;
} JsonKey;

typedef struct JsonScan
{
	const char *p;
	const char *end;

	/* what is open here */
	int depth;
	bool is_object[MAX_DEPTH];
	int first_key[MAX_DEPTH]; /* in `keys`, of an object */

	/* keys of all objects that are open, their escapes written out */
	JsonKey *keys;
	int nkeys;
	int room;
	StringInfoData bytes;
} JsonScan;

/* the four digits of \uXXXX at p, -1 where they are none */
static int
escaped_unit(const char *p, const char *end)
{
	int unit = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++)
	{
		char c = p[i];

		if (c >= '0' && c <= '9')
			unit = unit * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			unit = unit * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return unit;
}

/*
 * The character behind a backslash; false where jsonb does not take it.
 */
static bool
scan_escape(JsonScan *scan, StringInfo into)
{
	unsigned char utf8[MAX_MULTIBYTE_CHAR_LEN];
	int c;

	if (scan->p >= scan->end)
		return false;
	c = (unsigned char) *scan->p++;
	switch (c)
	{
		case 'b':
			c = '\b';
			break;
		case 'f':
			c = '\f';
			break;
		case 'n':
			c = '\n';
			break;
		case 'r':
			c = '\r';
			break;
		case 't':
			c = '\t';
			break;
		case 'u':
			c = escaped_unit(scan->p, scan->end);
			if (c <= 0 || (c >= 0xDC00 && c < 0xE000))
				return false;
			scan->p += 4;
			if (c >= 0xD800 && c < 0xDC00)
			{
				int low = scan->end - scan->p > 2 && scan->p[0] == '\\' && scan->p[1] == 'u'
							  ? escaped_unit(scan->p + 2, scan->end)
							  : -1;

				if (low < 0xDC00 || low >= 0xE000)
					return false;
				scan->p += 6;
				c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			}
			break;
		default:
			break;
	}
	if (into != NULL)
	{
		unicode_to_utf8((pg_wchar) c, utf8);
		appendBinaryStringInfo(into, (char *) utf8, pg_utf_mblen(utf8));
	}
	return true;
}

/* a string, from its opening quote to behind the closing one */
static bool
scan_string(JsonScan *scan, StringInfo into)
{
	scan->p++;
	while (scan->p < scan->end)
	{
		char c = *scan->p++;

		if (c == '"')
			return true;
		if (c == '\\')
		{
			if (!scan_escape(scan, into))
				return false;
		}
		else if (into != NULL)
			appendStringInfoCharMacro(into, c);
	}
	return false;
}

static bool
scan_key(JsonScan *scan)
{
	JsonKey *key;

	if (scan->nkeys == scan->room)
	{
		scan->room *= 2;
		scan->keys = repalloc(scan->keys, scan->room * sizeof(JsonKey));
	}
	key = &scan->keys[scan->nkeys++];
	key->offset = scan->bytes.len;
	if (!scan_string(scan, &scan->bytes))
		return false;
	key->length = scan->bytes.len - key->offset;
	return true;
}

/* within numeric's range, and no zero with a sign that it would drop */
static bool
scan_number(JsonScan *scan)
{
	bool negative = *scan->p == '-';
	bool zero = true;
	int digits = 0;
	int exponent = 0;

	if (negative)
		scan->p++;
	for (; scan->p < scan->end && ((*scan->p >= '0' && *scan->p <= '9') || *scan->p == '.');
		 scan->p++)
	{
		digits++;
		zero = zero && (*scan->p == '0' || *scan->p == '.');
	}
	if (scan->p < scan->end && (*scan->p | 0x20) == 'e')
	{
		scan->p++;
		if (scan->p < scan->end && (*scan->p == '-' || *scan->p == '+'))
			scan->p++;
		for (; scan->p < scan->end && *scan->p >= '0' && *scan->p <= '9'; scan->p++)
			exponent = Min(exponent * 10 + (*scan->p - '0'), MAX_EXPONENT + 1);
	}
	return digits <= MAX_NUMERIC_DIGITS && exponent <= MAX_EXPONENT && !(negative && zero);
}

static bool
open_container(JsonScan *scan, bool is_object)
{
	if (scan->depth == MAX_DEPTH)
		return false;
	scan->is_object[scan->depth] = is_object;
	scan->first_key[scan->depth] = scan->nkeys;
	scan->depth++;
	scan->p++;
	return true;
}

static int
compare_keys(const void *a, const void *b, void *arg)
{
	const JsonKey *x = a;
	const JsonKey *y = b;
	const char *bytes = arg;

	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	return memcmp(bytes + x->offset, bytes + y->offset, x->length);
}

/* false where the object that ends here has a key twice */
static bool
close_container(JsonScan *scan, bool is_object)
{
	JsonKey *keys;
	int count;

	if (scan->depth == 0 || scan->is_object[--scan->depth] != is_object)
		return false;
	scan->p++;
	keys = scan->keys + scan->first_key[scan->depth];
	count = scan->nkeys - scan->first_key[scan->depth];
	if (count == 0)
		return true;
	scan->nkeys -= count;
	scan->bytes.len = keys[0].offset;
	qsort_arg(keys, count, sizeof(JsonKey), compare_keys, scan->bytes.data);
	for (int i = 1; i < count; i++)
		if (compare_keys(&keys[i - 1], &keys[i], scan->bytes.data) == 0)
			return false;
	return true;
}

/* nothing in it that jsonb would change or refuse */
static bool
scan_document(JsonScan *scan)
{
	bool key = false;

	while (scan->p < scan->end)
	{
		bool fits = true;

		switch (*scan->p)
		{
			case '{':
			case '[':
				key = *scan->p == '{';
				fits = open_container(scan, key);
				break;
			case '}':
			case ']':
				key = false;
				fits = close_container(scan, *scan->p == '}');
				break;
			case ',':
				key = scan->depth > 0 && scan->is_object[scan->depth - 1];
				scan->p++;
				break;
			case '"':
				fits = key ? scan_key(scan) : scan_string(scan, NULL);
				key = false;
				break;
			default:
				if (*scan->p == '-' || (*scan->p >= '0' && *scan->p <= '9'))
					fits = scan_number(scan);
				else
					scan->p++;
				break;
		}
		if (!fits)
			return false;
	}
	return scan->depth == 0;
}

static bool
fits_jsonb(const char *text, int length)
{
	JsonScan scan;
	bool result;

	scan.p = text;
	scan.end = text + length;
	scan.depth = 0;
	scan.nkeys = 0;
	scan.room = FIRST_KEYS;
	scan.keys = palloc(scan.room * sizeof(JsonKey));
	initStringInfo(&scan.bytes);
	result = scan_document(&scan);
	pfree(scan.keys);
	pfree(scan.bytes.data);
	return result;
}

bool
value_is_json(const char *text, int length)
{
	static JsonSemAction no_action;
	JsonLexContext *lex;
	bool result;

	if (length < 2 || length > MAX_JSON || !fits_jsonb(text, length))
		return false;
	lex = makeJsonLexContextCstringLen(unconstify(char *, text), length, PG_UTF8, false);
	result = pg_parse_json(lex, &no_action) == JSON_SUCCESS;
	pfree(lex);
	return result;
}
