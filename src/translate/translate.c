/*-------------------------------------------------------------------------
 *
 * translate.c
 *		Question -> SQL: asks the translators in the order of
 *		sql_agent.translators.
 *
 * The first that answers wins.  One that declines says why; where all do, the
 * built-in one names the words that it did not understand, and a model that
 * was asked has the last word on the reason.  What a caller called a wrong
 * answer to the question is not given again.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/settings.h"
#include "translate/builtin.h"
#include "translate/llm.h"
#include "translate/memory.h"
#include "translate/translate.h"

static Translation *
ask_builtin(const char *question, AskSnapshot *snapshot)
{
	Translation *translation = builtin_translate(question, snapshot);

	if (translation->answered && memory_rejects(question, snapshot, translation->sql))
	{
		translation->answered = false;
		translation->sql = NULL;
		translation->reason = pstrdup("You said that the SQL it would be answered with is wrong.");
	}
	return translation;
}

/* a model without a server has only advice to give */
static Translation *
ask_model(const char *question, AskSnapshot *snapshot, bool may_run)
{
	char *advice;
	LlmEndpoint *endpoint = llm_endpoint_of_caller(snapshot->role, &advice);
	Translation *translation;

	if (endpoint != NULL)
		return llm_translate(endpoint, question, snapshot, may_run);
	translation = palloc0(sizeof(Translation));
	translation->translator = "llm";
	translation->advice = advice;
	return translation;
}

/* NULL where it has nothing to say */
static Translation *
ask_translator(const char *name, const char *question, AskSnapshot *snapshot, bool may_run)
{
	if (strcmp(name, "memory") == 0)
		return memory_translate(question, snapshot);
	if (strcmp(name, "builtin") == 0)
		return ask_builtin(question, snapshot);
	return ask_model(question, snapshot, may_run);
}

/* which of two that do not answer says more */
static Translation *
better_decline(Translation *a, Translation *b)
{
	if (a == NULL)
		return b;
	/* a model that was not asked has no reason to give */
	if (b->fault == NULL && b->reason == NULL && b->clarify_question == NULL)
		return a;
	/* what the built-in translator understood is worth telling whatever a model says */
	if (b->understood == NIL)
		b->understood = a->understood;
	if (b->shape == NULL)
		b->shape = a->shape;
	return b;
}

Translation *
translate_question(const char *question, AskSnapshot *snapshot, bool may_run)
{
	Translation *result = NULL;
	List *calls = NIL;
	char *advice = NULL;
	ListCell *lc;

	foreach (lc, settings_translators())
	{
		Translation *translation = ask_translator(lfirst(lc), question, snapshot, may_run);

		if (translation == NULL)
			continue;
		calls = list_concat(calls, translation->calls);
		if (translation->advice != NULL)
			advice = translation->advice;
		if (translation->answered)
		{
			result = translation;
			break;
		}
		result = better_decline(result, translation);
	}
	if (result == NULL)
	{
		result = palloc0(sizeof(Translation));
		result->translator = "memory";
		result->reason = pstrdup("Nothing like it was answered before.");
	}
	result->calls = calls;
	result->advice = result->answered ? NULL : advice;
	return result;
}

Translation *
translate_again(const Translation *translation, const GuardOutcome *outcome)
{
	return translation->session ? llm_translate_again(translation, outcome) : NULL;
}
