/*-------------------------------------------------------------------------
 *
 * cfb.c
 *		Compound files (OLE2): a file system in a file, around an .xls.
 *
 * The layout is [MS-CFB]: sectors chained by a table (FAT), small streams in
 * smaller sectors inside the root's stream, chained by a second table.  A
 * damaged or hostile file can chain in circles or point anywhere: a chain is
 * never longer than the file has sectors, and each sector is looked up in
 * bounds.  Memory is 12 bytes for each sector of 512.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "ingest/cfb.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define HEADER_SIZE    512
#define HEADER_DIFAT   109
#define DIRENTRY_SIZE  128
#define MAX_SECTOR     0xFFFFFFFAu
#define END_OF_CHAIN   0xFFFFFFFEu
#define MINI_SIZE      64
#define MINI_CUTOFF    4096
#define MAX_DIRENTRIES 100000
#define MAX_FILE       (INT64CONST(2) * 1024 * 1024 * 1024)

static const uint8 signature[8] = {0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1};

typedef struct CfbFile
{
	const Source *source;
	int sector_size;
	uint32 nsectors; /* that the file has room for */
	uint32 *fat;
	uint32 fat_length;
	uint32 first_directory;
	uint32 first_minifat;
} CfbFile;

typedef struct DirEntry
{
	char name[32]; /* as ASCII; others are of no interest */
	uint8 type;
	uint32 start;
	int64 size;
} DirEntry;

enum
{
	ENTRY_STREAM = 2,
	ENTRY_ROOT = 5
};

static void
pg_attribute_noreturn() cfb_invalid(const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_INVALID), errmsg("compound file is damaged"),
					errdetail("%s", detail),
					errhint("Open the file in a spreadsheet program and save it again.")));
}

bool
cfb_identify(const Source *source)
{
	uint8 head[sizeof(signature)];

	return source_read(source, 0, head, sizeof(head)) == sizeof(head) &&
		   memcmp(head, signature, sizeof(head)) == 0;
}

static int64
sector_offset(const CfbFile *file, uint32 sector)
{
	if (sector >= file->nsectors)
		cfb_invalid("A sector lies beyond the end of the file.");
	return ((int64) sector + 1) * file->sector_size;
}

/* one more sector of the table itself */
static void
read_fat_sector(CfbFile *file, uint32 sector, uint8 *buffer)
{
	int per_sector = file->sector_size / 4;
	uint32 room = file->nsectors + per_sector;

	if (file->fat_length + per_sector > room)
		return; /* entries of sectors that the file does not have */
	source_read_exact(file->source, sector_offset(file, sector), buffer, file->sector_size,
					  "The sector table");
	for (int i = 0; i < per_sector; i++)
		file->fat[file->fat_length++] = get_u32(buffer + 4 * i);
}

/*
 * The table's own sectors are listed in the header and, beyond 109, in a chain
 * of further lists.
 */
static void
read_fat(CfbFile *file, const uint8 *header)
{
	int per_sector = file->sector_size / 4;
	uint8 *buffer = palloc(file->sector_size);
	uint8 *list = palloc(file->sector_size);
	uint32 next = get_u32(header + 68);
	uint32 lists = 0;

	file->fat = MemoryContextAllocHuge(CurrentMemoryContext,
									   ((Size) file->nsectors + per_sector) * sizeof(uint32));
	for (int i = 0; i < HEADER_DIFAT; i++)
	{
		uint32 sector = get_u32(header + 76 + 4 * i);

		if (sector < MAX_SECTOR)
			read_fat_sector(file, sector, buffer);
	}
	while (next < MAX_SECTOR)
	{
		CHECK_FOR_INTERRUPTS();
		if (++lists > file->nsectors)
			cfb_invalid("The list of sector tables runs in a circle.");
		source_read_exact(file->source, sector_offset(file, next), list, file->sector_size,
						  "The list of sector tables");
		for (int i = 0; i < per_sector - 1; i++)
		{
			uint32 sector = get_u32(list + 4 * i);

			if (sector < MAX_SECTOR)
				read_fat_sector(file, sector, buffer);
		}
		next = get_u32(list + 4 * (per_sector - 1));
	}
	pfree(buffer);
	pfree(list);
}

static void
read_header(CfbFile *file, const Source *source)
{
	uint8 header[HEADER_SIZE];
	int shift;

	source_read_exact(source, 0, header, sizeof(header), "The header");
	shift = get_u16(header + 30);
	if (shift != 9 && shift != 12)
		cfb_invalid("The sector size is neither 512 nor 4096 bytes.");
	if (source->size > MAX_FILE)
		ereport(ERROR,
				(errcode(ERRCODE_AGENT_FILE_UNSUPPORTED),
				 errmsg("workbooks of more than 2 GB in the format of Excel 97 are not read"),
				 errhint("Save it as .xlsx, then upload it again.")));
	if (get_u16(header + 32) != 6)
		cfb_invalid("The size of a short sector is not 64 bytes.");
	memset(file, 0, sizeof(*file));
	file->source = source;
	file->sector_size = 1 << shift;
	/* the last sector may be cut short by those who wrote the file */
	file->nsectors = (uint32) Min((source->size - 1) / file->sector_size, MAX_SECTOR);
	file->first_directory = get_u32(header + 48);
	file->first_minifat = get_u32(header + 60);
	read_fat(file, header);
}

/*
 * The offsets of the blocks of a chain, at most `limit` of them.
 */
static int64 *
follow_chain(const CfbFile *file, uint32 sector, int64 limit, int *count)
{
	int64 room = Min(limit, 16);
	int64 *offsets = palloc(Max(room, 1) * sizeof(int64));
	int64 n = 0;

	while (sector < MAX_SECTOR && n < limit)
	{
		if (n > file->nsectors)
			cfb_invalid("A chain of sectors runs in a circle.");
		if (n == room)
		{
			room *= 2;
			offsets = repalloc_huge(offsets, room * sizeof(int64));
		}
		offsets[n++] = sector_offset(file, sector);
		if (sector >= file->fat_length)
			cfb_invalid("A sector is missing from the sector table.");
		sector = file->fat[sector];
	}
	*count = (int) n;
	return offsets;
}

static CfbStream *
open_chain(const CfbFile *file, uint32 start, int64 size)
{
	CfbStream *stream = palloc(sizeof(CfbStream));
	int64 limit = size < 0 ? PG_INT32_MAX : (size + file->sector_size - 1) / file->sector_size;

	stream->source = file->source;
	stream->block_size = file->sector_size;
	stream->offsets = follow_chain(file, start, Min(limit, PG_INT32_MAX), &stream->nblocks);
	stream->size = (int64) stream->nblocks * file->sector_size;
	if (size >= 0)
		stream->size = Min(stream->size, size);
	return stream;
}

/*
 * A small stream: its blocks of 64 bytes lie in the root's stream and are
 * chained by a table of their own.
 */
static CfbStream *
open_mini(const CfbFile *file, const DirEntry *root, const DirEntry *entry)
{
	CfbStream *container = open_chain(file, root->start, root->size);
	CfbStream *table = open_chain(file, file->first_minifat, -1);
	CfbStream *stream = palloc(sizeof(CfbStream));
	int limit = (int) ((entry->size + MINI_SIZE - 1) / MINI_SIZE);
	uint32 block = entry->start;

	stream->source = file->source;
	stream->block_size = MINI_SIZE;
	stream->offsets = palloc(Max(limit, 1) * sizeof(int64));
	stream->nblocks = 0;
	while (block < MAX_SECTOR && stream->nblocks < limit)
	{
		int64 at = (int64) block * MINI_SIZE;
		uint8 next[4];

		if (at >= container->size)
			cfb_invalid("A short sector lies beyond the end of its container.");
		stream->offsets[stream->nblocks++] =
			container->offsets[at / container->block_size] + at % container->block_size;
		if (cfb_read(table, (int64) block * 4, next, 4) < 4)
			cfb_invalid("A short sector is missing from its table.");
		block = get_u32(next);
	}
	stream->size = Min(entry->size, (int64) stream->nblocks * MINI_SIZE);
	return stream;
}

int64
cfb_read(const CfbStream *stream, int64 offset, void *buffer, int64 length)
{
	int64 done = 0;

	if (offset >= stream->size)
		return 0;
	length = Min(length, stream->size - offset);
	while (done < length)
	{
		int64 block = (offset + done) / stream->block_size;
		int64 within = (offset + done) % stream->block_size;
		int64 chunk = Min(length - done, stream->block_size - within);
		int64 n = source_read(stream->source, stream->offsets[block] + within,
							  (char *) buffer + done, chunk);

		if (n < 0)
			source_raise(stream->source);
		done += n;
		if (n < chunk)
			break;
	}
	return done;
}

CfbStream *
cfb_plain_stream(const Source *source)
{
	CfbStream *stream = palloc(sizeof(CfbStream));

	stream->source = source;
	stream->size = source->size;
	stream->block_size = PG_INT32_MAX;
	stream->nblocks = (int) (source->size / stream->block_size + 1);
	stream->offsets = palloc(stream->nblocks * sizeof(int64));
	for (int i = 0; i < stream->nblocks; i++)
		stream->offsets[i] = (int64) i * stream->block_size;
	return stream;
}

static void
read_direntry(const uint8 *raw, bool long_sizes, DirEntry *entry)
{
	int length = Min(get_u16(raw + 64), 64) / 2;

	length = Max(length - 1, 0); /* the terminator */
	for (int i = 0; i < length; i++)
	{
		uint16 unit = get_u16(raw + 2 * i);

		entry->name[i] = unit < 128 ? (char) unit : '?';
	}
	entry->name[Min(length, 31)] = '\0';
	entry->type = raw[66];
	entry->start = get_u32(raw + 116);
	/* files with sectors of 512 bytes leave rubbish in the upper half */
	entry->size = long_sizes ? (int64) get_u64(raw + 120) : (int64) get_u32(raw + 120);
}

/* the place of the entry's name in the list of those wanted, or nnames */
static int
name_rank(const DirEntry *entry, const char *const *names, int nnames)
{
	int rank = 0;

	while (rank < nnames && pg_strcasecmp(entry->name, names[rank]) != 0)
		rank++;
	return rank;
}

CfbStream *
cfb_open_stream(const Source *source, const char *const *names, int nnames)
{
	CfbFile file;
	CfbStream *directory;
	uint8 raw[DIRENTRY_SIZE];
	DirEntry root = {.type = 0};
	DirEntry found = {.type = 0};
	int best = nnames;

	read_header(&file, source);
	directory = open_chain(&file, file.first_directory, -1);
	for (int i = 0; i < MAX_DIRENTRIES; i++)
	{
		DirEntry entry;
		int rank;

		CHECK_FOR_INTERRUPTS();
		if (cfb_read(directory, (int64) i * DIRENTRY_SIZE, raw, DIRENTRY_SIZE) < DIRENTRY_SIZE)
			break;
		read_direntry(raw, file.sector_size > HEADER_SIZE, &entry);
		if (entry.type == ENTRY_ROOT && root.type == 0)
			root = entry;
		rank = entry.type == ENTRY_STREAM ? name_rank(&entry, names, nnames) : nnames;
		if (rank < best)
		{
			found = entry;
			best = rank;
		}
	}
	if (best == nnames)
		return NULL;
	if (found.size < 0 || found.size > source->size)
		cfb_invalid("A stream is longer than the file.");
	if (found.size < MINI_CUTOFF)
		return open_mini(&file, &root, &found);
	return open_chain(&file, found.start, found.size);
}
