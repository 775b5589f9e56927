/*-------------------------------------------------------------------------
 *
 * shortwords.c
 *		What the usual abbreviations in names stand for: emp, dept, qty.
 *
 * Both sides of a comparison are spelled out, the name and the question, so
 * that whoever says "emp" finds employees, too.  Only what means one thing in
 * nearly all databases is here: "no" is a word, "prod" a product or a
 * production system, "st" a street or a state.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"

/* sorted */
static const struct
{
	const char *abbreviation;
	const char *word;
} short_words[] = {
	{"acct", "account"},    {"addr", "address"},    {"amt", "amount"},       {"cmnt", "comment"},
	{"cust", "customer"},   {"dept", "department"}, {"dest", "destination"}, {"dt", "date"},
	{"emp", "employee"},    {"lang", "language"},   {"mfr", "manufacturer"}, {"mgr", "manager"},
	{"msg", "message"},     {"pct", "percent"},     {"qty", "quantity"},     {"sal", "salary"},
	{"stud", "student"},    {"tel", "telephone"},   {"trx", "transaction"},  {"tx", "transaction"},
	{"txn", "transaction"}, {"yr", "year"},
};

const char *
word_spelled_out(const char *folded)
{
	int low = 0;
	int high = lengthof(short_words) - 1;

	while (low <= high)
	{
		int middle = (low + high) / 2;
		int order = strcmp(folded, short_words[middle].abbreviation);

		if (order == 0)
			return short_words[middle].word;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return folded;
}
