/*-------------------------------------------------------------------------
 *
 * nearest.h
 *		Stored values most like the texts that a statement compares with.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_NEAREST_H
#define SQL_AGENT_NEAREST_H

#include "catalog/snapshot.h"

/*
 * Lines "schema.table.column: instead of 'a' there are 'b', 'c'", for texts
 * that are stored nowhere in the column that they are compared with; NULL where
 * there is nothing to say.
 */
extern char *nearest_values(AskSnapshot *snapshot, const char *sql);

#endif /* SQL_AGENT_NEAREST_H */
