/*-------------------------------------------------------------------------
 *
 * unsettled.h
 *		Calls of models that this transaction made, until it is known whether
 *		their rows stay.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_UNSETTLED_H
#define SQL_AGENT_UNSETTLED_H

#include "ledger/ledger.h"

/* a call that was just made; its id is set */
extern void unsettled_add(const ModelCall *call);
/* its row is written in the present subtransaction */
extern void unsettled_note_row(const pg_uuid_t *id);

/* _PG_init; wake is called when something was put into the ring, in an abort too */
extern void unsettled_init(void (*wake)(Oid database));

#endif /* SQL_AGENT_UNSETTLED_H */
