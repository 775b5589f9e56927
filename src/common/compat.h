/*-------------------------------------------------------------------------
 *
 * compat.h
 *		Everything that differs between PostgreSQL 14 and 18, in one place.
 *
 * No other file tests PG_VERSION_NUM, but for includes that moved.  Each entry
 * says which major changed what.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_COMPAT_H
#define SQL_AGENT_COMPAT_H

#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "parser/analyze.h"

#if PG_VERSION_NUM < 140000
#error "sql_agent needs PostgreSQL 14 or later"
#endif

/* 18 lets a module carry its name and version */
#ifdef PG_MODULE_MAGIC_EXT
#define AGENT_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "sql_agent", .version = SQL_AGENT_VERSION)
#else
#define AGENT_MODULE_MAGIC PG_MODULE_MAGIC
#endif

/* 18 has pg_noreturn instead, which stands in front */
#ifndef pg_attribute_noreturn
#define pg_attribute_noreturn() __attribute__((noreturn))
#endif

/* 15 brought InitMaterializedSRF; its name for a time was SetSingleFuncCall */
#if PG_VERSION_NUM < 150000
extern void InitMaterializedSRF(FunctionCallInfo fcinfo, bits32 flags);
#define MAT_SRF_USE_EXPECTED_DESC 0x01
#define MAT_SRF_BLESS             0x02
#endif

/* 15 renamed EmitWarningsOnPlaceholders */
#if PG_VERSION_NUM < 150000
#define MarkGUCPrefixReserved(prefix) EmitWarningsOnPlaceholders(prefix)
#endif

/* 15 split parse_analyze() by the way parameters are given */
#if PG_VERSION_NUM < 150000
#define parse_analyze_fixedparams(parsetree, text, types, ntypes, env) \
	parse_analyze(parsetree, text, types, ntypes, env)
#endif

/* 16 moved the parameters into a hash table and returns an array made from it */
#if PG_VERSION_NUM >= 160000
#define agent_guc_variables(count) get_guc_variables(count)
#else
#define agent_guc_variables(count) (*(count) = GetNumConfigOptions(), get_guc_variables())
#endif

/* a parameter by its name, or NULL.  16 made the lookup public */
struct config_generic;
extern struct config_generic *compat_find_parameter(const char *name);

/* ---- guard ---- */

#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "nodes/plannodes.h"
#include "parser/parse_relation.h"
#include "tcop/pquery.h"
#include "utils/acl.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

/* 15 named the first OID that is not pinned; the number is older */
#if PG_VERSION_NUM < 150000
#define FirstUnpinnedObjectId 12000
#endif

/* 15 brought MERGE */
#if PG_VERSION_NUM >= 150000
#define CASE_T_MERGESTMT case T_MergeStmt:
#else
#define CASE_T_MERGESTMT
#endif

/* 15 brought views that run as their invoker */
#define COMPAT_HAS_SECURITY_INVOKER (PG_VERSION_NUM >= 150000)

/* 16 made one function of the aclchecks by class */
#if PG_VERSION_NUM >= 160000
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#define pg_proc_aclcheck(oid, role, mode)      object_aclcheck(ProcedureRelationId, oid, role, mode)
#define pg_namespace_aclcheck(oid, role, mode) object_aclcheck(NamespaceRelationId, oid, role, mode)
#endif

/* 16 made one function of the checks for ownership */
#if PG_VERSION_NUM >= 160000
#include "catalog/pg_database.h"
#define compat_owns_relation(relid, role)    object_ownercheck(RelationRelationId, relid, role)
#define compat_owns_database(database, role) object_ownercheck(DatabaseRelationId, database, role)
#else
#define compat_owns_database(database, role) pg_database_ownercheck(database, role)
#define compat_owns_relation(relid, role)    pg_class_ownercheck(relid, role)
#endif

/* 16 brought JSON constructors, 17 JSON_TABLE and query functions */
#if PG_VERSION_NUM >= 170000
#define CASES_OF_LATER_EXPRESSIONS \
	case T_JsonValueExpr:          \
	case T_JsonConstructorExpr:    \
	case T_JsonIsPredicate:        \
	case T_JsonExpr:
#define CASES_OF_LATER_NODES \
	case T_JsonFormat:       \
	case T_JsonReturning:    \
	case T_JsonBehavior:
#elif PG_VERSION_NUM >= 160000
#define CASES_OF_LATER_EXPRESSIONS \
	case T_JsonValueExpr:          \
	case T_JsonConstructorExpr:    \
	case T_JsonIsPredicate:
#define CASES_OF_LATER_NODES \
	case T_JsonFormat:       \
	case T_JsonReturning:
#else
#define CASES_OF_LATER_EXPRESSIONS
#define CASES_OF_LATER_NODES
#endif

/* 18 keeps grouping expressions in a range table entry of their own */
#if PG_VERSION_NUM >= 180000
#define CASE_RTE_GROUP(rte, walker, context) \
	case RTE_GROUP:                          \
		return walker((Node *) (rte)->groupexprs, context);
#else
#define CASE_RTE_GROUP(rte, walker, context)
#endif

/* ... so a grouped column is looked up there */
static inline Node *
compat_group_expression(RangeTblEntry *rte, AttrNumber attnum)
{
#if PG_VERSION_NUM >= 180000
	if (rte->rtekind == RTE_GROUP && attnum > 0 && attnum <= list_length(rte->groupexprs))
		return (Node *) list_nth(rte->groupexprs, attnum - 1);
#endif
	return NULL;
}

/*
 * The view whose body a subquery of the rewritten tree is, or InvalidOid.  16
 * leaves its OID in the entry; before, the placeholders tell.
 */
static inline Oid
compat_view_of_subquery(RangeTblEntry *rte)
{
#if PG_VERSION_NUM >= 160000
	return rte->relkind == RELKIND_VIEW ? rte->relid : InvalidOid;
#else
	RangeTblEntry *first;

	if (rte->subquery->rtable == NIL)
		return InvalidOid;
	first = linitial_node(RangeTblEntry, rte->subquery->rtable);
	if (first->rtekind == RTE_RELATION && first->relkind == RELKIND_VIEW && !first->inFromCl)
		return first->relid;
	return InvalidOid;
#endif
}

/* 15 brought timeouts that repeat; without them memory is polled by its limit alone */
static inline void
compat_enable_timeout_every(TimeoutId id, int interval)
{
#if PG_VERSION_NUM >= 150000
	enable_timeout_every(id, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), interval),
						 interval);
#endif
}

/* with whose rights a relation of the query is read.  16 took that out of the range table */
static inline Oid
compat_reader(Query *query, RangeTblEntry *rte, Oid role)
{
#if PG_VERSION_NUM >= 160000
	Oid reader = rte->perminfoindex > 0
					 ? getRTEPermissionInfo(query->rteperminfos, rte)->checkAsUser
					 : InvalidOid;
#else
	Oid reader = rte->checkAsUser;
#endif

	return OidIsValid(reader) ? reader : role;
}

/* 16 took permissions out of the range table */
static inline void
compat_check_permissions(PlannedStmt *plan)
{
#if PG_VERSION_NUM >= 160000
	(void) ExecCheckPermissions(plan->rtable, plan->permInfos, true);
#else
	(void) ExecCheckRTPerms(plan->rtable, true);
#endif
}

/* 18 dropped run_once */
static inline bool
compat_portal_run(Portal portal, long count, DestReceiver *dest)
{
#if PG_VERSION_NUM >= 180000
	return PortalRun(portal, count, false, dest, dest, NULL);
#else
	return PortalRun(portal, count, false, true, dest, dest, NULL);
#endif
}

/* 16 moved inheritance from the member's attribute to each membership */
#if PG_VERSION_NUM >= 160000
#define role_inherits(authid)           true
#define membership_inherits(membership) ((membership)->inherit_option)
#else
#define role_inherits(authid)           ((authid)->rolinherit)
#define membership_inherits(membership) true
#endif

/* ---- service ---- */

#include "catalog/pg_foreign_server.h"
#include "storage/latch.h"
#include "utils/wait_event.h"
#if PG_VERSION_NUM >= 180000
#include "storage/waiteventset.h"
#endif

/* 16: as above */
#if PG_VERSION_NUM >= 160000
#define pg_foreign_server_aclcheck(oid, role, mode) \
	object_aclcheck(ForeignServerRelationId, oid, role, mode)
#endif

/* 17 gives a wait event set to a resource owner; before, it is freed by hand */
static inline WaitEventSet *
compat_create_wait_event_set(int count)
{
#if PG_VERSION_NUM >= 170000
	return CreateWaitEventSet(CurrentResourceOwner, count);
#else
	return CreateWaitEventSet(CurrentMemoryContext, count);
#endif
}

/* 17 lets an extension name what it waits for */
extern uint32 compat_wait_event_service(void);

/* ---- tenant ---- */

/* 16 lets a membership be inherited without the right to SET ROLE to it */
#if PG_VERSION_NUM >= 160000
#define GRANT_INHERIT_ONLY      " WITH INHERIT TRUE, SET FALSE"
#define GRANT_INHERIT           " WITH INHERIT TRUE"
#define COMPAT_INHERIT_BY_GRANT true
#else
#define GRANT_INHERIT_ONLY      ""
#define GRANT_INHERIT           ""
#define COMPAT_INHERIT_BY_GRANT false
#endif

/* was the role granted to the member itself?  16 lets several roles grant it */
extern bool compat_is_direct_member(Oid member, Oid role);

/* the process that a virtual transaction runs in, 0 when it has gone; 17 renamed its parts */
extern int compat_backend_pid(const void *vxid);

/* ---- task ---- */

/*
 * Calls back when shared memory may be asked for, while the library is
 * preloaded.  15 gave that a hook; before, it is in _PG_init itself.
 */
extern void compat_on_shmem_request(void (*request)(void));

/* fires after `first` ms, and from 15 on each second after that */
static inline void
compat_enable_timeout_repeated(TimeoutId id, int first)
{
#if PG_VERSION_NUM >= 150000
	enable_timeout_every(id, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), first), 1000);
#else
	enable_timeout_after(id, first);
#endif
}

#endif /* SQL_AGENT_COMPAT_H */
