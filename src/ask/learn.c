/*-------------------------------------------------------------------------
 *
 * learn.c
 *		What answers and people's verdicts on them leave in memory: SQL
 *		functions feedback and forget.
 *
 * A verdict is about a question of the history.  It is given by the one who
 * asked, or by an operator, whose verdict counts for all whose questions run
 * as the same role.  Corrected SQL passes the guard as that role before
 * anything is written.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/learn.h"
#include "catalog/pg_type.h"
#include "common/owner.h"
#include "miscadmin.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "translate/builtin.h"
#include "translate/memory.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(sql_agent_feedback);
PG_FUNCTION_INFO_V1(sql_agent_forget);

#define SELECT_QUESTION                                                           \
	"SELECT question, sql, status, translator, asked_by, asking_role, memory_id," \
	" context, tenant FROM sql_agent.question WHERE id = $1"

/* a row of the history */
typedef struct PastQuestion
{
	pg_uuid_t id;
	char *question;
	char *sql; /* or NULL */
	char *status;
	char *translator; /* or NULL */
	char *asked_by;
	char *asking_role;
	char *context;        /* or NULL */
	char *tenant;         /* or NULL */
	pg_uuid_t *memory_id; /* or NULL */
} PastQuestion;

void
learn_from_answer(const Answer *answer)
{
	const Translation *translation = answer->translation;
	MemorySubject subject = {0};

	if (!answer->recorded || answer->status != ANSWER_ANSWERED || answer->mode == ANSWER_CHECK ||
		translation == NULL)
		return;
	if (translation->memory_id != NULL)
		memory_note_use(translation->memory_id);
	/* a condition that nothing meets may be a wrong one */
	if (answer->outcome->row_count == 0)
		return;
	subject.question = answer->request->question;
	subject.context = translation->context;
	subject.snapshot = snapshot_get(answer->asking_role);
	subject.asked_by = GetUserNameFromId(GetUserId(), false);
	subject.question_id = &answer->question_id;
	memory_remember(&subject, translation);
}

static char *
column_text(int column, MemoryContext context)
{
	char *text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);

	return text ? MemoryContextStrdup(context, text) : NULL;
}

/*
 * Did the caller ask it, and for a tenant that it still belongs to?
 */
static bool
is_own(const PastQuestion *past)
{
	const TenantIdentity *identity;

	if (strcmp(past->asked_by, GetUserNameFromId(GetUserId(), false)) != 0)
		return false;
	if (past->tenant == NULL)
		return true;
	identity = tenant_identity(GetUserId());
	return identity->state == TENANT_ONE && strcmp(identity->name, past->tenant) == 0;
}

/*
 * The question, where the caller may speak of it.
 */
static PastQuestion *
find_question(const pg_uuid_t *id)
{
	MemoryContext context = CurrentMemoryContext;
	PastQuestion *past = palloc0(sizeof(PastQuestion));
	Oid type = UUIDOID;
	Datum value = UUIDPGetDatum(id);
	OwnerScope scope;
	bool found;

	past->id = *id;
	owner_scope_enter(&scope);
	if (SPI_execute_with_args(SELECT_QUESTION, 1, &type, &value, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the question");
	found = SPI_processed == 1;
	if (found)
	{
		bool isnull;
		Datum memory_id = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 7, &isnull);

		past->question = column_text(1, context);
		past->sql = column_text(2, context);
		past->status = column_text(3, context);
		past->translator = column_text(4, context);
		past->asked_by = column_text(5, context);
		past->asking_role = column_text(6, context);
		past->context = column_text(8, context);
		past->tenant = column_text(9, context);
		if (!isnull)
		{
			past->memory_id = MemoryContextAlloc(context, sizeof(pg_uuid_t));
			*past->memory_id = *DatumGetUUIDP(memory_id);
		}
	}
	owner_scope_leave(&scope);
	if (found && (is_own(past) || memory_may_vouch(get_role_oid(past->asking_role, true))))
		return past;
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
					errmsg("question %s does not exist",
						   DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)))),
					errhint("View sql_agent.questions lists your questions with their ids.")));
	return NULL; /* keep compiler quiet */
}

static void
fill_subject(const PastQuestion *past, MemorySubject *subject)
{
	Oid role;

	/* a name in the history may be another tenant's by now: only operators go by it */
	role = identity_is_operator() ? get_role_oid(past->asking_role, true) : identity_asking_role();
	if (!OidIsValid(role))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("role \"%s\" does not exist", past->asking_role),
						errdetail("The question ran as this role.")));
	memset(subject, 0, sizeof(MemorySubject));
	subject->question = past->question;
	subject->context = past->context;
	subject->snapshot = snapshot_get(role);
	subject->asked_by = past->asked_by;
	subject->question_id = &past->id;
	subject->vouched = memory_may_vouch(role);
}

/*
 * What the translator says beside the SQL, where it would say the same SQL
 * again: explanation and kinds of columns are not in the history.
 */
static Translation *
translate_as_before(const PastQuestion *past, AskSnapshot *snapshot)
{
	Translation *translation;

	/* with which choices it was made can not be told from their text */
	if (past->context != NULL)
		return NULL;
	if (past->translator != NULL && strcmp(past->translator, "builtin") == 0)
		translation = builtin_translate(past->question, snapshot);
	else
		translation = memory_translate(past->question, snapshot);
	if (translation == NULL || !translation->answered ||
		!memory_same_sql(translation->sql, past->sql))
		return NULL;
	/* a filled template speaks of the other question */
	if (translation->memory_id != NULL && translation->explanation == NULL)
		translation->assumptions = NIL;
	return translation;
}

static void
take_as_correct(const PastQuestion *past, const MemorySubject *subject)
{
	if (past->sql == NULL || strcmp(past->status, "answered") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the question was not answered"),
				 errhint("Give the SQL that answers it: feedback(id, false, 'SELECT ...').")));
	memory_require_allowed(past->sql, subject->snapshot->role);
	memory_verify(subject, past->sql, translate_as_before(past, subject->snapshot), false, NULL);
}

/*
 * feedback(question_id, correct, corrected_sql)
 */
Datum
sql_agent_feedback(PG_FUNCTION_ARGS)
{
	PastQuestion *past;
	MemorySubject subject;
	char *corrected = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("argument \"%s\" must not be null",
							   PG_ARGISNULL(0) ? "question_id" : "correct")));
	if (PG_GETARG_BOOL(1) && corrected != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("corrected_sql is given for a correct answer"),
						errhint("Leave it out, or set correct to false.")));
	PreventCommandIfReadOnly("feedback()");
	past = find_question(PG_GETARG_UUID_P(0));
	fill_subject(past, &subject);
	if (PG_GETARG_BOOL(1))
	{
		take_as_correct(past, &subject);
		PG_RETURN_VOID();
	}
	if (corrected != NULL)
		memory_require_allowed(corrected, subject.snapshot->role);
	if (past->sql != NULL && (corrected == NULL || !memory_same_sql(past->sql, corrected)))
		memory_reject(&subject, past->sql, past->memory_id);
	if (corrected != NULL)
		memory_verify(&subject, corrected, NULL, true, NULL);
	PG_RETURN_VOID();
}

/*
 * forget(question, question_id, everything): exactly one of them says what.
 */
Datum
sql_agent_forget(PG_FUNCTION_ARGS)
{
	bool everything = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	char *question = NULL;

	if ((!PG_ARGISNULL(0)) + (!PG_ARGISNULL(1)) + everything != 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("say what to forget in exactly one way"),
						errhint("Give question, question_id or everything => true.")));
	PreventCommandIfReadOnly("forget()");
	if (!PG_ARGISNULL(0))
		question = text_to_cstring(PG_GETARG_TEXT_PP(0));
	else if (!PG_ARGISNULL(1))
		question = find_question(PG_GETARG_UUID_P(1))->question;
	PG_RETURN_INT64(memory_forget(identity_asking_role(), question));
}
