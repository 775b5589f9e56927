/*-------------------------------------------------------------------------
 *
 * valueforms.c
 *		Other forms of a word that a stored value may be spelled in: "bought" and
 *		"buys" of buy, "ETFs" of etf, "female" of F.
 *
 * Looked for only where the word is no name and no value as it stands.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "interpret/valueforms.h"

#define GENDER "gender sex"

/* sorted by nothing: few */
static const struct
{
	const char *word;
	ValueForm form;
} known_forms[] = {
	/* past forms that do not end in "ed" */
	{"bought", {"buy", NULL}},
	{"built", {"build", NULL}},
	{"given", {"give", NULL}},
	{"held", {"hold", NULL}},
	{"lent", {"lend", NULL}},
	{"paid", {"pay", NULL}},
	{"sent", {"send", NULL}},
	{"sold", {"sell", NULL}},
	{"withdrawn", {"withdraw", NULL}},
	{"withdrew", {"withdraw", NULL}},
	/* codes */
	{"female", {"f", GENDER}},
	{"females", {"f", GENDER}},
	{"women", {"f", GENDER}},
	{"male", {"m", GENDER}},
	{"males", {"m", GENDER}},
	{"men", {"m", GENDER}},
};

const ValueForm *
value_form(const char *folded)
{
	int len = strlen(folded);
	ValueForm *form;

	for (int i = 0; i < lengthof(known_forms); i++)
	{
		if (strcmp(folded, known_forms[i].word) == 0)
			return &known_forms[i].form;
	}
	if (len <= 3 || folded[len - 1] != 's' || folded[len - 2] == 's')
		return NULL;
	form = palloc0(sizeof(ValueForm));
	form->stored = pnstrdup(folded, len - 1);
	return form;
}
