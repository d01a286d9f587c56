/* myopic-unpack - turn a data set into a stream of labelled images. */
#include "cli/cli.h"
#include "data/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct conf {
	const char *resize, *background;
	bool list;
	int first, count; /* operands */
	int fit, filter;  /* enum myo_fit, enum myo_filter */
	long fold, skip, limit, per_class, interleave, max_pixels, threads;
	size_t max_member;
	struct myo_texts classes;
	struct myo_dataset_options set;
};

/* "32" or "32x48": height and width. */
static void
parse_size(const char *text, struct myo_dataset_options *set)
{
	long sides[2];
	char *end = NULL;

	sides[0] = sides[1] = strtol(text, &end, 10);
	if (end != text && *end == 'x') {
		if (set->fit == MYO_FIT_SHORTER)
			myo_cli_usage("--fit shorter wants --resize N, one side");
		text = end + 1;
		sides[1] = strtol(text, &end, 10);
	}
	if (end == text || *end != '\0' || sides[0] < 1 || sides[1] < 1 || sides[0] > 16384 ||
	    sides[1] > 16384)
		myo_cli_usage("--resize: want N or HxW, sides from 1 to 16384");
	set->height = (int)sides[0];
	set->width = (int)sides[1];
}

/* "ff8000" */
static void
parse_colour(const char *text, uint8_t rgb[3])
{
	if (strlen(text) != 6 || strspn(text, "0123456789abcdefABCDEF") != 6)
		myo_cli_usage("--background: want RRGGBB, such as ffffff for white");
	const unsigned long value = strtoul(text, NULL, 16);
	for (int i = 0; i < 3; i++)
		rgb[i] = (uint8_t)(value >> (16 - 8 * i));
}

static void
warn(void *context, const char *text)
{
	(void)context;
	myo_warn("skipped: %s", text);
}

static bool
is_format(const char *wanted)
{
	const char *name, *summary;

	for (size_t i = 0; myo_dataset_format(i, &name, &summary); i++)
		if (strcmp(name, wanted) == 0)
			return true;
	return false;
}

/* Check options against each other, and set those of the data set. */
static void
check(struct conf *c)
{
	struct myo_dataset_options *set = &c->set;

	if (set->format != NULL && strcmp(set->format, "auto") == 0)
		set->format = NULL;
	if (set->format != NULL && !is_format(set->format))
		myo_cli_usage("--format %s: there is none of that name; --list-formats has all", set->format);
	set->fit = (enum myo_fit)c->fit;
	set->filter = (enum myo_filter)c->filter;
	if (c->resize != NULL)
		parse_size(c->resize, set);
	else if (set->fit != MYO_FIT_CROP || set->filter != MYO_FILTER_LANCZOS)
		myo_cli_usage("--%s says how to resize: give --resize, too",
		    set->fit != MYO_FIT_CROP ? "fit" : "filter");
	if (set->holdout > 0 && set->holdout < 1e-9)
		myo_cli_usage("--holdout: want 0, which is none, or a share from 1e-9 on");
	if (set->held_out && set->holdout <= 0)
		myo_cli_usage("--held-out wants to know how much: give --holdout SHARE");
	if (set->label_names != NULL && set->labels == NULL)
		myo_cli_usage("--label-names says what numbers in --labels mean: give that, too");
	parse_colour(c->background, set->rules.background);
	set->rules.max_pixels = c->max_pixels;
	if (c->max_member == 0 || c->max_member > (size_t)1 << 40)
		myo_cli_usage("--max-member: from 1 byte to 1T");
	set->max_member = (int64_t)c->max_member;
	set->fold = (int)c->fold + 1;
	set->skip = c->skip;
	set->limit = c->limit;
	set->per_class = c->per_class;
	set->class_count = c->classes.count;
	set->classes = c->classes.items;
	set->interleave = (int)c->interleave;
	set->threads = (int)c->threads;
	set->warn = warn;
}

static void
parse(struct conf *c, int argc, char **argv)
{
	static const struct myo_program program = {
		.name = "myopic-unpack",
		.summary = "turn a data set into a stream of labelled images",
		.usage = "FILE|FOLDER|-... > images",
		.streams = true,
		.notes = "A data set is archives, folders or single files; - is standard input. Braces in a name stand for\n"
			 "several: shard-{000..146}.tar.",
	};
	static const char *const fits[] = { "crop", "stretch", "shorter", NULL };
	static const char *const filters[] = { "triangle", "area", "lanczos", NULL };
	const struct myo_opt options[] = {
		MYO_TEXT('s', "split", "NAME", &c->set.split,
		    "train, test or whatever the set has; all for every one"),
		MYO_TEXT('f', "format", "NAME", &c->set.format,
		    "format of the data set; found out where not given"),
		MYO_FLAG(0, "list-formats", &c->list, "print the names of the formats and exit"),
		MYO_FLAG(0, "coarse", &c->set.coarse,
		    "CIFAR-100: the 20 coarse labels, not the 100 fine ones"),
		MYO_INT(0, "fold", "N", &c->fold, -1, 9, "STL-10: of the training images, those of this fold; -1: all"),
		MYO_TEXT(0, "labels", "FILE", &c->set.labels, "a text with the classes of pictures that lie together"),
		MYO_TEXT(0, "label-names", "FILE", &c->set.label_names,
		    "a text with a class in each line, for the numbers in --labels"),
		MYO_TEXT(0, "class-names", "FILE", &c->set.class_names, "a text with readable names of the classes"),
		MYO_LIST('c', "classes", "NAME,...", &c->classes, "only these classes; may be given several times"),
		MYO_REAL(0, "holdout", "SHARE", &c->set.holdout, 0, 0.5,
		    "leave out this share of each class, to validate on; 0: none"),
		MYO_FLAG(0, "held-out", &c->set.held_out, "take what --holdout leaves out, and nothing else"),
		MYO_U64('S', "seed", "N", &c->set.seed, "seed of the choice of --holdout and of --shuffle"),
		MYO_INT(0, "skip", "N", &c->skip, 0, 1e15, "leave out the pictures that --limit N would unpack"),
		MYO_INT('n', "limit", "N", &c->limit, 0, 1e15,
		    "so many pictures at most, evenly from all classes; 0: all"),
		MYO_INT(0, "per-class", "N", &c->per_class, 0, 1e15,
		    "so many pictures of each class at most; 0: all"),
		MYO_FLAG(0, "shuffle", &c->set.shuffle, "several files: in a random order"),
		MYO_INT(0, "interleave", "N", &c->interleave, 1, MYO_MAX_INTERLEAVE,
		    "several files: read so many at a time, a picture of each in turn"),
		MYO_TEXT('r', "resize", "SIZE", &c->resize,
		    "resize to NxN or, given HxW, to this height and width"),
		MYO_CHOICE(0, "fit", "HOW", &c->fit, fits, "what --resize does with other proportions"),
		MYO_CHOICE(0, "filter", "NAME", &c->filter, filters, "how --resize weighs the pixels"),
		MYO_TEXT(0, "background", "RRGGBB", &c->background, "colour on which transparent pictures are laid"),
		MYO_FLAG(0, "as-stored", &c->set.rules.as_stored, "don't turn pictures upright that say how they lie"),
		MYO_INT(0, "max-pixels", "N", &c->max_pixels, 1, 1 << 30, "a picture of more pixels counts as broken"),
		MYO_BYTES(0, "max-member", "SIZE", &c->max_member, "so does a picture's file of more bytes"),
		MYO_FLAG(0, "strict", &c->set.strict,
		    "fail at the first broken picture; otherwise it is skipped"),
		MYO_OPTIONS_BESIDE,
		MYO_INT(0, "threads", "N", &c->threads, 0, 1024, "threads that decode; 0: one for each core"),
		MYO_OPTIONS_END
	};

	myo_cli_start(&program, argc, argv);
	c->first = myo_cli_parse(options, 0, -1);
	c->count = argc - c->first;
	check(c);
	if (c->list)
		return;
	if (c->count == 0)
		myo_cli_usage("no data set: name a file or a folder, or - for standard input");
	int piped = 0;
	for (int i = c->first; i < argc; i++)
		piped += strcmp(argv[i], "-") == 0;
	if (piped > 1)
		myo_cli_usage("- is standard input, which can be read but once");
	if (piped > 0 && isatty(STDIN_FILENO))
		myo_cli_usage("standard input is a terminal, not a data set");
	myo_cli_stream_out("a stream of images");
}

static void
list_formats(void)
{
	const char *name, *summary;

	for (size_t i = 0; myo_dataset_format(i, &name, &summary); i++)
		(void)printf("%-10s %s\n", name, summary);
}

static int
open_stream(const struct myo_dataset *set, struct myo_writer **out, int64_t *rows, struct myo_err *err)
{
	struct myo_header header = MYO_HEADER_INIT;

	int rc = myo_dataset_header(set, &header, err);
	*rows = header.rows;
	if (rc == MYO_OK)
		rc = myo_cli_writer(&header, out, err);
	myo_header_clear(&header);
	return rc;
}

static int
unpack(struct myo_dataset *set, struct myo_writer *out, int64_t rows, struct myo_err *err)
{
	struct myo_progress *progress;
	const struct myo_record *record;
	int rc;

	if (myo_progress_new("pictures", rows, &progress, err) != MYO_OK)
		return MYO_FAIL;
	while ((rc = myo_dataset_next(set, &record, err)) == MYO_OK) {
		rc = myo_writer_put(out, record, err);
		if (rc != MYO_OK)
			break;
		myo_progress_at(progress, myo_dataset_facts(set).pictures, NULL);
	}
	myo_progress_free(progress);
	return rc == MYO_END ? myo_writer_end(out, NULL, err) : rc;
}

/* The set's name in messages: "a.tar and 2 more". */
static void
name_set(const struct conf *c, char **argv, char *name, size_t size)
{
	const char *path = strcmp(argv[c->first], "-") == 0 ? "standard input" : argv[c->first];

	if (c->count > 1)
		(void)snprintf(name, size, "%s and %d more", path, c->count - 1);
	else
		(void)snprintf(name, size, "%s", path);
}

/* Warn of what was probably meant otherwise. ordered: an order of files was asked for. */
static void
doubt(const char *name, const struct myo_dataset *set, bool ordered)
{
	const struct myo_dataset_facts facts = myo_dataset_facts(set);

	if (facts.ignored_archive != NULL)
		myo_warn("%s: %s is left out: inside of others only tars are read, so name it by itself, or unpack it",
		    name, facts.ignored_archive);
	if (facts.ignored_pictures > 0)
		myo_warn("%s: %lld pictures such as %s are left out: PNG and JPEG are read, so convert them", name,
		    (long long)facts.ignored_pictures, facts.ignored_picture);
	if (facts.link != NULL)
		myo_warn("%s: %s is left out: if that is a folder of the set, pack with tar -h", name, facts.link);
	if (facts.from_one)
		myo_warn("%s: labels are from 1 on, in what was named: if they are counted from 1 in all of the set, a class is learnt that "
			 "never comes; count from 0", name);
	if (ordered && facts.one_place)
		myo_warn("%s: --shuffle and --interleave are about several files, and this is one: myopic-sample shuffles pictures", name);
	if (facts.apart)
		myo_warn("%s: what is named one by one is no class, so these pictures have no labels: name the folder or archive that "
			 "has all of them, or give --labels", name);
}

static void
report(const char *name, const struct myo_dataset *set)
{
	const struct myo_dataset_facts facts = myo_dataset_facts(set);
	char labels[96] = "without labels";
	int used = 0;

	if (facts.classes > 0)
		used = snprintf(labels, sizeof labels, "of %zu class%s", facts.classes, facts.classes > 1 ? "es" : "");
	if (facts.classes > 0 && facts.unlabelled > 0)
		(void)snprintf(labels + used, sizeof labels - (size_t)used, "; %lld without a label",
		    (long long)facts.unlabelled);
	if (facts.ignored > 0)
		myo_detail("%lld files are no part of the set, such as %s", (long long)facts.ignored,
		    facts.ignored_example);
	if (facts.broken > 0)
		myo_warn("%s: %lld broken pictures were skipped, %lld unpacked", name, (long long)facts.broken,
		    (long long)facts.pictures);
	else
		myo_say("%s: %lld pictures (%s, %s)", name, (long long)facts.pictures, facts.format, labels);
}

int
main(int argc, char **argv)
{
	struct conf c = { .set.seed = 1, .fold = -1, .filter = MYO_FILTER_LANCZOS, .interleave = 1,
		.background = "ffffff", .max_pixels = MYO_IMAGE_MAX_PIXELS, .max_member = MYO_MAX_MEMBER };
	struct myo_err err = MYO_ERR_INIT;
	struct myo_dataset *set = NULL;
	struct myo_writer *out = NULL;
	int64_t rows = -1;
	char name[512];

	myo_keep_memory();
	/*
	 * libarchive converts the local time of each member of a zip, for which glibc looks at the time zone's file,
	 * unless TZ names the zone.
	 */
	(void)setenv("TZ", "UTC0", 0);
	parse(&c, argc, argv);
	if (c.list) {
		list_formats();
		return myo_cli_leave(MYO_OK, NULL, &err);
	}
	const char *const *paths = (const char *const *)(argv + c.first);
	name_set(&c, argv, name, sizeof name);
	int rc = myo_dataset_new(paths, (size_t)c.count, &c.set, &set, &err);
	if (rc == MYO_OK) {
		doubt(name, set, c.set.shuffle || c.interleave > 1);
		rc = open_stream(set, &out, &rows, &err);
	}
	if (rc == MYO_OK)
		rc = unpack(set, out, rows, &err);
	if (rc == MYO_OK)
		report(name, set);

	const int status = myo_cli_leave(rc, out, &err);
	myo_writer_free(out);
	myo_dataset_free(set);
	return status;
}
