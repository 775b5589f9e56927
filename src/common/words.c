/*-------------------------------------------------------------------------
 *
 * words.c
 *		Words of questions, names and comments in one common form.
 *
 * The stemmer is deliberately weak: it undoes English plurals and a silent
 * final "e", no more.  A strong one (Porter's) merges words that differ in
 * meaning ("general", "generic"), and a wrong merge here becomes a wrong
 * column in somebody's SQL.  What it returns is a key for comparing, not a
 * word to show.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

/* base letters of U+00C0 .. U+017F; '.' = keep as it is */
static const char latin_base[] = "aaaaaa.ceeeeiiii"  /* C0 */
								 ".nooooo.ouuuuy.."  /* D0 */
								 "aaaaaa.ceeeeiiii"  /* E0 */
								 ".nooooo.ouuuuy.y"  /* F0 */
								 "aaaaaaccccccccdd"  /* 100 */
								 "ddeeeeeeeeeegggg"  /* 110 */
								 "gggghhhhiiiiiiii"  /* 120 */
								 "ii..jjkk.lllllll"  /* 130 */
								 "lllnnnnnn...oooo"  /* 140 */
								 "oo..rrrrrrssssss"  /* 150 */
								 "ssttttttuuuuuuuu"  /* 160 */
								 "uuuuwwyyyzzzzzz."; /* 170 */

/*
 * Lower case of one code point outside ASCII: Latin by its base letter, Greek
 * and Cyrillic capitals by their offset, all else as it is.
 */
static pg_wchar
fold_code_point(pg_wchar c)
{
	if (c >= 0xC0 && c <= 0x17F)
	{
		char base = latin_base[c - 0xC0];

		if (base != '.')
			return base;
		if (c >= 0xC0 && c <= 0xDE && c != 0xD7)
			return c + 0x20;
		return c;
	}
	if ((c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F))
		return c + 0x20;
	if (c >= 0x400 && c <= 0x40F)
		return c + 0x50;
	return c;
}

char *
word_fold(const char *text, int len)
{
	StringInfoData out;
	bool utf8 = GetDatabaseEncoding() == PG_UTF8;
	const unsigned char *p = (const unsigned char *) text;
	const unsigned char *end = p + len;

	initStringInfo(&out);
	while (p < end)
	{
		int clen;
		pg_wchar c;
		unsigned char buf[5];

		if (*p < 0x80)
		{
			appendStringInfoChar(&out, (*p >= 'A' && *p <= 'Z') ? *p + ('a' - 'A') : *p);
			p++;
			continue;
		}
		clen = utf8 ? pg_utf_mblen(p) : 1;
		if (!utf8 || p + clen > end)
		{
			appendStringInfoChar(&out, *p++);
			continue;
		}
		c = fold_code_point(utf8_to_unicode(p));
		if (c < 0x80)
			appendStringInfoChar(&out, (char) c);
		else
		{
			unicode_to_utf8(c, buf);
			appendBinaryStringInfo(&out, (char *) buf, pg_utf_mblen(buf));
		}
		p += clen;
	}
	return out.data;
}

static bool
ends_with(const char *word, int len, const char *suffix)
{
	int slen = strlen(suffix);

	return len > slen && strcmp(word + len - slen, suffix) == 0;
}

/* words that end in "s" without being plurals, and plurals that are no "s" */
static const struct
{
	const char *word;
	const char *stem;
} irregular_stems[] = {
	{"always", "always"},
	{"analyses", "analys"},
	{"bus", "bus"},
	{"children", "child"},
	{"criteria", "criterion"},
	{"does", "does"},
	{"feet", "foot"},
	{"gas", "gas"},
	{"gps", "gps"},
	{"has", "has"},
	{"indices", "index"},
	{"less", "less"},
	{"matrices", "matrix"},
	{"men", "man"},
	{"mice", "mouse"},
	{"news", "news"},
	{"people", "person"},
	{"perhaps", "perhaps"},
	{"series", "series"},
	{"sms", "sms"},
	{"species", "species"},
	{"was", "was"},
	{"women", "woman"},
	{"yes", "yes"},
};

char *
word_stem(const char *folded)
{
	int len = strlen(folded);
	char *stem;

	for (int i = 0; i < lengthof(irregular_stems); i++)
	{
		if (strcmp(folded, irregular_stems[i].word) == 0)
			return pstrdup(irregular_stems[i].stem);
	}

	stem = pstrdup(folded);
	if (len < 3)
		return stem;
	for (int i = 0; i < len; i++)
	{
		if (stem[i] >= '0' && stem[i] <= '9')
			return stem;
	}

	if (ends_with(stem, len, "sis"))
		stem[len -= 2] = '\0';
	else if (ends_with(stem, len, "ies") && len > 4)
	{
		stem[len - 3] = 'y';
		stem[len -= 2] = '\0';
	}
	else if (stem[len - 1] == 's' && !ends_with(stem, len, "ss") && !ends_with(stem, len, "us") &&
			 !ends_with(stem, len, "is"))
		stem[--len] = '\0';

	/* "boxes" -> "boxe" -> "box"; "price" -> "pric" as "prices" */
	if (len >= 4 && stem[len - 1] == 'e')
		stem[--len] = '\0';
	if (len >= 4 && stem[len - 1] == 'i')
		stem[len - 1] = 'y';
	return stem;
}

typedef enum CharKind
{
	CHAR_SEPARATOR,
	CHAR_LOWER,
	CHAR_UPPER,
	CHAR_DIGIT
} CharKind;

static CharKind
char_kind(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return CHAR_UPPER;
	if ((c >= 'a' && c <= 'z') || c >= 0x80)
		return CHAR_LOWER;
	if (c >= '0' && c <= '9')
		return CHAR_DIGIT;
	return CHAR_SEPARATOR;
}

/*
 * Does a new word begin at text[i]?  text[i - 1] belongs to the current word.
 */
static bool
word_begins(const char *text, int i, bool identifier)
{
	CharKind before = char_kind(text[i - 1]);
	CharKind here = char_kind(text[i]);

	if (!identifier)
		return false;
	if ((before == CHAR_DIGIT) != (here == CHAR_DIGIT))
		return true;
	if (before == CHAR_LOWER && here == CHAR_UPPER)
		return true;
	/* the last capital of a run belongs to the word that follows: HTTPServer */
	return before == CHAR_UPPER && here == CHAR_UPPER && char_kind(text[i + 1]) == CHAR_LOWER;
}

static List *
split_words(const char *text, bool identifier)
{
	List *words = NIL;
	int start = -1;
	int len = strlen(text);

	for (int i = 0; i <= len; i++)
	{
		bool inside = i < len && char_kind(text[i]) != CHAR_SEPARATOR;

		/* an apostrophe s is no word: "customer's" */
		if (!identifier && i < len && text[i] == '\'' && start >= 0 &&
			(text[i + 1] == 's' || text[i + 1] == 'S') && char_kind(text[i + 2]) == CHAR_SEPARATOR)
		{
			words = lappend(words, word_stem(word_spelled_out(word_fold(text + start, i - start))));
			start = -1;
			i++;
			continue;
		}
		if (start >= 0 && (!inside || word_begins(text, i, identifier)))
		{
			words = lappend(words, word_stem(word_spelled_out(word_fold(text + start, i - start))));
			start = -1;
		}
		if (inside && start < 0)
			start = i;
	}
	return words;
}

List *
words_of_identifier(const char *name)
{
	return split_words(name, true);
}

List *
words_of_text(const char *text)
{
	return split_words(text, false);
}

char *
words_fold_phrase(const char *text)
{
	char *folded = word_fold(text, strlen(text));
	char *to = folded;
	bool gap = false;

	for (const char *from = folded; *from; from++)
	{
		if (*from == ' ' || *from == '\t' || *from == '\n' || *from == '\r')
		{
			gap = true;
			continue;
		}
		if (gap && to > folded)
			*to++ = ' ';
		gap = false;
		*to++ = *from;
	}
	*to = '\0';
	return folded;
}

#define MAX_DISTANCE_LENGTH 64

int
word_distance(const char *a, const char *b, int max)
{
	int alen = strlen(a);
	int blen = strlen(b);
	int rows[3][MAX_DISTANCE_LENGTH + 1];
	int *before = rows[0];
	int *above = rows[1];
	int *row = rows[2];

	if (abs(alen - blen) > max || alen > MAX_DISTANCE_LENGTH || blen > MAX_DISTANCE_LENGTH)
		return max + 1;

	for (int j = 0; j <= blen; j++)
		above[j] = j;
	for (int i = 1; i <= alen; i++)
	{
		int best = i;
		int *spare;

		row[0] = i;
		for (int j = 1; j <= blen; j++)
		{
			int cost = a[i - 1] == b[j - 1] ? 0 : 1;

			row[j] = Min(Min(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = Min(row[j], before[j - 2] + 1);
			best = Min(best, row[j]);
		}
		if (best > max)
			return max + 1;
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return Min(above[blen], max + 1);
}
