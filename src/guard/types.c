/*-------------------------------------------------------------------------
 *
 * types.c
 *		Which types a generated statement may name, and which may occur in it.
 *
 * Analysis already runs code for types: a literal becomes a constant by its
 * type's input function, and record_in() of a composite checks the domains of
 * its columns.  Reading a value that is stored runs nothing, so the rule for
 * values is milder than the rule for names.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_range.h"
#include "catalog/pg_type.h"
#include "guard/guard_int.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* built-in types whose input looks names up, or that belong to the server's inside */
static bool
is_inner_type(Oid typid)
{
	switch (typid)
	{
		case REGPROCOID:
		case REGPROCEDUREOID:
		case REGOPEROID:
		case REGOPERATOROID:
		case REGCLASSOID:
		case REGCOLLATIONOID:
		case REGROLEOID:
		case REGNAMESPACEOID:
		case REGDICTIONARYOID:
		case ACLITEMOID:
		case PG_NODE_TREEOID:
		case PG_NDISTINCTOID:
		case PG_DEPENDENCIESOID:
		case PG_MCV_LISTOID:
			return true;
		default:
			return false;
	}
}

static Oid
array_element(Form_pg_type form)
{
	return IsTrueArrayType(form) ? form->typelem : InvalidOid;
}

bool
type_castable(Oid typid)
{
	HeapTuple tuple;
	Form_pg_type form;
	bool result = false;

	if (is_inner_type(typid) || typid == REGTYPEOID)
		return false;
	/* the name of a text search configuration: how it is usually written */
	if (typid == REGCONFIGOID)
		return true;
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(typid));
	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_type) GETSTRUCT(tuple);
	switch (form->typtype)
	{
		case TYPTYPE_BASE:
			if (OidIsValid(array_element(form)))
				result = type_castable(array_element(form));
			else
				result = form->typisdefined &&
						 policy_function(form->typinput) == FUNCTION_ALLOWED &&
						 policy_function(form->typoutput) == FUNCTION_ALLOWED;
			break;
		case TYPTYPE_ENUM:
			result = true;
			break;
		case TYPTYPE_RANGE:
		case TYPTYPE_MULTIRANGE:
			result = policy_is_builtin(typid) ||
					 (superuser_arg(form->typowner) && !type_dangerous(typid));
			break;
		case TYPTYPE_DOMAIN:
			result = superuser_arg(form->typowner) && !type_dangerous(typid) &&
					 type_castable(form->typbasetype);
			break;
		default:
			break;
	}
	ReleaseSysCache(tuple);
	return result;
}

bool
type_occurs(Oid typid)
{
	HeapTuple tuple;
	Form_pg_type form;
	bool result;

	if (is_inner_type(typid))
		return false;
	if (typid == RECORDOID || typid == UNKNOWNOID || typid == RECORDARRAYOID)
		return true;
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(typid));
	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_type) GETSTRUCT(tuple);
	if (form->typtype == TYPTYPE_PSEUDO)
		result = false;
	else if (OidIsValid(array_element(form)))
		result = type_occurs(array_element(form));
	else
		result = !type_dangerous(typid);
	ReleaseSysCache(tuple);
	return result;
}

/*
 * The CHECKs of a domain, read from the catalog: the type cache would fold
 * their constants, which is to run them.
 */
static bool
domain_checks_untrusted(Oid typid)
{
	Relation rel;
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple tuple;
	bool untrusted = false;

	rel = table_open(ConstraintRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_constraint_contypid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(typid));
	scan = systable_beginscan(rel, ConstraintTypidIndexId, true, NULL, 1, &key);
	while (!untrusted && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool isnull;
		Datum expr = heap_getattr(tuple, Anum_pg_constraint_conbin, RelationGetDescr(rel), &isnull);

		if (!isnull)
			untrusted = policy_expression_untrusted(stringToNode(TextDatumGetCString(expr)));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return untrusted;
}

static Oid
range_subtype(Oid typid, char typtype)
{
	if (typtype == TYPTYPE_MULTIRANGE)
		typid = get_multirange_range(typid);
	return OidIsValid(typid) ? get_range_subtype(typid) : InvalidOid;
}

bool
type_dangerous(Oid typid)
{
	HeapTuple tuple;
	Form_pg_type form;
	bool result = false;

	if (policy_is_builtin(typid))
		return false;
	check_stack_depth();
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(typid));
	if (!HeapTupleIsValid(tuple))
		return true;
	form = (Form_pg_type) GETSTRUCT(tuple);
	switch (form->typtype)
	{
		case TYPTYPE_BASE:
			/* base types are made by superusers */
			if (OidIsValid(array_element(form)))
				result = type_dangerous(array_element(form));
			break;
		case TYPTYPE_DOMAIN:
			result = domain_checks_untrusted(typid) || type_dangerous(form->typbasetype);
			break;
		case TYPTYPE_COMPOSITE:
			result = relation_columns_dangerous(form->typrelid);
			break;
		case TYPTYPE_RANGE:
		case TYPTYPE_MULTIRANGE:
			result = type_dangerous(range_subtype(typid, form->typtype));
			break;
		case TYPTYPE_ENUM:
			break;
		default:
			result = true;
			break;
	}
	ReleaseSysCache(tuple);
	return result;
}
