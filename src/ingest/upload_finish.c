/*-------------------------------------------------------------------------
 *
 * upload_finish.c
 *		From the parts of a file to its tables.
 *
 * What fails leaves the parts as they are: the upload can be finished again with
 * other options, and nothing needs to be sent twice.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "common/errors.h"
#include "common/owner.h"
#include "ingest/upload.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#define SHOWN_MISSING 10

PG_FUNCTION_INFO_V1(sql_agent_upload_finish);

typedef struct PartList
{
	int *numbers;
	int *lengths;
	int count;
} PartList;

static PartList
read_parts(const pg_uuid_t *id)
{
	MemoryContext context = CurrentMemoryContext;
	Oid types[] = {UUIDOID};
	Datum values[] = {UUIDPGetDatum(id)};
	PartList parts;
	OwnerScope scope;
	bool isnull;

	owner_scope_enter(&scope);
	if (SPI_execute_with_args("SELECT part, bytes FROM sql_agent.upload_part "
							  "WHERE upload OPERATOR(pg_catalog.=) $1 ORDER BY part",
							  lengthof(types), types, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the parts of an upload");
	parts.count = (int) SPI_processed;
	parts.numbers = MemoryContextAlloc(context, Max(parts.count, 1) * sizeof(int));
	parts.lengths = MemoryContextAlloc(context, Max(parts.count, 1) * sizeof(int));
	for (int i = 0; i < parts.count; i++)
	{
		HeapTuple row = SPI_tuptable->vals[i];

		parts.numbers[i] = DatumGetInt32(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull));
		parts.lengths[i] = DatumGetInt32(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull));
	}
	owner_scope_leave(&scope);
	return parts;
}

/* they are 1 to the last one without a gap */
static void
check_complete(const StoredUpload *stored, const PartList *parts)
{
	StringInfoData missing;
	int expected = 1;
	int shown = 0;

	if (parts->count == 0 || parts->numbers[parts->count - 1] == parts->count)
		return;
	initStringInfo(&missing);
	for (int i = 0; i < parts->count && shown < SHOWN_MISSING; i++, expected++)
		for (; expected < parts->numbers[i] && shown < SHOWN_MISSING; expected++, shown++)
			appendStringInfo(&missing, "%s%d", shown > 0 ? ", " : "", expected);
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("parts of \"%s\" are missing", stored->file_name),
					errdetail("%d of %d parts are missing: %s%s.",
							  parts->numbers[parts->count - 1] - parts->count,
							  parts->numbers[parts->count - 1], missing.data,
							  shown == SHOWN_MISSING ? ", ..." : ""),
					errhint("Send them with upload_append(); the view sql_agent.upload_files "
							"lists them.")));
}

static void
keep_stored(const pg_uuid_t *id)
{
	Oid types[] = {UUIDOID};
	Datum values[] = {UUIDPGetDatum(id)};
	OwnerScope scope;

	owner_scope_enter(&scope);
	if (SPI_execute_with_args("UPDATE sql_agent.upload_file "
							  "SET finished_at = pg_catalog.clock_timestamp() "
							  "WHERE id OPERATOR(pg_catalog.=) $1",
							  lengthof(types), types, values, NULL, false, 0) != SPI_OK_UPDATE)
		elog(ERROR, "could not mark an upload as finished");
	owner_scope_leave(&scope);
}

/* the options it was begun with, changed; what was announced of the content stays */
static UploadOptions *
final_options(const StoredUpload *stored, Jsonb *changes)
{
	Datum json = JsonbPGetDatum(stored->options);
	UploadOptions *options;

	if (changes != NULL)
	{
		(void) upload_options_read(changes);
		json = DirectFunctionCall2(jsonb_concat, json, JsonbPGetDatum(changes));
	}
	options = upload_options_read(DatumGetJsonbP(json));
	if (options->bytes < 0)
		options->bytes = stored->bytes;
	if (options->sha256 == NULL)
		options->sha256 = stored->sha256;
	return options;
}

/* parts that were sent for one tenant do not end up with another */
static void
check_same_tenant(const StoredUpload *stored, const UploadTarget *target)
{
	if (stored->tenant == NULL && target->tenant == NULL)
		return;
	if (stored->tenant != NULL && target->tenant != NULL &&
		strcmp(stored->tenant, target->tenant) == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 stored->tenant != NULL ? errmsg("upload was begun for tenant \"%s\"", stored->tenant)
									: errmsg("upload was begun for no tenant"),
			 errhint("Begin another one with upload_begin().")));
}

pg_uuid_t *
upload_run_stored(const pg_uuid_t *id, Jsonb *changes, UploadProgressReport report, void *arg)
{
	StoredUpload *stored = upload_find_stored(id, STORED_ALONE);
	UploadOptions *options = final_options(stored, changes);
	UploadTarget *target = upload_target(options);
	PartList parts = read_parts(id);
	Source *source;
	pg_uuid_t *result;

	check_same_tenant(stored, target);
	check_complete(stored, &parts);
	source = source_of_parts(id, parts.lengths, parts.count);
	result = upload_run(upload_utf8(stored->file_name), source, options, target, id, report, arg);
	source_close(source);
	/* what was kept once stays until it is cancelled */
	if (options->keep || stored->finished)
		keep_stored(id);
	else
		upload_delete_stored(id);
	return result;
}

/*
 * upload_finish(upload uuid, options jsonb)
 */
Datum
sql_agent_upload_finish(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("upload_finish()");
	return UUIDPGetDatum(
		upload_run_stored(PG_GETARG_UUID_P(0), PG_GETARG_JSONB_P(1), progress_to_client, NULL));
}
