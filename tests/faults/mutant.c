/* Takes from a process what it relies on, one thing at a time, to see that this is noticed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is(const char *name)
{
    const char *mutant = getenv("MUTANT");
    return mutant && strcmp(mutant, name) == 0;
}

static int ends(int fd, const char *end)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    size_t m = strlen(end);
    if (n < (ssize_t)m)
        return 0;
    path[n] = 0;
    return strcmp(path + n - m, end) == 0;
}

static int is_skipped(int fd)
{
    struct stat found;
    if (fstat(fd, &found) != 0)
        return 0;
    if (S_ISDIR(found.st_mode))
        return is("no-folder-sync");
    if (ends(fd, ".db") || ends(fd, "-wal") || ends(fd, "-shm"))
        return ends(fd, "-wal") && is("synchronous-normal");
    return is("no-file-sync");
}

int fsync(int fd)
{
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    return is_skipped(fd) ? 0 : real(fd);
}

int fdatasync(int fd)
{
    int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
    return is_skipped(fd) ? 0 : real(fd);
}

int flock(int fd, int operation)
{
    int (*real)(int, int) = dlsym(RTLD_NEXT, "flock");
    return is("no-lock") ? 0 : real(fd, operation);
}
