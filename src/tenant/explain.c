/*-------------------------------------------------------------------------
 *
 * explain.c
 *		Members of tenants get no EXPLAIN of statements under row security.
 *
 * The planner estimates with statistics of the whole table, and EXPLAIN
 * ANALYZE counts the rows that row security removed: with an index on the
 * column that is asked for, how many rows of other tenants hold a value.
 *
 * EXPLAIN is recognised where the executor starts: what must not run at all is
 * one, and so is what is measured inside an EXPLAIN statement.  Extensions
 * that measure statements for the server's log do so outside of one.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "tenant/outside.h"
#include "utils/portal.h"
#include "utils/syscache.h"

static ExecutorStart_hook_type previous_start = NULL;
static ProcessUtility_hook_type previous_utility = NULL;
static int explain_depth = 0;

static bool
portal_explains(void)
{
	PlannedStmt *statement;

	/* the library can be loaded by the very statement that is explained */
	if (ActivePortal == NULL || list_length(ActivePortal->stmts) != 1)
		return false;
	statement = linitial_node(PlannedStmt, ActivePortal->stmts);
	return statement->utilityStmt != NULL && IsA(statement->utilityStmt, ExplainStmt);
}

/*
 * Where a plan reads a child, its relations name the parent too.
 */
static bool
under_row_security(List *relations)
{
	ListCell *lc;

	foreach (lc, relations)
	{
		HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(lfirst_oid(lc)));
		bool found;

		if (!HeapTupleIsValid(tuple))
			continue;
		found = ((Form_pg_class) GETSTRUCT(tuple))->relrowsecurity;
		ReleaseSysCache(tuple);
		if (found)
			return true;
	}
	return false;
}

bool
plan_is_hidden(List *relations)
{
	return !superuser() && !session_is_outside_tenants() && under_row_security(relations);
}

static void
start_executor(QueryDesc *query, int eflags)
{
	bool shown = (eflags & EXEC_FLAG_EXPLAIN_ONLY) != 0 ||
				 (query->instrument_options != 0 && (explain_depth > 0 || portal_explains()));

	if (shown && plan_is_hidden(query->plannedstmt->relationOids))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to explain a statement under row security"),
						errdetail("Its plan would tell of rows that belong to other tenants.")));
	if (previous_start)
		previous_start(query, eflags);
	else
		standard_ExecutorStart(query, eflags);
}

static void
run_utility(PlannedStmt *statement, const char *text, bool read_only_tree,
			ProcessUtilityContext context, ParamListInfo parameters, QueryEnvironment *environment,
			DestReceiver *receiver, QueryCompletion *completion)
{
	ProcessUtility_hook_type next = previous_utility ? previous_utility : standard_ProcessUtility;
	bool explains = IsA(statement->utilityStmt, ExplainStmt);

	if (!explains)
	{
		next(statement, text, read_only_tree, context, parameters, environment, receiver,
			 completion);
		return;
	}
	explain_depth++;
	PG_TRY();
	{
		next(statement, text, read_only_tree, context, parameters, environment, receiver,
			 completion);
	}
	PG_FINALLY();
	{
		explain_depth--;
	}
	PG_END_TRY();
}

void
explain_init(void)
{
	previous_start = ExecutorStart_hook;
	ExecutorStart_hook = start_executor;
	previous_utility = ProcessUtility_hook;
	ProcessUtility_hook = run_utility;
}
