/*-------------------------------------------------------------------------
 *
 * snapshot_private.h
 *		What the files of src/catalog share behind snapshot.h.
 *
 * The path of one build: reader.c reads relations into records, builder.c
 * lays the records out compactly in a context of their own, snapshot.c swaps
 * the result in.  A relation that did not change is copied over as a record,
 * not read again.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SNAPSHOT_PRIVATE_H
#define SQL_AGENT_SNAPSHOT_PRIVATE_H

#include "catalog/snapshot.h"
#include "utils/relcache.h"

/*
 * A relationship that was recorded counts nearly as much as a foreign key, and
 * more than any that is inferred.
 */
#define SCORE_RECORDED 0.98f

/* a foreign key as the catalog has it, whether or not the other side is visible */
typedef struct ForeignKey
{
	Oid to;
	bool recorded; /* no foreign key, but recorded in sql_agent.relationship */
	int nkeys;
	AttrNumber *from_attnums;
	AttrNumber *to_attnums;
} ForeignKey;

/* what the catalog folder knows of a relation beyond its face */
typedef struct RelationDetail
{
	uint64 fingerprint; /* of all but the row estimate */
	Oid nspoid;
	bool row_security;
	bool by_session; /* its rows may depend on more than the role */
	int nforeign_keys;
	ForeignKey *foreign_keys;
} RelationDetail;

typedef struct RelationRecord
{
	SnapshotRelation face;
	RelationDetail detail;
} RelationRecord;

/* a growing array of records */
typedef struct RecordSet
{
	RelationRecord *records;
	int count;
	int allocated;
} RecordSet;

/* a row of sql_agent.synonym that counts for the role */
typedef struct RawSynonym
{
	char *phrase; /* folded */
	char *target; /* quoted names */
} RawSynonym;

/* a row of sql_agent.term that counts for the role */
typedef struct RawTerm
{
	TermKind kind;
	bool own; /* hides what the word means for everybody */
	bool adds_up;
	char *phrase;   /* folded */
	char *meaning;  /* words, or an expression */
	char *relation; /* quoted names; NULL of a phrase */
	int ncolumns;   /* that the expression reads */
	char **columns;
} RawTerm;

/* both kinds of words that somebody gave */
typedef struct SynonymSet
{
	Oid relid; /* the table, InvalidOid where the extension is not installed */
	uint64 fingerprint;
	int count;
	RawSynonym *synonyms;
	int nterms;
	RawTerm *terms;
} SynonymSet;

/* our own tables whose rows a snapshot depends on */
typedef enum ConfigTable
{
	CONFIG_NONE,
	CONFIG_SYNONYMS, /* and terms */
	CONFIG_RELATIONS /* which relations may be read, which columns are private */
} ConfigTable;

typedef struct OidPosition
{
	Oid oid;
	int position;
} OidPosition;

struct ProfileStore;

/*
 * A snapshot as laid out by the builder: everything lives in one context.
 */
typedef struct CatalogSnapshot
{
	AskSnapshot face; /* must be first */
	MemoryContext context;
	RelationDetail *details;
	OidPosition *by_oid; /* sorted by oid */

	/* word index: stems sorted, postings of stem i at start[i] .. start[i + 1] - 1 */
	int nstems;
	const char **stems;
	int *stem_start;
	WordPosting *postings;

	/* edges that touch relation i: edge_ids[edge_start[i]] .. */
	int *edge_start;
	int *edge_ids;

	uint64 schemas_fingerprint; /* OIDs and names of the allowed schemas */
	SynonymSet synonym_rows;    /* as they were read, to build anew without reading */

	bool inferred;     /* infer_edges() came to its end */
	bool infer_paused; /* it ran out of time in this question */

	struct ProfileStore *profiles; /* belongs to the cache's slot */
} CatalogSnapshot;

/* reader.c */
typedef struct CatalogReader CatalogReader;

extern CatalogReader *reader_open(Oid role, List *schemas);
extern void reader_close(CatalogReader *reader);
/* false where the role can not ask about it; strings and arrays in the current context */
extern bool reader_read_relation(CatalogReader *reader, Oid relid, RelationRecord *record);
/* appends all that the role can ask about in the schema */
extern void reader_read_schema(CatalogReader *reader, Oid nspoid, RecordSet *set);
/* the partitioned ancestor that stands for an invisible partition, or InvalidOid */
extern Oid reader_visible_ancestor(CatalogReader *reader, Oid relid);
extern RelationRecord *record_set_add(RecordSet *set);
extern TypeClass type_class_of(Oid type);
extern uint64 schemas_fingerprint(List *schemas);

/* builder.c */
extern CatalogSnapshot *
builder_build(Oid role, List *schemas, RecordSet *set, const SynonymSet *synonyms);

/* lookup.c */
extern void snapshot_index_edges(CatalogSnapshot *snapshot);
extern const int *edges_touching(const CatalogSnapshot *snapshot, int relation, int *count);

/* infer.c */
extern bool infer_edges(CatalogSnapshot *snapshot);

/* snapshot.c */
extern uint64 snapshot_next_version(void);

/* termread.c */
extern void terms_read(Oid role, SynonymSet *set);
/* are the relation and the columns in the snapshot?  Sets the relation's index */
extern bool term_resolve(const AskSnapshot *snapshot, const char *relation, char *const *columns,
						 int ncolumns, int *position);

/* synonym.c */
extern void synonyms_read(Oid role, SynonymSet *set);
/* sets relation and column indexes; false where the target is not in the snapshot */
extern bool
synonym_resolve(const AskSnapshot *snapshot, const char *target, int *relation, int *column);
/* index of the column of that name, or -1 */
extern int relation_column_by_name(const SnapshotRelation *relation, const char *name);
/* did somebody permit relations or functions that the guard refuses by itself? */
extern bool config_permits_anything(void);
/* what rows of the table decide */
extern ConfigTable config_table_of(Oid relid);

#endif /* SQL_AGENT_SNAPSHOT_PRIVATE_H */
