/*-------------------------------------------------------------------------
 *
 * memory_write.c
 *		Writes sql_agent.memory_entry, in the caller's transaction.
 *
 * What happens by itself (keeping a model's answer, counting a use, making
 * room) must not hold up a question: rows that another session has locked are
 * passed over, and at isolation levels where touching a row that changed would
 * be an error only new rows are written.  Nothing is written where the
 * transaction can not write.  feedback(), example_add() and forget() are asked
 * for: they wait and fail as any statement does.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "common/errors.h"
#include "common/owner.h"
#include "common/settings.h"
#include "miscadmin.h"
#include "tenant/identity.h"
#include "translate/memory_int.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

#define INSERT_ENTRY                                                                             \
	"INSERT INTO sql_agent.memory_entry (id, kind, tenant_id, asking_role, asked_by, scope_key," \
	" question, sql, question_key, template_key, shared, model, snapshot_key, reading_key,"      \
	" only_on, filled_values, depends, shape, question_id, verified_by)"                         \
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"  \
	" $19, $20)"

/* what a newer row of the same question takes the place of */
#define DELETE_OLDER                                                                        \
	"DELETE FROM sql_agent.memory_entry WHERE id IN (SELECT id FROM sql_agent.memory_entry" \
	" WHERE question_key = $1 AND kind = 'question' FOR UPDATE SKIP LOCKED)"

/* unverified entries beyond the limit, the longest unused first */
#define MAKE_ROOM                                                                           \
	"DELETE FROM sql_agent.memory_entry WHERE id IN (SELECT id FROM sql_agent.memory_entry" \
	" WHERE scope_key = $1 AND kind <> 'example'"                                           \
	" ORDER BY coalesce(last_used, created_at), id LIMIT greatest(0, (SELECT count(*)"      \
	" FROM sql_agent.memory_entry WHERE scope_key = $1) - $2) FOR UPDATE SKIP LOCKED)"

#define NOTE_USE                                                                       \
	"UPDATE sql_agent.memory_entry SET hits = hits + 1, last_used = clock_timestamp()" \
	" WHERE id = (SELECT id FROM sql_agent.memory_entry WHERE id = $1 FOR UPDATE SKIP LOCKED)"

#define DELETE_KNOWN \
	"DELETE FROM sql_agent.memory_entry WHERE question_key = $1 AND kind = ANY ($2)"

#define DELETE_REJECTION                                                               \
	"DELETE FROM sql_agent.memory_entry WHERE question_key = $1 AND kind = 'rejected'" \
	" AND sql = $2"

#define END_TEMPLATE                                        \
	"UPDATE sql_agent.memory_entry SET template_key = NULL" \
	" WHERE id = $1 AND (asked_by = $2 AND NOT shared OR $3)"

#define COUNT_EXAMPLES \
	"SELECT count(*) FROM sql_agent.memory_entry WHERE scope_key = $1 AND kind = 'example'"

#define DROP_ENTRY "DELETE FROM sql_agent.memory_entry WHERE id = $1 AND (asked_by = $2 OR $3)"

#define DELETE_LISTED "DELETE FROM sql_agent.memory_entry WHERE id = ANY ($1)"

/* $1 .. $20 of INSERT_ENTRY */
enum
{
	P_ID,
	P_KIND,
	P_TENANT_ID,
	P_ASKING_ROLE,
	P_ASKED_BY,
	P_SCOPE_KEY,
	P_QUESTION,
	P_SQL,
	P_QUESTION_KEY,
	P_TEMPLATE_KEY,
	P_SHARED,
	P_MODEL,
	P_SNAPSHOT_KEY,
	P_READING_KEY,
	P_ONLY_ON,
	P_FILLED_VALUES,
	P_DEPENDS,
	P_SHAPE,
	P_QUESTION_ID,
	P_VERIFIED_BY,
	P_COUNT
};

static Oid insert_types[P_COUNT] = {
	UUIDOID, TEXTOID, UUIDOID, NAMEOID, NAMEOID, INT8OID, TEXTOID,      TEXTOID,  INT8OID, INT8OID,
	BOOLOID, TEXTOID, INT8OID, INT8OID, DATEOID, INT4OID, TEXTARRAYOID, JSONBOID, UUIDOID, NAMEOID};
static Oid key_types[] = {INT8OID};
static Oid key_kinds_types[] = {INT8OID, TEXTARRAYOID};
static Oid key_sql_types[] = {INT8OID, TEXTOID};
static Oid room_types[] = {INT8OID, INT8OID};
static Oid use_types[] = {UUIDOID};
static Oid end_types[] = {UUIDOID, NAMEOID, BOOLOID};
static Oid listed_types[] = {UUIDARRAYOID};

/* a statement, planned once and kept for the life of the backend */
typedef struct Statement
{
	const char *text;
	int nargs;
	Oid *types;
	SPIPlanPtr plan;
} Statement;

static Statement insert_entry = {INSERT_ENTRY, P_COUNT, insert_types, NULL};
static Statement delete_older = {DELETE_OLDER, 1, key_types, NULL};
static Statement make_room = {MAKE_ROOM, 2, room_types, NULL};
static Statement note_use = {NOTE_USE, 1, use_types, NULL};
static Statement delete_known = {DELETE_KNOWN, 2, key_kinds_types, NULL};
static Statement delete_rejection = {DELETE_REJECTION, 2, key_sql_types, NULL};
static Statement end_template = {END_TEMPLATE, 3, end_types, NULL};
static Statement drop_entry = {DROP_ENTRY, 3, end_types, NULL};
static Statement delete_listed = {DELETE_LISTED, 1, listed_types, NULL};
static Statement count_examples = {COUNT_EXAMPLES, 1, key_types, NULL};

static void
execute(Statement *statement, Datum *values, const char *nulls)
{
	int code;

	owner_prepare(&statement->plan, statement->text, statement->nargs, statement->types);
	code = SPI_execute_plan(statement->plan, values, nulls, false, 0);
	if (code < 0)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
}

static bool
can_write(void)
{
	return !XactReadOnly && !RecoveryInProgress() && !IsInParallelMode();
}

static Datum
name_datum(const char *name)
{
	return DirectFunctionCall1(namein, CStringGetDatum(name));
}

static void
add_depends(Datum **texts, int *n, const char *schema, const char *relation, const char *column,
			const char *type)
{
	*texts = *n == 0 ? palloc(sizeof(Datum) * 4) : repalloc(*texts, sizeof(Datum) * (*n + 4));
	(*texts)[(*n)++] = CStringGetTextDatum(schema);
	(*texts)[(*n)++] = CStringGetTextDatum(relation);
	(*texts)[(*n)++] = CStringGetTextDatum(column);
	(*texts)[(*n)++] = CStringGetTextDatum(type);
}

/* relations and columns by name: schema, relation, column, type by turns */
static Datum
depends_array(const MemoryTemplate *template)
{
	Datum *texts = NULL;
	int n = 0;
	ListCell *lc;

	foreach (lc, template->relations)
	{
		Oid relid = lfirst_oid(lc);
		char *schema = get_namespace_name(get_rel_namespace(relid));
		char *relation = get_rel_name(relid);

		if (schema != NULL && relation != NULL)
			add_depends(&texts, &n, schema, relation, "", "");
	}
	foreach (lc, template->facts->columns)
	{
		const GuardColumnUse *use = lfirst(lc);
		char *schema = get_namespace_name(get_rel_namespace(use->relid));
		char *relation = get_rel_name(use->relid);
		char *column = get_attname(use->relid, use->attnum, true);

		if (use->attnum > 0 && schema != NULL && relation != NULL && column != NULL)
			add_depends(&texts, &n, schema, relation, column,
						format_type_be_qualified(get_atttype(use->relid, use->attnum)));
	}
	return PointerGetDatum(construct_array(texts, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/* whom the subject's entries serve, as the keys have it */
static const char *
served(const MemorySubject *subject)
{
	return subject->vouched ? NULL : subject->asked_by;
}

static uint64
question_key(const MemorySubject *subject, const char *asked_by)
{
	MemoryScope scope = memory_scope(subject->snapshot->role);

	return memory_question_key(&scope, asked_by, memory_normal_form(subject->question),
							   subject->context);
}

static void
set_text(Datum *values, char *nulls, int position, const char *text)
{
	nulls[position] = text ? ' ' : 'n';
	if (text)
		values[position] = CStringGetTextDatum(text);
}

static void
set_key(Datum *values, char *nulls, int position, uint64 key)
{
	nulls[position] = ' ';
	values[position] = Int64GetDatum((int64) key);
}

/*
 * The row but for what comes from taking question and SQL apart.
 */
static void
fill_row(const MemorySubject *subject, MemoryKind kind, const char *sql, Datum *values, char *nulls)
{
	MemoryScope scope = memory_scope(subject->snapshot->role);

	memset(nulls, 'n', P_COUNT);
	values[P_ID] = DirectFunctionCall1(gen_random_uuid, (Datum) 0);
	nulls[P_ID] = ' ';
	set_text(values, nulls, P_KIND, memory_kind_name(kind));
	if (scope.of_tenant)
	{
		pg_uuid_t *tenant_id = palloc(sizeof(pg_uuid_t));

		*tenant_id = scope.tenant_id;
		values[P_TENANT_ID] = UUIDPGetDatum(tenant_id);
		nulls[P_TENANT_ID] = ' ';
	}
	set_key(values, nulls, P_SCOPE_KEY, scope.key);
	values[P_ASKING_ROLE] = name_datum(scope.role);
	/* what counts for others too is the administrator's, not the asker's to forget */
	values[P_ASKED_BY] =
		name_datum(subject->vouched ? GetUserNameFromId(GetUserId(), false) : subject->asked_by);
	nulls[P_ASKING_ROLE] = nulls[P_ASKED_BY] = ' ';
	set_text(values, nulls, P_QUESTION, subject->question);
	set_text(values, nulls, P_SQL, memory_trim_sql(sql));
	set_key(values, nulls, P_QUESTION_KEY, question_key(subject, served(subject)));
	values[P_SHARED] = BoolGetDatum(subject->vouched);
	values[P_FILLED_VALUES] = Int32GetDatum(0);
	values[P_DEPENDS] = PointerGetDatum(construct_empty_array(TEXTOID));
	nulls[P_SHARED] = nulls[P_FILLED_VALUES] = nulls[P_DEPENDS] = ' ';
	if (subject->question_id != NULL)
	{
		values[P_QUESTION_ID] = UUIDPGetDatum(subject->question_id);
		nulls[P_QUESTION_ID] = ' ';
	}
	if (kind != MEMORY_QUESTION)
	{
		values[P_VERIFIED_BY] = name_datum(GetUserNameFromId(GetUserId(), false));
		nulls[P_VERIFIED_BY] = ' ';
	}
}

/*
 * What the SQL reads and what of it can be filled.  Dates that the question
 * does not say hold for today; those that a person wrote hold for good, unless
 * the question speaks of a time that moves.
 */
static void
fill_facts(const MemorySubject *subject, const Interpretation *in, const MemoryTemplate *template,
		   bool by_hand, bool by_builtin, Datum *values, char *nulls)
{
	bool pinned = setting_as_of && *setting_as_of;

	values[P_FILLED_VALUES] = Int32GetDatum(template->filled_values);
	values[P_DEPENDS] = depends_array(template);
	if (template->dated && !pinned && (!by_hand || template->relative))
	{
		values[P_ONLY_ON] = DateADTGetDatum(memory_today());
		nulls[P_ONLY_ON] = ' ';
	}
	/* what the built-in translator made, it makes of other values too */
	if (template->nslots > 0 && !by_builtin)
	{
		MemoryScope scope = memory_scope(subject->snapshot->role);
		char *skeleton = memory_skeleton(subject->question, in);

		if (skeleton != NULL)
			set_key(values, nulls, P_TEMPLATE_KEY,
					memory_template_key(&scope, served(subject), skeleton, subject->context));
	}
}

static void
fill_translation(const Translation *translation, Datum *values, char *nulls)
{
	if (translation == NULL)
		return;
	set_text(values, nulls, P_MODEL, translation->model);
	values[P_SHAPE] = JsonbPGetDatum(memory_shape(translation));
	nulls[P_SHAPE] = ' ';
}

static void
keep_in_bounds(Datum scope_key)
{
	Datum values[] = {scope_key, Int64GetDatum(setting_memory_max_entries)};

	if (!IsolationUsesXactSnapshot())
		execute(&make_room, values, NULL);
}

void
memory_remember(const MemorySubject *subject, const Translation *translation)
{
	const Interpretation *in;
	MemoryTemplate *template;
	Datum values[P_COUNT] = {0};
	char nulls[P_COUNT];
	OwnerScope scope;

	if (strcmp(translation->translator, "llm") != 0 || translation->ambiguities != NIL ||
		setting_memory_max_entries == 0 || !can_write())
		return;
	in = interpret_question(subject->question, subject->snapshot);
	template = template_read(in, translation->sql);
	if (template == NULL)
		return;
	fill_row(subject, MEMORY_QUESTION, translation->sql, values, nulls);
	fill_facts(subject, in, template, false, false, values, nulls);
	fill_translation(translation, values, nulls);
	set_key(values, nulls, P_SNAPSHOT_KEY, memory_snapshot_key(subject->snapshot));
	set_key(values, nulls, P_READING_KEY, memory_reading_key(in));
	owner_scope_enter(&scope);
	if (!IsolationUsesXactSnapshot())
		execute(&delete_older, &values[P_QUESTION_KEY], NULL);
	execute(&insert_entry, values, nulls);
	keep_in_bounds(values[P_SCOPE_KEY]);
	owner_scope_leave(&scope);
}

void
memory_note_use(const pg_uuid_t *entry)
{
	Datum id = UUIDPGetDatum(entry);
	OwnerScope scope;

	if (!can_write() || IsolationUsesXactSnapshot())
		return;
	owner_scope_enter(&scope);
	execute(&note_use, &id, NULL);
	owner_scope_leave(&scope);
}

static void
require_room_for_example(Datum scope_key)
{
	bool isnull;
	int64 count;

	execute(&count_examples, &scope_key, NULL);
	count = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	if (count >= setting_memory_max_entries)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many examples"),
				 errdetail("sql_agent.memory_max_entries (%d) is the limit of one tenant or role.",
						   setting_memory_max_entries),
				 errhint("Drop some with example_drop().")));
}

static Datum
kinds_array(const char *first, const char *second)
{
	Datum kinds[] = {CStringGetTextDatum(first), CStringGetTextDatum(second)};

	return PointerGetDatum(construct_array(kinds, 2, TEXTOID, -1, false, TYPALIGN_INT));
}

/* what is kept of the question gives way to what is said of it */
static void
delete_entries(const MemorySubject *subject, const char *asked_by)
{
	Datum values[] = {Int64GetDatum((int64) question_key(subject, asked_by)),
					  kinds_array("question", "example")};

	execute(&delete_known, values, NULL);
}

static void
delete_rejected_sql(const MemorySubject *subject, const char *asked_by, const char *sql)
{
	Datum values[] = {Int64GetDatum((int64) question_key(subject, asked_by)),
					  CStringGetTextDatum(sql)};

	execute(&delete_rejection, values, NULL);
}

void
memory_verify(const MemorySubject *subject, const char *sql, const Translation *translation,
			  bool by_hand, pg_uuid_t *id)
{
	const Interpretation *in = interpret_question(subject->question, subject->snapshot);
	MemoryTemplate *template = template_read(in, sql);
	Datum values[P_COUNT] = {0};
	char nulls[P_COUNT];
	OwnerScope scope;

	/* the guard has passed it a moment ago */
	if (template == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("the tables of the example changed meanwhile"), errhint("Try again.")));
	fill_row(subject, MEMORY_EXAMPLE, sql, values, nulls);
	fill_facts(subject, in, template, by_hand,
			   translation != NULL && strcmp(translation->translator, "builtin") == 0, values,
			   nulls);
	fill_translation(translation, values, nulls);
	owner_scope_enter(&scope);
	delete_entries(subject, served(subject));
	delete_rejected_sql(subject, served(subject), sql);
	delete_rejected_sql(subject, subject->asked_by, sql);
	require_room_for_example(values[P_SCOPE_KEY]);
	execute(&insert_entry, values, nulls);
	keep_in_bounds(values[P_SCOPE_KEY]);
	owner_scope_leave(&scope);
	if (id != NULL)
		*id = *DatumGetUUIDP(values[P_ID]);
}

void
memory_reject(const MemorySubject *subject, const char *sql, const pg_uuid_t *entry)
{
	Datum values[P_COUNT] = {0};
	char nulls[P_COUNT];
	OwnerScope scope;

	fill_row(subject, MEMORY_REJECTED, sql, values, nulls);
	owner_scope_enter(&scope);
	delete_entries(subject, subject->asked_by);
	if (subject->vouched)
		delete_entries(subject, NULL);
	delete_rejected_sql(subject, served(subject), sql);
	if (entry != NULL)
	{
		Datum end_values[] = {UUIDPGetDatum(entry), values[P_ASKED_BY],
							  BoolGetDatum(subject->vouched)};

		execute(&end_template, end_values, NULL);
	}
	execute(&insert_entry, values, nulls);
	keep_in_bounds(values[P_SCOPE_KEY]);
	owner_scope_leave(&scope);
}

/* may the caller drop what he does not own? */
static bool
may_drop(const pg_uuid_t *id)
{
	Oid role;
	MemoryScope scope;
	ListCell *lc;

	if (identity_is_operator())
		return true;
	role = identity_asking_role();
	if (!memory_may_vouch(role))
		return false;
	scope = memory_scope(role);
	foreach (lc, memory_read_scope(MEMORY_OF_SCOPE, &scope, 0))
	{
		const MemoryEntry *entry = lfirst(lc);

		if (memcmp(&entry->id, id, sizeof(pg_uuid_t)) == 0)
			return true;
	}
	return false;
}

bool
memory_drop(const pg_uuid_t *id)
{
	Datum values[] = {UUIDPGetDatum(id), name_datum(GetUserNameFromId(GetUserId(), false)),
					  BoolGetDatum(may_drop(id))};
	OwnerScope scope;
	uint64 count;

	owner_scope_enter(&scope);
	execute(&drop_entry, values, NULL);
	count = SPI_processed;
	owner_scope_leave(&scope);
	return count > 0;
}

int64
memory_forget(Oid asking_role, const char *question)
{
	const char *caller = GetUserNameFromId(GetUserId(), false);
	char *normal = question ? memory_normal_form(question) : NULL;
	MemoryScope memory = memory_scope(asking_role);
	List *entries = memory_read_scope(MEMORY_OF_SCOPE, &memory, 0);
	Datum *ids = palloc(sizeof(Datum) * Max(list_length(entries), 1));
	int n = 0;
	OwnerScope scope;
	ListCell *lc;
	Datum list;
	int64 count;

	foreach (lc, entries)
	{
		MemoryEntry *entry = lfirst(lc);

		if (strcmp(entry->asked_by, caller) == 0 &&
			(normal == NULL || strcmp(memory_normal_form(entry->question), normal) == 0))
			ids[n++] = UUIDPGetDatum(&entry->id);
	}
	list = PointerGetDatum(construct_array(ids, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
	owner_scope_enter(&scope);
	execute(&delete_listed, &list, NULL);
	count = SPI_processed;
	owner_scope_leave(&scope);
	return count;
}
