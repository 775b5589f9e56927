/*-------------------------------------------------------------------------
 *
 * memory_template.c
 *		Question and SQL as a template: which of the question's values, numbers
 *		and times stand where in the SQL, and the same SQL with others.
 *
 * A part of the question is filled only where nothing else can be meant:
 *
 *	a value     is compared by = with a column that it is a stored value of,
 *				and its successor is a value of that column too, and of none
 *				that the first was not;
 *	a number    stands in LIMIT or is one side of a comparison;
 *	a time      is the range of days (or the year) that the question says.
 *
 * Each must stand in the SQL exactly once, whatever else holds it: two equal
 * numbers, a value that is in an alias or a label, or a further constant that
 * the question does not say (a currency that goes with the country) leave
 * that part as it is.  What is not filled must be said in the same words.
 *
 * Nothing of this is stored: question and SQL are taken apart again each time,
 * against the catalog and the values of that moment.  The result is analysed
 * once more and must differ from the first in the filled literals alone.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "common/words.h"
#include "lib/stringinfo.h"
#include "translate/memory_int.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

static bool
is_number_type(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID || type == NUMERICOID ||
		   type == FLOAT4OID || type == FLOAT8OID;
}

static bool
is_time_type(Oid type)
{
	return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

static const GuardLiteral *
literal_at(const MemoryTemplate *template, int i)
{
	return list_nth(template->facts->literals, i);
}

static const Element *
element_of(const MemoryTemplate *template, const MemorySlot *slot)
{
	return &template->in->elements[slot->element];
}

/* the candidate of a column, where the element is exactly one of its values */
static const ValueCandidate *
value_in_column(const Interpretation *in, const Element *element, Oid relid, AttrNumber attnum)
{
	for (int i = 0; i < element->nvalues; i++)
	{
		const ValueCandidate *value = &element->values[i];
		const SnapshotRelation *relation = &in->snapshot->relations[value->relation];

		if (relation->relid == relid && relation->columns[value->column].attnum == attnum)
			return list_length(value->values) == 1 ? value : NULL;
	}
	return NULL;
}

/* the literal's place among those with its text, -1 where there are several */
static int
only_literal(const MemoryTemplate *template, int found)
{
	for (int i = 0; i < list_length(template->facts->literals); i++)
		if (i != found && literal_at(template, i)->text != NULL &&
			pg_strcasecmp(literal_at(template, i)->text, literal_at(template, found)->text) == 0)
			return -1;
	return found;
}

static void
add_slot(MemoryTemplate *template, SlotKind kind, int element, int literal)
{
	MemorySlot *slot;

	if (template->nslots >= MAX_SLOTS)
		return;
	slot = &template->slots[template->nslots++];
	slot->kind = kind;
	slot->element = element;
	slot->literal = literal;
}

static void
find_value(MemoryTemplate *template, int at)
{
	const Element *element = &template->in->elements[at];
	int found = -1;

	for (int i = 0; i < list_length(template->facts->literals); i++)
	{
		const GuardLiteral *literal = literal_at(template, i);
		const ValueCandidate *value;

		if (literal->text == NULL ||
			literal->operator== NULL || strcmp(literal->operator, "=") != 0 ||
			!OidIsValid(literal->relid) || literal->of_year)
			continue;
		value = value_in_column(template->in, element, literal->relid, literal->attnum);
		if (value == NULL || strcmp(linitial(value->values), literal->text) != 0)
			continue;
		if (found >= 0 || literal->length == 0)
			return;
		found = i;
	}
	if (found >= 0 && only_literal(template, found) >= 0)
		add_slot(template, SLOT_VALUE, at, found);
}

static bool
compares_numbers(const GuardLiteral *literal)
{
	static const char *const operators[] = {"=", "<>", "<", "<=", ">", ">="};

	if (literal->is_limit)
		return true;
	if (literal->operator== NULL || literal->of_year)
		return false;
	for (int i = 0; i < lengthof(operators); i++)
		if (strcmp(literal->operator, operators[i]) == 0)
			return true;
	return false;
}

static void
find_number(MemoryTemplate *template, int at)
{
	const Element *element = &template->in->elements[at];

	for (int i = 0; i < list_length(template->facts->literals); i++)
	{
		const GuardLiteral *literal = literal_at(template, i);

		if (literal->text == NULL || strcmp(literal->text, element->literal) != 0)
			continue;
		/* the first is the only one, or there is none */
		if (literal->length > 0 && is_number_type(literal->type) && compares_numbers(literal) &&
			only_literal(template, i) >= 0)
			add_slot(template, SLOT_NUMBER, at, i);
		return;
	}
}

static int
day_of(const TimeBound *bound)
{
	return date2j(bound->year, bound->month, bound->day);
}

static char *
day_text(int julian)
{
	int year;
	int month;
	int day;

	j2date(julian, &year, &month, &day);
	return psprintf("%04d-%02d-%02d", year, month, day);
}

/*
 * Is the literal that day (at midnight), compared by the operator?
 */
static bool
is_day(const GuardLiteral *literal, const char *day, const char *operator)
{
	if (literal->text == NULL || !is_time_type(literal->type) ||
		literal->operator== NULL || strcmp(literal->operator, operator) != 0 ||
		strncmp(literal->text, day, 10) != 0)
		return false;
	return literal->type == DATEOID
			   ? literal->text[10] == '\0'
			   : strncmp(literal->text + 10, " 00:00:00", 9) == 0 && literal->text[19] != '.';
}

static int
find_day(const MemoryTemplate *template, const char *day, const char *operator)
{
	for (int i = 0; i < list_length(template->facts->literals); i++)
	{
		const GuardLiteral *literal = literal_at(template, i);

		/* the last day, taken whole */
		if (strcmp(operator, "<=") == 0 &&
			(literal->type != DATEOID || literal->other_type != DATEOID))
			continue;
		if (is_day(literal, day, operator) && OidIsValid(literal->relid) && literal->length > 0)
			return only_literal(template, i);
	}
	return -1;
}

static int
find_year(const MemoryTemplate *template, const char *year)
{
	for (int i = 0; i < list_length(template->facts->literals); i++)
	{
		const GuardLiteral *literal = literal_at(template, i);

		if (literal->of_year && literal->text != NULL && strcmp(literal->text, year) == 0 &&
			strcmp(literal->operator, "=") == 0 && literal->length > 0)
			return only_literal(template, i);
	}
	return -1;
}

/* 'y'ear, 'q'uarter, 'm'onth, 'd'ay, another 'r'ange, 's'ince, 'b'efore */
static char
shape_of_time(const TimeSpan *time)
{
	const TimeBound *from = &time->from;
	const TimeBound *to = &time->to;
	int months;

	if (!to->set)
		return 's';
	if (!from->set)
		return 'b';
	if (day_of(to) - day_of(from) == 1)
		return 'd';
	months = (to->year - from->year) * 12 + to->month - from->month;
	if (from->day != 1 || to->day != 1)
		return 'r';
	if (months == 1)
		return 'm';
	if (months == 3 && from->month % 3 == 1)
		return 'q';
	return months == 12 && from->month == 1 ? 'y' : 'r';
}

static void
find_time(MemoryTemplate *template, int at)
{
	const TimeSpan *time = template->in->elements[at].time;
	int from = -1;
	int to = -1;
	SlotKind to_kind = SLOT_TO;

	if (shape_of_time(time) == 'd')
		from = find_day(template, day_text(day_of(&time->from)), "=");
	if (from >= 0)
	{
		add_slot(template, SLOT_FROM, at, from);
		return;
	}
	if (time->from.set)
		from = find_day(template, day_text(day_of(&time->from)), ">=");
	if (time->to.set)
	{
		to = find_day(template, day_text(day_of(&time->to)), "<");
		if (to < 0)
		{
			to_kind = SLOT_LAST;
			to = find_day(template, day_text(day_of(&time->to) - 1), "<=");
		}
	}
	if ((from >= 0) == time->from.set && (to >= 0) == time->to.set)
	{
		/* both ends of one range */
		if (from >= 0 && to >= 0 &&
			(literal_at(template, from)->relid != literal_at(template, to)->relid ||
			 literal_at(template, from)->attnum != literal_at(template, to)->attnum))
			return;
		if (from >= 0)
			add_slot(template, SLOT_FROM, at, from);
		if (to >= 0)
			add_slot(template, to_kind, at, to);
	}
	else if (from < 0 && to < 0 && shape_of_time(time) == 'y')
	{
		int year = find_year(template, psprintf("%d", time->from.year));

		if (year >= 0)
			add_slot(template, SLOT_YEAR, at, year);
	}
}

/* all slots of an element go together: half a range is none */
static void
drop_element(MemoryTemplate *template, int element)
{
	int kept = 0;

	for (int i = 0; i < template->nslots; i++)
		if (template->slots[i].element != element)
			template->slots[kept++] = template->slots[i];
	template->nslots = kept;
}

/* two parts of the question that say the same stand for nothing */
static void
drop_shared_literals(MemoryTemplate *template)
{
	for (int i = 0; i < template->nslots; i++)
	{
		for (int j = i + 1; j < template->nslots; j++)
		{
			int a = template->slots[i].element;
			int b = template->slots[j].element;

			if (template->slots[i].literal != template->slots[j].literal || a == b)
				continue;
			drop_element(template, a);
			drop_element(template, b);
			i = -1;
			break;
		}
	}
}

/*
 * The SQL without the literals that are filled, as folded words between single
 * blanks: " select sum amount as total france ".
 */
static char *
words_around_slots(const MemoryTemplate *template)
{
	char *copy = pstrdup(template->sql);
	StringInfoData out;

	for (int i = 0; i < template->nslots; i++)
	{
		const GuardLiteral *literal = literal_at(template, template->slots[i].literal);

		memset(copy + literal->location, ' ', literal->length);
	}
	for (char *p = copy; *p; p++)
		if (!isalnum((unsigned char) *p) && !IS_HIGHBIT_SET(*p))
			*p = ' ';
	initStringInfo(&out);
	appendStringInfo(&out, " %s ", words_fold_phrase(copy));
	return out.data;
}

static bool
has_words(const char *text, const char *words)
{
	char *copy = pstrdup(words);
	char *folded;

	for (char *p = copy; *p; p++)
		if (!isalnum((unsigned char) *p) && !IS_HIGHBIT_SET(*p))
			*p = ' ';
	folded = words_fold_phrase(copy);
	return *folded != '\0' && strstr(text, psprintf(" %s ", folded)) != NULL;
}

/*
 * Is what the slot holds also elsewhere in the SQL, as in "revenue_2024"?
 */
static bool
stands_elsewhere(const MemoryTemplate *template, const MemorySlot *slot, const char *around)
{
	const Element *element = element_of(template, slot);

	switch (slot->kind)
	{
		case SLOT_VALUE:
			return has_words(around, literal_at(template, slot->literal)->text) ||
				   has_words(around, element->text);
		case SLOT_NUMBER:
			return has_words(around, element->literal);
		default:
			return (element->time->from.set &&
					has_words(around, psprintf("%d", element->time->from.year))) ||
				   (element->time->to.set &&
					has_words(around, psprintf("%d", element->time->to.year)));
	}
}

static void
drop_what_stands_elsewhere(MemoryTemplate *template)
{
	for (int i = 0; i < template->nslots; i++)
	{
		if (!stands_elsewhere(template, &template->slots[i], words_around_slots(template)))
			continue;
		drop_element(template, template->slots[i].element);
		i = -1;
	}
}

static bool
is_filled(const MemoryTemplate *template, int literal)
{
	for (int i = 0; i < template->nslots; i++)
		if (template->slots[i].literal == literal)
			return true;
	return false;
}

/* does the question say it: a stored value, or its words? */
static bool
question_says(const MemoryTemplate *template, const char *text)
{
	const Interpretation *in = template->in;
	char *around = psprintf(" %s ", words_fold_phrase(in->question));
	ListCell *lc;

	for (int i = 0; i < in->count; i++)
	{
		const Element *element = &in->elements[i];

		for (int v = 0; v < element->nvalues; v++)
			foreach (lc, element->values[v].values)
				if (strcmp(lfirst(lc), text) == 0)
					return true;
		if (element->kind == ELEMENT_NUMBER && strcmp(element->literal, text) == 0)
			return true;
	}
	for (char *p = around; *p; p++)
		if (!isalnum((unsigned char) *p) && !IS_HIGHBIT_SET(*p))
			*p = ' ';
	return has_words(psprintf(" %s ", words_fold_phrase(around)), text);
}

/*
 * A condition that the question does not say may go with a value that it does
 * say, such as a currency with a country: then no value is filled.
 */
static void
drop_values_beside_unsaid(MemoryTemplate *template)
{
	bool unsaid = false;

	for (int i = 0; i < list_length(template->facts->literals) && !unsaid; i++)
	{
		const GuardLiteral *literal = literal_at(template, i);

		if (literal->text == NULL || literal->operator== NULL || is_time_type(literal->type) ||
			literal->type == BOOLOID || is_filled(template, i))
			continue;
		if (is_number_type(literal->type) &&
			(strcmp(literal->operator, "=") != 0 || !OidIsValid(literal->relid)))
			continue;
		unsaid = !question_says(template, literal->text);
	}
	for (int i = 0; unsaid && i < template->nslots; i++)
	{
		if (template->slots[i].kind != SLOT_VALUE)
			continue;
		drop_element(template, template->slots[i].element);
		i = -1;
	}
}

/* the year that a literal is in or is, 0 = it has none */
static int
year_of_literal(const GuardLiteral *literal)
{
	const char *text = literal->text;
	int year;

	if (text == NULL || strspn(text, "0123456789") < 4)
		return 0;
	year = atoi(pnstrdup(text, 4));
	if (is_time_type(literal->type))
		return year;
	if (year < 1900 || year > 2100 || isdigit((unsigned char) text[4]))
		return 0;
	return text[4] == '\0' || text[4] == '-' || text[4] == '/' ? year : 0;
}

/*
 * Has the SQL dates that the question does not say?  They may stand for today,
 * and then they are wrong tomorrow.
 */
static bool
has_unsaid_dates(const MemoryTemplate *template)
{
	const Interpretation *in = template->in;
	ListCell *lc;

	foreach (lc, template->facts->literals)
	{
		const GuardLiteral *literal = lfirst(lc);
		int year = year_of_literal(literal);
		bool said = false;

		if (year == 0)
			continue;
		for (int i = 0; i < in->count && !said && !template->relative; i++)
		{
			const Element *element = &in->elements[i];

			if (element->kind == ELEMENT_TIME)
				said = (element->time->from.set && year >= element->time->from.year &&
						(!element->time->to.set || year <= element->time->to.year)) ||
					   (!element->time->from.set && element->time->to.set &&
						year <= element->time->to.year && year >= element->time->to.year - 1);
		}
		if (!said && !question_says(template, literal->text))
			return true;
	}
	return false;
}

static bool
has_relative_time(const Interpretation *in)
{
	for (int i = 0; i < in->count; i++)
		if (in->elements[i].kind == ELEMENT_TIME && !memory_can_fill(in, &in->elements[i]))
			return true;
	return false;
}

MemoryTemplate *
template_read(const Interpretation *in, const char *sql)
{
	MemoryTemplate *template = palloc0(sizeof(MemoryTemplate));
	GuardOutcome *outcome = guard_examine(sql, in->snapshot->role);

	if (outcome->status != GUARD_OK)
		return NULL;
	template->sql = sql;
	template->in = in;
	template->facts = outcome->facts;
	template->relations = outcome->relations;
	template->relative = has_relative_time(in);
	template->dated = has_unsaid_dates(template);
	for (int i = 0; i < in->count; i++)
	{
		if (!memory_can_fill(in, &in->elements[i]))
			continue;
		if (in->elements[i].kind == ELEMENT_VALUE)
			find_value(template, i);
		else if (in->elements[i].kind == ELEMENT_NUMBER)
			find_number(template, i);
		else
			find_time(template, i);
	}
	for (int i = 0; i < template->nslots; i++)
		template->filled_values += template->slots[i].kind == SLOT_VALUE;
	if (template->dated)
		template->nslots = 0;
	drop_shared_literals(template);
	drop_values_beside_unsaid(template);
	drop_what_stands_elsewhere(template);
	return template;
}

/* the new value of a slot as SQL, NULL where it does not fit */
static char *
fill_value(const MemoryTemplate *template, const MemorySlot *slot, const Interpretation *other,
		   const Element *element)
{
	const GuardLiteral *literal = literal_at(template, slot->literal);
	const Element *old = element_of(template, slot);
	const ValueCandidate *value;

	for (int i = 0; i < element->nvalues; i++)
	{
		bool known = false;

		for (int j = 0; j < old->nvalues; j++)
			known = known || (element->values[i].relation == old->values[j].relation &&
							  element->values[i].column == old->values[j].column);
		if (!known)
			return NULL;
	}
	value = value_in_column(other, element, literal->relid, literal->attnum);
	return value ? quote_literal_cstr(linitial(value->values)) : NULL;
}

static char *
fill_number(const MemoryTemplate *template, const MemorySlot *slot, const Element *element)
{
	const GuardLiteral *literal = literal_at(template, slot->literal);
	const char *text = element->literal;
	bool whole = text[strspn(text, "0123456789")] == '\0';
	bool was_whole = literal->text[strspn(literal->text, "0123456789")] == '\0';

	if (whole != was_whole || strspn(text, "0123456789.") != strlen(text))
		return NULL;
	if (literal->is_limit && (element->number < 1 || element->number > INT_MAX))
		return NULL;
	return pstrdup(text);
}

static char *
fill_time(const MemoryTemplate *template, const MemorySlot *slot, const Element *element)
{
	const TimeSpan *time = element->time;

	if (shape_of_time(time) != shape_of_time(element_of(template, slot)->time))
		return NULL;
	switch (slot->kind)
	{
		case SLOT_FROM:
			return quote_literal_cstr(day_text(day_of(&time->from)));
		case SLOT_TO:
			return quote_literal_cstr(day_text(day_of(&time->to)));
		case SLOT_LAST:
			return quote_literal_cstr(day_text(day_of(&time->to) - 1));
		default:
			return psprintf("%d", time->from.year);
	}
}

static char *
fill_slot(const MemoryTemplate *template, const MemorySlot *slot, const Interpretation *other,
		  const Element *element)
{
	if (slot->kind == SLOT_VALUE)
		return fill_value(template, slot, other, element);
	if (slot->kind == SLOT_NUMBER)
		return fill_number(template, slot, element);
	return fill_time(template, slot, element);
}

/*
 * The element of the other question that stands where this one does: -1 where
 * the two are not the same but for what can be filled.
 */
static bool
pair_elements(const MemoryTemplate *template, const Interpretation *other, int *partner)
{
	const Interpretation *in = template->in;
	int at = -1;

	for (int i = 0; i < in->count; i++)
	{
		partner[i] = -1;
		if (!memory_can_fill(in, &in->elements[i]))
			continue;
		do
			at++;
		while (at < other->count && !memory_can_fill(other, &other->elements[at]));
		if (at >= other->count || other->elements[at].kind != in->elements[i].kind)
			return false;
		partner[i] = at;
	}
	return true;
}

static bool
same_words(const Element *a, const Element *b)
{
	return strcmp(words_fold_phrase(a->text), words_fold_phrase(b->text)) == 0;
}

static bool
element_is_filled(const MemoryTemplate *template, int element)
{
	for (int i = 0; i < template->nslots; i++)
		if (template->slots[i].element == element)
			return true;
	return false;
}

static int
compare_slots(const void *a, const void *b, void *context)
{
	const MemoryTemplate *template = context;

	return literal_at(template, ((const MemorySlot *) a)->literal)->location -
		   literal_at(template, ((const MemorySlot *) b)->literal)->location;
}

/*
 * Does the filled SQL have the same literals in the same places, but for the
 * slots?
 */
static bool
is_proven(const MemoryTemplate *template, const char *sql)
{
	GuardOutcome *outcome = guard_examine(sql, template->in->snapshot->role);
	int n = list_length(template->facts->literals);

	if (outcome->status != GUARD_OK || list_length(outcome->facts->literals) != n)
		return false;
	for (int i = 0; i < n; i++)
	{
		const GuardLiteral *a = literal_at(template, i);
		const GuardLiteral *b = list_nth(outcome->facts->literals, i);

		if (a->type != b->type || a->relid != b->relid || a->attnum != b->attnum ||
			a->is_limit != b->is_limit || a->of_year != b->of_year ||
			(a->operator== NULL) != (b->operator== NULL) ||
			(a->operator!= NULL && strcmp(a->operator, b->operator) != 0) ||
			(a->text == NULL) != (b->text == NULL))
			return false;
		if (!is_filled(template, i) && a->text != NULL && strcmp(a->text, b->text) != 0)
			return false;
	}
	return true;
}

char *
template_fill(const MemoryTemplate *template, const Interpretation *other, char **told)
{
	int partner[MAX_ELEMENTS];
	MemorySlot slots[MAX_SLOTS];
	StringInfoData sql;
	StringInfoData tell;
	int done = 0;

	if (template->nslots == 0 || !pair_elements(template, other, partner))
		return NULL;
	initStringInfo(&tell);
	for (int i = 0; i < template->in->count; i++)
	{
		const Element *old = &template->in->elements[i];

		if (partner[i] < 0 || same_words(old, &other->elements[partner[i]]))
			continue;
		if (!element_is_filled(template, i))
			return NULL;
		appendStringInfo(&tell, "%s\"%s\" for \"%s\"", tell.len > 0 ? ", " : "",
						 other->elements[partner[i]].text, old->text);
	}
	memcpy(slots, template->slots, sizeof(slots));
	qsort_arg(slots, template->nslots, sizeof(MemorySlot), compare_slots, (void *) template);
	initStringInfo(&sql);
	for (int i = 0; i < template->nslots; i++)
	{
		const GuardLiteral *literal = literal_at(template, slots[i].literal);
		char *text =
			fill_slot(template, &slots[i], other, &other->elements[partner[slots[i].element]]);

		if (text == NULL)
			return NULL;
		appendBinaryStringInfo(&sql, template->sql + done, literal->location - done);
		appendStringInfoString(&sql, text);
		done = literal->location + literal->length;
	}
	appendStringInfoString(&sql, template->sql + done);
	*told = tell.data;
	return is_proven(template, sql.data) ? sql.data : NULL;
}
