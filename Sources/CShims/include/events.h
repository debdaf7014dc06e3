// epoll, eventfd, timerfd and signalfd.
#ifndef APUS_EVENTS_H
#define APUS_EVENTS_H

#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "result.h"

// An enumeration in one C library, plain macros in another: to Swift always UInt32.
static const uint32_t apus_epoll_in = EPOLLIN;
static const uint32_t apus_epoll_out = EPOLLOUT;

static inline long apus_epoll_create(void) {
    return apus_result(epoll_create1(EPOLL_CLOEXEC));
}

static inline long apus_epoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return apus_result(epoll_ctl(epoll, operation, fd, &event));
}

/// Waits for one event. Returns 1 and fills `events` and `token`, 0 after `timeout_ms`, or -errno.
static inline long apus_epoll_wait_one(int epoll, int timeout_ms, uint32_t *events, uint64_t *token) {
    struct epoll_event event;
    long count = apus_result(epoll_wait(epoll, &event, 1, timeout_ms));
    if (count == 1) {
        *events = event.events;
        *token = event.data.u64;
    }
    return count;
}

static inline long apus_eventfd_create(void) {
    return apus_result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

static inline long apus_timerfd_create(void) {
    return apus_result(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
}

/// Arms a timer to fire once after `nanoseconds`; 0 disarms it.
static inline long apus_timerfd_arm(int fd, uint64_t nanoseconds) {
    struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(nanoseconds / 1000000000u), .tv_nsec = (long)(nanoseconds % 1000000000u)}};
    return apus_result(timerfd_settime(fd, 0, &when, 0));
}

/// Blocks the signals of `mask` (bit n-1 for signal n) in the calling thread and the threads it makes.
static inline long apus_block_signals(uint64_t mask) {
    sigset_t set;
    sigemptyset(&set);
    for (int signal = 1; signal <= 31; signal++)
        if (mask & (1ull << (signal - 1))) sigaddset(&set, signal);
    return -(long)pthread_sigmask(SIG_BLOCK, &set, 0);
}

/// A descriptor that reads the blocked signals of `mask`.
static inline long apus_signalfd_create(uint64_t mask) {
    sigset_t set;
    sigemptyset(&set);
    for (int signal = 1; signal <= 31; signal++)
        if (mask & (1ull << (signal - 1))) sigaddset(&set, signal);
    return apus_result(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// The number of the next pending signal, or -errno (-EAGAIN when there is none).
static inline long apus_signalfd_read(int fd) {
    struct signalfd_siginfo info;
    long count = apus_result(read(fd, &info, sizeof info));
    return count < 0 ? count : (long)info.ssi_signo;
}

#endif
