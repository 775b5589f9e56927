/*-------------------------------------------------------------------------
 *
 * sides.c
 *		"revenue in France vs Germany", "active versus inactive customers": one
 *		number for two or more values of the same column.
 *
 * The question is read with the first value alone; what it makes of that value
 * is then said of each.  A stored value without further groups makes a row for
 * each side, which is what a picture can show.  Where the question groups by
 * something else, speaks of a yes and a no, or asks for the difference, each
 * side is a column: the same aggregate with FILTER, and what the first of two
 * exceeds the second by.  Where the values hang on rows of which one thing may
 * have several, each side is a sub-select (combine.c).
 *
 * Two times are no sides in this sense.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "mb/pg_wchar.h"
#include "translate/combine.h"
#include "translate/spans.h"

#define MAX_SIDES      6
#define MAX_SIDE_BYTES 24

typedef struct Sides
{
	int count;
	int at[MAX_SIDES];       /* elements */
	bool difference;         /* is asked for */
	bool drop[MAX_ELEMENTS]; /* elements that only say that it is a comparison */
} Sides;

static bool
same_names(const Element *a, const Element *b)
{
	return a->kind == ELEMENT_NAME && b->kind == ELEMENT_NAME && span_is_thing(a) &&
		   span_is_thing(b) && a->names.items[0].relation == b->names.items[0].relation &&
		   a->names.items[0].column == b->names.items[0].column;
}

/* "not", "non" right before the element */
static bool
negated_at(const Interpretation *in, int at)
{
	return in->elements[at].negated != (span_concept(in, at - 1) == CONCEPT_NOT);
}

static bool
names_flag(const Interpretation *in, const Element *element)
{
	const SnapshotColumn *column =
		span_is_thing(element) ? candidate_column(in->snapshot, &element->names.items[0]) : NULL;

	return column && column->type_class == TYPE_CLASS_BOOLEAN;
}

static bool
are_sides(const Interpretation *in, int a, int b)
{
	const Element *x = &in->elements[a];
	const Element *y = &in->elements[b];

	if (x->kind == ELEMENT_VALUE && y->kind == ELEMENT_VALUE)
		return span_concept(in, a - 1) != CONCEPT_NOT && span_concept(in, b - 1) != CONCEPT_NOT &&
			   elements_share_column(x, y);
	return names_flag(in, x) && same_names(x, y) && negated_at(in, a) != negated_at(in, b);
}

/* the same name stands elsewhere, and need not be said twice */
static bool
said_elsewhere(const Interpretation *in, const Sides *sides, int at)
{
	for (int i = 0; i < in->count; i++)
	{
		if (i != at && !sides->drop[i] && same_names(&in->elements[i], &in->elements[at]))
			return true;
	}
	return false;
}

/*
 * Does nothing but what parts the sides stand between them?  That is dropped.
 */
static bool
parts_sides(const Interpretation *in, Sides *sides, int a, int b, bool announced)
{
	bool drop[MAX_ELEMENTS];
	bool parted = announced; /* a comma, where nothing else is there */

	memcpy(drop, sides->drop, sizeof(drop));
	for (int i = a + 1; i < b && parted; i++)
		parted = span_concept(in, i) == CONCEPT_NOISE;
	for (int i = a + 1; i < b; i++)
	{
		const Element *element = &in->elements[i];

		switch (span_concept(in, i))
		{
			case CONCEPT_VERSUS:
				parted = true;
				sides->drop[i] = true;
				continue;
			case CONCEPT_AND:
			case CONCEPT_WITH:
			case CONCEPT_TO:
				parted |= announced;
				sides->drop[i] = true;
				continue;
			case CONCEPT_NOT:
			case CONCEPT_NOISE:
			case CONCEPT_PREPOSITION:
			case CONCEPT_OF:
			case CONCEPT_COUNT:
			case CONCEPT_AGGREGATE:
				sides->drop[i] = true;
				continue;
			default:
				break;
		}
		if (element->kind != ELEMENT_NAME)
			break;
		sides->drop[i] = said_elsewhere(in, sides, i);
	}
	for (int i = a + 1; i < b && parted; i++)
		parted = sides->drop[i] || in->elements[i].kind == ELEMENT_NAME;
	if (!parted)
		memcpy(sides->drop, drop, sizeof(drop));
	return parted;
}

/* another value of the same column would make a condition that none can meet */
static bool
leaves_out_sides(const Interpretation *in, const Sides *sides)
{
	for (int i = 0; i < in->count; i++)
	{
		bool known = false;

		for (int s = 0; s < sides->count; s++)
			known |= sides->at[s] == i;
		if (!known && in->elements[i].kind == ELEMENT_VALUE &&
			elements_share_column(&in->elements[i], &in->elements[sides->at[0]]))
			return true;
	}
	return false;
}

static bool
find_sides(const Interpretation *in, Sides *sides)
{
	Span all = {0, in->count};
	int comparison = span_find(in, all, CONCEPT_COMPARISON);
	bool announced = comparison >= 0;

	memset(sides, 0, sizeof(Sides));
	if (comparison < 0 && span_find(in, all, CONCEPT_VERSUS) < 0)
		return false;
	if (comparison >= 0)
	{
		sides->drop[comparison] = true;
		sides->difference = in->elements[comparison].entry->arg == 1;
		/* "difference in revenue between A and B" */
		for (int i = comparison + 1; i < in->count && sides->difference; i++)
			sides->drop[i] = span_concept(in, i) == CONCEPT_BETWEEN;
	}
	for (int a = 0; a < in->count && sides->count == 0; a++)
	{
		for (int b = a + 1; b < in->count; b++)
		{
			int last = sides->count > 0 ? sides->at[sides->count - 1] : a;

			if (sides->count >= MAX_SIDES || !are_sides(in, a, b) ||
				!parts_sides(in, sides, last, b, announced || sides->count > 0))
				continue;
			if (sides->count == 0)
				sides->at[sides->count++] = a;
			sides->at[sides->count++] = b;
		}
	}
	if (sides->count == 0 || leaves_out_sides(in, sides))
		return false;
	for (int i = 1; i < sides->count; i++)
		sides->drop[sides->at[i]] = true;
	if (names_flag(in, &in->elements[sides->at[0]]) &&
		span_concept(in, sides->at[0] - 1) == CONCEPT_NOT)
		sides->drop[sides->at[0] - 1] = true;
	return true;
}

/* the values that stand in a column that all sides have values of */
static void
narrow_to_shared(const Interpretation *in, const Sides *sides, Element *element)
{
	ValueCandidate *values = palloc0(sizeof(ValueCandidate) * Max(element->nvalues, 1));
	int n = 0;

	for (int i = 0; i < element->nvalues; i++)
	{
		bool everywhere = true;

		for (int s = 0; s < sides->count && everywhere; s++)
		{
			const Element *side = &in->elements[sides->at[s]];

			everywhere = false;
			for (int v = 0; v < side->nvalues; v++)
				everywhere |= side->values[v].relation == element->values[i].relation &&
							  side->values[v].column == element->values[i].column;
		}
		if (everywhere)
			values[n++] = element->values[i];
	}
	element->values = values;
	element->nvalues = n;
}

/*
 * "active customers' average revenue" is the average revenue of active
 * customers: the number to the front.
 */
static Interpretation *
number_first(const Interpretation *in, int *at)
{
	static const LexiconEntry of = {"of", CONCEPT_OF, 0, NULL};
	Span number = {*at + 1, *at + 1};
	Interpretation *turned = span_copy_empty(in);

	while (number.from < in->count && span_concept(in, number.from) != CONCEPT_AGGREGATE)
		number.from++;
	if (number.from >= in->count || span_has_aggregate(in, (Span){0, *at}))
		return NULL;
	number.to = number.from + 1;
	while (number.to < in->count && in->elements[number.to].kind == ELEMENT_NAME)
		number.to++;
	for (int i = *at + 1; i < number.from; i++)
	{
		if (!span_is_thing(&in->elements[i]) && span_concept(in, i) != CONCEPT_NOISE)
			return NULL;
	}
	if (number.to == number.from + 1)
		return NULL;
	span_append(turned, in, number);
	span_append_concept(turned, &of);
	span_append(turned, in, (Span){0, number.from});
	span_append(turned, in, (Span){number.to, in->count});
	*at += number.to - number.from + 1;
	return turned;
}

/*
 * The question with one of its sides; *at is where that stands.
 */
static Interpretation *
question_of_side(const Interpretation *in, const Sides *sides, int side, const LexiconEntry *number,
				 int *at)
{
	Interpretation *question = span_copy_empty(in);
	Interpretation *turned;

	if (number)
		span_append_concept(question, number);
	for (int i = 0; i < in->count; i++)
	{
		Element *element;

		if (sides->drop[i])
			continue;
		span_append(question, in, (Span){i, i + 1});
		if (i != sides->at[0])
			continue;
		*at = question->count - 1;
		element = &question->elements[*at];
		if (element->kind == ELEMENT_VALUE)
		{
			*element = in->elements[sides->at[side]];
			narrow_to_shared(in, sides, element);
		}
		else
			element->negated = negated_at(in, sides->at[side]);
	}
	turned = number_first(question, at);
	return turned ? turned : question;
}

/*
 * Where the question says no number, things are counted ("male versus female
 * patients") and amounts are summed ("sales in France vs Germany").  What was
 * added is kept for the other sides.
 */
static Reading *
read_side(const Interpretation *in, const Sides *sides, int side, const LexiconEntry **number,
		  int *at)
{
	static const LexiconEntry total = {"total", CONCEPT_AGGREGATE, AGGREGATE_SUM, NULL};
	Interpretation *question = question_of_side(in, sides, side, *number, at);
	Reading *reading = read_elements(question);
	Span all = {0, question->count};

	if (!*number && !span_has_aggregate(question, all) &&
		(!reading->query || !reading->query->aggregated))
	{
		const LexiconEntry *added = span_says_amount(question, all) ? &total : &span_number_of;
		Reading *with_number = read_elements(question_of_side(in, sides, side, added, at));

		if (with_number->query)
		{
			*number = added;
			return with_number;
		}
	}
	return reading;
}

/* the condition that the element became, where it is one of the joined rows */
static Filter *
filter_of_element(const Reading *reading, int at)
{
	const QuestionScan *scan = reading->scan;

	for (int i = 0; i < scan->count; i++)
	{
		const Mention *m = &scan->mentions[i];

		if (m->element == &scan->in->elements[at] && m->has_filter &&
			(m->filter.kind == FILTER_VALUES || m->filter.kind == FILTER_TRUE) &&
			list_member_ptr(reading->query->filters, &m->filter))
			return unconstify(Filter *, &m->filter);
	}
	return NULL;
}

static List *
values_in_column(const Element *element, FieldRef column)
{
	for (int i = 0; i < element->nvalues; i++)
	{
		if (element->values[i].relation == column.relation &&
			element->values[i].column == column.column)
			return element->values[i].values;
	}
	return NIL;
}

/* a part of a column's name: small letters, nothing that is no letter or digit */
static char *
side_label(const char *text)
{
	char *label = pstrdup(text);

	if (strlen(label) > MAX_SIDE_BYTES)
		label[pg_mbcliplen(label, strlen(label), MAX_SIDE_BYTES)] = '\0';
	for (char *p = label; *p; p++)
	{
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
		else if (!IS_HIGHBIT_SET(*p) && !(*p >= 'a' && *p <= 'z') && !(*p >= '0' && *p <= '9'))
			*p = '_';
	}
	return label;
}

/* labels of all sides, no two of them the same */
static void
label_sides(const Interpretation *in, const Sides *sides, char **labels)
{
	for (int i = 0; i < sides->count; i++)
	{
		const Element *element = &in->elements[sides->at[i]];

		labels[i] = side_label(element->text);
		if (element->kind == ELEMENT_NAME && !element->negated && negated_at(in, sides->at[i]))
			labels[i] = psprintf("not_%s", labels[i]);
		for (int j = 0; j < i; j++)
		{
			if (strcmp(labels[i], labels[j]) == 0)
				labels[i] = psprintf("%s_%d", labels[i], i + 1);
		}
	}
}

static bool
has_groups(const AskQuery *query)
{
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		if (((Output *) lfirst(lc))->group)
			return true;
	}
	return false;
}

/* a row for each side */
static void
make_rows(AskQuery *query, const Filter *filter)
{
	Output *measure = linitial(query->outputs);
	Output *group = palloc0(sizeof(Output));
	OrderKey *key = palloc0(sizeof(OrderKey));

	group->column = filter->column;
	group->group = true;
	query->outputs = lcons(group, query->outputs);
	key->output = measure;
	key->descending = true;
	query->orders = list_make1(key);
}

static Output *
copy_output(const Output *output)
{
	Output *copy = palloc(sizeof(Output));

	*copy = *output;
	return copy;
}

/* a column for each side */
static void
make_columns(const Interpretation *in, const Sides *sides, AskQuery *query, Filter *filter)
{
	List *outputs = NIL;
	char *labels[MAX_SIDES];
	int nmeasures = 0;
	Output *first = NULL;
	Output *second = NULL;
	ListCell *lc;

	label_sides(in, sides, labels);
	foreach (lc, query->outputs)
	{
		Output *output = lfirst(lc);

		if (output->aggregate == AGGREGATE_NONE)
		{
			outputs = lappend(outputs, output);
			continue;
		}
		nmeasures++;
		for (int i = 0; i < sides->count; i++)
		{
			/* the first stays the one that the rows are ordered by */
			Output *side = i == 0 ? output : copy_output(output);
			Filter *only = palloc(sizeof(Filter));

			*only = *filter;
			if (filter->kind == FILTER_VALUES)
				only->values = values_in_column(&in->elements[sides->at[i]], filter->column);
			else
				only->negated = negated_at(in, sides->at[i]);
			side->only = only;
			side->side = labels[i];
			outputs = lappend(outputs, side);
			if (i == 0)
				first = side;
			else if (i == 1)
				second = side;
		}
	}
	if (nmeasures == 1 && sides->count == 2)
	{
		Output *difference = copy_output(first);

		difference->side = NULL;
		difference->less = second;
		outputs = lappend(outputs, difference);
	}
	query->outputs = outputs;
	/* a yes and a no are all rows */
	if (filter->kind == FILTER_TRUE)
		query->filters = list_delete_ptr(query->filters, filter);
}

/* each side as a sub-select of its own */
static bool
present_sub_selects(const Interpretation *in, const Sides *sides, Reading *first,
					const LexiconEntry *number, Translation *translation)
{
	CombinedQuery *combined;
	Reading *second;
	char *reason = NULL;
	int at = 0;

	if (sides->count != 2 || sides->difference)
		return span_decline(translation, first,
							pstrdup("It is not clear how the two are to be compared."));
	second = read_side(in, sides, 1, &number, &at);
	if (!second->query)
		return span_decline(translation, second, NULL);
	combined = combine_queries(first->query, second->query, &reason);
	if (!combined)
		return span_decline(translation, first, reason);
	combined->kind = COMBINE_BESIDE;
	label_sides(in, sides, combined->labels);
	translation->assumptions = list_concat_unique_text(first->assumptions, second->assumptions);
	translation->ambiguities = list_concat(first->ambiguities, second->ambiguities);
	translation->confidence = Min(first->confidence, second->confidence);
	translation->answered = true;
	translation->understood = list_concat_unique_text(describe_understood(first->scan, true),
													  describe_understood(second->scan, true));
	present_combined(translation, combined);
	return true;
}

bool
translate_sides(Interpretation *in, Translation *translation)
{
	Sides sides;
	Reading *reading;
	AskQuery *query;
	Filter *filter;
	const LexiconEntry *number = NULL;
	int at = 0;

	if (in->too_long || !find_sides(in, &sides))
		return false;
	reading = read_side(in, &sides, 0, &number, &at);
	query = reading->query;
	if (!query)
		return span_decline(translation, reading, NULL);
	if (!query->aggregated || query->share || query->ranked || query->limit > 0 ||
		query->count_groups || query->having != NIL)
	{
		reading->query = NULL;
		return span_decline(translation, reading,
							pstrdup("It is not clear which number should be compared."));
	}
	filter = filter_of_element(reading, at);
	if (!filter || query->average_groups)
		return present_sub_selects(in, &sides, reading, number, translation);
	if (number == &span_number_of)
		reading->assumptions =
			lappend(reading->assumptions, pstrdup("Compared is how many there are."));
	if (filter->kind == FILTER_VALUES)
	{
		filter->values = NIL;
		for (int i = 0; i < sides.count; i++)
			filter->values = list_concat_unique_text(
				filter->values,
				list_copy(values_in_column(&in->elements[sides.at[i]], filter->column)));
	}
	if (filter->kind == FILTER_VALUES && !has_groups(query) && !sides.difference)
		make_rows(query, filter);
	else
		make_columns(in, &sides, query, filter);
	present_reading(translation, reading);
	return true;
}
