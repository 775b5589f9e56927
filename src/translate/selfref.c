/*-------------------------------------------------------------------------
 *
 * selfref.c
 *		Rows that point to others of their own relation: employees to their
 *		manager, agents to whoever recruited them.
 *
 * A column of that kind is spoken of in two directions.  "Who reports to Ann",
 * "agents recruited by Ann" and "whose manager is Ann" ask for the rows that
 * point to hers; "the manager of Ann", "whom does Ann report to" and "who
 * recruited Ann" for the one that hers points to.  Either is a thing known by a
 * sub-select, as in phrases.c, and stands in the question as one element.  What
 * has another form is left as it is.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "translate/compose.h"

/* the relation that points to itself */
typedef struct SelfReference
{
	int relation;
	int pointer; /* the column that points */
	int key;     /* the column that is pointed to */
} SelfReference;

typedef enum WordKind
{
	WORD_OTHER,
	WORD_ROLE, /* manager: the one that is pointed to */
	WORD_DEED  /* reports, recruited */
} WordKind;

#define MIN_COMMON 5 /* letters that "supervised" and "supervisor" share */

static Concept
concept_of(const Interpretation *in, int at)
{
	if (at < 0 || at >= in->count || in->elements[at].kind != ELEMENT_CONCEPT)
		return CONCEPT_NONE;
	return in->elements[at].entry->concept;
}

static bool
ends_in(const char *word, const char *ending)
{
	int len = strlen(word);
	int elen = strlen(ending);

	return len > elen && strcmp(word + len - elen, ending) == 0;
}

/* "managed" and "manager", "recruit" and "recruited" */
static bool
same_root(const char *a, const char *b)
{
	int n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n >= MIN_COMMON && strlen(a) - n <= 3 && strlen(b) - n <= 3;
}

/*
 * Those who lead are called by several words, and the column by one of them.
 */
static bool
is_leading_word(const char *stem)
{
	static const char *const words[] = {"manager", "report", "supervisor", "boss", "superior"};

	for (int i = 0; i < lengthof(words); i++)
	{
		char *known = word_stem(words[i]);

		if (strcmp(stem, known) == 0 || same_root(stem, known))
			return true;
	}
	return false;
}

static WordKind
kind_of_word(const Interpretation *in, int at, const SelfReference *ref)
{
	const SnapshotColumn *column = &in->snapshot->relations[ref->relation].columns[ref->pointer];
	const Element *element = &in->elements[at];
	const Token *token = &in->tokens->tokens[element->first];
	bool found = false;
	ListCell *lc;

	if (element->kind == ELEMENT_VALUE || element->kind == ELEMENT_NUMBER || element->phrase ||
		token->kind != TOKEN_WORD || strlen(token->stem) < 4)
		return WORD_OTHER;
	foreach (lc, words_of_identifier(column->plain))
	{
		const char *word = lfirst(lc);

		found |=
			strlen(word) > 3 && (strcmp(word, token->stem) == 0 || same_root(word, token->stem) ||
								 (is_leading_word(word) && is_leading_word(token->stem)));
	}
	if (!found)
		return WORD_OTHER;
	return ends_in(token->stem, "er") || ends_in(token->stem, "or") ||
				   strcmp(token->stem, "boss") == 0 || strcmp(token->stem, "parent") == 0
			   ? WORD_ROLE
			   : WORD_DEED;
}

/* noise, "is", "to", "by": what may stand between the word and whom it is about */
static int
skip_small_words(const Interpretation *in, int at, int step, bool *of, bool *is)
{
	at += step;
	for (; at >= 0 && at < in->count; at += step)
	{
		Concept concept = concept_of(in, at);

		if (concept == CONCEPT_OF)
			*of = true;
		else if (concept == CONCEPT_NOISE)
			*is |= pg_strcasecmp(in->elements[at].text, "is") == 0;
		else if (concept == CONCEPT_COMPARE && in->elements[at].entry->arg == COMPARE_EQ)
			*is = true;
		else if (concept != CONCEPT_TO && concept != CONCEPT_PREPOSITION &&
				 !(concept == CONCEPT_GROUP && pg_strcasecmp(in->elements[at].text, "by") == 0))
			break;
	}
	return at;
}

/* the value of a column that names the things, or NULL */
static ValueCandidate *
name_of_thing(const Interpretation *in, int at, const SelfReference *ref)
{
	List *labels = label_columns(in->snapshot, ref->relation);
	const Element *element = at < 0 || at >= in->count ? NULL : &in->elements[at];

	if (!element || element->kind != ELEMENT_VALUE)
		return NULL;
	for (int i = 0; i < element->nvalues; i++)
	{
		if (element->values[i].relation == ref->relation &&
			list_member_int(labels, element->values[i].column))
			return &element->values[i];
	}
	return NULL;
}

/* the rows that the names stand for */
static AskQuery *
rows_of_names(const Interpretation *in, int first, int past, const SelfReference *ref)
{
	AskQuery *query = palloc0(sizeof(AskQuery));

	query->snapshot = in->snapshot;
	query->plan.root = query->subject = ref->relation;
	query->plan.ambiguous_relation = -1;
	for (int i = first; i < past; i++)
	{
		const ValueCandidate *value = name_of_thing(in, i, ref);
		Filter *filter = palloc0(sizeof(Filter));

		filter->kind = FILTER_VALUES;
		filter->column.relation = ref->relation;
		filter->column.column = value->column;
		filter->values = value->values;
		query->filters = lappend(query->filters, filter);
	}
	return query;
}

static void
make_thing(Element *element, ElementKind kind, const SelfReference *ref)
{
	element->kind = kind;
	element->entry = NULL;
	memset(&element->names, 0, sizeof(CandidateList));
	element->names.count = 1;
	element->names.items[0].relation = ref->relation;
	element->names.items[0].column = -1;
	element->names.items[0].score = 1;
	element->nvalues = 0;
}

/*
 * One element for those between first and past: the rows whose column is among
 * what the named ones have; before it the things themselves, where nothing else
 * says them.
 */
static void
put_phrase(Interpretation *in, int first, int past, AskQuery *query, const SelfReference *ref,
		   bool upwards)
{
	Element *element = &in->elements[first];
	Phrase *phrase = palloc0(sizeof(Phrase));
	const Element *last = &in->elements[past - 1];
	int kept = upwards ? 2 : 1;

	phrase->relation = ref->relation;
	phrase->column = upwards ? ref->key : ref->pointer;
	phrase->yields.relation = ref->relation;
	phrase->yields.column = upwards ? ref->pointer : ref->key;
	phrase->query = query;
	element->text = psprintf("%.*s",
							 in->tokens->tokens[last->first + last->ntokens - 1].end -
								 in->tokens->tokens[element->first].start,
							 in->question + in->tokens->tokens[element->first].start);
	if (upwards)
	{
		make_thing(element, ELEMENT_NAME, ref);
		in->elements[first + 1] = *element;
		element = &in->elements[first + 1];
	}
	make_thing(element, ELEMENT_NAME, ref);
	element->phrase = phrase;
	memmove(&in->elements[first + kept], &in->elements[past], sizeof(Element) * (in->count - past));
	in->count -= past - first - kept;
}

/* the names behind an element, or those before it; their number */
static int
names_from(const Interpretation *in, int at, const SelfReference *ref)
{
	int n = 0;

	while (name_of_thing(in, at + n, ref))
		n++;
	return n;
}

static int
names_before(const Interpretation *in, int at, const SelfReference *ref)
{
	int n = 0;

	while (name_of_thing(in, at - n, ref))
		n++;
	return n;
}

/* does the question ask for persons or things that only "who" says, up to here? */
static bool
asks_who(const Interpretation *in, int at)
{
	for (int i = 0; i < at; i++)
	{
		if (concept_of(in, i) != CONCEPT_WHAT && concept_of(in, i) != CONCEPT_NOISE)
			return false;
	}
	return concept_of(in, 0) == CONCEPT_WHAT;
}

/*
 * The word at the element and the names around it.
 */
static bool
cut_at(Interpretation *in, int at, const SelfReference *ref)
{
	WordKind kind = kind_of_word(in, at, ref);
	bool of = false;
	bool is = false;
	bool ignored = false;
	int name;
	int n;

	if (kind == WORD_OTHER)
		return false;
	name = skip_small_words(in, at, 1, &of, &is);
	n = names_from(in, name, ref);
	if (n > 0)
	{
		bool passive = name > at + 1 || strchr(in->elements[at].text, ' ') != NULL;
		bool upwards = kind == WORD_ROLE ? of : !passive;

		if (kind == WORD_ROLE && of == is)
			return false;
		put_phrase(in, at, name + n, rows_of_names(in, name, name + n, ref), ref, upwards);
		return true;
	}
	/* "who does Ann report to", "Ann's manager" */
	if (kind == WORD_DEED && name < in->count && concept_of(in, name) != CONCEPT_SENTENCE)
		return false;
	name = skip_small_words(in, at, -1, &ignored, &ignored);
	n = names_before(in, name, ref);
	if (n == 0 || (kind == WORD_DEED && !asks_who(in, name - n + 1)))
		return false;
	put_phrase(in, name - n + 1, at + 1, rows_of_names(in, name - n + 1, name + 1, ref), ref, true);
	return true;
}

/*
 * "employees report to": read as one name of two words, it is the things and
 * what they do.
 */
static void
split_things_off(Interpretation *in, int at, const SelfReference *ref)
{
	Element *element = &in->elements[at];
	Element rest = *element;
	CandidateList names;

	if (element->kind != ELEMENT_NAME || element->phrase || element->ntokens < 2)
		return;
	match_names(&in->match, &in->tokens->tokens[element->first].stem, 1, &names);
	if (names.count == 0 || names.items[0].column >= 0 || names.items[0].relation != ref->relation)
		return;
	rest.first++;
	rest.ntokens--;
	rest.text = pstrdup(in->question + in->tokens->tokens[rest.first].start);
	rest.text[in->tokens->tokens[rest.first + rest.ntokens - 1].end -
			  in->tokens->tokens[rest.first].start] = '\0';
	memmove(&in->elements[at + 2], &in->elements[at + 1], sizeof(Element) * (in->count - at - 1));
	in->elements[at + 1] = rest;
	in->count++;
	if (kind_of_word(in, at + 1, ref) == WORD_DEED)
	{
		element->names = names;
		element->ntokens = 1;
		element->text = pstrdup(in->tokens->tokens[element->first].text);
		return;
	}
	memmove(&in->elements[at + 1], &in->elements[at + 2], sizeof(Element) * (in->count - at - 2));
	in->count--;
}

static bool
read_reference(const AskSnapshot *snapshot, const SnapshotEdge *edge, SelfReference *ref)
{
	const SnapshotRelation *rel = &snapshot->relations[edge->from];

	if (edge->from != edge->to || edge->nkeys != 1)
		return false;
	ref->relation = edge->from;
	ref->pointer = snapshot_column_by_attnum(rel, edge->from_attnums[0]);
	ref->key = snapshot_column_by_attnum(rel, edge->to_attnums[0]);
	return ref->pointer >= 0 && ref->key >= 0;
}

void
cut_self_references(Interpretation *in)
{
	for (int e = 0; e < in->snapshot->nedges; e++)
	{
		SelfReference ref;

		if (!read_reference(in->snapshot, &in->snapshot->edges[e], &ref))
			continue;
		for (int i = 0; i < in->count && in->count < MAX_ELEMENTS - 1; i++)
		{
			split_things_off(in, i, &ref);
			if (cut_at(in, i, &ref))
				return;
		}
	}
}
