/*-------------------------------------------------------------------------
 *
 * infervalues.c
 *		Relationships that only the values show.
 *
 * river.traverse -> state.state_name: the column is called neither after the
 * relation nor like its key, but every value in it is the name of a state.
 * Looked at only between relations that declare no key at all (where keys are
 * declared, what is not declared is not meant), only towards the column that
 * names the rows of its relation, and only where all values of both sides are
 * known and there are enough of them to rule out an accident.  What is found
 * here is supposed, not shown: infer.c tests it again as any other link.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/infer.h"
#include "common/words.h"
#include "miscadmin.h"

/* fewer different values than these are contained in anything */
#define MIN_VALUES 4

/* the profile of a text column all of whose values are known; NULL otherwise */
static const ColumnProfile *
all_values(Inference *inference, int relation, int column)
{
	const SnapshotColumn *c = &inference->face->relations[relation].columns[column];
	const ColumnProfile *profile;

	if (c->type_class != TYPE_CLASS_TEXT)
		return NULL;
	profile = snapshot_profile(inference->face, relation, column);
	return profile && profile->complete && !profile->sampled && profile->nvalues >= MIN_VALUES
			   ? profile
			   : NULL;
}

static bool
contains_all(const ColumnProfile *whole, const ColumnProfile *part)
{
	int at = 0;

	/* both are sorted by bytes */
	for (int i = 0; i < part->nvalues; i++)
	{
		while (at < whole->nvalues && strcmp(whole->values[at], part->values[i]) < 0)
			at++;
		if (at == whole->nvalues || strcmp(whole->values[at], part->values[i]) != 0)
			return false;
	}
	return true;
}

/* "name", or "state_name" of state */
static bool
names_its_rows(Inference *inference, int relation, int column)
{
	const SnapshotRelation *rel = &inference->face->relations[relation];
	List *words = words_of_identifier(rel->columns[column].plain);
	int count = list_length(words);

	if (strcmp(llast(words), inference->name_word) != 0)
		return false;
	return count == 1 ||
		   names_find_relation(inference, names_join(words, 0, count - 1), rel->schema) == relation;
}

static void
infer_towards(Inference *inference, int to, int to_column, const ColumnProfile *names)
{
	for (int from = 0; from < inference->face->nrelations; from++)
	{
		const SnapshotRelation *rel = &inference->face->relations[from];

		CHECK_FOR_INTERRUPTS();
		if (from == to || rel->relkind == RELKIND_VIEW || infer_declares_a_key(rel) ||
			strcmp(rel->schema, inference->face->relations[to].schema) != 0)
			continue;
		for (int c = 0; c < rel->ncolumns; c++)
		{
			const ColumnProfile *values;

			if (rel->columns[c].in_foreign_key || infer_identifies(inference, from, c))
				continue;
			values = all_values(inference, from, c);
			if (values && contains_all(names, values))
				infer_consider(inference, from, c, to, to_column);
		}
	}
}

void
infer_by_values(Inference *inference)
{
	for (int to = 0; to < inference->face->nrelations; to++)
	{
		const SnapshotRelation *rel = &inference->face->relations[to];

		if (rel->relkind == RELKIND_VIEW || infer_declares_a_key(rel))
			continue;
		for (int c = 0; c < rel->ncolumns; c++)
		{
			const ColumnProfile *names = all_values(inference, to, c);

			if (names && names_its_rows(inference, to, c) && infer_identifies(inference, to, c))
				infer_towards(inference, to, c, names);
		}
	}
}
