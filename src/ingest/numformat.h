/*-------------------------------------------------------------------------
 *
 * numformat.h
 *		What a spreadsheet's number formats and serial numbers mean.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_NUMFORMAT_H
#define SQL_AGENT_NUMFORMAT_H

#include "datatype/timestamp.h"
#include "ingest/sheet.h"

/* formats that every workbook has without declaring them */
extern NumberClass numformat_builtin(int id);

/* a format code such as "dd/mm/yyyy hh:mm;@", UTF-8 */
extern NumberClass numformat_classify(const char *code);

/*
 * A serial number as a point in time, to the millisecond.  False where there is
 * none: day 60 of the 1900 system (the 29th of February 1900), negative, or
 * after the year 9999.
 */
extern bool numformat_serial_to_timestamp(double serial, bool date1904, Timestamp *result);

/*
 * What a cell holds, as UTF-8 text, palloc'ed; NULL where it is blank.  A date or
 * time is in ISO form, a whole number without exponent, any other in its shortest
 * exact form: no setting changes it.
 */
extern char *numformat_cell_text(const SheetCell *cell, bool date1904);

#endif /* SQL_AGENT_NUMFORMAT_H */
