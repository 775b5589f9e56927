/*-------------------------------------------------------------------------
 *
 * bounded.c
 *		sql_agent.bounded(): measures arguments, then calls the function.
 *
 * The guard puts it in the place of functions of bounds_rules.c.  Which one is
 * meant it learns from its own expression: an operator's node keeps the operator,
 * and behind the arguments of a function stands the function's OID.  That and the
 * types of the arguments are checked, and it does nothing outside of a generated
 * statement, so that nobody can reach a function by it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "common/errors.h"
#include "guard/bounds.h"
#include "guard/guard_int.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/*
 * A call of sql_agent.bounded() as it is first met.
 */
typedef struct BoundCall
{
	const BoundRule *rule;
	bool document; /* measures its arguments and gives the first one back */
	int nargs;     /* of the function */
	FmgrInfo function;
} BoundCall;

PG_FUNCTION_INFO_V1(sql_agent_bounded);

static double
size_of(FunctionCallInfo fcinfo, int argument)
{
	return (double) toast_raw_datum_size(PG_GETARG_DATUM(argument));
}

static double
xpath_measure(const char *path, double document)
{
	double measure = document;

	for (int depth = bound_xpath_depth(path); depth > 0 && measure < BOUND_USUAL * 10; depth--)
		measure *= document;
	return measure;
}

static double
measure(const BoundCall *bound, FunctionCallInfo fcinfo)
{
	const BoundRule *rule = bound->rule;
	double size;

	switch (rule->kind)
	{
		case BOUND_PRODUCT:
			return size_of(fcinfo, rule->first) * size_of(fcinfo, rule->second);
		case BOUND_SQUARE:
			size = size_of(fcinfo, rule->first);
			return size * size;
		case BOUND_RANK:
			/* each lexeme of the query has at most 256 positions, two bytes each */
			size = Min(size_of(fcinfo, rule->first), 16 * size_of(fcinfo, rule->second));
			return size * size;
		case BOUND_JSONPATH:
			size = size_of(fcinfo, rule->first) +
				   (bound->nargs > rule->second ? size_of(fcinfo, rule->second) : 0);
			return size * size;
		case BOUND_XPATH:
			return xpath_measure(text_to_cstring(PG_GETARG_TEXT_PP(rule->first)),
								 size_of(fcinfo, rule->second));
		case BOUND_LITERAL:
			break;
	}
	return 0;
}

/*
 * The function that the call stands for: an operator's, or the one that the
 * guard put behind the arguments.  InvalidOid where the planner estimates an
 * operator with constants, which hides the operator from us: it gets a null, and
 * guesses.  (What it would fold for good must be IMMUTABLE, and we are not.)
 */
static Oid
called_function(FunctionCallInfo fcinfo, BoundCall *bound)
{
	Node *expr = fcinfo->flinfo->fn_expr;
	Oid funcid;

	bound->nargs = PG_NARGS();
	if (expr == NULL)
		return InvalidOid;
	if (IsA(expr, OpExpr))
		return get_opcode(((OpExpr *) expr)->opno);
	if (IsA(expr, ScalarArrayOpExpr))
		return get_opcode(((ScalarArrayOpExpr *) expr)->opno);
	if (!IsA(expr, FuncExpr) || bound->nargs < 2 ||
		get_call_expr_argtype(expr, bound->nargs - 1) != OIDOID)
		return InvalidOid;
	funcid = PG_GETARG_OID(--bound->nargs);
	if (bound_rule(funcid) == NULL)
		return InvalidOid;
	bound->document =
		((FuncExpr *) expr)->funcresulttype != get_func_rettype(funcid) || get_func_retset(funcid);
	return funcid;
}

/*
 * Are the arguments those that the function takes?
 */
static bool
arguments_fit(Node *expr, const BoundCall *bound, Oid funcid)
{
	Oid *types;
	int nargs;

	/* what is cast can be of any type that has a size */
	if (bound->document && bound->rule->kind == BOUND_SQUARE)
		return bound->nargs == 1 && get_typlen(get_call_expr_argtype(expr, 0)) == -1;
	(void) get_func_signature(funcid, &types, &nargs);
	for (int i = 0; i < bound->nargs; i++)
	{
		Oid type = get_call_expr_argtype(expr, i);

		if (i >= nargs)
			return false;
		if (type != types[i] &&
			!(types[i] == ANYARRAYOID &&
			  (type_is_array_domain(type) || type == INT2VECTOROID || type == OIDVECTOROID)))
			return false;
	}
	return nargs == bound->nargs;
}

static BoundCall *
prepare(FunctionCallInfo fcinfo)
{
	BoundCall *bound = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(BoundCall));
	Oid funcid;

	if (!fence_is_up())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("sql_agent.bounded() is for generated statements only")));
	funcid = called_function(fcinfo, bound);
	if (!OidIsValid(funcid))
		return NULL;
	bound->rule = bound_rule(funcid);
	if (bound->rule == NULL || !arguments_fit(fcinfo->flinfo->fn_expr, bound, funcid))
		elog(ERROR, "sql_agent.bounded() has other arguments than function %u", funcid);
	fmgr_info_cxt(funcid, &bound->function, fcinfo->flinfo->fn_mcxt);
	fmgr_info_set_expr(fcinfo->flinfo->fn_expr, &bound->function);
	fcinfo->flinfo->fn_extra = bound;
	return bound;
}

/*
 * bounded(arguments ..., function): calls the function where the product of the
 * arguments' sizes is within its bound.
 */
Datum
sql_agent_bounded(PG_FUNCTION_ARGS)
{
	BoundCall *bound = fcinfo->flinfo->fn_extra;
	Datum result;

	LOCAL_FCINFO(inner, FUNC_MAX_ARGS);

	if (bound == NULL)
		bound = prepare(fcinfo);
	if (bound == NULL)
		PG_RETURN_NULL();
	CHECK_FOR_INTERRUPTS();
	if (measure(bound, fcinfo) > bound->rule->limit)
		ereport(ERROR, (errcode(ERRCODE_AGENT_LIMIT),
						errmsg("values are too large for what is done with them")));
	if (bound->document)
		PG_RETURN_DATUM(
			PG_GETARG_DATUM(bound->rule->kind == BOUND_XPATH ? bound->rule->second : 0));
	InitFunctionCallInfoData(*inner, &bound->function, bound->nargs, fcinfo->fncollation, NULL,
							 NULL);
	for (int i = 0; i < bound->nargs; i++)
		inner->args[i] = fcinfo->args[i];
	result = FunctionCallInvoke(inner);
	fcinfo->isnull = inner->isnull;
	return result;
}
