/*-------------------------------------------------------------------------
 *
 * schedule_face.c
 *		SQL functions schedule_create(), _drop, _pause, _resume and _run_now.
 *
 * A schedule is known by its name among those of its tenant, or of its owner
 * where that has no tenant.  The owner manages it, an administrator of the
 * tenant those of all members, an operator those of a tenant or role that is
 * named.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "common/display.h"
#include "miscadmin.h"
#include "task/claim.h"
#include "task/schedule.h"
#include "task/schedule_int.h"
#include "task/task.h"
#include "task/task_int.h"
#include "tenant/act.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(sql_agent_schedule_create);
PG_FUNCTION_INFO_V1(sql_agent_schedule_drop);
PG_FUNCTION_INFO_V1(sql_agent_schedule_pause);
PG_FUNCTION_INFO_V1(sql_agent_schedule_resume);
PG_FUNCTION_INFO_V1(sql_agent_schedule_run_now);

#define FIND_OF_TENANT                                      \
	"SELECT " SCHEDULE_COLUMNS " FROM sql_agent.schedule s" \
	" WHERE s.tenant = $1 AND s.name = $2 FOR UPDATE"
/* the role itself before one that had its name */
#define FIND_OF_ROLE                                              \
	"SELECT " SCHEDULE_COLUMNS " FROM sql_agent.schedule s"       \
	" WHERE s.tenant IS NULL AND s.name = $2"                     \
	" AND (s.owner_role = $1 OR s.owner_id = $3 AND s.home = $4)" \
	" ORDER BY s.owner_id = $3 AND s.home = $4 DESC LIMIT 1 FOR UPDATE"

#define DROP "DELETE FROM sql_agent.schedule WHERE id = $1"
#define PAUSE                                                                       \
	"UPDATE sql_agent.schedule SET next_run = NULL, paused_at = clock_timestamp()," \
	" paused_reason = $2 WHERE id = $1"
#define RESUME                                                       \
	"UPDATE sql_agent.schedule SET next_run = $2, paused_at = NULL," \
	" paused_reason = NULL WHERE id = $1"
#define RUN                                                                       \
	"UPDATE sql_agent.schedule SET last_run = clock_timestamp(), last_task = $2," \
	" runs = runs + 1 WHERE id = $1"

static Oid tenant_types[] = {NAMEOID, TEXTOID};
static Oid role_types[] = {NAMEOID, TEXTOID, OIDOID, TEXTOID};
static Oid drop_types[] = {UUIDOID};
static Oid pause_types[] = {UUIDOID, TEXTOID};
static Oid resume_types[] = {UUIDOID, TIMESTAMPTZOID};
static Oid run_types[] = {UUIDOID, UUIDOID};

/* kept for the life of the backend */
static SPIPlanPtr find_of_tenant_plan = NULL;
static SPIPlanPtr find_of_role_plan = NULL;
static SPIPlanPtr drop_plan = NULL;
static SPIPlanPtr pause_plan = NULL;
static SPIPlanPtr resume_plan = NULL;
static SPIPlanPtr run_plan = NULL;

/* ---- which schedule, and whose ---- */

static void
require_operator(const char *argument)
{
	if (!identity_is_operator())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to manage schedules of others"),
						errdetail("Only superusers and members of role \"%s\" may use argument "
								  "\"%s\".",
								  ADMIN_ROLE, argument)));
}

static char *
name_argument(FunctionCallInfo fcinfo, int number, const char *what)
{
	char *name;

	if (PG_ARGISNULL(number))
		return NULL;
	name = text_to_cstring(PG_GETARG_TEXT_PP(number));
	if (strlen(name) >= NAMEDATALEN)
		ereport(ERROR, (errcode(ERRCODE_NAME_TOO_LONG),
						errmsg("%s \"%s\" is too long", what, display_escape(name))));
	return name;
}

/*
 * What every function but schedule_create() is called with.
 */
typedef struct Target
{
	OwnerScope scope;
	Schedule *schedule;
} Target;

/* whose schedules are meant: a tenant's, or a role's */
typedef struct Whose
{
	char *tenant;
	char *owner;
	bool all; /* the caller manages all of them, not its own alone */
} Whose;

static Whose
whose_arguments(FunctionCallInfo fcinfo)
{
	Whose whose = {name_argument(fcinfo, 1, "tenant"), name_argument(fcinfo, 2, "owner"), true};
	const TenantIdentity *identity;

	if (whose.tenant != NULL && whose.owner != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a schedule is of a tenant or of a role, not of both")));
	if (whose.tenant != NULL || whose.owner != NULL)
	{
		require_operator(whose.tenant != NULL ? "tenant" : "owner");
		return whose;
	}
	identity_require_clear(GetUserId());
	identity = tenant_identity(GetUserId());
	whose.all = identity->state == TENANT_ONE && identity->admin;
	if (identity->state == TENANT_ONE)
		whose.tenant = pstrdup(identity->name);
	else
		whose.owner = GetUserNameFromId(GetUserId(), false);
	return whose;
}

/* in the rights of the extension's owner; NULL where there is none */
static Schedule *
find_and_lock(const char *name, const Whose *whose)
{
	Oid owner = whose->owner != NULL ? get_role_oid(whose->owner, true) : InvalidOid;
	Datum values[] = {task_name_datum(whose->tenant ? whose->tenant : whose->owner),
					  CStringGetTextDatum(name), ObjectIdGetDatum(owner),
					  CStringGetTextDatum(task_home())};
	SPIPlanPtr plan;

	if (whose->tenant != NULL)
		plan = owner_prepare(&find_of_tenant_plan, FIND_OF_TENANT, lengthof(tenant_types),
							 tenant_types);
	else
		plan = owner_prepare(&find_of_role_plan, FIND_OF_ROLE, lengthof(role_types), role_types);
	return task_execute(plan, values, NULL, SPI_OK_SELECT) > 0 ? schedule_of_row(0) : NULL;
}

/* as view schedules has it */
static bool
is_owner(const Schedule *schedule, Oid role)
{
	if (strcmp(schedule->home, task_home()) == 0)
		return schedule->owner == role;
	return strcmp(schedule->owner_name, GetUserNameFromId(role, false)) == 0;
}

/*
 * Finds and locks it, and takes the rights of the extension's owner until
 * target_end().
 */
static void
target_begin(FunctionCallInfo fcinfo, const char *function, Target *target)
{
	char *name = act_text_argument(fcinfo, 0, "name");
	Oid caller = GetUserId();
	Whose whose;

	PreventCommandIfReadOnly(function);
	PreventCommandIfParallelMode(function);
	whose = whose_arguments(fcinfo);
	task_scope_enter(&target->scope);
	target->schedule = find_and_lock(name, &whose);
	if (target->schedule == NULL ||
		(whose.tenant == NULL && !whose.all && !is_owner(target->schedule, caller)))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("schedule \"%s\" does not exist", display_escape(name)),
						errhint("View sql_agent.schedules lists those that you can see.")));
	if (!whose.all && !is_owner(target->schedule, caller))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("must be owner of schedule \"%s\"", name),
						errdetail("It belongs to role \"%s\".", target->schedule->owner_name)));
}

static void
target_end(Target *target)
{
	owner_scope_leave(&target->scope);
}

static void
require_home(const Schedule *schedule)
{
	if (strcmp(schedule->home, task_home()) != 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("schedule \"%s\" was made in another database", schedule->name),
						errdetail("This database is a copy of that one."),
						errhint("When this one is to work in its place, a superuser can say so: "
								"SELECT sql_agent.resume_after_restore();")));
}

/* raises where its tasks could not be enqueued */
static void
require_runnable(const Schedule *schedule)
{
	const char *renamed;
	char *trouble = schedule_trouble(schedule, &renamed);

	if (trouble != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("schedule \"%s\" can not run", schedule->name), errdetail("%s", trouble)));
}

/* ---- schedule_create ---- */

static Interval *
every_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : PG_GETARG_INTERVAL_P(number);
}

static bool
missed_argument(FunctionCallInfo fcinfo, int number)
{
	char *missed = act_text_argument(fcinfo, number, "missed");

	if (strcmp(missed, "once") != 0 && strcmp(missed, "skip") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for argument \"missed\": \"%s\"", display_escape(missed)),
				 errhint("Valid values are \"once\" and \"skip\".")));
	return strcmp(missed, "skip") == 0;
}

Datum
sql_agent_schedule_create(PG_FUNCTION_ARGS)
{
	ScheduleRequest request = {0};
	char *kind = act_text_argument(fcinfo, 1, "kind");

	PreventCommandIfReadOnly("schedule_create()");
	PreventCommandIfParallelMode("schedule_create()");
	request.name = act_label_argument(fcinfo, 0, "name of a schedule");
	if (request.name == NULL)
		act_text_argument(fcinfo, 0, "name");
	task_require_open_kind(kind);
	request.kind = kind;
	if (!PG_ARGISNULL(2))
		request.payload = PG_GETARG_JSONB_P(2);
	if (!PG_ARGISNULL(3))
		request.cron = text_to_cstring(PG_GETARG_TEXT_PP(3));
	request.every = every_argument(fcinfo, 4);
	if ((request.cron != NULL) == (request.every != NULL))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("either \"cron\" or \"every\" must be given"),
						errhint("For example: cron => '30 7 * * 1-5', or every => '10 minutes'.")));
	if (!PG_ARGISNULL(5))
		request.timezone = text_to_cstring(PG_GETARG_TEXT_PP(5));
	request.skip_missed = missed_argument(fcinfo, 6);
	request.tenant = name_argument(fcinfo, 7, "tenant");
	if (request.tenant != NULL)
	{
		require_operator("tenant");
		request.owner = identity_asking_role_of(request.tenant);
	}
	if (!schedule_add(&request))
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT),
						errmsg("schedule \"%s\" exists already", request.name),
						errhint("Drop it first with schedule_drop(), or choose another name.")));
	PG_RETURN_VOID();
}

/* ---- the others ---- */

Datum
sql_agent_schedule_drop(PG_FUNCTION_ARGS)
{
	Target target;
	Datum values[1];

	target_begin(fcinfo, "schedule_drop()", &target);
	values[0] = UUIDPGetDatum(&target.schedule->id);
	owner_prepare(&drop_plan, DROP, lengthof(drop_types), drop_types);
	(void) task_execute(drop_plan, values, NULL, SPI_OK_DELETE);
	target_end(&target);
	PG_RETURN_VOID();
}

Datum
sql_agent_schedule_pause(PG_FUNCTION_ARGS)
{
	char *caller = GetUserNameFromId(GetUserId(), false);
	Target target;
	Datum values[2];

	target_begin(fcinfo, "schedule_pause()", &target);
	values[0] = UUIDPGetDatum(&target.schedule->id);
	values[1] = CStringGetTextDatum(psprintf("Role \"%s\" paused it.", caller));
	owner_prepare(&pause_plan, PAUSE, lengthof(pause_types), pause_types);
	(void) task_execute(pause_plan, values, NULL, SPI_OK_UPDATE);
	target_end(&target);
	PG_RETURN_VOID();
}

/*
 * Also takes the next time anew, from now on, of a schedule that is not paused:
 * after the clock was wrong.
 */
Datum
sql_agent_schedule_resume(PG_FUNCTION_ARGS)
{
	Target target;
	Schedule *schedule;
	TimestampTz next;
	Datum values[2];

	target_begin(fcinfo, "schedule_resume()", &target);
	schedule = target.schedule;
	require_home(schedule);
	require_runnable(schedule);
	if (!schedule_next_time(&schedule->times, GetCurrentTimestamp(), &next))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("schedule \"%s\" is never due again", schedule->name)));
	values[0] = UUIDPGetDatum(&schedule->id);
	values[1] = TimestampTzGetDatum(next);
	owner_prepare(&resume_plan, RESUME, lengthof(resume_types), resume_types);
	(void) task_execute(resume_plan, values, NULL, SPI_OK_UPDATE);
	target_end(&target);
	task_wake_at_commit();
	PG_RETURN_VOID();
}

Datum
sql_agent_schedule_run_now(PG_FUNCTION_ARGS)
{
	Target target;
	Schedule *schedule;
	pg_uuid_t *task = palloc(sizeof(pg_uuid_t));
	Datum values[2];

	target_begin(fcinfo, "schedule_run_now()", &target);
	schedule = target.schedule;
	require_home(schedule);
	require_runnable(schedule);
	if (schedule_is_busy(schedule))
		*task = schedule->last_task;
	else
	{
		*task = schedule_enqueue(schedule);
		values[0] = UUIDPGetDatum(&schedule->id);
		values[1] = UUIDPGetDatum(task);
		owner_prepare(&run_plan, RUN, lengthof(run_types), run_types);
		(void) task_execute(run_plan, values, NULL, SPI_OK_UPDATE);
	}
	target_end(&target);
	PG_RETURN_UUID_P(task);
}
