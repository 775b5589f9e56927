/*-------------------------------------------------------------------------
 *
 * upload_finish.c
 *		From the parts of a file to its tables.
 *
 * What fails leaves the parts as they are: the upload can be finished again with
 * other options, and nothing needs to be sent twice.  A file of the server that a
 * worker reads is such an upload, too; instead of parts it has a path.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "common/errors.h"
#include "common/json.h"
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
							  "SET finished_at = pg_catalog.clock_timestamp(), task = NULL "
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
	/* it may have been renamed since */
	if (options->tenant != NULL && stored->tenant != NULL &&
		(changes == NULL || json_member(&changes->root, "tenant") == NULL))
		options->tenant = stored->tenant;
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

static Source *
open_stored(const StoredUpload *stored)
{
	PartList parts;

	if (stored->path != NULL)
	{
		upload_require_server_files();
		return source_of_file(stored->path);
	}
	parts = read_parts(&stored->id);
	check_complete(stored, &parts);
	return source_of_parts(&stored->id, parts.lengths, parts.count);
}

ReadyUpload *
upload_ready(const pg_uuid_t *id, Jsonb *changes, const char *schema)
{
	ReadyUpload *ready = palloc(sizeof(ReadyUpload));

	ready->stored = upload_find_stored(id, STORED_ALONE);
	ready->options = final_options(ready->stored, changes);
	ready->target = upload_target(ready->options, schema);
	check_same_tenant(ready->stored, ready->target);
	ready->source = open_stored(ready->stored);
	return ready;
}

UploadDone
upload_run_ready(ReadyUpload *ready, const pg_uuid_t *record, UploadProgressReport report,
				 void *arg)
{
	const StoredUpload *stored = ready->stored;
	UploadDone done =
		upload_run(upload_utf8(stored->file_name), ready->source, ready->options, ready->target,
				   &stored->id, record != NULL ? record : &stored->id, report, arg);

	source_close(ready->source);
	/* what was kept once stays until it is cancelled */
	if (ready->options->keep || stored->finished)
		keep_stored(&stored->id);
	else
		upload_delete_stored(&stored->id);
	return done;
}

/*
 * upload_finish(upload uuid, options jsonb)
 */
Datum
sql_agent_upload_finish(PG_FUNCTION_ARGS)
{
	const pg_uuid_t *id = PG_GETARG_UUID_P(0);
	Jsonb *changes = PG_GETARG_JSONB_P(1);
	pg_uuid_t *result = palloc(sizeof(pg_uuid_t));

	PreventCommandIfReadOnly("upload_finish()");
	/* or we would wait until it has ended */
	upload_require_idle(id);
	if (upload_in_background())
		*result = upload_hand_over_stored(id, changes);
	else
		*result =
			upload_run_ready(upload_ready(id, changes, NULL), NULL, progress_to_client, NULL).id;
	return UUIDPGetDatum(result);
}
