/*-------------------------------------------------------------------------
 *
 * store.h
 *		The history of questions: tables sql_agent.question and sql_agent.chat.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_STORE_H
#define SQL_AGENT_STORE_H

#include "ask/answer.h"

/*
 * Records the answer in the caller's transaction and sets its question_id and
 * chat_id.  Does nothing where the transaction can not write.
 */
extern void store_question(Answer *answer);

#endif /* SQL_AGENT_STORE_H */
