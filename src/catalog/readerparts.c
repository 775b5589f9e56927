/*-------------------------------------------------------------------------
 *
 * readerparts.c
 *		Keys, foreign keys, comments and policies of one relation.
 *
 * Index scans like those of reader.c.  Only what leads to columns that the
 * role may see is kept.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_description.h"
#include "catalog/pg_index.h"
#include "catalog/pg_policy.h"
#include "catalog/reader.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

/* bytes of a comment that are looked at */
#define MAX_COMMENT 2000

static SnapshotColumn *
find_column(SnapshotRelation *relation, AttrNumber attnum)
{
	int position = snapshot_column_by_attnum(relation, attnum);

	return position < 0 ? NULL : &relation->columns[position];
}

static void
read_one_key(HeapTuple tuple, SnapshotRelation *relation)
{
	Form_pg_index form = (Form_pg_index) GETSTRUCT(tuple);

	if (!form->indisvalid || !form->indisunique || form->indnkeyatts < 1 ||
		!heap_attisnull(tuple, Anum_pg_index_indpred, NULL) ||
		!heap_attisnull(tuple, Anum_pg_index_indexprs, NULL))
		return;
	for (int i = 0; i < form->indnkeyatts; i++)
		if (find_column(relation, form->indkey.values[i]) == NULL)
			return;
	if (form->indnkeyatts == 1)
		find_column(relation, form->indkey.values[0])->unique_alone = true;
	if (form->indisprimary)
	{
		relation->nprimary_key = form->indnkeyatts;
		for (int i = 0; i < form->indnkeyatts; i++)
			find_column(relation, form->indkey.values[i])->in_primary_key = true;
	}
}

void
reader_keys(CatalogReader *reader, SnapshotRelation *relation)
{
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;

	ScanKeyInit(&key, Anum_pg_index_indrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relation->relid));
	scan = systable_beginscan(reader->indexes, IndexIndrelidIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		read_one_key(tuple, relation);
	systable_endscan(scan);
}

static AttrNumber *
attnum_array(HeapTuple tuple, AttrNumber attnum, TupleDesc desc, int *count)
{
	bool isnull;
	Datum datum = heap_getattr(tuple, attnum, desc, &isnull);
	ArrayType *array;
	AttrNumber *result;

	*count = 0;
	if (isnull)
		return NULL;
	array = DatumGetArrayTypeP(datum);
	*count = ARR_NDIM(array) == 1 ? ARR_DIMS(array)[0] : 0;
	result = palloc(Max(*count, 1) * sizeof(AttrNumber));
	memcpy(result, ARR_DATA_PTR(array), *count * sizeof(AttrNumber));
	return result;
}

void
reader_foreign_keys(CatalogReader *reader, const ClassRow *row, RelationDetail *detail)
{
	TupleDesc desc = RelationGetDescr(reader->constraints);
	int allocated = 0;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;

	ScanKeyInit(&key, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(row->relid));
	scan = systable_beginscan(reader->constraints, ConstraintRelidTypidNameIndexId, true, NULL, 1,
							  &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);
		ForeignKey fk = {0};
		int nto;

		/* a key on a partitioned table has one more row for each partition */
		if (form->contype != CONSTRAINT_FOREIGN ||
			(OidIsValid(form->conparentid) && !row->is_partition))
			continue;
		fk.to = form->confrelid;
		fk.from_attnums = attnum_array(tuple, Anum_pg_constraint_conkey, desc, &fk.nkeys);
		fk.to_attnums = attnum_array(tuple, Anum_pg_constraint_confkey, desc, &nto);
		if (fk.nkeys < 1 || nto != fk.nkeys)
			continue;
		if (detail->nforeign_keys >= allocated)
		{
			allocated = allocated == 0 ? 4 : allocated * 2;
			if (detail->foreign_keys == NULL)
				detail->foreign_keys = palloc(allocated * sizeof(ForeignKey));
			else
				detail->foreign_keys =
					repalloc(detail->foreign_keys, allocated * sizeof(ForeignKey));
		}
		detail->foreign_keys[detail->nforeign_keys++] = fk;
	}
	systable_endscan(scan);
}

/*
 * Whoever owns a table can comment on it at any length, and each backend that
 * sees it would keep that.
 */
static char *
clipped_text(Datum datum)
{
	text *value = DatumGetTextPP(datum);
	int length = VARSIZE_ANY_EXHDR(value);

	if (length > MAX_COMMENT)
		length = pg_mbcliplen(VARDATA_ANY(value), length, MAX_COMMENT);
	return pnstrdup(VARDATA_ANY(value), length);
}

void
reader_comments(CatalogReader *reader, SnapshotRelation *relation)
{
	TupleDesc desc = RelationGetDescr(reader->descriptions);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;

	ScanKeyInit(&keys[0], Anum_pg_description_objoid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relation->relid));
	ScanKeyInit(&keys[1], Anum_pg_description_classoid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RelationRelationId));
	scan = systable_beginscan(reader->descriptions, DescriptionObjIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		int subid = ((Form_pg_description) GETSTRUCT(tuple))->objsubid;
		bool isnull;
		Datum datum = heap_getattr(tuple, Anum_pg_description_description, desc, &isnull);
		SnapshotColumn *column = subid == 0 ? NULL : find_column(relation, subid);

		if (isnull || (subid != 0 && column == NULL))
			continue;
		if (column == NULL)
			relation->comment = clipped_text(datum);
		else
			column->comment = clipped_text(datum);
	}
	systable_endscan(scan);
}

/*
 * Policies decide which values a profile holds, so a changed policy must look
 * like a changed relation.
 */
uint64
reader_policies_fingerprint(CatalogReader *reader, Oid relid)
{
	uint64 result = 1;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;

	ScanKeyInit(&key, Anum_pg_policy_polrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(reader->policies, PolicyPolrelidPolnameIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		result =
			hash_combine64(result, hash_bytes_extended((const unsigned char *) tuple->t_data +
														   tuple->t_data->t_hoff,
													   tuple->t_len - tuple->t_data->t_hoff, 0));
	systable_endscan(scan);
	return result;
}
