/*-------------------------------------------------------------------------
 *
 * builder.h
 *		Laying out a snapshot: shared by builder.c and wordindex.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_BUILDER_H
#define SQL_AGENT_BUILDER_H

#include "catalog/snapshot_private.h"
#include "utils/palloc.h"

struct strings_hash;

typedef struct Builder
{
	CatalogSnapshot *snapshot;
	MemoryContext temp;    /* for the time of the build */
	MemoryContext scratch; /* reset every now and then */

	/* bump allocator for strings */
	char *arena;
	Size arena_left;

	struct strings_hash *strings; /* all but stems */
	int nstrings;

	/* the stems of string i: name_stems[name_start[i]] .. name_start[i + 1] - 1 */
	int *name_start;
	int name_allocated;
	int *name_stems;
	int nname_stems;
	int name_stems_allocated;

	struct strings_hash *stems;
	const char **stem_names; /* by id */
	int stem_allocated;
	int nstems;

	/* postings in the order of relations, with the stem of each */
	int *posting_stems;
	WordPosting *postings;
	int nposting;
	int posting_allocated;
} Builder;

/* makes the tables of strings */
extern void builder_begin_words(Builder *builder);
/* a copy of the string that lives with the snapshot */
extern const char *builder_string(Builder *builder, const char *string);
/* the one copy of a name, and its number */
extern const char *builder_name(Builder *builder, const char *name, int *id);
/* the words of a name, comment or synonym stand for the relation or column */
extern void builder_post_name(Builder *builder, int name_id, int relation, int column);
extern void
builder_post_text(Builder *builder, List *words, int relation, int column, WordSource source);
/* termread.c: gives the relations a column for each of their terms */
extern void builder_terms(Builder *builder, const SynonymSet *rows);
/* plainnames.c: sets the plain names of all relations and columns */
extern void builder_plain_names(Builder *builder);
extern void builder_sort_postings(Builder *builder);

#endif /* SQL_AGENT_BUILDER_H */
