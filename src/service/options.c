/*-------------------------------------------------------------------------
 *
 * options.c
 *		The options of our foreign servers and user mappings: which there are,
 *		what they may be, and reading them.
 *
 * Each wrapper has a table of its options, with a check for each.  A mistake is
 * told when the option is given and not when a question fails on it; but since
 * a later version may know more, reading an option never fails for one that is
 * not known.  A value never appears in an error where it may be a key.
 *
 * Options that name a file or an environment variable of the server are for
 * superusers: they would show other people's secrets to who may define a
 * mapping and a server to send them to.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <limits.h>

#include "access/reloptions.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "service/options.h"
#include "service/url.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#define MAX_MODEL_LENGTH  200
#define MAX_SECRET_LENGTH 8192

PG_FUNCTION_INFO_V1(sql_agent_llm_validator);
PG_FUNCTION_INFO_V1(sql_agent_smtp_validator);
PG_FUNCTION_INFO_V1(sql_agent_webhook_validator);

/* returns what the value must be, or NULL where it is that */
typedef const char *(*OptionCheck)(const char *value);

typedef struct OptionRule
{
	const char *name;
	OptionCheck check;
	Oid catalog; /* ForeignServerRelationId or UserMappingRelationId */
	bool superuser;
} OptionRule;

typedef struct NamedValue
{
	const char *name;
	int value;
} NamedValue;

static const NamedValue providers[] = {{"openai", LLM_OPENAI},
									   {"azure", LLM_AZURE},
									   {"anthropic", LLM_ANTHROPIC},
									   {"gemini", LLM_GEMINI},
									   {"openai_compatible", LLM_OPENAI_COMPATIBLE},
									   {NULL, 0}};

static const NamedValue auth_styles[] = {
	{"bearer", AUTH_BEARER},       {"api-key", AUTH_API_KEY},
	{"x-api-key", AUTH_X_API_KEY}, {"x-goog-api-key", AUTH_X_GOOG_API_KEY},
	{"none", AUTH_NONE},           {NULL, 0}};

static const NamedValue structured_modes[] = {{"json_schema", LLM_STRUCTURED_SCHEMA},
											  {"json_object", LLM_STRUCTURED_OBJECT},
											  {"none", LLM_STRUCTURED_NONE},
											  {NULL, 0}};

static bool
find_named(const NamedValue *values, const char *name, int *value)
{
	for (; values->name != NULL; values++)
		if (strcmp(values->name, name) == 0)
		{
			*value = values->value;
			return true;
		}
	return false;
}

/* ---- checks ---- */

static const char *
check_provider(const char *value)
{
	int ignored;

	return find_named(providers, value, &ignored)
			   ? NULL
			   : "one of openai, azure, anthropic, gemini, openai_compatible";
}

static const char *
check_auth(const char *value)
{
	int ignored;

	return find_named(auth_styles, value, &ignored)
			   ? NULL
			   : "one of bearer, api-key, x-api-key, x-goog-api-key, none";
}

static const char *
check_structured(const char *value)
{
	int ignored;

	return find_named(structured_modes, value, &ignored) ? NULL
														 : "one of json_schema, json_object, none";
}

static bool
is_printable(const char *value, size_t max)
{
	size_t len = strlen(value);

	if (len == 0 || len > max)
		return false;
	for (; *value; value++)
		if ((unsigned char) *value < ' ' || (unsigned char) *value >= 0x7F)
			return false;
	return true;
}

static const char *
check_model(const char *value)
{
	return is_printable(value, MAX_MODEL_LENGTH) ? NULL : "1 to 200 printable ASCII characters";
}

static const char *
check_text(const char *value)
{
	return is_printable(value, 1000) ? NULL : "1 to 1000 printable ASCII characters";
}

static const char *
check_word(const char *value)
{
	size_t len = strlen(value);

	if (len == 0 || len > 32 || strspn(value, "abcdefghijklmnopqrstuvwxyz_0123456789") != len)
		return "a word of lower case letters, such as low, medium or high";
	return NULL;
}

static const char *
check_host(const char *value)
{
	size_t len = strlen(value);

	if (!is_printable(value, 253) || strcspn(value, "/@?#\\ ") != len)
		return "a host name or address";
	return NULL;
}

static bool
is_whole_number(const char *value, long min, long max)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(value, &end, 10);
	return errno == 0 && end != value && *end == '\0' && number >= min && number <= max;
}

static const char *
check_tokens(const char *value)
{
	return is_whole_number(value, 1, 100000000) ? NULL : "a whole number from 1 to 100000000";
}

static const char *
check_port(const char *value)
{
	return is_whole_number(value, 1, 65535) ? NULL : "a whole number from 1 to 65535";
}

static const char *
check_time(const char *value)
{
	int milliseconds;

	if (!parse_int(value, &milliseconds, GUC_UNIT_MS, NULL) || milliseconds < 1000 ||
		milliseconds > 3600000)
		return "a time from 1s to 1h, such as 90s (without a unit: milliseconds)";
	return NULL;
}

static const char *
check_price(const char *value)
{
	double price;

	if (!parse_real(value, &price, 0, NULL) || !(price >= 0 && price <= 1e6))
		return "US dollars a million tokens: a number from 0 to 1000000";
	return NULL;
}

static const char *
check_bool(const char *value)
{
	bool ignored;

	return parse_bool(value, &ignored) ? NULL : "true or false";
}

/* the rest is checked with private_network at hand */
static const char *
check_url(const char *value)
{
	char *problem;

	return url_parse(value, true, &problem) != NULL ? NULL : problem;
}

static const char *
check_security(const char *value)
{
	return strcmp(value, "tls") == 0 || strcmp(value, "starttls") == 0 || strcmp(value, "none") == 0
			   ? NULL
			   : "one of tls, starttls, none";
}

static const char *
check_secret(const char *value)
{
	return is_printable(value, MAX_SECRET_LENGTH) ? NULL : "1 to 8192 printable ASCII characters";
}

static const char *
check_file(const char *value)
{
	return is_absolute_path(value) && strlen(value) < MAXPGPATH ? NULL : "an absolute path";
}

static const char *
check_variable(const char *value)
{
	size_t len = strlen(value);

	if (len == 0 ||
		strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") != len)
		return "the name of an environment variable";
	return NULL;
}

/* ---- the wrappers ---- */

#define SERVER  ForeignServerRelationId
#define MAPPING UserMappingRelationId

static const OptionRule llm_rules[] = {
	{"provider", check_provider, SERVER, false},
	{"model", check_model, SERVER, false},
	{"base_url", check_url, SERVER, false},
	{"private_network", check_bool, SERVER, false},
	{"auth", check_auth, SERVER, false},
	{"max_output_tokens", check_tokens, SERVER, false},
	{"context_window", check_tokens, SERVER, false},
	{"effort", check_word, SERVER, false},
	{"timeout", check_time, SERVER, false},
	{"structured", check_structured, SERVER, false},
	{"input_price", check_price, SERVER, false},
	{"cached_input_price", check_price, SERVER, false},
	{"cache_write_price", check_price, SERVER, false},
	{"output_price", check_price, SERVER, false},
	{"api_key", check_secret, MAPPING, false},
	{"api_key_file", check_file, MAPPING, true},
	{"api_key_env", check_variable, MAPPING, true},
	{"host", check_host, MAPPING, false},
	{NULL, NULL, InvalidOid, false},
};

static const OptionRule smtp_rules[] = {
	{"host", check_host, SERVER, false},
	{"port", check_port, SERVER, false},
	{"security", check_security, SERVER, false},
	{"sender", check_text, SERVER, false},
	{"private_network", check_bool, SERVER, false},
	{"timeout", check_time, SERVER, false},
	{"user", check_text, MAPPING, false},
	{"password", check_secret, MAPPING, false},
	{"password_file", check_file, MAPPING, true},
	{"password_env", check_variable, MAPPING, true},
	{"host", check_host, MAPPING, false},
	{NULL, NULL, InvalidOid, false},
};

static const OptionRule webhook_rules[] = {
	{"url", check_url, SERVER, false},          {"private_network", check_bool, SERVER, false},
	{"timeout", check_time, SERVER, false},     {"secret", check_secret, MAPPING, false},
	{"secret_file", check_file, MAPPING, true}, {"secret_env", check_variable, MAPPING, true},
	{"host", check_host, MAPPING, false},       {NULL, NULL, InvalidOid, false},
};

static char *
valid_options(const OptionRule *rules, Oid catalog)
{
	StringInfoData names;

	initStringInfo(&names);
	for (; rules->name != NULL; rules++)
		if (rules->catalog == catalog)
			appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", rules->name);
	return names.data;
}

static void
validate_option(const OptionRule *rules, Oid catalog, DefElem *option)
{
	const OptionRule *rule = rules;
	const char *wanted;

	while (rule->name != NULL &&
		   (rule->catalog != catalog || strcmp(rule->name, option->defname) != 0))
		rule++;
	if (rule->name == NULL)
	{
		char *valid = valid_options(rules, catalog);

		ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
						errmsg("invalid option \"%s\"", option->defname),
						*valid != '\0' ? errhint("Valid options in this context are: %s.", valid)
									   : errhint("There are no valid options in this context.")));
	}
	if (rule->superuser && !superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("option \"%s\" can be set by superusers only", rule->name),
				 errdetail("It reads what only the server's operating system user may read.")));
	wanted = rule->check(defGetString(option));
	if (wanted == NULL)
		return;
	/* a sentence is a problem, anything else says what is wanted */
	ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
					errmsg("invalid value for option \"%s\"", rule->name),
					wanted[strlen(wanted) - 1] == '.' ? errdetail("%s", wanted)
													  : errdetail("It must be %s.", wanted)));
}

static List *
validate(FunctionCallInfo fcinfo, const OptionRule *rules)
{
	List *options = untransformRelOptions(PG_GETARG_DATUM(0));
	Oid catalog = PG_GETARG_OID(1);
	ListCell *lc;

	foreach (lc, options)
		validate_option(rules, catalog, lfirst_node(DefElem, lc));
	return options;
}

static void
require(List *options, const char *wrapper, const char *name)
{
	if (option_value(options, name) == NULL)
		ereport(ERROR, (errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
						errmsg("a server of %s needs the option \"%s\"", wrapper, name)));
}

/*
 * One secret a mapping: with two it would not be plain which one is sent.
 */
static void
one_of(List *options, const char *a, const char *b, const char *c)
{
	int count = (option_value(options, a) != NULL) + (option_value(options, b) != NULL) +
				(option_value(options, c) != NULL);

	if (count != 1)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("a user mapping needs exactly one of the options \"%s\", \"%s\" and \"%s\"",
						a, b, c)));
}

static void
check_url_option(List *options, const char *name)
{
	const char *text = option_value(options, name);
	char *problem;

	if (text != NULL &&
		url_parse(text, option_bool(options, "private_network", false), &problem) == NULL)
		ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
						errmsg("invalid value for option \"%s\"", name), errdetail("%s", problem)));
}

void
options_check_llm_server(List *options)
{
	LlmProvider provider;

	require(options, LLM_WRAPPER, "provider");
	require(options, LLM_WRAPPER, "model");
	provider = provider_by_name(option_value(options, "provider"));
	if (provider_base_url(provider) == NULL && option_value(options, "base_url") == NULL)
		ereport(
			ERROR,
			(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
			 errmsg("provider \"%s\" needs the option \"base_url\"",
					option_value(options, "provider")),
			 provider == LLM_AZURE
				 ? errhint("For example: base_url 'https://RESOURCE.openai.azure.com/openai/v1'.")
				 : errhint("For example: base_url 'http://127.0.0.1:8080/v1'.")));
	check_url_option(options, "base_url");
}

Datum
sql_agent_llm_validator(PG_FUNCTION_ARGS)
{
	List *options = validate(fcinfo, llm_rules);

	if (PG_GETARG_OID(1) == ForeignServerRelationId)
		options_check_llm_server(options);
	else if (PG_GETARG_OID(1) == UserMappingRelationId)
		one_of(options, "api_key", "api_key_file", "api_key_env");
	PG_RETURN_VOID();
}

Datum
sql_agent_smtp_validator(PG_FUNCTION_ARGS)
{
	List *options = validate(fcinfo, smtp_rules);

	if (PG_GETARG_OID(1) == ForeignServerRelationId)
	{
		require(options, SMTP_WRAPPER, "host");
		require(options, SMTP_WRAPPER, "sender");
	}
	else if (PG_GETARG_OID(1) == UserMappingRelationId)
		one_of(options, "password", "password_file", "password_env");
	PG_RETURN_VOID();
}

Datum
sql_agent_webhook_validator(PG_FUNCTION_ARGS)
{
	List *options = validate(fcinfo, webhook_rules);

	if (PG_GETARG_OID(1) == ForeignServerRelationId)
	{
		require(options, WEBHOOK_WRAPPER, "url");
		check_url_option(options, "url");
	}
	else if (PG_GETARG_OID(1) == UserMappingRelationId)
		one_of(options, "secret", "secret_file", "secret_env");
	PG_RETURN_VOID();
}

/* ---- reading ---- */

const char *
option_value(List *options, const char *name)
{
	ListCell *lc;

	foreach (lc, options)
	{
		DefElem *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, name) == 0)
			return defGetString(option);
	}
	return NULL;
}

bool
option_bool(List *options, const char *name, bool fallback)
{
	const char *text = option_value(options, name);
	bool value;

	return text != NULL && parse_bool(text, &value) ? value : fallback;
}

int
option_int(List *options, const char *name, int fallback)
{
	const char *text = option_value(options, name);

	return text != NULL && is_whole_number(text, 0, INT_MAX) ? atoi(text) : fallback;
}

int
option_time(List *options, const char *name, int fallback)
{
	const char *text = option_value(options, name);
	int value;

	return text != NULL && parse_int(text, &value, GUC_UNIT_MS, NULL) ? value : fallback;
}

double
option_price(List *options, const char *name)
{
	const char *text = option_value(options, name);
	double value;

	return text != NULL && parse_real(text, &value, 0, NULL) ? value : -1;
}

AuthStyle
option_auth(List *options)
{
	const char *text = option_value(options, "auth");
	int value;

	return text != NULL && find_named(auth_styles, text, &value) ? (AuthStyle) value : AUTH_DEFAULT;
}

LlmStructured
option_structured(List *options)
{
	const char *text = option_value(options, "structured");
	int value;

	return text != NULL && find_named(structured_modes, text, &value) ? (LlmStructured) value
																	  : LLM_STRUCTURED_SCHEMA;
}

LlmProvider
provider_by_name(const char *name)
{
	int value;

	if (!find_named(providers, name, &value))
		ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
						errmsg("invalid value for option \"%s\"", "provider"),
						errdetail("It must be %s.", check_provider(name))));
	return (LlmProvider) value;
}

const char *
provider_base_url(LlmProvider provider)
{
	switch (provider)
	{
		case LLM_OPENAI:
			return "https://api.openai.com/v1";
		case LLM_ANTHROPIC:
			return "https://api.anthropic.com/v1";
		case LLM_GEMINI:
			return "https://generativelanguage.googleapis.com/v1beta";
		case LLM_AZURE:
		case LLM_OPENAI_COMPATIBLE:
			break;
	}
	return NULL;
}
