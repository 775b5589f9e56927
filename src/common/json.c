/*-------------------------------------------------------------------------
 *
 * json.c
 *		Building and reading jsonb with one call a member.
 *
 * A thin layer over pushJsonbValue(), so that the code that builds an answer
 * or a chart reads like the document that it builds.  Errors are those of
 * jsonb itself (a string of more than 256 MB).
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "common/json.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

static void
push_key(JsonBuilder *json, const char *key)
{
	JsonbValue value;

	if (key == NULL)
		return;
	value.type = jbvString;
	value.val.string.val = unconstify(char *, key);
	value.val.string.len = strlen(key);
	json->result = pushJsonbValue(&json->state, WJB_KEY, &value);
}

static void
push_value(JsonBuilder *json, const char *key, JsonbValue *value)
{
	push_key(json, key);
	json->result = pushJsonbValue(&json->state, key ? WJB_VALUE : WJB_ELEM, value);
}

void
json_start(JsonBuilder *json)
{
	json->state = NULL;
	json->result = NULL;
}

void
json_begin_object(JsonBuilder *json, const char *key)
{
	push_key(json, key);
	json->result = pushJsonbValue(&json->state, WJB_BEGIN_OBJECT, NULL);
}

void
json_end_object(JsonBuilder *json)
{
	json->result = pushJsonbValue(&json->state, WJB_END_OBJECT, NULL);
}

void
json_begin_array(JsonBuilder *json, const char *key)
{
	push_key(json, key);
	json->result = pushJsonbValue(&json->state, WJB_BEGIN_ARRAY, NULL);
}

void
json_end_array(JsonBuilder *json)
{
	json->result = pushJsonbValue(&json->state, WJB_END_ARRAY, NULL);
}

void
json_null(JsonBuilder *json, const char *key)
{
	JsonbValue value;

	value.type = jbvNull;
	push_value(json, key, &value);
}

void
json_string(JsonBuilder *json, const char *key, const char *string)
{
	JsonbValue value;

	if (string == NULL)
	{
		json_null(json, key);
		return;
	}
	value.type = jbvString;
	value.val.string.val = unconstify(char *, string);
	value.val.string.len = strlen(string);
	push_value(json, key, &value);
}

void
json_bool(JsonBuilder *json, const char *key, bool boolean)
{
	JsonbValue value;

	value.type = jbvBool;
	value.val.boolean = boolean;
	push_value(json, key, &value);
}

void
json_int(JsonBuilder *json, const char *key, int64 number)
{
	JsonbValue value;

	value.type = jbvNumeric;
	value.val.numeric = int64_to_numeric(number);
	push_value(json, key, &value);
}

void
json_double(JsonBuilder *json, const char *key, double number)
{
	JsonbValue value;

	if (isnan(number) || isinf(number))
	{
		json_null(json, key);
		return;
	}
	value.type = jbvNumeric;
	value.val.numeric =
		DatumGetNumeric(DirectFunctionCall1(float8_numeric, Float8GetDatum(number)));
	push_value(json, key, &value);
}

void
json_jsonb(JsonBuilder *json, const char *key, Jsonb *document)
{
	JsonbValue value;

	if (document == NULL)
	{
		json_null(json, key);
		return;
	}
	if (JB_ROOT_IS_SCALAR(document))
		JsonbExtractScalar(&document->root, &value);
	else
	{
		value.type = jbvBinary;
		value.val.binary.data = &document->root;
		value.val.binary.len = VARSIZE(document) - VARHDRSZ;
	}
	push_value(json, key, &value);
}

Jsonb *
json_finish(JsonBuilder *json)
{
	return JsonbValueToJsonb(json->result);
}

JsonbValue *
json_member(JsonbContainer *object, const char *key)
{
	JsonbValue *value;

	if (!JsonContainerIsObject(object))
		return NULL;
	value = getKeyJsonValueFromContainer(object, key, strlen(key), NULL);
	return value == NULL || value->type == jbvNull ? NULL : value;
}

char *
json_value_text(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			return pstrdup("null");
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		case jbvNumeric:
			return DatumGetCString(
				DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
		case jbvBool:
			return pstrdup(value->val.boolean ? "true" : "false");
		case jbvBinary:
			return JsonbToCString(NULL, value->val.binary.data, value->val.binary.len);
		default:
			elog(ERROR, "unexpected jsonb value type %d", (int) value->type);
	}
}
