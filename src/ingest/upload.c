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

#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/errors.h"
#include "common/owner.h"
#include "common/sha2.h"
#include "ingest/upload.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/uuid.h"

#define MAX_FILE_NAME 255
#define DIGEST_BLOCK  65536

PG_FUNCTION_INFO_V1(sql_agent_upload_sheet);
PG_FUNCTION_INFO_V1(sql_agent_upload_sheets);
PG_FUNCTION_INFO_V1(sql_agent_upload_server_file);
PG_FUNCTION_INFO_V1(sql_agent_upload_large_object);
PG_FUNCTION_INFO_V1(sql_agent_upload_preview);

char *
upload_file_name(char *name)
{
	if (*name == '\0' || strlen(name) > MAX_FILE_NAME)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("bad file name"),
						errdetail("A file name has 1 to %d bytes.", MAX_FILE_NAME)));
	return upload_utf8(name);
}

/*
 * The digest's own memory belongs
 * to the resource owner where a library does the work, else to the context.
 */
char *
upload_digest(const Source *source)
{
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
	uint8 digest[PG_SHA256_DIGEST_LENGTH];
	char *block = palloc(DIGEST_BLOCK);
	char *result = palloc(2 * PG_SHA256_DIGEST_LENGTH + 1);
	int64 at = 0;
	int64 n;

	if (context == NULL || pg_cryptohash_init(context) < 0)
		elog(ERROR, "could not compute a digest");
	while ((n = source_read(source, at, block, DIGEST_BLOCK)) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (pg_cryptohash_update(context, (uint8 *) block, n) < 0)
			elog(ERROR, "could not compute a digest");
		at += n;
		progress_fraction((double) at / (double) source->size);
	}
	if (n < 0)
		source_raise(source);
	if (pg_cryptohash_final(context, digest, sizeof(digest)) < 0)
		elog(ERROR, "could not compute a digest");
	pg_cryptohash_free(context);
	pfree(block);
	for (int i = 0; i < PG_SHA256_DIGEST_LENGTH; i++)
		snprintf(result + 2 * i, 3, "%02x", digest[i]);
	return result;
}

static Datum
name_datum(const char *name)
{
	return DirectFunctionCall1(namein, CStringGetDatum(name));
}

/* the content is what its sender says that it is */
char *
upload_check_content(const Source *source, const UploadOptions *options)
{
	char *digest = upload_digest(source);

	if (options->bytes >= 0 && source->size != options->bytes)
		ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_INVALID), errmsg("file is not whole"),
						errdetail("It has %lld bytes where %lld were announced.",
								  (long long) source->size, (long long) options->bytes),
						errhint("Upload it again.")));
	if (options->sha256 != NULL && strcmp(options->sha256, digest) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_AGENT_FILE_INVALID), errmsg("file has another checksum"),
				 errdetail("Its SHA-256 is %s where %s was announced.", digest, options->sha256),
				 errhint("Upload it again.")));
	return digest;
}

static pg_uuid_t
record_upload(const char *file_name, const Source *source, const char *digest,
			  const UploadTarget *target, const List *tables, Jsonb *report,
			  const pg_uuid_t *wanted)
{
	static const char insert[] =
		"INSERT INTO sql_agent.upload (file_name, bytes, sha256, uploaded_by, tenant, schema_name, "
		"owner_name, table_names, result, stored_bytes, id) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $2, "
		"CASE WHEN $10 IS NULL OR EXISTS (SELECT FROM sql_agent.upload u "
		"                                  WHERE u.id OPERATOR(pg_catalog.=) $10) "
		"     THEN pg_catalog.gen_random_uuid() ELSE $10 END) RETURNING id";
	Oid types[] = {TEXTOID, INT8OID, TEXTOID,      NAMEOID,  NAMEOID,
				   NAMEOID, NAMEOID, TEXTARRAYOID, JSONBOID, UUIDOID};
	Datum values[10];
	char nulls[] = "          ";
	Datum *names = palloc(Max(list_length(tables), 1) * sizeof(Datum));
	OwnerScope scope;
	pg_uuid_t id;
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
	values[2] = CStringGetTextDatum(digest);
	values[3] = name_datum(GetUserNameFromId(GetUserId(), false));
	nulls[4] = target->tenant != NULL ? ' ' : 'n';
	values[4] = target->tenant != NULL ? name_datum(target->tenant) : (Datum) 0;
	values[5] = name_datum(target->schema);
	values[6] = name_datum(GetUserNameFromId(target->owner, false));
	values[7] = PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT));
	values[8] = JsonbPGetDatum(report);
	nulls[9] = wanted != NULL ? ' ' : 'n';
	values[9] = UUIDPGetDatum(wanted);

	owner_scope_enter(&scope);
	if (SPI_execute_with_args(insert, lengthof(types), types, values, nulls, false, 0) !=
			SPI_OK_INSERT_RETURNING ||
		SPI_processed != 1)
		elog(ERROR, "could not record the upload");
	id = *DatumGetUUIDP(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	upload_forget_space(&id, values[5], values[7]);
	owner_scope_leave(&scope);
	return id;
}

static UploadDone
load_and_record(const char *file_name, Source *source, const UploadOptions *options,
				const UploadTarget *target, const pg_uuid_t *stored, const pg_uuid_t *id)
{
	instr_time start;
	instr_time duration;
	List *tables;
	UploadDone done;
	char *digest;

	INSTR_TIME_SET_CURRENT(start);
	PreventCommandIfReadOnly("upload_sheet()");
	upload_check_size(source->size);
	/* what a file replaces is known when it is done */
	if (options->mode != UPLOAD_REPLACE)
		upload_check_quota(target->tenant, source->size, stored);
	progress_size(source->size);
	progress_stage(UPLOAD_CHECKING, NULL);
	digest = upload_check_content(source, options);
	tables = upload_load(file_name, source, options, target);
	INSTR_TIME_SET_CURRENT(duration);
	INSTR_TIME_SUBTRACT(duration, start);
	done.report = upload_report(tables, target, INSTR_TIME_GET_DOUBLE(duration));
	done.id = record_upload(file_name, source, digest, target, tables, done.report, id);
	upload_check_quota(target->tenant, 0, stored);
	return done;
}

/* it may run in a trigger of a table that another upload appends to */
UploadDone
upload_run(const char *file_name, Source *source, const UploadOptions *options,
		   const UploadTarget *target, const pg_uuid_t *stored, const pg_uuid_t *id,
		   UploadProgressReport report, void *arg)
{
	ProgressState *outer = progress_begin(report, arg);
	UploadDone *done = palloc(sizeof(UploadDone));

	PG_TRY();
	{
		*done = load_and_record(file_name, source, options, target, stored, id);
	}
	PG_FINALLY();
	{
		progress_end(outer);
	}
	PG_END_TRY();
	return *done;
}

/* a file that is here as a whole: there are no parts to keep.  path: or NULL */
static Datum
upload_whole(const char *file_name, Source *source, Jsonb *json, const char *path)
{
	UploadOptions *options = upload_options_read(json);
	pg_uuid_t *id = palloc(sizeof(pg_uuid_t));

	if (options->keep)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"keep\" is for uploads in parts"),
						errhint("Use upload_begin().")));
	PreventCommandIfReadOnly("upload_sheet()");
	if (upload_in_background())
		*id = upload_hand_over(file_name, source, json, options, path);
	else
		*id = upload_run(file_name, source, options, upload_target(options, NULL), NULL, NULL,
						 progress_to_client, NULL)
				  .id;
	source_close(source);
	return UUIDPGetDatum(id);
}

/*
 * upload_sheet(file_name text, content bytea, options jsonb)
 */
Datum
sql_agent_upload_sheet(PG_FUNCTION_ARGS)
{
	char *file_name = upload_file_name(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	Source *source = source_of_bytea(PG_GETARG_DATUM(1));

	return upload_whole(file_name, source, PG_GETARG_JSONB_P(2), NULL);
}

static Datum *
array_elements(ArrayType *array, Oid type, int *count)
{
	Datum *elements;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
						errmsg("arrays of files must have one dimension")));
	if (array_contains_nulls(array))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("a file name or content is null")));
	deconstruct_array(array, type, -1, false, TYPALIGN_INT, &elements, NULL, count);
	return elements;
}

/*
 * upload_sheets(file_names text[], contents bytea[], options jsonb)
 *
 * Each as upload_sheet() does it; an error in one undoes all, as the statement
 * ends with it.  In the background each is a task of its own.
 */
Datum
sql_agent_upload_sheets(PG_FUNCTION_ARGS)
{
	int nnames;
	int ncontents;
	Datum *names = array_elements(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, &nnames);
	Datum *contents = array_elements(PG_GETARG_ARRAYTYPE_P(1), BYTEAOID, &ncontents);
	UploadOptions *options = upload_options_read(PG_GETARG_JSONB_P(2));
	Datum *ids = palloc(Max(nnames, 1) * sizeof(Datum));

	if (nnames != ncontents)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there are %d file names and %d contents", nnames, ncontents)));
	if (nnames > 1 && (options->table != NULL || options->sha256 != NULL || options->bytes >= 0))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("options \"table\", \"bytes\" and \"sha256\" are for one file"),
						errdetail("There are %d files.", nnames)));
	for (int i = 0; i < nnames; i++)
	{
		char *file_name = upload_file_name(TextDatumGetCString(names[i]));

		ids[i] = upload_whole(file_name, source_of_bytea(contents[i]), PG_GETARG_JSONB_P(2), NULL);
	}
	PG_RETURN_ARRAYTYPE_P(
		construct_array(ids, nnames, UUIDOID, sizeof(pg_uuid_t), false, TYPALIGN_CHAR));
}

void
upload_require_server_files(void)
{
	if (!has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to read a file of the server"),
						errdetail("Only members of pg_read_server_files may do so."),
						errhint("Upload its bytes with upload_sheet().")));
}

/*
 * upload_server_file(path text, options jsonb)
 */
Datum
sql_agent_upload_server_file(PG_FUNCTION_ARGS)
{
	char *path = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char *slash = strrchr(path, '/');
	Source *source;

	upload_require_server_files();
	source = source_of_file(path);
	return upload_whole(upload_file_name(pstrdup(slash != NULL ? slash + 1 : path)), source,
						PG_GETARG_JSONB_P(1), path);
}

/*
 * upload_large_object(file_name text, content oid, options jsonb)
 */
Datum
sql_agent_upload_large_object(PG_FUNCTION_ARGS)
{
	char *file_name = upload_file_name(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	Source *source = source_of_large_object(PG_GETARG_DATUM(1));

	return upload_whole(file_name, source, PG_GETARG_JSONB_P(2), NULL);
}

/*
 * upload_preview(file_name text, content bytea, options jsonb)
 */
Datum
sql_agent_upload_preview(PG_FUNCTION_ARGS)
{
	Source *source = source_of_bytea(PG_GETARG_DATUM(1));
	UploadOptions *options = upload_options_read(PG_GETARG_JSONB_P(2));
	SheetReader *reader;
	Jsonb *report;

	upload_file_name(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	reader = sheet_reader_open(source, &options->csv);
	report = upload_preview_report(reader, options);
	sheet_reader_close(reader);
	PG_RETURN_JSONB_P(report);
}
