/*-------------------------------------------------------------------------
 *
 * provision.c
 *		SQL function tenant_provision: makes a tenant, or repairs one.
 *
 * A tenant is a row of the registry, a schema, and two roles that nobody can
 * log in as.  The owner role owns the schema and what is made in it for the
 * tenant; nobody is a member of it.  The reader role may read that; members
 * inherit from it and generated statements run as it.  What is shared with all
 * tenants is granted to one group role of the installation that every reader
 * inherits from, so that neither sharing a table nor making a tenant takes
 * longer where there are many.
 *
 * A role or schema that is there already is never taken over, unless the
 * tenant's row is there as well and the role's mark says that it is this
 * tenant's: then what is missing is made again.  That is the way back after a
 * restore without roles.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_namespace.h"
#include "common/display.h"
#include "miscadmin.h"
#include "tenant/act.h"
#include "tenant/options.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(sql_agent_tenant_provision);

/*
 * A role that generated statements run as, or that owns tables, must have no
 * attribute that takes it past a privilege or a policy.
 */
static void
require_plain(Oid role, const char *name)
{
	HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	Form_pg_authid form;
	bool plain;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for role %u", role);
	form = (Form_pg_authid) GETSTRUCT(tuple);
	plain = !form->rolcanlogin && !form->rolsuper && !form->rolcreaterole && !form->rolcreatedb &&
			!form->rolreplication && !form->rolbypassrls && form->rolinherit;
	ReleaseSysCache(tuple);
	if (!plain)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("role \"%s\" is not a plain role", name),
						errdetail("A tenant's role can not log in and has no special attribute."),
						errhint("ALTER ROLE %s NOLOGIN INHERIT NOSUPERUSER NOCREATEROLE NOCREATEDB "
								"NOREPLICATION NOBYPASSRLS;",
								quote_identifier(name))));
}

/*
 * Makes the role, or checks that the one that is there is ours.
 */
static void
establish_role(const char *name, const pg_uuid_t *id, bool fresh)
{
	Oid role = get_role_oid(name, true);

	if (!OidIsValid(role))
	{
		(void) act_run("CREATE ROLE %s NOLOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE "
					   "NOREPLICATION NOBYPASSRLS",
					   quote_identifier(name));
		act_mark_role(name, id);
		if (!fresh)
			ereport(NOTICE, (errmsg("role \"%s\" was missing and has been made", name)));
		return;
	}
	require_plain(role, name);
}

static void
join_group(const char *role, const char *group)
{
	if (!compat_is_direct_member(get_role_oid(role, false), get_role_oid(group, false)))
		(void) act_run("GRANT %s TO %s" GRANT_INHERIT_ONLY, quote_identifier(group),
					   quote_identifier(role));
}

char *
tenant_group_establish(void)
{
	char *group;
	pg_uuid_t id;
	bool fresh = !registry_find_installation(&group, &id);
	Oid role;

	if (fresh)
	{
		(void) act_run("INSERT INTO sql_agent.installation (tenant_group) VALUES "
					   "('sql_agent_tenants_' OPERATOR(pg_catalog.||) "
					   "pg_catalog.substr(pg_catalog.gen_random_uuid()::text, 1, 8)) "
					   "ON CONFLICT DO NOTHING");
		if (!registry_find_installation(&group, &id))
			elog(ERROR, "could not record the installation");
	}
	role = get_role_oid(group, true);
	if (OidIsValid(role) && role_mark(role, &id, NULL) < ROLE_SHARED)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("role \"%s\" exists already and was not made for this installation", group),
				 errhint("A superuser who knows that it is: COMMENT ON ROLE %s IS %s;",
						 quote_identifier(group), quote_literal_cstr(role_mark_text(&id)))));
	establish_role(group, &id, fresh);
	return group;
}

/*
 * After a restore without roles the schema and what is in it belong to
 * whoever restored; it goes back to the owner role.
 */
static void
hand_over_schema(Oid nspoid, Oid nspowner, const TenantRecord *record)
{
	const char *owner = quote_identifier(tenant_owner_name(record->name));
	const char *schema = quote_identifier(record->name);
	List *alters;
	ListCell *lc;

	if (!superuser_arg(nspowner))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("schema \"%s\" belongs to role \"%s\"", record->name,
						GetUserNameFromId(nspowner, false)),
				 errdetail("It is not a superuser's, as after a restore without roles."),
				 errhint("ALTER SCHEMA %s OWNER TO %s, if it is the tenant's.", schema, owner)));
	(void) act_run("ALTER SCHEMA %s OWNER TO %s", schema, owner);
	alters = act_texts(
		"SELECT pg_catalog.format('ALTER %%s %%I.%%I OWNER TO %s',"
		" CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW'"
		" WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END,"
		" n.nspname, c.relname)"
		" FROM pg_catalog.pg_class c"
		" JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
		" WHERE c.relnamespace OPERATOR(pg_catalog.=) %u"
		" AND c.relowner OPERATOR(pg_catalog.=) %u"
		" AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f,S}'::\"char\"[])"
		/* a sequence of a column follows its table */
		" AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"
		"  WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass"
		"  AND d.objid OPERATOR(pg_catalog.=) c.oid"
		"  AND c.relkind OPERATOR(pg_catalog.=) 'S'"
		"  AND d.deptype OPERATOR(pg_catalog.=) ANY ('{a,i}'::\"char\"[])"
		"  AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass)"
		" ORDER BY c.oid",
		owner, nspoid, nspowner);
	foreach (lc, alters)
		(void) act_run("%s", (char *) lfirst(lc));
	ereport(NOTICE, (errmsg("schema \"%s\" and %d of its tables, views and sequences have been "
							"given back to role \"%s\"",
							record->name, list_length(alters), tenant_owner_name(record->name))));
}

static void
establish_schema(const TenantRecord *record, bool fresh)
{
	Oid nspoid = get_namespace_oid(record->name, true);
	const char *schema = quote_identifier(record->name);
	const char *owner = quote_identifier(tenant_owner_name(record->name));
	HeapTuple tuple;
	Oid nspowner;

	if (OidIsValid(nspoid) && fresh)
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_SCHEMA),
						errmsg("schema \"%s\" exists already", record->name),
						errdetail("A tenant gets a schema of its own name."),
						errhint("Choose another name, or rename that schema.")));
	if (!OidIsValid(nspoid))
	{
		(void) act_run("CREATE SCHEMA %s AUTHORIZATION %s", schema, owner);
		if (!fresh)
			ereport(NOTICE, (errmsg("schema \"%s\" was missing and has been made", record->name)));
		return;
	}
	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(nspoid));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for schema %u", nspoid);
	nspowner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	if (nspowner != get_role_oid(tenant_owner_name(record->name), false))
		hand_over_schema(nspoid, nspowner, record);
}

/*
 * What the owner role has made is the reader's to read, from before too.
 */
static void
grant_existing(const TenantRecord *record)
{
	List *grants = act_texts(
		"SELECT pg_catalog.format('GRANT SELECT ON %%I.%%I TO %s', n.nspname, c.relname)"
		" FROM pg_catalog.pg_class c"
		" JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
		" WHERE n.nspname OPERATOR(pg_catalog.=) %s"
		" AND c.relowner OPERATOR(pg_catalog.=) n.nspowner"
		" AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f}'::\"char\"[])"
		" AND NOT pg_catalog.has_table_privilege(%s, c.oid, 'SELECT')",
		quote_identifier(tenant_reader_name(record->name)), quote_literal_cstr(record->name),
		quote_literal_cstr(tenant_reader_name(record->name)));
	ListCell *lc;

	foreach (lc, grants)
		(void) act_run("%s", (char *) lfirst(lc));
}

void
tenant_establish(const TenantRecord *record, bool fresh)
{
	char *reader = tenant_reader_name(record->name);
	char *owner = tenant_owner_name(record->name);
	const char *schema = quote_identifier(record->name);
	char *group;

	act_require_roles_ours(record, fresh);
	establish_role(reader, &record->id, fresh);
	establish_role(owner, &record->id, fresh);
	establish_schema(record, fresh);

	(void) act_run("GRANT USAGE ON SCHEMA %s TO %s", schema, quote_identifier(reader));
	(void) act_run("ALTER DEFAULT PRIVILEGES FOR ROLE %s IN SCHEMA %s GRANT SELECT ON TABLES TO %s",
				   quote_identifier(owner), schema, quote_identifier(reader));
	if (!fresh)
		grant_existing(record);
	group = tenant_group_establish();
	join_group(reader, group);
	/* what runs for the tenant as its owner reads shared tables as well */
	join_group(owner, group);
	if (!fresh)
		member_repair(record);
}

static void
insert_row(const char *name, const char *display_name, const char *key, Jsonb *options,
		   const char *created_by)
{
	char *text = JsonbToCString(NULL, &options->root, VARSIZE(options));

	if (act_run("INSERT INTO sql_agent.tenant (name, tenant_key, display_name, created_by, options)"
				" VALUES (%s, %s, %s, %s, %s::pg_catalog.jsonb)"
				" ON CONFLICT (tenant_key) DO NOTHING",
				quote_literal_cstr(name), quote_literal_cstr(key), quote_literal_cstr(display_name),
				quote_literal_cstr(created_by), quote_literal_cstr(text)) == 1)
		return;
	ereport(ERROR, (errcode(ERRCODE_UNIQUE_VIOLATION),
					errmsg("tenant_key \"%s\" belongs to another tenant", key),
					errdetail("The rows of shared tables carry it, so no two tenants have the "
							  "same."),
					errhint("Give this tenant a tenant_key of its own.")));
}

/*
 * The tenant is there already: what the caller says of it must be true.
 */
static void
accept_existing(const TenantRecord *record, bool if_not_exists, const char *key)
{
	if (!if_not_exists)
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT),
						errmsg("tenant \"%s\" exists already", record->name),
						errhint("With if_not_exists => true it is checked and repaired.")));
	if (key != NULL && strcmp(key, record->key) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("tenant \"%s\" exists already with another tenant_key", record->name),
				 errdetail("It is \"%s\", not \"%s\".", record->key, key)));
	ereport(NOTICE, (errcode(ERRCODE_DUPLICATE_OBJECT),
					 errmsg("tenant \"%s\" exists already, checking it", record->name)));
}

Datum
sql_agent_tenant_provision(PG_FUNCTION_ARGS)
{
	char *name = act_text_argument(fcinfo, 0, "name");
	char *display_name = act_label_argument(fcinfo, 1, "display_name");
	char *key = act_label_argument(fcinfo, 2, "tenant_key");
	bool if_not_exists = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
	Jsonb *options = PG_ARGISNULL(4) ? NULL : PG_GETARG_JSONB_P(4);
	Jsonb *empty = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")));
	char *caller = GetUserNameFromId(GetUserId(), false);
	OwnerScope scope;
	TenantRecord record;
	bool fresh;

	tenant_check_name(name);
	if (options != NULL)
		tenant_options_check(options);

	act_begin(&scope, "tenant_provision()", name, NULL);
	fresh = !registry_find_tenant(name, &record);
	if (fresh)
	{
		insert_row(name, display_name ? display_name : name, key ? key : name,
				   tenant_options_merge(empty, options ? options : empty), caller);
		if (!registry_find_tenant(name, &record))
			elog(ERROR, "could not record tenant \"%s\"", name);
	}
	else
		accept_existing(&record, if_not_exists, key);
	tenant_establish(&record, fresh);
	act_end(&scope);
	PG_RETURN_OID(get_namespace_oid(name, false));
}
