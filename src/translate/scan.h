/*-------------------------------------------------------------------------
 *
 * scan.h
 *		State of the scan, shared by the files that give elements their roles.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SCAN_H
#define SQL_AGENT_SCAN_H

#include "translate/query.h"

typedef enum Mode
{
	MODE_SELECT, /* what is asked for */
	MODE_GROUP,  /* for each of what */
	MODE_FILTER, /* under which conditions */
	MODE_RANK,   /* "by" after "top" */
	MODE_ORDER
} Mode;

typedef struct Scanner
{
	QuestionScan *scan;
	Mode mode;
	AggregateKind aggregate; /* pending */
	bool count;              /* pending */
	bool count_distinct;
	bool superlative;        /* pending */
	const char *thing_hints; /* of a pending superlative: what things are large by */
	bool most;               /* pending */
	bool common;             /* pending */
	bool age_superlative;    /* pending */
	bool without;
	bool verb_without; /* a verb follows it that names no rows: "never used" */
	bool negated;
	int negated_at;
	bool what; /* "which" is right before */
	bool after_of;
	bool per;             /* the grouping was said with "per" */
	bool sentence_begins; /* nothing was named in this sentence yet */
	bool with_condition;  /* "with", "having" is right before */
	bool or_pending;      /* "or" is between two values */
	bool compare_held;    /* "more than 5" is waiting for its noun */
	CompareOperator compare;
	char *compare_literal;
	const char *rank_hints; /* "largest city": if nothing else is said */
	Mention *rank_thing;
	bool rank_by_time;      /* "latest order" */
	bool rank_by_age;       /* "oldest patient" */
	Mention *common_thing;  /* "most common status" */
	bool each;              /* the grouping was said with "each" */
	bool time_superlative;  /* pending */
	const char *verb_hints; /* of the last verb that names something */
	bool direction_pending; /* "ordered from most to least ..." */
	bool direction_descending;
	Mention *last; /* the last name or value */
	int last_element;
} Scanner;

/* scan.c */
extern Element *element_at(const Scanner *state, int at);
extern Concept concept_at(const Scanner *state, int at);
extern int next_significant(const Scanner *state, int at);
extern Mention *add_mention(Scanner *state, MentionRole role, Element *element);
extern void not_understood(Scanner *state, const char *text);
extern bool is_boolean(TypeClass type_class);
extern bool
best_is(const AskSnapshot *snapshot, const CandidateList *options, bool (*test)(TypeClass));
extern bool best_is_relation(const CandidateList *options);
extern bool is_average(const Scanner *state, int at);
extern void clear_pending(Scanner *state);

/* scan_order.c: what the end of the question leaves open */
extern void complete_ranking(Scanner *state);
extern void complete_common(Scanner *state);
extern void complete_direction(Scanner *state);
/* "cheapest first": an order that names no column */
extern void add_sorting(Scanner *state, const Element *element);

/* scan_same.c: "the same city as Ann"; returns the element to go on with */
extern int scan_same(Scanner *state, int at);

/* scan_names.c, scan_operands.c: each returns the element to go on with */
extern int scan_name(Scanner *state, int at);
extern void narrow_to_owner(Mention *owned, const CandidateList *owners);
extern int skip_unit(const Scanner *state, const Mention *mention, int at);
extern void take_held_comparison(Scanner *state, Mention *mention);
extern int scan_value(Scanner *state, int at);
extern int scan_phrase(Scanner *state, int at);
extern int scan_text(Scanner *state, int at);
extern int scan_time(Scanner *state, int at);
extern int scan_number(Scanner *state, int at);

/* flags.c: a condition on a column that says yes or no, as Y and N or 0 and 1 */
extern bool take_flag(const AskSnapshot *snapshot, Mention *mention, bool negated);

/* scan_compare.c */
extern int scan_comparison(Scanner *state, int at);

#endif /* SQL_AGENT_SCAN_H */
