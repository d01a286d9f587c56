/* Finding and loading plugins, with a message for each way to fail. */
#include "plugin/arch.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ENDING ".so"
#define ENTRY "myopic_plugin_entry"

/* Size of struct myo_plugin in the first version of the interface; a plugin's .size is never less. */
enum { FIRST_SIZE = offsetof(struct myo_plugin, build) + sizeof((struct myo_plugin *)NULL)->build };

/* ---- one file -------------------------------------------------------------------------- */

/* "…/resnet9.so" to "resnet9", on the heap; NULL with *err if the ending is another. */
static char *
name_of_file(const char *file, struct myo_err *err)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash != NULL ? slash + 1 : file;
	const size_t length = strlen(base), ending = strlen(ENDING);

	if (length <= ending || strcmp(base + length - ending, ENDING) != 0) {
		(void)myo_fail(err, "%s: a plugin is a file NAME" ENDING, file);
		return NULL;
	}
	return myo_format(err, "%.*s", (int)(length - ending), base);
}

/* The loader's message, without the file's name, which some messages begin with. */
static const char *
loader_says(const char *file)
{
	const char *text = dlerror();
	const size_t length = strlen(file);

	if (text == NULL)
		return "no reason given";
	if (strncmp(text, file, length) == 0 && text[length] == ':')
		text += length + 1;
	return text + strspn(text, " ");
}

static int
open_file(const char *file, void **handle, struct myo_err *err)
{
	struct stat status;

	if (stat(file, &status) != 0)
		return myo_fail_errno(err, "%s: can't be loaded", file);
	if (!S_ISREG(status.st_mode))
		return myo_fail(err, "%s: can't be loaded: not a regular file", file);
	*handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (*handle != NULL)
		return MYO_OK;

	const char *why = loader_says(file);
	/* the words of glibc and of musl */
	const bool undefined = strstr(why, "undefined symbol") != NULL || strstr(why, "symbol not found") != NULL;
	const char *advice = undefined ? "define it, or link the plugin with the library that does" :
	    "it must be a shared object for this machine; ldd shows what it needs";
	return myo_fail(err, "%s: can't be loaded: %s (%s)", file, why, advice);
}

static int
check_names(const char *file, const struct myo_plugin *plugin, struct myo_err *err)
{
	int rc = MYO_OK;
	char *name = name_of_file(file, err);

	if (name == NULL)
		return MYO_FAIL;
	if (plugin->name == NULL)
		rc = myo_fail(err, "%s: has no name; set .name to \"%s\"", file, name);
	else if (strcmp(plugin->name, name) != 0)
		rc = myo_fail(err, "%s: calls itself '%s'; file and name must agree, rename one of them",
		    file, plugin->name);
	free(name);
	return rc;
}

static int
check_plugin(const char *file, const struct myo_plugin *plugin, struct myo_err *err)
{
	if (plugin == NULL)
		return myo_fail(err, "%s: " ENTRY "() returns NULL; it must return the plugin's struct", file);
	if (plugin->abi != MYOPIC_PLUGIN_ABI)
		return myo_fail(err,
		    "%s: made for plugin interface %u, this is %u; compile it again with the "
		    "installed myopic-plugin.h",
		    file, (unsigned)plugin->abi, (unsigned)MYOPIC_PLUGIN_ABI);
	if (plugin->size < FIRST_SIZE)
		return myo_fail(err,
		    "%s: its struct has %u bytes, at least %u are needed; set .size to "
		    "sizeof(struct myo_plugin)",
		    file, (unsigned)plugin->size, (unsigned)FIRST_SIZE);
	if (check_names(file, plugin, err) != MYO_OK)
		return MYO_FAIL;
	if (plugin->build == NULL)
		return myo_fail(
		    err, "%s: has no build(); set .build to the function that describes the network", file);
	if (plugin->summary == NULL || !myo_is_line(plugin->summary))
		return myo_fail(err, "%s: has no summary; set .summary to one line of text", file);
	if (myo_params_check(plugin->params, err) != MYO_OK) {
		myo_err_prefix(err, "%s: its table of options is wrong: ", file);
		return MYO_FAIL;
	}
	return MYO_OK;
}

/* A plugin is never unloaded: pointers to its code and data may live as long as the process. */
int
myo_plugin_load(const char *file, const struct myo_plugin **out, struct myo_err *err)
{
	const struct myo_plugin *(*entry)(void);
	void *handle;

	if (open_file(file, &handle, err) != MYO_OK)
		return MYO_FAIL;
	void *symbol = dlsym(handle, ENTRY);
	if (symbol == NULL)
		return myo_fail(err, "%s: not a plugin: it does not export " ENTRY "()", file);
	memcpy(&entry, &symbol, sizeof entry); /* ISO C has no cast from an object pointer to a function pointer */
	const struct myo_plugin *plugin = entry();
	if (check_plugin(file, plugin, err) != MYO_OK)
		return MYO_FAIL;
	*out = plugin;
	return MYO_OK;
}

/* ---- the search path ------------------------------------------------------------------- */

static const char *
search_path(void)
{
	const char *path = getenv("MYOPIC_PLUGIN_PATH");

	return path != NULL && path[0] != '\0' ? path : PLUGIN_DIR;
}

static int
find_file(const char *name, char **out, struct myo_err *err)
{
	const int rc = myo_search_file(search_path(), name, ENDING, out, err);

	if (rc != MYO_END)
		return rc;
	return myo_fail(err,
	    "%s: no such architecture in %s (myopic-plugin --list shows what there is; --arch takes a file with a slash, "
	    "./NAME.so, whose models are read with its folder in MYOPIC_PLUGIN_PATH)",
	    name, search_path());
}

/* ---- architectures ----------------------------------------------------------------------- */

void
myo_arch_free(struct myo_arch *arch)
{
	if (arch == NULL)
		return;
	free(arch->file);
	free(arch->values);
	free(arch);
}

const struct myo_plugin *
myo_arch_plugin(const struct myo_arch *arch)
{
	return arch->plugin;
}

const char *
myo_arch_file(const struct myo_arch *arch)
{
	return arch->file;
}

/* Takes ownership of the file name, even on failure. */
static int
arch_of_file(char *file, const char *options, struct myo_arch **out, struct myo_err *err)
{
	struct myo_arch *arch = myo_calloc(1, sizeof *arch, err);

	*out = NULL;
	if (arch == NULL) {
		free(file);
		return MYO_FAIL;
	}
	arch->file = file;
	if (myo_plugin_load(file, &arch->plugin, err) != MYO_OK)
		goto fail;
	arch->values = myo_calloc(myo_params_count(arch->plugin->params), sizeof *arch->values, err);
	if (arch->values == NULL)
		goto fail;
	if (myo_params_parse(arch->plugin->params, options, arch->values, err) != MYO_OK) {
		myo_err_prefix(err, "%s: ", arch->plugin->name);
		goto fail;
	}
	*out = arch;
	return MYO_OK;
fail:
	myo_arch_free(arch);
	return MYO_FAIL;
}

int
myo_arch_new(const char *spec, struct myo_arch **out, struct myo_err *err)
{
	*out = NULL;

	/* Options begin at the first colon after the last slash: a folder's name may have one. */
	const char *slash = strrchr(spec, '/');
	const char *base = slash != NULL ? slash + 1 : spec;
	const size_t length = (size_t)(base - spec) + strcspn(base, ":");
	const char *options = spec[length] == ':' ? spec + length + 1 : "";

	char *file = NULL, *name = myo_format(err, "%.*s", (int)length, spec);
	if (name == NULL)
		return MYO_FAIL;
	if (slash != NULL) {
		file = name;
	} else {
		const int rc =
		    name[0] != '\0'
			? find_file(name, &file, err)
			: myo_fail(err, "'%s' names no architecture; write NAME or NAME:option=value,...", spec);
		free(name);
		if (rc != MYO_OK)
			return MYO_FAIL;
	}
	return arch_of_file(file, options, out, err);
}

/* ---- everything there is ------------------------------------------------------------------- */

static int
show_file(const char *folder, const char *name, bool shadowed, myo_arch_found *found, void *context,
    struct myo_err *err)
{
	struct myo_err why = MYO_ERR_INIT;
	struct myo_arch *arch;
	char *file = myo_format(err, "%s/%s", folder, name);
	char *copy = file != NULL ? myo_strdup(file, err) : NULL;

	if (copy == NULL) {
		free(file);
		return MYO_FAIL;
	}
	if (plugin_try(file, &why) == MYO_OK) {
		(void)arch_of_file(copy, "", &arch, &why);
	} else {
		free(copy);
		arch = NULL;
	}
	found(context, file, arch, shadowed, &why);
	myo_arch_free(arch);
	free(file);
	return MYO_OK;
}

int
myo_arch_list(myo_arch_found *found, void *context, struct myo_err *err)
{
	const char *path = search_path();
	struct myo_names names = { 0, NULL };
	char *folder;
	int rc;

	while ((rc = myo_search_next(&path, &folder, err)) == MYO_OK) {
		const size_t first = names.count;
		rc = myo_search_folder(folder, ENDING, &names, err);
		for (size_t i = first; rc == MYO_OK && i < names.count; i++)
			rc = show_file(folder, names.items[i], myo_names_have(&names, first, names.items[i]),
			    found, context, err);
		free(folder);
		if (rc != MYO_OK)
			break;
	}
	myo_names_clear(&names);
	return rc == MYO_END ? MYO_OK : MYO_FAIL;
}
