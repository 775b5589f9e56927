/*-------------------------------------------------------------------------
 *
 * find.c
 *		From a question to the rows of its answer, or to the reason for none.
 *
 * The translators make a statement, the guard checks and runs it.  A model is
 * told what became of its statement and may give another.  What can not be
 * done becomes a status of the answer; missing privileges, cancels and bad
 * arguments are raised.
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
#include "catalog/snapshot.h"
#include "common/display.h"
#include "common/errors.h"
#include "common/settings.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "tenant/identity.h"
#include "translate/clarify.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* translations of one question, each on another snapshot */
#define MAX_ROUNDS 2

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
	if (translation->advice != NULL)
		appendStringInfo(&hint, "  %s", translation->advice);

	answer->error.sqlstate = ERRCODE_AGENT_CANNOT_ANSWER;
	answer->error.message = "the question can not be answered";
	answer->error.detail = detail.len > 0 ? detail.data : NULL;
	answer->error.hint = hint.data;
}

/* a translator failed: a model could not be asked, or proposed nothing that works */
static void
set_fault(Answer *answer)
{
	const TranslationFault *fault = answer->translation->fault;

	answer->status = fault->refused ? ANSWER_REFUSED : ANSWER_FAILED;
	answer->error.sqlstate = fault->sqlstate;
	answer->error.message = fault->message;
	answer->error.detail = fault->detail;
	answer->error.hint = fault->hint;
	answer->suggestions = answer->clarification->suggestions;
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
	foreach (lc, clarification->missing)
	{
		OpenDimension *dimension = lfirst(lc);

		/* without a name: a model asks */
		if (clarification->is_too_broad || dimension->name == NULL)
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

/* what a model would like to know, first of all that is open */
static void
add_question_of_model(Clarification *clarification, const Translation *translation)
{
	OpenDimension *dimension = palloc0(sizeof(OpenDimension));

	dimension->kind = DIMENSION_MEASURE;
	dimension->question = translation->clarify_question;
	dimension->options = translation->clarify_options;
	dimension->relation = -1;
	dimension->column = -1;
	clarification->missing = lcons(dimension, clarification->missing);
}

/*
 * What the person who asked should be told of, or asked; true where that comes
 * before an answer.
 */
static bool
asks_back(Answer *answer, AskSnapshot *snapshot)
{
	const Translation *translation = answer->translation;
	bool asked = translation->clarify_question != NULL;
	bool open =
		asked || translation->ambiguities != NIL || clarify_is_too_broad(translation, snapshot);

	if (translation->answered && (!open || setting_clarify == CLARIFY_OFF))
		return false;
	answer->clarification = clarify_question(answer->request->question, translation, snapshot);
	if (asked)
		add_question_of_model(answer->clarification, translation);
	if (asked && !translation->answered)
		return true;
	return open && setting_clarify == CLARIFY_ASK;
}

static void
set_guard_error(Answer *answer)
{
	const GuardOutcome *outcome = answer->outcome;

	/* a name that a model made up says nothing of the asker's rights */
	if (outcome->error.sqlstate == ERRCODE_INSUFFICIENT_PRIVILEGE &&
		strcmp(answer->translation->translator, "llm") != 0)
		guard_raise(outcome);
	answer->status = outcome->status == GUARD_REFUSED ? ANSWER_REFUSED : ANSWER_FAILED;
	answer->error.sqlstate = outcome->error.sqlstate;
	answer->error.message = outcome->error.message;
	answer->error.detail = outcome->error.detail;
	answer->error.hint = outcome->error.hint;
}

/* is there nothing in the result: no rows, or one of nulls and zeros? */
static bool
found_nothing(const GuardOutcome *outcome)
{
	TupleTableSlot *slot;
	bool nothing = true;

	if (outcome->store == NULL || outcome->row_count > 1)
		return false;
	slot = guard_make_slot(outcome);
	guard_rewind(outcome);
	if (guard_next_row(outcome, slot))
	{
		for (int i = 0; nothing && i < outcome->ncolumns; i++)
		{
			char *text = guard_value_text(outcome, slot, i);

			nothing = text == NULL || strcmp(text, "0") == 0;
		}
	}
	ExecDropSingleTupleTableSlot(slot);
	return nothing;
}

static void
release_outcome(GuardOutcome *outcome)
{
	if (outcome != NULL && outcome->store != NULL)
		tuplestore_end(outcome->store);
}

static GuardOutcome *
run_statement(const Answer *answer, const Translation *translation)
{
	if (answer->mode == ANSWER_CHECK)
		return guard_check(translation->sql, answer->asking_role);
	return guard_run(translation->sql, answer->asking_role, answer->request->max_rows);
}

/*
 * Another statement in place of one that failed or found nothing, and what
 * becomes of it.  False where there is none, or none that is better.
 */
static bool
replace_statement(Answer *answer)
{
	Translation *other = translate_again(answer->translation, answer->outcome);
	GuardOutcome *outcome;
	bool worked = answer->outcome->status == GUARD_OK;

	if (other == NULL || (worked && !other->answered))
		return false;
	outcome = other->answered ? run_statement(answer, other) : NULL;
	if (worked && outcome->status != GUARD_OK)
	{
		release_outcome(outcome);
		return false;
	}
	release_outcome(answer->outcome);
	answer->translation = other;
	answer->outcome = outcome;
	return true;
}

/* the translation gives no statement to run, or one that has to wait */
static void
set_unanswered(Answer *answer, bool ask_back)
{
	if (ask_back)
		set_needs_clarification(answer);
	else if (answer->translation->fault != NULL)
		set_fault(answer);
	else
		set_cannot_answer(answer);
}

/* runs the statement, and those that the translator puts in its place */
static void
run_until_done(Answer *answer)
{
	answer->outcome = run_statement(answer, answer->translation);
	while (answer->outcome != NULL &&
		   (answer->outcome->status != GUARD_OK || found_nothing(answer->outcome)))
		if (!replace_statement(answer))
			break;
}

/*
 * One attempt.  Returns false where the statement failed in a way that a
 * change of the tables could explain.
 */
static bool
attempt(Answer *answer, AskSnapshot *snapshot)
{
	bool done = true;
	bool ask_back;

	answer->translation = clarify_translate(answer->request, answer->remembered, snapshot,
											answer->mode != ANSWER_CHECK);
	ask_back = asks_back(answer, snapshot);
	if (answer->translation->answered && !ask_back)
		run_until_done(answer);
	if (answer->outcome != NULL)
		done = answer->outcome->status == GUARD_OK;
	else
	{
		/* where a model was asked again it may have come to ask back itself */
		if (answer->clarification == NULL)
			ask_back = asks_back(answer, snapshot);
		set_unanswered(answer, ask_back);
	}
	answer->attempts += Max(1, answer->translation->attempts);
	answer->calls = list_concat(answer->calls, answer->translation->calls);
	return done;
}

void
answer_find(Answer *answer)
{
	AskSnapshot *snapshot = snapshot_get(answer->asking_role);

	for (int round = 1;; round++)
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
		if (round >= MAX_ROUNDS || snapshot->version == version)
			break;
		release_outcome(answer->outcome);
		answer->outcome = NULL;
	}
	set_guard_error(answer);
}
