/* myopic-plugin - list architectures, describe one, check one against the contract. */
#include "cli/cli.h"
#include "net/net.h"
#include "plugin/plugin.h"

#include <stdio.h>
#include <stdlib.h>

enum { CLASSES = 10 }; /* default, of a network that is described */

struct conf {
	bool list, check;
	long size; /* 0: describe the options alone */
	long classes;
};

static int
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-plugin",
		.summary = "list network architectures, describe one, or check one against the contract",
		.usage = "[ARCHITECTURE ...]",
		.notes = "ARCHITECTURE is a name, or a file with a slash in it, and options:\n"
			 "resnet:depth=20,width=16. Each one is described, or with --check checked; without any,\n"
			 "all are listed.",
	};
	const struct myo_opt options[] = {
		MYO_FLAG('l', "list", &c->list, "list what the search path has, and what is wrong with it"),
		MYO_FLAG('c', "check", &c->check, "check against the contract of plugins"),
		MYO_INT('s', "size", "N", &c->size, 0, 16384,
		    "describe the network for inputs of NxN pixels; 0: only the options"),
		MYO_INT('k', "classes", "K", &c->classes, 2, 1000000, "number of classes of that network"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	const int first = myo_cli_parse(options, 0, -1);
	if (c->list && (c->check || first < argc))
		myo_cli_usage("--list takes no architecture and no --check");
	if ((c->size > 0 || c->classes != CLASSES) && (c->list || c->check || first == argc))
		myo_cli_usage("--size and --classes are for describing an architecture");
	if (c->check && first == argc)
		myo_cli_usage("--check wants an architecture: a name, or a file with a slash");
	return first;
}

/* ---- list ----------------------------------------------------------------------------- */

static void
show_found(void *context, const char *file, const struct myo_arch *arch, bool shadowed,
    const struct myo_err *why)
{
	(void)context;
	if (arch == NULL)
		(void)printf("refused   %s\n", why->text);
	else
		(void)printf("%-9s %s%s\n          %s\n", myo_arch_plugin(arch)->name, file,
		    shadowed ? " (hidden by the one of that name above)" : "", myo_arch_plugin(arch)->summary);
}

/* ---- describe -------------------------------------------------------------------------- */

static int
describe_network(const struct conf *c, const struct myo_arch *arch, struct myo_err *err)
{
	const int side = (int)c->size, classes = (int)c->classes;
	struct myo_net *net;
	char *operations = NULL;
	double macs;
	int field;

	if (myo_arch_build(arch, (struct myo_shape){ side, side, 3 }, classes, 0, &net, err) != MYO_OK)
		return MYO_FAIL;
	int rc = myo_net_macs(net, side, side, &macs, err);
	if (rc == MYO_OK)
		rc = myo_net_describe(net, &operations, err);
	if (rc == MYO_OK)
		rc = myo_net_receptive_field(net, &field, err);
	if (rc == MYO_OK) {
		(void)printf("network for %dx%d pixels and %d classes:\n%s", side, side, classes, operations);
		(void)printf("parameters            %zu\n", myo_net_parameters(net));
		(void)printf("multiply-accumulates  %.0f (%.2f million) for an image\n", macs, macs / 1e6);
		if (field > 0)
			(void)printf("receptive field       %dx%d pixels\n", field, field);
	}
	free(operations);
	myo_net_free(net);
	return rc;
}

static int
describe(const struct conf *c, const char *spec, struct myo_err *err)
{
	struct myo_arch *arch;
	char *text;

	if (myo_arch_new(spec, &arch, err) != MYO_OK)
		return MYO_FAIL;
	int rc = myo_arch_describe(arch, &text, err);
	if (rc == MYO_OK) {
		(void)printf("%s", text);
		free(text);
		if (c->size > 0)
			rc = describe_network(c, arch, err);
	}
	myo_arch_free(arch);
	return rc;
}

/* ---- check ------------------------------------------------------------------------------- */

static void
show_point(void *context, const char *point, bool holds, const char *detail)
{
	(void)context;
	(void)printf("  %-4s  %-21s  %s\n", holds ? "ok" : "FAIL", point, detail);
	(void)fflush(stdout); /* a point may take a while */
}

static int
check(const char *spec, struct myo_err *err)
{
	(void)printf("%s\n", spec);
	const int rc = myo_arch_check(spec, show_point, NULL, err);
	if (rc != MYO_OK)
		myo_err_prefix(err, "%s: ", spec);
	return rc;
}

int
main(int argc, char **argv)
{
	struct conf c = { .list = false, .check = false, .size = 0, .classes = CLASSES };
	struct myo_err err = MYO_ERR_INIT;
	const int first = parse(&c, argc, argv);
	int rc = MYO_OK;

	if (first == argc)
		rc = myo_arch_list(show_found, NULL, &err);
	for (int i = first; i < argc; i++) {
		struct myo_err why = MYO_ERR_INIT;
		if ((c.check ? check(argv[i], &why) : describe(&c, argv[i], &why)) == MYO_OK)
			continue;
		if (rc != MYO_OK) /* the last failure is left to the end of main() */
			myo_complain(&err);
		err = why;
		rc = MYO_FAIL;
	}
	return myo_cli_leave(rc, NULL, &err);
}
