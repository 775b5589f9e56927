/*-------------------------------------------------------------------------
 *
 * keys.c
 *		The secret that goes with a server: found, read, masked, wiped.
 *
 * A user mapping shows its options to the role that it is for as soon as that
 * role holds USAGE on the server, and whoever can become the role is that role.
 * So only mappings of two kinds of roles are read, that of sql_agent_keys and
 * those of the tenants' owner roles, and only while nobody can become them:
 * without LOGIN and without members.
 *
 * A secret is bound to the host that its server names.  Where the server does
 * not belong to a superuser, its owner could point it somewhere else; so a
 * secret of the operating system's (file, environment) is given to such a
 * server only when the mapping itself names the host.
 *
 * The value lives in one allocation that key_wipe() overwrites.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/htup_details.h"
#include "access/reloptions.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_user_mapping.h"
#include "common/display.h"
#include "foreign/foreign.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "service/keys.h"
#include "service/options.h"
#include "storage/fd.h"
#include "utils/acl.h"
#include "utils/catcache.h"
#include "utils/syscache.h"

#define MAX_KEY_FILE     8192
#define MAX_SHOWN        300
#define MAX_LOOKED_AT    2000
#define MIN_MASKED_MATCH 6

static void
key_problem(ServiceKey *key, char *problem, char *hint)
{
	key->problem = problem;
	key->hint = hint;
}

/*
 * Can somebody log in as the role, or become it?
 */
static bool
role_is_unreachable(Oid role)
{
	HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	CatCList *members;
	bool result;

	if (!HeapTupleIsValid(tuple))
		return false;
	result = !((Form_pg_authid) GETSTRUCT(tuple))->rolcanlogin;
	ReleaseSysCache(tuple);
	members = SearchSysCacheList1(AUTHMEMROLEMEM, ObjectIdGetDatum(role));
	result = result && members->n_members == 0;
	ReleaseSysCacheList(members);
	return result;
}

/*
 * The options of the role's mapping; NIL where it has none.
 */
static List *
mapping_options(Oid server, Oid role)
{
	HeapTuple tuple;
	Datum datum;
	bool isnull;
	List *options = NIL;

	if (!OidIsValid(role))
		return NIL;
	tuple =
		SearchSysCache2(USERMAPPINGUSERSERVER, ObjectIdGetDatum(role), ObjectIdGetDatum(server));
	if (!HeapTupleIsValid(tuple))
		return NIL;
	datum = SysCacheGetAttr(USERMAPPINGUSERSERVER, tuple, Anum_pg_user_mapping_umoptions, &isnull);
	if (!isnull)
		options = untransformRelOptions(datum);
	ReleaseSysCache(tuple);
	return options;
}

/*
 * The first line, without what surrounds it; false where there is not exactly
 * one line of printable ASCII.
 */
static bool
take_line(ServiceKey *key)
{
	char *start = key->value;
	char *end = key->value + key->len;

	while (end > start && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	while (start < end && strchr(" \t", *start) != NULL)
		start++;
	for (char *c = start; c < end; c++)
		if ((unsigned char) *c < ' ' || (unsigned char) *c >= 0x7F)
			return false;
	memmove(key->value, start, end - start);
	explicit_bzero(key->value + (end - start), key->len - (end - start));
	key->len = end - start;
	key->value[key->len] = '\0';
	return key->len > 0;
}

/*
 * O_NONBLOCK: a FIFO must not hold the backend.
 */
static void
read_file(ServiceKey *key, const char *path)
{
	int fd = OpenTransientFile(path, O_RDONLY | O_NONBLOCK);
	struct stat status;
	ssize_t len = -1;

	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		status.st_size <= MAX_KEY_FILE)
	{
		key->value = palloc0(MAX_KEY_FILE + 1);
		key->len = MAX_KEY_FILE;
		len = read(fd, key->value, MAX_KEY_FILE);
		key->len = len < 0 ? 0 : len;
	}
	if (fd >= 0)
		CloseTransientFile(fd);
	if (len < 0)
		key_problem(
			key, psprintf("Key file \"%s\" can not be read.", path),
			pstrdup(
				"It must be a file of at most 8 kB that the server's operating system user may read."));
	else if (!take_line(key))
		key_problem(key, psprintf("Key file \"%s\" does not hold a key.", path),
					pstrdup("It must hold one line of printable ASCII characters."));
}

static void
copy_value(ServiceKey *key, const char *value)
{
	key->len = strlen(value);
	key->value = palloc0(key->len + 1);
	memcpy(key->value, value, key->len);
}

static void
read_env(ServiceKey *key, const char *name)
{
	const char *value = getenv(name);

	if (value != NULL)
		copy_value(key, value);
	if (value == NULL || !take_line(key))
		key_problem(key, psprintf("Environment variable \"%s\" does not hold a key.", name),
					pstrdup("It must be set where the server is started."));
}

static bool
host_is_bound(ServiceKey *key, Oid server, const char *host, List *options, const KeyOptions *names)
{
	const char *bound = option_value(options, "host");

	if (bound != NULL)
	{
		if (pg_strcasecmp(bound, host) == 0)
			return true;
		key_problem(
			key,
			psprintf("The key is bound to host \"%s\", but the server's is \"%s\".", bound, host),
			NULL);
		return false;
	}
	if (option_value(options, names->plain) != NULL ||
		superuser_arg(GetForeignServer(server)->owner))
		return true;
	key_problem(
		key,
		pstrdup(
			"A key from a file or the environment must be bound to its host when the server belongs to no superuser."),
		psprintf("Add the option host '%s' to the user mapping.", host));
	return false;
}

/*
 * Options hold the key in plain text, in memory that others will be given.
 */
static void
wipe_option(List *options, const char *name)
{
	char *value = unconstify(char *, option_value(options, name));

	if (value != NULL)
		explicit_bzero(value, strlen(value));
}

void
key_read(ServiceKey *key, Oid server, const char *host, Oid tenant_owner, const KeyOptions *names)
{
	Oid role = tenant_owner;
	List *options;

	memset(key, 0, sizeof(ServiceKey));
	options = mapping_options(server, role);
	if (options == NIL)
	{
		role = get_role_oid(KEYS_ROLE, true);
		options = mapping_options(server, role);
	}
	if (options == NIL)
		return;

	if (!role_is_unreachable(role))
		key_problem(
			key,
			psprintf("Keys of role \"%s\" are not used, because somebody can become that role.",
					 GetUserNameFromId(role, false)),
			pstrdup(
				"It must be NOLOGIN and have no members; then nobody can see its user mappings."));
	else if (host_is_bound(key, server, host, options, names))
	{
		if (option_value(options, names->file) != NULL)
			read_file(key, option_value(options, names->file));
		else if (option_value(options, names->env) != NULL)
			read_env(key, option_value(options, names->env));
		else if (option_value(options, names->plain) != NULL)
			copy_value(key, option_value(options, names->plain));
	}
	wipe_option(options, names->plain);
	if (key->problem != NULL)
		key_wipe(key);
}

void
key_wipe(ServiceKey *key)
{
	if (key->value == NULL)
		return;
	explicit_bzero(key->value, key->len);
	pfree(key->value);
	key->value = NULL;
	key->len = 0;
}

/*
 * Masks every run of characters that also stands in the key.  Providers cut
 * keys before they echo them; six characters in common are no accident.
 */
static void
mask_common(char *text, const ServiceKey *key)
{
	size_t least = Min(MIN_MASKED_MATCH, key->len);

	if (key->value == NULL || key->len < 4)
		return;
	for (char *at = text; *at; at++)
	{
		size_t longest = 0;

		for (size_t start = 0; start + least <= key->len; start++)
		{
			size_t len = 0;

			while (start + len < key->len && at[len] != '\0' && at[len] == key->value[start + len])
				len++;
			longest = Max(longest, len);
		}
		if (longest >= least)
		{
			memset(at, '*', longest);
			at += longest - 1;
		}
	}
}

/*
 * Words that look like a key, whoever's: with a run of asterisks, after
 * "Bearer", or with a known beginning.
 */
static bool
looks_like_key(const char *word, size_t len, bool after_bearer)
{
	static const char *const beginnings[] = {"sk-", "AIza", "gsk_", "xai-", "key-"};

	if (after_bearer)
		return true;
	for (size_t i = 0; i + 1 < len; i++)
		if (word[i] == '*' && word[i + 1] == '*')
			return true;
	for (int i = 0; i < lengthof(beginnings); i++)
	{
		size_t beginning = strlen(beginnings[i]);

		for (size_t at = 0; len >= 12 && at + beginning < len; at++)
			if ((at == 0 || !isalnum((unsigned char) word[at - 1])) &&
				strncmp(word + at, beginnings[i], beginning) == 0)
				return true;
	}
	return false;
}

static char *
mask_words(const char *text)
{
	StringInfoData out;
	bool after_bearer = false;

	initStringInfo(&out);
	while (*text)
	{
		size_t space = strspn(text, " \t\r\n");
		size_t len;

		appendBinaryStringInfo(&out, text, space);
		text += space;
		len = strcspn(text, " \t\r\n");
		if (len > 0 && looks_like_key(text, len, after_bearer))
			appendStringInfoString(&out, "***");
		else
			appendBinaryStringInfo(&out, text, len);
		after_bearer = len >= 6 && pg_strncasecmp(text + len - 6, "bearer", 6) == 0;
		text += len;
	}
	return out.data;
}

char *
key_masked(const ServiceKey *key, const char *text)
{
	char *copy = pnstrdup(text, pg_mbcliplen(text, strlen(text), MAX_LOOKED_AT));
	char *shown;
	size_t len;

	mask_common(copy, key);
	shown = display_escape(mask_words(copy));
	len = pg_mbcliplen(shown, strlen(shown), MAX_SHOWN);
	if (len < strlen(shown))
		return psprintf("%.*s...", (int) len, shown);
	return shown;
}
