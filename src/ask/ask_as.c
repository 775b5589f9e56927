/*-------------------------------------------------------------------------
 *
 * ask_as.c
 *		SQL function ask_as: the answer as rows of a type that the caller names.
 *
 * A column of the row type takes the column of the answer that has its name;
 * the others take the first column left over whose type fits.  Values
 * are converted as an assignment would (after the fence, as the caller, into
 * the caller's own types).  What can not be matched raises datatype_mismatch,
 * and says which columns the answer has.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/answer.h"
#include "catalog/pg_type.h"
#include "common/display.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

PG_FUNCTION_INFO_V1(sql_agent_ask_as);

/* how a value becomes one of the target type */
typedef struct Conversion
{
	int source;            /* column of the answer; -1 = a dropped column, always null */
	CoercionPathType path; /* COERCION_PATH_RELABELTYPE = as it is */
	FmgrInfo cast;
	int cast_nargs;
	FmgrInfo output; /* COERCION_PATH_COERCEVIAIO */
	FmgrInfo input;
	Oid input_param;
	bool sized; /* a typmod is enforced after the cast */
	FmgrInfo size;
	int size_nargs;
	int32 typmod;
	Oid domain; /* checked at the end; InvalidOid = none */
	void *domain_state;
} Conversion;

typedef struct RowShape
{
	TupleDesc desc;
	bool scalar; /* the type is no row type: desc has one column without a name */
	Conversion *conversions;
} RowShape;

static char *
answer_columns_text(const GuardOutcome *outcome)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < outcome->ncolumns; i++)
		appendStringInfo(
			&buf, "%s%s %s", i > 0 ? ", " : "", quote_identifier(outcome->columns[i].name),
			format_type_with_typemod(outcome->columns[i].type, outcome->columns[i].typmod));
	return buf.data;
}

/* can a value of the answer's column be assigned to the type? */
static CoercionPathType
assignment_path(const GuardOutcome *outcome, int source, Oid target, Oid *cast)
{
	Oid from = getBaseType(outcome->columns[source].type);
	Oid to = getBaseType(target);

	*cast = InvalidOid;
	if (from == to)
		return COERCION_PATH_RELABELTYPE;
	return find_coercion_pathway(to, from, COERCION_ASSIGNMENT, cast);
}

static bool
is_assignable(const GuardOutcome *outcome, int source, Oid target)
{
	Oid cast;
	CoercionPathType path = assignment_path(outcome, source, target, &cast);

	return path != COERCION_PATH_NONE && path != COERCION_PATH_ARRAYCOERCE;
}

static void
raise_unmatched(const GuardOutcome *outcome, const RowShape *shape, int column)
{
	Form_pg_attribute attribute = TupleDescAttr(shape->desc, column);

	ereport(
		ERROR,
		(errcode(ERRCODE_DATATYPE_MISMATCH),
		 shape->scalar
			 ? errmsg("the answer has no column that fits type %s",
					  format_type_be(attribute->atttypid))
			 : errmsg("the answer has no column for \"%s\" of type %s", NameStr(attribute->attname),
					  format_type_with_typemod(attribute->atttypid, attribute->atttypmod)),
		 errdetail("The columns of the answer are: %s.", answer_columns_text(outcome)),
		 errhint("Name a row type with columns of these names or types, or use ask_rows().")));
}

/* finds the answer's column for each column of the row type */
static int *
match_columns(const GuardOutcome *outcome, const RowShape *shape)
{
	int *sources = palloc(sizeof(int) * shape->desc->natts);
	bool *used = palloc0(sizeof(bool) * Max(outcome->ncolumns, 1));

	for (int column = 0; column < shape->desc->natts; column++)
	{
		Form_pg_attribute attribute = TupleDescAttr(shape->desc, column);

		sources[column] = -1;
		for (int i = 0; !attribute->attisdropped && !shape->scalar && i < outcome->ncolumns; i++)
		{
			if (used[i] ||
				pg_strcasecmp(outcome->columns[i].name, NameStr(attribute->attname)) != 0)
				continue;
			if (!is_assignable(outcome, i, attribute->atttypid))
				raise_unmatched(outcome, shape, column);
			sources[column] = i;
			used[i] = true;
			break;
		}
	}
	for (int column = 0; column < shape->desc->natts; column++)
	{
		Form_pg_attribute attribute = TupleDescAttr(shape->desc, column);

		int next = 0;

		if (sources[column] >= 0 || attribute->attisdropped)
			continue;
		while (next < outcome->ncolumns &&
			   (used[next] || !is_assignable(outcome, next, attribute->atttypid)))
			next++;
		if (next >= outcome->ncolumns)
			raise_unmatched(outcome, shape, column);
		sources[column] = next;
		used[next] = true;
	}
	return sources;
}

static void
prepare_conversion(Conversion *conversion, const GuardOutcome *outcome, Form_pg_attribute attribute)
{
	Oid base = getBaseType(attribute->atttypid);
	int32 typmod = attribute->atttypmod;
	Oid function;
	bool varlena;

	conversion->path = assignment_path(outcome, conversion->source, attribute->atttypid, &function);
	if (conversion->path == COERCION_PATH_FUNC)
	{
		fmgr_info(function, &conversion->cast);
		conversion->cast_nargs = get_func_nargs(function);
	}
	else if (conversion->path == COERCION_PATH_COERCEVIAIO)
	{
		getTypeOutputInfo(outcome->columns[conversion->source].type, &function, &varlena);
		fmgr_info(function, &conversion->output);
		getTypeInputInfo(base, &function, &conversion->input_param);
		fmgr_info(function, &conversion->input);
	}
	if (base != attribute->atttypid)
	{
		conversion->domain = attribute->atttypid;
		(void) getBaseTypeAndTypmod(attribute->atttypid, &typmod);
	}
	conversion->typmod = typmod;
	if (typmod >= 0 && find_typmod_coercion_function(base, &function) == COERCION_PATH_FUNC)
	{
		conversion->sized = true;
		fmgr_info(function, &conversion->size);
		conversion->size_nargs = get_func_nargs(function);
	}
}

static Datum
call_cast(FmgrInfo *function, int nargs, Datum value, int32 typmod)
{
	if (nargs == 1)
		return FunctionCall1(function, value);
	if (nargs == 2)
		return FunctionCall2(function, value, Int32GetDatum(typmod));
	return FunctionCall3(function, value, Int32GetDatum(typmod), BoolGetDatum(false));
}

static Datum
convert_value(Conversion *conversion, Datum value, bool *isnull)
{
	if (!*isnull)
	{
		if (conversion->path == COERCION_PATH_FUNC)
			value = call_cast(&conversion->cast, conversion->cast_nargs, value, conversion->typmod);
		else if (conversion->path == COERCION_PATH_COERCEVIAIO)
			value = InputFunctionCall(&conversion->input,
									  OutputFunctionCall(&conversion->output, value),
									  conversion->input_param, conversion->typmod);
		if (conversion->sized)
			value = call_cast(&conversion->size, conversion->size_nargs, value, conversion->typmod);
	}
	/* a domain may forbid nulls */
	if (OidIsValid(conversion->domain))
		domain_check(value, *isnull, conversion->domain, &conversion->domain_state,
					 CurrentMemoryContext);
	return value;
}

/* the row type that the caller named, as columns */
static void
read_row_type(Oid type, RowShape *shape)
{
	Oid base = getBaseType(type);

	if (type == RECORDOID || !OidIsValid(type))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("ask_as() needs a row type with known columns"),
						errhint("Use null::your_table or null::your_type.")));
	shape->scalar = !type_is_rowtype(base);
	if (!shape->scalar)
	{
		shape->desc = lookup_rowtype_tupdesc_copy(base, -1);
		return;
	}
	shape->desc = CreateTemplateTupleDesc(1);
	TupleDescInitEntry(shape->desc, 1, "ask_as", type, -1, 0);
}

static void
put_rows(ReturnSetInfo *rsinfo, const Answer *answer, RowShape *shape)
{
	int natts = shape->desc->natts;
	Datum *values = palloc(sizeof(Datum) * natts);
	bool *nulls = palloc(sizeof(bool) * natts);
	TupleTableSlot *slot = guard_make_slot(answer->outcome);
	MemoryContext row_context =
		AllocSetContextCreate(CurrentMemoryContext, "sql_agent row", ALLOCSET_DEFAULT_SIZES);

	guard_rewind(answer->outcome);
	while (guard_next_row(answer->outcome, slot))
	{
		MemoryContext outer = MemoryContextSwitchTo(row_context);

		CHECK_FOR_INTERRUPTS();
		for (int column = 0; column < natts; column++)
		{
			int source = shape->conversions[column].source;

			nulls[column] = true;
			values[column] = (Datum) 0;
			if (source < 0)
				continue;
			values[column] = slot_getattr(slot, source + 1, &nulls[column]);
			values[column] =
				convert_value(&shape->conversions[column], values[column], &nulls[column]);
		}
		MemoryContextSwitchTo(outer);
		tuplestore_putvalues(rsinfo->setResult, shape->desc, values, nulls);
		/* a domain's state lives in the row context; it is made again */
		for (int column = 0; column < natts; column++)
			shape->conversions[column].domain_state = NULL;
		MemoryContextReset(row_context);
	}
	ExecDropSingleTupleTableSlot(slot);
}

Datum
sql_agent_ask_as(PG_FUNCTION_ARGS)
{
	MemoryContext outer = CurrentMemoryContext;
	MemoryContext context;
	AskRequest *request;
	Answer *answer;
	RowShape shape = {0};
	int *sources;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	context = AllocSetContextCreate(outer, "sql_agent answer", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	read_row_type(get_fn_expr_argtype(fcinfo->flinfo, 0), &shape);
	request = ask_request_begin(fcinfo, 1, 2);
	if (request)
	{
		answer = answer_build(request, ANSWER_ROWS);
		answer_require(answer);
		sources = match_columns(answer->outcome, &shape);
		shape.conversions = palloc0(sizeof(Conversion) * shape.desc->natts);
		for (int column = 0; column < shape.desc->natts; column++)
		{
			shape.conversions[column].source = sources[column];
			if (sources[column] >= 0)
				prepare_conversion(&shape.conversions[column], answer->outcome,
								   TupleDescAttr(shape.desc, column));
		}
		put_rows((ReturnSetInfo *) fcinfo->resultinfo, answer, &shape);
		answer_end(answer);
	}
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
	return (Datum) 0;
}
