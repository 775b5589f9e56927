/*-------------------------------------------------------------------------
 *
 * names.c
 *		Headers as names of columns and tables.
 *
 * Lower case, words joined by underscores, at most 63 bytes, unlike every other
 * name of the table.  What a header says stays as the column's comment.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/infer.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

static const char *const system_columns[] = {"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"};

/* characters that nobody sees: zero width, direction, byte-order marks */
static bool
is_invisible(pg_wchar c)
{
	return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
		   (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || c == 0xAD ||
		   (c >= 0xE0000 && c <= 0xE007F);
}

/* letters and digits of ASCII, and every letter beyond it; spaces and signs beyond it are not */
static bool
is_name_character(pg_wchar c)
{
	if (c < 0x80)
		return isalnum((int) c) || c == '_';
	return !((c >= 0x80 && c <= 0xBF && c != 0xAA && c != 0xB5 && c != 0xBA) || c == 0xD7 ||
			 c == 0xF7 || (c >= 0x2000 && c <= 0x206F) || (c >= 0x20A0 && c <= 0x20CF) ||
			 (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) ||
			 (c >= 0xFF00 && c <= 0xFF0F));
}

static void
append_snake(StringInfo into, const char *text)
{
	bool pending = false;

	for (const char *p = text; *p != '\0'; p += pg_utf_mblen((const unsigned char *) p))
	{
		int length = pg_utf_mblen((const unsigned char *) p);
		pg_wchar c = utf8_to_unicode((const unsigned char *) p);

		if (is_invisible(c))
			continue;
		if (!is_name_character(c) || c == '_')
		{
			if (c == '%' || c == '#')
			{
				if (into->len > 0)
					appendStringInfoChar(into, '_');
				appendStringInfoString(into, c == '%' ? "percent" : "number");
			}
			pending = into->len > 0;
			continue;
		}
		if (pending)
			appendStringInfoChar(into, '_');
		pending = false;
		if (length == 1)
			appendStringInfoChar(into, (char) pg_tolower((unsigned char) *p));
		else
			appendBinaryStringInfo(into, p, length);
	}
}

static void
append_kept(StringInfo into, const char *text)
{
	bool pending = false;

	for (const char *p = text; *p != '\0'; p += pg_utf_mblen((const unsigned char *) p))
	{
		pg_wchar c = utf8_to_unicode((const unsigned char *) p);

		if (is_invisible(c))
			continue;
		if (c <= 0x20 || c == 0x7F || c == 0xA0)
		{
			pending = into->len > 0;
			continue;
		}
		if (pending)
			appendStringInfoChar(into, ' ');
		pending = false;
		appendBinaryStringInfo(into, p, pg_utf_mblen((const unsigned char *) p));
	}
}

/* where the name is, or belongs; names differ by more than upper and lower case */
static int
find_taken(const TakenNames *taken, const char *name, bool *found)
{
	int low = 0;
	int high = taken->count;

	*found = false;
	while (low < high)
	{
		int middle = (low + high) / 2;
		int order = pg_strcasecmp(name, taken->names[middle].name);

		if (order == 0)
		{
			*found = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void
take(TakenNames *taken, int place, const char *name)
{
	if (taken->count == taken->room)
	{
		taken->room = Max(64, 2 * taken->room);
		taken->names = taken->names == NULL
						   ? palloc(taken->room * sizeof(TakenName))
						   : repalloc(taken->names, taken->room * sizeof(TakenName));
	}
	memmove(taken->names + place + 1, taken->names + place,
			(taken->count - place) * sizeof(TakenName));
	taken->names[place] = (TakenName){.name = name, .next = 2};
	taken->count++;
}

static bool
is_system_column(const char *name)
{
	for (int i = 0; i < (int) lengthof(system_columns); i++)
		if (strcmp(name, system_columns[i]) == 0)
			return true;
	return false;
}

/*
 * The name itself, or with the first number behind it that makes it another one.
 * A file may call a thousand columns the same: each goes on where the one before
 * it found a number.
 */
static char *
make_unique(char *name, int length, TakenNames *taken)
{
	char *result = name;
	bool found;
	int base = find_taken(taken, name, &found);
	int place = base;

	if (found)
	{
		int number = taken->names[base].next;

		do
		{
			char *suffix = psprintf("_%d", number++);
			int room = pg_encoding_mbcliplen(PG_UTF8, name, length,
											 NAMEDATALEN - 1 - (int) strlen(suffix));

			CHECK_FOR_INTERRUPTS();
			if (result != name)
				pfree(result);
			result = psprintf("%.*s%s", room, name, suffix);
			pfree(suffix);
			place = find_taken(taken, result, &found);
		} while (found);
		taken->names[base].next = number;
	}
	take(taken, place, result);
	return result;
}

char *
name_clean(const char *original, const char *fallback, bool keep, TakenNames *taken)
{
	StringInfoData name;

	initStringInfo(&name);
	if (original != NULL)
	{
		if (keep)
			append_kept(&name, original);
		else
			append_snake(&name, original);
	}
	if (name.len == 0)
		appendStringInfoString(&name, fallback);
	if (is_system_column(name.data))
		appendStringInfoChar(&name, '_');
	name.len = pg_encoding_mbcliplen(PG_UTF8, name.data, name.len, NAMEDATALEN - 1);
	name.data[name.len] = '\0';
	return make_unique(name.data, name.len, taken);
}
