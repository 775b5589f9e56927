/*-------------------------------------------------------------------------
 *
 * usage.c
 *		What the caller's questions were about.
 *
 * The SQL of the last answered questions that the caller asked as the same
 * asking role is parsed, and no more: which relations of the snapshot it names.
 * What it names beyond the snapshot is passed over.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/usage.h"
#include "catalog/pg_type.h"
#include "common/expression.h"
#include "common/owner.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define QUESTIONS "50"
/* longer ones are left alone */
#define SQL_MAX "4000"

typedef struct Usage
{
	const AskSnapshot *snapshot;
	double *count;
} Usage;

static bool
relations_walker(Node *node, void *context)
{
	Usage *usage = context;

	if (node == NULL)
		return false;
	if (IsA(node, RangeVar))
	{
		const RangeVar *var = (RangeVar *) node;

		for (int i = 0; i < usage->snapshot->nrelations; i++)
		{
			const SnapshotRelation *relation = &usage->snapshot->relations[i];

			if (strcmp(relation->name, var->relname) == 0 &&
				(!var->schemaname || strcmp(relation->schema, var->schemaname) == 0))
			{
				usage->count[i]++;
				break;
			}
		}
		return false;
	}
	return raw_expression_tree_walker(node, relations_walker, context);
}

static List *
recent_statements(const AskSnapshot *snapshot)
{
	Oid types[] = {NAMEOID, NAMEOID};
	Datum values[2];
	MemoryContext caller = CurrentMemoryContext;
	OwnerScope scope;
	List *result = NIL;

	values[0] = DirectFunctionCall1(namein, CStringGetDatum(GetUserNameFromId(GetUserId(), false)));
	values[1] =
		DirectFunctionCall1(namein, CStringGetDatum(GetUserNameFromId(snapshot->role, false)));
	owner_scope_enter(&scope);
	if (SPI_execute_with_args(
			"SELECT sql FROM sql_agent.question q"
			" WHERE q.asked_by OPERATOR(pg_catalog.=) $1"
			" AND q.asking_role OPERATOR(pg_catalog.=) $2"
			" AND q.status OPERATOR(pg_catalog.=) 'answered' AND q.sql IS NOT NULL"
			" AND pg_catalog.octet_length(q.sql) OPERATOR(pg_catalog.<=) " SQL_MAX
			" ORDER BY q.created_at DESC LIMIT " QUESTIONS,
			2, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the questions");
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char *sql = SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 1);
		MemoryContext old = MemoryContextSwitchTo(caller);

		result = lappend(result, pstrdup(sql));
		MemoryContextSwitchTo(old);
	}
	owner_scope_leave(&scope);
	return result;
}

double *
usage_of_relations(const AskSnapshot *snapshot)
{
	Usage usage = {snapshot, palloc0(sizeof(double) * Max(snapshot->nrelations, 1))};
	ListCell *lc;

	/* it was parsed by the guard when it was answered */
	foreach (lc, recent_statements(snapshot))
	{
		ListCell *lc2;

		CHECK_FOR_INTERRUPTS();
		foreach (lc2, parse_pinned(lfirst(lc)))
			(void) relations_walker(((RawStmt *) lfirst(lc2))->stmt, &usage);
	}
	return usage.count;
}
