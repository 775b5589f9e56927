/*-------------------------------------------------------------------------
 *
 * repair.c
 *		Messages that tell a model what was wrong with its SQL.
 *
 * One message holds all that helps: the statement, the error with its place,
 * and the columns of the tables that it names.  The guard's texts hold no data;
 * where they name a private column (PostgreSQL proposes names that are alike),
 * they are left out.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/display.h"
#include "common/settings.h"
#include "mb/pg_wchar.h"
#include "translate/llm.h"
#include "translate/nearest.h"

#define MAX_TABLES       8
#define MAX_TABLES_BYTES 6000
#define PLACE_CHARACTERS 30

static void
append_safely(StringInfo out, const AskSnapshot *snapshot, const char *title, const char *text)
{
	if (text == NULL || prompt_names_private(snapshot, text))
		return;
	appendStringInfo(out, "%s: %s\n", title, display_plain(text));
}

/* the text of the statement at the place of the error */
static void
append_place(StringInfo out, const char *sql, int position)
{
	const char *at = sql;
	int length;

	if (position < 1)
		return;
	for (int i = 1; i < position && *at; i++)
		at += pg_mblen(at);
	if (*at == '\0')
	{
		appendStringInfoString(out, "Place: the end\n");
		return;
	}
	length = pg_mbcharcliplen(at, strlen(at), PLACE_CHARACTERS);
	appendStringInfo(out, "Place: character %d: %s\n", position,
					 display_plain(pnstrdup(at, length)));
}

/* columns of the tables that the statement names */
static void
append_tables(StringInfo out, AskSnapshot *snapshot, const char *sql)
{
	StringInfoData body;
	int told = 0;

	initStringInfo(&body);
	for (int i = 0; i < snapshot->nrelations && told < MAX_TABLES; i++)
	{
		if (!prompt_names(sql, snapshot->relations[i].name))
			continue;
		schema_text(&body, snapshot, i, RETRIEVE_COLUMNS);
		told++;
		if (body.len > MAX_TABLES_BYTES)
			break;
	}
	if (body.len > 0)
		prompt_fence(out, "Columns of the tables in it", body.data);
}

char *
repair_message(AskSnapshot *snapshot, const char *sql, const LlmProblem *problem)
{
	StringInfoData out;
	StringInfoData body;

	initStringInfo(&out);
	initStringInfo(&body);
	appendStringInfo(&body, "SQL: %s\n", display_plain(sql));
	appendStringInfo(&body, "SQLSTATE: %s\n", unpack_sql_state(problem->sqlstate));
	append_safely(&body, snapshot, "Error", problem->message);
	append_safely(&body, snapshot, "Detail", problem->detail);
	append_safely(&body, snapshot, "Hint", problem->hint);
	append_place(&body, sql, problem->position);
	prompt_fence(&out, "Your SQL does not work", body.data);
	append_tables(&out, snapshot, sql);
	appendStringInfoString(&out, "Answer with the corrected JSON object; sql is null where the "
								 "question can not be answered.\n");
	return out.data;
}

char *
repair_nearest_values(AskSnapshot *snapshot, const char *sql)
{
	StringInfoData out;
	char *body;

	if (setting_share_values == SHARE_NONE)
		return NULL;
	body = nearest_values(snapshot, sql);
	if (body == NULL)
		return NULL;
	initStringInfo(&out);
	appendStringInfoString(&out, "Your SQL runs, and finds no rows. It compares with texts that "
								 "are not stored; these are the stored ones most like them.\n");
	prompt_fence(&out, "Stored values", body);
	appendStringInfoString(&out, "Where one of them is meant, answer with the JSON object again, "
								 "with that value in the SQL; else repeat your answer.\n");
	return out.data;
}
