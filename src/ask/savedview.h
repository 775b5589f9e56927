/*-------------------------------------------------------------------------
 *
 * savedview.h
 *		Views that ask_view() made for tenants.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_SAVEDVIEW_H
#define SQL_AGENT_SAVEDVIEW_H

/*
 * Raises where the name is taken; with replace drops a saved view of that name
 * that the caller may drop.
 */
extern void saved_view_make_room(const char *tenant, const char *name, bool replace);

/* keeps who saved it, and lets the tenant read it */
extern void saved_view_record(const char *tenant, const char *name, const char *question);

#endif /* SQL_AGENT_SAVEDVIEW_H */
