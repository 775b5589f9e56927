/*-------------------------------------------------------------------------
 *
 * spelling.c
 *		Slips of spelling in a question, put right: one wrong, missing, doubled
 *		or swapped letter, two in long words.
 *
 * Only a word that nothing explains is looked at, and only the one known word
 * that is nearest takes its place: a word of the lexicon, of a name, comment or
 * synonym, or of a stored value.  Where two different words are as near, or the
 * stored values are too many to be gone through, the word stays what it is and
 * the question is declined as before.  Quoted text, words with digits and words
 * in other letters than those of ASCII are never touched.
 *
 * A slip and another word can not always be told apart, so words that turn the
 * meaning round and stored values (Austria and Australia) must be nearer than
 * names, and what was read as what is told with the answer.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "interpret/spelling.h"
#include "lib/stringinfo.h"

#define MIN_LENGTH 4
/* from this length on two slips are put right */
#define LONG_LENGTH 7
/* shorter values are too many of one another's neighbours: Iran, Iraq */
#define MIN_EXACT_LENGTH 5
#define MAX_LENGTH       30
/* a question with more words that nothing explains is not just misspelt */
#define MAX_SLIPS 4

typedef enum WordOrigin
{
	ORIGIN_LEXICON,
	ORIGIN_TURNING, /* of the lexicon: more, not, without */
	ORIGIN_TIME,
	ORIGIN_VALUE,
	ORIGIN_NAME
} WordOrigin;

typedef struct SpellingSearch
{
	const Token *token;
	WordOrigin origin; /* of the words that are looked at */
	int best;          /* the distance of found */
	char *found;
	char *found_stem;
	WordOrigin found_origin;
	bool tied;  /* another word is as near */
	bool known; /* it is a word as it stands */
} SpellingSearch;

/* concepts that say which way a condition or an order goes */
static bool
concept_turns(Concept concept)
{
	switch (concept)
	{
		case CONCEPT_TOP:
		case CONCEPT_SUPERLATIVE:
		case CONCEPT_MOST:
		case CONCEPT_COMMON:
		case CONCEPT_ORDINAL:
		case CONCEPT_SORTED:
		case CONCEPT_SAME:
		case CONCEPT_DIRECTION:
		case CONCEPT_COMPARE:
		case CONCEPT_BETWEEN:
		case CONCEPT_NOT:
		case CONCEPT_WITHOUT:
		case CONCEPT_NULL:
		case CONCEPT_NOT_NULL:
			return true;
		default:
			return false;
	}
}

static bool
all_letters(const char *word, int len)
{
	for (int i = 0; i < len; i++)
	{
		if (!((word[i] >= 'a' && word[i] <= 'z') || (word[i] >= 'A' && word[i] <= 'Z')))
			return false;
	}
	return true;
}

/*
 * Two other letters in their places make another word ("payments", "patients"),
 * unless they are the same letters in another order ("costumers").
 */
static bool
two_letters_replaced(const char *a, const char *b)
{
	int counts[UCHAR_MAX + 1] = {0};
	int differing = 0;

	if (strlen(a) != strlen(b))
		return false;
	for (int i = 0; a[i] != '\0'; i++)
	{
		differing += a[i] != b[i];
		counts[(unsigned char) a[i]]++;
		counts[(unsigned char) b[i]]--;
	}
	if (differing != 2)
		return false;
	for (int i = 0; i < lengthof(counts); i++)
	{
		if (counts[i] != 0)
			return true;
	}
	return false;
}

/* how far a known word is from what was written; max + 1 where it is too far */
static int
slip_distance(const char *written, const char *word, int max)
{
	int distance;

	if (written[0] != word[0] && !(written[0] == word[1] && written[1] == word[0]))
		return max + 1;
	distance = word_distance(written, word, max);
	/* another ending is another word: "delivery", "delivered" */
	if (distance == 2 && (two_letters_replaced(written, word) ||
						  written[strlen(written) - 1] != word[strlen(word) - 1]))
		return max + 1;
	return distance;
}

static int
allowed_distance(const SpellingSearch *search)
{
	int len = strlen(search->token->folded);

	switch (search->origin)
	{
		case ORIGIN_TURNING:
		case ORIGIN_VALUE:
			return len >= MIN_EXACT_LENGTH ? 1 : 0;
		case ORIGIN_TIME:
			/* Marsh is a name, Januray is none */
			return len >= (search->token->capital ? LONG_LENGTH : MIN_EXACT_LENGTH) ? 1 : 0;
		default:
			/* a capital inside of a sentence is a proper name */
			if (search->token->capital)
				return 0;
			return len >= LONG_LENGTH ? 2 : 1;
	}
}

static void
keep_word(SpellingSearch *search, const char *word, int len, const char *stem, int distance)
{
	if (search->found && distance > search->best)
		return;
	if (search->found && distance == search->best)
		search->tied |= strcmp(stem, search->found_stem) != 0;
	else
		search->tied = false;
	search->best = distance;
	search->found = pnstrdup(word, len);
	search->found_stem = pstrdup(stem);
	search->found_origin = search->origin;
}

/* a SnapshotWordVisitor; the words of names come as stems */
static void
consider_word(void *arg, const char *word, int len)
{
	SpellingSearch *search = arg;
	const Token *token = search->token;
	int max = allowed_distance(search);
	int distance;
	char *folded;
	char *stem;

	/* one more for the ending of a plural */
	if (len < MIN_LENGTH || len > MAX_LENGTH || abs(len - (int) strlen(token->folded)) > max + 1 ||
		!all_letters(word, len))
		return;
	folded = word_fold(word, len);
	stem = search->origin == ORIGIN_NAME ? pstrdup(folded) : word_stem(folded);
	distance = slip_distance(token->folded, folded, max);
	if (search->origin == ORIGIN_NAME)
		distance = Min(distance, slip_distance(token->stem, stem, max));
	/* singular and plural are no slips, but values are found as they are stored only */
	if (distance == 0 || (search->origin != ORIGIN_VALUE && strcmp(stem, token->stem) == 0))
		search->known = true;
	else if (distance <= max)
		keep_word(search, word, len, stem, distance);
	pfree(stem);
	pfree(folded);
}

static void
consider_phrase(SpellingSearch *search, const char *phrase, WordOrigin origin)
{
	search->origin = origin;
	while (*phrase != '\0')
	{
		int len = strcspn(phrase, " ");

		consider_word(search, phrase, len);
		phrase += len;
		phrase += strspn(phrase, " ");
	}
}

static void
consider_lexicon(SpellingSearch *search)
{
	for (int i = 0; i < lexicon_count(); i++)
		consider_phrase(search, lexicon_entry(i)->phrase,
						concept_turns(lexicon_entry(i)->concept) ? ORIGIN_TURNING : ORIGIN_LEXICON);
	for (int i = 0; i < lexicon_noun_count; i++)
		consider_phrase(search, lexicon_nouns[i].word, ORIGIN_LEXICON);
	for (int i = 0; i < lexicon_opposite_count; i++)
		consider_phrase(search, lexicon_opposites[i][0], ORIGIN_TURNING);
	for (int i = 0; i < time_word_count; i++)
		consider_phrase(search, time_words[i], ORIGIN_TIME);
}

/* what was meant, or NULL */
static char *
find_spelling(AskSnapshot *snapshot, const Token *token)
{
	SpellingSearch search = {.token = token};
	const char *letters = token->folded;
	int nletters = letters[0] == letters[1] ? 1 : 2;

	consider_lexicon(&search);
	search.origin = ORIGIN_VALUE;
	/* the first two may have changed places */
	for (int i = 0; i < nletters; i++)
	{
		if (!snapshot_visit_value_words(snapshot, letters[i], consider_word, &search))
			return NULL;
	}
	search.origin = ORIGIN_NAME;
	for (int i = 0; i < nletters; i++)
		snapshot_visit_words(snapshot, letters[i], consider_word, &search);
	if (search.known || search.tied || !search.found)
		return NULL;
	return search.found_origin == ORIGIN_NAME ? snapshot_written_word(snapshot, search.found)
											  : search.found;
}

static bool
may_be_slip(const Token *token)
{
	int len = token->kind == TOKEN_WORD ? strlen(token->folded) : 0;

	return len >= MIN_LENGTH && len <= MAX_LENGTH && all_letters(token->folded, len);
}

char *
correct_spelling(const Interpretation *in, List **assumptions)
{
	const TokenList *tokens = in->tokens;
	StringInfoData question;
	List *told = NIL;
	int looked_at = 0;
	int copied = 0;

	initStringInfo(&question);
	for (int i = 0; i < in->count; i++)
	{
		const Element *element = &in->elements[i];

		if (element->kind != ELEMENT_UNKNOWN && element->kind != ELEMENT_TEXT)
			continue;
		for (int t = element->first; t < element->first + element->ntokens; t++)
		{
			const Token *token = &tokens->tokens[t];
			char *word;

			if (!may_be_slip(token))
				continue;
			if (looked_at++ >= MAX_SLIPS)
				return NULL;
			word = find_spelling(in->snapshot, token);
			if (!word)
				continue;
			appendBinaryStringInfo(&question, tokens->question + copied, token->start - copied);
			appendStringInfoString(&question, word);
			copied = token->end;
			told = lappend(told, psprintf("\"%s\" was read as \"%s\".", token->text, word));
		}
	}
	if (told == NIL)
		return NULL;
	appendStringInfoString(&question, tokens->question + copied);
	*assumptions = list_concat(*assumptions, told);
	return question.data;
}
