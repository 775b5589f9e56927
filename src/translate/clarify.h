/*-------------------------------------------------------------------------
 *
 * clarify.h
 *		What a question leaves open, the choices that can be made there, and
 *		questions answered with choices.
 *
 * Nothing here outlives the memory context in which it was made, and the
 * indexes of relations and columns hold for the snapshot it was made with.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_CLARIFY_H
#define SQL_AGENT_CLARIFY_H

#include "translate/query.h"
#include "utils/jsonb.h"

typedef enum DimensionKind
{
	DIMENSION_TIME,    /* a span, or buckets */
	DIMENSION_VALUES,  /* a column with few values: one or some of them, or a row for each */
	DIMENSION_THINGS,  /* what rows point to: one or some by name, or a row for each */
	DIMENSION_RANKING, /* "top 5 products", and not by what */
	DIMENSION_MEASURE  /* nothing says what should be shown */
} DimensionKind;

/* something that the question could say and does not */
typedef struct OpenDimension
{
	DimensionKind kind;
	char *name;           /* "time", "zone", "product" */
	char *question;       /* as asked back */
	List *options;        /* char *: some or all that may be chosen */
	char *default_option; /* what holds when nothing is chosen; NULL = there is no answer then */
	int relation;
	int column; /* THINGS: what names them */
} OpenDimension;

typedef enum ChoiceKind
{
	CHOICE_READING, /* what a word means */
	CHOICE_WAY,     /* whose: where two ways lead to a relation */
	CHOICE_VALUES,
	CHOICE_TIME,
	CHOICE_GROUP,
	CHOICE_BUCKET,
	CHOICE_RANKING,
	CHOICE_MEASURE,
	CHOICE_ALL /* no restriction */
} ChoiceKind;

typedef struct Choice
{
	ChoiceKind kind;
	char *key;    /* the word, or the dimension's name */
	char *option; /* as it was chosen */
	int relation; /* of dimensions */
	int column;
	List *values;    /* char *: the stored spellings */
	int unit;        /* TimeUnit of a bucket */
	bool remembered; /* chosen for an earlier question of the chat */
	bool used;       /* the question had a place for it */
} Choice;

/* what a translator made of a question, as far as it matters here */
typedef struct QuestionShape
{
	int root;     /* relation whose rows it is about; -1 = none */
	List *stated; /* StatedColumn *: restricted or grouped by */
	bool time_stated;
	bool open;     /* it only names what it is about */
	bool unranked; /* "top 5 products": by what? */
	int thing;     /* what should be ranked, or -1 */
	bool vague;    /* it asks for "the numbers" */
} QuestionShape;

typedef struct StatedColumn
{
	int relation;
	int column; /* -1 = its rows */
} StatedColumn;

typedef struct Clarification
{
	bool is_too_broad;
	List *missing;     /* OpenDimension * */
	List *ambiguous;   /* Ambiguity * */
	List *suggestions; /* char * */
} Clarification;

/* clarify.c */
extern Translation *
translate_with_choices(const char *question, List *choices, AskSnapshot *snapshot);
extern Clarification *
clarify_question(const char *question, const Translation *translation, AskSnapshot *snapshot);
extern bool clarify_is_too_broad(const Translation *translation, AskSnapshot *snapshot);

/* shape.c: query may be NULL */
extern QuestionShape *describe_question(const QuestionScan *scan, const AskQuery *query);
extern bool is_vague_word(const char *word);

/* dimensions.c */
extern List *open_dimensions(AskSnapshot *snapshot, const QuestionShape *shape);

/*
 * choices.c: an answer to an open dimension or an ambiguous word as a Choice,
 * or NULL where it is none of the options.  answer is a string, a number or,
 * of values, an array of strings.
 */
extern Choice *
choose_option(AskSnapshot *snapshot, const OpenDimension *dimension, const JsonbValue *answer);
extern Choice *choose_reading(const Ambiguity *ambiguity, const JsonbValue *answer);
/* a reading chosen for an earlier question: counts where the word stands again */
extern Choice *remembered_reading(const char *word, const char *reading);
/* gives the scan's mentions what was chosen; sets used */
extern void apply_choices(QuestionScan *scan, List *choices);
/* full sentence: "Zone is North, as chosen." */
extern char *choice_sentence(const Choice *choice);
/* all that were used, as words for a translator that reads text; NULL = none */
extern char *choices_text(List *choices);

#endif /* SQL_AGENT_CLARIFY_H */
