/*
 * Preloaded into a test's server: names of the domain "test" are looked up
 * slowly, and have the addresses that a test wants.
 *
 *	slow.test		after ten seconds 127.0.0.1
 *	inside.test		127.0.0.1 at once
 *	metadata.test	169.254.169.254
 *	rebind.test		127.0.0.1 and 10.255.255.1
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int (*Lookup)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
			struct addrinfo **result)
{
	Lookup real = (Lookup) dlsym(RTLD_NEXT, "getaddrinfo");
	struct addrinfo *last;
	int code;

	if (node != NULL && strcmp(node, "slow.test") == 0)
	{
		sleep(10);
		node = "127.0.0.1";
	}
	if (node != NULL && strcmp(node, "inside.test") == 0)
		node = "127.0.0.1";
	if (node != NULL && strcmp(node, "metadata.test") == 0)
		node = "169.254.169.254";
	if (node == NULL || strcmp(node, "rebind.test") != 0)
		return real(node, service, hints, result);

	code = real("127.0.0.1", service, hints, result);
	if (code != 0)
		return code;
	for (last = *result; last->ai_next != NULL; last = last->ai_next)
		;
	return real("10.255.255.1", service, hints, &last->ai_next);
}
