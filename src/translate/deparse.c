/*-------------------------------------------------------------------------
 *
 * deparse.c
 *		Writes a query as plain, formatted PostgreSQL.
 *
 * Every relation is named with its schema, every column with its alias, every
 * text is a quoted literal: nothing of a question reaches the SQL unquoted.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/term.h"
#include "common/expression.h"
#include "common/words.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "translate/query.h"
#include "utils/builtins.h"

#define MAX_ALIASES 32

typedef struct Deparse
{
	const AskQuery *query;
	StringInfoData out;
	int naliases;
	struct
	{
		int relation;
		char *alias;
	} aliases[MAX_ALIASES];
} Deparse;

/*
 * Initials of the words of the name, with a number where they are taken:
 * fact_secondary_sales -> fss.
 */
static char *
make_alias(Deparse *d, int relation)
{
	const SnapshotRelation *rel = &d->query->snapshot->relations[relation];
	List *words = words_of_identifier(rel->plain);
	StringInfoData initials;
	ListCell *lc;
	char *alias;
	int number = 1;
	bool taken;

	initStringInfo(&initials);
	foreach (lc, words)
	{
		const char *word = lfirst(lc);

		if (word[0] >= 'a' && word[0] <= 'z')
			appendStringInfoChar(&initials, word[0]);
	}
	if (initials.len == 0)
		appendStringInfoChar(&initials, 't');
	alias = initials.data;
	do
	{
		/* words such as "as", "in", "or", "to", "is", "on", "do" would need quotes */
		taken = strcmp(quote_identifier(alias), alias) != 0;
		for (int i = 0; i < d->naliases; i++)
			taken |= strcmp(d->aliases[i].alias, alias) == 0;
		if (taken)
			alias = psprintf("%s%d", initials.data, ++number);
	} while (taken);
	return alias;
}

static const char *
alias_of(Deparse *d, int relation)
{
	/* the innermost one, where a sub-select names the relation again */
	for (int i = d->naliases - 1; i >= 0; i--)
	{
		if (d->aliases[i].relation == relation)
			return d->aliases[i].alias;
	}
	if (d->naliases >= MAX_ALIASES)
		elog(ERROR, "too many relations in a translated question");
	d->aliases[d->naliases].relation = relation;
	d->aliases[d->naliases].alias = make_alias(d, relation);
	return d->aliases[d->naliases++].alias;
}

/* an alias for one more mention of a relation, inside a sub-select */
static void
push_alias(Deparse *d, int relation)
{
	if (d->naliases >= MAX_ALIASES)
		elog(ERROR, "too many relations in a translated question");
	d->aliases[d->naliases].alias = make_alias(d, relation);
	d->aliases[d->naliases++].relation = relation;
}

static const SnapshotColumn *
column_of(const Deparse *d, FieldRef ref)
{
	return &d->query->snapshot->relations[ref.relation].columns[ref.column];
}

/* the expression that a term stands for; only: what its aggregates are of, or NULL */
static char *
term_text(const SnapshotTerm *term, const char *alias, const char *only)
{
	Expression *expression = expression_read("term", term->meaning, TERM_MEANING_MAX);

	if (!expression || expression->unfit)
		elog(ERROR, "the meaning of a term is not one expression");
	return expression_text(expression, alias, only);
}

/* the same as a part of something else */
static char *
term_sql(const SnapshotTerm *term, const char *alias, const char *only)
{
	char *sql = term_text(term, alias, only);

	return term->adds_up ? sql : psprintf("(%s)", sql);
}

static char *
column_sql(Deparse *d, FieldRef ref)
{
	const SnapshotTerm *term = snapshot_term(d->query->snapshot, ref.relation, ref.column);
	char *sql;

	if (term)
		return term_sql(term, alias_of(d, ref.relation), NULL);
	sql = psprintf("%s.%s", alias_of(d, ref.relation), quote_identifier(column_of(d, ref)->name));

	if (!ref.elapsed)
		return sql;
	return elapsed_sql(d->query->snapshot, ref.elapsed, ref, sql,
					   ref.elapsed->kind == ELAPSED_AGE ? NULL : column_sql(d, ref.elapsed->other));
}

/* the column where it is the only relation's */
static const char *
bare_sql(const Deparse *d, FieldRef ref)
{
	const SnapshotTerm *term = snapshot_term(d->query->snapshot, ref.relation, ref.column);

	return term ? term_sql(term, NULL, NULL) : quote_identifier(column_of(d, ref)->name);
}

static const char *
relation_sql(const Deparse *d, int relation)
{
	const SnapshotRelation *rel = &d->query->snapshot->relations[relation];

	return quote_qualified_identifier(rel->schema, rel->name);
}

static char *
aggregate_sql(Deparse *d, FieldRef ref, AggregateKind aggregate)
{
	const SnapshotTerm *term;
	char *column;

	if (ref.column < 0)
		return pstrdup("count(*)");
	column = column_sql(d, ref);
	term = snapshot_term(d->query->snapshot, ref.relation, ref.column);
	if (term && aggregate != AGGREGATE_NONE && term->kind == TERM_VALUE)
		column = term_text(term, alias_of(d, ref.relation), NULL);
	if (aggregate == term_aggregate(d->query->snapshot, ref))
		return column;
	switch (aggregate)
	{
		case AGGREGATE_NONE:
			return column;
		case AGGREGATE_COUNT:
			return column_of(d, ref)->not_null ? pstrdup("count(*)")
											   : psprintf("count(%s)", column);
		case AGGREGATE_COUNT_DISTINCT:
			return psprintf("count(DISTINCT %s)", column);
		case AGGREGATE_SUM:
			return psprintf("sum(%s)", column);
		case AGGREGATE_AVG:
			return psprintf("avg(%s)", column);
		case AGGREGATE_MIN:
			return psprintf("min(%s)", column);
		case AGGREGATE_MAX:
			return psprintf("max(%s)", column);
		case AGGREGATE_MEDIAN:
			return psprintf("percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)", column);
	}
	return column;
}

static const char *
compare_sql(CompareOperator compare)
{
	static const char *const signs[] = {"=", "<>", "<", "<=", ">", ">="};

	return signs[compare];
}

/* a value of the question or of a profile as a literal of the column's type */
static char *
literal_sql(const SnapshotColumn *column, const char *value)
{
	if (type_class_is_numeric(column->type_class))
		return pstrdup(value);
	return quote_literal_cstr(value);
}

static char *
like_pattern(MatchKind match, const char *text)
{
	StringInfoData pattern;

	initStringInfo(&pattern);
	if (match != MATCH_STARTS)
		appendStringInfoChar(&pattern, '%');
	for (const char *p = text; *p; p++)
	{
		if (*p == '%' || *p == '_' || *p == '\\')
			appendStringInfoChar(&pattern, '\\');
		appendStringInfoChar(&pattern, *p);
	}
	if (match != MATCH_ENDS)
		appendStringInfoChar(&pattern, '%');
	return quote_literal_cstr(pattern.data);
}

static void
append_values(Deparse *d, const Filter *filter)
{
	const SnapshotColumn *column = column_of(d, filter->column);
	char *sql = column_sql(d, filter->column);
	ListCell *lc;
	bool first = true;

	if (list_length(filter->values) == 1)
	{
		appendStringInfo(&d->out, "%s %s %s", sql, filter->negated ? "<>" : "=",
						 literal_sql(column, linitial(filter->values)));
		return;
	}
	appendStringInfo(&d->out, "%s %sIN (", sql, filter->negated ? "NOT " : "");
	foreach (lc, filter->values)
	{
		appendStringInfo(&d->out, "%s%s", first ? "" : ", ", literal_sql(column, lfirst(lc)));
		first = false;
	}
	appendStringInfoChar(&d->out, ')');
}

/* a column of years, or a date between two bounds */
static void
append_time(Deparse *d, const Filter *filter)
{
	char *sql = column_sql(d, filter->column);
	const TimeSpan *time = filter->time;
	bool years = !type_class_is_time(column_of(d, filter->column)->type_class);
	int first = 0;
	int past_last = 0;

	if (filter->negated)
		appendStringInfoString(&d->out, "NOT (");
	if (time->weekdays)
		appendStringInfoString(&d->out, weekdays_sql(sql, time->weekdays));
	else if (years && time_span_whole_years(time, &first, &past_last))
	{
		if (time->from.set && time->to.set && past_last == first + 1)
			appendStringInfo(&d->out, "%s = %d", sql, first);
		else
		{
			if (time->from.set)
				appendStringInfo(&d->out, "%s >= %d", sql, first);
			if (time->to.set)
				appendStringInfo(&d->out, "%s%s < %d", time->from.set ? " AND " : "", sql,
								 past_last);
		}
	}
	else
	{
		if (time->from.set)
			appendStringInfo(&d->out, "%s >= %s", sql, time_bound_sql(&time->from));
		if (time->to.set)
			appendStringInfo(&d->out, "%s%s < %s", time->from.set ? " AND " : "", sql,
							 time_bound_sql(&time->to));
	}
	if (filter->negated)
		appendStringInfoChar(&d->out, ')');
}

static char *rows_sql(const AskQuery *query, FieldRef column);
static void append_exists(Deparse *d, const ExistsGroup *group);

static void
append_filter(Deparse *d, const Filter *filter)
{
	char *sql;

	switch (filter->kind)
	{
		case FILTER_AMONG:
			appendStringInfo(&d->out, "%s %sIN (%s)", column_sql(d, filter->column),
							 filter->negated ? "NOT " : "",
							 rows_sql(filter->among, filter->among_column));
			return;
		case FILTER_ANY:
		{
			const char *word = "(";
			ListCell *lc;

			foreach (lc, filter->values)
			{
				appendStringInfoString(&d->out, word);
				append_filter(d, lfirst(lc));
				word = " OR ";
			}
			appendStringInfoChar(&d->out, ')');
			return;
		}
		case FILTER_BEYOND:
			appendStringInfo(&d->out, "%s%s %s ALL (%s)%s", filter->negated ? "NOT (" : "",
							 column_sql(d, filter->column), compare_sql(filter->compare),
							 rows_sql(filter->among, filter->among_column),
							 filter->negated ? ")" : "");
			return;
		case FILTER_EXISTS:
			append_exists(d, filter->exists);
			return;
		case FILTER_VALUES:
			append_values(d, filter);
			return;
		case FILTER_TIME:
			append_time(d, filter);
			return;
		default:
			break;
	}
	sql = filter->aggregate != AGGREGATE_NONE ? aggregate_sql(d, filter->column, filter->aggregate)
											  : column_sql(d, filter->column);
	switch (filter->kind)
	{
		case FILTER_COMPARE:
			if (filter->negated)
				appendStringInfo(&d->out, "NOT (%s %s %s)", sql, compare_sql(filter->compare),
								 (char *) linitial(filter->values));
			else
				appendStringInfo(&d->out, "%s %s %s", sql, compare_sql(filter->compare),
								 (char *) linitial(filter->values));
			break;
		case FILTER_BETWEEN:
			appendStringInfo(&d->out, "%s %sBETWEEN %s AND %s", sql, filter->negated ? "NOT " : "",
							 (char *) linitial(filter->values), (char *) lsecond(filter->values));
			break;
		case FILTER_MATCH:
			appendStringInfo(&d->out, "%s %sILIKE %s", sql, filter->negated ? "NOT " : "",
							 like_pattern(filter->match, linitial(filter->values)));
			break;
		case FILTER_NULL:
			appendStringInfo(&d->out, "%s IS %sNULL", sql, filter->negated ? "NOT " : "");
			break;
		case FILTER_TRUE:
			appendStringInfo(&d->out, filter->negated ? "NOT %s" : "%s", sql);
			break;
		case FILTER_AVERAGE:
			appendStringInfo(&d->out, "%s %s (SELECT avg(%s) FROM %s)", sql,
							 compare_sql(filter->compare), bare_sql(d, filter->column),
							 relation_sql(d, filter->column.relation));
			break;
		default:
			elog(ERROR, "unexpected kind of condition: %d", (int) filter->kind);
	}
}

static char *
filter_sql(Deparse *d, const Filter *filter)
{
	StringInfoData saved = d->out;
	char *sql;

	initStringInfo(&d->out);
	append_filter(d, filter);
	sql = d->out.data;
	d->out = saved;
	return sql;
}

static char *
output_sql(Deparse *d, const Output *output)
{
	char *sql;

	if (output->bucket != TIME_UNIT_NONE)
		return bucket_sql(column_sql(d, output->column), output->bucket);
	sql = aggregate_sql(d, output->column, output->aggregate);
	if (output->only && term_aggregate(d->query->snapshot, output->column) != AGGREGATE_NONE)
		sql = term_sql(
			snapshot_term(d->query->snapshot, output->column.relation, output->column.column),
			alias_of(d, output->column.relation), filter_sql(d, output->only));
	else if (output->only)
		sql = psprintf("%s FILTER (WHERE %s)", sql, filter_sql(d, output->only));
	if (output->less)
		sql = psprintf("%s\n    - %s", sql, output_sql(d, output->less));
	return sql;
}

/* "a.x = b.y [AND ...]" of one step */
static void
append_join_condition(Deparse *d, const JoinStep *step)
{
	const SnapshotEdge *edge = &d->query->snapshot->edges[step->edge];
	const SnapshotRelation *from = &d->query->snapshot->relations[edge->from];
	const SnapshotRelation *to = &d->query->snapshot->relations[edge->to];

	for (int i = 0; i < edge->nkeys; i++)
	{
		FieldRef from_ref = {.relation = edge->from,
							 .column = snapshot_column_by_attnum(from, edge->from_attnums[i])};
		FieldRef to_ref = {.relation = edge->to,
						   .column = snapshot_column_by_attnum(to, edge->to_attnums[i])};
		FieldRef mine = step->relation == edge->from ? from_ref : to_ref;
		FieldRef parents = step->relation == edge->from ? to_ref : from_ref;

		appendStringInfo(&d->out, "%s%s = %s", i > 0 ? " AND " : "", column_sql(d, mine),
						 column_sql(d, parents));
	}
}

static void
append_exists(Deparse *d, const ExistsGroup *group)
{
	int saved = d->naliases;
	ListCell *lc;
	int mark;

	/* a negated group starts its own chain, so its relations may stand outside too */
	for (int i = 0; i < group->nsteps; i++)
		push_alias(d, group->steps[i].relation);
	appendStringInfo(&d->out, "%sEXISTS (SELECT 1\n    FROM %s AS %s", group->negated ? "NOT " : "",
					 relation_sql(d, group->steps[0].relation), d->aliases[saved].alias);
	for (int i = 1; i < group->nsteps; i++)
	{
		appendStringInfo(&d->out, "\n    JOIN %s AS %s ON ",
						 relation_sql(d, group->steps[i].relation), d->aliases[saved + i].alias);
		append_join_condition(d, &group->steps[i]);
	}
	appendStringInfoString(&d->out, "\n    WHERE ");
	append_join_condition(d, &group->steps[0]);
	foreach (lc, group->filters)
	{
		appendStringInfoString(&d->out, "\n      AND ");
		append_filter(d, lfirst(lc));
	}
	appendStringInfoChar(&d->out, ')');
	/* keep the names taken, so that no later alias shadows them */
	for (mark = saved; mark < d->naliases; mark++)
		d->aliases[mark].relation = -1;
}

static void
append_from(Deparse *d)
{
	const JoinPlan *plan = &d->query->plan;

	appendStringInfo(&d->out, "\nFROM %s AS %s", relation_sql(d, plan->root),
					 alias_of(d, plan->root));
	for (int i = 0; i < plan->nsteps; i++)
	{
		appendStringInfo(&d->out, "\nJOIN %s AS %s ON ", relation_sql(d, plan->steps[i].relation),
						 alias_of(d, plan->steps[i].relation));
		append_join_condition(d, &plan->steps[i]);
	}
}

static void
append_where(Deparse *d)
{
	const char *word = "\nWHERE ";
	ListCell *lc;

	foreach (lc, d->query->filters)
	{
		appendStringInfoString(&d->out, word);
		append_filter(d, lfirst(lc));
		word = "\n  AND ";
	}
	foreach (lc, d->query->exists)
	{
		appendStringInfoString(&d->out, word);
		append_exists(d, lfirst(lc));
		word = "\n  AND ";
	}
}

/*
 * The place of a row in its ranking: rows that are as good share a place, but
 * where so many are wanted of each there are just so many.
 */
static void
append_place(Deparse *d)
{
	const AskQuery *query = d->query;
	const OrderKey *key = linitial(query->orders);
	const char *word = "PARTITION BY ";
	const char *function = query->place > 0    ? "dense_rank"
						   : query->limit == 1 ? "rank"
											   : "row_number";
	ListCell *lc;

	appendStringInfo(&d->out, ",\n  %s() OVER (", function);
	foreach (lc, query->outputs)
	{
		const Output *output = lfirst(lc);

		if (!output->within)
			continue;
		appendStringInfo(&d->out, "%s%s", word, output_sql(d, output));
		word = ", ";
	}
	appendStringInfo(&d->out, "%sORDER BY %s%s) AS %s", query->within ? " " : "",
					 output_sql(d, key->output), key->descending ? " DESC NULLS LAST" : "",
					 place_name(query));
}

static void
append_select(Deparse *d)
{
	ListCell *lc;
	const char *comma = "";

	appendStringInfoString(&d->out, d->query->distinct && !d->query->aggregated ? "SELECT DISTINCT "
																				: "SELECT ");
	foreach (lc, d->query->outputs)
	{
		const Output *output = lfirst(lc);
		char *sql;

		if (output->hidden)
			continue;
		sql = output_sql(d, output);
		if (d->query->rounded && output->aggregate != AGGREGATE_NONE)
			sql = psprintf("round((%s)::numeric, %d)", sql, d->query->digits);
		appendStringInfo(&d->out, "%s%s", comma, sql);
		if (output->column.column < 0 || output->aggregate != AGGREGATE_NONE ||
			output->bucket != TIME_UNIT_NONE || output->column.elapsed ||
			snapshot_term(d->query->snapshot, output->column.relation, output->column.column) ||
			strcmp(output->name, column_of(d, output->column)->name) != 0)
			appendStringInfo(&d->out, " AS %s", quote_identifier(output->name));
		if (output->share)
			appendStringInfo(
				&d->out, ",\n  round((100.0 * %s / nullif(sum(%s) OVER (), 0))::numeric, 2) AS %s",
				sql, sql, "share_percent");
		comma = ",\n  ";
	}
	if (query_wants_place(d->query))
		append_place(d);
}

/* also by one column more, where one is given */
static void
append_group_by(Deparse *d, const FieldRef *also)
{
	const char *word = "\nGROUP BY ";
	ListCell *lc;

	if (!d->query->aggregated)
		return;
	foreach (lc, d->query->outputs)
	{
		const Output *output = lfirst(lc);
		char *number;

		if (!output->group)
			continue;
		/* names of days and months are ordered by their number */
		number = bucket_order_sql(column_sql(d, output->column), output->bucket);
		if (number)
			appendStringInfo(&d->out, "%s%s", word, number);
		appendStringInfo(&d->out, "%s%s", number ? ", " : word, output_sql(d, output));
		word = ", ";
		if (also && output->column.relation == also->relation &&
			output->column.column == also->column && output->bucket == TIME_UNIT_NONE)
			also = NULL;
	}
	if (also)
		appendStringInfo(&d->out, "%s%s", word, column_sql(d, *also));
	word = "\nHAVING ";
	foreach (lc, d->query->having)
	{
		appendStringInfoString(&d->out, word);
		append_filter(d, lfirst(lc));
		word = " AND ";
	}
}

static void
append_limit(Deparse *d)
{
	if (d->query->limit == 1 && d->query->ties)
		appendStringInfoString(&d->out, "\nFETCH FIRST ROW WITH TIES");
	else if (d->query->limit > 0)
		appendStringInfo(&d->out, "\nLIMIT " INT64_FORMAT, d->query->limit);
}

/*
 * The rows of the place that is asked for, of the ranked rows before.
 */
static void
append_ranked(Deparse *d, StringInfo ranked)
{
	const AskQuery *query = d->query;
	const char *word = "SELECT ";
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		const Output *output = lfirst(lc);

		if (output->hidden)
			continue;
		appendStringInfo(&d->out, "%s%s", word, quote_identifier(output->name));
		word = ",\n  ";
	}
	appendStringInfoString(&d->out, "\nFROM (");
	for (const char *p = ranked->data; *p; p++)
	{
		appendStringInfoChar(&d->out, *p);
		if (*p == '\n')
			appendStringInfoString(&d->out, "  ");
	}
	appendStringInfo(&d->out, ") AS ranked\nWHERE %s", place_condition(query));
	word = "\nORDER BY ";
	foreach (lc, query->outputs)
	{
		const Output *output = lfirst(lc);

		if (!output->within || output->hidden)
			continue;
		appendStringInfo(&d->out, "%s%s", word, quote_identifier(output->name));
		word = ", ";
	}
	if (query->within && query->place == 0 && query->limit > 1)
		appendStringInfo(&d->out, ", %s", place_name(query));
}

static void
append_order_by(Deparse *d)
{
	const char *word = "\nORDER BY ";
	ListCell *lc;

	foreach (lc, d->query->orders)
	{
		const OrderKey *key = lfirst(lc);
		char *number =
			key->output->bucket == TIME_UNIT_NONE
				? NULL
				: bucket_order_sql(column_sql(d, key->output->column), key->output->bucket);

		appendStringInfo(&d->out, "%s%s%s", word,
						 number ? number : quote_identifier(key->output->name),
						 key->descending ? " DESC NULLS LAST" : "");
		word = ", ";
	}
	append_limit(d);
}

/*
 * One column of the rows of another query, as a sub-select.
 */
static char *
rows_sql(const AskQuery *query, FieldRef column)
{
	Deparse d = {.query = query};
	const char *word = "\nORDER BY ";
	StringInfoData indented;
	ListCell *lc;

	initStringInfo(&d.out);
	alias_of(&d, query->plan.root);
	if (query_wants_place(query))
		appendStringInfo(&d.out, "\nSELECT %s\nFROM (",
						 quote_identifier(column_of(&d, column)->name));
	appendStringInfo(&d.out, "%sSELECT %s", query_wants_place(query) ? "" : "\n",
					 column_sql(&d, column));
	if (query_wants_place(query))
		append_place(&d);
	append_from(&d);
	append_where(&d);
	append_group_by(&d, &column);
	foreach (lc, query->orders)
	{
		const OrderKey *key = lfirst(lc);

		if (query->limit == 0 || query_wants_place(query))
			break;
		appendStringInfo(&d.out, "%s%s%s", word, output_sql(&d, key->output),
						 key->descending ? " DESC NULLS LAST" : "");
		word = ", ";
	}
	if (query_wants_place(query))
		appendStringInfo(&d.out, ") AS ranked\nWHERE %s", place_condition(query));
	else
		append_limit(&d);
	initStringInfo(&indented);
	for (const char *p = d.out.data; *p; p++)
	{
		appendStringInfoChar(&indented, *p);
		if (*p == '\n')
			appendStringInfoString(&indented, "    ");
	}
	return indented.data;
}

char *
deparse_query(const AskQuery *query)
{
	Deparse d = {.query = query};

	query_name_outputs(query);
	initStringInfo(&d.out);
	alias_of(&d, query->plan.root);
	if (query->count_groups)
		appendStringInfo(
			&d.out, "SELECT count(*) AS %s\nFROM (",
			quote_identifier(
				query->subject >= 0
					? psprintf("number_of_%s", query->snapshot->relations[query->subject].name)
					: "number"));
	if (query->average_groups)
	{
		char *number = query_number_of_groups(query);

		appendStringInfo(&d.out, "SELECT avg(n.%s) AS %s\nFROM (", quote_identifier(number),
						 quote_identifier(psprintf("average_%s", number)));
	}
	append_select(&d);
	append_from(&d);
	append_where(&d);
	append_group_by(&d, NULL);
	if (query_wants_place(query))
	{
		StringInfoData ranked = d.out;

		initStringInfo(&d.out);
		append_ranked(&d, &ranked);
	}
	else if (!query->average_groups)
		append_order_by(&d);
	if (query->count_groups)
		appendStringInfoString(&d.out, ") AS counted");
	if (query->average_groups)
		appendStringInfoString(&d.out, ") AS n");
	return d.out.data;
}
