/*-------------------------------------------------------------------------
 *
 * transfer.c
 *		One HTTP request that never holds the backend hostage: libcurl's multi
 *		interface, driven by PostgreSQL's own wait for latch and sockets.
 *
 * Rules that this file stands on:
 *
 * - libcurl never waits.  It tells by callbacks which sockets and which timer it
 *   is interested in; we wait for these, the latch and the postmaster in one
 *   wait event set, and look for interrupts between two calls of libcurl.  So a
 *   cancel works in every phase, looking up the name included.
 * - No callback allocates with palloc or raises: an error would leap over
 *   libcurl's frames.  Callbacks note what happened and return.
 * - All signals are blocked while libcurl runs.  Its resolver is a thread that
 *   inherits the mask; a signal for the process must not run PostgreSQL's
 *   handlers in it.
 * - Nothing is inherited from the environment: no proxy, no netrc, no
 *   redirects, no other protocols.
 * - The address is checked when the socket is opened, after the name was
 *   resolved, so a name that changes its mind gains nothing.
 * - What comes in is counted after it was decompressed; neither Content-Length
 *   nor a compressed size is believed.
 *
 * One multi handle a backend, made on first use (never in the postmaster, whose
 * children would share it), keeps connections between calls.  A transfer's own
 * handles end with it, also by error; those of a backend that ends go with the
 * process.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <curl/curl.h>
#include <signal.h>
#include <time.h>

#include "common/settings.h"
#include "miscadmin.h"
#include "service/transfer.h"
#include "storage/latch.h"
#include "utils/memutils.h"

#define CONNECT_TIMEOUT   10000 /* ms */
#define MAX_SOCKETS       16
#define MAX_IDLE          4  /* connections that are kept */
#define MAX_IDLE_AGE      60 /* s */
#define MAX_HEADER_LENGTH 200
#define LONGEST_WAIT      60000 /* ms */

typedef struct WatchedSocket
{
	curl_socket_t fd;
	int events; /* WL_SOCKET_*; 0: the place is free */
} WatchedSocket;

/* of the backend */
static CURLM *multi = NULL;
static WatchedSocket sockets[MAX_SOCKETS];
static bool sockets_overflow = false;
static int64 timer_due = -1; /* transfer_clock(), -1: none */

static void (*before_wait)(void) = NULL;
static void (*after_wait)(void) = NULL;

/* of one call; callbacks write here */
typedef struct Transfer
{
	CURL *easy;
	struct curl_slist *headers;
	NetworkPolicy policy;
	bool added;
	bool by_proxy;
	/* the reply, malloc'ed */
	char *body;
	size_t body_len;
	size_t body_size;
	size_t header_bytes;
	bool too_large;
	bool forbidden;
	bool no_memory;
	char wanted[HEADER_COUNT][MAX_HEADER_LENGTH];
	char error[CURL_ERROR_SIZE];
} Transfer;

static const char *const header_names[HEADER_COUNT] = {"retry-after",    "retry-after-ms",
													   "x-should-retry", "x-request-id",
													   "request-id",     "apim-request-id"};

int64
transfer_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what libcurl calls: no palloc, no error ---- */

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *socket_data)
{
	int place = -1;

	for (int i = 0; i < MAX_SOCKETS; i++)
	{
		if (sockets[i].events != 0 && sockets[i].fd == fd)
		{
			place = i;
			break;
		}
		if (sockets[i].events == 0 && place < 0)
			place = i;
	}
	if (place < 0)
	{
		sockets_overflow = true;
		return 0;
	}
	sockets[place].fd = fd;
	sockets[place].events = (what & CURL_POLL_REMOVE) == CURL_POLL_REMOVE
								? 0
								: ((what & CURL_POLL_IN) ? WL_SOCKET_READABLE : 0) |
									  ((what & CURL_POLL_OUT) ? WL_SOCKET_WRITEABLE : 0);
	return 0;
}

/*
 * The time is counted from this call on.
 */
static int
on_timer(CURLM *handle, long timeout, void *data)
{
	timer_due = timeout < 0 ? -1 : transfer_clock() + timeout;
	return 0;
}

static bool
make_room(Transfer *transfer, size_t more)
{
	size_t size = transfer->body_size == 0 ? 16 * 1024 : transfer->body_size;
	char *bigger;

	while (size < transfer->body_len + more)
		size *= 2;
	if (size == transfer->body_size)
		return true;
	bigger = realloc(transfer->body, size);
	if (bigger == NULL)
	{
		transfer->no_memory = true;
		return false;
	}
	transfer->body = bigger;
	transfer->body_size = size;
	return true;
}

static size_t
on_body(char *data, size_t size, size_t count, void *arg)
{
	Transfer *transfer = (Transfer *) arg;
	size_t len = size * count;

	if (transfer->body_len + len > TRANSFER_MAX_REPLY)
	{
		transfer->too_large = true;
		return 0;
	}
	if (!make_room(transfer, len))
		return 0;
	memcpy(transfer->body + transfer->body_len, data, len);
	transfer->body_len += len;
	return len;
}

static void
note_header(Transfer *transfer, const char *data, size_t len)
{
	for (int i = 0; i < HEADER_COUNT; i++)
	{
		size_t name = strlen(header_names[i]);
		size_t at = name + 1;

		if (len <= at || data[name] != ':' || pg_strncasecmp(data, header_names[i], name) != 0)
			continue;
		while (at < len && (data[at] == ' ' || data[at] == '\t'))
			at++;
		while (len > at && (data[len - 1] == '\r' || data[len - 1] == '\n' || data[len - 1] == ' '))
			len--;
		len = Min(len - at, MAX_HEADER_LENGTH - 1);
		memcpy(transfer->wanted[i], data + at, len);
		transfer->wanted[i][len] = '\0';
		return;
	}
}

static size_t
on_header(char *data, size_t size, size_t count, void *arg)
{
	Transfer *transfer = (Transfer *) arg;
	size_t len = size * count;

	transfer->header_bytes += len;
	if (transfer->header_bytes > TRANSFER_MAX_HEADERS)
	{
		transfer->too_large = true;
		return 0;
	}
	note_header(transfer, data, len);
	return len;
}

static curl_socket_t
on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	Transfer *transfer = (Transfer *) arg;

	/* a proxy is where the superuser says; it decides about addresses itself */
	if (!transfer->by_proxy && !address_allowed(&transfer->policy, &address->addr))
	{
		transfer->forbidden = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- calling libcurl ---- */

static void
block_signals(sigset_t *saved)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, saved);
}

static void
restore_signals(const sigset_t *saved)
{
	pthread_sigmask(SIG_SETMASK, saved, NULL);
}

static void
drive(curl_socket_t fd, int flags)
{
	sigset_t saved;
	int running;

	block_signals(&saved);
	curl_multi_socket_action(multi, fd, flags, &running);
	restore_signals(&saved);
}

static void
out_of_memory(void)
{
	ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

static void
make_multi(void)
{
	static bool initialised = false;
	sigset_t saved;

	if (multi != NULL)
		return;
	block_signals(&saved);
	if (!initialised)
		initialised = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	if (initialised)
		multi = curl_multi_init();
	if (multi != NULL)
	{
		curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
		curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
		curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long) MAX_IDLE);
	}
	restore_signals(&saved);
	if (multi == NULL)
		out_of_memory();
}

static void
add_header(Transfer *transfer, const char *line)
{
	struct curl_slist *list = curl_slist_append(transfer->headers, line);

	if (list == NULL)
		out_of_memory();
	transfer->headers = list;
}

/*
 * The line with the secret is wiped as soon as libcurl has its copy.
 */
static void
add_secret_header(Transfer *transfer, const TransferRequest *request)
{
	size_t size = strlen(request->secret_header) + strlen(request->secret) + 1;
	char *line = palloc(size);
	struct curl_slist *list;

	snprintf(line, size, "%s%s", request->secret_header, request->secret);
	list = curl_slist_append(transfer->headers, line);
	explicit_bzero(line, size);
	pfree(line);
	if (list == NULL)
		out_of_memory();
	transfer->headers = list;
}

static void
set_network_options(Transfer *transfer, const TransferRequest *request)
{
	CURL *easy = transfer->easy;
	bool local = !request->policy->allow_public;

#if LIBCURL_VERSION_NUM >= 0x075500 /* 7.85 */
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, local ? "http,https" : "https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
					 (long) (local ? CURLPROTO_HTTP | CURLPROTO_HTTPS : CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
	if (setting_ca_file[0] != '\0')
		curl_easy_setopt(easy, CURLOPT_CAINFO, setting_ca_file);

	/* an empty string turns off the proxies of the environment */
	transfer->by_proxy = setting_proxy[0] != '\0' && !request->policy->allow_loopback &&
						 !request->policy->allow_private;
	curl_easy_setopt(easy, CURLOPT_PROXY, transfer->by_proxy ? setting_proxy : "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "");

	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long) MAX_IDLE_AGE);
}

static void
set_time_options(CURL *easy, int64 left)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) left);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long) Min(left, CONNECT_TIMEOUT));
#if LIBCURL_VERSION_NUM >= 0x075700 /* 7.87 */
	/* do not wait for the resolver's thread when a transfer is given up */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void
set_content_options(Transfer *transfer, const TransferRequest *request)
{
	CURL *easy = transfer->easy;
	ListCell *lc;

	add_header(transfer, "Content-Type: application/json");
	add_header(transfer, "Accept: application/json");
	/* libcurl would wait a second for the server's leave to send a long body */
	add_header(transfer, "Expect:");
	foreach (lc, request->headers)
		add_header(transfer, (const char *) lfirst(lc));
	if (request->secret_header != NULL && request->secret != NULL)
		add_secret_header(transfer, request);

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "sql_agent/" SQL_AGENT_VERSION);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long) CURLHEADER_SEPARATE);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->body_len);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
}

static void
begin(Transfer *transfer, const TransferRequest *request)
{
	sigset_t saved;
	CURLMcode code;

	transfer->easy = curl_easy_init();
	if (transfer->easy == NULL)
		out_of_memory();
	transfer->policy = *request->policy;
	set_network_options(transfer, request);
	set_time_options(transfer->easy, Max(request->deadline - transfer_clock(), 1));
	set_content_options(transfer, request);

	block_signals(&saved);
	code = curl_multi_add_handle(multi, transfer->easy);
	restore_signals(&saved);
	if (code != CURLM_OK)
		out_of_memory();
	transfer->added = true;
}

/*
 * Runs on every way out.  What is still under way is given up at once.
 */
static void
end(Transfer *transfer)
{
	sigset_t saved;

	block_signals(&saved);
	if (transfer->added)
		curl_multi_remove_handle(multi, transfer->easy);
	if (transfer->easy != NULL)
		curl_easy_cleanup(transfer->easy);
	for (struct curl_slist *line = transfer->headers; line != NULL; line = line->next)
		explicit_bzero(line->data, strlen(line->data));
	curl_slist_free_all(transfer->headers);
	free(transfer->body);
	restore_signals(&saved);
	timer_due = -1;
	sockets_overflow = false;
}

/*
 * One wait for everything that can happen.  The set is made anew each time, as
 * WaitLatchOrSocket() does: one can not be taken out of it.
 */
static void
wait_and_drive(int64 deadline)
{
	WaitEvent events[MAX_SOCKETS + 2];
	WaitEventSet *set = compat_create_wait_event_set(MAX_SOCKETS + 2);
	int64 now = transfer_clock();
	int64 until = timer_due >= 0 ? Min(timer_due, deadline) : deadline;
	int count;

	AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
	for (int i = 0; i < MAX_SOCKETS; i++)
		if (sockets[i].events != 0)
			AddWaitEventToSet(set, sockets[i].events, sockets[i].fd, NULL, NULL);
	count = WaitEventSetWait(set, Max(Min(until - now, LONGEST_WAIT), 0), events, lengthof(events),
							 compat_wait_event_service());
	FreeWaitEventSet(set);

	for (int i = 0; i < count; i++)
		if (events[i].events & WL_LATCH_SET)
			ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();

	for (int i = 0; i < count; i++)
	{
		int flags = ((events[i].events & WL_SOCKET_READABLE) ? CURL_CSELECT_IN : 0) |
					((events[i].events & WL_SOCKET_WRITEABLE) ? CURL_CSELECT_OUT : 0);

		if (flags != 0)
			drive(events[i].fd, flags);
	}
	if (timer_due >= 0 && transfer_clock() >= timer_due)
	{
		timer_due = -1;
		drive(CURL_SOCKET_TIMEOUT, 0);
	}
}

static bool
is_done(CURLcode *result)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE)
		{
			*result = message->data.result;
			return true;
		}
	return false;
}

static TransferOutcome
outcome_of(const Transfer *transfer, CURLcode result, int64 deadline)
{
	if (transfer->no_memory || result == CURLE_OUT_OF_MEMORY)
		out_of_memory();
	if (transfer->too_large)
		return TRANSFER_TOO_LARGE;
	switch (result)
	{
		case CURLE_OK:
			return TRANSFER_OK;
		case CURLE_COULDNT_RESOLVE_HOST:
		case CURLE_COULDNT_RESOLVE_PROXY:
			return TRANSFER_NOT_RESOLVED;
		case CURLE_COULDNT_CONNECT:
			return transfer->forbidden ? TRANSFER_FORBIDDEN : TRANSFER_NOT_CONNECTED;
		case CURLE_PEER_FAILED_VERIFICATION:
		case CURLE_SSL_CONNECT_ERROR:
		case CURLE_SSL_CACERT_BADFILE:
		case CURLE_SSL_CIPHER:
			return TRANSFER_TLS;
		case CURLE_OPERATION_TIMEDOUT:
			/* or was it CONNECT_TIMEOUT? */
			return transfer_clock() + 50 < deadline ? TRANSFER_NOT_CONNECTED : TRANSFER_TIMEOUT;
		case CURLE_GOT_NOTHING:
		case CURLE_PARTIAL_FILE:
		case CURLE_RECV_ERROR:
		case CURLE_SEND_ERROR:
		case CURLE_HTTP2:
		case CURLE_HTTP2_STREAM:
			return TRANSFER_LOST;
		default:
			return TRANSFER_FAILED;
	}
}

static void
take_reply(const Transfer *transfer, CURLcode result, int64 deadline, TransferReply *reply)
{
	long status = 0;

	reply->outcome = outcome_of(transfer, result, deadline);
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (int) status;
	reply->body = palloc(transfer->body_len + 1);
	if (transfer->body_len > 0)
		memcpy(reply->body, transfer->body, transfer->body_len);
	reply->body[transfer->body_len] = '\0';
	reply->body_len = transfer->body_len;
	for (int i = 0; i < HEADER_COUNT; i++)
		if (transfer->wanted[i][0] != '\0')
			reply->headers[i] = pstrdup(transfer->wanted[i]);
	if (reply->outcome != TRANSFER_OK)
		reply->problem =
			pstrdup(transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(result));
}

static CURLcode
run(int64 deadline)
{
	CURLcode result = CURLE_OPERATION_TIMEDOUT;

	drive(CURL_SOCKET_TIMEOUT, 0);
	while (!is_done(&result))
	{
		if (sockets_overflow)
			return CURLE_FAILED_INIT;
		if (transfer_clock() >= deadline)
			return CURLE_OPERATION_TIMEDOUT;
		wait_and_drive(deadline);
	}
	return result;
}

void
transfer_around_waits(void (*before)(void), void (*after)(void))
{
	before_wait = before;
	after_wait = after;
}

void
transfer_run(const TransferRequest *request, TransferReply *reply)
{
	Transfer *transfer = palloc0(sizeof(Transfer));

	memset(reply, 0, sizeof(TransferReply));
	if (before_wait)
		before_wait();
	make_multi();
	PG_TRY();
	{
		begin(transfer, request);
		take_reply(transfer, run(request->deadline), request->deadline, reply);
	}
	PG_FINALLY();
	{
		end(transfer);
	}
	PG_END_TRY();
	pfree(transfer);
	if (after_wait)
		after_wait();
}

void
transfer_sleep(int64 milliseconds)
{
	int64 until = transfer_clock() + milliseconds;
	int64 left;

	if (before_wait)
		before_wait();
	while ((left = until - transfer_clock()) > 0)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Min(left, LONGEST_WAIT), compat_wait_event_service());
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	if (after_wait)
		after_wait();
}
