/*-------------------------------------------------------------------------
 *
 * lexicon.c
 *		Finds words of a question in the lexicon (lexicon_english.c).
 *
 * An entry of several words wins over a shorter one.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "interpret/lexicon.h"

#define MAX_ENTRIES 2000

static bool
phrase_matches(const char *phrase, const TokenList *list, int at, int *ntokens)
{
	const char *p = phrase;
	int n = 0;

	while (*p)
	{
		const char *space = strchr(p, ' ');
		int len = space ? space - p : strlen(p);
		const Token *token;
		const char *text;

		if (at + n >= list->count)
			return false;
		token = &list->tokens[at + n];
		if (token->kind != TOKEN_WORD && token->kind != TOKEN_SIGN)
			return false;
		text = token->folded ? token->folded : token->text;
		if (strncmp(text, p, len) != 0 || text[len] != '\0')
			return false;
		n++;
		p += len;
		while (*p == ' ')
			p++;
	}
	*ntokens = n;
	return true;
}

/* "months" finds "month": units are nouns */
static bool
unit_matches(const LexiconEntry *entry, const Token *token)
{
	if (entry->concept != CONCEPT_UNIT || (entry->arg & UNIT_BUCKET) || !token->stem)
		return false;
	return strcmp(token->stem, entry->phrase) == 0;
}

int
lexicon_count(void)
{
	return lexicon_entry_count + lexicon_time_entry_count + lexicon_rank_entry_count +
		   lexicon_verb_entry_count;
}

const LexiconEntry *
lexicon_entry(int at)
{
	if (at < lexicon_entry_count)
		return &lexicon_entries[at];
	at -= lexicon_entry_count;
	if (at < lexicon_time_entry_count)
		return &lexicon_time_entries[at];
	at -= lexicon_time_entry_count;
	if (at < lexicon_rank_entry_count)
		return &lexicon_rank_entries[at];
	return &lexicon_verb_entries[at - lexicon_rank_entry_count];
}

/*
 * The entries by the first byte of their phrase: made once in a backend.
 */
static int first_entry[256];
static int next_entry[MAX_ENTRIES];

static void
index_entries(void)
{
	static bool done = false;

	if (done)
		return;
	Assert(lexicon_count() <= MAX_ENTRIES);
	for (int i = 0; i < lengthof(first_entry); i++)
		first_entry[i] = -1;
	for (int i = lexicon_count() - 1; i >= 0; i--)
	{
		unsigned char byte = lexicon_entry(i)->phrase[0];

		next_entry[i] = first_entry[byte];
		first_entry[byte] = i;
	}
	done = true;
}

const LexiconEntry *
lexicon_find(const TokenList *list, int at, int *ntokens)
{
	const LexiconEntry *best = NULL;
	const Token *token = &list->tokens[at];
	const char *text = token->folded ? token->folded : token->text;

	*ntokens = 0;
	if (token->kind != TOKEN_WORD && token->kind != TOKEN_SIGN)
		return NULL;
	index_entries();
	for (int i = first_entry[(unsigned char) text[0]]; i >= 0; i = next_entry[i])
	{
		const LexiconEntry *entry = lexicon_entry(i);
		int n;

		if (phrase_matches(entry->phrase, list, at, &n))
		{
			if (n > *ntokens)
			{
				best = entry;
				*ntokens = n;
			}
		}
		else if (*ntokens == 0 && unit_matches(entry, token))
		{
			best = entry;
			*ntokens = 1;
		}
	}
	return best;
}

static const LexiconNoun *
find_noun(const char *stem)
{
	for (int i = 0; i < lexicon_noun_count; i++)
	{
		char *key;
		bool same;

		if (lexicon_nouns[i].word[0] != stem[0])
			continue;
		key = word_stem(lexicon_nouns[i].word);
		same = strcmp(key, stem) == 0;
		pfree(key);
		if (same)
			return &lexicon_nouns[i];
	}
	return NULL;
}

const char *
lexicon_alternatives(const char *stem)
{
	const LexiconNoun *noun = find_noun(stem);

	return noun ? noun->alternatives : NULL;
}

bool
lexicon_is_amount(const char *stem)
{
	const LexiconNoun *noun = find_noun(stem);

	return noun && noun->amount;
}

const char *
lexicon_opposite(const char *folded)
{
	for (int i = 0; i < lexicon_opposite_count; i++)
	{
		if (strcmp(lexicon_opposites[i][0], folded) == 0)
			return lexicon_opposites[i][1];
	}
	return NULL;
}

const char *
lexicon_superlative(const char *folded)
{
	for (int i = 0; i < lexicon_vague_count; i++)
	{
		if (strcmp(lexicon_vague[i][0], folded) == 0)
			return lexicon_vague[i][1];
	}
	return NULL;
}

const char *
time_unit_name(TimeUnit unit)
{
	static const char *const names[] = {
		"",     "hour",           "day",         "week",    "month",       "quarter",
		"year", "fiscal_quarter", "fiscal_year", "weekday", "hour_of_day", "month_of_year"};

	return names[unit];
}

bool
time_unit_recurs(TimeUnit unit)
{
	return unit >= TIME_UNIT_WEEKDAY;
}
