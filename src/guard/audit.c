/*-------------------------------------------------------------------------
 *
 * audit.c
 *		One line for each verdict, at DEBUG1.
 *
 * It holds no data and no text of the statement, only a hash by which the same
 * statement can be found again.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/display.h"
#include "common/hashfn.h"
#include "guard/guard_int.h"
#include "miscadmin.h"

static const char *
status_name(GuardStatus status)
{
	switch (status)
	{
		case GUARD_OK:
			return "allowed";
		case GUARD_REFUSED:
			return "refused";
		default:
			return "failed";
	}
}

void
audit_verdict(const GuardCall *call)
{
	const GuardOutcome *outcome = call->outcome;
	instr_time now;

	if (!message_level_is_interesting(DEBUG1))
		return;
	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, call->start);
	ereport(DEBUG1,
			(errmsg_internal("sql_agent guard: %s rule=%s statement=%016llx role=%s cost=%.0f "
							 "rows=%lld ms=%.1f",
							 status_name(outcome->status),
							 outcome->status == GUARD_OK ? "-" : outcome->error.rule,
							 (unsigned long long) hash_bytes_extended(
								 (const unsigned char *) call->sql, strlen(call->sql), 0),
							 display_escape(GetUserNameFromId(call->role, false)),
							 outcome->estimated_cost, (long long) outcome->row_count,
							 INSTR_TIME_GET_MILLISEC(now)),
			 errhidestmt(true), errhidecontext(true)));
}
