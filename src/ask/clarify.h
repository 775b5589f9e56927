/*-------------------------------------------------------------------------
 *
 * clarify.h
 *		Answers to what a question left open: given now, or earlier in the chat.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_ASK_CLARIFY_H
#define SQL_AGENT_ASK_CLARIFY_H

#include "ask/answer.h"
#include "utils/jsonb.h"

/* one answer, by the name of a dimension or by an ambiguous word */
typedef struct ClarifyAnswer
{
	char *key;
	bool reading; /* what a word means */
	char *about;  /* dimensions: the column, as "schema"."table"."column" */
	Jsonb *answer;
	bool remembered;
} ClarifyAnswer;

/*
 * The translation of the request's question with the answers that it brings and
 * those that the chat remembers.  Raises for an answer of the request that fits
 * nothing that is open.
 */
extern Translation *
clarify_translate(AskRequest *request, List *remembered, AskSnapshot *snapshot, bool may_run);

/* clarify_store.c */
/* the caller's own question; false where there is none of that id */
extern bool clarify_find_question(const pg_uuid_t *id, char **question, pg_uuid_t *chat);
/* what the chat remembers for the caller: ClarifyAnswer *; NULL and the default chat: nothing */
extern List *clarify_remembered(const pg_uuid_t *chat);
/* does nothing where the transaction can not write */
extern void clarify_remember(const pg_uuid_t *chat, List *answers);

#endif /* SQL_AGENT_ASK_CLARIFY_H */
