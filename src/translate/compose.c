/*-------------------------------------------------------------------------
 *
 * compose.c
 *		Builds a query from the resolved mentions of a question.
 *
 * First the mentions are given their final use (settle.c), then outputs, then
 * the root of the joins (fanout.c), then the conditions (conditions.c), then
 * order and limit.  Whatever would count rows
 * more than once is refused with a reason rather than answered wrongly.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "translate/compose.h"

#define DEFAULT_TOP 10

/* columns that say where something is */
static const char *const place_words = "address street location place city town county state "
									   "province region country continent";

bool
compose_fail(Composer *c, char *reason)
{
	if (!c->reason)
		c->reason = reason;
	return false;
}

void
compose_assume(Composer *c, char *assumption)
{
	c->assumptions = lappend(c->assumptions, assumption);
}

static Output *
add_output(Composer *c, int relation, int column)
{
	Output *output = palloc0(sizeof(Output));

	output->column.relation = relation;
	output->column.column = column;
	c->query->outputs = lappend(c->query->outputs, output);
	return output;
}

static const Elapsed *
elapsed_of(const Mention *m)
{
	return m->element ? m->element->elapsed : NULL;
}

static Output *
find_output(const Composer *c, int relation, int column, AggregateKind aggregate)
{
	ListCell *lc;

	foreach (lc, c->query->outputs)
	{
		Output *output = lfirst(lc);

		if (output->column.relation == relation && output->column.column == column &&
			output->aggregate == aggregate && output->bucket == TIME_UNIT_NONE &&
			!output->column.elapsed)
			return output;
	}
	return NULL;
}

static Output *
first_output(const Composer *c, bool measure)
{
	ListCell *lc;

	foreach (lc, c->query->outputs)
	{
		Output *output = lfirst(lc);

		if (!output->hidden && (output->aggregate != AGGREGATE_NONE) == measure)
			return output;
	}
	return NULL;
}

/*
 * A thing as a grouping key: by its key, shown by its name.
 */
static bool
add_thing_group(Composer *c, int relation)
{
	List *labels = label_columns(c->snapshot, relation);
	int key = key_column(c->snapshot, relation);
	ListCell *lc;

	if (labels == NIL && key < 0)
		return compose_fail(c, psprintf("%s has neither a name nor a key to tell its rows apart.",
										reading_text(c->snapshot, relation, -1)));
	if (key >= 0 && !list_member_int(labels, key) && !find_output(c, relation, key, AGGREGATE_NONE))
	{
		Output *output = add_output(c, relation, key);

		output->group = true;
		output->hidden = labels != NIL;
	}
	foreach (lc, labels)
	{
		if (!find_output(c, relation, lfirst_int(lc), AGGREGATE_NONE))
			add_output(c, relation, lfirst_int(lc))->group = true;
	}
	return true;
}

static bool
add_group(Composer *c, const Mention *m)
{
	Output *output;

	if (m->unit != TIME_UNIT_NONE)
	{
		/* without a column it follows when the root is known */
		output = add_output(c, m->chosen.relation, m->chosen.column);
		output->bucket = m->unit;
		output->group = true;
		return true;
	}
	if (m->chosen.column < 0)
		return add_thing_group(c, m->chosen.relation);
	output =
		elapsed_of(m) ? NULL : find_output(c, m->chosen.relation, m->chosen.column, AGGREGATE_NONE);
	if (!output)
	{
		output = add_output(c, m->chosen.relation, m->chosen.column);
		output->column.elapsed = elapsed_of(m);
		output->group = true;
	}
	output->hidden = false;
	return true;
}

/* "number of signups" by signup_date: each row is one; but not the number of dates */
static bool
is_event(const Composer *c, const Mention *m)
{
	List *stems = words_of_text(mention_words(m));

	return type_class_is_time(mention_column(c, m)->type_class) &&
		   words_find_any(stems, "date day time moment") < 0;
}

/* "in each category": what the rows are ranked for each of */
static bool
add_within(Composer *c, const Mention *m)
{
	int before = list_length(c->query->outputs);

	if (!add_group(c, m))
		return false;
	for (int i = before; i < list_length(c->query->outputs); i++)
		((Output *) list_nth(c->query->outputs, i))->within = true;
	c->query->within = true;
	return true;
}

static Output *
add_measure(Composer *c, const Mention *m)
{
	Output *output =
		elapsed_of(m) ? NULL : find_output(c, m->chosen.relation, m->chosen.column, m->aggregate);

	if (!output)
	{
		output = add_output(c, m->chosen.relation, m->chosen.column);
		output->column.elapsed = elapsed_of(m);
		output->aggregate = m->aggregate;
		if (m->aggregate == AGGREGATE_COUNT && m->chosen.column >= 0)
		{
			const SnapshotColumn *column = mention_column(c, m);

			/* things that stand in a column are counted once each */
			if (is_measure_column(c, m))
				output->aggregate = AGGREGATE_SUM;
			else if (!column->in_primary_key && !column->unique_alone && !is_event(c, m))
				output->aggregate = AGGREGATE_COUNT_DISTINCT;
		}
	}
	return output;
}

/*
 * Rows of one relation: its name and what was asked for, or all its columns.
 */
static bool
add_listed(Composer *c, const Mention *m)
{
	const SnapshotRelation *rel = &c->snapshot->relations[m->chosen.relation];
	List *labels;
	ListCell *lc;
	bool asked_for_columns = false;
	QuestionScan *scan = c->scan;

	if (m->chosen.column >= 0)
	{
		if (elapsed_of(m) || !find_output(c, m->chosen.relation, m->chosen.column, AGGREGATE_NONE))
			add_output(c, m->chosen.relation, m->chosen.column)->column.elapsed = elapsed_of(m);
		return true;
	}
	for (int i = 0; i < scan->count; i++)
	{
		asked_for_columns |= scan->mentions[i].role == ROLE_OUTPUT &&
							 scan->mentions[i].chosen.relation == m->chosen.relation &&
							 scan->mentions[i].chosen.column >= 0;
	}
	labels = label_columns(c->snapshot, m->chosen.relation);
	if (asked_for_columns && labels == NIL)
		return true;
	if (labels != NIL && (asked_for_columns || !scan->lists || rel->ncolumns > 12))
	{
		foreach (lc, labels)
		{
			if (!find_output(c, m->chosen.relation, lfirst_int(lc), AGGREGATE_NONE))
				add_output(c, m->chosen.relation, lfirst_int(lc));
		}
		return true;
	}
	for (int i = 0; i < rel->ncolumns && i < 20; i++)
	{
		if (!find_output(c, m->chosen.relation, i, AGGREGATE_NONE))
			add_output(c, m->chosen.relation, i);
	}
	return true;
}

/*
 * "customers with more than 5 orders": a condition on groups.
 */
static bool
add_having(Composer *c, Mention *m)
{
	Filter *filter = &m->filter;

	if (filter->aggregate == AGGREGATE_COUNT && filter->column.column >= 0)
	{
		if (is_measure_column(c, m))
			filter->aggregate = AGGREGATE_SUM;
		else
			filter->aggregate = AGGREGATE_COUNT_DISTINCT;
	}
	if (filter->compare == COMPARE_LT || filter->compare == COMPARE_LE)
		compose_assume(
			c, psprintf("Only those with at least one of \"%s\" are looked at.", mention_words(m)));
	c->query->having = lappend(c->query->having, filter);
	return true;
}

/*
 * "where is Austin": what says the place of the thing that the value names.
 */
static bool
add_places(Composer *c)
{
	const Mention *thing = NULL;
	const SnapshotRelation *rel;
	int found = 0;

	for (int i = 0; i < c->scan->count; i++)
	{
		const Mention *m = &c->scan->mentions[i];

		if (m->role == ROLE_FILTER && m->filter.kind == FILTER_VALUES && m->chosen.relation >= 0)
			thing = m;
		else if (m->role != ROLE_QUALIFIER)
			return compose_fail(c, pstrdup("It is not clear whose place is asked for."));
	}
	if (!thing)
		return compose_fail(c, pstrdup("It is not clear whose place is asked for."));
	rel = &c->snapshot->relations[thing->chosen.relation];
	for (int i = 0; i < rel->ncolumns; i++)
	{
		if (i == thing->chosen.column || !column_named_like(&rel->columns[i], place_words))
			continue;
		add_output(c, thing->chosen.relation, i);
		found++;
	}
	c->query->subject = thing->chosen.relation;
	return found > 0 ||
		   compose_fail(c, psprintf("Nothing says where %s are.", relation_plural(rel)));
}

/*
 * "when was Jane hired": the time of the thing that the value names.
 */
static bool
add_moment(Composer *c)
{
	const Mention *thing = NULL;
	int column = -1;

	for (int i = 0; i < c->scan->count; i++)
	{
		Mention *m = &c->scan->mentions[i];
		const SnapshotColumn *named = m->chosen.relation < 0 ? NULL : mention_column(c, m);

		if (m->role == ROLE_FILTER && m->filter.kind == FILTER_VALUES)
			thing = m;
		if (named && type_class_is_time(named->type_class) &&
			(m->role == ROLE_OUTPUT || m->role == ROLE_QUALIFIER ||
			 (m->role == ROLE_FILTER && m->filter.kind == FILTER_NULL)))
		{
			m->role = ROLE_OUTPUT;
			m->has_filter = false;
			column = m->chosen.column;
		}
	}
	if (c->query->ranked || c->scan->ranked || c->query->aggregated || !thing)
		return compose_fail(c, pstrdup("It is not clear whose time is asked for."));
	c->query->subject = thing->chosen.relation;
	if (column >= 0)
		return true;
	column = default_time_column(c->snapshot, thing->chosen.relation, c->scan->in);
	if (column < 0)
		return compose_fail(c, pstrdup("Nothing says when that was."));
	add_output(c, thing->chosen.relation, column);
	return true;
}

static bool
compose_outputs(Composer *c)
{
	QuestionScan *scan = c->scan;
	AskQuery *query = c->query;
	Mention *target = find_target(scan);
	Mention *rank = find_mention(scan, ROLE_RANK);
	bool having = false;
	bool measures = false;

	for (int i = 0; i < scan->count; i++)
	{
		having |= scan->mentions[i].role == ROLE_FILTER &&
				  scan->mentions[i].filter.aggregate != AGGREGATE_NONE;
		measures |= scan->mentions[i].role == ROLE_MEASURE;
	}
	query->aggregated = measures || having || find_mention(scan, ROLE_GROUP) ||
						(rank && rank->aggregate != AGGREGATE_NONE);
	query->subject = target ? target->chosen.relation : -1;

	/* "how many customers have more than 5 orders" */
	if (having && scan->counts && measures)
	{
		Mention *m = find_mention(scan, ROLE_MEASURE);

		query->count_groups = true;
		m->role = ROLE_GROUP;
		query->subject = m->chosen.relation;
	}
	if (scan->moment && !add_moment(c))
		return false;
	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role == ROLE_GROUP && !add_group(c, m))
			return false;
		if (m->within && !add_within(c, m))
			return false;
	}
	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role != ROLE_OUTPUT || m->chosen.relation < 0)
			continue;
		if (query->aggregated ? !add_group(c, m) : !add_listed(c, m))
			return false;
	}
	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role == ROLE_MEASURE)
			add_measure(c, m)->share = scan->share;
		else if (m->role == ROLE_RANK && m->aggregate != AGGREGATE_NONE)
			add_measure(c, m);
		else if (m->role == ROLE_FILTER && m->filter.aggregate != AGGREGATE_NONE &&
				 !add_having(c, m))
			return false;
	}
	if (scan->place && !add_places(c))
		return false;

	if (query->outputs == NIL)
		return compose_fail(c, pstrdup("It is not clear what should be shown."));
	if (rank && rank->aggregate != AGGREGATE_NONE && !first_output(c, false))
		return compose_fail(c, pstrdup("It is not clear what should be ranked."));
	return true;
}

static bool
has_time_of_day(const Composer *c, FieldRef ref)
{
	TypeClass class = c->snapshot->relations[ref.relation].columns[ref.column].type_class;

	return class == TYPE_CLASS_TIMESTAMP || class == TYPE_CLASS_TIME;
}

/*
 * The columns of time buckets: of the root, or of what is joined to it.
 */
static bool
place_buckets(Composer *c)
{
	ListCell *lc;
	AskQuery *query = c->query;

	foreach (lc, query->outputs)
	{
		Output *output = lfirst(lc);

		if (output->bucket == TIME_UNIT_NONE)
			continue;
		for (int i = -1; i < query->plan.nsteps && output->column.column < 0; i++)
		{
			output->column.relation = i < 0 ? query->plan.root : query->plan.steps[i].relation;
			output->column.column =
				default_time_column(c->snapshot, output->column.relation, c->scan->in);
			if (output->column.column < 0 && output->bucket == TIME_UNIT_YEAR)
			{
				const SnapshotRelation *rel = &c->snapshot->relations[output->column.relation];

				for (int k = 0; k < rel->ncolumns; k++)
				{
					if (type_class_is_numeric(rel->columns[k].type_class) &&
						column_named_like(&rel->columns[k], "year"))
						output->column.column = k;
				}
			}
		}
		if (output->column.column < 0 && !reach_time(c, &output->column))
			return compose_fail(c, psprintf("There is no date to tell the %ss apart.",
											readable_name(time_unit_name(output->bucket))));
		/* a column of years is its own bucket */
		if (!type_class_is_time(c->snapshot->relations[output->column.relation]
									.columns[output->column.column]
									.type_class))
			output->bucket = TIME_UNIT_NONE;
		else if (output->bucket == TIME_UNIT_HOUR_OF_DAY && !has_time_of_day(c, output->column))
			return compose_fail(c, psprintf("%s has no time of day.",
											reading_text(c->snapshot, output->column.relation,
														 output->column.column)));
	}
	return true;
}

static void
add_order(Composer *c, Output *output, bool descending)
{
	OrderKey *key = palloc0(sizeof(OrderKey));

	key->output = output;
	key->descending = descending;
	c->query->orders = lappend(c->query->orders, key);
}

/* "ordered by the region name" where the groups are regions */
static Output *
output_of_group(const Composer *c, const Mention *m)
{
	const TokenList *tokens = c->scan->in->tokens;

	for (int i = 0; m->element && i < c->scan->count; i++)
	{
		const Mention *group = &c->scan->mentions[i];

		if (group->role == ROLE_GROUP && group->element && group->chosen.column >= 0 &&
			tokens->tokens[group->element->first].stem &&
			strcmp(tokens->tokens[group->element->first].stem,
				   tokens->tokens[m->element->first].stem) == 0)
			return find_output(c, group->chosen.relation, group->chosen.column, AGGREGATE_NONE);
	}
	return NULL;
}

/* the output that an ORDER or RANK mention speaks of; added where it is not shown */
static Output *
output_for_order(Composer *c, const Mention *m)
{
	ListCell *lc;
	Output *output;

	if (m->chosen.relation < 0)
		return first_output(c, true) ? first_output(c, true) : first_output(c, false);
	foreach (lc, c->query->outputs)
	{
		output = lfirst(lc);
		if (m->role == ROLE_RANK && is_count(m->aggregate) != is_count(output->aggregate))
			continue;
		if (output->column.relation == m->chosen.relation &&
			(output->column.column == m->chosen.column ||
			 (m->chosen.column < 0 && is_count(output->aggregate)) ||
			 (m->chosen.column < 0 &&
			  list_member_int(label_columns(c->snapshot, m->chosen.relation),
							  output->column.column))))
			return output;
	}
	if (m->chosen.column < 0)
		return first_output(c, false);
	/* grouped rows can be ordered by what they are grouped by, or by an aggregate */
	if (c->query->aggregated)
	{
		if (!is_measure_column(c, m))
			return output_of_group(c, m);
		output = add_output(c, m->chosen.relation, m->chosen.column);
		output->aggregate = natural_aggregate(c, m);
		return output;
	}
	return add_output(c, m->chosen.relation, m->chosen.column);
}

/* "ordered by price, cheapest first": says only the direction */
static bool
replaces_order(Composer *c, const Output *output, const Mention *m)
{
	ListCell *lc;

	foreach (lc, c->query->orders)
	{
		OrderKey *key = lfirst(lc);

		if (key->output->column.relation != output->column.relation ||
			key->output->column.column != output->column.column ||
			key->output->aggregate != output->aggregate || m->role != ROLE_ORDER)
			continue;
		if (m->direction_given)
			key->descending = m->descending;
		return true;
	}
	return false;
}

static bool
compose_order(Composer *c)
{
	QuestionScan *scan = c->scan;
	AskQuery *query = c->query;
	Output *measure;

	query->limit = scan->limit;
	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];
		Output *output;

		if (m->role != ROLE_RANK && m->role != ROLE_ORDER)
			continue;
		output = output_for_order(c, m);
		if (output && replaces_order(c, output, m))
			continue;
		if (!output)
			return compose_fail(
				c, psprintf("The rows can not be ordered by \"%s\".", mention_words(m)));
		add_order(c, output,
				  m->role == ROLE_RANK && !m->direction_given ? scan->rank_descending
															  : m->descending);
		if (m->role == ROLE_RANK)
			query->ranked = true;
	}
	if (scan->rank_shown && query->orders == NIL && first_output(c, false))
	{
		add_order(c, first_output(c, false), scan->rank_descending);
		query->ranked = true;
	}
	if (query->ranked && query->limit == 0 && scan->rank_place == 0)
	{
		/* "top products by ..." wants some; "the product with the highest ..." one */
		bool top = false;

		for (int i = 0; i < scan->in->count; i++)
		top |= scan->in->elements[i].kind == ELEMENT_CONCEPT &&
			   scan->in->elements[i].entry->concept == CONCEPT_TOP;
		query->limit = top && !scan->single ? DEFAULT_TOP : 1;
		if (top && !scan->single)
			compose_assume(c, psprintf("\"Top\" is taken as the first %d.", DEFAULT_TOP));
	}
	if (query->orders == NIL && query->aggregated && !query->count_groups)
	{
		ListCell *lc;

		foreach (lc, query->outputs)
		{
			Output *output = lfirst(lc);

			if (output->bucket != TIME_UNIT_NONE)
				add_order(c, output, false);
		}
		measure = first_output(c, true);
		if (query->orders == NIL && measure && first_output(c, false))
			add_order(c, measure, true);
	}
	return compose_places(c);
}

/*
 * The same relation could be reached by another way of the same cost: say so.
 */
static void
tell_ambiguous_path(Composer *c)
{
	JoinPlan *plan = &c->query->plan;
	Ambiguity *ambiguity;
	int parent = -1;

	if (plan->ambiguous_relation < 0)
		return;
	for (int i = 0; i < plan->nsteps; i++)
	{
		if (plan->steps[i].relation == plan->ambiguous_relation)
			parent = plan->steps[i].parent;
	}
	if (parent < 0)
		return;
	ambiguity = palloc0(sizeof(Ambiguity));
	ambiguity->word = relation_singular(&c->snapshot->relations[plan->ambiguous_relation]);
	ambiguity->readings = list_make2(
		psprintf("that of the %s", relation_singular(&c->snapshot->relations[parent])),
		psprintf("that of the %s", relation_singular(&c->snapshot->relations[plan->other_parent])));
	c->ambiguities = lappend(c->ambiguities, ambiguity);
	compose_assume(c, psprintf("The %s is that of the %s.", ambiguity->word,
							   relation_singular(&c->snapshot->relations[parent])));
}

/* parts of a whole: sums or counts, one for each of some groups */
static bool
shares_make_sense(const Composer *c)
{
	const Output *measure = first_output(c, true);

	return measure && first_output(c, false) &&
		   (measure->aggregate == AGGREGATE_SUM || is_count(measure->aggregate));
}

AskQuery *
compose_query(QuestionScan *scan, List **assumptions, List **ambiguities, char **reason)
{
	Composer c = {.scan = scan, .snapshot = scan->in->snapshot};
	bool ok;

	c.query = palloc0(sizeof(AskQuery));
	c.query->snapshot = c.snapshot;
	c.query->subject = -1;
	c.query->plan.root = -1;
	c.query->plan.ambiguous_relation = -1;
	c.query->distinct = scan->distinct;
	c.query->share = scan->share;
	c.query->rounded = scan->rounded;
	c.query->digits = scan->digits;

	ok = settle_doubts(&c) && settle_roles(&c) && compose_outputs(&c) && compose_order(&c) &&
		 compose_root(&c) && place_buckets(&c) && compose_conditions(&c) && compose_roles(&c) &&
		 compose_protection(&c);
	ok = ok && terms_fit(&c);
	if (ok && c.query->average_groups && (!first_output(&c, true) || c.query->limit > 0))
		ok = compose_fail(&c, pstrdup("It is not clear what the average is of."));
	if (ok && scan->share && !shares_make_sense(&c))
		ok = compose_fail(&c, pstrdup("A share needs a total and groups to be shares of."));
	if (ok)
		tell_ambiguous_path(&c);
	*assumptions = c.assumptions;
	*ambiguities = list_concat(*ambiguities, c.ambiguities);
	*reason = c.reason;
	return ok ? c.query : NULL;
}
