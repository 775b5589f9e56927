/*-------------------------------------------------------------------------
 *
 * options.h
 *		The options of our foreign servers and user mappings: which there are,
 *		what they may be, and reading them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_OPTIONS_H
#define SQL_AGENT_OPTIONS_H

#include "nodes/pg_list.h"
#include "service/llm.h"

#define LLM_WRAPPER     "sql_agent_llm"
#define SMTP_WRAPPER    "sql_agent_smtp"
#define WEBHOOK_WRAPPER "sql_agent_webhook"

typedef enum AuthStyle
{
	AUTH_DEFAULT, /* the provider's */
	AUTH_BEARER,
	AUTH_API_KEY,        /* api-key: KEY */
	AUTH_X_API_KEY,      /* x-api-key: KEY */
	AUTH_X_GOOG_API_KEY, /* x-goog-api-key: KEY */
	AUTH_NONE
} AuthStyle;

/* the value of an option in a list of DefElem, or NULL */
extern const char *option_value(List *options, const char *name);
extern bool option_bool(List *options, const char *name, bool fallback);
extern int option_int(List *options, const char *name, int fallback);
extern int option_time(List *options, const char *name, int fallback); /* ms */
extern double option_price(List *options, const char *name);           /* negative: none */
extern AuthStyle option_auth(List *options);
extern LlmStructured option_structured(List *options);

/* the URL of a provider that needs not be given one, or NULL */
extern const char *provider_base_url(LlmProvider provider);
/* raises where the value names none */
extern LlmProvider provider_by_name(const char *name);

/* what options of a server of sql_agent_llm say together; raises where they can not be used together */
extern void options_check_llm_server(List *options);

#endif /* SQL_AGENT_OPTIONS_H */
