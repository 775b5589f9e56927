/*-------------------------------------------------------------------------
 *
 * answer_text.c
 *		An answer as lines of text, as EXPLAIN prints its plan.
 *
 * The answer comes first, then the rows, then how it was found.  What could
 * not be answered ends with questions that could.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/answer.h"
#include "common/display.h"
#include "common/settings.h"
#include "lib/stringinfo.h"
#include "translate/clarify.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#define CHART_WIDTH    72
#define MIN_DRAWN_ROWS 3
#define MAX_DRAWN_BARS 12

static void
add_line(List **lines, const char *line)
{
	*lines = lappend(*lines, unconstify(char *, line));
}

/* parts of the output are parted by an empty line */
static void
add_gap(List **lines)
{
	if (*lines != NIL && *(char *) llast(*lines) != '\0')
		add_line(lines, "");
}

/* a text of several lines, each of them made safe */
static void
add_block(List **lines, const char *text, const char *indent)
{
	while (*text)
	{
		size_t length = strcspn(text, "\n");
		char *line = pnstrdup(text, length);

		for (char *p = line; *p; p++)
		{
			if (*p == '\t' || *p == '\r')
				*p = ' ';
		}
		add_line(lines, psprintf("%s%s", indent, display_escape(line)));
		text += length;
		if (*text == '\n')
			text++;
	}
}

static char *
sentence_case(const char *text)
{
	char *result = pstrdup(text);

	result[0] = pg_toupper((unsigned char) result[0]);
	return result;
}

static void
add_sql(List **lines, const Answer *answer)
{
	char *sql = answer_sql(answer);

	if (sql == NULL)
		return;
	add_gap(lines);
	add_line(lines, "SQL:");
	add_block(lines, sql, "  ");
}

/* "revenue" was read as ...; it could also be ... */
static char *
reading_line(const Ambiguity *ambiguity)
{
	StringInfoData buf;
	ListCell *lc;

	initStringInfo(&buf);
	foreach (lc, ambiguity->readings)
	{
		int index = foreach_current_index(lc);
		const char *reading = display_escape((char *) lfirst(lc));

		if (index == 0)
			appendStringInfo(&buf, "\"%s\" was read as %s", display_escape(ambiguity->word),
							 reading);
		else
			appendStringInfo(&buf, "%s%s", index == 1 ? "; it could also be " : " or ", reading);
	}
	appendStringInfoChar(&buf, '.');
	return buf.data;
}

static void
add_listed(List **lines, const char *intro, List *items, const char *form)
{
	StringInfoData buf;
	ListCell *lc;

	if (items == NIL)
		return;
	initStringInfo(&buf);
	foreach (lc, items)
	{
		if (buf.len > 0)
			appendStringInfoString(&buf, ", ");
		appendStringInfo(&buf, form, display_escape((char *) lfirst(lc)));
	}
	add_line(lines, psprintf("%s %s.", intro, buf.data));
}

/* what a model would like to know: it has no name */
static void
add_questions_of_model(List **lines, const Clarification *clarification)
{
	ListCell *lc;

	foreach (lc, clarification->missing)
	{
		OpenDimension *dimension = lfirst(lc);

		if (dimension->name != NULL)
			continue;
		add_line(lines, psprintf("Open question: %s", display_escape(dimension->question)));
		add_listed(lines, "Choices:", dimension->options, "\"%s\"");
	}
}

/* what a broad question could say, and the question with some of it */
static void
add_open(List **lines, const Clarification *clarification)
{
	StringInfoData buf;
	ListCell *lc;

	initStringInfo(&buf);
	foreach (lc, clarification->missing)
	{
		const OpenDimension *dimension = lfirst(lc);

		if (dimension->name != NULL)
			appendStringInfo(&buf, "%s%s", buf.len > 0 ? ", " : "",
							 display_escape(dimension->name));
	}
	add_line(lines, psprintf("The question leaves open: %s.", buf.data));
	foreach (lc, clarification->suggestions)
		add_line(lines, psprintf("%s %s",
								 lc == list_head(clarification->suggestions) ? "You could ask:"
																			 : "              ",
								 display_escape((char *) lfirst(lc))));
}

static void
add_assumptions(List **lines, const Answer *answer)
{
	const Clarification *clarification = answer->clarification;
	ListCell *lc;

	if (answer->translation->assumptions == NIL && clarification == NULL)
		return;
	add_gap(lines);
	foreach (lc, answer->translation->assumptions)
		add_line(lines, psprintf("Assumed: %s", display_escape((char *) lfirst(lc))));
	if (clarification == NULL)
		return;
	foreach (lc, clarification->ambiguous)
		add_line(lines, reading_line(lfirst(lc)));
	add_questions_of_model(lines, clarification);
	if (clarification->is_too_broad)
		add_open(lines, clarification);
}

/* how a model read the question: nothing else says so */
static void
add_explanation(List **lines, const Answer *answer)
{
	const Translation *translation = answer->translation;

	if (translation->model == NULL || translation->explanation == NULL ||
		*translation->explanation == '\0')
		return;
	add_gap(lines);
	add_line(lines, psprintf("Explanation: %s", display_escape(translation->explanation)));
}

static void
add_notes(List **lines, const Answer *answer, List *notes)
{
	const GuardOutcome *outcome = answer->outcome;
	ListCell *lc;

	if (outcome->truncated)
		notes = lcons(outcome->truncated_by && strcmp(outcome->truncated_by, "bytes") == 0
						  ? "The result was cut at its size limit; there are more rows."
						  : "The result was cut at its row limit; there are more rows.",
					  notes);
	if (notes == NIL)
		return;
	add_gap(lines);
	foreach (lc, notes)
		add_line(lines, psprintf("Note: %s", (char *) lfirst(lc)));
}

/* do bars say more than the numbers in the table do? */
static bool
worth_drawing(const Answer *answer)
{
	return answer->chart != NULL && answer->data->nrows >= MIN_DRAWN_ROWS &&
		   answer->data->nrows <= Max(setting_display_rows, MAX_DRAWN_BARS);
}

static void
add_chart(List **lines, const Answer *answer)
{
	char *picture;

	if (!worth_drawing(answer))
		return;
	picture = chart_render_text(answer->chart, answer->data, CHART_WIDTH);
	if (picture == NULL)
		return;
	add_gap(lines);
	add_block(lines, picture, "");
}

static void
append_cost(StringInfo buf, const Answer *answer)
{
	AnswerCost cost = answer_cost(answer);

	if (answer->calls == NIL)
	{
		appendStringInfoString(buf, "  Cost: none");
		return;
	}
	appendStringInfo(buf, "  Tokens: " INT64_FORMAT " in", cost.input);
	if (cost.cached > 0)
		appendStringInfo(buf, " (" INT64_FORMAT " cached)", cost.cached);
	appendStringInfo(buf, ", " INT64_FORMAT " out", cost.output);
	if (cost.known)
		appendStringInfo(buf, "  Cost: $%.6f", cost.usd);
	else
		appendStringInfoString(buf, "  Cost: not known");
}

static void
add_summary(List **lines, const Answer *answer)
{
	StringInfoData buf;

	if (!setting_ask_summary || answer->translation == NULL)
		return;
	initStringInfo(&buf);
	appendStringInfo(&buf, "Translator: %s", answer->translation->translator);
	if (answer->translation->model)
		appendStringInfo(&buf, " (%s)", display_escape(answer->translation->model));
	appendStringInfo(&buf, "  Time: %.1f ms", answer->total_time * 1000);
	if (answer->outcome && answer->data)
		appendStringInfo(&buf, " (query %.1f ms)", answer->outcome->execution_time * 1000);
	append_cost(&buf, answer);
	add_gap(lines);
	add_line(lines, buf.data);
}

static List *
answered_lines(const Answer *answer)
{
	List *lines = NIL;
	List *notes = NIL;

	add_line(&lines, answer->sentence);
	/* a single number is in the sentence already */
	if (answer->data->nrows > 1 || (answer->data->nrows == 1 && answer->data->ncolumns > 1) ||
		(answer->data->nrows == 1 && answer->roles[0] != RESULT_MEASURE))
	{
		add_gap(&lines);
		lines = list_concat(lines, answer_table_lines(answer, &notes));
	}
	add_explanation(&lines, answer);
	add_assumptions(&lines, answer);
	add_notes(&lines, answer, notes);
	add_sql(&lines, answer);
	add_chart(&lines, answer);
	add_summary(&lines, answer);
	return lines;
}

static void
add_suggestions(List **lines, const Answer *answer)
{
	ListCell *lc;

	if (answer->suggestions == NIL)
		return;
	add_gap(lines);
	add_line(lines, "Questions that can be answered:");
	foreach (lc, answer->suggestions)
		add_line(lines, psprintf("  %s", display_escape((char *) lfirst(lc))));
}

/* how the first of what is open could be answered */
static void
add_way_to_answer(List **lines, const Answer *answer)
{
	const Clarification *clarification = answer->clarification;
	JsonBuilder json;
	Jsonb *answers;

	if (!answer->recorded || (clarification->ambiguous == NIL && !clarification->is_too_broad))
		return;
	json_start(&json);
	json_begin_object(&json, NULL);
	if (clarification->ambiguous != NIL)
	{
		const Ambiguity *ambiguity = linitial(clarification->ambiguous);

		json_string(&json, ambiguity->word, linitial(ambiguity->readings));
	}
	else
	{
		const OpenDimension *dimension = linitial(clarification->missing);

		json_string(&json, dimension->name, linitial(dimension->options));
	}
	json_end_object(&json);
	answers = json_finish(&json);
	add_line(lines, psprintf("Answer it like this: SELECT sql_agent.clarify('%s', %s);",
							 DatumGetCString(DirectFunctionCall1(
								 uuid_out, UUIDPGetDatum(&answer->question_id))),
							 display_escape(quote_literal_cstr(
								 JsonbToCString(NULL, &answers->root, VARSIZE(answers))))));
}

static List *
needs_clarification_lines(const Answer *answer)
{
	const Clarification *clarification = answer->clarification;
	List *lines = NIL;
	ListCell *lc;

	add_line(&lines, psprintf("%s.", sentence_case(answer->error.message)));
	foreach (lc, clarification->ambiguous)
	{
		Ambiguity *ambiguity = lfirst(lc);

		add_listed(&lines, psprintf("\"%s\" can mean:", display_escape(ambiguity->word)),
				   ambiguity->readings, "%s");
	}
	add_questions_of_model(&lines, clarification);
	foreach (lc, clarification->is_too_broad ? clarification->missing : NIL)
	{
		OpenDimension *dimension = lfirst(lc);

		if (dimension->name == NULL)
			continue;
		add_listed(&lines, display_escape(dimension->question), dimension->options, "%s");
	}
	add_suggestions(&lines, answer);
	add_gap(&lines);
	add_way_to_answer(&lines, answer);
	add_line(&lines, psprintf("Hint: %s", answer->error.hint));
	return lines;
}

/* the translator abstained */
static List *
open_question_lines(const Answer *answer)
{
	const Translation *translation = answer->translation;
	List *lines = NIL;

	add_line(&lines, psprintf("%s.", sentence_case(answer->error.message)));
	if (translation->reason)
		add_line(&lines, display_escape(translation->reason));
	add_listed(&lines, "Understood:", translation->understood, "%s");
	if (!answer_reason_names_words(translation))
		add_listed(&lines, "Not understood:", translation->not_understood, "\"%s\"");
	add_suggestions(&lines, answer);
	if (translation->advice != NULL)
	{
		add_gap(&lines);
		add_line(&lines, psprintf("Hint: %s", translation->advice));
	}
	return lines;
}

/* nothing is visible, or the guard refused or failed */
static List *
error_lines(const Answer *answer)
{
	List *lines = NIL;

	if (answer->status == ANSWER_REFUSED)
		add_line(&lines, psprintf("The statement was refused: %s.", answer->error.message));
	else if (answer->outcome || (answer->translation && answer->translation->sql))
		add_line(&lines, psprintf("The statement failed: %s.", answer->error.message));
	else
		add_line(&lines, psprintf("%s.", sentence_case(answer->error.message)));
	if (answer->error.detail)
		add_line(&lines, psprintf("Detail: %s", answer->error.detail));
	if (answer->error.hint)
		add_line(&lines, psprintf("Hint: %s", answer->error.hint));
	add_sql(&lines, answer);
	add_suggestions(&lines, answer);
	return lines;
}

List *
answer_to_lines(const Answer *answer)
{
	List *lines;

	if (answer->status == ANSWER_ANSWERED)
		return answered_lines(answer);
	if (answer->status == ANSWER_NEEDS_CLARIFICATION)
		lines = needs_clarification_lines(answer);
	else if (answer->outcome == NULL && answer->translation != NULL &&
			 answer->translation->fault == NULL)
		lines = open_question_lines(answer);
	else
		lines = error_lines(answer);
	add_summary(&lines, answer);
	return lines;
}
