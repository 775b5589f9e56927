/*-------------------------------------------------------------------------
 *
 * valueforms.c
 *		Other forms of a word that a stored value may be spelled in: "bought" and
 *		"buys" of buy, "ETFs" of etf, "female" of F is none of them.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "interpret/valueforms.h"

/* past forms that do not end in "ed", and what they are forms of */
static const char *const irregular[][2] = {
	{"bought", "buy"},        {"broken", "broke"}, {"built", "build"},        {"gave", "give"},
	{"given", "give"},        {"held", "hold"},    {"kept", "keep"},          {"lent", "lend"},
	{"lost", "loss"},         {"paid", "pay"},     {"sent", "send"},          {"sold", "sell"},
	{"spent", "spend"},       {"stolen", "theft"}, {"withdrawn", "withdraw"}, {"won", "win"},
	{"withdrew", "withdraw"},
};

const char *
value_base_form(const char *folded)
{
	int len = strlen(folded);

	for (int i = 0; i < lengthof(irregular); i++)
	{
		if (strcmp(folded, irregular[i][0]) == 0)
			return irregular[i][1];
	}
	if (len > 3 && folded[len - 1] == 's' && folded[len - 2] != 's')
		return pnstrdup(folded, len - 1);
	return NULL;
}
