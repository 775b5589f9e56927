/*-------------------------------------------------------------------------
 *
 * reader.h
 *		Reading one relation of the catalogs: shared by reader.c, readerparts.c
 *		and fingerprint.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_READER_H
#define SQL_AGENT_READER_H

#include "catalog/private.h"
#include "catalog/snapshot_private.h"
#include "utils/acl.h"

struct CatalogReader
{
	Oid role;
	List *schemas;
	bool reads_everything; /* superuser or member of pg_read_all_data */
	bool permits;          /* config_permits_anything() */
	PrivateColumns *private_columns;
	Relation classes;
	Relation attributes;
	Relation indexes;
	Relation constraints;
	Relation descriptions;
	Relation policies;

	/* sql_agent.relationship and its key, or NULL */
	Relation recorded;
	Oid recorded_oid;
	Oid recorded_key;
	struct SnapshotData *recorded_snapshot;

	/* the last partition parent looked at: siblings come in a row */
	Oid last_parent;
	Oid last_ancestor;
};

/* what is needed of a pg_class row, copied out of the scan */
typedef struct ClassRow
{
	Oid relid;
	Oid nspoid;
	Oid owner;
	char relkind;
	char *name;
	bool is_partition;
	bool has_index;
	bool row_security;
	bool temporary;
	double reltuples;
	int natts;
	Acl *acl; /* or NULL: the default */
} ClassRow;

/* readerparts.c: what hangs on a relation whose columns are known */
extern void reader_keys(CatalogReader *reader, SnapshotRelation *relation);
extern void reader_foreign_keys(CatalogReader *reader, const ClassRow *row, RelationDetail *detail);
extern void reader_comments(CatalogReader *reader, SnapshotRelation *relation);
extern uint64 reader_policies_fingerprint(CatalogReader *reader, Oid relid);

/* relationship.c: relationships that uploads found or somebody told */
extern void reader_open_recorded(CatalogReader *reader);
extern void reader_close_recorded(CatalogReader *reader);
extern void
reader_recorded(CatalogReader *reader, const SnapshotRelation *relation, RelationDetail *detail);

/* fingerprint.c: of all but the row estimate */
extern uint64 record_fingerprint(const RelationRecord *record);

#endif /* SQL_AGENT_READER_H */
