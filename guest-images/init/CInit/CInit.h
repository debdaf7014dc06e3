// What init needs from C and Swift cannot import: errno, variadic functions, and macros with arguments.
// Everything else comes straight from musl's headers.
#ifndef CINIT_H
#define CINIT_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#ifdef __GLIBC__
#error "init is linked against musl and must see musl's structs: put musl's headers first"
#endif

static inline int cinit_errno(void) { return errno; }

static inline int cinit_open(const char *path, int flags) { return open(path, flags); }

/// Makes the terminal behind a descriptor the controlling terminal of the calling session.
static inline int cinit_set_controlling_terminal(int descriptor) {
    return ioctl(descriptor, TIOCSCTTY, 0);
}

/// The exit status of a finished child as a shell gives it: 128 plus the signal's number if one killed it.
static inline int cinit_shell_status(int wait_status) {
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

static const unsigned long cinit_mount_nosuid = MS_NOSUID;
static const unsigned long cinit_mount_nodev = MS_NODEV;
static const unsigned long cinit_mount_noexec = MS_NOEXEC;
static const unsigned long cinit_mount_remount = MS_REMOUNT;
static const unsigned long cinit_mount_readonly = MS_RDONLY;

static const int cinit_power_off = RB_POWER_OFF;
static const int cinit_reboot = RB_AUTOBOOT;

#endif

