/*-------------------------------------------------------------------------
 *
 * translate.c
 *		Question -> SQL: asks the translators in their order.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/builtin.h"
#include "translate/memory.h"
#include "translate/translate.h"

Translation *
translate_question(const char *question, AskSnapshot *snapshot)
{
	Translation *translation = memory_translate(question, snapshot);

	if (translation != NULL)
		return translation;
	translation = builtin_translate(question, snapshot);
	if (translation->answered && memory_rejects(question, snapshot, translation->sql))
	{
		translation->answered = false;
		translation->sql = NULL;
		translation->reason = pstrdup("You said that the SQL it would be answered with is wrong.");
	}
	return translation;
}
