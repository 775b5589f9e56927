/*-------------------------------------------------------------------------
 *
 * budget.c
 *		How many bytes of a prompt are a token of the model.
 *
 * There is no tokenizer here: a token is taken as 3.2 bytes until a model's
 * replies say how many it counted.  What was learned holds for the backend.  It
 * is used in steps, so that prompts do not change with every call.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include <math.h>

#include "common/settings.h"
#include "translate/prompt.h"

#define DEFAULT_BYTES_PER_TOKEN 3.2
#define LEAST_BYTES_PER_TOKEN   1.5
#define MOST_BYTES_PER_TOKEN    6.0
#define STEP                    0.25
/* replies to shorter prompts say little */
#define LEARN_FROM_TOKENS 500
/* of the tokens that were expected: fewer were read only where the rest was cut off */
#define TRUNCATED_SHARE 0.6
#define KNOWN_MODELS    16

typedef struct KnownModel
{
	char name[NAMEDATALEN];
	double bytes_per_token;
} KnownModel;

static KnownModel known[KNOWN_MODELS];
static int nknown = 0;
static int oldest = 0;

static KnownModel *
find_model(const char *name)
{
	for (int i = 0; i < nknown; i++)
		if (strncmp(known[i].name, name, NAMEDATALEN - 1) == 0)
			return &known[i];
	return NULL;
}

double
budget_bytes_per_token(const char *model)
{
	const KnownModel *found = find_model(model);

	if (found == NULL)
		return DEFAULT_BYTES_PER_TOKEN;
	return Max(LEAST_BYTES_PER_TOKEN, floor(found->bytes_per_token / STEP) * STEP);
}

void
budget_learn(const char *model, Size bytes, int64 tokens)
{
	KnownModel *entry = find_model(model);
	double seen;

	if (tokens < LEARN_FROM_TOKENS)
		return;
	seen = Min(MOST_BYTES_PER_TOKEN, Max(LEAST_BYTES_PER_TOKEN, (double) bytes / tokens));
	if (entry != NULL)
	{
		entry->bytes_per_token = (entry->bytes_per_token * 3 + seen) / 4;
		return;
	}
	if (nknown < KNOWN_MODELS)
		entry = &known[nknown++];
	else
	{
		entry = &known[oldest];
		oldest = (oldest + 1) % KNOWN_MODELS;
	}
	strlcpy(entry->name, model, NAMEDATALEN);
	entry->bytes_per_token = seen;
}

Size
budget_prompt_bytes(const LlmEndpoint *endpoint)
{
	double tokens = setting_max_prompt_tokens;

	if (endpoint->context_window > 0)
		tokens = Min(tokens, 0.9 * endpoint->context_window - Max(endpoint->max_output_tokens, 0));
	return (Size) (Max(tokens, 0) * budget_bytes_per_token(endpoint->model));
}

bool
budget_was_truncated(const char *model, Size bytes, int64 tokens)
{
	return tokens < TRUNCATED_SHARE * bytes / MOST_BYTES_PER_TOKEN;
}
