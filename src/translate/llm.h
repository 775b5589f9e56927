/*-------------------------------------------------------------------------
 *
 * llm.h
 *		The translator that asks a language model.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_TRANSLATE_LLM_H
#define SQL_AGENT_TRANSLATE_LLM_H

#include "guard/guard.h"
#include "service/llm.h"
#include "translate/contract.h"
#include "translate/prompt.h"
#include "translate/translate.h"

/* what is wrong with what a model said */
typedef struct LlmProblem
{
	bool refused;
	int sqlstate;
	const char *message;
	const char *detail; /* or NULL */
	const char *hint;   /* or NULL */
	int position;       /* 1-based character in the statement, 0 = none */
} LlmProblem;

/* one conversation about one question */
typedef struct LlmSession
{
	const char *question;
	Oid role;              /* that asks */
	AskSnapshot *snapshot; /* or NULL: nothing is translated */
	bool may_run;
	LlmEndpoint *endpoint;
	Prompt *prompt;
	char *schema;
	List *messages; /* LlmMessage * */
	List *calls;    /* ModelCall * */
	int attempts;   /* statements proposed */
	bool expanded;  /* more tables were shown */
	bool shrunk;    /* the prompt was built anew, smaller */
	bool truncated; /* the server seems to have read only a part */
	bool offered;   /* stored values were offered for a result without rows */
	char *last_sql;
	LlmProblem *last_problem;
} LlmSession;

/*
 * The server that the caller's questions as that role go to, or NULL: then *advice says how
 * to get one.
 */
extern LlmEndpoint *llm_endpoint_of_caller(Oid asking_role, char **advice);

extern Translation *
llm_translate(LlmEndpoint *endpoint, const char *question, AskSnapshot *snapshot, bool may_run);
extern Translation *
llm_translate_again(const Translation *translation, const GuardOutcome *outcome);

/* has the tenant that asks used up what it may spend in a day? NULL where not */
extern TranslationFault *llm_spending_limit(Oid asking_role);

/* a request as it would be sent first; raises where the question is too long */
extern LlmRequest *
llm_first_request(LlmEndpoint *endpoint, const char *question, AskSnapshot *snapshot);

/* session.c: one exchange; NULL and *fault where there is no answer to work with */
extern LlmSession *
session_begin(LlmEndpoint *endpoint, const char *question, AskSnapshot *snapshot, bool may_run);
extern ModelAnswer *session_ask(LlmSession *session, TranslationFault **fault);
extern void session_say(LlmSession *session, LlmRole role, const char *text);
extern LlmRequest *session_request(LlmSession *session);
/* another answer to the same messages, which are left as they are; NULL where there is none */
extern ModelAnswer *session_ask_aside(LlmSession *session);

/* one message to the session's endpoint, noted as operation "narrate" */
extern LlmReply *session_call_once(LlmSession *session, const char *system, const char *schema_name,
								   const char *schema, int max_tokens);

/* repair.c: messages that say what was wrong */
extern char *repair_message(AskSnapshot *snapshot, const char *sql, const LlmProblem *problem);
/* stored values near the texts that a statement without rows compares with; NULL = none */
extern char *repair_nearest_values(AskSnapshot *snapshot, const char *sql);

/* vote.c: the answer whose result most of the candidates agree on */
extern ModelAnswer *vote_among(LlmSession *session, ModelAnswer *first);

#endif /* SQL_AGENT_TRANSLATE_LLM_H */
