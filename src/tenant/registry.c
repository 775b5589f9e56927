/*-------------------------------------------------------------------------
 *
 * registry.c
 *		Reads tenants, members and the marks of their roles.
 *
 * The tables are read straight, by index, under a snapshot of the moment: who
 * somebody is must not depend on the caller's privileges or on the age of its
 * transaction, and must be readable in a parallel worker.
 *
 * A role is marked by its comment, which pg_dumpall keeps.  It begins with the
 * id of the tenant and ends with the database; only the id proves that the
 * role is the tenant's.  A comment can be changed by who may alter the role
 * (superusers, and CREATEROLE up to 15); those can give themselves the role
 * just as well.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_shdescription.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "tenant/registry.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* columns of sql_agent.tenant */
#define TENANT_ATTR_NAME      1
#define TENANT_ATTR_ID        2
#define TENANT_ATTR_KEY       3
#define TENANT_ATTR_SUSPENDED 7
#define TENANT_ATTR_OPTIONS   8

/* columns of sql_agent.member */
#define MEMBER_ATTR_LOGIN  1
#define MEMBER_ATTR_TENANT 2
#define MEMBER_ATTR_ADMIN  6

/* columns of sql_agent.installation */
#define INSTALLATION_ATTR_ID    2
#define INSTALLATION_ATTR_GROUP 3

#define MARK_START    "sql_agent role of "
#define MARK_DATABASE ", made in database "

static Oid
our_relation(const char *name)
{
	Oid nspoid = get_namespace_oid("sql_agent", true);

	return OidIsValid(nspoid) ? get_relname_relid(name, nspoid) : InvalidOid;
}

void
registry_find_tables(Oid *tenant, Oid *member)
{
	*tenant = our_relation("tenant");
	*member = our_relation("member");
}

/*
 * A table of ours opened for one row: the one whose primary key, a name, is
 * `key`, or the first where key is NULL.
 */
typedef struct RowLookup
{
	Relation rel;
	SysScanDesc scan;
	HeapTuple tuple; /* or NULL */
} RowLookup;

static bool
lookup_begin(RowLookup *lookup, const char *table, const char *key)
{
	Oid relid = our_relation(table);
	NameData name;
	ScanKeyData scankey;
	Oid index;

	if (!OidIsValid(relid))
		return false;
	index = our_relation(psprintf("%s_pkey", table));
	if (key != NULL)
	{
		namestrcpy(&name, key);
		ScanKeyInit(&scankey, 1, BTEqualStrategyNumber, F_NAMEEQ, NameGetDatum(&name));
	}
	lookup->rel = table_open(relid, AccessShareLock);
	lookup->scan = systable_beginscan(lookup->rel, index, key != NULL && OidIsValid(index), NULL,
									  key != NULL ? 1 : 0, &scankey);
	lookup->tuple = systable_getnext(lookup->scan);
	return true;
}

static void
lookup_end(RowLookup *lookup)
{
	systable_endscan(lookup->scan);
	table_close(lookup->rel, AccessShareLock);
}

static Datum
lookup_value(const RowLookup *lookup, int attribute, bool *isnull)
{
	return heap_getattr(lookup->tuple, attribute, RelationGetDescr(lookup->rel), isnull);
}

/* of a column that is NOT NULL */
static Datum
lookup_required(const RowLookup *lookup, int attribute)
{
	bool isnull;
	Datum value = lookup_value(lookup, attribute, &isnull);

	if (isnull)
		elog(ERROR, "unexpected null in column %d of table sql_agent.%s", attribute,
			 RelationGetRelationName(lookup->rel));
	return value;
}

bool
registry_find_tenant(const char *name, TenantRecord *record)
{
	RowLookup lookup;
	bool found;
	bool active;

	if (!lookup_begin(&lookup, "tenant", name))
		return false;
	found = HeapTupleIsValid(lookup.tuple);
	if (found)
	{
		record->name = pstrdup(NameStr(*DatumGetName(lookup_required(&lookup, TENANT_ATTR_NAME))));
		record->id = *DatumGetUUIDP(lookup_required(&lookup, TENANT_ATTR_ID));
		record->key = TextDatumGetCString(lookup_required(&lookup, TENANT_ATTR_KEY));
		(void) lookup_value(&lookup, TENANT_ATTR_SUSPENDED, &active);
		record->suspended = !active;
		record->options = DatumGetJsonbPCopy(lookup_required(&lookup, TENANT_ATTR_OPTIONS));
	}
	lookup_end(&lookup);
	return found;
}

bool
registry_find_member(const char *login, MemberRecord *record)
{
	RowLookup lookup;
	bool found;

	if (!lookup_begin(&lookup, "member", login))
		return false;
	found = HeapTupleIsValid(lookup.tuple);
	if (found)
	{
		record->login =
			pstrdup(NameStr(*DatumGetName(lookup_required(&lookup, MEMBER_ATTR_LOGIN))));
		record->tenant =
			pstrdup(NameStr(*DatumGetName(lookup_required(&lookup, MEMBER_ATTR_TENANT))));
		record->admin = DatumGetBool(lookup_required(&lookup, MEMBER_ATTR_ADMIN));
	}
	lookup_end(&lookup);
	return found;
}

bool
registry_find_installation(char **group, pg_uuid_t *id)
{
	RowLookup lookup;
	bool found;

	if (!lookup_begin(&lookup, "installation", NULL))
		return false;
	found = HeapTupleIsValid(lookup.tuple);
	if (found)
	{
		*group = pstrdup(NameStr(*DatumGetName(lookup_required(&lookup, INSTALLATION_ATTR_GROUP))));
		*id = *DatumGetUUIDP(lookup_required(&lookup, INSTALLATION_ATTR_ID));
	}
	lookup_end(&lookup);
	return found;
}

Oid
registry_tenant_group(void)
{
	char *group;
	pg_uuid_t id;
	Oid role;

	if (!registry_find_installation(&group, &id))
		return InvalidOid;
	role = get_role_oid(group, true);
	if (OidIsValid(role) && role_mark(role, &id, NULL) < ROLE_SHARED)
		return InvalidOid;
	return role;
}

char *
tenant_reader_name(const char *tenant)
{
	return psprintf(TENANT_ROLE_PREFIX "%s", tenant);
}

char *
tenant_owner_name(const char *tenant)
{
	return psprintf(TENANT_ROLE_PREFIX "%s" TENANT_OWNER_SUFFIX, tenant);
}

/*
 * No tenant's name ends like an owner role's, so each name has one reading.
 */
char *
tenant_named_by_role(const char *role, bool *owner)
{
	size_t prefix = strlen(TENANT_ROLE_PREFIX);
	size_t suffix = strlen(TENANT_OWNER_SUFFIX);
	char *tenant;
	size_t length;

	if (strncmp(role, TENANT_ROLE_PREFIX, prefix) != 0)
		return NULL;
	tenant = pstrdup(role + prefix);
	length = strlen(tenant);
	*owner = length > suffix && strcmp(tenant + length - suffix, TENANT_OWNER_SUFFIX) == 0;
	if (*owner)
		tenant[length - suffix] = '\0';
	return tenant;
}

static char *
uuid_text(const pg_uuid_t *id)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)));
}

char *
role_mark_text(const pg_uuid_t *id)
{
	return psprintf(MARK_START "%s" MARK_DATABASE "%s", uuid_text(id),
					get_database_name(MyDatabaseId));
}

/* the comment of a role, palloc'ed, or NULL */
static char *
role_comment(Oid role)
{
	Relation rel = table_open(SharedDescriptionRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;
	char *result = NULL;

	ScanKeyInit(&keys[0], Anum_pg_shdescription_objoid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
	ScanKeyInit(&keys[1], Anum_pg_shdescription_classoid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(AuthIdRelationId));
	scan = systable_beginscan(rel, SharedDescriptionObjIndexId, true, NULL, 2, keys);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool isnull;
		Datum value =
			heap_getattr(tuple, Anum_pg_shdescription_description, RelationGetDescr(rel), &isnull);

		if (!isnull)
			result = TextDatumGetCString(value);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return result;
}

/*
 * Where the database that a role of ours was made in exists beside this one,
 * this one is a copy of it.  Where it does not, this one was renamed or
 * restored elsewhere.
 */
RoleMark
role_mark(Oid role, const pg_uuid_t *id, char **database)
{
	char *comment = role_comment(role);
	char *made_in;
	char *start;
	Oid other;

	if (database != NULL)
		*database = NULL;
	if (comment == NULL || strncmp(comment, MARK_START, strlen(MARK_START)) != 0)
		return ROLE_UNMARKED;
	made_in = strstr(comment, MARK_DATABASE);
	if (made_in == NULL)
		return ROLE_UNMARKED;
	*made_in = '\0';
	made_in += strlen(MARK_DATABASE);
	start = comment + strlen(MARK_START);
	if (database != NULL)
		*database = made_in;
	if (strcmp(start, uuid_text(id)) != 0)
		return ROLE_OF_OTHERS;
	other = get_database_oid(made_in, true);
	return !OidIsValid(other) || other == MyDatabaseId ? ROLE_OURS : ROLE_SHARED;
}
