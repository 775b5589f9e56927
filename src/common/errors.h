/*-------------------------------------------------------------------------
 *
 * errors.h
 *		The SQLSTATEs of sql_agent: class AG, one number a kind of failure.
 *
 * A caller can branch on these without reading a message.  AG00x is general,
 * AG01x says that a question has no answer, AG02x is the guard's, AG03x the
 * queue's, AG04x the outside services', AG05x ingestion's, AG06x a tenant's.
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

/* an outside service is not configured, or not in a way that it can be used */
#define ERRCODE_AGENT_SERVICE_CONFIGURATION MAKE_SQLSTATE('A', 'G', '0', '4', '0')
/* it can not be reached: name, connection, TLS */
#define ERRCODE_AGENT_SERVICE_UNREACHABLE MAKE_SQLSTATE('A', 'G', '0', '4', '1')
/* it did not answer in time */
#define ERRCODE_AGENT_SERVICE_TIMEOUT MAKE_SQLSTATE('A', 'G', '0', '4', '2')
/* it refuses the key, the account or the model's name */
#define ERRCODE_AGENT_SERVICE_DENIED MAKE_SQLSTATE('A', 'G', '0', '4', '3')
/* the account's credit or spending limit is used up */
#define ERRCODE_AGENT_SERVICE_QUOTA MAKE_SQLSTATE('A', 'G', '0', '4', '4')
/* it limits the rate, is overloaded or failed; another try may work */
#define ERRCODE_AGENT_SERVICE_BUSY MAKE_SQLSTATE('A', 'G', '0', '4', '5')
/* it rejects the request */
#define ERRCODE_AGENT_SERVICE_REJECTED MAKE_SQLSTATE('A', 'G', '0', '4', '6')
/* the prompt is longer than the model can read */
#define ERRCODE_AGENT_SERVICE_TOO_LONG MAKE_SQLSTATE('A', 'G', '0', '4', '7')
/* a content filter or the model itself refused */
#define ERRCODE_AGENT_SERVICE_FILTERED MAKE_SQLSTATE('A', 'G', '0', '4', '8')
/* what it sent is not what was agreed: too large, cut off, another format */
#define ERRCODE_AGENT_SERVICE_BAD_REPLY MAKE_SQLSTATE('A', 'G', '0', '4', '9')

/* the tenant that asks is suspended */
#define ERRCODE_AGENT_TENANT_SUSPENDED MAKE_SQLSTATE('A', 'G', '0', '6', '0')
/* a limit of the tenant is used up */
#define ERRCODE_AGENT_TENANT_LIMIT MAKE_SQLSTATE('A', 'G', '0', '6', '1')
/* the file is damaged, cut off, or not what it says it is */
#define ERRCODE_AGENT_FILE_INVALID MAKE_SQLSTATE('A', 'G', '0', '5', '0')
/* the file is well-formed but of a kind, or protected in a way, that is not read */
#define ERRCODE_AGENT_FILE_UNSUPPORTED MAKE_SQLSTATE('A', 'G', '0', '5', '1')

#endif /* SQL_AGENT_ERRORS_H */
