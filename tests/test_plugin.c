/* Tests of the plugin room: options, and what the architectures amount to. */
#include "net/net.h"
#include "plugin/arch.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = { "plain", "round", "square", NULL };

static const struct myo_param table[] = {
	{ .name = "width", .type = MYO_PARAM_INT, .def = 16, .min = -4, .max = 64, .help = "w" },
	{ .name = "rate", .type = MYO_PARAM_REAL, .def = 0.1, .min = 1e-9, .max = 1, .help = "r" },
	{ .name = "bias", .type = MYO_PARAM_BOOL, .def = 1, .help = "b" },
	{ .name = "kind", .type = MYO_PARAM_CHOICE, .def = 1, .choices = kinds, .help = "k" },
	{ .name = NULL },
};

/* ---- options --------------------------------------------------------------------------- */

static const struct {
	const char *text;
	double values[4];
	const char *complaint; /* NULL: the values */
} options[] = {
	{ "", { 16, 0.1, 1, 1 }, NULL },
	{ "width=64", { 64, 0.1, 1, 1 }, NULL },
	{ "kind=square,bias=0,rate=1e-9,width=-4", { -4, 1e-9, 0, 2 }, NULL },
	{ "width=65", { 0 }, "option 'width' takes -4 to 64, not 65" },
	{ "width=-5", { 0 }, "option 'width' takes -4 to 64, not -5" },
	{ "width=8.5", { 0 }, "option 'width' takes a whole number, not '8.5'" },
	{ "width=8x", { 0 }, "option 'width' takes a number, not '8x'" },
	{ "width=", { 0 }, "option 'width' takes a number, not ''" },
	{ "width", { 0 }, "'width' is not option=value; the options are width, rate, bias, kind" },
	{ "width=8,", { 0 }, "'' is not option=value; the options are width, rate, bias, kind" },
	{ "width=8,width=8", { 0 }, "option 'width' is given twice" },
	{ "rate=0", { 0 }, "option 'rate' takes 1e-09 to 1, not 0" },
	{ "rate=nan", { 0 }, "option 'rate' takes a number, not 'nan'" },
	{ "rate=1e999", { 0 }, "option 'rate' takes a number, not '1e999'" },
	{ "bias=2", { 0 }, "option 'bias' takes 0 or 1, not '2'" },
	{ "bias=10", { 0 }, "option 'bias' takes 0 or 1, not '10'" },
	{ "bias=", { 0 }, "option 'bias' takes 0 or 1, not ''" },
	{ "kind=oval", { 0 }, "option 'kind' takes one of plain, round, square, not 'oval'" },
	{ "kind=1", { 0 }, "option 'kind' takes one of plain, round, square, not '1'" },
	{ "depth=3", { 0 }, "there is no option 'depth'; the options are width, rate, bias, kind" },
};

START_TEST(options_are_parsed)
{
	struct myo_err err = MYO_ERR_INIT;
	double values[4];
	const int rc = myo_params_parse(table, options[_i].text, values, &err);

	if (options[_i].complaint != NULL) {
		ck_assert_int_eq(rc, MYO_FAIL);
		ck_assert_str_eq(err.text, options[_i].complaint);
		return;
	}
	ck_assert_msg(rc == MYO_OK, "%s", err.text);
	for (int i = 0; i < 4; i++)
		ck_assert_double_eq(values[i], options[_i].values[i]);
}
END_TEST

START_TEST(a_plugin_without_options_takes_none)
{
	struct myo_err err = MYO_ERR_INIT;

	ck_assert_int_eq(myo_params_parse(NULL, "", NULL, &err), MYO_OK);
	ck_assert_int_eq(myo_params_parse(NULL, "width=3", NULL, &err), MYO_FAIL);
	ck_assert_str_eq(err.text, "takes no options, but was given 'width=3'");
}
END_TEST

START_TEST(values_are_written_so_that_they_read_back)
{
	static const double rates[] = { 0.1, 1.0 / 3, 1e-9, 0.9, 1, 0.30000000000000004 };
	struct myo_err err = MYO_ERR_INIT;

	for (size_t i = 0; i < MYO_COUNT(rates); i++) {
		char text[MYO_PARAM_TEXT], setting[MYO_PARAM_TEXT + 8];
		double values[4];
		(void)snprintf(setting, sizeof setting, "rate=%s", myo_param_text(&table[1], rates[i], text));
		ck_assert_int_eq(myo_params_parse(table, setting, values, &err), MYO_OK);
		ck_assert_double_eq(values[1], rates[i]);
	}
}
END_TEST

/* A table and what is wrong with it. */
#define OPTION { .name = "a", .type = MYO_PARAM_INT, .def = 1, .min = 0, .max = 2, .help = "h" }
static const char *const none[] = { NULL };
static const char *const same[] = { "x", "x", NULL };
static const char *const comma[] = { "x,y", NULL };
static const struct {
	struct myo_param params[3];
	const char *complaint;
} tables[] = {
	{ { OPTION }, NULL },
	{ { OPTION, OPTION }, "option 'a' stands twice in the table" },
	{ { { .name = "A=b", .type = MYO_PARAM_BOOL, .help = "h" } }, "the option name 'A=b' is not made of" },
	{ { { .name = "", .type = MYO_PARAM_BOOL, .help = "h" } }, "the option name '' is not made of" },
	{ { { .name = "a", .type = MYO_PARAM_BOOL } }, "option 'a' has no help" },
	{ { { .name = "a", .type = (enum myo_param_type)9, .help = "h" } }, "option 'a' has the unknown type 9" },
	{ { { .name = "a", .type = MYO_PARAM_INT, .def = 3, .max = 2, .help = "h" } }, "the default 3 is not within 0 to 2" },
	{ { { .name = "a", .type = MYO_PARAM_INT, .def = 0.5, .max = 2, .help = "h" } }, "must be whole numbers" },
	{ { { .name = "a", .type = MYO_PARAM_INT, .max = 1e10, .help = "h" } }, "must be whole numbers of 32 bits" },
	{ { { .name = "a", .type = MYO_PARAM_REAL, .min = 1, .def = 1, .help = "h" } }, "the range 1 to 0 is empty" },
	{ { { .name = "a", .type = MYO_PARAM_REAL, .def = NAN, .max = 1, .help = "h" } }, "must be finite" },
	{ { { .name = "a", .type = MYO_PARAM_BOOL, .def = 2, .help = "h" } }, "the default 2 is not within 0 to 1" },
	{ { { .name = "a", .type = MYO_PARAM_BOOL, .def = 0.5, .help = "h" } }, "the default 0.5 is not a whole number" },
	{ { { .name = "a", .type = MYO_PARAM_CHOICE, .help = "h" } }, "option 'a' has no choices" },
	{ { { .name = "a", .type = MYO_PARAM_CHOICE, .choices = none, .help = "h" } }, "option 'a' has no choices" },
	{ { { .name = "a", .type = MYO_PARAM_CHOICE, .choices = same, .help = "h" } }, "has the choice 'x' twice" },
	{ { { .name = "a", .type = MYO_PARAM_CHOICE, .choices = comma, .help = "h" } }, "the choice 'x,y' is not made of" },
	{ { { .name = "a", .type = MYO_PARAM_CHOICE, .def = 3, .choices = kinds, .help = "h" } }, "the default 3 is not within 0 to 2" },
};

START_TEST(tables_are_looked_at)
{
	struct myo_err err = MYO_ERR_INIT;
	const int rc = myo_params_check(tables[_i].params, &err);

	if (tables[_i].complaint == NULL) {
		ck_assert_msg(rc == MYO_OK, "%s", err.text);
	} else {
		ck_assert_int_eq(rc, MYO_FAIL);
		ck_assert_msg(strstr(err.text, tables[_i].complaint) != NULL, "%s", err.text);
	}
}
END_TEST

START_TEST(a_plugin_reads_its_options)
{
	const double values[4] = { 24, 0.25, 0, 2 };
	struct myo_misuse misuse = { false, "" };
	const struct myo_args args = { table, values, &misuse };

	ck_assert_int_eq(myo_arg_int(&args, "width"), 24);
	ck_assert_double_eq(myo_arg_real(&args, "rate"), 0.25);
	ck_assert(!myo_arg_bool(&args, "bias"));
	ck_assert_str_eq(myo_arg_choice(&args, "kind"), "square");
	ck_assert(!misuse.happened);

	ck_assert_int_eq(myo_arg_int(&args, "rate"), 0); /* of another type */
	ck_assert(misuse.happened);
	ck_assert_str_eq(misuse.text, "build() asks for 'rate' as a whole number, and its table has it as a real number");
	ck_assert_str_eq(myo_arg_choice(&args, "none"), ""); /* never NULL */
}
END_TEST

/* ---- architectures ------------------------------------------------------------------------ */

START_TEST(options_make_the_round_trip)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_arch *arch, *again;
	char *text, *twice, spec[256];

	ck_assert_msg(myo_arch_new("resnet:width=12,momentum=0.123456789012345678,form=small", &arch, &err) == MYO_OK,
	    "%s", err.text);
	ck_assert_int_eq(myo_arch_options(arch, &text, &err), MYO_OK);
	ck_assert_str_eq(text, "form=small,depth=0,width=12,momentum=0.12345678901234568");
	(void)snprintf(spec, sizeof spec, "%s:%s", myo_arch_file(arch), text); /* a file takes options too */
	ck_assert_msg(myo_arch_new(spec, &again, &err) == MYO_OK, "%s", err.text);
	ck_assert_int_eq(myo_arch_options(again, &twice, &err), MYO_OK);
	ck_assert_str_eq(text, twice);
	ck_assert_str_eq(myo_arch_plugin(again)->name, "resnet");
	free(twice);
	free(text);
	myo_arch_free(again);
	myo_arch_free(arch);
}
END_TEST

/*
 * Numbers for the networks of the literature: Jordan's 1.97 million for airbench; the paper's own figures (2.45 and 71
 * million for resnet9; 563 and 141 million for the small form) and torchvision's parameter counts.
 */
static const struct {
	const char *spec;
	int side, classes;
	size_t parameters;
	double macs;
} networks[] = {
	{ "resnet9", 16, 10, 2447946, 71231488 },
	{ "airbench", 16, 10, 1972792, 23416096 },
	{ "resnet:depth=20", 16, 10, 272474, 10203776 },
	{ "resnet:depth=56", 32, 10, 855770, 125747840 },
	{ "resnet:depth=8,width=4", 8, 2, 5078, 54048 },
	{ "resnet:form=small", 32, 10, 11181642, 563287040 },
	{ "resnet:form=small", 16, 10, 11181642, 140825600 },
	{ "resnet:form=small,depth=34", 64, 200, 21387272, 4669149184 },
	{ "resnet:form=imagenet", 224, 1000, 11689512, 1814073344 },
	{ "resnet:form=imagenet,depth=34", 224, 1000, 21797672, 3663761408 },
	{ "resnet:form=imagenet,depth=50", 224, 1000, 25557032, 4089184256 },
	{ "linear", 16, 10, 1930, 1920 },
	{ "linear:grid=4,bias=0", 16, 10, 480, 480 },
};

START_TEST(networks_have_their_size)
{
	const struct myo_shape input = { networks[_i].side, networks[_i].side, 3 };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_arch *arch;
	struct myo_net *net;
	double macs;

	ck_assert_msg(myo_arch_new(networks[_i].spec, &arch, &err) == MYO_OK, "%s", err.text);
	ck_assert_msg(myo_arch_build(arch, input, networks[_i].classes, 0, &net, &err) == MYO_OK, "%s", err.text);
	ck_assert_uint_eq(myo_net_parameters(net), networks[_i].parameters);
	ck_assert_int_eq(myo_net_macs(net, input.height, input.width, &macs, &err), MYO_OK);
	ck_assert_double_eq(macs, networks[_i].macs);
	myo_net_free(net);
	myo_arch_free(arch);
}
END_TEST

/* Names and shapes of others' files; the last four are torchvision's resnet50. */
static const struct {
	const char *spec, *name;
	int dims;
	size_t shape[4];
} tensors[] = {
	{ "resnet9", "conv1.weight", 4, { 64, 3, 3, 3 } },
	{ "resnet9", "pair1.conv2.weight", 4, { 128, 128, 3, 3 } },
	{ "resnet9", "pair2.bn1.running_var", 1, { 256 } },
	{ "resnet9", "fc.weight", 2, { 10, 1024 } },
	{ "airbench", "whiten.weight", 4, { 24, 3, 2, 2 } },
	{ "airbench", "group2.conv1.weight", 4, { 256, 64, 3, 3 } },
	{ "resnet", "layer2.0.downsample.0.weight", 4, { 32, 16, 1, 1 } },
	{ "resnet:form=small", "conv1.weight", 4, { 64, 3, 7, 7 } },
	{ "resnet:form=imagenet", "layer4.1.conv2.weight", 4, { 512, 512, 3, 3 } },
	{ "resnet:form=imagenet,depth=50", "bn1.running_mean", 1, { 64 } },
	{ "resnet:form=imagenet,depth=50", "layer1.0.downsample.0.weight", 4, { 256, 64, 1, 1 } },
	{ "resnet:form=imagenet,depth=50", "layer4.2.conv3.weight", 4, { 2048, 512, 1, 1 } },
	{ "resnet:form=imagenet,depth=50", "layer4.0.downsample.1.bias", 1, { 2048 } },
};

START_TEST(tensors_have_their_names)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_arch *arch;
	struct myo_net *net;

	ck_assert_msg(myo_arch_new(tensors[_i].spec, &arch, &err) == MYO_OK, "%s", err.text);
	ck_assert_msg(myo_arch_build(arch, (struct myo_shape){ 32, 32, 3 }, 10, 0, &net, &err) == MYO_OK,
	    "%s", err.text);
	const struct myo_weight *weight = myo_net_find_weight(net, tensors[_i].name);
	ck_assert_ptr_nonnull(weight);
	ck_assert_int_eq(weight->dims, tensors[_i].dims);
	for (int i = 0; i < weight->dims; i++)
		ck_assert_uint_eq(weight->shape[i], tensors[_i].shape[i]);
	myo_net_free(net);
	myo_arch_free(arch);
}
END_TEST

/* The paper's pairs: ReLU before the addition, none after. */
START_TEST(resnet9_adds_after_relu)
{
	struct myo_err err = MYO_ERR_INIT;
	struct myo_arch *arch;
	struct myo_net *net;
	char *text, *lines[64] = { NULL };
	int count = 0, pairs = 0;

	ck_assert_msg(myo_arch_new("resnet9", &arch, &err) == MYO_OK, "%s", err.text);
	ck_assert_msg(myo_arch_build(arch, (struct myo_shape){ 16, 16, 3 }, 10, 0, &net, &err) == MYO_OK,
	    "%s", err.text);
	ck_assert_int_eq(myo_net_describe(net, &text, &err), MYO_OK);
	for (char *line = strtok(text, "\n"); line != NULL && count < 64; line = strtok(NULL, "\n"))
		lines[count++] = line;
	for (int i = 1; i + 1 < count; i++) {
		if (strstr(lines[i], " add ") == NULL)
			continue;
		ck_assert_msg(strstr(lines[i - 1], " relu ") != NULL, "%s", lines[i - 1]);
		ck_assert_msg(strstr(lines[i + 1], " relu ") == NULL, "%s", lines[i + 1]);
		pairs++;
	}
	ck_assert_int_eq(pairs, 2);
	free(text);
	myo_net_free(net);
	myo_arch_free(arch);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("plugin");
	TCase *all = tcase_create("all");

	tcase_set_timeout(all, 60); /* for slow and busy machines; 4 seconds by default */

	tcase_add_loop_test(all, options_are_parsed, 0, (int)MYO_COUNT(options));
	tcase_add_test(all, a_plugin_without_options_takes_none);
	tcase_add_test(all, values_are_written_so_that_they_read_back);
	tcase_add_loop_test(all, tables_are_looked_at, 0, (int)MYO_COUNT(tables));
	tcase_add_test(all, a_plugin_reads_its_options);
	tcase_add_test(all, options_make_the_round_trip);
	tcase_add_loop_test(all, networks_have_their_size, 0, (int)MYO_COUNT(networks));
	tcase_add_loop_test(all, tensors_have_their_names, 0, (int)MYO_COUNT(tensors));
	tcase_add_test(all, resnet9_adds_after_relu);
	suite_add_tcase(suite, all);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	const int failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
