/*-------------------------------------------------------------------------
 *
 * retrieve.h
 *		Which relations of a snapshot a model has to be shown for a question.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_RETRIEVE_H
#define SQL_AGENT_RETRIEVE_H

#include "catalog/snapshot.h"

/* how much is said of a relation */
typedef enum RetrieveLevel
{
	RETRIEVE_NOT,
	RETRIEVE_NAME,    /* its name and comment */
	RETRIEVE_COLUMNS, /* names and types of its columns too */
	RETRIEVE_FULL     /* everything */
} RetrieveLevel;

typedef struct RankedRelation
{
	int relation; /* index into the snapshot's relations */
	float score;  /* 0: nothing of the question leads to it */
} RankedRelation;

/* a stored value that stands in the question */
typedef struct RetrievedValue
{
	int relation;
	int column;
	const char *value; /* as stored */
	const char *words; /* of the question, folded */
} RetrievedValue;

typedef struct Retrieval
{
	RankedRelation *ranked; /* all of them */
	List *values;           /* RetrievedValue * */
} Retrieval;

/*
 * All relations, those that the question has most to do with first; the order
 * depends on nothing but the snapshot, the values that were read and the question.
 * seeds are indexes of relations that are known to matter.  Private columns play
 * no part, and no value is one of theirs.
 */
extern Retrieval *retrieve_rank(AskSnapshot *snapshot, const char *question, List *seeds);

/* bytes that saying so much of the relation takes; never 0 */
typedef Size (*RetrieveSize)(void *arg, int relation, RetrieveLevel level);

/*
 * Gives every relation its level so that the sum of sizes stays within budget:
 * one byte a relation, RetrieveLevel.  Relations in wanted come first and whole.
 */
extern uint8 *retrieve_levels(AskSnapshot *snapshot, const RankedRelation *ranked, List *wanted,
							  Size budget, RetrieveSize size, void *arg);

#endif /* SQL_AGENT_RETRIEVE_H */
