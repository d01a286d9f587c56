/*
 * reading.h - the pictures of a plan, read and decoded by threads, handed on in order.
 *
 * The files of a set are dealt out to lanes, one in plain reading, several where files are interleaved. Each lane
 * has a thread that makes jobs of its pictures, in order, and reads the bytes of those that come out of a compressed
 * archive; workers read the others and decode jobs of any lane; who asks gets the pictures, one of each lane in turn.
 * Jobs are few, so all of them wait for the slowest.
 */
#ifndef MYO_DATA_READING_H
#define MYO_DATA_READING_H

#include "data/decode.h"

struct reading;

/* All that is given must outlive it and not change. The threads start at once. */
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
