/*-------------------------------------------------------------------------
 *
 * load.h
 *		The rows of a sheet into a table, by COPY's own engine.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_LOAD_H
#define SQL_AGENT_LOAD_H

#include "ingest/infer.h"
#include "lib/stringinfo.h"

/* ---- encode.c: cells in COPY's binary format ---- */

extern void encode_header(StringInfo into);
extern void encode_trailer(StringInfo into);

typedef struct RowEncoder
{
	const SheetLayout *layout;
	const SheetOptions *options;
	const SheetCell **cells; /* of the row, by column of the table; NULL = null */
	char *number;            /* room for a decimal number as plain text */
	int number_room;
} RowEncoder;

extern RowEncoder *row_encoder_create(const SheetLayout *layout, const SheetOptions *options);
extern void encode_row(RowEncoder *encoder, const SheetRow *row, StringInfo into);

/*
 * The value of a column that exists, encoded at `start`: raises where its type would
 * lose something of it.  encode_fit.c
 */
extern void encode_fit(const SheetColumn *column, StringInfo into, int start, const SheetCell *cell,
					   int64 row, bool date1904);

/* ---- load.c ---- */

/*
 * Appends the rows of the current sheet, as inferred, to the table, whose columns of
 * those names and types must exist.  Runs as the current role, which must own the
 * table: COPY's engine checks no privileges.  Returns the number of rows that are in
 * the table now; *given is that of the sheet, more where triggers left some out.
 */
extern int64 load_sheet(SheetReader *reader, const SheetLayout *layout, const SheetOptions *options,
						Oid relation, int64 *given);

#endif /* SQL_AGENT_LOAD_H */
