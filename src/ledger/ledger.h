/*-------------------------------------------------------------------------
 *
 * ledger.h
 *		What calls of models cost, and the record of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_LEDGER_H
#define SQL_AGENT_LEDGER_H

#include "nodes/pg_list.h"
#include "utils/uuid.h"

/* one call of a model; input, cached and cache_write do not overlap */
typedef struct ModelCall
{
	pg_uuid_t id;
	const char *tenant;    /* for which the question was asked, or NULL */
	const char *operation; /* "chat": a translation; "narrate" */
	int attempt;
	const char *price_provider; /* as in model_price: openai, anthropic, gemini or a host */
	const char *provider;
	const char *server;
	const char *request_model;
	const char *response_model; /* or NULL */
	const char *finish_reason;  /* or NULL */
	bool usage_known;
	int64 input;
	int64 cached;
	int64 cache_write;
	int64 output;
	int64 reasoning;
	bool local; /* a server of our own: costs nothing */
	/* US dollars a million tokens from the server's options; negative: not given */
	double input_price;
	double cached_input_price;
	double cache_write_price;
	double output_price;
	double seconds;
	const char *error_type; /* SQLSTATE, or NULL */
	bool cost_known;
	double cost_usd;
} ModelCall;

/* sets cost_known and cost_usd from the server's prices, then from sql_agent.model_price */
extern void ledger_price_call(ModelCall *call);

/* the call has been made and priced: from now on it is on record, whatever becomes of the caller */
extern void ledger_note_call(ModelCall *call);

/*
 * Writes one row of sql_agent.model_call for each; question_id may be NULL.  Does
 * nothing where nothing can be written.
 */
extern void ledger_record_calls(const pg_uuid_t *question_id, List *calls);

/*
 * For workers, in a transaction that they began: writes what others had to roll
 * back.  Returns what ledger_forget_written() is to be given when that is
 * committed; NULL: there was nothing.
 */
typedef struct LedgerBatch LedgerBatch;
extern LedgerBatch *ledger_write_unsettled(void);
extern void ledger_forget_written(LedgerBatch *batch);
/* is there anything to write? */
extern bool ledger_has_unsettled(void);

/* what the tenant's questions used of models since midnight UTC */
extern void ledger_spent_today(const char *tenant, int64 *tokens, double *usd);

#endif /* SQL_AGENT_LEDGER_H */
