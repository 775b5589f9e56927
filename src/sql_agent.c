/*-------------------------------------------------------------------------
 *
 * sql_agent.c
 *		Load-time registration; everything else is in the folders below.
 *
 * Works in a session that merely loads the library as well as preloaded.
 * Under pg_upgrade nothing is registered.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/ask_async.h"
#include "ask/upkeep.h"
#include "catalog/snapshot.h"
#include "common/settings.h"
#include "guard/guard.h"
#include "ingest/upload.h"
#include "insight/insight.h"
#include "ledger/ring.h"
#include "ledger/unsettled.h"
#include "miscadmin.h"
#include "task/board.h"
#include "task/task.h"
#include "task/worker.h"
#include "tenant/current.h"
#include "tenant/outside.h"

AGENT_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

/* somebody is to write what is in the ring of the ledger */
static void
wake_worker(Oid database)
{
	if (board_exists())
		board_wake(database);
}

void
_PG_init(void)
{
	if (IsBinaryUpgrade)
		return;

	settings_define();
	tenant_init();
	explain_init();
	guard_init();
	task_init();
	snapshot_init();
	board_init();
	ring_init();
	unsettled_init(wake_worker);
	launcher_init();
	stop_init();
	ask_async_init();
	upload_background_init();
	insight_init();
	upkeep_init();
}
