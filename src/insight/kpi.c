/*-------------------------------------------------------------------------
 *
 * kpi.c
 *		What is watched: SQL functions kpi_create and kpi_drop, and reading
 *		the table of KPIs.
 *
 * measure and filter are texts of the person who makes the KPI.  Each must be
 * one expression by itself, so that it stays in its place in the statement;
 * beyond that nothing is trusted: the whole statement is checked by the guard
 * when the KPI is made, and again each time that it is read.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "common/display.h"
#include "common/expression.h"
#include "common/hashfn.h"
#include "common/json.h"
#include "common/owner.h"
#include "guard/guard.h"
#include "insight/insight.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "task/schedule.h"
#include "tenant/act.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "tenant/registry.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"

PG_FUNCTION_INFO_V1(sql_agent_kpi_create);
PG_FUNCTION_INFO_V1(sql_agent_kpi_drop);

#define DAILY_SCHEDULE "insights"

#define KPIS_MAX       500 /* of one tenant or role */
#define DIMENSIONS_MAX 8
#define EXPRESSION_MAX 2000 /* bytes */
#define DELAY_MAX      60
#define ROBUST_DEFAULT 3.5
#define SIGMA_DEFAULT  2.0
#define CHANGE_DEFAULT 0.05

#define READ_KPIS                                                                             \
	"SELECT id, name, tenant, owner_role, schema_name, relation_name, measure,"               \
	" time_column, time_zone, dimensions, granularity, favorable, filter, options"            \
	" FROM sql_agent.kpi WHERE ($1 IS NULL OR tenant = $1)"                                   \
	" AND ($2 IS NULL OR (tenant IS NULL AND owner_role = $2)) AND ($3 IS NULL OR name = $3)" \
	" ORDER BY tenant, owner_role, name"

#define INSERT_KPI                                                                     \
	"INSERT INTO sql_agent.kpi (tenant, owner_role, name, schema_name, relation_name," \
	" measure, time_column, time_zone, dimensions, granularity, favorable, filter,"    \
	" options, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"

static const char *const granularities[] = {"day", "week", "month"};
static const char *const favorables[] = {"up", "down", "none"};

const char *
kpi_granularity_name(KpiGranularity granularity)
{
	return granularities[granularity];
}

const char *
kpi_favorable_name(KpiFavorable favorable)
{
	return favorables[favorable];
}

static int
choose(const char *what, const char *value, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(value, names[i]) == 0)
			return i;
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("unrecognized %s \"%s\"", what, display_escape(value)),
					errhint("Valid are \"%s\", \"%s\" and \"%s\".", names[0], names[1], names[2])));
}

/* ---- texts ---- */

typedef struct ExpressionContext
{
	const char *what;
} ExpressionContext;

static void
expression_context(void *arg)
{
	errcontext("%s of the KPI", ((ExpressionContext *) arg)->what);
}

Node *
kpi_parse_expression(const char *what, const char *text)
{
	ExpressionContext context = {what};
	ErrorContextCallback callback = {error_context_stack, expression_context, &context};
	Node *expression;

	error_context_stack = &callback;
	expression = expression_parse(what, text, EXPRESSION_MAX);
	error_context_stack = callback.previous;
	if (!expression)
		ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("%s is not one expression", what),
						errhint("Examples are \"sum(amount)\" as measure and \"status = 'paid'\" "
								"as filter.")));
	return expression;
}

/* ---- options ---- */

static double
number_option(Jsonb *options, const char *key, double fallback, double lowest, double highest)
{
	JsonbValue *value = json_member(&options->root, key);
	double number;

	if (value == NULL)
		return fallback;
	if (value->type != jbvNumeric)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" is not a number", key)));
	number =
		DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value->val.numeric)));
	if (!(number >= lowest && number <= highest))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" must be between %g and %g", key, lowest, highest)));
	return number;
}

static void
check_option_names(Jsonb *options)
{
	static const char *const valid[] = {"delay",      "method",    "min_change",
										"min_volume", "threshold", "time_zone"};
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue value;

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("options is not a JSON object")));
	iterator = JsonbIteratorInit(&options->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		bool known = token != WJB_KEY;

		for (int i = 0; i < lengthof(valid) && !known; i++)
			known = strcmp(json_value_text(&value), valid[i]) == 0;
		if (!known)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unrecognized option \"%s\"", display_escape(json_value_text(&value))),
					 errhint("Valid options are \"delay\", \"method\", \"min_change\", "
							 "\"min_volume\", \"threshold\" and \"time_zone\".")));
	}
}

static char *
text_option(Jsonb *options, const char *key)
{
	JsonbValue *value = json_member(&options->root, key);

	if (value == NULL)
		return NULL;
	if (value->type != jbvString)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" is not a text", key)));
	return json_value_text(value);
}

void
kpi_options_read(Jsonb *options, KpiOptions *result)
{
	char *method = text_option(options, "method");

	result->method = KPI_ROBUST;
	if (method && strcmp(method, "sigma") == 0)
		result->method = KPI_SIGMA;
	else if (method && strcmp(method, "robust") != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("unrecognized method \"%s\"", display_escape(method)),
						errhint("Valid are \"robust\" and \"sigma\".")));
	result->threshold =
		number_option(options, "threshold",
					  result->method == KPI_SIGMA ? SIGMA_DEFAULT : ROBUST_DEFAULT, 0.5, 100);
	result->min_change = number_option(options, "min_change", CHANGE_DEFAULT, 0, 100);
	result->min_volume = number_option(options, "min_volume", 0, 0, 1e300);
	result->delay = (int) number_option(options, "delay", 0, 0, DELAY_MAX);
}

/* ---- whose ---- */

void
kpi_whose(const char *wanted, char **tenant, char **owner)
{
	const TenantIdentity *identity = tenant_identity(GetUserId());

	*tenant = NULL;
	*owner = GetUserNameFromId(GetUserId(), false);
	if (wanted != NULL && !(identity->state == TENANT_ONE && strcmp(identity->name, wanted) == 0))
	{
		/* raises for who is no operator */
		(void) identity_asking_role_of(wanted);
		*tenant = pstrdup(wanted);
	}
	else if (identity->state == TENANT_ONE)
		*tenant = pstrdup(identity->name);
	else
		identity_require_clear(GetUserId());
	if (*tenant != NULL)
		*owner = tenant_owner_name(*tenant);
}

/* ---- reading ---- */

static char *
text_at(int row, int column)
{
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

static Datum
datum_at(int row, int column)
{
	bool isnull;

	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);
}

static List *
names_of(Datum array)
{
	List *result = NIL;
	Datum *elements;
	int count;

	deconstruct_array(DatumGetArrayTypeP(array), NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR,
					  &elements, NULL, &count);
	for (int i = 0; i < count; i++)
		result = lappend(result, pstrdup(NameStr(*DatumGetName(elements[i]))));
	return result;
}

static Kpi *
kpi_of_row(int row)
{
	Kpi *kpi = palloc0(sizeof(Kpi));

	kpi->id = *DatumGetUUIDP(datum_at(row, 1));
	kpi->name = text_at(row, 2);
	kpi->tenant = text_at(row, 3);
	kpi->owner_role = text_at(row, 4);
	kpi->schema = text_at(row, 5);
	kpi->relation = text_at(row, 6);
	kpi->measure = text_at(row, 7);
	kpi->time_column = text_at(row, 8);
	kpi->time_zone = text_at(row, 9);
	kpi->dimensions = names_of(datum_at(row, 10));
	kpi->granularity = choose("granularity", text_at(row, 11), granularities, 3);
	kpi->favorable = choose("direction", text_at(row, 12), favorables, 3);
	kpi->filter = text_at(row, 13);
	kpi_options_read(DatumGetJsonbPCopy(datum_at(row, 14)), &kpi->options);
	return kpi;
}

static Datum
name_or_null(const char *name, char *null)
{
	*null = name ? ' ' : 'n';
	return name ? DirectFunctionCall1(namein, CStringGetDatum(name)) : (Datum) 0;
}

static Datum
text_or_null(const char *text, char *null)
{
	*null = text ? ' ' : 'n';
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

List *
kpi_read(MemoryContext context, const char *tenant, const char *owner, const char *name)
{
	Oid types[] = {NAMEOID, NAMEOID, NAMEOID};
	Datum values[3];
	char nulls[3];
	List *result = NIL;

	values[0] = name_or_null(tenant, &nulls[0]);
	values[1] = name_or_null(owner, &nulls[1]);
	values[2] = name_or_null(name, &nulls[2]);
	if (SPI_execute_with_args(READ_KPIS, 3, types, values, nulls, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the KPIs");
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		result = lappend(result, kpi_of_row((int) row));
		MemoryContextSwitchTo(old);
	}
	return result;
}

/* ---- making ---- */

static char *
required_text(FunctionCallInfo fcinfo, int number, const char *what)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", what)));
	return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

static Oid
column_type(Oid relid, const char *name)
{
	AttrNumber attnum = get_attnum(relid, name);

	if (attnum <= 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("column \"%s\" of relation \"%s\" does not exist",
							   display_escape(name), get_rel_name(relid))));
	return get_atttype(relid, attnum);
}

/* days of an instant need a time zone: the option, or the session's */
static void
set_time_column(Kpi *kpi, Oid relid, Jsonb *options)
{
	Oid type = getBaseType(column_type(relid, kpi->time_column));
	char *zone = text_option(options, "time_zone");

	if (type != DATEOID && type != TIMESTAMPOID && type != TIMESTAMPTZOID)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("column \"%s\" is not a date or timestamp", kpi->time_column),
						errdetail("It is of type %s.", format_type_be(type))));
	if (zone && pg_tzset(zone) == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("time zone \"%s\" not recognized", display_escape(zone))));
	if (type == TIMESTAMPTZOID)
		kpi->time_zone = zone ? zone : pstrdup(pg_get_timezone_name(session_timezone));
}

static void
set_dimensions(Kpi *kpi, Oid relid, ArrayType *array)
{
	ListCell *lc;

	if (ARR_HASNULL(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a dimension must not be null")));
	kpi->dimensions = names_of(PointerGetDatum(array));
	if (list_length(kpi->dimensions) > DIMENSIONS_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a KPI has at most %d dimensions", DIMENSIONS_MAX)));
	foreach (lc, kpi->dimensions)
		(void) column_type(relid, lfirst(lc));
}

/* could the statement be run?  raises why not */
static void
check_statement(const char *sql, Oid role)
{
	GuardOutcome *outcome = guard_check(sql, role);

	if (outcome->status != GUARD_OK)
		ereport(ERROR, (errcode(outcome->error.sqlstate),
						errmsg("the KPI can not be read: %s", outcome->error.message),
						outcome->error.detail ? errdetail("%s", outcome->error.detail) : 0,
						outcome->error.hint ? errhint("%s", outcome->error.hint) : 0));
}

static void
check_readable(const Kpi *kpi)
{
	char *problem;
	Oid role = kpi_reading_role(kpi, &problem);
	ListCell *lc;

	if (!OidIsValid(role))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the KPI can not be read: %s", problem)));
	check_statement(series_sql(kpi, NULL, 0, 1), role);
	/* a text would pass for a number until it is read */
	check_statement(psprintf("SELECT 0::double precision + (%s\n) FROM %s", kpi->measure,
							 quote_qualified_identifier(kpi->schema, kpi->relation)),
					role);
	foreach (lc, kpi->dimensions)
		check_statement(series_sql(kpi, lfirst(lc), 0, 1), role);
}

static Datum
name_array(List *names)
{
	Datum *elements = palloc(list_length(names) * sizeof(Datum));
	ListCell *lc;

	foreach (lc, names)
		elements[foreach_current_index(lc)] =
			DirectFunctionCall1(namein, CStringGetDatum(lfirst(lc)));
	return PointerGetDatum(
		construct_array(elements, list_length(names), NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR));
}

/* true: it is the first of its tenant or role */
static bool
insert_kpi(const Kpi *kpi, Jsonb *options, const char *creator)
{
	Oid types[] = {NAMEOID, NAMEOID,      NAMEOID, NAMEOID, NAMEOID, TEXTOID,  NAMEOID,
				   TEXTOID, NAMEARRAYOID, TEXTOID, TEXTOID, TEXTOID, JSONBOID, NAMEOID};
	Datum values[lengthof(types)];
	char nulls[lengthof(types)];
	List *present =
		kpi_read(CurrentMemoryContext, kpi->tenant, kpi->tenant ? NULL : kpi->owner_role, NULL);
	ListCell *lc;

	foreach (lc, present)
		if (strcmp(((Kpi *) lfirst(lc))->name, kpi->name) == 0)
			ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT),
							errmsg("KPI \"%s\" already exists", display_escape(kpi->name)),
							errhint("Choose another name, or drop it with kpi_drop().")));
	if (list_length(present) >= KPIS_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("there are %d KPIs already", list_length(present)),
						errdetail("A tenant or role has at most %d.", KPIS_MAX)));
	memset(nulls, ' ', sizeof(nulls));
	values[0] = name_or_null(kpi->tenant, &nulls[0]);
	values[1] = name_or_null(kpi->owner_role, &nulls[1]);
	values[2] = name_or_null(kpi->name, &nulls[2]);
	values[3] = name_or_null(kpi->schema, &nulls[3]);
	values[4] = name_or_null(kpi->relation, &nulls[4]);
	values[5] = text_or_null(kpi->measure, &nulls[5]);
	values[6] = name_or_null(kpi->time_column, &nulls[6]);
	values[7] = text_or_null(kpi->time_zone, &nulls[7]);
	values[8] = name_array(kpi->dimensions);
	values[9] = text_or_null(kpi_granularity_name(kpi->granularity), &nulls[9]);
	values[10] = text_or_null(kpi_favorable_name(kpi->favorable), &nulls[10]);
	values[11] = text_or_null(kpi->filter, &nulls[11]);
	values[12] = JsonbPGetDatum(options);
	values[13] = name_or_null(creator, &nulls[13]);
	if (SPI_execute_with_args(INSERT_KPI, lengthof(types), types, values, nulls, false, 0) !=
		SPI_OK_INSERT)
		elog(ERROR, "could not record the KPI");
	return present == NIL;
}

/*
 * The first KPI brings a look at all of them each morning.  Not of all tenants
 * in the same minute.
 */
static void
schedule_daily(const Kpi *kpi)
{
	uint32 hash =
		hash_bytes((const unsigned char *) kpi->owner_role, (int) strlen(kpi->owner_role));
	ScheduleRequest request = {.name = DAILY_SCHEDULE,
							   .kind = "insights",
							   .cron = psprintf("%u 6 * * *", hash % 60),
							   .tenant = kpi->tenant};
	const char *owner = kpi->tenant ? tenant_reader_name(kpi->tenant) : kpi->owner_role;

	request.owner = get_role_oid(owner, false);

	(void) schedule_add(&request);
}

/* and the last one that is dropped takes it away again */
static void
unschedule_daily(const char *tenant, const char *owner)
{
	const char *whose =
		tenant ? psprintf("tenant = %s", quote_literal_cstr(tenant))
			   : psprintf("tenant IS NULL AND owner_role = %s", quote_literal_cstr(owner));

	(void) act_run("DELETE FROM sql_agent.schedule WHERE name = '" DAILY_SCHEDULE "'"
				   " AND kind = 'insights' AND %s"
				   " AND NOT EXISTS (SELECT FROM sql_agent.kpi WHERE %s)",
				   whose, whose);
}

static void
check_name(const char *name)
{
	if (*name == '\0' || strlen(name) >= NAMEDATALEN || strcmp(name, display_escape(name)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("\"%s\" can not be the name of a KPI", display_escape(name)),
				 errhint("A name has 1 to %d bytes of visible characters.", NAMEDATALEN - 1)));
}

/*
 * kpi_create(name, relation, measure, time_column, dimensions, granularity,
 *			  favorable, filter, options, tenant)
 */
Datum
sql_agent_kpi_create(PG_FUNCTION_ARGS)
{
	Kpi kpi = {0};
	Jsonb *options;
	char *creator = GetUserNameFromId(GetUserId(), false);
	Oid relid;
	OwnerScope scope;
	bool first;

	PreventCommandIfReadOnly("kpi_create()");
	for (int i = 0; i < 9; i++)
		if (i != 7 && PG_ARGISNULL(i))
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("argument %d of kpi_create() must not be null", i + 1),
							errhint("Only \"filter\" and \"tenant\" may be null.")));
	kpi.name = required_text(fcinfo, 0, "name");
	check_name(kpi.name);
	relid = PG_GETARG_OID(1);
	kpi.relation = get_rel_name(relid);
	if (kpi.relation == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("relation with OID %u does not exist", relid)));
	kpi.schema = get_namespace_name(get_rel_namespace(relid));
	kpi.measure = required_text(fcinfo, 2, "measure");
	(void) kpi_parse_expression("measure", kpi.measure);
	kpi.time_column = pstrdup(NameStr(*PG_GETARG_NAME(3)));
	set_dimensions(&kpi, relid, PG_GETARG_ARRAYTYPE_P(4));
	kpi.granularity =
		choose("granularity", required_text(fcinfo, 5, "granularity"), granularities, 3);
	kpi.favorable = choose("direction", required_text(fcinfo, 6, "favorable"), favorables, 3);
	if (!PG_ARGISNULL(7))
	{
		kpi.filter = text_to_cstring(PG_GETARG_TEXT_PP(7));
		(void) kpi_parse_expression("filter", kpi.filter);
	}
	options = PG_GETARG_JSONB_P(8);
	check_option_names(options);
	kpi_options_read(options, &kpi.options);
	set_time_column(&kpi, relid, options);
	kpi_whose(PG_ARGISNULL(9) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(9)), &kpi.tenant,
			  &kpi.owner_role);
	check_readable(&kpi);
	owner_scope_enter(&scope);
	first = insert_kpi(&kpi, options, creator);
	owner_scope_leave(&scope);
	if (first)
		schedule_daily(&kpi);
	PG_RETURN_VOID();
}

/* may the caller change what others of the tenant made? */
static bool
may_change_all(const char *tenant)
{
	const TenantIdentity *identity = tenant_identity(GetUserId());

	return tenant == NULL || identity_is_operator() ||
		   (identity->state == TENANT_ONE && identity->admin);
}

/* kpi_drop(name, tenant) */
Datum
sql_agent_kpi_drop(PG_FUNCTION_ARGS)
{
	char *name = required_text(fcinfo, 0, "name");
	char *caller = GetUserNameFromId(GetUserId(), false);
	char *tenant;
	char *owner;
	char *condition;
	bool may_change;
	List *creators;
	OwnerScope scope;

	PreventCommandIfReadOnly("kpi_drop()");
	kpi_whose(PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1)), &tenant, &owner);
	may_change = may_change_all(tenant);
	condition = psprintf(
		"name = %s AND %s = %s%s", quote_literal_cstr(name), tenant ? "tenant" : "owner_role",
		quote_literal_cstr(tenant ? tenant : owner), tenant ? "" : " AND tenant IS NULL");
	owner_scope_enter(&scope);
	creators = act_texts("SELECT created_by FROM sql_agent.kpi WHERE %s FOR UPDATE", condition);
	if (creators == NIL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("there is no KPI \"%s\"", display_escape(name)),
						errhint("View sql_agent.kpis lists them.")));
	if (!may_change && strcmp(linitial(creators), caller) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for KPI \"%s\"", display_escape(name)),
				 errdetail("It was made by \"%s\".", (char *) linitial(creators)),
				 errhint("Its maker, an administrator of the tenant or an operator may do that.")));
	(void) act_run("DELETE FROM sql_agent.kpi WHERE %s", condition);
	unschedule_daily(tenant, owner);
	owner_scope_leave(&scope);
	PG_RETURN_VOID();
}
