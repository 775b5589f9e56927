/*-------------------------------------------------------------------------
 *
 * robust.c
 *		Center and spread of values of which some may be far off.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "insight/insight.h"

/* what makes the MAD of normal values their standard deviation */
#define MAD_TO_SIGMA 1.4826

static int
compare(const void *a, const void *b)
{
	double left = *(const double *) a;
	double right = *(const double *) b;

	return (left > right) - (left < right);
}

double
robust_median(double *values, int count)
{
	Assert(count > 0);
	qsort(values, count, sizeof(double), compare);
	if (count % 2 == 1)
		return values[count / 2];
	return (values[count / 2 - 1] + values[count / 2]) / 2;
}

double
robust_spread(const double *values, int count, double center)
{
	double *distances = palloc(count * sizeof(double));
	double result;

	for (int i = 0; i < count; i++)
		distances[i] = fabs(values[i] - center);
	result = MAD_TO_SIGMA * robust_median(distances, count);
	pfree(distances);
	return result;
}

double
plain_deviation(const double *values, int count, double *mean)
{
	double sum = 0;
	double squares = 0;

	for (int i = 0; i < count; i++)
		sum += values[i];
	*mean = sum / count;
	for (int i = 0; i < count; i++)
		squares += (values[i] - *mean) * (values[i] - *mean);
	return count > 1 ? sqrt(squares / (count - 1)) : 0;
}
