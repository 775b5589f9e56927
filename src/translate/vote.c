/*-------------------------------------------------------------------------
 *
 * vote.c
 *		Several answers of a model to one question; the result that most of them
 *		give wins.
 *
 * Statements are compared by what they return: their rows as text, in whatever
 * order, under whatever column names.  Each runs through the guard like any
 * other.  A statement that fails has no vote; of equals the first one wins.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/hashfn.h"
#include "common/settings.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "translate/llm.h"

typedef struct Candidate
{
	ModelAnswer *answer;
	uint64 result;
	int votes;
} Candidate;

/* a number for the result: the same for the same rows in another order */
static uint64
hash_of_rows(const GuardOutcome *outcome)
{
	TupleTableSlot *slot = guard_make_slot(outcome);
	uint64 result = hash_combine64(outcome->ncolumns, outcome->row_count);
	uint64 sum = 0;

	guard_rewind(outcome);
	while (guard_next_row(outcome, slot))
	{
		uint64 row = 0;

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < outcome->ncolumns; i++)
		{
			char *text = guard_value_text(outcome, slot, i);

			row =
				hash_combine64(row, text == NULL ? 1
												 : hash_bytes_extended((const unsigned char *) text,
																	   strlen(text), 2));
			if (text != NULL)
				pfree(text);
		}
		sum += row;
	}
	ExecDropSingleTupleTableSlot(slot);
	return hash_combine64(result, sum);
}

/* false where the statement has no result to compare */
static bool
run_candidate(const LlmSession *session, Candidate *candidate)
{
	GuardOutcome *outcome;
	bool ok;

	if (candidate->answer->sql == NULL)
		return false;
	outcome = guard_run(candidate->answer->sql, session->snapshot->role, 0);
	ok = outcome->status == GUARD_OK;
	if (ok)
		candidate->result = hash_of_rows(outcome);
	if (outcome->store != NULL)
		tuplestore_end(outcome->store);
	return ok;
}

ModelAnswer *
vote_among(LlmSession *session, ModelAnswer *first)
{
	Candidate *candidates = palloc0(setting_candidates * sizeof(Candidate));
	int count = 0;
	int best = -1;

	for (int i = 0; i < setting_candidates; i++)
	{
		ModelAnswer *answer = i == 0 ? first : session_ask_aside(session);

		if (answer == NULL)
			continue;
		candidates[count].answer = answer;
		if (run_candidate(session, &candidates[count]))
			count++;
	}
	for (int i = 0; i < count; i++)
	{
		for (int k = 0; k < count; k++)
			candidates[i].votes += candidates[k].result == candidates[i].result;
		if (best < 0 || candidates[i].votes > candidates[best].votes)
			best = i;
	}
	if (best < 0)
		return first;
	/* how many agree says more than what a model thinks of itself */
	if (count > 1)
		candidates[best].answer->confidence = (double) candidates[best].votes / setting_candidates;
	return candidates[best].answer;
}
