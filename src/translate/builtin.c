/*-------------------------------------------------------------------------
 *
 * builtin.c
 *		The built-in translator: interpretation -> mentions -> query -> SQL, and
 *		how sure it is of that.
 *
 * It answers only when every word of the question is accounted for, a reading
 * fits, and the confidence reaches sql_agent.builtin_confidence; otherwise it
 * abstains with a reason.  It does not guess.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/settings.h"
#include "common/words.h"
#include "interpret/spelling.h"
#include "lib/stringinfo.h"
#include "translate/builtin.h"
#include "translate/clarify.h"

/* what doubts cost */
#define PRICE_COMMENT     0.10
#define PRICE_ALTERNATIVE 0.05
#define PRICE_ASSUMPTION  0.02
#define PRICE_NEAR_TIE    0.10
#define PRICE_SPELLING    0.03
#define NEAR_TIE          0.02

static char *
quoted_words(List *words)
{
	StringInfoData out;
	ListCell *lc;
	int at = 0;

	initStringInfo(&out);
	foreach (lc, words)
	{
		if (at > 0)
			appendStringInfoString(&out, at == list_length(words) - 1 ? " and " : ", ");
		appendStringInfo(&out, "\"%s\"", (char *) lfirst(lc));
		at++;
	}
	return out.data;
}

/* "\"revenue\" as sales.amount" for every name and value that found a place */
List *
describe_understood(const QuestionScan *scan, bool resolved)
{
	List *result = NIL;
	const AskSnapshot *snapshot = scan->in->snapshot;

	for (int i = 0; i < scan->count; i++)
	{
		const Mention *m = &scan->mentions[i];
		const Candidate *c;

		if (!m->element || m->options.count == 0)
			continue;
		c = resolved && m->chosen.relation >= 0 ? &m->chosen : &m->options.items[0];
		result = lappend(result, psprintf("\"%s\" as %s", m->element->text,
										  reading_text(snapshot, c->relation, c->column)));
	}
	for (int i = 0; i < scan->ntimes; i++)
		result = lappend(result, psprintf("\"%s\" as a time", scan->times[i].words));
	return result;
}

Translation *
abstain(Translation *translation, const Reading *reading)
{
	translation->answered = false;
	translation->reason = reading->reason;
	translation->understood = describe_understood(reading->scan, reading->resolved);
	translation->not_understood = reading->scan->not_understood;
	translation->shape = describe_question(reading->scan, NULL);
	translation->off_topic = translation->understood == NIL;
	return translation;
}

/*
 * 1 for a question whose every name was said whole and could mean nothing
 * else, less for each doubt.
 */
static double
confidence_of(const QuestionScan *scan, float margin, int nassumptions)
{
	double sum = 0;
	int n = 0;
	double price = PRICE_ASSUMPTION * nassumptions;

	for (int i = 0; i < scan->count; i++)
	{
		const Mention *m = &scan->mentions[i];

		if (m->chosen.relation < 0 || m->deed)
			continue;
		sum += Min(m->chosen.score, 1.0);
		n++;
		if (m->chosen.by_comment)
			price += PRICE_COMMENT;
		if (m->chosen.by_alternative)
			price += PRICE_ALTERNATIVE;
	}
	if (margin < NEAR_TIE)
		price += PRICE_NEAR_TIE;
	if (n == 0)
		return 0;
	return Max(0.0, Min(1.0, sum / n) - price);
}

/*
 * What the rows are, in the plural: the things asked for, or the values of the
 * one column that they are grouped by.
 */
static char *
describe_subject(const AskQuery *query)
{
	const Output *group = NULL;
	ListCell *lc;
	int ngroups = 0;

	foreach (lc, query->outputs)
	{
		const Output *output = lfirst(lc);

		if (output->hidden || !output->group)
			continue;
		group = output;
		ngroups++;
	}
	if (ngroups == 1 && group->bucket == TIME_UNIT_MONTH_OF_YEAR)
		return "months of the year";
	if (ngroups == 1 && group->bucket == TIME_UNIT_HOUR_OF_DAY)
		return "hours of the day";
	if (ngroups == 1 && group->bucket != TIME_UNIT_NONE)
		return plural_of(readable_name(time_unit_name(group->bucket)));
	if (ngroups == 1 && !list_member_int(label_columns(query->snapshot, group->column.relation),
										 group->column.column))
		return plural_of(readable_name(
			query->snapshot->relations[group->column.relation].columns[group->column.column].name));
	if (ngroups == 1 && query->subject < 0)
		return relation_plural(&query->snapshot->relations[group->column.relation]);
	if (query->subject < 0)
		return NULL;
	return relation_plural(&query->snapshot->relations[query->subject]);
}

/* what somebody said that the word means */
static char *
term_told(const AskSnapshot *snapshot, const Mention *m)
{
	const SnapshotTerm *term = snapshot_term(snapshot, m->chosen.relation, m->chosen.column);

	return psprintf("\"%s\" means %s of %s.", m->element->text, term->meaning,
					snapshot->relations[term->relation].name);
}

/*
 * A name that was reached by a comment, by another word or by a verb may be
 * another one than was meant: say what it was taken as.
 */
static List *
tell_indirect_names(const QuestionScan *scan, List *assumptions)
{
	for (int i = 0; i < scan->count; i++)
	{
		const Mention *m = &scan->mentions[i];

		if (m->chosen.relation >= 0 && m->has_filter && m->filter.partial)
			assumptions = lappend(
				assumptions,
				psprintf("\"%s\" is taken as %s %s.", m->element->text,
						 reading_text(scan->in->snapshot, m->chosen.relation, m->chosen.column),
						 quoted_words(m->filter.values)));
		if (m->chosen.relation >= 0 && m->role == ROLE_RANK && m->superlative && !m->element)
			assumptions = lappend(
				assumptions,
				psprintf("\"%s\" is ranked by %s.", m->filter.words,
						 reading_text(scan->in->snapshot, m->chosen.relation, m->chosen.column)));
		if (m->chosen.relation >= 0 && m->chosen.over_shared && m->element)
			assumptions = lappend(
				assumptions,
				psprintf("\"%s\" is your own (%s), not the shared one.", m->element->text,
						 reading_text(scan->in->snapshot, m->chosen.relation, m->chosen.column)));
		if (m->chosen.relation >= 0 && m->bare)
			assumptions = lappend(
				assumptions,
				psprintf("\"%s\" is taken as one of %s.", m->filter.words,
						 reading_text(scan->in->snapshot, m->chosen.relation, m->chosen.column)));
		if (m->element && snapshot_term(scan->in->snapshot, m->chosen.relation, m->chosen.column))
			assumptions = lappend(assumptions, term_told(scan->in->snapshot, m));
		if (m->chosen.relation < 0 || !m->chosen.indirect || !m->element || m->optional)
			continue;
		assumptions = lappend(
			assumptions,
			psprintf("\"%s\" is taken as %s.", m->element->text,
					 reading_text(scan->in->snapshot, m->chosen.relation, m->chosen.column)));
	}
	return assumptions;
}

void
describe_shape(Translation *translation, const AskQuery *query)
{
	ListCell *lc;
	int shown = 0;
	bool grouped = false;

	foreach (lc, query->outputs)
	{
		const Output *output = lfirst(lc);
		ResultColumn *column;

		if (output->hidden)
		{
			grouped = true;
			continue;
		}
		column = palloc0(sizeof(ResultColumn));
		column->name = output->name;
		grouped |= output->group;
		if (output->bucket != TIME_UNIT_NONE && !time_unit_recurs(output->bucket))
			column->role = RESULT_TIME;
		else if (output->group)
			column->role = RESULT_KEY;
		else if (output->less)
			column->role = RESULT_REMARK;
		else if (output->aggregate != AGGREGATE_NONE)
			column->role = RESULT_MEASURE;
		else if (list_member_int(label_columns(query->snapshot, output->column.relation),
								 output->column.column))
			column->role = RESULT_KEY;
		else if (query->ranked &&
				 column_is_measure(query->snapshot, output->column.relation, output->column.column))
			column->role = RESULT_MEASURE;
		else
			column->role = RESULT_ATTRIBUTE;
		translation->columns = lappend(translation->columns, column);
		shown++;
		if (output->share)
		{
			column = palloc0(sizeof(ResultColumn));
			column->name = "share_percent";
			column->role = RESULT_MEASURE;
			translation->columns = lappend(translation->columns, column);
			shown++;
		}
	}
	if (query->count_groups || query->average_groups)
		translation->columns = NIL;
	translation->single_value = query->count_groups || query->average_groups ||
								(query->aggregated && !grouped && shown == 1);
	translation->ranked = query->ranked && !query_wants_place(query);
	translation->wants_share = query->share;
	translation->subject = describe_subject(query);
}

/*
 * "cheap products": how cheap nobody said, and any limit of ours would be a
 * guess.  What to say instead, or nothing.
 */
static char *
advice_on_vague(const QuestionScan *scan)
{
	ListCell *lc;

	foreach (lc, scan->not_understood)
	{
		char *word = lfirst(lc);
		const char *superlative = lexicon_superlative(word_fold(word, strlen(word)));

		for (int i = 0; superlative && i < scan->count; i++)
		{
			const Mention *m = &scan->mentions[i];

			if (m->options.count > 0 && m->options.items[0].column < 0)
				return psprintf(
					"  \"%s\" says no limit: ask for \"the 5 %s %s\", or name a number.", word,
					superlative,
					relation_plural(&scan->in->snapshot->relations[m->options.items[0].relation]));
		}
	}
	return pstrdup("");
}

/*
 * What keeps the scan from being resolved, or NULL.
 */
static char *
fault_of_scan(const QuestionScan *scan)
{
	if (scan->in->too_long)
		return pstrdup("The question is too long to be read as one.");
	if (scan->not_understood != NIL)
		return psprintf("%s %s not understood.%s", quoted_words(scan->not_understood),
						list_length(scan->not_understood) == 1 ? "is" : "are",
						advice_on_vague(scan));
	if (scan->unsupported)
		return psprintf("The built-in translator does not serve %s.", scan->unsupported);
	if (scan->count == 0)
		return pstrdup("The question names nothing that can be asked about.");
	return NULL;
}

/* what a fiscal year is differs from house to house */
static bool
speaks_of_fiscal_years(const QuestionScan *scan)
{
	for (int i = 0; i < scan->ntimes; i++)
	{
		if (scan->times[i].time->fiscal)
			return true;
	}
	for (int i = 0; i < scan->count; i++)
	{
		const Mention *m = &scan->mentions[i];

		if (m->unit == TIME_UNIT_FISCAL_YEAR || m->unit == TIME_UNIT_FISCAL_QUARTER ||
			(m->has_filter && m->filter.kind == FILTER_TIME && m->filter.time->fiscal))
			return true;
	}
	return false;
}

Reading *
read_elements(Interpretation *in)
{
	Reading *reading = palloc0(sizeof(Reading));
	QuestionScan *scan = scan_question(in);
	float score = 0;
	float margin = 0;

	reading->scan = scan;
	reading->reason = fault_of_scan(scan);
	if (reading->reason)
		return reading;
	if (!resolve_mentions(scan, &score, &margin, &reading->ambiguities))
	{
		reading->reason =
			scan->not_understood == NIL
				? pstrdup("No reading of the question fits together.")
				: psprintf("Nothing that %s could mean fits the rest of the question.",
						   quoted_words(scan->not_understood));
		return reading;
	}
	reading->resolved = true;
	reading->query =
		compose_query(scan, &reading->assumptions, &reading->ambiguities, &reading->reason);
	if (!reading->query)
		return reading;
	reading->confidence = confidence_of(scan, margin, list_length(reading->assumptions));
	reading->assumptions = list_concat(tell_indirect_names(scan, NIL), reading->assumptions);
	if (speaks_of_fiscal_years(scan))
		reading->assumptions = lappend(reading->assumptions, fiscal_year_explained());
	if (reading->confidence < setting_builtin_confidence)
	{
		reading->query = NULL;
		reading->reason = psprintf("The best reading is not sure enough (%.2f, wanted %.2f).",
								   reading->confidence, setting_builtin_confidence);
	}
	return reading;
}

void
present_reading(Translation *translation, Reading *reading)
{
	translation->assumptions =
		list_concat(list_copy(reading->scan->in->expanded), reading->assumptions);
	translation->ambiguities = reading->ambiguities;
	translation->confidence = reading->confidence;
	if (!reading->query)
	{
		abstain(translation, reading);
		return;
	}
	translation->answered = true;
	translation->sql = deparse_query(reading->query);
	translation->explanation = explain_query(reading->query);
	translation->understood = describe_understood(reading->scan, true);
	describe_shape(translation, reading->query);
	translation->shape = describe_question(reading->scan, reading->query);
}

static Translation *
translate_elements(Interpretation *in)
{
	Translation *translation = palloc0(sizeof(Translation));
	Reading *reading;

	translation->translator = "builtin";
	if (translate_habits(in, translation) || translate_over_time(in, translation) ||
		translate_ratio(in, translation) || translate_sides(in, translation))
		return translation;
	reading = read_elements(in);
	if (!reading->query)
	{
		Reading *either = read_either(in);

		if (either)
			reading = either;
	}
	if (translate_together(in, reading, translation))
		return translation;
	present_reading(translation, reading);
	return translation;
}

Translation *
builtin_translate(const char *question, AskSnapshot *snapshot)
{
	return builtin_translate_with(question, NIL, snapshot);
}

static Translation *
read_question(const char *question, List *choices, AskSnapshot *snapshot)
{
	Interpretation *in = interpret_question(question, snapshot);

	settle_ownership(in);
	prepare_elements(in);
	cut_self_references(in);
	cut_elapsed(in);
	cut_first_and_last(in);
	cut_phrases(in);
	/* choices are about the question, and not about a phrase of it */
	in->choices = choices;
	return translate_elements(in);
}

/*
 * The question once more with its slips of spelling put right, or NULL where
 * that makes it no better.
 */
static Translation *
read_corrected(const char *question, List *choices, AskSnapshot *snapshot)
{
	List *corrections = NIL;
	char *corrected = correct_spelling(interpret_question(question, snapshot), &corrections);
	Translation *translation;

	if (!corrected)
		return NULL;
	translation = read_question(corrected, choices, snapshot);
	translation->confidence -= PRICE_SPELLING * list_length(corrections);
	if (!translation->answered || translation->confidence < setting_builtin_confidence)
		return NULL;
	translation->assumptions = list_concat(corrections, translation->assumptions);
	return translation;
}

Translation *
builtin_translate_with(const char *question, List *choices, AskSnapshot *snapshot)
{
	Translation *translation = read_question(question, choices, snapshot);

	/* a word that nothing explains may be a value that was written just now */
	if (translation->not_understood != NIL && snapshot_refresh_values(snapshot))
		translation = read_question(question, choices, snapshot);
	if (!translation->answered)
	{
		Translation *corrected = read_corrected(question, choices, snapshot);

		if (corrected)
			translation = corrected;
	}
	return translation;
}
