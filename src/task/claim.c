/*-------------------------------------------------------------------------
 *
 * claim.c
 *		Takes the next task of this database, fairly over tenants.
 *
 * Three rounds: over the queues that have ready tasks, beginning after the one
 * that this worker served last; in a queue over the fair keys (tenants, or roles
 * without one), beginning after the key that any worker served last; of a key
 * the task with the highest priority, the oldest first.  What there is to go
 * round is kept for a moment (claim_round.c); so a claim costs the same however
 * many tasks are waiting or done, and a key waits for one task of each other key
 * at most.
 *
 * How many tasks of a queue and of a key run at one time is limited.  Both are
 * counted on the board under its lock, before the claim commits: the limits
 * hold exactly, whatever the workers see of each other's transactions.  Rows
 * that another worker holds are skipped, never waited for.
 *
 * The plans are made while all but index scans are off.  A plan that was made
 * when the table was empty would otherwise read the whole of it later.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "common/owner.h"
#include "miscadmin.h"
#include "task/claim.h"
#include "task/claim_round.h"
#include "task/task_int.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* tasks that are made ready in one go */
#define PROMOTE_LIMIT 1000

#define PROMOTE                                                            \
	"UPDATE sql_agent.task SET ready = true WHERE id = ANY (ARRAY("        \
	"SELECT id FROM sql_agent.task WHERE home = $1 AND status = 'PENDING'" \
	" AND NOT ready AND NOT held AND run_at <= clock_timestamp()"          \
	" ORDER BY run_at LIMIT $2 FOR UPDATE SKIP LOCKED))"

/* after $4 and $5, which were taken */
#define OF_KEY                                                               \
	" FROM sql_agent.task WHERE home = $1 AND queue = $2 AND " TASK_IS_READY \
	" AND fair_key = $3 AND (0 - priority, seq) > ($4, $5)"
#define BEST_OF_KEY                             \
	"SELECT id, kind, 0 - priority, seq" OF_KEY \
	" ORDER BY 0 - priority, seq LIMIT 1 FOR UPDATE SKIP LOCKED"
#define MORE_OF_KEY "SELECT 1" OF_KEY " LIMIT 1"

#define TAKE                                                                               \
	"UPDATE sql_agent.task SET status = 'PROCESSING', attempts = attempts + 1,"            \
	" worker_pid = $2, worker_started = $3, started_at = clock_timestamp(), progress = 0," \
	" message = NULL WHERE id = $1"                                                        \
	" RETURNING tenant, owner_role, owner_id, attempts, max_attempts, payload"

#define NEXT_DUE                                                               \
	"SELECT run_at FROM sql_agent.task WHERE home = $1 AND status = 'PENDING'" \
	" AND NOT ready AND NOT held ORDER BY run_at LIMIT 1"

static Oid promote_types[] = {TEXTOID, INT4OID};
static Oid home_types[] = {TEXTOID};
static Oid key_types[] = {TEXTOID, NAMEOID, TEXTOID, INT4OID, INT8OID};
static Oid take_types[] = {UUIDOID, INT4OID, TIMESTAMPTZOID};

/* kept for the life of the backend */
static SPIPlanPtr promote_plan = NULL;
static SPIPlanPtr best_plan = NULL;
static SPIPlanPtr more_plan = NULL;
static SPIPlanPtr take_plan = NULL;
static SPIPlanPtr next_due_plan = NULL;

/* the queue that this worker served last */
static char last_queue[NAMEDATALEN];

const char *
task_home(void)
{
	static char home[64];

	/* neither changes while the process lives */
	if (home[0] == '\0')
		snprintf(home, sizeof(home), UINT64_FORMAT "/%u", GetSystemIdentifier(), MyDatabaseId);
	return home;
}

void
task_scope_enter(OwnerScope *scope)
{
	static const char *const settings[][2] = {{"plan_cache_mode", "force_generic_plan"},
											  {"enable_seqscan", "off"},
											  {"enable_bitmapscan", "off"},
											  {"enable_sort", "off"},
											  {"jit", "off"}};

	owner_scope_enter(scope);
	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
}

uint64
task_execute(SPIPlanPtr plan, Datum *values, const char *nulls, int expected)
{
	int code = SPI_execute_plan(plan, values, nulls, false, 0);

	if (code != expected)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
	return SPI_processed;
}

Datum
task_column(int column, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, isnull);
}

Datum
task_name_datum(const char *name)
{
	return DirectFunctionCall1(namein, CStringGetDatum(name));
}

int
claim_promote_due(void)
{
	OwnerScope scope;
	Datum values[] = {CStringGetTextDatum(task_home()), Int32GetDatum(PROMOTE_LIMIT)};
	int count;

	task_scope_enter(&scope);
	owner_prepare(&promote_plan, PROMOTE, lengthof(promote_types), promote_types);
	count = (int) task_execute(promote_plan, values, NULL, SPI_OK_UPDATE);
	owner_scope_leave(&scope);
	return count;
}

/*
 * Marks the row as this worker's; what is palloc'ed goes to `context`.
 */
static void
take(TaskClaim *claim, MemoryContext context)
{
	Datum values[] = {UUIDPGetDatum(&claim->id), Int32GetDatum(MyProcPid),
					  TimestampTzGetDatum(board_my_start())};
	MemoryContext old;
	Datum value;
	bool isnull;

	owner_prepare(&take_plan, TAKE, lengthof(take_types), take_types);
	if (task_execute(take_plan, values, NULL, SPI_OK_UPDATE_RETURNING) != 1)
		elog(ERROR, "task that was locked has gone");
	old = MemoryContextSwitchTo(context);
	value = task_column(1, &isnull);
	claim->tenant = isnull ? NULL : pstrdup(NameStr(*DatumGetName(value)));
	claim->owner = pstrdup(NameStr(*DatumGetName(task_column(2, &isnull))));
	claim->owner_id = DatumGetObjectId(task_column(3, &isnull));
	claim->attempt = DatumGetInt32(task_column(4, &isnull));
	claim->max_attempts = DatumGetInt32(task_column(5, &isnull));
	claim->payload = DatumGetJsonbPCopy(task_column(6, &isnull));
	MemoryContextSwitchTo(old);
}

/* $1 .. $5 of a statement on the tasks of a key */
static void
set_key(Datum *values, const ReadyQueue *queue, const ReadyKey *key)
{
	values[0] = CStringGetTextDatum(task_home());
	values[1] = task_name_datum(queue->name);
	values[2] = CStringGetTextDatum(key->key);
	values[3] = Int32GetDatum(key->rank);
	values[4] = Int64GetDatum(key->seq);
}

/*
 * The key's best task, unless all are in other hands or the key has as many
 * running as it may.  The board is told before the row says so.
 */
static bool
claim_of_key(const ReadyQueue *queue, ReadyKey *key, TaskClaim *claim, MemoryContext context)
{
	Datum values[lengthof(key_types)];
	int rank;
	int64 seq;
	bool isnull;

	CHECK_FOR_INTERRUPTS();
	set_key(values, queue, key);
	owner_prepare(&best_plan, BEST_OF_KEY, lengthof(key_types), key_types);
	if (task_execute(best_plan, values, NULL, SPI_OK_SELECT) == 0)
	{
		key->empty = true;
		return false;
	}
	claim->id = *DatumGetUUIDP(task_column(1, &isnull));
	strlcpy(claim->kind, NameStr(*DatumGetName(task_column(2, &isnull))), NAMEDATALEN);
	strlcpy(claim->queue, queue->name, NAMEDATALEN);
	rank = DatumGetInt32(task_column(3, &isnull));
	seq = DatumGetInt64(task_column(4, &isnull));
	if (!board_take(&claim->id, claim->kind, key->key, queue->places_per_key))
		return false;
	take(claim, context);
	board_set_last_key(queue->name, key->key);
	key->rank = rank;
	key->seq = seq;
	return true;
}

/*
 * One turn of each key.  Where not all keys are known, those that are known have
 * no second one before the others have had theirs.
 */
static bool
claim_of_queue(ReadyQueue *queue, TaskClaim *claim, MemoryContext context)
{
	char last[BOARD_KEY_SIZE];
	int first;

	if (queue->paused || queue->nkeys == 0 || !board_reserve_queue(queue->name, queue->places))
		return false;
	board_last_key(queue->name, last);
	first = round_first(queue, last);
	for (int i = first; i < first + queue->nkeys; i++)
	{
		ReadyKey *key = &queue->keys[i % queue->nkeys];

		if (i >= queue->nkeys && !queue->complete)
			break;
		if (!key->empty && claim_of_key(queue, key, claim, context))
			return true;
	}
	board_release(false, false);
	return false;
}

static bool
claim_of_any_queue(TaskClaim *claim, MemoryContext context)
{
	List *queues = round_queues();
	int count = list_length(queues);
	int first = 0;

	while (first < count && strcmp(((ReadyQueue *) list_nth(queues, first))->name, last_queue) <= 0)
		first++;
	for (int i = first; i < first + count; i++)
		if (claim_of_queue(list_nth(queues, i % count), claim, context))
			return true;
	return false;
}

bool
claim_next(TaskClaim *claim)
{
	MemoryContext context = CurrentMemoryContext;
	OwnerScope scope;
	bool found = false;

	memset(claim, 0, sizeof(TaskClaim));
	task_scope_enter(&scope);
	if (round_is_fresh())
		found = claim_of_any_queue(claim, context);
	if (!found && round_may_build())
	{
		round_build();
		found = claim_of_any_queue(claim, context);
	}
	owner_scope_leave(&scope);
	if (found)
		strlcpy(last_queue, claim->queue, NAMEDATALEN);
	return found;
}

TimestampTz
claim_next_due(void)
{
	OwnerScope scope;
	Datum values[] = {CStringGetTextDatum(task_home())};
	TimestampTz due = 0;
	bool isnull;

	task_scope_enter(&scope);
	owner_prepare(&next_due_plan, NEXT_DUE, lengthof(home_types), home_types);
	if (task_execute(next_due_plan, values, NULL, SPI_OK_SELECT) > 0)
		due = DatumGetTimestampTz(task_column(1, &isnull));
	owner_scope_leave(&scope);
	return due;
}

/*
 * How many tasks run in a queue, or of a key in it where key is not NULL.
 */
static int
count_running(const BoardWorker *workers, int count, const char *queue, const char *key)
{
	int running = 0;

	for (int i = 0; i < count; i++)
		if (workers[i].busy && strcmp(workers[i].queue, queue) == 0 &&
			(key == NULL || strcmp(workers[i].fair_key, key) == 0))
			running++;
	return running;
}

/* is there one that has not been taken? */
static bool
key_has_more(const ReadyQueue *queue, const ReadyKey *key)
{
	Datum values[lengthof(key_types)];

	if (key->empty)
		return false;
	set_key(values, queue, key);
	owner_prepare(&more_plan, MORE_OF_KEY, lengthof(key_types), key_types);
	return task_execute(more_plan, values, NULL, SPI_OK_SELECT) > 0;
}

static bool
queue_has_more(const ReadyQueue *queue, const BoardWorker *workers, int count)
{
	if (queue->paused || count_running(workers, count, queue->name, NULL) >= queue->places)
		return false;
	for (int i = 0; i < queue->nkeys; i++)
	{
		const ReadyKey *key = &queue->keys[i];

		if ((queue->places_per_key == 0 ||
			 count_running(workers, count, queue->name, key->key) < queue->places_per_key) &&
			key_has_more(queue, key))
			return true;
	}
	return false;
}

bool
claim_more_ready(void)
{
	int count;
	BoardWorker *workers = board_workers(MyDatabaseId, &count);
	OwnerScope scope;
	ListCell *lc;
	bool more = false;

	task_scope_enter(&scope);
	if (!round_is_fresh() && round_may_build())
		round_build();
	foreach (lc, round_queues())
	{
		more = queue_has_more(lfirst(lc), workers, count);
		if (more)
			break;
	}
	owner_scope_leave(&scope);
	return more;
}
