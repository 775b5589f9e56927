/*-------------------------------------------------------------------------
 *
 * encode.c
 *		Cells in COPY's binary format.
 *
 * Two thirds of what COPY spends on a text file goes into types' input
 * functions.  The types that files are read into are few, so their binary form is
 * made here, and COPY's engine only has to receive it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "common/errors.h"
#include "ingest/load.h"
#include "ingest/numformat.h"
#include "ingest/shown.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define NBASE_DIGITS  4
#define NUMERIC_MINUS 0x4000
#define JSONB_VERSION 1
#define NULL_LENGTH   (-1)
#define SECONDS_A_DAY 86400.0
#define MAX_EXACT     9007199254740992.0 /* 2^53 */
#define MAX_DAYS      1e7                /* beyond the last year of a workbook */

static const char copy_signature[11] = "PGCOPY\n\377\r\n\0";

void
encode_header(StringInfo into)
{
	appendBinaryStringInfo(into, copy_signature, sizeof(copy_signature));
	pq_sendint32(into, 0); /* flags */
	pq_sendint32(into, 0); /* length of the header's extension */
}

void
encode_trailer(StringInfo into)
{
	pq_sendint16(into, (uint16) -1);
}

RowEncoder *
row_encoder_create(const SheetLayout *layout, const SheetOptions *options)
{
	RowEncoder *encoder = palloc0(sizeof(RowEncoder));

	encoder->layout = layout;
	encoder->options = options;
	encoder->cells = palloc0(Max(layout->ncolumns, 1) * sizeof(SheetCell *));
	encoder->number_room = 128;
	encoder->number = palloc(encoder->number_room);
	return encoder;
}

static void
pg_attribute_noreturn() value_lost(const SheetColumn *column, int64 row, const SheetCell *cell)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("row %lld, column \"%s\" can not be read as %s", (long long) row,
					shown(column->name), column_type_name(column->type)),
			 cell->kind == CELL_TEXT
				 ? errdetail("It has '%s'.", shown_text(cell->text, cell->length, SHOWN_LENGTH))
				 : 0,
			 errhint("Mend the value, or give another type in the option types.")));
}

static void
send_bytes(StringInfo into, const void *bytes, int length)
{
	pq_sendint32(into, length);
	appendBinaryStringInfo(into, bytes, length);
}

static void
send_text(StringInfo into, const char *text, int length)
{
	char *converted;

	if (GetDatabaseEncoding() == PG_UTF8 || length == 0)
	{
		send_bytes(into, text, length);
		return;
	}
	converted = pg_any_to_server(pnstrdup(text, length), length, PG_UTF8);
	send_bytes(into, converted, (int) strlen(converted));
}

/*
 * A decimal number, as plain text with a point, in numeric's binary form: digits
 * of base 10000, aligned at the decimal point.
 */
static void
send_numeric(StringInfo into, const char *text, int length)
{
	const char *end = text + length;
	bool negative = *text == '-';
	const char *whole = text + negative;
	const char *point = memchr(whole, '.', end - whole);
	const char *fraction = point != NULL ? point + 1 : end;
	const char *p;
	int nwhole;
	int nfraction = (int) (end - fraction);
	int weight;
	int count = 0;
	int16 digits[MAX_NUMERIC_DIGITS / NBASE_DIGITS + 2];
	int first = 0;

	if (point == NULL)
		point = end;
	while (whole < point && *whole == '0')
		whole++;
	nwhole = (int) (point - whole);
	weight = (nwhole + NBASE_DIGITS - 1) / NBASE_DIGITS - 1;

	/* the first group has what is left over of the whole digits */
	p = whole;
	while (p < point)
	{
		int16 digit = 0;
		int take = (int) ((point - p - 1) % NBASE_DIGITS) + 1;

		for (int i = 0; i < take; i++)
			digit = (int16) (digit * 10 + (*p++ - '0'));
		digits[count++] = digit;
	}
	p = fraction;
	while (p < end)
	{
		int16 digit = 0;

		for (int i = 0; i < NBASE_DIGITS; i++)
			digit = (int16) (digit * 10 + (p < end ? *p++ - '0' : 0));
		digits[count++] = digit;
	}
	while (first < count && digits[first] == 0)
	{
		first++;
		weight--;
	}
	while (count > first && digits[count - 1] == 0)
		count--;
	if (first == count)
		weight = 0;

	pq_sendint32(into, 8 + 2 * (count - first));
	pq_sendint16(into, (uint16) (count - first));
	pq_sendint16(into, (uint16) weight);
	pq_sendint16(into, negative && first < count ? NUMERIC_MINUS : 0);
	pq_sendint16(into, (uint16) nfraction);
	for (int i = first; i < count; i++)
		pq_sendint16(into, (uint16) digits[i]);
}

static void
send_int64(StringInfo into, int64 value)
{
	pq_sendint32(into, sizeof(int64));
	pq_sendint64(into, (uint64) value);
}

/* months, days and microseconds: only the last is used */
static void
send_interval(StringInfo into, int64 microseconds)
{
	pq_sendint32(into, 16);
	pq_sendint64(into, (uint64) microseconds);
	pq_sendint32(into, 0);
	pq_sendint32(into, 0);
}

static void
send_date(StringInfo into, Timestamp timestamp)
{
	pq_sendint32(into, sizeof(int32));
	pq_sendint32(into,
				 (uint32) (timestamp / USECS_PER_DAY - (timestamp % USECS_PER_DAY < 0 ? 1 : 0)));
}

static void
send_double(StringInfo into, double value)
{
	pq_sendint32(into, sizeof(double));
	pq_sendfloat8(into, value);
}

/* a text in the form that its column has; false where it does not have it */
static bool
send_parsed(RowEncoder *encoder, StringInfo into, const SheetColumn *column, const char *text,
			int length)
{
	bool truth;
	int64 integer;
	double real;
	unsigned char uuid[16];
	char version = JSONB_VERSION;

	switch (column->type)
	{
		case COLUMN_BOOLEAN:
			if (!value_to_bool(text, length, &truth))
				return false;
			send_bytes(into, truth ? "\1" : "\0", 1);
			return true;
		case COLUMN_INTEGER:
			if (!value_to_int8(text, length, &integer) || integer != (int32) integer)
				return false;
			pq_sendint32(into, sizeof(int32));
			pq_sendint32(into, (uint32) integer);
			return true;
		case COLUMN_BIGINT:
			if (!value_to_int8(text, length, &integer))
				return false;
			send_int64(into, integer);
			return true;
		case COLUMN_NUMERIC:
			if (length > encoder->number_room)
			{
				encoder->number_room = length * 2;
				encoder->number = repalloc(encoder->number, encoder->number_room);
			}
			length = value_plain_decimal(text, length, column->form, encoder->number);
			if (length == 0)
				return false;
			send_numeric(into, encoder->number, length);
			return true;
		case COLUMN_DOUBLE:
			if (!value_to_double(text, length, &real))
				return false;
			send_double(into, real);
			return true;
		case COLUMN_DATE:
		case COLUMN_TIMESTAMP:
		case COLUMN_TIMESTAMPTZ:
			if (!value_to_timestamp(text, length, column->form, &integer))
				return false;
			if (column->type == COLUMN_DATE)
				send_date(into, integer);
			else
				send_int64(into, integer);
			return true;
		case COLUMN_TIME:
		case COLUMN_INTERVAL:
			if (!value_to_time(text, length, column->type == COLUMN_INTERVAL, &integer))
				return false;
			if (column->type == COLUMN_TIME)
				send_int64(into, integer);
			else
				send_interval(into, integer);
			return true;
		case COLUMN_UUID:
			if (!value_to_uuid(text, length, uuid))
				return false;
			send_bytes(into, uuid, sizeof(uuid));
			return true;
		case COLUMN_JSONB:
			pq_sendint32(into, length + 1);
			appendBinaryStringInfo(into, &version, 1);
			appendBinaryStringInfo(into, text, length);
			return true;
		case COLUMN_TEXT:
			break;
	}
	send_text(into, text, length);
	return true;
}

/*
 * Can the number be cast to what the column's type is made of?  A serial number
 * of no date is null whatever its column became.
 */
static bool
number_fits(ColumnType type, double number)
{
	switch (type)
	{
		case COLUMN_INTEGER:
			return number >= PG_INT32_MIN && number <= PG_INT32_MAX;
		case COLUMN_BIGINT:
		case COLUMN_NUMERIC:
			return fabs(number) <= MAX_EXACT;
		case COLUMN_TIME:
		case COLUMN_INTERVAL:
			return fabs(number) <= MAX_DAYS;
		default:
			return true;
	}
}

static bool
send_number(RowEncoder *encoder, StringInfo into, const SheetColumn *column, const SheetCell *cell)
{
	bool date1904 = encoder->layout->date1904;
	Timestamp timestamp;
	char *text;
	bool sent = true;

	/* what was counted as no date, or as a time of no day */
	if (!number_fits(column->type, cell->number))
	{
		pq_sendint32(into, (uint32) NULL_LENGTH);
		return true;
	}
	switch (column->type)
	{
		case COLUMN_INTEGER:
			pq_sendint32(into, sizeof(int32));
			pq_sendint32(into, (uint32) (int32) cell->number);
			return true;
		case COLUMN_BIGINT:
			send_int64(into, (int64) cell->number);
			return true;
		case COLUMN_DOUBLE:
			send_double(into, cell->number);
			return true;
		case COLUMN_DATE:
		case COLUMN_TIMESTAMP:
		case COLUMN_TIMESTAMPTZ:
			if (!numformat_serial_to_timestamp(cell->number, date1904, &timestamp))
				pq_sendint32(into, (uint32) NULL_LENGTH);
			else if (column->type == COLUMN_DATE)
				send_date(into, timestamp);
			else
				send_int64(into, timestamp);
			return true;
		case COLUMN_TIME:
		case COLUMN_INTERVAL:
			timestamp = (int64) rint(cell->number * SECONDS_A_DAY * 1000) * 1000;
			if (column->type == COLUMN_TIME)
				send_int64(into, timestamp);
			else
				send_interval(into, timestamp);
			return true;
		case COLUMN_NUMERIC:
		case COLUMN_TEXT:
			text = numformat_cell_text(cell, date1904);
			if (column->type == COLUMN_NUMERIC)
				sent = send_parsed(encoder, into, column, text, (int) strlen(text));
			else
				send_text(into, text, (int) strlen(text));
			pfree(text);
			return sent;
		default:
			return false;
	}
}

static bool
send_boolean(StringInfo into, const SheetColumn *column, const SheetCell *cell)
{
	const char *text = cell->number != 0 ? "true" : "false";

	if (column->type == COLUMN_BOOLEAN)
		send_bytes(into, cell->number != 0 ? "\1" : "\0", 1);
	else if (column->type == COLUMN_TEXT)
		send_text(into, text, (int) strlen(text));
	else
		return false;
	return true;
}

static void
encode_cell(RowEncoder *encoder, StringInfo into, const SheetColumn *column, const SheetCell *cell,
			int64 row)
{
	const char *text;
	int length;
	int start = into->len;
	bool sent = true;

	if (cell == NULL || cell->kind == CELL_BLANK || cell->kind == CELL_ERROR)
		pq_sendint32(into, (uint32) NULL_LENGTH);
	else if (cell->kind == CELL_NUMBER)
		sent = send_number(encoder, into, column, cell);
	else if (cell->kind == CELL_BOOLEAN)
		sent = send_boolean(into, column, cell);
	else if (!infer_cell_text(cell, encoder->options, &text, &length))
		pq_sendint32(into, (uint32) NULL_LENGTH);
	else if (column->type == COLUMN_TEXT)
		send_text(into, cell->text, cell->length);
	else if (length == 0)
		pq_sendint32(into, (uint32) NULL_LENGTH);
	else
		sent = send_parsed(encoder, into, column, text, length);
	if (!sent)
		value_lost(column, row, cell);
	encode_fit(column, into, start, cell, row, encoder->layout->date1904);
}

void
encode_row(RowEncoder *encoder, const SheetRow *row, StringInfo into)
{
	const SheetLayout *layout = encoder->layout;

	memset(encoder->cells, 0, layout->ncolumns * sizeof(SheetCell *));
	for (int i = 0; i < row->ncells; i++)
	{
		int column = row->cells[i].column;

		if (column < layout->nplaces && layout->places[column] >= 0)
			encoder->cells[layout->places[column]] = &row->cells[i];
	}
	pq_sendint16(into, (uint16) layout->ncolumns);
	for (int i = 0; i < layout->ncolumns; i++)
		encode_cell(encoder, into, &layout->columns[i], encoder->cells[i], row->number);
}
