/*-------------------------------------------------------------------------
 *
 * answer.h
 *		One question's answer: built once, rendered in several ways.
 *
 * Everything that an answer points to lives in the memory context in which it
 * was built, but for the rows' temporary files: end it with answer_end().
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_ANSWER_H
#define SQL_AGENT_ANSWER_H

#include "ask/request.h"
#include "chart/chart.h"
#include "common/json.h"
#include "guard/guard.h"
#include "tenant/locks.h"
#include "translate/translate.h"
#include "utils/timestamp.h"

typedef enum AnswerStatus
{
	ANSWER_ANSWERED,
	ANSWER_NEEDS_CLARIFICATION,
	ANSWER_REFUSED,
	ANSWER_FAILED
} AnswerStatus;

typedef enum AnswerMode
{
	ANSWER_RUN,  /* run the statement; sentence and chart from the rows */
	ANSWER_ROWS, /* run the statement */
	ANSWER_CHECK /* check it, and no more */
} AnswerMode;

typedef struct AnswerError
{
	int sqlstate; /* 0 = no error */
	const char *message;
	const char *detail; /* or NULL */
	const char *hint;   /* or NULL */
} AnswerError;

typedef struct Answer
{
	AskRequest *request;
	AnswerMode mode;
	AnswerStatus status;
	AnswerError error;
	Oid asking_role;
	const char *tenant; /* that the question is asked for, or NULL */
	TenantAsk running;
	TimestampTz asked_at;
	int attempts;

	Translation *translation;            /* NULL where there was nothing to ask about */
	List *calls;                         /* ModelCall *: of models, for this question */
	GuardOutcome *outcome;               /* NULL where nothing was checked or run */
	List *remembered;                    /* ClarifyAnswer *: of the chat */
	List *suggestions;                   /* char *: questions that could be answered */
	struct Clarification *clarification; /* what to offer the person who asked, or NULL */

	/* of a statement that ran */
	ResultRole *roles; /* what each column is */
	ChartData *data;   /* all rows as text and numbers */
	char *sentence;
	Jsonb *chart;

	bool recorded;
	pg_uuid_t question_id;
	pg_uuid_t chat_id;
	double total_time; /* seconds */
} Answer;

extern Answer *answer_build(AskRequest *request, AnswerMode mode);
extern void answer_end(Answer *answer);
/* raises the error of an answer that is none */
extern void answer_require(const Answer *answer);

extern const char *answer_status_name(AnswerStatus status);
/* statement without trailing blanks, semicolons and newlines */
extern char *answer_sql(const Answer *answer);
/* does the reason itself name every word that was not understood? */
extern bool answer_reason_names_words(const Translation *translation);

/* find.c: translates and runs, until there is an answer or a reason for none */
extern void answer_find(Answer *answer);

/* cost.c: of all calls of models together */
typedef struct AnswerCost
{
	int64 input; /* cached tokens included */
	int64 cached;
	int64 output;
	int64 reasoning;
	bool known; /* is the price of every call? */
	double usd;
} AnswerCost;

extern AnswerCost answer_cost(const Answer *answer);

/* rows.c: cells, roles and chart */
extern void answer_read_rows(Answer *answer);
extern bool answer_type_is_number(Oid type);

/* sentence.c */
extern char *answer_make_sentence(const Answer *answer);
/* a number as people read it: rounded where it has many decimals; a measure has thousands separated */
extern char *answer_round_text(const char *text, bool *rounded);
extern char *answer_measure_text(const char *text, bool *rounded);

/* table.c: the rows as aligned lines, notes on what was left out */
extern List *answer_table_lines(const Answer *answer, List **notes);

/* answer_text.c, answer_json.c */
extern List *answer_to_lines(const Answer *answer); /* char * */
extern Jsonb *answer_to_json(const Answer *answer);
/* the member that tells what a question leaves open; key NULL: a document of its own */
extern void answer_put_clarification(JsonBuilder *json, const char *key,
									 const struct Clarification *clarification);

#endif /* SQL_AGENT_ANSWER_H */
