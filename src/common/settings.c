/*-------------------------------------------------------------------------
 *
 * settings.c
 *		Defines the sql_agent.* parameters (see settings.h for who may set what).
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <limits.h>

#include "common/settings.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/varlena.h"

char *setting_allowed_schemas;
int setting_max_rows;
int setting_max_bytes;
int setting_max_value_size;
int setting_statement_timeout;
int setting_max_memory;
double setting_max_cost;
int setting_parallel_workers;
int setting_join_collapse_limit;
double setting_builtin_confidence;
int setting_clarify;
int setting_remember_answers;
char *setting_as_of;
int setting_fiscal_year_start;
int setting_profile_timeout;
int setting_profile_values;
char *setting_llm;
char *setting_proxy;
char *setting_ca_file;
char *setting_translators;
int setting_max_prompt_tokens;
int setting_max_attempts;
int setting_candidates;
int setting_share_values;
int setting_narrate;
bool setting_auto_provision = false;
bool setting_background_uploads = true;
int setting_max_upload_size;
int setting_upload_retention;
int setting_task_retention;
int setting_question_retention;
int setting_chat_retention;
int setting_insight_retention;
bool setting_enabled;
int setting_workers;
int setting_worker_idle_timeout;
bool setting_task_notify;
bool setting_ask_summary;
int setting_display_rows;
int setting_memory_max_entries;

static const struct config_enum_entry clarify_modes[] = {{"off", CLARIFY_OFF, false},
														 {"suggest", CLARIFY_SUGGEST, false},
														 {"ask", CLARIFY_ASK, false},
														 {NULL, 0, false}};

static const struct config_enum_entry share_modes[] = {{"none", SHARE_NONE, false},
													   {"profiles", SHARE_PROFILES, false},
													   {"results", SHARE_RESULTS, false},
													   {NULL, 0, false}};

static const struct config_enum_entry narrate_modes[] = {
	{"off", NARRATE_OFF, false}, {"model", NARRATE_MODEL, false}, {NULL, 0, false}};

static const char *const translator_names[] = {"memory", "builtin", "llm"};

static bool
is_translator(const char *name)
{
	for (int i = 0; i < lengthof(translator_names); i++)
		if (strcmp(name, translator_names[i]) == 0)
			return true;
	return false;
}

/*
 * Accepts a list of translators, each once, at least one.
 */
static bool
check_translators(char **newval, void **extra, GucSource source)
{
	List *names;
	ListCell *lc;

	if (!SplitIdentifierString(pstrdup(*newval), ',', &names) || names == NIL)
	{
		GUC_check_errdetail("The value must be a list of translators.");
		return false;
	}
	foreach (lc, names)
	{
		const char *name = lfirst(lc);

		if (!is_translator(name))
		{
			GUC_check_errdetail("\"%s\" is not a translator.", name);
			GUC_check_errhint("Translators are \"memory\", \"builtin\" and \"llm\".");
			return false;
		}
		for (int i = 0; i < foreach_current_index(lc); i++)
		{
			if (strcmp(name, list_nth(names, i)) == 0)
			{
				GUC_check_errdetail("\"%s\" is there more than once.", name);
				return false;
			}
		}
	}
	return true;
}

List *
settings_translators(void)
{
	List *names;

	/* was checked when it was set */
	if (!SplitIdentifierString(pstrdup(setting_translators), ',', &names))
		return NIL;
	return names;
}

/*
 * Accepts 'YYYY-MM-DD' or nothing.  date_in() would raise its own error, so
 * the form is checked by hand and the calendar by j2date's round trip.
 */
static bool
check_as_of(char **newval, void **extra, GucSource source)
{
	int year;
	int month;
	int day;
	int used = 0;
	int back_year;
	int back_month;
	int back_day;

	if (*newval == NULL || **newval == '\0')
		return true;
	if (sscanf(*newval, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 ||
		(*newval)[used] != '\0' || month < 1 || month > 12 || day < 1 || day > 31 || year < 1)
	{
		GUC_check_errdetail("The value must be a date in the form YYYY-MM-DD, or empty.");
		return false;
	}
	j2date(date2j(year, month, day), &back_year, &back_month, &back_day);
	if (back_day != day || back_month != month)
	{
		GUC_check_errdetail("There is no such day in the calendar.");
		return false;
	}
	return true;
}

/*
 * The limits that the guard enforces on a generated statement.
 */
static bool
check_ca_file(char **newval, void **extra, GucSource source)
{
	if (*newval == NULL || **newval == '\0' || is_absolute_path(*newval))
		return true;
	GUC_check_errdetail("The value must be an absolute path, or empty.");
	return false;
}

static void
define_guard_settings(void)
{
	DefineCustomStringVariable(
		"sql_agent.allowed_schemas",
		"Sets the schemas that questions of roles without a tenant may be about.",
		"A list of names; \"$user\" stands for a schema named like the asking role.  "
		"Exposed schemas are allowed as well.  Privileges cut the list down.",
		&setting_allowed_schemas, "\"$user\", public", PGC_SUSET, GUC_LIST_INPUT, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"sql_agent.max_rows",
		"Sets the largest number of rows that a generated statement may return.",
		"Further rows are cut and the answer says so.", &setting_max_rows, 10000, 1, 1000000,
		PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"sql_agent.max_bytes", "Sets the largest result that a generated statement may return.",
		NULL, &setting_max_bytes, 3900, 64, 1024 * 1024, PGC_SUSET, GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"sql_agent.max_value_size", "Sets the size above which a single value is cut.", NULL,
		&setting_max_value_size, 64, 1, 64 * 1024, PGC_SUSET, GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"sql_agent.statement_timeout",
		"Sets the time that a generated statement may take, its planning included.",
		"An earlier statement_timeout of the session stays in force.", &setting_statement_timeout,
		10000, 10, INT_MAX / 2, PGC_SUSET, GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomIntVariable("sql_agent.max_memory",
							"Sets the memory that a generated statement may use in its backend.",
							NULL, &setting_max_memory, 256 * 1024, 8 * 1024, INT_MAX / 2, PGC_SUSET,
							GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomRealVariable(
		"sql_agent.max_cost", "Sets the planner cost above which a generated statement is refused.",
		"Reading the tables of the statement fifty times over is allowed on top.  "
		"Zero turns the gate off.  It is advisory: time, memory and size are the walls.",
		&setting_max_cost, 1e6, 0, 1e300, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"sql_agent.parallel_workers",
		"Sets the parallel workers that a generated statement may use per Gather.", NULL,
		&setting_parallel_workers, 2, 0, 64, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("sql_agent.join_collapse_limit",
							"Sets join_collapse_limit and from_collapse_limit inside the fence.",
							NULL, &setting_join_collapse_limit, 8, 1, 16, PGC_SUSET, 0, NULL, NULL,
							NULL);
}

static void
define_reading_settings(void)
{
	DefineCustomRealVariable("sql_agent.builtin_confidence",
							 "Sets the confidence below which the built-in translator abstains.",
							 NULL, &setting_builtin_confidence, 0.6, 0.0, 1.0, PGC_USERSET, 0, NULL,
							 NULL, NULL);
	DefineCustomEnumVariable(
		"sql_agent.clarify", "Sets what happens when a question is too broad or ambiguous.", NULL,
		&setting_clarify, CLARIFY_SUGGEST, clarify_modes, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"sql_agent.remember_answers",
		"Sets how long answers given with clarify() hold for later questions of their chat.",
		"Zero remembers none.", &setting_remember_answers, 3600, 0, INT_MAX / 1000, PGC_USERSET,
		GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"sql_agent.as_of", "Sets the day that relative times such as \"last month\" count from.",
		"Empty means today.", &setting_as_of, "", PGC_USERSET, 0, check_as_of, NULL, NULL);
	DefineCustomIntVariable("sql_agent.fiscal_year_start",
							"Sets the month, 1 to 12, in which fiscal years begin.",
							"A fiscal year is called after the calendar year in which it ends.",
							&setting_fiscal_year_start, 1, 1, 12, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("sql_agent.profile_timeout",
							"Sets the time that reading the values of one relation may take.",
							"Zero turns value profiles off.", &setting_profile_timeout, 250, 0,
							60000, PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomIntVariable("sql_agent.profile_values",
							"Sets how many distinct values of a column are kept in its profile.",
							NULL, &setting_profile_values, 1000, 0, 10000, PGC_USERSET, 0, NULL,
							NULL, NULL);
	DefineCustomIntVariable(
		"sql_agent.memory_max_entries",
		"Sets how many questions and examples are remembered for one asking role.",
		"Beyond that the longest unused ones that nobody verified are forgotten.  "
		"Zero remembers nothing.",
		&setting_memory_max_entries, 10000, 0, 1000000, PGC_SUSET, 0, NULL, NULL, NULL);
}

static void
define_service_settings(void)
{
	DefineCustomStringVariable(
		"sql_agent.llm", "Names the foreign server of the language model that questions may use.",
		"Empty means none.  The asking role needs USAGE on the server.", &setting_llm, "",
		PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"sql_agent.proxy", "Sets the proxy that outside services are reached by.",
		"Empty means none; proxies of the environment are never used.  Services of the own machine "
		"and the own network are called directly.",
		&setting_proxy, "", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"sql_agent.ca_file",
		"Names the file with the certificates of the authorities that outside services are "
		"verified by.",
		"Empty means those of the operating system.", &setting_ca_file, "", PGC_SUSET, 0,
		check_ca_file, NULL, NULL);
}

/*
 * The translators, and what a model may see and cost.
 */
static void
define_model_settings(void)
{
	DefineCustomStringVariable(
		"sql_agent.translators", "Sets which translators are asked, and in which order.",
		"A list of \"memory\", \"builtin\" and \"llm\".  The first that is sure enough wins.",
		&setting_translators, "memory, builtin, llm", PGC_USERSET, GUC_LIST_INPUT,
		check_translators, NULL, NULL);
	DefineCustomIntVariable(
		"sql_agent.max_prompt_tokens", "Sets how many tokens a prompt may have, by estimate.", NULL,
		&setting_max_prompt_tokens, 30000, 2000, 2000000, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("sql_agent.max_attempts",
							"Sets how many statements a model may propose for one question.",
							"After each that does not work it is told why.", &setting_max_attempts,
							3, 1, 10, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"sql_agent.candidates",
		"Sets how many times a model is asked for the first statement; the result that most of "
		"them agree on wins.",
		NULL, &setting_candidates, 1, 1, 9, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable(
		"sql_agent.share_values", "Sets what of the rows may leave for a model.",
		"Names, types, keys and comments of tables and columns leave in any "
		"case, but for columns that are marked private.",
		&setting_share_values, SHARE_PROFILES, share_modes, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("sql_agent.narrate",
							 "Sets who words the sentence that an answer begins with.",
							 "\"model\" needs sql_agent.share_values = results.", &setting_narrate,
							 NARRATE_OFF, narrate_modes, PGC_USERSET, 0, NULL, NULL, NULL);
}

/*
 * Background work.
 */
static void
define_task_settings(void)
{
	DefineCustomBoolVariable(
		"sql_agent.enabled", "Lets background work be done in this database.",
		"CREATE EXTENSION sets it for its database; the launcher looks at that setting of the "
		"database, not at a session's.",
		&setting_enabled, false, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("sql_agent.workers",
							"Sets how many workers a database may have for background work.",
							"Zero runs none.  They are background workers of max_worker_processes.",
							&setting_workers, 4, 0, 64, PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"sql_agent.worker_idle_timeout", "Sets after how long without work a worker ends.", NULL,
		&setting_worker_idle_timeout, 30, 1, 86400, PGC_SIGHUP, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomBoolVariable(
		"sql_agent.task_notify",
		"Sends a notification on channel sql_agent_task when a task is enqueued, tried again or "
		"ends.",
		NULL, &setting_task_notify, false, PGC_SUSET, 0, NULL, NULL, NULL);
}

static void
define_retention(const char *name, const char *description, int *variable, int seconds)
{
	DefineCustomIntVariable(name, description, NULL, variable, seconds, 0, INT_MAX, PGC_SUSET,
							GUC_UNIT_S, NULL, NULL, NULL);
}

void
settings_define(void)
{
	define_guard_settings();
	define_reading_settings();
	define_service_settings();
	define_model_settings();
	define_task_settings();
	DefineCustomBoolVariable(
		"sql_agent.auto_provision",
		"Provisions a tenant for a login that belongs to none when it uploads a file.", NULL,
		&setting_auto_provision, false, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("sql_agent.background_uploads",
							 "Has files made into tables by background workers.", NULL,
							 &setting_background_uploads, true, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("sql_agent.max_upload_size",
							"Sets how large a file may be that is uploaded.", NULL,
							&setting_max_upload_size, 10 * 1024 * 1024, 1, INT_MAX, PGC_SUSET,
							GUC_UNIT_KB, NULL, NULL, NULL);
	define_retention("sql_agent.upload_retention",
					 "Sets for how long the parts of an unfinished upload are kept; 0 keeps them.",
					 &setting_upload_retention, 7 * SECS_PER_DAY);
	define_retention("sql_agent.task_retention",
					 "Sets for how long tasks that have ended are kept; 0 keeps them.",
					 &setting_task_retention, 30 * SECS_PER_DAY);
	define_retention("sql_agent.question_retention",
					 "Sets for how long the history of questions is kept; 0 keeps it.",
					 &setting_question_retention, 0);
	define_retention("sql_agent.chat_retention",
					 "Sets for how long a chat without questions is kept; 0 keeps it.",
					 &setting_chat_retention, 0);
	define_retention("sql_agent.insight_retention",
					 "Sets for how long insights are kept; 0 keeps them.",
					 &setting_insight_retention, 0);
	DefineCustomBoolVariable(
		"sql_agent.ask_summary",
		"Ends the output of ask() with the translator, the model, time and cost.", NULL,
		&setting_ask_summary, true, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("sql_agent.display_rows", "Sets how many rows ask() prints.", NULL,
							&setting_display_rows, 25, 1, 10000, PGC_USERSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("sql_agent");
}
