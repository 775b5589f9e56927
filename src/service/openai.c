/*-------------------------------------------------------------------------
 *
 * openai.c
 *		The chat completions of OpenAI, Azure OpenAI and the many servers that
 *		speak like them.
 *
 * Temperature, top_p and seed are never sent: no value of theirs is accepted by
 * every model.  "system" is understood everywhere, "developer" is not.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "service/dialect.h"

static void
write_messages(StringInfo out, const LlmRequest *request, unsigned lacks)
{
	bool prepend = (lacks & LACKS_SYSTEM) != 0 && request->system != NULL;
	StringInfoData text;
	ListCell *lc;
	LlmMessage *previous = NULL;

	body_raw(out, "messages", "[");
	if (request->system != NULL && !prepend)
	{
		body_raw(out, NULL, "{");
		body_string(out, "role", "system");
		body_string(out, "content", request->system);
		appendStringInfoChar(out, '}');
	}
	initStringInfo(&text);
	if (prepend)
		appendStringInfo(&text, "%s\n\n", request->system);
	/* neighbours of one role are one message: some chat templates insist on turns */
	foreach (lc, request->messages)
	{
		LlmMessage *message = (LlmMessage *) lfirst(lc);
		LlmMessage *next =
			lnext(request->messages, lc) ? lfirst(lnext(request->messages, lc)) : NULL;

		if (previous != NULL && previous->role == message->role)
			appendStringInfoString(&text, "\n\n");
		appendStringInfoString(&text, message->text);
		previous = message;
		if (next != NULL && next->role == message->role)
			continue;
		body_raw(out, NULL, "{");
		body_string(out, "role", message->role == LLM_USER ? "user" : "assistant");
		body_string(out, "content", text.data);
		appendStringInfoChar(out, '}');
		resetStringInfo(&text);
	}
	appendStringInfoChar(out, ']');
	pfree(text.data);
}

static void
write_format(StringInfo out, const LlmRequest *request, unsigned lacks)
{
	switch (request_structured(request, lacks))
	{
		case LLM_STRUCTURED_SCHEMA:
			body_raw(out, "response_format", "{");
			body_string(out, "type", "json_schema");
			body_raw(out, "json_schema", "{");
			body_string(out, "name", request->schema_name);
			body_raw(out, "strict", "true");
			body_raw(out, "schema", request->schema_json);
			appendStringInfoString(out, "}}");
			break;
		case LLM_STRUCTURED_OBJECT:
			body_raw(out, "response_format", "{\"type\":\"json_object\"}");
			break;
		case LLM_STRUCTURED_NONE:
			break;
	}
}

static void
write_body(StringInfo out, const LlmRequest *request, unsigned lacks)
{
	LlmEndpoint *endpoint = request->endpoint;
	bool newer = endpoint->provider != LLM_OPENAI_COMPATIBLE;

	if (lacks & LACKS_TOKEN_FIELD)
		newer = !newer;
	appendStringInfoChar(out, '{');
	body_string(out, "model", endpoint->model);
	write_messages(out, request, lacks);
	body_int(out, newer ? "max_completion_tokens" : "max_tokens", request_max_tokens(request));
	if (endpoint->effort != NULL && !(lacks & LACKS_EFFORT))
		body_string(out, "reasoning_effort", endpoint->effort);
	if (request->cache_key != NULL && endpoint->provider == LLM_OPENAI &&
		!(lacks & LACKS_CACHE_KEY))
		body_string(out, "prompt_cache_key", request->cache_key);
	write_format(out, request, lacks);
	appendStringInfoChar(out, '}');
}

/*
 * A string, or (Mistral, multimodal servers) an array of parts.
 */
static char *
content_text(const JsonNode *content)
{
	StringInfoData text;

	if (jsondoc_is_string(content))
		return jsondoc_text(content);
	initStringInfo(&text);
	for (const JsonNode *part = jsondoc_first(content); part != NULL; part = jsondoc_next(part))
	{
		char *piece = jsondoc_text(jsondoc_member(part, "text"));

		if (piece != NULL)
			appendStringInfoString(&text, piece);
	}
	return text.data;
}

static LlmStop
stop_of(const char *reason)
{
	if (reason == NULL)
		return LLM_STOP_END;
	if (strcmp(reason, "length") == 0)
		return LLM_STOP_LENGTH;
	if (strcmp(reason, "content_filter") == 0)
		return LLM_STOP_FILTER;
	return LLM_STOP_END;
}

static bool
read_reply(const JsonNode *root, LlmReply *reply)
{
	const JsonNode *choice = jsondoc_path(root, "choices.0");
	const JsonNode *message = jsondoc_member(choice, "message");
	const JsonNode *usage = jsondoc_member(root, "usage");
	char *refusal = jsondoc_text(jsondoc_member(message, "refusal"));

	if (!jsondoc_is_object(message))
		return false;
	reply->text = content_text(jsondoc_member(message, "content"));
	reply->stop = stop_of(jsondoc_text(jsondoc_member(choice, "finish_reason")));
	if (refusal != NULL && *refusal != '\0')
	{
		reply->text = refusal;
		reply->stop = LLM_STOP_REFUSAL;
	}
	usage_set(&reply->usage, jsondoc_count(jsondoc_member(usage, "prompt_tokens"), -1),
			  jsondoc_count(jsondoc_path(usage, "prompt_tokens_details.cached_tokens"), 0),
			  jsondoc_count(jsondoc_path(usage, "prompt_tokens_details.cache_write_tokens"), 0),
			  jsondoc_count(jsondoc_member(usage, "completion_tokens"), -1),
			  jsondoc_count(jsondoc_path(usage, "completion_tokens_details.reasoning_tokens"), 0));
	return true;
}

static const DialectPart parts[] = {
	{"reasoning_effort|reasoning effort|reasoning", LACKS_EFFORT, false},
	{"prompt_cache_key", LACKS_CACHE_KEY, false},
	{"max_completion_tokens|max_tokens", LACKS_TOKEN_FIELD, true},
	{"response_format|json_schema|structured output|grammar", LACKS_SCHEMA, false},
	{"response_format|json_object", LACKS_JSON_OBJECT, false},
	{"system role|role 'system'|role \"system\"|system message", LACKS_SYSTEM, true},
	{NULL, 0, false}};

const Dialect openai_dialect = {.auth = AUTH_BEARER,
								.path = "/chat/completions",
								.headers = NULL,
								.body = write_body,
								.read = read_reply,
								.parts = parts};
