/* backend.h: what the harness asks of the stand-in for a backend */
#ifndef FUZZ_INGEST_BACKEND_H
#define FUZZ_INGEST_BACKEND_H

/* the message and SQLSTATE of the error that was raised last */
extern const char *backend_error(int *code);
/* the query is cancelled the next time but `count` that somebody looks; negative = never */
extern void backend_cancel_after(int count);

#endif /* FUZZ_INGEST_BACKEND_H */
