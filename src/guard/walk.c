/*-------------------------------------------------------------------------
 *
 * walk.c
 *		The analysed and the rewritten tree, node by node.
 *
 * Node tags are allowed one by one: what a later major adds is refused until
 * somebody has looked at it.  check_functions_in_node() names the functions of
 * most nodes; those that it does not see (sort and window operators, set
 * operations, sampling handlers, casts to domains) are taken by hand.
 *
 * In the rewritten tree views are expanded.  Quals of row-level security are
 * not walked here: relation.c has looked at the policies.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "access/table.h"
#include "common/errors.h"
#include "guard/guard_int.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteHandler.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define MAX_VIEW_DEPTH   32
#define MAX_WALKED_NODES 100000

typedef struct Walk
{
	GuardCall *call;
	int nodes;
	List *open_views;     /* those whose bodies are being walked */
	int registered_views; /* bodies of views that the administrator vouches for */
	bool opens_views;     /* the tree is not rewritten, yet views count */
	List *opened[2];      /* by opens_views: walked outside and inside of such a body */
} Walk;

static bool walk_node(Node *node, Walk *walk);
static bool walk_query(Query *query, Walk *walk);

static bool
refuse_node(Walk *walk, Node *node)
{
	return guard_refuse(walk->call, "node_not_allowed", exprLocation(node),
						"the statement uses a construct that is not allowed", NULL, NULL);
}

static bool
refuse_function(Walk *walk, Oid funcid, int location)
{
	char *name = get_func_name(funcid);

	return guard_refuse(walk->call, "function_not_allowed", location,
						psprintf("function \"%s\" is not allowed", name ? name : "?"),
						"Only functions that are known to be free of side effects are allowed in a "
						"generated statement.",
						"A superuser can permit an own function with sql_agent.allow_function().");
}

typedef struct FunctionTest
{
	Walk *walk;
	int location;
} FunctionTest;

static bool
function_refused(Oid funcid, void *context)
{
	FunctionTest *test = (FunctionTest *) context;
	Walk *walk = test->walk;

	if (policy_function(funcid) != FUNCTION_ALLOWED)
		return refuse_function(walk, funcid, test->location);
	if (!policy_is_builtin(funcid) && walk->registered_views == 0 &&
		pg_proc_aclcheck(funcid, walk->call->role, ACL_EXECUTE) != ACLCHECK_OK)
		return refuse_function(walk, funcid, test->location);
	return false;
}

static bool
refuse_type(Walk *walk, Oid typid, int location)
{
	GuardCall *call = walk->call;

	if (!OidIsValid(typid) || list_member_oid(call->known_types, typid))
		return false;
	if (!type_occurs(typid))
		return guard_refuse(call, "type_not_allowed", location,
							"a type is not allowed in a statement", NULL, NULL);
	call->known_types = lappend_oid(call->known_types, typid);
	return false;
}

static bool
refuse_types(Walk *walk, List *types)
{
	ListCell *lc;

	foreach (lc, types)
		if (refuse_type(walk, lfirst_oid(lc), -1))
			return true;
	return false;
}

static bool
refuse_operator(Walk *walk, Oid opno, int location)
{
	if (!OidIsValid(opno) || policy_operator(opno))
		return false;
	return guard_refuse(walk->call, "operator_not_allowed", location, "an operator is not allowed",
						"Only built-in operators and those of known extensions are allowed.", NULL);
}

static bool
refuse_sort(Walk *walk, SortGroupClause *clause)
{
	return refuse_operator(walk, clause->eqop, -1) || refuse_operator(walk, clause->sortop, -1);
}

static bool
refuse_collation(Walk *walk, CollateExpr *expr)
{
	if (!OidIsValid(expr->collOid) || expr->collOid < FirstNormalObjectId)
		return false;
	return guard_refuse(walk->call, "collation_not_allowed", expr->location,
						"a collation is not allowed", "Only built-in collations are allowed.",
						NULL);
}

static bool
refuse_value_function(Walk *walk, SQLValueFunction *function)
{
	switch (function->op)
	{
		case SVFOP_CURRENT_CATALOG:
		case SVFOP_CURRENT_SCHEMA:
		case SVFOP_SESSION_USER:
			return guard_refuse(walk->call, "function_not_allowed", function->location,
								"names of the session are not allowed",
								"CURRENT_CATALOG, CURRENT_SCHEMA and SESSION_USER tell about the "
								"session and not about data.",
								NULL);
		default:
			return false;
	}
}

static bool
refuse_var(Walk *walk, Var *var)
{
	if (var->varattno >= 0)
		return false;
	return guard_refuse(
		walk->call, "system_column", var->location, "system columns are not allowed",
		"ctid, xmin and their like tell about storage and other transactions.", NULL);
}

static bool
refuse_sample(Walk *walk, TableSampleClause *sample)
{
	if (sample->tsmhandler == F_BERNOULLI || sample->tsmhandler == F_SYSTEM)
		return false;
	return guard_refuse(walk->call, "function_not_allowed", -1, "a sampling method is not allowed",
						"BERNOULLI and SYSTEM are.", NULL);
}

/*
 * The operators of a node, beside their functions: an operator that is not
 * known may bring estimators.
 */
static bool
refuse_operators_of(Walk *walk, Node *node)
{
	ListCell *lc;

	switch (nodeTag(node))
	{
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
			return !policy_is_builtin(((OpExpr *) node)->opno) &&
				   refuse_operator(walk, ((OpExpr *) node)->opno, ((OpExpr *) node)->location);
		case T_ScalarArrayOpExpr:
			return !policy_is_builtin(((ScalarArrayOpExpr *) node)->opno) &&
				   refuse_operator(walk, ((ScalarArrayOpExpr *) node)->opno,
								   ((ScalarArrayOpExpr *) node)->location);
		case T_RowCompareExpr:
			foreach (lc, ((RowCompareExpr *) node)->opnos)
				if (refuse_operator(walk, lfirst_oid(lc), -1))
					return true;
			return false;
		default:
			return false;
	}
}

static bool
refuse_window(Walk *walk, WindowClause *clause)
{
	FunctionTest test = {walk, -1};

	return (OidIsValid(clause->startInRangeFunc) &&
			function_refused(clause->startInRangeFunc, &test)) ||
		   (OidIsValid(clause->endInRangeFunc) && function_refused(clause->endInRangeFunc, &test));
}

static bool
refuse_set_operation(Walk *walk, SetOperationStmt *setop)
{
	ListCell *lc;

	foreach (lc, setop->groupClauses)
		if (refuse_sort(walk, lfirst_node(SortGroupClause, lc)))
			return true;
	return refuse_types(walk, setop->colTypes);
}

/*
 * Nodes that are expressions: what they call and what they are.
 */
static bool
refuse_expression(Walk *walk, Node *node)
{
	FunctionTest test = {walk, exprLocation(node)};

	return check_functions_in_node(node, function_refused, &test) ||
		   refuse_operators_of(walk, node) || literals_refuse(walk->call, node) ||
		   refuse_type(walk, exprType(node), test.location);
}

/*
 * The node itself, without what hangs on it.
 */
static bool
refuse_single(Walk *walk, Node *node)
{
	switch (nodeTag(node))
	{
			/* no expressions, nothing that runs */
		case T_List:
		case T_IntList:
		case T_OidList:
		case T_TargetEntry:
		case T_RangeTblRef:
		case T_JoinExpr:
		case T_FromExpr:
		case T_GroupingSet:
		case T_CommonTableExpr:
		case T_CTESearchClause:
		case T_CaseWhen:
			return false;

		case T_Var:
			return refuse_var(walk, (Var *) node) || refuse_expression(walk, node);
		case T_Param:
			if (((Param *) node)->paramkind == PARAM_EXTERN)
				return refuse_node(walk, node);
			return refuse_expression(walk, node);
		case T_CollateExpr:
			return refuse_collation(walk, (CollateExpr *) node) || refuse_expression(walk, node);
		case T_SQLValueFunction:
			return refuse_value_function(walk, (SQLValueFunction *) node) ||
				   refuse_expression(walk, node);
		case T_SubLink:
			/* what it compares with stands in its test expression */
			return false;

		case T_Const:
		case T_Aggref:
		case T_GroupingFunc:
		case T_WindowFunc:
		case T_SubscriptingRef:
		case T_FuncExpr:
		case T_NamedArgExpr:
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
		case T_ScalarArrayOpExpr:
		case T_BoolExpr:
		case T_FieldSelect:
		case T_RelabelType:
		case T_CoerceViaIO:
		case T_ArrayCoerceExpr:
		case T_ConvertRowtypeExpr:
		case T_CaseExpr:
		case T_CaseTestExpr:
		case T_ArrayExpr:
		case T_RowExpr:
		case T_RowCompareExpr:
		case T_CoalesceExpr:
		case T_MinMaxExpr:
		case T_XmlExpr:
		case T_NullTest:
		case T_BooleanTest:
		case T_CoerceToDomain:
			return refuse_expression(walk, node);
			CASES_OF_LATER_EXPRESSIONS
			return refuse_expression(walk, node);
			CASES_OF_LATER_NODES
			return false;

		case T_SortGroupClause:
			return refuse_sort(walk, (SortGroupClause *) node);
		case T_WindowClause:
			return refuse_window(walk, (WindowClause *) node);
		case T_SetOperationStmt:
			return refuse_set_operation(walk, (SetOperationStmt *) node);
		case T_CTECycleClause:
			return refuse_operator(walk, ((CTECycleClause *) node)->cycle_mark_neop, -1) ||
				   refuse_type(walk, ((CTECycleClause *) node)->cycle_mark_type, -1);
		case T_TableSampleClause:
			return refuse_sample(walk, (TableSampleClause *) node);
		case T_RangeTblFunction:
			return refuse_types(walk, ((RangeTblFunction *) node)->funccoltypes);
		case T_TableFunc:
			return refuse_types(walk, ((TableFunc *) node)->coltypes);
		default:
			return refuse_node(walk, node);
	}
}

static bool
walk_node(Node *node, Walk *walk)
{
	if (node == NULL)
		return false;
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (++walk->nodes > MAX_WALKED_NODES)
		return guard_refuse(walk->call, "too_many_nodes", -1, "the statement exceeds a limit",
							"With its views it has too many elements.", NULL);
	if (IsA(node, Query))
		return walk_query((Query *) node, walk);
	if (refuse_single(walk, node))
		return true;
	return expression_tree_walker(node, walk_node, (void *) walk);
}

static bool
walk_view_body(Walk *walk, Oid relid)
{
	Relation rel;
	Query *body;
	bool refused;

	if (list_member_oid(walk->open_views, relid))
		return guard_refuse(walk->call, "view_loop", -1, "views refer to each other in a circle",
							NULL, NULL);
	if (list_length(walk->open_views) >= MAX_VIEW_DEPTH)
		return guard_refuse(walk->call, "too_deep", -1, "views are nested too deeply", NULL, NULL);
	walk->open_views = lappend_oid(walk->open_views, relid);
	rel = table_open(relid, AccessShareLock);
	body = copyObject(get_view_query(rel));
	/* nothing is run: a snapshot of many views must not keep a lock on each */
	table_close(rel, AccessShareLock);
	refused = walk_query(body, walk);
	walk->open_views = list_delete_last(walk->open_views);
	return refused;
}

static bool
refuse_relation(Walk *walk, Oid relid)
{
	GuardCall *call = walk->call;
	RelationVerdict verdict;

	if (list_member_oid(call->approved, relid))
		return false;
	verdict = relation_verdict(relid, call->role, call->schemas);
	if (verdict != RELATION_ALLOWED)
		return relation_refuse(call, verdict, relid, get_rel_name(relid), -1);
	call->approved = lappend_oid(call->approved, relid);
	return false;
}

/*
 * In a tree that is not rewritten: the body of a view, as the rewriter would put
 * it in its place.  A body is walked once, however often the view is named.
 * Until 15 the rule of a view holds the view itself, as no part of its FROM.
 */
static bool
walk_named_view(RangeTblEntry *rte, Walk *walk)
{
	bool registered;
	bool refused;
	List **opened;

	if (!walk->opens_views || rte->relkind != RELKIND_VIEW || !rte->inFromCl)
		return false;
	registered = walk->registered_views == 0 && registry_has_relation(rte->relid);
	if (registered)
		walk->registered_views++;
	opened = &walk->opened[walk->registered_views > 0];
	refused =
		(!list_member_oid(*opened, rte->relid) || list_member_oid(walk->open_views, rte->relid)) &&
		walk_view_body(walk, rte->relid);
	*opened = list_append_unique_oid(*opened, rte->relid);
	if (registered)
		walk->registered_views--;
	return refused;
}

/*
 * What a view reads that the administrator vouches for is not judged, but the
 * code that hangs on it runs all the same.
 */
static bool
refuse_body_relation(Walk *walk, Query *query, RangeTblEntry *rte)
{
	RelationVerdict verdict =
		relation_body_verdict(rte->relid, compat_reader(query, rte, walk->call->role));

	return verdict != RELATION_ALLOWED &&
		   relation_refuse(walk->call, verdict, rte->relid, get_rel_name(rte->relid), -1);
}

static bool
walk_relation(Query *query, RangeTblEntry *rte, Walk *walk)
{
	GuardCall *call = walk->call;

	if (rte->tablesample && walk_node((Node *) rte->tablesample, walk))
		return true;
	call->outcome->relations = list_append_unique_oid(call->outcome->relations, rte->relid);
	if (walk->registered_views > 0 ? refuse_body_relation(walk, query, rte)
								   : refuse_relation(walk, rte->relid))
		return true;
	return walk_named_view(rte, walk);
}

/*
 * A subquery, perhaps the body of a view.
 */
static bool
walk_subquery(RangeTblEntry *rte, Walk *walk)
{
	Oid view = compat_view_of_subquery(rte);
	bool registered;
	bool refused;

	/* a view within a view is met here first */
	if (OidIsValid(view) && walk->registered_views == 0 && refuse_relation(walk, view))
		return true;
	registered = OidIsValid(view) && registry_has_relation(view);
	if (registered)
		walk->registered_views++;
	refused = walk_query(rte->subquery, walk);
	if (registered)
		walk->registered_views--;
	return refused;
}

static bool
walk_range_table_entry(Query *query, RangeTblEntry *rte, Walk *walk)
{
	switch (rte->rtekind)
	{
		case RTE_RELATION:
			return walk_relation(query, rte, walk);
		case RTE_SUBQUERY:
			return walk_subquery(rte, walk);
		case RTE_JOIN:
			return walk_node((Node *) rte->joinaliasvars, walk);
		case RTE_FUNCTION:
			return walk_node((Node *) rte->functions, walk);
		case RTE_TABLEFUNC:
			return walk_node((Node *) rte->tablefunc, walk);
		case RTE_VALUES:
			return walk_node((Node *) rte->values_lists, walk);
		case RTE_CTE:
			return refuse_types(walk, rte->coltypes);
		case RTE_RESULT:
			return false;
			CASE_RTE_GROUP(rte, walk_node, walk)
		default:
			return guard_refuse(walk->call, "node_not_allowed", -1,
								"the statement uses a construct that is not allowed", NULL, NULL);
	}
}

static bool
walk_query(Query *query, Walk *walk)
{
	ListCell *lc;

	if (query->commandType != CMD_SELECT || query->utilityStmt != NULL || query->hasModifyingCTE)
		return guard_refuse(walk->call, "not_select", -1, "only SELECT statements are allowed",
							NULL, NULL);
	if (query->rowMarks != NIL || query->hasForUpdate)
		return guard_refuse(walk->call, "locking", -1, "row locks are not allowed", NULL, NULL);
	foreach (lc, query->rtable)
		if (walk_range_table_entry(query, lfirst_node(RangeTblEntry, lc), walk))
			return true;
	return query_tree_walker(query, walk_node, (void *) walk,
							 QTW_IGNORE_RANGE_TABLE | QTW_EXAMINE_SORTGROUP);
}

bool
walk_refuse(GuardCall *call, Query *query)
{
	Walk walk = {.call = call};

	return walk_query(query, &walk);
}

/*
 * What the role may read is not looked at: privileges on what a view reads can
 * change without a message about the view, and who keeps the answer would not
 * hear of it.
 */
bool
walk_view_refused(Oid relid, Oid role, List *schemas)
{
	GuardOutcome outcome = {0};
	GuardCall call = {.sql = "",
					  .role = role,
					  .schemas = schemas,
					  .outcome = &outcome,
					  .result_context = CurrentMemoryContext,
					  .work_context = CurrentMemoryContext};
	Walk walk = {
		.call = &call, .opens_views = true, .registered_views = registry_has_relation(relid)};

	return walk_view_body(&walk, relid);
}
