/*-------------------------------------------------------------------------
 *
 * lexicon_english_times.c
 *		The words of analytic English that are about time: units, periods that are
 *		compared, growth, running totals.
 *
 * Times themselves ("last month", "on Mondays") are read by times.c.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "interpret/lexicon.h"

const LexiconEntry lexicon_time_entries[] = {
	/* units and groups of times */
	{"hour", CONCEPT_UNIT, TIME_UNIT_HOUR, NULL},
	{"hourly", CONCEPT_UNIT, TIME_UNIT_HOUR | UNIT_BUCKET, NULL},
	{"day", CONCEPT_UNIT, TIME_UNIT_DAY, NULL},
	{"daily", CONCEPT_UNIT, TIME_UNIT_DAY | UNIT_BUCKET, NULL},
	{"week", CONCEPT_UNIT, TIME_UNIT_WEEK, NULL},
	{"weekly", CONCEPT_UNIT, TIME_UNIT_WEEK | UNIT_BUCKET, NULL},
	{"month", CONCEPT_UNIT, TIME_UNIT_MONTH, NULL},
	{"monthly", CONCEPT_UNIT, TIME_UNIT_MONTH | UNIT_BUCKET, NULL},
	{"month by month", CONCEPT_UNIT, TIME_UNIT_MONTH | UNIT_BUCKET, NULL},
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
	{"change over the years", CONCEPT_UNIT, TIME_UNIT_YEAR | UNIT_BUCKET, NULL},
	{"change over the months", CONCEPT_UNIT, TIME_UNIT_MONTH | UNIT_BUCKET, NULL},
	{"change over time", CONCEPT_UNIT, TIME_UNIT_MONTH | UNIT_BUCKET, NULL},
	{"fiscal quarter", CONCEPT_UNIT, TIME_UNIT_FISCAL_QUARTER, NULL},
	{"financial quarter", CONCEPT_UNIT, TIME_UNIT_FISCAL_QUARTER, NULL},
	{"fiscal year", CONCEPT_UNIT, TIME_UNIT_FISCAL_YEAR, NULL},
	{"financial year", CONCEPT_UNIT, TIME_UNIT_FISCAL_YEAR, NULL},
	{"weekday", CONCEPT_UNIT, TIME_UNIT_WEEKDAY, NULL},
	{"day of week", CONCEPT_UNIT, TIME_UNIT_WEEKDAY, NULL},
	{"day of the week", CONCEPT_UNIT, TIME_UNIT_WEEKDAY, NULL},
	{"days of the week", CONCEPT_UNIT, TIME_UNIT_WEEKDAY, NULL},
	{"hour of day", CONCEPT_UNIT, TIME_UNIT_HOUR_OF_DAY, NULL},
	{"hour of the day", CONCEPT_UNIT, TIME_UNIT_HOUR_OF_DAY, NULL},
	{"month of year", CONCEPT_UNIT, TIME_UNIT_MONTH_OF_YEAR, NULL},
	{"month of the year", CONCEPT_UNIT, TIME_UNIT_MONTH_OF_YEAR, NULL},
	{"calendar month", CONCEPT_UNIT, TIME_UNIT_MONTH_OF_YEAR, NULL},

	/* periods beside each other */
	{"compared", CONCEPT_COMPARISON, 0, NULL},
	{"comparing", CONCEPT_COMPARISON, 0, NULL},
	{"comparison", CONCEPT_COMPARISON, 0, NULL},
	{"compare to", CONCEPT_VERSUS, 0, NULL},
	{"compare with", CONCEPT_VERSUS, 0, NULL},
	{"vs .", CONCEPT_VERSUS, 0, NULL},
	{"against", CONCEPT_VERSUS, 0, NULL},

	/* from one period to the next */
	{"change", CONCEPT_GROWTH, 0, NULL},
	{"changed", CONCEPT_GROWTH, 0, NULL},
	{"changes", CONCEPT_GROWTH, 0, NULL},
	{"% change", CONCEPT_GROWTH, 0, NULL},
	{"percent change", CONCEPT_GROWTH, 0, NULL},
	{"percentage change", CONCEPT_GROWTH, 0, NULL},
	{"grow", CONCEPT_GROWTH, 0, NULL},
	{"grew", CONCEPT_GROWTH, 0, NULL},
	{"grown", CONCEPT_GROWTH, 0, NULL},
	{"growth", CONCEPT_GROWTH, 0, NULL},
	{"growth rate", CONCEPT_GROWTH, 0, NULL},
	{"rate of growth", CONCEPT_GROWTH, 0, NULL},
	{"percent growth", CONCEPT_GROWTH, 0, NULL},
	{"percentage growth", CONCEPT_GROWTH, 0, NULL},
	{"from day to day", CONCEPT_STEP, TIME_UNIT_DAY, NULL},
	{"day over day", CONCEPT_STEP, TIME_UNIT_DAY, NULL},
	{"from week to week", CONCEPT_STEP, TIME_UNIT_WEEK, NULL},
	{"week over week", CONCEPT_STEP, TIME_UNIT_WEEK, NULL},
	{"week on week", CONCEPT_STEP, TIME_UNIT_WEEK, NULL},
	{"wow", CONCEPT_STEP, TIME_UNIT_WEEK, NULL},
	{"from month to month", CONCEPT_STEP, TIME_UNIT_MONTH, NULL},
	{"month over month", CONCEPT_STEP, TIME_UNIT_MONTH, NULL},
	{"month on month", CONCEPT_STEP, TIME_UNIT_MONTH, NULL},
	{"mom", CONCEPT_STEP, TIME_UNIT_MONTH, NULL},
	{"from quarter to quarter", CONCEPT_STEP, TIME_UNIT_QUARTER, NULL},
	{"quarter over quarter", CONCEPT_STEP, TIME_UNIT_QUARTER, NULL},
	{"quarter on quarter", CONCEPT_STEP, TIME_UNIT_QUARTER, NULL},
	{"qoq", CONCEPT_STEP, TIME_UNIT_QUARTER, NULL},
	{"from year to year", CONCEPT_STEP, TIME_UNIT_YEAR, NULL},
	{"year over year", CONCEPT_STEP, TIME_UNIT_YEAR, NULL},
	{"year on year", CONCEPT_STEP, TIME_UNIT_YEAR, NULL},
	{"yoy", CONCEPT_STEP, TIME_UNIT_YEAR, NULL},

	/* over the periods so far */
	{"cumulative", CONCEPT_RUNNING, 0, NULL},
	{"cumulative total", CONCEPT_RUNNING, 0, NULL},
	{"cumulative sum", CONCEPT_RUNNING, 0, NULL},
	{"cumulated", CONCEPT_RUNNING, 0, NULL},
	{"running total", CONCEPT_RUNNING, 0, NULL},
	{"running sum", CONCEPT_RUNNING, 0, NULL},
	{"moving average", CONCEPT_MOVING, 0, NULL},
	{"rolling average", CONCEPT_MOVING, 0, NULL},
	{"moving mean", CONCEPT_MOVING, 0, NULL},
	{"rolling mean", CONCEPT_MOVING, 0, NULL},
};

const int lexicon_time_entry_count = lengthof(lexicon_time_entries);
