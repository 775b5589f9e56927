/*-------------------------------------------------------------------------
 *
 * tables.h
 *		Statements on the tables of an upload: shared by upload_load.c,
 *		upload_keys.c, upload_upsert.c and upload_relate.c.
 *
 * All of it runs as the owner of the target, in role_scope_enter(): names of
 * types, functions and operators are those of pg_catalog.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_TABLES_H
#define SQL_AGENT_TABLES_H

#include "ingest/upload.h"

/* ---- tables.c ---- */

/* SPI_execute() that leaves the caller's memory context; the result code */
extern int tables_execute(const char *sql);
/* the same for statements that can not but succeed; rows that were processed */
extern uint64 tables_run(const char *sql);
/* an integer that the query gives in its first column, 0 for null */
extern int64 tables_int(const char *sql);

extern const char *tables_quoted(const char *utf8);
extern char *tables_qualified(const UploadTarget *target, const char *name);
/* "t.a, t.b" of the names (char *, UTF-8), each with the prefix */
extern char *tables_list(List *names, const char *prefix);
/* "a.x OPERATOR(pg_catalog.=) b.y AND ..." */
extern char *tables_equal(const char *a, List *a_names, const char *b, List *b_names);
extern char *tables_plain_list(List *names);

/* two rows of a freshly loaded table that have the same values in the columns */
typedef struct Duplicate
{
	int64 first; /* as rows of the file */
	int64 second;
	char *value; /* UTF-8, cut to 100 bytes */
} Duplicate;

extern bool tables_find_duplicate(SheetReader *reader, const SheetLayout *layout,
								  const char *relation, List *columns, Duplicate *duplicate);
/* number in the file of the first row of such a table that lacks one of the columns, or 0 */
extern int64 tables_find_incomplete(SheetReader *reader, const SheetLayout *layout,
									const char *relation, List *columns);
/* are the values of the columns of an upload's fresh table different in all rows? */
extern bool tables_unique(const char *relation, List *columns);

/* the columns of the sheet that the names mean, as names of the table; raises for others */
extern List *tables_columns(const SheetLayout *layout, List *names);

/* ---- upload_keys.c ---- */

extern bool key_named_like(const char *name);
extern void key_missing(List *columns, int64 row) pg_attribute_noreturn();
extern void key_repeated(List *columns, const Duplicate *duplicate) pg_attribute_noreturn();
/* proposes keys, and creates the one that is proven, or that the options name */
extern void key_propose(UploadTable *table, SheetReader *reader, const UploadOptions *options,
						const UploadTarget *target);

/* ---- upload_upsert.c ---- */

extern void upsert_sheet(UploadTable *table, SheetReader *reader, const UploadOptions *options,
						 const UploadTarget *target);

/* ---- upload_relate.c ---- */

/* finds how the tables belong together, and creates foreign keys where that is wanted */
extern void relate_tables(List *uploads, const UploadOptions *options, const UploadTarget *target);
/* records it; in the scope of the caller, not of the owner */
extern void relate_record(List *uploads);

#endif /* SQL_AGENT_TABLES_H */
