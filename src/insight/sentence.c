/*-------------------------------------------------------------------------
 *
 * sentence.c
 *		A finding in words, how good it is and how much it matters.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "insight/insight.h"
#include "utils/datetime.h"

/* from here on a finding is told at once */
#define HIGH_SCORE   2.0 /* times the threshold */
#define HIGH_CHANGE  0.25
#define MEDIUM_SCORE 1.4

static const char *const priorities[] = {"low", "medium", "high"};

static char *
day_text(DateADT date)
{
	int year;
	int month;
	int day;

	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return psprintf("%d %s %d", day, months[month - 1], year);
}

/* "on Thu 19 Nov 2026", "in the week of 16 Nov 2026", "in Nov 2026" */
static char *
when_text(const Finding *finding)
{
	int year;
	int month;
	int day;

	if (finding->until - finding->from == 6)
		return psprintf("in the 7 days to %s", day_text(finding->until));
	if (finding->until == finding->from)
		return psprintf("on %.3s %s", days[j2day(finding->from + POSTGRES_EPOCH_JDATE)],
						day_text(finding->from));
	j2date(finding->from + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return psprintf("in %s %d", months[month - 1], year);
}

/* a number as people read it: thousands separated, decimals only of small ones */
static char *
number_text(double value)
{
	char *plain = fabs(value) >= 100 ? psprintf("%.0f", value) : psprintf("%.2f", value);
	char *point = strchr(plain, '.');
	int length = point ? (int) (point - plain) : (int) strlen(plain);
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < length; i++)
	{
		appendStringInfoChar(&buf, plain[i]);
		if ((length - i) % 3 == 1 && i < length - 1 && plain[i] != '-')
			appendStringInfoChar(&buf, ',');
	}
	if (point && strcmp(point, ".00") != 0)
		appendStringInfoString(&buf, point);
	return buf.data;
}

static char *
subject_text(const Series *series)
{
	if (series->dimension == NULL)
		return psprintf("\"%s\"", series->kpi->name);
	return psprintf("\"%s\" of %s \"%s\"", series->kpi->name, series->dimension, series->member);
}

char *
finding_sentence(const Finding *finding)
{
	const Series *series = finding->series;
	char *subject = subject_text(series);
	double change = finding_change(finding);
	const char *side = change < 0 ? "below" : "above";
	char *percent;

	if (strcmp(finding->type, "no_new_data") == 0)
		return psprintf("%s has no rows since %s.", subject, day_text(finding->from - 1));
	percent = finding->expected == 0 ? pstrdup("") : psprintf("%.0f %% ", fabs(change) * 100);
	return psprintf("%s was %s %s, %s%s the expected %s (usual range %s to %s).", subject,
					number_text(finding->current), when_text(finding), percent, side,
					number_text(finding->expected), number_text(finding->low),
					number_text(finding->high));
}

const char *
finding_sentiment(const Finding *finding)
{
	KpiFavorable favorable = finding->series->kpi->favorable;

	if (strcmp(finding->type, "no_new_data") == 0)
		return "bad";
	if (favorable == KPI_NONE)
		return "neutral";
	return (finding->score > 0) == (favorable == KPI_UP) ? "good" : "bad";
}

/* what is good news can wait a little more than what is bad */
const char *
finding_priority(const Finding *finding)
{
	double strength = fabs(finding->score) / finding->threshold;
	int priority = 0;

	if (strcmp(finding->type, "no_new_data") == 0)
		return priorities[1];
	if (strength >= HIGH_SCORE && fabs(finding_change(finding)) >= HIGH_CHANGE)
		priority = 2;
	else if (strength >= MEDIUM_SCORE || fabs(finding_change(finding)) >= HIGH_CHANGE)
		priority = 1;
	if (priority > 0 && strcmp(finding_sentiment(finding), "good") == 0)
		priority--;
	return priorities[priority];
}
