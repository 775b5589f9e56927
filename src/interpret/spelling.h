/*-------------------------------------------------------------------------
 *
 * spelling.h
 *		Slips of spelling in a question, put right.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SPELLING_H
#define SQL_AGENT_SPELLING_H

#include "interpret/interpret.h"

/*
 * The question with the words put right that nothing explains and that are a
 * slip away from exactly one known word; NULL where there are none.  What was
 * read as what is added to *assumptions as sentences.
 */
extern char *correct_spelling(const Interpretation *in, List **assumptions);

#endif /* SQL_AGENT_SPELLING_H */
