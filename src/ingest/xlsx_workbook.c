/*-------------------------------------------------------------------------
 *
 * xlsx_workbook.c
 *		What a workbook says before its sheets: their names and parts, the
 *		date system, number formats.
 *
 * Names of parts come from the file.  They are only ever looked up inside of
 * the archive, so that "../" leads nowhere.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "ingest/numformat.h"
#include "ingest/xlsx.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define MAX_SHEETS  1024
#define MAX_STYLES  65536
#define MAX_FORMATS 8192
#define MAX_NAMES   (1024 * 1024) /* bytes of names of sheets, and of relationships */

/* strings are collected in buffers: name NUL value NUL ... */
typedef struct Relations
{
	GrowBuffer entries; /* id, type, target */
} Relations;

typedef struct WorkbookPart
{
	GrowBuffer sheets; /* name, id, state */
	bool date1904;
} WorkbookPart;

typedef struct CustomFormat
{
	int id;
	NumberClass number_class;
} CustomFormat;

typedef struct StylesPart
{
	GrowBuffer formats; /* CustomFormat */
	GrowBuffer styles;  /* int: the format of each */
	bool in_cell_styles;
} StylesPart;

static void
append_string(GrowBuffer *buffer, const char *text)
{
	grow_append(buffer, text != NULL ? text : "", text != NULL ? strlen(text) + 1 : 1);
}

static void
ignore_end(void *state, const char *name)
{
}

/* ---- relations of a part ---- */

static void
relations_start(void *state, const char *name, const char **attributes)
{
	Relations *relations = state;

	if (strcmp(name, "Relationship") != 0)
		return;
	append_string(&relations->entries, xml_attribute(attributes, "Id"));
	append_string(&relations->entries, xml_attribute(attributes, "Type"));
	append_string(&relations->entries, xml_attribute(attributes, "Target"));
}

static const char *
relations_problem(void *state)
{
	return ((Relations *) state)->entries.failed ? "It has too many relationships." : NULL;
}

static const XmlHandler relations_handler = {
	.start = relations_start, .end = ignore_end, .problem = relations_problem};

static bool
ends_with(const char *text, const char *suffix)
{
	size_t length = strlen(text);
	size_t suffix_length = strlen(suffix);

	return length >= suffix_length && strcmp(text + length - suffix_length, suffix) == 0;
}

/*
 * Calls `found` for each triple of strings.
 */
typedef bool (*TripleCallback)(void *arg, const char *first, const char *second, const char *third);

static void
each_triple(const GrowBuffer *buffer, TripleCallback callback, void *arg)
{
	const char *p = buffer->data;
	const char *end = p + buffer->length;

	while (p < end)
	{
		const char *first = p;
		const char *second = first + strlen(first) + 1;
		const char *third = second + strlen(second) + 1;

		CHECK_FOR_INTERRUPTS();
		p = third + strlen(third) + 1;
		if (callback(arg, first, second, third))
			return;
	}
}

typedef struct RelationSearch
{
	const char *id;   /* or NULL */
	const char *type; /* the end of the type's name, or NULL */
	const char *target;
	const char *found_type;
} RelationSearch;

static bool
match_relation(void *arg, const char *id, const char *type, const char *target)
{
	RelationSearch *search = arg;

	if (search->id != NULL && strcmp(search->id, id) != 0)
		return false;
	if (search->type != NULL && !ends_with(type, search->type))
		return false;
	search->target = target;
	search->found_type = type;
	return true;
}

/* a target as the name of a part: relative to the folder of `base` or absolute */
static char *
resolve_target(const char *base, const char *target)
{
	const char *slash = strrchr(base, '/');
	char *path;

	if (target[0] == '/')
		return pstrdup(target + 1);
	path = slash == NULL ? pstrdup("") : pnstrdup(base, slash - base);
	while (strncmp(target, "../", 3) == 0 || strncmp(target, "./", 2) == 0)
	{
		if (target[1] == '.')
		{
			char *last = strrchr(path, '/');

			if (last != NULL)
				*last = '\0';
			else
				path[0] = '\0';
			target++;
		}
		target += 2;
	}
	return path[0] == '\0' ? pstrdup(target) : psprintf("%s/%s", path, target);
}

static char *
relations_part(const char *part)
{
	const char *slash = strrchr(part, '/');

	if (slash == NULL)
		return psprintf("_rels/%s.rels", part);
	return psprintf("%.*s/_rels/%s.rels", (int) (slash - part), part, slash + 1);
}

/* ---- the workbook itself ---- */

static bool
is_true(const char *value)
{
	return value != NULL && (strcmp(value, "1") == 0 || pg_strcasecmp(value, "true") == 0 ||
							 pg_strcasecmp(value, "on") == 0);
}

static void
workbook_start(void *state, const char *name, const char **attributes)
{
	WorkbookPart *part = state;

	if (strcmp(name, "workbookPr") == 0)
		part->date1904 = is_true(xml_attribute(attributes, "date1904"));
	else if (strcmp(name, "sheet") == 0)
	{
		/* "id" comes twice: sheetId has another name, r:id is what we want */
		append_string(&part->sheets, xml_attribute(attributes, "name"));
		append_string(&part->sheets, xml_attribute(attributes, "id"));
		append_string(&part->sheets, xml_attribute(attributes, "state"));
	}
}

static const char *
workbook_problem(void *state)
{
	return ((WorkbookPart *) state)->sheets.failed ? "It has too many sheets." : NULL;
}

static const XmlHandler workbook_handler = {
	.start = workbook_start, .end = ignore_end, .problem = workbook_problem};

/* ---- styles ---- */

static void
styles_start(void *state, const char *name, const char **attributes)
{
	StylesPart *part = state;
	const char *id = xml_attribute(attributes, "numFmtId");

	if (strcmp(name, "numFmt") == 0)
	{
		const char *code = xml_attribute(attributes, "formatCode");
		CustomFormat format = {.id = id != NULL ? atoi(id) : -1,
							   .number_class = numformat_classify(code != NULL ? code : "")};

		grow_append(&part->formats, &format, sizeof(format));
	}
	else if (strcmp(name, "cellXfs") == 0)
		part->in_cell_styles = true;
	else if (strcmp(name, "xf") == 0 && part->in_cell_styles)
	{
		int format = id != NULL ? atoi(id) : 0;

		grow_append(&part->styles, &format, sizeof(format));
	}
}

static void
styles_end(void *state, const char *name)
{
	if (strcmp(name, "cellXfs") == 0)
		((StylesPart *) state)->in_cell_styles = false;
}

static const char *
styles_problem(void *state)
{
	StylesPart *part = state;

	return part->formats.failed || part->styles.failed ? "It has too many styles." : NULL;
}

static const XmlHandler styles_handler = {
	.start = styles_start, .end = styles_end, .problem = styles_problem};

static NumberClass
format_class(const StylesPart *part, int id)
{
	const CustomFormat *formats = (const CustomFormat *) part->formats.data;
	size_t count = part->formats.length / sizeof(CustomFormat);

	for (size_t i = 0; i < count; i++)
		if (formats[i].id == id)
			return formats[i].number_class;
	return numformat_builtin(id);
}

static void
read_styles(ZipArchive *archive, const char *name, XlsxWorkbook *workbook)
{
	StylesPart *part = palloc0(sizeof(StylesPart));
	const int *formats;

	part->formats.cap = MAX_FORMATS * sizeof(CustomFormat);
	part->styles.cap = MAX_STYLES * sizeof(int);
	grow_free_with_context(&part->formats);
	grow_free_with_context(&part->styles);
	xml_read_part(archive, name, &styles_handler, part);
	formats = (const int *) part->styles.data;
	workbook->nclasses = (int) (part->styles.length / sizeof(int));
	workbook->classes = palloc(Max(workbook->nclasses, 1));
	for (int i = 0; i < workbook->nclasses; i++)
	{
		CHECK_FOR_INTERRUPTS();
		workbook->classes[i] = (uint8) format_class(part, formats[i]);
	}
	grow_free(&part->formats);
	grow_free(&part->styles);
}

/* ---- all of it ---- */

typedef struct SheetCollector
{
	XlsxWorkbook *workbook;
	const char *workbook_part;
	const Relations *relations;
} SheetCollector;

static bool
collect_sheet(void *arg, const char *name, const char *id, const char *state)
{
	SheetCollector *collector = arg;
	RelationSearch search = {.id = id};
	XlsxSheet *sheet;

	each_triple(&collector->relations->entries, match_relation, &search);
	if (search.target == NULL || !ends_with(search.found_type, "/worksheet"))
		return false; /* a chart, a dialog, a macro */
	if (list_length(collector->workbook->sheets) == MAX_SHEETS)
		ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_UNSUPPORTED),
						errmsg("workbook has more than %d sheets", MAX_SHEETS)));
	sheet = palloc(sizeof(XlsxSheet));
	sheet->name = pstrdup(name);
	sheet->hidden = state[0] != '\0' && strcmp(state, "visible") != 0;
	sheet->part = resolve_target(collector->workbook_part, search.target);
	collector->workbook->sheets = lappend(collector->workbook->sheets, sheet);
	return false;
}

static char *
related_part(const Relations *relations, const char *base, const char *type)
{
	RelationSearch search = {.type = type};

	each_triple(&relations->entries, match_relation, &search);
	return search.target != NULL ? resolve_target(base, search.target) : NULL;
}

static void
reject_other_kinds(ZipArchive *archive, const char *workbook_part)
{
	if (ends_with(workbook_part, ".bin"))
		ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_UNSUPPORTED),
						errmsg("binary workbooks (.xlsb) are not read"),
						errhint("Save it as .xlsx, then upload it again.")));
	if (zip_archive_has(archive, workbook_part))
		return;
	if (zip_archive_has(archive, "content.xml"))
		ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_UNSUPPORTED),
						errmsg("OpenDocument spreadsheets (.ods) are not read"),
						errhint("Save it as .xlsx, then upload it again.")));
	ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_UNSUPPORTED), errmsg("file is not a workbook"),
					errdetail("It is a zip archive without a workbook in it.")));
}

static Relations *
read_relations(ZipArchive *archive, const char *part)
{
	Relations *relations = palloc0(sizeof(Relations));

	relations->entries.cap = MAX_NAMES;
	grow_free_with_context(&relations->entries);
	if (zip_archive_has(archive, part))
		xml_read_part(archive, part, &relations_handler, relations);
	return relations;
}

static char *
find_workbook_part(ZipArchive *archive)
{
	Relations *top = read_relations(archive, "_rels/.rels");
	char *part = related_part(top, "", "/officeDocument");

	if (part != NULL)
		return part;
	return pstrdup(zip_archive_has(archive, "xl/workbook.bin") ? "xl/workbook.bin"
															   : "xl/workbook.xml");
}

XlsxWorkbook *
xlsx_read_workbook(ZipArchive *archive)
{
	XlsxWorkbook *workbook = palloc0(sizeof(XlsxWorkbook));
	WorkbookPart *part = palloc0(sizeof(WorkbookPart));
	char *name = find_workbook_part(archive);
	SheetCollector collector = {.workbook = workbook, .workbook_part = name};
	char *styles;

	reject_other_kinds(archive, name);
	collector.relations = read_relations(archive, relations_part(name));
	part->sheets.cap = MAX_NAMES;
	grow_free_with_context(&part->sheets);
	xml_read_part(archive, name, &workbook_handler, part);
	workbook->date1904 = part->date1904;
	each_triple(&part->sheets, collect_sheet, &collector);

	styles = related_part(collector.relations, name, "/styles");
	if (styles != NULL && zip_archive_has(archive, styles))
		read_styles(archive, styles, workbook);
	workbook->strings_part = related_part(collector.relations, name, "/sharedStrings");
	if (workbook->strings_part != NULL && !zip_archive_has(archive, workbook->strings_part))
		workbook->strings_part = NULL;
	return workbook;
}
