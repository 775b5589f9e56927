/*-------------------------------------------------------------------------
 *
 * clarify.c
 *		What a question leaves open, and questions that say more.
 *
 * A question is too broad when it only names what it is about ("show me
 * sales") and the rows are many and could be told apart by time or otherwise;
 * when it asks for the best and not by what; or when it asks for "the numbers".
 * "How many orders are there" leaves the time open too and is not too broad.
 *
 * Refined questions are made of the question's own words with one more
 * restriction.  Each is translated, and only one whose query has that
 * restriction is offered.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "miscadmin.h"
#include "translate/builtin.h"
#include "translate/clarify.h"
#include "translate/memory.h"

#define MAX_REFINED 3
#define MAX_TRIES   6
/* fewer rows can be shown as they are */
#define BROAD_ROWS     100
#define MIN_DIMENSIONS 2

Translation *
translate_with_choices(const char *question, List *choices, AskSnapshot *snapshot)
{
	Translation *translation = builtin_translate_with(question, choices, snapshot);
	char *context = choices_text(choices);
	Translation *known = NULL;
	List *sentences = NIL;
	ListCell *lc;

	/* somebody may have said what is right with these choices */
	if (context != NULL)
		known = memory_translate_in(question, context, snapshot);
	if (known != NULL)
	{
		known->shape = translation->shape;
		translation = known;
	}
	translation->context = context;

	foreach (lc, choices)
	{
		const Choice *choice = lfirst(lc);

		if (choice->used)
			sentences = lappend(sentences, choice_sentence(choice));
	}
	translation->assumptions = list_concat(sentences, translation->assumptions);
	return translation;
}

static bool
has_many_rows(const SnapshotRelation *relation)
{
	if (relation->row_estimate >= 0)
		return relation->row_estimate > BROAD_ROWS;
	/* a table that was never analysed has few; nobody knows of views and foreign tables */
	return relation->relkind != RELKIND_RELATION && relation->relkind != RELKIND_PARTITIONED_TABLE;
}

static bool
is_too_broad(const QuestionShape *shape, AskSnapshot *snapshot, List *missing)
{
	ListCell *lc;
	bool time = false;

	if (missing == NIL)
		return false;
	if (shape->unranked || shape->vague)
		return true;
	if (!shape->open || !has_many_rows(&snapshot->relations[shape->root]))
		return false;
	foreach (lc, missing)
		time |= ((OpenDimension *) lfirst(lc))->kind == DIMENSION_TIME;
	return time || list_length(missing) >= MIN_DIMENSIONS;
}

bool
clarify_is_too_broad(const Translation *translation, AskSnapshot *snapshot)
{
	const QuestionShape *shape = translation->shape;

	/* dimensions are looked for only where it can matter */
	if (shape == NULL || !(shape->open || shape->unranked || shape->vague))
		return false;
	return is_too_broad(shape, snapshot, open_dimensions(snapshot, shape));
}

/* does the refined question say what it was refined by? */
static bool
states_dimension(const QuestionShape *shape, const OpenDimension *dimension)
{
	ListCell *lc;

	if (dimension->kind == DIMENSION_RANKING)
		return !shape->unranked;
	if (dimension->kind == DIMENSION_TIME)
		return shape->time_stated;
	foreach (lc, shape->stated)
	{
		const StatedColumn *stated = lfirst(lc);

		if (stated->relation == dimension->relation && stated->column == dimension->column)
			return true;
	}
	return false;
}

/* the question without the signs at its end */
static char *
without_end(const char *question)
{
	char *copy = pstrdup(question);
	int length = strlen(copy);

	while (length > 0 && strchr(" \t\r\n?.!;", copy[length - 1]) != NULL)
		copy[--length] = '\0';
	return copy;
}

static char *
refinement(const OpenDimension *dimension, const AskSnapshot *snapshot, bool second)
{
	const char *first = dimension->options == NIL ? NULL : linitial(dimension->options);

	switch (dimension->kind)
	{
		case DIMENSION_TIME:
			if (second)
				return "by month";
			return psprintf(strspn(first, "0123456789") == strlen(first) ? "in %s" : "%s", first);
		case DIMENSION_VALUES:
			if (second)
				return psprintf("in %s", first);
			return psprintf("by %s", dimension->name);
		case DIMENSION_THINGS:
			return second ? NULL : psprintf("by %s", dimension->name);
		case DIMENSION_RANKING:
			/* the column alone, in words */
			return second || first == NULL
					   ? NULL
					   : psprintf("by %s", readable_name(strchr(first, '.') + 1));
		case DIMENSION_MEASURE:
			return NULL;
	}
	return NULL; /* keep compiler quiet */
}

static List *
refined_questions(const char *question, List *missing, AskSnapshot *snapshot)
{
	List *result = NIL;
	char *beginning = without_end(question);
	int tries = 0;

	for (int second = 0; second < 2; second++)
	{
		ListCell *lc;

		foreach (lc, missing)
		{
			const OpenDimension *dimension = lfirst(lc);
			char *words = refinement(dimension, snapshot, second == 1);
			char *refined;
			Translation *translation;

			if (words == NULL)
				continue;
			if (list_length(result) >= MAX_REFINED || tries >= MAX_TRIES)
				return result;
			CHECK_FOR_INTERRUPTS();
			tries++;
			refined = psprintf("%s %s", beginning, words);
			translation = builtin_translate(refined, snapshot);
			if (translation->answered && translation->shape &&
				states_dimension(translation->shape, dimension))
				result = lappend(result, refined);
		}
	}
	return result;
}

Clarification *
clarify_question(const char *question, const Translation *translation, AskSnapshot *snapshot)
{
	Clarification *clarification = palloc0(sizeof(Clarification));

	clarification->missing = open_dimensions(snapshot, translation->shape);
	clarification->is_too_broad =
		translation->shape && is_too_broad(translation->shape, snapshot, clarification->missing);
	clarification->ambiguous = translation->ambiguities;
	/* a question that says something has no need of more */
	if (clarification->is_too_broad || (translation->shape && translation->shape->stated == NIL))
		clarification->suggestions = refined_questions(question, clarification->missing, snapshot);
	if (!translation->answered && list_length(clarification->suggestions) < MAX_REFINED)
		clarification->suggestions = list_concat(
			clarification->suggestions,
			translate_suggest_near(snapshot, question,
								   MAX_REFINED - list_length(clarification->suggestions)));
	return clarification;
}
