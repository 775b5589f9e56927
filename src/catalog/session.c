/*-------------------------------------------------------------------------
 *
 * session.c
 *		The parameters that an application sets for itself.
 *
 * Applications with pooled connections set parameters such as app.tenant, and
 * policies or views may read them.  All parameters count that PostgreSQL does
 * not know itself; what is built in (search_path, application_name) does not.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/profile.h"
#include "common/hashfn.h"
#include "utils/guc_tables.h"

static uint64
variable_fingerprint(struct config_generic *variable)
{
	uint64 name =
		hash_bytes_extended((const unsigned char *) variable->name, strlen(variable->name), 3);
	const char *string;

	switch (variable->vartype)
	{
		case PGC_BOOL:
			return hash_combine64(name, *((struct config_bool *) variable)->variable);
		case PGC_INT:
			return hash_combine64(name, *((struct config_int *) variable)->variable);
		case PGC_REAL:
			return hash_combine64(
				name,
				hash_bytes_extended((unsigned char *) ((struct config_real *) variable)->variable,
									sizeof(double), 5));
		case PGC_ENUM:
			return hash_combine64(name, *((struct config_enum *) variable)->variable);
		case PGC_STRING:
			string = *((struct config_string *) variable)->variable;
			if (string != NULL)
				return hash_combine64(
					name, hash_bytes_extended((const unsigned char *) string, strlen(string), 5));
			break;
	}
	return 0;
}

uint64
settings_fingerprint(void)
{
	uint64 result = 0;
	int count;
	struct config_generic **variables = agent_guc_variables(&count);

	for (int i = 0; i < count; i++)
	{
		if (variables[i]->group == CUSTOM_OPTIONS &&
			strncmp(variables[i]->name, "sql_agent.", 10) != 0)
			result += variable_fingerprint(variables[i]);
	}
	return result;
}
