/*-------------------------------------------------------------------------
 *
 * overtime.c
 *		"revenue in 2023 vs 2024", "revenue growth by month", "cumulative orders by
 *		week", "3-month moving average of sales": one number over time.
 *
 * What says how the periods are to be compared is taken out of the question;
 * the rest ("revenue by region") is read like any other and has to be one
 * number by some groups.  Where it is not clear which periods are meant the
 * question is declined with that reason.  A question that compares, but not
 * periods, is left to others.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "lib/stringinfo.h"
#include "translate/builtin.h"
#include "translate/overtime.h"

/* what the question says of times, besides the number */
typedef struct OverTimeWords
{
	bool compares; /* "compare", "versus" */
	bool growth;
	bool running;
	bool moving;
	TimeUnit step;   /* "year over year" */
	TimeUnit bucket; /* "by month" */
	int width;       /* "3-month" */
	TimeUnit width_unit;
	int nperiods;
	TimeSpan *periods[MAX_PERIODS];
	Element *first_time;      /* its place keeps a condition on the time */
	bool taken[MAX_ELEMENTS]; /* not part of the rest */
	List *assumptions;        /* char * */
} OverTimeWords;

static Concept
concept_of(const Interpretation *in, int at)
{
	if (at < 0 || at >= in->count || in->elements[at].kind != ELEMENT_CONCEPT)
		return CONCEPT_NONE;
	return in->elements[at].entry->concept;
}

static int
after_noise(const Interpretation *in, int at)
{
	do
		at++;
	while (concept_of(in, at) == CONCEPT_NOISE);
	return at;
}

static int
before_noise(const Interpretation *in, int at)
{
	do
		at--;
	while (concept_of(in, at) == CONCEPT_NOISE);
	return at;
}

static bool
names_number(const Interpretation *in, int at)
{
	Concept concept = concept_of(in, at);

	return (at < in->count && in->elements[at].kind == ELEMENT_NAME) || concept == CONCEPT_COUNT ||
		   concept == CONCEPT_AGGREGATE;
}

/* "growth of", "change in the number of": the word that only connects */
static void
take_connector(const Interpretation *in, OverTimeWords *words, int at)
{
	Concept concept = concept_of(in, at);

	if ((concept == CONCEPT_OF || concept == CONCEPT_PREPOSITION) &&
		names_number(in, after_noise(in, at)))
		words->taken[at] = true;
}

/* "3-month moving average", or "... over 3 months" behind it */
static void
take_width(const Interpretation *in, OverTimeWords *words, int at)
{
	int unit = at - 1;
	int from = at - 2;

	if (concept_of(in, unit) != CONCEPT_UNIT)
	{
		for (from = at + 1; from + 2 < in->count; from++)
		{
			if (concept_of(in, from) == CONCEPT_COMPARE && concept_of(in, from + 2) == CONCEPT_UNIT)
				break;
		}
		unit = from + 2;
		words->taken[Min(from, MAX_ELEMENTS - 1)] = unit < in->count;
		from++;
	}
	if (from < 0 || unit >= in->count || in->elements[from].kind != ELEMENT_NUMBER)
		return;
	words->width = (int) in->elements[from].number;
	words->width_unit = UNIT_OF(in->elements[unit].entry->arg);
	words->taken[from] = words->taken[unit] = true;
}

/* "how much did revenue grow", "by how much", "how does it change" */
static void
take_question_words(const Interpretation *in, OverTimeWords *words)
{
	for (int i = 0; i < in->count; i++)
	{
		Concept concept = concept_of(in, i);

		if (concept == CONCEPT_HOW_MUCH && words->growth)
		{
			words->taken[i] = true;
			if (concept_of(in, i - 1) == CONCEPT_GROUP)
				words->taken[i - 1] = true;
		}
		if (concept == CONCEPT_UNSUPPORTED && strcmp(in->elements[i].entry->phrase, "how") == 0)
			words->taken[i] = true;
	}
}

/* false where nothing of the question is about several periods */
static bool
find_words(Interpretation *in, OverTimeWords *words)
{
	bool any = false;

	memset(words, 0, sizeof(OverTimeWords));
	for (int i = 0; i < in->count; i++)
	{
		bool mine = true;

		switch (concept_of(in, i))
		{
			case CONCEPT_COMPARISON:
			case CONCEPT_VERSUS:
				words->compares = true;
				break;
			case CONCEPT_GROWTH:
				words->growth = true;
				break;
			case CONCEPT_STEP:
				words->growth = true;
				words->step = UNIT_OF(in->elements[i].entry->arg);
				break;
			case CONCEPT_RUNNING:
				words->running = true;
				break;
			case CONCEPT_MOVING:
				words->moving = true;
				take_width(in, words, i);
				break;
			default:
				mine = false;
				break;
		}
		if (!mine)
			continue;
		any = words->taken[i] = true;
		take_connector(in, words, i + 1);
	}
	if (any)
		take_question_words(in, words);
	return any;
}

/* the unit of time that the element names, also where a column is called by it */
static const LexiconEntry *
unit_at(const Interpretation *in, int at)
{
	const Element *element = &in->elements[at];

	if ((element->kind != ELEMENT_CONCEPT && element->kind != ELEMENT_NAME) || !element->entry ||
		element->entry->concept != CONCEPT_UNIT)
		return NULL;
	return element->entry;
}

/* "by month", "monthly", "each year" */
static void
find_bucket(const Interpretation *in, OverTimeWords *words)
{
	for (int i = 0; i < in->count && words->bucket == TIME_UNIT_NONE; i++)
	{
		Concept before = concept_of(in, before_noise(in, i));
		const LexiconEntry *unit = unit_at(in, i);

		if (!unit || words->taken[i])
			continue;
		if ((unit->arg & UNIT_BUCKET) || before == CONCEPT_GROUP || before == CONCEPT_EACH ||
			before == CONCEPT_AND)
			words->bucket = UNIT_OF(unit->arg);
	}
}

/* a further period: false where there are too many, or they are of other lengths */
static bool
add_period(OverTimeWords *words, TimeSpan *span)
{
	if (words->nperiods >= MAX_PERIODS || span->unit == TIME_UNIT_NONE)
		return false;
	if (words->nperiods > 0 &&
		(words->periods[0]->unit != span->unit || words->periods[0]->count != span->count))
		return false;
	words->periods[words->nperiods++] = span;
	return true;
}

/* what stands between two periods, and before the first: "with", "and", "that of" */
static void
take_links(const Interpretation *in, OverTimeWords *words, int at)
{
	for (int i = before_noise(in, at); i >= 0; i = before_noise(in, i))
	{
		switch (concept_of(in, i))
		{
			case CONCEPT_AND:
			case CONCEPT_WITH:
			case CONCEPT_TO:
			case CONCEPT_THAT:
				words->taken[i] = true;
				break;
			default:
				return;
		}
	}
}

static bool
links_periods(const Interpretation *in, int at)
{
	Concept concept = concept_of(in, at);

	return concept == CONCEPT_VERSUS || concept == CONCEPT_AND || concept == CONCEPT_WITH ||
		   concept == CONCEPT_TO;
}

static bool
collect_periods(Interpretation *in, OverTimeWords *words)
{
	int last = in->count;

	for (int i = 0; i < in->count; i++)
	{
		Element *element = &in->elements[i];

		if (element->kind != ELEMENT_TIME)
			continue;
		/* "Voltix in 2023 and Zenbo in 2024" compares more than periods */
		for (int k = i - 1; k > last && !links_periods(in, k); k--)
		{
			if (in->elements[k].kind != ELEMENT_CONCEPT)
				return false;
		}
		if (element->time->first)
		{
			if (!add_period(words, element->time->first) || !add_period(words, element->time->last))
				return false;
		}
		else if (!add_period(words, element->time))
			return false;
		if (!words->first_time)
			words->first_time = element;
		else
		{
			words->taken[i] = true;
			take_links(in, words, i);
		}
		last = i;
	}
	return true;
}

static int
compare_periods(const void *a, const void *b)
{
	const TimeSpan *x = *(TimeSpan *const *) a;
	const TimeSpan *y = *(TimeSpan *const *) b;

	return time_span_earlier(x, y) ? -1 : time_span_earlier(y, x) ? 1 : 0;
}

/* "growth in 2024" is from 2023 to 2024 */
static void
add_period_before(OverTimeWords *words)
{
	TimeSpan *before = palloc(sizeof(TimeSpan));

	if (!time_span_before(words->periods[0], before))
		return;
	words->periods[words->nperiods++] = before;
	words->assumptions =
		lappend(words->assumptions,
				psprintf("\"%s\" is compared with %s.", words->periods[0]->label, before->label));
}

static void
tell_unfinished(OverTimeWords *words)
{
	const TimeSpan *last = words->periods[words->nperiods - 1];

	if (last->from.relative && last->from.trunc != TIME_UNIT_NONE && last->from.offset == 0)
		words->assumptions = lappend(words->assumptions,
									 psprintf("\"%s\" counts as far as it has gone.", last->label));
}

/*
 * The rest of the question
 */

static bool
says_amount_at(const Interpretation *in, const Element *element)
{
	const Token *head = &in->tokens->tokens[element->first + element->ntokens - 1];

	return head->stem && lexicon_is_amount(head->stem);
}

/* is the first thing that the rest names one whose rows have to be counted or summed? */
static const LexiconEntry *
missing_aggregate(const Interpretation *rest)
{
	static const LexiconEntry count = {"number of", CONCEPT_COUNT, 0, NULL};
	static const LexiconEntry sum = {"total", CONCEPT_AGGREGATE, AGGREGATE_SUM, NULL};

	for (int i = 0; i < rest->count; i++)
	{
		Concept concept = concept_of(rest, i);

		if (concept == CONCEPT_COUNT || concept == CONCEPT_AGGREGATE)
			return NULL;
		if (concept == CONCEPT_GROUP || concept == CONCEPT_EACH)
			break;
	}
	for (int i = 0; i < rest->count; i++)
	{
		const Element *element = &rest->elements[i];
		const Element *next = i + 1 < rest->count ? &rest->elements[i + 1] : NULL;

		if (concept_of(rest, i) == CONCEPT_GROUP || concept_of(rest, i) == CONCEPT_EACH)
			break;
		if (element->kind != ELEMENT_NAME || element->names.count == 0)
			continue;
		/* "active customers" */
		if (element->names.items[0].column >= 0 && next && next->kind == ELEMENT_NAME &&
			next->names.count > 0 && next->names.items[0].column < 0)
			continue;
		if (element->names.items[0].column >= 0)
			return NULL;
		return says_amount_at(rest, element) ? &sum : &count;
	}
	return NULL;
}

static Element *
append_concept(Interpretation *rest, const LexiconEntry *entry)
{
	Element *element = &rest->elements[rest->count];

	if (rest->count >= MAX_ELEMENTS)
		return NULL;
	rest->count++;
	memset(element, 0, sizeof(Element));
	element->kind = ELEMENT_CONCEPT;
	element->entry = entry;
	element->text = pstrdup(entry->phrase);
	return element;
}

/* may an aggregate be put behind it? */
static bool
opens_question(const Interpretation *in, int at)
{
	switch (concept_of(in, at))
	{
		case CONCEPT_NOISE:
		case CONCEPT_LIST:
		case CONCEPT_WHAT:
			return true;
		default:
			return false;
	}
}

static void
append_bucket(Interpretation *rest, TimeUnit unit)
{
	static const LexiconEntry by = {"by", CONCEPT_GROUP, 0, NULL};
	static LexiconEntry units[TIME_UNIT_MONTH_OF_YEAR + 1];

	units[unit].phrase = time_unit_name(unit);
	units[unit].concept = CONCEPT_UNIT;
	units[unit].arg = unit;
	append_concept(rest, &by);
	append_concept(rest, &units[unit]);
}

/*
 * The question without what was taken from it, with what it leaves unsaid: that
 * things are counted, and the bucket of "year over year".
 */
static Reading *
read_rest(const Interpretation *in, const OverTimeWords *words, TimeUnit bucket)
{
	Interpretation *rest = palloc(sizeof(Interpretation));
	Interpretation *whole = palloc(sizeof(Interpretation));
	const LexiconEntry *aggregate;
	int at = 0;

	*rest = *in;
	rest->count = 0;
	for (int i = 0; i < in->count; i++)
	{
		Element *element;

		if (words->taken[i])
			continue;
		element = &rest->elements[rest->count++];
		*element = in->elements[i];
		if (words->nperiods > 0 && &in->elements[i] == words->first_time)
			element->time = words->periods[0];
		/* months of several years lie beside each other */
		if (words->nperiods > 0 && words->bucket == TIME_UNIT_MONTH &&
			unit_at(rest, rest->count - 1))
		{
			rest->count--;
			append_bucket(rest, TIME_UNIT_MONTH_OF_YEAR);
		}
	}
	aggregate = missing_aggregate(rest);
	*whole = *rest;
	whole->count = 0;
	while (at < rest->count && opens_question(rest, at))
		whole->elements[whole->count++] = rest->elements[at++];
	if (aggregate)
		append_concept(whole, aggregate);
	while (at < rest->count && whole->count < MAX_ELEMENTS)
		whole->elements[whole->count++] = rest->elements[at++];
	if (bucket != TIME_UNIT_NONE)
		append_bucket(whole, bucket);
	return read_elements(whole);
}

/*
 * The query of the rest
 */

static Output *
only_measure(const AskQuery *query)
{
	Output *found = NULL;
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		Output *output = lfirst(lc);

		if (output->group)
			continue;
		if (output->hidden || output->aggregate == AGGREGATE_NONE || found)
			return NULL;
		found = output;
	}
	return found;
}

static Output *
only_bucket(const AskQuery *query)
{
	Output *found = NULL;
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		Output *output = lfirst(lc);

		if (output->bucket == TIME_UNIT_NONE)
			continue;
		if (found || time_unit_recurs(output->bucket))
			return NULL;
		found = output;
	}
	return found;
}

static char *
fault_of_query(const AskQuery *query)
{
	if (!query->aggregated || query->count_groups || query->average_groups || query->share ||
		query->having != NIL || !only_measure(query))
		return pstrdup("It is not clear which number should be compared over time.");
	if (query->limit > 0 || query->ranked)
		return pstrdup("A ranking of changes over time is not served.");
	return NULL;
}

/* the condition on the time of what is counted, and not of a thing beside it */
static Filter *
time_filter_of(const AskQuery *query, const QuestionScan *scan, const TimeSpan *span)
{
	ListCell *lc;

	foreach (lc, query->filters)
	{
		Filter *filter = lfirst(lc);

		if (filter->kind == FILTER_TIME && filter->time == span && !filter->negated &&
			((filter >= scan->times && filter < scan->times + scan->ntimes) ||
			 filter->column.relation == only_measure(query)->column.relation))
			return filter;
	}
	return NULL;
}

/*
 * Rows of any of the periods, as one span where they follow each other.
 */
static Filter *
filter_of_any(const OverTimeQuery *over, Filter *const *filters)
{
	Filter *any = palloc0(sizeof(Filter));
	bool gapless = true;

	*any = *filters[0];
	for (int i = 0; i + 1 < over->nperiods; i++)
		gapless &= strcmp(time_bound_sql(&over->periods[i]->to),
						  time_bound_sql(&over->periods[i + 1]->from)) == 0;
	if (gapless)
	{
		any->time = palloc(sizeof(TimeSpan));
		*any->time = *over->periods[0];
		any->time->to = over->periods[over->nperiods - 1]->to;
		return any;
	}
	any->kind = FILTER_ANY;
	any->values = NIL;
	for (int i = 0; i < over->nperiods; i++)
		any->values = lappend(any->values, filters[i]);
	return any;
}

/*
 * A column of its own for each period.
 */
static bool
put_beside(OverTimeQuery *over, OverTimeWords *words, const QuestionScan *scan, char **reason)
{
	AskQuery *query = over->base;
	Filter *placed = time_filter_of(query, scan, words->periods[0]);
	Filter *filters[MAX_PERIODS];
	List *rest = NIL;
	ListCell *lc;

	if (!placed)
	{
		*reason = pstrdup("The periods are not those of what is counted.");
		return false;
	}
	qsort(words->periods, words->nperiods, sizeof(TimeSpan *), compare_periods);
	for (int i = 0; i < words->nperiods; i++)
	{
		Output *side = palloc(sizeof(Output));

		filters[i] = palloc(sizeof(Filter));
		*filters[i] = *placed;
		filters[i]->time = words->periods[i];
		filters[i]->words = words->periods[i]->label;
		*side = *over->measure;
		side->only = filters[i];
		over->sides[i] = side;
		over->periods[i] = words->periods[i];
	}
	over->nperiods = words->nperiods;
	tell_unfinished(words);
	foreach (lc, query->filters)
	{
		if (lfirst(lc) != placed)
			rest = lappend(rest, lfirst(lc));
	}
	query->filters = rest;
	over->times = filter_of_any(over, filters);
	return true;
}

/* how long before is what each bucket is compared with? */
static bool
settle_step(OverTimeQuery *over, OverTimeWords *words, char **reason)
{
	TimeUnit bucket = over->bucket->bucket;
	const char *unit = readable_name(time_unit_name(bucket));

	over->step = bucket == TIME_UNIT_FISCAL_QUARTER ? TIME_UNIT_QUARTER
				 : bucket == TIME_UNIT_FISCAL_YEAR  ? TIME_UNIT_YEAR
													: bucket;
	if (words->step != TIME_UNIT_NONE && words->step != over->step)
	{
		ListCell *lc;

		if (words->step < over->step || over->step == TIME_UNIT_WEEK ||
			over->step == TIME_UNIT_HOUR)
		{
			*reason =
				psprintf("%ss can not be compared by the %s.", unit, time_unit_name(words->step));
			return false;
		}
		foreach (lc, over->base->filters)
		{
			if (((Filter *) lfirst(lc))->kind == FILTER_TIME)
			{
				*reason = psprintf("The %s before lies outside of the time that is asked for.",
								   time_unit_name(words->step));
				return false;
			}
		}
		over->step = words->step;
		words->assumptions = lappend(
			words->assumptions,
			psprintf("Each %s is compared with the same %s a %s before, where there is one.", unit,
					 unit, time_unit_name(words->step)));
		return true;
	}
	words->assumptions = lappend(
		words->assumptions,
		psprintf("Each %s is compared with the %s right before; the first has none, and the "
				 "present one counts as far as it has gone.",
				 unit, unit));
	return true;
}

static bool
settle_series(OverTimeQuery *over, OverTimeWords *words, char **reason)
{
	const char *unit;

	over->bucket = only_bucket(over->base);
	if (!over->bucket)
	{
		*reason = pstrdup("It is not clear over which periods.");
		return false;
	}
	unit = readable_name(time_unit_name(over->bucket->bucket));
	switch (over->kind)
	{
		case OVER_CHANGE:
			return settle_step(over, words, reason);
		case OVER_RUNNING:
			if (over->measure->aggregate != AGGREGATE_SUM &&
				over->measure->aggregate != AGGREGATE_COUNT)
			{
				*reason = pstrdup("Only sums and counts have a running total.");
				return false;
			}
			words->assumptions = lappend(
				words->assumptions,
				psprintf("The running total begins with the first %s that is shown.", unit));
			return true;
		default:
			words->assumptions =
				lappend(words->assumptions, psprintf("The first %ss are averaged over as many as "
													 "there are.",
													 unit));
			return true;
	}
}

/*
 * Which of the kinds is asked for, and what lacks for it; the bucket is one that
 * the question does not say itself.
 */
static char *
settle_kind(Interpretation *in, OverTimeWords *words, OverTimeQuery *over, TimeUnit *bucket)
{
	*bucket = TIME_UNIT_NONE;
	if (words->moving)
	{
		over->kind = OVER_MOVING;
		if (words->width < 2 || words->width > 1000)
			return pstrdup("It is not clear over how many periods the average moves.");
		if (words->bucket != TIME_UNIT_NONE && words->bucket != words->width_unit)
			return pstrdup("The average moves over other periods than are shown.");
		if (words->bucket == TIME_UNIT_NONE)
			*bucket = words->width_unit;
		over->width = words->width;
		return NULL;
	}
	if (words->running)
	{
		over->kind = OVER_RUNNING;
		if (words->bucket == TIME_UNIT_NONE)
		{
			*bucket = TIME_UNIT_MONTH;
			words->assumptions =
				lappend(words->assumptions, pstrdup("The running total is told by month."));
		}
		return NULL;
	}
	if (words->growth && (words->step != TIME_UNIT_NONE || words->bucket != TIME_UNIT_NONE))
	{
		over->kind = OVER_CHANGE;
		if (words->bucket == TIME_UNIT_NONE)
			*bucket = words->step;
		return NULL;
	}
	over->kind = OVER_PERIODS;
	if (!collect_periods(in, words) || words->nperiods == 0)
		return pstrdup("It is not clear from which period to which.");
	if (words->nperiods == 1 && words->growth)
		add_period_before(words);
	if (words->nperiods < 2)
		return pstrdup("It is not clear which periods should be compared.");
	if (words->bucket != TIME_UNIT_NONE && !time_unit_recurs(words->bucket) &&
		(words->bucket != TIME_UNIT_MONTH || words->periods[0]->unit != TIME_UNIT_YEAR))
		return pstrdup("Periods are compared as a whole, or years by month.");
	return NULL;
}

static bool
compares_periods(Interpretation *in)
{
	int n = 0;

	for (int i = 0; i < in->count; i++)
	{
		if (in->elements[i].kind == ELEMENT_TIME)
			n += in->elements[i].time->first ? 2 : 1;
	}
	return n >= 2;
}

static bool
decline(Translation *translation, Reading *reading, char *reason)
{
	reading->reason = reason;
	abstain(translation, reading);
	return true;
}

bool
translate_over_time(Interpretation *in, Translation *translation)
{
	OverTimeWords words;
	OverTimeQuery over = {0};
	TimeUnit bucket;
	Reading *reading;
	char *reason;

	if (in->too_long || !find_words(in, &words))
		return false;
	if (!words.growth && !words.running && !words.moving && !compares_periods(in))
		return false;
	find_bucket(in, &words);
	reason = settle_kind(in, &words, &over, &bucket);
	reading = read_rest(in, &words, bucket);
	if (!reading->query)
		return decline(translation, reading, reading->reason);
	if (!reason)
		reason = fault_of_query(reading->query);
	if (reason)
		return decline(translation, reading, reason);
	over.base = reading->query;
	over.measure = only_measure(over.base);
	translation->shape = describe_question(reading->scan, reading->query);
	if (over.kind == OVER_PERIODS ? !put_beside(&over, &words, reading->scan, &reason)
								  : !settle_series(&over, &words, &reason))
		return decline(translation, reading, reason);
	translation->assumptions = list_concat(reading->assumptions, words.assumptions);
	translation->ambiguities = reading->ambiguities;
	translation->confidence = reading->confidence;
	translation->answered = true;
	translation->understood = describe_understood(reading->scan, true);
	present_over_time(translation, &over);
	return true;
}
