/*-------------------------------------------------------------------------
 *
 * narrate.h
 *		The sentence of an answer, worded by a model from its rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_NARRATE_H
#define SQL_AGENT_NARRATE_H

#include "chart/chart.h"
#include "guard/guard.h"

/*
 * One sentence, or NULL where the rows must not leave, no model can be asked,
 * or what it says holds a number that is in no row.  The call is appended to
 * *calls.
 */
extern char *narrate_rows(const char *question, Oid role, const char *sql,
						  const GuardOutcome *outcome, const ChartData *data, List **calls);

#endif /* SQL_AGENT_NARRATE_H */
