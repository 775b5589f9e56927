/*-------------------------------------------------------------------------
 *
 * upload_stored.c
 *		SQL functions for files that come in parts: begin, append, cancel, expire.
 *
 * The bytes are rows of a table, so they are as durable as what they become.  A
 * part is written with the extension owner's rights after we have made sure that
 * the caller began the upload and still belongs to the tenant that it is for.
 *
 * Parts come in any order and from several sessions at once; each holds a lock on
 * the row of the upload that only finishing and cancelling do not share.  So the
 * limits are checked after a part is stored, and once more when the upload is
 * finished.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "common/errors.h"
#include "common/owner.h"
#include "common/settings.h"
#include "ingest/upload.h"
#include "miscadmin.h"
#include "task/task.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#define MAX_PART_NUMBER 100000
#define MAX_PART_SIZE   (64 * 1024 * 1024)
/* of those that a whole file is cut into */
#define STORED_PART_SIZE (8 * 1024 * 1024)

PG_FUNCTION_INFO_V1(sql_agent_upload_begin);
PG_FUNCTION_INFO_V1(sql_agent_upload_append);
PG_FUNCTION_INFO_V1(sql_agent_upload_cancel);
PG_FUNCTION_INFO_V1(sql_agent_upload_expire);

static Datum
name_datum(const char *name)
{
	return DirectFunctionCall1(namein, CStringGetDatum(name));
}

/* ---- the row of an upload ---- */

static Datum
column(int number, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, number, isnull);
}

static char *
text_column(int number)
{
	return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, number);
}

static void
read_row(StoredUpload *stored)
{
	bool isnull;
	Datum value;

	stored->file_name = text_column(1);
	stored->uploaded_by = text_column(2);
	stored->tenant = text_column(3);
	stored->options = DatumGetJsonbPCopy(column(4, &isnull));
	value = column(5, &isnull);
	stored->bytes = isnull ? -1 : DatumGetInt64(value);
	stored->sha256 = text_column(6);
	stored->finished = DatumGetBool(column(7, &isnull));
	stored->path = text_column(8);
	value = column(9, &isnull);
	stored->has_task = !isnull;
	if (!isnull)
		stored->task = *DatumGetUUIDP(value);
}

/* NULL where there is none */
static StoredUpload *
find_row(const pg_uuid_t *id, StoredLock lock)
{
	StoredUpload *stored = palloc0(sizeof(StoredUpload));
	MemoryContext context = CurrentMemoryContext;
	Oid types[] = {UUIDOID};
	Datum values[] = {UUIDPGetDatum(id)};
	OwnerScope scope;
	bool found;
	static const char *const locks[] = {"", "FOR KEY SHARE", "FOR UPDATE"};
	char *query = psprintf("SELECT file_name, uploaded_by, tenant, options, bytes, sha256, "
						   "finished_at IS NOT NULL, path, task FROM sql_agent.upload_file "
						   "WHERE id OPERATOR(pg_catalog.=) $1 %s",
						   locks[lock]);

	stored->id = *id;
	owner_scope_enter(&scope);
	if (SPI_execute_with_args(query, lengthof(types), types, values, NULL, false, 1) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not read an upload");
	found = SPI_processed == 1;
	if (found)
	{
		MemoryContext spi = MemoryContextSwitchTo(context);

		read_row(stored);
		MemoryContextSwitchTo(spi);
	}
	owner_scope_leave(&scope);
	return found ? stored : NULL;
}

/* whether it exists is not told to those who may not see it */
static void
pg_attribute_noreturn() no_such_upload(const pg_uuid_t *id)
{
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
					errmsg("upload \"%s\" does not exist",
						   DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)))),
					errhint("The view sql_agent.upload_files lists yours.")));
}

/* does the tenant of the upload still have its uploader? */
static bool
is_of_tenant(const char *tenant)
{
	const TenantIdentity *identity = tenant_identity(GetUserId());

	if (tenant == NULL || identity_is_operator())
		return true;
	return identity->state == TENANT_ONE && strcmp(identity->name, tenant) == 0;
}

StoredUpload *
upload_find_stored(const pg_uuid_t *id, StoredLock lock)
{
	StoredUpload *stored;

	identity_require_clear(GetUserId());
	stored = find_row(id, lock);
	if (stored == NULL || strcmp(stored->uploaded_by, GetUserNameFromId(GetUserId(), false)) != 0 ||
		!is_of_tenant(stored->tenant))
		no_such_upload(id);
	return stored;
}

void
upload_delete_stored(const pg_uuid_t *id)
{
	Oid types[] = {UUIDOID};
	Datum values[] = {UUIDPGetDatum(id)};
	OwnerScope scope;

	owner_scope_enter(&scope);
	if (SPI_execute_with_args("DELETE FROM sql_agent.upload_file "
							  "WHERE id OPERATOR(pg_catalog.=) $1",
							  lengthof(types), types, values, NULL, false, 0) != SPI_OK_DELETE)
		elog(ERROR, "could not delete the parts of an upload");
	owner_scope_leave(&scope);
}

/* ---- begin ---- */

pg_uuid_t
upload_store(const char *file_name, Jsonb *json, int64 bytes, const char *sha256,
			 const UploadTarget *target, const char *path)
{
	Oid types[] = {TEXTOID, NAMEOID, NAMEOID, JSONBOID, INT8OID, TEXTOID, TEXTOID};
	Datum values[7];
	char nulls[] = "       ";
	pg_uuid_t id;
	OwnerScope scope;
	bool isnull;

	values[0] = CStringGetTextDatum(file_name);
	values[1] = name_datum(GetUserNameFromId(GetUserId(), false));
	nulls[2] = target->tenant != NULL ? ' ' : 'n';
	values[2] = target->tenant != NULL ? name_datum(target->tenant) : (Datum) 0;
	values[3] = JsonbPGetDatum(json);
	nulls[4] = bytes >= 0 ? ' ' : 'n';
	values[4] = Int64GetDatum(bytes);
	nulls[5] = sha256 != NULL ? ' ' : 'n';
	values[5] = sha256 != NULL ? CStringGetTextDatum(sha256) : (Datum) 0;
	nulls[6] = path != NULL ? ' ' : 'n';
	values[6] = path != NULL ? CStringGetTextDatum(path) : (Datum) 0;

	owner_scope_enter(&scope);
	if (SPI_execute_with_args("INSERT INTO sql_agent.upload_file (file_name, uploaded_by, tenant, "
							  "options, bytes, sha256, path) VALUES ($1, $2, $3, $4, $5, $6, $7) "
							  "RETURNING id",
							  lengthof(types), types, values, nulls, false,
							  0) != SPI_OK_INSERT_RETURNING ||
		SPI_processed != 1)
		elog(ERROR, "could not begin an upload");
	id = *DatumGetUUIDP(column(1, &isnull));
	owner_scope_leave(&scope);
	return id;
}

/*
 * upload_begin(file_name text, options jsonb)
 *
 * Whatever can be known to fail fails here, before anything is sent.
 */
Datum
sql_agent_upload_begin(PG_FUNCTION_ARGS)
{
	char *file_name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Jsonb *json = PG_GETARG_JSONB_P(1);
	UploadOptions *options = upload_options_read(json);
	UploadTarget *target = upload_target(options, NULL);
	pg_uuid_t *id = palloc(sizeof(pg_uuid_t));

	upload_file_name(file_name);
	PreventCommandIfReadOnly("upload_begin()");
	if (options->bytes >= 0)
		upload_check_size(options->bytes);
	upload_check_quota(target->tenant, Max(options->bytes, 0), NULL);
	*id = upload_store(file_name, json, options->bytes, options->sha256, target, NULL);
	return UUIDPGetDatum(id);
}

/* ---- append ---- */

static void
check_part(const StoredUpload *stored, int part, Size length)
{
	if (part < 1 || part > MAX_PART_NUMBER)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("invalid number of a part: %d", part),
						errdetail("Parts have numbers from 1 to %d.", MAX_PART_NUMBER)));
	if (length > MAX_PART_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("part %d is too large", part),
				 errdetail("It has %zu bytes; a part has at most %d.", length, MAX_PART_SIZE),
				 errhint("Send parts of 8 MB.")));
	if (stored->finished || stored->has_task)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("upload of \"%s\" is finished", stored->file_name),
						errhint("Begin another one with upload_begin().")));
}

/*
 * Stores the part unless it is there; returns the bytes of all, *same: are its
 * bytes these?  The content is named once: the planner copies a parameter wherever
 * it is.
 */
static int64
store_part(const pg_uuid_t *id, int part, Datum content, bool *same)
{
	static const char insert[] =
		"INSERT INTO sql_agent.upload_part (upload, part, bytes, sha256, content) "
		"VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
	static const char look[] =
		"SELECT (SELECT pg_catalog.sum(p.bytes) FROM sql_agent.upload_part p "
		"         WHERE p.upload OPERATOR(pg_catalog.=) $1)::bigint, "
		"       EXISTS (SELECT FROM sql_agent.upload_part p "
		"                WHERE p.upload OPERATOR(pg_catalog.=) $1 "
		"                  AND p.part OPERATOR(pg_catalog.=) $2 "
		"                  AND p.bytes OPERATOR(pg_catalog.=) $3 "
		"                  AND p.sha256 OPERATOR(pg_catalog.=) $4)";
	Oid types[] = {UUIDOID, INT4OID, INT4OID, TEXTOID, BYTEAOID};
	Source *source = source_of_bytea(content);
	Datum values[] = {UUIDPGetDatum(id), Int32GetDatum(part), Int32GetDatum((int32) source->size),
					  CStringGetTextDatum(upload_digest(source)), content};
	OwnerScope scope;
	bool isnull;
	int64 total;

	owner_scope_enter(&scope);
	if (SPI_execute_with_args(insert, lengthof(types), types, values, NULL, false, 0) !=
		SPI_OK_INSERT)
		elog(ERROR, "could not store a part");
	if (SPI_execute_with_args(look, lengthof(types) - 1, types, values, NULL, false, 0) !=
			SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "could not read the parts of an upload");
	total = DatumGetInt64(column(1, &isnull));
	*same = DatumGetBool(column(2, &isnull));
	owner_scope_leave(&scope);
	return total;
}

/*
 * upload_append(upload uuid, part int, content bytea)
 */
Datum
sql_agent_upload_append(PG_FUNCTION_ARGS)
{
	const pg_uuid_t *id = PG_GETARG_UUID_P(0);
	int part = PG_GETARG_INT32(1);
	Datum content = PG_GETARG_DATUM(2);
	StoredUpload *stored = upload_find_stored(id, STORED_KEY_SHARE);
	int64 total;
	bool same;

	check_part(stored, part, toast_raw_datum_size(content) - VARHDRSZ);
	total = store_part(id, part, content, &same);
	if (!same)
		ereport(ERROR, (errcode(ERRCODE_UNIQUE_VIOLATION),
						errmsg("part %d of \"%s\" is there already, with other bytes", part,
							   stored->file_name),
						errhint("Has the file changed? Give it up with upload_cancel() and begin "
								"again.")));
	if (stored->bytes >= 0 && total > stored->bytes)
		ereport(ERROR,
				(errcode(ERRCODE_AGENT_FILE_INVALID),
				 errmsg("upload of \"%s\" gets more bytes than were announced", stored->file_name),
				 errdetail("With part %d it has %lld of %lld.", part, (long long) total,
						   (long long) stored->bytes)));
	upload_check_size(total);
	upload_check_quota(stored->tenant, total, id);
	PG_RETURN_VOID();
}

void
upload_store_content(const pg_uuid_t *id, const Source *source)
{
	struct varlena *content = palloc(STORED_PART_SIZE + VARHDRSZ);
	int64 at = 0;
	int64 n = 0;
	bool same;

	for (int part = 1; at < source->size; part++, at += n)
	{
		CHECK_FOR_INTERRUPTS();
		n = source_read(source, at, VARDATA(content), STORED_PART_SIZE);
		if (n <= 0)
			source_raise(source);
		SET_VARSIZE(content, n + VARHDRSZ);
		(void) store_part(id, part, PointerGetDatum(content), &same);
	}
	pfree(content);
}

void
upload_set_task(const pg_uuid_t *id, const pg_uuid_t *task)
{
	Oid types[] = {UUIDOID, UUIDOID};
	Datum values[] = {UUIDPGetDatum(id), UUIDPGetDatum(task)};
	OwnerScope scope;

	owner_scope_enter(&scope);
	if (SPI_execute_with_args("UPDATE sql_agent.upload_file SET task = $2 "
							  "WHERE id OPERATOR(pg_catalog.=) $1",
							  lengthof(types), types, values, task == NULL ? " n" : NULL, false,
							  0) != SPI_OK_UPDATE)
		elog(ERROR, "could not note the task of an upload");
	owner_scope_leave(&scope);
}

/* ---- giving up ---- */

/*
 * The upload of that id, or what the task of that id works on.
 */
static pg_uuid_t
id_of_task(const pg_uuid_t *task)
{
	Oid types[] = {UUIDOID};
	Datum values[] = {UUIDPGetDatum(task)};
	pg_uuid_t id = *task;
	OwnerScope scope;
	bool isnull;

	owner_scope_enter(&scope);
	if (SPI_execute_with_args("SELECT id FROM sql_agent.upload_file "
							  "WHERE task OPERATOR(pg_catalog.=) $1",
							  lengthof(types), types, values, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read an upload");
	if (SPI_processed == 1)
		id = *DatumGetUUIDP(column(1, &isnull));
	owner_scope_leave(&scope);
	return id;
}

/*
 * A worker holds the row while it loads, so it is told to stop before we wait for
 * the row.  When it was done sooner, what it did is no more for us to give up.
 */
bool
upload_give_up(const pg_uuid_t *number)
{
	pg_uuid_t id = id_of_task(number);
	StoredUpload *stored = find_row(&id, STORED_LOOK);

	if (stored == NULL || !upload_may_drop(stored->uploaded_by, stored->tenant))
		return false;
	if (stored->has_task && task_is_live(&stored->task))
		(void) task_cancel(&stored->task);
	stored = find_row(&id, STORED_ALONE);
	if (stored == NULL || (memcmp(&id, number, sizeof(id)) != 0 && !stored->has_task))
		return false;
	if (stored->finished && memcmp(&id, number, sizeof(id)) != 0)
		upload_set_task(&id, NULL);
	else
		upload_delete_stored(&id);
	return true;
}

/*
 * upload_cancel(upload uuid)
 */
Datum
sql_agent_upload_cancel(PG_FUNCTION_ARGS)
{
	const pg_uuid_t *id = PG_GETARG_UUID_P(0);

	PreventCommandIfReadOnly("upload_cancel()");
	if (!upload_give_up(id))
		no_such_upload(id);
	PG_RETURN_VOID();
}

/*
 * upload_expire()
 *
 * An upload that somebody is adding to, or finishing, is left alone; so is one that
 * waits for a worker.
 */
Datum
sql_agent_upload_expire(PG_FUNCTION_ARGS)
{
	static const char query[] =
		"DELETE FROM sql_agent.upload_file d WHERE d.id OPERATOR(pg_catalog.=) ANY (ARRAY("
		"SELECT f.id FROM sql_agent.upload_file f "
		" WHERE f.finished_at IS NULL AND f.begun_at OPERATOR(pg_catalog.<) $1 "
		"   AND NOT EXISTS (SELECT FROM sql_agent.upload_part p "
		"                    WHERE p.upload OPERATOR(pg_catalog.=) f.id "
		"                      AND p.received_at OPERATOR(pg_catalog.>=) $1) "
		"   AND NOT EXISTS (SELECT FROM sql_agent.task t "
		"                    WHERE t.id OPERATOR(pg_catalog.=) f.task "
		"                      AND t.status IN ('PENDING', 'PROCESSING')) "
		"   FOR UPDATE SKIP LOCKED))";
	Oid types[] = {TIMESTAMPTZOID};
	Datum values[1];
	OwnerScope scope;
	int64 expired;

	if (setting_upload_retention == 0)
		PG_RETURN_INT64(0);
	values[0] = TimestampTzGetDatum(GetCurrentTimestamp() -
									(int64) setting_upload_retention * USECS_PER_SEC);
	owner_scope_enter(&scope);
	if (SPI_execute_with_args(query, lengthof(types), types, values, NULL, false, 0) !=
		SPI_OK_DELETE)
		elog(ERROR, "could not delete uploads that were left unfinished");
	expired = (int64) SPI_processed;
	owner_scope_leave(&scope);
	PG_RETURN_INT64(expired);
}
