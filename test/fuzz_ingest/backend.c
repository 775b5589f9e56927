/*-------------------------------------------------------------------------
 *
 * backend.c
 *		What the readers of files use of a PostgreSQL backend, for the fuzzer.
 *
 * Every palloc() is a malloc() of its own, so that AddressSanitizer sees where
 * each begins and ends; a context is the list of them.  An error jumps as in the
 * server.  What PostgreSQL has in libpgcommon and libpgport is linked from there;
 * conversions between encodings are those of the C library.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <iconv.h>
#include <sanitizer/asan_interface.h>
#include <time.h>

#include "fuzz_ingest/backend.h"
#include "ingest/progress.h"
#include "catalog/namespace.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/memnodes.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/memutils.h"

/* the C library's own: AddressSanitizer looks at what they read */
#undef vsnprintf
#undef snprintf

/* ---- memory ---- */

/* before each piece; its last part is poisoned, so that reading before the piece shows */
typedef struct Piece
{
	struct Piece *previous;
	struct Piece *next;
	MemoryContext context;
	Size size;
	char guard[16];
} Piece;

typedef struct Context
{
	MemoryContextData base;
	Piece pieces; /* the head of the list */
} Context;

MemoryContext CurrentMemoryContext;
volatile sig_atomic_t InterruptPending;

static Piece *
piece_of(void *pointer)
{
	return (Piece *) ((char *) pointer - sizeof(Piece));
}

static void
link_piece(Piece *piece, Context *context)
{
	piece->context = &context->base;
	piece->previous = &context->pieces;
	piece->next = context->pieces.next;
	piece->next->previous = piece;
	context->pieces.next = piece;
}

static void
unlink_piece(Piece *piece)
{
	piece->previous->next = piece->next;
	piece->next->previous = piece->previous;
}

static void *
allocate(MemoryContext context, Size size, Size limit)
{
	Piece *piece;

	if (size > limit)
		elog(ERROR, "invalid memory alloc request size %zu", size);
	piece = malloc(sizeof(Piece) + size);
	if (piece == NULL)
		abort();
	piece->size = size;
	link_piece(piece, (Context *) context);
	ASAN_POISON_MEMORY_REGION(piece->guard, sizeof(piece->guard));
	return piece + 1;
}

static void *
reallocate(void *pointer, Size size, Size limit)
{
	Piece *piece = piece_of(pointer);
	void *result = allocate(piece->context, size, limit);

	memcpy(result, pointer, Min(size, piece->size));
	pfree(pointer);
	return result;
}

void *
palloc(Size size)
{
	return allocate(CurrentMemoryContext, size, MaxAllocSize);
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void *
MemoryContextAllocHuge(MemoryContext context, Size size)
{
	return allocate(context, size, MaxAllocHugeSize);
}

void *
repalloc(void *pointer, Size size)
{
	return reallocate(pointer, size, MaxAllocSize);
}

void *
repalloc_huge(void *pointer, Size size)
{
	return reallocate(pointer, size, MaxAllocHugeSize);
}

void
pfree(void *pointer)
{
	Piece *piece = piece_of(pointer);

	unlink_piece(piece);
	ASAN_UNPOISON_MEMORY_REGION(piece->guard, sizeof(piece->guard));
	free(piece);
}

char *
pnstrdup(const char *text, Size length)
{
	char *copy;

	length = strnlen(text, length);
	copy = palloc(length + 1);
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *
pstrdup(const char *text)
{
	return pnstrdup(text, strlen(text));
}

MemoryContext
AllocSetContextCreateInternal(MemoryContext parent, const char *name, Size min, Size initial,
							  Size max)
{
	Context *context = calloc(1, sizeof(Context));

	context->base.type = T_AllocSetContext;
	context->base.name = name;
	context->base.parent = parent;
	context->pieces.next = context->pieces.previous = &context->pieces;
	if (parent != NULL)
	{
		context->base.nextchild = parent->firstchild;
		if (parent->firstchild != NULL)
			parent->firstchild->prevchild = &context->base;
		parent->firstchild = &context->base;
	}
	return &context->base;
}

void
MemoryContextRegisterResetCallback(MemoryContext context, MemoryContextCallback *callback)
{
	callback->next = context->reset_cbs;
	context->reset_cbs = callback;
}

void
MemoryContextReset(MemoryContext context)
{
	Context *own = (Context *) context;

	while (context->firstchild != NULL)
		MemoryContextDelete(context->firstchild);
	while (context->reset_cbs != NULL)
	{
		MemoryContextCallback *callback = context->reset_cbs;

		context->reset_cbs = callback->next;
		callback->func(callback->arg);
	}
	while (own->pieces.next != &own->pieces)
		pfree(own->pieces.next + 1);
}

void
MemoryContextDelete(MemoryContext context)
{
	MemoryContextReset(context);
	if (context->nextchild != NULL)
		context->nextchild->prevchild = context->prevchild;
	if (context->prevchild != NULL)
		context->prevchild->nextchild = context->nextchild;
	else if (context->parent != NULL)
		context->parent->firstchild = context->nextchild;
	free(context);
}

/* ---- errors ---- */

sigjmp_buf *PG_exception_stack;
ErrorContextCallback *error_context_stack;

static int error_code;
static char error_text[4096];

bool
errstart(int level, const char *domain)
{
	error_code = level >= ERROR ? ERRCODE_INTERNAL_ERROR : 0;
	return level >= ERROR;
}

bool
errstart_cold(int level, const char *domain)
{
	return errstart(level, domain);
}

int
errcode(int code)
{
	error_code = code;
	return 0;
}

/* all of a message is made, as the server does it */
#define FORMAT_INTO(buffer)                                          \
	do                                                               \
	{                                                                \
		va_list arguments;                                           \
		va_start(arguments, format);                                 \
		(void) vsnprintf(buffer, sizeof(buffer), format, arguments); \
		va_end(arguments);                                           \
	} while (0)

int
errmsg(const char *format, ...)
{
	FORMAT_INTO(error_text);
	return 0;
}

int
errmsg_internal(const char *format, ...)
{
	FORMAT_INTO(error_text);
	return 0;
}

int
errdetail(const char *format, ...)
{
	char text[4096];

	FORMAT_INTO(text);
	return 0;
}

int
errhint(const char *format, ...)
{
	char text[4096];

	FORMAT_INTO(text);
	return 0;
}

void
errfinish(const char *file, int line, const char *function)
{
	siglongjmp(*PG_exception_stack, 1);
}

ErrorData *
CopyErrorData(void)
{
	ErrorData *error = palloc0(sizeof(ErrorData));

	error->sqlerrcode = error_code;
	error->message = pstrdup(error_text);
	return error;
}

void
FlushErrorState(void)
{
}

void
ReThrowError(ErrorData *error)
{
	error_code = error->sqlerrcode;
	(void) snprintf(error_text, sizeof(error_text), "%s", error->message);
	siglongjmp(*PG_exception_stack, 1);
}

const char *
backend_error(int *code)
{
	*code = error_code;
	return error_text;
}

void
ExceptionalCondition(const char *condition, const char *type, const char *file, int line)
{
	fprintf(stderr, "TRAP: %s: %s, %s:%d\n", type, condition, file, line);
	abort();
}

static int interrupts_left;

void
backend_cancel_after(int count)
{
	InterruptPending = count >= 0;
	interrupts_left = count;
}

void
ProcessInterrupts(void)
{
	if (interrupts_left-- > 0)
		return;
	InterruptPending = false;
	ereport(ERROR, (errcode(ERRCODE_QUERY_CANCELED), errmsg("query canceled")));
}

void
progress_row(void)
{
}

/* ---- texts ---- */

size_t
pvsnprintf(char *buffer, size_t length, const char *format, va_list arguments)
{
	int written = vsnprintf(buffer, length, format, arguments);

	if (written < 0)
		abort();
	return (size_t) written < length ? (size_t) written : (size_t) written + 1;
}

char *
psprintf(const char *format, ...)
{
	size_t room = 128;

	for (;;)
	{
		char *text = palloc(room);
		va_list arguments;
		size_t written;

		va_start(arguments, format);
		written = pvsnprintf(text, room, format, arguments);
		va_end(arguments);
		if (written < room)
			return text;
		pfree(text);
		room = written;
	}
}

/* ---- lists ---- */

List *
lappend(List *list, void *datum)
{
	if (list == NIL)
	{
		list = palloc0(sizeof(List));
		list->type = T_List;
		list->max_length = 4;
		list->elements = palloc(list->max_length * sizeof(ListCell));
	}
	if (list->length == list->max_length)
	{
		list->max_length *= 2;
		list->elements = repalloc(list->elements, list->max_length * sizeof(ListCell));
	}
	list->elements[list->length++].ptr_value = datum;
	return list;
}

void
list_free(List *list)
{
	if (list == NIL)
		return;
	pfree(list->elements);
	pfree(list);
}

/* ---- encodings: the database's is UTF-8 ---- */

/* not those for which the C library holds letters back, to put marks upon them */
static const struct
{
	int encoding;
	const char *name;
} conversions[] = {{PG_WIN1252, "CP1252"}, {PG_LATIN1, "ISO-8859-1"}, {PG_WIN1250, "CP1250"},
				   {PG_WIN1251, "CP1251"}, {PG_WIN866, "CP866"},      {PG_WIN874, "CP874"},
				   {PG_WIN1253, "CP1253"}, {PG_WIN1254, "CP1254"},    {PG_WIN1256, "CP1256"},
				   {PG_WIN1257, "CP1257"}, {PG_KOI8R, "KOI8-R"},      {PG_KOI8U, "KOI8-U"},
				   {PG_SJIS, "CP932"},     {PG_GBK, "GBK"},           {PG_UHC, "CP949"},
				   {PG_BIG5, "BIG5"},      {PG_EUC_JP, "EUC-JP"},     {PG_EUC_KR, "EUC-KR"},
				   {PG_EUC_CN, "GB2312"},  {PG_LATIN2, "ISO-8859-2"}, {PG_ISO_8859_5, "ISO-8859-5"},
				   {PG_GB18030, "GB18030"}};

static iconv_t opened[lengthof(conversions)];

Oid
FindDefaultConversionProc(int32 from, int32 to)
{
	if (to == PG_UTF8)
		for (int i = 0; i < (int) lengthof(conversions); i++)
			if (conversions[i].encoding == from)
				return (Oid) i + 1;
	return InvalidOid;
}

/* stops before what can not be converted, and at a zero byte; ends with one */
int
pg_do_encoding_conversion_buf(Oid proc, int from, int to, unsigned char *bytes, int length,
							  unsigned char *into, int room, bool no_error)
{
	char *in = (char *) bytes;
	char *out = (char *) into;
	size_t left;
	size_t out_left = room - 1;

	/* as much as has room whatever it becomes */
	if ((Size) length >= (Size) (room - 1) / MAX_CONVERSION_GROWTH)
		length = (room - 1) / MAX_CONVERSION_GROWTH;
	left = strnlen(in, length);
	if (opened[proc - 1] == NULL)
		opened[proc - 1] = iconv_open("UTF-8", conversions[proc - 1].name);
	iconv(opened[proc - 1], NULL, NULL, NULL, NULL);
	iconv(opened[proc - 1], &in, &left, &out, &out_left);
	*out = '\0';
	return (int) (in - (char *) bytes);
}

int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

char *
pg_any_to_server(const char *text, int length, int encoding)
{
	return unconstify(char *, text);
}

bool
pg_verify_mbstr(int encoding, const char *text, int length, bool no_error)
{
	return pg_encoding_verifymbstr(encoding, text, length) == length;
}

int
pg_encoding_mbcliplen(int encoding, const char *text, int length, int limit)
{
	int clipped = 0;

	while (clipped < length && text[clipped] != '\0')
	{
		int one = pg_utf_mblen((const unsigned char *) text + clipped);

		if (clipped + one > limit)
			break;
		clipped += one;
		if (clipped >= limit)
			break;
	}
	return clipped;
}

int
pg_mbstrlen_with_len(const char *text, int length)
{
	int count = 0;

	for (int at = 0; at < length; at += pg_utf_mblen((const unsigned char *) text + at))
		count++;
	return count;
}

/* for messages alone */
char *
format_type_with_typemod(Oid type, int32 typmod)
{
	return psprintf("%u(%d)", type, typmod);
}

void
pq_sendfloat4(StringInfo into, float4 value)
{
	uint32 bits;

	memcpy(&bits, &value, sizeof(bits));
	pq_sendint32(into, bits);
}

void
pq_sendfloat8(StringInfo into, float8 value)
{
	uint64 bits;

	memcpy(&bits, &value, sizeof(bits));
	pq_sendint64(into, bits);
}

/* ---- dates ---- */

const int day_tab[2][13] = {{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0},
							{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0}};

/* days of the Julian calendar's count, by the civil calendar */
int
date2j(int year, int month, int day)
{
	int64 y = month <= 2 ? (int64) year - 1 : year;
	int64 era = (y >= 0 ? y : y - 399) / 400;
	int64 of_era = y - era * 400;
	int64 of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return (int) (era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year + 1721120);
}

int
timestamp2tm(Timestamp timestamp, int *zone, struct pg_tm *tm, fsec_t *fraction, const char **name,
			 pg_tz *tz)
{
	time_t seconds = (time_t) (timestamp / USECS_PER_SEC) + 946684800;
	struct tm broken;

	*fraction = (fsec_t) (timestamp % USECS_PER_SEC);
	if (*fraction < 0)
	{
		*fraction += USECS_PER_SEC;
		seconds--;
	}
	if (gmtime_r(&seconds, &broken) == NULL)
		return -1;
	tm->tm_year = broken.tm_year + 1900;
	tm->tm_mon = broken.tm_mon + 1;
	tm->tm_mday = broken.tm_mday;
	tm->tm_hour = broken.tm_hour;
	tm->tm_min = broken.tm_min;
	tm->tm_sec = broken.tm_sec;
	return 0;
}

void
EncodeDateOnly(struct pg_tm *tm, int style, char *text)
{
	sprintf(text, "%04d-%02d-%02d", tm->tm_year, tm->tm_mon, tm->tm_mday);
}

void
EncodeDateTime(struct pg_tm *tm, fsec_t fraction, bool print_zone, int zone, const char *name,
			   int style, char *text)
{
	sprintf(text, "%04d-%02d-%02d %02d:%02d:%02d.%06d", tm->tm_year, tm->tm_mon, tm->tm_mday,
			tm->tm_hour, tm->tm_min, tm->tm_sec, (int) fraction);
}
