/*-------------------------------------------------------------------------
 *
 * compose.h
 *		State shared by the files that build a query from resolved mentions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_COMPOSE_H
#define SQL_AGENT_COMPOSE_H

#include "translate/query.h"

typedef struct Composer
{
	QuestionScan *scan;
	AskSnapshot *snapshot;
	AskQuery *query;
	List *assumptions; /* char * */
	List *ambiguities; /* Ambiguity * */
	char *reason;      /* why it can not be built; set by compose_fail() */
} Composer;

/* remembers the reason; returns false for the caller to hand on */
extern bool compose_fail(Composer *c, char *reason);
extern void compose_assume(Composer *c, char *assumption);

/* fanout.c */
extern bool compose_root(Composer *c);
extern bool compose_protection(Composer *c);

/* conditions.c */
extern bool compose_conditions(Composer *c);

#endif /* SQL_AGENT_COMPOSE_H */
