/*-------------------------------------------------------------------------
 *
 * ask_prompt.c
 *		SQL function ask_prompt: what would leave for a model, and where to.
 *
 * Built by the code that asks, and sent nowhere: no key is read for it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/request.h"
#include "common/errors.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tenant/identity.h"
#include "translate/llm.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(sql_agent_ask_prompt);

static LlmEndpoint *
require_endpoint(Oid asking_role)
{
	char *advice;
	LlmEndpoint *endpoint = llm_endpoint_of_caller(asking_role, &advice);

	if (endpoint == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_AGENT_CANNOT_ANSWER),
				 errmsg("there is no language model to send a prompt to"), errhint("%s", advice)));
	return endpoint;
}

static AskSnapshot *
require_snapshot(Oid asking_role)
{
	AskSnapshot *snapshot = snapshot_get(asking_role);

	if (snapshot->nrelations == 0)
		ereport(ERROR, (errcode(ERRCODE_AGENT_NOTHING_VISIBLE),
						errmsg("there is no table that this role may ask about")));
	return snapshot;
}

static void
append_messages(StringInfo out, const LlmRequest *request)
{
	ListCell *lc;

	appendStringInfo(out, "--- System ---\n%s", request->system);
	foreach (lc, request->messages)
		appendStringInfo(out, "--- Message ---\n%s", ((LlmMessage *) lfirst(lc))->text);
}

static char *
describe(LlmEndpoint *endpoint, const LlmRequest *request)
{
	StringInfoData out;
	char *url;
	char *body = llm_request_body(request, &url);
	Size bytes = strlen(request->system);
	ListCell *lc;

	foreach (lc, request->messages)
		bytes += strlen(((LlmMessage *) lfirst(lc))->text);
	initStringInfo(&out);
	appendStringInfo(&out, "Server: %s (%s)\nModel: %s\nURL: %s\n", endpoint->name,
					 endpoint->provider_name, endpoint->model, url);
	appendStringInfo(&out, "Tokens: about %.0f\n", bytes / budget_bytes_per_token(endpoint->model));
	append_messages(&out, request);
	appendStringInfoString(&out, "--- Body ---\n");
	/* JSON is UTF-8; what the server encoding lacks could not have come from it */
	appendStringInfoString(&out, pg_any_to_server(body, strlen(body), PG_UTF8));
	return out.data;
}

Datum
sql_agent_ask_prompt(PG_FUNCTION_ARGS)
{
	AskRequest *request = ask_request_begin(fcinfo, 0, 1);
	Oid role;
	LlmEndpoint *endpoint;
	text *result;

	if (request == NULL)
		PG_RETURN_NULL();
	role = request->tenant ? identity_asking_role_of(request->tenant) : identity_asking_role();
	endpoint = require_endpoint(role);
	result = cstring_to_text(
		describe(endpoint, llm_first_request(endpoint, request->question, require_snapshot(role))));
	ask_request_end(request);
	PG_RETURN_TEXT_P(result);
}
