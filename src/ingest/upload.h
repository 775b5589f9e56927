/*-------------------------------------------------------------------------
 *
 * upload.h
 *		An upload: what was asked for, where it goes, what came of it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_UPLOAD_H
#define SQL_AGENT_UPLOAD_H

#include "ingest/infer.h"
#include "ingest/progress.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

typedef enum UploadMode
{
	UPLOAD_CREATE, /* a table of a free name */
	UPLOAD_REPLACE,
	UPLOAD_APPEND,
	UPLOAD_UPSERT /* rows whose key exists are updated, the others appended */
} UploadMode;

#define UPLOAD_DIGEST_DIGITS 64 /* SHA-256 in hexadecimal */

typedef struct UploadOptions
{
	char *table;  /* for a file of one sheet; NULL = named after sheet or file */
	char *prefix; /* of all table names */
	UploadMode mode;
	List *sheets;      /* char *, NIL = all that are not hidden */
	bool hidden;       /* hidden sheets, too */
	bool strict;       /* any warning fails */
	bool keys;         /* create primary keys that are proven */
	List *key;         /* char *: columns of the key, NIL = found out */
	bool foreign_keys; /* relationships become constraints where they hold */
	char *tenant;      /* operators only; in the encoding of the server */
	int64 bytes;       /* that the content must have, -1 = any */
	char *sha256;      /* of the content, NULL = any */
	bool keep;         /* parts are not deleted once they are tables */
	CsvOptions csv;
	SheetOptions sheet;
} UploadOptions;

/*
 * Texts are UTF-8 from here on: those of the caller are taken from the server's
 * encoding, those for the server are given back to it.
 */
extern char *upload_utf8(char *text);
extern char *upload_server_text(const char *utf8);

/* raises for an unknown option or a bad value; in the current context */
extern UploadOptions *upload_options_read(Jsonb *options);

/* where the tables go, and whose they are */
typedef struct UploadTarget
{
	char *schema;
	Oid schema_oid;
	Oid owner;
	char *tenant; /* or NULL */
} UploadTarget;

/*
 * Tables of nobody's tenant go into the schema; NULL = the first of the search path
 * that they may go into.  upload_target.c
 */
extern UploadTarget *upload_target(const UploadOptions *options, const char *schema);
/*
 * Raises where the tenant's limit does not leave that much beside what it stores,
 * the parts of one upload left out; a tenant of NULL has none.
 */
extern void upload_check_quota(const char *tenant, int64 bytes, const pg_uuid_t *except);
/* raises beyond sql_agent.max_upload_size */
extern void upload_check_size(int64 bytes);

/*
 * An operator, the uploader, an administrator of the tenant.  Whoever left the
 * tenant has lost what was uploaded for it.  upload_drop.c
 */
extern bool upload_may_drop(const char *uploaded_by, const char *tenant);
/* files whose tables these took the place of; owner's rights needed */
extern void upload_forget_space(const pg_uuid_t *id, Datum schema, Datum tables);

/* columns that look like a key: created as one, or why not */
typedef struct KeyProposal
{
	List *columns; /* char * */
	bool created;
	bool unique;
	char *reason; /* or NULL */
} KeyProposal;

/* rows of one table hold the key of another's */
typedef struct UploadRelationship
{
	Oid from;
	Oid to;
	char *table;
	List *columns; /* char * */
	char *references_table;
	List *references_columns;
	int64 matched; /* rows whose key is there */
	int64 unmatched;
	bool created; /* as a foreign key */
} UploadRelationship;

/* one table that an upload made */
typedef struct UploadTable
{
	SheetLayout *layout;
	char *name;
	Oid relation;
	bool created;
	int64 rows;
	int64 left_out; /* rows of the file that its triggers or rules did not take */
	bool upserted;
	int64 inserted; /* where rows were upserted */
	int64 updated;
	List *keys;          /* char *: columns of the primary key */
	List *proposals;     /* KeyProposal * */
	List *relationships; /* UploadRelationship * */
} UploadTable;

/* what came of an upload, as the view uploads has it */
typedef struct UploadDone
{
	pg_uuid_t id;
	Jsonb *report;
} UploadDone;

/*
 * Reads the file into tables and records it, under the id where that is given and
 * free.  `stored` is the upload whose parts the file is, or NULL.  Progress goes to
 * `report` (or NULL) once a second.  upload.c
 */
extern UploadDone upload_run(const char *file_name, Source *source, const UploadOptions *options,
							 const UploadTarget *target, const pg_uuid_t *stored,
							 const pg_uuid_t *id, UploadProgressReport report, void *arg);
/* raises where the content is not what the options say of it; returns its SHA-256 */
extern char *upload_check_content(const Source *source, const UploadOptions *options);
/* hexadecimal digits of the SHA-256 of the bytes */
extern char *upload_digest(const Source *source);
/* raises for a name that is empty or too long; gives it as UTF-8 */
extern char *upload_file_name(char *name);

/* an upload in parts; texts are the server's.  upload_stored.c */
typedef struct StoredUpload
{
	pg_uuid_t id;
	char *file_name;
	char *uploaded_by;
	char *tenant; /* or NULL */
	Jsonb *options;
	int64 bytes;  /* that were announced, or -1 */
	char *sha256; /* or NULL */
	char *path;   /* of a file of the server instead of parts, or NULL */
	bool has_task;
	pg_uuid_t task; /* that makes tables of it, or has failed to */
	bool finished;
} StoredUpload;

typedef enum StoredLock
{
	STORED_LOOK,
	STORED_KEY_SHARE, /* others may add parts, nobody can finish or cancel it */
	STORED_ALONE
} StoredLock;

/* raises where there is none of the id, or it is not for the effective role to add to */
extern StoredUpload *upload_find_stored(const pg_uuid_t *id, StoredLock lock);
extern void upload_delete_stored(const pg_uuid_t *id);
/* begins one; `path` or NULL */
extern pg_uuid_t upload_store(const char *file_name, Jsonb *json, int64 bytes, const char *sha256,
							  const UploadTarget *target, const char *path);
/* stores the whole file as parts */
extern void upload_store_content(const pg_uuid_t *id, const Source *source);
/* the task that is at it now, NULL = none */
extern void upload_set_task(const pg_uuid_t *id, const pg_uuid_t *task);
/*
 * Stops what is done with the upload and deletes its bytes, but those that were kept
 * when it became tables.  False where there is none that the effective role may give up.
 */
extern bool upload_give_up(const pg_uuid_t *id);

/* an upload that is stored, about to become tables */
typedef struct ReadyUpload
{
	StoredUpload *stored;
	UploadOptions *options;
	UploadTarget *target;
	Source *source;
} ReadyUpload;

/*
 * `changes` go over the options that it was begun with, NULL for none; `schema` as
 * for upload_target().  Raises where the effective role did not begin it, or a part
 * is missing.  upload_finish.c
 */
extern ReadyUpload *upload_ready(const pg_uuid_t *id, Jsonb *changes, const char *schema);

/*
 * Makes tables of it.  What came of it is in the view uploads, under `record` where
 * that is given, else under its own id if that is free.
 */
extern UploadDone upload_run_ready(ReadyUpload *ready, const pg_uuid_t *record,
								   UploadProgressReport report, void *arg);

/* raises where the effective role may not read files of the server.  upload.c */
extern void upload_require_server_files(void);

/* ---- upload_background.c ---- */

/* shall a worker do it?  Tells the client why not, where it is for want of workers */
extern bool upload_in_background(void);
/* stores the file, or where it is on the server (or NULL), for a worker; the id of the task */
extern pg_uuid_t upload_hand_over(const char *file_name, Source *source, Jsonb *json,
								  const UploadOptions *options, const char *path);
/* the same with one that is stored */
extern pg_uuid_t upload_hand_over_stored(const pg_uuid_t *id, Jsonb *changes);
/* raises where a worker has the upload already */
extern void upload_require_idle(const pg_uuid_t *id);
/* _PG_init */
extern void upload_background_init(void);

/* reads the file into tables, as the target's owner; a list of UploadTable * */
extern List *upload_load(const char *file_name, Source *source, const UploadOptions *options,
						 const UploadTarget *target);

/* report.c */
/* what a reader has to say of a file, as warnings */
extern List *file_warnings(const List *messages);
extern Jsonb *upload_report(const List *tables, const UploadTarget *target, double seconds);
extern Jsonb *upload_preview_report(SheetReader *reader, const UploadOptions *options);

#endif /* SQL_AGENT_UPLOAD_H */
