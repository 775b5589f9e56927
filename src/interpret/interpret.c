/*-------------------------------------------------------------------------
 *
 * interpret.c
 *		Cuts a question into elements: concepts of the lexicon, names of the
 *		snapshot, stored values, times and numbers.
 *
 * At each word the longest thing wins; at equal length a full name beats the
 * lexicon's weak words ("make" of a car), a value written with a capital beats
 * a part of a name, and the lexicon beats the rest.  Candidates are kept, not
 * chosen: what a word means is decided by the whole question (translate/).
 * Nothing here raises; a word that is nothing becomes ELEMENT_UNKNOWN, and it
 * is for the translators to make something of that.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "interpret/expand.h"
#include "interpret/interpret.h"
#include "interpret/valueforms.h"
#include "miscadmin.h"

#define MAX_NAME_WORDS  4
#define MAX_VALUE_WORDS 6

/* whose values are read for one question in a big catalog */
#define MAX_VALUE_RELATIONS 24
/* a word that is part of more values than that says too little */
#define MAX_PARTIAL_VALUES 20

/* a name that was said whole */
#define FULL_NAME 0.98
/* below this a match of several words is an accident */
#define GOOD_NAME 0.7

static char *
text_of_tokens(const TokenList *tokens, int first, int n)
{
	int start = tokens->tokens[first].start;
	int end = tokens->tokens[first + n - 1].end;

	return pnstrdup(tokens->question + start, end - start);
}

/*
 * The stems of some tokens, or 0 where they are not all words or too many.  A
 * word with digits is cut as identifiers are: "t78", "address2".
 */
static int
stems_of_tokens(const TokenList *tokens, int at, int n, char **stems)
{
	int nstems = 0;

	for (int i = 0; i < n; i++)
	{
		const Token *token = &tokens->tokens[at + i];
		ListCell *lc;

		if (token->kind != TOKEN_WORD)
			return 0;
		if (strpbrk(token->folded, "0123456789") == NULL)
		{
			if (nstems >= MAX_STEMS)
				return 0;
			stems[nstems++] = token->stem;
			continue;
		}
		foreach (lc, words_of_identifier(token->folded))
		{
			if (nstems >= MAX_STEMS)
				return 0;
			stems[nstems++] = lfirst(lc);
		}
	}
	return nstems;
}

/* count the words of each relation's name that stand in the question */
static void
count_named_words(Interpretation *in, uint8 *named, uint8 *name_words)
{
	TokenList *tokens = in->tokens;

	for (int i = 0; i < tokens->count; i++)
	{
		char *stems[MAX_STEMS];
		int nstems = stems_of_tokens(tokens, i, 1, stems);

		for (int s = 0; s < nstems; s++)
		{
			int count;
			const WordPosting *postings = snapshot_find_word(in->snapshot, stems[s], &count);

			for (int j = 0; j < count; j++)
			{
				int relation = postings[j].relation;

				if (postings[j].column >= 0 || postings[j].source != WORD_IN_NAME)
					continue;
				named[relation]++;
				name_words[relation] =
					relation_name_words(&in->snapshot->relations[relation], postings[j].nwords);
			}
		}
	}
}

/*
 * Mark the relations that the question names, and their neighbours.
 */
static void
mark_near_relations(Interpretation *in)
{
	AskSnapshot *snapshot = in->snapshot;
	int n = Max(snapshot->nrelations, 1);
	uint8 *near = palloc0(n);
	uint8 *named = palloc0(n);
	uint8 *name_words = palloc0(n);

	count_named_words(in, named, name_words);
	for (int i = 0; i < snapshot->nrelations; i++)
	{
		const int *edges;
		int nedges;

		if (named[i] == 0)
			continue;
		near[i] = Max(near[i], NEAR_PARTLY_NAMED);
		if (named[i] < name_words[i])
			continue;
		near[i] = NEAR_NAMED;
		edges = snapshot_edges_of(snapshot, i, &nedges);
		for (int k = 0; k < nedges; k++)
		{
			const SnapshotEdge *edge = &snapshot->edges[edges[k]];

			near[edge->from] = Max(near[edge->from], NEAR_NEIGHBOUR);
			near[edge->to] = Max(near[edge->to], NEAR_NEIGHBOUR);
		}
	}
	pfree(named);
	pfree(name_words);
	in->match.near = near;
}

static bool
is_participle(const Token *token)
{
	int len = token->folded ? strlen(token->folded) : 0;

	return len > 4 && strcmp(token->folded + len - 2, "ed") == 0;
}

/*
 * "products in stock" are products, and in_stock says something about them: a
 * boolean column behind the name of its relation is no noun phrase.
 */
static bool
adjective_of_first_word(const Interpretation *in, char *stem, const CandidateList *names)
{
	const SnapshotColumn *column = candidate_column(in->snapshot, &names->items[0]);
	CandidateList first;

	if (!column || column->type_class != TYPE_CLASS_BOOLEAN)
		return false;
	match_names(&in->match, &stem, 1, &first);
	return first.count > 0 && first.items[0].column < 0;
}

static bool
ends_in_whole_name(const Interpretation *in, char **stems, int nstems)
{
	CandidateList last;

	match_names(&in->match, &stems[nstems - 1], 1, &last);
	return last.count > 0 && last.items[0].column < 0 && last.items[0].score >= FULL_NAME;
}

/*
 * The longest run of words from here that is a name.  A run of several words
 * may hold words of the lexicon ("order date") when it is (nearly) the whole
 * name.
 */
static int
find_name(Interpretation *in, int at, CandidateList *names)
{
	TokenList *tokens = in->tokens;

	for (int n = Min(MAX_NAME_WORDS, tokens->count - at); n >= 1; n--)
	{
		char *stems[MAX_STEMS];
		int nstems = stems_of_tokens(tokens, at, n, stems);
		int ignored;

		if (nstems == 0)
			continue;
		match_names(&in->match, stems, nstems, names);
		if (names->count == 0)
			continue;
		if (n == 1)
			return 1;
		if (adjective_of_first_word(in, stems[0], names))
			continue;
		if (names->items[0].score >= FULL_NAME)
			return n;
		/* "border states": what borders, and states */
		if (ends_in_whole_name(in, stems, nstems))
			continue;
		if (names->items[0].score >= GOOD_NAME && !names->items[0].by_comment &&
			!lexicon_find(tokens, at, &ignored) && !lexicon_find(tokens, at + n - 1, &ignored) &&
			!(n == 2 && is_participle(&tokens->tokens[at + 1])))
			return n;
	}
	return 0;
}

/*
 * "total amount" may be a column of that name and still says sum.
 */
static AggregateKind
aggregate_of_first_word(const TokenList *tokens, int at)
{
	int n;
	const LexiconEntry *entry = lexicon_find(tokens, at, &n);

	return entry && entry->concept == CONCEPT_AGGREGATE ? (AggregateKind) entry->arg
														: AGGREGATE_NONE;
}

static void
add_value_candidate(Element *element, const ValuePosting *posting)
{
	for (int i = 0; i < element->nvalues; i++)
	{
		ValueCandidate *c = &element->values[i];

		if (c->relation == posting->relation && c->column == posting->column)
		{
			c->values = lappend(c->values, pstrdup(posting->value));
			return;
		}
	}
	if (element->nvalues >= MAX_CANDIDATES)
		return;
	element->values[element->nvalues].relation = posting->relation;
	element->values[element->nvalues].column = posting->column;
	element->values[element->nvalues].values = list_make1(pstrdup(posting->value));
	element->nvalues++;
}

/*
 * In a big catalog values are read only of the relations that the question
 * names and of their neighbours.
 */
static void
name_relations_for_values(Interpretation *in)
{
	int relations[MAX_VALUE_RELATIONS];
	int n = 0;

	if (in->values_named || in->snapshot->nrelations <= SNAPSHOT_PROFILE_ALL)
		return;
	in->values_named = true;
	for (int nearness = NEAR_NAMED; nearness >= NEAR_PARTLY_NAMED; nearness--)
	{
		for (int i = 0; i < in->snapshot->nrelations && n < MAX_VALUE_RELATIONS; i++)
		{
			if (in->match.near[i] == nearness)
				relations[n++] = i;
		}
	}
	snapshot_profile_relations(in->snapshot, relations, n);
}

static bool
look_up_value(Interpretation *in, const char *text, bool part, Element *element)
{
	int count;
	bool incomplete = false;
	char *folded = words_fold_phrase(text);
	const ValuePosting *postings;

	name_relations_for_values(in);
	if (part)
		postings = snapshot_find_value_part(in->snapshot, folded, &count, &incomplete);
	else
		postings = snapshot_find_value(in->snapshot, folded, &count, &incomplete);
	element->nvalues = 0;
	if (count == 0 || (part && count > MAX_PARTIAL_VALUES))
		return false;
	element->values = palloc0(sizeof(ValueCandidate) * MAX_CANDIDATES);
	for (int i = 0; i < count; i++)
		add_value_candidate(element, &postings[i]);
	element->partial_value = part;
	return true;
}

/*
 * "O-", "C++", "C#": signs right behind the last word, which are no tokens, may
 * belong to a value.
 */
static bool
look_up_with_signs(Interpretation *in, int at, int n, Element *element)
{
	const TokenList *tokens = in->tokens;
	const char *start = tokens->question + tokens->tokens[at].start;
	const char *end = tokens->question + tokens->tokens[at + n - 1].end;
	const char *past = end;

	while (*past != '\0' && strchr("+-#*", *past) != NULL)
		past++;
	return past > end && (*past == '\0' || strchr(" \t\n?.,;!)", *past) != NULL) &&
		   look_up_value(in, pnstrdup(start, past - start), false, element);
}

/*
 * The longest run of tokens from here that is a stored value.  A run must not
 * begin or end with a word of the lexicon, unless that is written with a
 * capital ("The Hague").
 */
static int
find_value(Interpretation *in, int at, Element *element)
{
	TokenList *tokens = in->tokens;
	const Token *first = &tokens->tokens[at];
	const LexiconEntry *entry;
	int ignored;

	if (first->kind != TOKEN_WORD && first->kind != TOKEN_NUMBER)
		return 0;
	/* "completed" is a verb, and may be a status */
	entry = lexicon_find(tokens, at, &ignored);
	if (!first->capital && entry && entry->concept != CONCEPT_VERB)
		return 0;
	for (int n = Min(MAX_VALUE_WORDS, tokens->count - at); n >= 1; n--)
	{
		const Token *last = &tokens->tokens[at + n - 1];

		if (last->kind == TOKEN_SIGN || last->kind == TOKEN_QUOTED || last->kind == TOKEN_DATE)
			continue;
		if (n == 1 && first->kind == TOKEN_NUMBER)
			continue;
		if (n > 1 && last->kind == TOKEN_WORD && !last->capital &&
			lexicon_find(tokens, at + n - 1, &ignored))
			continue;
		if (look_up_with_signs(in, at, n, element) ||
			look_up_value(in, text_of_tokens(tokens, at, n), false, element))
			return n;
	}
	return 0;
}

static Element *
add_element(Interpretation *in, ElementKind kind, int first, int ntokens)
{
	Element *element = &in->elements[in->count++];

	memset(element, 0, sizeof(Element));
	element->kind = kind;
	element->first = first;
	element->ntokens = ntokens;
	element->text = text_of_tokens(in->tokens, first, ntokens);
	return element;
}

/* "did each salesperson make": after "did" comes a verb */
static bool
after_do(const TokenList *tokens, int at)
{
	while (--at >= 0 && !tokens->tokens[at].sentence_end)
	{
		const char *folded = tokens->tokens[at].folded;

		if (folded && (strcmp(folded, "did") == 0 || strcmp(folded, "do") == 0 ||
					   strcmp(folded, "does") == 0))
			return true;
	}
	return false;
}

/* words of the lexicon that give way to a column or relation of the same name */
static bool
concept_is_weak(const TokenList *tokens, int at, const LexiconEntry *entry)
{
	switch (entry->concept)
	{
		case CONCEPT_VERB:
			return !after_do(tokens, at);
		case CONCEPT_UNIT:
		case CONCEPT_SHARE:
		case CONCEPT_UNSUPPORTED:
		case CONCEPT_COMPARISON:
		case CONCEPT_GROWTH:
		case CONCEPT_RUNNING:
		case CONCEPT_LIST:
		case CONCEPT_COUNT:
			return true;
		default:
			return false;
	}
}

/* a year or number right after a comparison is an amount, not a time */
static bool
after_comparison(const Interpretation *in)
{
	const Element *before = in->count > 0 ? &in->elements[in->count - 1] : NULL;

	return before && before->kind == ELEMENT_CONCEPT &&
		   (before->entry->concept == CONCEPT_COMPARE || before->entry->concept == CONCEPT_TOP);
}

/*
 * Is the token part of a run of capital words, so that the run is a proper
 * name that we do not know?
 */
static int
proper_name_length(const TokenList *tokens, int at)
{
	int n = 0;

	while (at + n < tokens->count && tokens->tokens[at + n].kind == TOKEN_WORD &&
		   tokens->tokens[at + n].capital)
		n++;
	return n;
}

/*
 * "total by customer" where total is a column: a word of aggregation that no
 * noun follows is a noun itself.
 */
static bool
stands_as_noun(const TokenList *tokens, int at, const LexiconEntry *entry)
{
	const LexiconEntry *next;
	int ignored;

	if (entry->concept != CONCEPT_AGGREGATE)
		return false;
	/* "average total of ..." */
	next = at > 0 ? lexicon_find(tokens, at - 1, &ignored) : NULL;
	if (next && next->concept == CONCEPT_AGGREGATE && ignored == 1)
		return true;
	if (at + 1 >= tokens->count)
		return at > 0;
	next = lexicon_find(tokens, at + 1, &ignored);
	return next && next->concept != CONCEPT_NOISE && next->concept != CONCEPT_OF &&
		   next->concept != CONCEPT_COUNT;
}

static bool
next_is_capital(const TokenList *tokens, int at)
{
	return at < tokens->count && tokens->tokens[at].capital;
}

/* is it a value of a relation that the question names? */
static bool
value_of_named(const Interpretation *in, const Element *value)
{
	for (int i = 0; i < value->nvalues; i++)
	{
		if (in->match.near[value->values[i].relation] == NEAR_NAMED)
			return true;
	}
	return false;
}

/*
 * A stored value in another form: "bought" where buy is stored.  False where
 * there is none; else the element is added.
 */
static bool
read_value_form(Interpretation *in, int at)
{
	const Token *token = &in->tokens->tokens[at];
	const ValueForm *form = token->kind == TOKEN_WORD ? value_form(token->folded) : NULL;
	Element value;
	Element *element;
	int kept = 0;

	memset(&value, 0, sizeof(value));
	if (!form || !look_up_value(in, form->stored, false, &value))
		return false;
	for (int i = 0; i < value.nvalues; i++)
	{
		const ValueCandidate *v = &value.values[i];

		if (!form->columns ||
			column_named_like(&in->snapshot->relations[v->relation].columns[v->column],
							  form->columns))
			value.values[kept++] = *v;
	}
	if (kept == 0)
		return false;
	element = add_element(in, ELEMENT_VALUE, at, 1);
	element->nvalues = kept;
	element->values = value.values;
	return true;
}

static int
read_word(Interpretation *in, int at)
{
	TokenList *tokens = in->tokens;
	Token *token = &tokens->tokens[at];
	int concept_len = 0;
	const LexiconEntry *entry = lexicon_find(tokens, at, &concept_len);
	CandidateList names;
	int name_len = find_name(in, at, &names);
	Element value;
	int value_len = 0;
	Element *element;

	/* profiles are not read for words that are names and nothing else */
	memset(&value, 0, sizeof(value));
	if (!(name_len > 0 && names.items[0].score >= FULL_NAME && !token->capital &&
		  !next_is_capital(tokens, at + name_len)))
		value_len = find_value(in, at, &value);

	/*
	 * A single word that is also in the lexicon stays there, unless it is a name
	 * and weak there, or somebody said what it means.
	 */
	if (entry && name_len >= concept_len &&
		snapshot_term(in->snapshot, names.items[0].relation, names.items[0].column))
		concept_len = 0;
	else if (entry && name_len == 1 && names.items[0].score >= FULL_NAME &&
			 (stands_as_noun(tokens, at, entry) ||
			  (concept_len == 1 && concept_is_weak(tokens, at, entry))))
		concept_len = 1;
	else if (entry && name_len == 1)
		name_len = 0;
	if (entry && name_len > 0 && name_len < concept_len)
		name_len = 0;

	if (value_len > 0 && value_len >= concept_len &&
		(value_len > name_len ||
		 (value_len == name_len && names.items[0].score < FULL_NAME &&
		  (token->capital || names.items[0].score < GOOD_NAME || value_of_named(in, &value)))))
	{
		element = add_element(in, ELEMENT_VALUE, at, value_len);
		element->nvalues = value.nvalues;
		element->values = value.values;
		if (name_len > 0)
			element->names = names;
		return value_len;
	}
	if (value_len == 0 &&
		(name_len == 0 || (name_len == 1 && names.items[0].by_comment &&
						   lexicon_alternatives(token->stem) == NULL)) &&
		(!entry || (concept_len == 1 && entry->concept == CONCEPT_VERB)) && read_value_form(in, at))
		return 1;
	if (name_len > 0)
	{
		/* a word that stands in a comment only may be another word for a name */
		if (name_len == 1 && names.items[0].by_comment)
		{
			CandidateList others;

			match_alternatives(&in->match, token->stem, &others);
			match_merge(&in->match, &names, &others);
		}
		element = add_element(in, ELEMENT_NAME, at, name_len);
		element->names = names;
		element->entry = concept_len == name_len ? entry : NULL;
		if (name_len > 1)
			element->leading_aggregate = aggregate_of_first_word(tokens, at);
		return name_len;
	}
	if (entry)
	{
		element = add_element(in, ELEMENT_CONCEPT, at, concept_len);
		element->entry = entry;
		return concept_len;
	}

	/* a sign has no other words for it, nor a stem */
	if (token->kind == TOKEN_SIGN)
	{
		add_element(in, ELEMENT_UNKNOWN, at, 1);
		return 1;
	}
	match_alternatives(&in->match, token->stem, &names);
	if (names.count == 0)
		match_loosely(&in->match, token->folded, &names);
	if (names.count > 0)
	{
		element = add_element(in, ELEMENT_NAME, at, 1);
		element->names = names;
		return 1;
	}
	if (match_opposite(&in->match, token->folded, &names))
	{
		element = add_element(in, ELEMENT_NAME, at, 1);
		element->names = names;
		element->negated = true;
		return 1;
	}
	if (token->capital)
	{
		int n = Max(proper_name_length(tokens, at), 1);

		element = add_element(in, ELEMENT_TEXT, at, n);
		/* a letter or two are part of too much */
		if (strlen(element->text) > 2 && look_up_value(in, element->text, true, element))
			element->kind = ELEMENT_VALUE;
		return n;
	}
	add_element(in, ELEMENT_UNKNOWN, at, 1);
	return 1;
}

/*
 * Where the data itself knows "Monday" or "FY2024", or has a column that is
 * called by it, that is what is meant.
 */
static bool
time_is_stored(Interpretation *in, int at, const TimeSpan *time, int ntokens)
{
	Element value;
	CandidateList names = {0};
	int rest = ntokens - time->skipped;

	if (time->weekdays == 0 && !time->fiscal)
		return false;
	memset(&value, 0, sizeof(value));
	if (find_value(in, at + time->skipped, &value) >= rest)
		return true;
	return find_name(in, at + time->skipped, &names) >= rest && names.items[0].score >= FULL_NAME &&
		   names.items[0].column >= 0;
}

static int
read_element(Interpretation *in, int at)
{
	Token *token = &in->tokens->tokens[at];
	int ntokens;
	TimeSpan *time;
	Element *element;

	if (token->kind == TOKEN_QUOTED)
	{
		Element value;

		memset(&value, 0, sizeof(value));
		element = add_element(in, ELEMENT_TEXT, at, 1);
		if (look_up_value(in, token->text, false, &value))
		{
			element->kind = ELEMENT_VALUE;
			element->nvalues = value.nvalues;
			element->values = value.values;
		}
		return 1;
	}
	time = time_parse(in->tokens, at, &ntokens);
	if (time && !(time->bare_years && after_comparison(in)) &&
		!time_is_stored(in, at, time, ntokens))
	{
		element = add_element(in, ELEMENT_TIME, at, ntokens);
		element->time = time;
		return ntokens;
	}
	if (token->kind == TOKEN_WORD || token->kind == TOKEN_SIGN)
		return read_word(in, at);
	if (token->kind == TOKEN_NUMBER)
	{
		Element value;

		/* "7 Eleven" */
		memset(&value, 0, sizeof(value));
		ntokens = find_value(in, at, &value);
		if (ntokens > 1)
		{
			element = add_element(in, ELEMENT_VALUE, at, ntokens);
			element->nvalues = value.nvalues;
			element->values = value.values;
			return ntokens;
		}
		element = add_element(in, ELEMENT_NUMBER, at, 1);
		element->number = token->number;
		element->literal = token->literal;
		return 1;
	}
	add_element(in, ELEMENT_UNKNOWN, at, 1);
	return 1;
}

Interpretation *
interpret_question(const char *question, AskSnapshot *snapshot)
{
	Interpretation *in = palloc0(sizeof(Interpretation));
	int at = 0;

	in->question = expand_terms(question, snapshot, &in->expanded);
	if (!in->question)
		in->question = question;
	in->snapshot = snapshot;
	in->tokens = tokenize(in->question);
	in->match.snapshot = snapshot;
	mark_near_relations(in);
	while (at < in->tokens->count)
	{
		CHECK_FOR_INTERRUPTS();
		if (in->count >= MAX_ELEMENTS)
		{
			in->too_long = true;
			break;
		}
		at += read_element(in, at);
	}
	in->too_long |= in->tokens->cut;
	return in;
}
