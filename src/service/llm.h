/*-------------------------------------------------------------------------
 *
 * llm.h
 *		A language model behind a foreign server: find it, ask it, read what it
 *		said.  What differs between providers ends here.
 *
 * Everything here is allocated in the caller's memory context.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_LLM_H
#define SQL_AGENT_LLM_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

typedef enum LlmProvider
{
	LLM_OPENAI,
	LLM_AZURE,
	LLM_ANTHROPIC,
	LLM_GEMINI,
	LLM_OPENAI_COMPATIBLE /* llama.cpp, vLLM, Ollama, Groq, OpenRouter, ... */
} LlmProvider;

typedef enum LlmStructured
{
	LLM_STRUCTURED_SCHEMA, /* the provider is given the JSON schema */
	LLM_STRUCTURED_OBJECT, /* it is told to answer with some JSON object */
	LLM_STRUCTURED_NONE    /* only the prompt says it */
} LlmStructured;

/*
 * A server of the wrapper sql_agent_llm, as the asker may use it.  Never holds
 * a key: that is read for each call and wiped after it.
 */
typedef struct LlmEndpoint
{
	Oid server;
	char *name; /* of the server */
	LlmProvider provider;
	const char *provider_name;
	char *model;
	char *base_url;        /* without a slash at its end */
	bool local;            /* the URL names a loopback or private address */
	int max_output_tokens; /* of a request that does not say */
	int context_window;    /* tokens; 0: not known */
	char *effort;          /* reasoning effort, or NULL: not sent */
	int timeout;           /* ms, of one call with its retries */
	LlmStructured structured;
	/* US dollars a million tokens; negative: not given by the server's options */
	double input_price;
	double cached_input_price;
	double cache_write_price;
	double output_price;
	Oid asker;        /* who was found to hold USAGE */
	Oid tenant_owner; /* whose key goes before the installation's; or InvalidOid */
} LlmEndpoint;

/*
 * The server that sql_agent.llm names; NULL where the setting is empty.  asker
 * is the role that needs USAGE on the server: the effective role, or the tenant's
 * reader when an operator asks on its behalf (a superuser's question runs as
 * sql_agent_reader, but it is the superuser who asks here).  tenant_owner is the
 * role tenant_<name>_owner of the tenant that asks, InvalidOid without one.
 *
 * Both raise where the server does not exist, is no server of sql_agent_llm, may
 * not be used by the asker, or has options that can not be used together.
 */
extern LlmEndpoint *llm_endpoint_default(Oid asker, Oid tenant_owner);
extern LlmEndpoint *llm_endpoint_by_name(const char *server, Oid asker, Oid tenant_owner);

typedef enum LlmRole
{
	LLM_USER,
	LLM_ASSISTANT
} LlmRole;

typedef struct LlmMessage
{
	LlmRole role;
	const char *text;
	bool cache_after; /* what goes up to here comes again: worth a cache entry (at most 4) */
} LlmMessage;

typedef struct LlmRequest
{
	LlmEndpoint *endpoint;
	const char *system;
	List *messages; /* of LlmMessage *; the first and the last are the user's.  Neighbours of one
					 * role become parts of one message */
	const char *schema_name; /* [a-z_]+ */
	const char *schema_json; /* JSON schema that the answer follows, or NULL: free text */
	const char *cache_key;   /* equal for requests with an equal beginning; or NULL */
	int max_output_tokens;   /* 0: the endpoint's */
	TimestampTz deadline;    /* 0: the endpoint's timeout from now on; never later than that */
} LlmRequest;

/*
 * Tokens, the same way for every provider: input, cached and cache_write do not
 * overlap and add up to the prompt; output includes reasoning.
 */
typedef struct LlmUsage
{
	bool known; /* did the reply say? */
	int64 input;
	int64 cached;
	int64 cache_write;
	int64 output;
	int64 reasoning;
} LlmUsage;

typedef enum LlmStop
{
	LLM_STOP_END,     /* it said all that it wanted to */
	LLM_STOP_LENGTH,  /* cut by max_output_tokens or the context window: text is incomplete */
	LLM_STOP_REFUSAL, /* the model declined; text holds its words, if any */
	LLM_STOP_FILTER   /* the provider's content filter cut or withheld the text */
} LlmStop;

typedef enum LlmErrorKind
{
	LLM_ERROR_NONE,
	LLM_ERROR_CONFIGURATION, /* no key, a key that may not be used, a URL that may not be called */
	LLM_ERROR_UNREACHABLE,   /* name, connection, TLS, connection lost */
	LLM_ERROR_TIMEOUT,       /* the deadline came */
	LLM_ERROR_DENIED,        /* key, permission or model name are refused */
	LLM_ERROR_QUOTA,         /* money: retrying does not help */
	LLM_ERROR_BUSY,          /* rate limit, overload or failure of the server, after retries */
	LLM_ERROR_REJECTED,      /* the server does not like the request */
	LLM_ERROR_TOO_LONG,      /* the prompt does not fit into the context window */
	LLM_ERROR_FILTERED,      /* the prompt was refused by a content filter */
	LLM_ERROR_BAD_REPLY      /* too large, cut off, not JSON, not the provider's format */
} LlmErrorKind;

/* what went wrong, in words that are safe to show: no key, no control characters */
typedef struct LlmError
{
	LlmErrorKind kind;
	int sqlstate; /* one of ERRCODE_AGENT_SERVICE_* */
	char *message;
	char *detail; /* or NULL */
	char *hint;   /* or NULL */
} LlmError;

typedef struct LlmReply
{
	bool ok;    /* there is a text, or stop is REFUSAL or FILTER */
	char *text; /* never NULL where ok; in the server encoding; may be empty */
	LlmStop stop;
	LlmUsage usage;   /* of the last attempt; tokens of a failed one may be known too */
	char *model;      /* as the reply names it, or the endpoint's */
	char *request_id; /* the provider's, or NULL */
	int http_status;  /* of the last attempt; 0: none came */
	int http_attempts;
	double seconds; /* with waits between attempts */
	LlmError error; /* where !ok */
} LlmReply;

/*
 * Asks and waits, at most to the deadline.  Cancel, statement_timeout, terminate
 * and postmaster death end the wait at once by the usual error; what the server
 * or the network did never raises but comes back in the reply.
 */
extern LlmReply *llm_call(const LlmRequest *request);

/* raises the error of a reply that is not ok */
extern void llm_raise(const LlmReply *reply) pg_attribute_noreturn();

/*
 * Exactly the bytes that llm_call() would send at first, and where to; no key.
 */
extern char *llm_request_body(const LlmRequest *request, char **url);

#endif /* SQL_AGENT_LLM_H */
