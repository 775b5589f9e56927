/*-------------------------------------------------------------------------
 *
 * activity.c
 *		Were rows of a relation written since some moment?
 *
 * The cumulative statistics tell, with what this transaction has not reported
 * yet, and the file tells of TRUNCATE and rewrites.  A number that is equal
 * means that nothing was written, as far as the statistics know: they come
 * with a delay of up to a second, and not at all where track_counts is off.
 * That is enough to spare reading values again that did not change.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/profile.h"
#include "common/hashfn.h"
#include "utils/fmgrprotos.h"
#include "utils/syscache.h"

/* partitions beyond this many are not asked one by one */
#define MAX_LEAVES 256

static uint64
table_activity(Oid relid)
{
	static const PGFunction counters[] = {
		pg_stat_get_tuples_inserted,     pg_stat_get_tuples_updated,
		pg_stat_get_tuples_deleted,      pg_stat_get_xact_tuples_inserted,
		pg_stat_get_xact_tuples_updated, pg_stat_get_xact_tuples_deleted};
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	uint64 written = 0;

	if (!HeapTupleIsValid(tuple))
		return 0;
	for (int i = 0; i < lengthof(counters); i++)
		written += DatumGetInt64(DirectFunctionCall1(counters[i], ObjectIdGetDatum(relid)));
	written = hash_combine64(((Form_pg_class) GETSTRUCT(tuple))->relfilenode, written);
	ReleaseSysCache(tuple);
	return written;
}

bool
relation_activity(const SnapshotRelation *relation, uint64 *activity)
{
	List *members;
	ListCell *lc;

	*activity = 0;
	switch (relation->relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_MATVIEW:
			*activity = table_activity(relation->relid);
			return true;
		case RELKIND_PARTITIONED_TABLE:
			members = find_all_inheritors(relation->relid, NoLock, NULL);
			if (list_length(members) > MAX_LEAVES)
				return false;
			foreach (lc, members)
				*activity += table_activity(lfirst_oid(lc));
			return true;
		default:
			return false;
	}
}
