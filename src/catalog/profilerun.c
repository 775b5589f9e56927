/*-------------------------------------------------------------------------
 *
 * profilerun.c
 *		Runs our own generated statements as the asking role, inside the fence.
 *
 * A statement of ours reads tables of others: views with their functions, row
 * security with theirs.  So it takes the path of everything generated, with
 * shorter time and without parallel workers.  What the guard refuses, or what
 * fails or takes too long, has no profile; only a cancel is an error.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/profile.h"
#include "guard/guard.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/*
 * Limits of the operator are about answers.  The result here is bounded by
 * the statement itself: values of a bounded number and length.
 */
static void
pin(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
}

bool
profile_run(const char *sql, Oid role, int timeout, ProfileRowReceiver receiver, void *arg)
{
	MemoryContext work =
		AllocSetContextCreate(CurrentMemoryContext, "sql_agent profile run", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(work);
	int level = NewGUCNestLevel();
	GuardOutcome *outcome;
	bool done;

	pin("sql_agent.max_rows", psprintf("%d", PROFILE_RESULT_ROWS));
	pin("sql_agent.max_bytes", psprintf("%dkB", PROFILE_RESULT_KB));
	pin("sql_agent.parallel_workers", "0");
	pin("datestyle", "ISO, YMD");
	outcome = guard_run_within(sql, role, 0, timeout);
	AtEOXact_GUC(false, level);
	done = outcome->status == GUARD_OK && !outcome->truncated;
	if (outcome->status != GUARD_OK)
		elog(DEBUG1, "profile statement: %s: %s", outcome->error.rule, outcome->error.message);
	if (done)
	{
		TupleTableSlot *slot = guard_make_slot(outcome);

		guard_rewind(outcome);
		MemoryContextSwitchTo(old);
		while (guard_next_row(outcome, slot))
		{
			slot_getallattrs(slot);
			receiver(arg, slot->tts_values, slot->tts_isnull);
		}
		ExecDropSingleTupleTableSlot(slot);
	}
	if (outcome->store != NULL)
		tuplestore_end(outcome->store);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(work);
	return done;
}
