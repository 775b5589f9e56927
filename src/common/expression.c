/*-------------------------------------------------------------------------
 *
 * expression.c
 *		Texts that somebody wrote as one SQL expression.
 *
 * Such a text becomes a part of a statement, so it has to stay in its place
 * there: the server's own grammar must read it as one expression, and nothing
 * of what it says is believed beyond that.  The statement goes through the guard.
 *
 * Names of columns are replaced where the grammar found them, by the server's
 * lexer; the rest of the text stays as it was written.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "common/expression.h"
#include "lib/stringinfo.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "parser/scanner.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/* "SELECT ", which the text stands behind when it is parsed */
#define PREFIX     "SELECT "
#define PREFIX_LEN ((int) strlen(PREFIX))

typedef struct ExpressionToken
{
	int code; /* of the grammar; single characters stand for themselves */
	int start;
	int end;
} ExpressionToken;

typedef struct ExpressionTokens
{
	int count;
	ExpressionToken *tokens;
} ExpressionTokens;

static bool
is_one_expression(const List *statements)
{
	SelectStmt *select;
	ResTarget *target;

	if (list_length(statements) != 1 || !IsA(((RawStmt *) linitial(statements))->stmt, SelectStmt))
		return false;
	select = (SelectStmt *) ((RawStmt *) linitial(statements))->stmt;
	if (select->op != SETOP_NONE || select->distinctClause || select->intoClause ||
		select->fromClause || select->whereClause || select->groupClause || select->havingClause ||
		select->windowClause || select->valuesLists || select->sortClause || select->limitOffset ||
		select->limitCount || select->lockingClause || select->withClause ||
		list_length(select->targetList) != 1)
		return false;
	target = linitial(select->targetList);
	return target->name == NULL && target->indirection == NIL;
}

/* the position is one of a statement that nobody wrote */
static void
forget_position(void *arg)
{
	errposition(0);
}

/*
 * What is a string and what is SQL must not depend on who looks: a text is read
 * under the settings under which the guard runs it.  Returns what AtEOXact_GUC()
 * ends it with.
 */
static int
pin_strings(void)
{
	int level = NewGUCNestLevel();

	(void) set_config_option("standard_conforming_strings", "on", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	return level;
}

List *
parse_pinned(const char *sql)
{
	int level = pin_strings();
	List *statements = raw_parser(sql, RAW_PARSE_DEFAULT);

	AtEOXact_GUC(false, level);
	return statements;
}

Node *
expression_parse(const char *what, const char *text, Size limit)
{
	ErrorContextCallback callback = {error_context_stack, forget_position, NULL};
	List *statements;

	if (strlen(text) > limit)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s is too long: %zu bytes", what, strlen(text)),
						errdetail("At most %zu bytes are allowed.", limit)));
	error_context_stack = &callback;
	statements = parse_pinned(psprintf(PREFIX "%s\n", text));
	error_context_stack = callback.previous;
	if (!is_one_expression(statements))
		return NULL;
	return ((ResTarget *) linitial(
				((SelectStmt *) ((RawStmt *) linitial(statements))->stmt)->targetList))
		->val;
}

/* the text must be one that the grammar has read */
static ExpressionTokens
cut_tokens(const char *text)
{
	ExpressionTokens result = {0, NULL};
	int allocated = 32;
	core_yyscan_t scanner;
	core_yy_extra_type extra;
	core_YYSTYPE value;
	YYLTYPE at;
	int code;
	int level = pin_strings();

	result.tokens = palloc(allocated * sizeof(ExpressionToken));
	scanner = scanner_init(text, &extra, &ScanKeywords, ScanKeywordTokens);
	while ((code = core_yylex(&value, &at, scanner)) != 0)
	{
		if (result.count >= allocated)
		{
			allocated *= 2;
			result.tokens = repalloc(result.tokens, allocated * sizeof(ExpressionToken));
		}
		result.tokens[result.count].code = code;
		result.tokens[result.count].start = at;
		/* the lexer ends its buffer behind the token that it has read */
		result.tokens[result.count++].end = at + (int) strlen(extra.scanbuf + at);
	}
	scanner_finish(scanner);
	AtEOXact_GUC(false, level);
	return result;
}

static bool
is_aggregate(const FuncCall *call)
{
	CatCList *functions;
	bool result = false;

	functions =
		SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(strVal(llast(call->funcname))));
	for (int i = 0; i < functions->n_members; i++)
	{
		Form_pg_proc proc = (Form_pg_proc) GETSTRUCT(&functions->members[i]->tuple);

		result |= proc->pronamespace == PG_CATALOG_NAMESPACE && proc->prokind == PROKIND_AGGREGATE;
	}
	ReleaseSysCacheList(functions);
	return result;
}

static bool
note_column(Expression *expression, const ColumnRef *ref)
{
	ExpressionColumn *column = palloc0(sizeof(ExpressionColumn));
	ListCell *lc;

	foreach (lc, ref->fields)
	{
		if (!IsA(lfirst(lc), String))
		{
			expression->unfit = "whole rows";
			return true;
		}
		column->names = lappend(column->names, strVal(lfirst(lc)));
	}
	column->start = ref->location - PREFIX_LEN;
	expression->columns = lappend(expression->columns, column);
	return false;
}

static bool
parts_walker(Node *node, void *context)
{
	Expression *expression = context;

	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_ColumnRef:
			return note_column(expression, (ColumnRef *) node);
		case T_SubLink:
		case T_SelectStmt:
			expression->unfit = "a query";
			return true;
		case T_ParamRef:
			expression->unfit = "a parameter";
			return true;
		case T_A_Indirection:
			expression->unfit = "fields or subscripts";
			return true;
		case T_FuncCall:
			if (((FuncCall *) node)->over != NULL)
			{
				expression->unfit = "a window function";
				return true;
			}
			if (is_aggregate((FuncCall *) node))
				expression->aggregates =
					lappend_int(expression->aggregates, ((FuncCall *) node)->location - PREFIX_LEN);
			break;
		default:
			break;
	}
	return raw_expression_tree_walker(node, parts_walker, context);
}

static int
compare_columns(const ListCell *a, const ListCell *b)
{
	return ((const ExpressionColumn *) lfirst(a))->start -
		   ((const ExpressionColumn *) lfirst(b))->start;
}

/* a name takes one token for each of its parts, and the dots between them */
static void
find_ends(Expression *expression, const ExpressionTokens *tokens)
{
	ListCell *lc;
	int at = 0;

	foreach (lc, expression->columns)
	{
		ExpressionColumn *column = lfirst(lc);

		while (at < tokens->count && tokens->tokens[at].start < column->start)
			at++;
		at += 2 * list_length(column->names) - 2;
		if (at >= tokens->count)
			elog(ERROR, "could not find a column in the text of an expression");
		column->end = tokens->tokens[at].end;
	}
}

static Expression *
read_parts(const Node *root, const char *text)
{
	Expression *expression = palloc0(sizeof(Expression));
	ExpressionTokens tokens = cut_tokens(text);
	char *cut;

	(void) parts_walker(unconstify(Node *, root), expression);
	if (tokens.count == 0)
		elog(ERROR, "an expression has no text");
	if (tokens.tokens[tokens.count - 1].code == ';')
		expression->unfit = "a semicolon";
	/* what a backslash means in a literal is a setting */
	if (strchr(text, '\\'))
		expression->unfit = "a backslash";
	list_sort(expression->columns, compare_columns);
	find_ends(expression, &tokens);
	/* a comment at the end would swallow what comes behind it */
	cut = pstrdup(text);
	cut[tokens.tokens[tokens.count - 1].end] = '\0';
	expression->text = cut;
	expression->adds_up =
		IsA(root, FuncCall) && list_length(expression->aggregates) == 1 &&
		(strcmp(strVal(llast(((const FuncCall *) root)->funcname)), "sum") == 0 ||
		 strcmp(strVal(llast(((const FuncCall *) root)->funcname)), "count") == 0) &&
		!((const FuncCall *) root)->agg_distinct;
	expression->is_name =
		IsA(root, ColumnRef) && list_length(((const ColumnRef *) root)->fields) == 1;
	return expression;
}

Expression *
expression_read(const char *what, const char *text, Size limit)
{
	Node *root = expression_parse(what, text, limit);

	return root ? read_parts(root, text) : NULL;
}

Expression *
expression_try(const char *text, Size limit)
{
	MemoryContext context = CurrentMemoryContext;
	Expression *volatile result = NULL;
	int level;

	if (strlen(text) > limit)
		return NULL;
	/* the grammar and the lexer hold nothing but memory and a setting */
	level = NewGUCNestLevel();
	PG_TRY();
	{
		result = expression_read("expression", text, limit);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (ERRCODE_TO_CATEGORY(error->sqlerrcode) !=
			ERRCODE_TO_CATEGORY(ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION))
			PG_RE_THROW();
		FlushErrorState();
		FreeErrorData(error);
	}
	PG_END_TRY();
	AtEOXact_GUC(false, level);
	return result;
}

/* where the call that begins at the token ends: its closing parenthesis */
static int
end_of_call(const ExpressionTokens *tokens, int at)
{
	int depth = 0;

	for (; at < tokens->count; at++)
	{
		depth += tokens->tokens[at].code == '(';
		if (tokens->tokens[at].code == ')' && --depth == 0)
			return at;
	}
	elog(ERROR, "could not find the end of a call in the text of an expression");
}

static bool
token_is(const char *text, const ExpressionTokens *tokens, int at, const char *word)
{
	const ExpressionToken *token = &tokens->tokens[at];

	return at < tokens->count && token->end - token->start == (int) strlen(word) &&
		   pg_strncasecmp(text + token->start, word, strlen(word)) == 0;
}

typedef struct Insertion
{
	int at; /* before this byte */
	char *text;
} Insertion;

static List *
insert_at(List *insertions, int at, char *text)
{
	Insertion *insertion = palloc(sizeof(Insertion));

	insertion->at = at;
	insertion->text = text;
	return lappend(insertions, insertion);
}

/* "sum(a)" becomes "sum(a) FILTER (WHERE only)"; a FILTER that is there gets it as well */
static List *
insert_filters(const Expression *expression, const ExpressionTokens *tokens, const char *only)
{
	List *result = NIL;
	ListCell *lc;

	foreach (lc, expression->aggregates)
	{
		int at = 0;
		int end;

		while (at < tokens->count && tokens->tokens[at].start < lfirst_int(lc))
			at++;
		end = end_of_call(tokens, at);
		if (token_is(expression->text, tokens, end + 1, "WITHIN"))
			end = end_of_call(tokens, end + 1);
		if (token_is(expression->text, tokens, end + 1, "FILTER") && end + 4 < tokens->count)
		{
			int close = end_of_call(tokens, end + 1);

			/* behind "FILTER (WHERE" */
			result = insert_at(result, tokens->tokens[end + 4].start, psprintf("%s AND (", only));
			result = insert_at(result, tokens->tokens[close].start, pstrdup(")"));
		}
		else
			result =
				insert_at(result, tokens->tokens[end].end, psprintf(" FILTER (WHERE %s)", only));
	}
	return result;
}

char *
expression_text(const Expression *expression, const char *alias, const char *only)
{
	StringInfoData out;
	List *insertions = NIL;
	ListCell *lc = list_head(expression->columns);
	ListCell *lc2;

	if (only)
	{
		ExpressionTokens tokens = cut_tokens(expression->text);

		insertions = insert_filters(expression, &tokens, only);
	}
	initStringInfo(&out);
	for (int at = 0;;)
	{
		const ExpressionColumn *column = lc ? lfirst(lc) : NULL;

		foreach (lc2, insertions)
		{
			const Insertion *insertion = lfirst(lc2);

			if (insertion->at == at)
				appendStringInfoString(&out, insertion->text);
		}
		if (column && column->start == at)
		{
			if (alias)
				appendStringInfo(&out, "%s.", alias);
			appendStringInfoString(&out, quote_identifier(llast(column->names)));
			at = column->end;
			lc = lnext(expression->columns, lc);
		}
		else if (expression->text[at])
			appendStringInfoChar(&out, expression->text[at++]);
		else
			break;
	}
	return out.data;
}
