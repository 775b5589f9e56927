/*-------------------------------------------------------------------------
 *
 * term.c
 *		Saying what a word means: SQL functions term_add and term_drop.
 *
 * The meaning of a term is other words, a condition on the rows of a table, or
 * a number: one of each row, or one of many rows.  An expression must be one by
 * itself and read the columns of one table; it is kept with their bare names and
 * tried through the guard as the asking role, now and in each question again.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "catalog/snapshot_private.h"
#include "catalog/term.h"
#include "common/display.h"
#include "common/expression.h"
#include "common/owner.h"
#include "common/words.h"
#include "guard/guard.h"
#include "miscadmin.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "utils/array.h"
#include "utils/builtins.h"

#define TERM_MAX 200 /* bytes */
/* more words than that are never looked up as a name */
#define TERM_WORDS_MAX 4
/* each backend of the owner's asking role keeps them all */
#define TERMS_MAX "1000"

PG_FUNCTION_INFO_V1(sql_agent_term_add);
PG_FUNCTION_INFO_V1(sql_agent_term_drop);
PG_FUNCTION_INFO_V1(sql_agent_term_is_active);

/* what is to be kept */
typedef struct NewTerm
{
	char *word;
	char *meaning;
	TermKind kind;
	bool adds_up;
	char *relation; /* quoted names, or NULL */
	List *columns;  /* char * */
} NewTerm;

static char *
required_text(FunctionCallInfo fcinfo, int number, const char *name)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("argument \"%s\" must not be null", name)));
	return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

static char *
checked_word(const char *word)
{
	char *result = words_fold_phrase(word);

	if (words_of_text(result) == NIL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a term must have at least one letter or digit")));
	if (strlen(result) > TERM_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("term is too long"),
						errdetail("The limit is %d bytes.", TERM_MAX)));
	return result;
}

/*
 * The role whose questions it is about.  *owner is NULL where it counts for all.
 */
static Oid
whose_term(FunctionCallInfo fcinfo, int number, char **owner)
{
	const TenantIdentity *identity = tenant_identity(GetUserId());
	Oid role;

	if (!PG_ARGISNULL(number))
	{
		char *tenant = text_to_cstring(PG_GETARG_TEXT_PP(number));

		role = identity->state == TENANT_ONE && strcmp(identity->name, tenant) == 0
				   ? identity_asking_role()
				   : identity_asking_role_of(tenant);
		*owner = GetUserNameFromId(role, false);
		return role;
	}
	role = identity_asking_role();
	*owner = identity_is_operator() ? NULL : GetUserNameFromId(role, false);
	return role;
}

/* ---- expressions ---- */

static bool
column_is_of(const AskSnapshot *snapshot, int relation, const ExpressionColumn *column)
{
	const SnapshotRelation *rel = &snapshot->relations[relation];
	int n = list_length(column->names);

	if (n > 3 || relation_column_by_name(rel, llast(column->names)) < 0)
		return false;
	if (n > 1 && strcmp(list_nth(column->names, n - 2), rel->name) != 0)
		return false;
	return n < 3 || strcmp(linitial(column->names), rel->schema) == 0;
}

/* how many relations have all the columns; *found is the last of them */
static int
relations_with(const AskSnapshot *snapshot, const Expression *expression, int *found)
{
	int result = 0;

	for (int i = 0; i < snapshot->nrelations; i++)
	{
		bool all = true;
		ListCell *lc;

		CHECK_FOR_INTERRUPTS();
		foreach (lc, expression->columns)
			all = all && column_is_of(snapshot, i, lfirst(lc));
		if (!all)
			continue;
		*found = i;
		result++;
	}
	return result;
}

static int
relation_of(const AskSnapshot *snapshot, const Expression *expression)
{
	int relation = -1;
	int n;

	if (expression->columns == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the meaning names no column"),
				 errhint("Write an expression of columns, such as status = 'paid' or "
						 "sum(orders.amount).")));
	n = relations_with(snapshot, expression, &relation);
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("no table has all the columns of \"%s\"", display_escape(expression->text)),
				 errdetail("It is about what role \"%s\" may ask about.",
						   GetUserNameFromId(snapshot->role, false)),
				 errhint("View sql_agent.my_columns lists what can be asked about; all columns "
						 "must be of one table.")));
	if (n > 1)
		ereport(ERROR, (errcode(ERRCODE_AMBIGUOUS_COLUMN),
						errmsg("several tables have all the columns of \"%s\"",
							   display_escape(expression->text)),
						errhint("Write a column with its table, such as orders.status.")));
	return relation;
}

static void
require_fit(const Expression *expression)
{
	if (!expression)
		ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("meaning is not one expression"),
						errhint("Examples are \"status = 'paid'\" and \"sum(price - cost)\".")));
	if (expression->unfit)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("meaning must not have %s", expression->unfit),
						errdetail("A term is made of the columns of one table.")));
}

/* would the guard let it run as a condition, or as a number? */
static bool
passes(Oid role, const NewTerm *term, bool condition)
{
	char *sql =
		condition
			? psprintf("SELECT count(*) FROM %s AS t WHERE (%s)", term->relation, term->meaning)
			: psprintf("SELECT pg_catalog.abs(%s) FROM %s AS t", term->meaning, term->relation);

	return guard_check(sql, role)->status == GUARD_OK;
}

/* it may run neither way: because of itself, or of its type */
static void
raise_fault(Oid role, const NewTerm *term)
{
	GuardOutcome *outcome =
		guard_check(psprintf("SELECT %s FROM %s AS t", term->meaning, term->relation), role);

	if (outcome->status != GUARD_OK)
		guard_raise(outcome);
	ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
					errmsg("meaning is neither a condition on rows nor a number")));
}

/*
 * Fills in what the expression says of the term.
 */
static void
settle_expression(NewTerm *term, AskSnapshot *snapshot, const Expression *expression,
				  const TermKind *wanted)
{
	const SnapshotRelation *relation = &snapshot->relations[relation_of(snapshot, expression)];
	bool aggregates = expression->aggregates != NIL;
	bool condition;
	Oid role = snapshot->role;
	ListCell *lc;

	term->relation = quote_qualified_identifier(relation->schema, relation->name);
	term->meaning = expression_text(expression, NULL, NULL);
	term->adds_up = expression->adds_up;
	foreach (lc, expression->columns)
	{
		char *name = llast(((ExpressionColumn *) lfirst(lc))->names);

		term->columns = lappend(term->columns, name);
	}
	condition = !aggregates && passes(role, term, true);
	if (!condition && !passes(role, term, false))
		raise_fault(role, term);
	term->kind = condition ? TERM_CONDITION : aggregates ? TERM_MEASURE : TERM_VALUE;
	if (wanted && *wanted != term->kind)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("meaning is not a %s, but a %s", term_kind_name(*wanted),
							   term_kind_name(term->kind))));
	if (list_length(words_of_text(term->word)) > TERM_WORDS_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("term has too many words"),
						errdetail("One that means an expression has at most %d.", TERM_WORDS_MAX)));
}

static void
settle_phrase(NewTerm *term, const char *meaning)
{
	if (strlen(meaning) > TERM_MEANING_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("meaning is too long"),
						errdetail("The limit is %d bytes.", TERM_MEANING_MAX)));
	term->kind = TERM_PHRASE;
	term->meaning = display_plain(meaning);
	if (words_of_text(term->meaning) == NIL ||
		strcmp(words_fold_phrase(term->meaning), term->word) == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("meaning must be other words than the term")));
}

static void
settle_meaning(NewTerm *term, AskSnapshot *snapshot, const char *meaning, const char *kind)
{
	TermKind wanted;
	Expression *expression;

	if (kind && !term_kind_of_name(kind, &wanted))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized kind \"%s\"", display_escape(kind)),
				 errhint("Valid are \"phrase\", \"condition\", \"value\" and \"measure\".")));
	if (kind && wanted != TERM_PHRASE)
	{
		expression = expression_read("meaning", meaning, TERM_MEANING_MAX);
		require_fit(expression);
		settle_expression(term, snapshot, expression, &wanted);
		return;
	}
	expression = kind ? NULL : expression_try(meaning, TERM_MEANING_MAX);
	if (!expression && strpbrk(meaning, "();$"))
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("meaning is neither words nor one expression"),
				 errhint("With kind \"condition\", \"value\" or \"measure\" the reason is told.")));
	if (!expression || expression->is_name)
	{
		settle_phrase(term, meaning);
		return;
	}
	require_fit(expression);
	settle_expression(term, snapshot, expression, NULL);
}

/* ---- rows ---- */

static Datum
name_array(List *names)
{
	Datum *elements = palloc(Max(list_length(names), 1) * sizeof(Datum));
	int n = 0;
	ListCell *lc;

	foreach (lc, names)
		elements[n++] = DirectFunctionCall1(namein, CStringGetDatum(lfirst(lc)));
	return PointerGetDatum(
		construct_array(elements, n, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR));
}

static Datum
name_or_null(const char *name, char *null)
{
	*null = name ? ' ' : 'n';
	return name ? DirectFunctionCall1(namein, CStringGetDatum(name)) : (Datum) 0;
}

static void
store_term(const NewTerm *term, const char *owner)
{
	char nulls[] = "       ";
	Oid types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, NAMEARRAYOID, BOOLOID, NAMEOID};
	Datum values[7];
	OwnerScope scope;
	bool too_many;
	bool isnull;

	values[0] = CStringGetTextDatum(term->word);
	values[1] = CStringGetTextDatum(term_kind_name(term->kind));
	values[2] = CStringGetTextDatum(term->meaning);
	values[3] = term->relation ? CStringGetTextDatum(term->relation) : (Datum) 0;
	nulls[3] = term->relation ? ' ' : 'n';
	values[4] = name_array(term->columns);
	values[5] = BoolGetDatum(term->adds_up);
	values[6] = name_or_null(owner, &nulls[6]);
	owner_scope_enter(&scope);
	if (SPI_execute_with_args(
			"INSERT INTO sql_agent.term (word, kind, meaning, relation, columns, adds_up, owner)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7)"
			" ON CONFLICT (word, COALESCE(relation, ''), COALESCE(owner, '')) DO UPDATE"
			" SET kind = EXCLUDED.kind, meaning = EXCLUDED.meaning, columns = EXCLUDED.columns,"
			" adds_up = EXCLUDED.adds_up"
			" RETURNING (SELECT pg_catalog.count(*) FROM sql_agent.term t"
			"  WHERE NOT (t.owner IS DISTINCT FROM $7)) OPERATOR(pg_catalog.>=) " TERMS_MAX,
			7, types, values, nulls, false, 0) != SPI_OK_INSERT_RETURNING)
		elog(ERROR, "could not record the term");
	too_many =
		DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	owner_scope_leave(&scope);
	if (too_many)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many terms"),
						errdetail("The limit is " TERMS_MAX " for one owner."),
						errhint("Drop some with term_drop().")));
}

/*
 * term_add(term, meaning, kind, tenant): what the word means from now on; of
 * phrases, and for each table, it has one meaning, and a new one replaces it.
 */
Datum
sql_agent_term_add(PG_FUNCTION_ARGS)
{
	NewTerm term = {.word = checked_word(required_text(fcinfo, 0, "term"))};
	char *meaning = required_text(fcinfo, 1, "meaning");
	char *kind = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	char *owner;
	Oid role;

	(void) extension_owner();
	role = whose_term(fcinfo, 3, &owner);
	settle_meaning(&term, snapshot_get(role), meaning, kind);
	store_term(&term, owner);
	PG_RETURN_TEXT_P(cstring_to_text(term_kind_name(term.kind)));
}

/*
 * term_drop(term, tenant): all meanings that the caller gave to the word.
 */
Datum
sql_agent_term_drop(PG_FUNCTION_ARGS)
{
	char *word = checked_word(required_text(fcinfo, 0, "term"));
	char nulls[] = "  ";
	Oid types[] = {TEXTOID, NAMEOID};
	Datum values[2];
	OwnerScope scope;
	uint64 dropped;
	char *owner;

	(void) extension_owner();
	(void) whose_term(fcinfo, 1, &owner);
	values[0] = CStringGetTextDatum(word);
	values[1] = name_or_null(owner, &nulls[1]);
	owner_scope_enter(&scope);
	if (SPI_execute_with_args("DELETE FROM sql_agent.term t"
							  " WHERE t.word OPERATOR(pg_catalog.=) $1"
							  " AND NOT (t.owner IS DISTINCT FROM $2)",
							  2, types, values, nulls, false, 0) != SPI_OK_DELETE)
		elog(ERROR, "could not drop the term");
	dropped = SPI_processed;
	owner_scope_leave(&scope);
	if (dropped == 0)
		ereport(
			ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("term \"%s\" does not exist", word),
			 errhint("View sql_agent.terms lists them; only those of your own can be dropped.")));
	PG_RETURN_VOID();
}

/* a phrase, whose relation is NULL, always is */
Datum
sql_agent_term_is_active(PG_FUNCTION_ARGS)
{
	char **columns;
	int ncolumns;
	int relation;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(true);
	columns = term_column_names(PG_GETARG_DATUM(1), &ncolumns);
	PG_RETURN_BOOL(term_resolve(snapshot_get(identity_asking_role()),
								text_to_cstring(PG_GETARG_TEXT_PP(0)), columns, ncolumns,
								&relation));
}
