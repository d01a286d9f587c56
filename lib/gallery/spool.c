/* Maps set aside in a file without a name. */
#include "gallery/gallery.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct myo_gallery_spool {
	FILE *file;
	size_t count, read;
	bool reading;
};

int
myo_gallery_spool_new(struct myo_gallery_spool **out, struct myo_err *err)
{
	const char *const set = getenv("TMPDIR"), *const folder = set != NULL && set[0] != '\0' ? set : "/tmp";
	struct myo_gallery_spool *const spool = myo_calloc(1, sizeof *spool, err);
	char *name = NULL;
	int fd = -1;

	*out = NULL;
	if (spool == NULL || (name = myo_format(err, "%s/myopic-maps.XXXXXX", folder)) == NULL)
		goto fail;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0) {
		(void)myo_fail_errno(err, "%s: no file for maps can be made there", folder);
		goto fail;
	}
	if (unlink(name) != 0 || (spool->file = fdopen(fd, "w+b")) == NULL) {
		(void)myo_fail_errno(err, "%s: a file for maps", folder);
		goto fail;
	}
	free(name);
	*out = spool;
	return MYO_OK;
fail:
	if (fd >= 0)
		(void)close(fd);
	free(name);
	free(spool);
	return MYO_FAIL;
}

void
myo_gallery_spool_free(struct myo_gallery_spool *spool)
{
	if (spool == NULL)
		return;
	(void)fclose(spool->file); /* what it holds is no longer needed */
	free(spool);
}

size_t
myo_gallery_spool_count(const struct myo_gallery_spool *spool)
{
	return spool->count;
}

int
myo_gallery_spool_put(struct myo_gallery_spool *spool, const struct myo_heat_map *map, struct myo_err *err)
{
	const size_t pixels = map->height * map->width;

	if (fwrite(map, sizeof *map, 1, spool->file) != 1 ||
	    fwrite(map->heat, sizeof *map->heat, pixels, spool->file) != pixels)
		return myo_fail_errno(err, "maps set aside in TMPDIR");
	spool->count++;
	return MYO_OK;
}

int
myo_gallery_spool_next(struct myo_gallery_spool *spool, struct myo_heat_map *out, struct myo_err *err)
{
	if (!spool->reading) {
		if (fflush(spool->file) != 0 || fseeko(spool->file, 0, SEEK_SET) != 0)
			return myo_fail_errno(err, "maps set aside in TMPDIR");
		spool->reading = true;
	}
	if (spool->read == spool->count)
		return MYO_END;
	errno = 0;
	if (fread(out, sizeof *out, 1, spool->file) != 1)
		return myo_fail_errno(err, "maps set aside in TMPDIR can't be read back");
	const size_t pixels = out->height * out->width;
	out->heat = myo_calloc(pixels, sizeof *out->heat, err);
	if (out->heat == NULL)
		return MYO_FAIL;
	if (fread(out->heat, sizeof *out->heat, pixels, spool->file) != pixels) {
		myo_heat_map_clear(out);
		return myo_fail_errno(err, "maps set aside in TMPDIR can't be read back");
	}
	spool->read++;
	return MYO_OK;
}
