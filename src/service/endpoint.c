/*-------------------------------------------------------------------------
 *
 * endpoint.c
 *		The foreign server that a question may use, as the asker may use it.
 *
 * Who holds USAGE on the server may spend its money and send it prompts; nobody
 * but who owns it says where it is.  sql_agent.llm only chooses among servers
 * that the asker may use anyway, so anybody may set it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "common/owner.h"
#include "common/settings.h"
#include "foreign/foreign.h"
#include "service/dialect.h"
#include "service/endpoint.h"
#include "utils/acl.h"

#define DEFAULT_TIMEOUT       120000 /* ms */
#define DEFAULT_OUTPUT_TOKENS 8000   /* reasoning counts, too */

static ForeignServer *
find_server(const char *name, Oid asker)
{
	ForeignServer *server = GetForeignServerByName(name, true);
	AclResult right;

	if (server == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("server \"%s\" does not exist", name),
				 errhint("Language models are servers of the wrapper %s; see CREATE SERVER.",
						 LLM_WRAPPER)));
	if (strcmp(GetForeignDataWrapper(server->fdwid)->fdwname, LLM_WRAPPER) != 0)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("server \"%s\" is not a language model", name),
						errdetail("It is not a server of the wrapper %s.", LLM_WRAPPER)));
	right = pg_foreign_server_aclcheck(server->serverid, asker, ACL_USAGE);
	if (right != ACLCHECK_OK)
		aclcheck_error(right, OBJECT_FOREIGN_SERVER, name);
	return server;
}

ServiceUrl *
endpoint_url(ForeignServer *server)
{
	LlmProvider provider = provider_by_name(option_value(server->options, "provider"));
	const char *text = option_value(server->options, "base_url");
	char *problem;
	ServiceUrl *url;

	if (text == NULL)
		text = provider_base_url(provider);
	url = url_parse(text, option_bool(server->options, "private_network", false), &problem);
	if (url == NULL)
		ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
						errmsg("server \"%s\" has an invalid option \"%s\"", server->servername,
							   "base_url"),
						errdetail("%s", problem)));
	/* the documentation of Azure shows the resource's address alone */
	if (provider == LLM_AZURE && *url->path == '\0')
		url->url = psprintf("%s/openai/v1", url->url);
	return url;
}

static const char *
optional(List *options, const char *name)
{
	const char *value = option_value(options, name);

	return value == NULL ? NULL : pstrdup(value);
}

LlmEndpoint *
llm_endpoint_by_name(const char *name, Oid asker, Oid tenant_owner)
{
	ForeignServer *server;
	LlmEndpoint *endpoint;
	ServiceUrl *url;
	List *options;

	(void) extension_owner();
	server = find_server(name, asker);
	options = server->options;
	/* what was valid when it was given may not be any more */
	options_check_llm_server(options);
	url = endpoint_url(server);

	endpoint = palloc0(sizeof(LlmEndpoint));
	endpoint->server = server->serverid;
	endpoint->name = pstrdup(server->servername);
	endpoint->provider_name = optional(options, "provider");
	endpoint->provider = provider_by_name(endpoint->provider_name);
	endpoint->model = pstrdup(option_value(options, "model"));
	endpoint->base_url = url->url;
	endpoint->local = url_is_local(url);
	endpoint->max_output_tokens = option_int(options, "max_output_tokens", DEFAULT_OUTPUT_TOKENS);
	endpoint->context_window = option_int(options, "context_window", 0);
	endpoint->effort = unconstify(char *, optional(options, "effort"));
	endpoint->timeout = option_time(options, "timeout", DEFAULT_TIMEOUT);
	endpoint->structured = option_structured(options);
	endpoint->input_price = option_price(options, "input_price");
	endpoint->cached_input_price = option_price(options, "cached_input_price");
	endpoint->cache_write_price = option_price(options, "cache_write_price");
	endpoint->output_price = option_price(options, "output_price");
	endpoint->asker = asker;
	endpoint->tenant_owner = tenant_owner;
	return endpoint;
}

LlmEndpoint *
llm_endpoint_default(Oid asker, Oid tenant_owner)
{
	if (setting_llm[0] == '\0')
		return NULL;
	return llm_endpoint_by_name(setting_llm, asker, tenant_owner);
}

AuthStyle
endpoint_auth(const LlmEndpoint *endpoint, ForeignServer *server)
{
	AuthStyle style = option_auth(server->options);

	if (style != AUTH_DEFAULT)
		return style;
	return endpoint->provider == LLM_AZURE ? AUTH_API_KEY : dialect_of(endpoint->provider)->auth;
}
