/*-------------------------------------------------------------------------
 *
 * profile.c
 *		The values of columns that a role was shown: kept, aged, dropped.
 *
 * A profile belongs to a role and is read as that role, so row security
 * applies to it as to any statement of the role.  Where an administrator has
 * permitted a policy, view or function that the guard refuses, rows may depend
 * on more than the role: parameters such as app.tenant that an application
 * sets on a pooled connection.  The profiles of views and of relations under
 * row security are then dropped whenever such a parameter changes, so that
 * nobody meets values that were read under somebody else's.  All are dropped
 * with another session user.  What can not be seen here (a membership table
 * that a policy reads) is bounded by the age of a profile.
 *
 * A profile that is replaced or dropped stays in memory until the next
 * question, for somebody may still hold pointers into it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_class.h"
#include "catalog/profile.h"
#include "common/settings.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* a question with less time left than this many ms reads no more */
#define MIN_BUDGET 10

/* of all stores of this backend */
static Size total_bytes = 0;
static dlist_head all_stores = DLIST_STATIC_INIT(all_stores);

ProfileStore *
profile_store_create(void)
{
	MemoryContext context =
		AllocSetContextCreate(CacheMemoryContext, "sql_agent profiles", ALLOCSET_SMALL_SIZES);
	ProfileStore *store = MemoryContextAllocZero(context, sizeof(ProfileStore));
	HASHCTL control = {0};

	store->context = context;
	store->retired =
		AllocSetContextCreate(context, "sql_agent retired profiles", ALLOCSET_SMALL_SIZES);
	control.keysize = sizeof(Oid);
	control.entrysize = sizeof(RelationProfile);
	control.hcxt = context;
	store->relations =
		hash_create("sql_agent profiles", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	store->inclusions = inclusions_create(store);
	dlist_push_tail(&all_stores, &store->node);
	return store;
}

/* the values may still be looked at in this question; the bytes no longer count */
static void
retire(ProfileStore *store, RelationProfile *profile)
{
	if (profile->context == NULL)
		return;
	MemoryContextSetParent(profile->context, store->retired);
	total_bytes -= profile->size;
	profile->context = NULL;
	profile->columns = NULL;
	profile->ncolumns = 0;
	profile->entries = NULL;
	profile->nentries = 0;
	profile->size = 0;
}

/*
 * Drops all profiles, or those of relations whose rows may depend on
 * parameters of the session.
 */
static void
forget(ProfileStore *store, bool all)
{
	HASH_SEQ_STATUS status;
	RelationProfile *profile;

	hash_seq_init(&status, store->relations);
	while ((profile = hash_seq_search(&status)) != NULL)
	{
		if (!all && !profile->by_session)
			continue;
		retire(store, profile);
		(void) hash_search(store->relations, &profile->relid, HASH_REMOVE, NULL);
	}
	inclusions_forget(store);
}

void
profile_store_drop(ProfileStore *store)
{
	forget(store, true);
	dlist_delete(&store->node);
	MemoryContextDelete(store->context);
}

void
profile_store_new_question(ProfileStore *store)
{
	uint64 settings = settings_fingerprint();

	if (GetSessionUserId() != store->session_user || settings != store->settings)
		forget(store, GetSessionUserId() != store->session_user);
	store->session_user = GetSessionUserId();
	store->settings = settings;
	if (store->retired->firstchild != NULL)
		MemoryContextDeleteChildren(store->retired);
	store->budget = (double) PROFILE_QUESTION_BUDGET * setting_profile_timeout;
	store->all_read = false;
	store->refreshed = false;
}

/*
 * Drops the profiles of what is no longer in the snapshot, or no longer what
 * it was.
 */
void
profile_store_sweep(CatalogSnapshot *snapshot)
{
	ProfileStore *store = snapshot->profiles;
	HASH_SEQ_STATUS status;
	RelationProfile *profile;

	hash_seq_init(&status, store->relations);
	while ((profile = hash_seq_search(&status)) != NULL)
	{
		int position = snapshot_relation_by_oid(&snapshot->face, profile->relid);

		if (position >= 0 && snapshot->details[position].fingerprint == profile->fingerprint)
			continue;
		retire(store, profile);
		(void) hash_search(store->relations, &profile->relid, HASH_REMOVE, NULL);
	}
}

int
profile_store_count(const ProfileStore *store)
{
	HASH_SEQ_STATUS status;
	RelationProfile *profile;
	int count = 0;

	hash_seq_init(&status, store->relations);
	while ((profile = hash_seq_search(&status)) != NULL)
		count += profile->context != NULL;
	return count;
}

Size
profile_store_bytes(const ProfileStore *store)
{
	return MemoryContextMemAllocated(store->context, true);
}

/*
 * Keeps the whole below its limit: the oldest go first, of whichever role.
 * What is dropped here is not read again before its time.  The values of
 * other roles are held by nobody, for their snapshots are not in use.
 */
static void
make_room(ProfileStore *store, const RelationProfile *keep)
{
	while (total_bytes > PROFILE_TOTAL_BYTES)
	{
		ProfileStore *oldest_store = NULL;
		RelationProfile *oldest = NULL;
		dlist_iter iter;

		dlist_foreach (iter, &all_stores)
		{
			ProfileStore *other = dlist_container(ProfileStore, node, iter.cur);
			HASH_SEQ_STATUS status;
			RelationProfile *profile;

			hash_seq_init(&status, other->relations);
			while ((profile = hash_seq_search(&status)) != NULL)
				if (profile != keep && profile->context != NULL &&
					(oldest == NULL || profile->read_at < oldest->read_at))
				{
					oldest = profile;
					oldest_store = other;
				}
		}
		if (oldest == NULL)
			return;
		retire(oldest_store, oldest);
		if (oldest_store != store)
			MemoryContextDeleteChildren(oldest_store->retired);
	}
}

static double
age_of(const RelationProfile *profile)
{
	return TimestampDifferenceMilliseconds(profile->read_at, GetCurrentTimestamp()) / 1000.0;
}

/*
 * Are the values still those of the relation?  Row security may show others
 * though no row of it was written.
 */
static bool
is_unchanged(const CatalogSnapshot *snapshot, int position, const RelationProfile *profile)
{
	uint64 activity;

	return !snapshot->details[position].row_security &&
		   relation_activity(&snapshot->face.relations[position], &activity) &&
		   activity == profile->activity;
}

bool
profile_is_expired(const RelationProfile *profile)
{
	return profile->row_security && age_of(profile) > PROFILE_MAX_AGE;
}

/*
 * Can the profile be used as it is?
 */
static bool
is_usable(const CatalogSnapshot *snapshot, int position, RelationProfile *profile)
{
	if (profile->fingerprint != snapshot->details[position].fingerprint)
		return false;
	if (age_of(profile) <= PROFILE_MAX_AGE)
		return true;
	if (profile->context == NULL || !is_unchanged(snapshot, position, profile))
		return false;
	profile->read_at = GetCurrentTimestamp();
	return true;
}

/*
 * Reads the relation, within what is left of the question's time.
 */
static void
read_relation(CatalogSnapshot *snapshot, int position, RelationProfile *profile)
{
	ProfileStore *store = snapshot->profiles;
	int timeout = Min(setting_profile_timeout, (int) store->budget);
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "sql_agent profile", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	RelationProfile fresh = {0};
	instr_time start;
	instr_time end;
	bool done;

	(void) relation_activity(&snapshot->face.relations[position], &fresh.activity);
	INSTR_TIME_SET_CURRENT(start);
	done = profile_read_columns(snapshot, position, timeout, &fresh);
	INSTR_TIME_SET_CURRENT(end);
	INSTR_TIME_SUBTRACT(end, start);
	store->budget -= INSTR_TIME_GET_MILLISEC(end);
	MemoryContextSwitchTo(old);

	retire(store, profile);
	profile->fingerprint = snapshot->details[position].fingerprint;
	profile->by_session = snapshot->details[position].by_session;
	profile->row_security = snapshot->details[position].row_security;
	profile->activity = fresh.activity;
	profile->read_at = GetCurrentTimestamp();
	/* what failed for want of the question's time is tried again by the next one */
	if (!done && timeout < setting_profile_timeout)
		profile->read_at = 0;
	if (!done)
	{
		MemoryContextDelete(context);
		return;
	}
	MemoryContextSetParent(context, store->context);
	profile->context = context;
	profile->ncolumns = fresh.ncolumns;
	profile->columns = fresh.columns;
	profile->rows = fresh.rows;
	profile->entries = fresh.entries;
	profile->nentries = fresh.nentries;
	profile->size = MemoryContextMemAllocated(context, true);
	total_bytes += profile->size;
	make_room(store, profile);
}

static RelationProfile *
enter_relation(ProfileStore *store, Oid relid)
{
	bool found;
	RelationProfile *profile = hash_search(store->relations, &relid, HASH_ENTER, &found);

	if (!found)
		memset((char *) profile + sizeof(Oid), 0, sizeof(RelationProfile) - sizeof(Oid));
	return profile;
}

RelationProfile *
profile_of_relation(CatalogSnapshot *snapshot, int position)
{
	ProfileStore *store = snapshot->profiles;
	Oid relid = snapshot->face.relations[position].relid;
	RelationProfile *profile = hash_search(store->relations, &relid, HASH_FIND, NULL);

	if (setting_profile_timeout == 0)
		return NULL;
	if (profile == NULL || !is_usable(snapshot, position, profile))
	{
		if (profile != NULL && profile->fingerprint != snapshot->details[position].fingerprint)
			retire(store, profile);
		if (store->budget >= MIN_BUDGET)
		{
			profile = enter_relation(store, relid);
			read_relation(snapshot, position, profile);
		}
		else if (profile != NULL && profile_is_expired(profile))
			retire(store, profile);
		/* otherwise better values of yesterday than none */
	}
	return profile != NULL && profile->context != NULL ? profile : NULL;
}

/*
 * Half of the question's time stays for profiles.
 */
bool
profile_statement(CatalogSnapshot *snapshot, const char *sql, ProfileRowReceiver receiver,
				  void *arg)
{
	ProfileStore *store = snapshot->profiles;
	double half = 0.5 * PROFILE_QUESTION_BUDGET * setting_profile_timeout;
	instr_time start;
	instr_time end;
	bool done;

	if (setting_profile_timeout == 0 || store->budget <= half)
		return false;
	INSTR_TIME_SET_CURRENT(start);
	done = profile_run(sql, snapshot->face.role, setting_profile_timeout, receiver, arg);
	INSTR_TIME_SET_CURRENT(end);
	INSTR_TIME_SUBTRACT(end, start);
	store->budget -= INSTR_TIME_GET_MILLISEC(end);
	return done;
}

static bool
has_values(const SnapshotRelation *relation)
{
	for (int i = 0; i < relation->ncolumns; i++)
		if (relation->columns[i].type_class == TYPE_CLASS_TEXT ||
			relation->columns[i].type_class == TYPE_CLASS_ENUM)
			return true;
	return false;
}

/* own tables before foreign ones and views, small before big */
static int
compare_cost(const void *a, const void *b, void *arg)
{
	const AskSnapshot *face = arg;
	const SnapshotRelation *x = &face->relations[*(const int *) a];
	const SnapshotRelation *y = &face->relations[*(const int *) b];
	int x_last = x->relkind == RELKIND_FOREIGN_TABLE ? 2 : x->relkind == RELKIND_VIEW;
	int y_last = y->relkind == RELKIND_FOREIGN_TABLE ? 2 : y->relkind == RELKIND_VIEW;

	if (x_last != y_last)
		return x_last - y_last;
	if (x->row_estimate != y->row_estimate)
		return x->row_estimate < y->row_estimate ? -1 : 1;
	return *(const int *) a - *(const int *) b;
}

/*
 * The values of all relations, where there are few enough of them.  False
 * where time ran out first.
 */
bool
profile_read_all(CatalogSnapshot *snapshot)
{
	AskSnapshot *face = &snapshot->face;
	ProfileStore *store = snapshot->profiles;
	int order[SNAPSHOT_PROFILE_ALL];
	int count = 0;

	if (store->all_read)
		return store->all_complete;
	store->all_complete = true;
	if (face->nrelations <= SNAPSHOT_PROFILE_ALL)
	{
		for (int i = 0; i < face->nrelations; i++)
			if (has_values(&face->relations[i]))
				order[count++] = i;
		qsort_arg(order, count, sizeof(int), compare_cost, face);
		for (int i = 0; i < count; i++)
			if (profile_of_relation(snapshot, order[i]) == NULL && setting_profile_timeout > 0)
				store->all_complete = false;
	}
	store->all_read = true;
	return store->all_complete;
}

void
snapshot_profile_relations(AskSnapshot *face, const int *relations, int n)
{
	for (int i = 0; i < n; i++)
		(void) profile_of_relation(face->private_data, relations[i]);
}

/*
 * Is it likely that the relation has other values by now?
 */
static bool
is_stale(const CatalogSnapshot *snapshot, int position, const RelationProfile *profile)
{
	uint64 activity;

	if (relation_activity(&snapshot->face.relations[position], &activity) &&
		activity != profile->activity)
		return true;
	return age_of(profile) > PROFILE_STALE_AGE && !is_unchanged(snapshot, position, profile);
}

bool
snapshot_refresh_values(AskSnapshot *face)
{
	CatalogSnapshot *snapshot = face->private_data;
	ProfileStore *store = snapshot->profiles;
	bool any = false;

	if (store->refreshed || setting_profile_timeout == 0)
		return false;
	store->refreshed = true;
	for (int i = 0; i < face->nrelations && store->budget >= MIN_BUDGET; i++)
	{
		RelationProfile *profile =
			hash_search(store->relations, &face->relations[i].relid, HASH_FIND, NULL);

		if (profile == NULL || !has_values(&face->relations[i]) || !is_stale(snapshot, i, profile))
			continue;
		read_relation(snapshot, i, profile);
		any |= profile->context != NULL;
	}
	return any;
}

const ColumnProfile *
snapshot_profile(AskSnapshot *face, int relation, int column)
{
	AttrNumber attnum = face->relations[relation].columns[column].attnum;
	RelationProfile *profile = profile_of_relation(face->private_data, relation);

	if (profile == NULL)
		return NULL;
	for (int i = 0; i < profile->ncolumns; i++)
		if (profile->columns[i].attnum == attnum)
			return &profile->columns[i].face;
	return NULL;
}
