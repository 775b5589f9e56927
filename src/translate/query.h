/*-------------------------------------------------------------------------
 *
 * query.h
 *		The built-in translator's own form of a query, between question and SQL.
 *
 * The stages: scan (elements -> mentions with roles), resolve (which column a
 * mention means), compose (mentions -> AskQuery), joins, deparse, explain.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_QUERY_H
#define SQL_AGENT_QUERY_H

#include "interpret/interpret.h"
#include "translate/translate.h"

#define MAX_MENTIONS   32
#define MAX_JOIN_STEPS 12

/* a column; or a length of time that is measured from or to it */
typedef struct FieldRef
{
	int relation;
	int column; /* -1 = the rows of the relation */
	const struct Elapsed *elapsed;
} FieldRef;

typedef enum ElapsedKind
{
	ELAPSED_AGE,  /* completed years from the column to today */
	ELAPSED_DAYS, /* from the other column to this one */
	ELAPSED_TIME  /* the same, as exact as the columns are */
} ElapsedKind;

typedef struct Elapsed
{
	ElapsedKind kind;
	FieldRef other;
	bool reversed; /* from this column to the other one */
} Elapsed;

/* what a mention is for */
typedef enum MentionRole
{
	ROLE_OUTPUT,   /* to be shown: an attribute, or the things asked for */
	ROLE_MEASURE,  /* to be aggregated */
	ROLE_GROUP,    /* one row for each */
	ROLE_RANK,     /* decides which rows come first */
	ROLE_ORDER,    /* the rows are only sorted by it */
	ROLE_FILTER,   /* compared with something */
	ROLE_WITHOUT,  /* must have no such thing */
	ROLE_QUALIFIER /* narrows what other words mean */
} MentionRole;

typedef enum FilterKind
{
	FILTER_VALUES, /* equal to one of some stored values */
	FILTER_COMPARE,
	FILTER_BETWEEN,
	FILTER_TIME,
	FILTER_MATCH,
	FILTER_NULL,
	FILTER_TRUE,
	FILTER_EXISTS,  /* there are rows of the relation; negated: there are none */
	FILTER_AVERAGE, /* compared with the average of the same column */
	FILTER_AMONG,   /* among the rows of another query */
	FILTER_BEYOND,  /* compared with the same column of the rows of another query */
	FILTER_SAME,    /* the same as that of the row that a value stands for */
	FILTER_ANY      /* one of several, in values */
} FilterKind;

/* what stands between "not" and a value */
typedef enum Denial
{
	DENIAL_PLAIN,   /* "not in Ohio" */
	DENIAL_BY_NAME, /* "do not border Ohio" */
	DENIAL_BY_VERB  /* "do not run through Ohio" */
} Denial;

typedef struct Filter
{
	FilterKind kind;
	FieldRef column;
	bool negated;
	bool partial; /* values: the question named a part of them */
	Denial deny;  /* values */
	bool either;  /* values: joined to the ones before by "or" */
	CompareOperator compare;
	MatchKind match;
	List *values; /* char *: texts, or literals of numbers */
	TimeSpan *time;
	const struct Mention *of;   /* times: the things said right before, or NULL */
	AggregateKind aggregate;    /* not NONE: a condition on groups (HAVING) */
	char *words;                /* of the question */
	struct AskQuery *among;     /* FILTER_AMONG, FILTER_BEYOND */
	struct ExistsGroup *exists; /* FILTER_EXISTS */
	FieldRef among_column;      /* what it yields */
} Filter;

/* words that are a query of their own: "the largest state" */
typedef struct Phrase
{
	int relation;    /* whose rows it means */
	int column;      /* of those, what names them; -1 = by their relationships */
	FieldRef yields; /* where column is set: what the query has of it */
	struct AskQuery *query;
	List *assumptions; /* char * */
} Phrase;

typedef struct Mention
{
	MentionRole role;
	Element *element; /* NULL where the question only implies it */
	CandidateList options;
	Candidate chosen;
	bool optional; /* may be dropped when nothing fits: verbs */

	AggregateKind aggregate;
	bool leading; /* asked for first: "which X", "top N X" */
	bool descending;
	bool direction_given;
	bool deed;         /* a verb that points to rows: "bought" */
	bool per;          /* a group, said with "per" */
	bool each;         /* a group, said with "each", "every" or "per" */
	bool within;       /* the rows are ranked for each of it */
	bool bare;         /* a condition that names no column */
	bool of_rows;      /* ranks single rows, whatever adds up */
	bool superlative;  /* "highest": of single rows, where values do not add up */
	TimeUnit unit;     /* a time bucket, no column */
	bool of_attribute; /* "area of states": the things whose attribute is asked for */
	bool whole_things; /* "number of": rows or distinct things, not a sum */

	bool has_filter;
	int noun;               /* filters: the mention of the thing said right before, or -1 */
	int via;                /* FILTER_AMONG: the mention that leads to the rows ("border"), or -1 */
	const Element *operand; /* FILTER_BEYOND, FILTER_SAME: what it is compared with */
	int noperands;          /* FILTER_SAME: values in a row, such as a first and a last name */
	Filter filter;
	ValueCandidate *values; /* FILTER_VALUES: parallel to options */
} Mention;

/* a relation is to be reached from this one, where both ways cost the same; -1 = none */
typedef struct JoinWay
{
	int relation;
	int parent;
} JoinWay;

/* all that the scan found */
typedef struct QuestionScan
{
	Interpretation *in;
	int count;
	Mention mentions[MAX_MENTIONS];
	bool counts; /* "how many" */
	bool totals; /* "how much" */
	bool lists;  /* "show", "list" */
	bool distinct;
	bool share;
	bool place; /* "where is ..." */
	bool both;  /* "both A and B" */
	bool rounded;
	int digits;            /* of the result's numbers, where rounded */
	bool moment;           /* "when was ..." */
	int or_at;             /* "or" stands before this mention; 0 = nowhere */
	AggregateKind overall; /* "on average", "in total" behind it; NONE = not said */
	bool ranked;           /* top, most, highest */
	bool single;           /* "best product": one */
	bool rank_descending;
	bool rank_needs_measure; /* "the most", and nothing said of what */
	bool common;             /* "most common": ranked by how many there are */
	bool rank_shown;         /* "second highest price": what ranks is what is asked for */
	int rank_place;          /* "second highest"; 0 = not said */
	int64 limit;             /* 0 = none */
	int ntimes;
	Filter times[4];
	List *understood;     /* char * */
	List *not_understood; /* char * */
	char *unsupported;    /* what is known not to be served, or NULL */
	JoinWay way;          /* that was asked for */
} QuestionScan;

typedef struct JoinStep
{
	int edge;
	int relation;  /* the one that the step adds */
	int parent;    /* the one that it hangs on */
	bool fans_out; /* several rows of relation for one of parent */
} JoinStep;

typedef struct JoinPlan
{
	int root;
	int nsteps;
	JoinStep steps[MAX_JOIN_STEPS];
	float cost;
	bool fans_out;
	JoinWay way;            /* that was asked for */
	int ambiguous_relation; /* reached by two ways that cost the same, or -1 */
	int other_parent;       /* the parent of the other way */
} JoinPlan;

typedef struct Output
{
	FieldRef column;
	AggregateKind aggregate;
	TimeUnit bucket;
	bool group;                /* a grouping key */
	bool hidden;               /* grouped by, not shown */
	bool share;                /* as a share of the total of all rows */
	bool inner;                /* selected for what stands around the query, and not shown */
	Filter *only;              /* an aggregate of such rows only; or NULL */
	char *side;                /* what those rows are called */
	const struct Output *less; /* shown is how much it exceeds this one; or NULL */
	bool within;               /* the rows are ranked for each of it */
	char *name;
} Output;

typedef struct OrderKey
{
	Output *output;
	bool descending;
} OrderKey;

/* conditions on rows that hang on the result's rows: EXISTS (...) */
typedef struct ExistsGroup
{
	int nsteps;
	JoinStep steps[MAX_JOIN_STEPS]; /* the first one's parent is outside */
	List *filters;                  /* Filter * */
	bool negated;
} ExistsGroup;

typedef struct AskQuery
{
	AskSnapshot *snapshot;
	JoinPlan plan;
	List *outputs; /* Output * */
	List *filters; /* Filter * */
	List *exists;  /* ExistsGroup * */
	List *having;  /* Filter * */
	List *orders;  /* OrderKey * */
	int64 limit;
	int place;   /* this place of the ranking, shared or not; 0 = not asked for */
	bool ties;   /* whatever is as good as the last row, too */
	bool within; /* the ranking begins anew for each of the outputs that say so */
	bool distinct;
	bool aggregated;
	bool rounded;
	int digits;
	bool average_groups; /* the average of the groups' number, not the groups */
	bool count_groups;   /* how many groups there are, not the groups */
	int subject;         /* relation whose things the rows are, or -1 */
	bool ranked;
	bool share;
} AskQuery;

/* scan.c */
extern QuestionScan *scan_question(Interpretation *in);

/* prepare.c: what is settled before the scan */
extern void prepare_elements(Interpretation *in);
/* negation.c: "except A and B", "without A or B" deny both */
extern void spread_negation(Interpretation *in);
/* attributes.c: "what does it cost", "born in", "the last 5 orders" */
extern void name_attributes(Interpretation *in);

/* own.c: whose tables the names mean */
extern void settle_ownership(Interpretation *in);

/* elapsed.c: replaces words for a length of time by one element each */
extern void cut_elapsed(Interpretation *in);
extern char *elapsed_sql(const AskSnapshot *snapshot, const Elapsed *elapsed, FieldRef own,
						 const char *own_sql, const char *other_sql);
extern char *elapsed_words(const AskSnapshot *snapshot, const Elapsed *elapsed, FieldRef own);
extern const char *elapsed_name(const Elapsed *elapsed);

/* firstlast.c: "when was the first order" becomes the lowest time of orders */
extern void cut_first_and_last(Interpretation *in);

/* selfref.c: "reports to Ann", "the manager of Ann" become one element */
extern void cut_self_references(Interpretation *in);

/* phrases.c: replaces the phrases that are queries of their own by one element each */
extern void cut_phrases(Interpretation *in);

/* resolve.c: false where no reading fits; *margin is how far the second best is */
extern bool resolve_mentions(QuestionScan *scan, float *score, float *margin, List **ambiguities);
extern char *reading_text(const AskSnapshot *snapshot, int relation, int column);

/* joins.c */
extern float join_distance(AskSnapshot *snapshot, int from, int to);
extern bool
plan_joins(AskSnapshot *snapshot, int root, const int *needed, int nneeded, JoinPlan *plan);
extern bool plan_joins_by_way(AskSnapshot *snapshot, int root, const int *needed, int nneeded,
							  JoinWay way, JoinPlan *plan);
/* one more relation; the steps that are there stay as they are */
extern bool extend_plan(AskSnapshot *snapshot, JoinPlan *plan, int relation);
extern bool plan_reaches(const JoinPlan *plan, int relation);
/* would reaching the relation from the plan show its rows more than once? */
extern bool path_fans_out(AskSnapshot *snapshot, int from, int to);

/* compose.c: NULL with a reason (a full sentence) where it can not be built */
extern AskQuery *
compose_query(QuestionScan *scan, List **assumptions, List **ambiguities, char **reason);

/* labels.c: columns that name a thing for a person; and the one that stands for its amount */
extern List *label_columns(const AskSnapshot *snapshot, int relation); /* of int */
extern int default_measure(const AskSnapshot *snapshot, int relation);
extern int default_time_column(const AskSnapshot *snapshot, int relation, const Interpretation *in);
/* the same, and how much it looks like the time of an event */
extern int best_time_column(const AskSnapshot *snapshot, int relation, const Interpretation *in,
							int *best_score);
extern int key_column(AskSnapshot *snapshot, int relation);
extern char *plural_of(char *name);
extern char *relation_plural(const SnapshotRelation *relation);
extern char *relation_singular(const SnapshotRelation *relation);
extern char *readable_name(const char *identifier);
extern bool column_adds_up(const SnapshotColumn *column);

/* places.c: rankings for each of something, places in them, and rows that are as good */
extern bool query_wants_place(const AskQuery *query);
extern char *place_name(const AskQuery *query);
extern char *place_condition(const AskQuery *query);

/* terms.c: what is done with words that somebody gave a meaning to */
/* how the rows of a measure are put together, NONE for all that is no measure by itself */
extern AggregateKind term_aggregate(const AskSnapshot *snapshot, FieldRef column);

/* deparse.c */
extern char *deparse_query(const AskQuery *query);

/* output_names.c: gives each output its name */
extern void query_name_outputs(const AskQuery *query);
/* the name of the number that each group has */
extern char *query_number_of_groups(const AskQuery *query);

/* buckets.c: groups of times as SQL, and the days of some weekdays */
extern char *bucket_sql(const char *column, TimeUnit unit);
extern char *bucket_order_sql(const char *column, TimeUnit unit);
extern char *weekdays_sql(const char *column, int weekdays);

/* explain.c */
extern char *explain_query(const AskQuery *query);

#endif /* SQL_AGENT_QUERY_H */
