/*-------------------------------------------------------------------------
 *
 * nearest.c
 *		Stored values most like the texts that a statement compares with.
 *
 * The guard's reading of the statement says which literal is compared with
 * which column; the values are those that the asking role's profiles hold
 * anyway.  Likeness is the share of pairs of letters that two folded texts have
 * in common, which forgives spelling, order of words and endings.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "guard/guard.h"
#include "miscadmin.h"
#include "translate/nearest.h"
#include "translate/prompt.h"

#define MAX_LITERALS     5
#define MAX_NEAREST      5
#define LEAST_LIKENESS   0.35
#define MAX_LITERAL_SIZE 200

typedef struct NearValue
{
	const char *value;
	double likeness;
} NearValue;

/* how many pairs of neighbouring bytes of a are in b; each of b counts once */
static int
shared_pairs(const char *a, int na, const char *b, int nb, bool *used)
{
	int shared = 0;

	memset(used, 0, Max(nb, 1) * sizeof(bool));
	for (int i = 0; i + 1 < na; i++)
	{
		for (int k = 0; k + 1 < nb; k++)
		{
			if (used[k] || a[i] != b[k] || a[i + 1] != b[k + 1])
				continue;
			used[k] = true;
			shared++;
			break;
		}
	}
	return shared;
}

static double
likeness(const char *folded, const char *other, bool *used)
{
	int na = strlen(folded);
	int nb = strlen(other);

	if (na < 2 || nb < 2)
		return 0;
	return 2.0 * shared_pairs(folded, na, other, nb, used) / (na - 1 + nb - 1);
}

static int
compare_near(const void *a, const void *b)
{
	const NearValue *x = a;
	const NearValue *y = b;

	if (x->likeness != y->likeness)
		return x->likeness > y->likeness ? -1 : 1;
	return strcmp(x->value, y->value);
}

/* patterns are compared without their wildcards */
static char *
without_wildcards(const char *text)
{
	char *result = pstrdup(text);
	char *to = result;

	for (const char *from = text; *from; from++)
		if (*from != '%' && *from != '_' && *from != '\\')
			*to++ = *from;
	*to = '\0';
	return result;
}

/* the likest values; -1 where the text itself is one of them */
static int
find_nearest(const ColumnProfile *profile, const char *text, bool pattern, NearValue *near)
{
	char *folded = words_fold_phrase(pattern ? without_wildcards(text) : text);
	NearValue *all = palloc(Max(profile->nvalues, 1) * sizeof(NearValue));
	int count = 0;

	for (int i = 0; i < profile->nvalues; i++)
	{
		char *other = words_fold_phrase(profile->values[i]);
		bool *used = palloc(strlen(other) + 1);

		CHECK_FOR_INTERRUPTS();
		if (!pattern && strcmp(profile->values[i], text) == 0)
			return -1;
		all[count].value = profile->values[i];
		all[count].likeness = likeness(folded, other, used);
		if (all[count].likeness >= LEAST_LIKENESS)
			count++;
		pfree(used);
		pfree(other);
	}
	qsort(all, count, sizeof(NearValue), compare_near);
	count = Min(count, MAX_NEAREST);
	memcpy(near, all, count * sizeof(NearValue));
	pfree(all);
	return count;
}

static bool
is_text_comparison(const GuardLiteral *literal, bool *pattern)
{
	if (literal->text == NULL || literal->operator== NULL || !OidIsValid(literal->relid) ||
		literal->attnum <= 0 || strlen(literal->text) > MAX_LITERAL_SIZE)
		return false;
	*pattern = strcmp(literal->operator, "~~") == 0 || strcmp(literal->operator, "~~*") == 0;
	return *pattern || strcmp(literal->operator, "=") == 0;
}

static bool
append_literal(StringInfo out, AskSnapshot *snapshot, const GuardLiteral *literal)
{
	int relation = snapshot_relation_by_oid(snapshot, literal->relid);
	const SnapshotColumn *column;
	const ColumnProfile *profile;
	NearValue near[MAX_NEAREST];
	bool pattern;
	int position;
	int count;

	if (relation < 0 || !is_text_comparison(literal, &pattern))
		return false;
	position = snapshot_column_by_attnum(&snapshot->relations[relation], literal->attnum);
	if (position < 0)
		return false;
	column = &snapshot->relations[relation].columns[position];
	if ((column->type_class != TYPE_CLASS_TEXT && column->type_class != TYPE_CLASS_ENUM) ||
		!schema_values_may_leave(column) || !schema_name_is_clean(column->name))
		return false;
	profile = snapshot_profile(snapshot, relation, position);
	if (profile == NULL)
		return false;
	count = find_nearest(profile, literal->text, pattern, near);
	if (count < 1)
		return false;
	appendStringInfo(out, "%s: instead of %s there %s ",
					 schema_column_name(&snapshot->relations[relation], column),
					 prompt_literal(literal->text), count == 1 ? "is" : "are");
	for (int i = 0; i < count; i++)
		appendStringInfo(out, "%s%s", i > 0 ? ", " : "", prompt_literal(near[i].value));
	appendStringInfoChar(out, '\n');
	return true;
}

char *
nearest_values(AskSnapshot *snapshot, const char *sql)
{
	GuardOutcome *outcome = guard_examine(sql, snapshot->role);
	StringInfoData out;
	ListCell *lc;
	int told = 0;

	if (outcome->status != GUARD_OK || outcome->facts == NULL)
		return NULL;
	initStringInfo(&out);
	foreach (lc, outcome->facts->literals)
	{
		if (told >= MAX_LITERALS)
			break;
		if (append_literal(&out, snapshot, lfirst(lc)))
			told++;
	}
	return told > 0 ? out.data : NULL;
}
