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
 * An archive that grows by more than this factor (once it is GROWTH_FROM bytes) can't be one of pictures, which hardly
 * shrink; gzip shrinks zeros a thousandfold, and others do more.
 */
enum { MAX_GROWTH = 200, GROWTH_FROM = 1 << 28 };

struct pack {
	struct extent extent;
	int64_t at;         /* offset in the extent of the byte to be read next */
	struct pack *outer; /* whose current member is read, in sequence, instead of the extent; or NULL */
	struct archive *archive;
	struct inflate *inflate; /* decompresses the file before libarchive gets it; NULL: it isn't compressed */
	char *alone;           /* name of the only member if the file is no archive */
	char *name;            /* of the current member, if it isn't libarchive's */
	char *link;            /* see pack_link() */
	int64_t size;          /* of the current member; -1: not known */
	int64_t end;           /* of a tar: where the member ends, in whole blocks; 0: not known */
	bool whole;            /* all of its bytes are there, contiguous */
	locale_t letters;      /* a UTF-8 locale, for names; 0: there is none */

	uint8_t *block;
	size_t room, ahead; /* size of the block; bytes in it that were read ahead, to detect compression */
	int64_t in, out;    /* bytes read from the file; bytes given to libarchive */
	int64_t zeros;      /* at the end of the bytes given so far */
	struct myo_err trouble; /* error in a callback, since libarchive may report another */
	struct myo_err said;    /* by reason() */
	struct skim skim;   /* keep becomes -1 when it is too much */
};

/* ---- bytes ----------------------------------------------------------------------------------- */

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

static void
count_zeros(struct pack *p, const uint8_t *bytes, size_t count)
{
	size_t zeros = 0;

	while (zeros < count && bytes[count - 1 - zeros] == 0)
		zeros++;
	p->zeros = zeros < count ? (int64_t)zeros : p->zeros + (int64_t)zeros;
}

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

/* libarchive's skip callback. */
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
 * Named one by one, since "all" includes mtree, which takes any text for an archive and opens the
 * files that it names, and a reader of zips that ignores their directory, so that one that is cut off
 * seems complete.
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

	/* A kind that libarchive was built without (or has no memory for) counts as no archive. */
	for (size_t i = 0; i < MYO_COUNT(allow); i++)
		(void)allow[i](archive);
	/* Read concatenated tars to the end. */
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
	p->ahead = 0; /* consumed by inflate_new(), unless the file isn't compressed */
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

/* A tar's member begins after what libarchive has consumed so far: headers, in whole blocks. */
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

/* Read to the end: what follows the last member must be sound too, and a checksum may come last. */
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

/* Count the zeros at the end of a file that libarchive reads directly, of which it may have skipped most. */
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
 * Whether the archive is complete at libarchive's end of it. A tar ends in blocks of zeros, but libarchive takes the
 * mere end of the file for that too. For other formats it checks the end itself.
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

/* Zips made by .NET have backslashes in names, and no slashes. */
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

/* The name of a member; NULL: none that can be read. */
static const char *
entry_name(struct pack *p, struct archive_entry *entry)
{
	if (pack_is_alone(p))
		return p->alone;
	const char *name = archive_entry_pathname(entry);
	if (name == NULL) /* characters that this locale lacks */
		name = archive_entry_pathname_utf8(entry);
	if (name != NULL && archive_format(p->archive) == ARCHIVE_FORMAT_ZIP && strchr(name, '/') == NULL)
		name = turn_slashes(p, name);
	while (name != NULL && (name[0] == '/' || (name[0] == '.' && name[1] == '/')))
		name += name[0] == '/' ? 1 : 2;
	return name;
}

/* Where a member of a tar ends: zeros before that aren't the archive's end. */
static int64_t
end_of(const struct pack *p)
{
	const int64_t start = archive_filter_bytes(p->archive, 0);

	if (!p->whole || start % TAR_BLOCK != 0)
		return 0;
	return start + (p->size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

/* libarchive skips the zeros that end a tar to look for another one; an error then is about what follows them. */
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

/* The target of a link that has no bytes of its own; NULL: the entry is no such link. */
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
 * In a folder, links are followed, so a part of a set mustn't get lost because it was packed as a link. A symbolic link
 * whose name has no dot may have led to a folder, of a class perhaps, so the first such is noted for a warning. Links
 * with other names, and hidden ones, are ignored, as such files are.
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

/* In some formats names are in UTF-8, of which libarchive converts only what the locale can represent. */
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
