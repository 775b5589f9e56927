/*-------------------------------------------------------------------------
 *
 * url.c
 *		Where a service may be: its URL taken apart, and addresses told apart.
 *
 * libcurl's own parser takes the URL apart, so that what is checked is what
 * will be called.
 *
 * The operator's URL decides where a call may go.  A name may turn out to have
 * any address, and another one a second later; so the addresses are checked
 * when the connection is opened (transfer.c), against the policy made here:
 * the own machine and the own network only where the URL names them, or the
 * server's option private_network says that the name is one of theirs.  Plain
 * http never leaves the own network.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include "service/url.h"

/* the parts of a parsed URL; libcurl's memory, freed before anything can raise */
typedef struct UrlParts
{
	char *scheme;
	char *host;
	char *port;
	char *path;
	char *query;
	char *fragment;
	char *user;
	char *password;
} UrlParts;

static void
free_parts(UrlParts *parts)
{
	curl_free(parts->scheme);
	curl_free(parts->host);
	curl_free(parts->port);
	curl_free(parts->path);
	curl_free(parts->query);
	curl_free(parts->fragment);
	curl_free(parts->user);
	curl_free(parts->password);
}

static bool
take_apart(const char *text, UrlParts *parts)
{
	CURLU *handle = curl_url();
	bool good;

	memset(parts, 0, sizeof(UrlParts));
	if (handle == NULL)
		return false;
	good = curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK &&
		   curl_url_get(handle, CURLUPART_SCHEME, &parts->scheme, 0) == CURLUE_OK &&
		   curl_url_get(handle, CURLUPART_HOST, &parts->host, 0) == CURLUE_OK &&
		   curl_url_get(handle, CURLUPART_PORT, &parts->port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
		   curl_url_get(handle, CURLUPART_PATH, &parts->path, 0) == CURLUE_OK;
	if (good)
	{
		/* these are missing from most */
		(void) curl_url_get(handle, CURLUPART_QUERY, &parts->query, 0);
		(void) curl_url_get(handle, CURLUPART_FRAGMENT, &parts->fragment, 0);
		(void) curl_url_get(handle, CURLUPART_USER, &parts->user, 0);
		(void) curl_url_get(handle, CURLUPART_PASSWORD, &parts->password, 0);
	}
	curl_url_cleanup(handle);
	return good;
}

static AddressClass
class_of_v4(uint32 address)
{
	static const struct
	{
		uint32 network;
		int bits;
		AddressClass class;
	} ranges[] = {
		{0x7F000000, 8, ADDRESS_LOOPBACK},   /* 127.0.0.0/8 */
		{0x0A000000, 8, ADDRESS_PRIVATE},    /* 10.0.0.0/8 */
		{0xAC100000, 12, ADDRESS_PRIVATE},   /* 172.16.0.0/12 */
		{0xC0A80000, 16, ADDRESS_PRIVATE},   /* 192.168.0.0/16 */
		{0x64400000, 10, ADDRESS_PRIVATE},   /* 100.64.0.0/10, carrier-grade NAT */
		{0x00000000, 8, ADDRESS_FORBIDDEN},  /* 0.0.0.0/8, "this host" */
		{0xA9FE0000, 16, ADDRESS_FORBIDDEN}, /* 169.254.0.0/16, link-local: metadata services */
		{0xC0000000, 24, ADDRESS_FORBIDDEN}, /* 192.0.0.0/24, protocol assignments */
		{0xC6120000, 15, ADDRESS_FORBIDDEN}, /* 198.18.0.0/15, benchmarks */
		{0xE0000000, 3, ADDRESS_FORBIDDEN},  /* 224.0.0.0/4 multicast, 240.0.0.0/4 reserved */
	};

	for (int i = 0; i < lengthof(ranges); i++)
		if ((address ^ ranges[i].network) >> (32 - ranges[i].bits) == 0)
			return ranges[i].class;
	return ADDRESS_PUBLIC;
}

static uint32
v4_within(const uint8 *bytes)
{
	return (uint32) bytes[0] << 24 | (uint32) bytes[1] << 16 | (uint32) bytes[2] << 8 | bytes[3];
}

/*
 * Addresses that carry an IPv4 address are what that one is.
 */
static AddressClass
class_of_v6(const uint8 *bytes)
{
	static const uint8 zeros[12] = {0};
	static const uint8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
	static const uint8 nat64[12] = {0x00, 0x64, 0xFF, 0x9B};

	if (memcmp(bytes, zeros, 12) == 0)
	{
		uint32 low = v4_within(bytes + 12);

		if (low == 1)
			return ADDRESS_LOOPBACK;
		return low == 0 ? ADDRESS_FORBIDDEN : class_of_v4(low);
	}
	if (memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, nat64, 12) == 0)
		return class_of_v4(v4_within(bytes + 12));
	if (bytes[0] == 0x20 && bytes[1] == 0x02) /* 2002::/16, 6to4 */
		return class_of_v4(v4_within(bytes + 2));
	if ((bytes[0] & 0xFE) == 0xFC) /* fc00::/7 */
		return ADDRESS_PRIVATE;
	if (bytes[0] >= 0xFE) /* fe80::/10 link-local, fec0::/10 site-local, ff00::/8 multicast */
		return ADDRESS_FORBIDDEN;
	return ADDRESS_PUBLIC;
}

AddressClass
address_class(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return class_of_v4(ntohl(((const struct sockaddr_in *) address)->sin_addr.s_addr));
	if (address->sa_family == AF_INET6)
		return class_of_v6(((const struct sockaddr_in6 *) address)->sin6_addr.s6_addr);
	return ADDRESS_FORBIDDEN;
}

bool
address_allowed(const NetworkPolicy *policy, const struct sockaddr *address)
{
	switch (address_class(address))
	{
		case ADDRESS_PUBLIC:
			return policy->allow_public;
		case ADDRESS_PRIVATE:
			return policy->allow_private;
		case ADDRESS_LOOPBACK:
			return policy->allow_loopback;
		case ADDRESS_FORBIDDEN:
			break;
	}
	return false;
}

/*
 * What the host of a URL says about where it is; false for a name that says
 * nothing.
 */
static bool
class_of_host(const char *host, AddressClass *class)
{
	struct in_addr v4;
	struct in6_addr v6;
	size_t len = strlen(host);

	if (inet_pton(AF_INET, host, &v4) == 1)
		*class = class_of_v4(ntohl(v4.s_addr));
	else if (inet_pton(AF_INET6, host, &v6) == 1)
		*class = class_of_v6(v6.s6_addr);
	else if (strcmp(host, "localhost") == 0 ||
			 (len > 10 && strcmp(host + len - 10, ".localhost") == 0))
		*class = ADDRESS_LOOPBACK;
	else
		return false;
	return true;
}

static char *
policy_problem(ServiceUrl *url, bool private_network)
{
	AddressClass class = ADDRESS_PUBLIC;
	bool said = class_of_host(url->host, &class);
	bool https = strcmp(url->scheme, "https") == 0;

	if (said && class == ADDRESS_FORBIDDEN)
		return "Link-local, multicast and reserved addresses can not be called.";
	url->policy.allow_loopback = class == ADDRESS_LOOPBACK || private_network;
	url->policy.allow_private = class == ADDRESS_PRIVATE || private_network;
	url->policy.allow_public = https && class == ADDRESS_PUBLIC;
	if (!https && !url_is_local(url))
		return "Plain http is for the own machine and the own network; a name of the own network needs private_network 'true'.";
	return NULL;
}

static char *
without_brackets(const char *host)
{
	size_t len = strlen(host);
	char *copy;

	if (len > 2 && host[0] == '[' && host[len - 1] == ']')
		copy = pnstrdup(host + 1, len - 2);
	else
		copy = pstrdup(host);
	for (char *c = copy; *c; c++)
		*c = pg_ascii_tolower((unsigned char) *c);
	return copy;
}

static char *
without_slashes(const char *path)
{
	size_t len = strlen(path);

	while (len > 0 && path[len - 1] == '/')
		len--;
	return pnstrdup(path, len);
}

static bool
only_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char) *text <= ' ' || (unsigned char) *text >= 0x7F)
			return false;
	return true;
}

static char *
parts_problem(const UrlParts *parts)
{
	if (strcmp(parts->scheme, "https") != 0 && strcmp(parts->scheme, "http") != 0)
		return "The scheme must be https or http.";
	if (parts->user != NULL || parts->password != NULL)
		return "Keys and passwords belong into user mappings.";
	if (parts->query != NULL || parts->fragment != NULL)
		return "It must not have a query or a fragment.";
	return NULL;
}

static char *
joined(const ServiceUrl *url)
{
	StringInfoData text;
	bool v6 = strchr(url->host, ':') != NULL;

	initStringInfo(&text);
	appendStringInfo(&text, "%s://%s%s%s", url->scheme, v6 ? "[" : "", url->host, v6 ? "]" : "");
	if (url->port != (strcmp(url->scheme, "https") == 0 ? 443 : 80))
		appendStringInfo(&text, ":%d", url->port);
	appendStringInfoString(&text, url->path);
	return text.data;
}

ServiceUrl *
url_parse(const char *text, bool private_network, char **problem)
{
	UrlParts parts;
	ServiceUrl *volatile url = NULL;

	*problem = NULL;
	if (!only_printable(text) || !take_apart(text, &parts))
	{
		*problem = "It is not a URL.";
		return NULL;
	}
	PG_TRY();
	{
		*problem = parts_problem(&parts);
		if (*problem == NULL)
		{
			url = palloc0(sizeof(ServiceUrl));
			url->scheme = pstrdup(parts.scheme);
			url->host = without_brackets(parts.host);
			url->port = atoi(parts.port);
			url->path = without_slashes(parts.path);
		}
	}
	PG_FINALLY();
	{
		free_parts(&parts);
	}
	PG_END_TRY();
	if (url == NULL)
		return NULL;

	*problem = policy_problem(url, private_network);
	if (*problem != NULL)
		return NULL;
	url->url = joined(url);
	return url;
}

bool
url_is_local(const ServiceUrl *url)
{
	return url->policy.allow_loopback || url->policy.allow_private;
}

char *
url_escape(const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	char *result = palloc(strlen(text) * 3 + 1);
	char *out = result;

	for (; *text; text++)
	{
		unsigned char c = (unsigned char) *text;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			strchr("-._~", c) != NULL)
			*out++ = *text;
		else
		{
			*out++ = '%';
			*out++ = hex[c >> 4];
			*out++ = hex[c & 15];
		}
	}
	*out = '\0';
	return result;
}
