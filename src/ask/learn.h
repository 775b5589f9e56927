/*-------------------------------------------------------------------------
 *
 * learn.h
 *		What an answer leaves in memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_LEARN_H
#define SQL_AGENT_LEARN_H

#include "ask/answer.h"

/* to be called once the question is recorded; does nothing where it was not */
extern void learn_from_answer(const Answer *answer);

#endif /* SQL_AGENT_LEARN_H */
