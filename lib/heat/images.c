/* A stream of images in a file, found by id. */
#include "heat/places.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct entry {
	int64_t id;
	size_t row;
};

struct myo_heat_images {
	char *path;
	struct myo_table *table;
	size_t count;
	struct entry *entry; /* [count], sorted by id */
	int32_t *number;     /* [classes of the images], each one's number in the predictions, or -1; NULL: the same */
	struct myo_heat_places *places; /* NULL: not surveyed */
};

static int
by_id(const void *a, const void *b)
{
	const struct entry *const s = a, *const t = b;

	return (s->id > t->id) - (s->id < t->id);
}

void
myo_heat_images_free(struct myo_heat_images *images)
{
	if (images == NULL)
		return;
	myo_table_free(images->table);
	free(images->entry);
	free(images->number);
	free(images->places);
	free(images->path);
	free(images);
}

/* The data of a row in a tensor; NULL if there is no tensor of that name, type and number of dimensions. */
static const void *
row_of(const struct myo_table *table, size_t row, const char *name, enum myo_dtype dtype, int dims,
    const struct myo_tensor **tensor)
{
	size_t within;
	const struct myo_tensor *const found = myo_table_find(table, row, name, &within);

	if (found == NULL || found->dtype != dtype || found->dims != dims)
		return NULL;
	*tensor = found;
	return (const char *)found->data + within * myo_tensor_row_elements(found) * myo_dtype_size(dtype);
}

static int
index_by_id(struct myo_heat_images *images, struct myo_err *err)
{
	const struct myo_tensor *tensor;

	images->count = myo_table_rows(images->table);
	images->entry = myo_calloc(images->count > 0 ? images->count : 1, sizeof *images->entry, err);
	if (images->entry == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < images->count; i++) {
		const int64_t *const id = row_of(images->table, i, "id", MYO_I64, 1, &tensor);
		if (id == NULL)
			return myo_fail(err, "%s: row %zu has no id", images->path, i);
		images->entry[i] = (struct entry){ *id, i };
	}
	qsort(images->entry, images->count, sizeof *images->entry, by_id);
	for (size_t i = 1; i < images->count; i++)
		if (images->entry[i].id == images->entry[i - 1].id)
			return myo_fail(err, "%s: two images have the id %lld", images->path,
			    (long long)images->entry[i].id);
	return MYO_OK;
}

/* If both have class names, match labels by these: predictions number classes as the model does. */
static int
number_classes(struct myo_heat_images *images, const struct myo_header *predictions, struct myo_err *err)
{
	const struct myo_header *const own = myo_table_header(images->table);

	if (own->class_count == 0 || predictions->class_count == 0)
		return MYO_OK;
	images->number = myo_calloc(own->class_count, sizeof *images->number, err);
	if (images->number == NULL)
		return MYO_FAIL;
	for (size_t k = 0; k < own->class_count; k++) {
		size_t at = 0;
		while (at < predictions->class_count && strcmp(own->classes[k], predictions->classes[at]) != 0)
			at++;
		images->number[k] = at < predictions->class_count ? (int32_t)at : -1;
	}
	return MYO_OK;
}

int
myo_heat_images_new(const char *path, const struct myo_header *predictions, struct myo_heat_images **out,
    struct myo_err *err)
{
	struct myo_heat_images *const images = myo_calloc(1, sizeof *images, err);
	int fd = -1, status = MYO_FAIL;

	if (images == NULL)
		return MYO_FAIL;
	images->path = myo_strdup(path, err);
	if (images->path == NULL)
		goto done;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		(void)myo_fail_errno(err, "%s: can't be read", path);
		goto done;
	}
	if (myo_table_new(fd, path, MYO_IMAGES, 0, &images->table, NULL, err) != MYO_OK)
		goto done;
	status = index_by_id(images, err);
	if (status == MYO_OK)
		status = number_classes(images, predictions, err);
done:
	if (fd >= 0)
		(void)close(fd); /* the table has mapped or read it */
	if (status == MYO_OK)
		*out = images;
	else
		myo_heat_images_free(images);
	return status;
}

const struct myo_header *
myo_heat_images_header(const struct myo_heat_images *images)
{
	return myo_table_header(images->table);
}

/* A label of the images, as the predictions number it; -1 if they don't have it. */
static int32_t
number_of(const struct myo_heat_images *images, int32_t label)
{
	if (images->number == NULL)
		return label;
	return label >= 0 && (size_t)label < myo_table_header(images->table)->class_count ? images->number[label] : -1;
}

/* Find the mask and the box of an image of this size, if it has them. */
static int
find_object(const struct myo_heat_images *images, const struct entry *entry, size_t height, size_t width,
    struct myo_heat_image *out, struct myo_err *err)
{
	const struct myo_tensor *tensor;

	out->mask = row_of(images->table, entry->row, "mask", MYO_U8, 3, &tensor);
	if (out->mask != NULL && (tensor->shape[1] != height || tensor->shape[2] != width))
		return myo_fail(err, "%s: image %lld and its mask differ in size", images->path, (long long)entry->id);
	out->box = row_of(images->table, entry->row, "box", MYO_I32, 2, &tensor);
	if (out->box != NULL && tensor->shape[1] != 4)
		return myo_fail(err, "%s: the box of image %lld has %zu numbers, not 4", images->path,
		    (long long)entry->id, tensor->shape[1]);
	return MYO_OK;
}

int
myo_heat_images_survey(struct myo_heat_images *images, struct myo_err *err)
{
	struct myo_heat_image image;
	const struct myo_tensor *pixels;

	if (images->places == NULL && (images->places = myo_calloc(1, sizeof *images->places, err)) == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < images->count; i++) {
		if (row_of(images->table, images->entry[i].row, "image", MYO_U8, 4, &pixels) == NULL)
			continue; /* myo_heat_images_find() will report it */
		if (find_object(images, &images->entry[i], pixels->shape[1], pixels->shape[2], &image, err) != MYO_OK)
			return MYO_FAIL;
		if (image.mask != NULL || image.box != NULL)
			heat_places_add(images->places, &image, pixels->shape[1], pixels->shape[2]);
	}
	return MYO_OK;
}

static const struct entry *
entry_of(const struct myo_heat_images *images, int64_t id, struct myo_err *err)
{
	const struct entry key = { id, 0 };
	const struct entry *const found =
	    images->count == 0 ? NULL : bsearch(&key, images->entry, images->count, sizeof key, by_id);

	if (found == NULL)
		(void)myo_fail(err, "%s: no image %lld, of which there are predictions", images->path, (long long)id);
	return found;
}

static int
check_label(const struct myo_heat_images *images, const struct entry *entry, int32_t label, struct myo_err *err)
{
	const struct myo_tensor *tensor;
	const int32_t *const own = row_of(images->table, entry->row, "label", MYO_I32, 1, &tensor);

	if (own == NULL || label < 0 || number_of(images, *own) == label)
		return MYO_OK;
	return myo_fail(err, "%s: image %lld is of another class than in the predictions: other images?", images->path,
	    (long long)entry->id);
}

static const char *
name_of(const struct myo_heat_images *images, const struct entry *entry, size_t *bytes)
{
	const struct myo_tensor *tensor;
	const char *const name = row_of(images->table, entry->row, "name", MYO_U8, 2, &tensor);

	*bytes = name != NULL ? tensor->shape[1] : 0;
	return name;
}

int
myo_heat_images_name(const struct myo_heat_images *images, int64_t id, int32_t label, char **name,
    struct myo_err *err)
{
	const struct entry *const found = entry_of(images, id, err);
	size_t bytes;

	if (found == NULL || check_label(images, found, label, err) != MYO_OK)
		return MYO_FAIL;
	const char *const there = name_of(images, found, &bytes);
	*name = myo_format(err, "%.*s", (int)bytes, there != NULL ? there : "");
	return *name != NULL ? MYO_OK : MYO_FAIL;
}

int
myo_heat_images_find(const struct myo_heat_images *images, const struct myo_heat_map *map,
    struct myo_heat_image *out, struct myo_err *err)
{
	const struct entry *const found = entry_of(images, map->id, err);
	const long long id = (long long)map->id;
	const struct myo_tensor *image;

	if (found == NULL)
		return MYO_FAIL;
	out->pixels = row_of(images->table, found->row, "image", MYO_U8, 4, &image);
	if (out->pixels == NULL || image->shape[3] != 3)
		return myo_fail(err, "%s: image %lld has no pixels of three channels", images->path, id);
	if (image->shape[1] != map->height || image->shape[2] != map->width)
		return myo_fail(err, "%s: image %lld is %zu x %zu pixels, but %zu x %zu in the predictions",
		    images->path, id, image->shape[1], image->shape[2], map->height, map->width);
	if (check_label(images, found, map->label, err) != MYO_OK)
		return MYO_FAIL;
	if (find_object(images, found, map->height, map->width, out, err) != MYO_OK)
		return MYO_FAIL;
	out->places = images->places;
	out->name = name_of(images, found, &out->name_bytes);
	return MYO_OK;
}
