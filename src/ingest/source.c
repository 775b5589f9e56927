/*-------------------------------------------------------------------------
 *
 * source.c
 *		The bytes of a file, read at any offset.
 *
 * Libraries read through a callback, and an error must not jump across their
 * frames.  Reading a table or a large object can raise (a cancel, for one), so
 * what it raises is caught and kept here, and raised again once the library has
 * returned.  Nothing is done in between, so the transaction's state that the
 * error left behind is never worked with.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "ingest/source.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define WINDOW       (INT64CONST(128) * 1024)
#define FIRST_WINDOW (INT64CONST(4) * 1024) /* where reading does not go on from the last one */

Source *
source_create(SourceReader *reader, int64 size)
{
	Source *source = palloc0(sizeof(Source));

	reader->context = CurrentMemoryContext;
	reader->window = palloc(WINDOW);
	source->reader = reader;
	source->size = size;
	return source;
}

void
source_close(Source *source)
{
	if (source->reader != NULL && source->reader->close != NULL)
		source->reader->close(source->reader);
}

/* bytes that the window holds, 0 where it starts behind the offset or ends before */
static int64
copy_from_window(const SourceReader *reader, int64 offset, char *buffer, int64 length)
{
	int64 within = offset - reader->window_start;

	if (within < 0 || within >= reader->window_length)
		return 0;
	length = Min(length, reader->window_length - within);
	memcpy(buffer, reader->window + within, length);
	return length;
}

/*
 * Small reads go through the window, large ones past it.  The window grows while
 * reading goes on, and is small for whoever jumps about.
 */
static int64
read_some(const Source *source, int64 offset, char *buffer, int64 length)
{
	SourceReader *reader = source->reader;
	int64 n = copy_from_window(reader, offset, buffer, length);
	int64 ahead;

	if (n > 0)
		return n;
	CHECK_FOR_INTERRUPTS();
	if (length >= WINDOW)
		return reader->read(reader, offset, buffer, length);
	ahead = offset == reader->window_start + reader->window_length ? 2 * reader->window_length : 0;
	ahead = Min(Max(Max(ahead, FIRST_WINDOW), length), WINDOW);
	reader->window_length = 0;
	reader->window_start = offset;
	reader->window_length =
		reader->read(reader, offset, reader->window, Min(ahead, source->size - offset));
	return copy_from_window(reader, offset, buffer, length);
}

static int64
read_all(const Source *source, int64 offset, char *buffer, int64 length)
{
	int64 done = 0;

	while (done < length)
	{
		int64 n = read_some(source, offset + done, buffer + done, length - done);

		if (n == 0)
			break;
		done += n;
	}
	return done;
}

/* the same; -1 where it raised, which is kept */
static int64
read_and_catch(const Source *source, int64 offset, char *buffer, int64 length)
{
	SourceReader *reader = source->reader;
	MemoryContext caller = CurrentMemoryContext;
	volatile int64 done = -1;

	PG_TRY();
	{
		done = read_all(source, offset, buffer, length);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(reader->context);
		reader->error = CopyErrorData();
		FlushErrorState();
		MemoryContextSwitchTo(caller);
	}
	PG_END_TRY();
	return done;
}

int64
source_read(const Source *source, int64 offset, void *buffer, int64 length)
{
	if (source_failed(source))
		return -1;
	if (offset < 0 || length <= 0 || offset >= source->size)
		return 0;
	length = Min(length, source->size - offset);
	if (source->data != NULL)
	{
		memcpy(buffer, source->data + offset, length);
		return length;
	}
	if (copy_from_window(source->reader, offset, buffer, length) == length)
		return length;
	return read_and_catch(source, offset, buffer, length);
}

bool
source_failed(const Source *source)
{
	return source->reader != NULL && source->reader->error != NULL;
}

void
source_raise(const Source *source)
{
	if (!source_failed(source))
		elog(ERROR, "could not read the uploaded file");
	ReThrowError(source->reader->error);
}

void
source_read_exact(const Source *source, int64 offset, void *buffer, int64 length, const char *what)
{
	int64 n = source_read(source, offset, buffer, length);

	if (n < 0)
		source_raise(source);
	if (n < length)
		ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_INVALID), errmsg("file is cut off"),
						errdetail("%s should have %lld bytes at offset %lld.", what,
								  (long long) length, (long long) offset),
						errhint("Save or transfer the file again.")));
}
