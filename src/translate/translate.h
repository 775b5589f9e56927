/*-------------------------------------------------------------------------
 *
 * translate.h
 *		Question -> SQL.  Translators are tried in order; the first that is
 *		sure enough wins.  What they return is untrusted text for the guard.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_TRANSLATE_H
#define SQL_AGENT_TRANSLATE_H

#include "catalog/snapshot.h"
#include "nodes/pg_list.h"
#include "utils/uuid.h"

/* a word or a choice that could be read in more than one way */
typedef struct Ambiguity
{
	char *word;
	List *readings; /* char *, the chosen one first */
} Ambiguity;

/* what a column of the result is, for the sentence and the chart */
typedef enum ResultRole
{
	RESULT_ATTRIBUTE, /* a plain column of listed rows */
	RESULT_KEY,       /* grouping key or the name of the thing asked for */
	RESULT_TIME,      /* time bucket */
	RESULT_MEASURE    /* aggregate or computed number */
} ResultRole;

typedef struct ResultColumn
{
	char *name;
	ResultRole role;
} ResultColumn;

typedef struct Translation
{
	bool answered; /* sql is set */
	char *sql;
	const char *translator; /* "memory", "builtin", "llm" */
	char *model;            /* or NULL */
	pg_uuid_t *memory_id;   /* the entry of memory that it comes from, or NULL */
	char *context;          /* what was chosen where the question is open, or NULL */
	double confidence;      /* 0 .. 1 */
	char *explanation;      /* one or two sentences */
	List *assumptions;      /* char *, full sentences */
	List *ambiguities;      /* Ambiguity * */

	/* shape of the answer */
	List *columns;     /* ResultColumn *, in the order of the select list; may be NIL */
	char *subject;     /* plural noun of the rows: "products", "orders"; or NULL */
	bool ranked;       /* rows come best first ("top", "most") */
	bool wants_share;  /* "share", "percentage" */
	bool single_value; /* one row, one number */

	/* where it is not answered */
	char *reason;         /* full sentence */
	List *understood;     /* char *: "\"revenue\" as sales.amount" */
	List *not_understood; /* char *: words */
	bool off_topic;       /* nothing of it touches the snapshot */

	struct QuestionShape *shape; /* clarify.h; NULL where nothing is known of it */
} Translation;

extern Translation *translate_question(const char *question, AskSnapshot *snapshot);

/* questions that the built-in translator can answer, as char *; at most count */
extern List *translate_suggest(AskSnapshot *snapshot, int count);

/* the same, nearest to a question that could not be answered */
extern List *translate_suggest_near(AskSnapshot *snapshot, const char *question, int count);

#endif /* SQL_AGENT_TRANSLATE_H */
