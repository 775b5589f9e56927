/*-------------------------------------------------------------------------
 *
 * combine.h
 *		The ratio of two queries of the same groups.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_COMBINE_H
#define SQL_AGENT_COMBINE_H

#include "translate/query.h"

typedef struct CombinedQuery
{
	AskQuery *parts[2]; /* the first over the second */
	Output *measures[2];
	bool percent; /* the ratio times 100 */
	bool grouped;
} CombinedQuery;

/* NULL with a reason where their groups do not fit */
extern CombinedQuery *combine_queries(AskQuery *first, AskQuery *second, char **reason);

/* SQL, explanation, and the shape of the result */
extern void present_combined(Translation *translation, CombinedQuery *combined);

/* texts of both, each once */
extern List *list_concat_unique_text(List *first, List *second);

#endif /* SQL_AGENT_COMBINE_H */
