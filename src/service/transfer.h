/*-------------------------------------------------------------------------
 *
 * transfer.h
 *		One HTTP request that never holds the backend hostage.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_TRANSFER_H
#define SQL_AGENT_TRANSFER_H

#include "nodes/pg_list.h"
#include "service/url.h"

#define TRANSFER_MAX_REQUEST (8 * 1024 * 1024)
#define TRANSFER_MAX_REPLY   (8 * 1024 * 1024)
#define TRANSFER_MAX_HEADERS (64 * 1024)

typedef enum TransferOutcome
{
	TRANSFER_OK, /* a reply came, whatever its status */
	TRANSFER_NOT_RESOLVED,
	TRANSFER_NOT_CONNECTED,
	TRANSFER_TLS,       /* no TLS, or a certificate that is not trusted */
	TRANSFER_FORBIDDEN, /* the name has an address that may not be called */
	TRANSFER_TIMEOUT,
	TRANSFER_LOST,      /* the connection ended too early */
	TRANSFER_TOO_LARGE, /* more than the limits above came */
	TRANSFER_FAILED     /* anything else */
} TransferOutcome;

/* the headers of the reply that somebody wants */
typedef enum TransferHeader
{
	HEADER_RETRY_AFTER,
	HEADER_RETRY_AFTER_MS,
	HEADER_SHOULD_RETRY,
	HEADER_REQUEST_ID,
	HEADER_ANTHROPIC_REQUEST_ID,
	HEADER_AZURE_REQUEST_ID,
	HEADER_COUNT
} TransferHeader;

typedef struct TransferRequest
{
	const char *url;
	const NetworkPolicy *policy;
	List *headers;             /* of char *, "Name: value"; no secrets */
	const char *secret_header; /* "Name: " and what stands before the secret; or NULL */
	const char *secret;
	const char *body; /* POSTed as application/json */
	size_t body_len;
	int64 deadline; /* of transfer_clock() */
} TransferRequest;

typedef struct TransferReply
{
	TransferOutcome outcome;
	int status;
	char *body; /* palloc'ed, ends with a NUL beyond its length; never NULL */
	size_t body_len;
	char *headers[HEADER_COUNT]; /* palloc'ed; NULL where it did not come */
	char *problem;               /* where not TRANSFER_OK: libcurl's words; not masked */
} TransferReply;

/* milliseconds of a clock that is never set */
extern int64 transfer_clock(void);

/*
 * What is to be done before and after each wait for the network; NULL = nothing.
 * Both run outside of any call into libcurl, and may raise.
 */
extern void transfer_around_waits(void (*before)(void), void (*after)(void));

/*
 * Sends and waits.  Raises only what ends any wait (cancel, timeouts, terminate)
 * and out of memory.
 */
extern void transfer_run(const TransferRequest *request, TransferReply *reply);

/* waits, interruptible in the same way */
extern void transfer_sleep(int64 milliseconds);

#endif /* SQL_AGENT_TRANSFER_H */
