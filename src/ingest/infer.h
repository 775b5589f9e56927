/*-------------------------------------------------------------------------
 *
 * infer.h
 *		What a sheet is as a table: where its header is, its columns, their
 *		types, and why.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_INGEST_INFER_H
#define SQL_AGENT_INGEST_INFER_H

#include "ingest/sheet.h"
#include "ingest/values.h"

/* of a table; no sheet with more columns in use becomes one */
#define TABLE_MAX_COLUMNS 1600

typedef enum ColumnType
{
	COLUMN_BOOLEAN,
	COLUMN_INTEGER,
	COLUMN_BIGINT,
	COLUMN_NUMERIC,
	COLUMN_DOUBLE,
	COLUMN_DATE,
	COLUMN_TIMESTAMP,
	COLUMN_TIMESTAMPTZ,
	COLUMN_TIME,
	COLUMN_INTERVAL,
	COLUMN_UUID,
	COLUMN_JSONB,
	COLUMN_TEXT
} ColumnType;

/* a value that decided something */
typedef struct Witness
{
	int64 row;   /* 0 = none */
	char *value; /* cut to 100 characters */
} Witness;

/* something that the uploader should know; texts are UTF-8 */
typedef struct SheetWarning
{
	char *message;
	char *column;  /* or NULL */
	Witness first; /* where it was seen first */
	int64 count;   /* how often; 0 = does not apply */
} SheetWarning;

typedef struct SheetColumn
{
	char *original; /* as in the header; NULL where there is none */
	char *name;     /* as a column of the table */
	ColumnType type;
	ValueForms form; /* the one that values are read in */
	Oid target;      /* of the column of a table that exists, InvalidOid = `type` */
	int32 typmod;    /* of that */
	char *reason;    /* why this type, NULL where it goes without saying */

	/* what was seen, over all rows */
	ValueForms forms;
	int64 values; /* that are not null */
	int64 nulls;
	int64 errors;   /* of formulas: null */
	int64 uncached; /* formulas without a result: null */
	int64 no_dates; /* serial numbers of days that never were: null */
	int64 large;    /* numbers of a workbook beyond 2^53 */
	bool grouped;
	bool exponent;
	bool percent;
	bool texts; /* some cell is a text */
	Witness first_error;
	Witness first_uncached;
	Witness first_no_date;
	Witness first_large;
	Witness first_exponent;
	Witness no_value;   /* after it no form was left but text */
	Witness no_integer; /* the first that is no integer */
	int max_length;
} SheetColumn;

/* how a sheet is to be read; zero = found out */
typedef struct SheetOptions
{
	int header_row;   /* number of the row, 0 = found out */
	bool no_header;   /* the first row is data */
	bool has_header;  /* the first row is the header */
	List *nulls;      /* char *: texts that stand for null */
	ValueForms order; /* FORMS of the order of day and month that was given; 0 = found out */
	char decimal;     /* '.' or ','; 0 = found out */
	bool keep_names;  /* as they are, not in snake_case */
	List *types;      /* ColumnTypeOption * */
} SheetOptions;

typedef struct ColumnTypeOption
{
	char *column; /* original or cleaned name */
	ColumnType type;
} ColumnTypeOption;

typedef struct SheetLayout
{
	char *sheet; /* name, NULL where the format has none */
	bool hidden;
	bool date1904;
	bool has_header;
	bool header_assumed; /* nothing but its looks speaks for it */
	int64 header_row;    /* number, 0 = none */
	int64 first_row;     /* number of the first row of data */
	int64 rows;          /* of data */
	int ncolumns;
	SheetColumn *columns;
	int *places; /* column of the table for each column of the sheet, -1 = dropped */
	int nplaces;
	int64 short_rows;
	int64 first_short;
	List *preamble; /* char *: rows above the header, as text */
	List *warnings; /* SheetWarning * */
} SheetLayout;

/*
 * Reads the current sheet from its first row to its last and says what it is as
 * a table; NULL where it has no cells.  The reader stands at the end afterwards.
 */
extern SheetLayout *
infer_sheet(SheetReader *reader, const SheetInfo *info, const SheetOptions *options);

/* infer_types.c */
/* the narrowest type that all values of the column fit */
extern void infer_type(SheetColumn *column, const SheetOptions *options);
/* reads the column as this type; raises where its values do not fit, or fit in two ways */
extern void infer_retype(SheetColumn *column, ColumnType type, const SheetOptions *options);

extern const char *column_type_name(ColumnType type);
/* the type of that name; false where files are not read into it */
extern bool column_type_by_name(const char *name, ColumnType *type);

/* the text of a cell without blanks around it; false where it stands for null */
extern bool
infer_cell_text(const SheetCell *cell, const SheetOptions *options, const char **text, int *length);

/* header.c */
typedef struct SampleRow
{
	int64 number;
	int ncells;
	SheetCell *cells;
} SampleRow;

#define HEADER_SAMPLE 100

/*
 * The index of the header among the first rows, -1 where there is none.  *first is
 * the first row of data; *evident tells whether more than names speaks for it.
 */
extern int header_find(const SampleRow *rows, int nrows, int *width, int *first, bool *evident);

/* warnings.c */
/* "column amount: ..." */
extern char *warning_text(const SheetWarning *warning);
/* about the file as a whole; in the current context */
extern SheetWarning *warning_make(const char *message);
/* adds what reading the sheet showed */
extern void warnings_add(SheetLayout *layout, bool csv);

/* names.c */
typedef struct TakenName
{
	const char *name;
	int next; /* the number to try when it is wanted again */
} TakenName;

/* names that may not come again, sorted; zero = none yet */
typedef struct TakenNames
{
	TakenName *names;
	int count;
	int room;
} TakenNames;

/* a name for a column or table that was called so; it is taken from then on */
extern char *name_clean(const char *original, const char *fallback, bool keep, TakenNames *taken);

#endif /* SQL_AGENT_INGEST_INFER_H */
