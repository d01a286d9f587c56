/* Folders to look in, and the files there that have an ending. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int
myo_search_next(const char **path, char **folder, struct myo_err *err)
{
	*folder = NULL;
	*path += strspn(*path, ":"); /* empty entries are skipped; they don't mean the current folder */
	const size_t length = strcspn(*path, ":");
	if (length == 0)
		return MYO_END;
	*folder = myo_format(err, "%.*s", (int)length, *path);
	*path += length;
	return *folder != NULL ? MYO_OK : MYO_FAIL;
}

int
myo_search_file(const char *path, const char *name, const char *ending, char **out, struct myo_err *err)
{
	char *folder;
	int rc;

	*out = NULL;
	while ((rc = myo_search_next(&path, &folder, err)) == MYO_OK) {
		struct stat status;
		char *file = myo_format(err, "%s/%s%s", folder, name, ending);
		free(folder);
		if (file == NULL)
			return MYO_FAIL;
		if (stat(file, &status) == 0) {
			*out = file;
			return MYO_OK;
		}
		free(file);
	}
	return rc;
}

static int
add_name(struct myo_names *names, const char *name, struct myo_err *err)
{
	char **more = myo_realloc(names->items, names->count + 1, sizeof *more, err);

	if (more == NULL)
		return MYO_FAIL;
	names->items = more;
	more[names->count] = myo_strdup(name, err);
	return more[names->count++] != NULL ? MYO_OK : MYO_FAIL;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int
myo_search_folder(const char *folder, const char *ending, struct myo_names *names, struct myo_err *err)
{
	const size_t first = names->count, end = strlen(ending);
	const struct dirent *entry;
	int rc = MYO_OK;

	DIR *dir = opendir(folder);
	if (dir == NULL)
		return errno == ENOENT ? MYO_OK : myo_fail_errno(err, "%s: can't be read", folder);
	while (rc == MYO_OK && (entry = readdir(dir)) != NULL) {
		const size_t length = strlen(entry->d_name);
		if (length > end && strcmp(entry->d_name + length - end, ending) == 0)
			rc = add_name(names, entry->d_name, err);
	}
	(void)closedir(dir);
	if (rc == MYO_OK && names->count > first)
		qsort(names->items + first, names->count - first, sizeof *names->items, compare_texts);
	return rc;
}

bool
myo_names_have(const struct myo_names *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names->items[i], name) == 0)
			return true;
	return false;
}

void
myo_names_clear(struct myo_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct myo_names){ 0, NULL };
}
