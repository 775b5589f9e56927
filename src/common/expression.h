/*-------------------------------------------------------------------------
 *
 * expression.h
 *		Texts that somebody wrote as one SQL expression.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_EXPRESSION_H
#define SQL_AGENT_EXPRESSION_H

#include "nodes/nodes.h"
#include "nodes/pg_list.h"

/* a name of a column as it stands in the text */
typedef struct ExpressionColumn
{
	List *names; /* char *, as the server reads them: [schema.][table.]column */
	int start;   /* bytes of the text that it takes */
	int end;
} ExpressionColumn;

typedef struct Expression
{
	const char *text;
	List *columns;     /* ExpressionColumn *, in the order of the text */
	List *aggregates;  /* byte offsets of calls of aggregates, as int */
	bool adds_up;      /* one sum or count and nothing else */
	bool is_name;      /* one name without a qualifier and nothing else */
	const char *unfit; /* what it has that no part of a statement of ours may have, or NULL */
} Expression;

/* the raw statements of a text, whatever the caller's settings say of strings */
extern List *parse_pinned(const char *sql);

/*
 * The text as one expression, or NULL where it is something else: several, a
 * query, one with a name behind it.  Raises for what does not parse at all, and
 * for text of more than the limit of bytes.
 */
extern Node *expression_parse(const char *what, const char *text, Size limit);

/*
 * The same, and what it is made of; the text is kept without what stands before
 * and behind it.
 */
extern Expression *expression_read(const char *what, const char *text, Size limit);

/* NULL, too, where it does not parse */
extern Expression *expression_try(const char *text, Size limit);

/*
 * Its text with every column under the alias (NULL = none), and only rows of the
 * condition in its aggregates (NULL = all).
 */
extern char *expression_text(const Expression *expression, const char *alias, const char *only);

#endif /* SQL_AGENT_EXPRESSION_H */
