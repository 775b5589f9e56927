/*-------------------------------------------------------------------------
 *
 * snapshot.h
 *		What the asking role can ask about: relations, columns, keys, comments,
 *		value profiles, and an index from words to them.
 *
 * A snapshot belongs to the backend and to one asking role.  What the pointers
 * lead to stays valid until the next snapshot_get() of the same backend, which
 * brings the snapshot up to date; so hold none of them over a call that runs
 * SQL and then asks for the snapshot again.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SNAPSHOT_H
#define SQL_AGENT_SNAPSHOT_H

#include "access/attnum.h"
#include "nodes/pg_list.h"

/* what can be done with a column's values; domains count as their base type */
typedef enum TypeClass
{
	TYPE_CLASS_OTHER,
	TYPE_CLASS_BOOLEAN,
	TYPE_CLASS_INTEGER,
	TYPE_CLASS_NUMBER, /* numeric, real, double precision, money */
	TYPE_CLASS_TEXT,   /* text, varchar, char, name, citext */
	TYPE_CLASS_ENUM,
	TYPE_CLASS_DATE,
	TYPE_CLASS_TIMESTAMP, /* with or without time zone */
	TYPE_CLASS_TIME,
	TYPE_CLASS_INTERVAL,
	TYPE_CLASS_UUID,
	TYPE_CLASS_JSON,
	TYPE_CLASS_ARRAY
} TypeClass;

/*
 * Values of one column, read as the asking role, bounded in time and size.
 */
typedef struct ColumnProfile
{
	bool complete;       /* values[] are all distinct values that the role sees */
	bool sampled;        /* only a part of the rows was read */
	int nvalues;         /* text and enum columns only */
	const char **values; /* sorted, as stored (in the C collation of bytes) */
	const char *min;     /* numbers, dates and timestamps; as text, or NULL */
	const char *max;
	float null_share;     /* of the rows that were read */
	double distinct_seen; /* among the rows that were read; texts over 200 bytes do not count */
} ColumnProfile;

typedef struct SnapshotColumn
{
	AttrNumber attnum;
	uint8 type_class; /* TypeClass */
	bool not_null : 1;
	bool in_primary_key : 1;
	bool unique_alone : 1; /* a unique key by itself */
	bool in_foreign_key : 1;
	bool is_private : 1; /* marked with mark_private(): never leaves for a model */
	Oid type;
	int32 typmod;
	const char *name;
	const char *plain;   /* what its words are taken from: the name, or a form of it with blanks */
	const char *comment; /* or NULL */
} SnapshotColumn;

typedef struct SnapshotRelation
{
	Oid relid;
	char relkind;
	int ncolumns;
	SnapshotColumn *columns; /* the ones that the role may SELECT, by attnum */
	const char *schema;
	const char *name;
	const char *plain;   /* what its words are taken from */
	const char *comment; /* or NULL */
	double row_estimate; /* -1 = never analysed */
	int nprimary_key;    /* number of primary key columns, 0 = no key (that can be seen) */
} SnapshotRelation;

/* a relationship: rows of "from" (many) point to one row of "to" */
typedef struct SnapshotEdge
{
	int from; /* index into relations */
	int to;
	int nkeys;
	AttrNumber *from_attnums;
	AttrNumber *to_attnums;
	bool declared; /* a foreign key; false = inferred */
	float score;   /* 1 for declared ones */
} SnapshotEdge;

/* where a word stands */
typedef enum WordSource
{
	WORD_IN_NAME,
	WORD_IN_COMMENT,
	WORD_IN_SYNONYM
} WordSource;

typedef struct WordPosting
{
	int32 relation; /* index into relations */
	int16 column;   /* index into that relation's columns, -1 = the relation itself */
	uint8 source;   /* WordSource */
	uint8 nwords;   /* how many words the name, comment or synonym has */
} WordPosting;

typedef struct ValuePosting
{
	int32 relation;
	int16 column;
	const char *value; /* as stored */
} ValuePosting;

/* a word that somebody gave to a relation or column */
typedef struct SnapshotSynonym
{
	const char *phrase; /* folded words, single spaces */
	int32 relation;
	int16 column; /* -1 = the relation */
} SnapshotSynonym;

typedef enum TermKind
{
	TERM_PHRASE,    /* other words */
	TERM_CONDITION, /* on the rows of a relation */
	TERM_VALUE,     /* a number of each row */
	TERM_MEASURE    /* a number of many rows */
} TermKind;

/*
 * Words that somebody gave a meaning to.  One that is an expression is a column
 * more of its relation: it stands behind the others, at ncolumns and beyond,
 * where only the words of a question lead to.
 */
typedef struct SnapshotTerm
{
	TermKind kind;
	const char *phrase;  /* folded words, single spaces */
	const char *meaning; /* words; or an expression of columns without qualifiers */
	int nstems;          /* of the phrase */
	const char **stems;
	bool adds_up;    /* TERM_MEASURE: totals of parts are the total of all */
	bool is_private; /* it reads a private column */
	int32 relation;  /* -1 = TERM_PHRASE */
	int16 column;
} SnapshotTerm;

typedef struct AskSnapshot
{
	Oid role;
	uint64 version; /* changes whenever anything below changed, but for row estimates */
	int nrelations;
	SnapshotRelation *relations; /* ordered by schema, name */
	int nedges;
	SnapshotEdge *edges;
	int nsynonyms;
	SnapshotSynonym *synonyms;
	int nterms;
	SnapshotTerm *terms; /* ordered by relation, column; the phrases first */
	List *schemas;       /* OIDs of the allowed schemas */
	void *private_data;
} AskSnapshot;

extern AskSnapshot *snapshot_get(Oid role);

/* the term that a column stands for, NULL for the columns that the relation has */
extern const SnapshotTerm *snapshot_term(const AskSnapshot *snapshot, int relation, int column);

/* words are given as stems (common/words.h); the array is sorted by relation, column */
extern const WordPosting *snapshot_find_word(AskSnapshot *snapshot, const char *stem, int *count);

/*
 * With more than SNAPSHOT_PROFILE_ALL relations the values of only those are
 * looked through that were named here before; fewer are read by themselves.
 */
#define SNAPSHOT_PROFILE_ALL 300
extern void snapshot_profile_relations(AskSnapshot *snapshot, const int *relations, int n);

/*
 * Reads values again that may have changed since they were read: for a word
 * that nothing explains.  At most once a question; true where it is worth
 * looking again.
 */
extern bool snapshot_refresh_values(AskSnapshot *snapshot);

/*
 * Stored values equal to the phrase when both are folded (case and accents
 * away, single spaces).  Reads the profiles that it needs first, within a
 * budget of time for the whole question; *incomplete tells that not all values
 * were looked through: time ran out, or there are too many relations.
 */
extern const ValuePosting *
snapshot_find_value(AskSnapshot *snapshot, const char *folded_phrase, int *count, bool *incomplete);

/*
 * Stored values that hold the phrase as whole words and are longer than it
 * ("larry" -> "Larry Summers").
 */
extern const ValuePosting *
snapshot_find_value_part(AskSnapshot *snapshot, const char *folded_phrase, int *count,
						 bool *incomplete);

/*
 * For words that are like a given one: calls the visitor with every stem that
 * begins with the letter, and with every word of a stored value that may, as it
 * is stored.  The values of a big catalog are too many to go through: false
 * where some were left out.
 */
typedef void (*SnapshotWordVisitor)(void *arg, const char *word, int len);
extern void snapshot_visit_words(const AskSnapshot *snapshot, char first,
								 SnapshotWordVisitor visitor, void *arg);
extern bool snapshot_visit_value_words(AskSnapshot *snapshot, char first,
									   SnapshotWordVisitor visitor, void *arg);

/* a stem as somebody wrote it in a name, comment or synonym; folded, palloc'ed, or NULL */
extern char *snapshot_written_word(AskSnapshot *snapshot, const char *stem);

/* profile of a column, read now where that is due; NULL where it can not be had */
extern const ColumnProfile *snapshot_profile(AskSnapshot *snapshot, int relation, int column);

/* index of the column in the relation's columns[], -1 where the role can not see it */
extern int snapshot_column_by_attnum(const SnapshotRelation *relation, AttrNumber attnum);
/* index of the relation, -1 where it is not in the snapshot */
extern int snapshot_relation_by_oid(const AskSnapshot *snapshot, Oid relid);

/*
 * Adds relationships that no foreign key declares (declared = false, score
 * below 1) to edges[]; reads values for it, within the question's budget.
 * snapshot_edges_of() does it by itself; call it before walking edges[].
 */
extern void snapshot_infer_edges(AskSnapshot *snapshot);

/* edges that touch the relation, as indexes into edges[] */
extern const int *snapshot_edges_of(AskSnapshot *snapshot, int relation, int *count);

extern void snapshot_init(void);

#endif /* SQL_AGENT_SNAPSHOT_H */
