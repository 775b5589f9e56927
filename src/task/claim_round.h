/*-------------------------------------------------------------------------
 *
 * claim_round.h
 *		What is ready to be taken, as this worker saw it a moment ago.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_CLAIM_ROUND_H
#define SQL_AGENT_CLAIM_ROUND_H

#include "nodes/pg_list.h"
#include "task/board.h"

/* a fair key with ready tasks; those up to rank and seq have been taken */
typedef struct ReadyKey
{
	char key[BOARD_KEY_SIZE];
	bool empty; /* nothing is left after them */
	int rank;   /* the negative of the priority */
	int64 seq;
} ReadyKey;

/* keys of a queue that are known at one time */
#define ROUND_KEYS 64

typedef struct ReadyQueue
{
	char name[NAMEDATALEN];
	int places;
	int places_per_key;
	bool paused;
	bool complete; /* there are no other keys */
	int nkeys;
	ReadyKey keys[ROUND_KEYS]; /* in the order of the round */
} ReadyQueue;

/* ReadyQueue *, by name; until the next build */
extern List *round_queues(void);
extern bool round_is_fresh(void);
/* may it be built again, or did that take too long to do it as often? */
extern bool round_may_build(void);
/* reads it anew; connected to SPI, in the scope of task_scope_enter() */
extern void round_build(void);

/* the first of the keys whose turn it is after `last` */
extern int round_first(const ReadyQueue *queue, const char *last);

#endif /* SQL_AGENT_CLAIM_ROUND_H */
