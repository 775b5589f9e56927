/*-------------------------------------------------------------------------
 *
 * infer.h
 *		Finding relationships: shared by infer.c, infernames.c and infervalues.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_INFER_H
#define SQL_AGENT_INFER_H

#include "catalog/snapshot_private.h"

typedef struct NamedRelation
{
	const char *key; /* stems of the name, joined by spaces */
	int relation;
} NamedRelation;

typedef struct Inference
{
	CatalogSnapshot *snapshot;
	AskSnapshot *face;
	bool small; /* few enough relations to look at values */
	NamedRelation *named;
	const char **key_words; /* lists of stems */
	const char **table_prefixes;
	const char **not_ids;
	const char *name_word;
	List *links;  /* Link * */
	bool skipped; /* for want of time */
} Inference;

extern void names_make_lists(Inference *inference);
/* aid, product_id, city_name: a name that means the same wherever it stands */
extern bool name_is_shared_key(Inference *inference, const char *name);
extern bool name_is_key_word(Inference *inference, const char *stem);
extern bool name_ends_like_a_key(const char *name);
/* words from .. to - 1 of the list, joined by spaces */
extern char *names_join(List *words, int from, int to);
/* the relation whose name has these stems: in the schema, or else the only one; or -1 */
extern int names_find_relation(Inference *inference, const char *key, const char *schema);

/* infer.c */
extern bool infer_declares_a_key(const SnapshotRelation *relation);
/* is it a key by itself: declared, or by its values where no key is declared? */
extern bool infer_identifies(Inference *inference, int relation, int column);
/* keeps a link that the values suggest, unless something speaks against it */
extern void infer_consider(Inference *inference, int from, int from_column, int to, int to_column);

/* infervalues.c */
extern void infer_by_values(Inference *inference);

#endif /* SQL_AGENT_INFER_H */
