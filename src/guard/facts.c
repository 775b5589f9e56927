/*-------------------------------------------------------------------------
 *
 * facts.c
 *		What an analysed statement is made of: its literals and its columns.
 *
 * Translators that fill other values into a statement need to know where a
 * literal stands and what it is compared with.  The analysed tree says so by
 * OIDs; a reading of the text could only guess.  What can not be told for
 * sure (a column behind a set operation, a literal that a cast has moved) is
 * left out, never guessed.
 *
 * Runs inside the fence, right after the walk has allowed the tree; the
 * result is copied to the context of the call.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "guard/guard_int.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "parser/scanner.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* a column is looked for through that many subqueries */
#define MAX_DEPTH 16

/* a query and those around it */
typedef struct QueryLevel
{
	Query *query;
	struct QueryLevel *up;
} QueryLevel;

typedef struct FactsWalk
{
	GuardFacts *facts;
	QueryLevel *level;
	List *seen; /* Const *, parallel to facts->literals */
} FactsWalk;

/* casts that the statement has around a node */
static Node *
strip_casts(Node *node)
{
	for (;;)
	{
		if (node == NULL)
			return NULL;
		if (IsA(node, RelabelType))
			node = (Node *) ((RelabelType *) node)->arg;
		else if (IsA(node, CoerceToDomain))
			node = (Node *) ((CoerceToDomain *) node)->arg;
		else if (IsA(node, FuncExpr) && ((FuncExpr *) node)->args != NIL &&
				 (((FuncExpr *) node)->funcformat == COERCE_IMPLICIT_CAST ||
				  ((FuncExpr *) node)->funcformat == COERCE_EXPLICIT_CAST))
			node = linitial(((FuncExpr *) node)->args);
		else
			return node;
	}
}

static Query *
find_cte(const RangeTblEntry *rte, QueryLevel **level)
{
	ListCell *lc;

	for (Index up = rte->ctelevelsup; up > 0 && *level != NULL; up--)
		*level = (*level)->up;
	if (*level == NULL)
		return NULL;
	foreach (lc, (*level)->query->cteList)
	{
		CommonTableExpr *cte = lfirst_node(CommonTableExpr, lc);

		if (strcmp(cte->ctename, rte->ctename) == 0 && !cte->cterecursive &&
			IsA(cte->ctequery, Query))
			return (Query *) cte->ctequery;
	}
	return NULL;
}

/*
 * The column of a relation that the expression is, plain and unchanged.
 */
static bool
find_column(Node *node, QueryLevel *level, int depth, Oid *relid, AttrNumber *attnum)
{
	Var *var = (Var *) node;
	RangeTblEntry *rte;
	Query *query = NULL;
	TargetEntry *entry;
	QueryLevel inner;

	while (node != NULL && IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	if (node == NULL || !IsA(node, Var) || depth > MAX_DEPTH)
		return false;
	var = (Var *) node;
	for (Index up = var->varlevelsup; up > 0 && level != NULL; up--)
		level = level->up;
	if (level == NULL)
		return false;
	rte = rt_fetch(var->varno, level->query->rtable);
	if (rte->rtekind == RTE_RELATION)
	{
		*relid = rte->relid;
		*attnum = var->varattno;
		return true;
	}
	if (var->varattno <= 0)
		return false;
	if (rte->rtekind == RTE_JOIN)
		return find_column(list_nth(rte->joinaliasvars, var->varattno - 1), level, depth + 1, relid,
						   attnum);
	if (compat_group_expression(rte, var->varattno) != NULL)
		return find_column(compat_group_expression(rte, var->varattno), level, depth + 1, relid,
						   attnum);
	if (rte->rtekind == RTE_SUBQUERY)
		query = rte->subquery;
	else if (rte->rtekind == RTE_CTE)
		query = find_cte(rte, &level);
	if (query == NULL || query->setOperations != NULL ||
		var->varattno > list_length(query->targetList))
		return false;
	entry = list_nth_node(TargetEntry, query->targetList, var->varattno - 1);
	inner.query = query;
	inner.up = level;
	return find_column((Node *) entry->expr, &inner, depth + 1, relid, attnum);
}

static GuardLiteral *
note_literal(FactsWalk *walk, Const *con)
{
	GuardLiteral *literal;
	Oid output;
	bool varlena;

	if (con->location < 0)
		return NULL;
	for (int i = 0; i < list_length(walk->seen); i++)
		if (list_nth(walk->seen, i) == con)
			return list_nth(walk->facts->literals, i);
	literal = palloc0(sizeof(GuardLiteral));
	literal->location = con->location;
	literal->type = con->consttype;
	if (!con->constisnull)
	{
		getTypeOutputInfo(con->consttype, &output, &varlena);
		literal->text = OidOutputFunctionCall(output, con->constvalue);
	}
	walk->seen = lappend(walk->seen, con);
	walk->facts->literals = lappend(walk->facts->literals, literal);
	return literal;
}

/* extract(year from column), date_part('year', column) */
static Node *
year_argument(Node *node)
{
	FuncExpr *call = (FuncExpr *) node;
	char *name;
	Node *field;

	if (!IsA(node, FuncExpr) || list_length(call->args) != 2 || !policy_is_builtin(call->funcid))
		return NULL;
	name = get_func_name(call->funcid);
	field = linitial(call->args);
	if (name == NULL || (strcmp(name, "extract") != 0 && strcmp(name, "date_part") != 0) ||
		!IsA(field, Const) || ((Const *) field)->constisnull ||
		pg_strcasecmp(TextDatumGetCString(((Const *) field)->constvalue), "year") != 0)
		return NULL;
	return lsecond(call->args);
}

static void
note_comparison(FactsWalk *walk, Node *other, Node *side, Oid operator)
{
	Node *con = strip_casts(side);
	Oid other_type = exprType(other);
	GuardLiteral *literal;

	if (con == NULL || !IsA(con, Const) || !policy_is_builtin(operator))
		return;
	other = strip_casts(other);
	if (other == NULL || IsA(other, Const))
		return;
	literal = note_literal(walk, (Const *) con);
	if (literal == NULL || literal->operator!= NULL)
		return;
	literal->operator= get_opname(operator);
	literal->other_type = other_type;
	if (year_argument(other) != NULL)
	{
		literal->of_year = true;
		other = strip_casts(year_argument(other));
	}
	if (!find_column(other, walk->level, 0, &literal->relid, &literal->attnum))
		literal->relid = InvalidOid;
}

static void
note_operator(FactsWalk *walk, OpExpr *expr)
{
	Oid commutator;

	if (list_length(expr->args) != 2)
		return;
	note_comparison(walk, linitial(expr->args), lsecond(expr->args), expr->opno);
	commutator = get_commutator(expr->opno);
	if (OidIsValid(commutator))
		note_comparison(walk, lsecond(expr->args), linitial(expr->args), commutator);
}

/* column IN ('a', 'b') */
static void
note_list(FactsWalk *walk, ScalarArrayOpExpr *expr)
{
	Node *list = lsecond(expr->args);
	ListCell *lc;

	if (!expr->useOr || !IsA(list, ArrayExpr))
		return;
	foreach (lc, ((ArrayExpr *) list)->elements)
		note_comparison(walk, linitial(expr->args), lfirst(lc), expr->opno);
}

static void
note_column(FactsWalk *walk, Var *var)
{
	GuardColumnUse *use;
	Oid relid;
	AttrNumber attnum;
	ListCell *lc;

	if (!find_column((Node *) var, walk->level, 0, &relid, &attnum))
		return;
	foreach (lc, walk->facts->columns)
	{
		use = lfirst(lc);
		if (use->relid == relid && use->attnum == attnum)
			return;
	}
	use = palloc(sizeof(GuardColumnUse));
	use->relid = relid;
	use->attnum = attnum;
	walk->facts->columns = lappend(walk->facts->columns, use);
}

static bool
facts_walker(Node *node, void *context)
{
	FactsWalk *walk = context;

	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		QueryLevel level = {(Query *) node, walk->level};
		Node *limit = strip_casts(level.query->limitCount);
		bool result;

		if (limit != NULL && IsA(limit, Const))
		{
			GuardLiteral *literal = note_literal(walk, (Const *) limit);

			if (literal != NULL)
				literal->is_limit = true;
		}
		walk->level = &level;
		result = query_tree_walker(level.query, facts_walker, walk, QTW_IGNORE_JOINALIASES);
		walk->level = level.up;
		return result;
	}
	if (IsA(node, OpExpr))
		note_operator(walk, (OpExpr *) node);
	else if (IsA(node, ScalarArrayOpExpr))
		note_list(walk, (ScalarArrayOpExpr *) node);
	else if (IsA(node, Const))
		(void) note_literal(walk, (Const *) node);
	else if (IsA(node, Var))
		note_column(walk, (Var *) node);
	return expression_tree_walker(node, facts_walker, context);
}

/*
 * How long the literals are in the text: the lexer knows.  One that begins
 * with a sign or is a keyword has no length.
 */
static void
measure_literals(const char *sql, GuardFacts *facts)
{
	core_yyscan_t scanner;
	core_yy_extra_type extra;
	core_YYSTYPE value;
	YYLTYPE at;
	ListCell *lc;

	scanner = scanner_init(sql, &extra, &ScanKeywords, ScanKeywordTokens);
	while (core_yylex(&value, &at, scanner) != 0)
	{
		foreach (lc, facts->literals)
		{
			GuardLiteral *literal = lfirst(lc);

			/* the lexer ends its buffer behind the token that it has read */
			if (literal->location == at && (isdigit((unsigned char) sql[at]) || sql[at] == '\''))
				literal->length = strlen(extra.scanbuf + at);
		}
	}
	scanner_finish(scanner);
}

GuardFacts *
facts_collect(GuardCall *call, Query *query)
{
	MemoryContext old = MemoryContextSwitchTo(call->result_context);
	FactsWalk walk = {palloc0(sizeof(GuardFacts)), NULL, NIL};

	(void) facts_walker((Node *) query, &walk);
	measure_literals(call->sql, walk.facts);
	MemoryContextSwitchTo(old);
	return walk.facts;
}
