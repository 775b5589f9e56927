/*-------------------------------------------------------------------------
 *
 * settle.c
 *		Gives the resolved mentions of a question their final use.
 *
 * A "revenue" that is shown "by region" is summed, "orders per user" are
 * counted, "the largest state" ranks rows and "the best selling product" ranks
 * totals.  Such choices that change the answer are told as assumptions.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/compose.h"

const SnapshotColumn *
mention_column(const Composer *c, const Mention *m)
{
	return m->chosen.relation < 0 ? NULL : candidate_column(c->snapshot, &m->chosen);
}

bool
is_measure_column(const Composer *c, const Mention *m)
{
	return m->chosen.column >= 0 &&
		   column_is_measure(c->snapshot, m->chosen.relation, m->chosen.column);
}

bool
is_count(AggregateKind aggregate)
{
	return aggregate == AGGREGATE_COUNT || aggregate == AGGREGATE_COUNT_DISTINCT;
}

const char *
mention_words(const Mention *m)
{
	return m->element ? m->element->text : m->filter.words;
}

/* sum, or average for what does not add up */
AggregateKind
natural_aggregate(Composer *c, const Mention *m)
{
	const SnapshotColumn *column = mention_column(c, m);
	AggregateKind aggregate = term_aggregate(
		c->snapshot, (FieldRef){.relation = m->chosen.relation, .column = m->chosen.column});

	if (aggregate != AGGREGATE_NONE)
		return aggregate;
	if (column_adds_up(column))
		return AGGREGATE_SUM;
	compose_assume(c, psprintf("%s is averaged.",
							   reading_text(c->snapshot, m->chosen.relation, m->chosen.column)));
	return AGGREGATE_AVG;
}

/* is it called by a word for an amount ("revenue", "sales")? */
static bool
says_amount(const Composer *c, const Mention *m)
{
	const Token *head;

	/* "sold the most": a verb alone means what was made by it */
	if (!m->element)
		return m->chosen.column < 0;
	head = &c->scan->in->tokens->tokens[m->element->first + m->element->ntokens - 1];
	return head->stem && lexicon_is_amount(head->stem);
}

/*
 * A relation where a number is needed: its amount, where a sum or average was
 * asked for or the word means one ("sales"), else how many rows it has.
 */
static void
relation_as_measure(Composer *c, Mention *m)
{
	bool amount = !m->whole_things && (m->aggregate != AGGREGATE_NONE || says_amount(c, m));
	int column = amount ? default_measure(c->snapshot, m->chosen.relation) : -1;

	if (column < 0)
	{
		m->aggregate = AGGREGATE_COUNT;
		return;
	}
	m->chosen.column = column;
	if (m->aggregate == AGGREGATE_NONE)
		m->aggregate = AGGREGATE_SUM;
	compose_assume(c, psprintf("\"%s\" is measured by %s.", mention_words(m),
							   reading_text(c->snapshot, m->chosen.relation, column)));
}

Mention *
find_mention(QuestionScan *scan, MentionRole role)
{
	for (int i = 0; i < scan->count; i++)
	{
		if (scan->mentions[i].role == role)
			return &scan->mentions[i];
	}
	return NULL;
}

/* what the rows are: "which X", "top 5 X", else the first thing shown */
Mention *
find_target(QuestionScan *scan)
{
	Mention *first = NULL;

	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->leading && m->chosen.relation >= 0)
			return m;
		if (!first && m->role == ROLE_OUTPUT && m->chosen.column < 0)
			first = m;
	}
	return first ? first : find_mention(scan, ROLE_OUTPUT);
}

/*
 * "the area of the state with the lowest population": an attribute of things,
 * of which the question names the kind.
 */
static bool
names_rows_of(const Composer *c, int relation)
{
	for (int i = 0; i < c->scan->count; i++)
	{
		const Mention *m = &c->scan->mentions[i];

		if (m->role == ROLE_QUALIFIER && m->chosen.relation == relation && m->chosen.column < 0 &&
			m->of_attribute)
			return true;
	}
	return false;
}

/*
 * Is ranking by this measure a matter of single rows (the dearest product), or
 * of totals (the product that sold most)?
 */
static bool
rank_by_rows(const Composer *c, const Mention *target, const Mention *rank)
{
	const SnapshotColumn *column = target ? mention_column(c, target) : NULL;

	if (target && rank->superlative && rank->aggregate == AGGREGATE_NONE &&
		rank->chosen.column >= 0 && !column_adds_up(mention_column(c, rank)) &&
		!path_fans_out(c->snapshot, rank->chosen.relation, target->chosen.relation))
		return true;
	/* single rows, too, where what is asked for is what ranks */
	if (rank->of_rows ||
		(target && target->chosen.column >= 0 && target->chosen.relation == rank->chosen.relation &&
		 target->chosen.column == rank->chosen.column))
		return rank->aggregate == AGGREGATE_NONE;
	if (target && target->chosen.column >= 0 && rank->chosen.column >= 0 &&
		rank->aggregate == AGGREGATE_NONE && names_rows_of(c, rank->chosen.relation))
		return true;
	if (rank->aggregate != AGGREGATE_NONE || rank->chosen.column < 0 || !target ||
		target->chosen.relation != rank->chosen.relation)
		return target && rank->aggregate == AGGREGATE_NONE && rank->chosen.column >= 0 &&
			   target->chosen.relation != rank->chosen.relation &&
			   !path_fans_out(c->snapshot, target->chosen.relation, rank->chosen.relation);
	if (!column || column->unique_alone || column->in_primary_key)
		return true;
	/* "which city has the highest rating": a row; "the highest revenue": a total */
	return !column_adds_up(mention_column(c, rank)) ||
		   list_member_int(label_columns(c->snapshot, target->chosen.relation),
						   target->chosen.column);
}

/* how many relationships lead from the one relation to the other */
static int
count_links(Composer *c, int from, int to)
{
	int nedges;
	const int *edges = snapshot_edges_of(c->snapshot, from, &nedges);
	int n = 0;

	for (int i = 0; i < nedges; i++)
		n += c->snapshot->edges[edges[i]].from == from && c->snapshot->edges[edges[i]].to == to;
	return n;
}

/*
 * "which state borders the most states": what is counted are the rows that
 * connect states with states.
 */
static void
rank_by_links(Composer *c, const Mention *target, Mention *rank)
{
	if (rank->chosen.column >= 0 || rank->chosen.relation != target->chosen.relation)
		return;
	for (int i = 0; i < c->scan->count; i++)
	{
		Mention *m = &c->scan->mentions[i];

		if (m == rank || m == target || m->has_filter || m->chosen.relation < 0 ||
			count_links(c, m->chosen.relation, target->chosen.relation) < 2)
			continue;
		rank->chosen.relation = m->chosen.relation;
		rank->aggregate = AGGREGATE_COUNT;
		m->role = ROLE_QUALIFIER;
		m->optional = true;
		m->chosen.relation = -1;
		return;
	}
}

/*
 * "on average", "in total" behind the question: what is done with its number.
 */
static bool
settle_overall(Composer *c, bool grouped)
{
	QuestionScan *scan = c->scan;
	Mention *number = find_mention(scan, ROLE_MEASURE);

	if (scan->overall == AGGREGATE_NONE)
		return true;
	for (int i = 0; i < scan->count && !number; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role == ROLE_OUTPUT && m->chosen.relation >= 0 &&
			(is_measure_column(c, m) || m->chosen.column < 0))
			number = m;
	}
	if (!number)
		return compose_fail(c, pstrdup("It is not clear what the average or total is of."));
	if (scan->overall == AGGREGATE_SUM)
	{
		if (number->role == ROLE_MEASURE)
			return true;
		number->role = ROLE_MEASURE;
		number->aggregate = AGGREGATE_SUM;
		number->leading = false;
		if (number->chosen.column < 0)
			relation_as_measure(c, number);
		return true;
	}
	/* "per order" of the orders' own total: each row is one */
	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role == ROLE_GROUP && m->chosen.column < 0 && m->unit == TIME_UNIT_NONE &&
			m->chosen.relation == number->chosen.relation && is_measure_column(c, number))
		{
			m->role = ROLE_QUALIFIER;
			grouped = false;
		}
	}
	if (is_measure_column(c, number) &&
		(!grouped || !(says_amount(c, number) || column_adds_up(mention_column(c, number)))))
	{
		number->role = ROLE_MEASURE;
		number->aggregate = AGGREGATE_AVG;
		number->leading = false;
		return true;
	}
	/* "how many orders does a customer place on average" */
	for (int i = 0; i < scan->count && !grouped && scan->counts; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role != ROLE_QUALIFIER || m->deed || m->chosen.column >= 0 ||
			m->chosen.relation < 0 || m->chosen.relation == number->chosen.relation)
			continue;
		m->role = ROLE_GROUP;
		grouped = true;
	}
	c->query->average_groups = grouped;
	return grouped || compose_fail(c, pstrdup("It is not clear what the average is over."));
}

/*
 * "zones by revenue": what follows "by" is a number, so the zones are the
 * groups.
 */
static bool
settle_grouped_measures(Composer *c)
{
	Mention *number = NULL;
	Mention *thing = NULL;

	for (int i = 0; i < c->scan->count; i++)
	{
		Mention *m = &c->scan->mentions[i];

		if (m->role == ROLE_GROUP && m->chosen.relation >= 0 && is_measure_column(c, m))
			number = m;
		else if (m->role == ROLE_GROUP || m->role == ROLE_MEASURE || m->role == ROLE_RANK)
			return true;
		else if (m->role == ROLE_OUTPUT && m->chosen.relation >= 0)
		{
			if (thing || is_measure_column(c, m))
				return true;
			thing = m;
		}
	}
	if (!number || !thing)
		return true;
	thing->role = ROLE_GROUP;
	number->role = ROLE_MEASURE;
	number->aggregate = natural_aggregate(c, number);
	return true;
}

/*
 * "average number of orders per user", "average revenue per customer": first a
 * number for each, then the average of those.
 */
static void
settle_averages(Composer *c)
{
	Mention *number = find_mention(c->scan, ROLE_MEASURE);
	const Mention *group = find_mention(c->scan, ROLE_GROUP);
	bool counts;

	if (!number || !group || number->aggregate != AGGREGATE_AVG || c->query->average_groups)
		return;
	counts = number->whole_things && !is_measure_column(c, number);
	if (!counts &&
		!(says_amount(c, number) && group->chosen.relation >= 0 && group->chosen.column < 0 &&
		  group->per && group->chosen.relation != number->chosen.relation))
		return;
	number->aggregate = counts ? AGGREGATE_COUNT : AGGREGATE_SUM;
	c->query->average_groups = true;
}

/*
 * Give every mention its final use.
 */
bool
settle_roles(Composer *c)
{
	QuestionScan *scan = c->scan;
	Mention *rank = find_mention(scan, ROLE_RANK);
	Mention *target = find_target(scan);
	bool grouped = find_mention(scan, ROLE_GROUP) != NULL;
	bool only_measures = true;
	bool any_output = false;

	if (!settle_elapsed(c) || !settle_links(c) || !settle_terms(c))
		return false;
	if (rank && target)
		rank_by_links(c, target, rank);
	for (int i = 0, n = 0; i < scan->count; i++)
	{
		n += scan->mentions[i].role == ROLE_RANK;
		if (n > 1)
			return compose_fail(c, pstrdup("The rows can be ranked by one thing only."));
	}
	if (scan->ranked && scan->rank_needs_measure && !rank)
		return compose_fail(c, pstrdup("It is not clear by what the rows should be ranked."));

	settle_averages(c);
	/* "by number of orders", "with more than 5 orders" */
	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role == ROLE_OUTPUT && m->chosen.relation >= 0)
		{
			any_output = true;
			only_measures &= is_measure_column(c, m) && (!m->leading || says_amount(c, m)) &&
							 column_adds_up(mention_column(c, m));
		}
		if (m->role == ROLE_FILTER && m->chosen.relation >= 0 && m->chosen.column < 0 &&
			m->filter.kind == FILTER_COMPARE)
			m->filter.aggregate = AGGREGATE_COUNT;
		/* "cities with revenue over 5": the revenue of each city */
		if (m->role == ROLE_FILTER && m->filter.kind == FILTER_COMPARE && target &&
			m->filter.aggregate == AGGREGATE_NONE && m->chosen.relation >= 0 &&
			is_measure_column(c, m) && says_amount(c, m) &&
			m->chosen.relation != target->chosen.relation && target->chosen.relation >= 0 &&
			path_fans_out(c->snapshot, target->chosen.relation, m->chosen.relation))
			m->filter.aggregate = AGGREGATE_SUM;
		if (m->role == ROLE_MEASURE && m->chosen.column < 0 && !is_count(m->aggregate))
			relation_as_measure(c, m);
		if (m->role == ROLE_MEASURE && m->whole_things && is_count(m->aggregate) &&
			is_measure_column(c, m) && !column_adds_up(mention_column(c, m)))
			return compose_fail(
				c, psprintf("\"%s\" is nothing that can be counted.", mention_words(m)));
	}
	if (!settle_overall(c, grouped) || !settle_places(c) || !settle_grouped_measures(c))
		return false;
	rank = find_mention(scan, ROLE_RANK);
	grouped = find_mention(scan, ROLE_GROUP) != NULL;
	target = find_target(scan);
	if (rank && !target && !grouped && rank->chosen.column >= 0)
	{
		/* "what is the highest price" */
		rank->role = ROLE_MEASURE;
		rank->aggregate = rank->descending ? AGGREGATE_MAX : AGGREGATE_MIN;
		scan->ranked = false;
	}
	else if (rank)
	{
		/* "the most departures" are counted, and are no time */
		if (rank->whole_things && !rank->superlative && rank->chosen.column >= 0 &&
			type_class_is_time(mention_column(c, rank)->type_class))
			return compose_fail(
				c, psprintf("It is not clear how many \"%s\" there are.", mention_words(rank)));
		if (rank->chosen.column < 0 && !is_count(rank->aggregate))
			relation_as_measure(c, rank);
		else if (rank->chosen.column >= 0 && rank->aggregate == AGGREGATE_NONE &&
				 (!target || !rank_by_rows(c, target, rank)) &&
				 type_class_is_numeric(mention_column(c, rank)->type_class))
		{
			/* keys and the like have no total */
			if (mention_column(c, rank)->in_foreign_key || mention_column(c, rank)->in_primary_key)
				return compose_fail(
					c, psprintf("The rows can not be ranked by \"%s\".", mention_words(rank)));
			rank->aggregate = natural_aggregate(c, rank);
		}
		else if (rank->chosen.column >= 0 && rank->whole_things && is_count(rank->aggregate) &&
				 is_measure_column(c, rank))
			rank->aggregate = AGGREGATE_SUM;
	}

	/* what is shown by group, or alone as a number, is a measure */
	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];

		if (m->role != ROLE_OUTPUT || m->chosen.relation < 0 || (m->leading && !says_amount(c, m)))
			continue;
		if (grouped && m->chosen.column < 0)
		{
			m->role = ROLE_MEASURE;
			relation_as_measure(c, m);
		}
		else if (is_measure_column(c, m) && (grouped || (only_measures && any_output)))
		{
			m->role = ROLE_MEASURE;
			m->aggregate = natural_aggregate(c, m);
		}
	}
	return true;
}
