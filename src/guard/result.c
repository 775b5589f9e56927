/*-------------------------------------------------------------------------
 *
 * result.c
 *		Reading the rows of a guarded statement.
 *
 * Values and column names are whatever somebody once stored, so characters
 * that steer a terminal or hide text are shown as escapes.  JSON is made from
 * the values by their types: numbers, booleans, arrays and documents stay what
 * they are.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "common/display.h"
#include "common/settings.h"
#include "executor/executor.h"
#include "guard/guard_int.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgroids.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

/*
 * An outcome with what is needed to read its rows.
 */
typedef struct GuardResult
{
	GuardOutcome pub; /* must be first */
	MemoryContext context;
	FmgrInfo *output;   /* per column */
	FmgrInfo *to_jsonb; /* per column; made when first needed */
} GuardResult;

GuardOutcome *
result_make(void)
{
	GuardResult *result = palloc0(sizeof(GuardResult));

	result->context = CurrentMemoryContext;
	return &result->pub;
}

static bool
name_is_taken(const GuardOutcome *outcome, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(outcome->columns[i].name, name) == 0)
			return true;
	return false;
}

/*
 * Escaped, and made unique, so that it can be a key.
 */
static char *
column_name(const GuardOutcome *outcome, int column, const char *raw)
{
	char *name = display_escape(raw);
	char *unique = name;

	for (int n = 2; name_is_taken(outcome, column, unique); n++)
		unique = psprintf("%s_%d", name, n);
	return unique;
}

/*
 * Called by the receiver when the row type is known.
 */
void
result_describe(GuardCall *call, TupleDesc desc)
{
	GuardResult *result = (GuardResult *) call->outcome;
	GuardOutcome *outcome = call->outcome;
	MemoryContext old = MemoryContextSwitchTo(call->result_context);

	outcome->desc = CreateTupleDescCopy(desc);
	outcome->ncolumns = desc->natts;
	outcome->columns = palloc0(sizeof(GuardColumn) * Max(desc->natts, 1));
	result->output = palloc0(sizeof(FmgrInfo) * Max(desc->natts, 1));
	result->to_jsonb = palloc0(sizeof(FmgrInfo) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		outcome->columns[i].name = column_name(outcome, i, NameStr(attribute->attname));
		outcome->columns[i].type = attribute->atttypid;
		outcome->columns[i].typmod = attribute->atttypmod;
	}
	MemoryContextSwitchTo(old);
}

TupleTableSlot *
guard_make_slot(const GuardOutcome *outcome)
{
	return MakeSingleTupleTableSlot(outcome->desc, &TTSOpsMinimalTuple);
}

void
guard_rewind(const GuardOutcome *outcome)
{
	tuplestore_rescan(outcome->store);
}

/*
 * The slot owns a row that is read back from disk and frees it when it takes
 * the next one: the row must not be in a context that the caller resets.
 */
bool
guard_next_row(const GuardOutcome *outcome, TupleTableSlot *slot)
{
	MemoryContext old = MemoryContextSwitchTo(((const GuardResult *) outcome)->context);
	bool found = tuplestore_gettupleslot(outcome->store, true, false, slot);

	MemoryContextSwitchTo(old);
	if (found)
		slot_getallattrs(slot);
	return found;
}

static char *
output_text(const GuardOutcome *outcome, int column, Datum value)
{
	GuardResult *result = (GuardResult *) outcome;
	FmgrInfo *output = &result->output[column];

	if (!OidIsValid(output->fn_oid))
	{
		Oid function;
		bool is_varlena;

		getTypeOutputInfo(outcome->columns[column].type, &function, &is_varlena);
		fmgr_info_cxt(function, output, result->context);
	}
	return OutputFunctionCall(output, value);
}

static char *
cut(char *text)
{
	int limit = setting_max_value_size * 1024;
	int length = strlen(text);
	int kept;

	if (length <= limit + 64)
		return text;
	kept = pg_mbcliplen(text, length, limit);
	return psprintf("%.*s... (%d bytes)", kept, text, length);
}

char *
guard_value_text(const GuardOutcome *outcome, TupleTableSlot *slot, int column)
{
	if (slot->tts_isnull[column])
		return NULL;
	return display_escape(cut(output_text(outcome, column, slot->tts_values[column])));
}

/*
 * A string for JSON.  Line ends and tabs are escaped by JSON itself and stay;
 * the others are written out.
 */
static char *
json_clean(char *text, int length)
{
	StringInfoData clean;
	char *copy = pnstrdup(text, length);
	char *from = copy;

	initStringInfo(&clean);
	while (*from)
	{
		int span = strcspn(from, "\t\n\r");
		char saved = from[span];

		from[span] = '\0';
		appendStringInfoString(&clean, display_is_clean(from) ? from : display_escape(from));
		if (saved != '\0')
			appendStringInfoChar(&clean, saved);
		from += span + (saved != '\0');
	}
	return clean.data;
}

static void
string_value(char *text, JsonbValue *value)
{
	value->type = jbvString;
	value->val.string.val = json_clean(text, strlen(text));
	value->val.string.len = strlen(value->val.string.val);
}

static bool
has_dirty_string(Jsonb *json)
{
	JsonbIterator *it = JsonbIteratorInit(&json->root);
	JsonbValue value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&it, &value, false)) != WJB_DONE)
	{
		if ((token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM) &&
			value.type == jbvString)
		{
			char *copy = pnstrdup(value.val.string.val, value.val.string.len);
			bool clean = display_is_clean(copy);

			pfree(copy);
			if (!clean)
				return true;
		}
	}
	return false;
}

/*
 * The document with every string in it cleaned.
 */
static Jsonb *
clean_document(Jsonb *json)
{
	JsonbIterator *it;
	JsonbParseState *state = NULL;
	JsonbValue value;
	JsonbValue *result = NULL;
	JsonbIteratorToken token;

	if (!has_dirty_string(json))
		return json;
	it = JsonbIteratorInit(&json->root);
	while ((token = JsonbIteratorNext(&it, &value, false)) != WJB_DONE)
	{
		bool carries = token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM;

		if (carries && value.type == jbvString)
		{
			value.val.string.val = json_clean(value.val.string.val, value.val.string.len);
			value.val.string.len = strlen(value.val.string.val);
		}
		/* whether an array is a bare scalar is told at its beginning */
		result = pushJsonbValue(&state, token, carries || token == WJB_BEGIN_ARRAY ? &value : NULL);
	}
	return JsonbValueToJsonb(result);
}

static void
document_value(Jsonb *json, JsonbValue *value)
{
	json = clean_document(json);
	if (JB_ROOT_IS_SCALAR(json))
	{
		(void) JsonbExtractScalar(&json->root, value);
		return;
	}
	value->type = jbvBinary;
	value->val.binary.data = &json->root;
	value->val.binary.len = VARSIZE(json) - VARHDRSZ;
}

/*
 * to_jsonb() of a value whose type only we know: the function asks its call
 * expression.
 */
static Jsonb *
convert_to_jsonb(const GuardOutcome *outcome, int column, Datum value)
{
	GuardResult *result = (GuardResult *) outcome;
	FmgrInfo *function = &result->to_jsonb[column];

	if (!OidIsValid(function->fn_oid))
	{
		MemoryContext old = MemoryContextSwitchTo(result->context);
		Oid type = outcome->columns[column].type;
		Const *argument = makeNullConst(type, -1, InvalidOid);

		fmgr_info(F_TO_JSONB, function);
		fmgr_info_set_expr((Node *) makeFuncExpr(F_TO_JSONB, JSONBOID, list_make1(argument),
												 InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL),
						   function);
		MemoryContextSwitchTo(old);
	}
	return DatumGetJsonbP(FunctionCall1(function, value));
}

/*
 * JSON text can hold what jsonb can not (\u0000, numbers beyond numeric); it
 * is shown as a string then.
 */
static Jsonb *
try_convert(const GuardOutcome *outcome, int column, Datum value)
{
	MemoryContext old = CurrentMemoryContext;
	Jsonb *volatile result = NULL;

	PG_TRY();
	{
		result = convert_to_jsonb(outcome, column, value);
	}
	PG_CATCH();
	{
		int category = ERRCODE_TO_CATEGORY(geterrcode());

		if (category != ERRCODE_TO_CATEGORY(ERRCODE_DATA_EXCEPTION) &&
			category != ERRCODE_TO_CATEGORY(ERRCODE_PROGRAM_LIMIT_EXCEEDED))
			PG_RE_THROW();
		MemoryContextSwitchTo(old);
		FlushErrorState();
	}
	PG_END_TRY();
	return result;
}

static void
number_value(Datum number, JsonbValue *value)
{
	Numeric numeric = DatumGetNumeric(number);

	if (numeric_is_nan(numeric) || numeric_is_inf(numeric))
		string_value(DatumGetCString(DirectFunctionCall1(numeric_out, number)), value);
	else
	{
		value->type = jbvNumeric;
		value->val.numeric = numeric;
	}
}

/* ISO 8601, whatever DateStyle says */
static void
datetime_value(Datum datum, Oid type, JsonbValue *value)
{
	char *buffer = palloc(MAXDATELEN + 1);

	string_value(JsonEncodeDateTime(buffer, datum, type, NULL), value);
}

/*
 * Everything that has no form of its own in JSON: a document by to_jsonb(),
 * cut where it is too long.
 */
static void
other_value(const GuardOutcome *outcome, int column, Datum datum, JsonbValue *value)
{
	Jsonb *json = NULL;
	int limit = (setting_max_value_size + 1) * 1024;

	if (outcome->desc->attrs[column].attlen != -1 || VARSIZE_ANY(DatumGetPointer(datum)) <= limit)
		json = try_convert(outcome, column, datum);
	if (json != NULL)
		document_value(json, value);
	else
		string_value(cut(output_text(outcome, column, datum)), value);
}

void
guard_value_to_jsonb(const GuardOutcome *outcome, TupleTableSlot *slot, int column,
					 JsonbValue *value)
{
	Datum datum = slot->tts_values[column];
	Oid type = outcome->columns[column].type;

	if (slot->tts_isnull[column])
	{
		value->type = jbvNull;
		return;
	}
	switch (type)
	{
		case BOOLOID:
			value->type = jbvBool;
			value->val.boolean = DatumGetBool(datum);
			break;
		case INT2OID:
			number_value(DirectFunctionCall1(int2_numeric, datum), value);
			break;
		case INT4OID:
			number_value(DirectFunctionCall1(int4_numeric, datum), value);
			break;
		case INT8OID:
			number_value(DirectFunctionCall1(int8_numeric, datum), value);
			break;
		case NUMERICOID:
			number_value(datum, value);
			break;
		case FLOAT4OID:
		case FLOAT8OID:
		{
			/* by its shortest text, as to_jsonb() does */
			char *text = output_text(outcome, column, datum);

			number_value(
				DirectFunctionCall3(numeric_in, CStringGetDatum(text), 0, Int32GetDatum(-1)),
				value);
			break;
		}
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case TIMEOID:
		case TIMETZOID:
			datetime_value(datum, type, value);
			break;
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
			string_value(cut(TextDatumGetCString(datum)), value);
			break;
		default:
			other_value(outcome, column, datum, value);
			break;
	}
}

Jsonb *
guard_row_to_jsonb(const GuardOutcome *outcome, TupleTableSlot *slot)
{
	JsonbParseState *state = NULL;
	JsonbValue *row;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < outcome->ncolumns; i++)
	{
		JsonbValue key;
		JsonbValue value;

		key.type = jbvString;
		key.val.string.val = outcome->columns[i].name;
		key.val.string.len = strlen(outcome->columns[i].name);
		pushJsonbValue(&state, WJB_KEY, &key);
		guard_value_to_jsonb(outcome, slot, i, &value);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	row = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbValueToJsonb(row);
}

int64
guard_max_bytes(void)
{
	return (int64) setting_max_bytes * 1024;
}
