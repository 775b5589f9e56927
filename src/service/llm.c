/*-------------------------------------------------------------------------
 *
 * llm.c
 *		One call of a language model: the attempts, and what becomes of them.
 *
 * A call ends by its deadline, waits between attempts included; a wait that
 * would not end before it is not begun.  Passing failures are tried again at
 * most twice.  A part of the request that the server says it does not know is
 * left out and the request sent again; such an attempt is not counted.
 *
 * The key is read for the call, and wiped on every way out of it.  Requests and
 * replies live in a memory context of the call; the caller gets a copy of what
 * it asked for.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "mb/pg_wchar.h"
#include "service/dialect.h"
#include "service/endpoint.h"
#include "service/failure.h"
#include "service/keys.h"
#include "service/transfer.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define MAX_RETRIES   2
#define FIRST_BACKOFF 500  /* ms */
#define MAX_BACKOFF   8000 /* ms */

typedef struct Call
{
	const LlmRequest *request;
	const LlmEndpoint *endpoint;
	const Dialect *dialect;
	ServiceUrl *url;
	AuthStyle auth;
	ServiceKey key;
	LlmReply *reply;
	int64 started;  /* transfer_clock() */
	int64 deadline; /* transfer_clock() */
	unsigned lacks;
	int retries;
} Call;

static const KeyOptions key_options = {"api_key", "api_key_file", "api_key_env"};

/* ---- the request ---- */

static char *
call_url(const LlmEndpoint *endpoint)
{
	const char *path = dialect_of(endpoint->provider)->path;
	const char *model = endpoint->model;

	if (strstr(path, "%s") == NULL)
		return psprintf("%s%s", endpoint->base_url, path);
	if (strncmp(model, "models/", 7) == 0)
		model += 7;
	return psprintf("%s/models/%s:generateContent", endpoint->base_url, url_escape(model));
}

static char *
call_body(const LlmRequest *request, unsigned lacks)
{
	StringInfoData body;

	initStringInfo(&body);
	dialect_of(request->endpoint->provider)->body(&body, request, lacks);
	return pg_server_to_any(body.data, body.len, PG_UTF8);
}

char *
llm_request_body(const LlmRequest *request, char **url)
{
	*url = call_url(request->endpoint);
	return call_body(request, lacks_known(request->endpoint));
}

static const char *
secret_header(AuthStyle style)
{
	switch (style)
	{
		case AUTH_DEFAULT:
		case AUTH_BEARER:
			return "Authorization: Bearer ";
		case AUTH_API_KEY:
			return "api-key: ";
		case AUTH_X_API_KEY:
			return "x-api-key: ";
		case AUTH_X_GOOG_API_KEY:
			return "x-goog-api-key: ";
		case AUTH_NONE:
			break;
	}
	return NULL;
}

/* ---- the reply ---- */

/*
 * The provider's name of the call, for its support; a header that could hold
 * anything, the key included.
 */
static void
take_request_id(Call *call, const TransferReply *transfer)
{
	static const TransferHeader places[] = {HEADER_REQUEST_ID, HEADER_ANTHROPIC_REQUEST_ID,
											HEADER_AZURE_REQUEST_ID};
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";

	for (int i = 0; i < lengthof(places); i++)
	{
		const char *value = transfer->headers[places[i]];

		if (value != NULL && strspn(value, allowed) == strlen(value) &&
			strcmp(value, key_masked(&call->key, value)) == 0)
			call->reply->request_id = pstrdup(value);
	}
}

static void
take_model(Call *call, const JsonNode *root)
{
	char *model = jsondoc_text(jsondoc_member(root, "model"));

	if (model == NULL)
		model = jsondoc_text(jsondoc_member(root, "modelVersion"));
	if (model != NULL && *model != '\0')
		call->reply->model = key_masked(&call->key, model);
}

static void
bad_reply(Call *call, const char *what)
{
	failure_set(call->reply, LLM_ERROR_BAD_REPLY,
				psprintf("server \"%s\" sent a reply that can not be read", call->endpoint->name),
				psprintf("HTTP status %d: %s", call->reply->http_status, what),
				"Check that the options \"provider\" and \"base_url\" fit to the server.");
}

/* ---- what to do next ---- */

/*
 * Waits before another attempt; false where there is none.
 */
static bool
wait_to_retry(Call *call, int64 asked)
{
	int64 wait;
	double jitter;
	uint32 random;

	if (call->retries >= MAX_RETRIES)
		return false;
	if (!pg_strong_random(&random, sizeof(random)))
		random = 0;
	jitter = (double) random / PG_UINT32_MAX;
	wait = Min(FIRST_BACKOFF << call->retries, MAX_BACKOFF);
	wait = (int64) (wait * (0.75 + 0.5 * jitter));
	/* never earlier than asked, and not all backends at the same moment */
	if (asked >= 0)
		wait = asked + (int64) (250 * jitter);
	if (transfer_clock() + wait >= call->deadline)
		return false;
	call->retries++;
	transfer_sleep(wait);
	return true;
}

/*
 * Is the error about a part that can be left out?
 */
static bool
learn_from(Call *call, const ServerError *error)
{
	unsigned known = call->lacks;
	unsigned lack;

	if (error->status != 400 && error->status != 404 && error->status != 422 &&
		error->status != 500 && error->status != 501)
		return false;
	while ((lack = lacks_told(call->dialect, known, error->param, error->message)) != 0)
	{
		/* only what was sent can have been refused */
		if (strcmp(call_body(call->request, call->lacks),
				   call_body(call->request, call->lacks | lack)) != 0)
		{
			call->lacks |= lack;
			lacks_learn(call->endpoint, lack);
			return true;
		}
		known |= lack;
	}
	return false;
}

/*
 * True where another attempt is to be made.
 */
static bool
handle_server_error(Call *call, const TransferReply *transfer, const JsonNode *root)
{
	ServerError error;
	LlmErrorKind kind;

	failure_read(&error, transfer, root);
	kind = failure_kind(&error);
	if ((kind == LLM_ERROR_REJECTED || kind == LLM_ERROR_BUSY) && learn_from(call, &error))
		return true;
	if (failure_is_passing(&error, kind) && wait_to_retry(call, error.wait))
		return true;
	failure_of_server(call->reply, call->endpoint, &call->key, &error);
	return false;
}

static bool
handle_transfer_error(Call *call, const TransferReply *transfer)
{
	bool passing = transfer->outcome == TRANSFER_NOT_RESOLVED ||
				   transfer->outcome == TRANSFER_NOT_CONNECTED ||
				   transfer->outcome == TRANSFER_LOST;

	if (passing && wait_to_retry(call, -1))
		return true;
	failure_of_transfer(call->reply, call->endpoint, &call->key, transfer);
	return false;
}

static bool
handle_reply(Call *call, const TransferReply *transfer)
{
	LlmReply *reply = call->reply;
	JsonDoc *doc;
	const JsonNode *root;

	reply->http_status = transfer->status;
	take_request_id(call, transfer);
	if (transfer->outcome != TRANSFER_OK)
		return handle_transfer_error(call, transfer);

	doc = jsondoc_parse(transfer->body, transfer->body_len);
	root = jsondoc_root(doc);
	if (transfer->status != 200 || failure_in_document(root))
	{
		bool again = handle_server_error(call, transfer, root);

		jsondoc_free(doc);
		return again;
	}
	if (root == NULL)
		bad_reply(call, "It is not JSON, or more of it than a model needs to answer.");
	else if (!call->dialect->read(root, reply))
		bad_reply(call, psprintf("It is not a reply of the kind that \"%s\" sends.",
								 call->endpoint->provider_name));
	else
	{
		take_model(call, root);
		reply->ok = true;
	}
	jsondoc_free(doc);
	return false;
}

static bool
attempt(Call *call)
{
	TransferRequest transfer = {0};
	TransferReply reply;

	transfer.url = call_url(call->endpoint);
	transfer.policy = &call->url->policy;
	if (call->dialect->headers != NULL)
		transfer.headers = list_make1(unconstify(char *, call->dialect->headers));
	transfer.secret_header = secret_header(call->auth);
	transfer.secret = call->key.value;
	transfer.body = call_body(call->request, call->lacks);
	transfer.body_len = strlen(transfer.body);
	transfer.deadline = call->deadline;
	if (transfer.body_len > TRANSFER_MAX_REQUEST)
	{
		failure_set(call->reply, LLM_ERROR_TOO_LONG,
					psprintf("the prompt for server \"%s\" is too long", call->endpoint->name),
					psprintf("It has %zu bytes; %d are sent at most.", transfer.body_len,
							 TRANSFER_MAX_REQUEST),
					NULL);
		return false;
	}
	call->reply->http_attempts++;
	transfer_run(&transfer, &reply);
	return handle_reply(call, &reply);
}

/* ---- the call ---- */

/*
 * False where the call can not be made, with the error in the reply.
 */
static bool
find_key(Call *call, ForeignServer *server)
{
	const LlmEndpoint *endpoint = call->endpoint;

	if (call->auth == AUTH_NONE)
		return true;
	key_read(&call->key, server->serverid, call->url->host, endpoint->tenant_owner, &key_options);
	if (call->key.problem != NULL)
	{
		failure_set(call->reply, LLM_ERROR_CONFIGURATION,
					psprintf("there is no usable key for server \"%s\"", endpoint->name),
					call->key.problem, call->key.hint);
		return false;
	}
	/* local servers mostly want none */
	if (call->key.value != NULL || endpoint->provider == LLM_OPENAI_COMPATIBLE)
		return true;
	failure_set(call->reply, LLM_ERROR_CONFIGURATION,
				psprintf("there is no key for server \"%s\"", endpoint->name), NULL,
				psprintf("CREATE USER MAPPING FOR %s SERVER %s OPTIONS (api_key_file '/path').",
						 KEYS_ROLE, endpoint->name));
	return false;
}

static void
set_deadline(Call *call)
{
	call->started = transfer_clock();
	call->deadline = call->started + call->endpoint->timeout;
	if (call->request->deadline != 0)
	{
		int64 left = (call->request->deadline - GetCurrentTimestamp()) / 1000;

		call->deadline = Min(call->deadline, call->started + left);
	}
}

/*
 * What the caller gets, in its own memory.
 */
static char *
kept(const char *text)
{
	return text == NULL ? NULL : pstrdup(text);
}

static LlmReply *
copy_reply(const LlmReply *reply)
{
	LlmReply *copy = palloc(sizeof(LlmReply));

	*copy = *reply;
	copy->text = kept(reply->text);
	copy->model = kept(reply->model);
	copy->request_id = kept(reply->request_id);
	copy->error.message = kept(reply->error.message);
	copy->error.detail = kept(reply->error.detail);
	copy->error.hint = kept(reply->error.hint);
	return copy;
}

static void
prepare(Call *call, const LlmRequest *request, ForeignServer *server)
{
	call->request = request;
	call->endpoint = request->endpoint;
	call->dialect = dialect_of(request->endpoint->provider);
	call->reply = palloc0(sizeof(LlmReply));
	call->reply->model = request->endpoint->model;
	call->url = endpoint_url(server);
	call->auth = endpoint_auth(request->endpoint, server);
	call->lacks = lacks_known(request->endpoint);
	set_deadline(call);
}

LlmReply *
llm_call(const LlmRequest *request)
{
	MemoryContext work =
		AllocSetContextCreate(CurrentMemoryContext, "sql_agent model call", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(work);
	ForeignServer *server = GetForeignServer(request->endpoint->server);
	Call *call = palloc0(sizeof(Call));
	LlmReply *reply;

	prepare(call, request, server);
	PG_TRY();
	{
		if (find_key(call, server))
			while (attempt(call))
				;
	}
	PG_FINALLY();
	{
		key_wipe(&call->key);
	}
	PG_END_TRY();
	call->reply->seconds = (double) (transfer_clock() - call->started) / 1000;

	MemoryContextSwitchTo(caller);
	reply = copy_reply(call->reply);
	MemoryContextDelete(work);
	return reply;
}

void
llm_raise(const LlmReply *reply)
{
	const LlmError *error = &reply->error;

	ereport(ERROR, (errcode(error->sqlstate), errmsg("%s", error->message),
					error->detail != NULL ? errdetail("%s", error->detail) : 0,
					error->hint != NULL ? errhint("%s", error->hint) : 0));
}
