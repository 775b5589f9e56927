/*-------------------------------------------------------------------------
 *
 * scan.c
 *		Walks the elements of a question from left to right and gives each name,
 *		value, number and time its role.
 *
 * English says the role by the words around: "by region" groups, "more than 5"
 * filters, "top 5" ranks.  The scan keeps what the last such word announced
 * ("pending") and the part of the sentence that it is in ("mode"); a name takes
 * what is pending.  It decides no meaning: which column a name is, is resolved
 * later over the whole question.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/query.h"

typedef enum Mode
{
	MODE_SELECT, /* what is asked for */
	MODE_GROUP,	 /* for each of what */
	MODE_FILTER, /* under which conditions */
	MODE_RANK,	 /* "by" after "top" */
	MODE_ORDER
} Mode;

typedef struct Scanner
{
	QuestionScan *scan;
	Mode mode;
	AggregateKind aggregate; /* pending */
	bool count;				 /* pending */
	bool count_distinct;
	const char *hints;		 /* of a pending superlative or "how much" */
	bool superlative;		 /* pending */
	bool superlative_desc;
	bool superlative_time;
	bool most; /* pending */
	bool without;
	bool negated;
	bool what; /* "which" is right before */
	bool after_of;
	bool with_condition; /* "with", "having" is right before */
	bool compare_held;	 /* "more than 5" is waiting for its noun */
	CompareOperator compare;
	char *compare_literal;
	const char *verb_hints; /* of the last verb that names something */
	bool direction_pending; /* "ordered from most to least ..." */
	bool direction_descending;
	Mention *last;			/* the last name or value */
	int last_element;
} Scanner;

static Element *
element_at(const Scanner *state, int at)
{
	Interpretation *in = state->scan->in;

	return at >= 0 && at < in->count ? &in->elements[at] : NULL;
}

static Concept
concept_at(const Scanner *state, int at)
{
	Element *element = element_at(state, at);

	return element && element->kind == ELEMENT_CONCEPT ? element->entry->concept : CONCEPT_NONE;
}

/* the next element that is no noise */
static int
next_significant(const Scanner *state, int at)
{
	at++;
	while (concept_at(state, at) == CONCEPT_NOISE)
		at++;
	return at;
}

static Mention *
add_mention(Scanner *state, MentionRole role, Element *element)
{
	QuestionScan *scan = state->scan;
	Mention *mention;

	if (scan->count >= MAX_MENTIONS)
		return NULL;
	mention = &scan->mentions[scan->count++];
	memset(mention, 0, sizeof(Mention));
	mention->role = role;
	mention->element = element;
	if (element)
	{
		mention->options = element->names;
		mention->filter.words = element->text;
	}
	mention->filter.column.column = -1;
	return mention;
}

static void
not_understood(Scanner *state, const char *text)
{
	state->scan->not_understood = lappend(state->scan->not_understood, pstrdup(text));
}

static bool
is_boolean(TypeClass type_class)
{
	return type_class == TYPE_CLASS_BOOLEAN;
}

/* is the best candidate a column of such a type? */
static bool
best_is(const AskSnapshot *snapshot, const CandidateList *options, bool (*test)(TypeClass))
{
	const SnapshotColumn *column =
		options->count > 0 ? candidate_column(snapshot, &options->items[0]) : NULL;

	return column && test(column->type_class);
}

static bool
best_is_relation(const CandidateList *options)
{
	return options->count > 0 && options->items[0].column < 0;
}

/*
 * "<name> more than 5", "<name> between 1 and 5", "<name> starts with 'A'",
 * "<name> is missing": the condition follows the name.  Returns the index of
 * the last element that it takes, or 0.
 */
static int
condition_after(Scanner *state, int at, Filter *filter)
{
	int i = next_significant(state, at);
	Element *element = element_at(state, i);
	Element *operand;
	int next;

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
	next = next_significant(state, i);
	operand = element_at(state, next);
	switch (element->entry->concept)
	{
		case CONCEPT_COMPARE:
			if (!operand || operand->kind == ELEMENT_CONCEPT)
			{
				/* "above average", "above the average" */
				if (operand && operand->entry->concept == CONCEPT_AGGREGATE &&
					operand->entry->arg == AGGREGATE_AVG)
				{
					filter->kind = FILTER_AVERAGE;
					filter->compare = (CompareOperator) element->entry->arg;
					return next;
				}
				return 0;
			}
			if (operand->kind != ELEMENT_NUMBER)
				return 0;
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
					concept_at(state, and_at) != CONCEPT_AND || !high ||
					high->kind != ELEMENT_NUMBER)
					return 0;
				filter->kind = FILTER_BETWEEN;
				filter->values = list_make2(operand->literal, high->literal);
				return last;
			}
		case CONCEPT_MATCH:
			if (!operand || operand->kind == ELEMENT_CONCEPT || operand->kind == ELEMENT_TIME)
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

static void
clear_pending(Scanner *state)
{
	state->aggregate = AGGREGATE_NONE;
	state->count = false;
	state->count_distinct = false;
	state->hints = NULL;
	state->superlative = false;
	state->most = false;
	state->without = false;
	state->negated = false;
	state->what = false;
	state->after_of = false;
	state->with_condition = false;
}

/*
 * The role that the words before give to a name.
 */
static void
take_pending(Scanner *state, Mention *mention)
{
	QuestionScan *scan = state->scan;

	mention->aggregate = state->aggregate;
	mention->whole_things = state->count;
	if (state->count && state->aggregate == AGGREGATE_NONE)
		mention->aggregate = state->count_distinct ? AGGREGATE_COUNT_DISTINCT : AGGREGATE_COUNT;

	if (state->without)
		mention->role = ROLE_WITHOUT;
	else if (state->superlative || state->most)
	{
		mention->role = ROLE_RANK;
		mention->descending = scan->rank_descending;
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
	else if (state->mode == MODE_GROUP)
		mention->role = ROLE_GROUP;
	else if (state->mode == MODE_FILTER)
		mention->role = state->with_condition && !best_is_relation(&mention->options)
							? ROLE_OUTPUT
							: ROLE_QUALIFIER;
	else if (state->after_of && best_is_relation(&mention->options))
		mention->role = ROLE_QUALIFIER;
	else
		mention->role = ROLE_OUTPUT;
	mention->leading = mention->role == ROLE_OUTPUT && (state->what || (scan->ranked && scan->count == 1));
}

/* "more than 5 orders": the condition is on the number of them, or on the column */
static void
take_held_comparison(Scanner *state, Mention *mention)
{
	mention->role = ROLE_FILTER;
	mention->has_filter = true;
	mention->filter.kind = FILTER_COMPARE;
	mention->filter.compare = state->compare;
	mention->filter.values = list_make1(state->compare_literal);
	mention->whole_things = true;
	state->compare_held = false;
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
	bool condition = state->mode == MODE_FILTER || element->negated;
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
	/* "have been discontinued": the date of it is known */
	if (best_is(snapshot, &mention->options, type_class_is_time) && element->ntokens == 1 &&
		len > 4 && strcmp(element->text + len - 2, "ed") == 0 &&
		!(next && next->kind == ELEMENT_TIME) &&
		(before_noun || condition || state->scan->count > 1 || state->negated))
	{
		filter_by_null(mention, state->negated);
		return true;
	}
	/* "how many customers with a phone" */
	if (state->with_condition && state->scan->counts && !best_is_relation(&mention->options) &&
		!state->superlative && !state->most && state->aggregate == AGGREGATE_NONE && !state->count &&
		!(next && (next->kind == ELEMENT_VALUE || next->kind == ELEMENT_TEXT ||
				   next->kind == ELEMENT_NUMBER || next->kind == ELEMENT_TIME)))
	{
		filter_by_null(mention, state->negated || state->without);
		return true;
	}
	return false;
}

static int
scan_name(Scanner *state, int at)
{
	Element *element = element_at(state, at);
	Mention *mention = add_mention(state, ROLE_OUTPUT, element);
	Filter filter = {0};
	int taken;

	if (!mention)
		return at + 1;
	if (element->leading_aggregate != AGGREGATE_NONE && state->aggregate == AGGREGATE_NONE &&
		!state->count)
		state->aggregate = element->leading_aggregate;

	filter.words = element->text;
	filter.column.column = -1;
	taken = condition_after(state, at, &filter);
	if (taken > 0)
	{
		filter.aggregate = state->count ? AGGREGATE_COUNT : state->aggregate;
		mention->role = ROLE_FILTER;
		mention->has_filter = true;
		mention->filter = filter;
		mention->whole_things = state->count;
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
		take_pending(state, mention);
	clear_pending(state);
	state->last = mention;
	state->last_element = taken > 0 ? taken : at;
	return state->last_element + 1;
}

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

static bool
names_the_column(const CandidateList *names, const ValueCandidate *value, bool *as_relation)
{
	for (int i = 0; i < names->count; i++)
	{
		if (names->items[i].relation == value->relation &&
			(names->items[i].column == value->column || names->items[i].column < 0))
		{
			*as_relation = names->items[i].column < 0;
			return true;
		}
	}
	return false;
}

/*
 * Keep the columns that a neighbouring name speaks of; all where it speaks of
 * none.
 */
static void
narrow_values(Mention *mention, const CandidateList *names)
{
	CandidateList kept = {0};
	ValueCandidate *values = palloc0(sizeof(ValueCandidate) * MAX_CANDIDATES);

	for (int i = 0; i < mention->options.count; i++)
	{
		bool as_relation;

		if (names_the_column(names, &mention->values[i], &as_relation))
		{
			values[kept.count] = mention->values[i];
			kept.items[kept.count++] = mention->options.items[i];
		}
	}
	if (kept.count > 0)
	{
		mention->options = kept;
		mention->values = values;
	}
}

static void
values_as_options(Mention *mention, const Element *element)
{
	memset(&mention->options, 0, sizeof(CandidateList));
	mention->values = element->values;
	for (int i = 0; i < element->nvalues; i++)
	{
		Candidate *c = &mention->options.items[mention->options.count++];

		memset(c, 0, sizeof(Candidate));
		c->relation = element->values[i].relation;
		c->column = element->values[i].column;
		c->score = 1.0;
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

static int
scan_value(Scanner *state, int at)
{
	Element *element = element_at(state, at);
	Mention *before = adjacent_to_last(state, at) ? state->last : NULL;
	Mention *mention;
	Element *after = element_at(state, at + 1);

	/* "Nestle and Unilever": another value of the same condition */
	mention = add_mention(state, ROLE_FILTER, element);
	if (!mention)
		return at + 1;
	values_as_options(mention, element);
	mention->has_filter = true;
	mention->filter.kind = FILTER_VALUES;
	mention->filter.negated = state->negated;
	mention->filter.words = element->text;

	if (before && before->element && before->element->kind == ELEMENT_NAME &&
		!before->has_filter && value_belongs_to(before, element))
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
	state->after_of = false;
	if (after && after->kind == ELEMENT_NAME)
	{
		bool as_relation = false;
		bool found = false;

		for (int i = 0; i < element->nvalues && !found; i++)
			found = names_the_column(&after->names, &element->values[i], &as_relation);
		if (found && !best_is_relation(&after->names))
		{
			/* "Italian food", "Beverages category" */
			narrow_values(mention, &after->names);
			state->last_element = at + 1;
			return at + 2;
		}
		if (found && state->mode == MODE_FILTER)
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
 * Quoted text, or a proper name, that no profile knows: it can be compared
 * with a text column named right before; otherwise it is not understood.
 */
static int
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

static int
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

static int
scan_number(Scanner *state, int at)
{
	QuestionScan *scan = state->scan;
	Element *element = element_at(state, at);
	Mention *before = adjacent_to_last(state, at) ? state->last : NULL;
	bool whole = element->number >= 1 && element->number <= 1e9 &&
				 element->number == (double) (int64) element->number;

	/* "top 5", "5 highest", "the 3 products with the most" */
	if (whole && scan->limit == 0 &&
		(concept_at(state, at - 1) == CONCEPT_TOP || concept_at(state, at - 1) == CONCEPT_SUPERLATIVE ||
		 concept_at(state, at + 1) == CONCEPT_SUPERLATIVE || concept_at(state, at + 1) == CONCEPT_TOP ||
		 concept_at(state, at + 1) == CONCEPT_MOST ||
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
	not_understood(state, element->text);
	return at + 1;
}

/* "written by", "received by": who did it, and no grouping */
static bool
follows_participle(const Scanner *state, int at)
{
	Element *before = element_at(state, at - 1);
	int len;

	if (!before)
		return false;
	if (before->kind == ELEMENT_CONCEPT)
		return before->entry->concept == CONCEPT_VERB;
	len = strlen(before->text);
	return before->kind == ELEMENT_NAME && before->ntokens == 1 && len > 4 &&
		   strcmp(before->text + len - 2, "ed") == 0;
}

/* "by": ranks after "top", groups otherwise */
static void
scan_by(Scanner *state, int at)
{
	QuestionScan *scan = state->scan;
	const LexiconEntry *entry = element_at(state, at)->entry;
	Element *next = element_at(state, next_significant(state, at));

	if (entry->arg == 1 && follows_participle(state, at) && next && next->kind == ELEMENT_NAME &&
		best_is_relation(&next->names))
	{
		state->mode = MODE_FILTER;
		return;
	}
	if (entry->arg == 2)
	{
		state->mode = scan->ranked ? MODE_RANK : MODE_GROUP;
		state->count = true;
		return;
	}
	if (entry->arg == 3 && !(scan->ranked && scan->rank_needs_measure))
	{
		scan->unsupported = pstrdup("\"based on\"");
		return;
	}
	state->mode = (entry->arg & 1) && scan->ranked && scan->rank_needs_measure ? MODE_RANK : MODE_GROUP;
}

/*
 * A unit of time: a bucket after "per" and "by", and by itself when it says
 * so ("monthly"), or when the unit is what is asked for ("which month").
 */
static void
scan_unit(Scanner *state, int at)
{
	Element *element = element_at(state, at);
	int arg = element->entry->arg;
	Mention *mention;

	if (state->mode != MODE_GROUP && !(arg & UNIT_BUCKET) && !state->what &&
		!(state->scan->ranked && state->scan->count == 0))
	{
		/* "in which month", "over the months": nothing to do with it */
		not_understood(state, element->text);
		return;
	}
	mention = add_mention(state, ROLE_GROUP, element);
	if (!mention)
		return;
	mention->options.count = 0;
	mention->unit = UNIT_OF(arg);
	mention->leading = state->what;
	state->what = false;
	state->last = NULL;
}

static void
start_ranking(Scanner *state, bool descending)
{
	QuestionScan *scan = state->scan;

	scan->ranked = true;
	scan->rank_descending = descending;
	scan->rank_needs_measure = true;
}

static int
scan_comparison(Scanner *state, int at)
{
	Element *element = element_at(state, at);
	int next = next_significant(state, at);
	Element *operand = element_at(state, next);

	if (operand && operand->kind == ELEMENT_NUMBER)
	{
		state->compare_held = true;
		state->compare = (CompareOperator) element->entry->arg;
		state->compare_literal = operand->literal;
		if (element->entry->hints)
		{
			/* "heavier than 5" names its own column */
			Mention *mention = add_mention(state, ROLE_FILTER, NULL);

			if (mention)
			{
				match_hints(&state->scan->in->match, element->entry->hints, &mention->options);
				mention->filter.words = element->text;
				take_held_comparison(state, mention);
				mention->whole_things = false;
			}
		}
		return next + 1;
	}
	not_understood(state, element->text);
	return at + 1;
}

/*
 * What was announced and never came ("not", "without", "how many") changes the
 * meaning of a question; to drop it in silence would be a wrong answer.
 */
static void
complain_of_pending(Scanner *state)
{
	if (state->compare_held)
		not_understood(state, psprintf("a comparison with %s", state->compare_literal));
	if (state->negated)
		not_understood(state, "not");
	if (state->without)
		not_understood(state, "without");
	if (state->count && state->scan->count == 0)
		not_understood(state, "how many");
	if (state->aggregate != AGGREGATE_NONE && state->scan->count == 0)
		not_understood(state, "the total or average");
}

static int
scan_concept(Scanner *state, int at)
{
	QuestionScan *scan = state->scan;
	Element *element = element_at(state, at);
	const LexiconEntry *entry = element->entry;

	switch (entry->concept)
	{
		case CONCEPT_NONE:
		case CONCEPT_NOISE:
		case CONCEPT_AND:
		case CONCEPT_TO:
			break;
		case CONCEPT_SENTENCE:
			state->mode = MODE_SELECT;
			complain_of_pending(state);
			clear_pending(state);
			break;
		case CONCEPT_LIST:
			if (scan->count == 0)
				scan->lists = true;
			state->mode = MODE_SELECT;
			break;
		case CONCEPT_WHAT:
			state->what = true;
			if (scan->count > 0)
				state->mode = MODE_FILTER; /* "customers who ...", "in which ..." */
			break;
		case CONCEPT_THAT:
			state->mode = MODE_FILTER;
			break;
		case CONCEPT_WHERE:
			if (scan->count > 0)
				state->mode = MODE_FILTER;
			else
				scan->unsupported = pstrdup("questions for a place (\"where\")");
			break;
		case CONCEPT_WHEN:
			scan->unsupported = pstrdup("questions for a time (\"when\")");
			break;
		case CONCEPT_COUNT:
			state->count = true;
			state->count_distinct = entry->arg == 1;
			if (scan->count == 0)
				scan->counts = true;
			break;
		case CONCEPT_HOW_MUCH:
			state->aggregate = AGGREGATE_SUM;
			state->hints = entry->hints;
			break;
		case CONCEPT_AGGREGATE:
			state->aggregate = (AggregateKind) entry->arg;
			break;
		case CONCEPT_GROUP:
			scan_by(state, at);
			break;
		case CONCEPT_EACH:
			state->mode = MODE_GROUP;
			break;
		case CONCEPT_TOP:
			start_ranking(state, entry->arg == 1);
			break;
		case CONCEPT_SUPERLATIVE:
			start_ranking(state, (entry->arg & 1) != 0);
			state->superlative = true;
			if (entry->hints)
			{
				Mention *mention = add_mention(state, ROLE_RANK, NULL);

				state->superlative = false;
				if (mention)
				{
					match_hints(&scan->in->match, entry->hints, &mention->options);
					mention->descending = scan->rank_descending;
					mention->filter.words = element->text;
					scan->rank_needs_measure = false;
					if (mention->options.count == 0)
						not_understood(state, element->text);
				}
			}
			break;
		case CONCEPT_MOST:
			start_ranking(state, entry->arg == 1);
			state->most = true;
			break;
		case CONCEPT_ORDER:
			if (entry->arg == 1)
				start_ranking(state, true);
			state->mode = MODE_ORDER;
			break;
		case CONCEPT_DIRECTION:
			if (state->last && (state->last->role == ROLE_ORDER || state->last->role == ROLE_RANK))
			{
				state->last->descending = entry->arg == 1;
				state->last->direction_given = true;
			}
			else
			{
				state->direction_pending = true;
				state->direction_descending = entry->arg == 1;
			}
			break;
		case CONCEPT_COMPARE:
			return scan_comparison(state, at);
		case CONCEPT_NOT:
			state->negated = true;
			break;
		case CONCEPT_WITHOUT:
			state->without = true;
			state->mode = MODE_FILTER;
			break;
		case CONCEPT_DISTINCT:
			scan->distinct = true;
			state->count_distinct = true;
			break;
		case CONCEPT_SHARE:
			scan->share = true;
			scan->percent |= entry->arg == 1;
			break;
		case CONCEPT_RATIO:
			scan->unsupported = pstrdup("ratios");
			break;
		case CONCEPT_OF:
			state->after_of = true;
			break;
		case CONCEPT_WITH:
			state->mode = MODE_FILTER;
			state->with_condition = true;
			break;
		case CONCEPT_PREPOSITION:
			if (scan->count > 0 || scan->ranked)
				state->mode = MODE_FILTER;
			break;
		case CONCEPT_UNIT:
			scan_unit(state, at);
			break;
		case CONCEPT_VERB:
			if (entry->hints && (state->without || state->negated))
			{
				/* "never sold", "were not sold": none of what the verb points to */
				Mention *mention = add_mention(state, ROLE_WITHOUT, NULL);

				if (mention)
				{
					match_hints(&scan->in->match, entry->hints, &mention->options);
					mention->filter.words = element->text;
					if (mention->options.count == 0)
						not_understood(state, element->text);
				}
				state->without = false;
				state->negated = false;
			}
			else if (entry->hints)
				state->verb_hints = entry->hints;
			if (scan->count > 0 && state->mode == MODE_SELECT)
				state->mode = MODE_FILTER;
			break;
		case CONCEPT_UNSUPPORTED:
			scan->unsupported = pstrdup(entry->hints);
			break;
		case CONCEPT_BETWEEN:
		case CONCEPT_OR:
		case CONCEPT_NULL:
		case CONCEPT_NOT_NULL:
		case CONCEPT_MATCH:
			/* these are taken with the name before them; alone they say nothing sure */
			if (entry->concept != CONCEPT_OR)
				not_understood(state, element->text);
			else
				scan->unsupported = pstrdup("\"or\" between conditions");
			break;
	}
	return at + 1;
}

/*
 * "in descending order" without a word of what is ordered: what is shown.
 */
static void
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

/*
 * "sold the most": nothing was said of what, but the verb points to it.
 */
static void
complete_ranking(Scanner *state)
{
	QuestionScan *scan = state->scan;
	Mention *mention;

	if (!scan->ranked || !scan->rank_needs_measure)
		return;
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

QuestionScan *
scan_question(Interpretation *in)
{
	QuestionScan *scan = palloc0(sizeof(QuestionScan));
	Scanner state = {.scan = scan, .mode = MODE_SELECT, .last_element = -1};
	int at = 0;

	scan->in = in;
	while (at < in->count)
	{
		Element *element = &in->elements[at];

		switch (element->kind)
		{
			case ELEMENT_CONCEPT:
				at = scan_concept(&state, at);
				break;
			case ELEMENT_NAME:
				if (element->entry && element->entry->concept == CONCEPT_UNIT &&
					state.mode == MODE_GROUP)
				{
					scan_unit(&state, at);
					at++;
				}
				else
					at = scan_name(&state, at);
				break;
			case ELEMENT_VALUE:
				at = scan_value(&state, at);
				break;
			case ELEMENT_TEXT:
				at = scan_text(&state, at);
				break;
			case ELEMENT_NUMBER:
				at = scan_number(&state, at);
				break;
			case ELEMENT_TIME:
				at = scan_time(&state, at);
				break;
			case ELEMENT_UNKNOWN:
				not_understood(&state, element->text);
				at++;
				break;
		}
	}
	complain_of_pending(&state);
	complete_ranking(&state);
	complete_direction(&state);
	return scan;
}
