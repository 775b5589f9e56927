/*-------------------------------------------------------------------------
 *
 * contract.h
 *		What a model answers: one object of fixed members.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_CONTRACT_H
#define SQL_AGENT_CONTRACT_H

#include "nodes/pg_list.h"

typedef struct ModelAnswer
{
	char *explanation;      /* never NULL */
	char *sql;              /* or NULL: can not be answered */
	char *database;         /* or NULL */
	double confidence;      /* 0 .. 1 */
	char *clarify_question; /* or NULL */
	List *clarify_options;  /* char * */
	char *chart;            /* or NULL: no wish */
	List *need_tables;      /* char * */
	bool wrapped;           /* there was something around the object */
} ModelAnswer;

/*
 * Reads the text of a reply.  NULL where it is no such object; *problem then
 * says what is wrong with it, in words for the model.
 */
extern ModelAnswer *contract_parse(const char *text, const char **problem);

#endif /* SQL_AGENT_CONTRACT_H */
