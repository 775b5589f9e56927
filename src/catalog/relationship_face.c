/*-------------------------------------------------------------------------
 *
 * relationship_face.c
 *		SQL functions relationship_add and relationship_drop.
 *
 * A wrong relationship makes wrong answers that look right, so the referenced
 * columns must be a declared key, and only those may say so who may change the
 * table: its owner, the administrators of its tenant, operators.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "catalog/reader.h"
#include "catalog/relationship.h"
#include "common/owner.h"
#include "miscadmin.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(sql_agent_relationship_add);
PG_FUNCTION_INFO_V1(sql_agent_relationship_drop);

#define MAX_COLUMNS 8

static List *
names_argument(FunctionCallInfo fcinfo, int argument)
{
	Datum *names;
	bool *nulls;
	int count;
	List *result = NIL;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument), NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR,
					  &names, &nulls, &count);
	if (count < 1 || count > MAX_COLUMNS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a relationship has 1 to %d columns", MAX_COLUMNS)));
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("columns of a relationship must not be null")));
		result = lappend(result, pstrdup(NameStr(*DatumGetName(names[i]))));
	}
	return result;
}

static void
check_right(Oid relation)
{
	const TenantIdentity *identity = tenant_identity(GetUserId());
	char *schema = get_namespace_name(get_rel_namespace(relation));

	if (identity_is_operator() || compat_owns_relation(relation, GetUserId()))
		return;
	if (identity->state == TENANT_ONE && identity->admin && schema != NULL &&
		strcmp(identity->name, schema) == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("must be owner of relation %s", get_rel_name(relation)),
			 errhint("Its owner, an administrator of its tenant or an operator can say how it "
					 "belongs to others.")));
}

static void
check_relation(Oid relation)
{
	char relkind = get_rel_relkind(relation);

	if (relkind == '\0')
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("relation with OID %u does not exist", relation)));
	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("\"%s\" is not a table", get_rel_name(relation))));
}

static RecordedRelationship
read_arguments(FunctionCallInfo fcinfo)
{
	RecordedRelationship result = {.from = PG_GETARG_OID(0), .to = PG_GETARG_OID(2)};

	(void) extension_owner();
	check_relation(result.from);
	check_relation(result.to);
	check_right(result.from);
	result.from_columns = names_argument(fcinfo, 1);
	result.to_columns = names_argument(fcinfo, 3);
	if (list_length(result.from_columns) != list_length(result.to_columns))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a relationship has as many columns on both sides")));
	return result;
}

static AttrNumber
find_column(Oid relation, const char *name)
{
	AttrNumber attnum = get_attnum(relation, name);

	if (attnum <= 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("column \"%s\" of relation \"%s\" does not exist", name,
							   get_rel_name(relation))));
	return attnum;
}

static void
check_types(const RecordedRelationship *relationship)
{
	ListCell *from;
	ListCell *to;

	forboth (from, relationship->from_columns, to, relationship->to_columns)
	{
		AttrNumber from_attnum = find_column(relationship->from, lfirst(from));
		AttrNumber to_attnum = find_column(relationship->to, lfirst(to));

		if (type_class_of(get_atttype(relationship->from, from_attnum)) !=
			type_class_of(get_atttype(relationship->to, to_attnum)))
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("columns \"%s\" and \"%s\" are of different types",
								   (char *) lfirst(from), (char *) lfirst(to))));
	}
}

/* is there a unique index on just these columns? */
static bool
index_is_on(Oid index, List *columns, Oid relation)
{
	HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
	Form_pg_index form = (Form_pg_index) GETSTRUCT(tuple);
	bool result = form->indisunique && form->indisvalid && form->indimmediate &&
				  form->indnkeyatts == list_length(columns) &&
				  heap_attisnull(tuple, Anum_pg_index_indpred, NULL) &&
				  heap_attisnull(tuple, Anum_pg_index_indexprs, NULL);
	ListCell *lc;

	foreach (lc, columns)
	{
		AttrNumber attnum = get_attnum(relation, lfirst(lc));
		bool found = false;

		for (int i = 0; result && i < form->indnkeyatts; i++)
			found |= form->indkey.values[i] == attnum;
		result &= found;
	}
	ReleaseSysCache(tuple);
	return result;
}

static void
check_key(const RecordedRelationship *relationship)
{
	Relation rel = table_open(relationship->to, AccessShareLock);
	ListCell *lc;
	bool found = false;

	foreach (lc, RelationGetIndexList(rel))
		found |= index_is_on(lfirst_oid(lc), relationship->to_columns, relationship->to);
	table_close(rel, AccessShareLock);
	if (!found)
		ereport(ERROR, (errcode(ERRCODE_INVALID_FOREIGN_KEY),
						errmsg("the referenced columns are no key of relation \"%s\"",
							   get_rel_name(relationship->to)),
						errdetail("A row that meets several there would be counted several times."),
						errhint("Create a primary key or a unique constraint on them.")));
}

/*
 * relationship_add(relation, columns, references, referenced_columns): saying it
 * twice is the same as once.
 */
Datum
sql_agent_relationship_add(PG_FUNCTION_ARGS)
{
	RecordedRelationship relationship = read_arguments(fcinfo);

	check_types(&relationship);
	check_key(&relationship);
	relationship_give(&relationship);
	PG_RETURN_VOID();
}

/*
 * relationship_drop(relation, columns, references, referenced_columns)
 */
Datum
sql_agent_relationship_drop(PG_FUNCTION_ARGS)
{
	RecordedRelationship relationship = read_arguments(fcinfo);

	if (!relationship_take_back(&relationship))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("there is no such relationship of relation \"%s\"",
							   get_rel_name(relationship.from)),
						errhint("The view sql_agent.relationships lists them.")));
	PG_RETURN_VOID();
}
