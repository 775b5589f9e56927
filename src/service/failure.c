/*-------------------------------------------------------------------------
 *
 * failure.c
 *		What a failed call means: for the person who asked, and for whether to
 *		try again.
 *
 * Servers describe errors in half a dozen ways and use one status for things as
 * different as "wait a second" and "the money is gone".  The words decide where
 * the status does not.  What can not be placed is REJECTED and not tried again.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "datatype/timestamp.h"
#include "service/dialect.h"
#include "service/failure.h"
#include "utils/timestamp.h"

#define LONGEST_DELAY 86400 /* s */

/* ---- reading ---- */

bool
failure_in_document(const JsonNode *root)
{
	const JsonNode *error = jsondoc_member(root, "error");
	char *object = jsondoc_text(jsondoc_member(root, "object"));

	if (error != NULL && !jsondoc_is_null(error))
		return true;
	return object != NULL && strcmp(object, "error") == 0;
}

static char *
text_or(const JsonNode *node, const char *fallback)
{
	char *text = jsondoc_text(node);

	if (text == NULL && jsondoc_is_number(node))
		return psprintf("%.0f", jsondoc_number(node, 0));
	return text == NULL ? pstrdup(fallback) : text;
}

/*
 * "38s", "1.5s": Google's form of a duration.
 */
static int64
duration_of(const char *text)
{
	char *end;
	double seconds = text == NULL ? -1 : strtod(text, &end);

	if (!(seconds >= 0 && seconds < LONGEST_DELAY) || strcmp(end, "s") != 0)
		return -1;
	return (int64) (seconds * 1000);
}

static int64
delay_in_details(const JsonNode *details)
{
	for (const JsonNode *detail = jsondoc_first(details); detail != NULL;
		 detail = jsondoc_next(detail))
	{
		int64 delay = duration_of(jsondoc_text(jsondoc_member(detail, "retryDelay")));

		if (delay >= 0)
			return delay;
	}
	return -1;
}

/*
 * A date of HTTP; the clocks may differ, so a moment that has passed is no wait.
 */
static int64
delay_until(const char *date)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct pg_tm tm = {0};
	char month[4];
	const char *found;
	Timestamp moment;

	if (sscanf(date, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &tm.tm_mday, month, &tm.tm_year,
			   &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return -1;
	found = strstr(months, month);
	if (found == NULL || (found - months) % 3 != 0)
		return -1;
	tm.tm_mon = (int) (found - months) / 3 + 1;
	if (!IS_VALID_JULIAN(tm.tm_year, tm.tm_mon, tm.tm_mday) ||
		tm2timestamp(&tm, 0, NULL, &moment) != 0)
		return -1;
	return Max((moment - GetCurrentTimestamp()) / 1000, 0);
}

static int64
delay_in_headers(const TransferReply *transfer)
{
	const char *exact = transfer->headers[HEADER_RETRY_AFTER_MS];
	const char *after = transfer->headers[HEADER_RETRY_AFTER];
	const char *text = exact != NULL ? exact : after;
	char *end;
	double number;

	if (text == NULL)
		return -1;
	number = strtod(text, &end);
	if (end == text)
		return delay_until(text);
	if (*end != '\0' || !(number >= 0))
		return -1;
	return (int64) Min(number * (exact != NULL ? 1 : 1000), LONGEST_DELAY * 1000.0);
}

static void
read_error_object(ServerError *error, const JsonNode *object)
{
	int64 status = jsondoc_count(jsondoc_member(object, "code"), 0);

	error->message = text_or(jsondoc_member(object, "message"), error->message);
	error->type = text_or(jsondoc_member(object, "type"), "");
	error->code = text_or(jsondoc_member(object, "code"), "");
	error->param = jsondoc_text(jsondoc_member(object, "param"));
	if (*error->type == '\0')
		error->type = text_or(jsondoc_member(object, "status"), "");
	if (*error->code == '\0' || status > 0)
	{
		char *within = jsondoc_text(jsondoc_path(object, "details.error_code"));

		if (within == NULL)
			within = jsondoc_text(jsondoc_path(object, "innererror.code"));
		if (within != NULL)
			error->code = within;
	}
	if (error->wait < 0)
		error->wait = delay_in_details(jsondoc_member(object, "details"));
	/* an error inside a reply of status 200 */
	if (error->status == 200 && status >= 400 && status < 600)
		error->status = (int) status;
}

void
failure_read(ServerError *error, const TransferReply *transfer, const JsonNode *root)
{
	const char *should = transfer->headers[HEADER_SHOULD_RETRY];
	const JsonNode *object;

	memset(error, 0, sizeof(ServerError));
	error->status = transfer->status;
	error->message = pstrdup("");
	error->type = pstrdup("");
	error->code = pstrdup("");
	error->wait = delay_in_headers(transfer);
	error->should_try = should == NULL ? -1 : strcmp(should, "true") == 0;

	/* some wrap it into an array */
	if (jsondoc_is_array(root))
		root = jsondoc_first(root);
	object = jsondoc_member(root, "error");
	if (jsondoc_is_string(object))
		error->message = jsondoc_text(object);
	else if (jsondoc_is_object(object))
		read_error_object(error, object);
	else if (jsondoc_is_object(root))
	{
		read_error_object(error, root);
		if (*error->message == '\0')
			error->message = text_or(jsondoc_member(root, "detail"), "");
	}
}

/* ---- judging ---- */

static bool
says(const ServerError *error, const char *words)
{
	return text_mentions(error->message, words) || text_mentions(error->type, words) ||
		   text_mentions(error->code, words);
}

static bool
is_about_length(const ServerError *error)
{
	return error->status == 413 ||
		   says(error, "context_length_exceeded|exceed_context_size|context length|context window|"
					   "maximum context|prompt is too long|input is too long|prompt too long|"
					   "input token count|too many input tokens|request too large");
}

/*
 * "Quota" alone is no proof: Google says it of limits that are over in a minute.
 */
static bool
is_about_money(const ServerError *error)
{
	if (error->status == 402 ||
		says(error, "insufficient_quota|spend_limit|billing_hard_limit|credit balance|"
					"insufficient credits|insufficient balance|payment required"))
		return true;
	return error->wait < 0 && says(error, "billing");
}

static bool
is_about_content(const ServerError *error)
{
	return says(error, "content_filter|content filter|content_policy|content management policy|"
					   "ResponsibleAI|moderation|flagged");
}

static bool
is_about_access(const ServerError *error)
{
	return says(error, "api key not valid|api_key_invalid|invalid api key|invalid_api_key|"
					   "invalid x-api-key|authentication_error|permission_error|unauthenticated");
}

LlmErrorKind
failure_kind(const ServerError *error)
{
	int status = error->status;

	if (status >= 300 && status < 400)
		return LLM_ERROR_CONFIGURATION;
	if (is_about_money(error))
		return LLM_ERROR_QUOTA;
	if (is_about_length(error))
		return LLM_ERROR_TOO_LONG;
	if (status == 408 || status == 409 || status == 425 || status == 429 || status == 498 ||
		status >= 500)
		return LLM_ERROR_BUSY;
	if (is_about_content(error))
		return LLM_ERROR_FILTERED;
	if (status == 401 || status == 403 || status == 404 || is_about_access(error))
		return LLM_ERROR_DENIED;
	if (status == 200 && says(error, "overloaded|rate_limit|rate limit|server_error|api_error|"
									 "unavailable|timeout|internal"))
		return LLM_ERROR_BUSY;
	return LLM_ERROR_REJECTED;
}

bool
failure_is_passing(const ServerError *error, LlmErrorKind kind)
{
	return kind == LLM_ERROR_BUSY && error->should_try != 0;
}

/* ---- telling ---- */

static int
sqlstate_of(LlmErrorKind kind)
{
	switch (kind)
	{
		case LLM_ERROR_CONFIGURATION:
			return ERRCODE_AGENT_SERVICE_CONFIGURATION;
		case LLM_ERROR_UNREACHABLE:
			return ERRCODE_AGENT_SERVICE_UNREACHABLE;
		case LLM_ERROR_TIMEOUT:
			return ERRCODE_AGENT_SERVICE_TIMEOUT;
		case LLM_ERROR_DENIED:
			return ERRCODE_AGENT_SERVICE_DENIED;
		case LLM_ERROR_QUOTA:
			return ERRCODE_AGENT_SERVICE_QUOTA;
		case LLM_ERROR_BUSY:
			return ERRCODE_AGENT_SERVICE_BUSY;
		case LLM_ERROR_REJECTED:
			return ERRCODE_AGENT_SERVICE_REJECTED;
		case LLM_ERROR_TOO_LONG:
			return ERRCODE_AGENT_SERVICE_TOO_LONG;
		case LLM_ERROR_FILTERED:
			return ERRCODE_AGENT_SERVICE_FILTERED;
		case LLM_ERROR_BAD_REPLY:
			return ERRCODE_AGENT_SERVICE_BAD_REPLY;
		case LLM_ERROR_NONE:
			break;
	}
	return ERRCODE_INTERNAL_ERROR;
}

void
failure_set(LlmReply *reply, LlmErrorKind kind, char *message, char *detail, char *hint)
{
	reply->ok = false;
	reply->error.kind = kind;
	reply->error.sqlstate = sqlstate_of(kind);
	reply->error.message = message;
	reply->error.detail = detail;
	reply->error.hint = hint;
}

static char *
denied_message(const LlmEndpoint *endpoint, const ServerError *error, char **hint)
{
	if (error->status == 404)
	{
		*hint = "Check the options \"model\" and \"base_url\" of the server.";
		return psprintf("server \"%s\" does not know model \"%s\"", endpoint->name,
						endpoint->model);
	}
	if (error->status == 403)
	{
		*hint = "Check what the key's account may use.";
		return psprintf("server \"%s\" refused access to model \"%s\"", endpoint->name,
						endpoint->model);
	}
	*hint = "Check the key in the server's user mapping.";
	return psprintf("server \"%s\" refused the key", endpoint->name);
}

static char *
busy_hint(const ServerError *error)
{
	if (error->wait >= 1000)
		return psprintf("The server asks to wait " INT64_FORMAT " seconds.", error->wait / 1000);
	return "Try again later.";
}

static char *
message_of_server(LlmErrorKind kind, const LlmEndpoint *endpoint, const ServerError *error,
				  char **hint)
{
	const char *name = endpoint->name;

	*hint = NULL;
	switch (kind)
	{
		case LLM_ERROR_CONFIGURATION:
			*hint =
				"Redirects are not followed; set the option \"base_url\" to where the server answers.";
			return psprintf("server \"%s\" redirects to another address", name);
		case LLM_ERROR_DENIED:
			return denied_message(endpoint, error, hint);
		case LLM_ERROR_QUOTA:
			*hint = "Trying again does not help before the account has credit.";
			return psprintf("the account at server \"%s\" is out of credit or over its limit",
							name);
		case LLM_ERROR_BUSY:
			*hint = busy_hint(error);
			return error->status == 429
					   ? psprintf("server \"%s\" limits the rate of requests", name)
					   : psprintf("server \"%s\" is overloaded or failed", name);
		case LLM_ERROR_TOO_LONG:
			*hint =
				"Set the option \"context_window\" of the server, or use a model with a larger one.";
			return psprintf("the prompt is too long for model \"%s\" of server \"%s\"",
							endpoint->model, name);
		case LLM_ERROR_FILTERED:
			return psprintf("the content filter of server \"%s\" refused the prompt", name);
		default:
			return psprintf("server \"%s\" rejected the request", name);
	}
}

void
failure_of_server(LlmReply *reply, const LlmEndpoint *endpoint, const ServiceKey *key,
				  const ServerError *error)
{
	LlmErrorKind kind = failure_kind(error);
	char *hint;
	char *message = message_of_server(kind, endpoint, error, &hint);
	char *words = key_masked(key, error->message);
	char *detail = *words != '\0' ? psprintf("HTTP status %d: %s", error->status, words)
								  : psprintf("HTTP status %d, without a message.", error->status);

	failure_set(reply, kind, message, detail, hint);
}

void
failure_of_transfer(LlmReply *reply, const LlmEndpoint *endpoint, const ServiceKey *key,
					const TransferReply *transfer)
{
	const char *name = endpoint->name;
	char *detail = key_masked(key, transfer->problem);

	switch (transfer->outcome)
	{
		case TRANSFER_TIMEOUT:
			failure_set(reply, LLM_ERROR_TIMEOUT,
						psprintf("server \"%s\" did not answer in time", name), detail,
						"The option \"timeout\" of the server sets how long to wait.");
			break;
		case TRANSFER_TLS:
			failure_set(
				reply, LLM_ERROR_UNREACHABLE,
				psprintf("no trusted connection to server \"%s\"", name), detail,
				"The setting sql_agent.ca_file names the certificates of authorities that are trusted.");
			break;
		case TRANSFER_FORBIDDEN:
			failure_set(
				reply, LLM_ERROR_CONFIGURATION,
				psprintf("the address of server \"%s\" may not be called", name),
				"Its name stands for an address of the own machine or network, or for none that may be called at all.",
				"The option private_network 'true' allows a name to stand for a host of the own network.");
			break;
		case TRANSFER_TOO_LARGE:
			failure_set(reply, LLM_ERROR_BAD_REPLY,
						psprintf("the reply of server \"%s\" is too large", name),
						psprintf("More than %d MB came, or more than %d kB of headers.",
								 TRANSFER_MAX_REPLY / (1024 * 1024), TRANSFER_MAX_HEADERS / 1024),
						NULL);
			break;
		case TRANSFER_LOST:
			failure_set(reply, LLM_ERROR_UNREACHABLE,
						psprintf("the connection to server \"%s\" was lost", name), detail, NULL);
			break;
		default:
			failure_set(reply, LLM_ERROR_UNREACHABLE,
						psprintf("could not reach server \"%s\"", name), detail,
						psprintf("Check that %s can be reached from the database server.",
								 endpoint->base_url));
			break;
	}
}
