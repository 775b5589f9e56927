/*-------------------------------------------------------------------------
 *
 * progress.h
 *		How far an upload is, for whoever wants to show it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_INGEST_PROGRESS_H
#define SQL_AGENT_INGEST_PROGRESS_H

#include "ingest/sheet.h"

typedef enum UploadStage
{
	UPLOAD_CHECKING, /* the checksum of the bytes */
	UPLOAD_READING,  /* all rows, for their types */
	UPLOAD_LOADING,
	UPLOAD_INDEXING, /* keys */
	UPLOAD_FINISHING /* statistics and relationships */
} UploadStage;

typedef struct UploadProgress
{
	UploadStage stage;
	const char *sheet; /* UTF-8, or NULL */
	int64 rows;        /* of this stage of this sheet */
	int64 bytes;       /* of the file, as far as the percentage tells */
	double percent;    /* of the whole upload */
} UploadProgress;

/* called at most once a second, and at each change of stage; it may raise */
typedef void (*UploadProgressReport)(const UploadProgress *progress, void *arg);

/* "loading" */
extern const char *progress_stage_name(UploadStage stage);

/* tells the client by DEBUG1 messages; its argument is not looked at */
extern void progress_to_client(const UploadProgress *progress, void *arg);

/*
 * Reports on the upload that starts now; returns what was reported on before,
 * which progress_end() puts back: an upload can start another one by a trigger.
 */
typedef struct ProgressState ProgressState;
extern ProgressState *progress_begin(UploadProgressReport report, void *arg);
extern void progress_end(ProgressState *outer);

extern void progress_size(int64 bytes);
/* the sheets that follow are the number-th, from 0, of count */
extern void progress_sheet(int number, int count, const char *name);
/* the reader tells how far the stage is; NULL where nothing does */
extern void progress_stage(UploadStage stage, SheetReader *reader);
extern void progress_fraction(double fraction);
/* one more row: cheap */
extern void progress_row(void);

#endif /* SQL_AGENT_INGEST_PROGRESS_H */
