/*-------------------------------------------------------------------------
 *
 * xls.h
 *		Inside of the reader of Excel 5 to 2003 workbooks (BIFF5, BIFF8).
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_XLS_H
#define SQL_AGENT_XLS_H

#include "ingest/cfb.h"
#include "ingest/sheet.h"
#include "lib/stringinfo.h"

#define XLS_WINDOW       65536
#define XLS_FIRST_WINDOW 512
#define XLS_MAX_RECORD   65535
#define XLS_MAX_COLUMNS  256 /* by the format */

/* record types, [MS-XLS] 2.3 */
enum
{
	XLS_FORMULA = 0x0006,
	XLS_EOF = 0x000A,
	XLS_DATE1904 = 0x0022,
	XLS_FILEPASS = 0x002F,
	XLS_CONTINUE = 0x003C,
	XLS_CODEPAGE = 0x0042,
	XLS_BOUNDSHEET = 0x0085,
	XLS_MULRK = 0x00BD,
	XLS_RSTRING = 0x00D6,
	XLS_XF = 0x00E0,
	XLS_SST = 0x00FC,
	XLS_LABELSST = 0x00FD,
	XLS_NUMBER = 0x0203,
	XLS_LABEL = 0x0204,
	XLS_BOOLERR = 0x0205,
	XLS_STRING = 0x0207,
	XLS_ARRAY = 0x0221,
	XLS_TABLE = 0x0236,
	XLS_RK = 0x027E,
	XLS_FORMAT = 0x041E,
	XLS_SHRFMLA = 0x04BC,
	XLS_BOF = 0x0809
};

/* the records of the workbook's stream, read forward through a window */
typedef struct XlsRecords
{
	const CfbStream *stream;
	int64 start; /* of the record that was read last */
	int64 next;  /* of the one after it */
	uint16 type;
	int length;
	int position; /* in the body */
	uint8 body[XLS_MAX_RECORD];

	int64 window_start;
	int window_length;
	uint8 window[XLS_WINDOW];

	bool biff8;
	int codepage; /* of texts before BIFF8 */
} XlsRecords;

typedef struct XlsSheet
{
	char *name;
	int64 offset;
	bool hidden;
	bool worksheet; /* no chart, macro or module */
} XlsSheet;

typedef struct XlsText
{
	int64 offset; /* in the workbook's texts */
	int length;
} XlsText;

/* what stands before the sheets */
typedef struct XlsGlobals
{
	List *sheets; /* XlsSheet * */
	bool date1904;
	uint16 *formats; /* of each XF */
	int nformats;
	int formats_room;
	uint8 *classes; /* NumberClass of each format id */
	XlsText *texts;
	int ntexts;
	char *text_data; /* of all texts, one after the other */
	int64 text_length;
	int64 text_room;
} XlsGlobals;

/* xls_records.c */
extern void xls_invalid(const char *detail) pg_attribute_noreturn();
extern void xls_records_seek(XlsRecords *records, int64 offset);
/* reads the next record; false at the end of the stream */
extern bool xls_records_next(XlsRecords *records);
/* the record that was read last is read once more */
extern void xls_records_unread(XlsRecords *records);
/* the body, which has at least that many bytes */
extern const uint8 *xls_records_body(XlsRecords *records, int length);
/* at the position, across records that continue it */
extern uint8 xls_read_u8(XlsRecords *records);
extern uint16 xls_read_u16(XlsRecords *records);
extern uint32 xls_read_u32(XlsRecords *records);
extern void xls_skip(XlsRecords *records, int64 length);
/* a text at the position, of `count` characters, appended as UTF-8 */
extern void xls_read_text(XlsRecords *records, int count, StringInfo into);

/* xls_codepage.c */
extern void xls_append_codepage(StringInfo into, int codepage, const uint8 *bytes, int length);
extern void xls_append_utf16(StringInfo into, const uint16 *units, int count);

/* xls_globals.c: from the first record on */
extern void xls_read_globals(XlsRecords *records, XlsGlobals *globals);
extern NumberClass xls_number_class(const XlsGlobals *globals, int xf);

/* xls_cells.c: is it a record of cells, and which row and cells does it hold? */
extern bool xls_is_cell(uint16 type);
/* appends the cells of the record that was read last; texts are palloc'ed */
extern SheetCell *xls_read_cells(XlsRecords *records, const XlsGlobals *globals, SheetCell *cells,
								 int *ncells, int *room);

#endif /* SQL_AGENT_XLS_H */
