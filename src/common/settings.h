/*-------------------------------------------------------------------------
 *
 * settings.h
 *		The sql_agent.* parameters.
 *
 * Who may change one follows from what it can harm: PGC_SUSET for all that
 * loosens a limit of the guard or widens what may be asked about, PGC_USERSET
 * for what changes the caller's own output only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SETTINGS_H
#define SQL_AGENT_SETTINGS_H

#include "nodes/pg_list.h"
#include "utils/guc.h"

typedef enum ClarifyMode
{
	CLARIFY_OFF,     /* answer, say nothing of other readings */
	CLARIFY_SUGGEST, /* answer with stated assumptions and offer the others */
	CLARIFY_ASK      /* ask back where a reading is not clear */
} ClarifyMode;

/* what of the rows may leave for a model */
typedef enum ShareValues
{
	SHARE_NONE,     /* nothing */
	SHARE_PROFILES, /* what the values of columns look like */
	SHARE_RESULTS   /* rows of answers too */
} ShareValues;

typedef enum NarrateMode
{
	NARRATE_OFF,
	NARRATE_MODEL /* the model words the sentence */
} NarrateMode;

/* what may be asked about */
extern char *setting_allowed_schemas;

/* limits of the fence */
extern int setting_max_rows;
extern int setting_max_bytes;         /* kB */
extern int setting_max_value_size;    /* kB */
extern int setting_statement_timeout; /* ms */
extern int setting_max_memory;        /* kB */
extern double setting_max_cost;       /* 0: no limit */
extern int setting_parallel_workers;
extern int setting_join_collapse_limit;

/* reading a question */
extern double setting_builtin_confidence;
extern int setting_clarify;
extern int setting_remember_answers; /* s */
extern char *setting_as_of;
extern int setting_fiscal_year_start;
extern int setting_profile_timeout; /* ms */
extern int setting_profile_values;
extern int setting_memory_max_entries;

/* outside services */
extern char *setting_llm;
extern char *setting_proxy;
extern char *setting_ca_file;

/* translators, and what a model may cost and see */
extern char *setting_translators;
extern int setting_max_prompt_tokens;
extern int setting_max_attempts;
extern int setting_candidates;
extern int setting_share_values;
extern int setting_narrate;

/* how long things are kept, s; 0 = for ever */
extern int setting_task_retention;
extern int setting_question_retention;
extern int setting_chat_retention;
extern int setting_insight_retention;

/* files */
extern bool setting_auto_provision;
extern bool setting_background_uploads;
extern int setting_max_upload_size;  /* kB */
extern int setting_upload_retention; /* s; 0: for ever */

/* background work */
extern bool setting_enabled;
extern int setting_workers;
extern int setting_worker_idle_timeout; /* s */
extern bool setting_task_notify;

/* the look of an answer */
extern bool setting_ask_summary;
extern int setting_display_rows;

extern void settings_define(void);

/* the translators of sql_agent.translators, as a List of char * */
extern List *settings_translators(void);

#endif /* SQL_AGENT_SETTINGS_H */
