/*-------------------------------------------------------------------------
 *
 * sentence.c
 *		One sentence that answers the question, made from the rows.
 *
 * Fixed rules, no model: what the columns are (key, time, measure) decides the
 * form, the rows give the words.  It claims nothing that the rows do not hold:
 * a result that was cut has no highest value, unless it came ranked.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "ask/answer.h"
#include "common/display.h"
#include "lib/stringinfo.h"

#define MAX_KEY_WIDTH     60
#define MAX_SPOKEN_VALUES 4 /* of a single row without a key */
#define MAX_DECIMALS      6 /* longer ones are rounded */

/* the columns by role, as indexes */
typedef struct Shape
{
	List *keys;
	List *times;
	List *measures; /* numbers only */
	int attributes;
} Shape;

/*
 * Numbers
 */

/* decimal rounding of the digits themselves, so that no precision is lost */
static char *
round_decimals(const char *text, int decimals)
{
	const char *point = strchr(text, '.');
	int keep = point - text + 1 + decimals;
	char *digits = pnstrdup(text, keep);
	int i = keep - 1;

	if (text[keep] < '5')
		return digits;
	for (; i >= 0; i--)
	{
		if (!isdigit((unsigned char) digits[i]))
		{
			if (digits[i] == '.')
				continue;
			break;
		}
		if (digits[i] != '9')
		{
			digits[i]++;
			return digits;
		}
		digits[i] = '0';
	}
	/* carried over the first digit; what stands before it is a sign */
	return psprintf("%.*s1%s", i + 1, digits, digits + i + 1);
}

char *
answer_round_text(const char *text, bool *rounded)
{
	const char *point = strchr(text, '.');
	int decimals = point ? strspn(point + 1, "0123456789") : 0;
	const char *first;
	int keep = 2;

	/* an exponent or anything else behind the digits stays as it is */
	if (decimals <= MAX_DECIMALS || point[1 + decimals] != '\0')
		return pstrdup(text);
	first = text + strspn(text, "-0.");
	/* below one, keep four digits that count */
	if (first > point && *first != '\0')
		keep = Min((int) (first - point - 1) + 4, decimals);
	if (keep >= decimals)
		return pstrdup(text);
	if (point[1 + keep + strspn(point + 1 + keep, "0")] != '\0')
		*rounded = true;
	return round_decimals(text, keep);
}

char *
answer_measure_text(const char *text, bool *rounded)
{
	return display_number(answer_round_text(text, rounded));
}

static char *
measure_at(const Answer *answer, int row, int column)
{
	bool rounded;
	const char *text = answer->data->text[row][column];

	return text ? answer_measure_text(text, &rounded) : pstrdup("nothing");
}

static char *
count_text(int64 count)
{
	return display_number(psprintf(INT64_FORMAT, count));
}

/*
 * Words
 */

/* "total_revenue" -> "total revenue" */
static char *
name_in_words(const char *name)
{
	char *words;

	/* the server's name for a column without one */
	if (strcmp(name, "?column?") == 0)
		return pstrdup("the value");
	words = pstrdup(name);

	for (char *p = words; *p; p++)
	{
		if (*p == '_')
			*p = ' ';
	}
	return words;
}

static char *
capitalized(char *text)
{
	text[0] = pg_toupper((unsigned char) text[0]);
	return text;
}

/* "orders" -> "order"; the endings that plural() makes and the regular ones */
static char *
singular(const char *noun)
{
	size_t length = strlen(noun);
	size_t cut = 0;

	if (length > 4 && strcmp(noun + length - 3, "ies") == 0)
		return psprintf("%.*sy", (int) length - 3, noun);
	if (length > 4 &&
		(strcmp(noun + length - 3, "xes") == 0 || strcmp(noun + length - 4, "ches") == 0 ||
		 strcmp(noun + length - 4, "shes") == 0 || strcmp(noun + length - 4, "sses") == 0 ||
		 strcmp(noun + length - 4, "uses") == 0))
		cut = 2;
	else if (length > 2 && noun[length - 1] == 's' && strchr("su", noun[length - 2]) == NULL)
		cut = 1;
	return pnstrdup(noun, length - cut);
}

/* a plural noun, or its singular; "rows" where there is none */
static const char *
noun_for(const char *subject, bool one)
{
	if (subject == NULL || *subject == '\0')
		return one ? "row" : "rows";
	if (!one)
		return display_escape(subject);
	return display_escape(singular(subject));
}

/* "category" -> "categories", for names of columns */
static char *
plural(char *noun)
{
	size_t length = strlen(noun);
	char last = length > 0 ? noun[length - 1] : '\0';
	char before = length > 1 ? noun[length - 2] : '\0';

	if (last == 's' && before != 's' && before != 'u')
		return noun; /* one already */
	if (last == 'y' && before != '\0' && strchr("aeiou", before) == NULL)
		return psprintf("%.*sies", (int) length - 1, noun);
	if (last == 's' || last == 'x' || (last == 'h' && (before == 'c' || before == 's')))
		return psprintf("%ses", noun);
	return psprintf("%ss", noun);
}

/*
 * What the rows are: the translator's word for it, or else the key that they
 * are grouped by.  NULL where it is neither.
 */
static const char *
rows_noun(const Answer *answer, const Shape *shape)
{
	const char *name;

	if (answer->translation->subject != NULL && *answer->translation->subject != '\0')
		return answer->translation->subject;
	if (list_length(shape->keys) != 1 || shape->times != NIL || shape->measures == NIL)
		return NULL;
	name = answer->data->columns[linitial_int(shape->keys)].name;
	if (strcmp(name, "name") == 0 || strcmp(name, "title") == 0)
		return NULL;
	return plural(name_in_words(name));
}

static char *
rows_text(const Answer *answer, const Shape *shape)
{
	int64 count = answer->outcome->row_count;

	return psprintf("%s%s %s", answer->outcome->truncated ? "The first " : "", count_text(count),
					noun_for(rows_noun(answer, shape), count == 1));
}

/* what a row is about: its keys and times */
static char *
key_at(const Answer *answer, const Shape *shape, int row)
{
	StringInfoData buf;
	ListCell *lc;

	initStringInfo(&buf);
	foreach (lc, list_concat_copy(shape->keys, shape->times))
	{
		const char *text = answer->data->text[row][lfirst_int(lc)];

		appendStringInfo(&buf, "%s%s", buf.len > 0 ? ", " : "", text ? text : "(none)");
	}
	return display_shorten(buf.data, MAX_KEY_WIDTH, NULL);
}

static void
read_shape(const Answer *answer, Shape *shape)
{
	memset(shape, 0, sizeof(*shape));
	for (int column = 0; column < answer->data->ncolumns; column++)
	{
		switch (answer->roles[column])
		{
			case RESULT_KEY:
				shape->keys = lappend_int(shape->keys, column);
				break;
			case RESULT_TIME:
				shape->times = lappend_int(shape->times, column);
				break;
			case RESULT_MEASURE:
				if (answer->data->columns[column].column_class == CHART_COLUMN_NUMBER)
				{
					shape->measures = lappend_int(shape->measures, column);
					break;
				}
				/* FALLTHROUGH */
			case RESULT_ATTRIBUTE:
				shape->attributes++;
				break;
			case RESULT_REMARK:
				break; /* the table has it */
		}
	}
}

/*
 * Forms
 */

/*
 * What the column counts, as a plural: "number_of_orders" counts orders,
 * "count" counts the subject.  NULL where it is no count.
 */
static const char *
counted_noun(const Answer *answer, int column)
{
	const char *name = answer->data->columns[column].name;
	const char *subject = answer->translation->subject;
	size_t length = strlen(name);

	if (strncmp(name, "number_of_", 10) == 0 && name[10] != '\0')
		return name_in_words(name + 10);
	if (subject == NULL || *subject == '\0')
		return NULL;
	if (strcmp(name, "count") == 0 || strncmp(name, "count_", 6) == 0 ||
		strcmp(name, subject) == 0 || (length > 6 && strcmp(name + length - 6, "_count") == 0))
		return subject;
	return NULL;
}

/* one row of numbers and nothing else */
static char *
say_values(const Answer *answer, const Shape *shape)
{
	StringInfoData buf;
	ListCell *lc;

	if (list_length(shape->measures) == 1)
	{
		int column = linitial_int(shape->measures);
		const char *noun = counted_noun(answer, column);

		if (noun != NULL)
			return psprintf("%s %s", measure_at(answer, 0, column),
							noun_for(noun, answer->data->number[0][column] == 1));
	}
	initStringInfo(&buf);
	foreach (lc, shape->measures)
	{
		int column = lfirst_int(lc);
		char *name = name_in_words(answer->data->columns[column].name);
		bool unknown = answer->data->text[0][column] == NULL;

		if (foreach_current_index(lc) == 0)
			name = capitalized(name);
		appendStringInfo(&buf, "%s%s is %s", buf.len > 0 ? ", " : "", name,
						 unknown ? "not known: there are no values"
								 : measure_at(answer, 0, column));
	}
	return buf.data;
}

/* when the series was highest, and how often */
static char *
highest_times(const Answer *answer, char **labels, int highest, int measure)
{
	const ChartData *data = answer->data;
	int more = 0;

	for (int row = highest + 1; row < data->nrows; row++)
		more += data->number[row][measure] == data->number[highest][measure];
	if (more == 0)
		return psprintf("; highest in %s with %s", labels[highest],
						measure_at(answer, highest, measure));
	return psprintf("; highest in %s and %d more with %s", labels[highest], more,
					measure_at(answer, highest, measure));
}

/* a series over time: where it begins, ends and is highest */
static char *
say_series(const Answer *answer, const Shape *shape)
{
	const ChartData *data = answer->data;
	int time = linitial_int(shape->times);
	int measure = linitial_int(shape->measures);
	char **labels = palloc(sizeof(char *) * data->nrows);
	int first = -1;
	int last = -1;
	int highest = -1;

	for (int row = 0; row < data->nrows; row++)
	{
		labels[row] = data->text[row][time];
		if (labels[row] == NULL || isnan(data->number[row][measure]))
			continue;
		first = first < 0 ? row : first;
		last = row;
		if (highest < 0 || data->number[row][measure] > data->number[highest][measure])
			highest = row;
	}
	if (first < 0 || first == last)
		return rows_text(answer, shape);
	if (strcmp(labels[first], labels[last]) > 0)
	{
		int swapped = first;

		first = last;
		last = swapped;
	}
	return psprintf("%s from %s (%s) to %s (%s)%s",
					capitalized(name_in_words(data->columns[measure].name)), labels[first],
					measure_at(answer, first, measure), labels[last],
					measure_at(answer, last, measure),
					answer->outcome->truncated ? ", of the first rows"
											   : highest_times(answer, labels, highest, measure));
}

/* the measure that the rows are ranked by: the first that never turns */
static int
ranking_measure(const Answer *answer, const Shape *shape)
{
	const ChartData *data = answer->data;
	ListCell *lc;

	foreach (lc, shape->measures)
	{
		int column = lfirst_int(lc);
		bool rising = true;
		bool falling = true;

		for (int row = 1; row < data->nrows; row++)
		{
			rising = rising && data->number[row - 1][column] <= data->number[row][column];
			falling = falling && data->number[row - 1][column] >= data->number[row][column];
		}
		if (rising || falling)
			return column;
	}
	return linitial_int(shape->measures);
}

/* names the rows that share the value of row `leader`, which comes first of them */
static char *
name_leaders(const Answer *answer, const Shape *shape, int leader, int measure, int *count)
{
	const ChartData *data = answer->data;
	int second = -1;

	*count = 0;
	for (int row = leader; row < data->nrows; row++)
	{
		if (data->number[row][measure] != data->number[leader][measure])
			continue;
		(*count)++;
		if (second < 0 && row != leader)
			second = row;
	}
	if (*count == 1)
		return key_at(answer, shape, leader);
	if (*count == 2)
		return psprintf("%s and %s", key_at(answer, shape, leader), key_at(answer, shape, second));
	return psprintf("%s and %d others", key_at(answer, shape, leader), *count - 1);
}

static int
highest_row(const ChartData *data, int measure)
{
	int highest = -1;

	for (int row = 0; row < data->nrows; row++)
	{
		double value = data->number[row][measure];

		if (!isnan(value) && (highest < 0 || value > data->number[highest][measure]))
			highest = row;
	}
	return highest;
}

/* rows of keys and measures */
static char *
say_ranking(const Answer *answer, const Shape *shape)
{
	const ChartData *data = answer->data;
	bool ranked = answer->translation->ranked;
	int measure = ranked ? ranking_measure(answer, shape) : linitial_int(shape->measures);
	int leader = ranked ? 0 : highest_row(data, measure);
	const char *verb;
	char *names;
	int count;

	if (leader < 0 || isnan(data->number[leader][measure]) ||
		(answer->outcome->truncated && !ranked))
		return rows_text(answer, shape);
	if (data->nrows == 1)
		return psprintf(ranked ? "%s leads with %s" : "%s: %s", key_at(answer, shape, 0),
						measure_at(answer, 0, measure));
	names = name_leaders(answer, shape, leader, measure, &count);
	if (count == data->nrows)
		return psprintf("%s, each with %s", rows_text(answer, shape),
						measure_at(answer, 0, measure));
	if (!ranked)
		verb = count == 1 ? "is highest" : "are highest";
	else if (data->number[data->nrows - 1][measure] > data->number[0][measure])
		verb = count == 1 ? "is lowest" : "are lowest";
	else
		verb = count == 1 ? "leads" : "lead";
	return psprintf("%s; %s %s with %s", rows_text(answer, shape), names, verb,
					measure_at(answer, leader, measure));
}

char *
answer_make_sentence(const Answer *answer)
{
	Shape shape;

	if (answer->outcome->row_count == 0)
		return pstrdup("No rows match");
	read_shape(answer, &shape);
	if (answer->data->nrows == 1 && shape.keys == NIL && shape.times == NIL &&
		shape.attributes == 0 && shape.measures != NIL &&
		list_length(shape.measures) <= MAX_SPOKEN_VALUES)
		return say_values(answer, &shape);
	if (shape.measures == NIL || shape.attributes > 0)
		return rows_text(answer, &shape);
	if (list_length(shape.times) == 1 && shape.keys == NIL)
		return answer->data->nrows > 1 ? say_series(answer, &shape) : say_ranking(answer, &shape);
	if (shape.keys == NIL && shape.times == NIL)
		return rows_text(answer, &shape);
	return say_ranking(answer, &shape);
}
