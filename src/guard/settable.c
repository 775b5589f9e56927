/*-------------------------------------------------------------------------
 *
 * settable.c
 *		Does a row policy rest on something that the session can set?
 *
 * A policy that trusts a parameter protects nothing where the asking role can
 * set the parameter before it asks.  Looked at is the policy's expression and
 * whatever it leads to: functions by their bodies, views by theirs, tables by
 * their own policies.
 *
 * A body that is kept as text is searched for names, for to analyse it could
 * run code: every function or relation counts that a name in it can mean.  A
 * bare name can mean what a superuser or the owner of the body owns, what is in
 * the body's schema and what is in public; others must not be able to shut a
 * table by what they call their functions.  Such a search finds the mistakes of honest authors;
 * code that somebody hides from it must come from who is trusted, or the
 * relation is refused for that (relation_runs_code()).  What can not be looked
 * into is taken to read a parameter: dynamic SQL, functions in C that are
 * neither IMMUTABLE nor known, a chain of calls without an end in sight.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <ctype.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_class.h"
#include "catalog/pg_language.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "commands/proclang.h"
#include "guard/guard_int.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteHandler.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/fmgroids.h"
#include "utils/formatting.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#define MAX_OBJECTS 500 /* functions and relations that one policy leads to */

typedef struct Search
{
	List *functions; /* OIDs that were looked at */
	List *relations;
	Oid owner;     /* of the body that is searched */
	Oid namespace; /* where it is */
} Search;

/* what is known of a function that a policy calls */
typedef struct KnownFunction
{
	Oid funcid; /* hash key; must be first */
	bool reads;
} KnownFunction;

static HTAB *known_functions = NULL;
static uint64 known_generation = 0;

static bool function_reads(Oid funcid, Search *search);
static bool relation_reads(Oid relid, Search *search);
static bool reads_walker(Node *node, Search *search);

/* ---- built-in ones ---- */

/*
 * Parameters, and what a client says of itself: the text of its statement and
 * its application's name.
 */
static bool
builtin_reads(Oid funcid)
{
	switch (funcid)
	{
		case F_CURRENT_SETTING_TEXT:
		case F_CURRENT_SETTING_TEXT_BOOL:
		case F_SET_CONFIG:
		case F_PG_SHOW_ALL_SETTINGS:
		case F_CURRENT_QUERY:
		case F_PG_STAT_GET_ACTIVITY:
		case F_PG_STAT_GET_BACKEND_ACTIVITY:
			return true;
		default:
			return false;
	}
}

/* ---- bodies in text ---- */

static bool
is_name_start(unsigned char c)
{
	return isalpha(c) || c == '_' || c >= 0x80;
}

static bool
is_name_part(unsigned char c)
{
	return is_name_start(c) || isdigit(c) || c == '$';
}

static const char *
skip_blank(const char *p)
{
	for (;;)
	{
		if (isspace((unsigned char) *p))
			p++;
		else if (p[0] == '-' && p[1] == '-')
			p += strcspn(p, "\n");
		else if (p[0] == '/' && p[1] == '*')
			p = strstr(p + 2, "*/") ? strstr(p + 2, "*/") + 2 : p + strlen(p);
		else
			return p;
	}
}

/*
 * The next name in the text at *cursor, as the parser would fold it, or NULL;
 * *cursor is left at what follows.  Comments are passed over, string literals
 * are not: they may be SQL.
 */
static char *
next_name(const char **cursor)
{
	const char *p = skip_blank(*cursor);
	const char *start;
	char *name;

	while (*p != '\0' && *p != '"' && !is_name_start((unsigned char) *p))
	{
		/* what a number ends in is no name */
		bool number = isdigit((unsigned char) *p);

		p++;
		while (number && is_name_part((unsigned char) *p))
			p++;
		p = skip_blank(p);
	}
	if (*p == '\0')
		return NULL;
	start = *p == '"' ? p + 1 : p;
	if (*p == '"')
	{
		p = start + strcspn(start, "\"");
		name = pnstrdup(start, p - start);
		p += *p == '"';
	}
	else
	{
		while (is_name_part((unsigned char) *p))
			p++;
		name = asc_tolower(start, p - start);
	}
	*cursor = skip_blank(p);
	return name;
}

static bool
can_be_meant(Search *search, const char *schema, Oid namespace, Oid owner)
{
	char *name;

	if (schema == NULL && (namespace == search->namespace || superuser_arg(owner) ||
						   is_member_of_role_nosuper(search->owner, owner)))
		return true;
	name = get_namespace_name(namespace);
	return name != NULL && strcmp(name, schema ? schema : "public") == 0;
}

static bool
functions_named_read(const char *schema, const char *name, Search *search)
{
	CatCList *list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(name));
	List *candidates = NIL;
	ListCell *lc;

	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_proc form = (Form_pg_proc) GETSTRUCT(&list->members[i]->tuple);

		if (can_be_meant(search, schema, form->pronamespace, form->proowner))
			candidates = lappend_oid(candidates, form->oid);
	}
	ReleaseSysCacheList(list);
	foreach (lc, candidates)
		if (function_reads(lfirst_oid(lc), search))
			return true;
	return false;
}

static bool
relations_named_read(const char *schema, const char *name, Search *search)
{
	Relation rel;
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple tuple;
	NameData relname;
	List *candidates = NIL;
	ListCell *lc;

	namestrcpy(&relname, name);
	rel = table_open(RelationRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_class_relname, BTEqualStrategyNumber, F_NAMEEQ,
				NameGetDatum(&relname));
	scan = systable_beginscan(rel, ClassNameNspIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);

		if (can_be_meant(search, schema, form->relnamespace, form->relowner))
			candidates = lappend_oid(candidates, form->oid);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	foreach (lc, candidates)
		if (relation_reads(lfirst_oid(lc), search))
			return true;
	return false;
}

/*
 * dynamic: the word that begins SQL which can not be looked into, or NULL.
 */
static bool
text_reads(const char *body, const char *dynamic, Search *search)
{
	const char *cursor = body;
	char *schema = NULL;
	char *name;

	while ((name = next_name(&cursor)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (dynamic != NULL && strcmp(name, dynamic) == 0)
			return true;
		if (*cursor != '.' && (*cursor == '(' ? functions_named_read(schema, name, search)
											  : relations_named_read(schema, name, search)))
			return true;
		schema = *cursor == '.' ? name : NULL;
	}
	return false;
}

/* SQL has none, and elsewhere a library runs it: SHOW is what is left to find */
static const char *
dynamic_word(Oid language)
{
	if (language == SQLlanguageId)
		return NULL;
	return language == get_language_oid("plpgsql", true) ? "execute" : "show";
}

/* ---- functions ---- */

static bool
compiled_reads(Form_pg_proc form)
{
	Oid extension;
	char *name;

	if (form->provolatile == PROVOLATILE_IMMUTABLE ||
		policy_function(form->oid) == FUNCTION_ALLOWED)
		return false;
	/* our own tell who asks, by the effective role */
	extension = getExtensionOfObject(ProcedureRelationId, form->oid);
	name = OidIsValid(extension) ? get_extension_name(extension) : NULL;
	return name == NULL || strcmp(name, "sql_agent") != 0;
}

static bool
aggregate_reads(Oid funcid, Search *search)
{
	HeapTuple tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(funcid));
	Form_pg_aggregate form;
	bool reads;

	if (!HeapTupleIsValid(tuple))
		return true;
	form = (Form_pg_aggregate) GETSTRUCT(tuple);
	reads = function_reads(form->aggtransfn, search) || function_reads(form->aggfinalfn, search) ||
			function_reads(form->aggmtransfn, search) || function_reads(form->aggmfinalfn, search);
	ReleaseSysCache(tuple);
	return reads;
}

static bool
body_reads(HeapTuple tuple, Search *search)
{
	Form_pg_proc form = (Form_pg_proc) GETSTRUCT(tuple);
	Search outer = *search;
	Datum source;
	bool isnull;
	bool reads;

	if (form->prolang == ClanguageId || form->prolang == INTERNALlanguageId)
		return compiled_reads(form);
	if (form->prokind == PROKIND_AGGREGATE)
		return aggregate_reads(form->oid, search);
	source = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosqlbody, &isnull);
	if (!isnull)
		return reads_walker((Node *) stringToNode(TextDatumGetCString(source)), search);
	source = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &isnull);
	search->owner = form->proowner;
	search->namespace = form->pronamespace;
	reads = isnull || text_reads(TextDatumGetCString(source), dynamic_word(form->prolang), search);
	search->owner = outer.owner;
	search->namespace = outer.namespace;
	return reads;
}

static bool
function_reads(Oid funcid, Search *search)
{
	HeapTuple tuple;
	bool reads;

	if (!OidIsValid(funcid))
		return false;
	if (policy_is_builtin(funcid))
		return builtin_reads(funcid);
	if (list_member_oid(search->functions, funcid))
		return false;
	check_stack_depth();
	search->functions = lappend_oid(search->functions, funcid);
	if (list_length(search->functions) > MAX_OBJECTS)
		return true;
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(funcid));
	if (!HeapTupleIsValid(tuple))
		return true;
	reads = body_reads(tuple, search);
	ReleaseSysCache(tuple);
	return reads;
}

/* ---- relations that a policy or a function reads ---- */

static bool
policy_reads(HeapTuple tuple, TupleDesc desc, void *context)
{
	bool isnull;
	Datum expr = heap_getattr(tuple, Anum_pg_policy_polqual, desc, &isnull);
	Form_pg_policy form = (Form_pg_policy) GETSTRUCT(tuple);

	return !isnull && (form->polcmd == '*' || form->polcmd == 'r') &&
		   reads_walker((Node *) stringToNode(TextDatumGetCString(expr)), (Search *) context);
}

static bool
view_reads(Oid relid, Search *search)
{
	Relation rel = table_open(relid, AccessShareLock);
	bool reads = reads_walker((Node *) copyObject(get_view_query(rel)), search);

	table_close(rel, AccessShareLock);
	return reads;
}

static bool
relation_reads(Oid relid, Search *search)
{
	HeapTuple tuple;
	Form_pg_class form;
	bool reads = false;

	if (list_member_oid(search->relations, relid))
		return false;
	check_stack_depth();
	search->relations = lappend_oid(search->relations, relid);
	if (list_length(search->relations) > MAX_OBJECTS)
		return true;
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	if (!HeapTupleIsValid(tuple))
		return true;
	form = (Form_pg_class) GETSTRUCT(tuple);
	if (form->relkind == RELKIND_VIEW)
		reads = view_reads(relid, search);
	else if (form->relrowsecurity)
		reads = any_catalog_row(PolicyRelationId, PolicyPolrelidPolnameIndexId,
								Anum_pg_policy_polrelid, relid, policy_reads, search);
	ReleaseSysCache(tuple);
	return reads;
}

/* ---- expressions ---- */

static bool
called_function_reads(Oid funcid, void *context)
{
	return function_reads(funcid, (Search *) context);
}

static bool
reads_walker(Node *node, Search *search)
{
	ListCell *lc;

	if (node == NULL)
		return false;
	if (check_functions_in_node(node, called_function_reads, search))
		return true;
	if (!IsA(node, Query))
		return expression_tree_walker(node, reads_walker, (void *) search);
	/* the body of a function may hold SHOW */
	if (((Query *) node)->utilityStmt != NULL)
		return true;
	foreach (lc, ((Query *) node)->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (rte->rtekind == RTE_RELATION && relation_reads(rte->relid, search))
			return true;
	}
	return query_tree_walker((Query *) node, reads_walker, (void *) search, 0);
}

/* ---- what is kept ---- */

static void
renew_cache(void)
{
	HASHCTL control = {
		.keysize = sizeof(Oid), .entrysize = sizeof(KnownFunction), .hcxt = TopMemoryContext};
	uint64 generation = relation_facts_generation();

	if (known_functions != NULL && known_generation == generation)
		return;
	if (known_functions != NULL)
		hash_destroy(known_functions);
	known_functions = NULL;
	known_functions = hash_create("sql_agent policy functions", 32, &control,
								  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	known_generation = generation;
}

/*
 * A function that the policy itself calls.  What rests on the administrator's
 * registry is not kept.
 */
static bool
policy_function_reads(Oid funcid, void *context)
{
	Search search = {NIL, NIL, InvalidOid, InvalidOid};
	uint64 consulted = registry_consulted();
	KnownFunction *known;
	bool reads;

	if (policy_is_builtin(funcid))
		return builtin_reads(funcid);
	renew_cache();
	known = hash_search(known_functions, &funcid, HASH_FIND, NULL);
	if (known != NULL)
		return known->reads;
	reads = function_reads(funcid, &search);
	if (known_generation == relation_facts_generation() && consulted == registry_consulted())
	{
		known = hash_search(known_functions, &funcid, HASH_ENTER, NULL);
		known->reads = reads;
	}
	return reads;
}

static bool
policy_walker(Node *node, void *context)
{
	Search search = {NIL, NIL, InvalidOid, InvalidOid};

	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return reads_walker(node, &search);
	return check_functions_in_node(node, policy_function_reads, context) ||
		   expression_tree_walker(node, policy_walker, context);
}

bool
settable_expression(Node *expr)
{
	return policy_walker(expr, NULL);
}

PG_FUNCTION_INFO_V1(sql_agent_policy_on_parameter);

static bool
policy_on_parameter(HeapTuple tuple, TupleDesc desc, void *context)
{
	bool isnull;
	Datum expr = heap_getattr(tuple, Anum_pg_policy_polqual, desc, &isnull);

	return !isnull && settable_expression((Node *) stringToNode(TextDatumGetCString(expr)));
}

/*
 * policy_on_parameter(policy): for lint().
 */
Datum
sql_agent_policy_on_parameter(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(any_catalog_row(PolicyRelationId, PolicyOidIndexId, Anum_pg_policy_oid,
								   PG_GETARG_OID(0), policy_on_parameter, NULL));
}
