/*-------------------------------------------------------------------------
 *
 * memory.c
 *		The translator that remembers: exact repeats and filled templates.
 *
 * A verified entry serves while its SQL passes the guard and the values of the
 * question are still values of the columns that they are compared with.  One
 * that is only a model's answer serves, beyond that, while nothing has changed
 * that the model may have looked at: any name, type, comment or synonym that
 * can be asked about, the model itself, and what the words of the question
 * are.  Everything is compared when the question is asked, so nothing has to
 * be thrown away in time.
 *
 * A filled template says so, as an assumption of the answer.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "commands/defrem.h"
#include "common/json.h"
#include "common/settings.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "translate/memory_int.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

/* of one key; what lies beyond is older */
#define MAX_CANDIDATE_ENTRIES 50
/* templates that are tried for one question */
#define MAX_TRIES 5

/* a question on its way through memory */
typedef struct Recall
{
	const char *question;
	const char *context;
	AskSnapshot *snapshot;
	MemoryScope scope;
	char *normal;
	Interpretation *in; /* made when first needed */
	List *entries;      /* MemoryEntry *, of the very question */
} Recall;

static const Interpretation *
recall_reading(Recall *recall)
{
	if (recall->in == NULL)
		recall->in = interpret_question(recall->question, recall->snapshot);
	return recall->in;
}

static List *
read_question(const Recall *recall, const char *asked_by)
{
	return memory_read(
		MEMORY_BY_QUESTION,
		memory_question_key(&recall->scope, asked_by, recall->normal, recall->context),
		MAX_CANDIDATE_ENTRIES);
}

static List *
read_templates(const Recall *recall, const char *asked_by, const char *skeleton)
{
	return memory_read(MEMORY_BY_TEMPLATE,
					   memory_template_key(&recall->scope, asked_by, skeleton, recall->context),
					   MAX_CANDIDATE_ENTRIES);
}

static void
recall_begin(Recall *recall, const char *question, const char *context, AskSnapshot *snapshot)
{
	const char *caller = GetUserNameFromId(GetUserId(), false);
	List *found;
	ListCell *lc;

	memset(recall, 0, sizeof(Recall));
	recall->question = question;
	recall->context = context;
	recall->snapshot = snapshot;
	recall->scope = memory_scope(snapshot->role);
	recall->normal = memory_normal_form(question);
	/* the caller's own first */
	found = read_question(recall, caller);
	found = list_concat(found, read_question(recall, NULL));
	foreach (lc, found)
	{
		MemoryEntry *entry = lfirst(lc);

		if (memory_serves(entry, &recall->scope) &&
			strcmp(memory_normal_form(entry->question), recall->normal) == 0)
			recall->entries = lappend(recall->entries, entry);
	}
}

static bool
recall_rejects(const Recall *recall, const char *sql)
{
	ListCell *lc;

	foreach (lc, recall->entries)
	{
		const MemoryEntry *entry = lfirst(lc);

		if (entry->kind == MEMORY_REJECTED && memory_same_sql(entry->sql, sql))
			return true;
	}
	return false;
}

/*
 * The model that the caller's questions would go to, NULL = none.
 */
static const char *
configured_model(void)
{
	ForeignServer *server;
	ListCell *lc;

	if (setting_llm == NULL || *setting_llm == '\0')
		return NULL;
	server = GetForeignServerByName(setting_llm, true);
	if (server == NULL)
		return NULL;
	foreach (lc, server->options)
	{
		DefElem *option = lfirst(lc);

		if (strcmp(option->defname, "model") == 0)
			return defGetString(option);
	}
	return NULL;
}

bool
memory_is_of_model(const MemoryEntry *entry)
{
	const char *model = configured_model();

	if (entry->model == NULL || model == NULL)
		return entry->model == model;
	return strcmp(entry->model, model) == 0;
}

/* what needs no look at the SQL */
static bool
entry_is_current(const MemoryEntry *entry, AskSnapshot *snapshot)
{
	if (memory_missing(entry, snapshot->role) != NULL)
		return false;
	if (entry->dated && entry->only_on != memory_today())
		return false;
	if (entry->kind == MEMORY_EXAMPLE)
		return true;
	return entry->kind == MEMORY_QUESTION && memory_is_of_model(entry) &&
		   entry->snapshot_key == memory_snapshot_key(snapshot);
}

static void
read_assumptions(Translation *translation, Jsonb *shape)
{
	JsonbValue *member = json_member(&shape->root, "assumptions");
	JsonbIterator *it;
	JsonbValue value;
	JsonbIteratorToken token;

	if (member == NULL || member->type != jbvBinary)
		return;
	it = JsonbIteratorInit(member->val.binary.data);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
		if (token == WJB_ELEM && value.type == jbvString)
			translation->assumptions = lappend(translation->assumptions, json_value_text(&value));
}

static void
read_columns(Translation *translation, Jsonb *shape)
{
	JsonbValue *member = json_member(&shape->root, "columns");
	JsonbIterator *it;
	JsonbValue value;
	JsonbIteratorToken token;
	ResultColumn *column = NULL;

	if (member == NULL || member->type != jbvBinary)
		return;
	/* an array of names and roles by turns */
	it = JsonbIteratorInit(member->val.binary.data);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		if (column == NULL)
		{
			column = palloc0(sizeof(ResultColumn));
			column->name = json_value_text(&value);
			continue;
		}
		column->role = (ResultRole) Min(Max(atoi(json_value_text(&value)), 0), RESULT_REMARK);
		translation->columns = lappend(translation->columns, column);
		column = NULL;
	}
}

static bool
shape_flag(Jsonb *shape, const char *name)
{
	JsonbValue *member = json_member(&shape->root, name);

	return member != NULL && member->type == jbvBool && member->val.boolean;
}

/*
 * The translation's members that are no SQL, kept beside it.
 */
Jsonb *
memory_shape(const Translation *translation)
{
	JsonBuilder json;
	ListCell *lc;

	json_start(&json);
	json_begin_object(&json, NULL);
	json_string(&json, "explanation", translation->explanation);
	json_string(&json, "subject", translation->subject);
	json_double(&json, "confidence", translation->confidence);
	json_bool(&json, "ranked", translation->ranked);
	json_bool(&json, "share", translation->wants_share);
	json_bool(&json, "single", translation->single_value);
	json_begin_array(&json, "assumptions");
	foreach (lc, translation->assumptions)
		json_string(&json, NULL, lfirst(lc));
	json_end_array(&json);
	json_begin_array(&json, "columns");
	foreach (lc, translation->columns)
	{
		const ResultColumn *column = lfirst(lc);

		json_string(&json, NULL, column->name);
		json_int(&json, NULL, column->role);
	}
	json_end_array(&json);
	json_end_object(&json);
	return json_finish(&json);
}

static char *
shape_text(Jsonb *shape, const char *name)
{
	JsonbValue *member = json_member(&shape->root, name);

	return member ? json_value_text(member) : NULL;
}

static Translation *
make_translation(const MemoryEntry *entry, char *sql)
{
	Translation *translation = palloc0(sizeof(Translation));

	translation->answered = true;
	translation->translator = "memory";
	translation->sql = sql;
	translation->model = entry->model;
	translation->confidence = 1.0;
	translation->memory_id = palloc(sizeof(pg_uuid_t));
	*translation->memory_id = entry->id;
	if (entry->shape == NULL || !JB_ROOT_IS_OBJECT(entry->shape))
		return translation;
	translation->explanation = shape_text(entry->shape, "explanation");
	translation->subject = shape_text(entry->shape, "subject");
	if (entry->kind == MEMORY_QUESTION && shape_text(entry->shape, "confidence"))
		translation->confidence = atof(shape_text(entry->shape, "confidence"));
	translation->ranked = shape_flag(entry->shape, "ranked");
	translation->wants_share = shape_flag(entry->shape, "share");
	translation->single_value = shape_flag(entry->shape, "single");
	read_assumptions(translation, entry->shape);
	read_columns(translation, entry->shape);
	return translation;
}

/*
 * The very question.
 */
static Translation *
recall_repeat(Recall *recall)
{
	for (int verified = 1; verified >= 0; verified--)
	{
		ListCell *lc;

		foreach (lc, recall->entries)
		{
			const MemoryEntry *entry = lfirst(lc);
			MemoryTemplate *template;

			if (entry->kind != (verified ? MEMORY_EXAMPLE : MEMORY_QUESTION) ||
				!entry_is_current(entry, recall->snapshot) || recall_rejects(recall, entry->sql))
				continue;
			if (!verified && entry->reading_key != memory_reading_key(recall_reading(recall)))
				continue;
			template = template_read(recall_reading(recall), entry->sql);
			/* a value that is stored no longer, or in another spelling */
			if (template == NULL || template->filled_values < entry->filled_values)
				continue;
			return make_translation(entry, entry->sql);
		}
	}
	return NULL;
}

static Translation *
fill_entry(Recall *recall, const MemoryEntry *entry)
{
	const Interpretation *in = interpret_question(entry->question, recall->snapshot);
	MemoryTemplate *template;
	Translation *translation;
	char *skeleton = memory_skeleton(entry->question, in);
	char *told;
	char *sql;

	/* values come and go: it must still be cut in the same places */
	if (skeleton == NULL ||
		strcmp(skeleton, memory_skeleton(recall->question, recall_reading(recall))) != 0)
		return NULL;
	if (entry->kind == MEMORY_QUESTION && entry->reading_key != memory_reading_key(in))
		return NULL;
	template = template_read(in, entry->sql);
	if (template == NULL || template->filled_values < entry->filled_values)
		return NULL;
	sql = template_fill(template, recall_reading(recall), &told);
	if (sql == NULL || recall_rejects(recall, sql))
		return NULL;
	translation = make_translation(entry, sql);
	/* these speak of the other question */
	translation->explanation = NULL;
	translation->assumptions =
		list_make1(psprintf("Answered as \"%s\" was, with %s.", entry->question, told));
	return translation;
}

static Translation *
recall_template(Recall *recall)
{
	char *skeleton;
	List *found;
	int tries = 0;

	/* most roles remember nothing: then the question is not read here */
	if (memory_read_scope(MEMORY_OF_SCOPE, &recall->scope, 1) == NIL)
		return NULL;
	skeleton = memory_skeleton(recall->question, recall_reading(recall));
	if (skeleton == NULL)
		return NULL;
	found = list_concat(read_templates(recall, GetUserNameFromId(GetUserId(), false), skeleton),
						read_templates(recall, NULL, skeleton));
	for (int verified = 1; verified >= 0; verified--)
	{
		ListCell *lc;

		foreach (lc, found)
		{
			const MemoryEntry *entry = lfirst(lc);
			Translation *translation;

			if (entry->kind != (verified ? MEMORY_EXAMPLE : MEMORY_QUESTION) ||
				!memory_serves(entry, &recall->scope) || !entry_is_current(entry, recall->snapshot))
				continue;
			if (++tries > MAX_TRIES)
				return NULL;
			translation = fill_entry(recall, entry);
			if (translation != NULL)
				return translation;
		}
	}
	return NULL;
}

Translation *
memory_translate_in(const char *question, const char *context, AskSnapshot *snapshot)
{
	Recall recall;
	Translation *translation;

	recall_begin(&recall, question, context, snapshot);
	translation = recall_repeat(&recall);
	return translation ? translation : recall_template(&recall);
}

Translation *
memory_translate(const char *question, AskSnapshot *snapshot)
{
	return memory_translate_in(question, NULL, snapshot);
}

bool
memory_rejects(const char *question, AskSnapshot *snapshot, const char *sql)
{
	Recall recall;

	recall_begin(&recall, question, NULL, snapshot);
	return recall_rejects(&recall, sql);
}
