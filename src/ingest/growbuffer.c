/*-------------------------------------------------------------------------
 *
 * growbuffer.c
 *		Memory that grows inside of a library's callback.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/growbuffer.h"
#include "utils/memutils.h"

#define FIRST_ROOM 1024

void *
grow_reserve(GrowBuffer *buffer, size_t length)
{
	size_t cap = buffer->cap != 0 ? buffer->cap : GROW_CAP;
	size_t room = Max(buffer->room, FIRST_ROOM);
	char *data;

	if (buffer->failed || length > cap - Min(cap, buffer->length))
	{
		buffer->failed = true;
		return NULL;
	}
	while (room < buffer->length + length)
		room *= 2;
	if (room != buffer->room)
	{
		data = realloc(buffer->data, room);
		if (data == NULL)
		{
			buffer->failed = true;
			return NULL;
		}
		buffer->data = data;
		buffer->room = room;
	}
	return buffer->data + buffer->length;
}

void
grow_append(GrowBuffer *buffer, const void *bytes, size_t length)
{
	void *into = grow_reserve(buffer, length);

	if (into == NULL)
		return;
	memcpy(into, bytes, length);
	buffer->length += length;
}

void
grow_drop(GrowBuffer *buffer, size_t length)
{
	Assert(length <= buffer->length);
	if (length == 0)
		return;
	memmove(buffer->data, buffer->data + length, buffer->length - length);
	buffer->length -= length;
}

void
grow_free(GrowBuffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof(*buffer));
}

static void
free_callback(void *arg)
{
	grow_free(arg);
}

void
grow_free_with_context(GrowBuffer *buffer)
{
	MemoryContextCallback *callback = palloc(sizeof(MemoryContextCallback));

	callback->func = free_callback;
	callback->arg = buffer;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
}
