/*-------------------------------------------------------------------------
 *
 * upload_background.c
 *		Files that workers make tables of: task kind "upload".
 *
 * The bytes are stored as the parts of an upload, in the transaction that enqueues
 * the task.  The worker finishes it as upload_finish() does, as the uploader, in one
 * transaction: what a crash cuts off is done again, and what fails leaves the bytes
 * for another try.
 *
 * What can be known without reading all of the file is told to the uploader at
 * once: options, rights, limits, a content that is no table's.
 *
 * An upload and its task have one id, but where parts that were kept are read once
 * more: that is another upload.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xlog.h"
#include "common/json.h"
#include "common/settings.h"
#include "ingest/shown.h"
#include "ingest/upload.h"
#include "miscadmin.h"
#include "task/task.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#define UPLOAD_KIND     "upload"
#define UPLOAD_TIMEOUT  (6 * 3600) /* s */
#define UPLOAD_ATTEMPTS 3

bool
upload_in_background(void)
{
	const char *why;
	const char *hint;

	if (!setting_background_uploads)
		return false;
	if (task_workers_available(&why, &hint))
		return true;
	ereport(NOTICE, (errmsg("the file is loaded by this session"), errdetail("%s", why),
					 errhint("SET sql_agent.background_uploads = off; says that you want it so.")));
	return false;
}

/* ---- the payload ---- */

static char *
uuid_text(const pg_uuid_t *id)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)));
}

/*
 * The file's name is for people.  The schema is what the uploader's search path gave.
 */
static Jsonb *
make_payload(const pg_uuid_t *id, const char *file_name, const UploadTarget *target, Jsonb *changes)
{
	JsonBuilder json;

	json_start(&json);
	json_begin_object(&json, NULL);
	json_string(&json, "upload", uuid_text(id));
	json_string(&json, "file_name", file_name);
	json_string(&json, "schema", target->schema);
	if (changes != NULL)
		json_jsonb(&json, "options", changes);
	json_end_object(&json);
	return json_finish(&json);
}

/* ---- handing over ---- */

/* what needs no look at all of the file */
static void
check_at_once(Source *source, const UploadOptions *options, const UploadTarget *target,
			  const pg_uuid_t *stored)
{
	upload_check_size(source->size);
	upload_check_quota(target->tenant, source->size, stored);
	sheet_reader_close(sheet_reader_open(source, &options->csv));
}

static pg_uuid_t
enqueue(const pg_uuid_t *upload, const pg_uuid_t *id, const char *file_name,
		const UploadTarget *target, Jsonb *changes)
{
	TaskRequest request = {.kind = UPLOAD_KIND, .tenant = target->tenant, .id = id};
	pg_uuid_t task;

	request.payload = make_payload(upload, file_name, target, changes);
	task = task_enqueue(&request);
	upload_set_task(upload, &task);
	return task;
}

pg_uuid_t
upload_hand_over(const char *file_name, Source *source, Jsonb *json, const UploadOptions *options,
				 const char *path)
{
	UploadTarget *target = upload_target(options, NULL);
	const char *name = upload_server_text(file_name);
	pg_uuid_t id;

	check_at_once(source, options, target, NULL);
	if (options->sha256 != NULL || options->bytes >= 0)
		(void) upload_check_content(source, options);
	id = upload_store(name, json, path != NULL ? -1 : source->size, options->sha256, target, path);
	if (path == NULL)
		upload_store_content(&id, source);
	return enqueue(&id, &id, name, target, NULL);
}

pg_uuid_t
upload_hand_over_stored(const pg_uuid_t *id, Jsonb *changes)
{
	ReadyUpload *ready = upload_ready(id, changes, NULL);

	/* it may have changed while we waited for the row */
	upload_require_idle(id);
	check_at_once(ready->source, ready->options, ready->target, id);
	source_close(ready->source);
	if (!ready->stored->finished)
		task_forget_failed(id);
	return enqueue(id, ready->stored->finished ? NULL : id, ready->stored->file_name, ready->target,
				   changes);
}

void
upload_require_idle(const pg_uuid_t *id)
{
	StoredUpload *stored = upload_find_stored(id, STORED_LOOK);

	if (stored->has_task && task_is_live(&stored->task))
		ereport(
			ERROR,
			(errcode(ERRCODE_OBJECT_IN_USE),
			 errmsg("\"%s\" is being loaded already", stored->file_name),
			 errhint("Wait for it with sql_agent.task_wait('%s'), or stop it with task_cancel().",
					 uuid_text(&stored->task))));
}

/* ---- in the worker ---- */

static void
report_progress(const UploadProgress *progress, void *arg)
{
	const char *stage = progress_stage_name(progress->stage);
	bool of_sheet = progress->stage >= UPLOAD_READING && progress->stage <= UPLOAD_INDEXING;
	const char *sheet =
		of_sheet && progress->sheet != NULL ? psprintf(" sheet %s", shown(progress->sheet)) : "";

	if (progress->rows > 0)
		task_report_progress(progress->percent, "%s%s: %lld rows", stage, sheet,
							 (long long) progress->rows);
	else
		task_report_progress(progress->percent, "%s%s", stage, sheet);
}

static char *
payload_text(Jsonb *payload, const char *key)
{
	JsonbValue *value = json_member(&payload->root, key);

	if (value == NULL || value->type != jbvString)
		elog(ERROR, "member \"%s\" of the payload of an upload is missing", key);
	return json_value_text(value);
}

static Jsonb *
run_task(TaskRun *run)
{
	JsonbValue *changes = json_member(&run->payload->root, "options");
	pg_uuid_t *id = DatumGetUUIDP(
		DirectFunctionCall1(uuid_in, CStringGetDatum(payload_text(run->payload, "upload"))));
	ReadyUpload *ready = upload_ready(id, changes != NULL ? JsonbValueToJsonb(changes) : NULL,
									  payload_text(run->payload, "schema"));
	Jsonb *report = upload_run_ready(ready, &run->id, report_progress, NULL).report;
	const char *rows = json_value_text(json_member(&report->root, "total_rows"));

	task_report_progress(100, "%s %s", rows, strcmp(rows, "1") == 0 ? "row" : "rows");
	return report;
}

static const TaskKind upload_kind = {.name = UPLOAD_KIND,
									 .queue = QUEUE_FILES,
									 .timeout = UPLOAD_TIMEOUT,
									 .max_attempts = UPLOAD_ATTEMPTS,
									 .effect = TASK_TRANSACTIONAL,
									 .run = run_task};

void
upload_background_init(void)
{
	task_register_kind(&upload_kind);
}
