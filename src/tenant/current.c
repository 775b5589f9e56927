/*-------------------------------------------------------------------------
 *
 * current.c
 *		Which tenant a role belongs to; SQL functions current_tenant() and
 *		current_tenant_key().
 *
 * A function of the effective role and of catalog facts alone: who inherits
 * from the reader or owner role of which tenant.  Policies call it for every
 * query, so what was found is kept for each role of the backend.  Everything
 * is forgotten when a role, a membership or one of our tables changes; the
 * messages of the server say so, in parallel workers too.
 *
 * Whatever is not clear is no tenant: two tenants, a role of that name that
 * was made for somebody else's tenant, a tenant that is suspended, a member that
 * does not hold its tenant's role.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "tenant/current.h"
#include "tenant/registry.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/datum.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(sql_agent_current_tenant);
PG_FUNCTION_INFO_V1(sql_agent_current_tenant_key);
PG_FUNCTION_INFO_V1(sql_agent_administered_tenant);

/* a pooled backend serves many roles; the oldest goes */
#define MAX_IDENTITIES 64

typedef struct CachedIdentity
{
	Oid role;
	TenantIdentity identity;
} CachedIdentity;

static CachedIdentity *cached[MAX_IDENTITIES];
static int ncached = 0;
static int next_victim = 0;
static MemoryContext cache_context = NULL;

/* counted by the callbacks; the cache holds what was found at cached_generation */
static uint64 generation = 1;
static uint64 cached_generation = 0;

static void
note_role(Datum arg, int cacheid, uint32 hashvalue)
{
	generation++;
}

/* looked up with every identity: a callback must not read the catalog */
static Oid tenant_table = InvalidOid;
static Oid member_table = InvalidOid;

static void
note_relation(Datum arg, Oid relid)
{
	/* the tables may be those of an extension that was made since */
	if (!OidIsValid(relid) || relid == tenant_table || relid == member_table ||
		!OidIsValid(tenant_table))
		generation++;
}

void
tenant_init(void)
{
	CacheRegisterRelcacheCallback(note_relation, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, note_role, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, note_role, (Datum) 0);
}

uint64
tenant_generation(void)
{
	return generation;
}

static void
forget_all(void)
{
	ncached = 0;
	next_victim = 0;
	if (cache_context != NULL)
		MemoryContextReset(cache_context);
	else
		cache_context = AllocSetContextCreate(TopMemoryContext, "sql_agent tenant identities",
											  ALLOCSET_SMALL_SIZES);
}

/*
 * Adds the roles whose privileges the member inherits.
 */
static List *
append_inherited(List *roles, Oid member)
{
	HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(member));
	CatCList *list;
	bool inherits;

	if (!HeapTupleIsValid(tuple))
		return roles;
	inherits = role_inherits((Form_pg_authid) GETSTRUCT(tuple));
	ReleaseSysCache(tuple);
	if (!inherits)
		return roles;
	list = SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(member));
	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_auth_members form = (Form_pg_auth_members) GETSTRUCT(&list->members[i]->tuple);

		if (membership_inherits(form))
			roles = list_append_unique_oid(roles, form->roleid);
	}
	ReleaseSysCacheList(list);
	return roles;
}

/*
 * The tenant whose reader or owner the role is.
 */
static bool
tenant_of_role(Oid role, TenantRecord *record)
{
	char *name = GetUserNameFromId(role, true);
	char *tenant;
	bool owner;

	if (name == NULL)
		return false;
	tenant = tenant_named_by_role(name, &owner);
	return tenant != NULL && registry_find_tenant(tenant, record) &&
		   role_mark(role, &record->id, NULL) >= ROLE_SHARED;
}

/*
 * Fills in the one tenant, in the cache's memory.
 */
static void
take_tenant(TenantIdentity *identity, const TenantRecord *record)
{
	identity->state = record->suspended ? TENANT_SUSPENDED : TENANT_ONE;
	identity->name = MemoryContextStrdup(cache_context, record->name);
	identity->id = record->id;
	identity->key = MemoryContextStrdup(cache_context, record->key);
	identity->reader = get_role_oid(tenant_reader_name(record->name), true);
	tenant_options_read(record->options, &identity->options);
}

static void
resolve(Oid role, TenantIdentity *identity)
{
	List *roles = list_make1_oid(role);
	char *login = GetUserNameFromId(role, true);
	TenantRecord record;
	MemberRecord member;
	ListCell *lc;

	memset(identity, 0, sizeof(TenantIdentity));
	if (login == NULL || superuser_arg(role))
		return;
	/* the list grows while it is walked */
	foreach (lc, roles)
	{
		roles = append_inherited(roles, lfirst_oid(lc));
		if (!tenant_of_role(lfirst_oid(lc), &record))
			continue;
		if (identity->name == NULL)
			take_tenant(identity, &record);
		else if (strcmp(identity->name, record.name) != 0)
		{
			pfree(identity->name);
			pfree(identity->key);
			memset(identity, 0, sizeof(TenantIdentity));
			identity->state = TENANT_SEVERAL;
			return;
		}
	}
	if (!registry_find_member(login, &member))
		return;
	/* a suspended tenant's members do not hold its role */
	if (identity->name == NULL && registry_find_tenant(member.tenant, &record))
	{
		take_tenant(identity, &record);
		if (!record.suspended)
			identity->state = TENANT_LOST;
	}
	else if (identity->state == TENANT_ONE && strcmp(identity->name, member.tenant) == 0)
		identity->admin = member.admin;
}

static CachedIdentity *
new_entry(void)
{
	CachedIdentity *entry;

	if (ncached < MAX_IDENTITIES)
	{
		entry = MemoryContextAllocZero(cache_context, sizeof(CachedIdentity));
		cached[ncached++] = entry;
		return entry;
	}
	entry = cached[next_victim];
	next_victim = (next_victim + 1) % MAX_IDENTITIES;
	if (entry->identity.name != NULL)
	{
		pfree(entry->identity.name);
		pfree(entry->identity.key);
	}
	memset(entry, 0, sizeof(CachedIdentity));
	return entry;
}

/*
 * What reading the catalog needs goes to a context of its own.  Messages that
 * arrive while it is read make it begin again.
 */
static const TenantIdentity *
find_and_keep(Oid role)
{
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext, "sql_agent tenant lookup",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(work);
	CachedIdentity *entry;

	do
	{
		CHECK_FOR_INTERRUPTS();
		if (cached_generation != generation)
			forget_all();
		cached_generation = generation;
		registry_find_tables(&tenant_table, &member_table);
		/* an error leaves it without a role: nobody's */
		entry = new_entry();
		resolve(role, &entry->identity);
	} while (cached_generation != generation);
	entry->role = role;
	MemoryContextSwitchTo(old);
	MemoryContextDelete(work);
	return &entry->identity;
}

const TenantIdentity *
tenant_identity(Oid role)
{
	if (cached_generation == generation)
	{
		for (int i = 0; i < ncached; i++)
			if (cached[i]->role == role)
				return &cached[i]->identity;
	}
	return find_and_keep(role);
}

bool
tenant_is_reader(Oid role)
{
	return tenant_identity(role)->reader == role;
}

Datum
sql_agent_current_tenant(PG_FUNCTION_ARGS)
{
	const TenantIdentity *identity = tenant_identity(GetUserId());

	if (identity->state != TENANT_ONE)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(identity->name));
}

Datum
sql_agent_administered_tenant(PG_FUNCTION_ARGS)
{
	const TenantIdentity *identity = tenant_identity(GetUserId());

	if (identity->state != TENANT_ONE || !identity->admin)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(identity->name));
}

/*
 * The key as a value of some type, kept for the life of the expression: a
 * sequential scan asks for every row.
 */
typedef struct TypedKey
{
	uint64 generation;
	Oid role;
	Oid type;
	bool byval;
	bool isnull;
	Datum value;
} TypedKey;

/* for the error of a key that is no value of the type */
typedef struct KeyText
{
	const char *key;
	const char *tenant;
	Oid type;
} KeyText;

static void
explain_bad_key(void *arg)
{
	const KeyText *text = arg;

	errcontext("tenant_key \"%s\" of tenant \"%s\" read as type %s", text->key, text->tenant,
			   format_type_be(text->type));
}

static Datum
key_as_type(const TenantIdentity *identity, Oid type)
{
	/* the input function may be anything: identity may not outlive it */
	KeyText text = {pstrdup(identity->key), pstrdup(identity->name), type};
	ErrorContextCallback callback = {error_context_stack, explain_bad_key, &text};
	Oid input;
	Oid output;
	Oid ioparam;
	bool varlena;
	char *written;
	Datum result;

	getTypeInputInfo(type, &input, &ioparam);
	getTypeOutputInfo(type, &output, &varlena);
	error_context_stack = &callback;
	result = OidInputFunctionCall(input, unconstify(char *, text.key), ioparam, -1);
	written = OidOutputFunctionCall(output, result);
	/* "1" and "01" are two tenants, but one integer */
	if (strcmp(written, text.key) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("a tenant_key is not written as values of its type are"),
				 errdetail("As type %s it is written \"%s\".", format_type_be(type), written)));
	error_context_stack = callback.previous;
	return result;
}

static void
find_typed_key(TypedKey *key, Oid role, Oid type, MemoryContext context)
{
	const TenantIdentity *identity = tenant_identity(role);
	uint64 now = generation;
	int16 typlen;
	Datum value;
	MemoryContext old;

	key->role = InvalidOid;
	if (!key->isnull && !key->byval && DatumGetPointer(key->value) != NULL)
		pfree(DatumGetPointer(key->value));
	key->value = (Datum) 0;
	key->isnull = identity->state != TENANT_ONE;
	get_typlenbyval(type, &typlen, &key->byval);
	if (!key->isnull)
	{
		value = key_as_type(identity, type);
		old = MemoryContextSwitchTo(context);
		key->value = datumCopy(value, key->byval, typlen);
		MemoryContextSwitchTo(old);
	}
	key->type = type;
	key->generation = now;
	key->role = role;
}

Datum
sql_agent_current_tenant_key(PG_FUNCTION_ARGS)
{
	TypedKey *key = fcinfo->flinfo->fn_extra;
	Oid role = GetUserId();

	if (key == NULL)
	{
		key = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(TypedKey));
		key->type = get_fn_expr_argtype(fcinfo->flinfo, 0);
		if (!OidIsValid(key->type))
			elog(ERROR, "could not determine the type of the argument");
		fcinfo->flinfo->fn_extra = key;
	}
	if (key->role != role || key->generation != generation)
		find_typed_key(key, role, key->type, fcinfo->flinfo->fn_mcxt);
	if (key->isnull)
		PG_RETURN_NULL();
	return key->value;
}
