/*-------------------------------------------------------------------------
 *
 * cost.c
 *		What the calls of models for one answer used and cost together.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/answer.h"
#include "ledger/ledger.h"

AnswerCost
answer_cost(const Answer *answer)
{
	AnswerCost cost = {.known = true};
	ListCell *lc;

	foreach (lc, answer->calls)
	{
		const ModelCall *call = lfirst(lc);

		cost.input += call->input + call->cached + call->cache_write;
		cost.cached += call->cached;
		cost.output += call->output;
		cost.reasoning += call->reasoning;
		cost.known = cost.known && call->cost_known;
		cost.usd += call->cost_usd;
	}
	return cost;
}
