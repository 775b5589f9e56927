/*-------------------------------------------------------------------------
 *
 * progress.c
 *		How far an upload is.
 *
 * The stages are far apart (readers, COPY's callback), so the upload that is
 * running is kept in a static variable; without anybody to report to there is
 * none.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "ingest/progress.h"
#include "ingest/shown.h"
#include "utils/timestamp.h"

#define ROWS_BETWEEN_LOOKS 64
#define INTERVAL           1000 /* ms */

struct ProgressState
{
	UploadProgressReport report;
	void *arg;
	UploadProgress progress;
	SheetReader *reader;
	double fraction; /* of the stage, where no reader tells */
	int64 size;
	int sheet;
	int sheets;
	TimestampTz reported;
};

static ProgressState *running = NULL;

/* the share of the whole that is done when a stage starts, by what stages take */
static const double starts[] = {0, 0.05, 0.25, 0.85, 0.95, 1};

ProgressState *
progress_begin(UploadProgressReport report, void *arg)
{
	ProgressState *outer = running;

	running = NULL;
	if (report != NULL)
	{
		running = palloc0(sizeof(ProgressState));
		running->report = report;
		running->arg = arg;
		running->sheets = 1;
	}
	return outer;
}

void
progress_end(ProgressState *outer)
{
	running = outer;
}

/* reading, loading and indexing come for each sheet, one after the other */
static double
done_share(const ProgressState *state)
{
	UploadStage stage = state->progress.stage;
	double fraction =
		state->reader != NULL ? state->reader->methods->progress(state->reader) : state->fraction;
	double done;
	double within = starts[UPLOAD_FINISHING] - starts[UPLOAD_READING];

	fraction = Min(Max(fraction, 0), 1);
	done = starts[stage] + fraction * (starts[stage + 1] - starts[stage]);
	if (stage < UPLOAD_READING || stage > UPLOAD_INDEXING)
		return done;
	done = (done - starts[UPLOAD_READING]) / within;
	return starts[UPLOAD_READING] + within * (state->sheet + done) / state->sheets;
}

static void
report_now(ProgressState *state, TimestampTz now)
{
	double done = done_share(state);

	state->reported = now;
	/* it never goes back */
	state->progress.percent = Max(state->progress.percent, 100 * done);
	state->progress.bytes = (int64) (state->progress.percent / 100 * (double) state->size);
	state->report(&state->progress, state->arg);
}

static void
look(ProgressState *state)
{
	TimestampTz now = GetCurrentTimestamp();

	if (TimestampDifferenceExceeds(state->reported, now, INTERVAL))
		report_now(state, now);
}

const char *
progress_stage_name(UploadStage stage)
{
	static const char *const stages[] = {"checking", "reading", "loading", "building keys",
										 "finishing"};

	return stages[stage];
}

void
progress_to_client(const UploadProgress *progress, void *arg)
{
	ereport(DEBUG1, (errmsg_internal("upload: %s%s%s, %lld rows, %.0f %%",
									 progress_stage_name(progress->stage),
									 progress->sheet != NULL ? " " : "",
									 progress->sheet != NULL ? shown(progress->sheet) : "",
									 (long long) progress->rows, progress->percent)));
}

void
progress_size(int64 bytes)
{
	if (running != NULL)
		running->size = bytes;
}

void
progress_sheet(int number, int count, const char *name)
{
	if (running == NULL)
		return;
	running->sheet = number;
	running->sheets = Max(count, 1);
	running->progress.sheet = name;
}

void
progress_stage(UploadStage stage, SheetReader *reader)
{
	if (running == NULL)
		return;
	running->progress.stage = stage;
	running->progress.rows = 0;
	running->reader = NULL;
	running->fraction = 0;
	report_now(running, GetCurrentTimestamp());
	/* the reader still stands where the stage before left it */
	running->reader = reader;
}

void
progress_fraction(double fraction)
{
	if (running == NULL)
		return;
	running->fraction = fraction;
	look(running);
}

void
progress_row(void)
{
	if (running != NULL && ++running->progress.rows % ROWS_BETWEEN_LOOKS == 0)
		look(running);
}
