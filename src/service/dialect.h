/*-------------------------------------------------------------------------
 *
 * dialect.h
 *		What differs between providers: the URL, the headers, the body, and
 *		where an answer keeps its text, its end and its tokens.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_DIALECT_H
#define SQL_AGENT_DIALECT_H

#include "lib/stringinfo.h"
#include "service/jsondoc.h"
#include "service/llm.h"
#include "service/options.h"

/*
 * Parts of a request that a server or model may not know.  A set bit says that
 * this one does not: the part is left out, or said the other way.
 */
#define LACKS_EFFORT        (1 << 0)
#define LACKS_SCHEMA        (1 << 1) /* falls back to a JSON object */
#define LACKS_JSON_OBJECT   (1 << 2)
#define LACKS_CACHE_KEY     (1 << 3)
#define LACKS_CACHE_CONTROL (1 << 4)
#define LACKS_TOKEN_FIELD   (1 << 5) /* takes the other name of the maximum of tokens */
#define LACKS_SYSTEM        (1 << 6) /* the system text goes before the first message */

/* a part and the words by which an error names it */
typedef struct DialectPart
{
	const char *words; /* separated by | */
	unsigned lack;
	bool strict; /* only where the error says that it is not known, not that its value is wrong */
} DialectPart;

typedef struct Dialect
{
	AuthStyle auth;
	const char *path;    /* beyond the base URL; %s is the model */
	const char *headers; /* one more, or NULL */
	void (*body)(StringInfo out, const LlmRequest *request, unsigned lacks);
	/* false where the document is no reply of this kind */
	bool (*read)(const JsonNode *root, LlmReply *reply);
	const DialectPart *parts; /* ends with lack = 0 */
} Dialect;

extern const Dialect openai_dialect;
extern const Dialect anthropic_dialect;
extern const Dialect gemini_dialect;

extern const Dialect *dialect_of(LlmProvider provider);

/* ---- building; out holds the server encoding ---- */

/* "name":"escaped text", with a comma before it where one is needed */
extern void body_name(StringInfo out, const char *name);
extern void body_string(StringInfo out, const char *name, const char *value);
extern void body_int(StringInfo out, const char *name, int64 value);
extern void body_raw(StringInfo out, const char *name, const char *json);
extern int request_max_tokens(const LlmRequest *request);
/* how the answer's form is asked for, what the server lacks considered */
extern LlmStructured request_structured(const LlmRequest *request, unsigned lacks);

/* ---- reading ---- */

extern void usage_set(LlmUsage *usage, int64 prompt, int64 cached, int64 cache_write, int64 output,
					  int64 reasoning);

/* ---- what a server was found to lack, for the rest of the session ---- */

extern unsigned lacks_known(const LlmEndpoint *endpoint);
extern void lacks_learn(const LlmEndpoint *endpoint, unsigned lack);
/* the first part, beside those known, that an error of the server may be about; 0: none */
extern unsigned
lacks_told(const Dialect *dialect, unsigned known, const char *param, const char *message);

/* is one of the words, separated by |, in the text? */
extern bool text_mentions(const char *text, const char *words);

#endif /* SQL_AGENT_DIALECT_H */
