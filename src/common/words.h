/*-------------------------------------------------------------------------
 *
 * words.h
 *		Words of questions, names and comments in one common form.
 *
 * Used for both sides of every comparison, so that "Customers' orders",
 * "customer_order" and "CustomerOrders" meet.  UTF-8 text; other encodings
 * are handled bytewise above ASCII.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_WORDS_H
#define SQL_AGENT_WORDS_H

#include "nodes/pg_list.h"

/* lower case, Latin accents removed; palloc'ed */
extern char *word_fold(const char *text, int len);

/*
 * The stem of one folded word: English plural and a few regular endings away
 * ("categories" -> "category", "boxes" -> "box").  Short words, words with
 * digits and words that only look like plurals ("status", "address", "gas")
 * stay.  palloc'ed.
 */
extern char *word_stem(const char *folded);

/* what a usual abbreviation stands for ("dept": "department"); else the given folded word */
extern const char *word_spelled_out(const char *folded);

/*
 * The words of an identifier, folded and stemmed: split at _ and other
 * punctuation, at lower-to-upper changes ("UnitPrice", "HTTPServer") and
 * between letters and digits.  A list of palloc'ed strings.
 */
extern List *words_of_identifier(const char *name);

/* the words of free text such as a comment, folded and stemmed */
extern List *words_of_text(const char *text);

/* folded words joined by single spaces, not stemmed: the form that values are compared in */
extern char *words_fold_phrase(const char *text);

/* Damerau-Levenshtein distance, or max + 1 where it is larger */
extern int word_distance(const char *a, const char *b, int max);

#endif /* SQL_AGENT_WORDS_H */
