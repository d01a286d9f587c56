/*
 * base.h - what every room of the house needs: errors, memory, random numbers, sets of ids, threads,
 * and files that appear whole or not at all.
 *
 * Errors are values. A function that can fail returns MYO_OK or MYO_FAIL (a reader also
 * MYO_END) and leaves one line of text in the caller's struct myo_err, without a full stop
 * and without the program's name: "place: what: why". Nothing in lib but the room cli prints or exits.
 *
 * Ownership: x_new/x_free (heap, opaque), x_init/x_clear (in the caller's struct).
 * Free accepts NULL, and clear a zeroed object. Arguments are borrowed for the call.
 */
#ifndef MYO_BASE_H
#define MYO_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__GNUC__)
#define MYO_MUST_USE __attribute__((warn_unused_result))
#define MYO_PRINTF(at, first) __attribute__((__format__(__printf__, at, first)))
#else
#define MYO_MUST_USE
#define MYO_PRINTF(at, first)
#endif

#define MYO_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- errors ---------------------------------------------------------------------- */

enum myo_status {
	MYO_FAIL = -1, /* see the struct myo_err */
	MYO_OK = 0,
	MYO_END = 1 /* nothing more to read; not an error */
};

struct myo_err {
	char text[1024];
	char program[64]; /* the program upstream that failed; empty when it is this one */
};

#define MYO_ERR_INIT { { 0 }, { 0 } }

/* Set the text (err may be NULL) and return MYO_FAIL, so that `return myo_fail(…)` reads well. */
int myo_fail(struct myo_err *err, const char *format, ...) MYO_PRINTF(2, 3);

/* The same, followed by ": " and the text of errno. */
int myo_fail_errno(struct myo_err *err, const char *format, ...) MYO_PRINTF(2, 3);

/* Set the text that every failed allocation has. bytes: how many were wanted; 0: not known. Returns MYO_FAIL. */
int myo_fail_memory(struct myo_err *err, size_t bytes);

/* Put the place in front of the text that a lower layer has set; the text of another program stays as it is. */
void myo_err_prefix(struct myo_err *err, const char *format, ...) MYO_PRINTF(2, 3);

/* ---- time ------------------------------------------------------------------------ */

/* Seconds on a monotonic clock; only differences mean something. */
double myo_now(void);

/* ---- memory ---------------------------------------------------------------------- */

/* *out = a * b, or false when the product overflows. */
MYO_MUST_USE bool myo_mul(size_t a, size_t b, size_t *out);

/* Zeroed array of count elements; NULL with *err set if there is no memory or the size overflows. */
MYO_MUST_USE void *myo_calloc(size_t count, size_t size, struct myo_err *err);

/* Resize to count elements, new ones not zeroed; on failure returns NULL, and the old array is untouched. */
MYO_MUST_USE void *myo_realloc(void *old, size_t count, size_t size, struct myo_err *err);

/*
 * As myo_calloc(), aligned to 64 bytes (a cache line, and the widest vector); from 4 MiB on in huge pages, where the
 * system has them. Release with free().
 */
MYO_MUST_USE void *myo_calloc_aligned(size_t count, size_t size, struct myo_err *err);

/*
 * From now on the C library keeps freed memory in the process, where it can be told to (glibc): for a program whose
 * threads allocate and free buffers of a megabyte all the time. Getting their pages from the system anew would take
 * longer than filling them.
 */
void myo_keep_memory(void);

/* A copy on the heap. */
MYO_MUST_USE char *myo_strdup(const char *text, struct myo_err *err);

/* Text from a format, on the heap. */
MYO_MUST_USE char *myo_format(struct myo_err *err, const char *format, ...) MYO_PRINTF(2, 3);

/* The shortest decimal text that strtod() reads back as the same number, into `to`, which is returned. */
enum { MYO_REAL_TEXT = 32 };
char *myo_real_text(char *to, double value);

/* ---- random numbers -------------------------------------------------------------- */

/*
 * Counter-based random numbers: Philox-4x32 with ten rounds (Salmon, Moraes, Dror and Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", SC 2011). The numbers are a function of the
 * key and the counter, so they depend neither on threads, nor on the order of calls, nor on restarts.
 *
 * A generator is named by a seed, the purpose it serves and two coordinates a and b within that purpose (epoch and
 * image, say); each such name has a stream of its own. Of a only the low 32 bits count.
 */
enum myo_purpose {
	MYO_RNG_SHUFFLE = 1, /* the order of an epoch: a = epoch */
	MYO_RNG_CROP,        /* where a crop lies and whether it is flipped: a = epoch, b = row * crops + crop */
	MYO_RNG_INIT,        /* initial weights: a = number of the tensor */
	MYO_RNG_SYNTH,       /* a drawn picture: a = picture; the labels of K pictures: a = their block, b = 1 */
	MYO_RNG_WINDOW,      /* the shuffle of a pipe within a window: a = epoch */
	MYO_RNG_TEST,        /* anything in tests and checks */
	MYO_RNG_HOLDOUT,     /* which pictures are held out: a = class, b = block */
	MYO_RNG_SCALE,       /* how large a crop is: a = epoch, b = row * crops + crop, as for COLOUR and CUTOUT */
	MYO_RNG_ALTERNATE,        /* whether an image is mirrored in the even or in the odd epochs: b = row */
	MYO_RNG_COLOUR,      /* the factors by which a crop's colours change */
	MYO_RNG_CUTOUT,      /* where the hole of a crop lies */
	MYO_RNG_FILES,       /* the order of a data set's files */
	MYO_RNG_RESAMPLE,    /* how often an image counts in a resampling: a = image */
	MYO_RNG_ERASE,       /* the order in which the pixels of a picture are erased: a = image */
	MYO_RNG_TILES,       /* which tiles of an image are counted first: a = place, b = image */
	MYO_RNG_WEIGHTS      /* the permutation of shuffled weights: a = number of the tensor */
};

struct myo_rng {
	uint32_t key[2];
	uint32_t counter[4];
	uint32_t block[4];
	unsigned used; /* words of block already given out */
};

struct myo_rng myo_rng_at(uint64_t seed, enum myo_purpose purpose, uint64_t a, uint64_t b);

/* Uniform over all 2^32 values. */
uint32_t myo_rng_u32(struct myo_rng *rng);

/* Uniform in [0, n), exactly (by rejection). n > 0. */
uint32_t myo_rng_below(struct myo_rng *rng, uint32_t n);

/* Uniform in [0, 1), 53 bits. */
double myo_rng_real(struct myo_rng *rng);

/* Standard normal (Box and Muller). */
double myo_rng_normal(struct myo_rng *rng);

/* A Poisson-distributed number of mean 1, made of one u32. */
unsigned myo_rng_poisson(struct myo_rng *rng);

/* order[0..n) = a uniformly random permutation of 0..n-1 (Fisher and Yates). */
void myo_rng_permute(struct myo_rng *rng, uint32_t *order, uint32_t n);

/* ---- ids -------------------------------------------------------------------------- */

/*
 * A set of image ids. Ids that are close together, as positions in a data set are, take a bit each. Zeroed, it is
 * empty.
 */
struct myo_ids {
	struct myo_ids_word *words; /* open addressing by `at` */
	size_t count, room;         /* words in use; a power of two, more than twice as many */
};

/* To add an id that is in the set already is no failure and changes nothing. */
MYO_MUST_USE int myo_ids_add(struct myo_ids *ids, int64_t id, struct myo_err *err);
bool myo_ids_have(const struct myo_ids *ids, int64_t id);
void myo_ids_clear(struct myo_ids *ids);

/* A hash of an id: the finaliser of MurmurHash3. */
size_t myo_ids_hash(uint64_t id);

/* ---- characters -------------------------------------------------------------------- */

/*
 * The length in bytes of the first character of a text of at most `most` bytes, 1 or more; 1 where these bytes are not
 * valid UTF-8 (RFC 3629). *shown: whether it is a character to be shown: valid, and neither a control, a line
 * separator, a mark that sets the direction of writing, nor a noncharacter.
 */
size_t myo_character(const char *text, size_t most, bool *shown);

/* Whether a text isn't empty and has only characters to be shown, so that it is one line. */
bool myo_is_line(const char *text);

/* ---- texts for people -------------------------------------------------------------- */

/*
 * Write text that isn't our own, so that it stays on one line and can't control a terminal: bytes that are not of
 * characters to be shown (myo_character()) become escapes such as \x1b.
 */
void myo_put_text(FILE *to, const char *text);

/* The same for a text in a field of `bytes` bytes, which is filled up with zeros. */
void myo_put_field(FILE *to, const char *text, size_t bytes);

/* The number of characters of a text, as myo_character() counts them. */
size_t myo_characters(const char *text);

/*
 * Write a text in a column of `width` characters, 1 or more: a shorter one is followed by blanks, a longer one is cut
 * and ends in an ellipsis, and a character that isn't to be shown becomes a question mark.
 */
void myo_put_column(FILE *to, const char *text, size_t width);

/* ---- shares ------------------------------------------------------------------------ */

/*
 * Fill out [count] with exp(logit - largest logit), and *sum with their sum: for finite logits, one at least. Returns
 * the index of the largest, the first of equals.
 */
size_t myo_exponentials(const float *logits, size_t count, double *out, double *sum);

/* The same, but out are the probabilities. */
size_t myo_softmax(const float *logits, size_t count, double *out);

/*
 * The 95% confidence interval of a proportion, by Wilson's score, where `hits` of `of` things were seen to have it;
 * [0, 1] where `of` is 0. E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal
 * of the American Statistical Association 22 (1927): its ends are the p for which hits is z standard deviations from
 * p * of.
 */
void myo_wilson(double hits, double of, double *low, double *high);

/* ---- threads --------------------------------------------------------------------- */

/*
 * A pool of threads that share out work items. What an item is never depends on the number
 * of threads, so results don't either, as long as an item writes only what is its own.
 */
struct myo_pool;

/* threads: 0 = one for each core that this process may use. */
MYO_MUST_USE int myo_pool_new(int threads, struct myo_pool **out, struct myo_err *err);
void myo_pool_free(struct myo_pool *pool);

/* The number of threads that such an argument means: itself, or for 0 the number of cores. */
int myo_threads(int threads);

/* The number of threads, the caller's included: at least 1, which it is for NULL. */
int myo_pool_threads(const struct myo_pool *pool);

/*
 * Call work(context, item, thread) once for each item in [0, items), on any thread and in
 * any order, and return when all are done. thread in [0, myo_pool_threads()) names the
 * scratch space that the call may use. With pool NULL it is a plain loop. Not re-entrant. While work() runs,
 * subnormal numbers count as 0 on every thread (on x86-64).
 */
typedef void myo_work(void *context, size_t item, int thread);
void myo_pool_run(struct myo_pool *pool, size_t items, myo_work *work, void *context);

/* ---- files ----------------------------------------------------------------------- */

/*
 * A file that appears under its name complete, or not at all: it is written as a file without a name
 * (or with a temporary one beside the target, where the file system wants one), synced, and renamed. If the name is a
 * symbolic link, the link stays and its target is replaced. The new file gets the permissions of the one that it
 * replaces; a file that the user may not write to isn't replaced. A character device, such as
 * /dev/null, is written to as it is; anything else that is no regular file is refused.
 */
struct myo_outfile;

MYO_MUST_USE int myo_outfile_new(const char *path, struct myo_outfile **out, struct myo_err *err);
int myo_outfile_fd(const struct myo_outfile *file);

/* Sync and publish. The object is freed in any case; on failure nothing is published. */
MYO_MUST_USE int myo_outfile_commit(struct myo_outfile *file, struct myo_err *err);

/* Throw away what was written, and free the object. NULL is fine. */
void myo_outfile_discard(struct myo_outfile *file);

/* MYO_FAIL if such a file couldn't be written, so that it is known before hours of work. NULL is fine. */
MYO_MUST_USE int myo_outfile_check(const char *path, struct myo_err *err);

/* Remove such a file: symbolic links to it stay, and so does what is no regular file. No failure if there is none. */
MYO_MUST_USE int myo_outfile_remove(const char *path, struct myo_err *err);

/* Write all of the bytes: goes on after EINTR and short counts. */
MYO_MUST_USE int myo_write_all(int fd, const void *bytes, size_t count, struct myo_err *err);

/* Read count bytes; *got is less only at the end of the input. */
MYO_MUST_USE int myo_read_all(int fd, void *bytes, size_t count, size_t *got, struct myo_err *err);

/* The same from an offset in a file; the descriptor's own position neither matters nor changes. */
MYO_MUST_USE int myo_read_at(int fd, void *bytes, size_t count, int64_t offset, size_t *got, struct myo_err *err);

/* ---- search paths ------------------------------------------------------------------ */

/*
 * A search path is a list of folders separated by colons, as in MYOPIC_PLUGIN_PATH. A file in an earlier folder hides
 * files of the same name in later ones.
 */

/* The next folder, on the heap; *path moves on. MYO_END, and *folder NULL, after the last. */
MYO_MUST_USE int myo_search_next(const char **path, char **folder, struct myo_err *err);

/* The first FOLDER/NAME+ENDING that exists, on the heap. MYO_END, and *file NULL, where no folder has it. */
MYO_MUST_USE int myo_search_file(const char *path, const char *name, const char *ending, char **file,
    struct myo_err *err);

/* A list of names on the heap; a zeroed one is empty. */
struct myo_names {
	size_t count;
	char **items;
};

/* Append the names in a folder that have this ending, sorted. A folder that isn't there has none. */
MYO_MUST_USE int myo_search_folder(const char *folder, const char *ending, struct myo_names *names,
    struct myo_err *err);

/* Whether a name is among the first `count`. */
bool myo_names_have(const struct myo_names *names, size_t count, const char *name);
void myo_names_clear(struct myo_names *names);

#endif
