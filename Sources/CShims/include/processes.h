#ifndef APUS_PROCESSES_H
#define APUS_PROCESSES_H

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "result.h"

// The C library shows it only under _GNU_SOURCE, which Swift's importer does not define.
int pipe2(int ends[2], int flags);

static inline long apus_fork(void) { return apus_result(fork()); }

static inline long apus_pipe(int *reader, int *writer) {
    int ends[2];
    long result = apus_result(pipe2(ends, O_CLOEXEC));
    if (result == 0) {
        *reader = ends[0];
        *writer = ends[1];
    }
    return result;
}

/// The numeric group that owns `path`, or -errno.
static inline long apus_group_of(const char *path) {
    struct stat status;
    long result = apus_result(stat(path, &status));
    return result < 0 ? result : (long)status.st_gid;
}

/// A copy of the text of an error number; never null.
static inline const char *apus_error_text(int number) { return strerror(number); }

static inline void apus_ignore_signal(int number) { signal(number, SIG_IGN); }

#endif
