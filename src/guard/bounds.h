/*-------------------------------------------------------------------------
 *
 * bounds.h
 *		Which functions are bounded, and by what.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_BOUNDS_H
#define SQL_AGENT_BOUNDS_H

typedef enum BoundKind
{
	BOUND_PRODUCT,  /* of two arguments */
	BOUND_SQUARE,   /* of one */
	BOUND_RANK,     /* of the positions that a text search query can find */
	BOUND_LITERAL,  /* the second argument must be a short literal */
	BOUND_JSONPATH, /* of document and variables, where a path compares parts of them */
	BOUND_XPATH     /* of the document, as often as the path can go over it */
} BoundKind;

typedef struct BoundRule
{
	Oid funcid;
	BoundKind kind;
	int first;
	int second;
	double limit;
} BoundRule;

/* what takes a few seconds at most, square bytes */
#define BOUND_USUAL 1e9

/* or NULL */
extern const BoundRule *bound_rule(Oid funcid);

/*
 * How often an XPath can go over the document beyond the first time, for each
 * node that it meets then.
 */
extern int bound_xpath_depth(const char *path);

#endif /* SQL_AGENT_BOUNDS_H */
