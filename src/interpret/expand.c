/*-------------------------------------------------------------------------
 *
 * expand.c
 *		Puts other words in the place of terms that stand for them.
 *
 * "ASP by region" is read as "average sale price by region" where somebody said
 * so.  The longest term wins, what was put in is not looked through again, and
 * a quoted text stays as it is.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "interpret/expand.h"
#include "interpret/tokens.h"
#include "lib/stringinfo.h"

static bool
stands_at(const TokenList *tokens, int at, const SnapshotTerm *term)
{
	if (term->nstems == 0 || at + term->nstems > tokens->count)
		return false;
	for (int i = 0; i < term->nstems; i++)
	{
		const Token *token = &tokens->tokens[at + i];

		if (token->kind != TOKEN_WORD || strcmp(token->stem, term->stems[i]) != 0)
			return false;
	}
	return true;
}

static const SnapshotTerm *
longest_term(const AskSnapshot *snapshot, const TokenList *tokens, int at)
{
	const SnapshotTerm *best = NULL;

	for (int i = 0; i < snapshot->nterms && snapshot->terms[i].kind == TERM_PHRASE; i++)
	{
		const SnapshotTerm *term = &snapshot->terms[i];

		if ((!best || term->nstems > best->nstems) && stands_at(tokens, at, term))
			best = term;
	}
	return best;
}

char *
expand_terms(const char *question, const AskSnapshot *snapshot, List **told)
{
	TokenList *tokens;
	StringInfoData out;
	int copied = 0;

	if (snapshot->nterms == 0 || snapshot->terms[0].kind != TERM_PHRASE)
		return NULL;
	tokens = tokenize(question);
	initStringInfo(&out);
	for (int at = 0; at < tokens->count;)
	{
		const SnapshotTerm *term = longest_term(snapshot, tokens, at);

		if (!term)
		{
			at++;
			continue;
		}
		appendBinaryStringInfo(&out, question + copied, tokens->tokens[at].start - copied);
		appendStringInfoString(&out, term->meaning);
		at += term->nstems;
		copied = tokens->tokens[at - 1].end;
		*told = lappend(*told, psprintf("\"%s\" stands for \"%s\".", term->phrase, term->meaning));
	}
	if (copied == 0)
		return NULL;
	appendStringInfoString(&out, question + copied);
	return out.data;
}
