/*-------------------------------------------------------------------------
 *
 * keys.h
 *		The secret that goes with a server: found, read, masked, wiped.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_KEYS_H
#define SQL_AGENT_KEYS_H

#include "nodes/pg_list.h"

#define KEYS_ROLE "sql_agent_keys"

/* names of the mapping's options that can give it */
typedef struct KeyOptions
{
	const char *plain;
	const char *file;
	const char *env;
} KeyOptions;

typedef struct ServiceKey
{
	char *value; /* NULL where no mapping gives one */
	size_t len;
	/* why it can not be used, where it can not be: a sentence, and a hint or NULL */
	char *problem;
	char *hint;
} ServiceKey;

/*
 * The mapping of tenant_owner (InvalidOid: none) goes before that of
 * sql_agent_keys; those of other roles are not looked at.  Does not raise for
 * what is wrong with the key.  key_wipe() must be called on every way out.
 */
extern void
key_read(ServiceKey *key, Oid server, const char *host, Oid tenant_owner, const KeyOptions *names);
extern void key_wipe(ServiceKey *key);

/*
 * Text from outside made fit to be shown: the key, parts of it and what looks
 * like one masked, control characters escaped, cut to about 300 characters.
 */
extern char *key_masked(const ServiceKey *key, const char *text);

#endif /* SQL_AGENT_KEYS_H */
