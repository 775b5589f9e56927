/*-------------------------------------------------------------------------
 *
 * json.h
 *		Building and reading jsonb with one call a member.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_JSON_H
#define SQL_AGENT_JSON_H

#include "utils/jsonb.h"

typedef struct JsonBuilder
{
	JsonbParseState *state;
	JsonbValue *result; /* set when the outermost container has ended */
} JsonBuilder;

/*
 * Writing.  Where key is NULL the value is an element of an array, otherwise a
 * member of an object.  Strings must be valid in the server encoding; they are
 * not copied and have to live until json_finish().  A NULL string, and a number
 * that JSON has no form for (NaN, infinity), become null.
 */
extern void json_start(JsonBuilder *json);
extern void json_begin_object(JsonBuilder *json, const char *key);
extern void json_end_object(JsonBuilder *json);
extern void json_begin_array(JsonBuilder *json, const char *key);
extern void json_end_array(JsonBuilder *json);
extern void json_string(JsonBuilder *json, const char *key, const char *value);
extern void json_bool(JsonBuilder *json, const char *key, bool value);
extern void json_int(JsonBuilder *json, const char *key, int64 value);
extern void json_double(JsonBuilder *json, const char *key, double value);
extern void json_null(JsonBuilder *json, const char *key);
extern void json_jsonb(JsonBuilder *json, const char *key, Jsonb *value);
extern Jsonb *json_finish(JsonBuilder *json);

/* Reading: the member of an object, NULL where there is none or it is null. */
extern JsonbValue *json_member(JsonbContainer *object, const char *key);
/* a scalar as text (strings without quotes), containers as their JSON; palloc'ed */
extern char *json_value_text(const JsonbValue *value);

#endif /* SQL_AGENT_JSON_H */
