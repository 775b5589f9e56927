/*-------------------------------------------------------------------------
 *
 * locks.c
 *		Locks on tenants: their names, and the questions that run for them.
 *
 * Advisory locks of a class that the SQL functions do not offer, so that
 * nobody can take or keep one to stop a tenant.  Those of a question belong to
 * the current resource owner: an error that aborts the (sub)transaction lets
 * them go.  One slot is one question at a time; 48 bits of the tenant's id tell
 * the tenants apart.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <signal.h>

#include "common/errors.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "tenant/locks.h"
#include "utils/inval.h"

/* SQL functions use classes 1 and 2 */
#define CLASS_NAME 0x4147
#define CLASS_ASK  0x4148

static void
name_tag(LOCKTAG *tag, uint32 hash)
{
	SET_LOCKTAG_ADVISORY(*tag, InvalidOid, hash, 0, CLASS_NAME);
}

static uint32
name_hash(const char *name)
{
	return hash_bytes((const unsigned char *) name, strlen(name));
}

static void
lock_name(uint32 hash)
{
	LOCKTAG tag;

	name_tag(&tag, hash);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

void
tenant_lock_names(const char *name, const char *second)
{
	uint32 first_hash = name_hash(name);
	uint32 second_hash = second ? name_hash(second) : first_hash;

	/* always in the same order: two renames can not wait for each other */
	lock_name(Min(first_hash, second_hash));
	if (second_hash != first_hash)
		lock_name(Max(first_hash, second_hash));
	/* what others did while we waited counts */
	AcceptInvalidationMessages();
}

/*
 * Slot 0 is held in share mode by every question of the tenant.
 */
static void
ask_tag(LOCKTAG *tag, uint32 high, uint32 low, int slot)
{
	SET_LOCKTAG_ADVISORY(*tag, MyDatabaseId, high, (low & 0xFFFF0000) | (uint32) slot, CLASS_ASK);
}

static void
read_id(const pg_uuid_t *id, uint32 *high, uint32 *low)
{
	memcpy(high, id->data, sizeof(uint32));
	memcpy(low, id->data + sizeof(uint32), sizeof(uint32));
}

static int
take_slot(const TenantAsk *ask, int slots)
{
	LOCKTAG tag;

	for (int slot = 1; slot <= slots; slot++)
	{
		ask_tag(&tag, ask->high, ask->low, slot);
		if (LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL)
			return slot;
	}
	return 0;
}

void
tenant_ask_begin(TenantAsk *ask, const TenantIdentity *identity)
{
	LOCKTAG tag;

	memset(ask, 0, sizeof(TenantAsk));
	if (identity->state != TENANT_ONE)
		return;
	read_id(&identity->id, &ask->high, &ask->low);
	if (identity->options.max_asks > 0)
	{
		ask->slot = take_slot(ask, identity->options.max_asks);
		if (ask->slot == 0)
			ereport(ERROR,
					(errcode(ERRCODE_AGENT_TENANT_LIMIT), errmsg("too many questions at one time"),
					 errdetail("Tenant \"%s\" may ask %d at one time.", identity->name,
							   identity->options.max_asks),
					 errhint("Ask again when one of them has been answered.")));
	}
	ask_tag(&tag, ask->high, ask->low, 0);
	(void) LockAcquire(&tag, ShareLock, false, false);
	ask->active = true;
}

void
tenant_ask_end(TenantAsk *ask)
{
	LOCKTAG tag;

	if (!ask->active)
		return;
	ask->active = false;
	ask_tag(&tag, ask->high, ask->low, 0);
	(void) LockRelease(&tag, ShareLock, false);
	if (ask->slot == 0)
		return;
	ask_tag(&tag, ask->high, ask->low, ask->slot);
	(void) LockRelease(&tag, ExclusiveLock, false);
}

static VirtualTransactionId *
running_asks(const pg_uuid_t *id, int *count)
{
	LOCKTAG tag;
	uint32 high;
	uint32 low;

	read_id(id, &high, &low);
	ask_tag(&tag, high, low, 0);
	return GetLockConflicts(&tag, ExclusiveLock, count);
}

int
tenant_count_asks(const pg_uuid_t *id)
{
	int count;

	(void) running_asks(id, &count);
	return count;
}

int
tenant_cancel_asks(const pg_uuid_t *id)
{
	int count;
	VirtualTransactionId *running = running_asks(id, &count);
	int cancelled = 0;

	for (int i = 0; i < count; i++)
	{
		int pid = compat_backend_pid(&running[i]);

		if (pid != 0 && kill(pid, SIGINT) == 0)
			cancelled++;
	}
	return cancelled;
}
