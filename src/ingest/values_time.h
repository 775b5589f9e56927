/*-------------------------------------------------------------------------
 *
 * values_time.h
 *		Dates and times in texts of cells.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_VALUES_TIME_H
#define SQL_AGENT_VALUES_TIME_H

#include "ingest/values.h"

/* the forms of dates, timestamps and times that the text has */
extern ValueForms value_time_forms(const char *text, int length);

#endif /* SQL_AGENT_VALUES_TIME_H */
