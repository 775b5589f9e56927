/*-------------------------------------------------------------------------
 *
 * insight.h
 *		KPIs, what is found in their values, and how it is told.
 *
 * A KPI becomes one or more series of complete buckets; each detector looks at
 * a series; what they find is ranked and written down.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_INSIGHT_H
#define SQL_AGENT_INSIGHT_H

#include "nodes/pg_list.h"
#include "utils/date.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

typedef enum KpiGranularity
{
	KPI_DAY,
	KPI_WEEK,
	KPI_MONTH
} KpiGranularity;

typedef enum KpiMethod
{
	KPI_ROBUST, /* median of the weekday and MAD */
	KPI_SIGMA   /* mean and standard deviation */
} KpiMethod;

typedef enum KpiFavorable
{
	KPI_UP,
	KPI_DOWN,
	KPI_NONE
} KpiFavorable;

typedef struct KpiOptions
{
	KpiMethod method;
	double threshold;  /* how many scales off is unusual */
	double min_change; /* as a share: smaller changes are not told */
	double min_volume; /* values below it are not looked at */
	int delay;         /* days that rows may come late */
} KpiOptions;

typedef struct Kpi
{
	pg_uuid_t id;
	char *name;
	char *tenant;     /* or NULL */
	char *owner_role; /* whose it is where there is no tenant */
	char *schema;
	char *relation;
	char *measure;
	char *time_column;
	bool timed;       /* the time column has a time of day */
	char *time_zone;  /* in which its days are, or NULL: it has none */
	List *dimensions; /* char * */
	KpiGranularity granularity;
	KpiFavorable favorable;
	char *filter; /* or NULL */
	KpiOptions options;
} Kpi;

/* values of one KPI, or of one value of a dimension, bucket by bucket up to the one to be judged */
typedef struct Series
{
	const Kpi *kpi;
	char *dimension; /* or NULL: all rows */
	char *member;    /* value of the dimension, as text */
	DateADT first;   /* day on which bucket 0 begins */
	int count;
	double *values;  /* NaN: nothing is known */
	double *rows;    /* that each value is made of */
	bool adds_up;    /* values of buckets can be added */
	int silent;      /* buckets at the end without a row */
	const char *sql; /* that shows the values */
} Series;

typedef struct Finding
{
	const char *type;
	const Series *series;
	DateADT from;  /* first day of what was judged */
	DateADT until; /* last day */
	double current;
	double expected;
	double low;
	double high;
	double score; /* how many scales off, signed */
	double threshold;
} Finding;

/* kpi.c */
extern const char *kpi_granularity_name(KpiGranularity granularity);
extern const char *kpi_favorable_name(KpiFavorable favorable);
/* whose KPIs the caller means: *tenant NULL = the role's own; raises where it may not */
extern void kpi_whose(const char *wanted, char **tenant, char **owner);
/* Kpi * of a tenant or of a role, in the context; both NULL = all.  Owner's rights needed */
extern List *
kpi_read(MemoryContext context, const char *tenant, const char *owner, const char *name);
/* the one expression that the text stands for; raises where it is none, or more */
extern Node *kpi_parse_expression(const char *what, const char *text);
extern void kpi_options_read(Jsonb *options, KpiOptions *result);

/* series.c */
/* the role as which the KPI reads; InvalidOid and *problem where it can not */
extern Oid kpi_reading_role(const Kpi *kpi, char **problem);
/*
 * Series * of the KPI: of all rows first, then of the members of each
 * dimension.  buckets: how many, 0 = as many as the detectors want.  NIL and
 * *problem where it can not be read.
 */
extern List *series_read(const Kpi *kpi, Oid role, int buckets, bool dimensions, char **problem);
extern char *series_sql(const Kpi *kpi, const char *dimension, DateADT first, DateADT end);
extern DateADT bucket_add(KpiGranularity granularity, DateADT bucket, int count);

/* robust.c; the order of the values is changed */
extern double robust_median(double *values, int count);
/* 1.4826 times the median distance from the center */
extern double robust_spread(const double *values, int count, double center);
extern double plain_deviation(const double *values, int count, double *mean);

/* detect.c: Finding * */
extern List *detect_all(const Series *series);
extern double finding_change(const Finding *finding);

/* sentence.c */
extern char *finding_sentence(const Finding *finding);
extern const char *finding_sentiment(const Finding *finding);
extern const char *finding_priority(const Finding *finding);

/* run.c */
extern void insight_init(void);

#endif /* SQL_AGENT_INSIGHT_H */
