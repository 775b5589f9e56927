/*-------------------------------------------------------------------------
 *
 * memory_int.h
 *		What the files of memory share with each other.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_MEMORY_INT_H
#define SQL_AGENT_MEMORY_INT_H

#include "guard/guard.h"
#include "interpret/interpret.h"
#include "translate/memory.h"
#include "utils/date.h"
#include "utils/timestamp.h"

typedef enum MemoryKind
{
	MEMORY_QUESTION, /* answered by a model, not verified */
	MEMORY_EXAMPLE,  /* verified */
	MEMORY_REJECTED  /* the SQL is wrong */
} MemoryKind;

/*
 * Whose memory it is: a tenant's, by its id, or a role's.  The key is a hash.
 */
typedef struct MemoryScope
{
	bool of_tenant;
	pg_uuid_t tenant_id;
	const char *role; /* name; of a tenant's reader too */
	uint64 key;
} MemoryScope;

/* a row of sql_agent.memory_entry */
typedef struct MemoryEntry
{
	pg_uuid_t id;
	MemoryKind kind;
	MemoryScope scope;
	char *asked_by;
	char *question;
	char *sql;
	bool is_template;
	bool shared;
	char *model; /* or NULL */
	uint64 snapshot_key;
	uint64 reading_key;
	bool dated;
	DateADT only_on; /* where dated */
	int filled_values;
	List *depends; /* MemoryColumn * */
	Jsonb *shape;  /* or NULL */
	TimestampTz created_at;
	int64 hits;
	bool used;
	TimestampTz last_used; /* where used */
	char *verified_by;     /* or NULL */
} MemoryEntry;

/* a column, or (name empty) a relation, that an entry's SQL reads */
typedef struct MemoryColumn
{
	char *schema;
	char *relation;
	char *name;
	char *type;
} MemoryColumn;

/* ---- memory_key.c ---- */

extern MemoryScope memory_scope(Oid asking_role);
extern bool memory_same_scope(const MemoryScope *a, const MemoryScope *b);

/* the question without what does not change its meaning */
extern char *memory_normal_form(const char *question);
/*
 * Keys hold whom an entry serves: the role that asked, or NULL = all whose
 * questions run as role.
 */
extern uint64 memory_question_key(const MemoryScope *scope, const char *asked_by,
								  const char *normal, const char *context);
/* the question with marks for what can be filled in; NULL where it can not be a template */
extern char *memory_skeleton(const char *question, const Interpretation *in);
extern uint64 memory_template_key(const MemoryScope *scope, const char *asked_by,
								  const char *skeleton, const char *context);
/* can the element be filled with another one? */
extern bool memory_can_fill(const Interpretation *in, const Element *element);
/* changes with any name, type, comment, key or synonym that the role can ask about */
extern uint64 memory_snapshot_key(AskSnapshot *snapshot);
/* changes with what the words of the question are, stored values above all */
extern uint64 memory_reading_key(const Interpretation *in);

/* ---- memory_template.c ---- */

#define MAX_SLOTS 16

typedef enum SlotKind
{
	SLOT_VALUE,
	SLOT_NUMBER,
	SLOT_FROM, /* first day */
	SLOT_TO,   /* the day after the last */
	SLOT_LAST, /* last day */
	SLOT_YEAR
} SlotKind;

typedef struct MemorySlot
{
	SlotKind kind;
	int element; /* of the question */
	int literal; /* of the SQL */
} MemorySlot;

/* a question and its SQL, taken apart */
typedef struct MemoryTemplate
{
	const char *sql;
	const Interpretation *in;
	const GuardFacts *facts;
	List *relations; /* OIDs */
	bool relative;   /* the question has a time that moves with today */
	bool dated;      /* the SQL has dates that the question does not say */
	int filled_values;
	int nslots;
	MemorySlot slots[MAX_SLOTS];
} MemoryTemplate;

/* NULL where the guard refuses the SQL */
extern MemoryTemplate *template_read(const Interpretation *in, const char *sql);
/* NULL where the other question does not fit for sure; *told says what was filled in */
extern char *
template_fill(const MemoryTemplate *template, const Interpretation *other, char **told);
/* ---- memory_read.c ---- */

typedef enum MemoryIndex
{
	MEMORY_BY_QUESTION,
	MEMORY_BY_TEMPLATE,
	MEMORY_EXAMPLES_OF_SCOPE,
	MEMORY_OF_SCOPE,
	MEMORY_ALL
} MemoryIndex;

/* MemoryEntry *, newest first; limit 0 = all */
extern List *memory_read(MemoryIndex by, uint64 key, int limit);
/* the entries of one scope that the index finds, and no others whose hash is the same */
extern List *memory_read_scope(MemoryIndex by, const MemoryScope *scope, int limit);
/* does it serve the caller, whose questions run in the scope? */
extern bool memory_serves(const MemoryEntry *entry, const MemoryScope *scope);
extern const char *memory_kind_name(MemoryKind kind);
/* why the role can not read what the entry reads, or NULL; a sentence */
extern char *memory_missing(const MemoryEntry *entry, Oid role);

/* the day that "today" is in SQL */
extern DateADT memory_today(void);

/* ---- memory.c ---- */

extern Jsonb *memory_shape(const Translation *translation);
/* did the model write it that the caller's questions go to? */
extern bool memory_is_of_model(const MemoryEntry *entry);

#endif /* SQL_AGENT_MEMORY_INT_H */
