/*-------------------------------------------------------------------------
 *
 * elapsed.c
 *		Lengths of time: "days between order and delivery", "how long do admissions
 *		last", "average age", "patients older than 80".
 *
 * Before the scan the words are replaced by one name: the column that the time
 * is measured to (or, for ages, from), with the other end attached.  From then
 * on it is averaged, filtered and shown like any number.  Nothing is replaced
 * where no two times, or no date of birth, fit; the words then stay without a
 * meaning and the question is declined.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "translate/compose.h"

/* how much of a column's word has to be said: "delivery" for delivered_at */
#define MIN_COMMON    4
#define ENOUGH_COMMON 6
/* what a step of a join takes from how well a pair of columns fits */
#define PRICE_OF_STEP 0.2f

static const LexiconEntry average_entry = {"average", CONCEPT_AGGREGATE, AGGREGATE_AVG, NULL};
static const LexiconEntry above_entry = {"more than", CONCEPT_COMPARE, COMPARE_GT, NULL};
static const LexiconEntry of_entry = {"of", CONCEPT_OF, 0, NULL};
static const LexiconEntry below_entry = {"less than", CONCEPT_COMPARE, COMPARE_LT, NULL};

static Concept
concept_of(const Interpretation *in, int at)
{
	if (at < 0 || at >= in->count || in->elements[at].kind != ELEMENT_CONCEPT)
		return CONCEPT_NONE;
	return in->elements[at].entry->concept;
}

static bool
is_word(const Interpretation *in, int at, const char *word)
{
	return at >= 0 && at < in->count && in->elements[at].ntokens == 1 &&
		   pg_strcasecmp(in->elements[at].text, word) == 0;
}

static int
after_noise(const Interpretation *in, int at)
{
	do
		at++;
	while (concept_of(in, at) == CONCEPT_NOISE);
	return at;
}

/*
 * The elements from .. to - 1 give way to one name.
 */
static Element *
replace_elements(Interpretation *in, int from, int to)
{
	Element *element = &in->elements[from];
	const Token *first = &in->tokens->tokens[element->first];
	int end = 0;
	int last = element->first;

	for (int i = from; i < to; i++)
	{
		const Element *old = &in->elements[i];
		const Token *token = &in->tokens->tokens[old->first + old->ntokens - 1];

		if (token->end > end)
		{
			end = token->end;
			last = old->first + old->ntokens - 1;
		}
	}
	memmove(&in->elements[from + 1], &in->elements[to], sizeof(Element) * (in->count - to));
	in->count -= to - from - 1;
	element->kind = ELEMENT_NAME;
	element->ntokens = last - element->first + 1;
	element->text = pnstrdup(in->tokens->question + first->start, end - first->start);
	element->entry = NULL;
	element->phrase = NULL;
	memset(&element->names, 0, sizeof(CandidateList));
	element->leading_aggregate = AGGREGATE_NONE;
	element->negated = false;
	return element;
}

static void
insert_concept(Interpretation *in, int at, const LexiconEntry *entry)
{
	Element *element = &in->elements[at];

	if (in->count >= MAX_ELEMENTS)
		return;
	memmove(element + 1, element, sizeof(Element) * (in->count - at));
	in->count++;
	memset(element, 0, sizeof(Element));
	element->kind = ELEMENT_CONCEPT;
	element->first = element[1].first;
	element->ntokens = 1;
	element->entry = entry;
	element->text = pstrdup(entry->phrase);
}

static void
remove_element(Interpretation *in, int at)
{
	memmove(&in->elements[at], &in->elements[at + 1], sizeof(Element) * (in->count - at - 1));
	in->count--;
}

/*
 * "on average" behind the question is said of the length; and of several things
 * by some groups there is only an average.
 */
static void
settle_average(Interpretation *in, int at)
{
	bool grouped = false;
	bool averaged = concept_of(in, at - 1) == CONCEPT_AGGREGATE;

	if (concept_of(in, at - 1) == CONCEPT_GROUP)
		return;

	for (int i = 0; i < in->count; i++)
	{
		grouped |= concept_of(in, i) == CONCEPT_GROUP || concept_of(in, i) == CONCEPT_EACH;
		if (concept_of(in, i) != CONCEPT_OVERALL || in->elements[i].entry->arg != AGGREGATE_AVG)
			continue;
		remove_element(in, i);
		if (i < at)
			at--;
		grouped = true;
		i--;
	}
	if (grouped && !averaged)
		insert_concept(in, at, &average_entry);
}

/*
 * Two ends of a length of time
 */

/* "shipping", "shipped", "shipment" without their endings: "ship" */
static char *
root_of(const char *word)
{
	static const char *const endings[] = {"ation", "ment", "ure", "ing", "ion",
										  "al",    "ed",   "e",   "y",   "s"};
	char *root = pstrdup(word);
	int len = strlen(root);

	for (int i = 0; i < lengthof(endings); i++)
	{
		int elen = strlen(endings[i]);

		if (len < elen + 3 || strcmp(root + len - elen, endings[i]) != 0)
			continue;
		root[len -= elen] = '\0';
		break;
	}
	if (len > 3 && root[len - 1] == root[len - 2])
		root[len - 1] = '\0';
	return root;
}

/* "delivery" and delivered_at, "discontinuation" and discontinued_on */
static bool
same_root(const char *a, const char *b)
{
	char *x = root_of(a);
	char *y = root_of(b);
	int n = 0;

	while (x[n] && x[n] == y[n])
		n++;
	return n >= ENOUGH_COMMON || (n >= MIN_COMMON && x[n] == y[n]);
}

/* times that the element can stand for: columns called alike, or when such things happened */
static int
ends_of(const Interpretation *in, const Element *element, FieldRef *ends, float *scores, int max)
{
	const Token *token = &in->tokens->tokens[element->first];
	int n = 0;

	if (element->ntokens != 1 || !token->stem)
		return 0;
	for (int r = 0; r < in->snapshot->nrelations; r++)
	{
		const SnapshotRelation *rel = &in->snapshot->relations[r];

		for (int i = 0; i < rel->ncolumns && n < max; i++)
		{
			char *stem;

			if (!type_class_is_time(rel->columns[i].type_class))
				continue;
			stem = linitial(words_of_identifier(rel->columns[i].plain));
			if (strcmp(stem, token->stem) != 0 && !same_root(stem, token->folded))
				continue;
			ends[n] = (FieldRef){.relation = r, .column = i};
			scores[n++] = 1.0f;
		}
	}
	for (int i = 0; i < element->names.count && n < max; i++)
	{
		const Candidate *c = &element->names.items[i];
		int column;

		if (c->column >= 0)
			continue;
		column = default_time_column(in->snapshot, c->relation, in);
		if (column < 0)
			continue;
		ends[n] = (FieldRef){.relation = c->relation, .column = column};
		scores[n++] = 0.9f * c->score;
	}
	return n;
}

/* can the rows of the one each have one row of the other beside them? */
static bool
leads_to_one(const Interpretation *in, int from, int to)
{
	return from == to ||
		   (join_distance(in->snapshot, from, to) > 0 && !path_fans_out(in->snapshot, from, to));
}

/*
 * The pair of times that two words mean, or NULL where none fits or two fit
 * alike.  *own is the end that the rows measured belong to.
 */
static Elapsed *
find_pair(const Interpretation *in, const Element *from, const Element *to, FieldRef *own)
{
	FieldRef starts[MAX_CANDIDATES * 2];
	FieldRef stops[MAX_CANDIDATES * 2];
	float start_scores[MAX_CANDIDATES * 2];
	float stop_scores[MAX_CANDIDATES * 2];
	int nstarts = ends_of(in, from, starts, start_scores, lengthof(starts));
	int nstops = ends_of(in, to, stops, stop_scores, lengthof(stops));
	Elapsed *best = NULL;
	float best_score = 0;
	bool tie = false;

	for (int i = 0; i < nstarts; i++)
	{
		for (int j = 0; j < nstops; j++)
		{
			bool same = starts[i].relation == stops[j].relation;
			bool reversed = !leads_to_one(in, stops[j].relation, starts[i].relation);
			float score = start_scores[i] + stop_scores[j];

			if ((same && starts[i].column == stops[j].column) ||
				(reversed && !leads_to_one(in, starts[i].relation, stops[j].relation)))
				continue;
			if (!same)
				score -= PRICE_OF_STEP *
						 join_distance(in->snapshot, starts[i].relation, stops[j].relation);
			if (best && score < best_score - 0.01f)
				continue;
			tie = best && score < best_score + 0.01f &&
				  (best->other.relation != (reversed ? stops[j] : starts[i]).relation ||
				   best->other.column != (reversed ? stops[j] : starts[i]).column ||
				   own->relation != (reversed ? starts[i] : stops[j]).relation ||
				   own->column != (reversed ? starts[i] : stops[j]).column);
			best = palloc0(sizeof(Elapsed));
			best->kind = ELAPSED_DAYS;
			best->reversed = reversed;
			best->other = reversed ? stops[j] : starts[i];
			*own = reversed ? starts[i] : stops[j];
			best_score = score;
		}
	}
	return tie ? NULL : best;
}

static void
set_elapsed(Interpretation *in, int from, int to, FieldRef own, const Elapsed *elapsed)
{
	Element *element = replace_elements(in, from, to);

	element->elapsed = elapsed;
	element->names.count = 1;
	element->names.items[0] =
		(Candidate){.relation = own.relation, .column = own.column, .score = 1.0f};
	settle_average(in, from);
}

/*
 * "[number of] days between A and B", "days from A to B", "how many days are
 * there between A and B".
 */
static bool
cut_between(Interpretation *in, int at)
{
	int from = at;
	int first;
	int link;
	int second;
	int opener = after_noise(in, at);
	bool between;
	bool days = is_word(in, at, "days") || is_word(in, at, "day");
	Elapsed *pair;
	FieldRef own = {0};

	if (!days && !is_word(in, at, "time"))
		return false;
	while (concept_of(in, opener) == CONCEPT_OVERALL)
		opener = after_noise(in, opener);
	between = concept_of(in, opener) == CONCEPT_BETWEEN;
	if (!between && !is_word(in, opener, "from"))
		return false;
	first = after_noise(in, opener);
	link = after_noise(in, first);
	second = after_noise(in, link);
	if (second >= in->count ||
		(between ? concept_of(in, link) != CONCEPT_AND : concept_of(in, link) != CONCEPT_TO))
		return false;
	pair = find_pair(in, &in->elements[first], &in->elements[second], &own);
	if (!pair)
		return false;
	pair->kind = days ? ELAPSED_DAYS : ELAPSED_TIME;
	if (concept_of(in, from - 1) == CONCEPT_COUNT)
		from--;
	/* "on average" may stand between them */
	for (int i = at; i < opener; i++)
	{
		if (concept_of(in, i) == CONCEPT_OVERALL)
		{
			Element overall = in->elements[i];

			memmove(&in->elements[from + 1], &in->elements[from], sizeof(Element) * (i - from));
			in->elements[from++] = overall;
			break;
		}
	}
	set_elapsed(in, from, second + 1, own, pair);
	return true;
}

/*
 * The beginning and the end of what the relation keeps, where it has just two times.
 */
static bool
find_duration(const Interpretation *in, const Element *thing, FieldRef *own, Elapsed **elapsed)
{
	FieldRef ends[MAX_CANDIDATES];
	float scores[MAX_CANDIDATES];
	int n = ends_of(in, thing, ends, scores, lengthof(ends));

	for (int i = 0; i < n; i++)
	{
		const SnapshotRelation *rel = &in->snapshot->relations[ends[i].relation];
		int times[2];
		int ntimes = 0;

		for (int k = 0; k < rel->ncolumns; k++)
		{
			if (!type_class_is_time(rel->columns[k].type_class))
				continue;
			if (ntimes < 2)
				times[ntimes] = k;
			ntimes++;
		}
		/* an end that is known of all rows is no end */
		if (ntimes != 2 || rel->columns[times[1]].not_null || !rel->columns[times[0]].not_null)
			continue;
		*own = (FieldRef){.relation = ends[i].relation, .column = times[1]};
		*elapsed = palloc0(sizeof(Elapsed));
		(*elapsed)->kind = ELAPSED_TIME;
		(*elapsed)->other = (FieldRef){.relation = ends[i].relation, .column = times[0]};
		return true;
	}
	return false;
}

/* "how long do admissions last", "how long does shipping take" */
static bool
cut_how_long(Interpretation *in, int at)
{
	static const char *const verbs[] = {"take", "takes", "took", "last", "lasts", "lasted"};
	int thing = after_noise(in, at);
	int verb = after_noise(in, thing);
	bool known = false;
	FieldRef own;
	Elapsed *elapsed;

	if (concept_of(in, at) != CONCEPT_HOW ||
		pg_strcasecmp(in->elements[at].text, "how long") != 0 || verb >= in->count)
		return false;
	for (int i = 0; i < lengthof(verbs); i++)
		known |= is_word(in, verb, verbs[i]);
	if (!known || !find_duration(in, &in->elements[thing], &own, &elapsed))
		return false;
	set_elapsed(in, at, verb + 1, own, elapsed);
	return true;
}

/* "average shipping time", "... in days" */
static bool
cut_duration_noun(Interpretation *in, int at)
{
	FieldRef own;
	Elapsed *elapsed;
	int end = at + 2;

	if ((!is_word(in, at + 1, "time") && !is_word(in, at + 1, "duration")) ||
		concept_of(in, at - 1) != CONCEPT_AGGREGATE ||
		!find_duration(in, &in->elements[at], &own, &elapsed))
		return false;
	if (is_word(in, end, "in") && is_word(in, end + 1, "days"))
	{
		elapsed->kind = ELAPSED_DAYS;
		end += 2;
	}
	set_elapsed(in, at, end, own, elapsed);
	return true;
}

/*
 * Ages
 */

/* dates of birth of what the question names */
static CandidateList
birth_columns(const Interpretation *in)
{
	CandidateList found = {0};

	for (int r = 0; r < in->snapshot->nrelations; r++)
	{
		const SnapshotRelation *rel = &in->snapshot->relations[r];

		if (in->match.near == NULL || in->match.near[r] != NEAR_NAMED)
			continue;
		for (int i = 0; i < rel->ncolumns && found.count < MAX_CANDIDATES; i++)
		{
			if (type_class_is_time(rel->columns[i].type_class) &&
				column_named_like(&rel->columns[i], "birth born birthday birthdate dob"))
				found.items[found.count++] =
					(Candidate){.relation = r, .column = i, .score = 0.95f};
		}
	}
	return found;
}

static void
set_age(Interpretation *in, int from, int to, const CandidateList *births)
{
	static const Elapsed age = {.kind = ELAPSED_AGE};
	Element *element = replace_elements(in, from, to);

	element->elapsed = &age;
	element->names = *births;
}

/* "years", "years old", "years of age" behind the number */
static int
end_of_years(const Interpretation *in, int at)
{
	if (is_word(in, at, "years") || is_word(in, at, "year"))
		at++;
	if (is_word(in, at, "old"))
		at++;
	else if (is_word(in, at, "of") && is_word(in, at + 1, "age"))
		at += 2;
	return at;
}

/* the name, the comparison and the number in their usual order */
static void
put_age_condition(Interpretation *in, int from, int to, const CandidateList *births, bool above,
				  Element value)
{
	if (in->count + 2 > MAX_ELEMENTS)
		return;
	set_age(in, from, to, births);
	insert_concept(in, from + 1, above ? &above_entry : &below_entry);
	insert_concept(in, from + 2, &above_entry);
	in->elements[from + 2] = value;
}

/* "older than 80", "over 80 years old", "younger than 18" */
static bool
cut_age_condition(Interpretation *in, int at, const CandidateList *births)
{
	const Element *comparison = &in->elements[at];
	bool hinted;
	int number = after_noise(in, at);
	int end = end_of_years(in, number + 1);
	Element value;
	bool above;

	if (comparison->kind == ELEMENT_TIME && comparison->time->age == TIME_UNIT_YEAR)
	{
		memset(&value, 0, sizeof(Element));
		value.kind = ELEMENT_NUMBER;
		value.first = comparison->first;
		value.ntokens = comparison->ntokens;
		value.number = comparison->time->count;
		value.text = value.literal = psprintf("%d", comparison->time->count);
		put_age_condition(in, at, end_of_years(in, at + 1), births, comparison->time->to.set,
						  value);
		return true;
	}
	if (concept_of(in, at) != CONCEPT_COMPARE || number >= in->count ||
		in->elements[number].kind != ELEMENT_NUMBER)
		return false;
	hinted = comparison->entry->hints && strcmp(comparison->entry->hints, "age") == 0;
	/* "over 80 years" may be anything */
	if (!hinted && end < number + 3)
		return false;
	if (comparison->entry->arg != COMPARE_GT && comparison->entry->arg != COMPARE_LT)
		return false;
	above = comparison->entry->arg == COMPARE_GT;
	value = in->elements[number];
	put_age_condition(in, at, end, births, above, value);
	return true;
}

static bool
says_average(const Interpretation *in)
{
	for (int i = 0; i < in->count; i++)
	{
		if (concept_of(in, i) == CONCEPT_OVERALL && in->elements[i].entry->arg == AGGREGATE_AVG)
			return true;
	}
	return false;
}

static void
cut_ages(Interpretation *in)
{
	CandidateList births = birth_columns(in);

	if (births.count == 0)
		return;
	for (int i = 0; i < in->count; i++)
	{
		const Element *element = &in->elements[i];

		if (cut_age_condition(in, i, &births))
			continue;
		if ((element->kind == ELEMENT_UNKNOWN &&
			 (is_word(in, i, "age") || is_word(in, i, "ages"))) ||
			(concept_of(in, i) == CONCEPT_HOW && pg_strcasecmp(element->text, "how old") == 0))
		{
			bool asked = concept_of(in, i) == CONCEPT_HOW;

			set_age(in, i, i + 1, &births);
			/* "how old are patients on average" is the age of patients */
			if (asked && says_average(in))
				insert_concept(in, i + 1, &of_entry);
			settle_average(in, i);
		}
	}
}

void
cut_elapsed(Interpretation *in)
{
	for (int i = 0; i < in->count; i++)
	{
		if (!cut_between(in, i) && !cut_how_long(in, i))
			(void) cut_duration_noun(in, i);
	}
	cut_ages(in);
}

/*
 * A length of time can be shown, averaged and compared with a number; what else
 * is done with it has no meaning here.
 */
bool
settle_elapsed(Composer *c)
{
	for (int i = 0; i < c->scan->count; i++)
	{
		Mention *m = &c->scan->mentions[i];
		const Elapsed *elapsed = m->element ? m->element->elapsed : NULL;
		bool fits;

		if (!elapsed || m->chosen.relation < 0)
			continue;
		fits =
			m->role == ROLE_OUTPUT || (m->role == ROLE_GROUP && elapsed->kind == ELAPSED_AGE) ||
			(m->role == ROLE_MEASURE && !is_count(m->aggregate) && m->aggregate != AGGREGATE_SUM) ||
			(m->role == ROLE_FILTER && elapsed->kind == ELAPSED_AGE &&
			 m->filter.aggregate == AGGREGATE_NONE &&
			 (m->filter.kind == FILTER_COMPARE || m->filter.kind == FILTER_BETWEEN));
		if (!fits)
			return compose_fail(
				c, psprintf("It is not clear what should be done with \"%s\".", m->element->text));
		m->filter.column.elapsed = elapsed;
		if (elapsed->kind == ELAPSED_AGE)
			compose_assume(
				c, psprintf("Ages are in completed years since %s.",
							reading_text(c->snapshot, m->chosen.relation, m->chosen.column)));
		else
		{
			char *own = reading_text(c->snapshot, m->chosen.relation, m->chosen.column);
			char *other = reading_text(c->snapshot, elapsed->other.relation, elapsed->other.column);

			compose_assume(c, psprintf("\"%s\" is taken as the time from %s to %s.",
									   m->element->text, elapsed->reversed ? own : other,
									   elapsed->reversed ? other : own));
		}
	}
	return true;
}

/*
 * As SQL; today is that of sql_agent.as_of.
 */
char *
elapsed_sql(const AskSnapshot *snapshot, const Elapsed *elapsed, FieldRef own, const char *own_sql,
			const char *other_sql)
{
	const char *from = elapsed->reversed ? own_sql : other_sql;
	const char *to = elapsed->reversed ? other_sql : own_sql;
	TimeBound today = {.set = true, .relative = true, .offset_unit = TIME_UNIT_DAY};
	bool own_day;
	bool other_day;

	if (elapsed->kind == ELAPSED_AGE)
		return psprintf("extract(year FROM age(%s, %s))::int", time_bound_sql(&today), own_sql);
	own_day = snapshot->relations[own.relation].columns[own.column].type_class == TYPE_CLASS_DATE;
	other_day =
		snapshot->relations[elapsed->other.relation].columns[elapsed->other.column].type_class ==
		TYPE_CLASS_DATE;
	if ((own_day && other_day) || (elapsed->kind == ELAPSED_TIME && own_day == other_day))
		return psprintf("%s - %s", to, from);
	return psprintf("%s::date - %s::date", to, from);
}

char *
elapsed_words(const AskSnapshot *snapshot, const Elapsed *elapsed, FieldRef own)
{
	const char *own_name = snapshot->relations[own.relation].columns[own.column].name;
	const char *other_name;

	if (elapsed->kind == ELAPSED_AGE)
		return pstrdup("age");
	other_name = snapshot->relations[elapsed->other.relation].columns[elapsed->other.column].name;
	return psprintf("%s from %s to %s", elapsed_name(elapsed),
					readable_name(elapsed->reversed ? own_name : other_name),
					readable_name(elapsed->reversed ? other_name : own_name));
}

const char *
elapsed_name(const Elapsed *elapsed)
{
	static const char *const names[] = {"age", "days", "time"};

	return names[elapsed->kind];
}
