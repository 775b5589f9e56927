/*-------------------------------------------------------------------------
 *
 * combine.h
 *		Two queries of the same groups in one: their ratio, both side by side, or
 *		how they move together.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_COMBINE_H
#define SQL_AGENT_COMBINE_H

#include "translate/query.h"

typedef enum CombineKind
{
	COMBINE_RATIO,      /* the first over the second */
	COMBINE_BESIDE,     /* one column each */
	COMBINE_CORRELATION /* of the two, over their groups */
} CombineKind;

typedef struct CombinedQuery
{
	CombineKind kind;
	AskQuery *parts[2];
	Output *measures[2];
	char *labels[2]; /* of the columns, where both would be called the same; or NULL */
	bool percent;    /* the ratio times 100 */
	bool grouped;
} CombinedQuery;

/* NULL with a reason where their groups do not fit */
extern CombinedQuery *combine_queries(AskQuery *first, AskQuery *second, char **reason);

/* SQL, explanation, and the shape of the result */
extern void present_combined(Translation *translation, CombinedQuery *combined);

/* texts of both, each once */
extern List *list_concat_unique_text(List *first, List *second);

#endif /* SQL_AGENT_COMBINE_H */
