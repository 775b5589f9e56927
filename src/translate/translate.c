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

	return translation ? translation : builtin_translate(question, snapshot);
}
