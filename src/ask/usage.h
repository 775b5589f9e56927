/*-------------------------------------------------------------------------
 *
 * usage.h
 *		What the caller's questions were about.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_USAGE_H
#define SQL_AGENT_USAGE_H

#include "catalog/snapshot.h"

/* how many of the caller's last answered questions read each relation of the snapshot */
extern double *usage_of_relations(const AskSnapshot *snapshot);

#endif /* SQL_AGENT_USAGE_H */
