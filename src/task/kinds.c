/*-------------------------------------------------------------------------
 *
 * kinds.c
 *		The kinds of tasks that this process knows.
 *
 * Capabilities, and libraries of others, register theirs when they are loaded:
 * in every process, because the one that enqueues checks the payload and the
 * worker runs it.  The registry is a plain array: kinds are few and never go.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "task/task.h"

#define MAX_KINDS 128

static const TaskKind *kinds[MAX_KINDS];
static int nkinds = 0;

void
task_register_kind(const TaskKind *kind)
{
	Assert(kind->name != NULL && kind->queue != NULL && kind->run != NULL);
	Assert(kind->max_attempts > 0 && kind->timeout >= 0);

	if (strlen(kind->name) >= NAMEDATALEN || strlen(kind->queue) >= NAMEDATALEN)
		elog(ERROR, "name of task kind \"%s\" or of its queue is too long", kind->name);
	if (task_find_kind(kind->name) != NULL)
		elog(ERROR, "task kind \"%s\" is registered already", kind->name);
	if (nkinds == MAX_KINDS)
		elog(ERROR, "too many task kinds");
	kinds[nkinds++] = kind;
}

const TaskKind *
task_find_kind(const char *name)
{
	for (int i = 0; i < nkinds; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

int
task_count_kinds(void)
{
	return nkinds;
}

const TaskKind *
task_kind_at(int number)
{
	Assert(number >= 0 && number < nkinds);
	return kinds[number];
}
