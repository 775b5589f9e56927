/*-------------------------------------------------------------------------
 *
 * jsondoc.c
 *		Reading JSON from outside with cJSON, the only file that includes it.
 *
 * cJSON allocates with malloc and calls nothing of ours, so no error can leap
 * over its frames.  A document belongs to the memory context that was current:
 * its reset callback frees the tree, also after an error.
 *
 * A tree takes some thirty times the memory of the shortest values, so depth
 * and number of values are counted before anything is built.  \u0000 is
 * refused: it would end a C string, and hide what follows from whoever checks
 * the text.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "catalog/namespace.h"
#include "mb/pg_wchar.h"
#include "service/jsondoc.h"
#include "utils/memutils.h"

#define MAX_DEPTH        64
#define MAX_VALUES       100000
#define MAX_OBJECT_TRIES 16
#define MAX_WHOLE_NUMBER 9007199254740992.0 /* 2^53 */

struct JsonDoc
{
	cJSON *root;
};

/*
 * Past the string that begins at text[at], or len where it does not end; *bad
 * where it holds \u0000.
 */
static size_t
skip_string(const char *text, size_t len, size_t at, bool *bad)
{
	for (at++; at < len && text[at] != '"'; at++)
	{
		if (text[at] != '\\' || at + 1 >= len)
			continue;
		at++;
		if (text[at] == 'u' && at + 4 < len && strncmp(text + at + 1, "0000", 4) == 0)
			*bad = true;
	}
	return at < len ? at + 1 : len;
}

static bool
within_limits(const char *text, size_t len)
{
	int depth = 0;
	int values = 0;
	bool bad = false;
	size_t at = 0;

	while (at < len && !bad)
	{
		switch (text[at])
		{
			case '"':
				at = skip_string(text, len, at, &bad);
				continue;
			case '[':
			case '{':
				values++;
				bad = ++depth > MAX_DEPTH;
				break;
			case ']':
			case '}':
				depth--;
				break;
			case ',':
				bad = ++values > MAX_VALUES;
				break;
			case '\0':
				bad = true;
				break;
			default:
				break;
		}
		at++;
	}
	return !bad;
}

static bool
only_space(const char *text, const char *end)
{
	while (text < end && strchr(" \t\r\n", *text) != NULL && *text != '\0')
		text++;
	return text >= end;
}

static void
free_tree(void *arg)
{
	JsonDoc *doc = (JsonDoc *) arg;

	cJSON_Delete(doc->root);
	doc->root = NULL;
}

JsonDoc *
jsondoc_parse(const char *text, size_t len)
{
	JsonDoc *doc;
	MemoryContextCallback *callback;
	const char *end = text;

	if (!within_limits(text, len))
		return NULL;

	/* all that may raise comes before the tree exists */
	doc = palloc0(sizeof(JsonDoc));
	callback = palloc0(sizeof(MemoryContextCallback));
	callback->func = free_tree;
	callback->arg = doc;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);

	doc->root = cJSON_ParseWithLengthOpts(text, len, &end, false);
	if (doc->root == NULL || !only_space(end, text + len))
	{
		jsondoc_free(doc);
		return NULL;
	}
	return doc;
}

void
jsondoc_free(JsonDoc *doc)
{
	/* the struct stays: the context's callback will come by */
	if (doc != NULL)
		free_tree(doc);
}

const JsonNode *
jsondoc_root(const JsonDoc *doc)
{
	return doc == NULL ? NULL : doc->root;
}

/*
 * The end of the balanced object that begins at text[at]; 0 where there is none.
 */
static size_t
object_end(const char *text, size_t len, size_t at)
{
	int depth = 0;
	bool bad = false;

	while (at < len)
	{
		if (text[at] == '"')
		{
			at = skip_string(text, len, at, &bad);
			continue;
		}
		if (text[at] == '{')
			depth++;
		else if (text[at] == '}' && --depth == 0)
			return at + 1;
		at++;
	}
	return 0;
}

/*
 * Past what a reasoning model says to itself, which may hold drafts.
 */
static const char *
skip_thoughts(const char *text)
{
	const char *at = text + strspn(text, " \t\r\n");
	const char *end;

	if (strncmp(at, "<think>", 7) != 0)
		return text;
	end = strstr(at, "</think>");
	return end == NULL ? text : end + 8;
}

static JsonDoc *
parse_as_object(const char *text, size_t len)
{
	JsonDoc *doc = jsondoc_parse(text, len);

	if (doc != NULL && !cJSON_IsObject(doc->root))
	{
		jsondoc_free(doc);
		doc = NULL;
	}
	return doc;
}

/*
 * A fence ends at the first line that begins with ```, or where the text ends.
 */
static JsonDoc *
parse_fenced(const char *text)
{
	const char *start = strstr(text, "```");
	const char *end;

	if (start == NULL)
		return NULL;
	start = strchr(start, '\n');
	if (start == NULL)
		return NULL;
	end = strstr(start, "\n```");
	return parse_as_object(start, end == NULL ? strlen(start) : end - start);
}

JsonDoc *
jsondoc_parse_object(const char *text, bool *wrapped)
{
	const char *utf8 = pg_server_to_any(text, strlen(text), PG_UTF8);
	const char *inner;
	JsonDoc *doc;
	size_t len;
	size_t at = 0;

	*wrapped = false;
	doc = parse_as_object(utf8, strlen(utf8));
	if (doc != NULL)
		return doc;

	*wrapped = true;
	inner = skip_thoughts(utf8);
	doc = parse_fenced(inner);
	len = strlen(inner);
	for (int tries = 0; doc == NULL && tries < MAX_OBJECT_TRIES; tries++)
	{
		const char *brace = memchr(inner + at, '{', len - at);
		size_t end;

		if (brace == NULL)
			break;
		at = brace - inner;
		end = object_end(inner, len, at);
		if (end != 0)
			doc = parse_as_object(inner + at, end - at);
		at++;
	}
	return doc;
}

const JsonNode *
jsondoc_member(const JsonNode *node, const char *name)
{
	return cJSON_IsObject(node) ? cJSON_GetObjectItemCaseSensitive(node, name) : NULL;
}

static const JsonNode *
step(const JsonNode *node, const char *name)
{
	if (cJSON_IsArray(node))
		return cJSON_GetArrayItem(node, atoi(name));
	return jsondoc_member(node, name);
}

const JsonNode *
jsondoc_path(const JsonNode *node, const char *path)
{
	char *steps = pstrdup(path);
	char *rest = NULL;

	for (char *name = strtok_r(steps, ".", &rest); name != NULL && node != NULL;
		 name = strtok_r(NULL, ".", &rest))
		node = step(node, name);
	pfree(steps);
	return node;
}

const JsonNode *
jsondoc_first(const JsonNode *node)
{
	return cJSON_IsArray(node) || cJSON_IsObject(node) ? node->child : NULL;
}

const JsonNode *
jsondoc_next(const JsonNode *node)
{
	return node == NULL ? NULL : node->next;
}

const char *
jsondoc_name(const JsonNode *node)
{
	return node == NULL ? NULL : node->string;
}

bool
jsondoc_is_string(const JsonNode *node)
{
	return cJSON_IsString(node);
}

bool
jsondoc_is_number(const JsonNode *node)
{
	return cJSON_IsNumber(node);
}

bool
jsondoc_is_bool(const JsonNode *node, bool *value)
{
	*value = cJSON_IsTrue(node);
	return cJSON_IsBool(node);
}

bool
jsondoc_is_null(const JsonNode *node)
{
	return cJSON_IsNull(node);
}

bool
jsondoc_is_object(const JsonNode *node)
{
	return cJSON_IsObject(node);
}

bool
jsondoc_is_array(const JsonNode *node)
{
	return cJSON_IsArray(node);
}

/*
 * A copy in which every byte that is no part of valid UTF-8 is a question mark.
 */
static char *
valid_utf8(const char *text, int len)
{
	char *copy = pnstrdup(text, len);

	for (int at = 0; at < len;)
	{
		int width = pg_utf_mblen((unsigned char *) copy + at);

		if (at + width <= len && pg_utf8_islegal((unsigned char *) copy + at, width))
			at += width;
		else
			copy[at++] = '?';
	}
	return copy;
}

/*
 * Into the server encoding, character by character where one has no counterpart.
 */
static char *
from_utf8(char *text, int len)
{
	int encoding = GetDatabaseEncoding();
	Oid conversion;
	Size space;
	char *result;
	int read = 0;
	int written = 0;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return text;
	conversion = FindDefaultConversionProc(PG_UTF8, encoding);
	if (!OidIsValid(conversion))
	{
		/* keep what every encoding has */
		for (int i = 0; i < len; i++)
			if (IS_HIGHBIT_SET(text[i]))
				text[i] = '?';
		return text;
	}

	space = (Size) len * MAX_CONVERSION_GROWTH + 1;
	result = MemoryContextAllocHuge(CurrentMemoryContext, space);
	while (read < len)
	{
		int done = pg_do_encoding_conversion_buf(
			conversion, PG_UTF8, encoding, (unsigned char *) text + read, len - read,
			(unsigned char *) result + written, space - written, true);

		read += done;
		written += strlen(result + written);
		if (read < len)
		{
			result[written++] = '?';
			read += pg_utf_mblen((unsigned char *) text + read);
		}
	}
	result[written] = '\0';
	return result;
}

char *
jsondoc_text(const JsonNode *node)
{
	int len;

	if (!cJSON_IsString(node) || node->valuestring == NULL)
		return NULL;
	len = strlen(node->valuestring);
	return from_utf8(valid_utf8(node->valuestring, len), len);
}

double
jsondoc_number(const JsonNode *node, double fallback)
{
	return cJSON_IsNumber(node) ? node->valuedouble : fallback;
}

int64
jsondoc_count(const JsonNode *node, int64 fallback)
{
	double number = jsondoc_number(node, -1);

	if (!(number >= 0 && number <= MAX_WHOLE_NUMBER) || floor(number) != number)
		return fallback;
	return (int64) number;
}
