/*-------------------------------------------------------------------------
 *
 * memory.h
 *		The first translator: questions that were answered before.
 *
 * What is remembered is SQL, never a result, and it is as untrusted as a
 * model's: it goes through the guard each time.  An entry belongs to an asking
 * role (of a tenant: to the tenant) and to the role that asked.  It serves
 * that role; others of the tenant only where an administrator vouched for it.
 *
 * Nothing here raises for what is wrong with an entry: one that does not fit
 * any more is passed over.  Reading works in read-only transactions and on a
 * standby; the functions that write do nothing there where they are automatic.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_MEMORY_H
#define SQL_AGENT_MEMORY_H

#include "catalog/snapshot.h"
#include "translate/translate.h"
#include "utils/uuid.h"

/*
 * The translation that memory has for the question, or NULL: an exact repeat,
 * else a template filled with the question's own values, numbers and times.
 * context is all that the translation depends on besides the question and the
 * snapshot, such as earlier questions of the chat; NULL = nothing.
 */
extern Translation *memory_translate(const char *question, AskSnapshot *snapshot);
extern Translation *
memory_translate_in(const char *question, const char *context, AskSnapshot *snapshot);

/* did the caller say that this SQL is a wrong answer to the question? */
extern bool memory_rejects(const char *question, AskSnapshot *snapshot, const char *sql);

typedef struct MemoryExample
{
	char *question;
	char *sql;
} MemoryExample;

/*
 * Verified examples that may serve the caller and whose columns are there, the
 * likest question first: MemoryExample *, at most count.
 */
extern List *memory_nearest_examples(AskSnapshot *snapshot, const char *question, int count);

/* a question and whose it is, for what is written about it */
typedef struct MemorySubject
{
	const char *question;
	const char *context; /* or NULL */
	AskSnapshot *snapshot;
	const char *asked_by;
	const pg_uuid_t *question_id; /* or NULL */
	bool vouched;                 /* by an administrator: counts for all of the asking role */
} MemorySubject;

/*
 * Keeps the model's answer to a question that was answered.  Does nothing for
 * other translators: the built-in one is as fast as memory.
 */
extern void memory_remember(const MemorySubject *subject, const Translation *translation);
/* counts that an entry served; never waits for another session */
extern void memory_note_use(const pg_uuid_t *entry);

/* keeps a verified example; by_hand: a person wrote the SQL */
extern void memory_verify(const MemorySubject *subject, const char *sql,
						  const Translation *translation, bool by_hand, pg_uuid_t *id);
/* forgets what is known for the question and notes that the SQL is wrong; entry may be NULL */
extern void memory_reject(const MemorySubject *subject, const char *sql, const pg_uuid_t *entry);

/*
 * Forgets what the caller asked and said of the question (NULL: of all) under
 * the asking role; returns how many entries that were.
 */
extern int64 memory_forget(Oid asking_role, const char *question);
/* false where there is none that the caller may drop: his own; administrators more */
extern bool memory_drop(const pg_uuid_t *id);

/* ---- memory_check.c; the first two raise ---- */

extern void memory_check_question(const char *question);
extern void memory_require_allowed(const char *sql, Oid role);
/* does what the caller says of a question count for all whose questions run as the role? */
extern bool memory_may_vouch(Oid asking_role);
/* without blanks around it and semicolons at its end */
extern char *memory_trim_sql(const char *sql);
extern bool memory_same_sql(const char *a, const char *b);

#endif /* SQL_AGENT_MEMORY_H */
