/*-------------------------------------------------------------------------
 *
 * xlsx_xml.c
 *		Parts of a workbook as XML, by expat.
 *
 * expat reads chunks that we feed it, and calls handlers that keep what they
 * need in memory of their own and raise nothing; errors are raised here, after
 * expat has returned.  A document type, the root of entity bombs, ends the
 * reading at once; nothing outside of the part is ever fetched.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <expat.h>

#include "common/errors.h"
#include "ingest/shown.h"
#include "ingest/xlsx.h"
#include "utils/memutils.h"

#define MAX_DEPTH 256
/* holds elements of other namespaces whose local names are ours: x14:workbookPr */
#define EXTENSIONS "extLst"
#define MAX_TOKEN  (8 * 1024 * 1024) /* of a tag with its attributes, or of a comment */

struct XmlDocument
{
	XML_Parser parser;
	ZipEntry *entry;
	char *part;
	const XmlHandler *handler;
	void *state;
	int depth;
	int skipped_from;    /* depth of the extension that is skipped, 0 = none */
	int64 given;         /* bytes to the parser */
	const char *problem; /* found in a callback */
	bool finished;
	MemoryContextCallback cleanup;
	char chunk[XLSX_CHUNK];
};

static const char *
local_name(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon != NULL ? colon + 1 : name;
}

static void
stop(XmlDocument *document, const char *problem)
{
	if (document->problem == NULL)
		document->problem = problem;
	XML_StopParser(document->parser, XML_FALSE);
}

static void XMLCALL
on_start(void *arg, const char *name, const char **attributes)
{
	XmlDocument *document = arg;

	if (++document->depth > MAX_DEPTH)
		stop(document, "Its elements are nested too deeply.");
	else if (document->skipped_from > 0)
		return;
	else if (strcmp(local_name(name), EXTENSIONS) == 0)
		document->skipped_from = document->depth;
	else
		document->handler->start(document->state, local_name(name), attributes);
}

static void XMLCALL
on_end(void *arg, const char *name)
{
	XmlDocument *document = arg;

	document->depth--;
	if (document->skipped_from > 0)
	{
		if (document->depth < document->skipped_from)
			document->skipped_from = 0;
		return;
	}
	document->handler->end(document->state, local_name(name));
}

static void XMLCALL
on_text(void *arg, const char *text, int length)
{
	XmlDocument *document = arg;

	if (document->handler->text != NULL && document->skipped_from == 0)
		document->handler->text(document->state, text, length);
}

static void XMLCALL
on_doctype(void *arg, const char *name, const char *sysid, const char *pubid, int internal)
{
	stop(arg, "It declares a document type, which no workbook needs.");
}

static void
free_document(void *arg)
{
	XmlDocument *document = arg;

	if (document->parser != NULL)
		XML_ParserFree(document->parser);
	document->parser = NULL;
}

XmlDocument *
xml_document_open(ZipArchive *archive, const char *part, const XmlHandler *handler, void *state)
{
	XmlDocument *document = palloc0(sizeof(XmlDocument));

	document->part = pstrdup(part);
	document->handler = handler;
	document->state = state;
	document->cleanup.func = free_document;
	document->cleanup.arg = document;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &document->cleanup);
	document->parser = XML_ParserCreate(NULL);
	if (document->parser == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	XML_SetUserData(document->parser, document);
	XML_SetElementHandler(document->parser, on_start, on_end);
	XML_SetCharacterDataHandler(document->parser, on_text);
	XML_SetStartDoctypeDeclHandler(document->parser, on_doctype);
	document->entry = zip_entry_open(archive, part);
	return document;
}

static void
pg_attribute_noreturn() part_invalid(const XmlDocument *document, const char *problem)
{
	ereport(ERROR, (errcode(ERRCODE_AGENT_FILE_INVALID),
					errmsg("part \"%s\" of the workbook is damaged", shown(document->part)),
					errdetail("%s", problem),
					errhint("Open the file in a spreadsheet program and save it again.")));
}

bool
xml_document_read(XmlDocument *document)
{
	const char *problem = NULL;
	enum XML_Status status;
	int length;

	if (document->finished)
		return false;
	length = zip_entry_read(document->entry, document->chunk, XLSX_CHUNK);
	status = XML_Parse(document->parser, document->chunk, length, length == 0);
	document->given += length;
	/* expat keeps a tag until it ends, and reads it anew with every chunk */
	if (document->given - Max(XML_GetCurrentByteIndex(document->parser), 0) > MAX_TOKEN)
		stop(document, "A tag or comment of it is longer than 8 MB.");
	if (document->problem == NULL && document->handler->problem != NULL)
		problem = document->handler->problem(document->state);
	if (document->problem != NULL)
		problem = document->problem;
	if (problem != NULL)
		part_invalid(document, problem);
	if (status != XML_STATUS_OK)
		part_invalid(document,
					 psprintf("It is no well-formed XML: %s in line %lu.",
							  XML_ErrorString(XML_GetErrorCode(document->parser)),
							  (unsigned long) XML_GetCurrentLineNumber(document->parser)));
	document->finished = length == 0;
	return true;
}

double
xml_document_progress(const XmlDocument *document)
{
	return document->entry != NULL ? zip_entry_progress(document->entry) : 1;
}

void
xml_document_close(XmlDocument *document)
{
	free_document(document);
	if (document->entry != NULL)
		zip_entry_close(document->entry);
	document->entry = NULL;
}

void
xml_read_part(ZipArchive *archive, const char *part, const XmlHandler *handler, void *state)
{
	XmlDocument *document = xml_document_open(archive, part, handler, state);

	while (xml_document_read(document))
		;
	xml_document_close(document);
}

const char *
xml_attribute(const char **attributes, const char *name)
{
	for (int i = 0; attributes[i] != NULL; i += 2)
		if (strcmp(local_name(attributes[i]), name) == 0)
			return attributes[i + 1];
	return NULL;
}
