/*-------------------------------------------------------------------------
 *
 * encode_fit.c
 *		Values for columns of tables that exist, which may be narrower than the
 *		types that files are read into.
 *
 * Assigning to varchar(n), numeric(p,s), timestamp(n), time(n), real or smallint
 * rounds or raises; receive functions do the same.  A file that loses something
 * that way must not go through in silence, and an error should name its row.  So the
 * encoded value is looked at once more, and made smaller where the type is.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "ingest/load.h"
#include "ingest/numformat.h"
#include "ingest/shown.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#define NBASE_DIGITS 4
#define NUMERIC_HEAD 8 /* bytes before the digits */

static uint64
get_bytes(const char *at, int count)
{
	uint64 value = 0;

	for (int i = 0; i < count; i++)
		value = value << 8 | (unsigned char) at[i];
	return value;
}

/* numeric(p,s) as numeric.c packs it; the scale may be negative from 15 on */
static bool
numeric_fits(const char *value, int32 typmod)
{
	int precision = ((typmod - VARHDRSZ) >> 16) & 0xffff;
	int scale = (((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
	int count = (int16) get_bytes(value, 2);
	int weight = (int16) get_bytes(value + 2, 2);
	int whole;
	int fraction;
	int digit;

	if (typmod < VARHDRSZ || count == 0)
		return true;
	whole = weight * NBASE_DIGITS;
	for (digit = (int16) get_bytes(value + NUMERIC_HEAD, 2); digit > 0; digit /= 10)
		whole++;
	fraction = (count - weight - 1) * NBASE_DIGITS;
	digit = (int16) get_bytes(value + NUMERIC_HEAD + 2 * (count - 1), 2);
	for (; digit % 10 == 0; digit /= 10)
		fraction--;
	return whole <= precision - scale && fraction <= scale;
}

/* no digit of a second is lost; a type without typmod keeps all six */
static bool
seconds_fit(const char *value, int32 digits)
{
	int64 unit = 1;

	if (digits < 0)
		return true;
	for (int i = digits; i < MAX_TIMESTAMP_PRECISION; i++)
		unit *= 10;
	return (int64) get_bytes(value, 8) % unit == 0;
}

/* char(n) is filled with blanks, so more of them are nothing that could be lost */
static bool
text_fits(const char *value, int length, const SheetColumn *column)
{
	int limit = column->typmod - VARHDRSZ;

	if (column->typmod < VARHDRSZ)
		return true;
	while (column->target == BPCHAROID && length > 0 && value[length - 1] == ' ')
		length--;
	return length <= limit || pg_mbstrlen_with_len(value, length) <= limit;
}

static bool
fit_smallint(StringInfo into, int start)
{
	int32 value = (int32) get_bytes(into->data + start + 4, 4);

	if (value != (int16) value)
		return false;
	into->len = start;
	pq_sendint32(into, sizeof(int16));
	pq_sendint16(into, (uint16) value);
	return true;
}

/* what is shown of the number, shortened to a real's digits, is the number still */
static bool
fit_real(StringInfo into, int start)
{
	uint64 bits = get_bytes(into->data + start + 4, 8);
	char text[FLOAT_SHORTEST_DECIMAL_LEN];
	double value;
	float4 real;

	memcpy(&value, &bits, sizeof(value));
	real = (float4) value;
	if (!isnan(value) && !isinf(value))
	{
		if (isinf(real) || (real == 0) != (value == 0))
			return false;
		float_to_shortest_decimal_buf(real, text);
		if (strtod(text, NULL) != value)
			return false;
	}
	into->len = start;
	pq_sendint32(into, sizeof(float4));
	pq_sendfloat4(into, real);
	return true;
}

static bool
fit(const SheetColumn *column, StringInfo into, int start)
{
	const char *value = into->data + start + 4;

	switch (column->target)
	{
		case INT2OID:
			return fit_smallint(into, start);
		case FLOAT4OID:
			return fit_real(into, start);
		case NUMERICOID:
			return numeric_fits(value, column->typmod);
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case TIMEOID:
			return seconds_fit(value, column->typmod);
		case INTERVALOID:
			return column->typmod < 0 ||
				   INTERVAL_PRECISION(column->typmod) == INTERVAL_FULL_PRECISION ||
				   seconds_fit(value, INTERVAL_PRECISION(column->typmod));
		case VARCHAROID:
		case BPCHAROID:
			return text_fits(value, into->len - start - 4, column);
		default:
			return true;
	}
}

void
encode_fit(const SheetColumn *column, StringInfo into, int start, const SheetCell *cell, int64 row,
		   bool date1904)
{
	const char *text;

	if (!OidIsValid(column->target) || (int32) get_bytes(into->data + start, 4) < 0 ||
		fit(column, into, start))
		return;
	text = numformat_cell_text(cell, date1904);
	ereport(ERROR,
			(errcode(column->type == COLUMN_TEXT ? ERRCODE_STRING_DATA_RIGHT_TRUNCATION
												 : ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("row %lld, column \"%s\" does not fit type %s", (long long) row,
					shown(column->name), format_type_with_typemod(column->target, column->typmod)),
			 errdetail("It has '%s'.", shown_text(text, (int) strlen(text), SHOWN_LENGTH)),
			 errhint("Mend the value, or widen the column of the table.")));
}
