/* Archives, by libarchive. */
#include "data/pack.h"
#include "data/gunzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 16, TAR_BLOCK = 512 };

struct pack {
	int fd; /* a regular file, for seeking back */
	int64_t size;
	struct archive *archive;
	struct gunzip *gunzip; /* where the file is gzip's; else libarchive reads it */
	char *alone;           /* what to call the only member of what is no archive */
};

/* ---- opening --------------------------------------------------------------------------------- */

/* Copy what can't be read twice. */
static int
spool(int from, int *to, struct myo_err *err)
{
	const char *folder = getenv("TMPDIR");
	char *name =
	    myo_format(err, "%s/myopic.XXXXXX", folder != NULL && folder[0] != '\0' ? folder : "/tmp");
	uint8_t *block = myo_calloc(BLOCK, 1, err);
	size_t got = 0;
	int rc = MYO_FAIL;

	*to = -1;
	if (name == NULL || block == NULL)
		goto done;
	*to = mkstemp(name);
	if (*to < 0) {
		(void)myo_fail_errno(err, "a copy of the pipe can't be made in %s", name);
		goto done;
	}
	(void)unlink(name);
	do {
		rc = myo_read_all(from, block, BLOCK, &got, err);
		if (rc == MYO_OK && myo_write_all(*to, block, got, err) != MYO_OK) {
			myo_err_prefix(
			    err, "a copy of the pipe in %s (TMPDIR may name another place): ", name);
			rc = MYO_FAIL;
		}
	} while (rc == MYO_OK && got == BLOCK);
done:
	free(block);
	free(name);
	return rc;
}

/* A descriptor that can be rewound: the file itself where it can, else a copy. */
static int
open_twice(struct pack *pack, const char *path, struct myo_err *err)
{
	const bool piped = strcmp(path, "-") == 0;
	const int fd = piped ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	int rc = MYO_OK;

	if (fd < 0)
		return myo_fail_errno(err, "can't be read");
	if (fstat(fd, &status) != 0) {
		rc = myo_fail_errno(err, "can't be read");
	} else if (S_ISDIR(status.st_mode)) {
		rc = myo_fail(err, "is a folder: name it instead");
	} else if (S_ISREG(status.st_mode) && lseek(fd, 0, SEEK_CUR) == 0) {
		pack->fd = fd;
		pack->size = status.st_size;
		return MYO_OK;
	} else {
		rc = spool(fd, &pack->fd, err);
		if (rc == MYO_OK && fstat(pack->fd, &status) != 0)
			rc = myo_fail_errno(err, "can't be read");
		pack->size = status.st_size;
	}
	(void)close(fd);
	return rc;
}

/* A file's own name; of a compressed one without what says so. */
static char *
name_alone(const char *path, struct myo_err *err)
{
	static const char *const endings[] = { ".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".Z" };
	const char *slash = strrchr(path, '/');
	char *name = myo_strdup(slash != NULL && slash[1] != '\0' ? slash + 1 : path, err);
	const size_t length = name != NULL ? strlen(name) : 0;

	for (size_t i = 0; name != NULL && i < MYO_COUNT(endings); i++) {
		const size_t end = strlen(endings[i]);
		if (length > end && strcmp(name + length - end, endings[i]) == 0) {
			name[length - end] = '\0';
			break;
		}
	}
	return name;
}

int
pack_new(const char *path, struct pack **out, struct myo_err *err)
{
	*out = NULL;
	struct pack *pack = myo_calloc(1, sizeof *pack, err);
	if (pack == NULL)
		return MYO_FAIL;
	pack->fd = -1;
	pack->alone = name_alone(path, err);
	int rc = pack->alone != NULL ? open_twice(pack, path, err) : MYO_FAIL;
	if (rc == MYO_OK && pack->size == 0)
		rc = myo_fail(err, "is empty");
	if (rc != MYO_OK) {
		pack_free(pack);
		return MYO_FAIL;
	}
	*out = pack;
	return MYO_OK;
}

void
pack_free(struct pack *pack)
{
	if (pack == NULL)
		return;
	if (pack->archive != NULL)
		(void)archive_read_free(pack->archive);
	gunzip_free(pack->gunzip);
	if (pack->fd >= 0)
		(void)close(pack->fd);
	free(pack->alone);
	free(pack);
}

/*
 * Named one by one: "all" has formats too that take any text for an archive (mtree, which then
 * opens the files that the text names), filters that run other programs, and a reader of zips
 * without their directory, which takes one that is cut off for a whole one.
 */
static void
allow_formats(struct archive *archive)
{
	static int (*const allow[])(struct archive *) = { archive_read_support_format_tar,
		archive_read_support_format_zip_seekable, archive_read_support_format_7zip,
		archive_read_support_format_cpio, archive_read_support_format_rar,
		archive_read_support_format_rar5, archive_read_support_format_cab,
		archive_read_support_format_lha, archive_read_support_format_xar,
		archive_read_support_format_ar, archive_read_support_format_iso9660,
		archive_read_support_format_raw, archive_read_support_filter_bzip2,
		archive_read_support_filter_xz, archive_read_support_filter_lzma,
		archive_read_support_filter_zstd, archive_read_support_filter_lz4,
		archive_read_support_filter_lzip, archive_read_support_filter_compress };

	/* What it was built without is then no archive; so is what fails for want of memory. */
	for (size_t i = 0; i < MYO_COUNT(allow); i++)
		(void)allow[i](archive);
}

static const char *
reason(struct archive *archive)
{
	const char *text = archive_error_string(archive);

	return text != NULL ? text : "unreadable";
}

static la_ssize_t
read_gunzip(struct archive *archive, void *gunzip, const void **bytes)
{
	struct myo_err err = MYO_ERR_INIT;
	size_t count;

	if (gunzip_read(gunzip, bytes, &count, &err) == MYO_OK)
		return (la_ssize_t)count;
	archive_set_error(archive, EINVAL, "%s", err.text);
	return -1;
}

int
pack_rewind(struct pack *pack, struct myo_err *err)
{
	if (pack->archive != NULL)
		(void)archive_read_free(pack->archive);
	pack->archive = archive_read_new();
	if (pack->archive == NULL)
		return myo_fail_memory(err, 0);
	if (lseek(pack->fd, 0, SEEK_SET) != 0)
		return myo_fail_errno(err, "can't be read from the start");
	allow_formats(pack->archive);
	gunzip_free(pack->gunzip);
	pack->gunzip = NULL;
	bool gzipped;
	int rc;
	if (gunzip_wants(pack->fd, &gzipped, err) != MYO_OK)
		return MYO_FAIL;
	if (gzipped) {
		if (gunzip_new(pack->fd, &pack->gunzip, err) != MYO_OK)
			return MYO_FAIL;
		rc = archive_read_open2(pack->archive, pack->gunzip, NULL, read_gunzip, NULL, NULL);
	} else {
		rc = archive_read_open_fd(pack->archive, pack->fd, BLOCK);
	}
	if (rc != ARCHIVE_OK)
		return myo_fail(err, "can't be opened: %s", reason(pack->archive));
	return MYO_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* What comes after the last file must be sound too: the checksum is there. */
static int
drain(struct pack *pack, struct myo_err *err)
{
	const void *bytes;
	size_t count = 1;

	while (count > 0)
		if (gunzip_read(pack->gunzip, &bytes, &count, err) != MYO_OK)
			return MYO_FAIL;
	return MYO_END;
}

/*
 * The end of the archive, or of what was left of it: a tar ends in blocks of zeros, but libarchive
 * takes the end of the file for it. Compressed ones have an end of their own.
 */
static int
check_end(struct pack *pack, struct myo_err *err)
{
	static const uint8_t zeros[TAR_BLOCK];
	uint8_t last[TAR_BLOCK];
	size_t got;

	if (pack->gunzip != NULL)
		return drain(pack, err);
	if ((archive_format(pack->archive) & ARCHIVE_FORMAT_BASE_MASK) != ARCHIVE_FORMAT_TAR ||
	    archive_filter_count(pack->archive) > 1)
		return MYO_END;
	const off_t at = (off_t)pack->size - TAR_BLOCK;
	if (at >= 0 && pack->size % TAR_BLOCK == 0) {
		if (myo_read_at(pack->fd, last, TAR_BLOCK, at, &got, err) != MYO_OK)
			return MYO_FAIL;
		if (got == TAR_BLOCK && memcmp(last, zeros, TAR_BLOCK) == 0)
			return MYO_END;
	}
	return myo_fail(err, "the archive stops without its end mark: it was cut off");
}

bool
pack_is_alone(const struct pack *pack)
{
	return archive_format(pack->archive) == ARCHIVE_FORMAT_RAW;
}

static const char *
entry_name(struct pack *pack, struct archive_entry *entry)
{
	if (archive_format(pack->archive) == ARCHIVE_FORMAT_RAW)
		return pack->alone;
	const char *name = archive_entry_pathname(entry);
	if (name == NULL) /* no such letters in this locale */
		name = archive_entry_pathname_utf8(entry);
	while (name != NULL && (name[0] == '/' || (name[0] == '.' && name[1] == '/')))
		name += name[0] == '/' ? 1 : 2;
	return name;
}

int
pack_next(struct pack *pack, const char **name, int64_t *size, struct myo_err *err)
{
	struct archive_entry *entry;

	for (;;) {
		const int rc = archive_read_next_header(pack->archive, &entry);
		if (rc == ARCHIVE_EOF)
			return check_end(pack, err);
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			return myo_fail(err, "the archive is damaged or cut off: %s", reason(pack->archive));
		if (archive_entry_filetype(entry) != AE_IFREG)
			continue;
		*name = entry_name(pack, entry);
		if (*name == NULL)
			return myo_fail(err, "the archive is damaged: a file without a readable name");
		*size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1;
		return MYO_OK;
	}
}

int
pack_read(struct pack *pack, void *bytes, size_t count, size_t *got, bool *lost, struct myo_err *err)
{
	uint8_t *to = bytes;

	*got = 0;
	while (*got < count) {
		const la_ssize_t n = archive_read_data(pack->archive, to + *got, count - *got);
		if (n == 0)
			break;
		if (n < 0) {
			*lost = n == ARCHIVE_FATAL;
			return myo_fail(err, "damaged or cut off: %s", reason(pack->archive));
		}
		*got += (size_t)n;
	}
	return MYO_OK;
}

int
pack_count(struct pack *pack, int64_t *size, struct myo_err *err)
{
	uint8_t *block = myo_calloc(BLOCK, 1, err);
	size_t got = BLOCK;
	bool lost;
	int rc = block != NULL ? MYO_OK : MYO_FAIL;

	*size = 0;
	while (rc == MYO_OK && got == BLOCK) {
		rc = pack_read(pack, block, BLOCK, &got, &lost, err);
		*size += rc == MYO_OK ? (int64_t)got : 0;
	}
	free(block);
	return rc;
}
