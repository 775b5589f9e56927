/*-------------------------------------------------------------------------
 *
 * owner.c
 *		Own catalog queries, run with the rights of the extension's owner.
 *
 * Users have no write privilege on our tables; what the ask family records is
 * written between owner_scope_enter() and owner_scope_leave(): as the owner of
 * the extension, in a security-restricted operation (a trigger or function
 * that someone hung on our tables can not keep the owner's rights or leave
 * session state behind), connected to SPI, under a search_path that holds
 * pg_catalog alone.  Queries qualify every name of ours.
 *
 * On an error the (sub)transaction abort restores userid, parameters and SPI;
 * so callers need no PG_TRY.  Never run a user's text in this scope.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "common/owner.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"

/*
 * The owner of the extension in this database, or InvalidOid, and the schema
 * that it was created in.  pg_extension has no syscache; the lookup is one
 * index probe, too cheap to cache and invalidate.
 */
static Oid
lookup_extension(Oid *schema)
{
	Relation rel;
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple tuple;
	Oid owner = InvalidOid;

	rel = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum("sql_agent"));
	scan = systable_beginscan(rel, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_extension) GETSTRUCT(tuple))->extowner;
		*schema = ((Form_pg_extension) GETSTRUCT(tuple))->extnamespace;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return owner;
}

bool
extension_installed(void)
{
	Oid schema;

	return OidIsValid(lookup_extension(&schema));
}

/* raises where the extension is not installed */
static Oid
require_extension(Oid *schema)
{
	Oid owner = lookup_extension(schema);

	if (!OidIsValid(owner))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("extension \"sql_agent\" is not installed in this database"),
						errhint("Run CREATE EXTENSION sql_agent.")));
	return owner;
}

Oid
extension_owner(void)
{
	Oid schema;

	return require_extension(&schema);
}

Oid
extension_schema(void)
{
	Oid schema = InvalidOid;

	(void) require_extension(&schema);
	return schema;
}

void
role_scope_enter(OwnerScope *scope, Oid role)
{
	GetUserIdAndSecContext(&scope->saved_userid, &scope->saved_sec_context);
	scope->guc_level = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	SetUserIdAndSecContext(role, scope->saved_sec_context | SECURITY_LOCAL_USERID_CHANGE |
									 SECURITY_RESTRICTED_OPERATION);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

void
owner_scope_enter(OwnerScope *scope)
{
	role_scope_enter(scope, extension_owner());
}

void
owner_scope_leave(OwnerScope *scope)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	AtEOXact_GUC(false, scope->guc_level);
	SetUserIdAndSecContext(scope->saved_userid, scope->saved_sec_context);
}

SPIPlanPtr
owner_prepare(SPIPlanPtr *plan, const char *query, int nargs, Oid *types)
{
	SPIPlanPtr made;

	if (*plan != NULL)
		return *plan;
	made = SPI_prepare(query, nargs, types);
	if (made == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	SPI_keepplan(made);
	*plan = made;
	return made;
}
