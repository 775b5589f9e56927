/*-------------------------------------------------------------------------
 *
 * dialect.c
 *		What the dialects share: building bodies, reading tokens.
 *
 * A body is written in the server encoding and converted as a whole, so that
 * the same request has the same bytes everywhere.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "service/dialect.h"
#include "utils/json.h"

const Dialect *
dialect_of(LlmProvider provider)
{
	switch (provider)
	{
		case LLM_ANTHROPIC:
			return &anthropic_dialect;
		case LLM_GEMINI:
			return &gemini_dialect;
		case LLM_OPENAI:
		case LLM_AZURE:
		case LLM_OPENAI_COMPATIBLE:
			break;
	}
	return &openai_dialect;
}

void
body_name(StringInfo out, const char *name)
{
	char last = out->len > 0 ? out->data[out->len - 1] : '{';

	if (last != '{' && last != '[')
		appendStringInfoChar(out, ',');
	if (name != NULL)
		appendStringInfo(out, "\"%s\":", name);
}

void
body_string(StringInfo out, const char *name, const char *value)
{
	body_name(out, name);
	escape_json(out, value);
}

void
body_int(StringInfo out, const char *name, int64 value)
{
	body_name(out, name);
	appendStringInfo(out, INT64_FORMAT, value);
}

void
body_raw(StringInfo out, const char *name, const char *json)
{
	body_name(out, name);
	appendStringInfoString(out, json);
}

int
request_max_tokens(const LlmRequest *request)
{
	return request->max_output_tokens > 0 ? request->max_output_tokens
										  : request->endpoint->max_output_tokens;
}

LlmStructured
request_structured(const LlmRequest *request, unsigned lacks)
{
	LlmStructured mode = request->endpoint->structured;

	if (request->schema_json == NULL)
		return LLM_STRUCTURED_NONE;
	if (mode == LLM_STRUCTURED_SCHEMA && (lacks & LACKS_SCHEMA))
		mode = LLM_STRUCTURED_OBJECT;
	if (mode == LLM_STRUCTURED_OBJECT && (lacks & LACKS_JSON_OBJECT))
		mode = LLM_STRUCTURED_NONE;
	return mode;
}

/*
 * The figures come from outside: what does not add up is cut down, not believed.
 */
void
usage_set(LlmUsage *usage, int64 prompt, int64 cached, int64 cache_write, int64 output,
		  int64 reasoning)
{
	usage->known = prompt >= 0 && output >= 0;
	if (!usage->known)
		return;
	usage->cached = Min(Max(cached, 0), prompt);
	usage->cache_write = Min(Max(cache_write, 0), prompt - usage->cached);
	usage->input = prompt - usage->cached - usage->cache_write;
	usage->output = output;
	usage->reasoning = Min(Max(reasoning, 0), output);
}
