/*
 * resize - resize a picture without a head, for tests to compare with what others make of it.
 *
 *   resize triangle|area|lanczos HEIGHT WIDTH TO_HEIGHT TO_WIDTH <rgb >rgb
 */
#include "image/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
resize(enum myo_filter filter, const int sides[4], struct myo_image *from, struct myo_image *to,
    struct myo_err *err)
{
	size_t got;

	if (myo_image_init(from, sides[0], sides[1], err) != MYO_OK)
		return MYO_FAIL;
	const size_t bytes = (size_t)from->height * (size_t)from->width * 3;
	if (myo_read_all(STDIN_FILENO, from->pixels, bytes, &got, err) != MYO_OK)
		return MYO_FAIL;
	if (got < bytes)
		return myo_fail(err, "the picture ends early");
	if (myo_image_resize(from, sides[2], sides[3], filter, to, err) != MYO_OK)
		return MYO_FAIL;
	return myo_write_all(STDOUT_FILENO, to->pixels, (size_t)to->height * (size_t)to->width * 3, err);
}

int
main(int argc, char **argv)
{
	static const char *const filters[] = { "triangle", "area", "lanczos" };
	struct myo_image from = MYO_IMAGE_INIT, to = MYO_IMAGE_INIT;
	struct myo_err err = MYO_ERR_INIT;
	int filter = 0, sides[4];

	if (argc != 6)
		return 2;
	while (filter < 3 && strcmp(argv[1], filters[filter]) != 0)
		filter++;
	if (filter == 3)
		return 2;
	for (int i = 0; i < 4; i++)
		sides[i] = atoi(argv[i + 2]);
	const int rc = resize((enum myo_filter)filter, sides, &from, &to, &err);
	if (rc != MYO_OK)
		(void)fprintf(stderr, "resize: %s\n", err.text);
	myo_image_clear(&to);
	myo_image_clear(&from);
	return rc == MYO_OK ? 0 : 1;
}
