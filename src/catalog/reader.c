/*-------------------------------------------------------------------------
 *
 * reader.c
 *		Reads one relation of the system catalogs as a role may see it.
 *
 * Direct index scans, not the syscache: ten thousand relations of eight
 * columns would leave some 30 MB of cache entries behind in the backend, for
 * rows that are looked at once.  Privileges are computed from the tuples at
 * hand by the same rules as pg_class_aclcheck() and pg_attribute_aclcheck().
 *
 * A relation counts when its schema is allowed, the guard would let a
 * generated statement read it, and the role holds SELECT on it or on at least
 * one of its columns.  A partition is left out where an ancestor of it counts.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/partition.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_description.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_type.h"
#include "catalog/reader.h"
#include "guard/guard.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

CatalogReader *
reader_open(Oid role, List *schemas)
{
	CatalogReader *reader = palloc0(sizeof(CatalogReader));

	reader->role = role;
	reader->schemas = schemas;
	reader->reads_everything =
		superuser_arg(role) || has_privs_of_role(role, ROLE_PG_READ_ALL_DATA);
	reader->permits = config_permits_anything();
	reader->private_columns = private_columns_read();
	reader->classes = table_open(RelationRelationId, AccessShareLock);
	reader->attributes = table_open(AttributeRelationId, AccessShareLock);
	reader->indexes = table_open(IndexRelationId, AccessShareLock);
	reader->constraints = table_open(ConstraintRelationId, AccessShareLock);
	reader->descriptions = table_open(DescriptionRelationId, AccessShareLock);
	reader->policies = table_open(PolicyRelationId, AccessShareLock);
	reader_open_recorded(reader);
	return reader;
}

void
reader_close(CatalogReader *reader)
{
	reader_close_recorded(reader);
	table_close(reader->policies, AccessShareLock);
	table_close(reader->descriptions, AccessShareLock);
	table_close(reader->constraints, AccessShareLock);
	table_close(reader->indexes, AccessShareLock);
	table_close(reader->attributes, AccessShareLock);
	table_close(reader->classes, AccessShareLock);
	pfree(reader);
}

RelationRecord *
record_set_add(RecordSet *set)
{
	if (set->count >= set->allocated)
	{
		set->allocated = set->allocated == 0 ? 64 : set->allocated * 2;
		if (set->records == NULL)
			set->records = palloc(set->allocated * sizeof(RelationRecord));
		else
			set->records = repalloc_huge(set->records, set->allocated * sizeof(RelationRecord));
	}
	memset(&set->records[set->count], 0, sizeof(RelationRecord));
	return &set->records[set->count++];
}

TypeClass
type_class_of(Oid type)
{
	char category;
	bool preferred;

	type = getBaseType(type);
	switch (type)
	{
		case BOOLOID:
			return TYPE_CLASS_BOOLEAN;
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return TYPE_CLASS_INTEGER;
		case NUMERICOID:
		case FLOAT4OID:
		case FLOAT8OID:
		case CASHOID:
			return TYPE_CLASS_NUMBER;
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case NAMEOID:
			return TYPE_CLASS_TEXT;
		case DATEOID:
			return TYPE_CLASS_DATE;
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return TYPE_CLASS_TIMESTAMP;
		case TIMEOID:
		case TIMETZOID:
			return TYPE_CLASS_TIME;
		case INTERVALOID:
			return TYPE_CLASS_INTERVAL;
		case UUIDOID:
			return TYPE_CLASS_UUID;
		case JSONOID:
		case JSONBOID:
			return TYPE_CLASS_JSON;
		default:
			break;
	}
	get_type_category_preferred(type, &category, &preferred);
	if (category == TYPCATEGORY_ENUM)
		return TYPE_CLASS_ENUM;
	if (category == TYPCATEGORY_ARRAY)
		return TYPE_CLASS_ARRAY;
	if (category == TYPCATEGORY_STRING)
	{
		char *name = format_type_be(type);
		const char *dot = strrchr(name, '.');

		if (strcmp(dot ? dot + 1 : name, "citext") == 0)
			return TYPE_CLASS_TEXT;
	}
	return TYPE_CLASS_OTHER;
}

static bool
acl_allows_select(CatalogReader *reader, Acl *acl, Oid owner)
{
	return aclmask(acl, reader->role, owner, ACL_SELECT, ACLMASK_ANY) != 0;
}

static Acl *
tuple_acl(HeapTuple tuple, AttrNumber attnum, TupleDesc desc)
{
	bool isnull;
	Datum datum = heap_getattr(tuple, attnum, desc, &isnull);

	return isnull ? NULL : DatumGetAclPCopy(datum);
}

static bool
read_class_row(CatalogReader *reader, Oid relid, ClassRow *row)
{
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	bool found;

	ScanKeyInit(&key, Anum_pg_class_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(reader->classes, ClassOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	found = HeapTupleIsValid(tuple);
	if (found)
	{
		Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);

		row->relid = relid;
		row->nspoid = form->relnamespace;
		row->owner = form->relowner;
		row->relkind = form->relkind;
		row->name = pstrdup(NameStr(form->relname));
		row->is_partition = form->relispartition;
		row->has_index = form->relhasindex;
		row->row_security = form->relrowsecurity;
		row->temporary = form->relpersistence == RELPERSISTENCE_TEMP;
		row->reltuples = form->reltuples;
		row->natts = form->relnatts;
		row->acl = tuple_acl(tuple, Anum_pg_class_relacl, RelationGetDescr(reader->classes));
	}
	systable_endscan(scan);
	return found;
}

/*
 * Everything but the privilege: is it a kind of relation that questions can
 * be about, in an allowed schema?
 */
static bool
class_row_is_candidate(CatalogReader *reader, const ClassRow *row)
{
	switch (row->relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_VIEW:
		case RELKIND_MATVIEW:
		case RELKIND_FOREIGN_TABLE:
			break;
		default:
			return false;
	}
	return !row->temporary && list_member_oid(reader->schemas, row->nspoid);
}

/* asked last: it looks at much more than a row of pg_class */
static bool
class_row_is_allowed(CatalogReader *reader, const ClassRow *row)
{
	return guard_relation_allowed(row->relid, reader->role, reader->schemas);
}

static bool
class_row_select(CatalogReader *reader, const ClassRow *row)
{
	Acl *acl = row->acl;

	if (reader->reads_everything)
		return true;
	if (acl == NULL)
		acl = acldefault(OBJECT_TABLE, row->owner);
	return acl_allows_select(reader, acl, row->owner);
}

/*
 * Reads the columns that the role may SELECT.
 */
static int
read_columns(CatalogReader *reader, const ClassRow *row, SnapshotColumn **columns)
{
	bool whole_table = class_row_select(reader, row);
	SnapshotColumn *result = palloc0(Max(row->natts, 1) * sizeof(SnapshotColumn));
	int count = 0;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;

	ScanKeyInit(&keys[0], Anum_pg_attribute_attrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(row->relid));
	ScanKeyInit(&keys[1], Anum_pg_attribute_attnum, BTGreaterStrategyNumber, F_INT2GT,
				Int16GetDatum(0));
	scan = systable_beginscan(reader->attributes, AttributeRelidNumIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)) && count < row->natts)
	{
		Form_pg_attribute form = (Form_pg_attribute) GETSTRUCT(tuple);
		SnapshotColumn *column;

		if (form->attisdropped)
			continue;
		if (!whole_table)
		{
			Acl *acl =
				tuple_acl(tuple, Anum_pg_attribute_attacl, RelationGetDescr(reader->attributes));

			if (acl == NULL || !acl_allows_select(reader, acl, row->owner))
				continue;
		}
		column = &result[count++];
		column->attnum = form->attnum;
		column->type = form->atttypid;
		column->typmod = form->atttypmod;
		column->type_class = type_class_of(form->atttypid);
		column->not_null = form->attnotnull;
		column->name = pstrdup(NameStr(form->attname));
	}
	systable_endscan(scan);
	*columns = result;
	return count;
}

/*
 * A partitioned table that was never analysed itself counts as many rows as
 * its leaves do; one leaf without a count leaves the sum open.
 */
static double
partitioned_row_estimate(CatalogReader *reader, Oid relid)
{
	List *members = find_all_inheritors(relid, NoLock, NULL);
	double sum = 0;
	ListCell *lc;

	foreach (lc, members)
	{
		ClassRow row;

		if (!read_class_row(reader, lfirst_oid(lc), &row) ||
			row.relkind == RELKIND_PARTITIONED_TABLE)
			continue;
		if (row.reltuples < 0)
			return -1;
		sum += row.reltuples;
	}
	return sum;
}

/*
 * Does the role see the relation at all?  Column privileges count.
 */
static bool
class_row_is_visible(CatalogReader *reader, const ClassRow *row)
{
	SnapshotColumn *columns;

	if (!class_row_is_candidate(reader, row))
		return false;
	return (class_row_select(reader, row) || read_columns(reader, row, &columns) > 0) &&
		   class_row_is_allowed(reader, row);
}

Oid
reader_visible_ancestor(CatalogReader *reader, Oid relid)
{
	ClassRow row;
	List *ancestors;
	ListCell *lc;

	if (!read_class_row(reader, relid, &row) || !row.is_partition)
		return InvalidOid;
	ancestors = get_partition_ancestors(relid);
	if (ancestors == NIL)
		return InvalidOid;
	if (OidIsValid(reader->last_parent) && reader->last_parent == linitial_oid(ancestors))
		return reader->last_ancestor;
	reader->last_parent = linitial_oid(ancestors);
	reader->last_ancestor = InvalidOid;
	/* the topmost one that is visible stands for all below it */
	foreach (lc, ancestors)
	{
		if (read_class_row(reader, lfirst_oid(lc), &row) && class_row_is_visible(reader, &row))
			reader->last_ancestor = lfirst_oid(lc);
	}
	return reader->last_ancestor;
}

bool
reader_read_relation(CatalogReader *reader, Oid relid, RelationRecord *record)
{
	SnapshotRelation *relation = &record->face;
	ClassRow row;

	if (!read_class_row(reader, relid, &row) || !class_row_is_candidate(reader, &row))
		return false;
	if (row.is_partition && OidIsValid(reader_visible_ancestor(reader, relid)))
		return false;
	relation->schema = get_namespace_name(row.nspoid);
	if (relation->schema == NULL)
		return false;
	relation->ncolumns = read_columns(reader, &row, &relation->columns);
	if (relation->ncolumns == 0 || !class_row_is_allowed(reader, &row))
		return false;
	relation->relid = relid;
	relation->relkind = row.relkind;
	relation->name = row.name;
	relation->row_estimate = row.reltuples;
	private_columns_apply(reader->private_columns, relation);
	record->detail.nspoid = row.nspoid;
	if (row.has_index)
		reader_keys(reader, relation);
	if (row.relkind == RELKIND_RELATION || row.relkind == RELKIND_PARTITIONED_TABLE)
		reader_foreign_keys(reader, &row, &record->detail);
	reader_recorded(reader, relation, &record->detail);
	if (row.relkind == RELKIND_PARTITIONED_TABLE && row.reltuples < 0)
		relation->row_estimate = partitioned_row_estimate(reader, relid);
	reader_comments(reader, relation);
	record->detail.row_security = row.row_security;
	/* by itself the guard lets no policy or view read a parameter */
	record->detail.by_session =
		reader->permits && (row.row_security || row.relkind == RELKIND_VIEW);
	if (row.row_security)
		record->detail.fingerprint = reader_policies_fingerprint(reader, relid);
	record->detail.fingerprint = record_fingerprint(record);
	return true;
}

/*
 * pg_class has no index by schema; pg_depend has one that leads from a schema
 * to all that lives in it.
 */
void
reader_read_schema(CatalogReader *reader, Oid nspoid, RecordSet *set)
{
	Relation depends = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(NamespaceRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(nspoid));
	scan = systable_beginscan(depends, DependReferenceIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);
		RelationRecord *record;

		CHECK_FOR_INTERRUPTS();
		if (form->classid != RelationRelationId || form->objsubid != 0)
			continue;
		record = record_set_add(set);
		if (!reader_read_relation(reader, form->objid, record))
			set->count--;
	}
	systable_endscan(scan);
	table_close(depends, AccessShareLock);
}
