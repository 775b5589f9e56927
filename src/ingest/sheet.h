/*-------------------------------------------------------------------------
 *
 * sheet.h
 *		Sheets of a file as rows of raw cells: the one interface of all
 *		readers.
 *
 * A reader gives what the file says and judges nothing: types, headers and
 * names are inferred above it.  It streams: a row is valid until the next call.
 * Its memory is its own context, whose reset frees what is not memory, too.  A damaged
 * or hostile file raises ERRCODE_AGENT_FILE_INVALID or _UNSUPPORTED, never more
 * than that: no reader trusts a length, an offset or a count of the file.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SHEET_H
#define SQL_AGENT_SHEET_H

#include "ingest/source.h"
#include "nodes/pg_list.h"

/* as many as a sheet of a workbook can have; no file is read that is wider */
#define SHEET_MAX_COLUMNS 16384

typedef enum CellKind
{
	CELL_BLANK,
	CELL_TEXT,
	CELL_NUMBER,
	CELL_BOOLEAN, /* number is 0 or 1 */
	CELL_ERROR    /* text is "#DIV/0!" and the like */
} CellKind;

/* what the number format says that a number is */
typedef enum NumberClass
{
	NUMBER_PLAIN,
	NUMBER_PERCENT,
	NUMBER_CURRENCY,
	NUMBER_DATE,
	NUMBER_DATETIME,
	NUMBER_TIME,
	NUMBER_ELAPSED /* hours may pass 24 */
} NumberClass;

typedef struct SheetCell
{
	int column; /* from 0 */
	CellKind kind;
	NumberClass number_class; /* of a CELL_NUMBER; dates are serial numbers */
	bool quoted;              /* CSV: the field stood in quotes */
	bool uncached;            /* a formula whose result the file does not hold: blank */
	bool iso_date;            /* text is a date in ISO 8601 by the file's own word */
	double number;
	const char *text; /* UTF-8, not terminated */
	int length;
} SheetCell;

typedef struct SheetRow
{
	int64 number; /* from 1, as a person sees it in the file */
	int ncells;
	SheetCell *cells; /* ascending by column; blanks may be left out */
} SheetRow;

typedef struct SheetInfo
{
	const char *name; /* UTF-8; NULL where the format has no names */
	bool hidden;
	bool date1904; /* serial numbers count from 1904 */
} SheetInfo;

typedef struct SheetReader SheetReader;

typedef struct SheetReaderMethods
{
	const char *format; /* "csv", "xlsx", "xls" */
	/* moves to the next sheet that holds cells; false after the last */
	bool (*next_sheet)(SheetReader *reader, SheetInfo *info);
	/* the next row that is not blank; false after the last */
	bool (*next_row)(SheetReader *reader, SheetRow *row);
	/* goes back to the first row of the current sheet */
	void (*rewind)(SheetReader *reader);
	/* goes back to before the first sheet */
	void (*restart)(SheetReader *reader);
	/* how much of the current sheet has been read, 0 .. 1 */
	double (*progress)(SheetReader *reader);
} SheetReaderMethods;

struct SheetReader
{
	const SheetReaderMethods *methods;
	Source *source;
	MemoryContext context;
	List *warnings; /* char *, about the file as a whole */
};

/* what is known of a text file beforehand; zero = found out from the file */
typedef struct CsvOptions
{
	const char *encoding; /* a name that PostgreSQL knows, or UTF-16 */
	char delimiter;
	char quote;
	bool no_quote;
	bool replace_invalid; /* bytes that the encoding does not have become U+FFFD */
} CsvOptions;

/*
 * Opens the reader that fits what the file is by its content.  It allocates in
 * a child of the current context; that context's reset closes it.
 */
extern SheetReader *sheet_reader_open(Source *source, const CsvOptions *options);
extern void sheet_reader_close(SheetReader *reader);
/* the next row in which somebody sees something; false after the last */
extern bool sheet_next_filled_row(SheetReader *reader, SheetRow *row);

/* one for each format */
extern SheetReader *csv_reader_open(Source *source, const CsvOptions *options);
extern SheetReader *xls_reader_open(Source *source);
extern SheetReader *xlsx_reader_open(Source *source);

#endif /* SQL_AGENT_SHEET_H */
