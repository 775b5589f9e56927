/*-------------------------------------------------------------------------
 *
 * fence.c
 *		What surrounds a generated statement while it is parsed, analysed,
 *		planned and run.
 *
 * - an internal subtransaction, read only, always rolled back: it restores
 *   user, parameters, snapshots, portals and resources on every way out;
 * - the asking role's identity in a security-restricted operation;
 * - parameters pinned, so that a verdict does not depend on the session's;
 * - a timer armed before parsing.  It has a flag of its own, cleared on the way
 *   out, so it never cancels the caller's outer statement; a cancel that the
 *   user sent stays the user's;
 * - a wall for memory: RLIMIT_DATA, lowered to what the process uses now plus
 *   sql_agent.max_memory.  work_mem bounds no array_agg() or repeat(), and a
 *   single allocation can not be interrupted.  PostgreSQL turns the failed
 *   allocation into an ordinary error.  Where the kernel does not enforce it,
 *   fence_check_memory() is what remains.
 *
 * A caller's memory context is used for all that must outlive the fence.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

#include "access/parallel.h"
#include "access/xact.h"
#include "common/settings.h"
#include "guard/guard_int.h"
#include "jit/jit.h"
#include "miscadmin.h"
#include "optimizer/cost.h"
#include "optimizer/geqo.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "parser/parse_expr.h"
#include "parser/parser.h"
#include "storage/fd.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "utils/array.h"
#include "utils/bytea.h"
#include "utils/float.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/rls.h"
#include "utils/timeout.h"
#include "utils/xml.h"

#define MEMORY_POLL_INTERVAL 50   /* ms */
#define LOCK_TIMEOUT         2000 /* ms */
#define DATA_FIELD           5    /* of /proc/self/statm, from 0 */

static bool timers_registered = false;
static bool timers_armed = false;
static TimeoutId statement_timer;
static TimeoutId memory_timer;

/* written by the timers' handlers */
static volatile sig_atomic_t timer_fired = false;
static volatile sig_atomic_t memory_poll_due = false;

/* sql_agent.worker_memory, kB: carries the wall into parallel workers */
static int worker_memory = 0;

static bool fence_active = false;
static bool memory_exceeded = false;
static bool limit_lowered = false;
static bool limit_in_force = false;
static bool outer_timeout_active = false;
static struct rlimit outer_limit;

/*
 * A cancel that is pending already belongs to somebody else.
 */
static void
statement_timer_handler(void)
{
	if (QueryCancelPending)
		return;
	timer_fired = true;
	QueryCancelPending = true;
	InterruptPending = true;
	SetLatch(MyLatch);
}

static void
memory_timer_handler(void)
{
	memory_poll_due = true;
}

static void
arm_timers(int timeout)
{
	if (!timers_registered)
	{
		statement_timer = RegisterTimeout(USER_TIMEOUT, statement_timer_handler);
		memory_timer = RegisterTimeout(USER_TIMEOUT, memory_timer_handler);
		timers_registered = true;
	}
	timer_fired = false;
	memory_poll_due = false;
	timers_armed = true;
	outer_timeout_active = get_timeout_active(STATEMENT_TIMEOUT);
	enable_timeout_after(statement_timer, timeout);
	compat_enable_timeout_every(memory_timer, MEMORY_POLL_INTERVAL);
}

static void
disarm_timers(void)
{
	if (!timers_armed)
		return;
	timers_armed = false;
	disable_timeout(statement_timer, false);
	disable_timeout(memory_timer, false);
	/* our own cancel, come too late to be noticed: not the outer statement's */
	if (timer_fired)
		QueryCancelPending = false;
}

/*
 * The process's data segment and private mappings, in bytes; 0 = not known.
 */
static uint64
data_size(void)
{
	static int fd = -1;
	char buffer[256];
	const char *field = buffer;
	ssize_t len;

	/* kept open: opening it would cost more than all else here */
	if (fd < 0)
	{
		fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return 0;
		ReserveExternalFD();
	}
	len = pread(fd, buffer, sizeof(buffer) - 1, 0);
	if (len <= 0)
		return 0;
	buffer[len] = '\0';
	/* the sixth number, in pages */
	for (int i = 0; field != NULL && i < DATA_FIELD; i++)
	{
		field = strchr(field, ' ');
		field = field ? field + 1 : NULL;
	}
	return field ? (uint64) strtoul(field, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}

static void
lower_memory_limit(int allowance)
{
	struct rlimit limit;
	uint64 used = data_size();
	uint64 wanted = used + (uint64) allowance * 1024;

	limit_lowered = false;
	memory_exceeded = false;
	if (used == 0 || getrlimit(RLIMIT_DATA, &outer_limit) != 0)
		return;
	limit = outer_limit;
	if (limit.rlim_cur != RLIM_INFINITY && (uint64) limit.rlim_cur <= wanted)
		return;
	limit.rlim_cur = (rlim_t) wanted;
	limit_lowered = setrlimit(RLIMIT_DATA, &limit) == 0;
	limit_in_force = limit_lowered;
}

static void
restore_memory_limit(void)
{
	if (limit_lowered && limit_in_force)
		(void) setrlimit(RLIMIT_DATA, &outer_limit);
	limit_in_force = false;
}

/*
 * A parallel worker is given the leader's parameters before its part of the
 * plan; it ends with the statement, so nothing has to be restored.
 */
static void
assign_worker_memory(int newval, void *extra)
{
	if (newval > 0 && IsParallelWorker())
		lower_memory_limit(newval);
}

void
fence_init(void)
{
	DefineCustomIntVariable(
		"sql_agent.worker_memory",
		"Carries sql_agent.max_memory into the workers of a generated statement.",
		"Set by the guard; setting it has no effect.", &worker_memory, 0, 0, INT_MAX / 2, PGC_SUSET,
		GUC_UNIT_KB | GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE, NULL,
		assign_worker_memory, NULL);
}

void
fence_check_memory(GuardCall *call)
{
	if (!memory_poll_due)
		return;
	memory_poll_due = false;
	if (MemoryContextMemAllocated(call->work_context, true) +
			MemoryContextMemAllocated(call->portal_context, true) <=
		(Size) setting_max_memory * 1024)
		return;
	memory_exceeded = true;
	ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

FenceStop
fence_stopped(void)
{
	if (memory_exceeded)
		return FENCE_MEMORY;
	return timer_fired ? FENCE_TIME : FENCE_RUNNING;
}

bool
fence_is_up(void)
{
	return fence_active || IsParallelWorker();
}

static void
pin(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
}

/* setting a parameter costs more than looking at it */
static void
pin_unless(bool holds, const char *name, const char *value)
{
	if (!holds)
		pin(name, value);
}

static void
pin_number(bool holds, const char *name, int value)
{
	if (!holds)
		pin(name, psprintf("%d", value));
}

/*
 * What a RESET in the session would give.  Kept is where the parameter lives:
 * that does not change.
 */
static void
pin_default(struct config_generic **known, const char *name)
{
	bool holds = false;

	if (*known == NULL)
		*known = compat_find_parameter(name);
	if (*known != NULL && (*known)->vartype == PGC_REAL)
		holds = *((struct config_real *) *known)->variable ==
				((struct config_real *) *known)->reset_val;
	else if (*known != NULL && (*known)->vartype == PGC_STRING)
	{
		struct config_string *string = (struct config_string *) *known;

		holds = *string->variable == string->reset_val ||
				(*string->variable != NULL && string->reset_val != NULL &&
				 strcmp(*string->variable, string->reset_val) == 0);
	}
	if (!holds)
		pin(name, NULL);
}

/*
 * What the statement's text means, and what its values look like.
 */
static void
pin_meaning(GuardCall *call)
{
	static struct config_generic *search_config = NULL;

	pin("search_path", call->search_path);
	pin_unless(standard_conforming_strings, "standard_conforming_strings", "on");
	pin_unless(!Transform_null_equals, "transform_null_equals", "off");
	pin_unless(Array_nulls, "array_nulls", "on");
	pin_unless(row_security, "row_security", "on");
	pin_unless(DateStyle == USE_ISO_DATES && DateOrder == DATEORDER_MDY, "DateStyle", "ISO, MDY");
	pin_unless(IntervalStyle == INTSTYLE_POSTGRES, "IntervalStyle", "postgres");
	pin_unless(extra_float_digits == 1, "extra_float_digits", "1");
	pin_unless(bytea_output == BYTEA_OUTPUT_HEX, "bytea_output", "hex");
	pin_unless(xmloption == XMLOPTION_CONTENT, "xmloption", "content");
	pin_default(&search_config, "default_text_search_config");
	pin_unless(client_min_messages == ERROR, "client_min_messages", "error");
}

/*
 * What the planner thinks: as the session began, not as it was set since.
 */
static void
pin_planner(void)
{
	static const char *const costs[] = {"seq_page_cost", "random_page_cost", "cpu_tuple_cost",
										"cpu_index_tuple_cost", "cpu_operator_cost"};
	static struct config_generic *known[lengthof(costs)] = {NULL};

	for (int i = 0; i < lengthof(costs); i++)
		pin_default(&known[i], costs[i]);
	pin_unless(enable_seqscan, "enable_seqscan", NULL);
	pin_unless(enable_indexscan, "enable_indexscan", NULL);
	pin_unless(enable_sort, "enable_sort", NULL);
	pin_unless(enable_hashagg, "enable_hashagg", NULL);
	pin_unless(enable_hashjoin, "enable_hashjoin", NULL);
	pin_unless(enable_mergejoin, "enable_mergejoin", NULL);
	pin_unless(enable_nestloop, "enable_nestloop", NULL);
	pin_unless(enable_material, "enable_material", NULL);
	pin_unless(enable_geqo, "geqo", "on");
	pin_unless(geqo_threshold <= 12, "geqo_threshold", "12");
	pin_unless(constraint_exclusion == CONSTRAINT_EXCLUSION_PARTITION, "constraint_exclusion",
			   "partition");
	pin_number(join_collapse_limit == setting_join_collapse_limit, "join_collapse_limit",
			   setting_join_collapse_limit);
	pin_number(from_collapse_limit == setting_join_collapse_limit, "from_collapse_limit",
			   setting_join_collapse_limit);
}

/*
 * What it may use.
 */
static void
pin_resources(void)
{
	int memory = Max(setting_max_memory / 8, 64);

	pin_unless(!jit_enabled, "jit", "off");
	pin_number(LockTimeout > 0 && LockTimeout <= LOCK_TIMEOUT, "lock_timeout", LOCK_TIMEOUT);
	pin_unless(hash_mem_multiplier <= 1.0, "hash_mem_multiplier", "1");
	pin_number(work_mem <= memory, "work_mem", memory);
	pin_number(max_parallel_workers_per_gather == setting_parallel_workers,
			   "max_parallel_workers_per_gather", setting_parallel_workers);
	pin_number(setting_parallel_workers == 0, "sql_agent.worker_memory", setting_max_memory);
	pin_number(temp_file_limit >= 0 && temp_file_limit <= setting_max_memory * 4.0,
			   "temp_file_limit", Min(setting_max_memory, INT_MAX / 4) * 4);
}

static void
enter(GuardCall *call)
{
	Oid userid;
	int sec_context;

	/* the subtransaction's end restores all of these */
	XactReadOnly = true;
	pin_meaning(call);
	pin_planner();
	pin_resources();
	GetUserIdAndSecContext(&userid, &sec_context);
	SetUserIdAndSecContext(call->role, sec_context | SECURITY_LOCAL_USERID_CHANGE |
										   SECURITY_RESTRICTED_OPERATION);
	PushActiveSnapshot(GetTransactionSnapshot());
}

/*
 * Is the error none of the statement's, but the caller's: a cancel or timeout
 * of his own, the server going down, a conflict that only a retry of the whole
 * transaction solves?
 */
static bool
is_callers_error(int sqlstate)
{
	int category = ERRCODE_TO_CATEGORY(sqlstate);

	if (sqlstate == ERRCODE_QUERY_CANCELED)
		return fence_stopped() == FENCE_RUNNING ||
			   (outer_timeout_active && !get_timeout_active(STATEMENT_TIMEOUT));
	if (sqlstate == ERRCODE_OUT_OF_MEMORY)
		return !limit_lowered && !memory_exceeded;
	return category == ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_TRANSACTION_ROLLBACK);
}

/*
 * Runs body inside the fence.  Whatever it raises ends in call->outcome, but
 * for what is the caller's.
 */
void
fence_run(GuardCall *call, void (*body)(GuardCall *call))
{
	MemoryContext outer_context = CurrentMemoryContext;
	ResourceOwner outer_owner = CurrentResourceOwner;
	ErrorData *volatile edata = NULL;

	if (fence_active)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("a guarded statement can not run another one")));
	if (IsInParallelMode())
		ereport(ERROR, (errcode(ERRCODE_INVALID_TRANSACTION_STATE),
						errmsg("statements can not be guarded during a parallel operation")));

	fence_active = true;
	PG_TRY();
	{
		BeginInternalSubTransaction(NULL);
		MemoryContextSwitchTo(call->work_context);
		PG_TRY();
		{
			arm_timers(call->timeout);
			lower_memory_limit(setting_max_memory);
			enter(call);
			body(call);
		}
		PG_CATCH();
		{
			restore_memory_limit();
			disarm_timers();
			MemoryContextSwitchTo(outer_context);
			edata = CopyErrorData();
			FlushErrorState();
		}
		PG_END_TRY();

		restore_memory_limit();
		disarm_timers();
		MemoryContextSwitchTo(outer_context);
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(outer_context);
		CurrentResourceOwner = outer_owner;
	}
	PG_FINALLY();
	{
		fence_active = false;
	}
	PG_END_TRY();

	if (edata == NULL)
		return;
	if (!call->refused && is_callers_error(edata->sqlerrcode))
		ReThrowError(edata);
	guard_note_error(call, edata);
	FreeErrorData(edata);
}
