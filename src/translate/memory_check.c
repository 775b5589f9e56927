/*-------------------------------------------------------------------------
 *
 * memory_check.c
 *		What may be written to memory, and by whom for whom.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/errors.h"
#include "guard/guard.h"
#include "miscadmin.h"
#include "tenant/current.h"
#include "tenant/identity.h"
#include "translate/memory.h"

/* a question is no longer than that anywhere */
#define MAX_QUESTION_BYTES 8192

void
memory_check_question(const char *question)
{
	bool blank = true;

	for (const unsigned char *p = (const unsigned char *) question; *p; p++)
	{
		if ((*p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r') || *p == 0x7F)
			ereport(ERROR, (errcode(ERRCODE_AGENT_BAD_QUESTION), errmsg("question is not text"),
							errdetail("It holds the control character 0x%02x.", *p)));
		blank = blank && *p <= ' ';
	}
	if (blank || strlen(question) > MAX_QUESTION_BYTES)
		ereport(ERROR, (errcode(ERRCODE_AGENT_BAD_QUESTION),
						blank ? errmsg("question is empty") : errmsg("question is too long"),
						errdetail("A question has between 1 and %d bytes.", MAX_QUESTION_BYTES)));
}

/*
 * The error names the rule of the guard: the SQL was written by a person, who
 * can look it up.
 */
void
memory_require_allowed(const char *sql, Oid role)
{
	GuardOutcome *outcome = guard_check(sql, role);
	const GuardError *error = &outcome->error;

	if (outcome->status == GUARD_OK)
		return;
	ereport(ERROR, (errcode(error->sqlstate), errmsg_internal("%s", error->message),
					error->detail ? errdetail("Rule \"%s\": %s", error->rule, error->detail)
								  : errdetail("Rule \"%s\".", error->rule),
					error->hint ? errhint("%s", error->hint) : 0));
}

bool
memory_may_vouch(Oid asking_role)
{
	const TenantIdentity *identity;

	if (!OidIsValid(asking_role))
		return false;
	if (identity_is_operator())
		return true;
	identity = tenant_identity(GetUserId());
	return identity->state == TENANT_ONE && identity->admin && identity->reader == asking_role;
}

char *
memory_trim_sql(const char *sql)
{
	size_t length;

	sql += strspn(sql, " \t\r\n");
	length = strlen(sql);
	while (length > 0 && strchr("; \t\r\n", sql[length - 1]) != NULL)
		length--;
	return pnstrdup(sql, length);
}

bool
memory_same_sql(const char *a, const char *b)
{
	return strcmp(memory_trim_sql(a), memory_trim_sql(b)) == 0;
}
