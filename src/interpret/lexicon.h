/*-------------------------------------------------------------------------
 *
 * lexicon.h
 *		The words of analytic English, as data.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_LEXICON_H
#define SQL_AGENT_LEXICON_H

#include "interpret/tokens.h"

typedef enum Concept
{
	CONCEPT_NONE,
	CONCEPT_NOISE,    /* carries nothing: the, please */
	CONCEPT_SENTENCE, /* the end of one */
	CONCEPT_LIST,     /* show, list, give me */
	CONCEPT_WHAT,     /* what, which, who */
	CONCEPT_WHEN,     /* asks for a time */
	CONCEPT_WHERE,    /* asks for a place, or opens a condition */
	CONCEPT_COUNT,    /* how many, number of */
	CONCEPT_HOW_MUCH, /* asks for a sum */
	CONCEPT_HOW,      /* "how long": asks for an attribute that the hints name */
	CONCEPT_AGGREGATE,
	CONCEPT_METHOD, /* how to compute it: "by doing a left join" */
	CONCEPT_ROUND,  /* "rounded to" so many places */
	CONCEPT_BOTH,
	CONCEPT_OVERALL, /* "on average", "in total", said behind */
	CONCEPT_GROUP,   /* by, per */
	CONCEPT_EACH,    /* each, every */
	CONCEPT_TOP,     /* top, bottom; arg 1 = descending */
	CONCEPT_SUPERLATIVE,
	CONCEPT_MOST,    /* most, fewest, as the word before a noun or alone */
	CONCEPT_COMMON,  /* most common: of what there are most rows; arg 1 = descending */
	CONCEPT_ORDINAL, /* second, third: the place in a ranking; arg = which */
	CONCEPT_ORDER,
	CONCEPT_DIRECTION,
	CONCEPT_SORTED, /* "cheapest first": the hints name what the rows are ordered by */
	CONCEPT_SAME,   /* "the same city as" */
	CONCEPT_EITHER,
	CONCEPT_COMPARE,
	CONCEPT_BETWEEN,
	CONCEPT_AND,
	CONCEPT_OR,
	CONCEPT_NOT,
	CONCEPT_WITHOUT,
	CONCEPT_NULL,
	CONCEPT_NOT_NULL,
	CONCEPT_MATCH, /* starts with, ends with, contains */
	CONCEPT_DISTINCT,
	CONCEPT_SHARE,
	CONCEPT_RATIO,
	CONCEPT_COMPARISON,  /* compare; arg 1 = difference between */
	CONCEPT_VERSUS,      /* between the two that are compared */
	CONCEPT_CORRELATION, /* of two numbers */
	CONCEPT_HABIT,       /* what people do over time; arg = HabitKind */
	CONCEPT_OF,
	CONCEPT_TO,
	CONCEPT_WITH,        /* with, whose, having: a condition may follow */
	CONCEPT_PREPOSITION, /* in, from, at, on, for */
	CONCEPT_THAT,        /* that, who as the opening of a clause */
	CONCEPT_UNIT,        /* day, month; arg = TimeUnit, and whether as a bucket ("monthly") */
	CONCEPT_VERB,        /* harmless by itself; hints name what it may point to */
	CONCEPT_GROWTH,      /* growth, change: from one period to the next */
	CONCEPT_STEP,        /* month over month; arg = TimeUnit */
	CONCEPT_RUNNING,     /* running total */
	CONCEPT_MOVING,      /* moving average */
	CONCEPT_UNSUPPORTED  /* known, and known not to be served */
} Concept;

typedef enum HabitKind
{
	HABIT_LIFETIME,    /* lifetime value */
	HABIT_ORDER_VALUE, /* average order value; the hints name the orders */
	HABIT_AGAIN,       /* again, more than once */
	HABIT_REPEAT,      /* repeat customers */
	HABIT_REPEAT_RATE,
	HABIT_RETENTION,
	HABIT_NEW, /* new customers */
	HABIT_LOST /* churned customers */
} HabitKind;

typedef enum AggregateKind
{
	AGGREGATE_NONE,
	AGGREGATE_COUNT,
	AGGREGATE_COUNT_DISTINCT,
	AGGREGATE_SUM,
	AGGREGATE_AVG,
	AGGREGATE_MIN,
	AGGREGATE_MAX,
	AGGREGATE_MEDIAN
} AggregateKind;

typedef enum TimeUnit
{
	TIME_UNIT_NONE,
	TIME_UNIT_HOUR,
	TIME_UNIT_DAY,
	TIME_UNIT_WEEK,
	TIME_UNIT_MONTH,
	TIME_UNIT_QUARTER,
	TIME_UNIT_YEAR,
	/* for groups only */
	TIME_UNIT_FISCAL_QUARTER,
	TIME_UNIT_FISCAL_YEAR,
	/* these come again: Monday, nine o'clock, March */
	TIME_UNIT_WEEKDAY,
	TIME_UNIT_HOUR_OF_DAY,
	TIME_UNIT_MONTH_OF_YEAR
} TimeUnit;

typedef enum CompareOperator
{
	COMPARE_EQ,
	COMPARE_NE,
	COMPARE_LT,
	COMPARE_LE,
	COMPARE_GT,
	COMPARE_GE
} CompareOperator;

typedef enum MatchKind
{
	MATCH_STARTS,
	MATCH_ENDS,
	MATCH_CONTAINS
} MatchKind;

typedef struct LexiconEntry
{
	const char *phrase; /* folded words, single spaces; signs as they are */
	Concept concept;
	int arg;
	const char *hints; /* words of names that it may stand for, best first */
} LexiconEntry;

/* a noun of everyday business, and what names in databases call the same thing */
typedef struct LexiconNoun
{
	const char *word;
	const char *alternatives; /* separated by blanks, best first */
	bool amount;              /* something that is summed: "revenue" */
} LexiconNoun;

/* a verb that says an attribute of its subject: "costs", "born" */
typedef struct LexiconVerb
{
	const char *words;
	const char *hints; /* names of the attribute, best first */
	bool noun;         /* may be a noun as well: "cost" */
	bool time;         /* the attribute is a time */
} LexiconVerb;

/* lexicon_english.c */
extern const LexiconVerb lexicon_verbs[];
extern const int lexicon_verb_count;
extern const LexiconEntry lexicon_entries[];
extern const int lexicon_entry_count;
/* lexicon_english_times.c */
extern const LexiconEntry lexicon_time_entries[];
extern const int lexicon_time_entry_count;
/* lexicon_english_rank.c, lexicon_english_verbs.c */
extern const LexiconEntry lexicon_rank_entries[];
extern const int lexicon_rank_entry_count;
extern const LexiconEntry lexicon_verb_entries[];
extern const int lexicon_verb_entry_count;
extern const LexiconNoun lexicon_nouns[];
extern const int lexicon_noun_count;
extern const char *const lexicon_opposites[][2];
/* adjectives that say no limit, and the form that needs none */
extern const char *const lexicon_vague[][2];
extern const int lexicon_vague_count;
/* "cheapest" of "cheap"; NULL of other words */
extern const char *lexicon_superlative(const char *folded);
extern const int lexicon_opposite_count;

/*
 * "largest" ranks by the number that follows, or, before a thing ("largest
 * city"), by the attribute of the thing that the hints name.
 */
#define SUPERLATIVE_OF_THINGS 8
/* "oldest": by an age, or the other way round by when it began */
#define SUPERLATIVE_OF_AGE 16
/* "latest": ranks things by when they happened */
#define SUPERLATIVE_OF_TIME 4

/* "monthly" is a unit and asks for a bucket */
#define UNIT_BUCKET  0x100
#define UNIT_OF(arg) ((TimeUnit) ((arg) &0xff))

/* the entries of all files, one after the other */
extern int lexicon_count(void);
extern const LexiconEntry *lexicon_entry(int at);

/* the longest entry that begins at the token; *ntokens is how many it takes */
extern const LexiconEntry *lexicon_find(const TokenList *list, int at, int *ntokens);

/*
 * Other words for a noun of everyday business ("revenue": amount, total ...),
 * separated by blanks, or NULL.  Used only where the word itself is in no name.
 */
extern const char *lexicon_alternatives(const char *stem);

/* the word that says the opposite ("closed": open), or NULL */
extern const char *lexicon_opposite(const char *folded);

/* does the noun mean an amount ("revenue", "sales")? */
extern bool lexicon_is_amount(const char *stem);

/* as an identifier: "month", "fiscal_year" */
extern const char *time_unit_name(TimeUnit unit);
/* is it a part of a day, week or year, so that rows of all times share a group? */
extern bool time_unit_recurs(TimeUnit unit);

#endif /* SQL_AGENT_LEXICON_H */
