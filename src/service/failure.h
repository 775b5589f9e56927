/*-------------------------------------------------------------------------
 *
 * failure.h
 *		What a failed call means: for the person who asked, and for whether to
 *		try again.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_FAILURE_H
#define SQL_AGENT_FAILURE_H

#include "service/jsondoc.h"
#include "service/keys.h"
#include "service/llm.h"
#include "service/transfer.h"

/* an error as a server describes it; the texts are as they came */
typedef struct ServerError
{
	int status;     /* of HTTP, or of the body where that has one */
	char *message;  /* never NULL */
	char *type;     /* never NULL */
	char *code;     /* never NULL */
	char *param;    /* or NULL */
	int64 wait;     /* ms that the server asks to wait; -1: it does not say */
	int should_try; /* 1, 0, or -1: it does not say */
} ServerError;

/* does the document hold an error? */
extern bool failure_in_document(const JsonNode *root);

/* what the server says: header fields, and the body where it is an error we can read */
extern void failure_read(ServerError *error, const TransferReply *transfer, const JsonNode *root);

extern LlmErrorKind failure_kind(const ServerError *error);

/* may another try work? */
extern bool failure_is_passing(const ServerError *error, LlmErrorKind kind);

/* fills reply->error; from outside nothing enters it but what went through key_masked() */
extern void failure_of_server(LlmReply *reply, const LlmEndpoint *endpoint, const ServiceKey *key,
							  const ServerError *error);
extern void failure_of_transfer(LlmReply *reply, const LlmEndpoint *endpoint, const ServiceKey *key,
								const TransferReply *transfer);
extern void
failure_set(LlmReply *reply, LlmErrorKind kind, char *message, char *detail, char *hint);

#endif /* SQL_AGENT_FAILURE_H */
