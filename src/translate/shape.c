/*-------------------------------------------------------------------------
 *
 * shape.c
 *		What the built-in translator found in a question, as far as it matters
 *		for asking back: what it is about, what it says of it, and whether it
 *		says anything of it at all.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "translate/clarify.h"

/* words that ask for everything and name nothing */
#define WHOLE_NAME 0.98

static const char vague_words[] =
	"number figure data stat statistic report overview summary insight everything performance "
	"business result kpi metric information info dashboard thing";

bool
is_vague_word(const char *word)
{
	List *stems = words_of_text(word);

	return list_length(stems) == 1 && words_find_any(stems, vague_words) >= 0;
}

/* unknown, or a part of some name: "month_number" for "numbers" */
static bool
element_is_vague(const Element *element)
{
	if (element->kind == ELEMENT_NAME)
		return element->names.count > 0 && element->names.items[0].score < WHOLE_NAME &&
			   is_vague_word(element->text);
	return element->kind == ELEMENT_UNKNOWN && is_vague_word(element->text);
}

/* does the element only name something, or nothing at all? */
static bool
element_is_open(const Element *element)
{
	switch (element->kind)
	{
		case ELEMENT_NAME:
			return element->leading_aggregate == AGGREGATE_NONE && !element->negated;
		case ELEMENT_UNKNOWN:
			return element_is_vague(element);
		case ELEMENT_CONCEPT:
			switch (element->entry->concept)
			{
				case CONCEPT_NOISE:
				case CONCEPT_SENTENCE:
				case CONCEPT_LIST:
				case CONCEPT_WHAT:
				case CONCEPT_OF:
				case CONCEPT_PREPOSITION:
				case CONCEPT_WITH:
				case CONCEPT_VERB:
					return true;
				default:
					return false;
			}
		default:
			return false;
	}
}

static void
add_stated(QuestionShape *shape, int relation, int column)
{
	StatedColumn *stated;

	if (relation < 0)
		return;
	stated = palloc(sizeof(StatedColumn));
	stated->relation = relation;
	stated->column = column;
	shape->stated = lappend(shape->stated, stated);
}

static void
add_stated_filters(QuestionShape *shape, List *filters)
{
	ListCell *lc;

	foreach (lc, filters)
	{
		const Filter *filter = lfirst(lc);

		if (filter->kind == FILTER_TIME)
			shape->time_stated = true;
		add_stated(shape, filter->column.relation, filter->column.column);
	}
}

static void
add_stated_of_query(QuestionShape *shape, const AskQuery *query)
{
	ListCell *lc;

	shape->root = query->plan.root;
	foreach (lc, query->outputs)
	{
		const Output *output = lfirst(lc);

		if (!output->group)
			continue;
		if (output->bucket != TIME_UNIT_NONE)
			shape->time_stated = true;
		add_stated(shape, output->column.relation, output->column.column);
	}
	add_stated_filters(shape, query->filters);
	add_stated_filters(shape, query->having);
	foreach (lc, query->exists)
	{
		const ExistsGroup *group = lfirst(lc);

		for (int i = 0; i < group->nsteps; i++)
			add_stated(shape, group->steps[i].relation, -1);
		add_stated_filters(shape, group->filters);
	}
}

static bool
way_is_taken(const QuestionScan *scan, const AskQuery *query)
{
	for (int i = 0; query && i < query->plan.nsteps; i++)
	{
		if (query->plan.steps[i].relation == scan->way.relation &&
			query->plan.steps[i].parent == scan->way.parent)
			return true;
	}
	return false;
}

/*
 * What was chosen counts as said, "all" too.  Whether a way was of use is known
 * only when the query is there.
 */
static void
add_choices(QuestionShape *shape, const QuestionScan *scan, const AskQuery *query)
{
	ListCell *lc;

	foreach (lc, scan->in->choices)
	{
		Choice *choice = lfirst(lc);

		if (choice->kind == CHOICE_WAY)
			choice->used &= way_is_taken(scan, query);
		if (!choice->used || choice->kind == CHOICE_READING || choice->kind == CHOICE_WAY)
			continue;
		shape->open = shape->vague = false;
		add_stated(shape, choice->relation, choice->column);
	}
}

QuestionShape *
describe_question(const QuestionScan *scan, const AskQuery *query)
{
	QuestionShape *shape = palloc0(sizeof(QuestionShape));
	int names = 0;
	int vague = 0;
	bool ranked_by = false;
	bool by_time = false;

	shape->root = -1;
	shape->thing = -1;
	shape->open = true;
	for (int i = 0; i < scan->in->count; i++)
	{
		const Element *element = &scan->in->elements[i];

		shape->open &= element_is_open(element);
		by_time |= element->kind == ELEMENT_CONCEPT &&
				   element->entry->concept == CONCEPT_SUPERLATIVE &&
				   (element->entry->arg & SUPERLATIVE_OF_TIME);
		if (element_is_vague(element))
			vague++;
		else
			names += element->kind == ELEMENT_NAME;
	}
	shape->vague = shape->open && names == 0 && vague > 0;
	shape->open &= names > 0;
	add_choices(shape, scan, query);
	if (query)
	{
		add_stated_of_query(shape, query);
		return shape;
	}
	for (int i = 0; i < scan->count; i++)
	{
		const Mention *m = &scan->mentions[i];

		ranked_by |= m->role == ROLE_RANK;
		if (shape->thing < 0 && m->options.count > 0 && m->options.items[0].column < 0)
			shape->thing = m->options.items[0].relation;
	}
	shape->unranked = scan->ranked && scan->rank_needs_measure && !ranked_by && !by_time &&
					  shape->thing >= 0 && scan->not_understood == NIL;
	return shape;
}
