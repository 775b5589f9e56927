/*-------------------------------------------------------------------------
 *
 * guard.h
 *		Decides whether a statement may run, and runs it inside the fence.
 *
 * One path for all that is untrusted: text from a model, from the built-in
 * translator, from a template, from a stored question.  check and run share
 * it, and the plan that was checked is the plan that runs.
 *
 * Neither function raises for what is wrong with the statement; that is in
 * the outcome.  They do raise for a cancel or timeout of the caller's own
 * statement, for out of memory, and for missing privileges of the caller to
 * use the guard at all.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_GUARD_H
#define SQL_AGENT_GUARD_H

#include "access/tupdesc.h"
#include "executor/tuptable.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"
#include "utils/tuplestore.h"

typedef enum GuardStatus
{
	GUARD_OK,      /* allowed (and, where asked for, run to the end or to a cap) */
	GUARD_REFUSED, /* refused by policy or limit before it ran */
	GUARD_FAILED   /* does not parse or analyse, or failed while it ran */
} GuardStatus;

/*
 * Why a statement was refused or failed.  All texts are fixed or made from
 * names that the asking role may see; they never hold data.
 */
typedef struct GuardError
{
	const char *rule; /* stable id, such as "function_not_allowed" */
	int sqlstate;
	char *message;
	char *detail; /* or NULL */
	char *hint;   /* or NULL */
	int position; /* 1-based character in the statement, 0 = none */
} GuardError;

typedef struct GuardColumn
{
	char *name; /* hostile characters escaped, made unique */
	Oid type;
	int32 typmod;
} GuardColumn;

/*
 * A literal of the statement, and what it is compared with.
 */
typedef struct GuardLiteral
{
	int location; /* byte in the statement */
	int length;   /* 0 = not a number or string as it stands there */
	Oid type;
	char *text;           /* NULL for a null; dates as ISO has them */
	const char *operator; /* as if the other side stood on the left; NULL = not compared */
	Oid other_type;       /* type of the other side */
	Oid relid;            /* the column on the other side, where it is a plain one */
	AttrNumber attnum;
	bool of_year;  /* the year of that column */
	bool is_limit; /* of LIMIT */
} GuardLiteral;

typedef struct GuardColumnUse
{
	Oid relid;
	AttrNumber attnum; /* 0 = whole rows */
} GuardColumnUse;

typedef struct GuardFacts
{
	List *literals; /* GuardLiteral * */
	List *columns;  /* GuardColumnUse * */
} GuardFacts;

/*
 * What became of a statement.  Lives in the memory context of the call.
 */
typedef struct GuardOutcome
{
	GuardStatus status;
	GuardError error;      /* where status is not GUARD_OK */
	List *relations;       /* OIDs of the relations that it reads */
	double estimated_cost; /* 0 where planning was not reached */
	double estimated_rows;
	bool plan_hidden; /* the estimates would tell the asker of other tenants' rows */

	GuardFacts *facts; /* guard_examine() only */

	/* guard_run() only */
	int ncolumns;
	GuardColumn *columns;
	TupleDesc desc;
	Tuplestorestate *store; /* detoasted rows; row_count of them */
	int64 row_count;
	bool truncated;
	const char *truncated_by; /* "rows", "bytes" or NULL */
	double execution_time;    /* seconds */
} GuardOutcome;

/* max_rows: 0 = sql_agent.max_rows; never more than that setting */
extern GuardOutcome *guard_check(const char *sql, Oid role);
extern GuardOutcome *guard_run(const char *sql, Oid role, int64 max_rows);
/* the same within timeout ms, where that is shorter than sql_agent.statement_timeout */
extern GuardOutcome *guard_run_within(const char *sql, Oid role, int64 max_rows, int timeout);

/*
 * Parses and analyses the statement and looks through it, but does not plan
 * it: for what it is made of.
 */
extern GuardOutcome *guard_examine(const char *sql, Oid role);

/* raises the outcome's error (status must not be GUARD_OK) */
extern void guard_raise(const GuardOutcome *outcome) pg_attribute_noreturn();

/*
 * Reading the rows.  guard_rewind() before the first; guard_next_row() fills
 * the slot made by guard_make_slot() and returns false at the end.
 */
extern TupleTableSlot *guard_make_slot(const GuardOutcome *outcome);
extern void guard_rewind(const GuardOutcome *outcome);
extern bool guard_next_row(const GuardOutcome *outcome, TupleTableSlot *slot);

/* text as psql would show it, hostile characters escaped; NULL for a null */
extern char *guard_value_text(const GuardOutcome *outcome, TupleTableSlot *slot, int column);
/* the value as JSON: numbers and booleans stay such, jsonb stays jsonb */
extern void guard_value_to_jsonb(const GuardOutcome *outcome, TupleTableSlot *slot, int column,
								 JsonbValue *value);
extern Jsonb *guard_row_to_jsonb(const GuardOutcome *outcome, TupleTableSlot *slot);

/*
 * May a generated statement of this role read the relation at all (section
 * "Relations" of docs/guard.md)?  Privileges are not looked at.  The catalog
 * leaves out of a snapshot what the guard would refuse.
 */
extern bool guard_relation_allowed(Oid relid, Oid role, List *allowed_schemas);

extern void guard_init(void);

#endif /* SQL_AGENT_GUARD_H */
