/*-------------------------------------------------------------------------
 *
 * schematext.c
 *		A relation as a model reads it: short DDL with comments.
 *
 *	CREATE TABLE shop.orders ( -- one row a checkout; ~1M rows
 *	  id bigint PK,
 *	  customer_id integer NOT NULL -> shop.customers.id,
 *	  status text, -- values: 'open', 'paid'
 *	);
 *
 * The same relation gives the same bytes: everything is in the order of the
 * catalog, and what changes from day to day is rounded.  Private columns are
 * not there, nor is what could not be typed: names with control or invisible
 * characters.
 *
 * Values are told under sql_agent.share_values, as the asking role sees them,
 * of columns with few of them; what looks like a secret or names a person, and
 * what is different in every row, stays.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "common/display.h"
#include "common/settings.h"
#include "common/words.h"
#include "translate/prompt.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#define RELATION_COMMENT_WIDTH 200
#define COLUMN_COMMENT_WIDTH   120
#define SHORT_COMMENT_WIDTH    80
#define MAX_TOLD_VALUES        10
/* a column with more different values is none of categories */
#define MAX_CATEGORIES 50
/* nor is one that has a value for every second row */
#define MAX_DISTINCT_SHARE 0.5

/* stems of column names whose values are nobody's business */
static const char *const sensitive_words[] = {
	"password", "passwd",     "pwd",       "passphrase", "secret",  "token",   "credential",
	"apikey",   "salt",       "pin",       "iban",       "bic",     "ssn",     "passport",
	"email",    "mail",       "phone",     "telefon",    "fax",     "mobile",  "cvv",
	"cvc",      "creditcard", "birthdate", "birthday",   "dob",     "tax",     "taxid",
	"salary",   "diagnosis",  "address",   "street",     "surname", "lastname"};

bool
schema_values_may_leave(const SnapshotColumn *column)
{
	ListCell *lc;

	if (column->is_private || setting_share_values == SHARE_NONE)
		return false;
	foreach (lc, words_of_identifier(column->name))
		for (int i = 0; i < lengthof(sensitive_words); i++)
			if (strcmp(lfirst(lc), sensitive_words[i]) == 0)
				return false;
	return true;
}

bool
schema_name_is_clean(const char *name)
{
	return display_is_clean(name);
}

char *
schema_relation_name(const SnapshotRelation *relation)
{
	return quote_qualified_identifier(relation->schema, relation->name);
}

char *
schema_column_name(const SnapshotRelation *relation, const SnapshotColumn *column)
{
	return psprintf("%s.%s", schema_relation_name(relation), quote_identifier(column->name));
}

static bool
relation_is_clean(const SnapshotRelation *relation)
{
	return schema_name_is_clean(relation->schema) && schema_name_is_clean(relation->name);
}

static bool
column_is_told(const SnapshotColumn *column)
{
	return !column->is_private && schema_name_is_clean(column->name);
}

/* rows that the estimate counts are not the asker's under row security */
static bool
has_row_security(Oid relid)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	bool result = true;

	if (HeapTupleIsValid(tuple))
	{
		result = ((Form_pg_class) GETSTRUCT(tuple))->relrowsecurity;
		ReleaseSysCache(tuple);
	}
	return result;
}

/* "~3M rows": one digit, so that it changes rarely */
static void
append_row_estimate(StringInfo out, double rows)
{
	static const char *const units[] = {"", "K", "M", "G", "T"};
	int unit = 0;
	double scale = 1;

	while (rows >= 1000 && unit < lengthof(units) - 1)
	{
		rows /= 1000;
		unit++;
	}
	while (rows >= 10 * scale)
		scale *= 10;
	appendStringInfo(out, "~%.0f%s rows", scale * (int64) (rows / scale + 0.5), units[unit]);
}

/* parts of a trailing comment, parted by "; " */
static StringInfo
next_part(StringInfo parts)
{
	if (parts->len > 0)
		appendStringInfoString(parts, "; ");
	return parts;
}

/* a comment that speaks of a private column of its table stays too */
static bool
comment_is_told(const SnapshotRelation *relation, const char *comment)
{
	if (comment == NULL || *comment == '\0')
		return false;
	for (int i = 0; i < relation->ncolumns; i++)
		if (relation->columns[i].is_private && prompt_names(comment, relation->columns[i].name))
			return false;
	return true;
}

static void
append_comment(StringInfo parts, const SnapshotRelation *relation, const char *comment, int width)
{
	if (comment_is_told(relation, comment))
		appendStringInfoString(next_part(parts), prompt_text(comment, width));
}

/*
 * Are the values those of a few categories, and not of single rows?
 */
static bool
values_are_categories(const SnapshotRelation *relation, const SnapshotColumn *column,
					  const ColumnProfile *profile)
{
	if (column->unique_alone || !profile->complete || profile->nvalues < 1 ||
		profile->nvalues > MAX_CATEGORIES)
		return false;
	return relation->row_estimate <= 0 ||
		   profile->nvalues <= Max(2, MAX_DISTINCT_SHARE * relation->row_estimate);
}

static void
append_values(StringInfo parts, const ColumnProfile *profile)
{
	int told = Min(profile->nvalues, MAX_TOLD_VALUES);

	if (profile->nvalues > told)
		appendStringInfo(next_part(parts), "%d values, such as ", profile->nvalues);
	else
		appendStringInfoString(next_part(parts), "values: ");
	for (int i = 0; i < told; i++)
		/* of more than are told, some from everywhere */
		appendStringInfo(parts, "%s%s", i > 0 ? ", " : "",
						 prompt_literal(profile->values[(int64) i * profile->nvalues / told]));
}

static void
append_profile(StringInfo parts, AskSnapshot *snapshot, int position, int column_position)
{
	const SnapshotRelation *relation = &snapshot->relations[position];
	const SnapshotColumn *column = &relation->columns[column_position];
	const ColumnProfile *profile;

	if (!schema_values_may_leave(column))
		return;
	profile = snapshot_profile(snapshot, position, column_position);
	if (profile == NULL)
		return;
	if (values_are_categories(relation, column, profile))
		append_values(parts, profile);
	else if (profile->min != NULL && profile->max != NULL && !column->in_primary_key &&
			 !column->in_foreign_key)
		appendStringInfo(next_part(parts), "%s .. %s", prompt_text(profile->min, 30),
						 prompt_text(profile->max, 30));
	if (profile->null_share >= 0.01)
		appendStringInfo(next_part(parts), "null %.0f%%", profile->null_share * 100);
}

/* where the column leads, over a key of this one column; NULL where nowhere */
static const SnapshotEdge *
edge_of_column(AskSnapshot *snapshot, int position, AttrNumber attnum)
{
	int count;
	const int *edges = snapshot_edges_of(snapshot, position, &count);
	const SnapshotEdge *best = NULL;

	for (int i = 0; i < count; i++)
	{
		const SnapshotEdge *edge = &snapshot->edges[edges[i]];

		if (edge->from == position && edge->nkeys == 1 && edge->from_attnums[0] == attnum &&
			(best == NULL || edge->score > best->score))
			best = edge;
	}
	return best;
}

/* "schema.table.column" at the other end, NULL where it is not to be told */
static char *
edge_target(AskSnapshot *snapshot, const SnapshotEdge *edge)
{
	const SnapshotRelation *other = &snapshot->relations[edge->to];
	int column = snapshot_column_by_attnum(other, edge->to_attnums[0]);

	if (!relation_is_clean(other) || column < 0 || !column_is_told(&other->columns[column]))
		return NULL;
	return schema_column_name(other, &other->columns[column]);
}

static void
append_column(StringInfo out, AskSnapshot *snapshot, int position, int column_position)
{
	const SnapshotRelation *relation = &snapshot->relations[position];
	const SnapshotColumn *column = &relation->columns[column_position];
	const SnapshotEdge *edge = edge_of_column(snapshot, position, column->attnum);
	char *target = edge ? edge_target(snapshot, edge) : NULL;
	StringInfoData parts;

	initStringInfo(&parts);
	appendStringInfo(out, "  %s %s", quote_identifier(column->name),
					 format_type_with_typemod(column->type, column->typmod));
	if (column->in_primary_key && relation->nprimary_key == 1)
		appendStringInfoString(out, " PK");
	else
	{
		if (column->unique_alone)
			appendStringInfoString(out, " UNIQUE");
		if (column->not_null)
			appendStringInfoString(out, " NOT NULL");
	}
	if (target != NULL && edge->declared)
		appendStringInfo(out, " -> %s", target);
	appendStringInfoChar(out, ',');

	append_comment(&parts, relation, column->comment, COLUMN_COMMENT_WIDTH);
	if (target != NULL && !edge->declared)
		appendStringInfo(next_part(&parts), "seems to be a %s", target);
	append_profile(&parts, snapshot, position, column_position);
	if (parts.len > 0)
		appendStringInfo(out, " -- %s", parts.data);
	appendStringInfoChar(out, '\n');
	pfree(parts.data);
}

static void
append_key_columns(StringInfo out, const SnapshotRelation *relation, const AttrNumber *attnums,
				   int nkeys)
{
	for (int i = 0; i < nkeys; i++)
	{
		int column = snapshot_column_by_attnum(relation, attnums[i]);

		appendStringInfo(out, "%s%s", i > 0 ? ", " : "",
						 quote_identifier(relation->columns[column].name));
	}
}

static bool
key_is_told(const SnapshotRelation *relation, const AttrNumber *attnums, int nkeys)
{
	for (int i = 0; i < nkeys; i++)
	{
		int column = snapshot_column_by_attnum(relation, attnums[i]);

		if (column < 0 || !column_is_told(&relation->columns[column]))
			return false;
	}
	return relation_is_clean(relation);
}

/* keys of more than one column */
static void
append_keys(StringInfo out, AskSnapshot *snapshot, int position)
{
	const SnapshotRelation *relation = &snapshot->relations[position];
	int count;
	const int *edges = snapshot_edges_of(snapshot, position, &count);
	AttrNumber *key = palloc(Max(relation->ncolumns, 1) * sizeof(AttrNumber));
	int nkey = 0;

	for (int i = 0; i < relation->ncolumns; i++)
		if (relation->columns[i].in_primary_key)
			key[nkey++] = relation->columns[i].attnum;
	if (nkey > 1 && key_is_told(relation, key, nkey))
	{
		appendStringInfoString(out, "  PK (");
		append_key_columns(out, relation, key, nkey);
		appendStringInfoString(out, "),\n");
	}
	for (int i = 0; i < count; i++)
	{
		const SnapshotEdge *edge = &snapshot->edges[edges[i]];
		const SnapshotRelation *other = &snapshot->relations[edge->to];

		if (edge->from != position || edge->nkeys < 2 ||
			!key_is_told(relation, edge->from_attnums, edge->nkeys) ||
			!key_is_told(other, edge->to_attnums, edge->nkeys))
			continue;
		appendStringInfoString(out, "  (");
		append_key_columns(out, relation, edge->from_attnums, edge->nkeys);
		appendStringInfo(out, ") -> %s (", schema_relation_name(other));
		append_key_columns(out, other, edge->to_attnums, edge->nkeys);
		appendStringInfoString(out, "),\n");
	}
	pfree(key);
}

static void
append_full(StringInfo out, AskSnapshot *snapshot, int position)
{
	const SnapshotRelation *relation = &snapshot->relations[position];
	bool is_view = relation->relkind == RELKIND_VIEW || relation->relkind == RELKIND_MATVIEW;
	StringInfoData parts;

	initStringInfo(&parts);
	append_comment(&parts, relation, relation->comment, RELATION_COMMENT_WIDTH);
	if (!is_view && relation->row_estimate > 0 && !has_row_security(relation->relid))
		append_row_estimate(next_part(&parts), relation->row_estimate);
	appendStringInfo(out, "CREATE %s %s (", is_view ? "VIEW" : "TABLE",
					 schema_relation_name(relation));
	if (parts.len > 0)
		appendStringInfo(out, " -- %s", parts.data);
	appendStringInfoChar(out, '\n');
	for (int i = 0; i < relation->ncolumns; i++)
		if (column_is_told(&relation->columns[i]))
			append_column(out, snapshot, position, i);
	append_keys(out, snapshot, position);
	appendStringInfoString(out, ");\n");
	pfree(parts.data);
}

static void
append_short(StringInfo out, const SnapshotRelation *relation, bool columns)
{
	const char *separator = "";

	appendStringInfoString(out, schema_relation_name(relation));
	if (columns)
	{
		appendStringInfoChar(out, '(');
		for (int i = 0; i < relation->ncolumns; i++)
		{
			const SnapshotColumn *column = &relation->columns[i];

			if (!column_is_told(column))
				continue;
			appendStringInfo(out, "%s%s %s", separator, quote_identifier(column->name),
							 format_type_with_typemod(column->type, column->typmod));
			separator = ", ";
		}
		appendStringInfoChar(out, ')');
	}
	if (comment_is_told(relation, relation->comment))
		appendStringInfo(out, " -- %s", prompt_text(relation->comment, SHORT_COMMENT_WIDTH));
	appendStringInfoChar(out, '\n');
}

void
schema_text(StringInfo out, AskSnapshot *snapshot, int relation, RetrieveLevel level)
{
	bool told = false;

	for (int i = 0; i < snapshot->relations[relation].ncolumns; i++)
		told |= column_is_told(&snapshot->relations[relation].columns[i]);
	if (!told || !relation_is_clean(&snapshot->relations[relation]))
		return;
	if (level == RETRIEVE_FULL)
		append_full(out, snapshot, relation);
	else if (level != RETRIEVE_NOT)
		append_short(out, &snapshot->relations[relation], level == RETRIEVE_COLUMNS);
}
