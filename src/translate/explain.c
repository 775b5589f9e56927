/*-------------------------------------------------------------------------
 *
 * explain.c
 *		Says in a sentence what a query does.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "lib/stringinfo.h"
#include "translate/query.h"

static const char *
aggregate_words(AggregateKind aggregate)
{
	static const char *const words[] = {"",        "number of",  "number of distinct",
										"sum of",  "average of", "lowest",
										"highest", "median of"};

	return words[aggregate];
}

static char *
column_words(const AskQuery *query, FieldRef ref)
{
	const SnapshotRelation *rel = &query->snapshot->relations[ref.relation];

	if (ref.elapsed)
		return elapsed_words(query->snapshot, ref.elapsed, ref);
	return ref.column < 0 ? relation_plural(rel) : readable_name(rel->columns[ref.column].name);
}

/* "sum of price", "gross margin" */
static char *
aggregate_of(const AskQuery *query, FieldRef ref, AggregateKind aggregate)
{
	char *column = column_words(query, ref);

	return aggregate == term_aggregate(query->snapshot, ref)
			   ? column
			   : psprintf("%s %s", aggregate_words(aggregate), column);
}

/* "a, b and c" */
static void
append_listed(StringInfo out, List *words)
{
	ListCell *lc;
	int at = 0;
	int n = list_length(words);

	foreach (lc, words)
	{
		if (at > 0)
			appendStringInfoString(out, at == n - 1 ? " and " : ", ");
		appendStringInfoString(out, lfirst(lc));
		at++;
	}
}

static char *exists_words(const AskQuery *query, const ExistsGroup *group);

static char *
filter_words(const AskQuery *query, const Filter *filter)
{
	static const char *const compares[] = {"is",         "is not",   "is below",
										   "is at most", "is above", "is at least"};
	static const char *const matches[] = {"starts with", "ends with", "contains"};
	char *column = filter->aggregate != AGGREGATE_NONE
					   ? psprintf("the %s", aggregate_of(query, filter->column, filter->aggregate))
					   : psprintf("%s", column_words(query, filter->column));
	const char *negation = filter->negated ? "not " : "";
	StringInfoData values;
	List *quoted = NIL;
	ListCell *lc;

	switch (filter->kind)
	{
		case FILTER_VALUES:
			foreach (lc, filter->values)
				quoted = lappend(quoted, psprintf("'%s'", (char *) lfirst(lc)));
			initStringInfo(&values);
			append_listed(&values, quoted);
			return psprintf("%s is %s%s", column, negation, values.data);
		case FILTER_COMPARE:
			return psprintf("%s %s%s %s", column, filter->negated ? "not: " : "",
							compares[filter->compare], (char *) linitial(filter->values));
		case FILTER_BETWEEN:
			return psprintf("%s is %sbetween %s and %s", column, negation,
							(char *) linitial(filter->values), (char *) lsecond(filter->values));
		case FILTER_TIME:
			if (filter->time->weekdays)
				return psprintf("%s is %s\"%s\"", column, negation, filter->words);
			return psprintf("%s is %sin \"%s\"", column, negation, filter->words);
		case FILTER_MATCH:
			return psprintf("%s %s%s '%s'", column, filter->negated ? "not: " : "",
							matches[filter->match], (char *) linitial(filter->values));
		case FILTER_NULL:
			return psprintf("%s is %smissing", column, negation);
		case FILTER_TRUE:
			return psprintf("%s is %strue", column, negation);
		case FILTER_AVERAGE:
			return psprintf("%s %s the average", column, compares[filter->compare]);
		case FILTER_ANY:
			return psprintf("%s or %s", filter_words(query, linitial(filter->values)),
							filter_words(query, lsecond(filter->values)));
		case FILTER_AMONG:
			return psprintf("%s is %samong those of \"%s\"", column, negation, filter->words);
		case FILTER_BEYOND:
			return psprintf("%s %s%s that of \"%s\"", column, filter->negated ? "not: " : "",
							compares[filter->compare], filter->words);
		case FILTER_EXISTS:
			return exists_words(query, filter->exists);
		case FILTER_SAME:
			break;
	}
	return column;
}

static char *
exists_words(const AskQuery *query, const ExistsGroup *group)
{
	const SnapshotRelation *rel =
		&query->snapshot->relations[group->steps[group->nsteps - 1].relation];
	StringInfoData out;
	List *conditions = NIL;
	ListCell *lc;

	initStringInfo(&out);
	appendStringInfo(&out, "there %s %s", group->negated ? "are no" : "are", relation_plural(rel));
	foreach (lc, group->filters)
		conditions = lappend(conditions, filter_words(query, lfirst(lc)));
	if (conditions != NIL)
	{
		appendStringInfoString(&out, " whose ");
		append_listed(&out, conditions);
	}
	return out.data;
}

/* what is shown, what it is grouped by */
static void
describe_outputs(const AskQuery *query, List **shown, List **grouped)
{
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		const Output *output = lfirst(lc);

		if (output->hidden || output->inner)
			continue;
		if (output->less)
			*shown = lappend(*shown, pstrdup("the difference"));
		else if (output->only)
			*shown =
				lappend(*shown, psprintf("%s where %s",
										 aggregate_of(query, output->column, output->aggregate),
										 filter_words(query, output->only)));
		else if (output->bucket != TIME_UNIT_NONE)
			*grouped = lappend(*grouped, readable_name(time_unit_name(output->bucket)));
		else if (output->group)
			*grouped = lappend(
				*grouped,
				psprintf("%s of %s", column_words(query, output->column),
						 relation_singular(&query->snapshot->relations[output->column.relation])));
		else if (output->aggregate != AGGREGATE_NONE)
			*shown = lappend(*shown, aggregate_of(query, output->column, output->aggregate));
		else
			*shown = lappend(*shown, column_words(query, output->column));
	}
}

char *
explain_query(const AskQuery *query)
{
	StringInfoData out;
	List *shown = NIL;
	List *grouped = NIL;
	List *conditions = NIL;
	ListCell *lc;

	initStringInfo(&out);
	describe_outputs(query, &shown, &grouped);
	if (query->count_groups)
		shown = list_make1(psprintf(
			"number of %s", query->subject >= 0
								? relation_plural(&query->snapshot->relations[query->subject])
								: "groups"));
	if (query->average_groups)
		shown = list_make1(
			psprintf("average of the %s", shown == NIL ? "number" : (char *) linitial(shown)));
	if (shown == NIL)
	{
		shown = grouped;
		grouped = NIL;
	}
	append_listed(&out, shown);
	appendStringInfo(&out, " from %s",
					 relation_plural(&query->snapshot->relations[query->plan.root]));
	if (grouped != NIL && !query->count_groups)
	{
		appendStringInfoString(&out, " by ");
		append_listed(&out, grouped);
	}
	foreach (lc, query->filters)
		conditions = lappend(conditions, filter_words(query, lfirst(lc)));
	foreach (lc, query->exists)
		conditions = lappend(conditions, exists_words(query, lfirst(lc)));
	foreach (lc, query->having)
		conditions = lappend(conditions, filter_words(query, lfirst(lc)));
	if (conditions != NIL)
	{
		appendStringInfoString(&out, " where ");
		append_listed(&out, conditions);
	}
	if (query->orders != NIL && query->ranked)
	{
		const OrderKey *key = linitial(query->orders);

		appendStringInfo(&out, ", %s first", key->descending ? "highest" : "lowest");
		if (query->place > 0)
			appendStringInfo(&out, ", only place %d", query->place);
		else if (query->ties)
			appendStringInfoString(&out, ", all that share the first place");
		else if (query->limit > 0)
			appendStringInfo(&out, ", at most " INT64_FORMAT, query->limit);
		if (query->within)
			appendStringInfoString(&out, " of each");
	}
	appendStringInfoChar(&out, '.');
	if (out.data[0] >= 'a' && out.data[0] <= 'z')
		out.data[0] -= 'a' - 'A';
	return out.data;
}
