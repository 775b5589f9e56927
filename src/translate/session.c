/*-------------------------------------------------------------------------
 *
 * session.c
 *		One conversation with a model about one question.
 *
 * Holds the messages, sends them, keeps the account of every call.  What the
 * server or the network does wrong comes back as a fault; a cancel and a
 * timeout of the caller's own statement are raised by the call itself.
 *
 * A prompt that the server finds too long is built once more at half the size.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "common/settings.h"
#include "ledger/ledger.h"
#include "tenant/current.h"
#include "translate/llm.h"
#include "translate/memory.h"

#define SCHEMA_NAME  "sql_answer"
#define MAX_EXAMPLES 4

void
session_say(LlmSession *session, LlmRole role, const char *text)
{
	LlmMessage *message = palloc0(sizeof(LlmMessage));

	message->role = role;
	message->text = text;
	session->messages = lappend(session->messages, message);
}

static Size
conversation_bytes(const LlmSession *session)
{
	Size bytes = strlen(session->prompt->system);
	ListCell *lc;

	foreach (lc, session->messages)
		bytes += strlen(((LlmMessage *) lfirst(lc))->text);
	return bytes;
}

/* false where the question leaves no room */
static bool
build_prompt(LlmSession *session, Size limit)
{
	List *examples = memory_nearest_examples(session->snapshot, session->question, MAX_EXAMPLES);

	session->prompt = prompt_build(session->snapshot, session->question, examples, limit);
	if (session->prompt == NULL)
		return false;
	session->messages = NIL;
	session_say(session, LLM_USER, session->prompt->catalog);
	((LlmMessage *) linitial(session->messages))->cache_after = true;
	session_say(session, LLM_USER, session->prompt->question);
	return true;
}

LlmSession *
session_begin(LlmEndpoint *endpoint, const char *question, AskSnapshot *snapshot, bool may_run)
{
	LlmSession *session = palloc0(sizeof(LlmSession));

	session->question = question;
	session->role = snapshot->role;
	session->snapshot = snapshot;
	session->may_run = may_run;
	session->endpoint = endpoint;
	session->schema = prompt_answer_schema();
	return build_prompt(session, budget_prompt_bytes(endpoint)) ? session : NULL;
}

LlmRequest *
session_request(LlmSession *session)
{
	LlmRequest *request = palloc0(sizeof(LlmRequest));

	request->endpoint = session->endpoint;
	request->system = session->prompt->system;
	request->messages = session->messages;
	request->schema_name = SCHEMA_NAME;
	request->schema_json = session->schema;
	request->cache_key = session->prompt->cache_key;
	return request;
}

/* the name under which the table of prices knows who is paid */
static const char *
price_provider(const LlmEndpoint *endpoint)
{
	const char *host;

	if (endpoint->provider == LLM_AZURE)
		return "openai";
	if (endpoint->provider != LLM_OPENAI_COMPATIBLE)
		return endpoint->provider_name;
	host = strstr(endpoint->base_url, "://");
	if (host == NULL)
		return NULL;
	host += 3;
	return pnstrdup(host, strcspn(host, ":/"));
}

static const char *
stop_name(LlmStop stop)
{
	switch (stop)
	{
		case LLM_STOP_END:
			return "stop";
		case LLM_STOP_LENGTH:
			return "length";
		case LLM_STOP_REFUSAL:
			return "refusal";
		case LLM_STOP_FILTER:
			return "content_filter";
	}
	return NULL; /* keep compiler quiet */
}

static void
note_call(LlmSession *session, const LlmReply *reply, const char *operation)
{
	const LlmEndpoint *endpoint = session->endpoint;
	ModelCall *call = palloc0(sizeof(ModelCall));
	const TenantIdentity *identity;

	call->operation = operation;
	call->attempt = list_length(session->calls) + 1;
	call->price_provider = price_provider(endpoint);
	call->provider = endpoint->provider_name;
	call->server = endpoint->name;
	call->request_model = endpoint->model;
	call->response_model = reply->model;
	call->finish_reason = reply->ok ? stop_name(reply->stop) : NULL;
	call->usage_known = reply->usage.known;
	call->input = reply->usage.input;
	call->cached = reply->usage.cached;
	call->cache_write = reply->usage.cache_write;
	call->output = reply->usage.output;
	call->reasoning = reply->usage.reasoning;
	call->local = endpoint->local;
	call->input_price = endpoint->input_price;
	call->cached_input_price = endpoint->cached_input_price;
	call->cache_write_price = endpoint->cache_write_price;
	call->output_price = endpoint->output_price;
	call->seconds = reply->seconds;
	if (!reply->ok)
		call->error_type = pstrdup(unpack_sql_state(reply->error.sqlstate));
	identity = tenant_identity(session->role);
	if (identity->state == TENANT_ONE)
		call->tenant = pstrdup(identity->name);
	ledger_price_call(call);
	ledger_note_call(call);
	session->calls = lappend(session->calls, call);
}

/* what the reply tells about how many bytes a token has */
static void
learn_from(LlmSession *session, const LlmReply *reply)
{
	Size bytes = conversation_bytes(session);
	int64 tokens = reply->usage.input + reply->usage.cached + reply->usage.cache_write;

	if (!reply->ok || !reply->usage.known || tokens == 0)
		return;
	if (budget_was_truncated(session->endpoint->model, bytes, tokens))
		session->truncated = true;
	else
		budget_learn(session->endpoint->model, bytes, tokens);
}

static LlmReply *
call_model(LlmSession *session)
{
	LlmReply *reply = llm_call(session_request(session));

	note_call(session, reply, "chat");
	learn_from(session, reply);
	return reply;
}

static TranslationFault *
make_fault(int sqlstate, const char *message, const char *detail, const char *hint)
{
	TranslationFault *fault = palloc0(sizeof(TranslationFault));

	fault->sqlstate = sqlstate;
	fault->message = pstrdup(message);
	fault->detail = detail ? pstrdup(detail) : NULL;
	fault->hint = hint ? pstrdup(hint) : NULL;
	return fault;
}

static TranslationFault *
fault_of_reply(const LlmReply *reply)
{
	if (!reply->ok)
		return make_fault(reply->error.sqlstate, reply->error.message, reply->error.detail,
						  reply->error.hint);
	switch (reply->stop)
	{
		case LLM_STOP_LENGTH:
			return make_fault(ERRCODE_AGENT_SERVICE_BAD_REPLY,
							  "the answer of the model was cut off before its end", NULL,
							  "Set option max_output_tokens of the server higher.");
		case LLM_STOP_REFUSAL:
			return make_fault(ERRCODE_AGENT_SERVICE_FILTERED, "the model declined to answer",
							  *reply->text ? prompt_text(reply->text, 300) : NULL, NULL);
		case LLM_STOP_FILTER:
			return make_fault(ERRCODE_AGENT_SERVICE_FILTERED,
							  "the provider's content filter withheld the answer", NULL, NULL);
		case LLM_STOP_END:
			break;
	}
	return NULL;
}

/* the conversation as it was opened, in half the space */
static bool
shrink_prompt(LlmSession *session)
{
	if (session->shrunk || list_length(session->messages) > 2)
		return false;
	session->shrunk = true;
	return build_prompt(session, session->prompt->limit / 2);
}

/*
 * Sends the conversation, and reads what comes back.  A reply that is not the
 * object that was agreed on gets one message that says so.
 */
ModelAnswer *
session_ask(LlmSession *session, TranslationFault **fault)
{
	const char *problem;
	bool complained = false;

	for (;;)
	{
		LlmReply *reply = call_model(session);
		ModelAnswer *answer;

		if (!reply->ok && reply->error.kind == LLM_ERROR_TOO_LONG && shrink_prompt(session))
			reply = call_model(session);
		*fault = fault_of_reply(reply);
		if (*fault != NULL)
			return NULL;
		answer = contract_parse(reply->text, &problem);
		session_say(session, LLM_ASSISTANT, *reply->text ? reply->text : "{}");
		if (answer != NULL)
			return answer;
		if (complained)
			break;
		complained = true;
		session_say(session, LLM_USER,
					psprintf("%s Answer with the one JSON object that was described, and with "
							 "nothing before or after it.\n",
							 problem));
	}
	*fault = make_fault(ERRCODE_AGENT_SERVICE_BAD_REPLY,
						"the model did not answer in the form that was agreed on", problem,
						"Try another model, or set option structured of the server to what its "
						"provider supports.");
	return NULL;
}

ModelAnswer *
session_ask_aside(LlmSession *session)
{
	LlmReply *reply = call_model(session);
	const char *problem;

	if (fault_of_reply(reply) != NULL)
		return NULL;
	return contract_parse(reply->text, &problem);
}

LlmReply *
session_call_once(LlmSession *session, const char *system, const char *schema_name,
				  const char *schema, int max_tokens)
{
	LlmRequest request = {.endpoint = session->endpoint,
						  .system = system,
						  .messages = session->messages,
						  .schema_name = schema_name,
						  .schema_json = schema,
						  .max_output_tokens = max_tokens};
	LlmReply *reply = llm_call(&request);

	note_call(session, reply, "narrate");
	return reply;
}
