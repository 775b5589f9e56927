/*-------------------------------------------------------------------------
 *
 * sanitise.c
 *		Texts from outside, made harmless before a model reads them.
 *
 * Comments, values, examples and questions are data that somebody else wrote.
 * They lose characters that hide or reorder text, are cut, and stand between
 * fences whose tag does not occur in them.  The tag is made from the text
 * itself: a tag by chance would make every prompt another one, and no provider
 * could reuse its work.  That it can be computed does not help anyone, for a
 * text that holds its own tag gets another.
 *
 * This keeps a model from mistaking data for instructions; the defence that
 * counts is the guard, which judges whatever the model says.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/display.h"
#include "common/hashfn.h"
#include "translate/prompt.h"
#include "utils/builtins.h"

#define VALUE_WIDTH 40

char *
prompt_text(const char *text, int max_width)
{
	bool shortened;

	return display_shorten(display_plain(text), max_width, &shortened);
}

char *
prompt_literal(const char *value)
{
	return quote_literal_cstr(prompt_text(value, VALUE_WIDTH));
}

void
prompt_fence(StringInfo out, const char *title, const char *body)
{
	char tag[17];
	uint64 salt = 0;

	do
	{
		uint64 hash = hash_bytes_extended((const unsigned char *) body, strlen(body), salt++);

		snprintf(tag, sizeof(tag), "%016" INT64_MODIFIER "x", hash);
	} while (strstr(body, tag) != NULL);
	appendStringInfo(out, "## %s\n<<<%s\n%s%s%s>>>\n", title, tag, body,
					 *body != '\0' && body[strlen(body) - 1] == '\n' ? "" : "\n", tag);
}

static bool
is_name_byte(char c)
{
	return IS_HIGHBIT_SET(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		   (c >= '0' && c <= '9') || c == '_' || c == '$';
}

bool
prompt_names(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = text; *at; at++)
		if (pg_strncasecmp(at, name, length) == 0 && (at == text || !is_name_byte(at[-1])) &&
			!is_name_byte(at[length]))
			return true;
	return false;
}

bool
prompt_names_private(const AskSnapshot *snapshot, const char *text)
{
	for (int i = 0; i < snapshot->nrelations; i++)
	{
		const SnapshotRelation *relation = &snapshot->relations[i];

		for (int k = 0; k < relation->ncolumns; k++)
			if (relation->columns[k].is_private && prompt_names(text, relation->columns[k].name))
				return true;
	}
	return false;
}
