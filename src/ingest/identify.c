/*-------------------------------------------------------------------------
 *
 * identify.c
 *		What a file is, by its content and never by its name.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "ingest/cfb.h"
#include "ingest/sheet.h"
#include "utils/memutils.h"

#define LOOK 4096

static bool
starts_with(const uint8 *head, int64 length, const char *magic, size_t magic_length)
{
	return length >= (int64) magic_length && memcmp(head, magic, magic_length) == 0;
}

/* the first bytes that are no blank, lower-cased: is it markup? */
static bool
looks_like(const uint8 *head, int64 length, const char *tag)
{
	int64 i = starts_with(head, length, "\xEF\xBB\xBF", 3) ? 3 : 0;
	size_t tag_length = strlen(tag);

	while (i < length && isspace(head[i]))
		i++;
	return length - i >= (int64) tag_length &&
		   pg_strncasecmp((const char *) head + i, tag, tag_length) == 0;
}

static void
pg_attribute_noreturn() unsupported(const char *what)
{
	ereport(
		ERROR,
		(errcode(ERRCODE_AGENT_FILE_UNSUPPORTED), errmsg("%s are not read", what),
		 errhint("Save it as .xlsx or .csv with a spreadsheet program, then upload it again.")));
}

static void
reject_unreadable(const uint8 *head, int64 length)
{
	if (starts_with(head, length, "%PDF-", 5))
		unsupported("PDF documents");
	if (starts_with(head, length, "\x1F\x8B", 2) || starts_with(head, length, "BZh", 3) ||
		starts_with(head, length, "7z\xBC\xAF", 4) ||
		starts_with(head, length,
					"\xFD"
					"7zXZ",
					5))
		unsupported("compressed files");
	if (looks_like(head, length, "<html") || looks_like(head, length, "<!doctype") ||
		looks_like(head, length, "<table") || looks_like(head, length, "<meta") ||
		looks_like(head, length, "<style") || looks_like(head, length, "<head"))
		unsupported("HTML pages");
	if (looks_like(head, length, "<?xml") || looks_like(head, length, "<workbook"))
		unsupported("XML documents");
}

/*
 * A compound file is a workbook, or a workbook of the newer kind that is
 * encrypted.
 */
static SheetReader *
open_compound(Source *source)
{
	static const char *const encrypted[] = {"EncryptedPackage"};
	MemoryContext look =
		AllocSetContextCreate(CurrentMemoryContext, "compound file", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(look);
	bool is_encrypted = cfb_open_stream(source, encrypted, lengthof(encrypted)) != NULL;

	MemoryContextSwitchTo(caller);
	MemoryContextDelete(look);
	if (is_encrypted)
		ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_UNSUPPORTED), errmsg("workbook is encrypted"),
						errhint("Save it without a password, then upload it again.")));
	return xls_reader_open(source);
}

/* a BOF record at the start: a workbook without a compound file around it */
static bool
is_bare_workbook(const uint8 *head, int64 length)
{
	return length >= 8 && head[0] == 0x09 &&
		   (head[1] == 0 || head[1] == 2 || head[1] == 4 || head[1] == 8) && head[2] >= 4 &&
		   head[2] <= 16 && head[3] == 0;
}

SheetReader *
sheet_reader_open(Source *source, const CsvOptions *options)
{
	uint8 head[LOOK];
	int64 length = source_read(source, 0, head, LOOK);

	if (length < 0)
		source_raise(source);
	if (length == 0)
		ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_INVALID), errmsg("file is empty")));
	if (cfb_identify(source))
		return open_compound(source);
	if (starts_with(head, length, "PK\003\004", 4) || starts_with(head, length, "PK\005\006", 4))
		return xlsx_reader_open(source);
	if (is_bare_workbook(head, length))
		return xls_reader_open(source);
	reject_unreadable(head, length);
	return csv_reader_open(source, options);
}

void
sheet_reader_close(SheetReader *reader)
{
	MemoryContextDelete(reader->context);
}

/* blanks are all that the text has */
static bool
is_blank_text(const SheetCell *cell)
{
	for (int i = 0; i < cell->length; i++)
		if (!isspace((unsigned char) cell->text[i]))
			return false;
	return !cell->quoted;
}

bool
sheet_next_filled_row(SheetReader *reader, SheetRow *row)
{
	while (reader->methods->next_row(reader, row))
		for (int i = 0; i < row->ncells; i++)
		{
			const SheetCell *cell = &row->cells[i];

			if (cell->uncached ||
				(cell->kind != CELL_BLANK && !(cell->kind == CELL_TEXT && is_blank_text(cell))))
				return true;
		}
	return false;
}
