/*-------------------------------------------------------------------------
 *
 * check.c
 *		The path of a statement through the guard.
 *
 * guard_check() and guard_run() share it: limits, raw parse, names, analysis,
 * walk, rewrite, walk, plan, cost, permissions; then, for guard_run(), that
 * very plan is run.  Any step may end it.  Nothing is cached between calls.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <limits.h>

#include "access/htup_details.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "common/errors.h"
#include "common/settings.h"
#include "guard/guard_int.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "parser/parser.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/tcopprot.h"
#include "tenant/identity.h"
#include "tenant/outside.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/* how often reading all its relations a statement may cost, beside max_cost */
#define COST_PER_SCAN 50.0

static RawStmt *
parse(GuardCall *call)
{
	List *statements = raw_parser(call->sql, RAW_PARSE_DEFAULT);
	RawStmt *raw;

	if (list_length(statements) != 1)
	{
		guard_refuse(call, "not_one_statement", -1, "exactly one statement is allowed", NULL, NULL);
		guard_stop(call);
	}
	raw = linitial_node(RawStmt, statements);
	if (!IsA(raw->stmt, SelectStmt))
	{
		guard_refuse(call, "not_select", -1, "only SELECT statements are allowed", NULL, NULL);
		guard_stop(call);
	}
	return raw;
}

static bool
reads_view(Query *query)
{
	ListCell *lc;

	if (query->hasSubLinks || query->cteList != NIL)
		return true;
	foreach (lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (rte->rtekind == RTE_SUBQUERY ||
			(rte->rtekind == RTE_RELATION && rte->relkind == RELKIND_VIEW))
			return true;
	}
	return false;
}

static Query *
rewrite(GuardCall *call, Query *query)
{
	bool walk_again = reads_view(query);
	List *queries = QueryRewrite(query);
	Query *rewritten;

	if (list_length(queries) != 1)
	{
		guard_refuse(call, "not_select", -1, "only SELECT statements are allowed", NULL, NULL);
		guard_stop(call);
	}
	rewritten = linitial_node(Query, queries);
	if (walk_again && walk_refuse(call, rewritten))
		guard_stop(call);
	return rewritten;
}

/*
 * What it costs to read the relation once.
 */
static double
scan_cost(Oid relid)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;
	double cost;

	if (!HeapTupleIsValid(tuple))
		return 0;
	form = (Form_pg_class) GETSTRUCT(tuple);
	cost = seq_page_cost * form->relpages +
		   (cpu_tuple_cost + cpu_operator_cost) * Max(form->reltuples, 0);
	ReleaseSysCache(tuple);
	return cost;
}

/*
 * The ceiling grows with the tables read, so that honest work on large tables
 * passes where a product of small ones does not.
 */
static void
check_cost(GuardCall *call, PlannedStmt *plan)
{
	double ceiling = setting_max_cost;
	ListCell *lc;

	if (setting_max_cost <= 0)
		return;
	foreach (lc, plan->relationOids)
		ceiling += COST_PER_SCAN * scan_cost(lfirst_oid(lc));
	if (plan->planTree->total_cost <= ceiling)
		return;
	guard_refuse(call, "cost", -1, "the statement is too expensive",
				 call->outcome->plan_hidden
					 ? NULL
					 : psprintf("The planner expects a cost of %.0f; the limit is %.0f.",
								plan->planTree->total_cost, ceiling),
				 "Add conditions, or ask a superuser to raise sql_agent.max_cost.");
	call->outcome->error.sqlstate = ERRCODE_AGENT_LIMIT;
	guard_stop(call);
}

static void
pass_through(GuardCall *call)
{
	RawStmt *raw;
	Query *query;
	PlannedStmt *plan;

	call->phase = PHASE_PARSE;
	raw = parse(call);
	if (limits_refuse_raw(call, raw->stmt))
		guard_stop(call);

	call->phase = PHASE_ANALYSE;
	if (rawnames_refuse(call, raw->stmt))
		guard_stop(call);
	query = parse_analyze_fixedparams(raw, call->sql, NULL, 0, NULL);
	if (walk_refuse(call, query))
		guard_stop(call);
	if (call->examine)
	{
		call->outcome->facts = facts_collect(call, query);
		call->outcome->status = GUARD_OK;
		return;
	}

	call->phase = PHASE_PLAN;
	query = rewrite(call, query);
	if (bounds_refuse(call, query))
		guard_stop(call);
	plan = pg_plan_query(query, call->sql, CURSOR_OPT_PARALLEL_OK, NULL);
	compat_check_permissions(plan);
	call->outcome->estimated_cost = plan->planTree->total_cost;
	call->outcome->estimated_rows = plan->planTree->plan_rows;
	call->outcome->plan_hidden = plan_is_hidden(plan->relationOids);
	check_cost(call, plan);

	if (call->execute)
	{
		call->phase = PHASE_RUN;
		run_plan(call, plan);
	}
	call->outcome->status = GUARD_OK;
}

static void
require_fenceable(Oid role)
{
	HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	bool exempt;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("role with OID %u does not exist", role)));
	exempt = ((Form_pg_authid) GETSTRUCT(tuple))->rolsuper ||
			 ((Form_pg_authid) GETSTRUCT(tuple))->rolbypassrls;
	ReleaseSysCache(tuple);
	if (exempt)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("generated statements do not run as superuser or past row security")));
}

typedef enum GuardAim
{
	GUARD_AIM_CHECK,
	GUARD_AIM_EXAMINE,
	GUARD_AIM_RUN
} GuardAim;

static GuardOutcome *
guard(const char *sql, Oid role, GuardAim aim, int64 max_rows, int timeout)
{
	GuardCall call = {.sql = sql, .role = role};
	MemoryContext old;

	INSTR_TIME_SET_CURRENT(call.start);
	require_fenceable(role);
	if (max_rows <= 0 || max_rows > setting_max_rows)
		max_rows = setting_max_rows;
	call.execute = aim == GUARD_AIM_RUN;
	call.examine = aim == GUARD_AIM_EXAMINE;
	call.max_rows = max_rows;
	call.timeout = Min(timeout, setting_statement_timeout);
	call.result_context = CurrentMemoryContext;
	call.outcome = result_make();
	call.outcome->status = GUARD_REFUSED;
	if (call.execute)
		call.outcome->store = tuplestore_begin_heap(true, false, work_mem);

	call.work_context =
		AllocSetContextCreate(CurrentMemoryContext, "guarded statement", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(call.work_context);
	call.schemas = identity_allowed_schemas(role);
	call.search_path = identity_search_path(role);
	if (!limits_refuse_text(&call))
		fence_run(&call, pass_through);
	MemoryContextSwitchTo(old);
	call.outcome->relations = list_copy(call.outcome->relations);
	MemoryContextDelete(call.work_context);
	audit_verdict(&call);
	return call.outcome;
}

GuardOutcome *
guard_check(const char *sql, Oid role)
{
	return guard(sql, role, GUARD_AIM_CHECK, 0, INT_MAX);
}

GuardOutcome *
guard_examine(const char *sql, Oid role)
{
	return guard(sql, role, GUARD_AIM_EXAMINE, 0, INT_MAX);
}

GuardOutcome *
guard_run(const char *sql, Oid role, int64 max_rows)
{
	return guard(sql, role, GUARD_AIM_RUN, max_rows, INT_MAX);
}

GuardOutcome *
guard_run_within(const char *sql, Oid role, int64 max_rows, int timeout)
{
	return guard(sql, role, GUARD_AIM_RUN, max_rows, Max(timeout, 1));
}

bool
guard_relation_allowed(Oid relid, Oid role, List *allowed_schemas)
{
	if (relation_verdict(relid, role, allowed_schemas) != RELATION_ALLOWED)
		return false;
	return get_rel_relkind(relid) != RELKIND_VIEW ||
		   !walk_view_refused(relid, role, allowed_schemas);
}
