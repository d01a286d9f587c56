/* Model files: safetensors, then what makes one a model, then a prediction. */
#include "fuzz.h"

#include "model/model.h"

#include <stdlib.h>

enum { LARGEST = 64 };

static void
predict(struct myo_model *model)
{
	const size_t side = (size_t)model->size;
	struct myo_record record = MYO_RECORD_INIT;
	struct myo_predictor *predictor = NULL;
	struct myo_pool *pool = NULL;
	uint8_t *pixels = calloc(side * side, 3);
	float *logits = calloc(model->header.class_count, sizeof *logits);

	fuzz_require(pixels != NULL && logits != NULL && myo_pool_new(1, &pool, NULL) == MYO_OK, "there is memory");
	fuzz_require(myo_record_put(&record, "image", MYO_U8, 4, (const size_t[]){ 1, side, side, 3 }, pixels,
	    NULL) == MYO_OK,
	    "a record can be made");
	fuzz_require(myo_predictor_new(model, 1, pool, &predictor, NULL) == MYO_OK &&
			 myo_predictor_run(predictor, &record, logits, NULL, NULL) == MYO_OK,
	    "a model that was loaded predicts");
	myo_predictor_free(predictor);
	myo_record_clear(&record);
	myo_pool_free(pool);
	free(logits);
	free(pixels);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct myo_record document = MYO_RECORD_INIT;
	struct myo_model model = MYO_MODEL_INIT;
	struct myo_err err = MYO_ERR_INIT;

	(void)fuzz_file(bytes, size);
	const bool sound = fuzz_took(myo_document_load(fuzz_path(), &document, &err), &err);
	myo_record_clear(&document);
	if (fuzz_took(myo_model_load(fuzz_path(), &model, &err), &err)) {
		fuzz_require(sound, "a model is a document");
		if (model.size <= LARGEST)
			predict(&model);
	}
	myo_model_clear(&model);
	return 0;
}
