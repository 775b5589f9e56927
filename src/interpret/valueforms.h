/*-------------------------------------------------------------------------
 *
 * valueforms.h
 *		Other forms of a word that a stored value may be spelled in.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_VALUEFORMS_H
#define SQL_AGENT_VALUEFORMS_H

typedef struct ValueForm
{
	const char *stored;  /* how the value may be stored, folded */
	const char *columns; /* only in columns called by one of these words; NULL = in any */
} ValueForm;

/* "buy" for "bought", the singular of a plural; NULL where there is none */
extern const ValueForm *value_form(const char *folded);

#endif /* SQL_AGENT_VALUEFORMS_H */
