/*-------------------------------------------------------------------------
 *
 * scan_order.c
 *		What rows are ranked and ordered by where the question leaves it open.
 *
 * "the largest city" and "sold the most" name no column: the thing or the verb
 * points to one.  Where nothing does, the ranking stays without a measure and
 * the composer refuses it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/scan.h"

/*
 * "in descending order" without a word of what is ordered: what is shown.
 */
void
complete_direction(Scanner *state)
{
	Mention *mention;

	if (!state->direction_pending || state->scan->count == 0)
		return;
	mention = add_mention(state, ROLE_ORDER, NULL);
	if (mention)
	{
		mention->descending = state->direction_descending;
		mention->direction_given = true;
	}
}

/* keep the columns of the relations that the things can be */
static void
keep_columns_of(CandidateList *columns, const CandidateList *things)
{
	int n = 0;

	for (int i = 0; i < columns->count; i++)
	{
		bool own = false;

		for (int j = 0; j < things->count; j++)
			own |= things->items[j].column < 0 &&
				   things->items[j].relation == columns->items[i].relation;
		if (own && columns->items[i].column >= 0)
			columns->items[n++] = columns->items[i];
	}
	columns->count = n;
}

/* what things are ranked by when nothing says it: when they happened, or their amount */
static void
natural_ranks(const Interpretation *in, const CandidateList *things, bool by_time,
			  CandidateList *columns)
{
	for (int i = 0; i < things->count; i++)
	{
		Candidate c = things->items[i];

		if (c.column >= 0)
			continue;
		c.column = by_time ? default_time_column(in->snapshot, c.relation, in)
						   : default_measure(in->snapshot, c.relation);
		c.indirect = true;
		if (c.column >= 0)
			columns->items[columns->count++] = c;
	}
}

/*
 * "sold the most": nothing was said of what, but the verb points to it.
 */
void
complete_ranking(Scanner *state)
{
	QuestionScan *scan = state->scan;
	Mention *mention;

	if (!scan->ranked || !scan->rank_needs_measure)
		return;
	/* "which state is the largest" */
	if (!state->rank_thing && state->superlative && state->thing_hints && scan->count > 0 &&
		scan->mentions[0].element && best_is_relation(&scan->mentions[0].options))
	{
		state->rank_thing = &scan->mentions[0];
		state->rank_hints = state->thing_hints;
	}
	if (state->rank_thing && (mention = add_mention(state, ROLE_RANK, NULL)) != NULL)
	{
		/* what the things are large by, as far as it is their own */
		if (!state->rank_by_time)
		{
			match_hints(&scan->in->match, state->rank_hints, &mention->options);
			keep_columns_of(&mention->options, &state->rank_thing->options);
		}
		if (mention->options.count == 0)
			natural_ranks(scan->in, &state->rank_thing->options, state->rank_by_time,
						  &mention->options);
		mention->descending = scan->rank_descending;
		mention->superlative = true;
		mention->filter.words = state->rank_thing->element->text;
		if (mention->options.count > 0)
		{
			scan->rank_needs_measure = false;
			return;
		}
		scan->count--;
	}
	if (state->verb_hints && (mention = add_mention(state, ROLE_RANK, NULL)) != NULL)
	{
		match_hints(&scan->in->match, state->verb_hints, &mention->options);
		mention->descending = scan->rank_descending;
		mention->filter.words = pstrdup(scan->rank_descending ? "the most" : "the least");
		if (mention->options.count > 0)
			scan->rank_needs_measure = false;
		else
			scan->count--;
	}
}
