/* myopic-report - make a page about a model's predictions. */
#include "cli/cli.h"
#include "report/report.h"

#include <string.h>

struct conf {
	const char *images, *whole, *output;
	struct myo_texts logs;
	struct myo_report_settings page;
	long top, each, gallery;
	int method;
};

/* "auto" and the methods of heat maps, in their order. */
static const char *const *
method_names(void)
{
	static const char *names[32] = { "auto" };

	for (size_t i = 0; myo_heat_method_names[i] != NULL && i + 2 < MYO_COUNT(names); i++)
		names[i + 1] = myo_heat_method_names[i];
	return names;
}

static void
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-report",
		.summary = "make a page about a model's predictions",
		.usage = "-o FILE < predictions",
		.notes = "The page is one HTML file: figures, charts, and pictures with heat maps where --images is given.",
	};
	const struct myo_opt options[] = {
		MYO_TEXT('o', "output", "FILE", &c->output, "the page"),
		MYO_TEXT('i', "images", "FILE", &c->images,
		    "the images that the predictions are of: show the most telling ones"),
		MYO_TEXT('w', "whole", "FILE", &c->whole,
		    "predictions of whole images: figures are theirs, maps those of the tiles"),
		MYO_LIST('l', "log", "FILE", &c->logs,
		    "draw the curves of this log of a training; may be given several times"),
		MYO_CHOICE('m', "method", "METHOD", &c->method, method_names(), "heat of a pixel"),
		MYO_TEXT('c', "class", "CLASS", &c->page.about, "the class in question: label, predicted or a name"),
		MYO_INT('k', "top", "K", &c->top, 1, 100000,
		    "count a label among the K most probable classes as found"),
		MYO_INT('n', "each", "N", &c->each, 1, 1000, "images of each kind and class, at most"),
		MYO_INT('g', "gallery", "N", &c->gallery, 1, 100000, "classes with images, at most; of more the worst"),
		MYO_TEXT('t', "title", "TEXT", &c->page.title, "title of the page"),
		MYO_OPTIONS_BESIDE,
		MYO_BYTES(0, "memory", "SIZE", &c->page.memory, "memory for images whose tiles aren't all read"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	(void)myo_cli_parse(options, 0, 0);
	if (c->output == NULL)
		myo_cli_usage("where to? --output FILE says it");
	if (c->images == NULL && (c->method > 0 || strcmp(c->page.about, "predicted") != 0))
		myo_cli_usage("--%s wants --images FILE", c->method > 0 ? "method" : "class");
	c->page.method = c->method > 0 ? c->method - 1 : MYO_REPORT_AUTO;
	c->page.top = (size_t)c->top;
	c->page.each = (size_t)c->each;
	c->page.gallery = (size_t)c->gallery;
	myo_cli_check_words();
}

/*
 * Files are read first, so that mistakes in them are reported before all predictions have come. *whole stays open for
 * its history.
 */
static int
read_files(const struct conf *c, struct myo_report_page *page, struct myo_reader **whole, struct myo_err *err)
{
	int rc = MYO_OK;

	for (size_t i = 0; rc == MYO_OK && i < c->logs.count; i++)
		rc = myo_report_page_log(page, c->logs.items[i], err);
	if (rc != MYO_OK || c->whole == NULL)
		return rc;
	rc = myo_reader_open(c->whole, whole, err);
	if (rc == MYO_OK)
		rc = myo_report_page_whole(page, *whole, c->whole, err);
	return rc == MYO_OK ? myo_cli_reads(c->whole, myo_reader_header(*whole), err) : rc;
}

static int
read_predictions(struct myo_reader *in, struct myo_report_page *page, struct myo_err *err)
{
	struct myo_record record = MYO_RECORD_INIT;
	int rc;

	while ((rc = myo_reader_next(in, &record, err)) == MYO_OK)
		if ((rc = myo_report_page_add(page, &record, err)) != MYO_OK)
			break;
	myo_record_clear(&record);
	return rc == MYO_END ? MYO_OK : MYO_FAIL;
}

static int
write_page(const struct conf *c, const struct myo_reader *in, struct myo_report_page *page, struct myo_outfile **file,
    struct myo_err *err)
{
	json_t *history = NULL;
	int rc = MYO_FAIL;

	if (myo_json_copy(myo_reader_header(in)->history, &history, err) == MYO_OK &&
	    myo_cli_history(&history, err) == MYO_OK)
		rc = myo_report_page_write(page, history, myo_outfile_fd(*file), c->output, err);
	json_decref(history);
	if (rc != MYO_OK)
		return MYO_FAIL;
	rc = myo_outfile_commit(*file, err);
	*file = NULL;
	if (rc == MYO_OK)
		myo_say("the page is in %s", c->output);
	return rc;
}

int
main(int argc, char **argv)
{
	struct conf c = { .top = 5, .each = 4, .gallery = 20,
		.page = { .about = "predicted", .memory = (size_t)512 << 20 } };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_reader *in = NULL, *whole = NULL;
	struct myo_heat_images *images = NULL;
	struct myo_report_page *page = NULL;
	struct myo_outfile *file = NULL;

	parse(&c, argc, argv);
	int rc = myo_cli_reader(&in, &err);
	if (rc == MYO_OK)
		rc = myo_reader_need_kind(in, MYO_PREDICTIONS, &err);
	if (rc == MYO_OK)
		rc = myo_outfile_new(c.output, &file, &err);
	if (rc == MYO_OK && c.images != NULL)
		rc = myo_heat_images_new(c.images, myo_reader_header(in), &images, &err);
	if (rc == MYO_OK && c.images != NULL)
		rc = myo_heat_images_survey(images, &err);
	if (rc == MYO_OK && c.images != NULL)
		rc = myo_cli_reads(c.images, myo_heat_images_header(images), &err);
	if (rc == MYO_OK)
		rc = myo_report_page_new(&c.page, myo_reader_header(in), "standard input", images, &page, &err);
	if (rc == MYO_OK)
		rc = read_files(&c, page, &whole, &err);
	if (rc == MYO_OK)
		rc = read_predictions(in, page, &err);
	if (rc == MYO_OK)
		rc = write_page(&c, in, page, &file, &err);
	myo_outfile_discard(file);
	myo_report_page_free(page);
	myo_heat_images_free(images);
	const int status = myo_cli_leave(rc, NULL, &err);
	myo_reader_free(whole);
	myo_reader_free(in);
	return status;
}
