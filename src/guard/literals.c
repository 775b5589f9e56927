/*-------------------------------------------------------------------------
 *
 * literals.c
 *		Text search queries must be literals.
 *
 * Parsing the text of one takes time that grows with the square of its length,
 * and does not look for a cancel meanwhile: a megabyte keeps the backend busy
 * for half a minute.  No timer helps there, so the text must be a literal of the
 * statement, whose size is limited.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "guard/guard_int.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"

static bool
parses_query(Oid funcid)
{
	switch (funcid)
	{
		case F_TO_TSQUERY_TEXT:
		case F_TO_TSQUERY_REGCONFIG_TEXT:
		case F_PLAINTO_TSQUERY_TEXT:
		case F_PLAINTO_TSQUERY_REGCONFIG_TEXT:
		case F_PHRASETO_TSQUERY_TEXT:
		case F_PHRASETO_TSQUERY_REGCONFIG_TEXT:
		case F_WEBSEARCH_TO_TSQUERY_TEXT:
		case F_WEBSEARCH_TO_TSQUERY_REGCONFIG_TEXT:
		case F_TS_MATCH_TT:
			return true;
		default:
			return false;
	}
}

static bool
is_literal(Node *node)
{
	while (node != NULL && IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	return node == NULL || IsA(node, Const);
}

static bool
refuse(GuardCall *call, Node *node)
{
	return guard_refuse(call, "search_query", exprLocation(node), "an argument must be a literal",
						"With a long computed argument this function can run for minutes and "
						"can not be cancelled.",
						"Write the argument as a literal.");
}

bool
literals_refuse(GuardCall *call, Node *node)
{
	if (IsA(node, CoerceViaIO) && ((CoerceViaIO *) node)->resulttype == TSQUERYOID)
		return !is_literal((Node *) ((CoerceViaIO *) node)->arg) && refuse(call, node);
	if (IsA(node, FuncExpr) && parses_query(((FuncExpr *) node)->funcid))
		return !is_literal(llast(((FuncExpr *) node)->args)) && refuse(call, node);
	if (IsA(node, OpExpr) && parses_query(((OpExpr *) node)->opfuncid))
		return !is_literal(llast(((OpExpr *) node)->args)) && refuse(call, node);
	return false;
}
