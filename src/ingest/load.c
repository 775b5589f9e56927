/*-------------------------------------------------------------------------
 *
 * load.c
 *		The rows of a sheet into a table, by COPY's own engine.
 *
 * COPY asks for bytes by a callback that has no argument, so the load that is
 * running is kept in a static variable.  Loads nest where a trigger or a check
 * of the table that rows are appended to uploads something itself; the outer one
 * is put back when the inner one has ended.
 *
 * Texts reach the table through the types' receive functions, which take them to
 * be in the client's encoding; so that is the server's while a load runs.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/table.h"
#include "commands/copy.h"
#include "commands/copyfrom_internal.h"
#include "ingest/load.h"
#include "ingest/progress.h"
#include "ingest/upload.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#define OUT_SIZE 65536
/* rows that COPY's engine may hold back: what fits OUT_SIZE, and a batch of inserts */
#define RECENT_ROWS 32768

typedef struct Load
{
	SheetReader *reader;
	const SheetLayout *layout;
	RowEncoder *encoder;
	StringInfoData out;
	int position;
	bool finished;
	MemoryContext row_context;
	int64 rows;
	CopyFromState copy;
	int64 encoding; /* number of the row that is being encoded, or 0 */
	int64 *numbers; /* of the RECENT_ROWS rows that were encoded last, in the file */
} Load;

static Load *running_load = NULL;

static void
fill_out(Load *load)
{
	SheetRow row;

	resetStringInfo(&load->out);
	load->position = 0;
	while (load->out.len < OUT_SIZE)
	{
		MemoryContext caller;

		if (!sheet_next_filled_row(load->reader, &row))
		{
			load->finished = true;
			encode_trailer(&load->out);
			return;
		}
		if (row.number < load->layout->first_row)
			continue;
		caller = MemoryContextSwitchTo(load->row_context);
		load->encoding = row.number;
		encode_row(load->encoder, &row, &load->out);
		load->encoding = 0;
		load->numbers[load->rows % RECENT_ROWS] = row.number;
		MemoryContextSwitchTo(caller);
		MemoryContextReset(load->row_context);
		load->rows++;
		progress_row();
	}
}

/*
 * COPY counts the rows that it was given; people count those of the file.
 */
static void
row_context(void *arg)
{
	const Load *load = arg;
	int64 row = load->encoding;
	int64 line = load->copy != NULL ? (int64) load->copy->cur_lineno : 0;

	if (row == 0 && line > 0 && line <= load->rows && line > load->rows - RECENT_ROWS)
		row = load->numbers[(line - 1) % RECENT_ROWS];
	if (row > 0)
		errcontext("row %lld of the file", (long long) row);
}

static int
give_bytes(void *into, int minread, int maxread)
{
	Load *load = running_load;
	int done = 0;

	while (done < minread)
	{
		int chunk;

		if (load->position == load->out.len)
		{
			if (load->finished)
				break;
			CHECK_FOR_INTERRUPTS();
			fill_out(load);
		}
		chunk = Min(maxread - done, load->out.len - load->position);
		memcpy((char *) into + done, load->out.data + load->position, chunk);
		load->position += chunk;
		done += chunk;
	}
	return done;
}

static List *
column_names(const SheetLayout *layout)
{
	List *names = NIL;

	for (int i = 0; i < layout->ncolumns; i++)
	{
		const char *name = layout->columns[i].name;

		names = lappend(names, makeString(upload_server_text(name)));
	}
	return names;
}

/* the number of rows that reached the table */
static int64
run_copy(Load *load, Relation rel)
{
	ParseState *pstate = make_parsestate(NULL);
	CopyFromState copy;
	uint64 processed;
	List *options = list_make1(makeDefElem("format", (Node *) makeString("binary"), -1));

	pstate->p_sourcetext = "upload";
	addRangeTableEntryForRelation(pstate, rel, RowExclusiveLock, NULL, false, false);
	copy = BeginCopyFrom(pstate, rel, NULL, NULL, false, give_bytes, column_names(load->layout),
						 options);
	load->copy = copy;
	processed = CopyFrom(copy);
	load->copy = NULL;
	EndCopyFrom(copy);
	free_parsestate(pstate);
	return (int64) processed;
}

static void
set_client_encoding(const char *name)
{
	set_config_option("client_encoding", name, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
					  false);
}

int64
load_sheet(SheetReader *reader, const SheetLayout *layout, const SheetOptions *options,
		   Oid relation, int64 *given)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "load", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Load *load = palloc0(sizeof(Load));
	Load *outer = running_load;
	Relation rel = table_open(relation, RowExclusiveLock);
	int guc_level = NewGUCNestLevel();
	ErrorContextCallback callback = {
		.previous = error_context_stack, .callback = row_context, .arg = load};
	volatile int64 rows = 0;

	error_context_stack = &callback;

	load->reader = reader;
	load->layout = layout;
	load->encoder = row_encoder_create(layout, options);
	load->numbers = palloc(RECENT_ROWS * sizeof(int64));
	load->row_context = AllocSetContextCreate(context, "load row", ALLOCSET_DEFAULT_SIZES);
	initStringInfo(&load->out);
	encode_header(&load->out);
	reader->methods->rewind(reader);

	PG_TRY();
	{
		running_load = load;
		if (pg_get_client_encoding() != GetDatabaseEncoding())
			set_client_encoding(GetDatabaseEncodingName());
		rows = run_copy(load, rel);
	}
	PG_FINALLY();
	{
		running_load = outer;
		AtEOXact_GUC(true, guc_level);
	}
	PG_END_TRY();

	error_context_stack = callback.previous;
	*given = load->rows;
	table_close(rel, NoLock);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return rows;
}
