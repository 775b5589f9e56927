/*-------------------------------------------------------------------------
 *
 * bounds_rules.c
 *		Functions whose time grows with the product of their arguments' sizes.
 *
 * All were found by calling the allowed functions with megabytes, alike and
 * unlike.  What compares each byte with each byte takes a few seconds for 1e9
 * pairs of them; where a step is dearer the limit is lower.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <ctype.h>

#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "guard/bounds.h"
#include "guard/guard_int.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#define USUAL BOUND_USUAL

static const BoundRule rules[] = {
	{F_STRPOS, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POSITION_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_REPLACE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TRANSLATE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_STRING_TO_ARRAY_TEXT_TEXT, BOUND_LITERAL, 0, 1, 0},
	{F_STRING_TO_ARRAY_TEXT_TEXT_TEXT, BOUND_LITERAL, 0, 1, 0},
	{F_STRING_TO_TABLE_TEXT_TEXT, BOUND_LITERAL, 0, 1, 0},
	{F_STRING_TO_TABLE_TEXT_TEXT_TEXT, BOUND_LITERAL, 0, 1, 0},
	{F_SPLIT_PART, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TEXTLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TEXTNLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TEXTICLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TEXTICNLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_LIKE_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_NOTLIKE_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BPCHARLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BPCHARNLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BPCHARICLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BPCHARICNLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BYTEALIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BYTEANLIKE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_LIKE_BYTEA_BYTEA, BOUND_PRODUCT, 0, 1, USUAL},
	{F_NOTLIKE_BYTEA_BYTEA, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BTRIM_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_LTRIM_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_RTRIM_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_BTRIM_BYTEA_BYTEA, BOUND_PRODUCT, 0, 1, USUAL},
	{F_LTRIM_BYTEA_BYTEA, BOUND_PRODUCT, 0, 1, USUAL},
	{F_RTRIM_BYTEA_BYTEA, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POSITION_BYTEA_BYTEA, BOUND_PRODUCT, 0, 1, USUAL},
	/* eight bits a byte, each tried */
	{F_POSITION_BIT_BIT, BOUND_PRODUCT, 0, 1, USUAL / 10},
	{F_TO_DATE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TO_TIMESTAMP_TEXT_TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_TO_NUMBER, BOUND_PRODUCT, 0, 1, USUAL},
	{F_ARRAYOVERLAP, BOUND_PRODUCT, 0, 1, USUAL / 2},
	{F_ARRAYCONTAINS, BOUND_PRODUCT, 0, 1, USUAL / 2},
	{F_ARRAYCONTAINED, BOUND_PRODUCT, 0, 1, USUAL / 2},
	{F_JSONB_CONTAINS, BOUND_PRODUCT, 0, 1, USUAL},
	{F_JSONB_CONTAINED, BOUND_PRODUCT, 0, 1, USUAL},
	{F_JSONB_EXISTS_ANY, BOUND_PRODUCT, 0, 1, USUAL},
	{F_JSONB_EXISTS_ALL, BOUND_PRODUCT, 0, 1, USUAL},
	{F_JSONB_DELETE_JSONB__TEXT, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POLY_OVERLAP, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POLY_CONTAIN, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POLY_CONTAINED, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POLY_SAME, BOUND_PRODUCT, 0, 1, USUAL},
	{F_POLY_DISTANCE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_PATH_INTER, BOUND_PRODUCT, 0, 1, USUAL},
	{F_PATH_DISTANCE, BOUND_PRODUCT, 0, 1, USUAL},
	{F_NORMALIZE, BOUND_SQUARE, 0, 0, 2 * USUAL},
	{F_IS_NORMALIZED, BOUND_SQUARE, 0, 0, 2 * USUAL},
	{F_TS_RANK_TSVECTOR_TSQUERY, BOUND_RANK, 0, 1, USUAL},
	{F_TS_RANK_TSVECTOR_TSQUERY_INT4, BOUND_RANK, 0, 1, USUAL},
	{F_TS_RANK__FLOAT4_TSVECTOR_TSQUERY, BOUND_RANK, 1, 2, USUAL},
	{F_TS_RANK__FLOAT4_TSVECTOR_TSQUERY_INT4, BOUND_RANK, 1, 2, USUAL},
	{F_TS_RANK_CD_TSVECTOR_TSQUERY, BOUND_RANK, 0, 1, USUAL},
	{F_TS_RANK_CD_TSVECTOR_TSQUERY_INT4, BOUND_RANK, 0, 1, USUAL},
	{F_TS_RANK_CD__FLOAT4_TSVECTOR_TSQUERY, BOUND_RANK, 1, 2, USUAL},
	{F_TS_RANK_CD__FLOAT4_TSVECTOR_TSQUERY_INT4, BOUND_RANK, 1, 2, USUAL},
	{F_JSONB_PATH_EXISTS, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_EXISTS_OPR, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_EXISTS_TZ, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_MATCH, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_MATCH_OPR, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_MATCH_TZ, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_QUERY, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_QUERY_TZ, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_QUERY_ARRAY, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_QUERY_ARRAY_TZ, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_QUERY_FIRST, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_JSONB_PATH_QUERY_FIRST_TZ, BOUND_JSONPATH, 0, 2, 10 * USUAL},
	{F_XPATH_TEXT_XML, BOUND_XPATH, 0, 1, USUAL},
	{F_XPATH_TEXT_XML__TEXT, BOUND_XPATH, 0, 1, USUAL},
	{F_XPATH_EXISTS_TEXT_XML, BOUND_XPATH, 0, 1, USUAL},
	{F_XPATH_EXISTS_TEXT_XML__TEXT, BOUND_XPATH, 0, 1, USUAL},
	{F_XMLEXISTS, BOUND_XPATH, 0, 1, USUAL},
	/* each attribute is compared with those before it; casts to xml count as these */
	{F_XML, BOUND_SQUARE, 0, 0, 20 * USUAL},
	{F_XML_IS_WELL_FORMED, BOUND_SQUARE, 0, 0, 20 * USUAL},
	{F_XML_IS_WELL_FORMED_CONTENT, BOUND_SQUARE, 0, 0, 20 * USUAL},
	{F_XML_IS_WELL_FORMED_DOCUMENT, BOUND_SQUARE, 0, 0, 20 * USUAL},
};

/* of extensions, by the names of their functions */
static const BoundRule extension_rule = {InvalidOid, BOUND_PRODUCT, 0, 1, USUAL};

static const struct
{
	const char *extension;
	const char *functions;
} extension_functions[] = {
	/* they try every extent of words */
	{"pg_trgm", " word_similarity word_similarity_op word_similarity_commutator_op "
				"word_similarity_dist_op word_similarity_dist_commutator_op "
				"strict_word_similarity strict_word_similarity_op "
				"strict_word_similarity_commutator_op strict_word_similarity_dist_op "
				"strict_word_similarity_dist_commutator_op "},
	/* they call the built-in ones */
	{"citext", " strpos translate texticlike texticnlike "},
};

static const BoundRule *
builtin_rule(Oid funcid)
{
	/* position of the rule plus one */
	static uint8 index[FirstUnpinnedObjectId];
	static bool filled = false;

	StaticAssertStmt(lengthof(rules) < 255, "the index holds bytes");
	if (!filled)
	{
		for (int i = 0; i < lengthof(rules); i++)
			index[rules[i].funcid] = i + 1;
		filled = true;
	}
	return index[funcid] > 0 ? &rules[index[funcid] - 1] : NULL;
}

const BoundRule *
bound_rule(Oid funcid)
{
	const char *name;
	const char *word;
	Oid extension;
	char *extension_name;

	if (policy_is_builtin(funcid))
		return builtin_rule(funcid);
	name = get_func_name(funcid);
	word = name ? psprintf(" %s ", name) : "";
	for (int i = 0; name != NULL && i < lengthof(extension_functions); i++)
	{
		if (strstr(extension_functions[i].functions, word) == NULL)
			continue;
		extension = getExtensionOfObject(ProcedureRelationId, funcid);
		extension_name = OidIsValid(extension) ? get_extension_name(extension) : NULL;
		if (extension_name != NULL && strcmp(extension_name, extension_functions[i].extension) == 0)
			return &extension_rule;
	}
	return NULL;
}

static bool
compares_with_literal(const char *p)
{
	while (*p == '=' || *p == ' ')
		p++;
	return *p == '\'' || *p == '"' || *p == '-' || isdigit((unsigned char) *p);
}

/*
 * Errs on the side of more.
 */
int
bound_xpath_depth(const char *path)
{
	int depth = 0;
	bool descends = false;

	for (const char *p = path; *p != '\0'; p++)
	{
		if (strncmp(p, "//", 2) == 0)
		{
			depth += descends;
			descends = true;
			p++;
		}
		else if (strncmp(p, "..", 2) == 0 || strncmp(p, "::", 2) == 0)
		{
			depth++;
			p++;
		}
		else if (*p == '[' || *p == '|' || strncmp(p, "translate", 9) == 0)
			depth++;
		else if (*p == '=' || *p == '<' || *p == '>')
		{
			depth += !compares_with_literal(p + 1);
			while (p[1] == '=')
				p++;
		}
	}
	return depth;
}
