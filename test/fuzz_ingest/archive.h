/* archive.h: parts of a workbook as the zip archive around them */
#ifndef FUZZ_INGEST_ARCHIVE_H
#define FUZZ_INGEST_ARCHIVE_H

#include <stdint.h>
#include <stdlib.h>

/*
 * A text of parts, each after a line "@@name", as an archive that stores them; the
 * caller frees it.  NULL where the text does not begin with such a line.
 */
extern uint8_t *archive_of_parts(const uint8_t *text, size_t length, size_t *archive_length);

#endif /* FUZZ_INGEST_ARCHIVE_H */
