/*-------------------------------------------------------------------------
 *
 * spans.h
 *		Parts of a question, for the files that cut one question into several.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SPANS_H
#define SQL_AGENT_SPANS_H

#include "translate/builtin.h"

/* some elements of the question: from .. to - 1 */
typedef struct Span
{
	int from;
	int to;
} Span;

/* CONCEPT_NONE where there is no such element, or it is none */
extern Concept span_concept(const Interpretation *in, int at);
/* the first one of the span, or -1 */
extern int span_find(const Interpretation *in, Span span, Concept concept);
extern bool span_is_thing(const Element *element);
/* does it say how to make one number of many? */
extern bool span_has_aggregate(const Interpretation *in, Span span);
/* does the span name a thing, which has to be counted, and no number of it? */
extern bool span_counts_things(const Interpretation *in, Span span);
/* does it name an amount ("revenue", "sales")? */
extern bool span_says_amount(const Interpretation *in, Span span);
/* its words, as they stand in the question */
extern char *span_text(const Interpretation *in, Span span);
extern bool elements_share_column(const Element *a, const Element *b);

/* an interpretation of the same question that has no elements yet */
extern Interpretation *span_copy_empty(const Interpretation *in);
extern void span_append(Interpretation *to, const Interpretation *from, Span span);
/* a word of the lexicon that the question implies; the entry has to stay */
extern void span_append_concept(Interpretation *to, const LexiconEntry *entry);
extern const LexiconEntry span_number_of;

/* makes the translation one that is not answered, with the reason if it is set; returns true */
extern bool span_decline(Translation *translation, Reading *reading, char *reason);

#endif /* SQL_AGENT_SPANS_H */
