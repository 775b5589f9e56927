/*-------------------------------------------------------------------------
 *
 * upload_target.c
 *		Where the tables of an upload go, whose they are, and whether there is
 *		room for them.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/errors.h"
#include "common/owner.h"
#include "common/settings.h"
#include "ingest/upload.h"
#include "miscadmin.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "tenant/options.h"
#include "tenant/registry.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

static UploadTarget *
tenant_target(const char *tenant)
{
	UploadTarget *target = palloc0(sizeof(UploadTarget));

	target->tenant = pstrdup(tenant);
	target->schema = pstrdup(tenant);
	target->schema_oid = get_namespace_oid(tenant, false);
	target->owner = get_role_oid(tenant_owner_name(tenant), false);
	return target;
}

/* the schema, or the first one of the search path, where the caller may create */
static UploadTarget *
own_target(const char *schema_name)
{
	List *path = schema_name != NULL ? list_make1_oid(get_namespace_oid(schema_name, false))
									 : fetch_search_path(false);
	ListCell *lc;

	foreach (lc, path)
	{
		Oid schema = lfirst_oid(lc);
		UploadTarget *target;

		if (pg_namespace_aclcheck(schema, GetUserId(), ACL_CREATE) != ACLCHECK_OK)
			continue;
		target = palloc0(sizeof(UploadTarget));
		target->schema_oid = schema;
		target->schema = get_namespace_name(schema);
		target->owner = GetUserId();
		return target;
	}
	if (schema_name != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to create tables in schema \"%s\"", schema_name)));
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("there is no schema to upload into"),
			 errdetail("The search path has none where you may create tables."),
			 errhint("CREATE SCHEMA AUTHORIZATION CURRENT_USER, or SET search_path.")));
}

/* one row of a query with one text argument, in the extension owner's scope */
static void
run_for(const char *sql, const char *argument)
{
	Oid types[] = {TEXTOID};
	Datum values[] = {CStringGetTextDatum(argument)};

	if (SPI_execute_with_args(sql, 1, types, values, NULL, false, 0) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "could not run: %s", sql);
}

/*
 * A tenant of its own, called like it, for a login that has none: the operator
 * allowed it by sql_agent.auto_provision.  It becomes the tenant's administrator.
 */
static void
provision_for(const char *login)
{
	OwnerScope scope;

	owner_scope_enter(&scope);
	run_for("SELECT sql_agent.tenant_provision($1)", login);
	run_for("SELECT sql_agent.tenant_add_member($1, $1, tenant_admin => true)", login);
	owner_scope_leave(&scope);
	ereport(NOTICE, (errmsg("tenant \"%s\" was provisioned for this upload", login),
					 errdetail("Its tables are in the schema of that name.")));
}

UploadTarget *
upload_target(const UploadOptions *options, const char *schema)
{
	const TenantIdentity *identity;
	TenantRecord record;

	if (options->tenant != NULL)
	{
		if (!identity_is_operator())
			ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
							errmsg("permission denied to upload for a tenant"),
							errdetail("Only operators may use the option tenant.")));
		if (!registry_find_tenant(options->tenant, &record))
			ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
							errmsg("tenant \"%s\" does not exist", options->tenant)));
		return tenant_target(options->tenant);
	}
	identity_require_clear(GetUserId());
	identity = tenant_identity(GetUserId());
	if (identity->state == TENANT_NONE && setting_auto_provision && !identity_is_operator())
	{
		provision_for(GetUserNameFromId(GetUserId(), false));
		identity = tenant_identity(GetUserId());
	}
	if (identity->state == TENANT_ONE)
		return tenant_target(identity->name);
	return own_target(schema);
}

/*
 * The sizes of the files that a tenant's uploads made tables of, and of the parts
 * that are stored, those of one upload left out.
 */
static int64
bytes_of_tenant(const char *tenant, const pg_uuid_t *except)
{
	static const char query[] =
		"SELECT (SELECT coalesce(pg_catalog.sum(u.stored_bytes), 0) FROM sql_agent.upload u "
		"         WHERE u.tenant OPERATOR(pg_catalog.=) $1) OPERATOR(pg_catalog.+) "
		"       (SELECT coalesce(pg_catalog.sum(p.bytes), 0) FROM sql_agent.upload_file f "
		"          JOIN sql_agent.upload_part p ON p.upload OPERATOR(pg_catalog.=) f.id "
		"         WHERE f.tenant OPERATOR(pg_catalog.=) $1 "
		"           AND ($2 IS NULL OR f.id OPERATOR(pg_catalog.<>) $2))";
	Oid types[] = {NAMEOID, UUIDOID};
	Datum values[] = {DirectFunctionCall1(namein, CStringGetDatum(tenant)), UUIDPGetDatum(except)};
	OwnerScope scope;
	bool isnull;
	int64 bytes;

	owner_scope_enter(&scope);
	if (SPI_execute_with_args(query, lengthof(types), types, values, except == NULL ? " n" : NULL,
							  false, 0) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "could not count the bytes of a tenant");
	bytes = DatumGetInt64(DirectFunctionCall1(
		numeric_int8, SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)));
	owner_scope_leave(&scope);
	return bytes;
}

void
upload_check_quota(const char *tenant, int64 bytes, const pg_uuid_t *except)
{
	TenantOptions limits;
	TenantRecord record;
	int64 used;

	if (tenant == NULL || !registry_find_tenant(tenant, &record))
		return;
	tenant_options_read(record.options, &limits);
	if (limits.max_bytes == 0)
		return;
	used = bytes_of_tenant(tenant, except);
	if (used + bytes > limits.max_bytes)
		ereport(ERROR,
				(errcode(ERRCODE_AGENT_TENANT_LIMIT),
				 errmsg("tenant \"%s\" may store no more files", tenant),
				 bytes > 0
					 ? errdetail("Its uploads have %lld bytes of %lld, this file has %lld.",
								 (long long) used, (long long) limits.max_bytes, (long long) bytes)
					 : errdetail("With this file its uploads have %lld bytes of %lld.",
								 (long long) used, (long long) limits.max_bytes),
				 errhint("Drop one with upload_drop() or upload_cancel(), or ask an operator to "
						 "raise max_bytes.")));
}

void
upload_check_size(int64 bytes)
{
	int64 limit = (int64) setting_max_upload_size * 1024;

	if (bytes > limit)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("file is too large"),
						errdetail("It has %lld bytes; sql_agent.max_upload_size allows %lld.",
								  (long long) bytes, (long long) limit),
						errhint("Split the file, or ask an administrator to raise the setting.")));
}
