/*-------------------------------------------------------------------------
 *
 * lexicon.c
 *		The words of analytic English, as data.
 *
 * Nothing here knows a schema.  Another language is another table of the same
 * shape.  An entry of several words wins over a shorter one.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "interpret/lexicon.h"

#define DESC 1
#define ASC  0

static const LexiconEntry entries[] = {
	/* words that carry nothing */
	{"a", CONCEPT_NOISE, 0, NULL},
	{"all", CONCEPT_NOISE, 0, NULL},
	{"also", CONCEPT_NOISE, 0, NULL},
	{"am", CONCEPT_NOISE, 0, NULL},
	{"an", CONCEPT_NOISE, 0, NULL},
	{"any", CONCEPT_NOISE, 0, NULL},
	{"are", CONCEPT_NOISE, 0, NULL},
	{"be", CONCEPT_NOISE, 0, NULL},
	{"been", CONCEPT_NOISE, 0, NULL},
	{"can", CONCEPT_NOISE, 0, NULL},
	{"could", CONCEPT_NOISE, 0, NULL},
	{"currently", CONCEPT_NOISE, 0, NULL},
	{"database", CONCEPT_NOISE, 0, NULL},
	{"did", CONCEPT_NOISE, 0, NULL},
	{"do", CONCEPT_NOISE, 0, NULL},
	{"does", CONCEPT_NOISE, 0, NULL},
	{"exist", CONCEPT_NOISE, 0, NULL},
	{"he", CONCEPT_NOISE, 0, NULL},
	{"her", CONCEPT_NOISE, 0, NULL},
	{"his", CONCEPT_NOISE, 0, NULL},
	{"i", CONCEPT_NOISE, 0, NULL},
	{"in the database", CONCEPT_NOISE, 0, NULL},
	{"in total", CONCEPT_NOISE, 0, NULL},
	{"is", CONCEPT_NOISE, 0, NULL},
	{"it", CONCEPT_NOISE, 0, NULL},
	{"its", CONCEPT_NOISE, 0, NULL},
	{"just", CONCEPT_NOISE, 0, NULL},
	{"me", CONCEPT_NOISE, 0, NULL},
	{"my", CONCEPT_NOISE, 0, NULL},
	{"need", CONCEPT_NOISE, 0, NULL},
	{"only", CONCEPT_NOISE, 0, NULL},
	{"our", CONCEPT_NOISE, 0, NULL},
	{"please", CONCEPT_NOISE, 0, NULL},
	{"s", CONCEPT_NOISE, 0, NULL},
	{"see", CONCEPT_NOISE, 0, NULL},
	{"she", CONCEPT_NOISE, 0, NULL},
	{"so", CONCEPT_NOISE, 0, NULL},
	{"some", CONCEPT_NOISE, 0, NULL},
	{"the", CONCEPT_NOISE, 0, NULL},
	{"their", CONCEPT_NOISE, 0, NULL},
	{"them", CONCEPT_NOISE, 0, NULL},
	{"there", CONCEPT_NOISE, 0, NULL},
	{"these", CONCEPT_NOISE, 0, NULL},
	{"they", CONCEPT_NOISE, 0, NULL},
	{"this", CONCEPT_NOISE, 0, NULL},
	{"those", CONCEPT_NOISE, 0, NULL},
	{"us", CONCEPT_NOISE, 0, NULL},
	{"want", CONCEPT_NOISE, 0, NULL},
	{"was", CONCEPT_NOISE, 0, NULL},
	{"we", CONCEPT_NOISE, 0, NULL},
	{"were", CONCEPT_NOISE, 0, NULL},
	{"would", CONCEPT_NOISE, 0, NULL},
	{"would like", CONCEPT_NOISE, 0, NULL},
	{"you", CONCEPT_NOISE, 0, NULL},
	{"your", CONCEPT_NOISE, 0, NULL},
	{",", CONCEPT_NOISE, 0, NULL},
	{"(", CONCEPT_NOISE, 0, NULL},
	{")", CONCEPT_NOISE, 0, NULL},
	{"/", CONCEPT_NOISE, 0, NULL},
	{"respectively", CONCEPT_NOISE, 0, NULL},
	{"record", CONCEPT_NOISE, 0, NULL},
	{"records", CONCEPT_NOISE, 0, NULL},
	{"row", CONCEPT_NOISE, 0, NULL},
	{"rows", CONCEPT_NOISE, 0, NULL},
	{"table", CONCEPT_NOISE, 0, NULL},
	{"inclusive of today", CONCEPT_NOISE, 0, NULL},
	{"inclusive of today date", CONCEPT_NOISE, 0, NULL},
	{"including today", CONCEPT_NOISE, 0, NULL},
	{"as well", CONCEPT_NOISE, 0, NULL},
	{"together", CONCEPT_NOISE, 0, NULL},
	{"then", CONCEPT_NOISE, 0, NULL},
	{"?", CONCEPT_SENTENCE, 0, NULL},
	{".", CONCEPT_SENTENCE, 0, NULL},
	{";", CONCEPT_SENTENCE, 0, NULL},
	{"!", CONCEPT_SENTENCE, 0, NULL},
	{"corresponding", CONCEPT_NOISE, 0, NULL},
	{"overall", CONCEPT_NOISE, 0, NULL},

	/* asking */
	{"details of", CONCEPT_LIST, 0, NULL},
	{"display", CONCEPT_LIST, 0, NULL},
	{"fetch", CONCEPT_LIST, 0, NULL},
	{"find", CONCEPT_LIST, 0, NULL},
	{"get", CONCEPT_LIST, 0, NULL},
	{"give", CONCEPT_LIST, 0, NULL},
	{"give me", CONCEPT_LIST, 0, NULL},
	{"i want to know", CONCEPT_LIST, 0, NULL},
	{"i want to see", CONCEPT_LIST, 0, NULL},
	{"list", CONCEPT_LIST, 0, NULL},
	{"list out", CONCEPT_LIST, 0, NULL},
	{"return", CONCEPT_LIST, 0, NULL},
	{"show", CONCEPT_LIST, 0, NULL},
	{"show me", CONCEPT_LIST, 0, NULL},
	{"showing", CONCEPT_LIST, 0, NULL},
	{"tell me", CONCEPT_LIST, 0, NULL},
	{"what", CONCEPT_WHAT, 0, NULL},
	{"which", CONCEPT_WHAT, 0, NULL},
	{"who", CONCEPT_WHAT, 1, NULL},
	{"whom", CONCEPT_WHAT, 1, NULL},
	{"when", CONCEPT_WHEN, 0, NULL},
	{"where", CONCEPT_WHERE, 0, NULL},

	/* counting and summing */
	{"count", CONCEPT_COUNT, 0, NULL},
	{"count of", CONCEPT_COUNT, 0, NULL},
	{"counts of", CONCEPT_COUNT, 0, NULL},
	{"how many", CONCEPT_COUNT, 0, NULL},
	{"how many different", CONCEPT_COUNT, 1, NULL},
	{"how many distinct", CONCEPT_COUNT, 1, NULL},
	{"how many unique", CONCEPT_COUNT, 1, NULL},
	{"number", CONCEPT_COUNT, 0, NULL},
	{"number of", CONCEPT_COUNT, 0, NULL},
	{"number of different", CONCEPT_COUNT, 1, NULL},
	{"number of distinct", CONCEPT_COUNT, 1, NULL},
	{"number of unique", CONCEPT_COUNT, 1, NULL},
	{"numbers of", CONCEPT_COUNT, 0, NULL},
	{"total count of", CONCEPT_COUNT, 0, NULL},
	{"total number of", CONCEPT_COUNT, 0, NULL},
	{"total numbers of", CONCEPT_COUNT, 0, NULL},
	{"how big", CONCEPT_HOW, 0, "size area population"},
	{"how deep", CONCEPT_HOW, 0, "depth"},
	{"how expensive", CONCEPT_HOW, 0, "price cost fee"},
	{"how far", CONCEPT_HOW, 0, "distance"},
	{"how heavy", CONCEPT_HOW, 0, "weight mass"},
	{"how high", CONCEPT_HOW, 0, "height altitude elevation"},
	{"how large", CONCEPT_HOW, 0, "size area population"},
	{"how long", CONCEPT_HOW, 0, "length duration"},
	{"how old", CONCEPT_HOW, 0, "age"},
	{"how tall", CONCEPT_HOW, 0, "height"},
	{"how wide", CONCEPT_HOW, 0, "width"},
	{"how much", CONCEPT_HOW_MUCH, 0, "amount revenue total value"},
	{"average", CONCEPT_AGGREGATE, AGGREGATE_AVG, NULL},
	{"average of", CONCEPT_AGGREGATE, AGGREGATE_AVG, NULL},
	{"avg", CONCEPT_AGGREGATE, AGGREGATE_AVG, NULL},
	{"mean", CONCEPT_AGGREGATE, AGGREGATE_AVG, NULL},
	{"typical", CONCEPT_AGGREGATE, AGGREGATE_AVG, NULL},
	{"median", CONCEPT_AGGREGATE, AGGREGATE_MEDIAN, NULL},
	{"sum", CONCEPT_AGGREGATE, AGGREGATE_SUM, NULL},
	{"sum of", CONCEPT_AGGREGATE, AGGREGATE_SUM, NULL},
	{"total", CONCEPT_AGGREGATE, AGGREGATE_SUM, NULL},
	{"total of", CONCEPT_AGGREGATE, AGGREGATE_SUM, NULL},
	{"combined", CONCEPT_AGGREGATE, AGGREGATE_SUM, NULL},
	{"cumulative", CONCEPT_UNSUPPORTED, 0, "running totals"},
	{"max", CONCEPT_AGGREGATE, AGGREGATE_MAX, NULL},
	{"maximum", CONCEPT_AGGREGATE, AGGREGATE_MAX, NULL},
	{"min", CONCEPT_AGGREGATE, AGGREGATE_MIN, NULL},
	{"minimum", CONCEPT_AGGREGATE, AGGREGATE_MIN, NULL},

	/* grouping */
	{"across", CONCEPT_GROUP, 0, NULL},
	{"according to", CONCEPT_GROUP, 0, NULL},
	{"based on", CONCEPT_GROUP, 3, NULL},
	{"broken down by", CONCEPT_GROUP, 0, NULL},
	{"by", CONCEPT_GROUP, 1, NULL},
	{"by each", CONCEPT_GROUP, 0, NULL},
	{"each", CONCEPT_EACH, 0, NULL},
	{"every", CONCEPT_EACH, 0, NULL},
	{"for each", CONCEPT_GROUP, 0, NULL},
	{"for every", CONCEPT_GROUP, 0, NULL},
	{"group by", CONCEPT_GROUP, 0, NULL},
	{"grouped by", CONCEPT_GROUP, 0, NULL},
	{"in each", CONCEPT_GROUP, 0, NULL},
	{"in every", CONCEPT_GROUP, 0, NULL},
	{"of each", CONCEPT_GROUP, 0, NULL},
	{"on each", CONCEPT_GROUP, 0, NULL},
	{"at each", CONCEPT_GROUP, 0, NULL},
	{"from each", CONCEPT_GROUP, 0, NULL},
	{"within each", CONCEPT_GROUP, 0, NULL},
	{"by number of", CONCEPT_GROUP, 2, NULL},
	{"by the number of", CONCEPT_GROUP, 2, NULL},
	{"by total number of", CONCEPT_GROUP, 2, NULL},
	{"per", CONCEPT_GROUP, 0, NULL},
	{"split by", CONCEPT_GROUP, 0, NULL},

	/* ranking */
	{"top", CONCEPT_TOP, DESC, NULL},
	{"best", CONCEPT_TOP, DESC, NULL},
	{"best selling", CONCEPT_TOP, DESC, NULL},
	{"leading", CONCEPT_TOP, DESC, NULL},
	{"bottom", CONCEPT_TOP, ASC, NULL},
	{"worst", CONCEPT_TOP, ASC, NULL},
	{"highest", CONCEPT_SUPERLATIVE, SUPERLATIVE_OF_THINGS | DESC, "height altitude elevation"},
	{"biggest", CONCEPT_SUPERLATIVE, SUPERLATIVE_OF_THINGS | DESC, "size population area volume"},
	{"greatest", CONCEPT_SUPERLATIVE, SUPERLATIVE_OF_THINGS | DESC, "size population area volume"},
	{"largest", CONCEPT_SUPERLATIVE, SUPERLATIVE_OF_THINGS | DESC, "size population area volume"},
	{"lowest", CONCEPT_SUPERLATIVE, SUPERLATIVE_OF_THINGS | ASC, "height altitude elevation"},
	{"smallest", CONCEPT_SUPERLATIVE, SUPERLATIVE_OF_THINGS | ASC, "size population area volume"},
	{"cheapest", CONCEPT_SUPERLATIVE, ASC, "price cost fare fee"},
	{"most expensive", CONCEPT_SUPERLATIVE, DESC, "price cost fare fee"},
	{"least expensive", CONCEPT_SUPERLATIVE, ASC, "price cost fare fee"},
	{"heaviest", CONCEPT_SUPERLATIVE, DESC, "weight mass"},
	{"lightest", CONCEPT_SUPERLATIVE, ASC, "weight mass"},
	{"longest", CONCEPT_SUPERLATIVE, DESC, "length duration distance"},
	{"shortest", CONCEPT_SUPERLATIVE, ASC, "length duration distance height"},
	{"tallest", CONCEPT_SUPERLATIVE, DESC, "height"},
	{"oldest", CONCEPT_SUPERLATIVE, DESC, "age"},
	{"youngest", CONCEPT_SUPERLATIVE, ASC, "age"},
	{"earliest", CONCEPT_SUPERLATIVE, SUPERLATIVE_OF_TIME | ASC, NULL},
	{"latest", CONCEPT_SUPERLATIVE, SUPERLATIVE_OF_TIME | DESC, NULL},
	{"most recent", CONCEPT_SUPERLATIVE, SUPERLATIVE_OF_TIME | DESC, NULL},
	{"newest", CONCEPT_SUPERLATIVE, SUPERLATIVE_OF_TIME | DESC, NULL},
	{"most", CONCEPT_MOST, DESC, NULL},
	{"most number of", CONCEPT_MOST, DESC, NULL},
	{"the most number of", CONCEPT_MOST, DESC, NULL},
	{"fewest", CONCEPT_MOST, ASC, NULL},
	{"least", CONCEPT_MOST, ASC, NULL},
	{"highest number of", CONCEPT_MOST, DESC, NULL},
	{"largest number of", CONCEPT_MOST, DESC, NULL},
	{"greatest number of", CONCEPT_MOST, DESC, NULL},
	{"lowest number of", CONCEPT_MOST, ASC, NULL},
	{"smallest number of", CONCEPT_MOST, ASC, NULL},

	/* ordering */
	{"order by", CONCEPT_ORDER, 0, NULL},
	{"ordered by", CONCEPT_ORDER, 0, NULL},
	{"ordered", CONCEPT_ORDER, 0, NULL},
	{"order the results by", CONCEPT_ORDER, 0, NULL},
	{"order results by", CONCEPT_ORDER, 0, NULL},
	{"ranked by", CONCEPT_ORDER, 1, NULL},
	{"sort by", CONCEPT_ORDER, 0, NULL},
	{"sorted", CONCEPT_ORDER, 0, NULL},
	{"sorted by", CONCEPT_ORDER, 0, NULL},
	{"starting from", CONCEPT_ORDER, 0, NULL},
	{"alphabetically", CONCEPT_DIRECTION, ASC, NULL},
	{"ascending", CONCEPT_DIRECTION, ASC, NULL},
	{"ascending order", CONCEPT_DIRECTION, ASC, NULL},
	{"in ascending order", CONCEPT_DIRECTION, ASC, NULL},
	{"in alphabetical order", CONCEPT_DIRECTION, ASC, NULL},
	{"in chronological order", CONCEPT_DIRECTION, ASC, NULL},
	{"lowest to highest", CONCEPT_DIRECTION, ASC, NULL},
	{"from lowest to highest", CONCEPT_DIRECTION, ASC, NULL},
	{"from least to most", CONCEPT_DIRECTION, ASC, NULL},
	{"lowest first", CONCEPT_DIRECTION, ASC, NULL},
	{"oldest first", CONCEPT_DIRECTION, ASC, NULL},
	{"descending", CONCEPT_DIRECTION, DESC, NULL},
	{"descending order", CONCEPT_DIRECTION, DESC, NULL},
	{"in descending order", CONCEPT_DIRECTION, DESC, NULL},
	{"highest to lowest", CONCEPT_DIRECTION, DESC, NULL},
	{"from highest to lowest", CONCEPT_DIRECTION, DESC, NULL},
	{"from most to least", CONCEPT_DIRECTION, DESC, NULL},
	{"from best to worst", CONCEPT_DIRECTION, DESC, NULL},
	{"highest first", CONCEPT_DIRECTION, DESC, NULL},
	{"newest first", CONCEPT_DIRECTION, DESC, NULL},
	{"starting from the top", CONCEPT_DIRECTION, DESC, NULL},

	/* comparing */
	{"more than", CONCEPT_COMPARE, COMPARE_GT, NULL},
	{"greater than", CONCEPT_COMPARE, COMPARE_GT, NULL},
	{"higher than", CONCEPT_COMPARE, COMPARE_GT, NULL},
	{"larger than", CONCEPT_COMPARE, COMPARE_GT, NULL},
	{"bigger than", CONCEPT_COMPARE, COMPARE_GT, NULL},
	{"heavier than", CONCEPT_COMPARE, COMPARE_GT, "weight mass"},
	{"longer than", CONCEPT_COMPARE, COMPARE_GT, "length duration distance"},
	{"older than", CONCEPT_COMPARE, COMPARE_GT, "age"},
	{"above", CONCEPT_COMPARE, COMPARE_GT, NULL},
	{"over", CONCEPT_COMPARE, COMPARE_GT, NULL},
	{"exceeding", CONCEPT_COMPARE, COMPARE_GT, NULL},
	{"exceeds", CONCEPT_COMPARE, COMPARE_GT, NULL},
	{">", CONCEPT_COMPARE, COMPARE_GT, NULL},
	{"at least", CONCEPT_COMPARE, COMPARE_GE, NULL},
	{"no less than", CONCEPT_COMPARE, COMPARE_GE, NULL},
	{"not less than", CONCEPT_COMPARE, COMPARE_GE, NULL},
	{">=", CONCEPT_COMPARE, COMPARE_GE, NULL},
	{"less than", CONCEPT_COMPARE, COMPARE_LT, NULL},
	{"fewer than", CONCEPT_COMPARE, COMPARE_LT, NULL},
	{"lower than", CONCEPT_COMPARE, COMPARE_LT, NULL},
	{"smaller than", CONCEPT_COMPARE, COMPARE_LT, NULL},
	{"cheaper than", CONCEPT_COMPARE, COMPARE_LT, "price cost fare fee"},
	{"lighter than", CONCEPT_COMPARE, COMPARE_LT, "weight mass"},
	{"shorter than", CONCEPT_COMPARE, COMPARE_LT, "length duration distance height"},
	{"younger than", CONCEPT_COMPARE, COMPARE_LT, "age"},
	{"below", CONCEPT_COMPARE, COMPARE_LT, NULL},
	{"under", CONCEPT_COMPARE, COMPARE_LT, NULL},
	{"<", CONCEPT_COMPARE, COMPARE_LT, NULL},
	{"at most", CONCEPT_COMPARE, COMPARE_LE, NULL},
	{"no more than", CONCEPT_COMPARE, COMPARE_LE, NULL},
	{"not more than", CONCEPT_COMPARE, COMPARE_LE, NULL},
	{"up to", CONCEPT_COMPARE, COMPARE_LE, NULL},
	{"<=", CONCEPT_COMPARE, COMPARE_LE, NULL},
	{"equal to", CONCEPT_COMPARE, COMPARE_EQ, NULL},
	{"equals", CONCEPT_COMPARE, COMPARE_EQ, NULL},
	{"exactly", CONCEPT_COMPARE, COMPARE_EQ, NULL},
	{"=", CONCEPT_COMPARE, COMPARE_EQ, NULL},
	{"<>", CONCEPT_COMPARE, COMPARE_NE, NULL},
	{"!=", CONCEPT_COMPARE, COMPARE_NE, NULL},
	{"between", CONCEPT_BETWEEN, 0, NULL},
	{"and", CONCEPT_AND, 0, NULL},
	{"as well as", CONCEPT_AND, 0, NULL},
	{"along with", CONCEPT_AND, 0, NULL},
	{"together with", CONCEPT_AND, 0, NULL},
	{"or", CONCEPT_OR, 0, NULL},
	{"not", CONCEPT_NOT, 0, NULL},
	{"non", CONCEPT_NOT, 0, NULL},
	{"not in", CONCEPT_NOT, 0, NULL},
	{"not from", CONCEPT_NOT, 0, NULL},
	{"other than", CONCEPT_NOT, 0, NULL},
	{"except", CONCEPT_NOT, 0, NULL},
	{"except for", CONCEPT_NOT, 0, NULL},
	{"excluding", CONCEPT_NOT, 0, NULL},
	{"outside", CONCEPT_NOT, 0, NULL},
	{"outside of", CONCEPT_NOT, 0, NULL},
	{"without", CONCEPT_WITHOUT, 0, NULL},
	{"without any", CONCEPT_WITHOUT, 0, NULL},
	{"without a", CONCEPT_WITHOUT, 0, NULL},
	{"with no", CONCEPT_WITHOUT, 0, NULL},
	{"that have no", CONCEPT_WITHOUT, 0, NULL},
	{"who have no", CONCEPT_WITHOUT, 0, NULL},
	{"have no", CONCEPT_WITHOUT, 0, NULL},
	{"has no", CONCEPT_WITHOUT, 0, NULL},
	{"do not have", CONCEPT_WITHOUT, 0, NULL},
	{"do not have any", CONCEPT_WITHOUT, 0, NULL},
	{"does not have", CONCEPT_WITHOUT, 0, NULL},
	{"have not had", CONCEPT_WITHOUT, 0, NULL},
	{"are not part of any", CONCEPT_WITHOUT, 0, NULL},
	{"not part of any", CONCEPT_WITHOUT, 0, NULL},
	{"never", CONCEPT_WITHOUT, 1, NULL},
	{"missing", CONCEPT_NULL, 0, NULL},
	{"is missing", CONCEPT_NULL, 0, NULL},
	{"is null", CONCEPT_NULL, 0, NULL},
	{"is empty", CONCEPT_NULL, 0, NULL},
	{"is unknown", CONCEPT_NULL, 0, NULL},
	{"is not null", CONCEPT_NOT_NULL, 0, NULL},
	{"is known", CONCEPT_NOT_NULL, 0, NULL},
	{"starting with", CONCEPT_MATCH, MATCH_STARTS, NULL},
	{"starting with the letter", CONCEPT_MATCH, MATCH_STARTS, NULL},
	{"start with", CONCEPT_MATCH, MATCH_STARTS, NULL},
	{"start with the letter", CONCEPT_MATCH, MATCH_STARTS, NULL},
	{"starts with", CONCEPT_MATCH, MATCH_STARTS, NULL},
	{"starts with the letter", CONCEPT_MATCH, MATCH_STARTS, NULL},
	{"beginning with", CONCEPT_MATCH, MATCH_STARTS, NULL},
	{"begins with", CONCEPT_MATCH, MATCH_STARTS, NULL},
	{"begin with", CONCEPT_MATCH, MATCH_STARTS, NULL},
	{"ending with", CONCEPT_MATCH, MATCH_ENDS, NULL},
	{"ending in", CONCEPT_MATCH, MATCH_ENDS, NULL},
	{"ends with", CONCEPT_MATCH, MATCH_ENDS, NULL},
	{"end with", CONCEPT_MATCH, MATCH_ENDS, NULL},
	{"contains", CONCEPT_MATCH, MATCH_CONTAINS, NULL},
	{"contain", CONCEPT_MATCH, MATCH_CONTAINS, NULL},
	{"containing", CONCEPT_MATCH, MATCH_CONTAINS, NULL},
	{"that include", CONCEPT_MATCH, MATCH_CONTAINS, NULL},
	{"like", CONCEPT_MATCH, MATCH_CONTAINS, NULL},
	{"distinct", CONCEPT_DISTINCT, 0, NULL},
	{"different", CONCEPT_DISTINCT, 0, NULL},
	{"unique", CONCEPT_DISTINCT, 0, NULL},
	{"distinct list of", CONCEPT_DISTINCT, 0, NULL},
	{"share", CONCEPT_SHARE, 0, NULL},
	{"share of", CONCEPT_SHARE, 0, NULL},
	{"percentage", CONCEPT_SHARE, 1, NULL},
	{"percentage of", CONCEPT_SHARE, 1, NULL},
	{"percent of", CONCEPT_SHARE, 1, NULL},
	{"proportion of", CONCEPT_SHARE, 0, NULL},
	{"ratio", CONCEPT_RATIO, 0, NULL},
	{"ratio of", CONCEPT_RATIO, 0, NULL},
	{"of", CONCEPT_OF, 0, NULL},
	{"to", CONCEPT_TO, 0, NULL},
	{"with", CONCEPT_WITH, 0, NULL},
	{"with a", CONCEPT_WITH, 0, NULL},
	{"having", CONCEPT_WITH, 0, NULL},
	{"whose", CONCEPT_WITH, 0, NULL},
	{"that have", CONCEPT_WITH, 0, NULL},
	{"that has", CONCEPT_WITH, 0, NULL},
	{"that had", CONCEPT_WITH, 0, NULL},
	{"who have", CONCEPT_WITH, 0, NULL},
	{"which have", CONCEPT_WITH, 0, NULL},
	{"have", CONCEPT_WITH, 0, NULL},
	{"has", CONCEPT_WITH, 0, NULL},
	{"had", CONCEPT_WITH, 0, NULL},
	{"that", CONCEPT_THAT, 0, NULL},
	{"in", CONCEPT_PREPOSITION, 0, NULL},
	{"from", CONCEPT_PREPOSITION, 0, NULL},
	{"at", CONCEPT_PREPOSITION, 0, NULL},
	{"on", CONCEPT_PREPOSITION, 0, NULL},
	{"for", CONCEPT_PREPOSITION, 0, NULL},
	{"through", CONCEPT_PREPOSITION, 0, NULL},
	{"during", CONCEPT_PREPOSITION, 0, NULL},
	{"within", CONCEPT_PREPOSITION, 0, NULL},
	{"named", CONCEPT_PREPOSITION, 1, "name title"},
	{"called", CONCEPT_PREPOSITION, 1, "name title"},
	{"as", CONCEPT_NOISE, 0, NULL},

	/* time as a unit */
	{"hour", CONCEPT_UNIT, TIME_UNIT_HOUR, NULL},
	{"hourly", CONCEPT_UNIT, TIME_UNIT_HOUR | UNIT_BUCKET, NULL},
	{"day", CONCEPT_UNIT, TIME_UNIT_DAY, NULL},
	{"daily", CONCEPT_UNIT, TIME_UNIT_DAY | UNIT_BUCKET, NULL},
	{"week", CONCEPT_UNIT, TIME_UNIT_WEEK, NULL},
	{"weekly", CONCEPT_UNIT, TIME_UNIT_WEEK | UNIT_BUCKET, NULL},
	{"month", CONCEPT_UNIT, TIME_UNIT_MONTH, NULL},
	{"monthly", CONCEPT_UNIT, TIME_UNIT_MONTH | UNIT_BUCKET, NULL},
	{"month by month", CONCEPT_UNIT, TIME_UNIT_MONTH | UNIT_BUCKET, NULL},
	{"month over month", CONCEPT_UNSUPPORTED, 0, "change from month to month"},
	{"quarter", CONCEPT_UNIT, TIME_UNIT_QUARTER, NULL},
	{"quarterly", CONCEPT_UNIT, TIME_UNIT_QUARTER | UNIT_BUCKET, NULL},
	{"year", CONCEPT_UNIT, TIME_UNIT_YEAR, NULL},
	{"yearly", CONCEPT_UNIT, TIME_UNIT_YEAR | UNIT_BUCKET, NULL},
	{"annual", CONCEPT_UNIT, TIME_UNIT_YEAR | UNIT_BUCKET, NULL},
	{"annually", CONCEPT_UNIT, TIME_UNIT_YEAR | UNIT_BUCKET, NULL},
	{"year by year", CONCEPT_UNIT, TIME_UNIT_YEAR | UNIT_BUCKET, NULL},
	{"over the months", CONCEPT_UNIT, TIME_UNIT_MONTH | UNIT_BUCKET, NULL},
	{"over the years", CONCEPT_UNIT, TIME_UNIT_YEAR | UNIT_BUCKET, NULL},
	{"over time", CONCEPT_UNIT, TIME_UNIT_MONTH | UNIT_BUCKET, NULL},

	/* verbs: harmless, but they may name what connects two things */
	{"associated", CONCEPT_VERB, 0, NULL},
	{"associated with", CONCEPT_VERB, 0, NULL},
	{"belong", CONCEPT_VERB, 0, NULL},
	{"belonging", CONCEPT_VERB, 0, NULL},
	{"belongs", CONCEPT_VERB, 0, NULL},
	{"billed", CONCEPT_VERB, 0, "billed invoice"},
	{"bought", CONCEPT_VERB, 0, "order sale purchase"},
	{"buy", CONCEPT_VERB, 0, "order sale purchase"},
	{"come", CONCEPT_VERB, 0, NULL},
	{"earn", CONCEPT_VERB, 1, "salary income revenue"},
	{"generate", CONCEPT_VERB, 0, NULL},
	{"generated", CONCEPT_VERB, 0, NULL},
	{"held", CONCEPT_VERB, 0, NULL},
	{"live", CONCEPT_VERB, 0, NULL},
	{"lives", CONCEPT_VERB, 0, NULL},
	{"living", CONCEPT_VERB, 0, NULL},
	{"located", CONCEPT_VERB, 0, NULL},
	{"made", CONCEPT_VERB, 0, NULL},
	{"make", CONCEPT_VERB, 0, NULL},
	{"offer", CONCEPT_VERB, 0, NULL},
	{"offered", CONCEPT_VERB, 0, NULL},
	{"placed", CONCEPT_VERB, 0, NULL},
	{"presented", CONCEPT_VERB, 0, NULL},
	{"published", CONCEPT_VERB, 0, "publication"},
	{"purchased", CONCEPT_VERB, 0, "purchase order sale"},
	{"received", CONCEPT_VERB, 0, NULL},
	{"run", CONCEPT_VERB, 0, NULL},
	{"runs", CONCEPT_VERB, 0, NULL},
	{"flow", CONCEPT_VERB, 0, NULL},
	{"flows", CONCEPT_VERB, 0, NULL},
	{"sell", CONCEPT_VERB, 0, "sale order"},
	{"sells", CONCEPT_VERB, 0, "sale order"},
	{"serve", CONCEPT_VERB, 0, NULL},
	{"serves", CONCEPT_VERB, 0, NULL},
	{"serving", CONCEPT_VERB, 0, NULL},
	{"sold", CONCEPT_VERB, 0, "sale order"},
	{"spend", CONCEPT_VERB, 1, "amount total spending"},
	{"spent", CONCEPT_VERB, 1, "amount total spending"},
	{"work", CONCEPT_VERB, 0, NULL},
	{"working", CONCEPT_VERB, 0, NULL},
	{"works", CONCEPT_VERB, 0, NULL},
	{"written", CONCEPT_VERB, 0, "write"},
	{"wrote", CONCEPT_VERB, 0, "write"},

	/* known, and known not to be served */
	{"change", CONCEPT_UNSUPPORTED, 0, "changes between periods"},
	{"compare", CONCEPT_UNSUPPORTED, 0, "comparisons"},
	{"compared to", CONCEPT_UNSUPPORTED, 0, "comparisons"},
	{"versus", CONCEPT_UNSUPPORTED, 0, "comparisons"},
	{"vs", CONCEPT_UNSUPPORTED, 0, "comparisons"},
	{"correlate", CONCEPT_UNSUPPORTED, 0, "correlations"},
	{"correlation", CONCEPT_UNSUPPORTED, 0, "correlations"},
	{"forecast", CONCEPT_UNSUPPORTED, 0, "forecasts"},
	{"grow", CONCEPT_UNSUPPORTED, 0, "growth"},
	{"growth", CONCEPT_UNSUPPORTED, 0, "growth"},
	{"how", CONCEPT_UNSUPPORTED, 0, "questions that begin with \"how\""},
	{"predict", CONCEPT_UNSUPPORTED, 0, "forecasts"},
	{"will", CONCEPT_UNSUPPORTED, 0, "the future"},
	{"why", CONCEPT_UNSUPPORTED, 0, "reasons"},
	{"than", CONCEPT_UNSUPPORTED, 0, "this comparison"},
	{"same", CONCEPT_UNSUPPORTED, 0, "comparisons of rows with each other"},
	{"both", CONCEPT_UNSUPPORTED, 0, "\"both ... and\""},
};

/* nouns of business, and what columns and tables call the same thing */
static const struct
{
	const char *word;
	const char *alternatives;
} alternative_words[] = {
	{"revenue", "sales_amount sale_price net_amount turnover amount total"},
	{"turnover", "revenue sales_amount net_amount sale_price amount total"},
	{"income", "revenue net_amount amount salary"},
	{"earnings", "revenue net_amount amount salary"},
	{"sales", "sale order revenue"},
	{"spending", "amount total cost"},
	{"client", "customer"},
	{"customer", "client"},
	{"buyer", "customer client"},
	{"shopper", "customer"},
	{"retailer", "customer"},
	{"user", "customer account member"},
	{"item", "product article"},
	{"product", "item article"},
	{"goods", "product item"},
	{"staff", "employee"},
	{"people", "person population inhabitant employee"},
	{"inhabitant", "population person"},
	{"employee", "staff person"},
	{"worker", "employee staff"},
	{"salesperson", "employee seller"},
	{"supplier", "vendor"},
	{"vendor", "supplier"},
	{"dealer", "distributor"},
	{"cuisine", "food"},
	{"paper", "publication article"},
	{"article", "publication paper"},
	{"company", "organization"},
	{"firm", "company organization"},
	{"volume", "quantity"},
	{"rated", "rating score"},
	{"unit", "quantity"},
	{"units", "quantity"},
	{"quantity", "qty"},
	{"stock", "inventory instrument"},
	{"pay", "salary"},
	{"wage", "salary"},
	{"region", "zone area"},
	{"zip", "postcode postal_code"},
	{"mail", "email"},
	{"telephone", "phone"},
};

static bool
phrase_matches(const char *phrase, const TokenList *list, int at, int *ntokens)
{
	const char *p = phrase;
	int n = 0;

	while (*p)
	{
		const char *space = strchr(p, ' ');
		int len = space ? space - p : strlen(p);
		const Token *token;
		const char *text;

		if (at + n >= list->count)
			return false;
		token = &list->tokens[at + n];
		if (token->kind != TOKEN_WORD && token->kind != TOKEN_SIGN)
			return false;
		text = token->folded ? token->folded : token->text;
		if (strncmp(text, p, len) != 0 || text[len] != '\0')
			return false;
		n++;
		p += len;
		while (*p == ' ')
			p++;
	}
	*ntokens = n;
	return true;
}

/* "months" finds "month": units are nouns */
static bool
unit_matches(const LexiconEntry *entry, const Token *token)
{
	if (entry->concept != CONCEPT_UNIT || (entry->arg & UNIT_BUCKET) || !token->stem)
		return false;
	return strcmp(token->stem, entry->phrase) == 0;
}

const LexiconEntry *
lexicon_find(const TokenList *list, int at, int *ntokens)
{
	const LexiconEntry *best = NULL;
	const Token *token = &list->tokens[at];

	*ntokens = 0;
	if (token->kind != TOKEN_WORD && token->kind != TOKEN_SIGN)
		return NULL;
	for (int i = 0; i < lengthof(entries); i++)
	{
		int n;

		if (phrase_matches(entries[i].phrase, list, at, &n))
		{
			if (n > *ntokens)
			{
				best = &entries[i];
				*ntokens = n;
			}
		}
		else if (*ntokens == 0 && unit_matches(&entries[i], token))
		{
			best = &entries[i];
			*ntokens = 1;
		}
	}
	return best;
}

const char *
lexicon_alternatives(const char *stem)
{
	for (int i = 0; i < lengthof(alternative_words); i++)
	{
		char *key = word_stem(alternative_words[i].word);
		bool same = strcmp(key, stem) == 0;

		pfree(key);
		if (same)
			return alternative_words[i].alternatives;
	}
	return NULL;
}

const char *
time_unit_name(TimeUnit unit)
{
	static const char *const names[] = {"", "hour", "day", "week", "month", "quarter", "year"};

	return names[unit];
}
