/*-------------------------------------------------------------------------
 *
 * schedule.c
 *		Rows of sql_agent.schedule: reading one, making one, enqueueing its task.
 *
 * A schedule runs as the role that made it, long after that role was looked at.
 * So each time it is asked again whether the role is still the same, belongs to
 * the same tenant, and may still have schedules.  The role is known by its OID
 * here, for its name may become another's; a restored copy of the row has
 * another home, and waits until resume_after_restore() takes the names for it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "task/claim.h"
#include "task/schedule.h"
#include "task/schedule_int.h"
#include "task/task.h"
#include "task/task_int.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#define SCHEDULES_MAX 500 /* of one tenant or role */

#define INSERT                                                                                 \
	"INSERT INTO sql_agent.schedule (name, home, tenant, owner_role, owner_id, kind, payload," \
	" cron, every, timezone, started_at, missed, next_run)"                                    \
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING"

/* no more are counted than decide */
#define COUNT_OF_TENANT                                                                \
	"SELECT count(*) FROM (SELECT FROM sql_agent.schedule WHERE tenant = $1 LIMIT $2)" \
	" s"
#define COUNT_OF_ROLE                                                                           \
	"SELECT count(*) FROM (SELECT FROM sql_agent.schedule WHERE tenant IS NULL AND owner_role " \
	"= $1 LIMIT $2) s"

#define IS_BUSY "SELECT FROM sql_agent.task WHERE id = $1 AND status IN ('PENDING', 'PROCESSING')"

/* the name that a schedule of a dropped role of the same name has taken */
#define FREE_NAME                                                              \
	"DELETE FROM sql_agent.schedule s WHERE s.name = $1 AND s.owner_role = $2" \
	" AND s.tenant IS NULL AND s.home = $3"                                    \
	" AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = s.owner_id)"

/* $1 .. of INSERT */
enum
{
	P_NAME,
	P_HOME,
	P_TENANT,
	P_OWNER,
	P_OWNER_ID,
	P_KIND,
	P_PAYLOAD,
	P_CRON,
	P_EVERY,
	P_TIMEZONE,
	P_START,
	P_MISSED,
	P_NEXT,
	P_COUNT
};

static Oid insert_types[P_COUNT] = {TEXTOID,        TEXTOID,  NAMEOID,       NAMEOID,     OIDOID,
									NAMEOID,        JSONBOID, TEXTOID,       INTERVALOID, TEXTOID,
									TIMESTAMPTZOID, TEXTOID,  TIMESTAMPTZOID};
static Oid count_types[] = {NAMEOID, INT8OID};
static Oid id_type[] = {UUIDOID};
static Oid free_types[] = {TEXTOID, NAMEOID, TEXTOID};

/* kept for the life of the backend */
static SPIPlanPtr insert_plan = NULL;
static SPIPlanPtr busy_plan = NULL;
static SPIPlanPtr free_plan = NULL;
static SPIPlanPtr count_of_tenant_plan = NULL;
static SPIPlanPtr count_of_role_plan = NULL;

/* ---- reading ---- */

static char *
text_of(HeapTuple row, int column)
{
	return SPI_getvalue(row, SPI_tuptable->tupdesc, column);
}

Schedule *
schedule_of_row(uint64 number)
{
	Schedule *schedule = palloc0(sizeof(Schedule));
	HeapTuple row = SPI_tuptable->vals[number];
	TupleDesc desc = SPI_tuptable->tupdesc;
	Datum value;
	bool isnull;

	schedule->id = *DatumGetUUIDP(SPI_getbinval(row, desc, 1, &isnull));
	schedule->name = text_of(row, 2);
	schedule->home = text_of(row, 3);
	schedule->tenant = text_of(row, 4);
	schedule->owner_name = text_of(row, 5);
	schedule->owner = DatumGetObjectId(SPI_getbinval(row, desc, 6, &isnull));
	schedule->kind = text_of(row, 7);
	schedule->payload = DatumGetJsonbPCopy(SPI_getbinval(row, desc, 8, &isnull));
	schedule->times.cron = text_of(row, 9);
	value = SPI_getbinval(row, desc, 10, &isnull);
	if (!isnull)
		schedule->times.every = *DatumGetIntervalP(value);
	schedule->times.timezone = text_of(row, 11);
	schedule->times.start = DatumGetTimestampTz(SPI_getbinval(row, desc, 12, &isnull));
	schedule->skip_missed = DatumGetBool(SPI_getbinval(row, desc, 13, &isnull));
	value = SPI_getbinval(row, desc, 14, &isnull);
	schedule->has_next = !isnull;
	schedule->next_run = isnull ? 0 : DatumGetTimestampTz(value);
	value = SPI_getbinval(row, desc, 15, &isnull);
	schedule->has_task = !isnull;
	if (!isnull)
		schedule->last_task = *DatumGetUUIDP(value);
	schedule->may_use = DatumGetBool(SPI_getbinval(row, desc, 16, &isnull));
	return schedule;
}

/* ---- may it run? ---- */

/* is the owner what it was when the schedule was made: of that tenant, or of none? */
static bool
tenant_is_same(const Schedule *schedule)
{
	const TenantIdentity *identity = tenant_identity(schedule->owner);

	if (schedule->tenant == NULL)
		return identity->state == TENANT_NONE;
	return (identity->state == TENANT_ONE || identity->state == TENANT_SUSPENDED) &&
		   strcmp(identity->name, schedule->tenant) == 0;
}

char *
schedule_trouble(const Schedule *schedule, const char **renamed)
{
	const TaskKind *kind = task_find_kind(schedule->kind);
	char *name = GetUserNameFromId(schedule->owner, true);

	*renamed = NULL;
	if (name == NULL)
		return psprintf("Role \"%s\" was dropped.", schedule->owner_name);
	if (strcmp(name, schedule->owner_name) != 0)
		*renamed = name;
	if (!tenant_is_same(schedule))
		return schedule->tenant != NULL
				   ? psprintf("Role \"%s\" does not belong to tenant \"%s\" any more.", name,
							  schedule->tenant)
				   : psprintf("Role \"%s\" belongs to a tenant by now.", name);
	/* a tenant's reader has no rights of its own: an operator made it */
	if (!schedule->may_use && !tenant_is_reader(schedule->owner))
		return psprintf("Role \"%s\" may not have schedules any more.", name);
	if (kind != NULL && kind->installation && !identity_role_is_operator(schedule->owner))
		return psprintf("Role \"%s\" is no operator any more.", name);
	return NULL;
}

/* ---- its task ---- */

bool
schedule_is_busy(const Schedule *schedule)
{
	Datum values[] = {UUIDPGetDatum(&schedule->last_task)};

	if (!schedule->has_task)
		return false;
	owner_prepare(&busy_plan, IS_BUSY, 1, id_type);
	return task_execute(busy_plan, values, NULL, SPI_OK_SELECT) > 0;
}

pg_uuid_t
schedule_enqueue(const Schedule *schedule)
{
	char *id = DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&schedule->id)));
	TaskRequest request = {.kind = schedule->kind,
						   .payload = schedule->payload,
						   .owner = schedule->owner,
						   .tenant = schedule->tenant,
						   .unique_key = psprintf("schedule:%s", id)};

	return task_enqueue(&request);
}

/* ---- making one ---- */

static const TaskKind *
require_kind(const char *name)
{
	const TaskKind *kind = task_find_kind(name);

	if (kind == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("task kind \"%s\" does not exist", name)));
	return kind;
}

static Jsonb *
checked_payload(const ScheduleRequest *request, const TaskKind *kind)
{
	Jsonb *payload = request->payload;

	if (payload == NULL)
		payload = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")));
	task_check_payload(kind, payload, "schedule");
	return payload;
}

/* the tenant of the request or of its owner, or NULL */
static char *
tenant_of(const ScheduleRequest *request, Oid owner)
{
	const TenantIdentity *identity;

	if (request->tenant != NULL)
		return pstrdup(request->tenant);
	identity_require_clear(owner);
	identity = tenant_identity(owner);
	return identity->state == TENANT_ONE ? pstrdup(identity->name) : NULL;
}

static const char *
timezone_of(const ScheduleRequest *request, const char *tenant)
{
	TenantRecord record;
	char *timezone = NULL;

	if (request->timezone != NULL)
		return request->timezone;
	if (tenant != NULL && registry_find_tenant(tenant, &record))
		timezone = tenant_options_timezone(record.options);
	return timezone != NULL ? timezone : pg_get_timezone_name(session_timezone);
}

static void
fill_parameters(const ScheduleRequest *request, Oid owner, const char *tenant, ScheduleTimes *times,
				TimestampTz next, Datum *values, char *nulls)
{
	memset(nulls, ' ', P_COUNT);
	values[P_NAME] = CStringGetTextDatum(request->name);
	values[P_HOME] = CStringGetTextDatum(task_home());
	if (tenant != NULL)
		values[P_TENANT] = task_name_datum(tenant);
	else
		nulls[P_TENANT] = 'n';
	values[P_OWNER] = task_name_datum(GetUserNameFromId(owner, false));
	values[P_OWNER_ID] = ObjectIdGetDatum(owner);
	values[P_KIND] = task_name_datum(request->kind);
	if (times->cron != NULL)
		values[P_CRON] = CStringGetTextDatum(times->cron);
	else
		nulls[P_CRON] = 'n';
	if (times->cron == NULL)
		values[P_EVERY] = IntervalPGetDatum(&times->every);
	else
		nulls[P_EVERY] = 'n';
	values[P_TIMEZONE] = CStringGetTextDatum(times->timezone);
	values[P_START] = TimestampTzGetDatum(times->start);
	values[P_MISSED] = CStringGetTextDatum(request->skip_missed ? "skip" : "once");
	values[P_NEXT] = TimestampTzGetDatum(next);
}

/*
 * Workers look at all that is due each second: who had very many of them would
 * keep those of others waiting.
 */
static void
require_room(const char *tenant, Oid owner)
{
	const char *whose = tenant != NULL ? tenant : GetUserNameFromId(owner, false);
	Datum values[] = {task_name_datum(whose), Int64GetDatum(SCHEDULES_MAX)};
	SPIPlanPtr plan;
	bool isnull;

	if (tenant != NULL)
		plan = owner_prepare(&count_of_tenant_plan, COUNT_OF_TENANT, lengthof(count_types),
							 count_types);
	else
		plan =
			owner_prepare(&count_of_role_plan, COUNT_OF_ROLE, lengthof(count_types), count_types);
	(void) task_execute(plan, values, NULL, SPI_OK_SELECT);
	if (DatumGetInt64(task_column(1, &isnull)) >= SCHEDULES_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("there are %d schedules already", SCHEDULES_MAX),
						errdetail("A tenant, or a role without one, has at most that many.")));
}

static TimestampTz
whole_second(TimestampTz time)
{
	return time - (time % USECS_PER_SEC + USECS_PER_SEC) % USECS_PER_SEC;
}

bool
schedule_add(const ScheduleRequest *request)
{
	Oid owner = OidIsValid(request->owner) ? request->owner : GetUserId();
	char *tenant = tenant_of(request, owner);
	ScheduleTimes times = {.cron = request->cron,
						   .timezone = timezone_of(request, tenant),
						   .start = whole_second(GetCurrentTimestamp())};
	TimestampTz next;
	Datum values[P_COUNT] = {0};
	char nulls[P_COUNT];
	OwnerScope scope;
	bool added;

	Assert((request->cron != NULL) != (request->every != NULL));
	if (request->every != NULL)
		times.every = *request->every;
	schedule_check_times(&times);
	if (!schedule_next_time(&times, GetCurrentTimestamp(), &next))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the schedule would never be due")));
	fill_parameters(request, owner, tenant, &times, next, values, nulls);
	values[P_PAYLOAD] = JsonbPGetDatum(checked_payload(request, require_kind(request->kind)));

	task_scope_enter(&scope);
	if (tenant == NULL)
	{
		Datum names[] = {values[P_NAME], values[P_OWNER], values[P_HOME]};

		owner_prepare(&free_plan, FREE_NAME, lengthof(free_types), free_types);
		(void) task_execute(free_plan, names, NULL, SPI_OK_DELETE);
	}
	require_room(tenant, owner);
	owner_prepare(&insert_plan, INSERT, P_COUNT, insert_types);
	added = task_execute(insert_plan, values, nulls, SPI_OK_INSERT) == 1;
	owner_scope_leave(&scope);
	if (added)
		task_wake_at_commit();
	return added;
}
