/*
 * fuzz.h - what parsers make of bytes that nobody meant.
 *
 * A target is a function as libFuzzer calls it, which hands the bytes to one parser. The parser may refuse them, and
 * say why, or take them, and then what it took must hold together. Where there is no libFuzzer, damage.c calls targets,
 * with files as they are and with damaged ones.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "data/data.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/*
 * A file of these bytes, until the next call: a descriptor that stands at its beginning, and a path that opens it anew.
 */
int fuzz_file(const uint8_t *bytes, size_t size);
const char *fuzz_path(void);

/* Abort unless that is so. */
void fuzz_require(bool holds, const char *what);

/* Abort unless a text says something and has no end of a line; what else is in it, the cli room makes harmless. */
void fuzz_require_line(const char *text);

/* Whether a parser took something; abort where it refused and didn't say why. */
bool fuzz_took(int rc, const struct myo_err *err);

/*
 * Read all rows of a data set and count them; abort where a label isn't one of the header's classes. How it ended is in
 * *rc.
 */
int64_t fuzz_rows(struct myo_dataset *set, const struct myo_header *header, int *rc);

#endif
