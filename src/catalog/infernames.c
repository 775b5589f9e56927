/*-------------------------------------------------------------------------
 *
 * infernames.c
 *		Names that look like keys, and relations by the words of their names.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/infer.h"
#include "common/words.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

static bool
in_list(const char *stem, const char *const *stems)
{
	for (; *stems != NULL; stems++)
		if (strcmp(stem, *stems) == 0)
			return true;
	return false;
}

static const char **
stems_of(const char *const *words)
{
	int count = 0;
	const char **result;

	while (words[count] != NULL)
		count++;
	result = palloc0((count + 1) * sizeof(char *));
	for (int i = 0; i < count; i++)
		result[i] = word_stem(words[i]);
	return result;
}

/* words that make the rest of a name a key: customer_id, product_code */
static const char *const key_words[] = {"id",   "key",  "code", "no",  "nr", "number", "num",
										"uuid", "guid", "ref",  "sku", "pk", "fk",     NULL};

/*
 * A quick look at the end of the name, before it is taken apart: nearly all
 * columns end here.
 */
bool
name_ends_like_a_key(const char *name)
{
	Size len = strlen(name);

	for (int i = 0; key_words[i] != NULL; i++)
	{
		Size size = strlen(key_words[i]);

		if (len > size && pg_strcasecmp(name + len - size, key_words[i]) == 0)
			return true;
	}
	return len > 5 && pg_strcasecmp(name + len - 4, "name") == 0;
}

void
names_make_lists(Inference *inference)
{
	/* dim_customer is about customers */
	static const char *const prefixes[] = {"dim", "fact", "tbl", "tab", "t", "d",
										   "f",   "stg",  "ref", "lkp", NULL};
	static const char *const not_ids[] = {"paid",  "valid",  "invalid", "void", "bid",    "grid",
										  "fluid", "liquid", "solid",   "mid",  "hybrid", NULL};

	inference->key_words = stems_of(key_words);
	inference->table_prefixes = stems_of(prefixes);
	inference->not_ids = stems_of(not_ids);
	inference->name_word = word_stem("name");
}

/*
 * Names such as aid, custid, product_id, city_name, which mean the same thing
 * wherever they stand; id, name and code alone mean another thing everywhere.
 */
bool
name_is_shared_key(Inference *inference, const char *name)
{
	List *words = name_ends_like_a_key(name) ? words_of_identifier(name) : NIL;
	const char *last = words == NIL ? "" : llast(words);
	Size len = strlen(last);

	if (list_length(words) >= 2)
		return in_list(last, inference->key_words) || strcmp(last, inference->name_word) == 0;
	return len >= 3 && strcmp(last + len - 2, "id") == 0 && !in_list(last, inference->not_ids);
}

char *
names_join(List *words, int from, int to)
{
	StringInfoData result;

	initStringInfo(&result);
	for (int i = from; i < to; i++)
	{
		if (i > from)
			appendStringInfoChar(&result, ' ');
		appendStringInfoString(&result, list_nth(words, i));
	}
	return result.data;
}

static int
compare_named(const void *a, const void *b)
{
	const NamedRelation *x = a;
	const NamedRelation *y = b;
	int order = strcmp(x->key, y->key);

	return order != 0 ? order : x->relation - y->relation;
}

static void
index_relation_names(Inference *inference)
{
	AskSnapshot *face = inference->face;

	inference->named = MemoryContextAllocHuge(CurrentMemoryContext,
											  Max(face->nrelations, 1) * sizeof(NamedRelation));
	for (int i = 0; i < face->nrelations; i++)
	{
		List *words = words_of_identifier(face->relations[i].plain);
		int first =
			list_length(words) > 1 && in_list(linitial(words), inference->table_prefixes) ? 1 : 0;

		CHECK_FOR_INTERRUPTS();
		inference->named[i].key = names_join(words, first, list_length(words));
		inference->named[i].relation = i;
	}
	qsort(inference->named, face->nrelations, sizeof(NamedRelation), compare_named);
}

/*
 * The relation of that name: in the same schema, or else the only one.
 */
int
names_find_relation(Inference *inference, const char *key, const char *schema)
{
	AskSnapshot *face = inference->face;
	int low = 0;
	int high = face->nrelations;
	int only = -1;
	int count = 0;

	if (inference->named == NULL)
		index_relation_names(inference);
	while (low < high)
	{
		int middle = (low + high) / 2;

		if (strcmp(inference->named[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (int i = low; i < face->nrelations && strcmp(inference->named[i].key, key) == 0; i++)
	{
		if (strcmp(face->relations[inference->named[i].relation].schema, schema) == 0)
			return inference->named[i].relation;
		only = inference->named[i].relation;
		count++;
	}
	return count == 1 ? only : -1;
}

bool
name_is_key_word(Inference *inference, const char *stem)
{
	return in_list(stem, inference->key_words);
}
