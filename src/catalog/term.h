/*-------------------------------------------------------------------------
 *
 * term.h
 *		Words that somebody gave a meaning to: rows of sql_agent.term.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_TERM_H
#define SQL_AGENT_TERM_H

#include "catalog/snapshot.h"

/* columns of sql_agent.term */
#define TERM_WORD     1
#define TERM_KIND     2
#define TERM_MEANING  3
#define TERM_RELATION 4
#define TERM_COLUMNS  5
#define TERM_ADDS_UP  6
#define TERM_OWNER    7

/* bytes of an expression, and of other words */
#define TERM_MEANING_MAX 1000

/* termread.c */
extern const char *term_kind_name(TermKind kind);
extern bool term_kind_of_name(const char *name, TermKind *kind);
/* of a name[] */
extern char **term_column_names(Datum array, int *count);

#endif /* SQL_AGENT_TERM_H */
