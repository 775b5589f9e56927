/*-------------------------------------------------------------------------
 *
 * request.h
 *		The arguments that the functions of the ask family have in common.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_REQUEST_H
#define SQL_AGENT_REQUEST_H

#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

typedef struct AskRequest
{
	char *question;
	pg_uuid_t *chat; /* or NULL: the default chat of the role */
	int max_rows;    /* 0 = sql_agent.max_rows */
	char *tenant;    /* or NULL: an operator asks for this tenant */
	bool record;     /* keep the question in the history */
	bool chart;      /* choose a chart */
	List *answers;   /* ClarifyAnswer *: to what the question leaves open */
	Jsonb *options;  /* as they were given, or NULL */
	int guc_level;   /* settings that hold for this call only; 0 = none */
	/* the answer that is being built, or NULL */
	struct Answer *answer;
} AskRequest;

/*
 * Reads and checks the arguments: the question at position `question`, the
 * common tail from position `tail` on.  Returns NULL where the question is
 * null.  Settings given in options are in force until ask_request_end().
 */
extern AskRequest *ask_request_begin(FunctionCallInfo fcinfo, int question, int tail);
/* the same without reading options: nothing of the session is changed yet */
extern AskRequest *ask_request_read(FunctionCallInfo fcinfo, int question, int tail);
/* puts the options in force, again after ask_request_end() */
extern void ask_request_apply(AskRequest *request);
extern void ask_request_end(AskRequest *request);

/* raises where the text is no question: empty, too long, control characters */
extern void ask_check_question(const char *question);

#endif /* SQL_AGENT_REQUEST_H */
