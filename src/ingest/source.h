/*-------------------------------------------------------------------------
 *
 * source.h
 *		The bytes of a file, read at any offset.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SOURCE_H
#define SQL_AGENT_SOURCE_H

/*
 * Either memory of the caller's or an open file descriptor, that the caller
 * keeps (and PostgreSQL closes at the end of the transaction).
 */
typedef struct Source
{
	const char *data; /* or NULL */
	int fd;           /* where there is no data */
	int64 size;
} Source;

/*
 * Copies up to `length` bytes from `offset` and returns how many there were, 0
 * at the end, -1 with errno set.  Safe in a library's callback: it raises and
 * allocates nothing.
 */
extern int64 source_read(const Source *source, int64 offset, void *buffer, int64 length);

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
