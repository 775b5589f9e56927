/*-------------------------------------------------------------------------
 *
 * clarify.c
 *		SQL functions validate_question and clarify; and how answers, given or
 *		remembered, take part in a translation.
 *
 * Answers are kept as they were given and are matched anew with what the
 * question leaves open: the tables may have changed since, and an answer of an
 * earlier question counts only where the same dimension or word is open again.
 * A remembered answer that does not fit is passed over; one that was given for
 * this very question raises.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/clarify.h"
#include "catalog/snapshot.h"
#include "common/display.h"
#include "common/json.h"
#include "common/settings.h"
#include "lib/stringinfo.h"
#include "tenant/identity.h"
#include "translate/clarify.h"
#include "translate/memory.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(sql_agent_validate_question);
PG_FUNCTION_INFO_V1(sql_agent_clarify);

static void
json_value_of(const ClarifyAnswer *answer, JsonbValue *value)
{
	if (JB_ROOT_IS_SCALAR(answer->answer))
	{
		JsonbExtractScalar(&answer->answer->root, value);
		return;
	}
	value->type = jbvBinary;
	value->val.binary.data = &answer->answer->root;
	value->val.binary.len = VARSIZE(answer->answer) - VARHDRSZ;
}

/* the column of a dimension, as it stays the same over changes of the snapshot */
static char *
dimension_about(const AskSnapshot *snapshot, const OpenDimension *dimension)
{
	const SnapshotRelation *rel;

	if (dimension->relation < 0)
		return NULL;
	rel = &snapshot->relations[dimension->relation];
	if (dimension->column < 0)
		return quote_qualified_identifier(rel->schema, rel->name);
	return psprintf("%s.%s", quote_qualified_identifier(rel->schema, rel->name),
					quote_identifier(rel->columns[dimension->column].name));
}

static void
append_item(StringInfo buf, const char *text)
{
	appendStringInfo(buf, "%s\"%s\"", buf->len > 0 ? ", " : "", display_escape(text));
}

static void
raise_unknown_key(const ClarifyAnswer *answer, List *ambiguities, List *dimensions)
{
	StringInfoData open;
	ListCell *lc;

	initStringInfo(&open);
	foreach (lc, ambiguities)
		append_item(&open, ((Ambiguity *) lfirst(lc))->word);
	foreach (lc, dimensions)
		append_item(&open, ((OpenDimension *) lfirst(lc))->name);
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the question leaves nothing open that is called \"%s\"",
						   display_escape(answer->key)),
					open.len > 0 ? errhint("It leaves open: %s.", open.data)
								 : errhint("It leaves nothing open; validate_question() tells.")));
}

static void
raise_unknown_option(const ClarifyAnswer *answer, List *options, const char *others)
{
	StringInfoData valid;
	ListCell *lc;

	initStringInfo(&valid);
	foreach (lc, options)
		append_item(&valid, lfirst(lc));
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("\"%s\" can not be answered with %s", display_escape(answer->key),
						   display_escape(JsonbToCString(NULL, &answer->answer->root,
														 VARSIZE(answer->answer)))),
					errhint("Valid options are %s%s.", valid.data, others)));
}

static const Ambiguity *
find_ambiguity(List *ambiguities, const char *word)
{
	ListCell *lc;

	foreach (lc, ambiguities)
	{
		const Ambiguity *ambiguity = lfirst(lc);

		if (pg_strcasecmp(ambiguity->word, word) == 0)
			return ambiguity;
	}
	return NULL;
}

static const OpenDimension *
find_dimension(List *dimensions, const char *name)
{
	ListCell *lc;

	foreach (lc, dimensions)
	{
		const OpenDimension *dimension = lfirst(lc);

		if (pg_strcasecmp(dimension->name, name) == 0)
			return dimension;
	}
	return NULL;
}

static bool
is_answered(List *answers, const char *key)
{
	ListCell *lc;

	foreach (lc, answers)
	{
		if (pg_strcasecmp(((ClarifyAnswer *) lfirst(lc))->key, key) == 0)
			return true;
	}
	return false;
}

/*
 * What words mean: as the request says, and as the chat remembers.
 */
static List *
choose_readings(List *given, List *remembered, List *ambiguities)
{
	List *choices = NIL;
	ListCell *lc;

	foreach (lc, given)
	{
		ClarifyAnswer *answer = lfirst(lc);
		const Ambiguity *ambiguity = find_ambiguity(ambiguities, answer->key);
		JsonbValue value;
		Choice *choice;

		if (ambiguity == NULL)
			continue;
		json_value_of(answer, &value);
		choice = choose_reading(ambiguity, &value);
		if (choice == NULL)
			raise_unknown_option(answer, ambiguity->readings, "");
		answer->reading = true;
		choices = lappend(choices, choice);
	}
	foreach (lc, remembered)
	{
		const ClarifyAnswer *answer = lfirst(lc);
		JsonbValue value;
		Choice *choice;

		json_value_of(answer, &value);
		if (!answer->reading || value.type != jbvString || is_answered(given, answer->key))
			continue;
		choice = remembered_reading(answer->key, json_value_text(&value));
		choice->remembered = true;
		choices = lappend(choices, choice);
	}
	return choices;
}

/* what may be chosen beyond the options that are listed */
static const char *
other_options(const OpenDimension *dimension)
{
	switch (dimension->kind)
	{
		case DIMENSION_TIME:
			return ", or another time such as \"last month\"";
		case DIMENSION_VALUES:
			return ", or an array of some";
		case DIMENSION_THINGS:
			return ", or a stored name, or an array of some";
		case DIMENSION_RANKING:
		case DIMENSION_MEASURE:
			return "";
	}
	return NULL; /* keep compiler quiet */
}

static List *
choose_given(AskSnapshot *snapshot, List *given, List *ambiguities, List *dimensions)
{
	List *choices = NIL;
	ListCell *lc;

	foreach (lc, given)
	{
		ClarifyAnswer *answer = lfirst(lc);
		const OpenDimension *dimension;
		JsonbValue value;
		Choice *choice;

		if (answer->reading)
			continue;
		dimension = find_dimension(dimensions, answer->key);
		if (dimension == NULL)
			raise_unknown_key(answer, ambiguities, dimensions);
		json_value_of(answer, &value);
		choice = choose_option(snapshot, dimension, &value);
		if (choice == NULL)
			raise_unknown_option(answer, dimension->options, other_options(dimension));
		answer->about = dimension_about(snapshot, dimension);
		choices = lappend(choices, choice);
	}
	return choices;
}

static List *
choose_remembered(AskSnapshot *snapshot, List *given, List *remembered, List *dimensions)
{
	List *choices = NIL;
	ListCell *lc;

	foreach (lc, remembered)
	{
		const ClarifyAnswer *answer = lfirst(lc);
		const OpenDimension *dimension = find_dimension(dimensions, answer->key);
		JsonbValue value;
		char *about;
		Choice *choice;

		if (answer->reading || dimension == NULL || is_answered(given, answer->key))
			continue;
		about = dimension_about(snapshot, dimension);
		if (about == NULL || answer->about == NULL || strcmp(about, answer->about) != 0)
			continue;
		json_value_of(answer, &value);
		choice = choose_option(snapshot, dimension, &value);
		/* a row for each was an answer to that question alone */
		if (choice == NULL || choice->kind == CHOICE_GROUP || choice->kind == CHOICE_BUCKET ||
			choice->kind == CHOICE_RANKING || choice->kind == CHOICE_ALL)
			continue;
		choice->remembered = true;
		choices = lappend(choices, choice);
	}
	return choices;
}

/*
 * What is to be asked back is found without a model, and before one is paid;
 * NULL where nothing is, or where it is known what the question means.
 */
static Translation *
asked_back(const char *question, AskSnapshot *snapshot)
{
	Translation *translation;

	if (setting_clarify != CLARIFY_ASK || memory_translate(question, snapshot) != NULL)
		return NULL;
	translation = translate_with_choices(question, NIL, snapshot);
	return translation->ambiguities != NIL || clarify_is_too_broad(translation, snapshot)
			   ? translation
			   : NULL;
}

/* the choices as a part of the question, for a translator that reads text */
static Translation *
translate_in_words(const char *question, Translation *declined, AskSnapshot *snapshot, bool may_run)
{
	Translation *translation;

	if (declined->context == NULL)
		return declined;
	translation =
		translate_question(psprintf("%s (%s)", question, declined->context), snapshot, may_run);
	if (!translation->answered)
		return declined;
	translation->context = declined->context;
	return translation;
}

Translation *
clarify_translate(AskRequest *request, List *remembered, AskSnapshot *snapshot, bool may_run)
{
	Translation *translation;
	List *ambiguities;
	List *readings;
	List *dimensions;
	List *given;
	List *earlier;

	if (request->answers == NIL && remembered == NIL)
	{
		translation = asked_back(request->question, snapshot);
		return translation ? translation : translate_question(request->question, snapshot, may_run);
	}
	/* only the built-in translator knows what is open */
	translation = translate_with_choices(request->question, NIL, snapshot);
	ambiguities = translation->ambiguities;
	readings = choose_readings(request->answers, remembered, ambiguities);
	if (readings != NIL)
		translation = translate_with_choices(request->question, readings, snapshot);
	dimensions = open_dimensions(snapshot, translation->shape);
	given = choose_given(snapshot, request->answers, ambiguities, dimensions);
	earlier = choose_remembered(snapshot, request->answers, remembered, dimensions);
	if (given == NIL && earlier == NIL)
		return translation->context ? translation
									: translate_question(request->question, snapshot, may_run);
	if (earlier != NIL)
	{
		Translation *with_earlier = translate_with_choices(
			request->question, list_concat(list_concat_copy(readings, given), earlier), snapshot);

		/* what was said of another question may not go together with this one */
		if (with_earlier->answered)
			return with_earlier;
		if (given == NIL)
			return translation->context ? translation
										: translate_question(request->question, snapshot, may_run);
	}
	translation =
		translate_with_choices(request->question, list_concat_copy(readings, given), snapshot);
	return translation->answered
			   ? translation
			   : translate_in_words(request->question, translation, snapshot, may_run);
}

Datum
sql_agent_validate_question(PG_FUNCTION_ARGS)
{
	MemoryContext outer = CurrentMemoryContext;
	MemoryContext context =
		AllocSetContextCreate(outer, "sql_agent validate", ALLOCSET_DEFAULT_SIZES);
	char *question;
	AskSnapshot *snapshot;
	Clarification empty = {0};
	Clarification *clarification = &empty;
	JsonBuilder json;
	Jsonb *document;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("argument \"databases\" is not supported yet"), errhint("Leave it out.")));
	MemoryContextSwitchTo(context);
	question = text_to_cstring(PG_GETARG_TEXT_PP(0));
	ask_check_question(question);
	snapshot = snapshot_get(identity_asking_role());
	if (snapshot->nrelations > 0)
		clarification =
			clarify_question(question, translate_with_choices(question, NIL, snapshot), snapshot);
	json_start(&json);
	answer_put_clarification(&json, NULL, clarification);
	MemoryContextSwitchTo(outer);
	document = json_finish(&json);
	MemoryContextDelete(context);
	PG_RETURN_JSONB_P(document);
}

/* the members of the answers, in their order */
static List *
read_answers(Jsonb *answers)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue value;
	List *result = NIL;

	if (!JB_ROOT_IS_OBJECT(answers))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("answers is not a JSON object"),
				 errhint("Give an option for each name, such as {\"time\": \"2024\"}.")));
	iterator = JsonbIteratorInit(&answers->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			ClarifyAnswer *answer = palloc0(sizeof(ClarifyAnswer));

			answer->key = json_value_text(&value);
			result = lappend(result, answer);
		}
		else if (token == WJB_VALUE)
			((ClarifyAnswer *) llast(result))->answer = JsonbValueToJsonb(&value);
	}
	if (result == NIL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("answers is empty"),
						errhint("Give an option for each name, such as {\"time\": \"2024\"}.")));
	return result;
}

Datum
sql_agent_clarify(PG_FUNCTION_ARGS)
{
	pg_uuid_t *id = PG_GETARG_UUID_P(0);
	MemoryContext outer = CurrentMemoryContext;
	MemoryContext context =
		AllocSetContextCreate(outer, "sql_agent clarify", ALLOCSET_DEFAULT_SIZES);
	AskRequest *request;
	Answer *answer;
	Jsonb *document;

	MemoryContextSwitchTo(context);
	request = palloc0(sizeof(AskRequest));
	request->chat = palloc(sizeof(pg_uuid_t));
	if (!clarify_find_question(id, &request->question, request->chat))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("question %s does not exist",
							   DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)))),
						errhint("View sql_agent.questions lists your questions.")));
	request->answers = read_answers(PG_GETARG_JSONB_P(1));
	request->record = true;
	request->chart = true;
	answer = answer_build(request, ANSWER_RUN);
	if (answer->translation != NULL)
		clarify_remember(request->chat, request->answers);
	document = answer_to_json(answer);
	answer_end(answer);
	MemoryContextSwitchTo(outer);
	document = (Jsonb *) pg_detoast_datum_copy((struct varlena *) document);
	MemoryContextDelete(context);
	PG_RETURN_JSONB_P(document);
}
