/*-------------------------------------------------------------------------
 *
 * scan_operands.c
 *		Values, texts, times and numbers: what they are compared with.
 *
 * A stored value brings its own columns; a name next to it ("the city of New
 * York", "Italian food") narrows them and is then not asked for by itself.
 * Texts and numbers need a name next to them, or they are not understood.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/scan.h"

/* do the name before and the value speak of the same column or relation? */
static bool
value_belongs_to(const Mention *name, const Element *value)
{
	for (int i = 0; i < name->options.count; i++)
	{
		const Candidate *c = &name->options.items[i];

		for (int j = 0; j < value->nvalues; j++)
		{
			if (c->relation == value->values[j].relation &&
				(c->column < 0 || c->column == value->values[j].column))
				return true;
		}
	}
	return false;
}

/* how well the names speak of the value's column, or of its relation; 0 = not */
static float
names_the_column(const CandidateList *names, const ValueCandidate *value, bool *as_relation)
{
	float best = 0;

	for (int i = 0; i < names->count; i++)
	{
		const Candidate *c = &names->items[i];

		if (c->relation == value->relation && (c->column == value->column || c->column < 0) &&
			c->score > best)
		{
			*as_relation = c->column < 0;
			best = c->score;
		}
	}
	return best;
}

static bool
names_a_column(const CandidateList *names, const Element *value)
{
	bool as_relation;

	for (int i = 0; i < value->nvalues; i++)
	{
		if (names_the_column(names, &value->values[i], &as_relation) > 0)
			return true;
	}
	return false;
}

/*
 * Keep the columns that a neighbouring name speaks of best; all where it
 * speaks of none.
 */
static void
narrow_values(Mention *mention, const CandidateList *names)
{
	CandidateList kept = {0};
	ValueCandidate *values = palloc0(sizeof(ValueCandidate) * MAX_CANDIDATES);
	float best = 0;
	bool as_relation;

	for (int i = 0; i < mention->options.count; i++)
		best = Max(best, names_the_column(names, &mention->values[i], &as_relation));
	if (best == 0)
		return;
	for (int i = 0; i < mention->options.count; i++)
	{
		if (names_the_column(names, &mention->values[i], &as_relation) > best - 0.1f)
		{
			values[kept.count] = mention->values[i];
			kept.items[kept.count++] = mention->options.items[i];
		}
	}
	mention->options = kept;
	mention->values = values;
}

/*
 * A value of a relation's own name column stands for the thing ("Texas" is the
 * state, though cities and lakes have a state too); after "in" it stands for
 * where something is, and not for the something itself.
 */
static void
values_as_options(const Scanner *state, Mention *mention, const Element *element, bool located)
{
	const AskSnapshot *snapshot = state->scan->in->snapshot;
	const Mention *noun = mention->noun < 0 ? NULL : &state->scan->mentions[mention->noun];

	memset(&mention->options, 0, sizeof(CandidateList));
	mention->values = element->values;
	for (int i = 0; i < element->nvalues; i++)
	{
		Candidate *c = &mention->options.items[mention->options.count++];

		memset(c, 0, sizeof(Candidate));
		c->relation = element->values[i].relation;
		c->column = element->values[i].column;
		c->score = 1.0;
		if (!list_member_int(label_columns(snapshot, c->relation), c->column))
			continue;
		if (located && noun && noun->options.count > 0 &&
			noun->options.items[0].relation == c->relation)
			c->score -= 0.2f;
		else
			c->score += 0.06f;
	}
}

/* nothing between the last name and here but prepositions, "is" and the like */
static bool
adjacent_to_last(const Scanner *state, int at)
{
	if (!state->last)
		return false;
	for (int i = state->last_element + 1; i < at; i++)
	{
		Concept concept = concept_at(state, i);

		if (concept != CONCEPT_NOISE && concept != CONCEPT_OF && concept != CONCEPT_NOT &&
			!(concept == CONCEPT_COMPARE && element_at(state, i)->entry->arg == COMPARE_EQ) &&
			!(concept == CONCEPT_PREPOSITION && element_at(state, i)->entry->arg == 1))
			return false;
	}
	return true;
}

/* keep in both only the columns that hold either value */
static void
keep_shared_values(Mention *a, Mention *b)
{
	CandidateList of_a = a->options;
	CandidateList of_b = b->options;
	ValueCandidate *values_a = a->values;
	ValueCandidate *values_b = b->values;
	int n = 0;

	a->values = palloc0(sizeof(ValueCandidate) * MAX_CANDIDATES);
	b->values = palloc0(sizeof(ValueCandidate) * MAX_CANDIDATES);
	for (int i = 0; i < of_a.count; i++)
	{
		for (int j = 0; j < of_b.count; j++)
		{
			if (of_a.items[i].relation != of_b.items[j].relation ||
				of_a.items[i].column != of_b.items[j].column)
				continue;
			a->options.items[n] = of_a.items[i];
			b->options.items[n] = of_b.items[j];
			a->values[n] = values_a[i];
			b->values[n] = values_b[j];
			n++;
		}
	}
	a->options.count = b->options.count = n;
}

static Denial
denied_by(const Scanner *state, int at)
{
	for (int i = state->negated_at + 1; i < at; i++)
	{
		if (concept_at(state, i) == CONCEPT_VERB)
			return DENIAL_BY_VERB;
		if (element_at(state, i)->kind == ELEMENT_NAME)
			return DENIAL_BY_NAME;
	}
	return DENIAL_PLAIN;
}

/*
 * "for each sales agent", where that is a stored value: one row for each of the
 * things that have it.
 */
static void
group_by_owner(Scanner *state, const Element *element)
{
	Mention *group;

	for (int i = 1; i < element->nvalues; i++)
	{
		if (element->values[i].relation != element->values[0].relation)
		{
			not_understood(state, psprintf("each %s", element->text));
			return;
		}
	}
	if (!(group = add_mention(state, ROLE_GROUP, NULL)))
		return;
	group->options.count = 1;
	group->options.items[0].relation = element->values[0].relation;
	group->options.items[0].column = -1;
	group->options.items[0].score = 0.9f;
	group->filter.words = element->text;
	group->each = true;
	state->mode = MODE_FILTER;
}

/* is the value what "each" is said of, and no adjective of a name behind it? */
static bool
is_each_value(const Scanner *state, int at)
{
	const Element *next = element_at(state, at + 1);
	const Element *before = element_at(state, at - 1);

	return state->mode == MODE_GROUP && state->each && before && before->kind == ELEMENT_CONCEPT &&
		   (before->entry->concept == CONCEPT_EACH || before->entry->concept == CONCEPT_GROUP) &&
		   !(next && next->kind == ELEMENT_NAME);
}

int
scan_value(Scanner *state, int at)
{
	Element *element = element_at(state, at);
	Mention *before = adjacent_to_last(state, at) ? state->last : NULL;
	Mention *mention;
	Element *after = element_at(state, at + 1);

	if (is_each_value(state, at))
		group_by_owner(state, element);
	/* "Nestle and Unilever": another value of the same condition */
	mention = add_mention(state, ROLE_FILTER, element);
	if (!mention)
		return at + 1;
	values_as_options(state, mention, element, concept_at(state, at - 1) == CONCEPT_PREPOSITION);
	mention->filter.either = state->or_pending;
	if (state->or_pending)
	{
		/* both must speak of the same column, or "or" would become "and" */
		keep_shared_values(state->last, mention);
		if (mention->options.count == 0)
			state->scan->unsupported = pstrdup("\"or\" between conditions");
		state->or_pending = false;
		before = NULL;
	}
	mention->has_filter = true;
	mention->filter.kind = FILTER_VALUES;
	mention->filter.partial = element->partial_value;
	mention->filter.negated = state->negated;
	mention->filter.deny = state->negated ? denied_by(state, at) : DENIAL_PLAIN;
	mention->filter.words = element->text;

	/* "states that Texas borders": the name behind it says more than the things before */
	if (before && best_is_relation(&before->options) && after && after->kind == ELEMENT_NAME &&
		!best_is_relation(&after->names) && names_a_column(&after->names, element))
		before = NULL;
	if (before && before->element && before->element->kind == ELEMENT_NAME && !before->has_filter &&
		value_belongs_to(before, element))
	{
		narrow_values(mention, &before->options);
		/* a column that was only named for its value is not asked for */
		if (before->role == ROLE_QUALIFIER ||
			(before->role == ROLE_OUTPUT && !best_is_relation(&before->options) &&
			 before != &state->scan->mentions[0]))
		{
			before->role = ROLE_QUALIFIER;
			before->optional = true;
		}
	}
	state->last = mention;
	state->last_element = at;
	state->negated = false;
	state->what = false;
	/* "balance of active users": of the users */
	if (!after || after->kind != ELEMENT_NAME)
		state->after_of = false;
	if (after && after->kind == ELEMENT_NAME)
	{
		bool found = names_a_column(&after->names, element);

		if (found && !best_is_relation(&after->names))
		{
			/* "Italian food", "Beverages category" */
			narrow_values(mention, &after->names);
			state->last_element = at + 1;
			return at + 2;
		}
		if (found && state->mode == MODE_FILTER && !state->most && !state->superlative &&
			!state->count)
		{
			/* "in the Sociology domain" */
			narrow_values(mention, &after->names);
			state->last_element = at + 1;
			return at + 2;
		}
	}
	return at + 1;
}

/*
 * A phrase that is a query of its own ("the largest state"): the rows must be
 * among those it yields.  A name right before it leads there ("border").
 */
int
scan_phrase(Scanner *state, int at)
{
	Element *element = element_at(state, at);
	Mention *before = adjacent_to_last(state, at) ? state->last : NULL;
	Mention *owned = state->after_of && state->last && !state->last->values ? state->last : NULL;
	Mention *mention = add_mention(state, ROLE_FILTER, element);
	const Phrase *phrase = element->phrase;

	if (!mention)
		return at + 1;
	mention->has_filter = true;
	mention->filter.kind = FILTER_AMONG;
	mention->filter.among = phrase->query;
	mention->filter.negated = state->negated || state->without;
	if (owned && !owned->has_filter && !best_is_relation(&owned->options))
		narrow_to_owner(owned, &element->names);
	else if (before && before->element && before != &state->scan->mentions[0] &&
			 !before->has_filter && before->element->kind == ELEMENT_NAME &&
			 (before->role == ROLE_OUTPUT || before->role == ROLE_QUALIFIER))
	{
		mention->via = before - state->scan->mentions;
		before->role = ROLE_QUALIFIER;
		before->optional = true;
	}
	state->negated = false;
	state->mode = MODE_FILTER;
	clear_pending(state);
	state->last = mention;
	state->last_element = at;
	return at + 1;
}

/*
 * Quoted text, or a proper name, that no profile knows: it can be compared
 * with a text column named right before; otherwise it is not understood.
 */
int
scan_text(Scanner *state, int at)
{
	Element *element = element_at(state, at);
	Mention *before = adjacent_to_last(state, at) ? state->last : NULL;
	CandidateList texts = {0};

	if (before && before->element && before->element->kind == ELEMENT_NAME && !before->has_filter)
	{
		for (int i = 0; i < before->options.count; i++)
		{
			const SnapshotColumn *column =
				candidate_column(state->scan->in->snapshot, &before->options.items[i]);

			if (column && (column->type_class == TYPE_CLASS_TEXT))
				texts.items[texts.count++] = before->options.items[i];
		}
	}
	if (texts.count == 0)
	{
		not_understood(state, element->text);
		return at + 1;
	}
	before->options = texts;
	before->role = ROLE_FILTER;
	before->has_filter = true;
	before->filter.kind = FILTER_MATCH;
	before->filter.match = MATCH_CONTAINS;
	before->filter.negated = state->negated;
	before->filter.values = list_make1(element->text);
	state->negated = false;
	state->last_element = at;
	return at + 1;
}

int
scan_time(Scanner *state, int at)
{
	QuestionScan *scan = state->scan;
	Element *element = element_at(state, at);
	Filter *filter;
	Mention *before = adjacent_to_last(state, at) ? state->last : NULL;

	if (scan->ntimes >= (int) lengthof(scan->times))
	{
		not_understood(state, element->text);
		return at + 1;
	}
	/* "between 10 and 20" of a measure can look like years */
	filter = &scan->times[scan->ntimes++];
	memset(filter, 0, sizeof(Filter));
	filter->kind = FILTER_TIME;
	filter->time = element->time;
	filter->column.relation = -1;
	filter->column.column = -1;
	filter->negated = state->negated;
	filter->words = element->text;
	state->negated = false;
	if (before && !before->has_filter && best_is_relation(&before->options))
		filter->of = before;

	/* "hired in 2023": the column was named */
	if (before && !before->has_filter && before->element &&
		best_is(scan->in->snapshot, &before->options, type_class_is_time) &&
		(before->role == ROLE_OUTPUT || before->role == ROLE_QUALIFIER))
	{
		before->role = ROLE_FILTER;
		before->has_filter = true;
		before->filter = *filter;
		scan->ntimes--;
	}
	state->last_element = at;
	return at + 1;
}

static bool
counts_next(const Scanner *state, int at)
{
	const Element *next = element_at(state, next_significant(state, at));

	return next && next->kind == ELEMENT_NAME && !next->phrase && best_is_relation(&next->names);
}

int
scan_number(Scanner *state, int at)
{
	QuestionScan *scan = state->scan;
	Element *element = element_at(state, at);
	Mention *before = adjacent_to_last(state, at) ? state->last : NULL;
	bool whole = element->number >= 1 && element->number <= 1e9 &&
				 element->number == (double) (int64) element->number;

	/* "top 5", "5 highest", "the 3 products with the most" */
	if (whole && scan->limit == 0 &&
		(concept_at(state, at - 1) == CONCEPT_TOP ||
		 concept_at(state, at - 1) == CONCEPT_SUPERLATIVE ||
		 concept_at(state, at + 1) == CONCEPT_SUPERLATIVE ||
		 concept_at(state, at + 1) == CONCEPT_TOP || concept_at(state, at + 1) == CONCEPT_MOST ||
		 (state->mode == MODE_SELECT && scan->count == 0)))
	{
		scan->limit = (int64) element->number;
		return at + 1;
	}
	if (before && before->element && before->element->kind == ELEMENT_NAME && !before->has_filter)
	{
		before->role = ROLE_FILTER;
		before->has_filter = true;
		before->filter.kind = FILTER_COMPARE;
		before->filter.compare = state->negated ? COMPARE_NE : COMPARE_EQ;
		before->filter.values = list_make1(element->literal);
		state->negated = false;
		state->last_element = at;
		return at + 1;
	}
	if (whole && state->with_condition && counts_next(state, at))
	{
		/* "with 3 orders": exactly so many */
		state->compare_held = true;
		state->compare = COMPARE_EQ;
		state->compare_literal = element->literal;
		return at + 1;
	}
	not_understood(state, element->text);
	return at + 1;
}
