/*-------------------------------------------------------------------------
 *
 * rawnames.c
 *		The names in the raw tree, resolved before analysis.
 *
 * Analysis reads literals with the input functions of the types that it finds,
 * and so may run code of whoever made a type: of a cast, of a column that the
 * literal is compared with, of an argument of a function or operator.  Here
 * every relation, type, function and operator that the raw tree names is looked
 * up under the same search path, without opening or running anything.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "common/errors.h"
#include "guard/guard_int.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_type.h"
#include "utils/acl.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

typedef struct RawNames
{
	GuardCall *call;
	List *cte_names; /* of the whole statement */
} RawNames;

static bool
collect_ctes(Node *node, RawNames *names)
{
	if (node == NULL)
		return false;
	if (IsA(node, CommonTableExpr))
		names->cte_names = lappend(names->cte_names, ((CommonTableExpr *) node)->ctename);
	return raw_expression_tree_walker(node, collect_ctes, (void *) names);
}

static bool
is_cte_name(RawNames *names, const RangeVar *var)
{
	ListCell *lc;

	if (var->schemaname != NULL)
		return false;
	foreach (lc, names->cte_names)
		if (strcmp((char *) lfirst(lc), var->relname) == 0)
			return true;
	return false;
}

static Oid
lookup_relation(GuardCall *call, const RangeVar *var)
{
	Oid namespace;

	if (var->catalogname != NULL)
		return InvalidOid;
	if (var->schemaname == NULL)
		return RelnameGetRelid(var->relname);
	namespace = get_namespace_oid(var->schemaname, true);
	/* of other schemas nothing is said, not even whether they exist */
	if (!list_member_oid(call->schemas, namespace) && namespace != PG_CATALOG_NAMESPACE)
		return InvalidOid;
	return get_relname_relid(var->relname, namespace);
}

/* as the statement has it */
static char *
written_name(const RangeVar *var)
{
	return var->schemaname == NULL ? var->relname
								   : psprintf("%s.%s", var->schemaname, var->relname);
}

static bool
refuse_relation(RawNames *names, const RangeVar *var)
{
	GuardCall *call = names->call;
	Oid relid = lookup_relation(call, var);
	RelationVerdict verdict;

	/* which of the two is meant only analysis knows: what could run there counts */
	if (is_cte_name(names, var))
	{
		if (!OidIsValid(relid))
			return false;
		if (!relation_fully_readable(relid, call->role))
			call->hides_names = true;
		if (!relation_columns_dangerous(relid))
			return false;
		return relation_refuse(call, RELATION_CODE, relid, written_name(var), var->location);
	}
	if (!OidIsValid(relid))
		return relation_refuse(call, RELATION_HIDDEN, relid, written_name(var), var->location);
	verdict = relation_place_verdict(relid, call->schemas);
	if (verdict == RELATION_ALLOWED && !relation_readable(relid, call->role))
		verdict = RELATION_HIDDEN;
	if (verdict == RELATION_ALLOWED && relation_columns_dangerous(relid))
		verdict = RELATION_CODE;
	if (verdict != RELATION_ALLOWED)
		return relation_refuse(call, verdict, relid, written_name(var), var->location);
	if (!relation_fully_readable(relid, call->role))
		call->hides_names = true;
	return false;
}

static bool
refuse_type_oid(GuardCall *call, Oid typid, int location)
{
	if (!OidIsValid(typid) || type_castable(typid))
		return false;
	return guard_refuse(call, "type_not_allowed", location, "a type is not allowed in a statement",
						"Values can be cast to built-in types, to enums and to types of known "
						"extensions.",
						NULL);
}

static bool
refuse_type(GuardCall *call, TypeName *name)
{
	if (name->names == NIL)
		return refuse_type_oid(call, name->typeOid, name->location);
	if (name->pct_type || name->setof)
		return guard_refuse(call, "type_not_allowed", name->location,
							"a type is not allowed in a statement", "Name the type itself.", NULL);
	return refuse_type_oid(call, LookupTypeNameOid(NULL, name, true), name->location);
}

/*
 * Splits a name of one or two parts.  Longer ones are errors of analysis.
 */
static bool
split_name(List *name, char **schema, char **object)
{
	*schema = NULL;
	*object = NULL;
	if (list_length(name) > 2)
		return false;
	*object = strVal(llast(name));
	if (list_length(name) == 2)
		*schema = strVal(linitial(name));
	return true;
}

/*
 * May a name without or with that schema mean an object of this namespace?  Of
 * what is in a schema that the role may not use, analysis will say that it is
 * not there.
 */
static bool
namespace_matches(GuardCall *call, const char *schema, Oid namespace)
{
	char *name;

	if (schema == NULL)
		return namespace == PG_CATALOG_NAMESPACE || list_member_oid(call->schemas, namespace);
	name = get_namespace_name(namespace);
	return name != NULL && strcmp(name, schema) == 0 &&
		   pg_namespace_aclcheck(namespace, call->role, ACL_USAGE) == ACLCHECK_OK;
}

static bool
refuse_function_name(GuardCall *call, List *name, int location)
{
	return guard_refuse(call, "function_not_allowed", location,
						psprintf("function \"%s\" is not allowed", strVal(llast(name))),
						"Only functions that are known to be free of side effects are allowed in a "
						"generated statement.",
						"A superuser can permit an own function with sql_agent.allow_function().");
}

static bool
arguments_dangerous(const Oid *types, int count)
{
	for (int i = 0; i < count; i++)
		if (OidIsValid(types[i]) && type_dangerous(types[i]))
			return true;
	return false;
}

/*
 * All functions that the name can mean.  Where none of them is allowed, the
 * call is refused before its arguments are read.
 */
static bool
refuse_function(GuardCall *call, FuncCall *func)
{
	char *schema;
	char *object;
	CatCList *list;
	bool found = false;
	bool allowed = false;
	bool dangerous = false;

	if (!split_name(func->funcname, &schema, &object))
		return false;
	list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(object));
	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_proc form = (Form_pg_proc) GETSTRUCT(&list->members[i]->tuple);

		if (!namespace_matches(call, schema, form->pronamespace))
			continue;
		found = true;
		/* what is not built in is looked at closely only where that matters */
		if (policy_is_builtin(form->oid))
			allowed = allowed || policy_function(form->oid) == FUNCTION_ALLOWED;
		else
		{
			bool suspect = arguments_dangerous(form->proargtypes.values, form->pronargs);

			if ((!allowed || suspect) && policy_function(form->oid) == FUNCTION_ALLOWED)
				allowed = true;
			else if (suspect)
				dangerous = true;
		}
	}
	ReleaseSysCacheList(list);
	if ((found && !allowed) || dangerous)
		return refuse_function_name(call, func->funcname, func->location);
	/* f(x) can be a cast as well */
	if (list_length(func->args) == 1)
		return refuse_type_oid(
			call, LookupTypeNameOid(NULL, makeTypeNameFromNameList(func->funcname), true),
			func->location);
	return false;
}

static bool
refuse_operator(GuardCall *call, List *name, int location)
{
	char *schema;
	char *object;
	CatCList *list;
	bool found = false;
	bool allowed = false;
	bool dangerous = false;

	if (name == NIL || !split_name(name, &schema, &object))
		return false;
	list = SearchSysCacheList1(OPERNAMENSP, CStringGetDatum(object));
	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_operator form = (Form_pg_operator) GETSTRUCT(&list->members[i]->tuple);
		Oid types[2] = {form->oprleft, form->oprright};

		if (!namespace_matches(call, schema, form->oprnamespace))
			continue;
		found = true;
		if (policy_is_builtin(form->oid))
			allowed = true;
		else
		{
			bool suspect = arguments_dangerous(types, 2);

			if ((!allowed || suspect) && policy_operator(form->oid))
				allowed = true;
			else if (suspect)
				dangerous = true;
		}
	}
	ReleaseSysCacheList(list);
	if ((found && !allowed) || dangerous)
		return guard_refuse(call, "operator_not_allowed", location,
							psprintf("operator \"%s\" is not allowed", object),
							"Only built-in operators and those of known extensions are allowed.",
							NULL);
	return false;
}

static bool
names_walker(Node *node, RawNames *names)
{
	bool refused = false;

	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_RangeVar:
			refused = refuse_relation(names, (RangeVar *) node);
			break;
		case T_TypeName:
			refused = refuse_type(names->call, (TypeName *) node);
			break;
		case T_FuncCall:
			refused = refuse_function(names->call, (FuncCall *) node);
			break;
		case T_A_Expr:
			refused =
				refuse_operator(names->call, ((A_Expr *) node)->name, ((A_Expr *) node)->location);
			break;
		case T_SubLink:
			refused = refuse_operator(names->call, ((SubLink *) node)->operName,
									  ((SubLink *) node)->location);
			break;
		case T_SortBy:
			refused =
				refuse_operator(names->call, ((SortBy *) node)->useOp, ((SortBy *) node)->location);
			break;
		default:
			break;
	}
	return refused || raw_expression_tree_walker(node, names_walker, (void *) names);
}

bool
rawnames_refuse(GuardCall *call, Node *stmt)
{
	RawNames names = {call, NIL};

	(void) collect_ctes(stmt, &names);
	return names_walker(stmt, &names);
}
