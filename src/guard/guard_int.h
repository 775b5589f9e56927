/*-------------------------------------------------------------------------
 *
 * guard_int.h
 *		What the files of the guard share with each other, and nobody else.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_GUARD_INT_H
#define SQL_AGENT_GUARD_INT_H

#include "access/htup.h"
#include "guard/guard.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "portability/instr_time.h"
#include "utils/resowner.h"

/* how far a statement has come: decides what of an error's text may be shown */
typedef enum GuardPhase
{
	PHASE_TEXT,    /* nothing has been looked up yet */
	PHASE_PARSE,   /* raw parsing: errors are about the statement's own text */
	PHASE_ANALYSE, /* names are resolved, literals are read */
	PHASE_PLAN,    /* constants are folded: errors may hold data */
	PHASE_RUN
} GuardPhase;

/*
 * One statement on its way through the guard.
 */
typedef struct GuardCall
{
	const char *sql;
	Oid role;      /* runs as this role */
	List *schemas; /* OIDs; what it may name */
	char *search_path;
	bool execute;
	bool examine; /* collect facts instead of planning */
	int64 max_rows;
	int timeout; /* ms */
	instr_time start;

	GuardOutcome *outcome;
	MemoryContext result_context; /* outlives the fence */
	MemoryContext work_context;   /* all that dies with it */
	MemoryContext portal_context; /* what the run itself uses */

	GuardPhase phase;
	bool refused;      /* outcome->error is filled */
	bool hides_names;  /* reads a relation of which the role may not see every column */
	List *approved;    /* relations that passed the policy already */
	List *known_types; /* types of values that passed already */
} GuardCall;

/* ---- fault.c: what is said about a refusal or failure ---- */

/* notes the refusal; always true, so that walkers can return it */
extern bool guard_refuse(GuardCall *call, const char *rule, int location, const char *message,
						 const char *detail, const char *hint);
extern void guard_stop(GuardCall *call) pg_attribute_noreturn();
extern void guard_note_error(GuardCall *call, const ErrorData *edata);

/* ---- fence.c: what surrounds the statement while it is handled ---- */

typedef enum FenceStop
{
	FENCE_RUNNING,
	FENCE_TIME,
	FENCE_MEMORY
} FenceStop;

extern void fence_init(void);
extern void fence_run(GuardCall *call, void (*body)(GuardCall *call));
extern FenceStop fence_stopped(void);
/* is this process at work on a generated statement? */
extern bool fence_is_up(void);
/* raises where the statement uses too much memory; cheap */
extern void fence_check_memory(GuardCall *call);

/* ---- limits.c: before analysis ---- */

extern bool limits_refuse_text(GuardCall *call);
extern bool limits_refuse_raw(GuardCall *call, Node *stmt);

/* ---- rawnames.c: names in the raw tree, before analysis may run code for them ---- */

extern bool rawnames_refuse(GuardCall *call, Node *stmt);

/* ---- walk.c: the analysed and the rewritten tree ---- */

extern bool walk_refuse(GuardCall *call, Query *query);
/* literals.c: is the text of a text search query computed? */
extern bool literals_refuse(GuardCall *call, Node *node);
/* bounds.c: puts a bound on calls whose time grows with a product of sizes */
extern bool bounds_refuse(GuardCall *call, Query *query);
/* would the body of the view be refused? */
extern bool walk_view_refused(Oid relid, Oid role, List *schemas);

/* ---- policy.c: functions and operators ---- */

typedef enum FunctionVerdict
{
	FUNCTION_ALLOWED,
	FUNCTION_REFUSED,    /* reviewed, and not for generated statements */
	FUNCTION_UNREVIEWED, /* built in, but unknown to this release */
	FUNCTION_FOREIGN     /* neither built in, nor of a known extension, nor registered */
} FunctionVerdict;

extern FunctionVerdict policy_function(Oid funcid);
extern bool policy_operator(Oid opno);
extern bool policy_is_builtin(Oid oid);
/* does the expression call anything that the policy does not allow? */
extern bool policy_expression_untrusted(Node *expr);

/* ---- facts.c ---- */

extern GuardFacts *facts_collect(GuardCall *call, Query *query);

/* ---- settable.c ---- */

/* does the expression of a row policy rest on what a session can set? */
extern bool settable_expression(Node *expr);

/* ---- types.c ---- */

/* may a statement name the type, that is, have its input function run? */
extern bool type_castable(Oid typid);
/* may a value of the type occur in a statement? */
extern bool type_occurs(Oid typid);
/* does reading or making a value of the type run code that nobody vouches for? */
extern bool type_dangerous(Oid typid);

/* ---- relation_facts.c ---- */

/*
 * What the catalogs say of a relation whoever asks, kept until anything in
 * them changes that could have a say.
 */
typedef struct RelationFacts
{
	Oid relid; /* hash key; must be first */
	bool columns_dangerous;
	bool runs_code;
	bool of_extension;
	bool below_row_security;
} RelationFacts;

/* called with each tuple; true ends the scan */
typedef bool (*CatalogTest)(HeapTuple tuple, TupleDesc desc, void *context);

/* is the test true for any row of the catalog that belongs to the relation? */
extern bool any_catalog_row(Oid catalog, Oid index, AttrNumber column, Oid relid, CatalogTest test,
							void *context);
extern RelationFacts relation_facts(Oid relid);
/* changes when anything in the catalogs changed that could have a say */
extern uint64 relation_facts_generation(void);
extern bool relation_columns_dangerous(Oid relid);
extern bool relation_runs_code(Oid relid);

/* ---- relation.c ---- */

typedef enum RelationVerdict
{
	RELATION_ALLOWED,
	RELATION_HIDDEN, /* missing, or the role may not see that it exists */
	RELATION_SCHEMA,
	RELATION_SYSTEM,
	RELATION_TEMPORARY,
	RELATION_KIND,
	RELATION_VIEW,
	RELATION_EXTENSION,
	RELATION_CHILD,
	RELATION_BYPASS,
	RELATION_POLICY,
	RELATION_CODE
} RelationVerdict;

extern RelationVerdict relation_verdict(Oid relid, Oid role, List *schemas);
/* of what a view reads that the administrator vouches for, with the rights of reader */
extern RelationVerdict relation_body_verdict(Oid relid, Oid reader);
/* the part of it that needs no lock */
extern RelationVerdict relation_place_verdict(Oid relid, List *schemas);
extern bool relation_readable(Oid relid, Oid role);
extern bool relation_fully_readable(Oid relid, Oid role);
extern bool relation_refuse(GuardCall *call, RelationVerdict verdict, Oid relid, const char *name,
							int location);

/* ---- registry.c: what the administrator has allowed ---- */

extern uint64 registry_consulted(void);
extern bool registry_has_function(Oid funcid);
extern bool registry_has_relation(Oid relid);

/* ---- run.c ---- */

extern void run_plan(GuardCall *call, PlannedStmt *plan);

/* ---- result.c ---- */

extern GuardOutcome *result_make(void);
extern int64 guard_max_bytes(void);
extern void result_describe(GuardCall *call, TupleDesc desc);

/* ---- audit.c ---- */

extern void audit_verdict(const GuardCall *call);

#endif /* SQL_AGENT_GUARD_INT_H */
