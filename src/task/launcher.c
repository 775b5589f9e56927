/*-------------------------------------------------------------------------
 *
 * launcher.c
 *		The one process that starts workers.
 *
 * The postmaster starts it when recovery is over: at once on a primary, at
 * promotion on a standby.  It is connected to no database, so it is in nobody's
 * way, and can read nothing but pg_database; which databases have background
 * work is read by a process that it starts for that (survey.c).
 *
 * It sleeps until the board wants something of it: a worker for a database in
 * which something was enqueued, or is due.  Once a minute it looks by itself:
 * a worker for each database finds what a crash or a restore left, and what
 * was enqueued by a prepared transaction.
 *
 * When no process can be started (max_worker_processes), it says so once, tries
 * again, and health() shows it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/settings.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "portability/instr_time.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/procsignal.h"
#include "task/worker.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#define RESTART_TIME 5 /* s, of the launcher itself */

/* ms */
#define PASS_INTERVAL  60000
#define RETRY_INTERVAL 1000
#define RETRY_MAX      30000

PGDLLEXPORT void sql_agent_launcher_main(Datum arg);

/* of what was started in a slot, NULL = nothing that runs */
static BackgroundWorkerHandle *handles[BOARD_WORKERS];

static BackgroundWorkerHandle *surveyor = NULL;
static int64 surveys_before; /* the surveyor that runs was started */

/* when to do something; ms of a clock that nobody sets, 0 = not planned */
static int64 next_pass;
static int64 next_survey;
static int64 next_try; /* to start workers, after it has failed */
static int retry_interval = RETRY_INTERVAL;
static bool failure_said = false;
static int64 failure_said_at = 0;

static int64
now_ms(void)
{
	instr_time now;

	INSTR_TIME_SET_CURRENT(now);
	return (int64) INSTR_TIME_GET_MILLISEC(now);
}

/*
 * It is said once, until processes can be started again; where places come and
 * go, once a minute.
 */
static void
note_failure(void)
{
	int64 now = now_ms();

	if (!failure_said && (failure_said_at == 0 || now - failure_said_at >= PASS_INTERVAL))
	{
		failure_said = true;
		failure_said_at = now;
		ereport(LOG, (errmsg("sql_agent can not start a worker for background work"),
					  errdetail("All max_worker_processes = %d are in use.", max_worker_processes),
					  errhint("Raise max_worker_processes.")));
	}
	board_launcher_failing("all max_worker_processes are in use");
	next_try = now + retry_interval;
	retry_interval = Min(retry_interval * 2, RETRY_MAX);
}

static void
note_success(void)
{
	if (failure_said)
		ereport(LOG, (errmsg("sql_agent starts workers for background work again")));
	failure_said = false;
	board_launcher_failing(NULL);
	retry_interval = RETRY_INTERVAL;
	next_try = 0;
}

/*
 * Asks the postmaster for a process; NULL where there is no place for one.
 */
static BackgroundWorkerHandle *
start_process(const char *type, const char *function, Oid database, int slot)
{
	BackgroundWorker worker;
	BackgroundWorkerHandle *handle;

	memset(&worker, 0, sizeof(worker));
	strlcpy(worker.bgw_name, type, BGW_MAXLEN);
	strlcpy(worker.bgw_type, type, BGW_MAXLEN);
	strlcpy(worker.bgw_library_name, WORKER_LIBRARY, sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, function, BGW_MAXLEN);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	worker.bgw_main_arg = Int32GetDatum(slot);
	worker.bgw_notify_pid = MyProcPid;
	memcpy(worker.bgw_extra, &database, sizeof(Oid));
	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
	{
		note_failure();
		return NULL;
	}
	note_success();
	return handle;
}

static bool
has_stopped(BackgroundWorkerHandle *handle)
{
	pid_t pid;

	return GetBackgroundWorkerPid(handle, &pid) == BGWH_STOPPED;
}

/*
 * A slot whose process did not come to join it is free again.  Who has left may
 * have left a place for another one.
 */
static void
collect_ended(void)
{
	for (int slot = 0; slot < BOARD_WORKERS; slot++)
	{
		if (handles[slot] == NULL || !has_stopped(handles[slot]))
			continue;
		pfree(handles[slot]);
		handles[slot] = NULL;
		board_free_slot(slot);
		next_try = 0;
	}
	if (surveyor == NULL || !has_stopped(surveyor))
		return;
	pfree(surveyor);
	surveyor = NULL;
	if (board_count_surveys() == surveys_before)
		next_survey = now_ms() + RETRY_MAX;
}

static void
plan_survey(int64 now)
{
	if (board_take_survey_request())
		next_survey = now;
	if (now < next_pass)
		return;
	next_pass = now + PASS_INTERVAL;
	next_survey = now;
	board_want(InvalidOid);
}

/*
 * One at a time: what a later one finds is never overwritten by an earlier one.
 */
static void
start_survey(int64 now, Oid database)
{
	if (surveyor != NULL || next_survey == 0 || next_survey > now)
		return;
	next_survey = now + RETRY_INTERVAL;
	if (!OidIsValid(database))
		return;
	surveys_before = board_count_surveys();
	surveyor = start_process("sql_agent surveyor", "sql_agent_survey_main", database, 0);
	if (surveyor != NULL)
		next_survey = 0;
}

/*
 * *due: when a worker will be wanted, 0 = not known.
 */
static void
start_workers(List *usable, TimestampTz *due)
{
	Oid database;
	int slot;

	while (board_reserve_slot(setting_workers, &database, &slot, due))
	{
		if (!list_member_oid(usable, database))
		{
			board_free_slot(slot);
			continue;
		}
		if (handles[slot] != NULL)
			pfree(handles[slot]);
		handles[slot] = start_process("sql_agent worker", "sql_agent_worker_main", database, slot);
		if (handles[slot] != NULL)
			continue;
		board_free_slot(slot);
		board_want(database);
		return;
	}
}

/*
 * Does what there is to do; returns for how long there is nothing, in ms.
 */
static long
turn(MemoryContext context)
{
	int64 now = now_ms();
	int64 wake_at;
	TimestampTz due = 0;
	Oid for_survey;
	List *usable;

	collect_ended();
	plan_survey(now);
	/* handles live longer than the list */
	MemoryContextSwitchTo(context);
	usable = survey_usable_databases(&for_survey);
	MemoryContextSwitchTo(TopMemoryContext);
	start_survey(now, for_survey);
	if (next_try <= now)
	{
		next_try = 0;
		start_workers(usable, &due);
	}
	MemoryContextReset(context);

	wake_at = next_pass;
	if (next_survey != 0 && surveyor == NULL)
		wake_at = Min(wake_at, next_survey);
	if (next_try != 0)
		wake_at = Min(wake_at, next_try);
	if (due != 0)
		wake_at = Min(wake_at, now + TimestampDifferenceMilliseconds(GetCurrentTimestamp(), due));
	return (long) Max(wake_at - now, 1);
}

static void
leave(int code, Datum arg)
{
	board_launcher_leave();
}

void
sql_agent_launcher_main(Datum arg)
{
	MemoryContext context;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	pqsignal(SIGINT, SIG_IGN);
	BackgroundWorkerUnblockSignals();
	before_shmem_exit(leave, (Datum) 0);
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	board_launcher_enter();
	context = AllocSetContextCreate(TopMemoryContext, "sql_agent launcher", ALLOCSET_DEFAULT_SIZES);

	while (!ShutdownRequestPending)
	{
		long timeout;

		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		timeout = turn(context);
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, timeout,
						 PG_WAIT_EXTENSION);
	}
	/* not 0: the postmaster would never start it again */
	proc_exit(1);
}

void
launcher_init(void)
{
	BackgroundWorker worker;

	if (!process_shared_preload_libraries_in_progress)
		return;
	memset(&worker, 0, sizeof(worker));
	strlcpy(worker.bgw_name, "sql_agent launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "sql_agent launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_library_name, WORKER_LIBRARY, sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "sql_agent_launcher_main", BGW_MAXLEN);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = RESTART_TIME;
	RegisterBackgroundWorker(&worker);
}
