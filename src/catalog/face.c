/*-------------------------------------------------------------------------
 *
 * face.c
 *		The snapshot as rows: what the caller can ask about, and what each word
 *		or value leads to.
 *
 * All of these show the snapshot of the caller's asking role, so they show
 * nothing that the caller's questions could not.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/profile.h"
#include "catalog/snapshot_private.h"
#include "common/owner.h"
#include "common/words.h"
#include "miscadmin.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(sql_agent_asking_role);
PG_FUNCTION_INFO_V1(sql_agent_snapshot_info);
PG_FUNCTION_INFO_V1(sql_agent_snapshot_tables);
PG_FUNCTION_INFO_V1(sql_agent_snapshot_columns);
PG_FUNCTION_INFO_V1(sql_agent_snapshot_relationships);
PG_FUNCTION_INFO_V1(sql_agent_find_word);
PG_FUNCTION_INFO_V1(sql_agent_find_value);
PG_FUNCTION_INFO_V1(sql_agent_column_profile);

#define INFO_NATTS          8
#define TABLES_NATTS        10
#define COLUMNS_NATTS       10
#define RELATIONSHIPS_NATTS 8
#define FIND_WORD_NATTS     5
#define FIND_VALUE_NATTS    5
#define PROFILE_NATTS       7

static AskSnapshot *
callers_snapshot(void)
{
	(void) extension_owner();
	return snapshot_get(identity_asking_role());
}

/*
 * The role that the caller's questions run as.
 */
Datum
sql_agent_asking_role(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(DirectFunctionCall1(
		namein, CStringGetDatum(GetUserNameFromId(identity_asking_role(), false))));
}

/*
 * Version and size of the caller's snapshot in this backend.
 */
Datum
sql_agent_snapshot_info(PG_FUNCTION_ARGS)
{
	AskSnapshot *snapshot = callers_snapshot();
	CatalogSnapshot *whole = snapshot->private_data;
	TupleDesc desc;
	Datum values[INFO_NATTS] = {0};
	bool nulls[INFO_NATTS] = {0};
	int columns = 0;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	for (int i = 0; i < snapshot->nrelations; i++)
		columns += snapshot->relations[i].ncolumns;
	values[0] =
		DirectFunctionCall1(namein, CStringGetDatum(GetUserNameFromId(snapshot->role, false)));
	values[1] = Int64GetDatum((int64) snapshot->version);
	values[2] = Int32GetDatum(snapshot->nrelations);
	values[3] = Int32GetDatum(columns);
	values[4] = Int32GetDatum(whole->nstems);
	values[5] = Int64GetDatum((int64) MemoryContextMemAllocated(whole->context, true));
	values[6] = Int32GetDatum(profile_store_count(whole->profiles));
	values[7] = Int64GetDatum((int64) profile_store_bytes(whole->profiles));
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

static void
put_text(Datum *values, bool *nulls, int i, const char *text)
{
	nulls[i] = text == NULL;
	if (text != NULL)
		values[i] = CStringGetTextDatum(text);
}

static void
put_name(Datum *values, int i, const char *name)
{
	values[i] = DirectFunctionCall1(namein, CStringGetDatum(name));
}

static const char *
kind_name(char relkind)
{
	switch (relkind)
	{
		case RELKIND_RELATION:
			return "table";
		case RELKIND_PARTITIONED_TABLE:
			return "partitioned table";
		case RELKIND_VIEW:
			return "view";
		case RELKIND_MATVIEW:
			return "materialized view";
		default:
			return "foreign table";
	}
}

static bool
role_owns(Oid role, Oid relid)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	bool result = false;

	if (HeapTupleIsValid(tuple))
	{
		result = has_privs_of_role(role, ((Form_pg_class) GETSTRUCT(tuple))->relowner);
		ReleaseSysCache(tuple);
	}
	return result;
}

/*
 * A tenant's own are those of its schema; they belong to a role that no member
 * inherits from.
 */
static const char *
origin_of(Oid role, const TenantIdentity *tenant, const SnapshotRelation *relation)
{
	if (tenant->name != NULL && strcmp(relation->schema, tenant->name) == 0)
		return "own";
	return role_owns(role, relation->relid) ? "own" : "shared";
}

Datum
sql_agent_snapshot_tables(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	AskSnapshot *snapshot;
	const RelationDetail *details;

	InitMaterializedSRF(fcinfo, 0);
	snapshot = callers_snapshot();
	details = ((CatalogSnapshot *) snapshot->private_data)->details;
	for (int i = 0; i < snapshot->nrelations; i++)
	{
		const SnapshotRelation *relation = &snapshot->relations[i];
		const TenantIdentity *tenant = tenant_identity(snapshot->role);
		/* of a table with rows of other tenants, how many there are is not this one's to know */
		bool counts_hidden = tenant->state != TENANT_NONE && details[i].row_security;
		Datum values[TABLES_NATTS] = {0};
		bool nulls[TABLES_NATTS] = {0};

		put_name(values, 0, relation->schema);
		put_name(values, 1, relation->name);
		put_text(values, nulls, 2, kind_name(relation->relkind));
		nulls[3] = relation->row_estimate < 0 || counts_hidden;
		values[3] = Int64GetDatum((int64) relation->row_estimate);
		values[4] = Int32GetDatum(relation->ncolumns);
		put_text(values, nulls, 5, relation->comment);
		put_text(values, nulls, 6, origin_of(snapshot->role, tenant, relation));
		values[7] = ObjectIdGetDatum(relation->relid);
		values[8] = Int32GetDatum(relation->nprimary_key);
		values[9] = BoolGetDatum(counts_hidden);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

static const char *
class_name(uint8 type_class)
{
	static const char *const names[] = {"other", "boolean", "integer",   "number", "text",
										"enum",  "date",    "timestamp", "time",   "interval",
										"uuid",  "json",    "array"};

	Assert(type_class < lengthof(names));
	return names[type_class];
}

Datum
sql_agent_snapshot_columns(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	AskSnapshot *snapshot;

	InitMaterializedSRF(fcinfo, 0);
	snapshot = callers_snapshot();
	snapshot_infer_edges(snapshot);
	for (int i = 0; i < snapshot->nrelations; i++)
		for (int c = 0; c < snapshot->relations[i].ncolumns; c++)
		{
			const SnapshotColumn *column = &snapshot->relations[i].columns[c];
			Datum values[COLUMNS_NATTS] = {0};
			bool nulls[COLUMNS_NATTS] = {0};

			put_name(values, 0, snapshot->relations[i].schema);
			put_name(values, 1, snapshot->relations[i].name);
			put_name(values, 2, column->name);
			put_text(values, nulls, 3, format_type_with_typemod(column->type, column->typmod));
			put_text(values, nulls, 4, class_name(column->type_class));
			values[5] = BoolGetDatum(column->not_null);
			values[6] = BoolGetDatum(column->in_primary_key);
			values[7] = BoolGetDatum(column->unique_alone);
			values[8] = BoolGetDatum(column->in_foreign_key);
			put_text(values, nulls, 9, column->comment);
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
	return (Datum) 0;
}

static Datum
column_names(const SnapshotRelation *relation, const AttrNumber *attnums, int count)
{
	Datum *names = palloc(count * sizeof(Datum));

	for (int i = 0; i < count; i++)
	{
		int column = snapshot_column_by_attnum(relation, attnums[i]);

		names[i] = DirectFunctionCall1(namein, CStringGetDatum(relation->columns[column].name));
	}
	return PointerGetDatum(
		construct_array(names, count, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR));
}

Datum
sql_agent_snapshot_relationships(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	AskSnapshot *snapshot;

	InitMaterializedSRF(fcinfo, 0);
	snapshot = callers_snapshot();
	for (int i = 0; i < snapshot->nrelations; i++)
	{
		int count;
		const int *edges = snapshot_edges_of(snapshot, i, &count);

		for (int e = 0; e < count; e++)
		{
			const SnapshotEdge *edge = &snapshot->edges[edges[e]];
			const SnapshotRelation *from = &snapshot->relations[edge->from];
			const SnapshotRelation *to = &snapshot->relations[edge->to];
			Datum values[RELATIONSHIPS_NATTS] = {0};
			bool nulls[RELATIONSHIPS_NATTS] = {0};

			/* each edge is listed at both of its ends */
			if (edge->from != i)
				continue;
			put_name(values, 0, from->schema);
			put_name(values, 1, from->name);
			values[2] = column_names(from, edge->from_attnums, edge->nkeys);
			put_name(values, 3, to->schema);
			put_name(values, 4, to->name);
			values[5] = column_names(to, edge->to_attnums, edge->nkeys);
			values[6] = BoolGetDatum(edge->declared);
			values[7] = Float4GetDatum(edge->score);
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}

static void
put_place(const AskSnapshot *snapshot, int relation, int column, Datum *values, bool *nulls)
{
	put_name(values, 0, snapshot->relations[relation].schema);
	put_name(values, 1, snapshot->relations[relation].name);
	nulls[2] = column < 0;
	if (column >= 0)
		put_name(values, 2, snapshot->relations[relation].columns[column].name);
}

/*
 * find_word(word): where the word stands in names, comments and synonyms.
 */
Datum
sql_agent_find_word(PG_FUNCTION_ARGS)
{
	static const char *const sources[] = {"name", "comment", "synonym"};
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	List *words = words_of_text(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	AskSnapshot *snapshot;
	const WordPosting *postings;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	if (list_length(words) != 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("argument must be a single word")));
	snapshot = callers_snapshot();
	postings = snapshot_find_word(snapshot, linitial(words), &count);
	for (int i = 0; i < count; i++)
	{
		Datum values[FIND_WORD_NATTS] = {0};
		bool nulls[FIND_WORD_NATTS] = {0};

		put_place(snapshot, postings[i].relation, postings[i].column, values, nulls);
		put_text(values, nulls, 3, sources[postings[i].source]);
		values[4] = Int32GetDatum(postings[i].nwords);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

static void
put_found_values(ReturnSetInfo *result, AskSnapshot *snapshot, const ValuePosting *postings,
				 int count, const char *match)
{
	for (int i = 0; i < count; i++)
	{
		Datum values[FIND_VALUE_NATTS] = {0};
		bool nulls[FIND_VALUE_NATTS] = {0};

		put_place(snapshot, postings[i].relation, postings[i].column, values, nulls);
		put_text(values, nulls, 3, postings[i].value);
		put_text(values, nulls, 4, match);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

/*
 * find_value(phrase): the stored values that the phrase can mean.
 */
Datum
sql_agent_find_value(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char *phrase = words_fold_phrase(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	AskSnapshot *snapshot;
	const ValuePosting *postings;
	bool incomplete;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	snapshot = callers_snapshot();
	if (snapshot->nrelations > SNAPSHOT_PROFILE_ALL)
		for (int i = 0; i < snapshot->nrelations; i++)
			snapshot_profile_relations(snapshot, &i, 1);
	postings = snapshot_find_value(snapshot, phrase, &count, &incomplete);
	if (count == 0 && snapshot_refresh_values(snapshot))
		postings = snapshot_find_value(snapshot, phrase, &count, &incomplete);
	put_found_values(result, snapshot, postings, count, "whole");
	postings = snapshot_find_value_part(snapshot, phrase, &count, &incomplete);
	put_found_values(result, snapshot, postings, count, "part");
	return (Datum) 0;
}

static Datum
text_array(const char **values, int count)
{
	Datum *elements = palloc(Max(count, 1) * sizeof(Datum));

	for (int i = 0; i < count; i++)
		elements[i] = CStringGetTextDatum(values[i]);
	return PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * column_profile(relation, column): what is known of the column's values;
 * no row where that is nothing.
 */
Datum
sql_agent_column_profile(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid relid = PG_GETARG_OID(0);
	const char *name = NameStr(*PG_GETARG_NAME(1));
	AskSnapshot *snapshot;
	const ColumnProfile *profile;
	int relation;
	int column = -1;
	Datum values[PROFILE_NATTS] = {0};
	bool nulls[PROFILE_NATTS] = {0};

	InitMaterializedSRF(fcinfo, 0);
	snapshot = callers_snapshot();
	relation = snapshot_relation_by_oid(snapshot, relid);
	for (int i = 0; relation >= 0 && i < snapshot->relations[relation].ncolumns; i++)
		if (strcmp(snapshot->relations[relation].columns[i].name, name) == 0)
			column = i;
	if (column < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("there is no column \"%s\" of that table that can be asked about", name),
				 errhint("View sql_agent.my_columns lists what can be asked about.")));
	profile = snapshot_profile(snapshot, relation, column);
	if (profile == NULL)
		return (Datum) 0;
	values[0] = BoolGetDatum(profile->complete);
	values[1] = BoolGetDatum(profile->sampled);
	values[2] = text_array(profile->values, profile->nvalues);
	put_text(values, nulls, 3, profile->min);
	put_text(values, nulls, 4, profile->max);
	values[5] = Float4GetDatum(profile->null_share);
	values[6] = Float8GetDatum(profile->distinct_seen);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return (Datum) 0;
}
