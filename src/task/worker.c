/*-------------------------------------------------------------------------
 *
 * worker.c
 *		A worker: takes tasks of one database, one after another.
 *
 * Started by the launcher into a slot of the board, connected as the bootstrap
 * superuser, which it uses to write our own tables and for nothing else: the
 * work itself is done as the task's owner (run.c).  It leaves when there was
 * nothing to do for sql_agent.worker_idle_timeout, at once when it has never
 * found anything to do, and when it is asked to: by SIGTERM, where somebody needs the
 * database for himself (stop.c), where there are more workers than there may be.
 *
 * Errors between tasks (the extension is being dropped, the disk is full) are
 * logged and end the worker; the launcher starts another one when something is
 * enqueued or the next minute comes.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xact.h"
#include "common/owner.h"
#include "common/settings.h"
#include "ledger/ledger.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "task/schedule.h"
#include "task/task.h"
#include "task/worker.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#define POLL_INTERVAL    1000  /* ms between looks for work that nobody told of */
#define PROMOTE_INTERVAL 1000  /* ms */
#define REAP_INTERVAL    5000  /* ms */
#define RECUR_INTERVAL   60000 /* ms */

PGDLLEXPORT void sql_agent_worker_main(Datum arg);

static volatile sig_atomic_t asked_to_leave = false;

static TimestampTz next_promotion = 0;
static TimestampTz next_reaping = 0;
static TimestampTz next_recurrence = 0;

static void
note_leave(SIGNAL_ARGS)
{
	asked_to_leave = true;
	die(postgres_signal_arg);
}

static void
begin(void)
{
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
}

static void
commit(void)
{
	PopActiveSnapshot();
	CommitTransactionCommand();
}

/*
 * The mark can be lost in a crash together with all that comes after it: the
 * work's own end is written to disk, and with it whatever was before.  But a
 * task that crashes the server at once would take with it the proof that it was
 * tried, again and again; so for a while after a crash nothing is begun before its
 * mark is on disk.
 */
static void
commit_claim(const TaskClaim *claim)
{
	const TaskKind *kind = task_find_kind(claim->kind);

	if (kind != NULL && kind->effect == TASK_TRANSACTIONAL && !board_crashed_lately())
		(void) set_config_option("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_LOCAL, true, 0, false);
	commit();
}

/*
 * Has the time come?  A clock that was set back does not stop it.
 */
static bool
is_time(TimestampTz *next, int interval)
{
	TimestampTz now = GetCurrentTimestamp();

	if (now < *next && TimestampTzPlusMilliseconds(now, interval) >= *next)
		return false;
	*next = TimestampTzPlusMilliseconds(now, interval);
	return true;
}

/*
 * The launcher is told when something will be due: this worker may be at a task
 * then, or have left.
 */
static void
say_when(void)
{
	TimestampTz task = claim_next_due();
	TimestampTz schedule = schedule_next_due();

	board_set_next_due(task == 0 || (schedule != 0 && schedule < task) ? schedule : task);
}

/*
 * What workers do for all: schedules and tasks whose time has come, tasks that
 * lost their worker, the upkeep of the installation.
 */
static void
attend(void)
{
	bool promote = is_time(&next_promotion, PROMOTE_INTERVAL);
	bool reap = is_time(&next_reaping, REAP_INTERVAL);
	bool recur = is_time(&next_recurrence, RECUR_INTERVAL);

	if (!promote && !reap && !recur)
		return;
	begin();
	if (reap)
		(void) claim_reap();
	if (recur)
		claim_enqueue_recurrent();
	if (promote)
	{
		(void) schedule_tick();
		(void) claim_promote_due();
		say_when();
	}
	commit();
}

/*
 * Takes and does one task; false: there is none.  Who was woken wakes the next
 * where there is more to do than for one.
 */
static bool
work_once(bool woken, MemoryContext context)
{
	TaskClaim claim;
	bool found;
	bool more;

	begin();
	MemoryContextSwitchTo(context);
	found = claim_next(&claim);
	more = found && woken && claim_more_ready();
	if (found)
		commit_claim(&claim);
	else
		commit();
	/* a transaction leaves the one that is never reset as the current one */
	MemoryContextSwitchTo(context);
	if (!found)
		return false;
	if (more)
		board_wake(MyDatabaseId);
	run_task(&claim, context);
	return true;
}

/*
 * Calls of models that were paid for in transactions that were rolled back.
 */
static void
settle_ledger(MemoryContext context)
{
	LedgerBatch *batch;

	if (!ledger_has_unsettled())
		return;
	begin();
	MemoryContextSwitchTo(context);
	batch = ledger_write_unsettled();
	commit();
	if (batch != NULL)
		ledger_forget_written(batch);
}

static bool
must_leave(bool idle)
{
	return asked_to_leave || !board_may_work(MyDatabaseId) ||
		   board_count_workers(MyDatabaseId) > setting_workers || board_must_yield(idle);
}

static void
wait(void)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, POLL_INTERVAL,
					 PG_WAIT_EXTENSION);
}

/*
 * Until there is nothing to do, or the worker must leave.
 */
static void
work(MemoryContext context)
{
	TimestampTz idle_since = 0; /* 0 = has done nothing yet */
	bool idle = true;

	for (;;)
	{
		bool woken;

		ResetLatch(MyLatch);
		if (must_leave(idle))
			return;
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		woken = board_heed_wake(setting_workers) || idle;
		attend();
		settle_ledger(context);
		idle = !work_once(woken, context);
		MemoryContextReset(context);
		pgstat_report_stat(idle);
		if (!idle)
			idle_since = GetCurrentTimestamp();
		else if (idle_since == 0 || TimestampDifferenceExceeds(idle_since, GetCurrentTimestamp(),
															   setting_worker_idle_timeout * 1000))
		{
			if (board_retire())
				return;
		}
		else
			wait();
	}
}

/*
 * Parameters of the database must not change what our own statements do.
 */
static void
pin_parameters(void)
{
	static const char *const pinned[][2] = {{"search_path", "pg_catalog, pg_temp"},
											{"default_transaction_isolation", "read committed"},
											{"default_transaction_read_only", "off"},
											{"default_transaction_deferrable", "off"},
											{"session_replication_role", "origin"},
											{"row_security", "on"},
											{"lock_timeout", "0"},
											{"idle_in_transaction_session_timeout", "0"},
											{"max_parallel_workers_per_gather", "0"},
											{"application_name", "sql_agent worker"}};

	for (int i = 0; i < lengthof(pinned); i++)
		SetConfigOption(pinned[i][0], pinned[i][1], PGC_SUSET, PGC_S_OVERRIDE);
}

static bool
has_extension(void)
{
	bool found;

	begin();
	found = extension_installed();
	if (found)
		run_init();
	commit();
	return found;
}

/*
 * What went wrong between two tasks; where the extension has gone, that is
 * nothing to tell.
 */
static void
report(MemoryContext context)
{
	ErrorData *error;

	HOLD_INTERRUPTS();
	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	FlushErrorState();
	AbortCurrentTransaction();
	board_release(false, false);
	RESUME_INTERRUPTS();
	MemoryContextSwitchTo(context);
	if (!has_extension())
		return;
	error->elevel = LOG;
	ThrowErrorData(error);
}

static void
leave_board(int code, Datum arg)
{
	board_leave();
}

static void
give_back(int code, Datum arg)
{
	run_give_back(asked_to_leave);
}

void
sql_agent_worker_main(Datum arg)
{
	int slot = DatumGetInt32(arg);
	MemoryContext context;
	Oid database;

	memcpy(&database, MyBgworkerEntry->bgw_extra, sizeof(Oid));
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGINT, StatementCancelHandler);
	pqsignal(SIGTERM, note_leave);
	BackgroundWorkerUnblockSignals();
	if (!board_join(slot, database))
		proc_exit(0);
	/* these run in reverse: the task goes back, the transaction ends, the slot is free */
	before_shmem_exit(leave_board, (Datum) 0);
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	before_shmem_exit(give_back, (Datum) 0);
	pin_parameters();
	context = AllocSetContextCreate(TopMemoryContext, "sql_agent task", ALLOCSET_DEFAULT_SIZES);
	if (!has_extension())
		proc_exit(0);

	PG_TRY();
	{
		work(context);
		if (!asked_to_leave)
		{
			begin();
			say_when();
			commit();
		}
	}
	PG_CATCH();
	{
		report(context);
	}
	PG_END_TRY();
	proc_exit(0);
}
