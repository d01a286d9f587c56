/* A run's position in its stream, and the fingerprint of the rows up to there. */
#include "train/private.h"
#include "base/hash.h"

/*
 * The fingerprint is FNV-1a by words: of each row the label and id of the image, the place of the patch, and a hash of
 * the pixels.
 */
static uint64_t
mix(uint64_t print, uint64_t word)
{
	return (print ^ word) * 0x100000001b3u;
}

/* A row's value in a column as a word; 0 where there is no such column. */
static uint64_t
word(const struct myo_tensor *column, size_t row)
{
	if (column == NULL || column->dims != 1)
		return 0;
	switch (column->dtype) {
	case MYO_I64: return (uint64_t)((const int64_t *)column->data)[row];
	case MYO_I32: return (uint64_t)((const int32_t *)column->data)[row];
	case MYO_U8: return ((const uint8_t *)column->data)[row];
	case MYO_F32: break;
	}
	return 0;
}

static void
fingerprint(struct rows *rows, size_t from, size_t to)
{
	static const char *const names[] = { "label", "id", "y", "x" };
	const struct myo_tensor *columns[MYO_COUNT(names)], *image = myo_record_find(rows->record, "image");
	const size_t bytes = image != NULL && image->dtype == MYO_U8 ? myo_tensor_row_elements(image) : 0;

	for (size_t n = 0; n < MYO_COUNT(names); n++)
		columns[n] = myo_record_find(rows->record, names[n]);
	for (size_t i = from; i < to; i++) {
		for (size_t n = 0; n < MYO_COUNT(names); n++)
			rows->print = mix(rows->print, word(columns[n], i));
		if (bytes > 0)
			rows->print = mix(rows->print, XXH3_64bits((const uint8_t *)image->data + i * bytes, bytes));
	}
}

static int
pass_over(struct rows *rows, struct myo_err *err)
{
	const int64_t there = (int64_t)myo_record_rows(rows->record), left = rows->resumed - rows->at;
	const size_t passed = (size_t)(left < there ? left : there);

	fingerprint(rows, 0, passed);
	rows->row = passed;
	rows->at += (int64_t)passed;
	if (rows->at == rows->resumed && rows->first > 0) /* the rows before this stream can't be checked */
		rows->print = rows->resumed_print;
	if (rows->at == rows->resumed && rows->print != rows->resumed_print)
		return myo_fail(err,
		    "the first %lld rows of the stream aren't those that the checkpoint was made with: it is "
		    "another stream, another seed, or cut with other options", (long long)rows->at);
	return MYO_OK;
}

int
train_rows_next(struct rows *rows, struct myo_err *err)
{
	for (;;) {
		if (rows->record != NULL && rows->row < myo_record_rows(rows->record))
			return MYO_OK;
		const int rc = rows->over ? MYO_END : myo_intake_next(rows->intake, &rows->record, err);
		rows->row = 0;
		if (rc == MYO_END && rows->at < rows->resumed)
			return myo_fail(err,
			    "the stream ends after %lld rows, and the checkpoint stands at %lld: it is another stream",
			    (long long)rows->at, (long long)rows->resumed);
		rows->over = rc == MYO_END;
		if (rc != MYO_OK) {
			rows->record = NULL;
			return rc;
		}
		if (rows->at < rows->resumed && pass_over(rows, err) != MYO_OK)
			return MYO_FAIL;
	}
}

int
train_rows_peek(struct rows *rows, struct myo_err *err)
{
	if (rows->record != NULL && rows->row < myo_record_rows(rows->record))
		return MYO_OK;
	const int rc = rows->over ? MYO_END : myo_intake_peek(rows->intake, err);
	rows->over = rc == MYO_END;
	return rc;
}

void
train_rows_taken(struct rows *rows, size_t row)
{
	fingerprint(rows, rows->row, row);
	rows->at += (int64_t)(row - rows->row);
	rows->row = row;
}

int
train_rows_resume(struct rows *rows, int64_t row, uint64_t print, struct myo_err *err)
{
	if (row < rows->first)
		return myo_fail(err,
		    "the stream begins at row %lld, and the checkpoint stands at %lld: the rows between are missing",
		    (long long)rows->first, (long long)row);
	rows->resumed = row;
	rows->resumed_print = print;
	if (row == rows->first)
		rows->print = print;
	return MYO_OK;
}
