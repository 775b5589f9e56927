/*-------------------------------------------------------------------------
 *
 * source_kinds.c
 *		Sources of one piece: values, large objects, files of the server.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/detoast.h"
#include "access/toast_internals.h"
#include "common/errors.h"
#include "ingest/source.h"
#include "libpq/be-fsstubs.h"
#include "libpq/libpq-fs.h"
#include "storage/fd.h"
#include "utils/fmgrprotos.h"

#define PIECE (INT64CONST(1024) * 1024) /* of a value or large object that is read at once */

/* ---- a value in its TOAST table, not compressed: by slices ---- */

typedef struct ToastedSource
{
	SourceReader base;
	struct varlena *pointer;
} ToastedSource;

static int64
read_toasted(SourceReader *reader, int64 offset, char *buffer, int64 length)
{
	struct varlena *slice = detoast_attr_slice(((ToastedSource *) reader)->pointer, (int32) offset,
											   (int32) Min(length, PIECE));
	int64 n = VARSIZE_ANY_EXHDR(slice);

	memcpy(buffer, VARDATA_ANY(slice), n);
	pfree(slice);
	return n;
}

static bool
can_be_sliced(struct varlena *value)
{
	struct varatt_external pointer;

	if (!VARATT_IS_EXTERNAL_ONDISK(value))
		return false;
	VARATT_EXTERNAL_GET_POINTER(pointer, value);
	return !VARATT_EXTERNAL_IS_COMPRESSED(pointer);
}

Source *
source_of_bytea(Datum content)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(content);
	ToastedSource *reader;
	Source *source;

	if (can_be_sliced(value))
	{
		reader = palloc0(sizeof(ToastedSource));
		reader->base.read = read_toasted;
		reader->pointer = value;
		return source_create(&reader->base, (int64) toast_raw_datum_size(content) - VARHDRSZ);
	}
	/* what is in memory already is not copied */
	value = PG_DETOAST_DATUM_PACKED(content);
	source = palloc0(sizeof(Source));
	source->data = VARDATA_ANY(value);
	source->size = VARSIZE_ANY_EXHDR(value);
	return source;
}

/* ---- a large object ---- */

typedef struct LargeObjectSource
{
	SourceReader base;
	Datum descriptor;
} LargeObjectSource;

static int64
seek_large_object(const LargeObjectSource *reader, int64 offset, int whence)
{
	return DatumGetInt64(DirectFunctionCall3(be_lo_lseek64, reader->descriptor,
											 Int64GetDatum(offset), Int32GetDatum(whence)));
}

static int64
read_large_object(SourceReader *base, int64 offset, char *buffer, int64 length)
{
	LargeObjectSource *reader = (LargeObjectSource *) base;

	seek_large_object(reader, offset, SEEK_SET);
	return lo_read(DatumGetInt32(reader->descriptor), buffer, (int) Min(length, PIECE));
}

static void
close_large_object(SourceReader *reader)
{
	DirectFunctionCall1(be_lo_close, ((LargeObjectSource *) reader)->descriptor);
}

/*
 * Opening checks that the caller may read it.  The end of the transaction closes
 * it at the latest.
 */
Source *
source_of_large_object(Datum oid)
{
	LargeObjectSource *reader = palloc0(sizeof(LargeObjectSource));

	reader->base.read = read_large_object;
	reader->base.close = close_large_object;
	reader->descriptor = DirectFunctionCall2(be_lo_open, oid, Int32GetDatum(INV_READ));
	return source_create(&reader->base, seek_large_object(reader, 0, SEEK_END));
}

/* ---- a file of the server ---- */

typedef struct FileSource
{
	SourceReader base;
	int descriptor;
} FileSource;

static int64
read_file(SourceReader *base, int64 offset, char *buffer, int64 length)
{
	FileSource *reader = (FileSource *) base;
	ssize_t n;

	do
		n = pread(reader->descriptor, buffer, length, offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not read the uploaded file: %m")));
	return n;
}

static void
close_file(SourceReader *reader)
{
	CloseTransientFile(((FileSource *) reader)->descriptor);
}

/* whether the caller may read it is the caller's to know */
Source *
source_of_file(const char *path)
{
	FileSource *reader = palloc0(sizeof(FileSource));
	struct stat status;

	reader->base.read = read_file;
	reader->base.close = close_file;
	/* a pipe that nobody writes to would wait for ever, whatever cancels it */
	reader->descriptor = OpenTransientFile(path, O_RDONLY | O_NONBLOCK | PG_BINARY);
	if (reader->descriptor < 0 || fstat(reader->descriptor, &status) < 0)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not open file \"%s\": %m", path)));
	if (!S_ISREG(status.st_mode))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not a regular file", path)));
	return source_create(&reader->base, status.st_size);
}
