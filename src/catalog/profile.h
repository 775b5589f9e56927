/*-------------------------------------------------------------------------
 *
 * profile.h
 *		Values of columns, read as the asking role.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_PROFILE_H
#define SQL_AGENT_PROFILE_H

#include "catalog/snapshot_private.h"
#include "datatype/timestamp.h"
#include "lib/ilist.h"
#include "utils/hsearch.h"
#include "utils/palloc.h"

/* the most rows of a relation that are looked at */
#define PROFILE_SAMPLE_ROWS 20000
/* values longer than this many bytes are not kept; columns whose values average more than the second are left alone */
#define PROFILE_VALUE_BYTES 100
#define PROFILE_LONG_TEXT   200
/* all values of all roles in this backend */
#define PROFILE_TOTAL_BYTES (32 * 1024 * 1024)
/* what one statement may give back */
#define PROFILE_RESULT_ROWS 20000
#define PROFILE_RESULT_KB   8192
/* a profile is read again when asked for after so many seconds, unless nothing was written */
#define PROFILE_MAX_AGE 300
/* and for a word that nothing explains after so many, where nobody counts what is written */
#define PROFILE_STALE_AGE 60
/* profile_timeout times this is what one question may spend */
#define PROFILE_QUESTION_BUDGET 4

typedef struct StoredProfile
{
	ColumnProfile face;
	AttrNumber attnum;
} StoredProfile;

/* a value, or a word of one, by the hash of its folded text */
typedef struct ValueEntry
{
	uint32 hash;
	uint16 column; /* index into the profile's columns; VALUE_IS_WORD may be set */
	uint16 value;
} ValueEntry;

#define VALUE_IS_WORD 0x8000

typedef struct RelationProfile
{
	Oid relid; /* hash key */
	uint64 fingerprint;
	bool by_session; /* see RelationDetail */
	bool row_security;
	TimestampTz read_at;
	uint64 activity;       /* rows written to the relation when it was read */
	MemoryContext context; /* holds the columns; NULL = could not be read, or kept */
	double rows;           /* that were read */
	int ncolumns;
	StoredProfile *columns; /* by attnum */
	int nentries;
	ValueEntry *entries; /* sorted by hash */
	Size size;
} RelationProfile;

/* how many of a column's values are on the other side of a supposed relationship */
typedef struct InclusionKey
{
	Oid from;
	Oid to;
	int32 from_attnum;
	int32 to_attnum;
} InclusionKey;

typedef struct Inclusion
{
	InclusionKey key;
	double share;
	TimestampTz read_at;
} Inclusion;

/*
 * The profiles of one role.  They are kept apart from the snapshot, which
 * comes and goes with every change of the catalog.
 */
typedef struct ProfileStore
{
	MemoryContext context;
	MemoryContext retired; /* replaced during this question; freed at the next */
	HTAB *relations;       /* RelationProfile by relid */
	HTAB *inclusions;      /* Inclusion by its key */
	Oid session_user;
	uint64 settings;   /* fingerprint of the application's parameters */
	double budget;     /* ms left for this question */
	bool all_read;     /* profile_read_all() has run for this question */
	bool all_complete; /* and came to its end */
	bool refreshed;    /* snapshot_refresh_values() has run for this question */
	dlist_node node;   /* in the list of all stores */
} ProfileStore;

extern ProfileStore *profile_store_create(void);
extern void profile_store_drop(ProfileStore *store);
extern void profile_store_new_question(ProfileStore *store);
extern int profile_store_count(const ProfileStore *store);
extern Size profile_store_bytes(const ProfileStore *store);
extern void profile_store_sweep(CatalogSnapshot *snapshot);

/* the relation's profile, read now where it is due; NULL where it can not be had */
extern RelationProfile *profile_of_relation(CatalogSnapshot *snapshot, int relation);
/* values under row security are not used beyond their time, even where none can be read */
extern bool profile_is_expired(const RelationProfile *profile);
extern bool profile_read_all(CatalogSnapshot *snapshot);
/* inclusion.c */
extern HTAB *inclusions_create(ProfileStore *store);
extern void inclusions_forget(ProfileStore *store);
extern Inclusion *inclusion_find(ProfileStore *store, const InclusionKey *key);
extern void inclusion_keep(ProfileStore *store, const InclusionKey *key, double share);

/* session.c: changes with the parameters that an application sets for itself */
extern uint64 settings_fingerprint(void);

/* profileread.c: fills the profile's columns, in the current memory context */
extern bool profile_read_columns(const CatalogSnapshot *snapshot, int position, int timeout,
								 RelationProfile *profile);

/* one statement as the role, within what is left of the question's time */
typedef void (*ProfileRowReceiver)(void *arg, Datum *values, bool *nulls);
extern bool profile_statement(CatalogSnapshot *snapshot, const char *sql,
							  ProfileRowReceiver receiver, void *arg);

/* profilerun.c: a generated statement, run as the role; false where it failed or timed out */
extern bool
profile_run(const char *sql, Oid role, int timeout, ProfileRowReceiver receiver, void *arg);

/* activity.c: a number that changes when rows are written; false where nobody counts them */
extern bool relation_activity(const SnapshotRelation *relation, uint64 *activity);

/* valueindex.c: makes the profile's entries */
extern void profile_index_values(RelationProfile *profile, MemoryContext context);

#endif /* SQL_AGENT_PROFILE_H */
