/*-------------------------------------------------------------------------
 *
 * valueforms.h
 *		Other forms of a word that a stored value may be spelled in.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_VALUEFORMS_H
#define SQL_AGENT_VALUEFORMS_H

/* "buy" for "bought", the singular of a plural; NULL where there is none */
extern const char *value_base_form(const char *folded);

#endif /* SQL_AGENT_VALUEFORMS_H */
