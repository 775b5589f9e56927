/*-------------------------------------------------------------------------
 *
 * cfb.h
 *		Compound files (OLE2): a file system in a file, around an .xls.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_CFB_H
#define SQL_AGENT_CFB_H

#include "ingest/source.h"

/* where the bytes of one stream lie */
typedef struct CfbStream
{
	int64 size;
	const Source *source;
	int64 *offsets; /* of each block in the source */
	int nblocks;
	int block_size;
} CfbStream;

/* does the file start like one? */
extern bool cfb_identify(const Source *source);

/*
 * Opens the first of the named streams that exists, NULL where none does.
 * Everything is allocated in the current context.
 */
extern CfbStream *cfb_open_stream(const Source *source, const char *const *names, int nnames);

/* the whole source as one stream: a workbook without a compound file around it */
extern CfbStream *cfb_plain_stream(const Source *source);

/* copies up to `length` bytes from `offset`; returns how many there were */
extern int64 cfb_read(const CfbStream *stream, int64 offset, void *buffer, int64 length);

#endif /* SQL_AGENT_CFB_H */
