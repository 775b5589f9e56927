/*-------------------------------------------------------------------------
 *
 * interpret.h
 *		The one reading of a question that everything shares: which of its words
 *		are concepts, names, stored values, times and numbers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_INTERPRET_H
#define SQL_AGENT_INTERPRET_H

#include "catalog/snapshot.h"
#include "interpret/lexicon.h"
#include "interpret/match.h"
#include "interpret/times.h"
#include "interpret/tokens.h"

#define MAX_ELEMENTS 64

typedef enum ElementKind
{
	ELEMENT_CONCEPT,
	ELEMENT_NAME,  /* relation or column: names */
	ELEMENT_VALUE, /* stored value: values */
	ELEMENT_TEXT,  /* quoted or capital text that is no stored value */
	ELEMENT_NUMBER,
	ELEMENT_TIME,
	ELEMENT_UNKNOWN
} ElementKind;

typedef struct ValueCandidate
{
	int relation;
	int column;
	List *values; /* char *: the stored spellings */
} ValueCandidate;

typedef struct Element
{
	ElementKind kind;
	int first; /* first token */
	int ntokens;
	char *text; /* as in the question */

	const LexiconEntry *entry; /* concepts; also of a name that is a word of the lexicon too */
	CandidateList names;
	AggregateKind leading_aggregate; /* "total amount" is a name, and says sum */
	bool negated;                    /* "inactive", found as active */
	int nvalues;
	ValueCandidate *values;
	bool partial_value; /* the text is a part of the values */
	double number;
	char *literal;
	TimeSpan *time;
	const struct Elapsed *elapsed; /* of the translator: a length of time, not the column itself */
	void *phrase;                  /* what the translator has made of several elements, or NULL */
} Element;

typedef struct Interpretation
{
	const char *question;
	AskSnapshot *snapshot;
	TokenList *tokens;
	MatchContext match;
	int count;
	Element elements[MAX_ELEMENTS];
	bool too_long;     /* the rest of the question was not read */
	bool values_named; /* the catalog was told whose values to read */
	List *expanded;    /* char *: terms that were replaced by other words, full sentences */
	List *choices;     /* what was chosen where the question is open; for the translator */
} Interpretation;

extern Interpretation *interpret_question(const char *question, AskSnapshot *snapshot);

#endif /* SQL_AGENT_INTERPRET_H */
