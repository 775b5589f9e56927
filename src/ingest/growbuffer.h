/*-------------------------------------------------------------------------
 *
 * growbuffer.h
 *		Memory that grows inside of a library's callback.
 *
 * palloc() raises, and an error must not jump across a library's frames.  So
 * this is malloc'ed memory with a cap; where it is not to be had, `failed` is set
 * and nothing more is kept.  A reset callback of a
 * memory context frees it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_GROWBUFFER_H
#define SQL_AGENT_GROWBUFFER_H

typedef struct GrowBuffer
{
	char *data;
	size_t length;
	size_t room;
	size_t cap; /* 0 = GROW_CAP */
	bool failed;
} GrowBuffer;

#define GROW_CAP ((size_t) 512 * 1024 * 1024)

/* room for that many bytes more, NULL where there is none */
extern void *grow_reserve(GrowBuffer *buffer, size_t length);
extern void grow_append(GrowBuffer *buffer, const void *bytes, size_t length);
/* drops the first bytes */
extern void grow_drop(GrowBuffer *buffer, size_t length);
extern void grow_free(GrowBuffer *buffer);
/*
 * Frees it when the current memory context is reset.  The buffer itself must
 * live in that context, or longer.
 */
extern void grow_free_with_context(GrowBuffer *buffer);

#endif /* SQL_AGENT_GROWBUFFER_H */
