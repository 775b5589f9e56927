/*-------------------------------------------------------------------------
 *
 * anthropic.c
 *		The messages of Anthropic.
 *
 * input_tokens leaves out what came from the cache or went into it; the text is
 * not always the first block, for thinking may come before it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "service/dialect.h"

static void
write_messages(StringInfo out, const LlmRequest *request, unsigned lacks)
{
	LlmMessage *previous = NULL;
	ListCell *lc;

	body_raw(out, "messages", "[");
	foreach (lc, request->messages)
	{
		LlmMessage *message = (LlmMessage *) lfirst(lc);

		if (previous == NULL || previous->role != message->role)
		{
			if (previous != NULL)
				appendStringInfoString(out, "]}");
			body_raw(out, NULL, "{");
			body_string(out, "role", message->role == LLM_USER ? "user" : "assistant");
			body_raw(out, "content", "[");
		}
		body_raw(out, NULL, "{");
		body_string(out, "type", "text");
		body_string(out, "text", message->text);
		if (message->cache_after && !(lacks & LACKS_CACHE_CONTROL))
			body_raw(out, "cache_control", "{\"type\":\"ephemeral\"}");
		appendStringInfoChar(out, '}');
		previous = message;
	}
	if (previous != NULL)
		appendStringInfoString(out, "]}");
	appendStringInfoChar(out, ']');
}

static void
write_output(StringInfo out, const LlmRequest *request, unsigned lacks)
{
	char *effort = (lacks & LACKS_EFFORT) ? NULL : request->endpoint->effort;
	bool schema = request_structured(request, lacks) == LLM_STRUCTURED_SCHEMA;

	if (effort == NULL && !schema)
		return;
	body_raw(out, "output_config", "{");
	if (effort != NULL)
		body_string(out, "effort", effort);
	if (schema)
	{
		body_raw(out, "format", "{");
		body_string(out, "type", "json_schema");
		body_raw(out, "schema", request->schema_json);
		appendStringInfoChar(out, '}');
	}
	appendStringInfoChar(out, '}');
}

static void
write_body(StringInfo out, const LlmRequest *request, unsigned lacks)
{
	appendStringInfoChar(out, '{');
	body_string(out, "model", request->endpoint->model);
	body_int(out, "max_tokens", request_max_tokens(request));
	if (request->system != NULL)
		body_string(out, "system", request->system);
	write_messages(out, request, lacks);
	write_output(out, request, lacks);
	appendStringInfoChar(out, '}');
}

static LlmStop
stop_of(const char *reason)
{
	if (reason == NULL)
		return LLM_STOP_END;
	if (strcmp(reason, "max_tokens") == 0 || strcmp(reason, "pause_turn") == 0 ||
		strcmp(reason, "model_context_window_exceeded") == 0)
		return LLM_STOP_LENGTH;
	if (strcmp(reason, "refusal") == 0)
		return LLM_STOP_REFUSAL;
	return LLM_STOP_END;
}

static char *
blocks_text(const JsonNode *content)
{
	StringInfoData text;

	initStringInfo(&text);
	for (const JsonNode *block = jsondoc_first(content); block != NULL; block = jsondoc_next(block))
	{
		char *type = jsondoc_text(jsondoc_member(block, "type"));
		char *piece = jsondoc_text(jsondoc_member(block, "text"));

		if (type != NULL && strcmp(type, "text") == 0 && piece != NULL)
			appendStringInfoString(&text, piece);
	}
	return text.data;
}

static bool
read_reply(const JsonNode *root, LlmReply *reply)
{
	const JsonNode *content = jsondoc_member(root, "content");
	const JsonNode *usage = jsondoc_member(root, "usage");
	int64 fresh = jsondoc_count(jsondoc_member(usage, "input_tokens"), -1);
	int64 cached = jsondoc_count(jsondoc_member(usage, "cache_read_input_tokens"), 0);
	int64 written = jsondoc_count(jsondoc_member(usage, "cache_creation_input_tokens"), 0);

	if (!jsondoc_is_array(content))
		return false;
	reply->text = blocks_text(content);
	reply->stop = stop_of(jsondoc_text(jsondoc_member(root, "stop_reason")));
	usage_set(&reply->usage, fresh < 0 ? -1 : fresh + cached + written, cached, written,
			  jsondoc_count(jsondoc_member(usage, "output_tokens"), -1),
			  jsondoc_count(jsondoc_path(usage, "output_tokens_details.thinking_tokens"), 0));
	return true;
}

static const DialectPart parts[] = {
	{"effort", LACKS_EFFORT, false},
	{"cache_control", LACKS_CACHE_CONTROL, false},
	{"output_config.format|output_format|json_schema|structured output", LACKS_SCHEMA, false},
	/* both are in there */
	{"output_config", LACKS_SCHEMA, false},
	{"output_config", LACKS_EFFORT, false},
	{NULL, 0, false}};

const Dialect anthropic_dialect = {.auth = AUTH_X_API_KEY,
								   .path = "/messages",
								   .headers = "anthropic-version: 2023-06-01",
								   .body = write_body,
								   .read = read_reply,
								   .parts = parts};
