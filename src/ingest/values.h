/*-------------------------------------------------------------------------
 *
 * values.h
 *		Texts of cells as values: which types they fit, and the conversion.
 *
 * A text fits a type when it can be read as one without losing anything that a
 * person sees in it: no leading zero, no digit, no order of day and month.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_VALUES_H
#define SQL_AGENT_VALUES_H

#include "datatype/timestamp.h"
#include "utils/date.h"

#define MAX_NUMERIC_DIGITS 1000 /* longer numbers are text */

/* forms that a text can have; a column has those that all of its texts have */
typedef uint32 ValueForms;

#define FORM_BOOL_WORD     (1u << 0) /* true, false */
#define FORM_BOOL_YES      (1u << 1) /* yes, no */
#define FORM_BOOL_T        (1u << 2) /* t, f */
#define FORM_BOOL_Y        (1u << 3) /* y, n */
#define FORM_INT4          (1u << 4)
#define FORM_INT8          (1u << 5)
#define FORM_NUMERIC       (1u << 6)
#define FORM_DOUBLE        (1u << 7)
#define FORM_DECIMAL_COMMA (1u << 8)  /* 1,5 */
#define FORM_GROUPED_POINT (1u << 9)  /* 1,234.5 */
#define FORM_GROUPED_COMMA (1u << 10) /* 1.234,5 */
#define FORM_DATE_YMD      (1u << 11)
#define FORM_DATE_DMY      (1u << 12)
#define FORM_DATE_MDY      (1u << 13)
#define FORM_STAMP_YMD     (1u << 14)
#define FORM_STAMP_DMY     (1u << 15)
#define FORM_STAMP_MDY     (1u << 16)
#define FORM_ZONED_YMD     (1u << 17) /* a timestamp with its zone */
#define FORM_ZONED_DMY     (1u << 18)
#define FORM_ZONED_MDY     (1u << 19)
#define FORM_TIME          (1u << 20)
#define FORM_INTERVAL      (1u << 21) /* hours that may pass 24 */
#define FORM_UUID          (1u << 22)
#define FORM_JSON          (1u << 23)

#define FORMS_BOOL    (FORM_BOOL_WORD | FORM_BOOL_YES | FORM_BOOL_T | FORM_BOOL_Y)
#define FORMS_GROUPED (FORM_GROUPED_POINT | FORM_GROUPED_COMMA)
#define FORMS_DATE    (FORM_DATE_YMD | FORM_DATE_DMY | FORM_DATE_MDY)
#define FORMS_STAMP   (FORM_STAMP_YMD | FORM_STAMP_DMY | FORM_STAMP_MDY)
#define FORMS_ZONED   (FORM_ZONED_YMD | FORM_ZONED_DMY | FORM_ZONED_MDY)
#define FORMS_ALL     ((1u << 24) - 1)

/*
 * All forms that the text has.  *grouped is set where a number shows beyond
 * doubt that it has separators of thousands; *exponent where it has an exponent.
 */
extern ValueForms value_forms(const char *text, int length, bool *grouped, bool *exponent);

/* conversions: false where the text does not have the form */
extern bool value_to_bool(const char *text, int length, bool *result);
extern bool value_to_int8(const char *text, int length, int64 *result);
extern bool value_to_double(const char *text, int length, double *result);
extern bool value_to_timestamp(const char *text, int length, ValueForms form, Timestamp *result);
extern bool value_to_time(const char *text, int length, bool long_hours, int64 *result);
extern bool value_to_uuid(const char *text, int length, unsigned char *result);
/* a decimal number in the form as one with a point and no separators; returns its length */
extern int value_plain_decimal(const char *text, int length, ValueForms form, char *result);

/* day, month and year as a date that exists */
extern bool value_valid_date(int year, int month, int day);

#endif /* SQL_AGENT_VALUES_H */
