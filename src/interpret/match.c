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
#include "utils/memutils.h"

/* what a relation's name says of the kind of table, and not of what is in it */
static const char *const relation_prefixes[] = {"dim_", "fact_", "tbl_", "stg_",
												"vw_",  "v_",    "mart_"};
static const char *const relation_suffixes[] = {"_dim",  "_fact", "_table", "_tbl",
												"_view", "_data", "_master"};

/* what each step of Nearness is worth against the score */
#define NEAR_BONUS 0.06f

/* which of the stems stand where, for one relation or column */
typedef struct MatchEntry
{
	int relation;
	int column;    /* -1 = the relation */
	uint8 in_name; /* which of the stems, as bits */
	uint8 in_comment;
	uint8 in_synonym;
	uint8 name_words; /* words of the name */
	uint8 comment_words;
	uint8 synonym_words;
} MatchEntry;

/*
 * All that the stems hit in one relation.  Postings are sorted by relation, so
 * a merge over the stems' lists meets each relation once.
 */
typedef struct RelationHits
{
	int nentries;
	int capacity;
	MatchEntry *entries;
	uint8 in_relation_name; /* stems in the relation's own name */
} RelationHits;

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

/*
 * The stems of a literal list of words.  Made once in a backend: the lists are
 * constants of the code, told apart by their address.
 */
typedef struct WordSet
{
	const char *words;
	List *stems;
} WordSet;

#define MAX_WORD_SETS 32

static List *
stems_of_literal(const char *words)
{
	static WordSet sets[MAX_WORD_SETS];
	static int nsets = 0;
	MemoryContext old;
	List *stems;

	for (int i = 0; i < nsets; i++)
	{
		if (sets[i].words == words)
			return sets[i].stems;
	}
	if (nsets >= MAX_WORD_SETS)
		return words_of_text(words);
	old = MemoryContextSwitchTo(TopMemoryContext);
	stems = words_of_text(words);
	MemoryContextSwitchTo(old);
	sets[nsets].words = words;
	sets[nsets++].stems = stems;
	return stems;
}

int
words_find_any(List *stems, const char *literal)
{
	int index = 0;
	ListCell *lc;
	ListCell *lc2;

	foreach (lc, stems_of_literal(literal))
	{
		foreach (lc2, stems)
		{
			if (strcmp(lfirst(lc), lfirst(lc2)) == 0)
				return index;
		}
		index++;
	}
	return -1;
}

bool
column_named_like(const SnapshotColumn *column, const char *literal)
{
	List *stems = words_of_identifier(column->plain);
	bool found = words_find_any(stems, literal) >= 0;

	list_free_deep(stems);
	return found;
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
int
relation_name_words(const SnapshotRelation *relation, int nwords)
{
	int len = strlen(relation->name);

	for (int i = 0; i < lengthof(relation_prefixes); i++)
	{
		if (strncmp(relation->name, relation_prefixes[i], strlen(relation_prefixes[i])) == 0)
		{
			nwords--;
			break;
		}
	}
	for (int i = 0; i < lengthof(relation_suffixes); i++)
	{
		int slen = strlen(relation_suffixes[i]);

		if (len > slen && strcmp(relation->name + len - slen, relation_suffixes[i]) == 0)
		{
			nwords--;
			break;
		}
	}
	return Max(nwords, 1);
}

static MatchEntry *
hit_entry(RelationHits *hits, const WordPosting *posting)
{
	MatchEntry *entry;

	for (int i = hits->nentries - 1; i >= 0; i--)
	{
		if (hits->entries[i].column == posting->column)
			return &hits->entries[i];
	}
	if (hits->nentries == hits->capacity)
	{
		hits->capacity *= 2;
		hits->entries = repalloc(hits->entries, sizeof(MatchEntry) * hits->capacity);
	}
	entry = &hits->entries[hits->nentries++];
	memset(entry, 0, sizeof(MatchEntry));
	entry->relation = posting->relation;
	entry->column = posting->column;
	return entry;
}

static void
add_hit(RelationHits *hits, const WordPosting *posting, int stem)
{
	MatchEntry *entry = hit_entry(hits, posting);

	switch ((WordSource) posting->source)
	{
		case WORD_IN_NAME:
			entry->in_name |= 1 << stem;
			entry->name_words = posting->nwords;
			if (posting->column < 0)
				hits->in_relation_name |= 1 << stem;
			break;
		case WORD_IN_COMMENT:
			entry->in_comment |= 1 << stem;
			entry->comment_words = posting->nwords;
			break;
		case WORD_IN_SYNONYM:
			entry->in_synonym |= 1 << stem;
			entry->synonym_words = posting->nwords;
			break;
	}
}

/*
 * The stems' postings, walked side by side.
 */
typedef struct PostingMerge
{
	int nstems;
	const WordPosting *postings[MAX_STEMS];
	int count[MAX_STEMS];
	int at[MAX_STEMS];
} PostingMerge;

/* the hits of the next relation that all stems are met in; false at the end */
static bool
next_relation(PostingMerge *merge, RelationHits *hits)
{
	for (;;)
	{
		int relation = -1;
		bool in_all = true;

		for (int i = 0; i < merge->nstems; i++)
		{
			if (merge->at[i] >= merge->count[i])
				return false;
			relation = Max(relation, merge->postings[i][merge->at[i]].relation);
		}
		for (int i = 0; i < merge->nstems; i++)
		{
			while (merge->at[i] < merge->count[i] &&
				   merge->postings[i][merge->at[i]].relation < relation)
				merge->at[i]++;
			in_all &= merge->at[i] < merge->count[i] &&
					  merge->postings[i][merge->at[i]].relation == relation;
		}
		if (!in_all)
			continue;
		hits->nentries = 0;
		hits->in_relation_name = 0;
		for (int i = 0; i < merge->nstems; i++)
		{
			for (; merge->at[i] < merge->count[i] &&
				   merge->postings[i][merge->at[i]].relation == relation;
				 merge->at[i]++)
				add_hit(hits, &merge->postings[i][merge->at[i]], i);
		}
		return true;
	}
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
score_entry(const AskSnapshot *snapshot, const RelationHits *hits, const MatchEntry *entry,
			int nstems, bool participle, bool *by_comment)
{
	uint8 all = (1 << nstems) - 1;
	const SnapshotRelation *relation = &snapshot->relations[entry->relation];
	const SnapshotColumn *column;
	float score = 0;
	float comment_score = 0;

	*by_comment = false;
	if (entry->in_synonym == all && entry->synonym_words == nstems)
		return 1.1;

	/* a comment that is about little else than these words */
	if (entry->in_comment == all)
		comment_score = 0.45 + 0.4 * nstems / Max(entry->comment_words, nstems);

	if (entry->column < 0)
	{
		if (entry->in_name == all)
			score = 0.6 + 0.4 * Min(1.0, (float) nstems /
											 relation_name_words(relation, entry->name_words));
	}
	else
	{
		column = &relation->columns[entry->column];
		/*
		 * The head of an English noun phrase is its last word ("active
		 * customers" are customers), but for a participle ("amount received").
		 */
		if ((entry->in_name & (participle ? all : 1 << (nstems - 1))) != 0 &&
			(entry->in_name | hits->in_relation_name) == all)
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

static float
candidate_rank(const MatchContext *context, const Candidate *candidate)
{
	return candidate->score + (context->near ? NEAR_BONUS * context->near[candidate->relation] : 0);
}

/*
 * Put a candidate into its place among the best.
 */
static void
keep_candidate(const MatchContext *context, CandidateList *list, const Candidate *candidate)
{
	float rank = candidate_rank(context, candidate);
	int at = list->count;

	while (at > 0)
	{
		const Candidate *other = &list->items[at - 1];
		float other_rank = candidate_rank(context, other);

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
keep_keyed_relation(const MatchContext *context, const RelationHits *hits, const MatchEntry *entry,
					int nstems, CandidateList *out)
{
	const SnapshotRelation *relation = &context->snapshot->relations[entry->relation];
	const SnapshotColumn *column;
	Candidate candidate = {.relation = entry->relation, .column = -1, .score = 0.9};

	if (entry->column < 0 || entry->in_name != (1 << nstems) - 1 ||
		entry->name_words != nstems + 1 || relation->nprimary_key != 1)
		return;
	column = &relation->columns[entry->column];
	if (!column->in_primary_key || column->in_foreign_key ||
		!column_named_like(column, "id key code"))
		return;
	if (hits->in_relation_name == (1 << nstems) - 1)
		return; /* it is found by its own name */
	keep_candidate(context, out, &candidate);
}

void
match_names(const MatchContext *context, char **stems, int nstems, CandidateList *out)
{
	PostingMerge merge = {.nstems = nstems};
	RelationHits hits = {.capacity = 16};
	bool participle;
	int last_len;

	memset(out, 0, sizeof(CandidateList));
	if (nstems < 1 || nstems > MAX_STEMS)
		return;
	/* no name says a word twice: "states border states" */
	for (int i = 1; i < nstems; i++)
	{
		for (int k = 0; k < i; k++)
		{
			if (strcmp(stems[i], stems[k]) == 0)
				return;
		}
	}
	last_len = strlen(stems[nstems - 1]);
	participle = last_len > 4 && strcmp(stems[nstems - 1] + last_len - 2, "ed") == 0;

	for (int i = 0; i < nstems; i++)
		merge.postings[i] = snapshot_find_word(context->snapshot, stems[i], &merge.count[i]);
	hits.entries = palloc(sizeof(MatchEntry) * hits.capacity);
	while (next_relation(&merge, &hits))
	{
		for (int i = 0; i < hits.nentries; i++)
		{
			const MatchEntry *entry = &hits.entries[i];
			Candidate candidate = {.relation = entry->relation, .column = entry->column};

			keep_keyed_relation(context, &hits, entry, nstems, out);
			candidate.score = score_entry(context->snapshot, &hits, entry, nstems, participle,
										  &candidate.by_comment);
			candidate.indirect = candidate.by_comment;
			if (candidate.score > 0)
				keep_candidate(context, out, &candidate);
		}
	}
	pfree(hits.entries);
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
		char *stems[MAX_STEMS];
		int n = 0;
		CandidateList found;
		ListCell *lc;

		foreach (lc, words)
		{
			if (n < MAX_STEMS)
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

/* "expired" of expiration, "arrived" of arrival */
static void
match_noun_of_verb(const MatchContext *context, const char *folded, int root_len,
				   CandidateList *out)
{
	static const char *const endings[] = {"ation", "ion", "ment", "al", "y", "ure", "ing"};

	for (int i = 0; i < lengthof(endings) && out->count == 0; i++)
	{
		char *noun = word_stem(psprintf("%.*s%s", root_len, folded, endings[i]));

		match_names(context, &noun, 1, out);
	}
}

void
match_loosely(const MatchContext *context, const char *folded, CandidateList *out)
{
	static const char *const endings[] = {"ed",     "ing",  "er",    "ers", "ings", "ation",
										  "ations", "ment", "ments", "ion", "ions"};
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
		/* "closing" of close, whose stem is no word */
		if (out->count == 0)
		{
			root = word_stem(psprintf("%.*se", len - elen, folded));
			match_names(context, &root, 1, out);
		}
		root = word_stem(pnstrdup(folded, len - elen));
		len = strlen(root);
		/* "shipped" */
		if (out->count == 0 && len > 3 && root[len - 1] == root[len - 2])
		{
			root[len - 1] = '\0';
			match_names(context, &root, 1, out);
		}
		len = strlen(folded);
	}
	if (out->count == 0 && len > 5 && strcmp(folded + len - 2, "ed") == 0)
		match_noun_of_verb(context, folded, len - 2, out);
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

	for (int i = 0; i < lengthof(prefixes) + 1; i++)
	{
		CandidateList found;
		char *stem;

		if (i == lengthof(prefixes))
		{
			/* another word for it: closed, open */
			const char *opposite = lexicon_opposite(folded);

			if (!opposite)
				continue;
			stem = word_stem(opposite);
		}
		else
		{
			int len = strlen(prefixes[i]);

			if (strncmp(folded, prefixes[i], len) != 0 || strlen(folded) < len + 4)
				continue;
			stem = word_stem(folded + len);
		}
		match_names(context, &stem, 1, &found);
		memset(out, 0, sizeof(CandidateList));
		for (int j = 0; j < found.count; j++)
		{
			const SnapshotColumn *column = candidate_column(context->snapshot, &found.items[j]);

			if (column && !found.items[j].by_comment &&
				(column->type_class == TYPE_CLASS_BOOLEAN ||
				 column->type_class == TYPE_CLASS_INTEGER ||
				 type_class_is_time(column->type_class)))
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
