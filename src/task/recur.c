/*-------------------------------------------------------------------------
 *
 * recur.c
 *		The upkeep of the installation: kinds of tasks that come by themselves.
 *
 * Not schedules: nobody makes them, and a restored copy has them at once in its
 * own name.  The last one of a kind in the table says when; where it was
 * deleted the next comes early, which does no harm.  Two workers that look at
 * the same time enqueue one: its unique key is taken.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "task/claim.h"
#include "task/task.h"
#include "task/task_int.h"
#include "utils/builtins.h"

#define UNIQUE_KEY "recurrent"

#define FIND_RECENT                                              \
	"SELECT 1 FROM sql_agent.task WHERE home = $1 AND kind = $2" \
	" AND unique_key = '" UNIQUE_KEY "'"                         \
	" AND created_at > clock_timestamp() - make_interval(secs => $3) LIMIT 1"

static Oid find_types[] = {TEXTOID, NAMEOID, FLOAT8OID};
/* kept for the life of the backend */
static SPIPlanPtr find_plan = NULL;

static bool
is_due(const TaskKind *kind)
{
	Datum values[] = {CStringGetTextDatum(task_home()), task_name_datum(kind->name),
					  Float8GetDatum(kind->every)};
	OwnerScope scope;
	bool due;

	task_scope_enter(&scope);
	owner_prepare(&find_plan, FIND_RECENT, lengthof(find_types), find_types);
	due = task_execute(find_plan, values, NULL, SPI_OK_SELECT) == 0;
	owner_scope_leave(&scope);
	return due;
}

void
claim_enqueue_recurrent(void)
{
	for (int i = 0; i < task_count_kinds(); i++)
	{
		const TaskKind *kind = task_kind_at(i);
		TaskRequest request = {
			.kind = kind->name, .owner = extension_owner(), .unique_key = UNIQUE_KEY};

		if (kind->every > 0 && is_due(kind))
			(void) task_enqueue(&request);
	}
}
