/*-------------------------------------------------------------------------
 *
 * available.c
 *		Is there anybody who would run a task?
 *
 * What can be known without waiting: that nobody will, as the server and the
 * database are set up now.  Whether a worker can be started in fact is seen in
 * health() and in the log.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "common/owner.h"
#include "common/settings.h"
#include "miscadmin.h"
#include "task/board.h"
#include "task/task.h"
#include "task/task_int.h"
#include "utils/builtins.h"

/* what CREATE EXTENSION has set for the database */
#define MARK                                                                        \
	"SELECT substr(c, length('sql_agent.enabled=') + 1) FROM pg_db_role_setting s," \
	" unnest(s.setconfig) c WHERE s.setdatabase = $1 AND s.setrole = 0"             \
	" AND starts_with(c, 'sql_agent.enabled=')"

static Oid mark_types[] = {OIDOID};
static SPIPlanPtr mark_plan = NULL;

static bool
is_marked(void)
{
	Datum values[] = {ObjectIdGetDatum(MyDatabaseId)};
	OwnerScope scope;
	bool on = false;
	bool isnull;

	owner_scope_enter(&scope);
	owner_prepare(&mark_plan, MARK, lengthof(mark_types), mark_types);
	if (task_execute(mark_plan, values, NULL, SPI_OK_SELECT) > 0 &&
		!parse_bool(TextDatumGetCString(task_column(1, &isnull)), &on))
		on = false;
	owner_scope_leave(&scope);
	return on;
}

bool
task_workers_available(const char **why, const char **hint)
{
	if (RecoveryInProgress())
	{
		*why = "This server is a standby.";
		*hint = "Connect to the primary server.";
	}
	else if (!board_exists())
	{
		*why = "sql_agent is not in shared_preload_libraries.";
		*hint = "Add it there and restart the server; tasks wait until then.";
	}
	else if (setting_workers == 0)
	{
		*why = "sql_agent.workers is 0.";
		*hint = "Set it to 1 or more and reload the configuration; tasks wait until then.";
	}
	else if (!is_marked())
	{
		*why = "Background work is off in this database.";
		*hint = psprintf("Turn it on: ALTER DATABASE %s SET sql_agent.enabled = on;",
						 quote_identifier(get_database_name(MyDatabaseId)));
	}
	else
		return true;
	return false;
}
