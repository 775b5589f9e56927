/*-------------------------------------------------------------------------
 *
 * act.h
 *		What the functions that change tenants have in common.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_ACT_H
#define SQL_AGENT_ACT_H

#include "common/owner.h"
#include "tenant/registry.h"

/* bytes of a display name, key, department and the like */
#define TENANT_LABEL_MAX 200

/*
 * Raises unless the caller is an operator; then locks the names of the tenants
 * until the end of the transaction and takes the rights of the extension's
 * owner.  `second` may be NULL.
 */
extern void
act_begin(OwnerScope *scope, const char *function, const char *name, const char *second);
extern void act_end(OwnerScope *scope);

/* one utility or DML statement made of the format; returns the rows that it touched */
extern uint64 act_run(const char *format, ...) pg_attribute_printf(1, 2);
/* the first column of the rows of a query, as a list of char * in the caller's memory */
extern List *act_texts(const char *format, ...) pg_attribute_printf(1, 2);
/* at most ten of them, "and N more" */
extern char *act_list(List *texts);

extern void act_require_tenant(const char *name, TenantRecord *record);
/* writes the comment that says whose role it is */
extern void act_mark_role(const char *role, const pg_uuid_t *id);
/*
 * Raises unless the tenant's roles, where they are there, are the tenant's and
 * no other database's; has them name this database.  fresh: the tenant is
 * being made.
 */
extern void act_require_roles_ours(const TenantRecord *record, bool fresh);

/* a text argument that must not be null; what names it in the error */
extern char *act_text_argument(FunctionCallInfo fcinfo, int number, const char *what);
/* a text argument that is shown to people: NULL where it is null, raises for hidden characters */
extern char *act_label_argument(FunctionCallInfo fcinfo, int number, const char *what);

/* raises unless the name can be a tenant's */
extern void tenant_check_name(const char *name);

/* provision.c: makes or repairs what belongs to the tenant's row */
extern void tenant_establish(const TenantRecord *record, bool fresh);
/* the role that stands for all tenants, made where it is missing; owner's rights needed */
extern char *tenant_group_establish(void);

/* member.c: owner's rights needed */
extern List *member_logins(const char *tenant);
extern void member_grant(const char *login, const TenantRecord *record);
extern void member_revoke(const char *login, const char *tenant);
extern void member_apply_settings(const char *login, const TenantRecord *record);
/* takes all away that made the login a member; its row stays */
extern void member_release(const char *login, const char *tenant);
/* grants again what the members should hold; says what it did */
extern void member_repair(const TenantRecord *record);

#endif /* SQL_AGENT_ACT_H */
