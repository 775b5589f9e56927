/*-------------------------------------------------------------------------
 *
 * fence.c
 *		Runs the statement of a profile as the asking role.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xact.h"
#include "catalog/profile.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

/* until the guard runs it */
bool
profile_run(const char *sql, Oid role, int timeout, ProfileRowReceiver receiver, void *arg)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	Oid userid;
	int sec_context;
	int level;
	volatile bool done = false;

	GetUserIdAndSecContext(&userid, &sec_context);
	level = NewGUCNestLevel();
	(void) set_config_option("datestyle", "ISO, YMD", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		SetUserIdAndSecContext(role, sec_context | SECURITY_LOCAL_USERID_CHANGE |
										 SECURITY_RESTRICTED_OPERATION);
		SPI_connect();
		done = SPI_execute(sql, true, 0) == SPI_OK_SELECT;
		MemoryContextSwitchTo(caller);
		for (uint64 i = 0; done && i < SPI_processed; i++)
		{
			Datum values[7];
			bool nulls[7];

			heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, values, nulls);
			receiver(arg, values, nulls);
		}
		SPI_finish();
		SetUserIdAndSecContext(userid, sec_context);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(caller);
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		done = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	CurrentResourceOwner = owner;
	AtEOXact_GUC(false, level);
	return done;
}
