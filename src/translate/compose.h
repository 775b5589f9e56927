/*-------------------------------------------------------------------------
 *
 * compose.h
 *		State shared by the files that build a query from resolved mentions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_COMPOSE_H
#define SQL_AGENT_COMPOSE_H

#include "translate/query.h"

typedef struct Composer
{
	QuestionScan *scan;
	AskSnapshot *snapshot;
	AskQuery *query;
	List *assumptions; /* char * */
	List *ambiguities; /* Ambiguity * */
	char *reason;      /* why it can not be built; set by compose_fail() */
} Composer;

/* remembers the reason; returns false for the caller to hand on */
extern bool compose_fail(Composer *c, char *reason);
extern void compose_assume(Composer *c, char *assumption);

/* doubts.c: readings that fit word by word and are wrong; false = declined */
extern bool settle_doubts(Composer *c);

/* settle.c */
extern bool settle_roles(Composer *c);
extern const SnapshotColumn *mention_column(const Composer *c, const Mention *m);
extern bool is_measure_column(const Composer *c, const Mention *m);
extern bool is_count(AggregateKind aggregate);
/* the words of the question that it was made of */
extern const char *mention_words(const Mention *m);
/* sum, or average for what does not add up */
extern AggregateKind natural_aggregate(Composer *c, const Mention *m);
extern Mention *find_mention(QuestionScan *scan, MentionRole role);
/* what the rows are: "which X", "top 5 X", else the first thing shown */
extern Mention *find_target(QuestionScan *scan);

/* places.c */
extern bool settle_places(Composer *c);
extern bool compose_places(Composer *c);

/* elapsed.c: what is done with lengths of time */
extern bool settle_elapsed(Composer *c);

/* terms.c: measures that are one by themselves */
extern bool settle_terms(Composer *c);
extern bool terms_fit(Composer *c);

/* links.c: values that name the other end of what connects things with each other */
extern bool settle_links(Composer *c);
extern bool
other_column_of_link(Composer *c, const Mention *word, int things, FieldRef *column, int *inner);

/* fanout.c */
extern bool compose_root(Composer *c);
extern bool compose_protection(Composer *c);

/* reach.c: a time one step away from the root, towards one; the step is joined */
extern bool reach_time(Composer *c, FieldRef *column);

/* conditions.c */
extern bool compose_conditions(Composer *c);
extern bool place_filter(Composer *c, Filter *filter, const Mention *noun);

/* among.c: conditions on the rows of another query */
extern bool place_among(Composer *c, Mention *m);
extern AskQuery *rows_of_value(const Composer *c, const Element *value, int relation);
extern bool place_beyond(Composer *c, Mention *m);

/* roles.c: one of several relationships to the same things */
extern bool place_by_role(Composer *c, Mention *m, bool *done);
extern bool compose_roles(Composer *c);

/* same.c: "the same city as Ann" */
extern bool place_same(Composer *c, Mention *m);

#endif /* SQL_AGENT_COMPOSE_H */
