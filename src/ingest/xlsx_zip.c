/*-------------------------------------------------------------------------
 *
 * xlsx_zip.c
 *		Entries of a zip archive, by libzip.
 *
 * The archive is read through a callback over our source, which raises nothing;
 * what went wrong there is raised once libzip has returned.  Sizes in the directory of an archive are claims: what counts is
 * what comes out, and that is counted.  An entry that grows to more than 200
 * times the size of the file, beyond 64 MB, or beyond 4 GB, is a bomb.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <zip.h>

#include "common/errors.h"
#include "ingest/shown.h"
#include "ingest/xlsx.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define MAX_ENTRIES    10000
#define MAX_RATIO      200
#define FREE_EXPANSION (INT64CONST(64) * 1024 * 1024)
#define MAX_EXPANSION  (INT64CONST(4) * 1024 * 1024 * 1024)
#define MAX_DIRECTORY  (INT64CONST(4) * 1024 * 1024)
#define FALLBACK_NAMES (ZIP_FL_NOCASE | ZIP_FL_ENC_GUESS)

/* the records at the end of an archive that tell where its directory is */
#define END_SIGNATURE       0x06054b50
#define END64_SIGNATURE     0x06064b50
#define LOCATOR64_SIGNATURE 0x07064b50
#define END_SIZE            22
#define MAX_END             (INT64CONST(65535) + END_SIZE) /* with the comment behind it */

struct ZipArchive
{
	const Source *source;
	zip_t *zip;
	zip_int64_t position; /* of the callback */
	zip_error_t error;    /* of the callback */
	zip_file_t *open;     /* the entry that is being read */
	int64 expanded;       /* bytes that came out of all entries */
	MemoryContextCallback cleanup;
};

struct ZipEntry
{
	ZipArchive *archive;
	char *name;
	int64 claimed;
	int64 read;
};

static void
close_archive(void *arg)
{
	ZipArchive *archive = arg;

	if (archive->open != NULL)
		zip_fclose(archive->open);
	archive->open = NULL;
	if (archive->zip != NULL)
		zip_discard(archive->zip);
	archive->zip = NULL;
}

/*
 * libzip's view of our source.
 */
static zip_int64_t
source_callback(void *arg, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
	ZipArchive *archive = arg;
	zip_stat_t *stat = data;
	int64 n;

	switch (command)
	{
		case ZIP_SOURCE_OPEN:
			archive->position = 0;
			return 0;
		case ZIP_SOURCE_READ:
			n = source_read(archive->source, archive->position, data, (int64) length);
			if (n < 0)
				zip_error_set(&archive->error, ZIP_ER_READ, 0);
			else
				archive->position += n;
			return n;
		case ZIP_SOURCE_SEEK:
			n = zip_source_seek_compute_offset(archive->position, archive->source->size, data,
											   length, &archive->error);
			if (n < 0)
				return -1;
			archive->position = n;
			return 0;
		case ZIP_SOURCE_TELL:
			return archive->position;
		case ZIP_SOURCE_STAT:
			zip_stat_init(stat);
			stat->size = (zip_uint64_t) archive->source->size;
			stat->valid |= ZIP_STAT_SIZE;
			return sizeof(*stat);
		case ZIP_SOURCE_SUPPORTS:
			return zip_source_make_command_bitmap(
				ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
				ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL,
				ZIP_SOURCE_SUPPORTS, -1);
		case ZIP_SOURCE_ERROR:
			return zip_error_to_data(&archive->error, data, length);
		case ZIP_SOURCE_CLOSE:
		case ZIP_SOURCE_FREE:
			return 0;
		default:
			zip_error_set(&archive->error, ZIP_ER_OPNOTSUPP, 0);
			return -1;
	}
}

/*
 * What went wrong while the bytes were read comes first: then libzip's own view
 * of things says nothing about the file.
 */
static void
pg_attribute_noreturn() archive_invalid(const ZipArchive *archive, const char *detail)
{
	if (source_failed(archive->source))
		source_raise(archive->source);
	ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_INVALID), errmsg("workbook is damaged"),
					errdetail("%s", shown(detail)),
					errhint("Open the file in a spreadsheet program and save it again.")));
}

/* the size of the directory that a record of its end claims, -1 where it is none */
static int64
directory_size(const Source *source, const uint8 *end, int64 offset)
{
	uint8 locator[20];
	uint8 end64[56];

	if (get_u32(end) != END_SIGNATURE)
		return -1;
	if (source_read(source, offset - sizeof(locator), locator, sizeof(locator)) ==
			sizeof(locator) &&
		get_u32(locator) == LOCATOR64_SIGNATURE &&
		source_read(source, (int64) get_u64(locator + 8), end64, sizeof(end64)) == sizeof(end64) &&
		get_u32(end64) == END64_SIGNATURE)
		return (int64) Min(get_u64(end64 + 40), PG_INT64_MAX);
	return get_u32(end + 12);
}

/*
 * libzip reads the whole directory of an archive, and keeps some hundred bytes
 * for each entry, before it can be asked how many there are.
 */
static void
check_directory(const ZipArchive *archive)
{
	const Source *source = archive->source;
	int64 length = Min(source->size, MAX_END);
	int64 start = source->size - length;
	uint8 *tail = palloc(length);

	if (source_read(source, start, tail, length) == length)
		for (int64 i = 0; i + END_SIZE <= length; i++)
			if (tail[i] == 'P' && directory_size(source, tail + i, start + i) > MAX_DIRECTORY)
				archive_invalid(archive, "The directory of the archive is too large.");
	pfree(tail);
	if (source_failed(source))
		source_raise(source);
}

ZipArchive *
zip_archive_open(Source *source)
{
	ZipArchive *archive = palloc0(sizeof(ZipArchive));
	zip_source_t *zip_source;
	zip_error_t error;

	archive->source = source;
	archive->cleanup.func = close_archive;
	archive->cleanup.arg = archive;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &archive->cleanup);

	check_directory(archive);
	zip_error_init(&error);
	zip_error_init(&archive->error);
	zip_source = zip_source_function_create(source_callback, archive, &error);
	if (zip_source == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	archive->zip = zip_open_from_source(zip_source, ZIP_RDONLY, &error);
	if (archive->zip == NULL)
	{
		zip_source_free(zip_source);
		archive_invalid(archive, "It is not a complete zip archive.");
	}
	if (zip_get_num_entries(archive->zip, 0) > MAX_ENTRIES)
		archive_invalid(archive, "The archive has more than 10000 entries.");
	return archive;
}

static zip_int64_t
locate(ZipArchive *archive, const char *name)
{
	zip_int64_t index = zip_name_locate(archive->zip, name, ZIP_FL_ENC_GUESS);

	return index >= 0 ? index : zip_name_locate(archive->zip, name, FALLBACK_NAMES);
}

/*
 * An archive may hold two parts of the same name.  Programs differ in which one
 * they read, so that one shows what another does not.
 */
static void
check_single(ZipArchive *archive, const char *name, zip_int64_t index)
{
	zip_int64_t count = zip_get_num_entries(archive->zip, 0);

	for (zip_int64_t i = index + 1; i < count; i++)
	{
		const char *other = zip_get_name(archive->zip, (zip_uint64_t) i, ZIP_FL_ENC_GUESS);

		if (other != NULL && pg_strcasecmp(other, name) == 0)
			archive_invalid(archive, psprintf("The part \"%s\" is in it twice.", name));
	}
}

bool
zip_archive_has(ZipArchive *archive, const char *name)
{
	return locate(archive, name) >= 0;
}

ZipEntry *
zip_entry_open(ZipArchive *archive, const char *name)
{
	ZipEntry *entry = palloc0(sizeof(ZipEntry));
	zip_int64_t index = locate(archive, name);
	zip_stat_t stat;

	Assert(archive->open == NULL);
	if (index < 0)
		archive_invalid(archive, psprintf("The part \"%s\" is missing.", name));
	check_single(archive, name, index);
	zip_stat_init(&stat);
	if (zip_stat_index(archive->zip, (zip_uint64_t) index, 0, &stat) == 0)
	{
		if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE)
			ereport(ERROR,
					(errcode(ERRCODE_AGENT_FILE_UNSUPPORTED), errmsg("workbook is encrypted"),
					 errhint("Save it without a password, then upload it again.")));
		if ((stat.valid & ZIP_STAT_SIZE) != 0)
			entry->claimed = (int64) stat.size;
		/* the only two methods that the format has; others take memory as the file says */
		if ((stat.valid & ZIP_STAT_COMP_METHOD) != 0 && stat.comp_method != ZIP_CM_STORE &&
			stat.comp_method != ZIP_CM_DEFLATE)
			archive_invalid(archive, psprintf("The part \"%s\" is compressed in another way than "
											  "workbooks are.",
											  name));
	}
	entry->archive = archive;
	entry->name = pstrdup(name);
	archive->open = zip_fopen_index(archive->zip, (zip_uint64_t) index, 0);
	if (archive->open == NULL)
		archive_invalid(archive, psprintf("The part \"%s\" can not be read.", name));
	return entry;
}

int
zip_entry_read(ZipEntry *entry, char *buffer, int length)
{
	ZipArchive *archive = entry->archive;
	zip_int64_t n;

	CHECK_FOR_INTERRUPTS();
	n = zip_fread(archive->open, buffer, length);
	if (n < 0 || source_failed(archive->source))
		archive_invalid(archive, psprintf("The part \"%s\" is cut off or damaged.", entry->name));
	entry->read += n;
	archive->expanded += n;
	if (archive->expanded > MAX_EXPANSION ||
		(archive->expanded > FREE_EXPANSION &&
		 archive->expanded / MAX_RATIO > archive->source->size))
		ereport(
			ERROR,
			(errcode(ERRCODE_AGENT_FILE_INVALID), errmsg("workbook expands too far"),
			 errdetail("The part \"%s\" makes %lld bytes of a file of %lld.", shown(entry->name),
					   (long long) entry->read, (long long) archive->source->size),
			 errhint("At most 4 GB, and at most 200 times the size of the file, are read.")));
	return (int) n;
}

double
zip_entry_progress(const ZipEntry *entry)
{
	return entry->claimed <= 0 ? 0 : Min(1.0, (double) entry->read / entry->claimed);
}

void
zip_entry_close(ZipEntry *entry)
{
	if (entry->archive->open != NULL)
		zip_fclose(entry->archive->open);
	entry->archive->open = NULL;
	/* a sheet that is read once more does not count twice */
	entry->archive->expanded -= entry->read;
}
