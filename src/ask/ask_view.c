/*-------------------------------------------------------------------------
 *
 * ask_view.c
 *		SQL function ask_view: the answer saved as a view.
 *
 * The statement is checked by the guard and then becomes the body of a view
 * that the caller creates with its own rights, as if it had typed CREATE VIEW:
 * hooks, event triggers and privileges apply.  The view is a security_invoker
 * one, so whoever reads it sees what their own privileges and row security
 * show.  The body is analysed under the settings that the guard checks under,
 * so that names and literals mean the same; the view's own name is qualified.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/xact.h"
#include "ask/answer.h"
#include "ask/savedview.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/comment.h"
#include "common/display.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "tcop/utility.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(sql_agent_ask_view);

/* the name as it is given, case and all */
static char *
read_name(FunctionCallInfo fcinfo)
{
	char *name;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("view name must not be null")));
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (*name == '\0')
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME), errmsg("view name must not be empty")));
	if (strlen(name) >= NAMEDATALEN)
		ereport(ERROR, (errcode(ERRCODE_NAME_TOO_LONG), errmsg("view name is too long"),
						errdetail("A name has at most %d bytes.", NAMEDATALEN - 1)));
	return name;
}

/* the first schema of the caller's search_path where it may create */
static char *
creation_schema(void)
{
	List *path = fetch_search_path(false);
	ListCell *lc;
	char *schema = NULL;

	foreach (lc, path)
	{
		Oid candidate = lfirst_oid(lc);

		if (isAnyTempNamespace(candidate) || IsCatalogNamespace(candidate))
			continue;
		if (pg_namespace_aclcheck(candidate, GetUserId(), ACL_CREATE) == ACLCHECK_OK)
		{
			schema = get_namespace_name(candidate);
			break;
		}
	}
	list_free(path);
	if (schema == NULL)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("there is no schema to create the view in"),
						errdetail("Role %s may create in none of the schemas of its search_path.",
								  quote_identifier(GetUserNameFromId(GetUserId(), false))),
						errhint("Set search_path to a schema of your own.")));
	return schema;
}

/* what decides how the text of a statement is read; the guard reads it so */
static const struct
{
	const char *name;
	const char *value;
} reading_settings[] = {{"standard_conforming_strings", "on"},
						{"transform_null_equals", "off"},
						{"array_nulls", "on"},
						{"DateStyle", "ISO, MDY"},
						{"IntervalStyle", "postgres"},
						{"xmloption", "content"}};

static void
pin(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
}

static void
pin_reading(Oid asking_role)
{
	StringInfoData path;
	ListCell *lc;

	initStringInfo(&path);
	appendStringInfoString(&path, "pg_catalog");
	foreach (lc, identity_allowed_schemas(asking_role))
		appendStringInfo(&path, ", %s", quote_identifier(get_namespace_name(lfirst_oid(lc))));
	appendStringInfoString(&path, ", pg_temp");
	pin("search_path", path.data);
	for (int i = 0; i < lengthof(reading_settings); i++)
		pin(reading_settings[i].name, reading_settings[i].value);
}

static ViewStmt *
make_view_statement(const char *schema, const char *name, const char *sql, bool replace)
{
	List *parsed = raw_parser(sql, RAW_PARSE_DEFAULT);
	ViewStmt *statement = makeNode(ViewStmt);

	/* the guard has seen to it that this is one SELECT */
	if (list_length(parsed) != 1 || !IsA(linitial_node(RawStmt, parsed)->stmt, SelectStmt))
		elog(ERROR, "checked statement is not one SELECT");
	statement->view = makeRangeVar(pstrdup(schema), pstrdup(name), -1);
	statement->query = linitial_node(RawStmt, parsed)->stmt;
	statement->replace = replace;
	if (COMPAT_HAS_SECURITY_INVOKER)
		statement->options =
			list_make1(makeDefElem("security_invoker", (Node *) makeString(pstrdup("true")), -1));
	statement->withCheckOption = NO_CHECK_OPTION;
	return statement;
}

static void
run_statement(ViewStmt *statement, const char *sql)
{
	PlannedStmt *wrapper = makeNode(PlannedStmt);

	wrapper->commandType = CMD_UTILITY;
	wrapper->utilityStmt = (Node *) statement;
	wrapper->stmt_location = -1;
	ProcessUtility(wrapper, sql, false, PROCESS_UTILITY_SUBCOMMAND, NULL, NULL, None_Receiver,
				   NULL);
	CommandCounterIncrement();
}

static Oid
create_view(const char *schema, const char *name, const Answer *answer, bool replace)
{
	char *sql = answer_sql(answer);
	int level = NewGUCNestLevel();
	Oid view;

	pin_reading(answer->asking_role);
	run_statement(make_view_statement(schema, name, sql, replace), sql);
	AtEOXact_GUC(false, level);

	view = RangeVarGetRelid(makeRangeVar(unconstify(char *, schema), unconstify(char *, name), -1),
							NoLock, false);
	CreateComments(view, RelationRelationId, 0, display_escape(answer->request->question));
	CommandCounterIncrement();
	return view;
}

/*
 * As the owner role of the tenant.  An error takes the caller's identity back
 * with the (sub)transaction.
 */
static Oid
create_view_of_tenant(const char *tenant, const char *name, const Answer *answer, bool replace)
{
	Oid owner = get_role_oid(tenant_owner_name(tenant), false);
	Oid saved_user;
	int saved_context;
	Oid view;

	saved_view_make_room(tenant, name, replace);
	GetUserIdAndSecContext(&saved_user, &saved_context);
	SetUserIdAndSecContext(owner, saved_context | SECURITY_LOCAL_USERID_CHANGE |
									  SECURITY_RESTRICTED_OPERATION);
	view = create_view(tenant, name, answer, false);
	SetUserIdAndSecContext(saved_user, saved_context);
	saved_view_record(tenant, name, answer->request->question);
	return view;
}

/*
 * Whose view it becomes: that of the tenant that is asked for, or of the
 * caller's; NULL = the caller's own.
 */
static const char *
tenant_of_request(const AskRequest *request)
{
	const TenantIdentity *identity = tenant_identity(GetUserId());

	if (request->tenant != NULL)
		return request->tenant;
	return identity->state == TENANT_ONE ? pstrdup(identity->name) : NULL;
}

static void
require_invoker_views(const char *tenant)
{
	if (!COMPAT_HAS_SECURITY_INVOKER && tenant == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("ask_view() needs PostgreSQL 15 or later"),
				 errdetail("A view that reads with its owner's rights would show them to others."),
				 errhint("ask_sql() gives the statement.")));
}

Datum
sql_agent_ask_view(PG_FUNCTION_ARGS)
{
	AskRequest *request;
	Answer *answer;
	const char *tenant;
	char *name;
	bool replace;
	Oid view;

	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	PreventCommandIfReadOnly("ask_view()");
	PreventCommandIfParallelMode("ask_view()");
	name = read_name(fcinfo);
	replace = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	request = ask_request_begin(fcinfo, 1, 3);
	tenant = tenant_of_request(request);
	require_invoker_views(tenant);
	answer = answer_build(request, ANSWER_CHECK);
	answer_require(answer);
	if (tenant != NULL)
		view = create_view_of_tenant(tenant, name, answer, replace);
	else
		view = create_view(creation_schema(), name, answer, replace);
	answer_end(answer);
	PG_RETURN_OID(view);
}
