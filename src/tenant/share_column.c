/*-------------------------------------------------------------------------
 *
 * share_column.c
 *		Can the column of a table tell tenants apart?
 *
 * It decides whose a row is, so it must be of a type in which two keys are
 * equal only when their texts are: no char(n), which ignores trailing blanks,
 * no numeric, no citext, no collation that takes different texts for the same.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/indexing.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "tenant/share.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static bool
type_keeps_keys_apart(Oid type)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case TEXTOID:
		case VARCHAROID:
		case UUIDOID:
			return true;
		default:
			return type_is_enum(type);
	}
}

static void
check_column_type(const ShareTarget *target, Form_pg_attribute form, Oid type)
{
	if (!type_keeps_keys_apart(type))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of type %s can not tell tenants apart",
						NameStr(form->attname), format_type_be(form->atttypid)),
				 errdetail("A tenant column is smallint, integer, bigint, text, varchar, uuid, an "
						   "enum, or a domain over one of them.")));
	if (OidIsValid(form->attcollation) && !get_collation_isdeterministic(form->attcollation))
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("column \"%s\" can not tell tenants apart", NameStr(form->attname)),
						errdetail("Its collation takes different texts for the same.")));
}

static bool
note_leading_index(HeapTuple tuple, TupleDesc desc, void *context)
{
	Form_pg_index form = (Form_pg_index) GETSTRUCT(tuple);
	AttrNumber *column = (AttrNumber *) context;

	if (form->indisvalid && form->indnkeyatts > 0 && form->indkey.values[0] == *column &&
		heap_attisnull(tuple, Anum_pg_index_indpred, NULL))
		*column = InvalidAttrNumber;
	return *column == InvalidAttrNumber;
}

static void
warn_of_column(const ShareTarget *target, Form_pg_attribute form)
{
	AttrNumber column = form->attnum;

	share_each_row(IndexRelationId, IndexIndrelidIndexId, Anum_pg_index_indrelid, target->relid,
				   note_leading_index, &column);
	if (column != InvalidAttrNumber)
		ereport(WARNING, (errmsg("no index of \"%s\" begins with column \"%s\"", target->name,
								 NameStr(form->attname)),
						  errdetail("Every question of a tenant will read the whole table."),
						  errhint("CREATE INDEX ON %s (%s).", target->qualified,
								  quote_identifier(NameStr(form->attname)))));
	if (!form->attnotnull)
		ereport(NOTICE, (errmsg("column \"%s\" of \"%s\" may be null", NameStr(form->attname),
								target->name),
						 errdetail("No tenant sees rows in which it is.")));
}

/*
 * Who has nothing to do with a tenant sees every row that he may read at all;
 * so that must not be everybody.
 */
static void
require_not_public(const ShareTarget *target)
{
	if (share_may_read(target->relid, ACL_ID_PUBLIC))
		ereport(
			ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("everybody may read \"%s\"", target->name),
			 errdetail("PUBLIC has SELECT on it, so a login without a tenant would see the rows "
					   "of all tenants."),
			 errhint("REVOKE SELECT ON %s FROM PUBLIC.", target->qualified)));
}

void
share_check_column(ShareTarget *target, const char *column, Oid tenant_group)
{
	HeapTuple tuple;
	Form_pg_attribute form;
	Oid type;

	if (target->relkind != RELKIND_RELATION && target->relkind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not a table", target->name),
				 errdetail("Only a table can have row security."),
				 errhint("Share the tables that it reads with a tenant column.")));
	tuple = SearchSysCacheAttName(target->relid, column);
	if (!HeapTupleIsValid(tuple) || ((Form_pg_attribute) GETSTRUCT(tuple))->attnum < 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("column \"%s\" of \"%s\" does not exist", column, target->name)));
	form = (Form_pg_attribute) GETSTRUCT(tuple);
	type = getBaseType(form->atttypid);
	check_column_type(target, form, type);
	require_not_public(target);
	share_require_hidden_parts(target, tenant_group);
	warn_of_column(target, form);
	target->column = pstrdup(NameStr(form->attname));
	target->key_type = format_type_be_qualified(type);
	ReleaseSysCache(tuple);
}
