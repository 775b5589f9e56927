/*-------------------------------------------------------------------------
 *
 * xlsx.h
 *		Inside of the reader of Office Open XML workbooks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_XLSX_H
#define SQL_AGENT_XLSX_H

#include "ingest/growbuffer.h"
#include "ingest/sheet.h"

#define XLSX_CHUNK 65536

/* ---- xlsx_zip.c: the archive; libzip is used nowhere else ---- */

typedef struct ZipArchive ZipArchive;
typedef struct ZipEntry ZipEntry;

/* belongs to the current memory context, whose reset closes it */
extern ZipArchive *zip_archive_open(Source *source);
extern bool zip_archive_has(ZipArchive *archive, const char *name);
/* raises where it is missing; one entry is open at a time */
extern ZipEntry *zip_entry_open(ZipArchive *archive, const char *name);
/* returns how many bytes there were, 0 at the end; raises on damage and on bombs */
extern int zip_entry_read(ZipEntry *entry, char *buffer, int length);
/* how much has been read, 0 .. 1, by the size that the archive claims */
extern double zip_entry_progress(const ZipEntry *entry);
extern void zip_entry_close(ZipEntry *entry);

/* ---- xlsx_xml.c: parts as XML; expat is used nowhere else ---- */

typedef struct XmlHandler
{
	/* names come without a namespace's prefix; attributes end with NULL */
	void (*start)(void *state, const char *name, const char **attributes);
	void (*end)(void *state, const char *name);
	void (*text)(void *state, const char *text, int length);
	/* NULL, or why what was read can not be right; looked at after each chunk */
	const char *(*problem)(void *state);
} XmlHandler;

typedef struct XmlDocument XmlDocument;

/* belongs to the current memory context, whose reset frees it */
extern XmlDocument *
xml_document_open(ZipArchive *archive, const char *part, const XmlHandler *handler, void *state);
/* reads one more chunk; false at the end */
extern bool xml_document_read(XmlDocument *document);
extern double xml_document_progress(const XmlDocument *document);
extern void xml_document_close(XmlDocument *document);
/* reads the whole part */
extern void
xml_read_part(ZipArchive *archive, const char *part, const XmlHandler *handler, void *state);
/* the value of an attribute, or NULL */
extern const char *xml_attribute(const char **attributes, const char *name);

/* ---- xlsx_strings.c: texts that cells share ---- */

typedef struct SharedStrings
{
	GrowBuffer data;    /* UTF-8, one after the other */
	GrowBuffer offsets; /* uint64, where each starts, and the end of the last */
	bool in_text;
	bool in_phonetic;
} SharedStrings;

extern void xlsx_read_strings(ZipArchive *archive, const char *part, SharedStrings *strings);
extern int64 xlsx_strings_count(const SharedStrings *strings);
/* writes _x000D_ and its like out, in place; returns the new length */
extern size_t xlsx_unescape(char *text, size_t length);

/* ---- xlsx_workbook.c: what a workbook says before its sheets ---- */

typedef struct XlsxSheet
{
	char *name;
	char *part;
	bool hidden;
} XlsxSheet;

typedef struct XlsxWorkbook
{
	List *sheets; /* XlsxSheet *, worksheets only */
	bool date1904;
	uint8 *classes; /* NumberClass of each style of cells */
	int nclasses;
	char *strings_part; /* or NULL */
} XlsxWorkbook;

extern XlsxWorkbook *xlsx_read_workbook(ZipArchive *archive);

/* ---- xlsx_sheet.c: rows of a sheet ---- */

typedef struct XlsxRows XlsxRows;

extern XlsxRows *xlsx_rows_open(ZipArchive *archive, const char *part, const XlsxWorkbook *workbook,
								const SharedStrings *strings);
extern bool xlsx_rows_next(XlsxRows *rows, SheetRow *row);
extern double xlsx_rows_progress(const XlsxRows *rows);
extern void xlsx_rows_close(XlsxRows *rows);

#endif /* SQL_AGENT_XLSX_H */
