/*-------------------------------------------------------------------------
 *
 * choices.c
 *		What somebody chose where a question was open: read from the answer that
 *		was given, and put into the scan of the question.
 *
 * A choice becomes what the words for it would have become: a mention with one
 * option.  So everything after the scan (joins, conditions, the guard) treats
 * it as if it had been said.  A text of an answer only ever selects: a stored
 * value, a column, a time that was parsed.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/json.h"
#include "common/words.h"
#include "lib/stringinfo.h"
#include "translate/clarify.h"
#include "translate/scan.h"

#define MAX_CHOSEN_VALUES 50
#define ALL               "all"
#define BY                "by "
#define THAT_OF           "that of the "

static Choice *
make_choice(ChoiceKind kind, const char *key, char *option)
{
	Choice *choice = palloc0(sizeof(Choice));

	choice->kind = kind;
	choice->key = pstrdup(key);
	choice->option = option;
	choice->relation = -1;
	choice->column = -1;
	return choice;
}

static bool
option_is_offered(List *options, const char *option)
{
	ListCell *lc;

	foreach (lc, options)
	{
		if (pg_strcasecmp(lfirst(lc), option) == 0)
			return true;
	}
	return false;
}

/* the whole text as a time, or NULL */
static TimeSpan *
parse_time(const char *text)
{
	TokenList *tokens = tokenize(text);
	int n;
	TimeSpan *time = tokens->count > 0 ? time_parse(tokens, 0, &n) : NULL;

	return time && n == tokens->count ? time : NULL;
}

static TimeUnit
unit_of(const char *word)
{
	for (TimeUnit unit = TIME_UNIT_HOUR; unit <= TIME_UNIT_YEAR; unit++)
	{
		if (pg_strcasecmp(word, time_unit_name(unit)) == 0)
			return unit;
	}
	return TIME_UNIT_NONE;
}

/* adds the stored spellings of one value of the column; false where there is none */
static bool
add_value(AskSnapshot *snapshot, Choice *choice, const char *text)
{
	int count;
	bool incomplete;
	bool found = false;
	const ValuePosting *postings =
		snapshot_find_value(snapshot, words_fold_phrase(text), &count, &incomplete);

	for (int i = 0; i < count; i++)
	{
		if (postings[i].relation != choice->relation || postings[i].column != choice->column)
			continue;
		choice->values = lappend(choice->values, pstrdup(postings[i].value));
		found = true;
	}
	return found && list_length(choice->values) <= MAX_CHOSEN_VALUES;
}

static Choice *
choose_values(AskSnapshot *snapshot, const OpenDimension *dimension, const JsonbValue *answer)
{
	Choice *choice = make_choice(CHOICE_VALUES, dimension->name, json_value_text(answer));
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue value;

	choice->relation = dimension->relation;
	choice->column = dimension->column;
	if (answer->type != jbvBinary)
		return add_value(snapshot, choice, choice->option) ? choice : NULL;

	if (!JsonContainerIsArray(answer->val.binary.data))
		return NULL;
	iterator = JsonbIteratorInit(answer->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_ELEM && (value.type == jbvBinary || value.type == jbvNull ||
								  !add_value(snapshot, choice, json_value_text(&value))))
			return NULL;
	}
	return choice->values == NIL ? NULL : choice;
}

/* the relation and column that one of the options names */
static bool
find_measure(AskSnapshot *snapshot, const char *option, Choice *choice)
{
	for (int r = 0; r < snapshot->nrelations; r++)
	{
		const char *dot = strchr(option, '.');
		const SnapshotRelation *rel = &snapshot->relations[r];

		if (dot == NULL || pg_strncasecmp(rel->name, option, dot - option) != 0)
			continue;
		for (int c = 0; c < rel->ncolumns; c++)
		{
			if (pg_strcasecmp(reading_text(snapshot, r, c), option) == 0)
			{
				choice->relation = r;
				choice->column = c;
				return true;
			}
		}
	}
	return false;
}

Choice *
choose_option(AskSnapshot *snapshot, const OpenDimension *dimension, const JsonbValue *answer)
{
	bool single = answer->type != jbvBinary && answer->type != jbvNull;
	char *option = single ? json_value_text(answer) : NULL;
	Choice *choice = NULL;

	if (answer->type == jbvNull)
		return NULL;
	switch (dimension->kind)
	{
		case DIMENSION_TIME:
			if (single && pg_strncasecmp(option, BY, strlen(BY)) == 0 &&
				unit_of(option + strlen(BY)) != TIME_UNIT_NONE)
			{
				choice = make_choice(CHOICE_BUCKET, dimension->name, option);
				choice->unit = unit_of(option + strlen(BY));
			}
			else if (single && parse_time(option))
				choice = make_choice(CHOICE_TIME, dimension->name, option);
			break;
		case DIMENSION_VALUES:
		case DIMENSION_THINGS:
			if (single && pg_strcasecmp(option, psprintf(BY "%s", dimension->name)) == 0)
				choice = make_choice(CHOICE_GROUP, dimension->name, option);
			else if (!single || pg_strcasecmp(option, ALL) != 0)
				choice = choose_values(snapshot, dimension, answer);
			break;
		case DIMENSION_RANKING:
		case DIMENSION_MEASURE:
			if (!single || !option_is_offered(dimension->options, option))
				return NULL;
			choice =
				make_choice(dimension->kind == DIMENSION_RANKING ? CHOICE_RANKING : CHOICE_MEASURE,
							dimension->name, option);
			return find_measure(snapshot, option, choice) ? choice : NULL;
	}
	if (choice == NULL && single && pg_strcasecmp(option, ALL) == 0)
		choice = make_choice(CHOICE_ALL, dimension->name, option);
	if (choice)
	{
		choice->relation = dimension->relation;
		choice->column = dimension->column;
		/* things are told apart by their key, not by their name */
		if (choice->kind == CHOICE_GROUP && dimension->kind == DIMENSION_THINGS)
			choice->column = -1;
	}
	return choice;
}

Choice *
choose_reading(const Ambiguity *ambiguity, const JsonbValue *answer)
{
	char *option;

	if (answer->type != jbvString)
		return NULL;
	option = json_value_text(answer);
	return option_is_offered(ambiguity->readings, option)
			   ? remembered_reading(ambiguity->word, option)
			   : NULL;
}

Choice *
remembered_reading(const char *word, const char *reading)
{
	bool way = pg_strncasecmp(reading, THAT_OF, strlen(THAT_OF)) == 0;

	return make_choice(way ? CHOICE_WAY : CHOICE_READING, word, pstrdup(reading));
}

/*
 * Where the word stands, only the reading that was chosen is left.
 */
static void
apply_reading(QuestionScan *scan, Choice *choice)
{
	char *word = words_fold_phrase(choice->key);

	for (int i = 0; i < scan->count; i++)
	{
		Mention *m = &scan->mentions[i];
		CandidateList kept = {0};
		ValueCandidate *values = NULL;

		if (!m->element || strcmp(words_fold_phrase(m->element->text), word) != 0)
			continue;
		if (m->values)
			values = palloc0(sizeof(ValueCandidate) * MAX_CANDIDATES);
		for (int o = 0; o < m->options.count; o++)
		{
			const Candidate *c = &m->options.items[o];

			if (pg_strcasecmp(reading_text(scan->in->snapshot, c->relation, c->column),
							  choice->option) != 0)
				continue;
			if (values)
				values[kept.count] = m->values[o];
			kept.items[kept.count++] = *c;
		}
		if (kept.count == 0)
			continue;
		m->options = kept;
		m->values = values;
		choice->used = true;
	}
}

/* "that of the order": the relation of the word is reached from orders */
static void
apply_way(QuestionScan *scan, Choice *choice)
{
	AskSnapshot *snapshot = scan->in->snapshot;
	const char *parent = choice->option + strlen(THAT_OF);

	scan->way.relation = scan->way.parent = -1;
	for (int i = 0; i < snapshot->nrelations; i++)
	{
		char *name = relation_singular(&snapshot->relations[i]);

		if (scan->way.relation < 0 && pg_strcasecmp(name, choice->key) == 0)
			scan->way.relation = i;
		if (scan->way.parent < 0 && pg_strcasecmp(name, parent) == 0)
			scan->way.parent = i;
	}
	choice->used = scan->way.relation >= 0 && scan->way.parent >= 0;
}

/* words such as "numbers" stand for what was chosen, and for no name */
static void
forget_vague_words(QuestionScan *scan)
{
	List *left = NIL;
	ListCell *lc;

	foreach (lc, scan->not_understood)
	{
		if (!is_vague_word(lfirst(lc)))
			left = lappend(left, lfirst(lc));
	}
	scan->not_understood = left;
	for (int i = 0; i < scan->count; i++)
	{
		if (scan->mentions[i].element && is_vague_word(scan->mentions[i].element->text))
			scan->mentions[i].options.count = 0;
	}
}

static void
fill_filter(Mention *m, Choice *choice)
{
	m->has_filter = true;
	m->filter.words = choice->option;
	if (choice->kind == CHOICE_TIME)
	{
		m->filter.kind = FILTER_TIME;
		m->filter.time = parse_time(choice->option);
		return;
	}
	m->filter.kind = FILTER_VALUES;
	m->values = palloc0(sizeof(ValueCandidate));
	m->values[0].relation = choice->relation;
	m->values[0].column = choice->column;
	m->values[0].values = choice->values;
}

static void
apply_dimension(Scanner *state, Choice *choice, MentionRole role)
{
	QuestionScan *scan = state->scan;
	Mention *m = add_mention(state, role, NULL);

	if (m == NULL)
		return;
	memset(&m->options, 0, sizeof(CandidateList));
	m->options.count = 1;
	m->options.items[0].relation = choice->relation;
	m->options.items[0].column = choice->column;
	m->options.items[0].score = 1;
	m->noun = -1;
	m->filter.words = choice->option;
	if (role == ROLE_FILTER)
		fill_filter(m, choice);
	m->unit = (TimeUnit) choice->unit;
	if (role == ROLE_RANK)
	{
		m->descending = scan->rank_descending;
		scan->rank_needs_measure = false;
	}
	if (choice->kind == CHOICE_MEASURE)
		forget_vague_words(scan);
	choice->used = true;
}

void
apply_choices(QuestionScan *scan, List *choices)
{
	Scanner state = {.scan = scan, .last_element = -1};
	ListCell *lc;

	foreach (lc, choices)
	{
		Choice *choice = lfirst(lc);

		choice->used = false;
		switch (choice->kind)
		{
			case CHOICE_READING:
				apply_reading(scan, choice);
				break;
			case CHOICE_WAY:
				apply_way(scan, choice);
				break;
			case CHOICE_VALUES:
			case CHOICE_TIME:
				apply_dimension(&state, choice, ROLE_FILTER);
				break;
			case CHOICE_GROUP:
			case CHOICE_BUCKET:
				apply_dimension(&state, choice, ROLE_GROUP);
				break;
			case CHOICE_RANKING:
				apply_dimension(&state, choice, ROLE_RANK);
				break;
			case CHOICE_MEASURE:
				apply_dimension(&state, choice, ROLE_OUTPUT);
				break;
			case CHOICE_ALL:
				choice->used = true;
				break;
		}
	}
}

static char *
values_text(const Choice *choice)
{
	StringInfoData buf;
	ListCell *lc;

	initStringInfo(&buf);
	foreach (lc, choice->values)
		appendStringInfo(&buf, "%s%s", foreach_current_index(lc) > 0 ? ", " : "",
						 (char *) lfirst(lc));
	return buf.data;
}

static char *
choice_words(const Choice *choice)
{
	switch (choice->kind)
	{
		case CHOICE_READING:
		case CHOICE_WAY:
			return psprintf("\"%s\" means %s", choice->key, choice->option);
		case CHOICE_VALUES:
			return psprintf("%s is %s", choice->key, values_text(choice));
		case CHOICE_GROUP:
		case CHOICE_BUCKET:
			return psprintf("one row for each %s", choice->option + strlen(BY));
		case CHOICE_RANKING:
			return psprintf("ranked by %s", choice->option);
		case CHOICE_TIME:
		case CHOICE_MEASURE:
		case CHOICE_ALL:
			return psprintf("%s is %s", choice->key, choice->option);
	}
	return NULL; /* keep compiler quiet */
}

char *
choice_sentence(const Choice *choice)
{
	char *words = choice_words(choice);

	words[0] = pg_toupper((unsigned char) words[0]);
	return psprintf("%s, as chosen%s.", words, choice->remembered ? " before in this chat" : "");
}

char *
choices_text(List *choices)
{
	StringInfoData buf;
	ListCell *lc;

	initStringInfo(&buf);
	foreach (lc, choices)
	{
		const Choice *choice = lfirst(lc);

		if (choice->used)
			appendStringInfo(&buf, "%s%s", buf.len > 0 ? "; " : "", choice_words(choice));
	}
	return buf.len > 0 ? buf.data : NULL;
}
