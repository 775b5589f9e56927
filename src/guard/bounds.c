/*-------------------------------------------------------------------------
 *
 * bounds.c
 *		Functions whose time grows with the product of their arguments' sizes.
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

#include <ctype.h>

#include "access/detoast.h"
#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "common/errors.h"
#include "guard/guard_int.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/jsonpath.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#define SHORT_LITERAL 64 /* bytes; with one of these any other argument will do */
#define SHORT_QUERY   1000

typedef enum BoundKind
{
	BOUND_PRODUCT,  /* of two arguments */
	BOUND_SQUARE,   /* of one */
	BOUND_RANK,     /* of the positions that a text search query can find */
	BOUND_LITERAL,  /* the second argument must be a short literal */
	BOUND_JSONPATH, /* of document and variables, where a path compares parts of them */
	BOUND_XPATH     /* of the document, as often as the path can go over it */
} BoundKind;

typedef struct BoundRule
{
	Oid funcid;
	BoundKind kind;
	int first;
	int second;
	double limit;
} BoundRule;

/* what takes a few seconds at most */
#define USUAL 1e9

static const BoundRule rules[] = {
	{F_STRPOS, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POSITION_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_REPLACE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TRANSLATE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_STRING_TO_ARRAY_TEXT_TEXT, BOUND_LITERAL, 0, 1, 0},
	{F_STRING_TO_ARRAY_TEXT_TEXT_TEXT, BOUND_LITERAL, 0, 1, 0},
	{F_STRING_TO_TABLE_TEXT_TEXT, BOUND_LITERAL, 0, 1, 0},
	{F_STRING_TO_TABLE_TEXT_TEXT_TEXT, BOUND_LITERAL, 0, 1, 0},
	{F_SPLIT_PART, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TEXTLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TEXTNLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TEXTICLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TEXTICNLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_LIKE_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_NOTLIKE_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BPCHARLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BPCHARNLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BPCHARICLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BPCHARICNLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BYTEALIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BYTEANLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_LIKE_BYTEA_BYTEA, BOUND_PRODUCT, 0, 1, USUAL},
	{F_NOTLIKE_BYTEA_BYTEA, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BTRIM_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_LTRIM_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_RTRIM_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BTRIM_BYTEA_BYTEA, BOUND_PRODUCT, 0, 1, USUAL},
	{F_LTRIM_BYTEA_BYTEA, BOUND_PRODUCT, 0, 1, USUAL},
	{F_RTRIM_BYTEA_BYTEA, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POSITION_BYTEA_BYTEA, BOUND_PRODUCT, 0, 1, USUAL},
	/* eight bits a byte, each tried */
	{F_POSITION_BIT_BIT, BOUND_PRODUCT, 0, 1, USUAL / 10},
	{F_TO_DATE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TO_TIMESTAMP_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TO_NUMBER, BOUND_PRODUCT, 0, 1, USUAL},
	{F_ARRAYOVERLAP, BOUND_PRODUCT, 0, 1, USUAL / 2},
	{F_ARRAYCONTAINS, BOUND_PRODUCT, 0, 1, USUAL / 2},
	{F_ARRAYCONTAINED, BOUND_PRODUCT, 0, 1, USUAL / 2},
	{F_JSONB_CONTAINS, BOUND_PRODUCT, 0, 1, USUAL},
	{F_JSONB_CONTAINED, BOUND_PRODUCT, 0, 1, USUAL},
	{F_JSONB_EXISTS_ANY, BOUND_PRODUCT, 0, 1, USUAL},
	{F_JSONB_EXISTS_ALL, BOUND_PRODUCT, 0, 1, USUAL},
	{F_JSONB_DELETE_JSONB__TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POLY_OVERLAP, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POLY_CONTAIN, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POLY_CONTAINED, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POLY_DISTANCE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_PATH_INTER, BOUND_PRODUCT, 0, 1, USUAL},
	{F_PATH_DISTANCE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_NORMALIZE, BOUND_SQUARE, 0, 0, 2 * USUAL},
	{F_IS_NORMALIZED, BOUND_SQUARE, 0, 0, 2 * USUAL},
	{F_TS_RANK_TSVECTOR_TSQUERY, BOUND_RANK, 0, 1, USUAL},
	{F_TS_RANK_TSVECTOR_TSQUERY_INT4, BOUND_RANK, 0, 1, USUAL},
	{F_TS_RANK__FLOAT4_TSVECTOR_TSQUERY, BOUND_RANK, 1, 2, USUAL},
	{F_TS_RANK__FLOAT4_TSVECTOR_TSQUERY_INT4, BOUND_RANK, 1, 2, USUAL},
	{F_TS_RANK_CD_TSVECTOR_TSQUERY, BOUND_RANK, 0, 1, USUAL},
	{F_TS_RANK_CD_TSVECTOR_TSQUERY_INT4, BOUND_RANK, 0, 1, USUAL},
	{F_TS_RANK_CD__FLOAT4_TSVECTOR_TSQUERY, BOUND_RANK, 1, 2, USUAL},
	{F_TS_RANK_CD__FLOAT4_TSVECTOR_TSQUERY_INT4, BOUND_RANK, 1, 2, USUAL},
	{F_JSONB_PATH_EXISTS, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_EXISTS_OPR, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_EXISTS_TZ, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_MATCH, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_MATCH_OPR, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_MATCH_TZ, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_QUERY, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_QUERY_TZ, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_QUERY_ARRAY, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_QUERY_ARRAY_TZ, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_QUERY_FIRST, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_QUERY_FIRST_TZ, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_XPATH_TEXT_XML, BOUND_XPATH, 0, 1, USUAL},
	{F_XPATH_TEXT_XML__TEXT, BOUND_XPATH, 0, 1, USUAL},
	{F_XPATH_EXISTS_TEXT_XML, BOUND_XPATH, 0, 1, USUAL},
	{F_XPATH_EXISTS_TEXT_XML__TEXT, BOUND_XPATH, 0, 1, USUAL},
	{F_XMLEXISTS, BOUND_XPATH, 0, 1, USUAL},
};

/* of pg_trgm: they try every extent of words */
static const BoundRule word_similarity_rule = {InvalidOid, BOUND_PRODUCT, 0, 1, USUAL};

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

typedef struct BoundsWalk
{
	GuardCall *call;
	List *queries; /* innermost first */
	Oid bounded;   /* sql_agent.bounded(), once it is needed */
} BoundsWalk;

PG_FUNCTION_INFO_V1(sql_agent_bounded);

/* ---- the rule of a function ---- */

static const BoundRule *
builtin_rule(Oid funcid)
{
	/* position of the rule plus one */
	static uint8 index[FirstUnpinnedObjectId];
	static bool filled = false;

	StaticAssertStmt(lengthof(rules) < 255, "the index holds bytes");
	if (!filled)
	{
		for (int i = 0; i < lengthof(rules); i++)
			index[rules[i].funcid] = i + 1;
		filled = true;
	}
	return index[funcid] > 0 ? &rules[index[funcid] - 1] : NULL;
}

static const BoundRule *
rule_of(Oid funcid)
{
	char *name;
	Oid extension;
	char *extension_name;

	if (policy_is_builtin(funcid))
		return builtin_rule(funcid);
	name = get_func_name(funcid);
	if (name == NULL || (strncmp(name, "word_similarity", 15) != 0 &&
						 strncmp(name, "strict_word_similarity", 22) != 0))
		return NULL;
	extension = getExtensionOfObject(ProcedureRelationId, funcid);
	extension_name = OidIsValid(extension) ? get_extension_name(extension) : NULL;
	return extension_name != NULL && strcmp(extension_name, "pg_trgm") == 0 ? &word_similarity_rule
																			: NULL;
}

/* ---- paths ---- */

static bool
compares_with_literal(const char *p)
{
	while (*p == '=' || *p == ' ')
		p++;
	return *p == '\'' || *p == '"' || *p == '-' || isdigit((unsigned char) *p);
}

/*
 * How often an XPath can go over the document beyond the first time, for each
 * node that it meets then.  Errs on the side of more.
 */
static int
xpath_depth(const char *path)
{
	int depth = 0;
	bool descends = false;

	for (const char *p = path; *p != '\0'; p++)
	{
		if (strncmp(p, "//", 2) == 0)
		{
			depth += descends;
			descends = true;
			p++;
		}
		else if (strncmp(p, "..", 2) == 0 || strncmp(p, "::", 2) == 0)
		{
			depth++;
			p++;
		}
		else if (*p == '[' || *p == '|' || strncmp(p, "translate", 9) == 0)
			depth++;
		else if (*p == '=' || *p == '<' || *p == '>')
		{
			depth += !compares_with_literal(p + 1);
			while (p[1] == '=')
				p++;
		}
	}
	return depth;
}

static bool
is_simple_xpath(Node *path)
{
	return IsA(path, Const) &&
		   (((Const *) path)->constisnull ||
			xpath_depth(TextDatumGetCString(((Const *) path)->constvalue)) == 0);
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

/* ---- when it runs ---- */

static double
size_of(FunctionCallInfo fcinfo, int argument)
{
	return (double) toast_raw_datum_size(PG_GETARG_DATUM(argument));
}

static double
xpath_measure(const char *path, double document)
{
	double measure = document;

	for (int depth = xpath_depth(path); depth > 0 && measure < USUAL * 10; depth--)
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
	if (rule_of(funcid) == NULL)
		return InvalidOid;
	bound->document = get_func_retset(funcid) || (rule_of(funcid)->kind == BOUND_XPATH &&
												  ((FuncExpr *) expr)->funcresulttype == XMLOID);
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
	bound->rule = rule_of(funcid);
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

/* ---- in the tree ---- */

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
			break;
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
	const BoundRule *rule = rule_of(expr->funcid);

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
	const BoundRule *rule = rule_of(get_opcode(opno));

	if (rule == NULL || needs_no_bound(walk, rule, args))
		return false;
	if (!find_bounded(walk))
		return true;
	*opfuncid = walk->bounded;
	return false;
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
	if (xpath_depth(path.data) == 0)
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
