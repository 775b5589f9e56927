/*-------------------------------------------------------------------------
 *
 * private.h
 *		Columns that somebody marked private: they never leave for a model.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_PRIVATE_H
#define SQL_AGENT_PRIVATE_H

#include "catalog/snapshot.h"

typedef struct PrivateColumns PrivateColumns;

/* all marks of this database, in the current memory context; never NULL */
extern PrivateColumns *private_columns_read(void);
/* sets is_private on the relation's columns */
extern void private_columns_apply(const PrivateColumns *set, SnapshotRelation *relation);

/* numbers of the relation's private columns, seen by a role or not */
extern List *private_columns_of(Oid relid);

/* the cluster and database that OIDs are valid in */
extern char *private_installation(void);

#endif /* SQL_AGENT_PRIVATE_H */
