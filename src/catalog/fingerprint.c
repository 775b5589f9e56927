/*-------------------------------------------------------------------------
 *
 * fingerprint.c
 *		Numbers that change when what they stand for does.
 *
 * Of 64 bits, so that one change in 2^64 goes unnoticed.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/reader.h"
#include "common/hashfn.h"
#include "utils/lsyscache.h"

static uint64
mix_string(uint64 seed, const char *string)
{
	if (string == NULL)
		return hash_combine64(seed, 0);
	return hash_combine64(seed,
						  hash_bytes_extended((const unsigned char *) string, strlen(string), 7));
}

uint64
schemas_fingerprint(List *schemas)
{
	uint64 result = 1;
	ListCell *lc;

	foreach (lc, schemas)
	{
		result = hash_combine64(result, lfirst_oid(lc));
		result = mix_string(result, get_namespace_name(lfirst_oid(lc)));
	}
	return result;
}

uint64
record_fingerprint(const RelationRecord *record)
{
	const SnapshotRelation *relation = &record->face;
	const RelationDetail *detail = &record->detail;
	uint64 result = hash_combine64(detail->fingerprint, relation->relkind);

	result = hash_combine64(result, detail->nspoid);
	result = hash_combine64(result, detail->by_session);
	result = hash_combine64(result, relation->nprimary_key);
	result = mix_string(result, relation->schema);
	result = mix_string(result, relation->name);
	result = mix_string(result, relation->comment);
	for (int i = 0; i < relation->ncolumns; i++)
	{
		const SnapshotColumn *column = &relation->columns[i];
		uint64 flags = column->not_null | column->in_primary_key << 1 | column->unique_alone << 2 |
					   column->is_private << 3;

		result = hash_combine64(result, (uint64) column->attnum << 48 |
											(uint64) column->type_class << 40 | flags << 32 |
											column->type);
		result = hash_combine64(result, (uint32) column->typmod);
		result = mix_string(result, column->name);
		result = mix_string(result, column->comment);
	}
	for (int i = 0; i < detail->nforeign_keys; i++)
	{
		const ForeignKey *fk = &detail->foreign_keys[i];

		result = hash_combine64(result, (uint64) fk->recorded << 32 | fk->to);
		for (int k = 0; k < fk->nkeys; k++)
			result = hash_combine64(result, (uint32) fk->from_attnums[k] << 16 |
												(uint16) fk->to_attnums[k]);
	}
	return result;
}
