/*-------------------------------------------------------------------------
 *
 * expand.h
 *		Puts other words in the place of terms that stand for them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_EXPAND_H
#define SQL_AGENT_EXPAND_H

#include "catalog/snapshot.h"

/* NULL where the question has no such term; a sentence of each is added to *told */
extern char *expand_terms(const char *question, const AskSnapshot *snapshot, List **told);

#endif /* SQL_AGENT_EXPAND_H */
