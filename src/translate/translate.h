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
#include "guard/guard.h"
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
	RESULT_MEASURE,   /* aggregate or computed number */
	RESULT_REMARK     /* a number about the measures: their difference */
} ResultRole;

typedef struct ResultColumn
{
	char *name;
	ResultRole role;
} ResultColumn;

/* a translator that failed, and did not just decline */
typedef struct TranslationFault
{
	bool refused; /* the guard will not run what it proposes */
	int sqlstate;
	char *message;
	char *detail; /* or NULL */
	char *hint;   /* or NULL */
} TranslationFault;

struct LlmSession;

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

	/* of a model */
	char *clarify_question;     /* what it would like to know, or NULL */
	List *clarify_options;      /* char * */
	char *chart;                /* the kind that it proposes, or NULL */
	int attempts;               /* statements that it proposed */
	List *calls;                /* ModelCall *, also where another translator answered after it */
	struct LlmSession *session; /* where it can be told what became of its statement, or NULL */

	/* where it is not answered */
	TranslationFault *fault; /* or NULL */
	char *advice;            /* how to get more questions answered, or NULL */
	char *reason;            /* full sentence */
	List *understood;        /* char *: "\"revenue\" as sales.amount" */
	List *not_understood;    /* char *: words */
	bool off_topic;          /* nothing of it touches the snapshot */

	struct QuestionShape *shape; /* clarify.h; NULL where nothing is known of it */
} Translation;

/*
 * may_run: the translator may run statements to choose between them.  The
 * snapshot has to stay as long as the translation is used.
 */
extern Translation *translate_question(const char *question, AskSnapshot *snapshot, bool may_run);

/*
 * Another statement in place of one that failed or found nothing when it ran;
 * NULL where there is none.
 */
extern Translation *translate_again(const Translation *translation, const GuardOutcome *outcome);

/*
 * Questions that the built-in translator can answer, as char *; at most count.
 * usage: how many questions before were about each relation, or NULL.
 */
extern List *translate_suggest(AskSnapshot *snapshot, const double *usage, int count);

/* the same, nearest to a question that could not be answered */
extern List *translate_suggest_near(AskSnapshot *snapshot, const char *question, int count);

#endif /* SQL_AGENT_TRANSLATE_H */
