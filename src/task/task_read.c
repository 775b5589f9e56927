/*-------------------------------------------------------------------------
 *
 * task_read.c
 *		What became of a task, for capabilities that give it a face of their own.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "task/task.h"
#include "task/task_int.h"
#include "utils/builtins.h"

/* results are its owner's and operators': $7 is true for operators */
#define READ_TASK                                                         \
	"SELECT status, message, attempts, result, error FROM sql_agent.task" \
	" WHERE id = $1 AND kind = $8 AND ($7 OR " TASK_IS_OWN ")"

#define LIVE   "SELECT 1 FROM sql_agent.task WHERE id = $1 AND status IN ('PENDING', 'PROCESSING')"
#define FORGET "DELETE FROM sql_agent.task WHERE id = $1 AND status IN ('FAILURE', 'CANCELLED')"

static Oid read_types[] = {TASK_VISIBLE_TYPES, NAMEOID};
/* kept for the life of the backend */
static SPIPlanPtr read_plan = NULL;
static SPIPlanPtr live_plan = NULL;
static SPIPlanPtr forget_plan = NULL;

static char *
text_column(int column, MemoryContext context)
{
	char *text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);

	return text ? MemoryContextStrdup(context, text) : NULL;
}

static Jsonb *
jsonb_column(int column, MemoryContext context)
{
	bool isnull;
	Datum value = task_column(column, &isnull);
	MemoryContext old;
	Jsonb *copy;

	if (isnull)
		return NULL;
	old = MemoryContextSwitchTo(context);
	copy = DatumGetJsonbPCopy(value);
	MemoryContextSwitchTo(old);
	return copy;
}

bool
task_read(const pg_uuid_t *id, const char *kind, TaskState *state)
{
	MemoryContext context = CurrentMemoryContext;
	Datum values[lengthof(read_types)] = {0};
	char nulls[lengthof(read_types)];
	OwnerScope scope;
	bool found;
	bool isnull;

	task_visible_values(id, values, nulls);
	values[TASK_VISIBLE_COUNT] = task_name_datum(kind);
	nulls[TASK_VISIBLE_COUNT] = ' ';
	task_scope_enter(&scope);
	owner_prepare(&read_plan, READ_TASK, lengthof(read_types), read_types);
	found = task_execute(read_plan, values, nulls, SPI_OK_SELECT) == 1;
	if (found)
	{
		state->status = text_column(1, context);
		state->message = text_column(2, context);
		state->attempts = DatumGetInt32(task_column(3, &isnull));
		state->result = jsonb_column(4, context);
		state->error = jsonb_column(5, context);
	}
	owner_scope_leave(&scope);
	return found;
}

static uint64
execute_for(SPIPlanPtr *plan, const char *query, const pg_uuid_t *id, int expected)
{
	Datum values[] = {UUIDPGetDatum(id)};
	OwnerScope scope;
	uint64 rows;

	task_scope_enter(&scope);
	owner_prepare(plan, query, lengthof(values), read_types);
	rows = task_execute(*plan, values, NULL, expected);
	owner_scope_leave(&scope);
	return rows;
}

bool
task_is_live(const pg_uuid_t *id)
{
	return execute_for(&live_plan, LIVE, id, SPI_OK_SELECT) > 0;
}

void
task_forget_failed(const pg_uuid_t *id)
{
	(void) execute_for(&forget_plan, FORGET, id, SPI_OK_DELETE);
}
