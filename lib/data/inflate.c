/* Compressed files: gzip's by gunzip.c, others by libarchive. */
#include "data/inflate.h"
#include "data/gunzip.h"

#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct inflate {
	inflate_source *source;
	void *context;
	const void *first; /* the file's first bytes, until they are passed on */
	size_t first_count;
	struct gunzip *gunzip;   /* either this or the archive */
	struct archive *archive;
	struct myo_err trouble; /* error of the source, since libarchive may report another */
};

/* The next bytes of the file, from its beginning. */
static int
next_bytes(void *context, const void **bytes, size_t *count, struct myo_err *err)
{
	struct inflate *inflate = context;

	if (inflate->first_count == 0)
		return inflate->source(inflate->context, bytes, count, err);
	*bytes = inflate->first;
	*count = inflate->first_count;
	inflate->first_count = 0;
	return MYO_OK;
}

/* libarchive's read callback. */
static la_ssize_t
give_bytes(struct archive *archive, void *context, const void **bytes)
{
	struct inflate *inflate = context;
	size_t count;

	if (next_bytes(inflate, bytes, &count, &inflate->trouble) == MYO_OK)
		return (la_ssize_t)count;
	archive_set_error(archive, EINVAL, "%s", inflate->trouble.text);
	return -1;
}

int
archive_why(struct archive *archive, const struct myo_err *trouble, struct myo_err *err)
{
	const char *text = trouble->text[0] != '\0' ? trouble->text : archive_error_string(archive);

	if (text == NULL)
		return myo_fail(err, "unreadable");
	return myo_fail(err, "%.*s", (int)strcspn(text, "\n"), text);
}

/*
 * Named one by one, since "all" includes filters that run other programs. gzip's is left out, since libarchive 3 doesn't
 * verify its checksums. The only format is the raw one, so the contents are plain bytes.
 */
static void
allow_filters(struct archive *archive)
{
	static int (*const allow[])(struct archive *) = { archive_read_support_format_raw,
		archive_read_support_filter_bzip2, archive_read_support_filter_xz, archive_read_support_filter_lzma,
		archive_read_support_filter_zstd, archive_read_support_filter_lz4, archive_read_support_filter_lzip,
		archive_read_support_filter_compress };

	/* A kind that libarchive was built without (or has no memory for) counts as not compressed. */
	for (size_t i = 0; i < MYO_COUNT(allow); i++)
		(void)allow[i](archive);
}

/* *compressed: whether one of the filters recognises the file. */
static int
open_filter(struct inflate *inflate, bool *compressed, struct myo_err *err)
{
	struct archive_entry *entry;

	inflate->archive = archive_read_new();
	if (inflate->archive == NULL)
		return myo_fail_memory(err, 0);
	allow_filters(inflate->archive);
	const int code = archive_read_open(inflate->archive, inflate, NULL, give_bytes, NULL);
	if (code != ARCHIVE_OK) /* the filters are gone then; but this only fails if the file is compressed */
		return archive_why(inflate->archive, &inflate->trouble, err);
	*compressed = archive_filter_count(inflate->archive) > 1;
	if (*compressed && archive_read_next_header(inflate->archive, &entry) != ARCHIVE_OK)
		return archive_why(inflate->archive, &inflate->trouble, err);
	return MYO_OK;
}

int
inflate_new(const void *first, size_t count, inflate_source *source, void *context, struct inflate **out,
    struct myo_err *err)
{
	*out = NULL;
	struct inflate *inflate = myo_calloc(1, sizeof *inflate, err);
	if (inflate == NULL)
		return MYO_FAIL;
	*inflate = (struct inflate){ .source = source, .context = context, .first = first, .first_count = count };
	bool compressed = gunzip_wants(first, count);
	const int rc = compressed ? gunzip_new(next_bytes, inflate, &inflate->gunzip, err) :
	    open_filter(inflate, &compressed, err);
	if (rc == MYO_OK && compressed)
		*out = inflate;
	else
		inflate_free(inflate);
	return rc;
}

void
inflate_free(struct inflate *inflate)
{
	if (inflate == NULL)
		return;
	gunzip_free(inflate->gunzip);
	if (inflate->archive != NULL)
		(void)archive_read_free(inflate->archive);
	free(inflate);
}

int
inflate_read(struct inflate *inflate, const void **bytes, size_t *count, struct myo_err *err)
{
	la_int64_t offset;

	if (inflate->gunzip != NULL)
		return gunzip_read(inflate->gunzip, bytes, count, err);
	const int code = archive_read_data_block(inflate->archive, bytes, count, &offset);
	if (code == ARCHIVE_EOF)
		*count = 0;
	else if (code != ARCHIVE_OK)
		return archive_why(inflate->archive, &inflate->trouble, err);
	return MYO_OK;
}
