/*-------------------------------------------------------------------------
 *
 * xls_globals.c
 *		What a workbook says before its sheets: formats, shared texts, names.
 *
 * Shared texts are kept as UTF-8 in one block.  They are part of the file, so
 * they take at most three times its size.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "ingest/numformat.h"
#include "ingest/xls.h"
#include "utils/memutils.h"

#define VERSION_BIFF8     0x0600
#define VERSION_BIFF5     0x0500
#define DEFAULT_CODEPAGE  1252
#define NO_CLASS          0xFF
#define FORMAT_IDS        65536
#define SMALLEST_TEXT     3 /* bytes of an empty text in the file */
#define SHEET_WORKSHEET   0
#define SHEET_HIDDEN_BITS 0x03
#define MAX_SHEETS        1024

static void
unsupported_version(void)
{
	ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_UNSUPPORTED),
					errmsg("workbooks older than Excel 5 are not read"),
					errhint("Save it as .xlsx with a spreadsheet program, then upload it again.")));
}

/* the first record tells the version */
static void
read_version(XlsRecords *records)
{
	uint16 version;

	if (!xls_records_next(records))
		xls_invalid("The workbook is empty.");
	if (records->type == 0x0009 || records->type == 0x0209 || records->type == 0x0409)
		unsupported_version();
	if (records->type != XLS_BOF)
		xls_invalid("The workbook does not start as one.");
	version = get_u16(xls_records_body(records, 4));
	if (version != VERSION_BIFF8 && version != VERSION_BIFF5)
		unsupported_version();
	records->biff8 = version == VERSION_BIFF8;
	records->codepage = DEFAULT_CODEPAGE;
}

static void
read_boundsheet(XlsRecords *records, XlsGlobals *globals)
{
	const uint8 *body = xls_records_body(records, 7);
	XlsSheet *sheet = palloc(sizeof(XlsSheet));
	StringInfoData name;

	if (list_length(globals->sheets) >= MAX_SHEETS)
		xls_invalid("It has more than 1024 sheets.");
	sheet->offset = get_u32(body);
	sheet->hidden = (body[4] & SHEET_HIDDEN_BITS) != 0;
	sheet->worksheet = body[5] == SHEET_WORKSHEET;
	initStringInfo(&name);
	records->position = 7;
	xls_read_text(records, body[6], &name);
	sheet->name = name.data;
	globals->sheets = lappend(globals->sheets, sheet);
}

static void
read_format(XlsRecords *records, XlsGlobals *globals)
{
	const uint8 *body = xls_records_body(records, 3);
	uint16 id = get_u16(body);
	int length = body[2];
	StringInfoData code;

	records->position = 3;
	if (records->biff8)
	{
		xls_records_body(records, 5);
		length = get_u16(body + 2);
		records->position = 4;
	}
	initStringInfo(&code);
	xls_read_text(records, length, &code);
	globals->classes[id] = numformat_classify(code.data);
	pfree(code.data);
}

static void
read_xf(XlsRecords *records, XlsGlobals *globals)
{
	const uint8 *body = xls_records_body(records, 4);

	if (globals->nformats == globals->formats_room)
	{
		globals->formats_room *= 2;
		globals->formats =
			repalloc(globals->formats, globals->formats_room * sizeof(globals->formats[0]));
	}
	globals->formats[globals->nformats++] = get_u16(body + 2);
}

static void
keep_text(XlsGlobals *globals, StringInfo text, XlsText *entry)
{
	while (globals->text_length + text->len > globals->text_room)
	{
		globals->text_room *= 2;
		globals->text_data = repalloc_huge(globals->text_data, globals->text_room);
	}
	memcpy(globals->text_data + globals->text_length, text->data, text->len);
	entry->offset = globals->text_length;
	entry->length = text->len;
	globals->text_length += text->len;
}

static void
read_shared_texts(XlsRecords *records, XlsGlobals *globals)
{
	StringInfoData text;
	int64 count;

	xls_records_body(records, 8);
	if (globals->texts != NULL)
		xls_invalid("It has two tables of shared texts.");
	records->position = 4;
	count = xls_read_u32(records);
	if (count > records->stream->size / SMALLEST_TEXT)
		xls_invalid("It claims more shared texts than it has room for.");
	globals->texts = MemoryContextAllocHuge(CurrentMemoryContext, Max(count, 1) * sizeof(XlsText));
	globals->text_room = 8192;
	globals->text_data = palloc(globals->text_room);
	initStringInfo(&text);
	for (int64 i = 0; i < count; i++)
	{
		int length = xls_read_u16(records);

		resetStringInfo(&text);
		xls_read_text(records, length, &text);
		keep_text(globals, &text, &globals->texts[i]);
		globals->ntexts++;
	}
	pfree(text.data);
}

static void
read_global(XlsRecords *records, XlsGlobals *globals)
{
	switch (records->type)
	{
		case XLS_FILEPASS:
			ereport(ERROR,
					(errcode(ERRCODE_AGENT_FILE_UNSUPPORTED), errmsg("workbook is encrypted"),
					 errhint("Save it without a password, then upload it again.")));
			break;
		case XLS_CODEPAGE:
			records->codepage = get_u16(xls_records_body(records, 2));
			break;
		case XLS_DATE1904:
			globals->date1904 = get_u16(xls_records_body(records, 2)) == 1;
			break;
		case XLS_BOUNDSHEET:
			read_boundsheet(records, globals);
			break;
		case XLS_FORMAT:
			read_format(records, globals);
			break;
		case XLS_XF:
			read_xf(records, globals);
			break;
		case XLS_SST:
			read_shared_texts(records, globals);
			break;
		default:
			break;
	}
}

void
xls_read_globals(XlsRecords *records, XlsGlobals *globals)
{
	memset(globals, 0, sizeof(*globals));
	globals->formats_room = 64;
	globals->formats = palloc(globals->formats_room * sizeof(globals->formats[0]));
	globals->classes = palloc(FORMAT_IDS);
	memset(globals->classes, NO_CLASS, FORMAT_IDS);

	read_version(records);
	while (xls_records_next(records) && records->type != XLS_EOF)
		read_global(records, globals);
}

NumberClass
xls_number_class(const XlsGlobals *globals, int xf)
{
	int format;

	if (xf >= globals->nformats)
		return NUMBER_PLAIN;
	format = globals->formats[xf];
	if (globals->classes[format] == NO_CLASS)
		return numformat_builtin(format);
	return (NumberClass) globals->classes[format];
}
