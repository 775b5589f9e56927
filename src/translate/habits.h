/*-------------------------------------------------------------------------
 *
 * habits.h
 *		What people do over time: how often they come again, what they are worth.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_HABITS_H
#define SQL_AGENT_HABITS_H

#include "translate/spans.h"

/* things, most often people, and the dated rows that point to them */
typedef struct Habit
{
	int things;              /* relation */
	int events;              /* relation */
	int edge;                /* from the events to the things */
	int time;                /* column of the events */
	int document;            /* column that several events of one occasion share, or -1 */
	int things_at;           /* element that names the things, or -1 */
	int events_at;           /* element that names the events, or -1 */
	bool used[MAX_ELEMENTS]; /* elements that need not be read further */
} Habit;

/* words that stand for all others of their kind, as an element of the question at that place */
extern Element habit_name(const Interpretation *in, int at, const char *word);
extern Element habit_relation(const Interpretation *in, int at, int relation);

/* events.c: false where nothing dated points to anything that the question names */
extern bool find_habit(const Interpretation *in, Habit *habit);
/* what is left of the question */
extern Interpretation *habit_rest(const Interpretation *in, const Habit *habit);
extern char *habit_things(const Interpretation *in, const Habit *habit); /* "customers" */
extern char *habit_events(const Interpretation *in, const Habit *habit);
/* may "new" be said of them by what they do, whatever other dates they have? */
extern bool habit_of_people(const Interpretation *in, const Habit *habit);
extern int document_column(const AskSnapshot *snapshot, int relation);
/* counts occasions and not their parts */
extern void count_occasions(const Habit *habit, AskQuery *query);

/* again.c: true where the question is one of these, answered or not */
extern bool translate_again_and_times(Interpretation *in, Translation *translation);
/* newcomers.c */
extern bool translate_newcomers(Interpretation *in, Translation *translation);
extern bool translate_retention(Interpretation *in, Translation *translation);

#endif /* SQL_AGENT_HABITS_H */
