/*
 * inject.c - a library for LD_PRELOAD that lets calls into the system fail.
 *
 *   INJECT=SORT       which calls: alloc, read, write, file (open, close, fsync, rename, linkat, fflush, fclose, mmap),
 *                     thread
 *   INJECT_AT=N       the N-th of them fails; 0: none
 *   INJECT_ON=1       and so do all after it
 *   INJECT_HOW=ENOSPC, EIO, EINTR, EAGAIN or ENOMEM; or `short`: reads and writes of a single byte
 *   INJECT_COUNT=FILE receives how many calls there were when the program ends
 *
 * Calls count if they come from our own code, from plugins, or from the libraries that decode for
 * us; and only once main() has begun. OpenBLAS, say, has start-up code of its own that no program can mend.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <threads.h>
#include <unistd.h>

/* glibc's own, behind the names that are replaced here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

enum sort { NOTHING, ALLOC, READ, WRITE, FILES, THREAD };

static enum sort sort;
static long at;
static bool on;
static bool shortened;
static int reason;
static atomic_long calls;
static atomic_bool started; /* main() has */

/* ---- whose call it is ------------------------------------------------------------------------- */

static bool
counts_from(const void *caller)
{
	static const char *const ours[] = { "myopic", "/plugins/", "libjpeg", "libpng", "libarchive", "libjansson" };
	/* When memory is short libarchive 3.6 uses an entry that it doesn't have, and Jansson 2.14 loses bytes. */
	const size_t count = sizeof ours / sizeof *ours - (sort == ALLOC ? 2 : 0);
	Dl_info info;

	if (dladdr(caller, &info) == 0 || info.dli_fname == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		if (strstr(info.dli_fname, ours[i]) != NULL)
			return true;
	return false;
}

/* dladdr() is slow: remember what it said. An entry is an address with the answer in the lowest bit. */
static bool
is_ours(const void *caller)
{
	enum { PLACES = 4096 };
	static _Atomic uintptr_t known[PLACES];
	const uintptr_t address = (uintptr_t)caller << 1;
	_Atomic uintptr_t *place = &known[((uintptr_t)caller >> 2) % PLACES];
	const uintptr_t seen = atomic_load(place);

	if (seen >> 1 == address >> 1 && seen != 0)
		return seen & 1;
	const bool ours = counts_from(caller);
	atomic_store(place, address | ours);
	return ours;
}

/* Whether this call is the one. */
static bool
hit(enum sort called, const void *caller)
{
	if (sort != called || !atomic_load(&started) || !is_ours(caller))
		return false;
	const long number = atomic_fetch_add(&calls, 1) + 1;
	return at > 0 && (number == at || (on && number > at));
}

#define HIT(called) hit(called, __builtin_return_address(0))

/* ---- the beginning and the end -------------------------------------------------------------------- */

static void
say_count(void)
{
	const char *path = getenv("INJECT_COUNT");
	char text[32];

	if (path == NULL)
		return;
	const int length = snprintf(text, sizeof text, "%ld\n", atomic_load(&calls));
	const int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd >= 0) {
		(void)syscall(SYS_write, fd, text, length);
		(void)syscall(SYS_close, fd);
	}
}

static void
read_environment(void)
{
	static const struct {
		const char *name;
		int number;
	} sorts[] = { { "alloc", ALLOC }, { "read", READ }, { "write", WRITE }, { "file", FILES },
		{ "thread", THREAD } },
	  reasons[] = { { "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EINTR", EINTR }, { "EAGAIN", EAGAIN },
		{ "ENOMEM", ENOMEM } };
	const char *which = getenv("INJECT"), *number = getenv("INJECT_AT"), *how = getenv("INJECT_HOW");

	for (size_t i = 0; which != NULL && i < sizeof sorts / sizeof *sorts; i++)
		if (strcmp(sorts[i].name, which) == 0)
			sort = (enum sort)sorts[i].number;
	for (size_t i = 0; how != NULL && i < sizeof reasons / sizeof *reasons; i++)
		if (strcmp(reasons[i].name, how) == 0)
			reason = reasons[i].number;
	shortened = how != NULL && strcmp(how, "short") == 0;
	at = number != NULL ? strtol(number, NULL, 10) : 0;
	on = getenv("INJECT_ON") != NULL;
}

static int (*program)(int, char **, char **);

static int
begin(int argc, char **argv, char **environment)
{
	read_environment();
	(void)atexit(say_count);
	atomic_store(&started, true);
	return program(argc, argv, environment);
}

typedef int start_function(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void),
    void *);
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
    void (*rtld_fini)(void), void *stack_end);

int
__libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
    void (*rtld_fini)(void), void *stack_end)
{
	start_function *next;

	*(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
	program = main;
	return next(begin, argc, argv, init, fini, rtld_fini, stack_end);
}

/* ---- memory ------------------------------------------------------------------------------------------ */

static void *
no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *
malloc(size_t size)
{
	return HIT(ALLOC) ? no_memory() : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return HIT(ALLOC) ? no_memory() : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	return HIT(ALLOC) ? no_memory() : __libc_realloc(old, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return HIT(ALLOC) ? no_memory() : __libc_memalign(alignment, size);
}

int
posix_memalign(void **out, size_t alignment, size_t size)
{
	if (HIT(ALLOC))
		return ENOMEM;
	*out = __libc_memalign(alignment, size);
	return *out != NULL ? 0 : ENOMEM;
}

/* ---- reading and writing --------------------------------------------------------------------------------- */

static int
refuse(void)
{
	errno = reason;
	return -1;
}

/* How much of a transfer is let through. */
static size_t
share(size_t count, bool is_hit)
{
	return is_hit && shortened && count > 1 ? 1 : count;
}

ssize_t
read(int fd, void *to, size_t count)
{
	const bool is_hit = HIT(READ);

	if (is_hit && !shortened)
		return refuse();
	return syscall(SYS_read, fd, to, share(count, is_hit));
}

ssize_t
pread(int fd, void *to, size_t count, off_t offset)
{
	const bool is_hit = HIT(READ);

	if (is_hit && !shortened)
		return refuse();
	return syscall(SYS_pread64, fd, to, share(count, is_hit), offset);
}

ssize_t
write(int fd, const void *from, size_t count)
{
	const bool is_hit = HIT(WRITE);

	if (is_hit && !shortened)
		return refuse();
	return syscall(SYS_write, fd, from, share(count, is_hit));
}

ssize_t
writev(int fd, const struct iovec *pieces, int count)
{
	const bool is_hit = HIT(WRITE);

	if (is_hit && !shortened)
		return refuse();
	if (is_hit && count > 0)
		return syscall(SYS_write, fd, pieces[0].iov_base, share(pieces[0].iov_len, true));
	return syscall(SYS_writev, fd, pieces, count);
}

/* ---- files ------------------------------------------------------------------------------------------------- */

int
open(const char *path, int flags, ...)
{
	mode_t mode = 0;

	if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
		va_list args;
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return HIT(FILES) ? refuse() : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

/* What is closed is closed, whatever close(2) says. */
int
close(int fd)
{
	const bool is_hit = HIT(FILES);
	const int rc = (int)syscall(SYS_close, fd);

	return is_hit ? refuse() : rc;
}

int
fsync(int fd)
{
	return HIT(FILES) ? refuse() : (int)syscall(SYS_fsync, fd);
}

int
rename(const char *from, const char *to)
{
	return HIT(FILES) ? refuse() : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
	return HIT(FILES) ? refuse() : (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
}

void *
mmap(void *where, size_t length, int protection, int flags, int fd, off_t offset)
{
	if (HIT(FILES)) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, where, length, protection, flags, fd, offset); /* of 64 bits, as configure wants */
}

int
fflush(FILE *file)
{
	int (*next)(FILE *);

	*(void **)&next = dlsym(RTLD_NEXT, "fflush");
	return HIT(FILES) ? refuse() : next(file);
}

int
fclose(FILE *file)
{
	int (*next)(FILE *);
	const bool is_hit = HIT(FILES);

	*(void **)&next = dlsym(RTLD_NEXT, "fclose");
	const int rc = next(file);
	return is_hit ? refuse() : rc;
}

/* ---- threads ------------------------------------------------------------------------------------------------- */

int
thrd_create(thrd_t *thread, thrd_start_t run, void *context)
{
	int (*next)(thrd_t *, thrd_start_t, void *);

	if (HIT(THREAD))
		return thrd_error;
	*(void **)&next = dlsym(RTLD_NEXT, "thrd_create");
	return next(thread, run, context);
}
