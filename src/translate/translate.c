/*-------------------------------------------------------------------------
 *
 * translate.c
 *		Question -> SQL: asks the translators in their order.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/builtin.h"
#include "translate/translate.h"

Translation *
translate_question(const char *question, AskSnapshot *snapshot)
{
	return builtin_translate(question, snapshot);
}
