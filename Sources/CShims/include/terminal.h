#ifndef APUS_TERMINAL_H
#define APUS_TERMINAL_H

#include <stdint.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "result.h"

/// 1 and the window's size in characters, or -errno where `fd` is no terminal.
static inline long apus_window_size(int fd, uint16_t *columns, uint16_t *rows) {
    struct winsize size;
    long result = apus_result(ioctl(fd, TIOCGWINSZ, &size));
    if (result == 0) {
        *columns = size.ws_col;
        *rows = size.ws_row;
    }
    return result;
}

static inline long apus_terminal_attributes(int fd, struct termios *attributes) {
    return apus_result(tcgetattr(fd, attributes));
}

static inline long apus_set_terminal_attributes(int fd, const struct termios *attributes) {
    return apus_result(tcsetattr(fd, TCSAFLUSH, attributes));
}

/// Raw mode: every byte reaches the guest, the interrupt and stop characters too.
static inline void apus_make_raw(struct termios *attributes) { cfmakeraw(attributes); }

#endif
