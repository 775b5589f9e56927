/*-------------------------------------------------------------------------
 *
 * builtin.h
 *		The built-in translator: a deterministic composer over the interpretation.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_BUILTIN_H
#define SQL_AGENT_BUILTIN_H

#include "translate/translate.h"

extern Translation *builtin_translate(const char *question, AskSnapshot *snapshot);

#endif /* SQL_AGENT_BUILTIN_H */
