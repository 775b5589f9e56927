/*-------------------------------------------------------------------------
 *
 * comments.c
 *		Tells all backends that a comment was changed.
 *
 * COMMENT changes pg_description, for which PostgreSQL sends no message.  An
 * event trigger sends a relcache message for the commented relation, which is
 * transactional and reaches every backend.  The object is looked up by the
 * names of the statement itself; COMMENT still holds its lock on it.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/relation.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "commands/event_trigger.h"
#include "nodes/parsenodes.h"
#include "utils/inval.h"

PG_FUNCTION_INFO_V1(sql_agent_comment_changed);

static bool
is_relation_comment(ObjectType type)
{
	switch (type)
	{
		case OBJECT_TABLE:
		case OBJECT_VIEW:
		case OBJECT_MATVIEW:
		case OBJECT_FOREIGN_TABLE:
		case OBJECT_COLUMN:
			return true;
		default:
			return false;
	}
}

Datum
sql_agent_comment_changed(PG_FUNCTION_ARGS)
{
	EventTriggerData *trigger;
	CommentStmt *statement;
	ObjectAddress address;
	Relation relation = NULL;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("function must be called as an event trigger")));
	trigger = (EventTriggerData *) fcinfo->context;
	if (!IsA(trigger->parsetree, CommentStmt))
		PG_RETURN_NULL();
	statement = (CommentStmt *) trigger->parsetree;
	if (!is_relation_comment(statement->objtype))
		PG_RETURN_NULL();
	address =
		get_object_address(statement->objtype, statement->object, &relation, AccessShareLock, true);
	if (relation != NULL)
		relation_close(relation, NoLock);
	if (OidIsValid(address.objectId))
		CacheInvalidateRelcacheByRelid(address.objectId);
	PG_RETURN_NULL();
}
