/*-------------------------------------------------------------------------
 *
 * detect.c
 *		What is worth telling about the last bucket of a series.
 *
 * unusual_value compares the last value with those of the same weekday before
 * it: median, and MAD as the scale.  Values that can not be negative are
 * compared by their logarithms, so that a half and a double are as far off;
 * an average of fewer rows than usual may be further off.
 * A plain MAD is near zero for series that mostly stand still, and then
 * everything is unusual; so the scale has a floor: what counting alone would
 * scatter (Poisson: 1/sqrt(n)), one percent, and a quarter of the standard
 * deviation.  3.5 scales are the cut that Iglewicz and Hoaglin (How to Detect
 * and Handle Outliers, 1993) give for such a score.
 *
 * week_over_week compares the last seven days with the seven before by the
 * logarithm of their ratio, against the same ratios of the weeks before: a
 * business that always swings by a fifth is not told of a fifth.
 *
 * no_new_data says that rows have stopped coming, in place of seven alarms of
 * a value of zero.
 *
 * The last bucket is always complete: see series.c.  More detectors are added
 * to the table at the end of this file.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "insight/insight.h"

/* the days that the median of a weekday is made of */
#define DAYS_COMPARED   56
#define WEEKS_COMPARED  52
#define MONTHS_COMPARED 36
#define FEWEST_DAYS     28
#define FEWEST_BUCKETS  12
/* of one weekday */
#define FEWEST_SEASONAL 3
/* how many of the last residuals tell that the level has moved */
#define LEVEL_DAYS    14
#define LEVEL_BUCKETS 4

#define SIGMA_DAYS          28
#define WEEK_THRESHOLD      2.5
#define FEWEST_WEEKS        6
#define SMALLEST_SCALE      0.01
#define SHARE_OF_SIGMA      0.25
#define SILENT_BUCKETS      7
#define SILENT_BUCKETS_LONG 2

/* a series read so that equal steps are equally unusual */
typedef struct Scaled
{
	bool logarithm;
	double *values;
} Scaled;

static Scaled
scale_values(const double *values, int count)
{
	Scaled scaled;

	scaled.logarithm = true;
	scaled.values = palloc(count * sizeof(double));
	for (int i = 0; i < count; i++)
		if (values[i] < 0)
			scaled.logarithm = false;
	for (int i = 0; i < count; i++)
		scaled.values[i] = scaled.logarithm ? log1p(values[i]) : values[i];
	return scaled;
}

static double
unscale(const Scaled *scaled, double value)
{
	return scaled->logarithm ? expm1(value) : value;
}

/* the least that values around `typical` scatter */
static double
scale_floor(const Series *series, const Scaled *scaled, double typical, double deviation)
{
	double floor = SHARE_OF_SIGMA * deviation;

	if (!scaled->logarithm)
		return Max(floor, SMALLEST_SCALE * fabs(typical));
	floor = Max(floor, SMALLEST_SCALE);
	if (series->adds_up)
		floor = Max(floor, 1 / sqrt(unscale(scaled, typical) + 1));
	return floor;
}

static int
buckets_compared(KpiGranularity granularity)
{
	switch (granularity)
	{
		case KPI_DAY:
			return DAYS_COMPARED;
		case KPI_WEEK:
			return WEEKS_COMPARED;
		case KPI_MONTH:
			return MONTHS_COMPARED;
	}
	return 0;
}

double
finding_change(const Finding *finding)
{
	if (finding->expected == 0)
		return finding->current == 0 ? 0 : copysign(1, finding->current);
	return (finding->current - finding->expected) / fabs(finding->expected);
}

/* sums of values near the end of what a double can be are no numbers */
static bool
is_number(const Finding *finding)
{
	return isfinite(finding->score) && isfinite(finding->current) && isfinite(finding->expected) &&
		   isfinite(finding->low) && isfinite(finding->high) && isfinite(finding_change(finding));
}

static bool
worth_telling(const Finding *finding)
{
	const KpiOptions *options = &finding->series->kpi->options;

	return is_number(finding) && fabs(finding->score) > finding->threshold &&
		   fabs(finding_change(finding)) > options->min_change &&
		   Max(fabs(finding->current), fabs(finding->expected)) >= options->min_volume;
}

static void
set_days(Finding *finding, int from, int until)
{
	const Series *series = finding->series;
	KpiGranularity granularity = series->kpi->granularity;

	finding->from = bucket_add(granularity, series->first, from);
	finding->until = bucket_add(granularity, series->first, until + 1) - 1;
}

/*
 * What the last value should have been, and its scale.  Steps counted back from
 * the last bucket tell the weekday.
 */
static bool
expect_robust(const Series *series, const Scaled *scaled, double *expected, double *scale)
{
	KpiGranularity granularity = series->kpi->granularity;
	int last = series->count - 1;
	int season = granularity == KPI_DAY ? 7 : 1;
	int compared = Min(last, buckets_compared(granularity));
	int level_buckets = granularity == KPI_DAY ? LEVEL_DAYS : LEVEL_BUCKETS;
	double *residuals = palloc(compared * sizeof(double));
	double *work = palloc(compared * sizeof(double));
	double typical[7];
	double level;
	double mean;
	double deviation;
	int count = 0;
	int recent = 0;

	for (int weekday = 0; weekday < season; weekday++)
	{
		int n = 0;

		for (int back = weekday == 0 ? season : weekday; back <= compared; back += season)
			if (!isnan(scaled->values[last - back]))
				work[n++] = scaled->values[last - back];
		if (n < FEWEST_SEASONAL)
		{
			if (weekday == 0)
				return false;
			typical[weekday] = NAN;
		}
		else
			typical[weekday] = robust_median(work, n);
	}
	for (int back = 1; back <= compared; back++)
	{
		double residual = scaled->values[last - back] - typical[back % season];

		if (isnan(residual))
			continue;
		residuals[count++] = residual;
		if (back <= level_buckets)
			recent = count;
	}
	if (count < (granularity == KPI_DAY ? FEWEST_DAYS : FEWEST_BUCKETS))
		return false;
	/* residuals stand with the latest first */
	level = 0;
	if (recent > 0)
	{
		memcpy(work, residuals, recent * sizeof(double));
		level = robust_median(work, recent);
	}
	memcpy(work, residuals, count * sizeof(double));
	deviation = plain_deviation(residuals, count, &mean);
	*expected = typical[0] + level;
	*scale = Max(robust_spread(residuals, count, robust_median(work, count)),
				 scale_floor(series, scaled, typical[0], deviation));
	pfree(residuals);
	pfree(work);
	return *scale > 0;
}

static bool
expect_sigma(const Series *series, const Scaled *scaled, double *expected, double *scale)
{
	int last = series->count - 1;
	int compared = Min(last, SIGMA_DAYS);
	double *work = palloc(compared * sizeof(double));
	int count = 0;

	for (int back = 1; back <= compared; back++)
		if (!isnan(scaled->values[last - back]))
			work[count++] = scaled->values[last - back];
	if (count < FEWEST_BUCKETS)
		return false;
	*scale = plain_deviation(work, count, expected);
	pfree(work);
	return *scale > 0;
}

/*
 * An average of few rows scatters more than one of many: how much more than is
 * usual here.
 */
static double
fewer_rows(const Series *series)
{
	int last = series->count - 1;
	int compared = Min(last, buckets_compared(series->kpi->granularity));
	double *rows = palloc(compared * sizeof(double));
	double usual;

	if (series->adds_up || compared == 0 || series->rows[last] < 1)
		return 1;
	memcpy(rows, series->rows + last - compared, compared * sizeof(double));
	usual = robust_median(rows, compared);
	pfree(rows);
	return usual > series->rows[last] ? sqrt(usual / series->rows[last]) : 1;
}

static bool
detect_unusual_value(const Series *series, Finding *finding)
{
	const KpiOptions *options = &series->kpi->options;
	int last = series->count - 1;
	Scaled scaled;
	double expected;
	double scale;
	bool known;

	if (isnan(series->values[last]))
		return false;
	if (options->method == KPI_SIGMA)
	{
		scaled.logarithm = false;
		scaled.values = series->values;
		known = expect_sigma(series, &scaled, &expected, &scale);
	}
	else
	{
		scaled = scale_values(series->values, series->count);
		known = expect_robust(series, &scaled, &expected, &scale);
	}
	if (!known)
		return false;
	scale *= fewer_rows(series);
	finding->threshold = options->threshold;
	finding->score = (scaled.values[last] - expected) / scale;
	finding->current = series->values[last];
	finding->expected = unscale(&scaled, expected);
	finding->low = unscale(&scaled, expected - options->threshold * scale);
	finding->high = unscale(&scaled, expected + options->threshold * scale);
	if (scaled.logarithm)
		finding->low = Max(finding->low, 0);
	set_days(finding, last, last);
	return worth_telling(finding);
}

/* seven days that end `weeks` weeks before the last bucket: their sum, or mean; NaN = unknown */
static double
week_value(const Series *series, int weeks)
{
	int end = series->count - 7 * weeks;
	double sum = 0;
	int known = 0;

	if (end - 7 < 0)
		return NAN;
	for (int i = end - 7; i < end; i++)
	{
		if (isnan(series->values[i]))
			continue;
		sum += series->values[i];
		known++;
	}
	if (series->adds_up)
		return known == 7 ? sum : NAN;
	return known > 0 ? sum / known : NAN;
}

static bool
detect_week_over_week(const Series *series, Finding *finding)
{
	int weeks = series->count / 7;
	double *values;
	double *work;
	double mean;
	double deviation;
	double usual;
	double scale;
	int count = 0;
	Scaled scaled;

	if (series->kpi->granularity != KPI_DAY || weeks < 2)
		return false;
	values = palloc(weeks * sizeof(double));
	work = palloc(weeks * sizeof(double));
	for (int i = 0; i < weeks; i++)
		values[i] = week_value(series, i);
	scaled = scale_values(values, weeks);
	for (int i = 1; i + 1 < weeks; i++)
	{
		double step = scaled.values[i] - scaled.values[i + 1];

		if (!isnan(step))
			work[count++] = step;
	}
	if (count < FEWEST_WEEKS || isnan(values[0]) || isnan(values[1]))
		return false;
	deviation = plain_deviation(work, count, &mean);
	usual = robust_median(work, count);
	scale = robust_spread(work, count, usual);
	/* two weeks scatter by sqrt(2) times as much as one */
	scale = Max(scale, scale_floor(series, &scaled, scaled.values[1], deviation) * M_SQRT2);
	if (scale <= 0)
		return false;
	finding->threshold = WEEK_THRESHOLD;
	finding->score = (scaled.values[0] - scaled.values[1] - usual) / scale;
	finding->current = values[0];
	finding->expected = unscale(&scaled, scaled.values[1] + usual);
	finding->low = unscale(&scaled, scaled.values[1] + usual - WEEK_THRESHOLD * scale);
	finding->high = unscale(&scaled, scaled.values[1] + usual + WEEK_THRESHOLD * scale);
	if (scaled.logarithm)
		finding->low = Max(finding->low, 0);
	set_days(finding, series->count - 7, series->count - 1);
	return worth_telling(finding);
}

static int
silent_buckets(KpiGranularity granularity)
{
	return granularity == KPI_DAY ? SILENT_BUCKETS : SILENT_BUCKETS_LONG;
}

static bool
detect_no_new_data(const Series *series, Finding *finding)
{
	int silent = series->silent;

	/* a member of a dimension may end for good */
	if (series->dimension != NULL || silent < silent_buckets(series->kpi->granularity) ||
		silent >= series->count)
		return false;
	set_days(finding, series->count - silent, series->count - 1);
	finding->current = 0;
	finding->threshold = silent_buckets(series->kpi->granularity);
	finding->score = -silent;
	/* what came in a bucket before it stopped */
	finding->expected = series->values[series->count - silent - 1];
	finding->low = finding->high = finding->expected;
	return true;
}

/* in the order in which they are asked; when rows have stopped coming only the first is */
static const struct
{
	const char *type;
	bool (*detect)(const Series *series, Finding *finding);
} detectors[] = {{"no_new_data", detect_no_new_data},
				 {"unusual_value", detect_unusual_value},
				 {"week_over_week", detect_week_over_week}};

List *
detect_all(const Series *series)
{
	List *findings = NIL;
	bool stopped = series->silent >= silent_buckets(series->kpi->granularity);

	for (int i = 0; i < lengthof(detectors); i++)
	{
		Finding *finding = palloc0(sizeof(Finding));

		if (stopped && detectors[i].detect != detect_no_new_data)
			break;
		finding->type = detectors[i].type;
		finding->series = series;
		if (detectors[i].detect(series, finding))
			findings = lappend(findings, finding);
	}
	return findings;
}
