/*-------------------------------------------------------------------------
 *
 * fault.c
 *		What is said about a refusal or a failure, and what is not.
 *
 * The text of an error can carry data ("invalid input syntax for type integer:
 * ..." of a stored value) or tell that something exists which the role may not
 * see.  Errors of the parser and of analysis are about the statement's own
 * text and help a translator to repair it; they are shown where every name in
 * the statement is one that the role may see.  All other errors are replaced
 * by a fixed text per SQLSTATE.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/display.h"
#include "common/errors.h"
#include "guard/guard_int.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

typedef struct FixedText
{
	int sqlstate;
	const char *text;
} FixedText;

/* what may be said about a failure at run time */
static const FixedText run_time_texts[] = {
	{ERRCODE_DIVISION_BY_ZERO, "division by zero"},
	{ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "a number is out of the range of its type"},
	{ERRCODE_DATETIME_FIELD_OVERFLOW, "a date or time is out of range"},
	{ERRCODE_INVALID_DATETIME_FORMAT, "a text is not a valid date or time"},
	{ERRCODE_INVALID_TEXT_REPRESENTATION, "a text is not a valid value of the type it is cast to"},
	{ERRCODE_INVALID_PARAMETER_VALUE, "a function was given a value that it does not take"},
	{ERRCODE_INTERVAL_FIELD_OVERFLOW, "an interval is out of range"},
	{ERRCODE_STRING_DATA_RIGHT_TRUNCATION, "a text is too long for its type"},
	{ERRCODE_SUBSTRING_ERROR, "a substring has a negative length"},
	{ERRCODE_INVALID_REGULAR_EXPRESSION, "a regular expression is not valid"},
	{ERRCODE_INVALID_ARGUMENT_FOR_LOG, "a logarithm of a number that has none"},
	{ERRCODE_INVALID_ARGUMENT_FOR_POWER_FUNCTION, "a power that does not exist"},
	{ERRCODE_INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION,
	 "width_bucket() was given impossible bounds"},
	{ERRCODE_INVALID_ARGUMENT_FOR_NTILE, "ntile() needs a positive number"},
	{ERRCODE_INVALID_ARGUMENT_FOR_NTH_VALUE, "nth_value() needs a positive number"},
	{ERRCODE_INVALID_ROW_COUNT_IN_LIMIT_CLAUSE, "LIMIT must not be negative"},
	{ERRCODE_INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE, "OFFSET must not be negative"},
	{ERRCODE_ARRAY_SUBSCRIPT_ERROR, "an array has the wrong dimensions"},
	{ERRCODE_NULL_VALUE_NOT_ALLOWED, "a null where none is allowed"},
	{ERRCODE_CARDINALITY_VIOLATION, "a subquery used as a value returned more than one row"},
	{ERRCODE_CHARACTER_NOT_IN_REPERTOIRE, "bytes that are no valid text"},
	{ERRCODE_UNTRANSLATABLE_CHARACTER, "a character that the encoding does not have"},
	{ERRCODE_INVALID_JSON_TEXT, "a text is not valid JSON"},
	{ERRCODE_FEATURE_NOT_SUPPORTED, "it uses a feature that is not supported"},
	{ERRCODE_UNDEFINED_FUNCTION, "an operator or function that the types do not have"},
	{ERRCODE_DATATYPE_MISMATCH, "values of types that do not fit"},
	{ERRCODE_INDETERMINATE_COLLATION, "the collation of a comparison is not clear"},
	{ERRCODE_UNDEFINED_OBJECT, "a name that does not exist"},
};

/* limits of the server; all are AG021 */
static const FixedText limit_texts[] = {
	{ERRCODE_STATEMENT_TOO_COMPLEX, "it is nested too deeply"},
	{ERRCODE_PROGRAM_LIMIT_EXCEEDED, "a value or list would be larger than PostgreSQL allows"},
	{ERRCODE_TOO_MANY_COLUMNS, "it has too many columns"},
	{ERRCODE_TOO_MANY_ARGUMENTS, "a function has too many arguments"},
	{ERRCODE_CONFIGURATION_LIMIT_EXCEEDED, "it writes too large temporary files"},
	{ERRCODE_LOCK_NOT_AVAILABLE, "it waited too long for a lock"},
	{ERRCODE_OUT_OF_MEMORY, "it uses too much memory"},
	{ERRCODE_AGENT_LIMIT, "values are too large for what is done with them"},
};

static const char *
fixed_text(const FixedText *texts, int count, int sqlstate)
{
	for (int i = 0; i < count; i++)
		if (texts[i].sqlstate == sqlstate)
			return texts[i].text;
	return NULL;
}

static const char *
limit_rule(int sqlstate)
{
	switch (sqlstate)
	{
		case ERRCODE_OUT_OF_MEMORY:
			return "memory";
		case ERRCODE_AGENT_LIMIT:
			return "argument_size";
		default:
			return "server_limit";
	}
}

static char *
keep_text(GuardCall *call, const char *text)
{
	MemoryContext old;
	char *result;

	if (text == NULL || *text == '\0')
		return NULL;
	old = MemoryContextSwitchTo(call->result_context);
	result = display_escape(text);
	MemoryContextSwitchTo(old);
	return result;
}

static void
note(GuardCall *call, GuardStatus status, const char *rule, int sqlstate, int position,
	 const char *message, const char *detail, const char *hint)
{
	GuardError *error = &call->outcome->error;

	call->outcome->status = status;
	error->rule = rule;
	error->sqlstate = sqlstate;
	error->position = position;
	error->message = keep_text(call, message);
	error->detail = keep_text(call, detail);
	error->hint = keep_text(call, hint);
}

bool
guard_refuse(GuardCall *call, const char *rule, int location, const char *message,
			 const char *detail, const char *hint)
{
	int position = 0;

	if (location >= 0 && location <= (int) strlen(call->sql))
		position = pg_mbstrlen_with_len(call->sql, location) + 1;
	note(call, GUARD_REFUSED, rule, ERRCODE_AGENT_REFUSED, position, message, detail, hint);
	call->refused = true;
	return true;
}

void
guard_stop(GuardCall *call)
{
	ereport(ERROR, (errcode(call->outcome->error.sqlstate),
					errmsg_internal("%s", call->outcome->error.message)));
}

/*
 * One text for what does not exist and for what the role may not see.
 */
static void
note_hidden_name(GuardCall *call)
{
	note(call, GUARD_REFUSED, "relation_not_allowed", ERRCODE_AGENT_REFUSED, 0,
		 "the statement names a relation, column or schema that does not exist or may not be read",
		 NULL, "Use only relations and columns that this role can see.");
}

static bool
is_hidden_name_error(GuardCall *call, int sqlstate)
{
	switch (sqlstate)
	{
		case ERRCODE_INSUFFICIENT_PRIVILEGE:
		case ERRCODE_UNDEFINED_TABLE:
		case ERRCODE_UNDEFINED_SCHEMA:
			return true;
		case ERRCODE_UNDEFINED_COLUMN:
		case ERRCODE_AMBIGUOUS_COLUMN:
			return call->hides_names;
		default:
			return false;
	}
}

/*
 * The parser's and the analyser's errors are the statement's own, so they are
 * passed on.
 */
static void
note_own_error(GuardCall *call, const ErrorData *edata)
{
	bool syntax = call->phase == PHASE_PARSE;

	note(call, GUARD_FAILED, syntax ? "syntax" : "analysis", edata->sqlerrcode,
		 edata->cursorpos > 0 ? edata->cursorpos : 0, edata->message,
		 call->hides_names ? NULL : edata->detail, call->hides_names ? NULL : edata->hint);
}

/*
 * Turns an error that was caught into the outcome's.
 */
void
guard_note_error(GuardCall *call, const ErrorData *edata)
{
	int state = edata->sqlerrcode;
	const char *text;

	if (call->refused)
		return;
	switch (fence_stopped())
	{
		case FENCE_TIME:
			note(call, GUARD_FAILED, "timeout", ERRCODE_AGENT_LIMIT, 0,
				 "the statement took too long", "It was stopped at sql_agent.statement_timeout.",
				 "Ask about a shorter period or for fewer rows.");
			return;
		case FENCE_MEMORY:
			note(call, GUARD_FAILED, "memory", ERRCODE_AGENT_LIMIT, 0,
				 "the statement used too much memory", "It was stopped at sql_agent.max_memory.",
				 "Ask for less in one statement.");
			return;
		default:
			break;
	}

	text = fixed_text(limit_texts, lengthof(limit_texts), state);
	if (text != NULL)
		note(call, GUARD_FAILED, limit_rule(state), ERRCODE_AGENT_LIMIT, 0,
			 "the statement exceeds a limit", psprintf("Reason: %s.", text),
			 "Ask for less in one statement.");
	else if (is_hidden_name_error(call, state))
		note_hidden_name(call);
	else if (call->phase <= PHASE_ANALYSE && ERRCODE_TO_CATEGORY(state) != ERRCODE_INTERNAL_ERROR)
		note_own_error(call, edata);
	else
	{
		text = fixed_text(run_time_texts, lengthof(run_time_texts), state);
		note(call, GUARD_FAILED, "statement_failed", ERRCODE_AGENT_STATEMENT_FAILED, 0,
			 "the statement failed while it ran",
			 text ? psprintf("Reason: %s (SQLSTATE %s).", text, unpack_sql_state(state))
				  : psprintf("SQLSTATE %s.", unpack_sql_state(state)),
			 NULL);
	}
}

void
guard_raise(const GuardOutcome *outcome)
{
	const GuardError *error = &outcome->error;

	Assert(outcome->status != GUARD_OK);
	ereport(ERROR, (errcode(error->sqlstate), errmsg_internal("%s", error->message),
					error->detail ? errdetail_internal("%s", error->detail) : 0,
					error->hint ? errhint("%s", error->hint) : 0));
}
