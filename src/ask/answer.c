/*-------------------------------------------------------------------------
 *
 * answer.c
 *		The path of a question, from who asks to the rows of the answer.
 *
 * Who asks decides what can be asked about (the snapshot of that role), the
 * translator makes a statement of it, the guard checks and runs it.  What the
 * translator or the guard can not do becomes a status of the answer; missing
 * privileges, cancels and bad arguments are raised.
 *
 * A relation can vanish between the reading of the snapshot and the run.  When
 * a statement fails, the snapshot is read again, and where it has changed the
 * question is translated once more.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/answer.h"
#include "ask/clarify.h"
#include "ask/learn.h"
#include "ask/store.h"
#include "catalog/snapshot.h"
#include "common/display.h"
#include "common/errors.h"
#include "common/settings.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "tenant/identity.h"
#include "translate/clarify.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#define MAX_ATTEMPTS 2

static void
append_listed(StringInfo buf, const char *intro, List *items)
{
	ListCell *lc;
	const char *separator = buf->len > 0 ? "  " : "";

	if (items == NIL)
		return;
	appendStringInfo(buf, "%s%s ", separator, intro);
	foreach (lc, items)
		appendStringInfo(buf, "%s%s", foreach_current_index(lc) > 0 ? "; " : "",
						 display_escape((char *) lfirst(lc)));
	appendStringInfoChar(buf, '.');
}

static List *
quoted(List *words)
{
	List *result = NIL;
	ListCell *lc;

	foreach (lc, words)
		result = lappend(result, psprintf("\"%s\"", (char *) lfirst(lc)));
	return result;
}

/* a text that the translator gives twice is said once */
static List *
without_repeats(List *texts)
{
	List *result = NIL;
	ListCell *lc;
	ListCell *known;

	foreach (lc, texts)
	{
		bool repeated = false;

		foreach (known, result)
			repeated = repeated || strcmp((char *) lfirst(known), (char *) lfirst(lc)) == 0;
		if (!repeated)
			result = lappend(result, lfirst(lc));
	}
	return result;
}

/*
 * Nothing is visible: which step would change that depends on who asks.
 */
static void
set_nothing_visible(Answer *answer)
{
	const char *role = quote_identifier(GetUserNameFromId(answer->asking_role, false));
	List *schemas;

	answer->status = ANSWER_FAILED;
	answer->error.sqlstate = ERRCODE_AGENT_NOTHING_VISIBLE;
	answer->error.message = "there is no table that this role may ask about";
	if (answer->tenant != NULL)
	{
		answer->error.detail =
			psprintf("Tenant \"%s\" has no table of its own, and none is shared with all tenants.",
					 answer->tenant);
		return;
	}
	if (answer->asking_role != GetUserId())
	{
		answer->error.detail = psprintf("Questions of superusers and operators run as role %s, "
										"which nothing has been exposed to.",
										role);
		answer->error.hint = "Say which schema may be asked about: "
							 "SELECT sql_agent.expose_schema('public');";
		return;
	}
	schemas = identity_allowed_schemas(answer->asking_role);
	if (schemas == NIL)
	{
		answer->error.detail = psprintf(
			"Questions of role %s may be about the schemas in sql_agent.allowed_schemas (%s) "
			"and those that were exposed; the role has USAGE on none of them.",
			role, setting_allowed_schemas);
		answer->error.hint = psprintf(
			"The owner of a schema can GRANT USAGE ON SCHEMA ... TO %s; a superuser can add "
			"schemas to sql_agent.allowed_schemas.",
			role);
	}
	else
	{
		const char *schema = quote_identifier(get_namespace_name(linitial_oid(schemas)));

		answer->error.detail = psprintf(
			"Role %s has SELECT on no table of schema %s%s.", role, schema,
			list_length(schemas) > 1 ? " or of the other schemas that it may ask about" : "");
		answer->error.hint = psprintf(
			"Grant it, such as GRANT SELECT ON ALL TABLES IN SCHEMA %s TO %s;", schema, role);
	}
}

bool
answer_reason_names_words(const Translation *translation)
{
	ListCell *lc;

	if (translation->reason == NULL)
		return false;
	foreach (lc, translation->not_understood)
	{
		if (strstr(translation->reason, (char *) lfirst(lc)) == NULL)
			return false;
	}
	return true;
}

static void
set_cannot_answer(Answer *answer)
{
	Translation *translation = answer->translation;
	StringInfoData detail;
	StringInfoData hint;

	answer->status = ANSWER_FAILED;
	translation->understood = without_repeats(translation->understood);
	answer->suggestions = answer->clarification->suggestions;

	initStringInfo(&detail);
	if (translation->reason)
		appendStringInfoString(&detail, display_escape(translation->reason));
	append_listed(&detail, "Understood:", translation->understood);
	if (!answer_reason_names_words(translation))
		append_listed(&detail, "Not understood:", quoted(translation->not_understood));
	initStringInfo(&hint);
	if (answer->suggestions != NIL)
		append_listed(&hint, "Questions that can be answered:", quoted(answer->suggestions));
	else
		appendStringInfoString(&hint, "Use the names of your tables and columns.");

	answer->error.sqlstate = ERRCODE_AGENT_CANNOT_ANSWER;
	answer->error.message = "the question can not be answered";
	answer->error.detail = detail.len > 0 ? detail.data : NULL;
	answer->error.hint = hint.data;
}

static void
set_needs_clarification(Answer *answer)
{
	const Clarification *clarification = answer->clarification;
	StringInfoData detail;
	ListCell *lc;

	answer->status = ANSWER_NEEDS_CLARIFICATION;
	initStringInfo(&detail);
	foreach (lc, clarification->ambiguous)
	{
		Ambiguity *ambiguity = lfirst(lc);

		append_listed(&detail, psprintf("\"%s\" can mean:", display_escape(ambiguity->word)),
					  ambiguity->readings);
	}
	foreach (lc, clarification->is_too_broad ? clarification->missing : NIL)
	{
		OpenDimension *dimension = lfirst(lc);

		append_listed(&detail, display_escape(dimension->question), dimension->options);
	}
	answer->suggestions = clarification->suggestions;
	answer->error.sqlstate = ERRCODE_AGENT_CANNOT_ANSWER;
	answer->error.message = clarification->is_too_broad
								? "the question is too broad"
								: "the question can be read in more than one way";
	answer->error.detail = detail.data;
	answer->error.hint = "Ask again more exactly, answer with sql_agent.clarify(), or set "
						 "sql_agent.clarify to \"suggest\" to get the likeliest answer.";
}

/*
 * What the person who asked should be told of, or asked; true where that comes
 * before an answer.
 */
static bool
asks_back(Answer *answer, AskSnapshot *snapshot)
{
	const Translation *translation = answer->translation;
	bool open = translation->ambiguities != NIL || clarify_is_too_broad(translation, snapshot);

	if (translation->answered && (!open || setting_clarify == CLARIFY_OFF))
		return false;
	answer->clarification = clarify_question(answer->request->question, translation, snapshot);
	return open && setting_clarify == CLARIFY_ASK;
}

static void
set_guard_error(Answer *answer)
{
	const GuardOutcome *outcome = answer->outcome;

	if (outcome->error.sqlstate == ERRCODE_INSUFFICIENT_PRIVILEGE)
		guard_raise(outcome);
	answer->status = outcome->status == GUARD_REFUSED ? ANSWER_REFUSED : ANSWER_FAILED;
	answer->error.sqlstate = outcome->error.sqlstate;
	answer->error.message = outcome->error.message;
	answer->error.detail = outcome->error.detail;
	answer->error.hint = outcome->error.hint;
}

/*
 * One attempt.  Returns false where the statement failed in a way that a
 * change of the tables could explain.
 */
static bool
attempt(Answer *answer, AskSnapshot *snapshot)
{
	answer->attempts++;
	answer->translation = clarify_translate(answer->request, answer->remembered, snapshot);
	if (asks_back(answer, snapshot))
	{
		set_needs_clarification(answer);
		return true;
	}
	if (!answer->translation->answered)
	{
		set_cannot_answer(answer);
		return true;
	}
	if (answer->mode == ANSWER_CHECK)
		answer->outcome = guard_check(answer->translation->sql, answer->asking_role);
	else
		answer->outcome =
			guard_run(answer->translation->sql, answer->asking_role, answer->request->max_rows);
	return answer->outcome->status == GUARD_OK;
}

static void
release_rows(Answer *answer)
{
	if (answer->outcome && answer->outcome->store)
		tuplestore_end(answer->outcome->store);
	answer->outcome = NULL;
}

static void
find_answer(Answer *answer)
{
	AskSnapshot *snapshot = snapshot_get(answer->asking_role);

	for (;;)
	{
		uint64 version = snapshot->version;

		if (snapshot->nrelations == 0)
		{
			answer->translation = NULL;
			set_nothing_visible(answer);
			return;
		}
		if (attempt(answer, snapshot))
			return;
		snapshot = snapshot_get(answer->asking_role);
		if (answer->attempts >= MAX_ATTEMPTS || snapshot->version == version)
			break;
		release_rows(answer);
	}
	set_guard_error(answer);
}

/*
 * Who asks, for which tenant, and within which limits of that tenant.
 */
static void
find_asker(Answer *answer)
{
	AskRequest *request = answer->request;
	const TenantIdentity *identity;
	int max_rows;

	answer->asking_role =
		request->tenant ? identity_asking_role_of(request->tenant) : identity_asking_role();
	identity = tenant_identity(answer->asking_role);
	if (identity->state != TENANT_ONE)
		return;
	answer->tenant = pstrdup(identity->name);
	max_rows = identity->options.max_rows;
	if (max_rows > 0 && (request->max_rows == 0 || request->max_rows > max_rows))
		request->max_rows = max_rows;
	tenant_ask_begin(&answer->running, identity);
}

Answer *
answer_build(AskRequest *request, AnswerMode mode)
{
	Answer *answer = palloc0(sizeof(Answer));
	instr_time started;
	instr_time ended;

	INSTR_TIME_SET_CURRENT(started);
	answer->request = request;
	answer->mode = mode;
	answer->asked_at = GetCurrentTimestamp();
	find_asker(answer);
	answer->remembered = clarify_remembered(request->chat);
	find_answer(answer);
	if (answer->status == ANSWER_ANSWERED && mode == ANSWER_RUN)
	{
		answer_read_rows(answer);
		answer->sentence = answer_make_sentence(answer);
	}
	INSTR_TIME_SET_CURRENT(ended);
	INSTR_TIME_SUBTRACT(ended, started);
	answer->total_time = INSTR_TIME_GET_DOUBLE(ended);
	if (request->record)
		store_question(answer);
	learn_from_answer(answer);
	return answer;
}

void
answer_end(Answer *answer)
{
	release_rows(answer);
	tenant_ask_end(&answer->running);
	ask_request_end(answer->request);
}

void
answer_require(const Answer *answer)
{
	if (answer->status == ANSWER_ANSWERED)
		return;
	ereport(ERROR, (errcode(answer->error.sqlstate), errmsg_internal("%s", answer->error.message),
					answer->error.detail ? errdetail_internal("%s", answer->error.detail) : 0,
					answer->error.hint ? errhint("%s", answer->error.hint) : 0));
}

const char *
answer_status_name(AnswerStatus status)
{
	switch (status)
	{
		case ANSWER_ANSWERED:
			return "answered";
		case ANSWER_NEEDS_CLARIFICATION:
			return "needs_clarification";
		case ANSWER_REFUSED:
			return "refused";
		case ANSWER_FAILED:
			return "failed";
	}
	return NULL; /* keep compiler quiet */
}

char *
answer_sql(const Answer *answer)
{
	char *sql;
	int length;

	/* what was only thought of was not used */
	if (answer->translation == NULL || answer->translation->sql == NULL ||
		answer->status == ANSWER_NEEDS_CLARIFICATION)
		return NULL;
	sql = pstrdup(answer->translation->sql);
	length = strlen(sql);
	while (length > 0 && strchr("; \t\r\n", sql[length - 1]) != NULL)
		sql[--length] = '\0';
	return sql;
}
