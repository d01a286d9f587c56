/* Pictures without maps: predictions for whole images without evidence. */
#include "report/private.h"

static int
take_row(struct myo_report_page *page, const float *logits, int64_t id, int32_t label, int32_t height, int32_t width,
    struct myo_err *err)
{
	const size_t predicted = myo_softmax(logits, page->header->class_count, page->chance);
	struct myo_heat_map map = { .id = id, .label = label, .predicted = (int32_t)predicted,
		.about = (int32_t)predicted, .tiles = 1, .p_predicted = page->chance[predicted],
		.p_about = page->chance[predicted], .p_label = page->chance[label] };

	if (height < 1 || width < 1 || height > MYO_HEAT_MAX_SIDE || width > MYO_HEAT_MAX_SIDE ||
	    (int64_t)height * width > MYO_HEAT_MAX_PIXELS)
		return myo_fail(err, "image %lld: its size is given as %d x %d pixels", (long long)id, height, width);
	map.height = (size_t)height;
	map.width = (size_t)width;
	return page_take(page, &map, err);
}

int
plain_add(struct myo_report_page *page, const struct myo_record *record, struct myo_err *err)
{
	const size_t classes = page->header->class_count;
	const struct myo_tensor *logits, *id, *label, *height, *width;

	if (myo_record_need(record, "logits", MYO_F32, 2, &classes, &logits, err) != MYO_OK ||
	    myo_record_need(record, "id", MYO_I64, 1, NULL, &id, err) != MYO_OK ||
	    myo_record_need(record, "label", MYO_I32, 1, NULL, &label, err) != MYO_OK ||
	    myo_record_need(record, "height", MYO_I32, 1, NULL, &height, err) != MYO_OK ||
	    myo_record_need(record, "width", MYO_I32, 1, NULL, &width, err) != MYO_OK)
		return MYO_FAIL;
	for (size_t row = 0; row < myo_record_rows(record); row++) {
		const int32_t of = ((const int32_t *)label->data)[row];
		if (of >= 0 && take_row(page, (const float *)logits->data + row * classes,
		    ((const int64_t *)id->data)[row], of,
		    ((const int32_t *)height->data)[row], ((const int32_t *)width->data)[row], err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}
