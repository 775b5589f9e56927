/*-------------------------------------------------------------------------
 *
 * relationship.h
 *		Relationships that were recorded: found by an upload, or told.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_RELATIONSHIP_H
#define SQL_AGENT_RELATIONSHIP_H

#include "nodes/pg_list.h"

/* columns of sql_agent.relationship */
#define RELATIONSHIP_FROM_SCHEMA  1
#define RELATIONSHIP_FROM_TABLE   2
#define RELATIONSHIP_FROM_COLUMNS 3
#define RELATIONSHIP_TO_SCHEMA    4
#define RELATIONSHIP_TO_TABLE     5
#define RELATIONSHIP_TO_COLUMNS   6

/* rows of "from" hold in the columns the key of one row of "to" */
typedef struct RecordedRelationship
{
	Oid from;
	Oid to;
	List *from_columns; /* char *, as the server has them */
	List *to_columns;
} RecordedRelationship;

/* takes the relationships in place of those that uploads found for the tables before */
extern void relationships_replace(List *tables, List *relationships);
/* for relationship_add() and relationship_drop(); false where there is none */
extern void relationship_give(const RecordedRelationship *relationship);
extern bool relationship_take_back(const RecordedRelationship *relationship);
/* takes over another name of a table, column or schema */
extern void relationships_follow_rename(Node *statement);

#endif /* SQL_AGENT_RELATIONSHIP_H */
