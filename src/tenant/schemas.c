/*-------------------------------------------------------------------------
 *
 * schemas.c
 *		Where a role may look: the schemas that its questions may be about.
 *
 * For the reader role of a tenant those that were granted to it, or to the
 * role that stands for all tenants.  For other roles decided by
 * sql_agent.allowed_schemas, by what expose_schema() granted to
 * sql_agent_reader, and by the role's own USAGE.  Reading that from the
 * catalogs costs more than planning a small statement, so the answer is kept
 * for each role.  All answers are dropped when the setting has another value,
 * and when an invalidation message tells of a change in what they rest on:
 * schemas and their privileges, roles, memberships, tenants, the database's
 * owner (who is a member of pg_database_owner).
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/dependency.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_shdepend.h"
#include "common/settings.h"
#include "miscadmin.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

/*
 * What is known of one role.
 */
typedef struct RoleSchemas
{
	Oid role;          /* hash key; must be first */
	List *schemas;     /* OIDs, sorted */
	char *search_path; /* of generated statements */
} RoleSchemas;

static MemoryContext cache_context = NULL;
static HTAB *cache = NULL; /* RoleSchemas by role; NULL = nothing is known */
static char *cache_setting = NULL;
static uint64 cache_generation = 0;
static uint64 cache_tenants = 0;      /* tenant_generation() then */
static uint64 catalog_generation = 0; /* counts what made answers stale */

/* ---- from the catalogs ---- */

/*
 * Did somebody expose this schema: does sql_agent_reader hold USAGE on it by
 * a grant of its own (and not by PUBLIC's)?
 */
static bool
schema_is_exposed(HeapTuple nsptuple, TupleDesc desc, Oid reader)
{
	Datum datum;
	bool isnull;
	Acl *acl;
	AclItem *items;
	bool found = false;

	if (!OidIsValid(reader))
		return false;
	datum = heap_getattr(nsptuple, Anum_pg_namespace_nspacl, desc, &isnull);
	if (isnull)
		return false;
	acl = DatumGetAclPCopy(datum);
	items = ACL_DAT(acl);
	for (int i = 0; i < ACL_NUM(acl) && !found; i++)
		found = items[i].ai_grantee == reader && (ACLITEM_GET_PRIVS(items[i]) & ACL_USAGE) != 0;
	pfree(acl);
	return found;
}

/*
 * Is the schema named by sql_agent.allowed_schemas for this role?
 */
static bool
schema_is_named(const char *nspname, List *names, const char *rolename)
{
	ListCell *lc;

	foreach (lc, names)
	{
		const char *name = (const char *) lfirst(lc);

		if (strcmp(name, "$user") == 0)
			name = rolename;
		if (strcmp(name, nspname) == 0)
			return true;
	}
	return false;
}

static bool
schema_is_internal(const char *nspname)
{
	return strncmp(nspname, "pg_", 3) == 0 || strcmp(nspname, "information_schema") == 0 ||
		   strcmp(nspname, "sql_agent") == 0;
}

/*
 * The schemas that the role has some privilege on by a grant of its own.  The
 * dependencies of the role tell: there is no need to look at every schema of
 * every tenant.
 */
static List *
append_granted_schemas(List *schemas, Oid grantee)
{
	Relation rel = table_open(SharedDependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple tuple;

	ScanKeyInit(&keys[0], Anum_pg_shdepend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(AuthIdRelationId));
	ScanKeyInit(&keys[1], Anum_pg_shdepend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(grantee));
	scan = systable_beginscan(rel, SharedDependReferenceIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_shdepend form = (Form_pg_shdepend) GETSTRUCT(tuple);

		if (form->dbid == MyDatabaseId && form->classid == NamespaceRelationId &&
			form->deptype == SHARED_DEPENDENCY_ACL)
			schemas = list_append_unique_oid(schemas, form->objid);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return schemas;
}

/*
 * A tenant asks about what was given to it: its schema, those of its
 * connections, and those of shared tables.
 */
static List *
tenant_schemas(Oid reader)
{
	List *granted = append_granted_schemas(NIL, reader);
	Oid group = registry_tenant_group();
	List *result = NIL;
	ListCell *lc;

	if (OidIsValid(group) && has_privs_of_role(reader, group))
		granted = append_granted_schemas(granted, group);
	foreach (lc, granted)
	{
		char *name = get_namespace_name(lfirst_oid(lc));

		if (name != NULL && !schema_is_internal(name) &&
			pg_namespace_aclcheck(lfirst_oid(lc), reader, ACL_USAGE) == ACLCHECK_OK)
			result = lappend_oid(result, lfirst_oid(lc));
	}
	list_sort(result, list_oid_cmp);
	return result;
}

static List *
find_schemas(Oid role)
{
	List *result = NIL;
	List *names = NIL;
	char *raw = pstrdup(setting_allowed_schemas);
	char *rolename = GetUserNameFromId(role, false);
	Oid reader = get_role_oid(READER_ROLE, true);
	Relation rel;
	SysScanDesc scan;
	HeapTuple tuple;

	if (tenant_is_reader(role))
		return tenant_schemas(role);

	/* a list that can not be read allows nothing */
	if (!SplitIdentifierString(raw, ',', &names))
		names = NIL;

	rel = table_open(NamespaceRelationId, AccessShareLock);
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_namespace form = (Form_pg_namespace) GETSTRUCT(tuple);
		bool wanted;

		if (schema_is_internal(NameStr(form->nspname)))
			continue;
		wanted = role != reader && schema_is_named(NameStr(form->nspname), names, rolename);
		if (!wanted)
			wanted = schema_is_exposed(tuple, RelationGetDescr(rel), reader);
		if (wanted && pg_namespace_aclcheck(form->oid, role, ACL_USAGE) == ACLCHECK_OK)
			result = lappend_oid(result, form->oid);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	/* two lists are equal when they hold the same schemas */
	list_sort(result, list_oid_cmp);
	return result;
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp((const char *) lfirst(a), (const char *) lfirst(b));
}

/*
 * The role's own schema, or its tenant's, first, public last, the others by name: what a name
 * without a schema means does not depend on the order of the catalog.
 * pg_catalog comes before and pg_temp after all, both explicit: nothing in a
 * schema of the asker's, and no temporary object, can take the place of a
 * built-in one.
 */
static char *
make_search_path(Oid role, List *schemas)
{
	const char *own = tenant_is_reader(role) ? pstrdup(tenant_identity(role)->name)
											 : GetUserNameFromId(role, false);
	List *names = NIL;
	bool has_own = false;
	bool has_public = false;
	StringInfoData path;
	ListCell *lc;

	foreach (lc, schemas)
	{
		char *name = get_namespace_name(lfirst_oid(lc));

		if (name == NULL)
			continue;
		if (strcmp(name, own) == 0)
			has_own = true;
		else if (strcmp(name, "public") == 0)
			has_public = true;
		else
			names = lappend(names, name);
	}
	list_sort(names, compare_names);
	if (has_own)
		names = lcons((void *) own, names);
	if (has_public)
		names = lappend(names, (void *) "public");

	initStringInfo(&path);
	appendStringInfoString(&path, "pg_catalog");
	foreach (lc, names)
		appendStringInfo(&path, ", %s", quote_identifier((const char *) lfirst(lc)));
	appendStringInfoString(&path, ", pg_temp");
	return path.data;
}

/* ---- what is kept ---- */

static void
forget(Datum arg, int cacheid, uint32 hashvalue)
{
	catalog_generation++;
}

static void
watch_catalogs(void)
{
	static bool watching = false;

	if (watching)
		return;
	CacheRegisterSyscacheCallback(NAMESPACEOID, forget, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, forget, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMMEMROLE, forget, (Datum) 0);
	CacheRegisterSyscacheCallback(DATABASEOID, forget, (Datum) 0);
	watching = true;
}

/*
 * Leaves a cache that holds nothing stale.
 */
static void
renew_cache(void)
{
	HASHCTL control = {.keysize = sizeof(Oid), .entrysize = sizeof(RoleSchemas)};

	watch_catalogs();
	/* a scan of the catalogs would have taken the messages in with its lock */
	AcceptInvalidationMessages();
	if (cache != NULL && cache_generation == catalog_generation &&
		cache_tenants == tenant_generation() && strcmp(cache_setting, setting_allowed_schemas) == 0)
		return;
	cache = NULL;
	if (cache_context == NULL)
		cache_context = AllocSetContextCreate(TopMemoryContext, "sql_agent allowed schemas",
											  ALLOCSET_SMALL_SIZES);
	MemoryContextReset(cache_context);
	cache_setting = MemoryContextStrdup(cache_context, setting_allowed_schemas);
	control.hcxt = cache_context;
	cache_generation = catalog_generation;
	cache_tenants = tenant_generation();
	cache = hash_create("sql_agent allowed schemas", 8, &control,
						HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * Keeps a copy, unless something changed while the catalogs were read.
 */
static void
keep(const RoleSchemas *found)
{
	MemoryContext old;
	RoleSchemas copy = {.role = found->role};

	if (cache == NULL || cache_generation != catalog_generation ||
		cache_tenants != tenant_generation())
		return;
	old = MemoryContextSwitchTo(cache_context);
	copy.schemas = list_copy(found->schemas);
	copy.search_path = pstrdup(found->search_path);
	MemoryContextSwitchTo(old);
	memcpy(hash_search(cache, &copy.role, HASH_ENTER, NULL), &copy, sizeof(copy));
}

/*
 * What the result points to may be the cache's: copy it before anything else
 * is looked up.
 */
static RoleSchemas
schemas_of(Oid role)
{
	RoleSchemas *kept;
	RoleSchemas found = {.role = role};

	renew_cache();
	kept = hash_search(cache, &role, HASH_FIND, NULL);
	if (kept != NULL)
		return *kept;
	found.schemas = find_schemas(role);
	found.search_path = make_search_path(role, found.schemas);
	keep(&found);
	return found;
}

List *
identity_allowed_schemas(Oid role)
{
	return list_copy(schemas_of(role).schemas);
}

char *
identity_search_path(Oid role)
{
	return pstrdup(schemas_of(role).search_path);
}
