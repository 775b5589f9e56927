/*-------------------------------------------------------------------------
 *
 * changed.c
 *		Tells all backends that rows of one of our tables changed.
 *
 * Rows of a table fire no invalidation message of their own, so a statement
 * trigger sends one for the table.  It goes out with the transaction and is
 * taken back with it; a backend that caches rows of the table registers a
 * relcache callback.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "commands/trigger.h"
#include "utils/inval.h"

PG_FUNCTION_INFO_V1(sql_agent_config_changed);

Datum
sql_agent_config_changed(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("function must be called as a trigger")));
	CacheInvalidateRelcache(((TriggerData *) fcinfo->context)->tg_relation);
	return PointerGetDatum(NULL);
}
