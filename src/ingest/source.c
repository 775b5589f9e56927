/*-------------------------------------------------------------------------
 *
 * source.c
 *		The bytes of a file, read at any offset.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <unistd.h>

#include "common/errors.h"
#include "ingest/source.h"

int64
source_read(const Source *source, int64 offset, void *buffer, int64 length)
{
	int64 done = 0;

	if (offset < 0 || length < 0 || offset >= source->size)
		return 0;
	length = Min(length, source->size - offset);
	if (source->data != NULL)
	{
		memcpy(buffer, source->data + offset, length);
		return length;
	}
	while (done < length)
	{
		ssize_t n = pread(source->fd, (char *) buffer + done, length - done, offset + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += n;
	}
	return done;
}

void
source_read_exact(const Source *source, int64 offset, void *buffer, int64 length, const char *what)
{
	int64 n = source_read(source, offset, buffer, length);

	if (n < 0)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not read the uploaded file: %m")));
	if (n < length)
		ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_INVALID), errmsg("file is cut off"),
						errdetail("%s should have %lld bytes at offset %lld.", what,
								  (long long) length, (long long) offset),
						errhint("Save or transfer the file again.")));
}
