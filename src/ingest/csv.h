/*-------------------------------------------------------------------------
 *
 * csv.h
 *		Inside of the reader of delimited text.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_CSV_H
#define SQL_AGENT_CSV_H

#include "ingest/sheet.h"

/* ---- csv_text.c: the file as UTF-8 ---- */

typedef struct CsvText CsvText;

/* finds out the encoding where `options` do not name it; in the current context */
extern CsvText *csv_text_open(const Source *source, const CsvOptions *options);
/* up to `room` bytes of UTF-8, ending with a whole character; 0 at the end */
extern int64 csv_text_read(CsvText *text, char *buffer, int64 room);
extern void csv_text_rewind(CsvText *text);
/* how much has been read, 0 .. 1 */
extern double csv_text_progress(const CsvText *text);
/* the encoding's name; *guessed where the file does not prove it */
extern const char *csv_text_encoding(const CsvText *text, bool *guessed);

/* ---- csv_split.c: text into rows of fields ---- */

typedef struct CsvDialect
{
	char delimiter; /* 0 = one column */
	char quote;     /* 0 = none */
	char escape;    /* 0 = a quote in quotes is doubled */
} CsvDialect;

/* meaning of each byte in a dialect */
typedef struct CsvClasses
{
	CsvDialect dialect;
	uint8 of[256];
} CsvClasses;

typedef struct CsvRow
{
	SheetCell *cells; /* text points into the data */
	int ncells;
	int room;
	bool irregular; /* text after a closing quote, or a quote inside of plain text */
	bool unclosed;  /* the data ended in quotes */
	bool too_wide;  /* the fields beyond SHEET_MAX_COLUMNS are not kept */
} CsvRow;

#define CSV_NEEDS_MORE (-1)

extern void csv_classes_set(CsvClasses *classes, CsvDialect dialect);
/*
 * Splits the first row of the data and returns its length with the end of line,
 * or CSV_NEEDS_MORE where the data ends first and `final` is not set.  Escapes
 * are still in the fields; csv_row_unescape() writes them out, in place.
 */
extern int64
csv_split_row(const CsvClasses *classes, const char *data, int64 length, bool final, CsvRow *row);
extern void csv_row_unescape(const CsvClasses *classes, CsvRow *row);

/* ---- csv_dialect.c ---- */

/* the dialect that fits the sample best; `skip` is the length of a "sep=" line */
extern CsvDialect csv_detect_dialect(const char *sample, int64 length, bool whole_file,
									 const CsvOptions *options, int64 *skip);

#endif /* SQL_AGENT_CSV_H */
