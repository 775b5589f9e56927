/*-------------------------------------------------------------------------
 *
 * memory_face.c
 *		SQL functions example_add, example_drop, memory_entries and
 *		nearest_examples.
 *
 * An example's SQL passes the guard before it is kept, and again whenever it
 * serves.  Who may vouch for the asking role adds for all of it, anybody else
 * for himself.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "tenant/identity.h"
#include "translate/memory_int.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(sql_agent_example_add);
PG_FUNCTION_INFO_V1(sql_agent_example_drop);
PG_FUNCTION_INFO_V1(sql_agent_memory_entries);
PG_FUNCTION_INFO_V1(sql_agent_nearest_examples);

#define MAX_NEAREST 100

static char *
text_argument(FunctionCallInfo fcinfo, int number, const char *name)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("argument \"%s\" must not be null", name)));
	return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

Datum
sql_agent_example_add(PG_FUNCTION_ARGS)
{
	MemorySubject subject = {0};
	char *sql;
	pg_uuid_t *id = palloc(sizeof(pg_uuid_t));

	subject.question = text_argument(fcinfo, 0, "question");
	sql = text_argument(fcinfo, 1, "sql");
	memory_check_question(subject.question);
	PreventCommandIfReadOnly("example_add()");
	subject.snapshot = snapshot_get(identity_asking_role());
	subject.asked_by = GetUserNameFromId(GetUserId(), false);
	subject.vouched = memory_may_vouch(subject.snapshot->role);
	memory_require_allowed(sql, subject.snapshot->role);
	memory_verify(&subject, sql, NULL, true, id);
	PG_RETURN_UUID_P(id);
}

Datum
sql_agent_example_drop(PG_FUNCTION_ARGS)
{
	pg_uuid_t *id = PG_GETARG_UUID_P(0);

	PreventCommandIfReadOnly("example_drop()");
	if (!memory_drop(id))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("entry %s does not exist",
							   DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)))),
						errhint("View sql_agent.memory lists those that you can drop.")));
	PG_RETURN_VOID();
}

static char *
iso_date(DateADT date)
{
	struct pg_tm tm;
	char text[MAXDATELEN + 1];

	memset(&tm, 0, sizeof(tm));
	j2date(date + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	EncodeDateOnly(&tm, USE_ISO_DATES, text);
	return pstrdup(text);
}

/*
 * Why the entry does not serve, NULL where it does.  What an operator sees of
 * other roles is judged by the names that it reads alone.
 */
static char *
reason_aside(const MemoryEntry *entry, AskSnapshot *snapshot, bool own)
{
	char *missing =
		memory_missing(entry, own ? snapshot->role : get_role_oid(entry->scope.role, true));
	const Interpretation *in;
	MemoryTemplate *template;

	if (missing != NULL)
		return missing;
	if (entry->dated && entry->only_on != memory_today())
		return psprintf("Its SQL holds dates that were right on %s.", iso_date(entry->only_on));
	if (!own)
		return NULL;
	if (entry->kind == MEMORY_QUESTION && !memory_is_of_model(entry))
		return pstrdup("Another model answers questions by now.");
	if (entry->kind == MEMORY_QUESTION && entry->snapshot_key != memory_snapshot_key(snapshot))
		return pstrdup("What can be asked about has changed since.");
	in = interpret_question(entry->question, snapshot);
	if (entry->kind == MEMORY_QUESTION && entry->reading_key != memory_reading_key(in))
		return pstrdup("Words of the question mean something else by now.");
	template = template_read(in, entry->sql);
	if (template == NULL)
		return pstrdup("The guard refuses its SQL.");
	if (template->filled_values < entry->filled_values)
		return pstrdup("A value that it compares with is not stored any more.");
	return NULL;
}

static void
put_entry(ReturnSetInfo *rsinfo, const MemoryEntry *entry, AskSnapshot *snapshot, bool own)
{
	Datum values[16];
	bool nulls[16] = {false};
	char *aside = entry->kind == MEMORY_REJECTED ? NULL : reason_aside(entry, snapshot, own);
	const char *status =
		entry->kind == MEMORY_REJECTED ? "rejected" : (aside ? "set aside" : "usable");

	values[0] = UUIDPGetDatum(&entry->id);
	values[1] = CStringGetTextDatum(memory_kind_name(entry->kind));
	values[2] = CStringGetTextDatum(entry->question);
	values[3] = CStringGetTextDatum(entry->sql);
	values[4] = BoolGetDatum(entry->kind == MEMORY_EXAMPLE);
	nulls[5] = entry->verified_by == NULL;
	if (!nulls[5])
		values[5] = DirectFunctionCall1(namein, CStringGetDatum(entry->verified_by));
	values[6] = BoolGetDatum(entry->is_template);
	values[7] = BoolGetDatum(entry->shared);
	values[8] = DirectFunctionCall1(namein, CStringGetDatum(entry->asked_by));
	values[9] = DirectFunctionCall1(namein, CStringGetDatum(entry->scope.role));
	nulls[10] = entry->model == NULL;
	if (!nulls[10])
		values[10] = CStringGetTextDatum(entry->model);
	values[11] = Int64GetDatum(entry->hits);
	nulls[12] = !entry->used;
	values[12] = TimestampTzGetDatum(entry->last_used);
	values[13] = TimestampTzGetDatum(entry->created_at);
	values[14] = CStringGetTextDatum(status);
	nulls[15] = aside == NULL;
	if (!nulls[15])
		values[15] = CStringGetTextDatum(aside);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/*
 * memory_entries(): what the caller may see of memory; behind view memory.
 */
Datum
sql_agent_memory_entries(PG_FUNCTION_ARGS)
{
	AskSnapshot *snapshot;
	const char *caller = GetUserNameFromId(GetUserId(), false);
	bool all;
	bool operator= identity_is_operator();
	MemoryScope scope;
	List *entries;
	ListCell *lc;
	MemoryContext row_context;
	MemoryContext old;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	snapshot = snapshot_get(identity_asking_role());
	scope = memory_scope(snapshot->role);
	entries = operator? memory_read(MEMORY_ALL, 0, 0)
					  : memory_read_scope(MEMORY_OF_SCOPE, &scope, 0);
	all = memory_may_vouch(snapshot->role);
	row_context =
		AllocSetContextCreate(CurrentMemoryContext, "sql_agent memory", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(row_context);
	foreach (lc, entries)
	{
		const MemoryEntry *entry = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(row_context);
		if (all || entry->shared || strcmp(entry->asked_by, caller) == 0)
			put_entry((ReturnSetInfo *) fcinfo->resultinfo, entry, snapshot,
					  memory_same_scope(&entry->scope, &scope));
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
	return (Datum) 0;
}

Datum
sql_agent_nearest_examples(PG_FUNCTION_ARGS)
{
	char *question = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int count = PG_GETARG_INT32(1);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell *lc;

	if (count < 1 || count > MAX_NEAREST)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("count must be between 1 and %d", MAX_NEAREST)));
	memory_check_question(question);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	foreach (lc, memory_nearest_examples(snapshot_get(identity_asking_role()), question, count))
	{
		const MemoryExample *example = lfirst(lc);
		Datum values[] = {CStringGetTextDatum(example->question),
						  CStringGetTextDatum(example->sql)};
		bool nulls[] = {false, false};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
