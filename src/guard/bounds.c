/*-------------------------------------------------------------------------
 *
 * bounds.c
 *		Puts a bound on calls whose time grows with a product of sizes.
 *
 * A number of built-in functions compare every part of one argument with every
 * part of another and do not look for a cancel meanwhile: position() of half a
 * megabyte in two, ARRAY @> ARRAY of two long arrays, an XPath over a large
 * document keep a backend busy for minutes, whatever the timer says.  All were
 * found by calling the allowed functions with megabytes.
 *
 * How large a value is shows only when the statement runs.  So each call of
 * such a function in the rewritten tree is turned into one of
 * sql_agent.bounded(), which measures the arguments and calls the function
 * where their product is small enough.  The operator of an expression stays,
 * so the planner finds indexes and estimates as before.
 *
 * A call with a short literal and a column of a table is left as it is: that is
 * what most are.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "guard/bounds.h"
#include "guard/guard_int.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/jsonpath.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#define SHORT_LITERAL 64 /* bytes; with one of these any other argument will do */
#define SHORT_QUERY   1000

typedef struct BoundsWalk
{
	GuardCall *call;
	List *queries; /* innermost first */
	Oid bounded;   /* sql_agent.bounded(), once it is needed */
} BoundsWalk;

static bool
is_simple_xpath(Node *path)
{
	return IsA(path, Const) &&
		   (((Const *) path)->constisnull ||
			bound_xpath_depth(TextDatumGetCString(((Const *) path)->constvalue)) == 0);
}

/*
 * Can the path compare parts of the document with each other?
 */
static bool
jsonpath_is_simple(Node *path)
{
	JsonPath *value;
	char *text;
	int roots = 0;
	int items = 0;

	if (!IsA(path, Const))
		return false;
	if (((Const *) path)->constisnull)
		return true;
	value = DatumGetJsonPathP(((Const *) path)->constvalue);
	text = DatumGetCString(DirectFunctionCall1(jsonpath_out, PointerGetDatum(value)));
	for (const char *p = text; *p != '\0'; p++)
	{
		roots += *p == '$';
		items += *p == '@';
	}
	return roots < 2 && items < 2;
}

static bool
refuse_computed(BoundsWalk *walk, Node *node)
{
	return guard_refuse(walk->call, "literal_argument", exprLocation(node),
						"an argument must be a literal",
						"With a computed argument this can run for minutes and can not be "
						"cancelled.",
						"Write the argument as a literal.");
}

static bool
find_bounded(BoundsWalk *walk)
{
	Oid argument = ANYOID;
	oidvector *signature = buildoidvector(&argument, 1);

	/* without a privilege on the schema: it is not the statement that names it */
	if (!OidIsValid(walk->bounded))
		walk->bounded = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
										CStringGetDatum("bounded"), PointerGetDatum(signature),
										ObjectIdGetDatum(get_namespace_oid("sql_agent", true)));
	if (OidIsValid(walk->bounded))
		return true;
	return !guard_refuse(
		walk->call, "function_not_allowed", -1, "function sql_agent.bounded() is missing",
		"The extension's objects are older than its library.", "ALTER EXTENSION sql_agent UPDATE.");
}

static Node *
without_relabel(Node *node)
{
	while (node != NULL && IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	return node;
}

static bool
is_short(Node *node, Size limit)
{
	Const *constant;

	node = without_relabel(node);
	if (node == NULL || !IsA(node, Const))
		return false;
	constant = (Const *) node;
	return constant->constisnull ||
		   (constant->constlen == -1 && toast_raw_datum_size(constant->constvalue) <= limit);
}

/*
 * Is it a column of a table, perhaps in lower or upper case?  The planner knows
 * indexes for LIKE with such a one only by its own function.
 */
static bool
is_stored(BoundsWalk *walk, Node *node)
{
	Var *var;
	Query *query;

	node = without_relabel(node);
	if (node != NULL && IsA(node, FuncExpr) &&
		(((FuncExpr *) node)->funcid == F_LOWER_TEXT ||
		 ((FuncExpr *) node)->funcid == F_UPPER_TEXT))
		node = without_relabel(linitial(((FuncExpr *) node)->args));
	if (node == NULL || !IsA(node, Var))
		return false;
	var = (Var *) node;
	if (var->varlevelsup >= list_length(walk->queries))
		return false;
	query = list_nth_node(Query, walk->queries, var->varlevelsup);
	return rt_fetch(var->varno, query->rtable)->rtekind == RTE_RELATION;
}

static bool
is_short_with_stored(BoundsWalk *walk, Node *one, Node *other)
{
	return (is_short(one, SHORT_LITERAL) && is_stored(walk, other)) ||
		   (is_short(other, SHORT_LITERAL) && is_stored(walk, one));
}

/*
 * Can the call take no longer than its own text and stored values allow?
 */
static bool
needs_no_bound(BoundsWalk *walk, const BoundRule *rule, List *args)
{
	Node *second = rule->second < list_length(args) ? list_nth(args, rule->second) : NULL;

	switch (rule->kind)
	{
		case BOUND_PRODUCT:
			return is_short_with_stored(walk, list_nth(args, rule->first), second);
		case BOUND_LITERAL:
			return is_short(second, SHORT_LITERAL);
		case BOUND_RANK:
			return is_short(second, SHORT_QUERY);
		case BOUND_JSONPATH:
			return jsonpath_is_simple(list_nth(args, 1));
		case BOUND_XPATH:
			return is_simple_xpath(list_nth(args, rule->first));
		case BOUND_SQUARE:
			return IsA(list_nth(args, rule->first), Const);
	}
	return false;
}

static Const *
function_constant(Oid funcid)
{
	return makeConst(OIDOID, -1, InvalidOid, sizeof(Oid), ObjectIdGetDatum(funcid), false, true);
}

/*
 * What returns a set can not be called by another function: its first argument
 * is measured instead, with the others, which must be literals.
 */
static bool
bound_first_argument(BoundsWalk *walk, Oid funcid, List *args)
{
	Node *first = linitial(args);
	List *measured = NIL;
	ListCell *lc;

	foreach (lc, args)
	{
		if (foreach_current_index(lc) > 0 && !IsA(lfirst(lc), Const))
			return refuse_computed(walk, lfirst(lc));
		measured = lappend(measured, lfirst(lc));
	}
	linitial(args) =
		makeFuncExpr(walk->bounded, exprType(first), lappend(measured, function_constant(funcid)),
					 InvalidOid, exprCollation(first), COERCE_EXPLICIT_CALL);
	return false;
}

/*
 * In the order of the function's declaration, with its defaults.
 */
static void
complete_arguments(FuncExpr *expr)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(expr->funcid));

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", expr->funcid);
	expr->args = expand_function_arguments(expr->args, false, expr->funcresulttype, tuple);
	ReleaseSysCache(tuple);
}

static bool
bound_function(BoundsWalk *walk, FuncExpr *expr)
{
	const BoundRule *rule = bound_rule(expr->funcid);

	if (rule == NULL)
		return false;
	complete_arguments(expr);
	if (needs_no_bound(walk, rule, expr->args))
		return false;
	if (!find_bounded(walk))
		return true;
	if (rule->kind == BOUND_LITERAL ||
		(rule->kind == BOUND_XPATH && !IsA(list_nth(expr->args, rule->first), Const)))
		return refuse_computed(walk, (Node *) expr);
	if (expr->funcretset)
		return bound_first_argument(walk, expr->funcid, expr->args);
	expr->args = lappend(expr->args, function_constant(expr->funcid));
	expr->funcid = walk->bounded;
	return false;
}

static bool
bound_operator(BoundsWalk *walk, Oid opno, Oid *opfuncid, List *args)
{
	const BoundRule *rule = bound_rule(get_opcode(opno));

	if (rule == NULL || needs_no_bound(walk, rule, args))
		return false;
	if (!find_bounded(walk))
		return true;
	*opfuncid = walk->bounded;
	return false;
}

/*
 * A text that is cast to xml, or parsed.
 */
static bool
bound_parsed(BoundsWalk *walk, Node **arg)
{
	Node *text = *arg;

	if (get_typlen(exprType(text)) != -1 || IsA(text, Const))
		return false;
	if (!find_bounded(walk))
		return true;
	*arg = (Node *) makeFuncExpr(walk->bounded, exprType(text),
								 list_make2(text, function_constant(F_XML_IS_WELL_FORMED)),
								 InvalidOid, exprCollation(text), COERCE_EXPLICIT_CALL);
	return false;
}

static bool
bound_cast(BoundsWalk *walk, CoerceViaIO *cast)
{
	return cast->resulttype == XMLOID && bound_parsed(walk, (Node **) &cast->arg);
}

static bool
bound_xml(BoundsWalk *walk, XmlExpr *expr)
{
	return expr->op == IS_XMLPARSE && bound_parsed(walk, (Node **) &linitial(expr->args));
}

/*
 * XMLTABLE: the paths of its columns are followed for each of its rows.
 */
static bool
bound_table(BoundsWalk *walk, TableFunc *table)
{
	StringInfoData path;
	Node *row = table->rowexpr;
	ListCell *lc;

	if (!find_bounded(walk))
		return true;
	if (row == NULL || !IsA(row, Const) || ((Const *) row)->constisnull)
		return refuse_computed(walk, row);
	initStringInfo(&path);
	appendStringInfoString(&path, TextDatumGetCString(((Const *) row)->constvalue));
	foreach (lc, table->colexprs)
	{
		char *column;

		if (lfirst(lc) == NULL)
			continue;
		if (!IsA(lfirst(lc), Const) || lfirst_node(Const, lc)->constisnull)
			return refuse_computed(walk, lfirst(lc));
		column = TextDatumGetCString(lfirst_node(Const, lc)->constvalue);
		/* one that starts at the root goes over the document for each row */
		appendStringInfo(&path, "%s%s", *column == '/' ? "[" : " ", column);
	}
	if (bound_xpath_depth(path.data) == 0)
		return false;
	table->docexpr =
		(Node *) makeFuncExpr(walk->bounded, XMLOID,
							  list_make3(makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1,
												   CStringGetTextDatum(path.data), false, false),
										 table->docexpr, function_constant(F_XMLEXISTS)),
							  InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
	return false;
}

static bool bounds_walker(Node *node, BoundsWalk *walk);

static bool
bounds_query(Query *query, BoundsWalk *walk)
{
	bool refused;

	walk->queries = lcons(query, walk->queries);
	refused = query_tree_walker(query, bounds_walker, (void *) walk, 0);
	walk->queries = list_delete_first(walk->queries);
	return refused;
}

static bool
bounds_walker(Node *node, BoundsWalk *walk)
{
	bool refused = false;

	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_Query:
			return bounds_query((Query *) node, walk);
		case T_FuncExpr:
			refused = bound_function(walk, (FuncExpr *) node);
			break;
		case T_OpExpr:
			refused = bound_operator(walk, ((OpExpr *) node)->opno, &((OpExpr *) node)->opfuncid,
									 ((OpExpr *) node)->args);
			break;
		case T_ScalarArrayOpExpr:
			refused = bound_operator(walk, ((ScalarArrayOpExpr *) node)->opno,
									 &((ScalarArrayOpExpr *) node)->opfuncid,
									 ((ScalarArrayOpExpr *) node)->args);
			break;
		case T_CoerceViaIO:
			refused = bound_cast(walk, (CoerceViaIO *) node);
			break;
		case T_XmlExpr:
			refused = bound_xml(walk, (XmlExpr *) node);
			break;
		case T_TableFunc:
			refused = bound_table(walk, (TableFunc *) node);
			break;
		default:
			break;
	}
	return refused || expression_tree_walker(node, bounds_walker, (void *) walk);
}

bool
bounds_refuse(GuardCall *call, Query *query)
{
	BoundsWalk walk = {.call = call};

	return bounds_query(query, &walk);
}
