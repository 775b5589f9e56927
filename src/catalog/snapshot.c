/*-------------------------------------------------------------------------
 *
 * snapshot.c
 *		The snapshots of this backend: kept, found, brought up to date.
 *
 * Callbacks only note what happened, in a ring of relation OIDs that each
 * snapshot reads at its own pace; all work waits for snapshot_get().  What
 * fires and what it leads to:
 *
 *	relcache message of a relation (DDL, GRANT on a table or column, CREATE
 *	POLICY; but ANALYZE, VACUUM and CREATE INDEX too): read that relation
 *	again; where its fingerprint is unchanged only the row estimate is taken
 *	over and nothing is built.
 *	relcache message of a relation not in the snapshot: a new table, a table
 *	that became visible, or (mostly) a temporary table, index or foreign
 *	schema's table, dropped after one look at its pg_class row.
 *	pg_namespace, or another sql_agent.allowed_schemas: the list of allowed
 *	schemas is made again and compared.
 *	pg_authid, pg_auth_members: the roles whose privileges the role inherits
 *	are collected again and compared; where they differ everything is read
 *	again, for any privilege may have changed.
 *	COMMENT: an event trigger sends a relcache message for the relation.
 *	Our own tables: a trigger sends a relcache message for the table.
 *
 * All of these messages are transactional: a rollback sends them again to the
 * backend that had seen the change.  Where the ring has overflowed or a reset
 * came, everything is read again; a snapshot that turns out equal is kept.
 *
 * An error while reading or building leaves the old snapshot and its marks in
 * place; the next call tries again.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_class.h"
#include "catalog/profile.h"
#include "catalog/snapshot_private.h"
#include "common/settings.h"
#include "miscadmin.h"
#include "tenant/identity.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#define MAX_SNAPSHOTS 4
#define RING_SIZE     4096

/* how far a snapshot has read what the callbacks noted */
typedef struct Seen
{
	uint64 ring_end;
	uint64 resets;
	uint64 namespaces;
	uint64 roles;
} Seen;

typedef struct SnapshotSlot
{
	Oid role; /* InvalidOid = free */
	CatalogSnapshot *snapshot;
	Seen seen;
	char *allowed_schemas; /* the setting that the list was made from */
	uint64 last_use;
	uint64 role_fingerprint;
	struct ProfileStore *profiles;
} SnapshotSlot;

static SnapshotSlot slots[MAX_SNAPSHOTS];
static uint64 use_counter = 0;
static uint64 version_counter = 0;

/* what the callbacks noted */
static Seen noted;
static Oid ring[RING_SIZE];
static uint64 read_up_to = 0; /* the ring up to here was read by some snapshot */

static void
note_relation(Datum arg, Oid relid)
{
	if (!OidIsValid(relid))
	{
		noted.resets++;
		return;
	}
	/* one statement sends many messages for the same relation */
	for (uint64 i = noted.ring_end; i > read_up_to && i + 8 > noted.ring_end; i--)
		if (ring[(i - 1) % RING_SIZE] == relid)
			return;
	ring[noted.ring_end++ % RING_SIZE] = relid;
}

static void
note_namespace(Datum arg, int cacheid, uint32 hashvalue)
{
	noted.namespaces++;
}

static void
note_role(Datum arg, int cacheid, uint32 hashvalue)
{
	noted.roles++;
}

void
snapshot_init(void)
{
	CacheRegisterRelcacheCallback(note_relation, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, note_namespace, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, note_role, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, note_role, (Datum) 0);
}

uint64
snapshot_next_version(void)
{
	return ++version_counter;
}

static void
slot_forget(SnapshotSlot *slot)
{
	if (slot->snapshot != NULL)
		MemoryContextDelete(slot->snapshot->context);
	if (slot->profiles != NULL)
		profile_store_drop(slot->profiles);
	if (slot->allowed_schemas != NULL)
		pfree(slot->allowed_schemas);
	memset(slot, 0, sizeof(SnapshotSlot));
}

static SnapshotSlot *
slot_for_role(Oid role)
{
	SnapshotSlot *oldest = &slots[0];

	for (int i = 0; i < MAX_SNAPSHOTS; i++)
	{
		if (slots[i].role == role)
			return &slots[i];
		if (slots[i].last_use < oldest->last_use)
			oldest = &slots[i];
	}
	if (OidIsValid(oldest->role))
		slot_forget(oldest);
	oldest->role = role;
	return oldest;
}

/*
 * Makes a freshly built snapshot the current one.  Nothing here can fail once
 * the old one is gone.
 */
static void
slot_install(SnapshotSlot *slot, CatalogSnapshot *snapshot)
{
	CatalogSnapshot *old = slot->snapshot;

	if (slot->profiles == NULL)
		slot->profiles = profile_store_create();
	MemoryContextSetParent(snapshot->context, CacheMemoryContext);
	snapshot->profiles = slot->profiles;
	snapshot->face.version = snapshot_next_version();
	slot->snapshot = snapshot;
	profile_store_sweep(snapshot);
	if (old != NULL)
		MemoryContextDelete(old->context);
}

static void
record_from_snapshot(const CatalogSnapshot *snapshot, int position, RelationRecord *record)
{
	record->face = snapshot->face.relations[position];
	record->detail = snapshot->details[position];
}

/*
 * Are the records, and the synonyms, what the snapshot was built from?  Takes
 * over the row estimates if so.
 */
static bool
snapshot_is_same(CatalogSnapshot *snapshot, List *schemas, const RecordSet *set,
				 const SynonymSet *synonyms)
{
	if (snapshot == NULL || snapshot->face.nrelations != set->count ||
		snapshot->synonym_rows.fingerprint != synonyms->fingerprint ||
		snapshot->schemas_fingerprint != schemas_fingerprint(schemas))
		return false;
	for (int i = 0; i < set->count; i++)
	{
		int position = snapshot_relation_by_oid(&snapshot->face, set->records[i].face.relid);

		if (position < 0 ||
			snapshot->details[position].fingerprint != set->records[i].detail.fingerprint)
			return false;
	}
	for (int i = 0; i < set->count; i++)
	{
		int position = snapshot_relation_by_oid(&snapshot->face, set->records[i].face.relid);

		snapshot->face.relations[position].row_estimate = set->records[i].face.row_estimate;
	}
	snapshot->synonym_rows.relid = synonyms->relid;
	return true;
}

/*
 * Reads everything.
 */
static void
refresh_all(SnapshotSlot *slot, List *schemas)
{
	RecordSet set = {0};
	SynonymSet synonyms = {0};
	CatalogReader *reader = reader_open(slot->role, schemas);
	ListCell *lc;

	foreach (lc, schemas)
		reader_read_schema(reader, lfirst_oid(lc), &set);
	reader_close(reader);
	synonyms_read(slot->role, &synonyms);
	if (!snapshot_is_same(slot->snapshot, schemas, &set, &synonyms))
		slot_install(slot, builder_build(slot->role, schemas, &set, &synonyms));
}

static int
compare_oid(const void *a, const void *b)
{
	Oid x = *(const Oid *) a;
	Oid y = *(const Oid *) b;

	return x < y ? -1 : x > y;
}

/*
 * The distinct relations that were noted since the slot last looked, sorted.
 */
static Oid *
noted_relations(const Seen *from, const Seen *to, int *count)
{
	int total = to->ring_end - from->ring_end;
	Oid *oids = palloc(total * sizeof(Oid));

	for (int i = 0; i < total; i++)
		oids[i] = ring[(from->ring_end + i) % RING_SIZE];
	qsort(oids, total, sizeof(Oid), compare_oid);
	*count = total == 0 ? 0 : 1;
	for (int i = 1; i < total; i++)
		if (oids[i] != oids[*count - 1])
			oids[(*count)++] = oids[i];
	return oids;
}

/*
 * What looking at the noted relations found.
 */
typedef struct Changes
{
	RecordSet changed; /* new, or no longer what the snapshot has */
	List *gone;        /* positions in the snapshot */
	bool synonyms;
	bool everything; /* more depends on it than one relation */
} Changes;

/*
 * An analysed leaf changes the estimate of the table that stands for it.
 */
static void
refresh_ancestor(AskSnapshot *face, CatalogReader *reader, Oid relid)
{
	Oid ancestor = reader_visible_ancestor(reader, relid);
	int position = snapshot_relation_by_oid(face, ancestor);
	RelationRecord record = {0};

	if (position >= 0 && reader_read_relation(reader, ancestor, &record))
		face->relations[position].row_estimate = record.face.row_estimate;
}

/*
 * The relation is none that the role can ask about, or no longer.
 */
static void
look_at_other(CatalogSnapshot *snapshot, CatalogReader *reader, Oid relid, Changes *changes)
{
	int position = snapshot_relation_by_oid(&snapshot->face, relid);
	ConfigTable config;

	if (position >= 0)
	{
		changes->gone = lappend_int(changes->gone, position);
		/* its partitions appear with its end */
		if (snapshot->face.relations[position].relkind == RELKIND_PARTITIONED_TABLE)
			changes->everything = true;
		return;
	}
	config = config_table_of(relid);
	changes->synonyms |= config == CONFIG_SYNONYMS || relid == snapshot->synonym_rows.relid;
	changes->everything |= config == CONFIG_RELATIONS;
	refresh_ancestor(&snapshot->face, reader, relid);
}

static void
look_at_relation(CatalogSnapshot *snapshot, CatalogReader *reader, Oid relid, Changes *changes)
{
	int position = snapshot_relation_by_oid(&snapshot->face, relid);
	RelationRecord *record = record_set_add(&changes->changed);

	if (!reader_read_relation(reader, relid, record))
	{
		changes->changed.count--;
		look_at_other(snapshot, reader, relid, changes);
	}
	else if (position < 0)
		/* the partitions of a new one disappear behind it */
		changes->everything |= record->face.relkind == RELKIND_PARTITIONED_TABLE;
	else if (snapshot->details[position].fingerprint == record->detail.fingerprint)
	{
		snapshot->face.relations[position].row_estimate = record->face.row_estimate;
		changes->changed.count--;
	}
}

/*
 * Reads the noted relations again and builds anew only where one of them is
 * not what it was.
 */
static void
refresh_noted(SnapshotSlot *slot, const Seen *to)
{
	CatalogSnapshot *snapshot = slot->snapshot;
	List *schemas = snapshot->face.schemas;
	Changes changes = {0};
	SynonymSet synonyms = snapshot->synonym_rows;
	RecordSet set = {0};
	CatalogReader *reader;
	int count;
	Oid *oids = noted_relations(&slot->seen, to, &count);
	bool *replaced;

	reader = reader_open(slot->role, schemas);
	for (int i = 0; i < count && !changes.everything; i++)
	{
		CHECK_FOR_INTERRUPTS();
		look_at_relation(snapshot, reader, oids[i], &changes);
	}
	reader_close(reader);
	if (changes.everything)
	{
		refresh_all(slot, schemas);
		return;
	}
	if (changes.synonyms)
	{
		memset(&synonyms, 0, sizeof(synonyms));
		synonyms_read(slot->role, &synonyms);
		snapshot->synonym_rows.relid = synonyms.relid;
		changes.synonyms = synonyms.fingerprint != snapshot->synonym_rows.fingerprint;
	}
	if (changes.changed.count == 0 && changes.gone == NIL && !changes.synonyms)
		return;

	replaced = palloc0(Max(snapshot->face.nrelations, 1) * sizeof(bool));
	for (ListCell *lc = list_head(changes.gone); lc != NULL; lc = lnext(changes.gone, lc))
		replaced[lfirst_int(lc)] = true;
	for (int i = 0; i < changes.changed.count; i++)
	{
		int position =
			snapshot_relation_by_oid(&snapshot->face, changes.changed.records[i].face.relid);

		if (position >= 0)
			replaced[position] = true;
		*record_set_add(&set) = changes.changed.records[i];
	}
	for (int i = 0; i < snapshot->face.nrelations; i++)
		if (!replaced[i])
			record_from_snapshot(snapshot, i, record_set_add(&set));
	slot_install(slot, builder_build(slot->role, schemas, &set, &synonyms));
}

/*
 * The cheapest thing that brings the slot from what it has seen to now.
 */
static void
slot_refresh_content(SnapshotSlot *slot, const Seen *now, bool other_setting, bool other_role)
{
	List *schemas;

	if (slot->snapshot == NULL || other_role || now->resets != slot->seen.resets ||
		now->ring_end - slot->seen.ring_end > RING_SIZE)
	{
		refresh_all(slot, identity_allowed_schemas(slot->role));
		return;
	}
	if (other_setting || now->namespaces != slot->seen.namespaces)
	{
		schemas = identity_allowed_schemas(slot->role);
		if (schemas_fingerprint(schemas) != slot->snapshot->schemas_fingerprint)
		{
			refresh_all(slot, schemas);
			return;
		}
	}
	refresh_noted(slot, now);
}

static void
slot_refresh(SnapshotSlot *slot)
{
	Seen now = noted;
	bool other_setting = slot->allowed_schemas == NULL ||
						 strcmp(slot->allowed_schemas, setting_allowed_schemas) != 0;
	MemoryContext work =
		AllocSetContextCreate(CurrentMemoryContext, "sql_agent catalog", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(work);
	char *setting = pstrdup(setting_allowed_schemas);
	uint64 role_fingerprint = slot->role_fingerprint;

	/* what is noted from here on for the same relations is news */
	read_up_to = Max(read_up_to, now.ring_end);
	if (slot->snapshot == NULL || now.roles != slot->seen.roles)
		role_fingerprint = identity_role_fingerprint(slot->role);
	slot_refresh_content(slot, &now, other_setting, role_fingerprint != slot->role_fingerprint);
	if (other_setting)
	{
		char *copy = MemoryContextStrdup(CacheMemoryContext, setting);

		if (slot->allowed_schemas != NULL)
			pfree(slot->allowed_schemas);
		slot->allowed_schemas = copy;
	}
	slot->role_fingerprint = role_fingerprint;
	slot->seen = now;
	MemoryContextSwitchTo(old);
	MemoryContextDelete(work);
}

AskSnapshot *
snapshot_get(Oid role)
{
	SnapshotSlot *slot;

	/* what others committed since this statement began counts */
	AcceptInvalidationMessages();
	slot = slot_for_role(role);
	slot->last_use = ++use_counter;
	if (slot->snapshot == NULL || memcmp(&slot->seen, &noted, sizeof(Seen)) != 0 ||
		strcmp(slot->allowed_schemas, setting_allowed_schemas) != 0)
		slot_refresh(slot);
	profile_store_new_question(slot->profiles);
	slot->snapshot->infer_paused = false;
	return &slot->snapshot->face;
}
