/*-------------------------------------------------------------------------
 *
 * inclusion.c
 *		Remembers how many values of one column were found in another.
 *
 * A snapshot is built anew more often than values change, and each of these
 * shares took a statement to find out.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/profile.h"
#include "utils/timestamp.h"

/* shares of supposed relationships that are remembered */
#define MAX_INCLUSIONS 4096

HTAB *
inclusions_create(ProfileStore *store)
{
	HASHCTL control = {0};

	control.keysize = sizeof(InclusionKey);
	control.entrysize = sizeof(Inclusion);
	control.hcxt = store->context;
	return hash_create("sql_agent inclusions", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

void
inclusions_forget(ProfileStore *store)
{
	HTAB *old = store->inclusions;

	if (hash_get_num_entries(old) == 0)
		return;
	store->inclusions = inclusions_create(store);
	hash_destroy(old);
}

/*
 * A share is believed for as long as a profile, a hundredfold: it decides no
 * answer by itself.
 */
Inclusion *
inclusion_find(ProfileStore *store, const InclusionKey *key)
{
	Inclusion *found = hash_search(store->inclusions, key, HASH_FIND, NULL);

	if (found != NULL && TimestampDifferenceExceeds(found->read_at, GetCurrentTimestamp(),
													PROFILE_MAX_AGE * 100 * 1000))
		return NULL;
	return found;
}

void
inclusion_keep(ProfileStore *store, const InclusionKey *key, double share)
{
	Inclusion *entry;

	if (hash_get_num_entries(store->inclusions) >= MAX_INCLUSIONS)
		inclusions_forget(store);
	entry = hash_search(store->inclusions, key, HASH_ENTER, NULL);
	entry->share = share;
	entry->read_at = GetCurrentTimestamp();
}
