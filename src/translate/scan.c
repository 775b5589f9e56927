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

#include "translate/clarify.h"
#include "translate/scan.h"

Element *
element_at(const Scanner *state, int at)
{
	Interpretation *in = state->scan->in;

	return at >= 0 && at < in->count ? &in->elements[at] : NULL;
}

Concept
concept_at(const Scanner *state, int at)
{
	Element *element = element_at(state, at);

	return element && element->kind == ELEMENT_CONCEPT ? element->entry->concept : CONCEPT_NONE;
}

/* the next element that is no noise */
int
next_significant(const Scanner *state, int at)
{
	at++;
	while (concept_at(state, at) == CONCEPT_NOISE)
		at++;
	return at;
}

bool
best_is_relation(const CandidateList *options)
{
	return options->count > 0 && options->items[0].column < 0;
}

Mention *
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
	mention->noun = -1;
	mention->via = -1;
	for (int i = scan->count - 2; i >= 0 && mention->noun < 0; i--)
	{
		const Mention *before = &scan->mentions[i];

		if (!before->has_filter && before->role != ROLE_WITHOUT &&
			best_is_relation(&before->options))
			mention->noun = i;
	}
	return mention;
}

void
not_understood(Scanner *state, const char *text)
{
	state->scan->not_understood = lappend(state->scan->not_understood, pstrdup(text));
}

bool
is_boolean(TypeClass type_class)
{
	return type_class == TYPE_CLASS_BOOLEAN;
}

/* is the best candidate a column of such a type? */
bool
best_is(const AskSnapshot *snapshot, const CandidateList *options, bool (*test)(TypeClass))
{
	const SnapshotColumn *column =
		options->count > 0 ? candidate_column(snapshot, &options->items[0]) : NULL;

	return column && test(column->type_class);
}

bool
is_average(const Scanner *state, int at)
{
	return concept_at(state, at) == CONCEPT_AGGREGATE &&
		   element_at(state, at)->entry->arg == AGGREGATE_AVG;
}

void
clear_pending(Scanner *state)
{
	state->aggregate = AGGREGATE_NONE;
	state->count = false;
	state->count_distinct = false;
	state->superlative = false;
	state->thing_hints = NULL;
	state->time_superlative = false;
	state->most = false;
	state->common = false;
	state->age_superlative = false;
	state->without = false;
	state->what = false;
	state->after_of = false;
	state->with_condition = false;
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

	state->per = entry->arg == 4;
	state->each = entry->arg == 0 || entry->arg == 4;
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
	state->mode =
		(entry->arg & 1) && scan->ranked && scan->rank_needs_measure ? MODE_RANK : MODE_GROUP;
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

	/* "the number of hours it takes" is a length of time, and no group */
	if ((state->count || state->aggregate != AGGREGATE_NONE) && !(arg & UNIT_BUCKET) &&
		state->mode != MODE_GROUP)
	{
		not_understood(state, element->text);
		return;
	}
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

/* "how long": the attribute, by what it is called */
static void
add_attribute_asked(Scanner *state, const Element *element)
{
	Mention *mention = add_mention(state, ROLE_OUTPUT, NULL);

	if (!mention)
		return;
	match_hints(&state->scan->in->match, element->entry->hints, &mention->options);
	mention->leading = true;
	mention->filter.words = element->text;
	if (mention->options.count == 0)
		not_understood(state, element->text);
}

static bool
between_values(const Scanner *state, int at)
{
	Element *before = element_at(state, at - 1);
	Element *after = element_at(state, next_significant(state, at));

	return before && before->kind == ELEMENT_VALUE && after && after->kind == ELEMENT_VALUE &&
		   state->last && state->last->values;
}

/* "best product" is one, "best products" are some */
static bool
names_one_thing(const Scanner *state, int at)
{
	const Element *next = element_at(state, next_significant(state, at));
	const Token *noun;

	if (!next || next->kind != ELEMENT_NAME)
		return false;
	noun = &state->scan->in->tokens->tokens[next->first + next->ntokens - 1];
	return noun->folded && noun->stem && noun->folded[0] && noun->stem[0] &&
		   (noun->folded[strlen(noun->folded) - 1] != 's' ||
			noun->stem[strlen(noun->stem) - 1] == 's') &&
		   strcmp(noun->folded, "people") != 0;
}

/*
 * "users who bought ...": the rows that the verb points to connect what stands
 * before it with what follows, if there are such rows.
 */
static void
add_deed(Scanner *state, const Element *element)
{
	QuestionScan *scan = state->scan;
	Mention *mention;

	if (scan->count == 0 || scan->ranked || element->entry->arg != 0 ||
		scan->mentions[scan->count - 1].has_filter ||
		!(mention = add_mention(state, ROLE_QUALIFIER, NULL)))
		return;
	match_hints(&scan->in->match, element->entry->hints, &mention->options);
	mention->filter.words = element->text;
	mention->optional = true;
	mention->deed = true;
	if (!best_is_relation(&mention->options))
		scan->count--;
}

/*
 * "Italian or in New York": two conditions, of which one must hold.  Of more
 * than two it would not be clear which belong together.
 */
static void
begin_alternative(Scanner *state)
{
	QuestionScan *scan = state->scan;

	/* "starts with 'A' or 'B'": the second one would have to say how it matches */
	if (scan->or_at > 0 || scan->count == 0 || !state->last || !state->last->has_filter ||
		state->last->filter.kind == FILTER_MATCH)
		scan->unsupported = pstrdup("\"or\" between conditions");
	scan->or_at = scan->count;
}

static bool
ends_in_ed(const char *text)
{
	int len = strlen(text);

	return len > 3 && pg_strcasecmp(text + len - 2, "ed") == 0;
}

/* "rounded to 2 decimal places" */
static int
scan_rounding(Scanner *state, int at)
{
	const Element *number = element_at(state, next_significant(state, at));

	if (!number || number->kind != ELEMENT_NUMBER || number->number < 0 || number->number > 10)
	{
		not_understood(state, element_at(state, at)->text);
		return at + 1;
	}
	state->scan->rounded = true;
	state->scan->digits = (int) number->number;
	return next_significant(state, at) + 1;
}

/* "second highest": a place in the ranking that follows */
static void
scan_ordinal(Scanner *state, int at)
{
	Concept next = concept_at(state, next_significant(state, at));

	if (state->scan->rank_place == 0 && (next == CONCEPT_SUPERLATIVE || next == CONCEPT_MOST ||
										 next == CONCEPT_COMMON || next == CONCEPT_TOP))
		state->scan->rank_place = element_at(state, at)->entry->arg;
	else
		not_understood(state, element_at(state, at)->text);
}

static bool
text_follows(const Scanner *state, int at)
{
	const Element *next = element_at(state, next_significant(state, at));

	return next && (next->kind == ELEMENT_TEXT || next->kind == ELEMENT_VALUE ||
					next->kind == ELEMENT_UNKNOWN);
}

/*
 * "tags that were never used": without any rows that refer to them, where there
 * is only one kind of such rows.
 */
static bool
without_references(Scanner *state)
{
	QuestionScan *scan = state->scan;
	const AskSnapshot *snapshot = scan->in->snapshot;
	const Mention *thing = scan->count == 1 ? &scan->mentions[0] : NULL;
	int referring = -1;
	const int *edges;
	int nedges;
	Mention *mention;

	if (!thing || thing->has_filter || !thing->element || !best_is_relation(&thing->options) ||
		concept_at(state, scan->in->count - 1) != CONCEPT_SENTENCE)
		return false;
	edges = snapshot_edges_of((AskSnapshot *) snapshot, thing->options.items[0].relation, &nedges);
	for (int i = 0; i < nedges; i++)
	{
		const SnapshotEdge *edge = &snapshot->edges[edges[i]];

		if (edge->to != thing->options.items[0].relation || edge->from == edge->to)
			continue;
		if (referring >= 0 && referring != edge->from)
			return false;
		referring = edge->from;
	}
	if (referring < 0 || !(mention = add_mention(state, ROLE_WITHOUT, NULL)))
		return false;
	mention->options.count = 1;
	mention->options.items[0].relation = referring;
	mention->options.items[0].column = -1;
	mention->options.items[0].score = 0.85f;
	mention->filter.words = "never";
	return true;
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
			break;
		case CONCEPT_TO:
			if (entry->arg == 1)
				not_understood(state, element->text);
			break;
		case CONCEPT_SENTENCE:
			state->mode = MODE_SELECT;
			state->sentence_begins = true;
			if (state->without && state->verb_without && without_references(state))
				state->without = false;
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
				scan->place = true;
			break;
		case CONCEPT_WHEN:
			if (scan->count > 0)
				scan->unsupported = pstrdup("a time as a condition (\"when\")");
			scan->moment = true;
			break;
		case CONCEPT_COUNT:
			/* "phone numbers of users" are no count */
			if (at > 0 && state->last_element == at - 1 &&
				element_at(state, at - 1)->kind == ELEMENT_VALUE)
				not_understood(state, element->text);
			state->count = true;
			state->count_distinct = entry->arg == 1;
			if (scan->count == 0)
				scan->counts = true;
			break;
		case CONCEPT_HOW:
			add_attribute_asked(state, element);
			break;
		case CONCEPT_HOW_MUCH:
			state->aggregate = AGGREGATE_SUM;
			if (scan->count == 0)
				scan->totals = true;
			break;
		case CONCEPT_AGGREGATE:
			if (state->aggregate != AGGREGATE_NONE && !state->count)
				scan->unsupported = pstrdup("an aggregate of an aggregate");
			state->aggregate = (AggregateKind) entry->arg;
			break;
		case CONCEPT_METHOD:
			scan->unsupported = pstrdup("this way of computing");
			break;
		case CONCEPT_ROUND:
			return scan_rounding(state, at);
		case CONCEPT_BOTH:
			scan->both = true;
			break;
		case CONCEPT_OVERALL:
			scan->overall = (AggregateKind) entry->arg;
			break;
		case CONCEPT_GROUP:
			scan_by(state, at);
			break;
		case CONCEPT_EACH:
			state->mode = MODE_GROUP;
			state->each = true;
			break;
		case CONCEPT_ORDINAL:
			scan_ordinal(state, at);
			break;
		case CONCEPT_COMMON:
			start_ranking(state, entry->arg == 1);
			scan->common = state->common = true;
			break;
		case CONCEPT_TOP:
			start_ranking(state, entry->arg == 1);
			scan->single = names_one_thing(state, at);
			break;
		case CONCEPT_SUPERLATIVE:
			start_ranking(state, (entry->arg & 1) != 0);
			state->superlative = true;
			state->time_superlative = (entry->arg & SUPERLATIVE_OF_TIME) != 0;
			state->age_superlative = (entry->arg & SUPERLATIVE_OF_AGE) != 0;
			if (entry->arg & (SUPERLATIVE_OF_THINGS | SUPERLATIVE_OF_AGE))
				state->thing_hints = entry->hints;
			else if (entry->hints)
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
			if (entry->arg >= 2)
			{
				state->direction_pending = true;
				state->direction_descending = entry->arg == 2;
			}
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
				/* "in descending order of price" */
				if (concept_at(state, next_significant(state, at)) == CONCEPT_OF)
					state->mode = MODE_ORDER;
			}
			break;
		case CONCEPT_SORTED:
			add_sorting(state, element);
			break;
		case CONCEPT_SAME:
			return scan_same(state, at);
		case CONCEPT_EITHER:
			break;
		case CONCEPT_COMPARE:
			return scan_comparison(state, at);
		case CONCEPT_NOT:
			state->negated = true;
			state->negated_at = at;
			if (scan->count > 0)
				state->mode = MODE_FILTER;
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
			break;
		case CONCEPT_RATIO:
			scan->unsupported = pstrdup("ratios");
			break;
		case CONCEPT_COMPARISON:
		case CONCEPT_VERSUS:
			scan->unsupported = pstrdup("this comparison");
			break;
		case CONCEPT_HABIT:
			not_understood(state, element->text);
			break;
		case CONCEPT_CORRELATION:
			scan->unsupported = pstrdup("this correlation");
			break;
		case CONCEPT_GROWTH:
		case CONCEPT_STEP:
			scan->unsupported = pstrdup("this change between periods");
			break;
		case CONCEPT_RUNNING:
			scan->unsupported = pstrdup("this running total");
			break;
		case CONCEPT_MOVING:
			scan->unsupported = pstrdup("this moving average");
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
			if (at == 0 && !ends_in_ed(element->text))
			{
				/* "send ...": something is to be done */
				scan->unsupported = pstrdup("requests to do something");
				break;
			}
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
			else if (state->without && strcmp(entry->phrase, "used") == 0)
				state->verb_without = true;
			else if (entry->hints)
			{
				state->verb_hints = entry->hints;
				add_deed(state, element);
			}
			if (scan->count > 0 && state->mode == MODE_SELECT)
				state->mode = MODE_FILTER;
			break;
		case CONCEPT_UNSUPPORTED:
			scan->unsupported = pstrdup(entry->hints);
			break;
		case CONCEPT_MATCH:
			if (entry->arg == MATCH_CONTAINS && strncmp(entry->phrase, "contain", 7) == 0 &&
				scan->count > 0 && !text_follows(state, at))
			{
				/* a verb between things: "each playlist contains" */
				state->mode = MODE_FILTER;
				break;
			}
			not_understood(state, element->text);
			break;
		case CONCEPT_BETWEEN:
		case CONCEPT_NULL:
		case CONCEPT_NOT_NULL:
			/* these are taken with the name before them; alone they say nothing sure */
			not_understood(state, element->text);
			break;
		case CONCEPT_OR:
			if (between_values(state, at))
				state->or_pending = true;
			else
				begin_alternative(state);
			break;
	}
	return at + 1;
}

/* "patients of 2025, how many?": a count that nothing follows is not read over */
static void
complain_of_late_count(Scanner *state)
{
	const Interpretation *in = state->scan->in;

	for (int i = in->count - 1; i > 0 && in->elements[i].kind == ELEMENT_CONCEPT; i--)
	{
		const LexiconEntry *entry = in->elements[i].entry;

		if (entry->concept == CONCEPT_COUNT && strcmp(entry->phrase, "how many") == 0 &&
			state->scan->count > 0)
			not_understood(state, in->elements[i].text);
	}
}

QuestionScan *
scan_question(Interpretation *in)
{
	QuestionScan *scan = palloc0(sizeof(QuestionScan));
	Scanner state = {.scan = scan, .mode = MODE_SELECT, .last_element = -1};
	int at = 0;

	scan->in = in;
	scan->way.relation = scan->way.parent = -1;
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
					UNIT_OF(element->entry->arg) <= TIME_UNIT_YEAR && state.mode == MODE_GROUP)
				{
					scan_unit(&state, at);
					at++;
				}
				else if (element->phrase)
					at = scan_phrase(&state, at);
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
	complain_of_late_count(&state);
	/* "users with" */
	if (in->count > 0 && concept_at(&state, in->count - 1) == CONCEPT_WITH &&
		strcmp(in->elements[in->count - 1].entry->phrase, "with") == 0)
		not_understood(&state, "with");
	apply_choices(scan, in->choices);
	complete_common(&state);
	complete_ranking(&state);
	complete_direction(&state);
	return scan;
}
