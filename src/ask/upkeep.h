/*-------------------------------------------------------------------------
 *
 * upkeep.h
 *		What a worker does for the installation once a day.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_UPKEEP_H
#define SQL_AGENT_UPKEEP_H

/* _PG_init: registers the kinds of tasks */
extern void upkeep_init(void);

#endif /* SQL_AGENT_UPKEEP_H */
