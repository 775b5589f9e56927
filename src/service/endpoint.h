/*-------------------------------------------------------------------------
 *
 * endpoint.h
 *		What a call needs to know about its server beyond LlmEndpoint.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_ENDPOINT_H
#define SQL_AGENT_ENDPOINT_H

#include "foreign/foreign.h"
#include "service/llm.h"
#include "service/options.h"
#include "service/url.h"

/* raises where the options make none */
extern ServiceUrl *endpoint_url(ForeignServer *server);
extern AuthStyle endpoint_auth(const LlmEndpoint *endpoint, ForeignServer *server);

#endif /* SQL_AGENT_ENDPOINT_H */
