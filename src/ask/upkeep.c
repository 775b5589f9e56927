/*-------------------------------------------------------------------------
 *
 * upkeep.c
 *		Task kinds "retention" and "statistics": what a worker does for the
 *		installation once a day.
 *
 * Retention deletes what the settings say is kept no longer, a batch a
 * transaction, so that nobody waits for its locks and VACUUM can follow.
 *
 * Statistics analyzes what autovacuum leaves out: partitioned tables, and
 * tables of tenants and exposed schemas that were never analyzed because they
 * were loaded and not changed since.  The planner needs them, and so do the
 * estimates by which the guard and the catalog go.  ANALYZE runs the owners'
 * functions in indexes, as the owners: so each table is done apart from the
 * others, in no order that anybody could count on.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ask/upkeep.h"
#include "catalog/pg_type.h"
#include "common/apart.h"
#include "common/json.h"
#include "common/owner.h"
#include "common/settings.h"
#include "miscadmin.h"
#include "task/task.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define UPKEEP_TIMEOUT 3600 /* s */
#define BATCH          "5000"
/* of one run */
#define TABLES_MAX "500"
/* ms for one table: a sample is read, not the whole */
#define ANALYZE_TIMEOUT 60000

/* $1: what is older goes */
#define DELETE_BATCH(table, condition)                                                            \
	"DELETE FROM sql_agent." table " WHERE ctid = ANY (ARRAY(SELECT d.ctid FROM sql_agent." table \
	" d WHERE " condition " LIMIT " BATCH " FOR UPDATE SKIP LOCKED))"

static const struct
{
	const char *what;
	const int *retention; /* s, 0 = for ever */
	const char *statement;
} retentions[] = {
	{"tasks", &setting_task_retention, DELETE_BATCH("task", "d.finished_at < $1")},
	{"questions", &setting_question_retention, DELETE_BATCH("question", "d.created_at < $1")},
	{"answers", &setting_question_retention, DELETE_BATCH("chat_answer", "d.answered_at < $1")},
	{"chats", &setting_chat_retention,
	 DELETE_BATCH("chat", "d.created_at < $1 AND NOT d.is_default AND NOT EXISTS (SELECT FROM"
						  " sql_agent.question q WHERE q.chat_id = d.id AND q.asked_by = d.owned_by"
						  " AND q.created_at >= $1)")},
	{"insights", &setting_insight_retention, DELETE_BATCH("insight", "d.created_at < $1")},
	/* has a setting of its own */
	{"uploads", NULL, "SELECT sql_agent.upload_expire()"}};

#define FIND_TABLES                                                                      \
	"SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)"                     \
	" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"                     \
	" LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid"                                 \
	" WHERE n.nspname IN (SELECT name FROM sql_agent.tenant"                             \
	"   UNION ALL SELECT schema FROM sql_agent.exposed_schemas)"                         \
	" AND CASE c.relkind"                                                                \
	"   WHEN 'p' THEN coalesce(s.last_analyze, '-infinity') < now() - interval '7 days'" \
	"   WHEN 'r' THEN c.reltuples < 0 AND pg_relation_size(c.oid) > 0"                   \
	"   WHEN 'm' THEN c.reltuples < 0 AND pg_relation_size(c.oid) > 0 ELSE false END"    \
	" AND c.relpersistence <> 't' ORDER BY random() LIMIT " TABLES_MAX

/*
 * What was done is committed, and the next begins anew.
 */
static void
commit_batch(void)
{
	MemoryContext context = CurrentMemoryContext;

	if (task_pause())
		task_resume();
	MemoryContextSwitchTo(context);
	CHECK_FOR_INTERRUPTS();
}

static int64
run_statement(const char *statement, TimestampTz limit, bool is_delete)
{
	Oid type = TIMESTAMPTZOID;
	Datum value = TimestampTzGetDatum(limit);
	OwnerScope scope;
	bool isnull;
	int64 count;

	owner_scope_enter(&scope);
	if (SPI_execute_with_args(statement, is_delete ? 1 : 0, &type, &value, NULL, false, 0) < 0)
		elog(ERROR, "could not delete what is kept no longer");
	count = is_delete ? (int64) SPI_processed
					  : DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
													&isnull));
	owner_scope_leave(&scope);
	return count;
}

static int64
delete_all(const char *statement, int retention)
{
	TimestampTz limit = GetCurrentTimestamp() - (int64) retention * USECS_PER_SEC;
	int64 total = 0;
	int64 count;

	do
	{
		count = run_statement(statement, limit, true);
		total += count;
		commit_batch();
	} while (count > 0);
	return total;
}

static Jsonb *
run_retention(TaskRun *run)
{
	MemoryContext outer = MemoryContextSwitchTo(AllocSetContextCreate(
		GetMemoryChunkContext(run->payload), "sql_agent retention", ALLOCSET_SMALL_SIZES));
	JsonBuilder json;
	int64 counts[lengthof(retentions)] = {0};

	for (int i = 0; i < lengthof(retentions); i++)
	{
		task_report_progress(100.0 * i / lengthof(retentions), "%s", retentions[i].what);
		if (retentions[i].retention == NULL)
			counts[i] = run_statement(retentions[i].statement, 0, false);
		else if (*retentions[i].retention > 0)
			counts[i] = delete_all(retentions[i].statement, *retentions[i].retention);
	}
	json_start(&json);
	json_begin_object(&json, NULL);
	for (int i = 0; i < lengthof(retentions); i++)
		json_int(&json, retentions[i].what, counts[i]);
	json_end_object(&json);
	MemoryContextSwitchTo(outer);
	return json_finish(&json);
}

static List *
tables_to_analyze(void)
{
	MemoryContext context = CurrentMemoryContext;
	List *tables = NIL;
	OwnerScope scope;

	owner_scope_enter(&scope);
	if (SPI_execute(FIND_TABLES, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not list tables");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char *name = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		MemoryContext old = MemoryContextSwitchTo(context);

		tables = lappend(tables, pstrdup(name));
		MemoryContextSwitchTo(old);
	}
	owner_scope_leave(&scope);
	return tables;
}

/* one that somebody has locked is left for the next day */
static void
analyze(void *table)
{
	OwnerScope scope;

	owner_scope_enter(&scope);
	if (SPI_execute(psprintf("ANALYZE (SKIP_LOCKED) %s", (char *) table), false, 0) < 0)
		elog(ERROR, "could not analyze %s", (char *) table);
	owner_scope_leave(&scope);
}

static Jsonb *
run_statistics(TaskRun *run)
{
	MemoryContext outer = MemoryContextSwitchTo(AllocSetContextCreate(
		GetMemoryChunkContext(run->payload), "sql_agent statistics", ALLOCSET_SMALL_SIZES));
	List *tables = tables_to_analyze();
	JsonBuilder json;
	ListCell *lc;
	int failed = 0;

	foreach (lc, tables)
	{
		char *table = lfirst(lc);
		ErrorData *error;

		task_report_progress(100.0 * foreach_current_index(lc) / list_length(tables), "%s", table);
		commit_batch();
		error = apart_run(analyze, table, ANALYZE_TIMEOUT);
		if (error == NULL)
			continue;
		ereport(LOG, (errmsg("sql_agent could not analyze table %s: %s", table, error->message)));
		failed++;
	}
	json_start(&json);
	json_begin_object(&json, NULL);
	json_int(&json, "tables", list_length(tables));
	json_int(&json, "failed", failed);
	json_end_object(&json);
	MemoryContextSwitchTo(outer);
	return json_finish(&json);
}

static const TaskKind kinds[] = {{.name = "retention",
								  .queue = QUEUE_MAINTENANCE,
								  .timeout = UPKEEP_TIMEOUT,
								  .max_attempts = 3,
								  .effect = TASK_IDEMPOTENT,
								  .installation = true,
								  .every = SECS_PER_DAY,
								  .open = true,
								  .run = run_retention},
								 {.name = "statistics",
								  .queue = QUEUE_MAINTENANCE,
								  .timeout = UPKEEP_TIMEOUT,
								  .max_attempts = 3,
								  .effect = TASK_IDEMPOTENT,
								  .installation = true,
								  .every = SECS_PER_DAY,
								  .open = true,
								  .run = run_statistics}};

void
upkeep_init(void)
{
	for (int i = 0; i < lengthof(kinds); i++)
		task_register_kind(&kinds[i]);
}
