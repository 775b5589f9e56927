/*-------------------------------------------------------------------------
 *
 * url.h
 *		Where a service may be: its URL taken apart, and addresses told apart.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_URL_H
#define SQL_AGENT_URL_H

#include <sys/socket.h>

typedef enum AddressClass
{
	ADDRESS_PUBLIC,
	ADDRESS_PRIVATE,  /* 10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7 */
	ADDRESS_LOOPBACK, /* 127/8, ::1 */
	ADDRESS_FORBIDDEN /* link-local (cloud metadata), unspecified, multicast, reserved */
} AddressClass;

/* which addresses a name may turn out to have */
typedef struct NetworkPolicy
{
	bool allow_public;
	bool allow_private;
	bool allow_loopback;
} NetworkPolicy;

typedef struct ServiceUrl
{
	char *url; /* normalised, without a slash at its end */
	char *scheme;
	char *host; /* lower case; IPv6 without brackets */
	int port;
	char *path; /* "" or "/..." without a slash at its end */
	NetworkPolicy policy;
} ServiceUrl;

/*
 * NULL, and why in *problem, where it is not an http or https URL with a host
 * and without user, query and fragment; where http would go over a public
 * network; or where a literal address is none that may be called.
 * private_network says that the name stands for a host of the own network.
 */
extern ServiceUrl *url_parse(const char *text, bool private_network, char **problem);

/* does the URL name the own machine or the own network? */
extern bool url_is_local(const ServiceUrl *url);

/* a copy with everything but letters, digits and "-._~" percent-encoded; palloc'ed */
extern char *url_escape(const char *text);

/* safe in callbacks: neither allocate nor raise */
extern AddressClass address_class(const struct sockaddr *address);
extern bool address_allowed(const NetworkPolicy *policy, const struct sockaddr *address);

#endif /* SQL_AGENT_URL_H */
