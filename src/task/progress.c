/*-------------------------------------------------------------------------
 *
 * progress.c
 *		How far a task is, told by its handler while it works.
 *
 * The board shows it at once, whatever the handler's transaction becomes.
 * Outside a worker nobody is told, so that a handler's code can run in the
 * foreground as it is.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "mb/pg_wchar.h"
#include "task/board.h"
#include "task/task.h"

void
task_report_progress(double percent, const char *format, ...)
{
	char message[BOARD_MESSAGE_SIZE];
	va_list args;

	if (!board_exists())
		return;
	va_start(args, format);
	(void) pg_vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	/* no half of a character where it was cut */
	message[pg_mbcliplen(message, strlen(message), sizeof(message) - 1)] = '\0';
	board_set_progress(percent, message);
}
