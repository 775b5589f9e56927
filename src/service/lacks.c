/*-------------------------------------------------------------------------
 *
 * lacks.c
 *		What servers and models were found to lack, for the rest of the session.
 *
 * No list of models and their abilities stays true for long.  So everything
 * useful is sent, and what a server refuses by name is left out from then on:
 * one refused request a part, server and model in a session.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/hashfn.h"
#include "service/dialect.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#define MAX_ENTRIES 256

/* by a hash: a collision would only leave out what could have been sent */
typedef struct LacksEntry
{
	uint64 key;
	unsigned lacks;
} LacksEntry;

static HTAB *known = NULL;

static uint64
key_of(const LlmEndpoint *endpoint)
{
	char *text =
		psprintf("%d %s %s", (int) endpoint->provider, endpoint->base_url, endpoint->model);
	uint64 key = hash_bytes_extended((unsigned char *) text, strlen(text), 0);

	pfree(text);
	return key;
}

unsigned
lacks_known(const LlmEndpoint *endpoint)
{
	uint64 key = key_of(endpoint);
	LacksEntry *entry = known == NULL ? NULL : hash_search(known, &key, HASH_FIND, NULL);

	return entry == NULL ? 0 : entry->lacks;
}

void
lacks_learn(const LlmEndpoint *endpoint, unsigned lack)
{
	uint64 key = key_of(endpoint);
	LacksEntry *entry;
	bool found;

	/* forgetting costs one more refused request */
	if (known != NULL && hash_get_num_entries(known) >= MAX_ENTRIES)
	{
		hash_destroy(known);
		known = NULL;
	}
	if (known == NULL)
	{
		HASHCTL control = {.keysize = sizeof(uint64), .entrysize = sizeof(LacksEntry)};

		known = hash_create("sql_agent model abilities", 16, &control, HASH_ELEM | HASH_BLOBS);
	}
	entry = hash_search(known, &key, HASH_ENTER, &found);
	entry->lacks = (found ? entry->lacks : 0) | lack;
}

static bool
contains(const char *text, const char *word, size_t len)
{
	for (; *text; text++)
		if (pg_strncasecmp(text, word, len) == 0)
			return true;
	return false;
}

bool
text_mentions(const char *text, const char *words)
{
	while (*words)
	{
		size_t len = strcspn(words, "|");

		if (contains(text, words, len))
			return true;
		words += len + (words[len] == '|');
	}
	return false;
}

unsigned
lacks_told(const Dialect *dialect, unsigned known_lacks, const char *param, const char *message)
{
	static const char *const not_known =
		"unsupported|not support|unrecognized|unknown|not permitted|not allowed|deprecated|unexpected|extra inputs|extra fields|not enabled|use '";

	for (const DialectPart *part = dialect->parts; part->lack != 0; part++)
	{
		if (known_lacks & part->lack)
			continue;
		/* without a schema nothing was said about an object */
		if (part->lack == LACKS_JSON_OBJECT && !(known_lacks & LACKS_SCHEMA))
			continue;
		if (part->strict && !text_mentions(message, not_known))
			continue;
		if (text_mentions(message, part->words) ||
			(param != NULL && text_mentions(param, part->words)))
			return part->lack;
	}
	return 0;
}
