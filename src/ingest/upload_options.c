/*-------------------------------------------------------------------------
 *
 * upload_options.c
 *		The options of an upload, from JSON.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "ingest/upload.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/formatting.h"
#include "utils/numeric.h"

#define OPTION_NAMES                                                                      \
	"bytes, date_order, decimal, delimiter, encoding, foreign_keys, header, header_row, " \
	"hidden, keep, keep_names, key, keys, mode, nulls, prefix, quote, replace_invalid, "  \
	"sha256, sheets, strict, table, tenant, types"

static void
pg_attribute_noreturn() bad_value(const char *name, const char *valid)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for upload option \"%s\"", name), errhint("Use %s.", valid)));
}

char *
upload_utf8(char *text)
{
	return pg_server_to_any(text, (int) strlen(text), PG_UTF8);
}

char *
upload_server_text(const char *utf8)
{
	return pg_any_to_server(pstrdup(utf8), (int) strlen(utf8), PG_UTF8);
}

static char *
string_value(const char *name, const JsonbValue *value)
{
	if (value->type != jbvString)
		bad_value(name, "a string");
	return upload_utf8(pnstrdup(value->val.string.val, value->val.string.len));
}

static bool
bool_value(const char *name, const JsonbValue *value)
{
	if (value->type != jbvBool)
		bad_value(name, "true or false");
	return value->val.boolean;
}

static int
int_value(const char *name, const JsonbValue *value)
{
	bool failed = value->type != jbvNumeric;
	int result = failed ? 0 : numeric_int4_opt_error(value->val.numeric, &failed);

	if (failed || result < 1)
		bad_value(name, "a whole number from 1");
	return result;
}

static int64
size_value(const char *name, const JsonbValue *value)
{
	Datum number;

	if (value->type != jbvNumeric || numeric_is_nan(value->val.numeric) ||
		numeric_is_inf(value->val.numeric))
		bad_value(name, "a number of bytes");
	number = DirectFunctionCall1(numeric_int8, NumericGetDatum(value->val.numeric));
	if (DatumGetInt64(number) < 0)
		bad_value(name, "a number of bytes");
	return DatumGetInt64(number);
}

static char *
digest_value(const char *name, const JsonbValue *value)
{
	char *text = string_value(name, value);

	if (strlen(text) != UPLOAD_DIGEST_DIGITS ||
		strspn(text, "0123456789abcdefABCDEF") != UPLOAD_DIGEST_DIGITS)
		bad_value(name, "64 hexadecimal digits");
	return asc_tolower(text, UPLOAD_DIGEST_DIGITS);
}

static List *
list_value(const char *name, const JsonbValue *value)
{
	List *result = NIL;
	JsonbIterator *iterator;
	JsonbValue element;
	JsonbIteratorToken token;

	if (value->type == jbvString)
		return list_make1(string_value(name, value));
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		bad_value(name, "a string or an array of strings");
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
		if (token == WJB_ELEM)
			result = lappend(result, string_value(name, &element));
	return result;
}

static char
char_value(const char *name, const JsonbValue *value)
{
	char *text = string_value(name, value);

	if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
		return '\t';
	if (strlen(text) != 1 || (unsigned char) text[0] >= 0x80 || strchr("\r\n", text[0]) != NULL ||
		isalnum((unsigned char) text[0]))
		bad_value(name, "one character that is no letter or digit, or \"tab\"");
	return text[0];
}

static void
read_types(const JsonbValue *value, SheetOptions *options)
{
	JsonbIterator *iterator;
	JsonbValue element;
	JsonbIteratorToken token;
	ColumnTypeOption *option = NULL;

	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		bad_value("types", "an object of columns and types");
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			option = palloc0(sizeof(ColumnTypeOption));
			option->column = upload_utf8(pnstrdup(element.val.string.val, element.val.string.len));
		}
		else if (token == WJB_VALUE)
		{
			if (!column_type_by_name(string_value("types", &element), &option->type))
				bad_value("types",
						  "boolean, integer, bigint, numeric, double precision, date, timestamp, "
						  "timestamp with time zone, time, interval, uuid, jsonb or text");
			options->types = lappend(options->types, option);
		}
	}
}

static ValueForms
date_order_value(const JsonbValue *value)
{
	char *text = string_value("date_order", value);

	if (pg_strcasecmp(text, "DMY") == 0)
		return FORM_DATE_DMY | FORM_STAMP_DMY | FORM_ZONED_DMY;
	if (pg_strcasecmp(text, "MDY") == 0)
		return FORM_DATE_MDY | FORM_STAMP_MDY | FORM_ZONED_MDY;
	if (pg_strcasecmp(text, "YMD") == 0)
		return FORM_DATE_YMD | FORM_STAMP_YMD | FORM_ZONED_YMD;
	bad_value("date_order", "DMY, MDY or YMD");
}

static UploadMode
mode_value(const JsonbValue *value)
{
	char *text = string_value("mode", value);

	if (strcmp(text, "create") == 0)
		return UPLOAD_CREATE;
	if (strcmp(text, "replace") == 0)
		return UPLOAD_REPLACE;
	if (strcmp(text, "append") == 0)
		return UPLOAD_APPEND;
	if (strcmp(text, "upsert") == 0)
		return UPLOAD_UPSERT;
	bad_value("mode", "create, replace, append or upsert");
}

static void
read_quote(const JsonbValue *value, CsvOptions *csv)
{
	if (value->type == jbvString && value->val.string.len == 0)
		csv->no_quote = true;
	else
		csv->quote = char_value("quote", value);
}

static void
read_decimal(const JsonbValue *value, SheetOptions *options)
{
	options->decimal = char_value("decimal", value);
	if (options->decimal != '.' && options->decimal != ',')
		bad_value("decimal", "\".\" or \",\"");
}

static bool
read_text_option(UploadOptions *options, const char *name, const JsonbValue *value)
{
	if (strcmp(name, "delimiter") == 0)
		options->csv.delimiter = char_value(name, value);
	else if (strcmp(name, "quote") == 0)
		read_quote(value, &options->csv);
	else if (strcmp(name, "encoding") == 0)
		options->csv.encoding = string_value(name, value);
	else if (strcmp(name, "replace_invalid") == 0)
		options->csv.replace_invalid = bool_value(name, value);
	else if (strcmp(name, "decimal") == 0)
		read_decimal(value, &options->sheet);
	else if (strcmp(name, "date_order") == 0)
		options->sheet.order = date_order_value(value);
	else if (strcmp(name, "nulls") == 0)
		options->sheet.nulls = list_value(name, value);
	else
		return false;
	return true;
}

static bool
read_table_option(UploadOptions *options, const char *name, const JsonbValue *value)
{
	if (strcmp(name, "table") == 0)
		options->table = string_value(name, value);
	else if (strcmp(name, "prefix") == 0)
		options->prefix = string_value(name, value);
	else if (strcmp(name, "mode") == 0)
		options->mode = mode_value(value);
	else if (strcmp(name, "sheets") == 0)
		options->sheets = list_value(name, value);
	else if (strcmp(name, "hidden") == 0)
		options->hidden = bool_value(name, value);
	else if (strcmp(name, "strict") == 0)
		options->strict = bool_value(name, value);
	else if (strcmp(name, "keys") == 0)
		options->keys = bool_value(name, value);
	else if (strcmp(name, "key") == 0)
		options->key = list_value(name, value);
	else if (strcmp(name, "foreign_keys") == 0)
		options->foreign_keys = bool_value(name, value);
	else if (strcmp(name, "tenant") == 0)
		options->tenant = upload_server_text(string_value(name, value));
	else if (strcmp(name, "header") == 0)
	{
		options->sheet.has_header = bool_value(name, value);
		options->sheet.no_header = !options->sheet.has_header;
	}
	else if (strcmp(name, "header_row") == 0)
		options->sheet.header_row = int_value(name, value);
	else if (strcmp(name, "keep_names") == 0)
		options->sheet.keep_names = bool_value(name, value);
	else if (strcmp(name, "types") == 0)
		read_types(value, &options->sheet);
	else
		return false;
	return true;
}

/* what the content has to be, and what becomes of it */
static bool
read_content_option(UploadOptions *options, const char *name, const JsonbValue *value)
{
	if (strcmp(name, "bytes") == 0)
		options->bytes = size_value(name, value);
	else if (strcmp(name, "sha256") == 0)
		options->sha256 = digest_value(name, value);
	else if (strcmp(name, "keep") == 0)
		options->keep = bool_value(name, value);
	else
		return false;
	return true;
}

UploadOptions *
upload_options_read(Jsonb *json)
{
	UploadOptions *options = palloc0(sizeof(UploadOptions));
	JsonbIterator *iterator;
	JsonbValue element;
	JsonbIteratorToken token;
	char *name = NULL;

	options->keys = true;
	options->bytes = -1;
	if (!JB_ROOT_IS_OBJECT(json))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("options of an upload must be a JSON object")));
	iterator = JsonbIteratorInit(&json->root);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			name = pnstrdup(element.val.string.val, element.val.string.len);
		else if (token == WJB_VALUE && element.type != jbvNull)
		{
			if (!read_text_option(options, name, &element) &&
				!read_table_option(options, name, &element) &&
				!read_content_option(options, name, &element))
				ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
								errmsg("unknown upload option \"%s\"", name),
								errhint("Valid options are: %s.", OPTION_NAMES)));
		}
	}
	return options;
}
