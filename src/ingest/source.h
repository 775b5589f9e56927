/*-------------------------------------------------------------------------
 *
 * source.h
 *		The bytes of a file, read at any offset, wherever they are.
 *
 * Nothing above knows whether a file is a value in memory, a value that is still
 * in its TOAST table, a large object, a file of the server or the parts of an
 * upload; of all but the first no more than a window is in memory at one time.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SOURCE_H
#define SQL_AGENT_SOURCE_H

#include "utils/elog.h"
#include "utils/uuid.h"

typedef struct SourceReader SourceReader;

typedef struct Source
{
	int64 size;
	const char *data; /* all of the bytes, or NULL: then they come from the reader */
	SourceReader *reader;
} Source;

/*
 * Where bytes come from.  The parts that are common come first in the memory of
 * each kind, which lives in `context` and dies with it.
 */
struct SourceReader
{
	/*
	 * Copies up to `length` bytes, at least one, from an offset within the file;
	 * 0 where it has become shorter.  May raise.
	 */
	int64 (*read)(SourceReader *reader, int64 offset, char *buffer, int64 length);
	void (*close)(SourceReader *reader); /* or NULL */
	MemoryContext context;
	ErrorData *error; /* what `read` raised first */
	char *window;
	int64 window_start;
	int64 window_length;
};

/* each in the current context; an error of the transaction frees what is not memory */
extern Source *source_of_bytea(Datum content);
extern Source *source_of_large_object(Datum oid);
extern Source *source_of_file(const char *path);
/* parts 1 to nparts of an upload that the transaction has locked, of these lengths */
extern Source *source_of_parts(const pg_uuid_t *upload, const int *lengths, int nparts);
extern void source_close(Source *source);

/* makes a source of a reader whose `read` is set; `size` bytes of it are room for its kind */
extern Source *source_create(SourceReader *reader, int64 size);

/*
 * Copies up to `length` bytes from `offset` and returns how many there were, 0
 * at the end, -1 where they can not be read.  Safe in a library's callback: what
 * is raised on the way is caught and kept.  The caller of the library must end
 * with source_raise() then; it must not go on.
 */
extern int64 source_read(const Source *source, int64 offset, void *buffer, int64 length);
extern bool source_failed(const Source *source);
/* raises what was kept */
extern void source_raise(const Source *source) pg_attribute_noreturn();

/* the same, but raises: a read error, or with `what` where the file ends too early */
extern void
source_read_exact(const Source *source, int64 offset, void *buffer, int64 length, const char *what);

/* little-endian integers at any address */
static inline uint16
get_u16(const uint8 *p)
{
	return (uint16) (p[0] | p[1] << 8);
}

static inline uint32
get_u32(const uint8 *p)
{
	return (uint32) p[0] | (uint32) p[1] << 8 | (uint32) p[2] << 16 | (uint32) p[3] << 24;
}

static inline uint64
get_u64(const uint8 *p)
{
	return (uint64) get_u32(p) | (uint64) get_u32(p + 4) << 32;
}

static inline double
get_f64(const uint8 *p)
{
	uint64 bits = get_u64(p);
	double result;

	memcpy(&result, &bits, sizeof(result));
	return result;
}

#endif /* SQL_AGENT_SOURCE_H */
