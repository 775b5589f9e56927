/*-------------------------------------------------------------------------
 *
 * upload.c
 *		SQL functions that turn files into tables.
 *
 * A member's tables go into the tenant's schema and belong to the tenant's owner
 * role; anyone else's go where CREATE TABLE would put them and belong to the
 * caller.  The record of the upload is written with the extension owner's rights:
 * it says who uploaded what, and is not for the uploader to change.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/owner.h"
#include "common/sha2.h"
#include "ingest/upload.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "storage/fd.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/uuid.h"

#define MAX_FILE_NAME 255

PG_FUNCTION_INFO_V1(sql_agent_upload_sheet);
PG_FUNCTION_INFO_V1(sql_agent_upload_server_file);
PG_FUNCTION_INFO_V1(sql_agent_upload_large_object);
PG_FUNCTION_INFO_V1(sql_agent_upload_preview);

static char *
file_name_argument(FunctionCallInfo fcinfo)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));

	if (*name == '\0' || strlen(name) > MAX_FILE_NAME)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("bad file name"),
						errdetail("A file name has 1 to %d bytes.", MAX_FILE_NAME)));
	return upload_utf8(name);
}

/* hexadecimal digits of the SHA-256 of the file */
static char *
file_digest(const Source *source)
{
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
	uint8 digest[PG_SHA256_DIGEST_LENGTH];
	char *block = palloc(65536);
	char *result = palloc(2 * PG_SHA256_DIGEST_LENGTH + 1);
	int64 at = 0;
	int64 n;

	if (context == NULL || pg_cryptohash_init(context) < 0)
		elog(ERROR, "could not compute a digest");
	while ((n = source_read(source, at, block, 65536)) > 0)
	{
		if (pg_cryptohash_update(context, (uint8 *) block, n) < 0)
			elog(ERROR, "could not compute a digest");
		at += n;
	}
	if (pg_cryptohash_final(context, digest, sizeof(digest)) < 0)
		elog(ERROR, "could not compute a digest");
	pg_cryptohash_free(context);
	for (int i = 0; i < PG_SHA256_DIGEST_LENGTH; i++)
		snprintf(result + 2 * i, 3, "%02x", digest[i]);
	return result;
}

static Datum
name_datum(const char *name)
{
	return DirectFunctionCall1(namein, CStringGetDatum(name));
}

static Datum
record_upload(const char *file_name, const Source *source, const UploadTarget *target,
			  const List *tables, Jsonb *report)
{
	static const char insert[] =
		"INSERT INTO sql_agent.upload (file_name, bytes, sha256, uploaded_by, tenant, schema_name, "
		"owner_name, table_names, result) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
	Oid types[] = {TEXTOID, INT8OID, TEXTOID,      NAMEOID, NAMEOID,
				   NAMEOID, NAMEOID, TEXTARRAYOID, JSONBOID};
	Datum values[9];
	char nulls[] = "         ";
	Datum *names = palloc(Max(list_length(tables), 1) * sizeof(Datum));
	OwnerScope scope;
	pg_uuid_t *id = palloc(sizeof(pg_uuid_t));
	bool isnull;
	ListCell *lc;
	int n = 0;

	/* those that upload_drop() may drop */
	foreach (lc, tables)
	{
		const UploadTable *table = lfirst(lc);

		if (table->created)
			names[n++] = CStringGetTextDatum(get_rel_name(table->relation));
	}
	values[0] = CStringGetTextDatum(upload_server_text(file_name));
	values[1] = Int64GetDatum(source->size);
	values[2] = CStringGetTextDatum(file_digest(source));
	values[3] = name_datum(GetUserNameFromId(GetUserId(), false));
	nulls[4] = target->tenant != NULL ? ' ' : 'n';
	values[4] = target->tenant != NULL ? name_datum(target->tenant) : (Datum) 0;
	values[5] = name_datum(target->schema);
	values[6] = name_datum(GetUserNameFromId(target->owner, false));
	values[7] = PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT));
	values[8] = JsonbPGetDatum(report);

	owner_scope_enter(&scope);
	if (SPI_execute_with_args(insert, lengthof(types), types, values, nulls, false, 0) !=
			SPI_OK_INSERT_RETURNING ||
		SPI_processed != 1)
		elog(ERROR, "could not record the upload");
	memcpy(id,
		   DatumGetUUIDP(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)),
		   sizeof(pg_uuid_t));
	owner_scope_leave(&scope);
	return UUIDPGetDatum(id);
}

static Datum
upload(const char *file_name, Source *source, Jsonb *json)
{
	UploadOptions *options = upload_options_read(json);
	UploadTarget *target = upload_target(options);
	instr_time start;
	instr_time duration;
	List *tables;
	Jsonb *report;

	INSTR_TIME_SET_CURRENT(start);
	PreventCommandIfReadOnly("upload_sheet()");
	upload_check_quota(target, source->size);
	tables = upload_load(file_name, source, options, target);
	INSTR_TIME_SET_CURRENT(duration);
	INSTR_TIME_SUBTRACT(duration, start);
	report = upload_report(tables, target, INSTR_TIME_GET_DOUBLE(duration));
	return record_upload(file_name, source, target, tables, report);
}

/*
 * upload_sheet(file_name text, content bytea, options jsonb)
 */
Datum
sql_agent_upload_sheet(PG_FUNCTION_ARGS)
{
	char *file_name = file_name_argument(fcinfo);
	bytea *content = PG_GETARG_BYTEA_PP(1);
	Source source = {.data = VARDATA_ANY(content), .size = VARSIZE_ANY_EXHDR(content)};

	return upload(file_name, &source, PG_GETARG_JSONB_P(2));
}

/*
 * upload_server_file(path text, options jsonb)
 */
Datum
sql_agent_upload_server_file(PG_FUNCTION_ARGS)
{
	char *path = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char *slash = strrchr(path, '/');
	Source source = {.data = NULL};
	struct stat status;
	Datum result;

	if (!has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to read a file of the server"),
						errdetail("Only members of pg_read_server_files may do so."),
						errhint("Upload its bytes with upload_sheet().")));
	source.fd = OpenTransientFile(path, O_RDONLY | PG_BINARY);
	if (source.fd < 0 || fstat(source.fd, &status) < 0)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not open file \"%s\": %m", path)));
	if (!S_ISREG(status.st_mode))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not a regular file", path)));
	source.size = status.st_size;
	result = upload(upload_utf8(slash != NULL ? slash + 1 : path), &source, PG_GETARG_JSONB_P(1));
	CloseTransientFile(source.fd);
	return result;
}

/*
 * upload_large_object(file_name text, content oid, options jsonb)
 */
Datum
sql_agent_upload_large_object(PG_FUNCTION_ARGS)
{
	char *file_name = file_name_argument(fcinfo);
	bytea *content = DatumGetByteaPP(DirectFunctionCall1(be_lo_get, PG_GETARG_DATUM(1)));
	Source source = {.data = VARDATA_ANY(content), .size = VARSIZE_ANY_EXHDR(content)};

	return upload(file_name, &source, PG_GETARG_JSONB_P(2));
}

/*
 * upload_preview(file_name text, content bytea, options jsonb)
 */
Datum
sql_agent_upload_preview(PG_FUNCTION_ARGS)
{
	bytea *content = PG_GETARG_BYTEA_PP(1);
	Source source = {.data = VARDATA_ANY(content), .size = VARSIZE_ANY_EXHDR(content)};
	UploadOptions *options = upload_options_read(PG_GETARG_JSONB_P(2));
	SheetReader *reader;
	Jsonb *report;

	file_name_argument(fcinfo);
	reader = sheet_reader_open(&source, &options->csv);
	report = upload_preview_report(reader, options);
	sheet_reader_close(reader);
	PG_RETURN_JSONB_P(report);
}
