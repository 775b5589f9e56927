/*-------------------------------------------------------------------------
 *
 * own.c
 *		A name that the tenant's own schema and a shared table both have.
 *
 * It is the tenant's own, and the answer says so, unless the question says
 * whose it is: "shared sales", or the name of the other schema before it.  Who
 * belongs to no tenant has nothing of its own; the name of a schema is
 * understood all the same.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "tenant/registry.h"
#include "translate/query.h"

/* how much worse another's table of the same name may be called than one's own */
#define SAME_NAME 0.02f
/* what it then costs */
#define PRICE_OF_OTHERS 0.15f
/* that the name of a schema may have */
#define MAX_SCHEMA_WORDS 4

/* the schema of the asking role's tenant, or NULL */
static char *
own_schema(const AskSnapshot *snapshot)
{
	char *role = GetUserNameFromId(snapshot->role, true);
	bool owner;

	return role == NULL ? NULL : tenant_named_by_role(role, &owner);
}

static const char *
schema_of(const AskSnapshot *snapshot, const Candidate *c)
{
	return snapshot->relations[c->relation].schema;
}

static bool
has_schema(const AskSnapshot *snapshot, const char *schema)
{
	for (int i = 0; i < snapshot->nrelations; i++)
	{
		if (pg_strcasecmp(snapshot->relations[i].schema, schema) == 0)
			return true;
	}
	return false;
}

/* does the word choose this schema? "shared" is whatever is not one's own */
static bool
word_chooses(const char *word, const char *own, const char *schema)
{
	if (own && pg_strcasecmp(word, "shared") == 0)
		return strcmp(schema, own) != 0;
	return pg_strcasecmp(word, schema) == 0;
}

/* the words of some elements in a row, joined as an identifier would be; NULL where they say more */
static char *
joined_words(const Interpretation *in, int from, int to)
{
	StringInfoData joined;

	initStringInfo(&joined);
	for (int i = from; i < to; i++)
	{
		const Element *element = &in->elements[i];

		if (element->kind != ELEMENT_UNKNOWN && element->kind != ELEMENT_NAME)
			return NULL;
		for (int t = element->first; t < element->first + element->ntokens; t++)
			appendStringInfo(&joined, "%s%s", joined.len > 0 ? "_" : "",
							 in->tokens->tokens[t].text);
	}
	return joined.data;
}

/*
 * "shared sales", "market prices": keeps what lies in the schema that the words
 * before the name say.  How many elements they are; 0 where they say none.
 */
static int
choose_schema(const Interpretation *in, const char *own, int at)
{
	Element *name = unconstify(Element *, &in->elements[at]);

	for (int n = Min(at, MAX_SCHEMA_WORDS); n > 0; n--)
	{
		const Element *word = &in->elements[at - n];
		char *said = joined_words(in, at - n, at);
		CandidateList kept = {0};

		/* a table of that name is meant before a schema */
		if (!said || (n == 1 && word->kind == ELEMENT_NAME && word->names.count > 0 &&
					  word->names.items[0].score > 0.95f))
			continue;
		if (!(own && pg_strcasecmp(said, "shared") == 0) && !has_schema(in->snapshot, said))
			continue;
		for (int i = 0; i < name->names.count; i++)
		{
			const Candidate *c = &name->names.items[i];

			if (word_chooses(said, own, schema_of(in->snapshot, c)))
				kept.items[kept.count++] = *c;
		}
		/* a word that names something is given up only where it tells schemas apart */
		if (kept.count == 0 || (kept.count == name->names.count && word->kind == ELEMENT_NAME))
			continue;
		name->names = kept;
		return n;
	}
	return 0;
}

/* one's own first; what others call the same comes behind */
static void
prefer_own(const AskSnapshot *snapshot, const char *own, CandidateList *names)
{
	CandidateList sorted = {.more = names->more};
	float best = 0;
	bool over_shared = false;

	for (int i = 0; i < names->count; i++)
	{
		if (strcmp(schema_of(snapshot, &names->items[i]), own) == 0)
			best = Max(best, names->items[i].score);
	}
	if (best == 0)
		return;
	for (int i = 0; i < names->count; i++)
	{
		Candidate *c = &names->items[i];

		if (strcmp(schema_of(snapshot, c), own) == 0 || c->score > best + SAME_NAME)
			continue;
		over_shared |= c->score > best - SAME_NAME;
		c->score -= PRICE_OF_OTHERS;
	}
	for (int pass = 0; pass < 2; pass++)
	{
		for (int i = 0; i < names->count; i++)
		{
			Candidate c = names->items[i];
			bool mine = strcmp(schema_of(snapshot, &c), own) == 0;

			if ((mine || c.score > best) != (pass == 0))
				continue;
			c.over_shared = mine && over_shared && c.score > best - SAME_NAME;
			sorted.items[sorted.count++] = c;
		}
	}
	*names = sorted;
}

void
settle_ownership(Interpretation *in)
{
	char *own = own_schema(in->snapshot);

	if (own && !has_schema(in->snapshot, own))
		own = NULL;
	for (int i = 0; i < in->count; i++)
	{
		Element *element = &in->elements[i];
		int words;

		if (element->kind != ELEMENT_NAME || element->names.count == 0)
			continue;
		words = choose_schema(in, own, i);
		if (words > 0)
		{
			memmove(&in->elements[i - words], &in->elements[i], sizeof(Element) * (in->count - i));
			in->count -= words;
			i -= words;
		}
		else if (own)
			prefer_own(in->snapshot, own, &element->names);
	}
}
