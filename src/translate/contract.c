/*-------------------------------------------------------------------------
 *
 * contract.c
 *		Reads what a model answered: one JSON object of fixed members.
 *
 * A schema sent along is a wish, not a promise: servers ignore it, and put
 * prose or a fence around the object.  So every member is checked here.  What
 * may be missing may also be of another type, and counts as missing; without a
 * member sql that is a text or null there is no answer.  All texts are cut, and
 * lose what could hide or reorder them.  SQL stays as it is: the guard reads it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "common/display.h"
#include "mb/pg_wchar.h"
#include "service/jsondoc.h"
#include "translate/contract.h"

#define MAX_EXPLANATION_BYTES 1000
#define MAX_OPTION_BYTES      200
#define MAX_OPTIONS           6
#define MAX_NEED_TABLES       20
/* of a model that says nothing about it */
#define DEFAULT_CONFIDENCE 0.7

static char *
short_text(const JsonNode *node, int max_bytes)
{
	char *text = jsondoc_text(node);
	char *plain;

	if (text == NULL)
		return NULL;
	plain = display_plain(text);
	if (strlen(plain) > max_bytes)
		plain[pg_mbcliplen(plain, strlen(plain), max_bytes)] = '\0';
	return plain;
}

static bool
is_blank(const char *text)
{
	return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

/* texts of an array, blank ones left out */
static List *
read_texts(const JsonNode *array, int max)
{
	List *result = NIL;

	if (!jsondoc_is_array(array))
		return NIL;
	for (const JsonNode *item = jsondoc_first(array); item != NULL && list_length(result) < max;
		 item = jsondoc_next(item))
	{
		char *text = short_text(item, MAX_OPTION_BYTES);

		if (!is_blank(text))
			result = lappend(result, text);
	}
	return result;
}

static void
read_clarification(const JsonNode *node, ModelAnswer *answer)
{
	char *question;

	if (jsondoc_is_object(node))
	{
		question = short_text(jsondoc_member(node, "question"), MAX_EXPLANATION_BYTES);
		answer->clarify_options = read_texts(jsondoc_member(node, "options"), MAX_OPTIONS);
	}
	else
		/* some write the question alone */
		question = short_text(node, MAX_EXPLANATION_BYTES);
	if (!is_blank(question))
		answer->clarify_question = question;
	else
		answer->clarify_options = NIL;
}

/* a percentage is meant as one; what is no number says nothing */
static double
read_confidence(const JsonNode *node)
{
	double value = jsondoc_number(node, DEFAULT_CONFIDENCE);

	if (isnan(value) || value < 0)
		return 0;
	if (value > 1 && value <= 100)
		value /= 100;
	return Min(value, 1.0);
}

static char *
read_chart(const JsonNode *node)
{
	static const char *const kinds[] = {"table", "bar", "line", "area", "pie", "scatter", "number"};
	char *kind = jsondoc_text(node);

	for (int i = 0; kind != NULL && i < lengthof(kinds); i++)
		if (strcmp(kind, kinds[i]) == 0)
			return kind;
	return NULL;
}

/* the statement without blanks and semicolons around it */
static char *
trim_sql(char *sql)
{
	size_t length;

	sql += strspn(sql, " \t\r\n");
	length = strlen(sql);
	while (length > 0 && strchr("; \t\r\n", sql[length - 1]) != NULL)
		sql[--length] = '\0';
	return sql;
}

ModelAnswer *
contract_parse(const char *text, const char **problem)
{
	ModelAnswer *answer = palloc0(sizeof(ModelAnswer));
	JsonDoc *doc = jsondoc_parse_object(text, &answer->wrapped);
	const JsonNode *root = doc ? jsondoc_root(doc) : NULL;
	const JsonNode *sql;

	if (root == NULL)
	{
		*problem = is_blank(text) ? "The answer was empty." : "The answer was not a JSON object.";
		return NULL;
	}
	sql = jsondoc_member(root, "sql");
	if (!jsondoc_is_string(sql) && !jsondoc_is_null(sql))
	{
		*problem = sql ? "Member \"sql\" is neither a string nor null."
					   : "The object has no member \"sql\".";
		jsondoc_free(doc);
		return NULL;
	}
	answer->sql = jsondoc_text(sql);
	if (answer->sql != NULL)
		answer->sql = trim_sql(answer->sql);
	if (is_blank(answer->sql))
		answer->sql = NULL;
	answer->explanation = short_text(jsondoc_member(root, "explanation"), MAX_EXPLANATION_BYTES);
	if (answer->explanation == NULL)
		answer->explanation = pstrdup("");
	answer->database = jsondoc_text(jsondoc_member(root, "database"));
	answer->confidence = read_confidence(jsondoc_member(root, "confidence"));
	read_clarification(jsondoc_member(root, "clarification"), answer);
	answer->chart = read_chart(jsondoc_member(root, "chart"));
	answer->need_tables = read_texts(jsondoc_member(root, "need_tables"), MAX_NEED_TABLES);
	jsondoc_free(doc);
	return answer;
}
