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
#include "utils/jsonb.h"

typedef enum UploadMode
{
	UPLOAD_CREATE, /* a table of a free name */
	UPLOAD_REPLACE,
	UPLOAD_APPEND
} UploadMode;

typedef struct UploadOptions
{
	char *table;  /* for a file of one sheet; NULL = named after sheet or file */
	char *prefix; /* of all table names */
	UploadMode mode;
	List *sheets; /* char *, NIL = all that are not hidden */
	bool hidden;  /* hidden sheets, too */
	bool strict;  /* any warning fails */
	bool keys;    /* create primary keys that are proven */
	char *tenant; /* operators only; in the encoding of the server */
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

/* upload_target.c */
extern UploadTarget *upload_target(const UploadOptions *options);
/* raises where the tenant's limit does not leave that much */
extern void upload_check_quota(const UploadTarget *target, int64 bytes);

/* one table that an upload made */
typedef struct UploadTable
{
	SheetLayout *layout;
	char *name;
	Oid relation;
	bool created;
	int64 rows;
	char *key; /* the column of the primary key, or NULL */
} UploadTable;

/* reads the file into tables, as the target's owner; a list of UploadTable * */
extern List *upload_load(const char *file_name, Source *source, const UploadOptions *options,
						 const UploadTarget *target);

/* report.c */
extern Jsonb *upload_report(const List *tables, const UploadTarget *target, double seconds);
extern Jsonb *upload_preview_report(SheetReader *reader, const UploadOptions *options);

#endif /* SQL_AGENT_UPLOAD_H */
