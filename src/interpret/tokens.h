/*-------------------------------------------------------------------------
 *
 * tokens.h
 *		A question cut into words, numbers, dates, quoted texts and signs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_TOKENS_H
#define SQL_AGENT_TOKENS_H

#define MAX_TOKENS 200

typedef enum TokenKind
{
	TOKEN_WORD,
	TOKEN_NUMBER, /* digits, or a number word; k, m, bn applied */
	TOKEN_DATE,   /* 2024-03-05 */
	TOKEN_QUOTED, /* the text between quotes */
	TOKEN_SIGN    /* one of , > >= < <= = <> % ( ) / ? . ; ! */
} TokenKind;

typedef struct Token
{
	TokenKind kind;
	char *text;        /* as written; without the quotes */
	char *folded;      /* words: lower case, no accents */
	char *stem;        /* words: stem of folded */
	int start;         /* byte offset in the question */
	int end;           /* byte after the last */
	bool sentence_end; /* signs: ? . ; ! */
	bool capital;      /* written with a capital although no sentence begins here */
	double number;
	int year; /* dates */
	int month;
	int day;
	char *literal; /* numbers: as SQL writes it */
	bool percent;  /* a % stood behind the number */
} Token;

typedef struct TokenList
{
	const char *question;
	int count;
	bool cut; /* there was more than MAX_TOKENS */
	Token tokens[MAX_TOKENS];
} TokenList;

extern TokenList *tokenize(const char *question);

#endif /* SQL_AGENT_TOKENS_H */
