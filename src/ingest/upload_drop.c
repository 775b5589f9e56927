/*-------------------------------------------------------------------------
 *
 * upload_drop.c
 *		SQL function upload_drop: undoes an upload.
 *
 * Only tables that the upload made are dropped, and only those that still belong
 * to the role that it made them for: a name may have been given to another table
 * since.  Things that depend on a table keep it, and the upload, as they are.  One
 * that is no table yet is stopped, and its bytes are deleted.
 *
 * Rows that an upload added to a table of another one stay when it is dropped,
 * and count for the tenant's max_bytes until that table goes: the record is kept
 * for it, unseen.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/owner.h"
#include "ingest/upload.h"
#include "miscadmin.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(sql_agent_upload_drop);

typedef struct UploadRecord
{
	char *uploaded_by;
	char *tenant; /* or NULL */
	char *schema;
	char *owner;  /* of the tables, when they were made */
	List *tables; /* char * */
} UploadRecord;

static char *
text_column(int column)
{
	return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);
}

static List *
text_array_column(int column)
{
	bool isnull;
	Datum array = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &isnull);
	Datum *elements;
	int count;
	List *result = NIL;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elements, NULL,
					  &count);
	for (int i = 0; i < count; i++)
		result = lappend(result, TextDatumGetCString(elements[i]));
	return result;
}

/*
 * The row of the upload, locked; false where there is none.
 */
static bool
find_upload(Datum id, UploadRecord *record)
{
	Oid types[] = {UUIDOID};
	MemoryContext context = CurrentMemoryContext;
	OwnerScope scope;
	bool found;

	owner_scope_enter(&scope);
	if (SPI_execute_with_args("SELECT uploaded_by, tenant, schema_name, owner_name, table_names "
							  "FROM sql_agent.upload WHERE id OPERATOR(pg_catalog.=) $1 "
							  "AND dropped_at IS NULL FOR UPDATE",
							  1, types, &id, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the upload");
	found = SPI_processed == 1;
	if (found)
	{
		MemoryContext spi = MemoryContextSwitchTo(context);

		record->uploaded_by = text_column(1);
		record->tenant = text_column(2);
		record->schema = text_column(3);
		record->owner = text_column(4);
		record->tables = text_array_column(5);
		MemoryContextSwitchTo(spi);
	}
	owner_scope_leave(&scope);
	return found;
}

bool
upload_may_drop(const char *uploaded_by, const char *tenant)
{
	const TenantIdentity *identity = tenant_identity(GetUserId());

	if (identity_is_operator())
		return true;
	if (tenant != NULL && (identity->state != TENANT_ONE || strcmp(identity->name, tenant) != 0))
		return false;
	return strcmp(uploaded_by, GetUserNameFromId(GetUserId(), false)) == 0 ||
		   (tenant != NULL && identity->admin);
}

static void
drop_table(const UploadRecord *record, Oid owner, const char *name)
{
	Oid schema = get_namespace_oid(record->schema, true);
	Oid relation = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Form_pg_class form;
	bool ours;

	if (!HeapTupleIsValid(tuple))
		return;
	form = (Form_pg_class) GETSTRUCT(tuple);
	ours = form->relkind == RELKIND_RELATION && form->relowner == owner;
	ReleaseSysCache(tuple);
	if (ours && SPI_execute(psprintf("DROP TABLE %s.%s", quote_identifier(record->schema),
									 quote_identifier(name)),
							false, 0) < 0)
		elog(ERROR, "could not drop the table");
}

static void
drop_tables(const UploadRecord *record)
{
	Oid owner = get_role_oid(record->owner, true);
	OwnerScope scope;
	ListCell *lc;

	if (!OidIsValid(owner))
		return;
	role_scope_enter(&scope, owner);
	foreach (lc, record->tables)
		drop_table(record, owner, lfirst(lc));
	owner_scope_leave(&scope);
}

/* tables of the report that are there; u is the record */
#define TABLES_LEFT                                                                         \
	"EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(u.result OPERATOR(pg_catalog.->) " \
	"'tables') t JOIN pg_catalog.pg_class c ON c.relname OPERATOR(pg_catalog.=) "           \
	"(t.value OPERATOR(pg_catalog.->>) 'table')::name JOIN pg_catalog.pg_namespace n "      \
	"ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "                                       \
	"WHERE n.nspname OPERATOR(pg_catalog.=) u.schema_name)"

static void
execute(const char *query, int nargs, Oid *types, Datum *values)
{
	if (SPI_execute_with_args(query, nargs, types, values, NULL, false, 0) < 0)
		elog(ERROR, "could not forget an upload");
}

static void
delete_upload(Datum id, const char *schema)
{
	Oid types[] = {UUIDOID};
	Oid schema_types[] = {NAMEOID};
	Datum schema_name = DirectFunctionCall1(namein, CStringGetDatum(schema));
	OwnerScope scope;

	owner_scope_enter(&scope);
	execute("UPDATE sql_agent.upload SET dropped_at = pg_catalog.clock_timestamp() "
			"WHERE id OPERATOR(pg_catalog.=) $1",
			1, types, &id);
	execute("DELETE FROM sql_agent.upload u WHERE u.schema_name OPERATOR(pg_catalog.=) $1 "
			"AND u.dropped_at IS NOT NULL AND NOT " TABLES_LEFT,
			1, schema_types, &schema_name);
	owner_scope_leave(&scope);
}

/*
 * An upload has made these tables, perhaps in place of others of their names: a
 * file of which nothing else is left takes no space any more.  Owner's rights.
 */
void
upload_forget_space(const pg_uuid_t *id, Datum schema, Datum tables)
{
	Oid types[] = {UUIDOID, NAMEOID, TEXTARRAYOID};
	Datum values[] = {UUIDPGetDatum(id), schema, tables};

	execute("UPDATE sql_agent.upload u SET stored_bytes = 0 "
			"WHERE u.schema_name OPERATOR(pg_catalog.=) $2 AND u.id OPERATOR(pg_catalog.<>) $1 "
			"AND u.stored_bytes OPERATOR(pg_catalog.<>) 0 "
			"AND (SELECT pg_catalog.array_agg(t.value OPERATOR(pg_catalog.->>) 'table') "
			"FROM pg_catalog.jsonb_array_elements(u.result OPERATOR(pg_catalog.->) 'tables') t) "
			"OPERATOR(pg_catalog.<@) $3",
			3, types, values);
}

/*
 * upload_drop(upload uuid)
 */
Datum
sql_agent_upload_drop(PG_FUNCTION_ARGS)
{
	Datum id = PG_GETARG_DATUM(0);
	UploadRecord record;
	bool found = find_upload(id, &record);

	PreventCommandIfReadOnly("upload_drop()");
	if (!found && upload_give_up(DatumGetUUIDP(id)))
		PG_RETURN_VOID();
	/* a worker may have been done with it just now */
	if (!found)
		found = find_upload(id, &record);
	/* whether it exists is not told to those who may not see it */
	if (!found || !upload_may_drop(record.uploaded_by, record.tenant))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("upload \"%s\" does not exist",
							   DatumGetCString(DirectFunctionCall1(uuid_out, id))),
						errhint("The view sql_agent.uploads lists yours.")));
	drop_tables(&record);
	delete_upload(id, record.schema);
	PG_RETURN_VOID();
}
