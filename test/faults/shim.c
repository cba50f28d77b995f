/*
 * Faults of a disk under one process, by LD_PRELOAD. Of the calls CALL on files whose path holds PATH, from the FIRST on
 * (counted from 1) COUNT fail with ERRNO; COUNT 0: all from then on.
 * FAULT_PATH=text FAULT=CALL:ERRNO:FIRST:COUNT, with CALL one of sync, write, read and ERRNO a number.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char call[16];
static int number;
static long first = -1, count, seen;

static int hit(const char *name, int fd) {
  if (first == -1) {
    const char *fault = getenv("FAULT");
    first = 0;
    if (fault == NULL || sscanf(fault, "%15[a-z]:%d:%ld:%ld", call, &number, &first, &count) != 4) call[0] = 0;
  }
  const char *wanted = getenv("FAULT_PATH");
  if (wanted == NULL || strcmp(call, name) != 0) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  if (strstr(path, wanted) == NULL) return 0;
  long now = __sync_add_and_fetch(&seen, 1);
  if (now < first || (count > 0 && now >= first + count)) return 0;
  errno = number;
  return 1;
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (real == NULL) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define SYNC(name) \
  int name(int fd) { \
    REAL(name); \
    return hit("sync", fd) ? -1 : real(fd); \
  }
#define TRANSFER(result, kind, name, parameters, arguments) \
  result name parameters { \
    REAL(name); \
    return hit(kind, fd) ? -1 : real arguments; \
  }

SYNC(fsync)
SYNC(fdatasync)
TRANSFER(ssize_t, "write", write, (int fd, const void *b, size_t n), (fd, b, n))
TRANSFER(ssize_t, "write", pwrite, (int fd, const void *b, size_t n, off_t at), (fd, b, n, at))
TRANSFER(ssize_t, "write", pwrite64, (int fd, const void *b, size_t n, off64_t at), (fd, b, n, at))
TRANSFER(ssize_t, "read", read, (int fd, void *b, size_t n), (fd, b, n))
TRANSFER(ssize_t, "read", pread, (int fd, void *b, size_t n, off_t at), (fd, b, n, at))
TRANSFER(ssize_t, "read", pread64, (int fd, void *b, size_t n, off64_t at), (fd, b, n, at))
