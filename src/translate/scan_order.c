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

/* the one number that the relation has of its things, or -1 */
static int
only_measure_column(AskSnapshot *snapshot, int relation)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];
	int found = -1;

	for (int i = 0; i < rel->ncolumns; i++)
	{
		if (!type_class_is_numeric(rel->columns[i].type_class) ||
			!column_is_measure(snapshot, relation, i))
			continue;
		if (found >= 0)
			return -1;
		found = i;
	}
	return found;
}

/* what things are ranked by when nothing says it: when they happened, or their amount */
static void
natural_ranks(const Interpretation *in, const CandidateList *things, bool by_time, bool sure,
			  CandidateList *columns)
{
	for (int i = 0; i < things->count; i++)
	{
		Candidate c = things->items[i];

		if (c.column >= 0)
			continue;
		c.column = by_time ? default_time_column(in->snapshot, c.relation, in)
						   : default_measure(in->snapshot, c.relation);
		/* only what was said to be the largest, not what "the lowest" may be about */
		if (c.column < 0 && !by_time && sure)
			c.column = only_measure_column(in->snapshot, c.relation);
		c.indirect = true;
		if (c.column >= 0)
			columns->items[columns->count++] = c;
	}
}

/*
 * "oldest": the age of the things, or when they began, which goes the other way
 * round.
 */
static void
ages_of_things(Scanner *state, CandidateList *columns)
{
	QuestionScan *scan = state->scan;
	const CandidateList *things = &state->rank_thing->options;

	match_hints(&scan->in->match, state->rank_hints, columns);
	keep_columns_of(columns, things);
	if (columns->count > 0)
		return;
	for (int i = 0; i < things->count; i++)
	{
		Candidate c = things->items[i];
		const SnapshotRelation *rel = &scan->in->snapshot->relations[c.relation];

		if (c.column >= 0)
			continue;
		for (int k = 0; k < rel->ncolumns && c.column < 0; k++)
		{
			if (type_class_is_time(rel->columns[k].type_class) &&
				column_named_like(&rel->columns[k], "birth birthday born dob birthdate founded "
													"established built"))
				c.column = k;
		}
		if (c.column < 0)
			c.column = default_time_column(scan->in->snapshot, c.relation, scan->in);
		c.indirect = true;
		if (c.column >= 0)
			columns->items[columns->count++] = c;
	}
	if (columns->count > 0)
		scan->rank_descending = !scan->rank_descending;
}

/* relations that refer to the things, of which the question or a verb of it speaks */
static void
relations_counted(Scanner *state, const Candidate *thing, CandidateList *counted)
{
	QuestionScan *scan = state->scan;
	AskSnapshot *snapshot = scan->in->snapshot;
	int nedges;
	const int *edges = snapshot_edges_of(snapshot, thing->relation, &nedges);
	CandidateList all = {0};
	CandidateList said = {0};

	for (int e = 0; e < nedges; e++)
	{
		const SnapshotEdge *edge = &snapshot->edges[edges[e]];
		Candidate c = {.relation = edge->from, .column = -1, .score = thing->score};
		bool known = edge->from == thing->relation || edge->to != thing->relation;

		for (int i = 0; i < all.count; i++)
			known |= all.items[i].relation == edge->from;
		if (known || all.count >= MAX_CANDIDATES)
			continue;
		all.items[all.count++] = c;
		for (int i = 0; i < scan->in->count && said.count < all.count; i++)
		{
			const Element *element = &scan->in->elements[i];
			CandidateList names = element->names;

			if (element->kind == ELEMENT_CONCEPT && element->entry->concept == CONCEPT_VERB)
			{
				const char *folded = scan->in->tokens->tokens[element->first].folded;

				memset(&names, 0, sizeof(names));
				if (folded)
					match_loosely(&scan->in->match, folded, &names);
				if (names.count == 0 && element->entry->hints)
					match_hints(&scan->in->match, element->entry->hints, &names);
			}
			if (best_is_relation(&names) && names.items[0].relation == edge->from)
			{
				said.items[said.count++] = c;
				break;
			}
		}
	}
	*counted = said.count == 1 || all.count > 1 ? said : all;
}

/*
 * "the most common status": of which there are the most rows.  Of things those
 * rows are counted that refer to them.
 */
void
complete_common(Scanner *state)
{
	QuestionScan *scan = state->scan;
	Mention *rank;

	if (!scan->common)
		return;
	/* "which status is the most common" */
	if (!state->common_thing && scan->count > 0 && scan->mentions[0].role == ROLE_OUTPUT)
		state->common_thing = &scan->mentions[0];
	if (!state->common_thing || !(rank = add_mention(state, ROLE_RANK, NULL)))
		return;
	state->common_thing->leading = true;
	for (int i = 0; i < state->common_thing->options.count; i++)
	{
		Candidate c = state->common_thing->options.items[i];
		CandidateList counted = {0};

		if (c.column >= 0)
		{
			c.column = -1;
			counted.items[counted.count++] = c;
		}
		else
			relations_counted(state, &c, &counted);
		if (counted.count == 1 && rank->options.count < MAX_CANDIDATES)
			rank->options.items[rank->options.count++] = counted.items[0];
	}
	rank->aggregate = AGGREGATE_COUNT;
	rank->descending = scan->rank_descending;
	rank->filter.words = pstrdup(scan->rank_descending ? "the most common" : "the least common");
	if (rank->options.count == 0)
		scan->unsupported = psprintf("\"%s\" where it is open what is counted", rank->filter.words);
	scan->rank_needs_measure = false;
}

/*
 * "sold the most": nothing was said of what, but the verb points to it.
 */
void
complete_ranking(Scanner *state)
{
	QuestionScan *scan = state->scan;
	Mention *mention;
	bool sure = state->rank_thing != NULL;

	if (!scan->ranked || !scan->rank_needs_measure)
		return;
	/* "which state is the largest" */
	if (!state->rank_thing && state->superlative && state->thing_hints && scan->count > 0 &&
		scan->mentions[0].element && best_is_relation(&scan->mentions[0].options))
	{
		state->rank_thing = &scan->mentions[0];
		state->rank_hints = state->thing_hints;
		state->rank_by_age = state->age_superlative;
	}
	if (state->rank_thing && (mention = add_mention(state, ROLE_RANK, NULL)) != NULL)
	{
		/* what the things are large by, as far as it is their own */
		if (state->rank_by_age)
			ages_of_things(state, &mention->options);
		else if (!state->rank_by_time)
		{
			match_hints(&scan->in->match, state->rank_hints, &mention->options);
			keep_columns_of(&mention->options, &state->rank_thing->options);
		}
		if (mention->options.count == 0 && !state->rank_by_age)
			natural_ranks(scan->in, &state->rank_thing->options, state->rank_by_time, sure,
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

void
add_sorting(Scanner *state, const Element *element)
{
	QuestionScan *scan = state->scan;
	const CandidateList *things = NULL;
	Mention *mention;

	for (int i = 0; i < scan->count && !things; i++)
	{
		if (!scan->mentions[i].has_filter && best_is_relation(&scan->mentions[i].options))
			things = &scan->mentions[i].options;
	}
	mention = things ? add_mention(state, ROLE_ORDER, NULL) : NULL;
	if (!mention)
	{
		not_understood(state, element->text);
		return;
	}
	mention->filter.words = element->text;
	mention->descending = element->entry->arg & 1;
	mention->direction_given = true;
	if (element->entry->hints)
	{
		match_hints(&scan->in->match, element->entry->hints, &mention->options);
		keep_columns_of(&mention->options, things);
	}
	else
		natural_ranks(scan->in, things, true, false, &mention->options);
	if (mention->options.count == 0)
		not_understood(state, element->text);
}
