/*
 * reading.h - the pictures of a plan, read and decoded by threads, handed on in order.
 *
 * The roots of a set are dealt out to lanes: one or, if they are interleaved, several. Each lane has a thread that
 * divides its pictures into jobs, in order, and reads those that must be read in sequence (parts of files, and what is
 * in compressed archives); workers read the others, and decode jobs of any lane; the caller gets a picture from each
 * lane in turn. Jobs are few, so all threads wait for the slowest.
 */
#ifndef MYO_DATA_READING_H
#define MYO_DATA_READING_H

#include "data/decode.h"

struct reading;

/* All arguments must outlive the reading unchanged. Its threads start at once. */
MYO_MUST_USE int reading_new(const struct myo_dataset_options *options, const struct source *source,
    const struct format *format, const struct plan *plan, struct reading **out, struct myo_err *err);
void reading_free(struct reading *reading);

/*
 * The picture whose turn it is, decoded or broken, until reading_pop(); MYO_END after the last; MYO_FAIL: nothing more
 * can be read.
 */
MYO_MUST_USE int reading_peek(struct reading *reading, struct entry **entry, struct myo_err *err);
void reading_pop(struct reading *reading);

#endif
