/*-------------------------------------------------------------------------
 *
 * prompt.h
 *		What a model is told: all that ever leaves the database is made here.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_PROMPT_H
#define SQL_AGENT_PROMPT_H

#include "catalog/retrieve.h"
#include "catalog/snapshot.h"
#include "lib/stringinfo.h"
#include "service/llm.h"

typedef struct Prompt
{
	const char *system; /* the same for all questions */
	char *catalog; /* the same for all questions about the same catalog, where all of it fits */
	char *question;
	char *cache_key; /* of system and catalog */
	Size limit;      /* bytes that the whole conversation may have */
	uint8 *levels;   /* RetrieveLevel of each relation: what the model was told */
	bool whole;      /* all that may leave of the catalog is in it */
} Prompt;

/*
 * examples: MemoryExample *; limit: bytes.  NULL where the question leaves no room for the catalog.
 */
extern Prompt *
prompt_build(AskSnapshot *snapshot, const char *question, List *examples, Size limit);

/* full descriptions of relations that the model asked for, as the next message */
extern char *prompt_more_tables(AskSnapshot *snapshot, List *relations, Size limit);

/* the schema that an answer follows */
extern char *prompt_answer_schema(void);
extern const char *prompt_database(void);

/* schematext.c: a relation as text, and which of its values may be told */
extern void schema_text(StringInfo out, AskSnapshot *snapshot, int relation, RetrieveLevel level);
extern bool schema_values_may_leave(const SnapshotColumn *column);
/* cannot be written down safely: holds control or invisible characters */
extern bool schema_name_is_clean(const char *name);
extern char *schema_relation_name(const SnapshotRelation *relation);
extern char *schema_column_name(const SnapshotRelation *relation, const SnapshotColumn *column);

/* sanitise.c: texts from outside, made harmless */
extern char *prompt_text(const char *text, int max_width);
extern char *prompt_literal(const char *value);
/* fences the body with a tag that does not stand in it */
extern void prompt_fence(StringInfo out, const char *title, const char *body);
/* does the name stand in the text as a word, in whatever case? */
extern bool prompt_names(const char *text, const char *name);
/* does the text hold the name of a private column of the snapshot? */
extern bool prompt_names_private(const AskSnapshot *snapshot, const char *text);

/* budget.c: how many bytes of a prompt are a token of the model */
extern double budget_bytes_per_token(const char *model);
extern void budget_learn(const char *model, Size bytes, int64 tokens);
/* bytes that a prompt for the endpoint may have */
extern Size budget_prompt_bytes(const LlmEndpoint *endpoint);
/* did the server read much less than it was sent? */
extern bool budget_was_truncated(const char *model, Size bytes, int64 tokens);

#endif /* SQL_AGENT_PROMPT_H */
