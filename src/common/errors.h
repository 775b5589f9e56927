/*-------------------------------------------------------------------------
 *
 * errors.h
 *		The SQLSTATEs of sql_agent: class AG, one number a kind of failure.
 *
 * A caller can branch on these without reading a message.  AG00x is general,
 * AG01x says that a question has no answer, AG02x is the guard's, AG03x the
 * queue's, AG04x the outside services', AG05x ingestion's.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_ERRORS_H
#define SQL_AGENT_ERRORS_H

#include "utils/elog.h"

/* the question can not be turned into SQL that we stand behind */
#define ERRCODE_AGENT_CANNOT_ANSWER MAKE_SQLSTATE('A', 'G', '0', '1', '0')
/* there is nothing that the asking role may ask about */
#define ERRCODE_AGENT_NOTHING_VISIBLE MAKE_SQLSTATE('A', 'G', '0', '1', '1')
/* the question itself is malformed: empty, too long, not text */
#define ERRCODE_AGENT_BAD_QUESTION MAKE_SQLSTATE('A', 'G', '0', '1', '2')

/* the guard refuses the statement by policy */
#define ERRCODE_AGENT_REFUSED MAKE_SQLSTATE('A', 'G', '0', '2', '0')
/* the statement ran into a limit: time, memory, size, cost */
#define ERRCODE_AGENT_LIMIT MAKE_SQLSTATE('A', 'G', '0', '2', '1')
/* the statement failed while it ran; the text of the failure is not shown */
#define ERRCODE_AGENT_STATEMENT_FAILED MAKE_SQLSTATE('A', 'G', '0', '2', '2')

/* a task of the same transaction can not have started */
#define ERRCODE_AGENT_TASK_NOT_STARTED MAKE_SQLSTATE('A', 'G', '0', '3', '0')

#endif /* SQL_AGENT_ERRORS_H */
