/*-------------------------------------------------------------------------
 *
 * flags.c
 *		Columns that only say yes or no, in other types than boolean: Y and N,
 *		0 and 1, true and false as text.
 *
 * What a column holds decides, not what it is called; the profile must have
 * seen all its values.  A number that counts something and happens to be 0 or 1
 * everywhere would be taken for a flag as well, so numbers must be short ones
 * of exactly these two values.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "translate/scan.h"

static const char *const pairs[][2] = {
	{"y", "n"}, {"yes", "no"}, {"true", "false"}, {"t", "f"}, {"1", "0"},
};

/* the stored spellings of yes and no; false where the texts are others */
static bool
text_flag(const ColumnProfile *profile, const char **yes, const char **no)
{
	if (!profile->complete || profile->nvalues != 2)
		return false;
	for (int i = 0; i < lengthof(pairs); i++)
	{
		*yes = *no = NULL;
		for (int v = 0; v < 2; v++)
		{
			if (pg_strcasecmp(profile->values[v], pairs[i][0]) == 0)
				*yes = profile->values[v];
			if (pg_strcasecmp(profile->values[v], pairs[i][1]) == 0)
				*no = profile->values[v];
		}
		if (*yes && *no)
			return true;
	}
	return false;
}

bool
take_flag(const AskSnapshot *snapshot, Mention *mention, bool negated)
{
	const Candidate *best = &mention->options.items[0];
	const SnapshotColumn *column =
		mention->options.count > 0 ? candidate_column(snapshot, best) : NULL;
	const ColumnProfile *profile;
	const char *yes = NULL;
	const char *no = NULL;

	if (!column || best->by_comment || column->in_foreign_key || column->in_primary_key ||
		(column->type_class != TYPE_CLASS_INTEGER && column->type_class != TYPE_CLASS_TEXT))
		return false;
	profile = snapshot_profile((AskSnapshot *) snapshot, best->relation, best->column);
	if (!profile)
		return false;
	if (column->type_class == TYPE_CLASS_TEXT)
	{
		if (!text_flag(profile, &yes, &no))
			return false;
		mention->filter.kind = FILTER_VALUES;
		mention->filter.values = list_make1(pstrdup(negated ? no : yes));
	}
	else
	{
		if (!profile->min || !profile->max || strcmp(profile->min, "0") != 0 ||
			strcmp(profile->max, "1") != 0)
			return false;
		mention->filter.kind = FILTER_COMPARE;
		mention->filter.compare = COMPARE_EQ;
		mention->filter.values = list_make1(pstrdup(negated ? "0" : "1"));
	}
	mention->options.count = 1;
	mention->role = ROLE_FILTER;
	mention->has_filter = true;
	return true;
}
