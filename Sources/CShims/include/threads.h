// POSIX threads, named and with a stack size of our choosing.
#ifndef APUS_THREADS_H
#define APUS_THREADS_H

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

#include "result.h"

static inline long apus_thread_create(pthread_t *thread, size_t stack_size, void *(*body)(void *), void *argument) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_size);
    long result = -(long)pthread_create(thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    return result;
}

/// Names the calling thread, at most 15 bytes (prctl(2), PR_SET_NAME).
static inline void apus_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

/// Lets a signal reach the calling thread: a mask is inherited from the creating thread, and over exec.
static inline void apus_unblock_signal(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, 0);
}

static inline long apus_thread_join(pthread_t thread) { return -(long)pthread_join(thread, 0); }

static inline long apus_thread_signal(pthread_t thread, int number) { return -(long)pthread_kill(thread, number); }

static inline void apus_handle_nothing(int number) { (void)number; }

/// Installs a handler that does nothing, without SA_RESTART: the signal's only work is to end a blocking call.
static inline void apus_make_signal_interrupt(int number) {
    struct sigaction action = {.sa_handler = apus_handle_nothing};
    sigaction(number, &action, 0);
}

#endif
