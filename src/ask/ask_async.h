/*-------------------------------------------------------------------------
 *
 * ask_async.h
 *		Questions that are answered in the background.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_ASK_ASYNC_H
#define SQL_AGENT_ASK_ASYNC_H

#define ASK_KIND "ask"

/* _PG_init: registers the kind of task */
extern void ask_async_init(void);

#endif /* SQL_AGENT_ASK_ASYNC_H */
