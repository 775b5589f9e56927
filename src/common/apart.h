/*-------------------------------------------------------------------------
 *
 * apart.h
 *		Work of one among many whose failure must not be that of the others.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_APART_H
#define SQL_AGENT_APART_H

/*
 * Does the work within a savepoint.  Returns NULL, or a copy of the error that it
 * was rolled back for.  What is an error of the server, and not of this work (its
 * memory, its disk, a cancel), is raised.  timeout: ms after which the work is
 * cancelled, and that is its own error; for background workers alone, because
 * elsewhere the timer is the session's; 0 = none.
 */
extern ErrorData *apart_run(void (*work)(void *arg), void *arg, int timeout);

#endif /* SQL_AGENT_APART_H */
