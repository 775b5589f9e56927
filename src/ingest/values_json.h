/*-------------------------------------------------------------------------
 *
 * values_json.h
 *		Texts of cells as JSON documents.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_VALUES_JSON_H
#define SQL_AGENT_VALUES_JSON_H

/* is it an object or an array that jsonb takes, and takes whole? */
extern bool value_is_json(const char *text, int length);

#endif /* SQL_AGENT_VALUES_JSON_H */
