/* Making a model that is to be trained, and clearing one. */
#include "model/model.h"

#include <stdarg.h>

int
myo_model_new(struct myo_model *model, const char *spec, int size, const struct myo_header *data, uint64_t seed,
    struct myo_err *err)
{
	const struct myo_shape input = { size, size, 3 };

	*model = (struct myo_model)MYO_MODEL_INIT;
	model->size = size;
	for (int c = 0; c < 3; c++)
		model->deviation[c] = 1;
	if (data->class_count == 0)
		return myo_fail(err, "the data has no class names, which a model must know");
	if (data->class_count == 1)
		return myo_fail(err, "there is only one class, '%.100s': nothing to tell apart", data->classes[0]);
	if (myo_header_set_classes(&model->header, data->class_count,
	    (const char *const *)data->classes, err) != MYO_OK || myo_arch_new(spec, &model->arch, err) != MYO_OK ||
	    myo_arch_build(model->arch, input, (int)data->class_count, 0, &model->net, err) != MYO_OK) {
		myo_model_clear(model);
		return MYO_FAIL;
	}
	myo_net_init(model->net, seed);
	return MYO_OK;
}

int
myo_model_note(struct myo_model *model, struct myo_err *err, const char *key, const char *format, ...)
{
	va_list args;

	if (model->training == NULL)
		model->training = json_object();
	va_start(args, format);
	const int rc = json_object_set_new(model->training, key, json_vsprintf(format, args));
	va_end(args);
	return rc == 0 ? MYO_OK : myo_fail(err, "out of memory, or %s is not UTF-8", key);
}

void
myo_model_clear(struct myo_model *model)
{
	if (model == NULL)
		return;
	myo_net_free(model->net);
	myo_arch_free(model->arch);
	myo_header_clear(&model->header);
	json_decref(model->training);
	*model = (struct myo_model)MYO_MODEL_INIT;
}
