/*-------------------------------------------------------------------------
 *
 * xls_records.c
 *		The records of a workbook's stream, and texts in them.
 *
 * A record has a type, a length and at most 65,535 bytes; longer things go on
 * in CONTINUE records.  A text that is continued repeats its flags at the start
 * of the next record, because the width of characters can change there.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "ingest/xls.h"
#include "miscadmin.h"

/* flags of a text, [MS-XLS] 2.5.293 */
#define TEXT_WIDE     0x01
#define TEXT_PHONETIC 0x04
#define TEXT_RICH     0x08

#define TEXT_CHUNK 1024

void
xls_invalid(const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_INVALID), errmsg("workbook is damaged"),
					errdetail("%s", detail),
					errhint("Open the file in a spreadsheet program and save it again.")));
}

void
xls_records_seek(XlsRecords *records, int64 offset)
{
	if (offset < 0 || offset >= records->stream->size)
		xls_invalid("A sheet lies beyond the end of the workbook.");
	records->next = offset;
}

/* copies bytes of the stream; false where it ends before */
static bool
read_window(XlsRecords *records, int64 offset, uint8 *into, int length)
{
	while (length > 0)
	{
		int64 within = offset - records->window_start;
		int chunk;

		if (within < 0 || within >= records->window_length)
		{
			/* little is wanted of a place that reading jumps to */
			bool goes_on = offset == records->window_start + records->window_length;

			records->window_start = offset;
			records->window_length = (int) cfb_read(records->stream, offset, records->window,
													goes_on ? XLS_WINDOW : XLS_FIRST_WINDOW);
			if (records->window_length == 0)
				return false;
			within = 0;
		}
		chunk = (int) Min(length, records->window_length - within);
		memcpy(into, records->window + within, chunk);
		into += chunk;
		offset += chunk;
		length -= chunk;
	}
	return true;
}

bool
xls_records_next(XlsRecords *records)
{
	uint8 head[4];

	CHECK_FOR_INTERRUPTS();
	if (!read_window(records, records->next, head, sizeof(head)))
		return false;
	records->start = records->next;
	records->type = get_u16(head);
	records->length = get_u16(head + 2);
	records->position = 0;
	if (!read_window(records, records->start + sizeof(head), records->body, records->length))
		xls_invalid("The workbook is cut off within a record.");
	records->next = records->start + sizeof(head) + records->length;
	return true;
}

void
xls_records_unread(XlsRecords *records)
{
	records->next = records->start;
}

const uint8 *
xls_records_body(XlsRecords *records, int length)
{
	if (records->length < length)
		xls_invalid("A record is shorter than its kind demands.");
	return records->body;
}

/* steps into the record that continues this one */
static void
read_continuation(XlsRecords *records)
{
	if (!xls_records_next(records) || records->type != XLS_CONTINUE)
		xls_invalid("A record that should be continued is not.");
}

uint8
xls_read_u8(XlsRecords *records)
{
	while (records->position >= records->length)
		read_continuation(records);
	return records->body[records->position++];
}

uint16
xls_read_u16(XlsRecords *records)
{
	uint16 low = xls_read_u8(records);

	return low | (uint16) xls_read_u8(records) << 8;
}

uint32
xls_read_u32(XlsRecords *records)
{
	uint32 low = xls_read_u16(records);

	return low | (uint32) xls_read_u16(records) << 16;
}

void
xls_skip(XlsRecords *records, int64 length)
{
	while (length > 0)
	{
		int64 chunk = Min(length, records->length - records->position);

		records->position += (int) chunk;
		length -= chunk;
		if (length > 0)
			read_continuation(records);
	}
}

/*
 * The characters themselves.  They are collected in pieces that end where a
 * record ends, so that a pair of surrogates may be split between two pieces;
 * the first half then waits in `held`.
 */
static void
read_characters(XlsRecords *records, int count, bool wide, StringInfo into)
{
	uint16 units[TEXT_CHUNK + 1];
	uint16 last = 0;
	int held = 0;

	while (count > 0)
	{
		int size = wide ? 2 : 1;
		int available;
		int n = held;

		if (records->position >= records->length)
		{
			read_continuation(records);
			wide = (xls_read_u8(records) & TEXT_WIDE) != 0;
			continue;
		}
		available = (records->length - records->position) / size;
		if (available == 0)
			xls_invalid("A text is cut within a character.");
		available = Min(Min(available, count), TEXT_CHUNK);
		for (int i = 0; i < available; i++)
		{
			const uint8 *p = records->body + records->position + i * size;

			last = wide ? get_u16(p) : *p;
			units[n++] = last;
		}
		records->position += available * size;
		count -= available;
		held = count > 0 && (last & 0xFC00) == 0xD800 ? 1 : 0;
		xls_append_utf16(into, units, n - held);
		if (held)
			units[0] = last;
	}
}

void
xls_read_text(XlsRecords *records, int count, StringInfo into)
{
	uint8 flags;
	int64 trailer = 0;

	if (!records->biff8)
	{
		const uint8 *bytes = records->body + records->position;

		if (count > records->length - records->position)
			xls_invalid("A text is longer than its record.");
		xls_append_codepage(into, records->codepage, bytes, count);
		records->position += count;
		return;
	}
	flags = xls_read_u8(records);
	if (flags & TEXT_RICH)
		trailer += (int64) xls_read_u16(records) * 4;
	if (flags & TEXT_PHONETIC)
		trailer += xls_read_u32(records);
	read_characters(records, count, (flags & TEXT_WIDE) != 0, into);
	xls_skip(records, trailer);
}
