/*-------------------------------------------------------------------------
 *
 * gemini.c
 *		Google's generateContent.
 *
 * Thoughts are counted beside the candidates, not among them; a prompt that was
 * blocked has no candidates at all.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "service/dialect.h"

static void
write_contents(StringInfo out, const LlmRequest *request)
{
	LlmMessage *previous = NULL;
	ListCell *lc;

	body_raw(out, "contents", "[");
	foreach (lc, request->messages)
	{
		LlmMessage *message = (LlmMessage *) lfirst(lc);

		if (previous == NULL || previous->role != message->role)
		{
			if (previous != NULL)
				appendStringInfoString(out, "]}");
			body_raw(out, NULL, "{");
			body_string(out, "role", message->role == LLM_USER ? "user" : "model");
			body_raw(out, "parts", "[");
		}
		body_raw(out, NULL, "{");
		body_string(out, "text", message->text);
		appendStringInfoChar(out, '}');
		previous = message;
	}
	if (previous != NULL)
		appendStringInfoString(out, "]}");
	appendStringInfoChar(out, ']');
}

static void
write_config(StringInfo out, const LlmRequest *request, unsigned lacks)
{
	LlmStructured structured = request_structured(request, lacks);
	char *effort = request->endpoint->effort;

	body_raw(out, "generationConfig", "{");
	body_int(out, "maxOutputTokens", request_max_tokens(request));
	if (structured != LLM_STRUCTURED_NONE)
		body_string(out, "responseMimeType", "application/json");
	if (structured == LLM_STRUCTURED_SCHEMA)
		body_raw(out, "responseJsonSchema", request->schema_json);
	if (effort != NULL && !(lacks & LACKS_EFFORT))
	{
		body_raw(out, "thinkingConfig", "{");
		body_string(out, "thinkingLevel", effort);
		appendStringInfoChar(out, '}');
	}
	appendStringInfoChar(out, '}');
}

static void
write_body(StringInfo out, const LlmRequest *request, unsigned lacks)
{
	appendStringInfoChar(out, '{');
	if (request->system != NULL)
	{
		body_raw(out, "systemInstruction", "{\"parts\":[{");
		body_string(out, "text", request->system);
		appendStringInfoString(out, "}]}");
	}
	write_contents(out, request);
	write_config(out, request, lacks);
	appendStringInfoChar(out, '}');
}

static LlmStop
stop_of(const char *reason)
{
	static const char *const filters[] = {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT",
										  "SPII",   "LANGUAGE",   "OTHER",     "IMAGE_SAFETY"};

	if (reason == NULL)
		return LLM_STOP_END;
	if (strcmp(reason, "MAX_TOKENS") == 0)
		return LLM_STOP_LENGTH;
	for (int i = 0; i < lengthof(filters); i++)
		if (strcmp(reason, filters[i]) == 0)
			return LLM_STOP_FILTER;
	return LLM_STOP_END;
}

static char *
parts_text(const JsonNode *parts)
{
	StringInfoData text;

	initStringInfo(&text);
	for (const JsonNode *part = jsondoc_first(parts); part != NULL; part = jsondoc_next(part))
	{
		char *piece = jsondoc_text(jsondoc_member(part, "text"));
		bool thought;

		(void) jsondoc_is_bool(jsondoc_member(part, "thought"), &thought);
		if (piece != NULL && !thought)
			appendStringInfoString(&text, piece);
	}
	return text.data;
}

static bool
read_reply(const JsonNode *root, LlmReply *reply)
{
	const JsonNode *candidate = jsondoc_path(root, "candidates.0");
	const JsonNode *usage = jsondoc_member(root, "usageMetadata");
	int64 output = jsondoc_count(jsondoc_member(usage, "candidatesTokenCount"), 0);
	int64 thoughts = jsondoc_count(jsondoc_member(usage, "thoughtsTokenCount"), 0);

	if (jsondoc_is_object(candidate))
	{
		reply->text = parts_text(jsondoc_path(candidate, "content.parts"));
		reply->stop = stop_of(jsondoc_text(jsondoc_member(candidate, "finishReason")));
	}
	else if (jsondoc_is_string(jsondoc_path(root, "promptFeedback.blockReason")))
	{
		reply->text = pstrdup("");
		reply->stop = LLM_STOP_FILTER;
	}
	else
		return false;
	usage_set(&reply->usage, jsondoc_count(jsondoc_member(usage, "promptTokenCount"), -1),
			  jsondoc_count(jsondoc_member(usage, "cachedContentTokenCount"), 0), 0,
			  output + thoughts, thoughts);
	return true;
}

static const DialectPart parts[] = {
	{"thinkingConfig|thinking_config|thinkingLevel|thinking_level|thinking", LACKS_EFFORT, false},
	{"responseJsonSchema|response_json_schema|schema", LACKS_SCHEMA, false},
	{"responseMimeType|response_mime_type|json mode", LACKS_JSON_OBJECT, false},
	{NULL, 0, false}};

const Dialect gemini_dialect = {.auth = AUTH_X_GOOG_API_KEY,
								.path = "/models/%s:generateContent",
								.headers = NULL,
								.body = write_body,
								.read = read_reply,
								.parts = parts};
