/*-------------------------------------------------------------------------
 *
 * xls_cells.c
 *		Cells of a worksheet from its records.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/xls.h"

typedef struct CellError
{
	uint8 code;
	const char *text;
} CellError;

static const CellError cell_errors[] = {{0x00, "#NULL!"}, {0x07, "#DIV/0!"},      {0x0F, "#VALUE!"},
										{0x17, "#REF!"},  {0x1D, "#NAME?"},       {0x24, "#NUM!"},
										{0x2A, "#N/A"},   {0x2B, "#GETTING_DATA"}};

/* what a formula's result is, where it is no number: [MS-XLS] 2.5.133 */
enum
{
	RESULT_TEXT = 0,
	RESULT_BOOLEAN = 1,
	RESULT_ERROR = 2,
	RESULT_BLANK = 3
};

bool
xls_is_cell(uint16 type)
{
	switch (type)
	{
		case XLS_FORMULA:
		case XLS_MULRK:
		case XLS_RSTRING:
		case XLS_LABELSST:
		case XLS_NUMBER:
		case XLS_LABEL:
		case XLS_BOOLERR:
		case XLS_RK:
			return true;
		default:
			return false;
	}
}

/* 30 bits of a double or of an integer, perhaps in hundredths */
static double
decode_rk(uint32 rk)
{
	double result;

	if (rk & 2)
		result = (double) ((int32) rk >> 2);
	else
	{
		uint64 bits = (uint64) (rk & 0xFFFFFFFC) << 32;

		memcpy(&result, &bits, sizeof(result));
	}
	return (rk & 1) ? result / 100 : result;
}

static void
set_number(SheetCell *cell, double number, NumberClass number_class)
{
	cell->kind = CELL_NUMBER;
	cell->number = number;
	cell->number_class = number_class;
}

static void
set_boolean(SheetCell *cell, uint8 value)
{
	cell->kind = CELL_BOOLEAN;
	cell->number = value != 0;
}

static void
set_error(SheetCell *cell, uint8 code)
{
	cell->kind = CELL_ERROR;
	cell->text = "#N/A";
	for (int i = 0; i < (int) lengthof(cell_errors); i++)
		if (cell_errors[i].code == code)
			cell->text = cell_errors[i].text;
	cell->length = (int) strlen(cell->text);
}

static void
set_text(SheetCell *cell, XlsRecords *records, int count)
{
	StringInfoData text;

	initStringInfo(&text);
	xls_read_text(records, count, &text);
	cell->kind = CELL_TEXT;
	cell->text = text.data;
	cell->length = text.len;
}

static void
set_shared_text(SheetCell *cell, const XlsGlobals *globals, uint32 index)
{
	if (index >= (uint32) globals->ntexts)
		xls_invalid("A cell refers to a shared text that is not there.");
	cell->kind = CELL_TEXT;
	cell->text = globals->text_data + globals->texts[index].offset;
	cell->length = globals->texts[index].length;
}

/*
 * The text that a formula came to stands in a record of its own, behind those
 * of a shared formula.
 */
static void
set_formula_text(SheetCell *cell, XlsRecords *records)
{
	while (xls_records_next(records))
	{
		switch (records->type)
		{
			case XLS_STRING:
				records->position = 0;
				set_text(cell, records, xls_read_u16(records));
				return;
			case XLS_ARRAY:
			case XLS_SHRFMLA:
			case XLS_TABLE:
			case XLS_CONTINUE:
				break;
			default:
				xls_records_unread(records);
				cell->uncached = true;
				return;
		}
	}
}

static void
set_formula(SheetCell *cell, XlsRecords *records, NumberClass number_class)
{
	const uint8 *result = xls_records_body(records, 14) + 6;

	if (get_u16(result + 6) != 0xFFFF)
		set_number(cell, get_f64(result), number_class);
	else if (result[0] == RESULT_BOOLEAN)
		set_boolean(cell, result[2]);
	else if (result[0] == RESULT_ERROR)
		set_error(cell, result[2]);
	else if (result[0] == RESULT_TEXT)
		set_formula_text(cell, records);
}

static SheetCell *
add_cell(SheetCell *cells, int *ncells, int *room, int column)
{
	if (column >= XLS_MAX_COLUMNS)
		xls_invalid("A cell stands to the right of column IV.");
	if (*ncells == *room)
	{
		*room *= 2;
		cells = repalloc_huge(cells, (Size) *room * sizeof(SheetCell));
	}
	memset(&cells[*ncells], 0, sizeof(SheetCell));
	cells[(*ncells)++].column = column;
	return cells;
}

static SheetCell *
read_multiple(XlsRecords *records, const XlsGlobals *globals, SheetCell *cells, int *ncells,
			  int *room)
{
	const uint8 *body = xls_records_body(records, 6);
	int first = get_u16(body + 2);
	int count = (records->length - 6) / 6;

	for (int i = 0; i < count; i++)
	{
		const uint8 *entry = body + 4 + 6 * i;

		cells = add_cell(cells, ncells, room, first + i);
		set_number(&cells[*ncells - 1], decode_rk(get_u32(entry + 2)),
				   xls_number_class(globals, get_u16(entry)));
	}
	return cells;
}

SheetCell *
xls_read_cells(XlsRecords *records, const XlsGlobals *globals, SheetCell *cells, int *ncells,
			   int *room)
{
	const uint8 *body = xls_records_body(records, 6);
	NumberClass number_class;
	SheetCell *cell;

	if (records->type == XLS_MULRK)
		return read_multiple(records, globals, cells, ncells, room);

	cells = add_cell(cells, ncells, room, get_u16(body + 2));
	cell = &cells[*ncells - 1];
	number_class = xls_number_class(globals, get_u16(body + 4));
	switch (records->type)
	{
		case XLS_NUMBER:
			set_number(cell, get_f64(xls_records_body(records, 14) + 6), number_class);
			break;
		case XLS_RK:
			set_number(cell, decode_rk(get_u32(xls_records_body(records, 10) + 6)), number_class);
			break;
		case XLS_LABELSST:
			set_shared_text(cell, globals, get_u32(xls_records_body(records, 10) + 6));
			break;
		case XLS_LABEL:
		case XLS_RSTRING:
			records->position = 6;
			set_text(cell, records, xls_read_u16(records));
			break;
		case XLS_BOOLERR:
			body = xls_records_body(records, 8);
			if (body[7])
				set_error(cell, body[6]);
			else
				set_boolean(cell, body[6]);
			break;
		default:
			set_formula(cell, records, number_class);
			break;
	}
	if (cell->kind == CELL_BLANK && !cell->uncached)
		(*ncells)--;
	return cells;
}
