/*-------------------------------------------------------------------------
 *
 * harness.c
 *		Reads what the fuzzer made as an upload would: every sheet, row and cell.
 *
 * Besides the sanitizers it holds the readers to what everything above them
 * builds upon: cells in order and in bounds, texts of valid UTF-8, the same rows
 * each time they are read, values that fit the type that was inferred, errors
 * that are the file's.  What a user might say of the file, and whether the query
 * is cancelled on the way, hangs on the length of the input.  FUZZ_READER says which reader is meant: text is read by
 * whichever fits, the parts of a workbook are put into an archive, and records
 * without a compound file around them are read as a workbook, whatever they are.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "archive.h"
#include "catalog/pg_type.h"
#include "common/errors.h"
#include "fuzz_ingest/backend.h"
#include "ingest/cfb.h"
#include "ingest/infer.h"
#include "ingest/load.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#define FUZZ_CSV  1
#define FUZZ_XLSX 2
#define FUZZ_XLS  3

/* the bytes in pieces, as from a table */
typedef struct PieceSource
{
	SourceReader base;
	const char *data;
} PieceSource;

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
pg_attribute_noreturn() broken(const char *what)
{
	fprintf(stderr, "BROKEN: %s\n", what);
	abort();
}

static int64
read_pieces(SourceReader *base, int64 offset, char *buffer, int64 length)
{
	length = Min(length, 1 + offset % 97);
	memcpy(buffer, ((PieceSource *) base)->data + offset, length);
	return length;
}

static Source *
make_source(const uint8_t *data, size_t size)
{
	PieceSource *pieces;
	Source *source;

	if (size % 2 == 0)
	{
		source = palloc0(sizeof(Source));
		source->data = (const char *) data;
		source->size = (int64) size;
		return source;
	}
	pieces = palloc0(sizeof(PieceSource));
	pieces->base.read = read_pieces;
	pieces->data = (const char *) data;
	return source_create(&pieces->base, (int64) size);
}

/* what a user might say of a text file; most say nothing */
static CsvOptions
choose_options(size_t size)
{
	CsvOptions options = {0};

#if FUZZ_READER == FUZZ_CSV
	static const char *const encodings[] = {"SJIS", "utf-16",  "utf-16be",
											"UTF8", "GB18030", "LATIN1"};

	if (size % 7 == 6)
		options.encoding = encodings[size / 7 % lengthof(encodings)];
	options.replace_invalid = size % 11 == 5;
	options.no_quote = size % 13 == 12;
	if (size % 17 == 16)
		options.delimiter = ';';
#endif
	return options;
}

static SheetOptions
choose_sheet_options(size_t size)
{
	static char dash[] = "-";
	SheetOptions options = {0};

	options.no_header = size % 19 == 1;
	options.has_header = size % 19 == 2;
	options.header_row = size % 19 == 3 ? 3 : 0;
	options.keep_names = size % 19 == 4;
	options.decimal = size % 19 == 5 ? ',' : size % 19 == 6 ? '.' : '\0';
	options.order = size % 19 == 7   ? FORM_DATE_DMY | FORM_STAMP_DMY | FORM_ZONED_DMY
					: size % 19 == 8 ? FORM_DATE_MDY | FORM_STAMP_MDY | FORM_ZONED_MDY
									 : 0;
	if (size % 19 == 9)
		options.nulls = lappend(NIL, dash);
	return options;
}

/* each column as a type that it may not have; what does not fit is an error then */
static void
retype(const SheetLayout *layout, const SheetOptions *options, size_t size)
{
	if (size % 23 != 22)
		return;
	for (int i = 0; i < layout->ncolumns; i++)
		infer_retype(&layout->columns[i], (ColumnType) ((size / 23 + i) % (COLUMN_TEXT + 1)),
					 options);
}

/* each column into one of a table whose type is narrower */
static void
narrow_targets(const SheetLayout *layout, size_t size)
{
	if (size % 29 != 28)
		return;
	for (int i = 0; i < layout->ncolumns; i++)
	{
		SheetColumn *column = &layout->columns[i];

		column->typmod = VARHDRSZ + 5;
		if (column->type == COLUMN_INTEGER)
			column->target = INT2OID;
		else if (column->type == COLUMN_DOUBLE)
			column->target = FLOAT4OID;
		else if (column->type == COLUMN_TEXT)
			column->target = i % 2 == 0 ? VARCHAROID : BPCHAROID;
		else if (column->type == COLUMN_NUMERIC)
		{
			column->target = NUMERICOID;
			column->typmod = (7 << 16 | 2) + VARHDRSZ;
		}
		else if (column->type == COLUMN_TIMESTAMP || column->type == COLUMN_TIME)
		{
			column->target = column->type == COLUMN_TIME ? TIMEOID : TIMESTAMPOID;
			column->typmod = 3;
		}
	}
}

static SheetReader *
open_reader(Source *source, size_t size)
{
	CsvOptions options = choose_options(size);

#if FUZZ_READER == FUZZ_XLS
	if (!cfb_identify(source))
		return xls_reader_open(source);
#elif FUZZ_READER == FUZZ_XLSX
	return xlsx_reader_open(source);
#endif
	return sheet_reader_open(source, &options);
}

static void
mix(uint64 *sum, const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		*sum = (*sum ^ ((const uint8 *) bytes)[i]) * UINT64CONST(0x100000001B3);
}

static void
check_text(const char *text, int length)
{
	int at = 0;

	if (length < 0 || (text == NULL && length > 0))
		broken("a text that is none");
	while (at < length)
	{
		int one = pg_utf_mblen((const unsigned char *) text + at);

		if (one > length - at || !pg_utf8_islegal((const unsigned char *) text + at, one))
			broken("a text that is not UTF-8");
		at += one;
	}
}

static void
check_row(const SheetRow *row, int64 above, uint64 *sum)
{
	int last = -1;

	if (row->number <= above)
		broken("rows that are not in order");
	if (row->ncells < 0 || row->ncells > SHEET_MAX_COLUMNS)
		broken("a row that is too wide");
	mix(sum, &row->number, sizeof(row->number));
	for (int i = 0; i < row->ncells; i++)
	{
		const SheetCell *cell = &row->cells[i];

		if (cell->column <= last || cell->column >= SHEET_MAX_COLUMNS)
			broken("cells that are not in order, or out of bounds");
		last = cell->column;
		mix(sum, &cell->column, sizeof(cell->column));
		mix(sum, &cell->kind, sizeof(cell->kind));
		mix(sum, &cell->number, sizeof(cell->number));
		if (cell->kind == CELL_TEXT || cell->kind == CELL_ERROR)
		{
			check_text(cell->text, cell->length);
			mix(sum, cell->text, (size_t) cell->length);
		}
	}
}

/* what loading does: each row in COPY's binary format */
static uint64
read_rows(SheetReader *reader, const SheetLayout *layout, const SheetOptions *options)
{
	RowEncoder *encoder = layout != NULL ? row_encoder_create(layout, options) : NULL;
	StringInfoData encoded;
	uint64 sum = UINT64CONST(0xCBF29CE484222325);
	SheetRow row;
	int64 above = 0;

	initStringInfo(&encoded);
	while (sheet_next_filled_row(reader, &row))
	{
		double progress = reader->methods->progress(reader);

		if (!(progress >= 0 && progress <= 1))
			broken("progress that is no part of the whole");
		check_row(&row, above, &sum);
		above = row.number;
		if (encoder != NULL && row.number >= layout->first_row)
		{
			resetStringInfo(&encoded);
			encode_row(encoder, &row, &encoded);
		}
	}
	return sum;
}

static void
read_sheet(SheetReader *reader, const SheetInfo *info, size_t size)
{
	SheetOptions options = choose_sheet_options(size);
	SheetLayout *layout;
	uint64 first;

	if (info->name != NULL)
		check_text(info->name, (int) strlen(info->name));
	first = read_rows(reader, NULL, &options);
	layout = infer_sheet(reader, info, &options);
	reader->methods->rewind(reader);
	if (layout == NULL)
		return;
	for (int i = 0; i < layout->ncolumns; i++)
		if (strlen(layout->columns[i].name) >= NAMEDATALEN || layout->columns[i].name[0] == '\0')
			broken("a name that no column can have");
	retype(layout, &options, size);
	narrow_targets(layout, size);
	if (read_rows(reader, layout, &options) != first)
		broken("rows that are others when they are read again");
}

static void
read_file(const uint8_t *data, size_t size)
{
	MemoryContext file = CurrentMemoryContext;
	Source *source = make_source(data, size);
	SheetReader *reader = open_reader(source, size);
	int sheets[2] = {0, 0};

	for (int pass = 0; pass < 2; pass++)
	{
		SheetInfo info;

		reader->methods->restart(reader);
		while (reader->methods->next_sheet(reader, &info))
		{
			MemoryContext sheet =
				AllocSetContextCreate(file, "sheet of the harness", ALLOCSET_DEFAULT_SIZES);

			MemoryContextSwitchTo(sheet);
			sheets[pass]++;
			if (pass == 0)
				read_sheet(reader, &info, size);
			MemoryContextSwitchTo(file);
			MemoryContextDelete(sheet);
		}
	}
	if (sheets[0] != sheets[1])
		broken("sheets that are others when they are read again");
	sheet_reader_close(reader);
	source_close(source);
}

/* an error that says something about the file, rather than about us */
static void
check_error(size_t size)
{
	int code;
	const char *message = backend_error(&code);

	switch (code)
	{
		case ERRCODE_AGENT_FILE_INVALID:
		case ERRCODE_AGENT_FILE_UNSUPPORTED:
		case ERRCODE_CHARACTER_NOT_IN_REPERTOIRE:
		case ERRCODE_TOO_MANY_COLUMNS:
		case ERRCODE_PROGRAM_LIMIT_EXCEEDED:
			return;
		case ERRCODE_INVALID_TEXT_REPRESENTATION:
			if (size % 23 == 22)
				return;
			break;
		case ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE:
		case ERRCODE_STRING_DATA_RIGHT_TRUNCATION:
			if (size % 29 == 28)
				return;
			break;
		case ERRCODE_INVALID_PARAMETER_VALUE:
			if (size % 19 == 3)
				return;
			break;
		case ERRCODE_QUERY_CANCELED:
			if (size % 5 == 4)
				return;
			break;
		default:
			break;
	}
	for (int i = 0; i < 5; i++)
		fputc(PGUNSIXBIT(code >> (6 * i)), stderr);
	fputc('\n', stderr);
	broken(message);
}

static void
read_bytes(const uint8_t *data, size_t size)
{
	sigjmp_buf jump;
	MemoryContext top =
		AllocSetContextCreateInternal(NULL, "file of the harness", ALLOCSET_DEFAULT_SIZES);

	CurrentMemoryContext = top;
	backend_cancel_after(size % 5 == 4 ? (int) (size / 5 % 40) : -1);
	if (sigsetjmp(jump, 0) == 0)
	{
		PG_exception_stack = &jump;
		read_file(data, size);
	}
	else
		check_error(size);
	PG_exception_stack = NULL;
	MemoryContextDelete(top);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t length = 0;
	uint8_t *archive = NULL;

#if FUZZ_READER == FUZZ_XLSX
	archive = archive_of_parts(data, size, &length);
#endif
	if (archive != NULL)
		read_bytes(archive, length);
	else if (size > 0)
		read_bytes(data, size);
	free(archive);
	return 0;
}
