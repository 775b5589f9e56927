/*-------------------------------------------------------------------------
 *
 * run.c
 *		One try of one task, from the claim to its end.
 *
 * The claim is committed.  The handler works in a transaction, as the task's
 * owner (run_as.c); the end is marked in the same transaction as its last act,
 * so that work and mark are committed together or not at all.  When the try
 * fails, its transaction is aborted, and another one says why and whether it is
 * tried again.
 *
 * Errors: nothing is raised to the caller but FATAL.  Where the end can not be
 * written (a full disk, the row was deleted), the row is left as it is; the
 * reaper finds that nobody works on it.
 *
 * A cancel counts for the task that it was meant for: the board signals under
 * its lock, and what is pending is forgotten when the task is given back.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xact.h"
#include "commands/dbcommands.h"
#include "common/errors.h"
#include "common/owner.h"
#include "common/settings.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "task/task.h"
#include "task/worker.h"
#include "tcop/tcopprot.h"
#include "tenant/identity.h"
#include "tenant/locks.h"
#include "tenant/registry.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/ps_status.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timeout.h"

/* a handler that goes on this often after its time was up (1 s apart) is ended with its worker */
#define TIMEOUTS_MAX 5

/* the try that is in hand */
typedef struct Try
{
	TaskClaim *claim; /* NULL = none */
	const TaskKind *kind;
	TaskRun run;
	MemoryContext context;
	bool begun;  /* the handler was called */
	bool ended;  /* nothing is to be written any more */
	bool inside; /* in its transaction */
	RunAs scope;
	char label[NAMEDATALEN * 2 + 64];
} Try;

static Try current;

/* for the process title; renaming the database ends the worker */
static char database_name[NAMEDATALEN];

static TimeoutId task_timer;
static bool timer_registered = false;
static volatile sig_atomic_t timeouts = 0;

/* ---- time ---- */

static void
note_timeout(void)
{
	timeouts++;
	if (timeouts > TIMEOUTS_MAX)
		ProcDiePending = true;
	else
		QueryCancelPending = true;
	InterruptPending = true;
	SetLatch(MyLatch);
}

static void
start_timer(int seconds)
{
	if (!timer_registered)
	{
		task_timer = RegisterTimeout(USER_TIMEOUT, note_timeout);
		timer_registered = true;
	}
	timeouts = 0;
	if (seconds > 0)
		compat_enable_timeout_repeated(task_timer, seconds * 1000);
}

static void
stop_timer(void)
{
	if (timer_registered)
		disable_timeout(task_timer, false);
}

/* ---- the transaction ---- */

/*
 * Raises where the role has gone, or may no more work for whom the task is: it
 * may have been moved to another tenant, or lost its office, since it enqueued.
 */
static Oid
require_owner(const TaskClaim *claim, const TaskKind *kind)
{
	const TenantIdentity *identity;

	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(claim->owner_id)))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("role \"%s\", who owns the task, does not exist", claim->owner)));
	if (identity_role_is_operator(claim->owner_id))
		return kind->installation ? extension_owner() : claim->owner_id;
	if (kind->installation)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\", who owns the task, may no more work for the installation",
						claim->owner)));
	identity = tenant_identity(claim->owner_id);
	if (claim->tenant != NULL &&
		(identity->state != TENANT_ONE || strcmp(identity->name, claim->tenant) != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\", who owns the task, does not belong to tenant \"%s\" any more",
						claim->owner, claim->tenant)));
	return claim->owner_id;
}

/*
 * Counts as a question that runs for the tenant, though not towards its limit of
 * them: who suspends, renames or drops it cancels the task.  The lock is held
 * until the transaction ends.
 */
static void
hold_tenant(const char *name)
{
	TenantRecord record;
	TenantIdentity identity = {.state = TENANT_ONE};
	TenantAsk ask;

	if (name == NULL)
		return;
	if (!registry_find_tenant(name, &record))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("tenant \"%s\", for which the task is, does not exist", name)));
	identity.id = record.id;
	tenant_ask_begin(&ask, &identity);
	/* who suspended it before that did not see us */
	if (!registry_find_tenant(name, &record) || record.suspended)
		ereport(ERROR, (errcode(ERRCODE_AGENT_TENANT_SUSPENDED),
						errmsg("tenant \"%s\", for which the task is, is suspended", name)));
}

static void
begin_work(void)
{
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	hold_tenant(current.claim->tenant);
	current.run.owner = require_owner(current.claim, current.kind);
	run_as_enter(&current.scope, current.run.owner);
	current.inside = true;
	MemoryContextSwitchTo(current.context);
}

/*
 * Leaves the transaction open for what is ours to write.
 */
static void
end_work(void)
{
	run_as_leave(&current.scope);
	current.inside = false;
}

bool
task_pause(void)
{
	if (current.claim == NULL || !current.inside)
		return false;
	end_work();
	PopActiveSnapshot();
	CommitTransactionCommand();
	MemoryContextSwitchTo(current.context);
	return true;
}

void
task_resume(void)
{
	if (current.claim != NULL && !current.inside)
		begin_work();
}

static void
work(void)
{
	char message[BOARD_MESSAGE_SIZE];
	Jsonb *result;

	if (current.kind == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("task kind \"%s\" does not exist", current.claim->kind),
						errhint("The library that registers it is not preloaded.")));
	current.run.kind = current.kind->name;
	start_timer(current.kind->timeout);
	begin_work();
	CHECK_FOR_INTERRUPTS();
	current.begun = true;
	result = current.kind->run(&current.run);
	end_work();
	stop_timer();
	board_my_message(message);
	claim_finish_success(&current.claim->id, result, message[0] ? message : NULL);
	PopActiveSnapshot();
	CommitTransactionCommand();
	current.ended = true;
}

/* ---- its end, when it failed ---- */

/*
 * Can an error pass by itself?  What the task asks for can not be done is the
 * same the next time.
 */
static bool
can_pass(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_TO_CATEGORY(ERRCODE_CONNECTION_EXCEPTION):
		case ERRCODE_TO_CATEGORY(ERRCODE_TRANSACTION_ROLLBACK):
		case ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES):
		case ERRCODE_TO_CATEGORY(ERRCODE_SYSTEM_ERROR):
			return true;
		default:
			return sqlstate == ERRCODE_LOCK_NOT_AVAILABLE || sqlstate == ERRCODE_OBJECT_IN_USE ||
				   sqlstate == ERRCODE_CANNOT_CONNECT_NOW ||
				   sqlstate == ERRCODE_AGENT_SERVICE_UNREACHABLE ||
				   sqlstate == ERRCODE_AGENT_SERVICE_TIMEOUT ||
				   sqlstate == ERRCODE_AGENT_SERVICE_BUSY;
	}
}

/*
 * Suspending, renaming or dropping a tenant cancels what runs for it, before
 * that is committed; the lock on its name is held until then.  Such a task goes
 * back to the others of the tenant.
 */
static bool
tenant_was_stopped(const char *name, const char **why)
{
	TenantRecord record;

	if (name == NULL)
		return false;
	tenant_lock_names(name, NULL);
	if (registry_find_tenant(name, &record) && !record.suspended)
		return false;
	*why = "the tenant was suspended or changed";
	return true;
}

static void
write_failure(ErrorData *error, bool timed_out, bool cancel_requested)
{
	bool cancelled = error->sqlerrcode == ERRCODE_QUERY_CANCELED && !timed_out;
	bool suspended = error->sqlerrcode == ERRCODE_AGENT_TENANT_SUSPENDED;
	const pg_uuid_t *id = &current.claim->id;
	const char *why = NULL;

	if (!cancel_requested && (cancelled || suspended) &&
		tenant_was_stopped(current.claim->tenant, &why))
		claim_put_back(id, GetCurrentTimestamp(), why);
	else if (cancelled)
		claim_finish_cancelled(id, "cancelled");
	else
		(void) claim_finish_failure(id, error, can_pass(error->sqlerrcode) || suspended);
}

/*
 * To the server's log, without interrupting anything.
 */
static void
log_error(ErrorData *error, const char *what)
{
	ereport(LOG, (errcode(error->sqlerrcode), errmsg("%s: %s", what, error->message),
				  error->detail ? errdetail_internal("%s", error->detail) : 0,
				  error->hint ? errhint("%s", error->hint) : 0,
				  error->context ? errcontext("%s", error->context) : 0));
}

static void
end_failed_try(ErrorData *error, bool timed_out, bool cancel_requested)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		StartTransactionCommand();
		PushActiveSnapshot(GetTransactionSnapshot());
		MemoryContextSwitchTo(context);
		write_failure(error, timed_out, cancel_requested);
		PopActiveSnapshot();
		CommitTransactionCommand();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		AbortCurrentTransaction();
		MemoryContextSwitchTo(context);
		log_error(error, "sql_agent could not write the end of a task");
	}
	PG_END_TRY();
}

/*
 * The owner's statement has failed, or was stopped; the transaction is aborted
 * here.  Returns a copy of the error.
 */
static ErrorData *
leave_failed_work(bool timed_out)
{
	ErrorData *error;

	HOLD_INTERRUPTS();
	stop_timer();
	MemoryContextSwitchTo(current.context);
	error = CopyErrorData();
	FlushErrorState();
	AbortCurrentTransaction();
	current.inside = false;
	QueryCancelPending = false;
	MemoryContextSwitchTo(current.context);
	if (timed_out && error->sqlerrcode == ERRCODE_QUERY_CANCELED)
	{
		error->message = pstrdup("the task has timed out");
		error->detail = psprintf("Tasks of kind \"%s\" may take %d seconds.", current.kind->name,
								 current.kind->timeout);
	}
	RESUME_INTERRUPTS();
	return error;
}

/* ---- around it ---- */

static void
add_context(void *arg)
{
	errcontext("%s, attempt %d", current.label, current.claim->attempt);
}

static void
show(const char *label)
{
	char title[sizeof(current.label) + NAMEDATALEN];

	debug_query_string = label;
	pgstat_report_activity(label ? STATE_RUNNING : STATE_IDLE, label ? label : "");
	snprintf(title, sizeof(title), "%s %s", database_name, label ? label : "idle");
	set_ps_display(title);
}

void
run_init(void)
{
	char *name = get_database_name(MyDatabaseId);

	strlcpy(database_name, name ? name : "", sizeof(database_name));
	show(NULL);
}

static void
set_up(TaskClaim *claim, MemoryContext context)
{
	memset(&current, 0, sizeof(current));
	current.claim = claim;
	current.kind = task_find_kind(claim->kind);
	current.context = context;
	current.run.id = claim->id;
	current.run.kind = claim->kind;
	current.run.tenant = claim->tenant;
	current.run.attempt = claim->attempt;
	current.run.payload = claim->payload;
	snprintf(current.label, sizeof(current.label), "task %s of kind \"%s\"",
			 DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&claim->id))),
			 claim->kind);
}

static bool
attempt(void)
{
	ErrorContextCallback callback = {
		.callback = add_context, .arg = NULL, .previous = error_context_stack};
	ErrorData *volatile error = NULL;
	volatile bool timed_out = false;
	bool cancel_requested;

	error_context_stack = &callback;
	PG_TRY();
	{
		QueryCancelPending = false;
		if (board_cancel_requested())
			ereport(ERROR, (errcode(ERRCODE_QUERY_CANCELED), errmsg("the task was cancelled")));
		work();
	}
	PG_CATCH();
	{
		timed_out = timeouts > 0;
		error = leave_failed_work(timed_out);
	}
	PG_END_TRY();
	error_context_stack = callback.previous;
	if (error == NULL)
		return true;
	cancel_requested = board_cancel_requested();
	log_error(error, current.label);
	end_failed_try(error, timed_out, cancel_requested);
	current.ended = true;
	return false;
}

void
run_task(TaskClaim *claim, MemoryContext context)
{
	bool done;

	MemoryContextSwitchTo(context);
	set_up(claim, context);
	show(current.label);
	done = attempt();
	board_release(!done, true);
	QueryCancelPending = false;
	LockReleaseSession(USER_LOCKMETHOD);
	show(NULL);
	memset(&current, 0, sizeof(current));
	MemoryContextSwitchTo(context);
}

/*
 * Runs at exit, when nothing can interrupt it: so it waits for no lock, but for
 * that of our own row.
 */
void
run_give_back(bool asked_to_leave)
{
	TaskClaim *claim = current.claim;
	bool cancelled;

	if (claim == NULL || current.ended)
		return;
	AbortOutOfAnyTransaction();
	cancelled = asked_to_leave && board_cancel_requested();
	if (!asked_to_leave || (!cancelled && current.begun &&
							(current.kind == NULL || current.kind->effect == TASK_ONCE)))
		return;
	/* an error in here must not lead here again */
	current.claim = NULL;
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	if (cancelled)
		claim_finish_cancelled(&claim->id, "cancelled");
	else
		claim_put_back(&claim->id, GetCurrentTimestamp(), NULL);
	PopActiveSnapshot();
	CommitTransactionCommand();
}
