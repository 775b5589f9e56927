/*-------------------------------------------------------------------------
 *
 * labels.c
 *		What names a thing for a person, what stands for its amount, and when it
 *		happened: guesses from names, types and keys.
 *
 * Wherever such a guess changes the answer the composer states it as an
 * assumption.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "lib/stringinfo.h"
#include "translate/query.h"

/* best first */
static const char measure_words[] = "revenue net amount total value price sales cost quantity qty";
static const char event_words[] =
	"order invoice sale transaction purchase payment placed created booking date";
static const char birth_words[] = "birth born birthday dob";
static const char *const side_time_words =
	"updated modified deleted birth expiry expire end due valid";

int
key_column(AskSnapshot *snapshot, int relation)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];
	const int *edges;
	int nedges;

	for (int i = 0; i < rel->ncolumns; i++)
	{
		if (rel->columns[i].in_primary_key && rel->nprimary_key == 1)
			return i;
	}
	for (int i = 0; i < rel->ncolumns; i++)
	{
		if (rel->columns[i].unique_alone && rel->columns[i].not_null)
			return i;
	}
	/* what others point to is a key, whether it was declared or inferred */
	edges = snapshot_edges_of(snapshot, relation, &nedges);
	for (int e = 0; e < nedges; e++)
	{
		const SnapshotEdge *edge = &snapshot->edges[edges[e]];

		if (edge->to == relation && edge->nkeys == 1)
			return snapshot_column_by_attnum(rel, edge->to_attnums[0]);
	}
	return -1;
}

/* "name", "title", and the same behind the relation's own name ("product_name") */
static int
name_column(const SnapshotRelation *rel, const char *word)
{
	char *stem = word_stem(word);
	List *rel_words = words_of_identifier(rel->plain);
	int partial = -1;

	for (int i = 0; i < rel->ncolumns; i++)
	{
		const SnapshotColumn *column = &rel->columns[i];
		List *words;
		ListCell *lc;
		bool others = false;

		if (column->type_class != TYPE_CLASS_TEXT)
			continue;
		words = words_of_identifier(column->plain);
		if (strcmp((char *) llast(words), stem) != 0)
			continue;
		if (list_length(words) == 1)
			return i;
		foreach (lc, words)
		{
			ListCell *lc2;
			bool of_relation = lc == list_tail(words);

			foreach (lc2, rel_words)
				of_relation |= strcmp(lfirst(lc), lfirst(lc2)) == 0;
			others |= !of_relation;
		}
		if (!others && partial < 0)
			partial = i;
	}
	return partial;
}

/*
 * "full_name"; or "employee_name" beside the key "employee_id".
 */
static int
other_name_column(const SnapshotRelation *rel)
{
	static const char *const whole[] = {"full", "display", "official", "legal", "complete"};
	char *name = word_stem("name");

	for (int i = 0; i < rel->ncolumns; i++)
	{
		List *words;

		if (rel->columns[i].type_class != TYPE_CLASS_TEXT)
			continue;
		words = words_of_identifier(rel->columns[i].plain);
		if (list_length(words) != 2 || strcmp(lsecond(words), name) != 0)
			continue;
		for (int w = 0; w < lengthof(whole); w++)
		{
			if (strcmp(linitial(words), word_stem(whole[w])) == 0)
				return i;
		}
		for (int k = 0; k < rel->ncolumns; k++)
		{
			List *key_words;

			if (!rel->columns[k].in_primary_key || rel->nprimary_key != 1)
				continue;
			key_words = words_of_identifier(rel->columns[k].plain);
			if (list_length(key_words) == 2 && strcmp(linitial(key_words), linitial(words)) == 0)
				return i;
		}
	}
	return -1;
}

/* "company_name" of clients: the only one that ends in name, and of nobody else */
static int
only_name_column(const SnapshotRelation *rel)
{
	static const char *const others[] = {"first",   "last", "middle", "user",  "nick",
										 "contact", "file", "host",   "maiden"};
	char *name = word_stem("name");
	int found = -1;

	for (int i = 0; i < rel->ncolumns; i++)
	{
		List *words = words_of_identifier(rel->columns[i].plain);

		if (rel->columns[i].type_class != TYPE_CLASS_TEXT || strcmp(llast(words), name) != 0)
			continue;
		for (int w = 0; w < lengthof(others); w++)
		{
			if (strcmp(linitial(words), word_stem(others[w])) == 0)
				return -1;
		}
		if (found >= 0)
			return -1;
		found = i;
	}
	return found;
}

static int
column_by_words(const SnapshotRelation *rel, const char *first, const char *second)
{
	for (int i = 0; i < rel->ncolumns; i++)
	{
		List *words = words_of_identifier(rel->columns[i].plain);

		if (list_length(words) == 2 && strcmp(linitial(words), word_stem(first)) == 0 &&
			strcmp(lsecond(words), word_stem(second)) == 0)
			return i;
	}
	return -1;
}

List *
label_columns(const AskSnapshot *snapshot, int relation)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];
	int column = name_column(rel, "name");
	int first = column_by_words(rel, "first", "name");
	int last = column_by_words(rel, "last", "name");

	if (column < 0 && first >= 0 && last >= 0)
		return list_make2_int(first, last);
	if (column < 0)
		column = other_name_column(rel);
	if (column < 0)
		column = only_name_column(rel);
	if (column < 0)
		column = name_column(rel, "title");
	if (column < 0)
		column = name_column(rel, "label");
	if (column < 0)
	{
		/* a relation of words: its only text column, or one with its own name */
		for (int i = 0; i < rel->ncolumns && column < 0; i++)
		{
			if (rel->columns[i].type_class == TYPE_CLASS_TEXT &&
				(rel->columns[i].unique_alone || strcmp(rel->columns[i].name, rel->name) == 0))
				column = i;
		}
	}
	return column < 0 ? NIL : list_make1_int(column);
}

int
default_measure(const AskSnapshot *snapshot, int relation)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];
	int best = -1;
	int best_word = -1;

	for (int i = 0; i < rel->ncolumns; i++)
	{
		List *stems;
		int word;

		if (!type_class_is_numeric(rel->columns[i].type_class))
			continue;
		stems = words_of_identifier(rel->columns[i].plain);
		word = words_find_any(stems, measure_words);
		list_free_deep(stems);
		if (word < 0 || (best >= 0 && word >= best_word) ||
			!column_is_measure(snapshot, relation, i))
			continue;
		best = i;
		best_word = word;
	}
	return best;
}

/*
 * When a row happened: the time column that the question hints at ("hired"),
 * else one with the name of an event, else the first that is no side remark.
 */
int
default_time_column(const AskSnapshot *snapshot, int relation, const Interpretation *in)
{
	int score;

	return best_time_column(snapshot, relation, in, &score);
}

/* how many words of the question are among the stems */
static int
words_of_question(const Interpretation *in, List *stems)
{
	int n = 0;
	ListCell *lc;

	for (int t = 0; in && t < in->tokens->count; t++)
	{
		const Token *token = &in->tokens->tokens[t];

		if (token->kind != TOKEN_WORD || strlen(token->stem) < 3)
			continue;
		foreach (lc, stems)
			n += strcmp(lfirst(lc), token->stem) == 0;
	}
	return n;
}

int
best_time_column(const AskSnapshot *snapshot, int relation, const Interpretation *in,
				 int *best_score)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];
	int best = -1;

	*best_score = 0;
	for (int i = 0; i < rel->ncolumns; i++)
	{
		const SnapshotColumn *column = &rel->columns[i];
		List *stems;
		int score = 1;

		if (!type_class_is_time(column->type_class))
			continue;
		stems = words_of_identifier(column->plain);
		if (words_find_any(stems, side_time_words) >= 0)
			score -= 3;
		else if (words_find_any(stems, event_words) >= 0)
			score += 4;
		/* nobody means a birthday who does not say so */
		if (words_find_any(stems, birth_words) >= 0)
			score -= 5;
		if (column->not_null)
			score += 2;
		score += 6 * words_of_question(in, stems);
		list_free_deep(stems);
		if (best < 0 || score > *best_score)
		{
			best = i;
			*best_score = score;
		}
	}
	return best;
}

char *
readable_name(const char *identifier)
{
	char *copy = pstrdup(identifier);

	for (char *p = copy; *p; p++)
	{
		if (*p == '_')
			*p = ' ';
	}
	return copy;
}

/* the name without what says only the kind of table */
static char *
bare_relation_name(const SnapshotRelation *relation)
{
	static const char *const prefixes[] = {"dim_", "fact_", "tbl_", "vw_", "v_", "stg_", "t_"};

	for (int i = 0; i < lengthof(prefixes); i++)
	{
		int len = strlen(prefixes[i]);

		if (strncmp(relation->name, prefixes[i], len) == 0 && relation->name[len] != '\0')
			return readable_name(relation->name + len);
	}
	return readable_name(relation->name);
}

static bool
ends_in(const char *text, const char *end)
{
	int len = strlen(text);
	int elen = strlen(end);

	return len > elen && strcmp(text + len - elen, end) == 0;
}

/* "payments received": the noun is not the last word */
static bool
plural_inside(const char *name)
{
	const char *gap = strrchr(name, ' ');

	return gap && gap > name && gap[-1] == 's' && !ends_in(name, "s");
}

char *
relation_singular(const SnapshotRelation *relation)
{
	char *name = bare_relation_name(relation);
	int len = strlen(name);

	if (plural_inside(name))
		return name;
	if (ends_in(name, "ies") && len > 4)
		return psprintf("%.*sy", len - 3, name);
	if (ends_in(name, "sses") || ends_in(name, "ches") || ends_in(name, "shes") ||
		ends_in(name, "xes"))
		return pnstrdup(name, len - 2);
	if (ends_in(name, "s") && !ends_in(name, "ss") && !ends_in(name, "us") && !ends_in(name, "is"))
		return pnstrdup(name, len - 1);
	return name;
}

char *
plural_of(char *name)
{
	int len = strlen(name);

	if (plural_inside(name))
		return name;
	if (ends_in(name, "y") && len > 1 && strchr("aeiou", name[len - 2]) == NULL)
		return psprintf("%.*sies", len - 1, name);
	if (ends_in(name, "s") || ends_in(name, "x") || ends_in(name, "ch") || ends_in(name, "sh"))
		return psprintf("%ses", name);
	return psprintf("%ss", name);
}

char *
relation_plural(const SnapshotRelation *relation)
{
	return plural_of(relation_singular(relation));
}

/*
 * May the values be summed?  Prices, rates, ages and the like may only be
 * averaged.
 */
bool
column_adds_up(const SnapshotColumn *column)
{
	if (column_named_like(column, "total amount revenue sales quantity qty cost value"))
		return true;
	return !column_named_like(column, "price rate rating score age percent percentage pct ratio "
									  "average avg mean temperature latitude longitude height "
									  "elevation altitude density depth width "
									  "yield margin rank level discount");
}
