/*-------------------------------------------------------------------------
 *
 * answer.c
 *		One question's answer: found, put into words, recorded.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/answer.h"
#include "ask/clarify.h"
#include "ask/learn.h"
#include "ask/store.h"
#include "ledger/ledger.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "tenant/identity.h"
#include "translate/narrate.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

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

/*
 * An answer that is nobody's says whose rows it is about.
 */
static void
tell_whose_rows(Answer *answer)
{
	List **notes = &answer->translation->assumptions;
	const char *role = quote_identifier(GetUserNameFromId(answer->asking_role, false));
	bool all = false;
	ListCell *lc;

	foreach (lc, answer->outcome->relations)
	{
		TenantRows rows = tenant_rows_of(lfirst_oid(lc), answer->asking_role);
		char *name = get_rel_name(lfirst_oid(lc));

		all |= rows == ROWS_OF_ALL;
		if (rows == ROWS_HIDDEN && name != NULL)
			*notes = lappend(
				*notes, psprintf("Rows of tenants in %s are hidden: role %s belongs to no tenant.",
								 quote_identifier(name), role));
	}
	if (all)
		*notes = lappend(*notes, pstrdup("Rows of all tenants."));
}

Answer *
answer_build(AskRequest *request, AnswerMode mode)
{
	Answer *answer = palloc0(sizeof(Answer));
	instr_time started;
	instr_time ended;

	INSTR_TIME_SET_CURRENT(started);
	answer->request = request;
	request->answer = answer;
	answer->mode = mode;
	answer->asked_at = GetCurrentTimestamp();
	find_asker(answer);
	answer->remembered = clarify_remembered(request->chat);
	answer_find(answer);
	if (answer->status == ANSWER_ANSWERED && answer->tenant == NULL)
		tell_whose_rows(answer);
	if (answer->status == ANSWER_ANSWERED && mode == ANSWER_RUN)
	{
		answer_read_rows(answer);
		answer->sentence =
			narrate_rows(request->question, answer->asking_role, answer->translation->sql,
						 answer->outcome, answer->data, &answer->calls);
		if (answer->sentence == NULL)
			answer->sentence = answer_make_sentence(answer);
	}
	INSTR_TIME_SET_CURRENT(ended);
	INSTR_TIME_SUBTRACT(ended, started);
	answer->total_time = INSTR_TIME_GET_DOUBLE(ended);
	if (request->record)
		store_question(answer);
	learn_from_answer(answer);
	ledger_record_calls(answer->recorded ? &answer->question_id : NULL, answer->calls);
	return answer;
}

void
answer_end(Answer *answer)
{
	if (answer->outcome && answer->outcome->store)
		tuplestore_end(answer->outcome->store);
	answer->outcome = NULL;
	answer->request->answer = NULL;
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
