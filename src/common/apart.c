/*-------------------------------------------------------------------------
 *
 * apart.c
 *		Work of one among many whose failure must not be that of the others.
 *
 * A schedule, a KPI, a table of one tenant is looked at together with those of
 * all others, and what it runs may be hostile: so it has a savepoint, and where
 * nothing else limits it, a time.  Who catches the cancel and goes on is left to
 * the limit of the whole.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xact.h"
#include "common/apart.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

/* of the server, not of this work? */
static bool
is_everybodys(const ErrorData *error, bool timed_out)
{
	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case ERRCODE_OPERATOR_INTERVENTION:
			return !(timed_out && error->sqlerrcode == ERRCODE_QUERY_CANCELED);
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_SYSTEM_ERROR:
			return true;
		default:
			return false;
	}
}

static void
run_timed(void (*work)(void *arg), void *arg, int timeout)
{
	Assert(timeout == 0 || IsBackgroundWorker);

	if (timeout > 0)
		enable_timeout_after(STATEMENT_TIMEOUT, timeout);
	work(arg);
	if (timeout == 0)
		return;
	disable_timeout(STATEMENT_TIMEOUT, false);
	/* what it has signalled just now must hit nothing else */
	CHECK_FOR_INTERRUPTS();
}

ErrorData *
apart_run(void (*work)(void *arg), void *arg, int timeout)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	TimestampTz start = GetCurrentTimestamp();
	ErrorData *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		run_timed(work, arg, timeout);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		bool timed_out =
			timeout > 0 && TimestampDifferenceExceeds(start, GetCurrentTimestamp(), timeout);

		if (timeout > 0)
			disable_timeout(STATEMENT_TIMEOUT, false);
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (is_everybodys(error, timed_out))
			PG_RE_THROW();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return error;
}
