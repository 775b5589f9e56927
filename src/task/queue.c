/*-------------------------------------------------------------------------
 *
 * queue.c
 *		The queues that are there by themselves, and how many tasks of a queue run
 *		at one time where nobody said otherwise.
 *
 * The numbers are for one database.  They may add up to more than
 * sql_agent.workers: then the workers are the limit.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "task/task.h"
#include "task/task_int.h"

#define OTHER_PLACES 4

static const struct
{
	const char *queue;
	int places;
} defaults[] = {{QUEUE_FILES, 2}, {QUEUE_QUESTIONS, 8}, {QUEUE_MAINTENANCE, 1}, {QUEUE_DEFAULT, 4}};

bool
task_queue_is_known(const char *queue)
{
	for (int i = 0; i < lengthof(defaults); i++)
		if (strcmp(defaults[i].queue, queue) == 0)
			return true;
	for (int i = 0; i < task_count_kinds(); i++)
		if (strcmp(task_kind_at(i)->queue, queue) == 0)
			return true;
	return false;
}

int
task_default_places(const char *queue)
{
	for (int i = 0; i < lengthof(defaults); i++)
		if (strcmp(defaults[i].queue, queue) == 0)
			return defaults[i].places;
	return OTHER_PLACES;
}

/* half of them: no tenant can keep all others out */
int
task_default_places_per_tenant(int places)
{
	return Max(1, (places + 1) / 2);
}
