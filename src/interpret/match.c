/*-------------------------------------------------------------------------
 *
 * match.c
 *		Which relations and columns some words can stand for.
 *
 * A span of words matches a column when each of them stands in the column's
 * name or, as a qualifier ("customer name"), in its relation's, and at least
 * one in the column's own.  The score says how much of the name was said: 1
 * for all of it.  Comments count for less than names: they explain, and many
 * of their words are said in passing.
 *
 * In a big catalog a word such as "name" stands in thousands of columns.  Only
 * MAX_CANDIDATES are kept, those in or next to a relation that the question
 * names first.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "interpret/lexicon.h"
#include "interpret/match.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

/* parts of relation names that say what kind of table it is, not what is in it */
static const char *const relation_noise[] = {"dim", "fact", "tbl",  "table", "stg",
											 "vw",  "view", "mart", "master"};

typedef struct MatchKey
{
	int32 relation;
	int32 column; /* -1 = the relation */
} MatchKey;

typedef struct MatchEntry
{
	MatchKey key;
	uint8 in_name; /* which of the stems, as bits */
	uint8 in_comment;
	uint8 in_synonym;
	uint8 name_words; /* words of the name */
	uint8 comment_words;
	uint8 synonym_words;
} MatchEntry;

const SnapshotColumn *
candidate_column(const AskSnapshot *snapshot, const Candidate *c)
{
	return c->column < 0 ? NULL : &snapshot->relations[c->relation].columns[c->column];
}

bool
type_class_is_numeric(TypeClass type_class)
{
	return type_class == TYPE_CLASS_INTEGER || type_class == TYPE_CLASS_NUMBER;
}

bool
type_class_is_time(TypeClass type_class)
{
	return type_class == TYPE_CLASS_DATE || type_class == TYPE_CLASS_TIMESTAMP;
}

bool
column_named_like(const SnapshotColumn *column, const char *words)
{
	List *name = words_of_identifier(column->name);
	const char *p = words;
	ListCell *lc;

	while (*p)
	{
		const char *space = strchr(p, ' ');
		int len = space ? space - p : strlen(p);
		char *stem = word_stem(pnstrdup(p, len));

		foreach (lc, name)
		{
			if (strcmp((char *) lfirst(lc), stem) == 0)
				return true;
		}
		p += len;
		while (*p == ' ')
			p++;
	}
	return false;
}

bool
column_is_measure(const AskSnapshot *snapshot, int relation, int column)
{
	const SnapshotColumn *c = &snapshot->relations[relation].columns[column];

	return type_class_is_numeric(c->type_class) && !c->in_primary_key && !c->in_foreign_key &&
		   !column_named_like(c, "id key year month day quarter week code number no zip phone");
}

/*
 * Words of a relation's name without those that name the kind of table.
 */
static int
effective_relation_words(const SnapshotRelation *relation)
{
	List *words = words_of_identifier(relation->name);
	int n = list_length(words);
	ListCell *lc;

	foreach (lc, words)
	{
		for (int i = 0; i < lengthof(relation_noise); i++)
		{
			if (strcmp((char *) lfirst(lc), word_stem(relation_noise[i])) == 0)
			{
				n--;
				break;
			}
		}
	}
	return Max(n, 1);
}

static HTAB *
collect_postings(const MatchContext *context, char **stems, int nstems, MemoryContext mcxt)
{
	HASHCTL ctl = {.keysize = sizeof(MatchKey), .entrysize = sizeof(MatchEntry), .hcxt = mcxt};
	HTAB *table =
		hash_create("sql_agent name matches", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);

	for (int i = 0; i < nstems; i++)
	{
		int count;
		const WordPosting *postings = snapshot_find_word(context->snapshot, stems[i], &count);

		for (int j = 0; j < count; j++)
		{
			MatchKey key = {.relation = postings[j].relation, .column = postings[j].column};
			MatchEntry *entry;
			bool found;

			entry = hash_search(table, &key, HASH_ENTER, &found);
			if (!found)
				memset((char *) entry + sizeof(MatchKey), 0, sizeof(MatchEntry) - sizeof(MatchKey));
			switch ((WordSource) postings[j].source)
			{
				case WORD_IN_NAME:
					entry->in_name |= 1 << i;
					entry->name_words = postings[j].nwords;
					break;
				case WORD_IN_COMMENT:
					entry->in_comment |= 1 << i;
					entry->comment_words = postings[j].nwords;
					break;
				case WORD_IN_SYNONYM:
					entry->in_synonym |= 1 << i;
					entry->synonym_words = postings[j].nwords;
					break;
			}
		}
	}
	return table;
}

static int
count_bits(uint8 bits)
{
	int n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

/*
 * How well does the entry fit all the stems?  0 = not at all.
 */
static float
score_entry(const AskSnapshot *snapshot, HTAB *table, const MatchEntry *entry, int nstems,
			bool participle, bool *by_comment)
{
	uint8 all = (1 << nstems) - 1;
	const SnapshotRelation *relation = &snapshot->relations[entry->key.relation];
	MatchKey relation_key = {.relation = entry->key.relation, .column = -1};
	const MatchEntry *of_relation;
	const SnapshotColumn *column;
	float score = 0;
	float comment_score = 0;

	*by_comment = false;
	if (entry->in_synonym == all && entry->synonym_words == nstems)
		return 1.1;

	/* a comment that is about little else than these words */
	if (entry->in_comment == all)
		comment_score = 0.45 + 0.4 * nstems / Max(entry->comment_words, nstems);

	if (entry->key.column < 0)
	{
		if (entry->in_name == all)
			score = 0.6 + 0.4 * Min(1.0, (float) nstems / effective_relation_words(relation));
	}
	else
	{
		column = &relation->columns[entry->key.column];
		of_relation = hash_search(table, &relation_key, HASH_FIND, NULL);
		/*
		 * The head of an English noun phrase is its last word ("active
		 * customers" are customers), but for a participle ("amount received").
		 */
		if ((entry->in_name & (participle ? all : 1 << (nstems - 1))) != 0 &&
			(entry->in_name | (of_relation ? of_relation->in_name : 0)) == all)
		{
			int own = count_bits(entry->in_name);

			score = 0.55 + 0.45 * own / Max(entry->name_words, 1);
			if (own < nstems)
				score += 0.04;
			/* "customer" means the customer, not customer_id */
			if (own < entry->name_words && (column->in_foreign_key || column->in_primary_key))
				score -= 0.35;
		}
	}
	if (comment_score > score)
	{
		*by_comment = true;
		return comment_score;
	}
	return score;
}

/*
 * Put a candidate into its place among the best.
 */
static void
keep_candidate(const MatchContext *context, CandidateList *list, const Candidate *candidate)
{
	float rank = candidate->score;
	int at = list->count;

	if (context->near && context->near[candidate->relation])
		rank += 0.15;
	while (at > 0)
	{
		const Candidate *other = &list->items[at - 1];
		float other_rank = other->score;

		if (context->near && context->near[other->relation])
			other_rank += 0.15;
		if (other_rank > rank || (other_rank == rank && (other->relation < candidate->relation ||
														 (other->relation == candidate->relation &&
														  other->column < candidate->column))))
			break;
		at--;
	}
	if (at >= MAX_CANDIDATES)
	{
		list->more = true;
		return;
	}
	if (list->count == MAX_CANDIDATES)
	{
		list->more = true;
		list->count--;
	}
	memmove(&list->items[at + 1], &list->items[at], sizeof(Candidate) * (list->count - at));
	list->items[at] = *candidate;
	list->count++;
}

/*
 * A relation is about what its key is called: "employees" are the rows of the
 * relation whose primary key is employee_id, whatever its own name.
 */
static void
keep_keyed_relation(const MatchContext *context, HTAB *table, const MatchEntry *entry, int nstems,
					CandidateList *out)
{
	const SnapshotRelation *relation = &context->snapshot->relations[entry->key.relation];
	MatchKey relation_key = {.relation = entry->key.relation, .column = -1};
	const SnapshotColumn *column;
	const MatchEntry *of_relation;
	Candidate candidate = {.relation = entry->key.relation, .column = -1, .score = 0.9};

	if (entry->key.column < 0 || entry->in_name != (1 << nstems) - 1 ||
		entry->name_words != nstems + 1 || relation->nprimary_key != 1)
		return;
	column = &relation->columns[entry->key.column];
	if (!column->in_primary_key || column->in_foreign_key ||
		!column_named_like(column, "id key code"))
		return;
	of_relation = hash_search(table, &relation_key, HASH_FIND, NULL);
	if (of_relation && of_relation->in_name == (1 << nstems) - 1)
		return; /* it is found by its own name */
	keep_candidate(context, out, &candidate);
}

void
match_names(const MatchContext *context, char **stems, int nstems, CandidateList *out)
{
	MemoryContext mcxt;
	MemoryContext old;
	HTAB *table;
	HASH_SEQ_STATUS seq;
	MatchEntry *entry;
	bool participle;
	int last_len;

	memset(out, 0, sizeof(CandidateList));
	if (nstems < 1 || nstems > 4)
		return;
	last_len = strlen(stems[nstems - 1]);
	participle = last_len > 4 && strcmp(stems[nstems - 1] + last_len - 2, "ed") == 0;
	mcxt = AllocSetContextCreate(CurrentMemoryContext, "sql_agent match", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(mcxt);
	table = collect_postings(context, stems, nstems, mcxt);
	hash_seq_init(&seq, table);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		Candidate candidate = {.relation = entry->key.relation, .column = entry->key.column};

		keep_keyed_relation(context, table, entry, nstems, out);
		candidate.score =
			score_entry(context->snapshot, table, entry, nstems, participle, &candidate.by_comment);
		candidate.indirect = candidate.by_comment;
		if (candidate.score > 0)
			keep_candidate(context, out, &candidate);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(mcxt);
}

void
match_hints(const MatchContext *context, const char *hints, CandidateList *out)
{
	const char *p = hints;
	float worth = 0.88;

	memset(out, 0, sizeof(CandidateList));
	while (p && *p)
	{
		const char *space = strchr(p, ' ');
		int len = space ? space - p : strlen(p);
		List *words = words_of_identifier(pnstrdup(p, len));
		char *stems[4];
		int n = 0;
		CandidateList found;
		ListCell *lc;

		foreach (lc, words)
		{
			if (n < 4)
				stems[n++] = lfirst(lc);
		}
		match_names(context, stems, n, &found);
		for (int i = 0; i < found.count; i++)
		{
			Candidate c = found.items[i];
			bool known = false;

			/* a hint that is met in a comment only is too far away */
			if (c.by_comment)
				continue;
			for (int j = 0; j < out->count; j++)
				known |= out->items[j].relation == c.relation && out->items[j].column == c.column;
			c.by_alternative = c.indirect = true;
			c.score *= worth;
			if (!known)
				keep_candidate(context, out, &c);
		}
		worth -= 0.03;
		p += len;
		while (*p == ' ')
			p++;
	}
}

void
match_alternatives(const MatchContext *context, const char *stem, CandidateList *out)
{
	match_hints(context, lexicon_alternatives(stem), out);
}

void
match_loosely(const MatchContext *context, const char *folded, CandidateList *out)
{
	static const char *const endings[] = {"ed", "ing", "er", "ers", "ings"};
	int len = strlen(folded);

	memset(out, 0, sizeof(CandidateList));
	for (int i = 0; i < lengthof(endings) && out->count == 0; i++)
	{
		int elen = strlen(endings[i]);
		char *root;

		if (len < elen + 3 || strcmp(folded + len - elen, endings[i]) != 0)
			continue;
		root = word_stem(pnstrdup(folded, len - elen));
		match_names(context, &root, 1, out);
		len = strlen(root);
		/* "shipped" */
		if (out->count == 0 && len > 3 && root[len - 1] == root[len - 2])
		{
			root[len - 1] = '\0';
			match_names(context, &root, 1, out);
		}
		len = strlen(folded);
	}
	for (int i = 0; i < out->count; i++)
	{
		out->items[i].by_alternative = out->items[i].indirect = true;
		out->items[i].score *= 0.9;
	}
}

bool
match_opposite(const MatchContext *context, const char *folded, CandidateList *out)
{
	static const char *const prefixes[] = {"in", "un", "non"};

	for (int i = 0; i < lengthof(prefixes); i++)
	{
		int len = strlen(prefixes[i]);
		CandidateList found;
		char *stem;

		if (strncmp(folded, prefixes[i], len) != 0 || strlen(folded) < len + 4)
			continue;
		stem = word_stem(folded + len);
		match_names(context, &stem, 1, &found);
		memset(out, 0, sizeof(CandidateList));
		for (int j = 0; j < found.count; j++)
		{
			const SnapshotColumn *column = candidate_column(context->snapshot, &found.items[j]);

			if (column && column->type_class == TYPE_CLASS_BOOLEAN && !found.items[j].by_comment)
				out->items[out->count++] = found.items[j];
		}
		if (out->count > 0)
			return true;
	}
	return false;
}

void
match_merge(const MatchContext *context, CandidateList *into, const CandidateList *more)
{
	CandidateList merged = {.more = into->more || more->more};

	for (int i = 0; i < into->count; i++)
	{
		Candidate c = into->items[i];

		for (int j = 0; j < more->count; j++)
		{
			if (more->items[j].relation == c.relation && more->items[j].column == c.column)
			{
				c.score = Max(c.score, more->items[j].score) + 0.1;
				c.by_alternative = c.by_comment = false;
			}
		}
		keep_candidate(context, &merged, &c);
	}
	for (int j = 0; j < more->count; j++)
	{
		bool both = false;

		for (int i = 0; i < into->count; i++)
			both |= more->items[j].relation == into->items[i].relation &&
					more->items[j].column == into->items[i].column;
		if (!both)
			keep_candidate(context, &merged, &more->items[j]);
	}
	*into = merged;
}
