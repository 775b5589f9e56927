/*-------------------------------------------------------------------------
 *
 * jsondoc.h
 *		Reading JSON from outside: hostile until proven harmless.
 *
 * Unlike jsonb's parser this one never raises for what it is given, knows no
 * number that is too large to read, and works in every server encoding.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_JSONDOC_H
#define SQL_AGENT_JSONDOC_H

typedef struct JsonDoc JsonDoc;
typedef struct cJSON JsonNode;

/*
 * Parses UTF-8 text; NULL where it is not one JSON value, nests deeper than 64
 * or has more than 100,000 values.  The document lives as long as the current
 * memory context, or until jsondoc_free().
 */
extern JsonDoc *jsondoc_parse(const char *text, size_t len);

/*
 * The object in the text of a model, in the server encoding: all of it, or the
 * content of its first ```-fence, or its first balanced {...}.  *wrapped says
 * that there was something around it.
 */
extern JsonDoc *jsondoc_parse_object(const char *text, bool *wrapped);
extern void jsondoc_free(JsonDoc *doc);
extern const JsonNode *jsondoc_root(const JsonDoc *doc);

/*
 * Members and elements; NULL in, NULL out, so that lookups can be nested.  A
 * member that is null is there; the last of two with one name is not seen.
 */
extern const JsonNode *jsondoc_member(const JsonNode *node, const char *name);
extern const JsonNode *jsondoc_path(const JsonNode *node, const char *path); /* "a.b.0.c" */
extern const JsonNode *jsondoc_first(const JsonNode *node);                  /* array or object */
extern const JsonNode *jsondoc_next(const JsonNode *node);
extern const char *jsondoc_name(const JsonNode *node); /* of a member, raw UTF-8; or NULL */

/* NULL node: false */
extern bool jsondoc_is_string(const JsonNode *node);
extern bool jsondoc_is_number(const JsonNode *node);
extern bool jsondoc_is_bool(const JsonNode *node, bool *value);
extern bool jsondoc_is_null(const JsonNode *node);
extern bool jsondoc_is_object(const JsonNode *node);
extern bool jsondoc_is_array(const JsonNode *node);

/*
 * A string's text in the server encoding, palloc'ed; NULL where the node is no
 * string.  What the encoding lacks becomes '?'.
 */
extern char *jsondoc_text(const JsonNode *node);
/* a number as it was read: may be infinite; fallback where the node is no number */
extern double jsondoc_number(const JsonNode *node, double fallback);
/* a whole number from 0 to 2^53, fallback where it is anything else */
extern int64 jsondoc_count(const JsonNode *node, int64 fallback);

#endif /* SQL_AGENT_JSONDOC_H */
