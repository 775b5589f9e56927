/*-------------------------------------------------------------------------
 *
 * share.h
 *		What the files about shared tables have in common.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SHARE_H
#define SQL_AGENT_SHARE_H

#include "access/attnum.h"
#include "access/htup.h"
#include "access/tupdesc.h"

/* the policies that share_table() makes */
#define TENANT_POLICY "sql_agent_tenant"
#define ROWS_POLICY   "sql_agent_rows"
#define OWNER_POLICY  "sql_agent_owner"

/*
 * A relation that is to be shared, or to be taken back, locked.
 */
typedef struct ShareTarget
{
	Oid relid;
	Oid nspoid;
	char relkind;
	bool has_row_security; /* before it was shared */
	bool has_force;
	const char *schema;
	const char *name;
	const char *qualified; /* quoted */
	const char *owner;
	const char *column;   /* or NULL */
	const char *key_type; /* of current_tenant_key() for that column, as SQL */
} ShareTarget;

/*
 * Looks the relation up, checks that the caller may share it, and locks it.
 * Raises what is wrong.
 */
extern ShareTarget *share_target(Oid relid);

/* reads rows of a catalog that belong to an object; true ends it */
typedef bool (*ShareVisit)(HeapTuple tuple, TupleDesc desc, void *context);
extern void share_each_row(Oid catalog, Oid index, AttrNumber column, Oid object, ShareVisit visit,
						   void *context);

/* has the role SELECT on the relation, or on a column of it? */
extern bool share_may_read(Oid relid, Oid role);

/* may it be shared as it is?  Raises, and warns of what will be slow or hidden. */
extern void share_check_table(ShareTarget *target, Oid tenant_group);
extern void share_require_hidden_parts(const ShareTarget *target, Oid tenant_group);
extern void share_check_column(ShareTarget *target, const char *column, Oid tenant_group);

/* what the catalogs say of the table's own policies */
typedef struct SharePolicies
{
	bool tenant;       /* share_table() made TENANT_POLICY */
	bool rows;         /* and ROWS_POLICY */
	bool rows_for_all; /* for PUBLIC: row security was off before */
	bool owner;        /* and OWNER_POLICY */
	bool others;       /* there are policies that it did not make */
	bool general;      /* one of them lets PUBLIC see rows */
} SharePolicies;

extern SharePolicies share_policies(Oid relid);

/* "shared", "missing" or "altered": is it as share_table() left it? */
extern const char *share_state(Oid relid, const char *column);

#endif /* SQL_AGENT_SHARE_H */
