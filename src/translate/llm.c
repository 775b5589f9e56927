/*-------------------------------------------------------------------------
 *
 * llm.c
 *		The translator that asks a language model.
 *
 * One round: ask, read the object, let the guard check and plan the statement.
 * What is wrong with it goes back to the model in one message, at most
 * sql_agent.max_attempts statements in all; the same statement or the same
 * error again ends it, for it would go on like that.
 *
 * Everything that comes from the model is hostile: SQL goes through the guard,
 * the name of the database must be this one, tables that it asks for must be in
 * the asker's snapshot, texts are cut and cleaned, and nothing of it becomes a
 * part of another statement, a URL, a file name or a parameter.
 *
 * What fails becomes the translation's fault, never an error, but for a cancel
 * and for a server that the caller may not use.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "common/settings.h"
#include "foreign/foreign.h"
#include "ledger/ledger.h"
#include "miscadmin.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "translate/llm.h"
#include "translate/memory.h"
#include "utils/acl.h"
#include "utils/builtins.h"

/* of the prompt's limit: what the model may see of the tables that it asked for */
#define EXPANSION_SHARE 0.25
/* what doubts take from the model's own confidence */
#define PRICE_REPAIR  0.10
#define PRICE_WRAPPED 0.05
/* a statement with open questions is not surer than this */
#define MOST_IF_UNCLEAR 0.6

/* the role whose key of its own goes before the installation's, or InvalidOid */
static Oid
key_owner(Oid asking_role)
{
	const TenantIdentity *tenant = tenant_identity(asking_role);

	return tenant->state == TENANT_ONE ? get_role_oid(tenant_owner_name(tenant->name), true)
									   : InvalidOid;
}

LlmEndpoint *
llm_endpoint_of_caller(Oid asking_role, char **advice)
{
	/* an operator who asks for a tenant spends what the tenant may spend */
	Oid asker = tenant_is_reader(asking_role) && identity_is_operator() ? asking_role : GetUserId();
	ForeignServer *server;

	*advice = NULL;
	if (setting_llm[0] == '\0')
	{
		*advice = "No language model is configured: CREATE SERVER ... FOREIGN DATA WRAPPER "
				  "sql_agent_llm, then set sql_agent.llm to its name.";
		return NULL;
	}
	/* who may not use the model has no less than who has none */
	server = GetForeignServerByName(setting_llm, true);
	if (server != NULL &&
		pg_foreign_server_aclcheck(server->serverid, asker, ACL_USAGE) != ACLCHECK_OK)
	{
		*advice = psprintf("The language model may not be used by role %s: GRANT USAGE ON FOREIGN "
						   "SERVER %s TO ... allows it.",
						   quote_identifier(GetUserNameFromId(asker, false)),
						   quote_identifier(setting_llm));
		return NULL;
	}
	return llm_endpoint_default(asker, key_owner(asking_role));
}

TranslationFault *
llm_spending_limit(Oid asking_role)
{
	const TenantIdentity *identity = tenant_identity(asking_role);
	TranslationFault *fault;
	int64 most_tokens;
	double most_usd;
	int64 tokens;
	double usd;

	if (identity->state != TENANT_ONE)
		return NULL;
	most_tokens = identity->options.tokens_per_day;
	most_usd = identity->options.cost_per_day;
	if (most_tokens <= 0 && most_usd <= 0)
		return NULL;
	ledger_spent_today(pstrdup(identity->name), &tokens, &usd);
	if ((most_tokens <= 0 || tokens < most_tokens) && (most_usd <= 0 || usd < most_usd))
		return NULL;
	fault = palloc0(sizeof(TranslationFault));
	fault->sqlstate = ERRCODE_AGENT_SERVICE_QUOTA;
	fault->message = "the tenant has used up what it may spend on models today";
	fault->detail =
		psprintf("Used since midnight UTC: " INT64_FORMAT " tokens, $%.4f.", tokens, usd);
	fault->hint = "Ask again tomorrow; an operator can set tokens_per_day and cost_per_day of the "
				  "tenant higher.";
	return fault;
}

static TranslationFault *
too_long(void)
{
	TranslationFault *fault = palloc0(sizeof(TranslationFault));

	fault->sqlstate = ERRCODE_AGENT_SERVICE_TOO_LONG;
	fault->message = "the question leaves no room for the tables in the prompt";
	fault->hint = "Ask a shorter question, or set sql_agent.max_prompt_tokens, or option "
				  "context_window of the server, higher.";
	return fault;
}

LlmRequest *
llm_first_request(LlmEndpoint *endpoint, const char *question, AskSnapshot *snapshot)
{
	LlmSession *session = session_begin(endpoint, question, snapshot, false);

	if (session == NULL)
	{
		TranslationFault *fault = too_long();

		ereport(ERROR, (errcode(fault->sqlstate), errmsg_internal("%s", fault->message),
						errhint("%s", fault->hint)));
	}
	return session_request(session);
}

/* relations of the snapshot that the model asked for and has not seen in full */
static List *
resolve_tables(const LlmSession *session, List *names)
{
	const AskSnapshot *snapshot = session->snapshot;
	List *result = NIL;
	ListCell *lc;

	foreach (lc, names)
	{
		const char *name = lfirst(lc);

		for (int i = 0; i < snapshot->nrelations; i++)
		{
			const SnapshotRelation *relation = &snapshot->relations[i];

			if (session->prompt->levels[i] == RETRIEVE_FULL)
				continue;
			if (strcmp(name, schema_relation_name(relation)) == 0 ||
				strcmp(name, psprintf("%s.%s", relation->schema, relation->name)) == 0 ||
				strcmp(name, relation->name) == 0)
				result = list_append_unique_int(result, i);
		}
	}
	return result;
}

/* shows the tables that were asked for; false where there are none to show */
static bool
expand(LlmSession *session, const ModelAnswer *answer)
{
	List *relations;
	ListCell *lc;

	if (session->expanded || session->prompt->whole)
		return false;
	relations = resolve_tables(session, answer->need_tables);
	if (relations == NIL)
		return false;
	session->expanded = true;
	foreach (lc, relations)
		session->prompt->levels[lfirst_int(lc)] = RETRIEVE_FULL;
	session_say(
		session, LLM_USER,
		prompt_more_tables(session->snapshot, relations, session->prompt->limit * EXPANSION_SHARE));
	return true;
}

static LlmProblem *
problem_of_outcome(const GuardOutcome *outcome)
{
	LlmProblem *problem = palloc0(sizeof(LlmProblem));

	problem->refused = outcome->status == GUARD_REFUSED;
	problem->sqlstate = outcome->error.sqlstate;
	problem->message = outcome->error.message;
	problem->detail = outcome->error.detail;
	problem->hint = outcome->error.hint;
	problem->position = outcome->error.position;
	return problem;
}

/* what is wrong with the answer's statement, NULL where nothing is */
static LlmProblem *
judge(const LlmSession *session, const ModelAnswer *answer)
{
	GuardOutcome *outcome;

	if (answer->database != NULL && *answer->database != '\0' &&
		strcmp(answer->database, prompt_database()) != 0)
	{
		LlmProblem *problem = palloc0(sizeof(LlmProblem));

		problem->refused = true;
		problem->sqlstate = ERRCODE_AGENT_REFUSED;
		problem->message = "the statement is meant for another database";
		problem->hint = psprintf("The only database is \"%s\".", prompt_database());
		return problem;
	}
	if (memory_rejects(session->question, session->snapshot, answer->sql))
	{
		LlmProblem *problem = palloc0(sizeof(LlmProblem));

		problem->sqlstate = ERRCODE_AGENT_CANNOT_ANSWER;
		problem->message = "the asker said that this SQL is a wrong answer to the question";
		return problem;
	}
	outcome = guard_check(answer->sql, session->snapshot->role);
	return outcome->status == GUARD_OK ? NULL : problem_of_outcome(outcome);
}

static bool
same_problem(const LlmProblem *a, const LlmProblem *b)
{
	return a != NULL && a->sqlstate == b->sqlstate && a->position == b->position &&
		   strcmp(a->message, b->message) == 0;
}

/*
 * Notes what is wrong and tells the model; false where that has no use any
 * more.
 */
static bool
complain(LlmSession *session, const char *sql, LlmProblem *problem)
{
	bool again = (session->last_sql != NULL && strcmp(session->last_sql, sql) == 0) ||
				 same_problem(session->last_problem, problem);

	session->last_sql = pstrdup(sql);
	session->last_problem = problem;
	if (again || session->attempts >= setting_max_attempts)
		return false;
	session_say(session, LLM_USER, repair_message(session->snapshot, sql, problem));
	return true;
}

/*
 * Asks until there is a statement that the guard allows, or a decline, or
 * nothing more to hope for: then NULL, with *fault where the model could not be
 * asked, else with the session's last problem.
 */
static ModelAnswer *
converse(LlmSession *session, TranslationFault **fault)
{
	for (;;)
	{
		ModelAnswer *answer = session_ask(session, fault);
		LlmProblem *problem;

		if (answer == NULL)
			return NULL;
		if (answer->need_tables != NIL && expand(session, answer))
			continue;
		if (answer->sql == NULL)
			return answer;
		if (session->attempts == 0 && setting_candidates > 1 && session->may_run)
			answer = vote_among(session, answer);
		session->attempts++;
		problem = judge(session, answer);
		if (problem == NULL)
			return answer;
		if (!complain(session, answer->sql, problem))
			return NULL;
	}
}

static double
confidence_of(const LlmSession *session, const ModelAnswer *answer)
{
	double confidence = answer->confidence - PRICE_REPAIR * (session->attempts - 1);

	if (session->truncated)
		return 0;
	if (answer->wrapped)
		confidence -= PRICE_WRAPPED;
	if (answer->clarify_question != NULL)
		confidence = Min(confidence, MOST_IF_UNCLEAR);
	return Max(confidence, 0.0);
}

static Translation *
new_translation(LlmSession *session)
{
	Translation *translation = palloc0(sizeof(Translation));

	translation->translator = "llm";
	translation->model = session->endpoint->model;
	translation->attempts = session->attempts;
	translation->calls = session->calls;
	return translation;
}

static Translation *
translation_of_fault(LlmSession *session, TranslationFault *fault)
{
	Translation *translation = new_translation(session);

	if (fault == NULL)
	{
		const LlmProblem *problem = session->last_problem;

		fault = palloc0(sizeof(TranslationFault));
		fault->refused = problem->refused;
		fault->sqlstate = problem->sqlstate;
		fault->message = pstrdup(problem->message);
		fault->detail = problem->detail ? pstrdup(problem->detail) : NULL;
		fault->hint = problem->hint ? pstrdup(problem->hint) : NULL;
		translation->sql = session->last_sql;
	}
	translation->fault = fault;
	return translation;
}

static Translation *
translation_of_answer(LlmSession *session, ModelAnswer *answer)
{
	Translation *translation = new_translation(session);

	translation->clarify_question = answer->clarify_question;
	translation->clarify_options = answer->clarify_options;
	if (answer->sql == NULL)
	{
		translation->reason = *answer->explanation != '\0'
								  ? answer->explanation
								  : pstrdup("The model found no way to answer it.");
		return translation;
	}
	translation->answered = true;
	translation->sql = answer->sql;
	translation->explanation = answer->explanation;
	translation->confidence = confidence_of(session, answer);
	translation->chart = answer->chart;
	translation->session = session;
	if (session->truncated)
		translation->assumptions =
			list_make1("The model's server seems to have read only a part of the prompt.");
	return translation;
}

Translation *
llm_translate(LlmEndpoint *endpoint, const char *question, AskSnapshot *snapshot, bool may_run)
{
	LlmSession none = {.endpoint = endpoint};
	LlmSession *session;
	TranslationFault *fault = llm_spending_limit(snapshot->role);
	ModelAnswer *answer;

	if (fault != NULL)
		return translation_of_fault(&none, fault);
	session = session_begin(endpoint, question, snapshot, may_run);
	if (session == NULL)
		return translation_of_fault(&none, too_long());
	answer = converse(session, &fault);
	if (answer == NULL)
		return translation_of_fault(session, fault);
	return translation_of_answer(session, answer);
}

/* a statement that ran and found nothing may compare with a value that is spelt otherwise */
static Translation *
offer_values(LlmSession *session, const Translation *translation)
{
	char *message;
	TranslationFault *fault = NULL;
	ModelAnswer *answer;

	if (session->offered || session->attempts >= setting_max_attempts)
		return NULL;
	session->offered = true;
	message = repair_nearest_values(session->snapshot, translation->sql);
	if (message == NULL)
		return NULL;
	session_say(session, LLM_USER, message);
	answer = session_ask(session, &fault);
	if (answer == NULL || answer->sql == NULL || strcmp(answer->sql, translation->sql) == 0)
		return NULL;
	session->attempts++;
	return judge(session, answer) == NULL ? translation_of_answer(session, answer) : NULL;
}

Translation *
llm_translate_again(const Translation *translation, const GuardOutcome *outcome)
{
	LlmSession *session = translation->session;
	TranslationFault *fault = NULL;
	ModelAnswer *answer;
	Translation *result;

	if (outcome->status == GUARD_OK)
		return offer_values(session, translation);
	if (!complain(session, translation->sql, problem_of_outcome(outcome)))
		return NULL;
	answer = converse(session, &fault);
	result = answer == NULL ? translation_of_fault(session, fault)
							: translation_of_answer(session, answer);
	return result;
}
