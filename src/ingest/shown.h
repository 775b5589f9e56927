/*-------------------------------------------------------------------------
 *
 * shown.h
 *		What a file says, quoted in a message.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_INGEST_SHOWN_H
#define SQL_AGENT_INGEST_SHOWN_H

#define SHOWN_LENGTH 100 /* bytes of a value that a message quotes */

/*
 * UTF-8 as text of the server, palloc'ed: at most `limit` bytes of it, whole
 * characters; what the server's encoding does not have is a question mark.
 * Never raises for what the text is: it is for messages.
 */
extern char *shown_text(const char *utf8, int length, int limit);
extern char *shown(const char *utf8);

#endif /* SQL_AGENT_INGEST_SHOWN_H */
