/*-------------------------------------------------------------------------
 *
 * run.c
 *		Runs a checked plan through a portal, into a receiver that stops at the
 *		caps.
 *
 * The tuplestore is the caller's and was begun before the subtransaction: what
 * is begun inside dies with it.  So that rows outlive the snapshot they are
 * detoasted here; a value larger than sql_agent.max_value_size is cut where its
 * type can be cut.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "common/settings.h"
#include "guard/guard_int.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "tcop/dest.h"
#include "tcop/pquery.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"

typedef struct CapReceiver
{
	DestReceiver pub;
	GuardCall *call;
	MemoryContext row_context;
	Datum *values;
	int64 bytes;
	int64 max_bytes;
	int64 value_size;
} CapReceiver;

static void
cap_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	CapReceiver *receiver = (CapReceiver *) self;

	receiver->values = palloc(sizeof(Datum) * Max(desc->natts, 1));
	receiver->row_context =
		AllocSetContextCreate(CurrentMemoryContext, "guarded row", ALLOCSET_DEFAULT_SIZES);
	result_describe(receiver->call, desc);
}

/*
 * The beginning of a long text, with a note of its length.
 */
static Datum
cut_text(text *value, int64 limit)
{
	int length = VARSIZE_ANY_EXHDR(value);
	int kept = pg_mbcliplen(VARDATA_ANY(value), length, limit);
	char *note = psprintf("... (%d bytes)", length);
	text *result = palloc(VARHDRSZ + kept + strlen(note));

	SET_VARSIZE(result, VARHDRSZ + kept + strlen(note));
	memcpy(VARDATA(result), VARDATA_ANY(value), kept);
	memcpy(VARDATA(result) + kept, note, strlen(note));
	return PointerGetDatum(result);
}

static bool
can_be_cut(Oid typid)
{
	return typid == TEXTOID || typid == VARCHAROID || typid == BPCHAROID;
}

/*
 * A copy of the value that needs no snapshot; *size gets its bytes.
 */
static Datum
keep_value(CapReceiver *receiver, Form_pg_attribute attribute, Datum value, int64 *size)
{
	struct varlena *flat;

	if (attribute->attlen > 0)
	{
		*size = attribute->attlen;
		return value;
	}
	if (attribute->attlen == -2)
	{
		*size = strlen(DatumGetCString(value));
		return value;
	}
	/* do not even fetch what is certain not to fit */
	*size = toast_raw_datum_size(value) - VARHDRSZ;
	if (*size > receiver->max_bytes && !can_be_cut(attribute->atttypid))
		return (Datum) 0;
	flat = pg_detoast_datum_packed((struct varlena *) DatumGetPointer(value));
	if (*size > receiver->value_size && can_be_cut(attribute->atttypid))
	{
		value = cut_text((text *) flat, receiver->value_size);
		*size = VARSIZE_ANY_EXHDR(DatumGetPointer(value));
		return value;
	}
	*size = VARSIZE_ANY_EXHDR(flat);
	return PointerGetDatum(flat);
}

static void
stop_at(GuardOutcome *outcome, const char *reason)
{
	outcome->truncated = true;
	outcome->truncated_by = reason;
}

static bool
cap_receive(TupleTableSlot *slot, DestReceiver *self)
{
	CapReceiver *receiver = (CapReceiver *) self;
	GuardOutcome *outcome = receiver->call->outcome;
	TupleDesc desc = slot->tts_tupleDescriptor;
	MemoryContext old;

	fence_check_memory(receiver->call);
	if (outcome->row_count >= receiver->call->max_rows)
	{
		stop_at(outcome, "rows");
		return false;
	}
	slot_getallattrs(slot);
	MemoryContextReset(receiver->row_context);
	old = MemoryContextSwitchTo(receiver->row_context);
	for (int i = 0; i < desc->natts; i++)
	{
		int64 size;

		/* every value costs its separators and name where it is shown */
		receiver->bytes += strlen(outcome->columns[i].name) + 8;
		if (slot->tts_isnull[i])
			continue;
		receiver->values[i] =
			keep_value(receiver, TupleDescAttr(desc, i), slot->tts_values[i], &size);
		receiver->bytes += size;
		if (receiver->bytes > receiver->max_bytes)
		{
			MemoryContextSwitchTo(old);
			stop_at(outcome, "bytes");
			return false;
		}
	}
	tuplestore_putvalues(outcome->store, desc, receiver->values, slot->tts_isnull);
	outcome->row_count++;
	MemoryContextSwitchTo(old);
	return true;
}

static void
cap_shutdown(DestReceiver *self)
{
}

static void
cap_destroy(DestReceiver *self)
{
}

static DestReceiver *
make_receiver(GuardCall *call)
{
	CapReceiver *receiver = palloc0(sizeof(CapReceiver));

	receiver->pub.receiveSlot = cap_receive;
	receiver->pub.rStartup = cap_startup;
	receiver->pub.rShutdown = cap_shutdown;
	receiver->pub.rDestroy = cap_destroy;
	receiver->pub.mydest = DestNone;
	receiver->call = call;
	receiver->max_bytes = (int64) setting_max_bytes * 1024;
	receiver->value_size = (int64) setting_max_value_size * 1024;
	return (DestReceiver *) receiver;
}

void
run_plan(GuardCall *call, PlannedStmt *plan)
{
	Portal portal = CreateNewPortal();
	instr_time start;
	instr_time end;

	portal->visible = false;
	call->portal_context = portal->portalContext;
	PortalDefineQuery(portal, NULL, call->sql, CMDTAG_SELECT, list_make1(plan), NULL);
	INSTR_TIME_SET_CURRENT(start);
	PortalStart(portal, NULL, 0, GetActiveSnapshot());
	/* one row more than the cap tells that there is more */
	(void) compat_portal_run(portal, call->max_rows + 1, make_receiver(call));
	PortalDrop(portal, false);
	INSTR_TIME_SET_CURRENT(end);
	INSTR_TIME_SUBTRACT(end, start);
	call->outcome->execution_time = INSTR_TIME_GET_DOUBLE(end);
}
