/*-------------------------------------------------------------------------
 *
 * tokens.c
 *		A question cut into words, numbers, dates, quoted texts and signs.
 *
 * The cutter never fails: what it does not know becomes a word, and a question
 * of more than MAX_TOKENS is cut and says so.  Offsets are kept, because a
 * stored value ("Market St", "M5") is looked up in the text as it was written.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <ctype.h>
#include <math.h>

#include "common/words.h"
#include "interpret/tokens.h"

static const char *const number_words[] = {
	"zero",     "one",     "two",     "three",     "four",     "five",     "six",
	"seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
	"fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"};

static const struct
{
	const char *word;
	double factor;
} number_scales[] = {{"k", 1e3},       {"thousand", 1e3}, {"m", 1e6},       {"mn", 1e6},
					 {"million", 1e6}, {"bn", 1e9},       {"billion", 1e9}, {"hundred", 1e2}};

static bool
is_word_byte(unsigned char c)
{
	return isalnum(c) || c >= 0x80;
}

static Token *
add_token(TokenList *list, TokenKind kind, int start, int end)
{
	Token *token;

	if (list->count >= MAX_TOKENS)
	{
		list->cut = true;
		return NULL;
	}
	token = &list->tokens[list->count++];
	memset(token, 0, sizeof(Token));
	token->kind = kind;
	token->start = start;
	token->end = end;
	token->text = pnstrdup(list->question + start, end - start);
	return token;
}

static void
set_number(Token *token, double number)
{
	token->kind = TOKEN_NUMBER;
	token->number = number;
	if (number == floor(number) && fabs(number) < 1e15)
		token->literal = psprintf("%.0f", number);
	else
		token->literal = psprintf("%.15g", number);
}

/* multiply a number by the scale word that follows it, "10 k" as "10k" */
static double
scale_of(const char *folded)
{
	for (int i = 0; i < lengthof(number_scales); i++)
	{
		if (strcmp(folded, number_scales[i].word) == 0)
			return number_scales[i].factor;
	}
	return 0;
}

static void
finish_word(TokenList *list, Token *token)
{
	bool sentence_start = list->count == 1 || (token - 1)->sentence_end;

	token->folded = word_fold(token->text, strlen(token->text));
	/* TX is a code, tx may be short for something */
	token->stem = word_stem(
		strcmp(token->text, token->folded) == 0 ? word_spelled_out(token->folded) : token->folded);
	token->capital = isupper((unsigned char) token->text[0]) && !sentence_start;
	for (int i = 0; i < lengthof(number_words); i++)
	{
		if (strcmp(token->folded, number_words[i]) == 0)
		{
			set_number(token, i);
			return;
		}
	}
	if (list->count >= 2 && strlen(token->folded) > 1)
	{
		Token *before = token - 1;
		double scale = scale_of(token->folded);

		if (scale > 0 && before->kind == TOKEN_NUMBER)
		{
			before->end = token->end;
			set_number(before, before->number * scale);
			list->count--;
		}
	}
}

/*
 * Digits, with thousands separators, decimals, a scale letter and a percent
 * sign; or a date.  Returns the end.  A number that runs into letters ("M5",
 * "3rd", "2nd") is left to the word reader: returns the start.
 */
static int
read_number(TokenList *list, int start)
{
	const char *q = list->question;
	int i = start;
	int used = 0;
	int year;
	int month;
	int day;
	char digits[64];
	int n = 0;
	double number;
	Token *token;

	if (sscanf(q + start, "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3 && used >= 8 &&
		month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
		!is_word_byte((unsigned char) q[start + used]))
	{
		token = add_token(list, TOKEN_DATE, start, start + used);
		if (token)
		{
			token->year = year;
			token->month = month;
			token->day = day;
		}
		return start + used;
	}

	while (n < (int) sizeof(digits) - 1)
	{
		if (isdigit((unsigned char) q[i]))
			digits[n++] = q[i++];
		else if (q[i] == ',' && n > 0 && isdigit((unsigned char) q[i + 1]) &&
				 isdigit((unsigned char) q[i + 2]) && isdigit((unsigned char) q[i + 3]) &&
				 !isdigit((unsigned char) q[i + 4]))
			i++;
		else if (q[i] == '.' && isdigit((unsigned char) q[i + 1]))
			digits[n++] = q[i++];
		else
			break;
	}
	digits[n] = '\0';
	number = strtod(digits, NULL);
	if (is_word_byte((unsigned char) q[i]))
	{
		int end = i;
		char *suffix;
		double scale;

		while (is_word_byte((unsigned char) q[end]))
			end++;
		suffix = word_fold(q + i, end - i);
		scale = scale_of(suffix);
		if (scale == 0)
			return start;
		number *= scale;
		i = end;
	}
	token = add_token(list, TOKEN_NUMBER, start, i);
	if (token)
	{
		set_number(token, number);
		if (q[i] == '%')
		{
			token->percent = true;
			i++;
		}
	}
	return i;
}

/*
 * Text between quotes.  An apostrophe opens a quotation only where a word can
 * not have been going on, and closes it only before a non-word.  Returns the
 * end, or the start where nothing is quoted.
 */
static int
read_quoted(TokenList *list, int start)
{
	static const struct
	{
		const char *open;
		const char *close;
	} quotes[] = {{"\"", "\""}, {"'", "'"}, {"`", "`"}};
	const char *q = list->question;

	for (int i = 0; i < lengthof(quotes); i++)
	{
		int open_len = strlen(quotes[i].open);
		const char *close;

		if (strncmp(q + start, quotes[i].open, open_len) != 0)
			continue;
		close = q + start + open_len;
		while ((close = strstr(close, quotes[i].close)) != NULL)
		{
			int after = close - q + strlen(quotes[i].close);

			if (!is_word_byte((unsigned char) q[after]) && close > q + start + open_len)
			{
				add_token(list, TOKEN_QUOTED, start + open_len, close - q);
				return after;
			}
			close += strlen(quotes[i].close);
		}
	}
	return start;
}

/*
 * A word; possessives and contractions are taken apart: "customer's" is
 * customer, "what's" is what is, "don't" is do not.
 */
static int
read_word(TokenList *list, int start)
{
	const char *q = list->question;
	int i = start;
	Token *token;

	while (is_word_byte((unsigned char) q[i]))
		i++;
	if (q[i] == '\'' && q[i - 1] == 'n' && q[i + 1] == 't' &&
		!is_word_byte((unsigned char) q[i + 2]))
	{
		if (i - 1 > start && (token = add_token(list, TOKEN_WORD, start, i - 1)) != NULL)
			finish_word(list, token);
		if ((token = add_token(list, TOKEN_WORD, i - 1, i + 2)) != NULL)
		{
			token->text = pstrdup("not");
			finish_word(list, token);
		}
		return i + 2;
	}
	if ((token = add_token(list, TOKEN_WORD, start, i)) != NULL)
		finish_word(list, token);
	if (q[i] == '\'' && (q[i + 1] == 's' || q[i + 1] == 'S') &&
		!is_word_byte((unsigned char) q[i + 2]))
		return i + 2;
	if (q[i] == '\'' && !is_word_byte((unsigned char) q[i + 1]))
		return i + 1;
	return i;
}

/*
 * Signs that mean something; others are skipped.
 */
static int
read_sign(TokenList *list, int start)
{
	static const char *const signs[] = {">=", "<=", "<>", "!=", ">", "<", "=", ",",
										"(",  ")",  "%",  "/",  "?", ".", ";", "!"};
	const char *q = list->question;
	Token *token;

	for (int i = 0; i < lengthof(signs); i++)
	{
		int len = strlen(signs[i]);

		if (strncmp(q + start, signs[i], len) == 0)
		{
			token = add_token(list, TOKEN_SIGN, start, start + len);
			if (token)
				token->sentence_end = len == 1 && strchr("?.;!", *signs[i]) != NULL;
			return start + len;
		}
	}
	return start + 1;
}

/*
 * Typographic quotes and dashes (U+2010 to U+201F) as their ASCII cousins.
 */
static char *
plain_punctuation(const char *question)
{
	char *copy = palloc(strlen(question) + 1);
	char *to = copy;

	for (const char *from = question; *from; from++)
	{
		unsigned char last;

		if (strncmp(from, "\xe2\x80", 2) != 0 || (unsigned char) from[2] < 0x90 ||
			(unsigned char) from[2] > 0x9f)
		{
			*to++ = *from;
			continue;
		}
		last = (unsigned char) from[2];
		*to++ = last < 0x98 ? ' ' : last < 0x9c ? '\'' : '"';
		from += 2;
	}
	*to = '\0';
	return copy;
}

TokenList *
tokenize(const char *question)
{
	TokenList *list = palloc0(sizeof(TokenList));
	int i = 0;

	question = plain_punctuation(question);
	list->question = question;
	while (question[i] != '\0' && !list->cut)
	{
		unsigned char c = (unsigned char) question[i];
		bool word_before = i > 0 && is_word_byte((unsigned char) question[i - 1]);
		int next = i;

		if (isspace(c))
		{
			i++;
			continue;
		}
		if (!word_before)
			next = read_quoted(list, i);
		if (next == i && isdigit(c))
			next = read_number(list, i);
		if (next == i && is_word_byte(c))
			next = read_word(list, i);
		if (next == i)
			next = read_sign(list, i);
		i = next;
	}
	return list;
}
