/*-------------------------------------------------------------------------
 *
 * claim_round.c
 *		What is ready to be taken, as this worker saw it a moment ago.
 *
 * To find the next queue, key and task is an index probe each.  But the entries
 * of tasks that were taken before stay in the index until vacuum, and as long as
 * any old transaction is open (a task that runs for an hour is one) a probe that
 * begins at the front must walk over all of them, and look at each in the table.
 * So a worker keeps what it has found, for a fifth of a second, together with
 * how far each key has been emptied: claims in between begin behind that.
 * What is enqueued meanwhile by others, with a higher priority, or by somebody
 * who had nothing waiting, is seen with the next look.  That is at once when
 * somebody has committed a task since, unless looks take long: then there are
 * fewer of them.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "task/claim.h"
#include "task/claim_round.h"
#include "task/task_int.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* s for which a look is good, at least, and as a multiple of what it took */
#define FRESH_FOR   0.2
#define FRESH_TIMES 20
/* a look that took less s than that can be repeated at once, others wait for a multiple */
#define CHEAP       0.002
#define PAUSE_TIMES 5

/* $2: the queue before it */
#define NEXT_QUEUE                                                                          \
	"SELECT t.queue, q.places, q.places_per_tenant, coalesce(q.paused, false) FROM ("       \
	"SELECT queue FROM sql_agent.task WHERE home = $1 AND " TASK_IS_READY " AND queue > $2" \
	" ORDER BY queue LIMIT 1) t LEFT JOIN sql_agent.task_queue q ON q.queue = t.queue"

/* $3: the key before it */
#define NEXT_KEY                                                                            \
	"SELECT fair_key FROM sql_agent.task WHERE home = $1 AND queue = $2 AND " TASK_IS_READY \
	" AND fair_key > $3 ORDER BY fair_key LIMIT 1"

static Oid queue_types[] = {TEXTOID, NAMEOID};
static Oid key_types[] = {TEXTOID, NAMEOID, TEXTOID};

/* kept for the life of the backend */
static SPIPlanPtr next_queue_plan = NULL;
static SPIPlanPtr next_key_plan = NULL;

static MemoryContext round_context = NULL;
static List *queues = NIL;
static bool built = false;
static instr_time built_at;
static double build_time = 0; /* s */
static uint32 wakes_then;     /* board_count_wakes() before it was built */

static double
age(void)
{
	instr_time now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, built_at);
	return INSTR_TIME_GET_DOUBLE(now);
}

List *
round_queues(void)
{
	return queues;
}

/*
 * What was enqueued since counts, where a look is cheap.
 */
bool
round_is_fresh(void)
{
	if (!built || (build_time < CHEAP && board_count_wakes(MyDatabaseId) != wakes_then))
		return false;
	return age() < Max(FRESH_FOR, FRESH_TIMES * build_time);
}

bool
round_may_build(void)
{
	return !built || build_time < CHEAP || age() >= PAUSE_TIMES * build_time;
}

/*
 * What is not set has the defaults of queue.c.
 */
static bool
next_queue(const char *after, ReadyQueue *queue)
{
	Datum values[] = {CStringGetTextDatum(task_home()), task_name_datum(after)};
	Datum value;
	bool isnull;

	CHECK_FOR_INTERRUPTS();
	owner_prepare(&next_queue_plan, NEXT_QUEUE, lengthof(queue_types), queue_types);
	if (task_execute(next_queue_plan, values, NULL, SPI_OK_SELECT) == 0)
		return false;
	strlcpy(queue->name, NameStr(*DatumGetName(task_column(1, &isnull))), NAMEDATALEN);
	value = task_column(2, &isnull);
	queue->places = isnull ? task_default_places(queue->name) : DatumGetInt32(value);
	value = task_column(3, &isnull);
	queue->places_per_key =
		isnull ? task_default_places_per_tenant(queue->places) : DatumGetInt32(value);
	queue->paused = DatumGetBool(task_column(4, &isnull));
	return true;
}

static bool
next_key(const char *queue, const char *after, char *key)
{
	Datum values[] = {CStringGetTextDatum(task_home()), task_name_datum(queue),
					  CStringGetTextDatum(after)};
	bool isnull;

	CHECK_FOR_INTERRUPTS();
	owner_prepare(&next_key_plan, NEXT_KEY, lengthof(key_types), key_types);
	if (task_execute(next_key_plan, values, NULL, SPI_OK_SELECT) == 0)
		return false;
	strlcpy(key, TextDatumGetCString(task_column(1, &isnull)), BOARD_KEY_SIZE);
	return true;
}

static void
add_key(ReadyQueue *queue, const char *key)
{
	ReadyKey *entry = &queue->keys[queue->nkeys++];

	strlcpy(entry->key, key, BOARD_KEY_SIZE);
	entry->empty = false;
	entry->rank = PG_INT32_MIN;
	entry->seq = 0;
}

/*
 * The keys after the one that was served last, to the end and from the
 * beginning to that one.
 */
static void
read_keys(ReadyQueue *queue)
{
	char last[BOARD_KEY_SIZE];
	char key[BOARD_KEY_SIZE];

	board_last_key(queue->name, last);
	strlcpy(key, last, sizeof(key));
	while (queue->nkeys < ROUND_KEYS && next_key(queue->name, key, key))
		add_key(queue, key);
	key[0] = '\0';
	while (queue->nkeys < ROUND_KEYS && next_key(queue->name, key, key) && strcmp(key, last) <= 0)
		add_key(queue, key);
	queue->complete = queue->nkeys < ROUND_KEYS;
}

static ReadyQueue *
new_queue(void)
{
	return MemoryContextAllocZero(round_context, sizeof(ReadyQueue));
}

void
round_build(void)
{
	instr_time start;
	ReadyQueue *queue;
	MemoryContext old;
	const char *after = "";

	INSTR_TIME_SET_CURRENT(start);
	if (round_context == NULL)
		round_context = AllocSetContextCreate(TopMemoryContext, "sql_agent ready tasks",
											  ALLOCSET_DEFAULT_SIZES);
	built = false;
	wakes_then = board_count_wakes(MyDatabaseId);
	queues = NIL;
	MemoryContextReset(round_context);
	for (queue = new_queue(); next_queue(after, queue); queue = new_queue())
	{
		after = queue->name;
		if (!queue->paused)
			read_keys(queue);
		old = MemoryContextSwitchTo(round_context);
		queues = lappend(queues, queue);
		MemoryContextSwitchTo(old);
	}
	INSTR_TIME_SET_CURRENT(built_at);
	INSTR_TIME_SUBTRACT(built_at, start);
	build_time = INSTR_TIME_GET_DOUBLE(built_at);
	INSTR_TIME_SET_CURRENT(built_at);
	built = true;
}

/* does the turn come to `a` before `b`? */
static bool
is_before(const char *a, const char *b, const char *last)
{
	bool a_wraps = strcmp(a, last) <= 0;
	bool b_wraps = strcmp(b, last) <= 0;

	return a_wraps != b_wraps ? b_wraps : strcmp(a, b) < 0;
}

int
round_first(const ReadyQueue *queue, const char *last)
{
	int first = 0;

	for (int i = 1; i < queue->nkeys; i++)
		if (is_before(queue->keys[i].key, queue->keys[first].key, last))
			first = i;
	return first;
}
