#include "common/compat.h"

#include "translate/translate.h"

Translation *
translate_question(const char *question, AskSnapshot *snapshot)
{
	Translation *result = palloc0(sizeof(Translation));

	result->translator = "builtin";
	result->reason = pstrdup("No translator yet.");
	return result;
}

List *
translate_suggest(AskSnapshot *snapshot, int count)
{
	return NIL;
}

List *
translate_suggest_near(AskSnapshot *snapshot, const char *question, int count)
{
	return NIL;
}
