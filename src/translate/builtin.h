/*-------------------------------------------------------------------------
 *
 * builtin.h
 *		The built-in translator: a deterministic composer over the interpretation.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_BUILTIN_H
#define SQL_AGENT_BUILTIN_H

#include "translate/clarify.h"
#include "translate/query.h"

/* elements that were made into one query, or why they could not be */
typedef struct Reading
{
	QuestionScan *scan;
	bool resolved;
	AskQuery *query;   /* NULL with a reason */
	char *reason;      /* full sentence */
	List *assumptions; /* char * */
	List *ambiguities; /* Ambiguity * */
	double confidence; /* 0 .. 1 */
} Reading;

extern Translation *builtin_translate(const char *question, AskSnapshot *snapshot);

/* the same with what was chosen where the question is open (clarify.h) */
extern Translation *
builtin_translate_with(const char *question, List *choices, AskSnapshot *snapshot);

/* scan, resolve, compose */
extern Reading *read_elements(Interpretation *in);

/* "\"revenue\" as sales.amount" for every name and value that found a place; char * */
extern List *describe_understood(const QuestionScan *scan, bool resolved);

/* SQL, explanation and shape of a reading; what it lacks where it has no query */
extern void present_reading(Translation *translation, Reading *reading);
extern void describe_shape(Translation *translation, const AskQuery *query);

/* makes the translation one that is not answered; returns it */
extern Translation *abstain(Translation *translation, const Reading *reading);

/* ratio.c: where what is said of the things of some elements begins, or -1 */
extern int first_condition(const Interpretation *in, int from, int to);

/*
 * either.c: "A or B" where that is no list of values.  NULL where the question
 * is none of these, or one that can not be read so.
 */
extern Reading *read_either(const Interpretation *in);

/*
 * ratio.c: "ratio of A to B", "percentage of A that ...".  False where the
 * question is none of these.
 */
extern bool translate_ratio(Interpretation *in, Translation *translation);

/*
 * habits.c: "customer lifetime value", "repeat rate", "customers who bought in
 * 2023 but not in 2024".  False where the question is none of these.
 */
extern bool translate_habits(Interpretation *in, Translation *translation);

/*
 * sides.c: "revenue in France vs Germany".  False where the question names no
 * two values of one column to be compared.
 */
extern bool translate_sides(Interpretation *in, Translation *translation);

/*
 * together.c: "compare revenue with visits by month", "does A correlate with B".
 * The reading is that of the question as one query; false where that is right,
 * or where the question is none of these.
 */
extern bool
translate_together(Interpretation *in, const Reading *reading, Translation *translation);

/*
 * overtime.c: periods beside each other, growth, running totals and moving
 * averages.  False where the question is none of these.
 */
extern bool translate_over_time(Interpretation *in, Translation *translation);

#endif /* SQL_AGENT_BUILTIN_H */
