/* Archives, by libarchive. */
#include "data/pack.h"
#include "data/format.h"
#include "data/inflate.h"

#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 17, PEEK_BLOCK = 1 << 13, TAR_BLOCK = 512 };

/*
 * An archive that grows by more than this has nothing in it that anybody learns from. Pictures hardly
 * shrink; zeros shrink a thousandfold by gzip, and more by others.
 */
enum { MAX_GROWTH = 200, GROWTH_FROM = 1 << 28 };

struct pack {
	struct extent extent;
	int64_t at;         /* in the extent, of the byte to be read next */
	struct pack *outer; /* whose file is read instead, in the order in which it comes; NULL: the extent */
	struct archive *archive;
	struct inflate *inflate; /* where the file is compressed, which lies before libarchive; else NULL */
	char *alone;           /* what to call the only member of what is no archive */
	char *name;            /* of the member at hand, where it isn't the archive's own */
	char *link;            /* see pack_link() */
	int64_t size;          /* of the member at hand; -1: not known */
	int64_t end;           /* of a tar: where its bytes end, in whole blocks; 0: not known */
	bool whole;            /* its bytes are all there, one after the other */
	locale_t letters;      /* UTF-8, for names; 0: there is no such locale */

	uint8_t *block;
	size_t room, ahead; /* of the block; bytes in it that were read to see what they are */
	int64_t in, out;    /* bytes taken from the file, and given to libarchive */
	int64_t zeros;      /* at the end of what was given */
	struct myo_err trouble; /* what went wrong in a callback, where libarchive may say something else */
	struct myo_err said;    /* by reason() */
	struct skim skim;   /* keep is -1 where it became too much */
};

/* ---- bytes ----------------------------------------------------------------------------------- */

/* Fill the block from the file; *got is 0 at its end. */
static int
read_block(struct pack *p, size_t *got, struct myo_err *err)
{
	const int64_t left = p->extent.length - p->at;
	const size_t most = (int64_t)p->room < left ? p->room : (size_t)left;
	bool lost;

	*got = 0;
	if (p->outer != NULL)
		return pack_read(p->outer, p->block, p->room, got, &lost, err);
	if (most > 0 && myo_read_at(p->extent.fd, p->block, most, p->extent.start + p->at, got, err) != MYO_OK)
		return MYO_FAIL;
	p->at += (int64_t)*got;
	return *got == most ? MYO_OK : myo_fail(err, "the file became shorter while it was read");
}

/* The file's next bytes, in the block. */
static int
take_block(void *context, const void **bytes, size_t *count, struct myo_err *err)
{
	struct pack *p = context;
	int rc = MYO_OK;

	*bytes = p->block;
	*count = p->ahead;
	if (p->ahead == 0)
		rc = read_block(p, count, err);
	p->ahead = 0;
	p->in += (int64_t)*count;
	return rc;
}

/* Zeros that end what was given so far. */
static void
count_zeros(struct pack *p, const uint8_t *bytes, size_t count)
{
	size_t zeros = 0;

	while (zeros < count && bytes[count - 1 - zeros] == 0)
		zeros++;
	p->zeros = zeros < count ? (int64_t)zeros : p->zeros + (int64_t)zeros;
}

/* The next bytes for libarchive. */
static int
next_bytes(struct pack *p, const void **bytes, size_t *count, struct myo_err *err)
{
	struct myo_err why = MYO_ERR_INIT;

	if (p->inflate == NULL)
		return take_block(p, bytes, count, err);
	if (inflate_read(p->inflate, bytes, count, err) != MYO_OK)
		return MYO_FAIL;
	if (p->skim.keep >= 0 && (p->out + (int64_t)*count > p->skim.most ||
				     myo_write_all(p->skim.keep, *bytes, *count, &why) != MYO_OK))
		p->skim.keep = -1;
	return MYO_OK;
}

static int
check_growth(const struct pack *p, struct myo_err *err)
{
	if (p->out < GROWTH_FROM || p->out / MAX_GROWTH < p->in)
		return MYO_OK;
	return myo_fail(err, "%lld bytes become more than %d times as many: refused, no pictures do", (long long)p->in,
	    MAX_GROWTH);
}

/* ---- what libarchive calls ----------------------------------------------------------------------- */

static la_ssize_t
give_bytes(struct archive *archive, void *context, const void **bytes)
{
	struct pack *p = context;
	size_t count = 0;

	int rc = next_bytes(p, bytes, &count, &p->trouble);
	if (rc == MYO_OK)
		rc = check_growth(p, &p->trouble);
	if (rc != MYO_OK) {
		archive_set_error(archive, EINVAL, "%s", p->trouble.text);
		return -1;
	}
	p->out += (int64_t)count;
	count_zeros(p, *bytes, count);
	return (la_ssize_t)count;
}

/* Bytes that nobody wants are passed over. */
static la_int64_t
skip_bytes(struct archive *archive, void *context, la_int64_t wanted)
{
	struct pack *p = context;
	const int64_t left = p->extent.length - p->at;
	const int64_t skipped = p->ahead > 0 ? 0 : wanted < left ? wanted : left;

	(void)archive;
	p->at += skipped;
	p->in += skipped;
	p->out += skipped;
	p->zeros = skipped > 0 ? 0 : p->zeros;
	return skipped;
}

static la_int64_t
seek_bytes(struct archive *archive, void *context, la_int64_t offset, int whence)
{
	struct pack *p = context;
	const int64_t here = p->at - (int64_t)p->ahead;
	const int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? here : p->extent.length;

	if (offset < -from || offset > p->extent.length - from) {
		archive_set_error(archive, EINVAL, "a place outside of the file");
		return ARCHIVE_FATAL;
	}
	p->ahead = 0;
	p->at = from + offset;
	return p->at;
}

/* ---- opening --------------------------------------------------------------------------------- */

/*
 * Named one by one: "all" has formats too that take any text for an archive (mtree, which then
 * opens the files that the text names), and a reader of zips without their directory, which takes
 * one that is cut off for a whole one.
 */
static int
allow_formats(struct archive *archive)
{
	static int (*const allow[])(struct archive *) = { archive_read_support_format_tar,
		archive_read_support_format_zip_seekable, archive_read_support_format_7zip,
		archive_read_support_format_cpio, archive_read_support_format_rar,
		archive_read_support_format_rar5, archive_read_support_format_cab,
		archive_read_support_format_lha, archive_read_support_format_xar,
		archive_read_support_format_ar, archive_read_support_format_iso9660,
		archive_read_support_format_raw };

	/* What it was built without is then no archive; so is what fails for want of memory. */
	for (size_t i = 0; i < MYO_COUNT(allow); i++)
		(void)allow[i](archive);
	/* Tars put one behind the other are all read. */
	return archive_read_set_format_option(archive, "tar", "read_concatenated_archives", "1");
}

static const char *
reason(struct pack *p)
{
	(void)archive_why(p->archive, &p->trouble, &p->said);
	return p->said.text;
}

static int
open_archive(struct pack *p, struct myo_err *err)
{
	p->letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	p->archive = archive_read_new();
	if (p->archive == NULL)
		return myo_fail_memory(err, 0);
	if (allow_formats(p->archive) != ARCHIVE_OK)
		return myo_fail(err, "can't be opened: %s", reason(p));
	if (read_block(p, &p->ahead, err) != MYO_OK)
		return MYO_FAIL;
	if (p->ahead == 0)
		return myo_fail(err, "is empty");
	const size_t first = p->ahead;
	p->ahead = 0; /* taken, unless it comes out that the file isn't compressed */
	if (inflate_new(p->block, first, take_block, p, &p->inflate, err) != MYO_OK) {
		myo_err_prefix(err, "is compressed, and damaged or cut off: ");
		return MYO_FAIL;
	}
	if (p->inflate == NULL)
		p->ahead = first;
	else
		p->in += (int64_t)first;
	(void)archive_read_set_callback_data(p->archive, p);
	(void)archive_read_set_read_callback(p->archive, give_bytes);
	if (p->inflate == NULL && p->outer == NULL) {
		(void)archive_read_set_skip_callback(p->archive, skip_bytes);
		(void)archive_read_set_seek_callback(p->archive, seek_bytes);
	}
	if (archive_read_open1(p->archive) != ARCHIVE_OK)
		return myo_fail(err, "can't be opened: %s", reason(p));
	return MYO_OK;
}

static int
open_pack(struct pack *outer, const struct extent *extent, const char *alone, const struct skim *skim,
    struct pack **out, struct myo_err *err)
{
	*out = NULL;
	struct pack *p = myo_calloc(1, sizeof *p, err);
	if (p == NULL)
		return MYO_FAIL;
	p->outer = outer;
	p->extent = *extent;
	p->skim = skim != NULL ? *skim : (struct skim){ -1, 0 };
	p->room = skim != NULL ? PEEK_BLOCK : BLOCK;
	p->block = myo_calloc(p->room, 1, err);
	p->alone = p->block != NULL ? myo_strdup(alone, err) : NULL;
	if (p->alone == NULL || open_archive(p, err) != MYO_OK) {
		pack_free(p);
		return MYO_FAIL;
	}
	*out = p;
	return MYO_OK;
}

int
pack_new(const struct extent *extent, const char *alone, const struct skim *skim, struct pack **out,
    struct myo_err *err)
{
	return open_pack(NULL, extent, alone, skim, out, err);
}

static bool
is_tar(const struct pack *p)
{
	return (archive_format(p->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
}

/* Behind what libarchive has taken in so far, which is headers, whole blocks of them. */
bool
pack_extent(const struct pack *p, struct extent *extent)
{
	const int64_t start = archive_filter_bytes(p->archive, 0);

	if (p->outer != NULL || !p->whole || !is_tar(p) || start % TAR_BLOCK != 0 ||
	    start <= archive_read_header_position(p->archive))
		return false;
	if (p->inflate != NULL) {
		*extent = (struct extent){ p->skim.keep, start, p->size };
		return p->skim.keep >= 0;
	}
	*extent = (struct extent){ p->extent.fd, p->extent.start + start, p->size };
	return p->size <= p->extent.length - start;
}

int
pack_new_inside(struct pack *outer, struct pack **out, struct myo_err *err)
{
	const struct skim skim = { -1, 0 };
	struct extent extent = { -1, 0, 0 };
	const bool placed = outer->inflate == NULL && pack_extent(outer, &extent);

	return open_pack(placed ? NULL : outer, &extent, "", outer->room == PEEK_BLOCK ? &skim : NULL, out, err);
}

void
pack_free(struct pack *p)
{
	if (p == NULL)
		return;
	if (p->archive != NULL)
		(void)archive_read_free(p->archive);
	inflate_free(p->inflate);
	if (p->letters != (locale_t)0)
		freelocale(p->letters);
	free(p->block);
	free(p->alone);
	free(p->name);
	free(p->link);
	free(p);
}

bool
pack_inflates(const struct pack *p)
{
	return p->inflate != NULL;
}

bool
pack_kept(const struct pack *p)
{
	return p->inflate != NULL && p->skim.keep >= 0;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* What comes after the last file must be sound too, and a checksum stands behind all. */
static int
drain(struct pack *p, struct myo_err *err)
{
	const void *bytes;
	size_t count = 1;

	while (count > 0) {
		if (next_bytes(p, &bytes, &count, err) != MYO_OK)
			return MYO_FAIL;
		p->out += (int64_t)count;
		count_zeros(p, bytes, count);
	}
	return MYO_OK;
}

/* How a file that is read from its place ends, of which libarchive may have passed over the most. */
static int
look_at_end(struct pack *p, struct myo_err *err)
{
	uint8_t last[TAR_BLOCK];
	size_t got;
	const int64_t at = p->extent.length - TAR_BLOCK;

	p->out = p->extent.length;
	p->zeros = 0;
	if (at < 0)
		return MYO_OK;
	if (myo_read_at(p->extent.fd, last, TAR_BLOCK, p->extent.start + at, &got, err) != MYO_OK)
		return MYO_FAIL;
	count_zeros(p, last, got);
	return MYO_OK;
}

/*
 * The end of the archive, or of what was left of it: a tar ends in blocks of zeros, but libarchive
 * takes the end of the file for it. What other formats have is an end of their own.
 */
static int
check_end(struct pack *p, struct myo_err *err)
{
	const bool placed = p->inflate == NULL && p->outer == NULL;

	if (!placed && drain(p, err) != MYO_OK)
		return MYO_FAIL;
	if (!is_tar(p))
		return MYO_END;
	if (placed && look_at_end(p, err) != MYO_OK)
		return MYO_FAIL;
	if (p->out % TAR_BLOCK == 0 && p->zeros >= TAR_BLOCK && p->out - p->end >= TAR_BLOCK)
		return MYO_END;
	return myo_fail(err, "the archive stops at byte %lld without its end mark: it was cut off", (long long)p->out);
}

bool
pack_is_alone(const struct pack *p)
{
	return archive_format(p->archive) == ARCHIVE_FORMAT_RAW;
}

/* Zips that .NET has made have the wrong slash, and none of the right ones. */
static const char *
turn_slashes(struct pack *p, const char *name)
{
	free(p->name);
	p->name = strdup(name);
	for (char *c = p->name; c != NULL && *c != '\0'; c++)
		if (*c == '\\')
			*c = '/';
	return p->name;
}

/* NULL: there is none that can be read. */
static const char *
entry_name(struct pack *p, struct archive_entry *entry)
{
	if (pack_is_alone(p))
		return p->alone;
	const char *name = archive_entry_pathname(entry);
	if (name == NULL) /* no such letters in this locale */
		name = archive_entry_pathname_utf8(entry);
	if (name != NULL && archive_format(p->archive) == ARCHIVE_FORMAT_ZIP && strchr(name, '/') == NULL)
		name = turn_slashes(p, name);
	while (name != NULL && (name[0] == '/' || (name[0] == '.' && name[1] == '/')))
		name += name[0] == '/' ? 1 : 2;
	return name;
}

/* Where a tar goes on behind a member; its zeros aren't those that end the archive. */
static int64_t
end_of(const struct pack *p)
{
	const int64_t start = archive_filter_bytes(p->archive, 0);

	if (!p->whole || start % TAR_BLOCK != 0)
		return 0;
	return start + (p->size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

/* libarchive passes over the zeros that end a tar, in search of another one. */
static int
fail_header(struct pack *p, int code, struct myo_err *err)
{
	if (code == ARCHIVE_RETRY && is_tar(p) &&
	    archive_filter_bytes(p->archive, 0) - archive_read_header_position(p->archive) > TAR_BLOCK)
		return myo_fail(err,
		    "behind the archive's end mark, near byte %lld, comes something that is no other tar",
		    (long long)p->in);
	return myo_fail(err, "the archive is damaged or cut off near byte %lld: %s", (long long)p->in, reason(p));
}

/* Where a link leads that has no bytes of its own, as most have; NULL: the entry is none. */
static const char *
link_of(struct archive_entry *entry)
{
	const bool soft = archive_entry_filetype(entry) == AE_IFLNK;
	const char *to = soft ? archive_entry_symlink(entry) : archive_entry_hardlink(entry);

	if (to == NULL)
		to = soft ? archive_entry_symlink_utf8(entry) : archive_entry_hardlink_utf8(entry);
	if (!soft && (to == NULL || archive_entry_size(entry) > 0))
		return NULL;
	return to != NULL ? to : "another";
}

/*
 * In a folder links are what they lead to, so a part of a set mustn't get lost because it was packed as one. One
 * without an ending may have led to a folder, a class for example, or to nothing that matters. Links of other files and
 * hidden ones are left alone, as such files are.
 */
static int
check_link(struct pack *p, struct archive_entry *entry, struct myo_err *err)
{
	const char *to = link_of(entry), *name = to != NULL ? entry_name(p, entry) : NULL;
	const bool hidden = name == NULL || name[0] == '.' || strstr(name, "/.") != NULL;

	if (hidden)
		return MYO_OK;
	if (!path_is_wanted(name)) {
		const bool folder = archive_entry_filetype(entry) == AE_IFLNK && strchr(path_base(name), '.') == NULL;
		if (folder && p->link == NULL)
			p->link = myo_format(err, "%s, a link to %s,", name, to);
		return folder && p->link == NULL ? MYO_FAIL : MYO_OK;
	}
	return myo_fail(err, "%s: a link to %s, without its bytes: pack the files themselves, by tar -h --hard-dereference",
	    name, to);
}

static int
next_file(struct pack *p, const char **name, int64_t *size, struct myo_err *err)
{
	struct archive_entry *entry;

	for (;;) {
		const int rc = archive_read_next_header(p->archive, &entry);
		if (rc == ARCHIVE_EOF)
			return check_end(p, err);
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			return fail_header(p, rc, err);
		p->size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1;
		p->whole = p->size >= 0 && archive_entry_sparse_count(entry) == 0 &&
		    archive_entry_hardlink(entry) == NULL;
		p->end = end_of(p);
		if (check_link(p, entry, err) != MYO_OK)
			return MYO_FAIL;
		if (archive_entry_filetype(entry) != AE_IFREG)
			continue;
		*name = entry_name(p, entry);
		if (*name == NULL)
			return myo_fail(err, "the archive is damaged near byte %lld: a file without a readable name",
			    (long long)p->in);
		*size = p->size;
		return MYO_OK;
	}
}

/* Names of some archives are in UTF-8, and libarchive gives those only that the locale has letters for. */
int
pack_next(struct pack *p, const char **name, int64_t *size, struct myo_err *err)
{
	const locale_t before = p->letters != (locale_t)0 ? uselocale(p->letters) : (locale_t)0;
	const int rc = next_file(p, name, size, err);

	if (before != (locale_t)0)
		(void)uselocale(before);
	return rc;
}

const char *
pack_link(const struct pack *p)
{
	return p->link;
}

int
pack_read(struct pack *p, void *bytes, size_t count, size_t *got, bool *lost, struct myo_err *err)
{
	uint8_t *to = bytes;

	*got = 0;
	*lost = false;
	while (*got < count) {
		const la_ssize_t n = archive_read_data(p->archive, to + *got, count - *got);
		if (n == 0)
			break;
		if (n < 0) {
			*lost = n == ARCHIVE_FATAL;
			return myo_fail(err, "damaged or cut off near byte %lld: %s", (long long)p->in, reason(p));
		}
		*got += (size_t)n;
	}
	return MYO_OK;
}

int
pack_count(struct pack *p, int64_t most, int64_t *size, struct myo_err *err)
{
	uint8_t *block = myo_calloc(BLOCK, 1, err);
	size_t got = BLOCK;
	bool lost;
	int rc = block != NULL ? MYO_OK : MYO_FAIL;

	*size = 0;
	while (rc == MYO_OK && got == BLOCK && *size <= most) {
		rc = pack_read(p, block, BLOCK, &got, &lost, err);
		*size += rc == MYO_OK ? (int64_t)got : 0;
	}
	free(block);
	if (rc == MYO_OK && *size > most)
		*size = most + 1;
	return rc;
}
