/*-------------------------------------------------------------------------
 *
 * memory_key.c
 *		By what remembered questions are found, and by what one is known to be
 *		out of date.
 *
 * Keys are 64 bit hashes.  They find; they do not prove: whoever finds an
 * entry by a key compares the texts.  Only the keys of the snapshot and of the
 * reading stand for themselves, so one change in 2^64 goes unnoticed there.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/hashfn.h"
#include "common/settings.h"
#include "common/words.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "tenant/current.h"
#include "translate/memory_int.h"

static uint64
mix(uint64 seed, const char *text)
{
	if (text == NULL)
		return hash_combine64(seed, 0);
	return hash_combine64(seed,
						  hash_bytes_extended((const unsigned char *) text, strlen(text), 11));
}

/*
 * Runs of blanks become one, those at both ends go, and so do the marks at the
 * end.  The capital of the first word means nothing; all others may.
 */
char *
memory_normal_form(const char *question)
{
	char *result = palloc(strlen(question) + 1);
	int n = 0;

	for (const unsigned char *p = (const unsigned char *) question; *p; p++)
	{
		bool blank = *p == ' ' || *p == '\t' || *p == '\n' || *p == '\r';

		if (!blank)
			result[n++] = *p;
		else if (n > 0 && result[n - 1] != ' ')
			result[n++] = ' ';
	}
	while (n > 0 && strchr(" ?.!", result[n - 1]) != NULL)
		n--;
	result[n] = '\0';
	if (result[0] >= 'A' && result[0] <= 'Z' &&
		((result[1] >= 'a' && result[1] <= 'z') || result[1] == ' '))
		result[0] += 'a' - 'A';
	return result;
}

/*
 * A tenant is known by its id: what stands under the name of one that is gone
 * must not pass to the next of that name.
 */
MemoryScope
memory_scope(Oid asking_role)
{
	const TenantIdentity *identity = tenant_identity(asking_role);
	MemoryScope scope;

	memset(&scope, 0, sizeof(scope));
	scope.role = GetUserNameFromId(asking_role, false);
	scope.of_tenant = identity->state == TENANT_ONE || identity->state == TENANT_SUSPENDED;
	if (scope.of_tenant)
	{
		scope.tenant_id = identity->id;
		scope.key = hash_bytes_extended(scope.tenant_id.data, UUID_LEN, 13);
	}
	else
		scope.key = mix(17, scope.role);
	return scope;
}

bool
memory_same_scope(const MemoryScope *a, const MemoryScope *b)
{
	if (a->of_tenant != b->of_tenant)
		return false;
	if (a->of_tenant)
		return memcmp(&a->tenant_id, &b->tenant_id, sizeof(pg_uuid_t)) == 0;
	return strcmp(a->role, b->role) == 0;
}

/*
 * What every key depends on: whose it is, whom it serves, what came before the
 * question, the day that relative times count from, and when fiscal years begin.
 */
static uint64
base_key(const MemoryScope *scope, const char *asked_by, const char *context)
{
	uint64 key = mix(scope->key, asked_by);

	key = mix(key, context);
	if (setting_fiscal_year_start != 1)
		key = hash_combine64(key, setting_fiscal_year_start);
	return mix(key, setting_as_of && *setting_as_of ? setting_as_of : NULL);
}

uint64
memory_question_key(const MemoryScope *scope, const char *asked_by, const char *normal,
					const char *context)
{
	return mix(hash_combine64(base_key(scope, asked_by, context), 1), normal);
}

uint64
memory_template_key(const MemoryScope *scope, const char *asked_by, const char *skeleton,
					const char *context)
{
	return mix(hash_combine64(base_key(scope, asked_by, context), 2), skeleton);
}

static bool
time_is_absolute(const TimeSpan *time)
{
	if (time->month_without_year || (!time->from.set && !time->to.set))
		return false;
	return !(time->from.set && time->from.relative) && !(time->to.set && time->to.relative);
}

bool
memory_can_fill(const Interpretation *in, const Element *element)
{
	switch (element->kind)
	{
		case ELEMENT_VALUE:
			return !element->partial_value && element->nvalues > 0;
		case ELEMENT_NUMBER:
			return !in->tokens->tokens[element->first].percent;
		case ELEMENT_TIME:
			return time_is_absolute(element->time);
		default:
			return false;
	}
}

/* dashes that the tokens do not know may be the sign of a number */
static bool
has_odd_dash(const char *question)
{
	const unsigned char *p = (const unsigned char *) question;

	while ((p = (const unsigned char *) strstr((const char *) p, "\xe2\x80")) != NULL)
	{
		if (p[2] >= 0x90 && p[2] <= 0x97)
			return true;
		p += 2;
	}
	return false;
}

char *
memory_skeleton(const char *question, const Interpretation *in)
{
	static const char marks[] = {
		[ELEMENT_VALUE] = 'v', [ELEMENT_NUMBER] = 'n', [ELEMENT_TIME] = 't'};
	const TokenList *tokens = in->tokens;
	StringInfoData out;
	int done = 0;
	int filled = 0;

	if (in->too_long || has_odd_dash(question))
		return NULL;
	initStringInfo(&out);
	for (int i = 0; i < in->count; i++)
	{
		const Element *element = &in->elements[i];
		int start;

		if (!memory_can_fill(in, element))
			continue;
		start = tokens->tokens[element->first].start;
		appendBinaryStringInfo(&out, tokens->question + done, start - done);
		/* a control character: no question holds one */
		appendStringInfo(&out, "\001%c", marks[element->kind]);
		done = tokens->tokens[element->first + element->ntokens - 1].end;
		filled++;
	}
	if (filled == 0)
		return NULL;
	appendStringInfoString(&out, tokens->question + done);
	return memory_normal_form(out.data);
}

static uint64
relation_key(uint64 key, const SnapshotRelation *relation)
{
	key = mix(mix(mix(key, relation->schema), relation->name), relation->comment);
	key = hash_combine64(key, relation->relkind);
	for (int i = 0; i < relation->ncolumns; i++)
	{
		const SnapshotColumn *column = &relation->columns[i];
		uint64 flags = column->not_null | column->in_primary_key << 1 | column->unique_alone << 2 |
					   column->in_foreign_key << 3;

		key = mix(mix(key, column->name), column->comment);
		key = hash_combine64(key, flags << 32 | column->type);
		key = hash_combine64(key, (uint32) column->typmod);
	}
	return key;
}

/*
 * Relationships that were only inferred do not count: they are found while
 * questions are read, from the values.
 */
static uint64
edge_key(uint64 key, const AskSnapshot *snapshot, const SnapshotEdge *edge)
{
	if (!edge->declared)
		return key;
	key =
		mix(mix(key, snapshot->relations[edge->from].schema), snapshot->relations[edge->from].name);
	key = mix(mix(key, snapshot->relations[edge->to].schema), snapshot->relations[edge->to].name);
	for (int i = 0; i < edge->nkeys; i++)
	{
		const SnapshotRelation *from = &snapshot->relations[edge->from];
		const SnapshotRelation *to = &snapshot->relations[edge->to];
		int a = snapshot_column_by_attnum(from, edge->from_attnums[i]);
		int b = snapshot_column_by_attnum(to, edge->to_attnums[i]);

		key =
			mix(mix(key, a < 0 ? NULL : from->columns[a].name), b < 0 ? NULL : to->columns[b].name);
	}
	return key;
}

/*
 * By names, so that it is the same in every session and after a restore.
 */
uint64
memory_snapshot_key(AskSnapshot *snapshot)
{
	static uint64 of_version = 0;
	static uint64 key = 0;
	uint64 sum = 0;

	/* a version is given once in a backend */
	if (of_version == snapshot->version && of_version != 0)
		return key;
	key = 23;
	for (int i = 0; i < snapshot->nrelations; i++)
		key = relation_key(key, &snapshot->relations[i]);
	/* edges, synonyms and terms have no order of their own */
	for (int i = 0; i < snapshot->nedges; i++)
		sum += edge_key(29, snapshot, &snapshot->edges[i]);
	for (int i = 0; i < snapshot->nsynonyms; i++)
	{
		const SnapshotSynonym *synonym = &snapshot->synonyms[i];
		const SnapshotRelation *relation = &snapshot->relations[synonym->relation];
		uint64 one = mix(mix(mix(31, synonym->phrase), relation->schema), relation->name);

		sum += mix(one, synonym->column < 0 ? NULL : relation->columns[synonym->column].name);
	}
	for (int i = 0; i < snapshot->nterms; i++)
	{
		const SnapshotTerm *term = &snapshot->terms[i];
		uint64 one = mix(mix(mix(41, term->phrase), term->meaning), term->is_private ? "-" : NULL);

		if (term->relation >= 0)
			one = mix(mix(one, snapshot->relations[term->relation].schema),
					  snapshot->relations[term->relation].name);
		sum += hash_combine64(one, term->kind);
	}
	key = hash_combine64(key, sum);
	of_version = snapshot->version;
	return key;
}

uint64
memory_reading_key(const Interpretation *in)
{
	uint64 key = 37;

	for (int i = 0; i < in->count; i++)
	{
		const Element *element = &in->elements[i];

		key = hash_combine64(key, element->kind);
		key = hash_combine64(key, element->ntokens);
		for (int v = 0; v < element->nvalues; v++)
		{
			const ValueCandidate *value = &element->values[v];
			const SnapshotRelation *relation = &in->snapshot->relations[value->relation];
			ListCell *lc;

			key = mix(mix(key, relation->schema), relation->name);
			key = mix(key, relation->columns[value->column].name);
			foreach (lc, value->values)
				key = mix(key, lfirst(lc));
		}
	}
	return key;
}
