/*
 * damage - hand files to a fuzz target as they are, and damaged at random.
 *
 *   fuzz_TARGET [-d N] [-s SEED] FILE...          each file, and N damaged copies of it
 *   fuzz_TARGET -p I [-s SEED] FILE >damaged      print copy I of one file, in place of trying it
 *
 * Copy I is a function of seed, file and I. What is tried when the target dies, or takes longer than twenty seconds, is
 * said.
 */
#include "fuzz.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CHANGES = 8, MOST_BYTES = 256 << 20, SECONDS = 20 };

struct bytes {
	uint8_t *at;
	size_t count, room;
};

static char trying[512]; /* what is said of it */

static void
on_death(int number)
{
	(void)!write(STDERR_FILENO, trying, strlen(trying));
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

static struct bytes
read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct bytes all = { malloc(MOST_BYTES), 0, MOST_BYTES };

	fuzz_require(file != NULL && all.at != NULL, "the file can be read");
	all.count = fread(all.at, 1, MOST_BYTES, file);
	fuzz_require(!ferror(file) && all.count < MOST_BYTES && fclose(file) == 0, "the file can be read");
	return all;
}

/* ---- damage ---------------------------------------------------------------------------------- */

static size_t
below(struct myo_rng *rng, size_t n)
{
	return n > 0 ? myo_rng_below(rng, (uint32_t)n) : 0;
}

/* Bytes by which lengths and counts turn out to be other ones. */
static void
put_number(struct bytes *b, struct myo_rng *rng)
{
	static const uint64_t numbers[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
		0x7fffffffffffffff, 0xffffffffffffffff };
	const uint64_t number = numbers[below(rng, MYO_COUNT(numbers))];
	const size_t width = (size_t)1 << below(rng, 4);

	if (b->count < width)
		return;
	memcpy(b->at + below(rng, b->count - width + 1), &number, width); /* little-endian */
}

/* A piece is left out, or stands there twice. */
static void
move_piece(struct bytes *b, struct myo_rng *rng, bool twice)
{
	const size_t from = below(rng, b->count), most = b->count - from;
	const size_t count = below(rng, most < 64 ? most : 64) + (most > 0);

	if (twice && b->count + count > b->room)
		return;
	memmove(b->at + from + (twice ? count : 0), b->at + from + (twice ? 0 : count), most - (twice ? 0 : count));
	b->count = twice ? b->count + count : b->count - count;
}

static void
change(struct bytes *b, struct myo_rng *rng)
{
	if (b->count == 0)
		return;
	switch (below(rng, 8)) {
	case 0:
	case 1: b->at[below(rng, b->count)] ^= (uint8_t)(1 << below(rng, 8)); break;
	case 2:
	case 3: b->at[below(rng, b->count)] = (uint8_t)below(rng, 256); break;
	case 4: put_number(b, rng); break;
	case 5: move_piece(b, rng, false); break;
	case 6: move_piece(b, rng, true); break;
	default:
		if (below(rng, 4) == 0)
			b->count = below(rng, b->count);
	}
}

/* Copy `number` of a file; beginnings, where headers are, are changed as often as all the rest. */
static struct bytes
damaged(const struct bytes *file, uint64_t seed, uint64_t number)
{
	struct myo_rng rng = myo_rng_at(seed, MYO_RNG_TEST, file->count, number);
	struct bytes copy = { malloc(2 * file->count + 4096), file->count, 2 * file->count + 4096 };
	const size_t changes = 1 + below(&rng, MOST_CHANGES);

	fuzz_require(copy.at != NULL, "there is memory");
	memcpy(copy.at, file->at, file->count);
	for (size_t i = 0; i < changes; i++) {
		struct bytes part = copy;
		if (copy.count > 1024 && below(&rng, 2) == 0) {
			part.count = 1024;
			change(&part, &rng);
			continue; /* pieces that move overwrite what comes behind */
		}
		change(&copy, &rng);
	}
	return copy;
}

/* ---- trying ---------------------------------------------------------------------------------- */

static void
try(const struct bytes *file, const char *path, uint64_t seed, uint64_t number)
{
	struct bytes bytes = *file;

	if (number > 0)
		bytes = damaged(file, seed, number);
	(void)snprintf(trying, sizeof trying, "fuzz: died on -p %llu -s %llu %s\n", (unsigned long long)number,
	    (unsigned long long)seed, path);
	(void)alarm(SECONDS);
	(void)LLVMFuzzerTestOneInput(bytes.at, bytes.count);
	(void)alarm(0);
	if (number > 0)
		free(bytes.at);
}

static void
print(const struct bytes *file, uint64_t seed, uint64_t number)
{
	const struct bytes copy = damaged(file, seed, number);

	fuzz_require(myo_write_all(STDOUT_FILENO, copy.at, copy.count, NULL) == MYO_OK, "it can be written");
	free(copy.at);
}

int
main(int argc, char **argv)
{
	static const int deadly[] = { SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL, SIGSEGV };
	unsigned long long damages = 0, seed = 1, wanted = 0, tried = 0;
	int option;

	while ((option = getopt(argc, argv, "d:p:s:")) != -1) {
		switch (option) {
		case 'd': damages = strtoull(optarg, NULL, 10); break;
		case 'p': wanted = strtoull(optarg, NULL, 10); break;
		case 's': seed = strtoull(optarg, NULL, 10); break;
		default: return 2;
		}
	}
	for (size_t i = 0; i < MYO_COUNT(deadly); i++)
		(void)signal(deadly[i], on_death);
	for (int i = optind; i < argc; i++) {
		struct bytes file = read_file(argv[i]);
		if (wanted > 0)
			print(&file, seed, wanted);
		for (unsigned long long n = 0; wanted == 0 && n <= damages; n++, tried++)
			try(&file, argv[i], seed, n);
		free(file.at);
	}
	if (wanted == 0)
		(void)printf("%llu tried\n", tried);
	return 0;
}
