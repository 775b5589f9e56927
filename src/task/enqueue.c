/*-------------------------------------------------------------------------
 *
 * enqueue.c
 *		Puts a task into the queue, with the transaction of the caller.
 *
 * The row is the caller's transaction's: a rollback takes it back.  Workers are
 * woken when the transaction has committed; a wake-up that is lost (a prepared
 * transaction, a crash in between) costs time and no task, for the launcher
 * looks once a minute.
 *
 * Whose task it is follows from the effective role and its tenant, never from
 * an argument that a person could give.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "commands/async.h"
#include "common/display.h"
#include "common/errors.h"
#include "common/owner.h"
#include "common/settings.h"
#include "miscadmin.h"
#include "task/board.h"
#include "task/claim.h"
#include "task/task.h"
#include "task/task_int.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* bytes of a unique key */
#define UNIQUE_KEY_MAX 200
/* bytes of a payload as jsonb */
#define PAYLOAD_MAX (256 * 1024)

#define NOTIFY_CHANNEL "sql_agent_task"

/* ready where its time has come; what is late cannot be later than it is here */
#define INSERT                                                                               \
	"INSERT INTO sql_agent.task (home, tenant, owner_role, owner_id, fair_key, queue, kind," \
	" priority, payload, max_attempts, run_at, ready, unique_key, id)"                       \
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, greatest($11, clock_timestamp()),"    \
	" $11 IS NULL OR $11 <= clock_timestamp(), $12, coalesce($13, gen_random_uuid()))"       \
	" ON CONFLICT (home, owner_id, kind, unique_key)"                                        \
	" WHERE unique_key IS NOT NULL AND status IN ('PENDING', 'PROCESSING') DO NOTHING"       \
	" RETURNING id"

/* the one that is there already */
#define FIND_UNIQUE                                                                 \
	"SELECT id FROM sql_agent.task WHERE home = $1 AND owner_id = $2 AND kind = $3" \
	" AND unique_key = $4 AND status IN ('PENDING', 'PROCESSING')"

/* no more are counted than decide */
#define COUNT_OF_TENANT                                                                \
	"SELECT count(*) FROM (SELECT FROM sql_agent.task WHERE home = $1 AND tenant = $2" \
	" AND status IN ('PENDING', 'PROCESSING') LIMIT $3) t"

#define FIND_QUEUE "SELECT 1 FROM sql_agent.task_queue WHERE queue = $1"

/* $1 .. $13 of INSERT */
enum
{
	P_HOME,
	P_TENANT,
	P_OWNER,
	P_OWNER_ID,
	P_FAIR_KEY,
	P_QUEUE,
	P_KIND,
	P_PRIORITY,
	P_PAYLOAD,
	P_MAX_ATTEMPTS,
	P_RUN_AT,
	P_UNIQUE_KEY,
	P_ID,
	P_COUNT
};

static Oid insert_types[P_COUNT] = {TEXTOID,        NAMEOID, NAMEOID, OIDOID,   TEXTOID,
									NAMEOID,        NAMEOID, INT2OID, JSONBOID, INT4OID,
									TIMESTAMPTZOID, TEXTOID, UUIDOID};
static Oid find_types[] = {TEXTOID, OIDOID, NAMEOID, TEXTOID};
static Oid queue_types[] = {NAMEOID};
static Oid count_types[] = {TEXTOID, NAMEOID, INT8OID};

/* kept for the life of the backend */
static SPIPlanPtr insert_plan = NULL;
static SPIPlanPtr find_plan = NULL;
static SPIPlanPtr queue_plan = NULL;
static SPIPlanPtr count_plan = NULL;

/* this transaction has put something into the queue */
static bool wake_at_commit = false;

static void
wake_workers(XactEvent event, void *arg)
{
	bool committed = event == XACT_EVENT_COMMIT;

	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE)
		return;
	if (wake_at_commit && committed && board_exists())
		board_wake(MyDatabaseId);
	wake_at_commit = false;
}

void
task_init(void)
{
	RegisterXactCallback(wake_workers, NULL);
}

void
task_wake_at_commit(void)
{
	wake_at_commit = true;
}

void
task_notify(const pg_uuid_t *id, const char *status)
{
	char *payload;

	if (!setting_task_notify)
		return;
	payload = psprintf("{\"task_id\": \"%s\", \"status\": \"%s\"}",
					   DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id))), status);
	Async_Notify(NOTIFY_CHANNEL, payload);
}

static void
require_writable(void)
{
	if (RecoveryInProgress())
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("cannot enqueue a task on a standby server"),
						errhint("Connect to the primary server.")));
	if (XactReadOnly)
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("cannot enqueue a task in a read-only transaction")));
	if (IsInParallelMode())
		ereport(ERROR, (errcode(ERRCODE_INVALID_TRANSACTION_STATE),
						errmsg("cannot enqueue a task during a parallel operation")));
}

static const TaskKind *
require_kind(const char *name)
{
	const TaskKind *kind = task_find_kind(name);

	if (kind == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("task kind \"%s\" does not exist", name),
				 errhint("SELECT * FROM sql_agent.task_kinds() lists them.")));
	return kind;
}

/*
 * The tenant of the task, or NULL.  One that is named explicitly is a capability's
 * choice: it has checked that the caller may work for it.
 */
static char *
tenant_of(const TaskRequest *request, Oid owner, TenantOptions *options)
{
	const TenantIdentity *identity;
	TenantRecord record;

	memset(options, 0, sizeof(TenantOptions));
	if (request->tenant == NULL)
	{
		identity_require_clear(owner);
		identity = tenant_identity(owner);
		if (identity->state != TENANT_ONE)
			return NULL;
		*options = identity->options;
		return pstrdup(identity->name);
	}
	if (!registry_find_tenant(request->tenant, &record))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("tenant \"%s\" does not exist", request->tenant)));
	if (record.suspended)
		identity_raise_suspended(record.name);
	tenant_options_read(record.options, options);
	return record.name;
}

/*
 * Transactions that enqueue at the same time do not see each other's tasks, so
 * each may bring the tenant over its limit by what it enqueues itself.
 */
void
task_require_room(const char *tenant, const TenantOptions *options)
{
	Datum values[] = {CStringGetTextDatum(task_home()), task_name_datum(tenant),
					  Int64GetDatum(options->max_tasks + INT64CONST(1))};
	bool isnull;

	if (options->max_tasks == 0)
		return;
	owner_prepare(&count_plan, COUNT_OF_TENANT, lengthof(count_types), count_types);
	(void) task_execute(count_plan, values, NULL, SPI_OK_SELECT);
	if (DatumGetInt64(task_column(1, &isnull)) > options->max_tasks)
		ereport(ERROR, (errcode(ERRCODE_AGENT_TENANT_LIMIT),
						errmsg("too many tasks of tenant \"%s\"", tenant),
						errdetail("%d of them may wait and run at one time.", options->max_tasks),
						errhint("Wait until some have ended, or cancel some with task_cancel().")));
}

/*
 * A queue that anybody could make up would be a way round the limits, and round
 * the turns, of the others.
 */
static void
require_queue(const TaskRequest *request, const TaskKind *kind, bool is_operator)
{
	Datum values[1];

	if (request->queue == NULL || strcmp(request->queue, kind->queue) == 0)
		return;
	if (strcmp(request->queue, QUEUE_MAINTENANCE) == 0 && !is_operator)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied for queue \"%s\"", request->queue),
						errdetail("It is for the upkeep of the installation."),
						errhint("Leave the queue out.")));
	if (task_queue_is_known(request->queue))
		return;
	values[0] = task_name_datum(request->queue);
	owner_prepare(&queue_plan, FIND_QUEUE, lengthof(queue_types), queue_types);
	if (task_execute(queue_plan, values, NULL, SPI_OK_SELECT) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("queue \"%s\" does not exist", display_escape(request->queue)),
				 errhint("View sql_agent.queues lists those that do.  An operator makes one with "
						 "queue_set().")));
}

static void
fill_parameters(const TaskRequest *request, const TaskKind *kind, Jsonb *payload,
				const char *tenant, Oid owner, Datum *values, char *nulls)
{
	const char *owner_name = GetUserNameFromId(owner, false);

	memset(nulls, ' ', P_COUNT);
	values[P_HOME] = CStringGetTextDatum(task_home());
	if (tenant != NULL)
		values[P_TENANT] = task_name_datum(tenant);
	else
		nulls[P_TENANT] = 'n';
	values[P_OWNER] = task_name_datum(owner_name);
	values[P_OWNER_ID] = ObjectIdGetDatum(owner);
	values[P_FAIR_KEY] =
		CStringGetTextDatum(tenant ? psprintf("t:%s", tenant) : psprintf("r:%s", owner_name));
	values[P_QUEUE] = task_name_datum(request->queue ? request->queue : kind->queue);
	values[P_KIND] = task_name_datum(kind->name);
	values[P_PRIORITY] = Int16GetDatum(request->priority);
	values[P_PAYLOAD] = JsonbPGetDatum(payload);
	values[P_MAX_ATTEMPTS] = Int32GetDatum(kind->max_attempts);
	if (request->run_at != 0)
		values[P_RUN_AT] = TimestampTzGetDatum(request->run_at);
	else
		nulls[P_RUN_AT] = 'n';
	if (request->unique_key != NULL)
		values[P_UNIQUE_KEY] = CStringGetTextDatum(request->unique_key);
	else
		nulls[P_UNIQUE_KEY] = 'n';
	if (request->id != NULL)
		values[P_ID] = UUIDPGetDatum(request->id);
	else
		nulls[P_ID] = 'n';
}

/*
 * A payload says what to do; it is no place for data.  Workers hold those of many
 * schedules in memory at one time.
 */
void
task_check_payload(const TaskKind *kind, Jsonb *payload, const char *whose)
{
	if (!JB_ROOT_IS_OBJECT(payload))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("payload of a %s is not a JSON object", whose)));
	if (VARSIZE(payload) > PAYLOAD_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("payload of a %s is too large: %u bytes", whose,
							   (unsigned) VARSIZE(payload)),
						errdetail("At most %d bytes are allowed.", PAYLOAD_MAX),
						errhint("Store the data in a table, and name it in the payload.")));
	if (kind->check != NULL)
		kind->check(payload);
}

static void
check_request(const TaskRequest *request, const TaskKind *kind, Jsonb *payload)
{
	task_check_payload(kind, payload, "task");
	if (request->unique_key != NULL && strlen(request->unique_key) > UNIQUE_KEY_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unique key of a task is longer than %d bytes", UNIQUE_KEY_MAX)));
	if (TIMESTAMP_NOT_FINITE(request->run_at))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the time of a task must be finite")));
	if (request->priority < PG_INT16_MIN || request->priority > PG_INT16_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("priority %d is out of range", request->priority),
						errdetail("It is a number from %d to %d.", PG_INT16_MIN, PG_INT16_MAX)));
}

/*
 * Inserts, or finds the task of the same unique key that has not ended.  That one
 * may end between the two; then it is tried again.
 */
static pg_uuid_t
insert(Datum *values, const char *nulls, bool *inserted)
{
	Datum keys[] = {values[P_HOME], values[P_OWNER_ID], values[P_KIND], values[P_UNIQUE_KEY]};
	bool isnull;

	owner_prepare(&insert_plan, INSERT, P_COUNT, insert_types);
	owner_prepare(&find_plan, FIND_UNIQUE, lengthof(find_types), find_types);
	for (;;)
	{
		*inserted = task_execute(insert_plan, values, nulls, SPI_OK_INSERT_RETURNING) == 1;
		if (*inserted || task_execute(find_plan, keys, NULL, SPI_OK_SELECT) == 1)
			return *DatumGetUUIDP(task_column(1, &isnull));
		CHECK_FOR_INTERRUPTS();
	}
}

pg_uuid_t
task_enqueue(const TaskRequest *request)
{
	const TaskKind *kind = require_kind(request->kind);
	Oid owner = OidIsValid(request->owner) ? request->owner : GetUserId();
	Jsonb *payload = request->payload;
	TenantOptions options;
	OwnerScope scope;
	char *tenant;
	Datum values[P_COUNT] = {0};
	char nulls[P_COUNT];
	pg_uuid_t id;
	bool inserted;
	bool is_operator;

	require_writable();
	if (payload == NULL)
		payload = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")));
	check_request(request, kind, payload);
	tenant = tenant_of(request, owner, &options);
	fill_parameters(request, kind, payload, tenant, owner, values, nulls);

	is_operator = identity_is_operator();
	task_scope_enter(&scope);
	require_queue(request, kind, is_operator);
	id = insert(values, nulls, &inserted);
	if (inserted && tenant != NULL)
		task_require_room(tenant, &options);
	owner_scope_leave(&scope);
	if (inserted)
	{
		task_wake_at_commit();
		task_notify(&id, "PENDING");
	}
	return id;
}
