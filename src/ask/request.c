/*-------------------------------------------------------------------------
 *
 * request.c
 *		The arguments that the functions of the ask family have in common.
 *
 * A question must be text of at most 8 kB; what is not raises AG012.  Options
 * are members of one JSON object; those that stand for a parameter are set as
 * SET LOCAL would, with the caller's own rights, and only for the call (an
 * error undoes them with the transaction).
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/request.h"
#include "common/errors.h"
#include "common/json.h"
#include "common/settings.h"
#include "utils/builtins.h"

#define MAX_QUESTION_BYTES 8192

/* options that stand for a parameter of the caller */
static const struct
{
	const char *key;
	const char *setting;
} option_settings[] = {{"as_of", "sql_agent.as_of"},
					   {"clarify", "sql_agent.clarify"},
					   {"confidence", "sql_agent.builtin_confidence"},
					   {"display_rows", "sql_agent.display_rows"},
					   {"summary", "sql_agent.ask_summary"}};

static void
set_option(AskRequest *request, const char *setting, const char *value)
{
	if (request->guc_level == 0)
		request->guc_level = NewGUCNestLevel();
	(void) set_config_option(setting, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
}

static bool
read_flag(const JsonbValue *value, const char *key)
{
	if (value->type != jbvBool)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" is not true or false", key)));
	return value->val.boolean;
}

static void
read_option(AskRequest *request, const char *key, const JsonbValue *value)
{
	for (int i = 0; i < lengthof(option_settings); i++)
	{
		if (strcmp(key, option_settings[i].key) != 0)
			continue;
		if (value->type == jbvBinary || value->type == jbvNull)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("option \"%s\" is not a single value", key)));
		set_option(request, option_settings[i].setting, json_value_text(value));
		return;
	}
	if (strcmp(key, "chart") == 0)
		request->chart = read_flag(value, key);
	else if (strcmp(key, "record") == 0)
		request->record = read_flag(value, key);
	else
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unrecognized option \"%s\"", key),
						errhint("Valid options are \"as_of\", \"chart\", \"clarify\", "
								"\"confidence\", \"display_rows\", \"record\" and \"summary\".")));
}

static void
read_options(AskRequest *request, Jsonb *options)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue value;
	char *key = "";

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("options is not a JSON object")));
	iterator = JsonbIteratorInit(&options->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = json_value_text(&value);
		else if (token == WJB_VALUE)
			read_option(request, key, &value);
	}
}

void
ask_check_question(const char *question)
{
	size_t length = strlen(question);
	bool blank = true;

	if (length > MAX_QUESTION_BYTES)
		ereport(ERROR, (errcode(ERRCODE_AGENT_BAD_QUESTION),
						errmsg("question is too long: %zu bytes", length),
						errdetail("A question has at most %d bytes.", MAX_QUESTION_BYTES),
						errhint("Ask about one thing, in one or two sentences.")));
	for (const unsigned char *p = (const unsigned char *) question; *p; p++)
	{
		if ((*p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r') || *p == 0x7F)
			ereport(ERROR, (errcode(ERRCODE_AGENT_BAD_QUESTION), errmsg("question is not text"),
							errdetail("It holds the control character 0x%02x.", *p),
							errhint("Ask in plain words.")));
		blank = blank && *p <= ' ';
	}
	if (blank)
		ereport(ERROR, (errcode(ERRCODE_AGENT_BAD_QUESTION), errmsg("question is empty"),
						errhint("Ask about your tables in plain words; suggest_questions() "
								"has examples.")));
}

/* arguments that later capabilities will serve */
static void
refuse_argument(FunctionCallInfo fcinfo, int position, const char *name)
{
	if (!PG_ARGISNULL(position))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("argument \"%s\" is not supported yet", name), errhint("Leave it out.")));
}

AskRequest *
ask_request_read(FunctionCallInfo fcinfo, int question, int tail)
{
	AskRequest *request;

	if (PG_ARGISNULL(question))
		return NULL;
	request = palloc0(sizeof(AskRequest));
	request->question = text_to_cstring(PG_GETARG_TEXT_PP(question));
	request->record = true;
	request->chart = true;
	ask_check_question(request->question);

	if (!PG_ARGISNULL(tail))
	{
		request->chat = palloc(sizeof(pg_uuid_t));
		*request->chat = *PG_GETARG_UUID_P(tail);
	}
	refuse_argument(fcinfo, tail + 1, "databases");
	if (!PG_ARGISNULL(tail + 2))
	{
		request->max_rows = PG_GETARG_INT32(tail + 2);
		if (request->max_rows < 1)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("max_rows must be at least 1")));
	}
	if (!PG_ARGISNULL(tail + 3))
		request->tenant = text_to_cstring(PG_GETARG_TEXT_PP(tail + 3));
	refuse_argument(fcinfo, tail + 4, "token");
	if (!PG_ARGISNULL(tail + 5))
		request->options = PG_GETARG_JSONB_P(tail + 5);
	return request;
}

void
ask_request_apply(AskRequest *request)
{
	if (request->options)
		read_options(request, request->options);
}

AskRequest *
ask_request_begin(FunctionCallInfo fcinfo, int question, int tail)
{
	AskRequest *request = ask_request_read(fcinfo, question, tail);

	if (request)
		ask_request_apply(request);
	return request;
}

void
ask_request_end(AskRequest *request)
{
	if (request->guc_level > 0)
		AtEOXact_GUC(false, request->guc_level);
	request->guc_level = 0;
}
