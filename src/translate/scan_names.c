/*-------------------------------------------------------------------------
 *
 * scan_names.c
 *		The role of a name in the sentence.
 *
 * A name carries a condition when one follows it ("price over 5"), modifies
 * the noun behind it ("active customers"), or takes what the words before
 * announced ("number of", "by", "highest").
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "translate/scan.h"

/*
 * "<name> greater than Texas", "<name> larger than the <name> of Texas": the
 * same column of other rows.  Returns the last element that it takes, or 0.
 */
static int
condition_on_rows(const Scanner *state, int at, int next, Filter *filter, const Element **rows)
{
	const Element *name = element_at(state, at);
	const Element *operand = element_at(state, next);

	if (operand->kind == ELEMENT_NAME && !operand->phrase && name->entry == operand->entry &&
		operand->names.items[0].column >= 0 &&
		strcmp(state->scan->in->tokens->tokens[name->first].stem,
			   state->scan->in->tokens->tokens[operand->first].stem) == 0)
	{
		next = next_significant(state, next);
		if (concept_at(state, next) == CONCEPT_OF)
			next = next_significant(state, next);
		operand = element_at(state, next);
	}
	if (!operand || (operand->kind != ELEMENT_VALUE && !operand->phrase))
		return 0;
	filter->kind = FILTER_BEYOND;
	filter->compare = (CompareOperator) element_at(state, next_significant(state, at))->entry->arg;
	*rows = operand;
	return next;
}

/* does the name say rows, and no column of that name? */
static bool
names_rows(const Scanner *state, int at)
{
	const CandidateList *names = &element_at(state, at)->names;

	for (int i = 0; i < names->count; i++)
	{
		if (names->items[i].column >= 0 && names->items[i].score >= 0.9f &&
			column_is_measure(state->scan->in->snapshot, names->items[i].relation,
							  names->items[i].column))
			return false;
	}
	return best_is_relation(names);
}

/*
 * "<name> more than 5", "<name> between 1 and 5", "<name> starts with 'A'",
 * "<name> is missing": the condition follows the name.  Returns the index of
 * the last element that it takes, or 0.
 */
static int
condition_after(Scanner *state, int at, Filter *filter, const Element **rows)
{
	int i = next_significant(state, at);
	Element *element = element_at(state, i);
	Element *operand;
	int next;

	/* "a price of at least 12" */
	if (concept_at(state, i) == CONCEPT_OF &&
		concept_at(state, next_significant(state, i)) == CONCEPT_COMPARE)
	{
		i = next_significant(state, i);
		element = element_at(state, i);
	}
	/* "an email that ends with" */
	if ((concept_at(state, i) == CONCEPT_THAT || concept_at(state, i) == CONCEPT_WHAT) &&
		concept_at(state, next_significant(state, i)) == CONCEPT_MATCH)
	{
		i = next_significant(state, i);
		element = element_at(state, i);
	}
	if (!element)
		return 0;
	if (element->kind == ELEMENT_CONCEPT && element->entry->concept == CONCEPT_NOT)
	{
		int n = next_significant(state, i);
		Concept concept = concept_at(state, n);

		if (concept == CONCEPT_COMPARE || concept == CONCEPT_MATCH || concept == CONCEPT_NULL)
		{
			filter->negated = true;
			i = n;
			element = element_at(state, i);
		}
	}
	if (element->kind != ELEMENT_CONCEPT)
		return 0;
	/* "rivers longer than 5": the comparison names its own column */
	if (element->entry->concept == CONCEPT_COMPARE && element->entry->hints &&
		best_is_relation(&element_at(state, at)->names))
		return 0;
	next = next_significant(state, i);
	operand = element_at(state, next);
	switch (element->entry->concept)
	{
		case CONCEPT_COMPARE:
			if (!operand || operand->kind == ELEMENT_CONCEPT)
			{
				Element *noun = element_at(state, next_significant(state, next));

				/* "above average", but not yet "above average price" */
				if (is_average(state, next) && !(noun && noun->kind == ELEMENT_NAME))
				{
					filter->kind = FILTER_AVERAGE;
					filter->compare = (CompareOperator) element->entry->arg;
					return next;
				}
				return 0;
			}
			/* "products under 30": a number of theirs, and not how many they are */
			if (operand->kind == ELEMENT_NUMBER && !state->count &&
				state->aggregate == AGGREGATE_NONE && names_rows(state, at))
				return 0;
			if (operand->kind != ELEMENT_NUMBER)
				return condition_on_rows(state, at, next, filter, rows);
			filter->kind = FILTER_COMPARE;
			filter->compare = (CompareOperator) element->entry->arg;
			filter->values = list_make1(operand->literal);
			return next;
		case CONCEPT_BETWEEN:
		{
			int and_at = next_significant(state, next);
			int last = next_significant(state, and_at);
			Element *high = element_at(state, last);

			if (!operand || operand->kind != ELEMENT_NUMBER ||
				concept_at(state, and_at) != CONCEPT_AND || !high || high->kind != ELEMENT_NUMBER)
				return 0;
			filter->kind = FILTER_BETWEEN;
			filter->values = list_make2(operand->literal, high->literal);
			return last;
		}
		case CONCEPT_MATCH:
			if (!operand || operand->kind == ELEMENT_CONCEPT || operand->kind == ELEMENT_TIME)
				return 0;
			/* "playlists that contain tracks": a verb between things */
			if (operand->kind == ELEMENT_NAME && best_is_relation(&operand->names) &&
				best_is_relation(&element_at(state, at)->names))
				return 0;
			filter->kind = FILTER_MATCH;
			filter->match = (MatchKind) element->entry->arg;
			filter->values = list_make1(operand->text);
			return next;
		case CONCEPT_NULL:
		case CONCEPT_NOT_NULL:
			filter->kind = FILTER_NULL;
			filter->negated ^= element->entry->concept == CONCEPT_NOT_NULL;
			return i;
		default:
			return 0;
	}
}

/*
 * Do the relations have what the superlative speaks of ("largest city": a
 * population)?  Or does a measure follow ("smallest state by area")?
 */
static bool
names_things(const Scanner *state, const CandidateList *relations)
{
	CandidateList attributes;

	match_hints(&state->scan->in->match, state->thing_hints, &attributes);
	for (int i = 0; i < attributes.count; i++)
	{
		for (int j = 0; j < relations->count; j++)
		{
			if (attributes.items[i].column >= 0 && relations->items[j].column < 0 &&
				attributes.items[i].relation == relations->items[j].relation)
				return true;
		}
	}
	return false;
}

/* is something else than this asked for already ("which customer has the highest orders")? */
static bool
asks_for_others(const QuestionScan *scan, const Mention *mention, bool of_attribute)
{
	for (int i = 0; i < scan->count; i++)
	{
		const Mention *other = &scan->mentions[i];

		bool own = false;

		if (other == mention || (other->role != ROLE_OUTPUT && other->role != ROLE_GROUP))
			continue;
		/* "the amount of the largest payment" asks for the payment */
		for (int a = 0; a < other->options.count && of_attribute; a++)
		{
			for (int b = 0; b < mention->options.count; b++)
				own |= other->options.items[a].column >= 0 &&
					   mention->options.items[b].column < 0 &&
					   other->options.items[a].relation == mention->options.items[b].relation;
		}
		if (!own)
			return true;
	}
	return false;
}

static bool
value_follows(const Scanner *state, int at)
{
	const Element *next = element_at(state, next_significant(state, at));

	return next && (next->kind == ELEMENT_VALUE || next->kind == ELEMENT_TEXT ||
					next->kind == ELEMENT_NUMBER);
}

/* a participle that stands for rows ("repaired": repair), and is no name of its own */
static bool
is_deed(const Scanner *state, int at)
{
	const Element *element = element_at(state, at);
	const SnapshotColumn *column =
		candidate_column(state->scan->in->snapshot, &element->names.items[0]);
	int len = strlen(element->text);

	/* "approved by Bea" of a column that leads to her */
	if (column && column->in_foreign_key && value_follows(state, at) && len > 6 &&
		pg_strcasecmp(element->text + len - 3, " by") == 0)
		return true;
	return element->ntokens == 1 && len > 4 && pg_strcasecmp(element->text + len - 2, "ed") == 0 &&
		   best_is_relation(&element->names) && element->names.items[0].indirect;
}

/*
 * The role that the words before give to a name.
 */
static void
take_pending(Scanner *state, Mention *mention, int at)
{
	QuestionScan *scan = state->scan;

	mention->aggregate = state->aggregate;
	mention->whole_things = state->count;
	if (state->count && state->aggregate == AGGREGATE_NONE)
		mention->aggregate = state->count_distinct ? AGGREGATE_COUNT_DISTINCT : AGGREGATE_COUNT;

	if (state->without || (state->negated && state->mode == MODE_FILTER &&
						   best_is_relation(&mention->options) && !value_follows(state, at)))
	{
		mention->role = ROLE_WITHOUT;
		state->negated = false;
	}
	else if (state->common)
	{
		/* "the most common status" */
		mention->role = ROLE_OUTPUT;
		mention->leading = true;
		state->common_thing = mention;
		return;
	}
	else if (state->superlative && best_is_relation(&mention->options) &&
			 (!asks_for_others(scan, mention, state->after_of) ||
			  (state->thing_hints && names_things(state, &mention->options))))
	{
		/* "the largest city": the city is asked for, by its size unless more is said */
		mention->role = ROLE_OUTPUT;
		mention->leading = true;
		/* "the area of the largest state": the things are ranked, not the areas */
		if (state->after_of && state->last && !best_is_relation(&state->last->options))
			state->last->leading = false;
		state->rank_hints = state->thing_hints;
		state->rank_by_time = state->time_superlative;
		state->rank_by_age = state->age_superlative;
		state->rank_thing = mention;
		return;
	}
	else if (state->superlative || state->most)
	{
		mention->role = ROLE_RANK;
		/* the oldest date is the first one */
		if (state->age_superlative &&
			best_is(scan->in->snapshot, &mention->options, type_class_is_time))
			scan->rank_descending = !scan->rank_descending;
		mention->descending = scan->rank_descending;
		mention->superlative = state->superlative;
		scan->rank_needs_measure = false;
		if (state->most && mention->aggregate == AGGREGATE_NONE)
			mention->whole_things = true;
	}
	else if (state->mode == MODE_RANK)
	{
		mention->role = ROLE_RANK;
		mention->descending = scan->rank_descending;
		scan->rank_needs_measure = false;
	}
	else if (state->mode == MODE_ORDER)
	{
		mention->role = ROLE_ORDER;
		if (state->direction_pending)
		{
			mention->descending = state->direction_descending;
			mention->direction_given = true;
			state->direction_pending = false;
		}
	}
	else if (mention->aggregate != AGGREGATE_NONE)
		mention->role = ROLE_MEASURE;
	else if (state->mode == MODE_GROUP && state->after_of && state->last &&
			 best_is_relation(&mention->options))
		mention->role = ROLE_QUALIFIER; /* "by kind of product" */
	else if (state->mode == MODE_GROUP)
	{
		mention->role = ROLE_GROUP;
		mention->per = state->per;
		mention->each = state->each;
	}
	else if (state->mode == MODE_FILTER)
		mention->role = state->with_condition && !best_is_relation(&mention->options)
							? ROLE_OUTPUT
							: ROLE_QUALIFIER;
	else if (state->after_of && best_is_relation(&mention->options))
	{
		mention->role = ROLE_QUALIFIER;
		mention->of_attribute = true;
	}
	else if (scan->count > 1 && is_deed(state, at))
	{
		/* "vehicles repaired by": such rows must be there */
		mention->role = ROLE_QUALIFIER;
		mention->optional = true;
		state->mode = MODE_FILTER;
	}
	else
		mention->role = ROLE_OUTPUT;
	/* "how many orders did customers place": whose, and no list of customers */
	if (mention->role == ROLE_OUTPUT && (scan->counts || scan->totals) && scan->count > 1 &&
		!state->what && best_is_relation(&mention->options) && !state->sentence_begins)
		mention->role = ROLE_QUALIFIER;
	mention->leading =
		mention->role == ROLE_OUTPUT && (state->what || (scan->ranked && scan->count == 1));
}

/* "more than 5 orders": the condition is on the number of them, or on the column */
void
take_held_comparison(Scanner *state, Mention *mention)
{
	mention->role = ROLE_FILTER;
	mention->has_filter = true;
	mention->filter.kind = FILTER_COMPARE;
	mention->filter.compare = state->compare;
	mention->filter.values = list_make1(state->compare_literal);
	mention->filter.negated = state->negated;
	mention->whole_things = true;
	state->compare_held = false;
	state->negated = false;
}

static void
filter_by_null(Mention *mention, bool is_null)
{
	mention->role = ROLE_FILTER;
	mention->has_filter = true;
	mention->filter.kind = FILTER_NULL;
	mention->filter.negated = !is_null;
}

/*
 * A name that says something about another one instead of being asked for:
 * "active customers", "have been discontinued", "with a parking lot".
 */
static bool
take_adjective(Scanner *state, int at, Mention *mention)
{
	Element *element = mention->element;
	Element *next = element_at(state, next_significant(state, at));
	const AskSnapshot *snapshot = state->scan->in->snapshot;
	bool before_noun = next && next->kind == ELEMENT_NAME && best_is_relation(&next->names);
	bool condition =
		state->mode == MODE_FILTER || element->negated ||
		(state->last && !state->last->has_filter && best_is_relation(&state->last->options));
	int len = strlen(element->text);

	if (state->mode == MODE_GROUP || state->mode == MODE_ORDER)
		return false;
	if (best_is(snapshot, &mention->options, is_boolean) && (before_noun || condition))
	{
		mention->role = ROLE_FILTER;
		mention->has_filter = true;
		mention->filter.kind = FILTER_TRUE;
		mention->filter.negated = state->negated ^ element->negated;
		return true;
	}
	/* the same of a column that says yes or no in another type */
	if ((before_noun || condition) && !value_follows(state, at) && !state->superlative &&
		!state->most && !state->count && state->aggregate == AGGREGATE_NONE &&
		take_flag(snapshot, mention, state->negated ^ element->negated))
		return true;
	/* "have been discontinued": the date of it is known */
	if (best_is(snapshot, &mention->options, type_class_is_time) && element->ntokens == 1 &&
		(element->negated || (len > 4 && strcmp(element->text + len - 2, "ed") == 0)) &&
		!(next && next->kind == ELEMENT_TIME) &&
		(before_noun || condition || state->scan->count > 1 || state->negated))
	{
		filter_by_null(mention, state->negated ^ element->negated);
		return true;
	}
	/* "not assigned to anyone": nobody is pointed to */
	if (state->negated && state->mode == MODE_FILTER && !best_is_relation(&mention->options) &&
		candidate_column(snapshot, &mention->options.items[0])->in_foreign_key &&
		!value_follows(state, at) && state->scan->count > 1)
	{
		filter_by_null(mention, true);
		return true;
	}
	/* "how many customers with a phone" */
	if (state->with_condition && state->scan->counts && !best_is_relation(&mention->options) &&
		!state->superlative && !state->most && state->aggregate == AGGREGATE_NONE &&
		!state->count &&
		!(next && (next->kind == ELEMENT_VALUE || next->kind == ELEMENT_TEXT ||
				   next->kind == ELEMENT_NUMBER || next->kind == ELEMENT_TIME)))
	{
		filter_by_null(mention, state->negated || state->without);
		return true;
	}
	return false;
}

/*
 * "names of the authors": the names are columns of authors, where authors have
 * such columns.
 */
void
narrow_to_owner(Mention *owned, const CandidateList *owners)
{
	CandidateList kept = {0};

	for (int i = 0; i < owned->options.count; i++)
	{
		for (int j = 0; j < owners->count; j++)
		{
			if (owners->items[j].column < 0 && owners->items[j].score >= 0.6f &&
				owners->items[j].relation == owned->options.items[i].relation)
			{
				kept.items[kept.count++] = owned->options.items[i];
				break;
			}
		}
	}
	if (kept.count > 0)
		owned->options = kept;
}

static bool
is_plural(const Scanner *state, const Element *element)
{
	const Token *last = &state->scan->in->tokens->tokens[element->first + element->ntokens - 1];

	return last->folded && last->stem && last->folded[0] && last->stem[0] &&
		   last->folded[strlen(last->folded) - 1] == 's' &&
		   last->stem[strlen(last->stem) - 1] != 's';
}

/* relationships between the two, in either direction */
static int
count_direct_links(const AskSnapshot *snapshot, int a, int b)
{
	int n = 0;

	for (int i = 0; i < snapshot->nedges; i++)
	{
		const SnapshotEdge *edge = &snapshot->edges[i];

		n += (edge->from == a && edge->to == b) || (edge->from == b && edge->to == a);
	}
	return n;
}

/*
 * "population density": a number that only says more of the one behind it.
 */
static bool
modifies_next(const Scanner *state, int at)
{
	const Element *element = element_at(state, at);
	const Element *next = element_at(state, at + 1);
	const AskSnapshot *snapshot = state->scan->in->snapshot;
	const Candidate *a;
	const Candidate *b;

	if (!next || next->kind != ELEMENT_NAME || next->phrase || next->names.count == 0 ||
		element->names.count == 0 || next->first != element->first + element->ntokens)
		return false;
	a = &element->names.items[0];
	b = &next->names.items[0];
	/* "business category": the categories */
	if (a->column < 0 && b->column < 0 && a->score >= 0.9f && b->score >= 0.9f)
		return a->relation != b->relation && !is_plural(state, element) &&
			   join_distance((AskSnapshot *) snapshot, a->relation, b->relation) > 0 &&
			   count_direct_links(snapshot, a->relation, b->relation) == 1;
	if (b->column < 0 || !column_is_measure(snapshot, b->relation, b->column))
		return false;
	for (int i = 0; i < element->names.count; i++)
	{
		a = &element->names.items[i];
		if (a->relation == b->relation && a->column >= 0 && a->column != b->column &&
			column_is_measure(snapshot, a->relation, a->column))
			return true;
	}
	return false;
}

/*
 * "the highest point": a column that is called by a superlative.  The number
 * that goes with it ("highest_elevation", or the column itself) ranks the rows.
 */
static void
rank_by_companion(Scanner *state, const Element *element, const Mention *mention)
{
	QuestionScan *scan = state->scan;
	const AskSnapshot *snapshot = scan->in->snapshot;
	const TokenList *tokens = scan->in->tokens;
	int n;
	const LexiconEntry *entry = lexicon_find(tokens, element->first, &n);
	const Token *last = &tokens->tokens[element->first + element->ntokens - 1];
	const Candidate *best = &mention->options.items[0];
	const SnapshotRelation *rel;
	int companion = -1;
	Mention *rank;

	if (element->ntokens < 2 || !entry || entry->concept != CONCEPT_SUPERLATIVE || n != 1 ||
		scan->ranked || state->mode == MODE_GROUP || mention->has_filter || best->column < 0 ||
		strcmp(last->folded + strlen(last->folded) - 1, "s") == 0)
		return;
	rel = &snapshot->relations[best->relation];
	if (type_class_is_numeric(rel->columns[best->column].type_class))
		companion = best->column;
	for (int i = 0; i < rel->ncolumns && companion < 0; i++)
	{
		char *stem = linitial(words_of_identifier(rel->columns[i].plain));

		if (strcmp(stem, tokens->tokens[element->first].stem) == 0 &&
			type_class_is_numeric(rel->columns[i].type_class))
			companion = i;
	}
	if (companion < 0 || !(rank = add_mention(state, ROLE_RANK, NULL)))
		return;
	rank->options.count = 1;
	rank->options.items[0] = *best;
	rank->options.items[0].column = companion;
	rank->superlative = true;
	rank->of_rows = true;
	rank->descending = entry->arg & 1;
	rank->filter.words = element->text;
	scan->ranked = true;
	scan->rank_descending = rank->descending;
}

/*
 * "longer than 45 minutes" of duration_minutes: what the number is in, and
 * nothing that is asked for.
 */
int
skip_unit(const Scanner *state, const Mention *mention, int at)
{
	const Element *next = element_at(state, at + 1);

	if (mention->filter.kind != FILTER_COMPARE || !mention->has_filter || !next ||
		next->kind != ELEMENT_NAME || next->phrase || element_at(state, at)->kind != ELEMENT_NUMBER)
		return at;
	for (int i = 0; i < mention->options.count; i++)
	{
		for (int j = 0; j < next->names.count; j++)
		{
			if (mention->options.items[i].column >= 0 &&
				mention->options.items[i].relation == next->names.items[j].relation &&
				mention->options.items[i].column == next->names.items[j].column)
				return at + 1;
		}
	}
	return at;
}

/* "budget of projects", "budget of active projects": the budget, or NULL */
static Mention *
owned_before(const Scanner *state)
{
	Mention *last = state->last;

	if (!state->after_of || !last)
		return NULL;
	if (last->values && last > state->scan->mentions)
		last--;
	return last->values || last->has_filter ? NULL : last;
}

int
scan_name(Scanner *state, int at)
{
	Element *element = element_at(state, at);
	Mention *owned = owned_before(state);
	Mention *mention = add_mention(state, ROLE_OUTPUT, element);
	Filter filter = {0};
	const Element *rows = NULL;
	int taken;

	if (!mention)
		return at + 1;
	if (modifies_next(state, at))
	{
		state->scan->count--;
		return at + 1;
	}
	if (element->leading_aggregate != AGGREGATE_NONE && state->aggregate == AGGREGATE_NONE &&
		!state->count)
		state->aggregate = element->leading_aggregate;

	if (owned && best_is_relation(&element->names) && !best_is_relation(&owned->options))
		narrow_to_owner(owned, &element->names);
	if (concept_at(state, at - 1) == CONCEPT_WITH && state->last && !state->last->has_filter &&
		pg_strcasecmp(element_at(state, at - 1)->text, "whose") == 0 &&
		best_is_relation(&state->last->options))
		narrow_to_owner(mention, &state->last->options);
	filter.words = element->text;
	filter.column.column = -1;
	taken = condition_after(state, at, &filter, &rows);
	if (taken > 0)
	{
		if (filter.kind == FILTER_COMPARE || filter.kind == FILTER_BETWEEN)
			filter.aggregate = state->count ? AGGREGATE_COUNT : state->aggregate;
		else if (state->count || state->aggregate != AGGREGATE_NONE)
			not_understood(state, element->text);
		mention->role = ROLE_FILTER;
		mention->has_filter = true;
		mention->filter = filter;
		mention->operand = rows;
		mention->filter.negated ^= state->negated;
		mention->whole_things = state->count;
		state->negated = false;
	}
	else if (state->compare_held && state->mode == MODE_ORDER)
	{
		/* "larger than 5, ordered by area": compared and sorted by */
		Mention *order;

		take_held_comparison(state, mention);
		mention->whole_things = false;
		order = add_mention(state, ROLE_OUTPUT, element);
		if (!order)
			return at + 1;
		mention = order;
		take_pending(state, mention, at);
	}
	else if (state->compare_held)
		take_held_comparison(state, mention);
	else if (take_adjective(state, at, mention))
	{
		/* what was pending is for the noun that follows */
		state->negated = false;
		state->last = mention;
		state->last_element = at;
		return at + 1;
	}
	else
	{
		/* "unpaid" says that something is not so */
		if (element->negated)
			not_understood(state, element->text);
		take_pending(state, mention, at);
	}
	clear_pending(state);
	state->sentence_begins = false;
	rank_by_companion(state, element, mention);
	state->last = mention;
	state->last_element = skip_unit(state, mention, taken > 0 ? taken : at);
	return state->last_element + 1;
}
