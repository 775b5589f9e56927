/*-------------------------------------------------------------------------
 *
 * llmtest.c
 *		llm_test(): does a server answer, how fast, and does it keep to a schema?
 *
 * Sends one tiny question that holds nothing of the database.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/json.h"
#include "miscadmin.h"
#include "service/jsondoc.h"
#include "service/llm.h"
#include "utils/acl.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sql_agent_llm_test);

static const char *const test_schema =
	"{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"answer\",\"sum\"],"
	"\"properties\":{\"answer\":{\"type\":\"string\"},\"sum\":{\"type\":\"number\"}}}";

static LlmReply *
ask(LlmEndpoint *endpoint)
{
	LlmMessage message = {.role = LLM_USER,
						  .text =
							  "Answer with one JSON object of exactly two members: "
							  "\"answer\", the text \"ready\", and \"sum\", the sum of 2 and 3."};
	LlmRequest request = {.endpoint = endpoint,
						  .system = "You answer with JSON only.",
						  .messages = list_make1(&message),
						  .schema_name = "readiness",
						  .schema_json = test_schema};

	return llm_call(&request);
}

/*
 * How the answer keeps to the schema that was asked for.
 */
static const char *
structure_of(const LlmReply *reply)
{
	bool wrapped;
	JsonDoc *doc = jsondoc_parse_object(reply->text, &wrapped);
	const JsonNode *root = jsondoc_root(doc);
	const char *result;

	if (root == NULL)
		return "not JSON";
	if (!jsondoc_is_string(jsondoc_member(root, "answer")) ||
		!jsondoc_is_number(jsondoc_member(root, "sum")))
		result = "not as the schema says";
	else
		result = wrapped ? "as the schema says, with something around it" : "as the schema says";
	jsondoc_free(doc);
	return result;
}

static const char *
stop_name(LlmStop stop)
{
	switch (stop)
	{
		case LLM_STOP_END:
			return "end";
		case LLM_STOP_LENGTH:
			return "length";
		case LLM_STOP_REFUSAL:
			return "refusal";
		case LLM_STOP_FILTER:
			return "filter";
	}
	return NULL;
}

static void
write_answer(JsonBuilder *json, const LlmReply *reply)
{
	json_string(json, "stop", stop_name(reply->stop));
	json_string(json, "structure", structure_of(reply));
	if (!reply->usage.known)
	{
		json_null(json, "tokens");
		return;
	}
	json_begin_object(json, "tokens");
	json_int(json, "input", reply->usage.input);
	json_int(json, "cached", reply->usage.cached);
	json_int(json, "cache_write", reply->usage.cache_write);
	json_int(json, "output", reply->usage.output);
	json_int(json, "reasoning", reply->usage.reasoning);
	json_end_object(json);
}

static void
write_error(JsonBuilder *json, const LlmError *error)
{
	json_begin_object(json, "error");
	json_string(json, "sqlstate", unpack_sql_state(error->sqlstate));
	json_string(json, "message", error->message);
	json_string(json, "detail", error->detail);
	json_string(json, "hint", error->hint);
	json_end_object(json);
}

static Jsonb *
write_report(const LlmEndpoint *endpoint, const LlmReply *reply)
{
	JsonBuilder json;

	json_start(&json);
	json_begin_object(&json, NULL);
	json_string(&json, "server", endpoint->name);
	json_string(&json, "provider", endpoint->provider_name);
	json_string(&json, "base_url", endpoint->base_url);
	json_string(&json, "model", reply->model);
	json_bool(&json, "success", reply->ok);
	json_bool(&json, "reachable", reply->http_status != 0);
	json_int(&json, "attempts", reply->http_attempts);
	json_double(&json, "seconds", reply->seconds);
	json_string(&json, "request_id", reply->request_id);
	if (reply->ok)
		write_answer(&json, reply);
	else
		write_error(&json, &reply->error);
	json_end_object(&json);
	return json_finish(&json);
}

/*
 * llm_test(server text, tenant text): with a tenant, by its key.
 */
Datum
sql_agent_llm_test(PG_FUNCTION_ARGS)
{
	Oid tenant_owner = InvalidOid;
	LlmEndpoint *endpoint;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("server must not be null")));
	if (!PG_ARGISNULL(1))
		tenant_owner =
			get_role_oid(psprintf("tenant_%s_owner", text_to_cstring(PG_GETARG_TEXT_PP(1))), false);
	endpoint =
		llm_endpoint_by_name(text_to_cstring(PG_GETARG_TEXT_PP(0)), GetUserId(), tenant_owner);
	PG_RETURN_JSONB_P(write_report(endpoint, ask(endpoint)));
}
