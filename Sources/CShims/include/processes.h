#ifndef APUS_PROCESSES_H
#define APUS_PROCESSES_H

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "result.h"

static inline long apus_fork(void) { return apus_result(fork()); }

static inline long apus_pipe(int *reader, int *writer) {
    int ends[2];
    long result = apus_result(pipe(ends));
    if (result == 0) {
        *reader = ends[0];
        *writer = ends[1];
    }
    return result;
}

/// A copy of the text of an error number; never null.
static inline const char *apus_error_text(int number) { return strerror(number); }

static inline void apus_ignore_signal(int number) { signal(number, SIG_IGN); }

static inline void apus_default_signal(int number) { signal(number, SIG_DFL); }

#endif
