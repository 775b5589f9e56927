/*-------------------------------------------------------------------------
 *
 * literals.c
 *		Arguments of built-in functions that must be literals.
 *
 * A few functions take time that grows with the product of two arguments, or
 * with the square of one, and do not look for a cancel meanwhile: a megabyte
 * keeps the backend busy for half a minute or more.  No timer helps there, so
 * the argument that drives it must be a literal of the statement, whose size is
 * limited.  All were found by calling every allowed function with megabytes.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "guard/guard_int.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"

typedef struct LiteralRule
{
	Oid funcid;
	int argument; /* counted from the last one: 0 = last */
	const char *rule;
} LiteralRule;

static const LiteralRule rules[] = {
	{F_TO_TSQUERY_TEXT, 0, "search_query"},
	{F_TO_TSQUERY_REGCONFIG_TEXT, 0, "search_query"},
	{F_PLAINTO_TSQUERY_TEXT, 0, "search_query"},
	{F_PLAINTO_TSQUERY_REGCONFIG_TEXT, 0, "search_query"},
	{F_PHRASETO_TSQUERY_TEXT, 0, "search_query"},
	{F_PHRASETO_TSQUERY_REGCONFIG_TEXT, 0, "search_query"},
	{F_WEBSEARCH_TO_TSQUERY_TEXT, 0, "search_query"},
	{F_WEBSEARCH_TO_TSQUERY_REGCONFIG_TEXT, 0, "search_query"},
	{F_TS_MATCH_TT, 0, "search_query"},
	{F_TRANSLATE, 0, "literal_argument"},
	{F_TRANSLATE, 1, "literal_argument"},
	{F_JSONB_EXISTS_ANY, 0, "literal_argument"},
	{F_JSONB_EXISTS_ALL, 0, "literal_argument"},
	{F_JSONB_DELETE_JSONB__TEXT, 0, "literal_argument"},
};

/* a constant, or an array written out element by element */
static bool
is_literal(Node *node)
{
	while (node != NULL && IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	/* ARRAY[array_fill(...), ...] has the elements of its elements */
	return node == NULL || IsA(node, Const) ||
		   (IsA(node, ArrayExpr) && !((ArrayExpr *) node)->multidims) ||
		   (IsA(node, ArrayCoerceExpr) && is_literal((Node *) ((ArrayCoerceExpr *) node)->arg));
}

static bool
refuse(GuardCall *call, Node *node, const char *rule)
{
	return guard_refuse(call, rule, exprLocation(node), "an argument must be a literal",
						"With a long computed argument this function can run for minutes and "
						"can not be cancelled.",
						"Write the argument as a literal.");
}

bool
literals_refuse(GuardCall *call, Node *node)
{
	Oid funcid = InvalidOid;
	List *args = NIL;

	if (IsA(node, CoerceViaIO) && ((CoerceViaIO *) node)->resulttype == TSQUERYOID)
		return !is_literal((Node *) ((CoerceViaIO *) node)->arg) &&
			   refuse(call, node, "search_query");
	if (IsA(node, FuncExpr))
	{
		funcid = ((FuncExpr *) node)->funcid;
		args = ((FuncExpr *) node)->args;
	}
	else if (IsA(node, OpExpr))
	{
		funcid = ((OpExpr *) node)->opfuncid;
		args = ((OpExpr *) node)->args;
	}
	for (int i = 0; i < lengthof(rules); i++)
	{
		int at = list_length(args) - 1 - rules[i].argument;

		if (rules[i].funcid == funcid && at >= 0 && !is_literal(list_nth(args, at)))
			return refuse(call, node, rules[i].rule);
	}
	return false;
}
