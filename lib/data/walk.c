/* Tars inside archives. */
#include "data/walk.h"
#include "data/format.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_NESTED = 4 }; /* archives inside each other, including the outermost */

struct level {
	struct pack *pack;
	char *folder; /* prefix of its names, which ends in a slash; "" for the outermost */
	bool begun;   /* its first file was seen */
};

struct walk {
	struct level levels[MAX_NESTED];
	int depth;  /* levels in use */
	char *name; /* of the current file, unless it is the pack's */
};

int
walk_new(const struct extent *extent, const char *alone, const struct skim *skim, struct walk **out,
    struct myo_err *err)
{
	*out = NULL;
	struct walk *walk = myo_calloc(1, sizeof *walk, err);
	if (walk == NULL)
		return MYO_FAIL;
	struct level *first = &walk->levels[walk->depth++];
	first->folder = myo_strdup("", err);
	if (first->folder == NULL || pack_new(extent, alone, skim, &first->pack, err) != MYO_OK) {
		walk_free(walk);
		return MYO_FAIL;
	}
	*out = walk;
	return MYO_OK;
}

static void
leave(struct walk *walk)
{
	struct level *level = &walk->levels[--walk->depth];

	pack_free(level->pack);
	free(level->folder);
	*level = (struct level){ .pack = NULL };
}

void
walk_free(struct walk *walk)
{
	if (walk == NULL)
		return;
	while (walk->depth > 0)
		leave(walk);
	free(walk->name);
	free(walk);
}

bool
walk_is_litter(const char *name)
{
	const char *part = name;

	for (;;) {
		const size_t length = strcspn(part, "/"), dots = strspn(part, ".");
		const bool file = part[length] == '\0';
		if ((dots > 0 && (dots < length || dots > 2)) || (!file && strncmp(part, "__MACOSX/", 9) == 0))
			return true;
		if (file)
			return length == 0;
		part += length + 1;
	}
}

static int
enter(struct walk *walk, const char *name, size_t stem, struct myo_err *err)
{
	const struct level *outer = &walk->levels[walk->depth - 1];
	struct level *inner = &walk->levels[walk->depth];

	inner->begun = false;
	inner->folder = myo_format(err, "%s%.*s/", outer->folder, (int)stem, name);
	if (inner->folder == NULL)
		return MYO_FAIL;
	walk->depth++;
	if (pack_new_inside(outer->pack, &inner->pack, err) == MYO_OK)
		return MYO_OK;
	myo_err_prefix(err, "%s%s: ", outer->folder, name);
	return MYO_FAIL;
}

int
walk_next(struct walk *walk, const char **name, int64_t *size, struct myo_err *err)
{
	for (;;) {
		struct level *level = &walk->levels[walk->depth - 1];
		const bool nested = walk->depth > 1;
		int rc = pack_next(level->pack, name, size, err);
		if (rc == MYO_OK && nested && !level->begun && pack_is_alone(level->pack))
			rc = myo_fail(err, "is called a tar, and isn't one");
		if (rc == MYO_FAIL && nested)
			myo_err_prefix(err, "%.*s: ", (int)strlen(level->folder) - 1, level->folder);
		if (rc == MYO_FAIL || (rc == MYO_END && !nested))
			return rc;
		if (rc == MYO_END) {
			leave(walk);
			continue;
		}
		level->begun = true;
		if (walk_is_litter(*name)) /* before tars: macOS leaves a "._a.tar" beside a.tar, which is none */
			continue;
		const size_t stem = walk->depth < MAX_NESTED && !pack_is_alone(level->pack) ? path_tar_stem(*name) : 0;
		if (stem > 0) {
			if (enter(walk, *name, stem, err) != MYO_OK)
				return MYO_FAIL;
			continue;
		}
		if (!nested)
			return MYO_OK;
		free(walk->name);
		*name = walk->name = myo_format(err, "%s%s", level->folder, *name);
		return *name != NULL ? MYO_OK : MYO_FAIL;
	}
}

struct pack *
walk_pack(const struct walk *walk)
{
	return walk->levels[walk->depth - 1].pack;
}

struct pack *
walk_outermost(const struct walk *walk)
{
	return walk->levels[0].pack;
}

bool
walk_is_alone(const struct walk *walk)
{
	return walk->depth == 1 && pack_is_alone(walk->levels[0].pack);
}
