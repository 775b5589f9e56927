/*-------------------------------------------------------------------------
 *
 * act.c
 *		What the functions that change tenants have in common.
 *
 * Operators have no right to create roles, so what they ask for is done with
 * the rights of the extension's owner, after the check that they are
 * operators.  Names reach statements quoted, never as text of their own.
 *
 * Roles belong to the cluster, so the lock on a tenant's name does as well: of
 * two sessions that make the same tenant, in one database or in two, the
 * second waits and then sees what the first did.  The lock is one that no SQL
 * function can take.  Everything is the caller's transaction's.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "common/display.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "tenant/act.h"
#include "tenant/identity.h"
#include "tenant/locks.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"

#define LISTED 10

static void
require_operator(void)
{
	Oid owner;

	if (!identity_is_operator())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to manage tenants"),
				 errdetail("Only superusers and members of role \"%s\" may do so.", ADMIN_ROLE)));
	owner = extension_owner();
	if (!superuser_arg(owner))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("the owner of extension \"sql_agent\" must be a superuser"),
						errdetail("Tenants are made with the rights of role \"%s\".",
								  GetUserNameFromId(owner, false)),
						errhint("Let a superuser own the extension.")));
}

void
act_begin(OwnerScope *scope, const char *function, const char *name, const char *second)
{
	PreventCommandIfReadOnly(function);
	PreventCommandIfParallelMode(function);
	require_operator();
	tenant_lock_names(name, second);
	owner_scope_enter(scope);
}

void
act_end(OwnerScope *scope)
{
	owner_scope_leave(scope);
}

static void execute(const char *format, va_list args) pg_attribute_printf(1, 0);

static void
execute(const char *format, va_list args)
{
	StringInfoData buf;
	int code;

	initStringInfo(&buf);
	for (;;)
	{
		va_list again;
		int needed;

		va_copy(again, args);
		needed = appendStringInfoVA(&buf, format, again);
		va_end(again);
		if (needed == 0)
			break;
		enlargeStringInfo(&buf, needed);
	}
	code = SPI_execute(buf.data, false, 0);
	if (code < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(code));
}

uint64
act_run(const char *format, ...)
{
	va_list args;
	uint64 processed;

	va_start(args, format);
	execute(format, args);
	va_end(args);
	processed = SPI_processed;
	SPI_freetuptable(SPI_tuptable);
	return processed;
}

List *
act_texts(const char *format, ...)
{
	va_list args;
	List *result = NIL;

	va_start(args, format);
	execute(format, args);
	va_end(args);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char *text = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);

		if (text != NULL)
			result = lappend(result, text);
	}
	SPI_freetuptable(SPI_tuptable);
	return result;
}

char *
act_list(List *texts)
{
	StringInfoData buf;
	ListCell *lc;

	initStringInfo(&buf);
	foreach (lc, texts)
	{
		if (foreach_current_index(lc) == LISTED)
		{
			appendStringInfo(&buf, " and %d more", list_length(texts) - LISTED);
			break;
		}
		appendStringInfo(&buf, "%s%s", buf.len > 0 ? ", " : "",
						 display_escape((char *) lfirst(lc)));
	}
	return buf.data;
}

void
act_require_tenant(const char *name, TenantRecord *record)
{
	if (registry_find_tenant(name, record))
		return;
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
					errmsg("tenant \"%s\" does not exist", display_escape(name)),
					errhint("View sql_agent.tenants lists them.")));
}

void
act_mark_role(const char *role, const pg_uuid_t *id)
{
	(void) act_run("COMMENT ON ROLE %s IS %s", quote_identifier(role),
				   quote_literal_cstr(role_mark_text(id)));
}

/*
 * What is done to a role is done to it in every database.
 */
void
act_require_roles_ours(const TenantRecord *record, bool fresh)
{
	char *names[2];

	names[0] = tenant_reader_name(record->name);
	names[1] = tenant_owner_name(record->name);
	for (int i = 0; i < lengthof(names); i++)
	{
		Oid role = get_role_oid(names[i], true);
		char *database;

		if (!OidIsValid(role))
			continue;
		switch (role_mark(role, &record->id, &database))
		{
			case ROLE_OURS:
				/* after ALTER DATABASE RENAME, or a restore under another name */
				if (!fresh && strcmp(database, get_database_name(MyDatabaseId)) != 0)
					act_mark_role(names[i], &record->id);
				break;
			case ROLE_SHARED:
				ereport(
					ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("role \"%s\" belongs to the tenant of database \"%s\"", names[i],
							database),
					 errdetail("This database is a copy of that one and shares the roles of its "
							   "tenants."),
					 errhint("Manage the tenants there.")));
				break;
			case ROLE_OF_OTHERS:
				ereport(ERROR,
						(errcode(ERRCODE_DUPLICATE_OBJECT),
						 errmsg("role \"%s\" belongs to another tenant", names[i]),
						 errdetail("It was made in database \"%s\"; roles belong to the whole "
								   "cluster.",
								   display_escape(database)),
						 errhint("Choose another name.")));
				break;
			case ROLE_UNMARKED:
				ereport(ERROR,
						(errcode(ERRCODE_DUPLICATE_OBJECT),
						 errmsg("role \"%s\" exists already and was not made for this tenant",
								names[i]),
						 fresh ? errhint("Choose another name, or rename that role.")
							   : errhint("If it is this tenant's and lost its mark, a superuser "
										 "can say so: COMMENT ON ROLE %s IS %s;",
										 quote_identifier(names[i]),
										 quote_literal_cstr(role_mark_text(&record->id)))));
				break;
		}
	}
}

char *
act_text_argument(FunctionCallInfo fcinfo, int number, const char *what)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("argument \"%s\" must not be null", what)));
	return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

char *
act_label_argument(FunctionCallInfo fcinfo, int number, const char *what)
{
	char *label;

	if (PG_ARGISNULL(number))
		return NULL;
	label = text_to_cstring(PG_GETARG_TEXT_PP(number));
	if (!display_is_clean(label))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s holds a control or invisible character", what),
						errdetail("It is: \"%s\".", display_escape(label))));
	if (*label == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s must not be empty", what)));
	if (strlen(label) > TENANT_LABEL_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s is too long", what),
				 errdetail("It has %zu bytes, the limit is %d.", strlen(label), TENANT_LABEL_MAX)));
	return label;
}

static bool
name_is_reserved(const char *name)
{
	static const char *const names[] = {"public", "information_schema", "sql_agent", "$user"};

	for (int i = 0; i < lengthof(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, "pg_", 3) == 0;
}

/*
 * The name becomes a schema and, with a prefix and a suffix, two roles.
 */
void
tenant_check_name(const char *name)
{
	size_t length = strlen(name);
	size_t suffix = strlen(TENANT_OWNER_SUFFIX);

	if (length == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME), errmsg("tenant name must not be empty")));
	if (!display_is_clean(name) || name[0] == ' ' || name[length - 1] == ' ')
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME),
						errmsg("invalid tenant name \"%s\"", display_escape(name)),
						errdetail("A name has no control or invisible character, and no space at "
								  "its ends.")));
	if (length > TENANT_NAME_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG), errmsg("tenant name \"%s\" is too long", name),
				 errdetail("It has %zu bytes, the limit is %d: with \"%s\" and \"%s\" it must fit "
						   "in the name of a role.",
						   length, TENANT_NAME_MAX, TENANT_ROLE_PREFIX, TENANT_OWNER_SUFFIX)));
	if (name_is_reserved(name))
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME), errmsg("tenant name \"%s\" is reserved", name),
				 errdetail("It would be the name of the tenant's schema.")));
	if (length > suffix && strcmp(name + length - suffix, TENANT_OWNER_SUFFIX) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME), errmsg("tenant name \"%s\" is reserved", name),
				 errdetail("A name that ends with \"%s\" could be mistaken for the owner role of "
						   "another tenant.",
						   TENANT_OWNER_SUFFIX)));
}
