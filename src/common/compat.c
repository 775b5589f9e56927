/*-------------------------------------------------------------------------
 *
 * compat.c
 *		What differs between majors and is more than a macro.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/catcache.h"
#include "utils/syscache.h"
#include "storage/proc.h"
#if PG_VERSION_NUM >= 170000
#include "storage/procarray.h"
#else
#include "storage/sinvaladt.h"
#endif
#include "utils/guc_tables.h"

bool
compat_is_direct_member(Oid member, Oid role)
{
#if PG_VERSION_NUM >= 160000
	CatCList *list =
		SearchSysCacheList2(AUTHMEMROLEMEM, ObjectIdGetDatum(role), ObjectIdGetDatum(member));
	bool result = list->n_members > 0;

	ReleaseSysCacheList(list);
	return result;
#else
	return SearchSysCacheExists2(AUTHMEMROLEMEM, ObjectIdGetDatum(role), ObjectIdGetDatum(member));
#endif
}

int
compat_backend_pid(const void *vxid)
{
	const VirtualTransactionId *running = vxid;
	PGPROC *proc;

#if PG_VERSION_NUM >= 170000
	proc = ProcNumberGetProc(running->procNumber);
	return proc != NULL && proc->vxid.lxid == running->localTransactionId ? proc->pid : 0;
#else
	proc = BackendIdGetProc(running->backendId);
	return proc != NULL && proc->lxid == running->localTransactionId ? proc->pid : 0;
#endif
}

struct config_generic *
compat_find_parameter(const char *name)
{
#if PG_VERSION_NUM >= 160000
	return find_option(name, false, true, 0);
#else
	struct config_generic **variables = get_guc_variables();

	for (int i = 0; i < GetNumConfigOptions(); i++)
		if (strcmp(variables[i]->name, name) == 0)
			return variables[i];
	return NULL;
#endif
}

#if PG_VERSION_NUM < 150000

#include "miscadmin.h"
#include "utils/tuplestore.h"

/*
 * As in 15: checks that the caller takes a set in a tuplestore, and makes one.
 */
void
InitMaterializedSRF(FunctionCallInfo fcinfo, bits32 flags)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext old;
	TupleDesc desc;

	if (rsinfo == NULL || !IsA(rsinfo, ReturnSetInfo))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("set-valued function called in context that cannot accept a set")));
	if (!(rsinfo->allowedModes & SFRM_Materialize) ||
		((flags & MAT_SRF_USE_EXPECTED_DESC) != 0 && rsinfo->expectedDesc == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("materialize mode required, but it is not allowed in this context")));

	old = MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	if ((flags & MAT_SRF_USE_EXPECTED_DESC) != 0)
		desc = CreateTupleDescCopy(rsinfo->expectedDesc);
	else if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if ((flags & MAT_SRF_BLESS) != 0)
		BlessTupleDesc(desc);
	rsinfo->returnMode = SFRM_Materialize;
	rsinfo->setResult = tuplestore_begin_heap((rsinfo->allowedModes & SFRM_Materialize_Random) != 0,
											  false, work_mem);
	rsinfo->setDesc = desc;
	MemoryContextSwitchTo(old);
}

#endif

uint32
compat_wait_event_service(void)
{
#if PG_VERSION_NUM >= 170000
	static uint32 event = 0;

	if (event == 0)
		event = WaitEventExtensionNew("SqlAgentService");
	return event;
#else
	return PG_WAIT_EXTENSION;
#endif
}

#if PG_VERSION_NUM >= 150000

#define SHMEM_REQUESTS 4

static shmem_request_hook_type previous_request = NULL;
static void (*own_requests[SHMEM_REQUESTS])(void);
static int nrequests = 0;

static void
request_shmem(void)
{
	if (previous_request != NULL)
		previous_request();
	for (int i = 0; i < nrequests; i++)
		own_requests[i]();
}

void
compat_on_shmem_request(void (*request)(void))
{
	Assert(nrequests < SHMEM_REQUESTS);
	own_requests[nrequests++] = request;
	if (nrequests > 1)
		return;
	previous_request = shmem_request_hook;
	shmem_request_hook = request_shmem;
}

#else

void
compat_on_shmem_request(void (*request)(void))
{
	request();
}

#endif
