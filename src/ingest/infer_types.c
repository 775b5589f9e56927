/*-------------------------------------------------------------------------
 *
 * infer_types.c
 *		The type of a column, from the forms that all of its values have.
 *
 * Day and month, or a comma that is decimal or not: what can be read in two ways
 * is read in neither.  A column whose type is found out becomes text then; where
 * the type is given, by an option or by the table that rows are added to, it is an
 * error.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/infer.h"
#include "ingest/shown.h"

#define TELL_ORDER   "give date_order in the options"
#define TELL_DECIMAL "give decimal in the options"

static const struct
{
	ColumnType type;
	ValueForms forms;
} type_order[] = {
	{COLUMN_BOOLEAN, FORMS_BOOL},     {COLUMN_INTEGER, FORM_INT4},       {COLUMN_BIGINT, FORM_INT8},
	{COLUMN_NUMERIC, FORM_NUMERIC},   {COLUMN_DOUBLE, FORM_DOUBLE},      {COLUMN_DATE, FORMS_DATE},
	{COLUMN_TIMESTAMP, FORMS_STAMP},  {COLUMN_TIMESTAMPTZ, FORMS_ZONED}, {COLUMN_TIME, FORM_TIME},
	{COLUMN_INTERVAL, FORM_INTERVAL}, {COLUMN_UUID, FORM_UUID},          {COLUMN_JSONB, FORM_JSON}};

static const ValueForms order_dmy = FORM_DATE_DMY | FORM_STAMP_DMY | FORM_ZONED_DMY;
static const ValueForms order_mdy = FORM_DATE_MDY | FORM_STAMP_MDY | FORM_ZONED_MDY;
static const ValueForms order_ymd = FORM_DATE_YMD | FORM_STAMP_YMD | FORM_ZONED_YMD;
static const ValueForms forms_dated = FORMS_DATE | FORMS_STAMP | FORMS_ZONED;
static const ValueForms forms_localized = FORM_DECIMAL_COMMA | FORMS_GROUPED;

/* one order of day and month out of those that are left; 0 = it can not be told */
static ValueForms
decide_order(ValueForms forms, ValueForms given)
{
	if (forms & order_ymd)
		return forms & order_ymd;
	if ((forms & order_dmy) && (forms & order_mdy))
		forms &= given;
	return forms;
}

/*
 * The forms that are left by what was said about decimal signs: with a comma
 * "1.234" has a separator of thousands.
 */
static ValueForms
plain_forms(const SheetColumn *column, const SheetOptions *options)
{
	if (options->decimal == ',' && column->texts && column->no_integer.row != 0)
		return column->forms & ~(FORM_NUMERIC | FORM_DOUBLE);
	return column->forms;
}

/*
 * How numbers with decimal commas or separators are read, where nothing speaks
 * against it; 0 = it can not be told.
 */
static ValueForms
decide_localized(const SheetColumn *column, const SheetOptions *options)
{
	ValueForms forms = column->forms & forms_localized;

	if (options->decimal == ',')
		forms &= FORM_DECIMAL_COMMA | FORM_GROUPED_COMMA;
	else if (options->decimal == '.')
		forms &= FORM_GROUPED_POINT;
	else if (!column->grouped)
		forms &= (forms & FORM_GROUPED_POINT) ? 0 : FORM_DECIMAL_COMMA;
	else if ((forms & FORMS_GROUPED) == FORMS_GROUPED)
		forms = 0;
	return forms & FORM_DECIMAL_COMMA ? FORM_DECIMAL_COMMA : forms & FORMS_GROUPED;
}

/* the form in which a column of the type is read; 0 = its values do not have it, or have two */
static ValueForms
form_for(const SheetColumn *column, ColumnType type, ValueForms forms, const SheetOptions *options)
{
	ValueForms form = 0;

	for (int i = 0; i < (int) lengthof(type_order); i++)
		if (type_order[i].type == type)
			form = forms & type_order[i].forms;
	if (form & forms_dated)
		return decide_order(form, options->order);
	if (form == 0 && type == COLUMN_NUMERIC)
		return decide_localized(column, options);
	return form;
}

static void
explain_text(SheetColumn *column)
{
	const Witness *first = column->no_value.row != 0 ? &column->no_value : &column->no_integer;

	if (column->forms & forms_localized)
		column->reason =
			pstrdup("numbers whose commas and points can be read in two ways; " TELL_DECIMAL);
	else if (first->row != 0)
		column->reason = psprintf("row %lld has '%s'", (long long) first->row, first->value);
}

static void
explain_number(SheetColumn *column)
{
	if (column->form & forms_localized)
		column->reason =
			pstrdup(column->form == FORM_GROUPED_POINT ? "numbers with separators of thousands"
													   : "numbers with decimal commas");
	else if (column->no_integer.row != 0)
		column->reason = psprintf("row %lld has '%s'", (long long) column->no_integer.row,
								  column->no_integer.value);
}

void
infer_type(SheetColumn *column, const SheetOptions *options)
{
	ValueForms forms = plain_forms(column, options);

	column->type = COLUMN_TEXT;
	column->form = 0;
	if (column->values == 0)
		return; /* nothing was seen that could be anything */
	for (int i = 0; i < (int) lengthof(type_order); i++)
	{
		if ((forms & type_order[i].forms) == 0)
			continue;
		column->form = form_for(column, type_order[i].type, forms, options);
		if (column->form != 0)
			column->type = type_order[i].type;
		else
			column->reason =
				pstrdup("dates whose day and month can not be told apart; " TELL_ORDER);
		break;
	}
	if (column->type == COLUMN_TEXT && column->reason == NULL)
	{
		column->form = decide_localized(column, options);
		if (column->form != 0)
			column->type = COLUMN_NUMERIC;
		else
			explain_text(column);
	}
	if (column->type == COLUMN_NUMERIC)
		explain_number(column);
}

static void
pg_attribute_noreturn() does_not_fit(const SheetColumn *column, ColumnType type)
{
	const Witness *first = column->no_value.row != 0 ? &column->no_value : &column->no_integer;

	ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					errmsg("column \"%s\" can not be of type %s", shown(column->name),
						   column_type_name(type)),
					first->row != 0 ? errdetail("Row %lld has '%s'.", (long long) first->row,
												shown(first->value))
									: 0,
					errhint("Mend the value, or give another type in the option types.")));
}

static void
pg_attribute_noreturn() two_readings(const SheetColumn *column, ColumnType type)
{
	bool dates = (column->forms & forms_dated) != 0;

	ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					errmsg("column \"%s\" can be read as %s in two ways", shown(column->name),
						   column_type_name(type)),
					errdetail("Row %lld has '%s'.", (long long) column->no_integer.row,
							  shown(column->no_integer.value)),
					dates ? errhint("Say which number is the day by the option date_order.")
						  : errhint("Say what the comma is by the option decimal.")));
}

void
infer_retype(SheetColumn *column, ColumnType type, const SheetOptions *options)
{
	ValueForms forms = plain_forms(column, options);
	ValueForms readable = 0;

	column->type = type;
	column->form = form_for(column, type, forms, options);
	if (type == COLUMN_TEXT || column->values == 0 || column->form != 0)
		return;
	for (int i = 0; i < (int) lengthof(type_order); i++)
		if (type_order[i].type == type)
			readable = forms & type_order[i].forms & forms_dated;
	if (type == COLUMN_NUMERIC && options->decimal == 0)
		readable |= forms & forms_localized;
	if (readable != 0 && column->no_integer.row != 0)
		two_readings(column, type);
	does_not_fit(column, type);
}

static const char *const type_names[] = {"boolean",
										 "integer",
										 "bigint",
										 "numeric",
										 "double precision",
										 "date",
										 "timestamp",
										 "timestamp with time zone",
										 "time",
										 "interval",
										 "uuid",
										 "jsonb",
										 "text"};

const char *
column_type_name(ColumnType type)
{
	return type_names[type];
}

bool
column_type_by_name(const char *name, ColumnType *type)
{
	static const struct
	{
		const char *name;
		ColumnType type;
	} aliases[] = {{"bool", COLUMN_BOOLEAN},
				   {"int", COLUMN_INTEGER},
				   {"int4", COLUMN_INTEGER},
				   {"int8", COLUMN_BIGINT},
				   {"float8", COLUMN_DOUBLE},
				   {"decimal", COLUMN_NUMERIC},
				   {"timestamptz", COLUMN_TIMESTAMPTZ},
				   {"json", COLUMN_JSONB}};

	for (int i = 0; i < (int) lengthof(type_names); i++)
		if (pg_strcasecmp(name, type_names[i]) == 0)
		{
			*type = (ColumnType) i;
			return true;
		}
	for (int i = 0; i < (int) lengthof(aliases); i++)
		if (pg_strcasecmp(name, aliases[i].name) == 0)
		{
			*type = aliases[i].type;
			return true;
		}
	return false;
}
