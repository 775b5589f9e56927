/*-------------------------------------------------------------------------
 *
 * archive.c
 *		Parts of a workbook as the zip archive around them.
 *
 * A changed byte of an archive fails its checksum, and the XML in it is never
 * seen.  So the fuzzer changes the parts, and the archive is made here.
 *
 *-------------------------------------------------------------------------
 */
#include <stdbool.h>
#include <string.h>

#include "archive.h"

#define MAX_PARTS    64
#define LOCAL_SIZE   30
#define CENTRAL_SIZE 46
#define END_SIZE     22

typedef struct Part
{
	const uint8_t *name;
	size_t name_length;
	const uint8_t *body;
	size_t length;
	uint32_t checksum;
	size_t offset;
} Part;

static uint32_t
checksum_of(const uint8_t *bytes, size_t length)
{
	static uint32_t table[256];
	uint32_t checksum = 0xFFFFFFFF;

	if (table[1] == 0)
		for (uint32_t i = 0; i < 256; i++)
		{
			uint32_t entry = i;

			for (int bit = 0; bit < 8; bit++)
				entry = entry >> 1 ^ (entry & 1 ? 0xEDB88320 : 0);
			table[i] = entry;
		}
	for (size_t i = 0; i < length; i++)
		checksum = table[(checksum ^ bytes[i]) & 0xFF] ^ checksum >> 8;
	return ~checksum;
}

static uint8_t *
put(uint8_t *into, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		*into++ = (uint8_t) (value >> (8 * i));
	return into;
}

/* version, flags, method, time, date, checksum and sizes: in both directories */
static uint8_t *
put_common(uint8_t *into, const Part *part)
{
	into = put(into, 20, 2);
	into = put(into, 0, 2);
	into = put(into, 0, 2);
	into = put(into, 0, 2);
	into = put(into, 0x21, 2);
	into = put(into, part->checksum, 4);
	into = put(into, (uint32_t) part->length, 4);
	into = put(into, (uint32_t) part->length, 4);
	return put(into, (uint32_t) part->name_length, 2);
}

static uint8_t *
put_bytes(uint8_t *into, const uint8_t *bytes, size_t length)
{
	memcpy(into, bytes, length);
	return into + length;
}

static const uint8_t *
next_mark(const uint8_t *p, const uint8_t *end)
{
	while (p < end && (p = memchr(p, '\n', (size_t) (end - p))) != NULL)
	{
		if (end - p >= 3 && p[1] == '@' && p[2] == '@')
			return p;
		p++;
	}
	return end;
}

static int
split_parts(const uint8_t *text, size_t length, Part *parts)
{
	const uint8_t *end = text + length;
	const uint8_t *p = text;
	int count = 0;

	while (count < MAX_PARTS && p < end)
	{
		Part *part = &parts[count];
		const uint8_t *line;

		part->name = p + 2;
		line = memchr(part->name, '\n', (size_t) (end - part->name));
		if (line == NULL || line - part->name > 1000)
			break;
		part->name_length = (size_t) (line - part->name);
		part->body = line + 1;
		p = next_mark(line, end);
		part->length = p > part->body ? (size_t) (p - part->body) : 0;
		part->checksum = checksum_of(part->body, part->length);
		count++;
		p++;
	}
	return count;
}

uint8_t *
archive_of_parts(const uint8_t *text, size_t length, size_t *archive_length)
{
	Part parts[MAX_PARTS];
	uint8_t *archive;
	uint8_t *into;
	size_t directory;
	int count;

	if (length < 3 || text[0] != '@' || text[1] != '@')
		return NULL;
	count = split_parts(text, length, parts);
	archive = malloc(2 * length + (size_t) count * (LOCAL_SIZE + CENTRAL_SIZE) + END_SIZE);
	into = archive;
	for (int i = 0; i < count; i++)
	{
		parts[i].offset = (size_t) (into - archive);
		into = put_common(put(into, 0x04034B50, 4), &parts[i]);
		into = put(into, 0, 2);
		into = put_bytes(into, parts[i].name, parts[i].name_length);
		into = put_bytes(into, parts[i].body, parts[i].length);
	}
	directory = (size_t) (into - archive);
	for (int i = 0; i < count; i++)
	{
		into = put_common(put(put(into, 0x02014B50, 4), 20, 2), &parts[i]);
		for (int zeros = 0; zeros < 3; zeros++)
			into = put(into, 0, 4);
		into = put(into, (uint32_t) parts[i].offset, 4);
		into = put_bytes(into, parts[i].name, parts[i].name_length);
	}
	length = (size_t) (into - archive) - directory;
	into = put(put(into, 0x06054B50, 4), 0, 4);
	into = put(put(into, (uint32_t) count, 2), (uint32_t) count, 2);
	into = put(put(into, (uint32_t) length, 4), (uint32_t) directory, 4);
	into = put(into, 0, 2);
	*archive_length = (size_t) (into - archive);
	return archive;
}
