/*-------------------------------------------------------------------------
 *
 * limits.c
 *		The size of a statement, before anything is done with it.
 *
 * Analysis and planning can not be interrupted everywhere: two thousand
 * chained CTEs keep the planner busy for minutes, deaf to cancel.  So the text
 * and the raw tree are measured first.  Parsing itself is linear in a text of
 * bounded length.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "guard/guard_int.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"

#define MAX_TEXT      (64 * 1024)
#define MAX_OPERATOR  500
#define MAX_NODES     20000
#define MAX_DEPTH     250
#define MAX_CTES      50
#define MAX_ARMS      100
#define MAX_RELATIONS 64
#define MAX_LIST      5000

typedef struct RawMeasure
{
	GuardCall *call;
	int nodes;
	int depth;
	int ctes;
	int arms;
	int relations;
} RawMeasure;

static bool measure_walker(Node *node, RawMeasure *measure);

static bool
refuse_limit(GuardCall *call, const char *rule, int location, const char *what, int limit)
{
	guard_refuse(call, rule, location, "the statement exceeds a limit",
				 psprintf("It has more than %d %s.", limit, what),
				 "Ask for less in one statement.");
	call->outcome->error.sqlstate = ERRCODE_AGENT_LIMIT;
	return true;
}

/*
 * Characters that make a reader see another text than the parser does.  They
 * have a place in string literals only.
 */
static bool
is_invisible(pg_wchar c)
{
	return (c >= 0x80 && c <= 0x9f) || c == 0xad || c == 0x61c || c == 0x180e ||
		   (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
		   (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
		   (c >= 0xe0000 && c <= 0xe007f);
}

static bool
is_operator_character(unsigned char c)
{
	switch (c)
	{
		case '~':
		case '!':
		case '@':
		case '#':
		case '^':
		case '&':
		case '|':
		case '`':
		case '?':
		case '+':
		case '-':
		case '*':
		case '/':
		case '%':
		case '<':
		case '>':
		case '=':
			return true;
		default:
			return false;
	}
}

static bool
refuse_character(GuardCall *call, int location)
{
	return guard_refuse(call, "characters", location, "the statement holds invisible characters",
						"Control, zero-width and direction characters may stand in string literals "
						"only; control characters not even there.",
						"Remove them, or write them as escapes in a literal: U&'\\200B'.");
}

/*
 * Finds characters that do not belong.  The tracking of quotes is simpler than
 * the lexer's; where they differ the worst outcome is a refusal, or a character
 * in an identifier, which the parser sees like any other and which is escaped
 * when shown.
 */
static bool
refuse_characters(GuardCall *call, int length)
{
	const char *sql = call->sql;
	bool utf8 = GetDatabaseEncoding() == PG_UTF8;
	bool quoted = false;
	int run = 0;
	int step;

	for (int i = 0; i < length; i += step)
	{
		unsigned char c = (unsigned char) sql[i];

		/* the lexer's time is quadratic in a run of operator characters */
		run = is_operator_character(c) ? run + 1 : 0;
		if (run > MAX_OPERATOR)
			return refuse_limit(call, "operator_too_long", i, "operator characters in a row",
								MAX_OPERATOR);
		step = 1;
		if (c == '\'')
			quoted = !quoted;
		else if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
			return refuse_character(call, i);
		else if (c >= 0x80)
		{
			step = pg_mblen(sql + i);
			if (utf8 && !quoted && is_invisible(utf8_to_unicode((const unsigned char *) sql + i)))
				return refuse_character(call, i);
		}
	}
	return false;
}

bool
limits_refuse_text(GuardCall *call)
{
	int length = strlen(call->sql);

	if (length > MAX_TEXT)
		return refuse_limit(call, "text_too_long", -1, "bytes", MAX_TEXT);
	if (!pg_verifymbstr(call->sql, length, true))
		return guard_refuse(call, "characters", -1, "the statement is not valid text",
							"It holds bytes that are no character of the database's encoding.",
							NULL);
	return refuse_characters(call, length);
}

/*
 * Statements that are more than a SELECT, at the top or inside.
 */
static bool
refuse_statement(GuardCall *call, Node *node)
{
	switch (nodeTag(node))
	{
		case T_InsertStmt:
		case T_UpdateStmt:
		case T_DeleteStmt:
			CASE_T_MERGESTMT
			return guard_refuse(call, "not_select", -1, "only SELECT statements are allowed",
								"The statement changes data in a WITH query.", NULL);
		case T_ParamRef:
			return guard_refuse(call, "parameter", ((ParamRef *) node)->location,
								"parameters are not allowed",
								"A checked statement has no parameters such as $1.",
								"Write the value as a literal.");
		case T_SelectStmt:
			if (((SelectStmt *) node)->lockingClause != NIL)
				return guard_refuse(call, "locking", -1, "row locks are not allowed",
									"FOR UPDATE and FOR SHARE lock rows against their writers.",
									"Leave the clause out.");
			if (((SelectStmt *) node)->intoClause != NULL)
				return guard_refuse(call, "select_into", -1, "SELECT INTO is not allowed",
									"It would create a table.", "Leave the clause out.");
			return false;
		default:
			return false;
	}
}

static bool
refuse_size(RawMeasure *measure, Node *node)
{
	GuardCall *call = measure->call;

	if (++measure->nodes > MAX_NODES)
		return refuse_limit(call, "too_many_nodes", -1, "elements", MAX_NODES);
	switch (nodeTag(node))
	{
		case T_List:
			if (list_length((List *) node) > MAX_LIST)
				return refuse_limit(call, "list_too_long", exprLocation(node),
									"elements in one list", MAX_LIST);
			break;
		case T_CommonTableExpr:
			if (++measure->ctes > MAX_CTES)
				return refuse_limit(call, "too_many_ctes", exprLocation(node), "WITH queries",
									MAX_CTES);
			break;
		case T_SelectStmt:
			if (((SelectStmt *) node)->op != SETOP_NONE && ++measure->arms > MAX_ARMS)
				return refuse_limit(call, "too_many_arms", -1, "UNION, INTERSECT or EXCEPT arms",
									MAX_ARMS);
			break;
		case T_RangeVar:
		case T_RangeSubselect:
		case T_RangeFunction:
		case T_RangeTableFunc:
			if (++measure->relations > MAX_RELATIONS)
				return refuse_limit(call, "too_many_relations", exprLocation(node),
									"entries in FROM clauses", MAX_RELATIONS);
			break;
		default:
			break;
	}
	return false;
}

static bool
measure_walker(Node *node, RawMeasure *measure)
{
	bool stop;
	bool nests;

	if (node == NULL)
		return false;
	CHECK_FOR_INTERRUPTS();
	if (refuse_statement(measure->call, node) || refuse_size(measure, node))
		return true;

	nests = !IsA(node, List);
	if (nests && ++measure->depth > MAX_DEPTH)
		return refuse_limit(measure->call, "too_deep", -1, "levels of nesting", MAX_DEPTH);
	stop = raw_expression_tree_walker(node, measure_walker, (void *) measure);
	if (nests)
		measure->depth--;
	return stop;
}

bool
limits_refuse_raw(GuardCall *call, Node *stmt)
{
	RawMeasure measure = {.call = call};

	return measure_walker(stmt, &measure);
}
