/*-------------------------------------------------------------------------
 *
 * match.h
 *		Which relations and columns some words can stand for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_MATCH_H
#define SQL_AGENT_MATCH_H

#include "catalog/snapshot.h"

#define MAX_CANDIDATES 12
#define MAX_STEMS      4

typedef struct Candidate
{
	int relation; /* index into the snapshot's relations */
	int column;   /* index into its columns, -1 = the relation itself */
	float score;  /* 1 = the words are its whole name */
	bool by_comment;
	bool by_alternative; /* through another word for the same thing */
	bool indirect;       /* not by its own name, however sure: worth telling */
	bool over_shared;    /* the tenant's own, where a shared one is called the same */
} Candidate;

typedef struct CandidateList
{
	int count;
	Candidate items[MAX_CANDIDATES]; /* best first */
	bool more;                       /* there were further ones as good as the last */
} CandidateList;

/* how near a relation is to what the question names */
typedef enum Nearness
{
	NEAR_NOT,
	NEAR_PARTLY_NAMED,
	NEAR_NEIGHBOUR, /* of one that is wholly named */
	NEAR_NAMED      /* all words of its name are in the question */
} Nearness;

/* candidates in near relations come first */
typedef struct MatchContext
{
	AskSnapshot *snapshot;
	uint8 *near; /* Nearness by relation; NULL while nothing is known */
} MatchContext;

/* all stems must be in the name (or comment, or synonym); at most MAX_STEMS of them */
extern void match_names(const MatchContext *context, char **stems, int nstems, CandidateList *out);

/* the same through other words for the same thing (lexicon_alternatives) */
extern void match_alternatives(const MatchContext *context, const char *stem, CandidateList *out);

/* verbs and their nouns: "hired" finds hire_date, "ordered" orders */
extern void match_loosely(const MatchContext *context, const char *folded, CandidateList *out);

/* "inactive" as the opposite of a boolean column about active */
extern bool match_opposite(const MatchContext *context, const char *folded, CandidateList *out);

/* candidates of both lists; one that is in both is surer than in either */
extern void
match_merge(const MatchContext *context, CandidateList *into, const CandidateList *more);

/* any of the blank separated words, the first ones counting for more */
extern void match_hints(const MatchContext *context, const char *hints, CandidateList *out);

/* words of its name, without those that name the kind of table ("fact_") */
extern int relation_name_words(const SnapshotRelation *relation, int nwords);
extern const SnapshotColumn *candidate_column(const AskSnapshot *snapshot, const Candidate *c);
extern bool type_class_is_numeric(TypeClass type_class);
extern bool type_class_is_time(TypeClass type_class);

/* a number that counts or weighs something, and not a key or a year */
extern bool column_is_measure(const AskSnapshot *snapshot, int relation, int column);

/*
 * The first of some blank separated words that is among the stems: its index,
 * or -1.  The words must be a string literal: what they stem to is kept.
 */
extern int words_find_any(List *stems, const char *literal);
/* does the name of the column hold one of the words of the literal? */
extern bool column_named_like(const SnapshotColumn *column, const char *literal);

#endif /* SQL_AGENT_MATCH_H */
