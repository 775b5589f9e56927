/*-------------------------------------------------------------------------
 *
 * source_parts.c
 *		A source of many pieces: the parts of an upload, from their table.
 *
 * The table is read straight, by index: the load runs as the owner of the target,
 * who has no business in our tables.  The transaction holds the lock of the upload,
 * so its parts stay as they are.  A part is stored uncompressed; of each only
 * slices are fetched.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/detoast.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "ingest/source.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define SLICE (INT64CONST(1024) * 1024)

/* columns of sql_agent.upload_part */
#define PART_ATTR_UPLOAD  1
#define PART_ATTR_PART    2
#define PART_ATTR_CONTENT 6

typedef struct PartsSource
{
	SourceReader base;
	pg_uuid_t upload;
	int nparts;
	int64 *starts; /* of each part in the file, and the end */
	int current;   /* the part that `pointer` is of, 0 = none */
	struct varlena *pointer;
} PartsSource;

/* the content of a part as the table has it: a pointer of a few bytes but where it is tiny */
static struct varlena *
fetch_pointer(const PartsSource *reader, int part)
{
	Oid nspoid = get_namespace_oid("sql_agent", false);
	Relation rel = table_open(get_relname_relid("upload_part", nspoid), AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;
	Datum content;
	bool isnull;

	ScanKeyInit(&keys[0], PART_ATTR_UPLOAD, BTEqualStrategyNumber, F_UUID_EQ,
				UUIDPGetDatum(&reader->upload));
	ScanKeyInit(&keys[1], PART_ATTR_PART, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(part));
	scan = systable_beginscan(rel, get_relname_relid("upload_part_pkey", nspoid), true, NULL,
							  lengthof(keys), keys);
	tuple = systable_getnext(scan);
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "part %d of an upload has gone", part);
	content = heap_getattr(tuple, PART_ATTR_CONTENT, RelationGetDescr(rel), &isnull);
	content = datumCopy(content, false, -1);
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return (struct varlena *) DatumGetPointer(content);
}

/* the part, from 1, that holds the byte at the offset */
static int
find_part(const PartsSource *reader, int64 offset)
{
	int low = 0;
	int high = reader->nparts;

	while (high - low > 1)
	{
		int middle = low + (high - low) / 2;

		if (reader->starts[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return low + 1;
}

static int64
read_parts(SourceReader *base, int64 offset, char *buffer, int64 length)
{
	PartsSource *reader = (PartsSource *) base;
	int part = find_part(reader, offset);
	int64 within = offset - reader->starts[part - 1];
	struct varlena *slice;
	int64 n;

	if (reader->current != part)
	{
		MemoryContext caller = MemoryContextSwitchTo(base->context);

		if (reader->current != 0)
			pfree(reader->pointer);
		reader->current = 0;
		reader->pointer = fetch_pointer(reader, part);
		reader->current = part;
		MemoryContextSwitchTo(caller);
	}
	length = Min(length, reader->starts[part] - offset);
	slice = detoast_attr_slice(reader->pointer, (int32) within, (int32) Min(length, SLICE));
	n = VARSIZE_ANY_EXHDR(slice);
	memcpy(buffer, VARDATA_ANY(slice), n);
	if (slice != reader->pointer)
		pfree(slice);
	return n;
}

Source *
source_of_parts(const pg_uuid_t *upload, const int *lengths, int nparts)
{
	PartsSource *reader = palloc0(sizeof(PartsSource));

	reader->base.read = read_parts;
	reader->upload = *upload;
	reader->nparts = nparts;
	reader->starts = palloc0((nparts + 1) * sizeof(int64));
	for (int i = 0; i < nparts; i++)
		reader->starts[i + 1] = reader->starts[i] + lengths[i];
	return source_create(&reader->base, reader->starts[nparts]);
}
