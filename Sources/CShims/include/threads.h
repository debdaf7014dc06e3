// POSIX threads, named and with a stack size of our choosing.
#ifndef APUS_THREADS_H
#define APUS_THREADS_H

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>

#include "result.h"

/// A pthread_t, which is a number in one C library and a pointer in another.
typedef uintptr_t apus_thread;

static inline long apus_thread_create(
    apus_thread *thread, size_t stack_size, void *(*body)(void *), void *argument) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_size);
    pthread_t handle;
    long result = -(long)pthread_create(&handle, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    if (result == 0) *thread = (apus_thread)handle;
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

static inline long apus_thread_join(apus_thread thread) { return -(long)pthread_join((pthread_t)thread, 0); }

static inline long apus_thread_signal(apus_thread thread, int number) {
    return -(long)pthread_kill((pthread_t)thread, number);
}

static inline void apus_handle_nothing(int number) { (void)number; }

/// Installs a handler that does nothing, without SA_RESTART: the signal's only work is to end a blocking call.
static inline void apus_make_signal_interrupt(int number) {
    struct sigaction action = {.sa_handler = apus_handle_nothing};
    sigaction(number, &action, 0);
}

#endif
