// Files, vectored I/O and locks.
#ifndef APUS_FILES_H
#define APUS_FILES_H

#include <fcntl.h>
#include <linux/falloc.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "result.h"

// The C library shows these only under _GNU_SOURCE, which Swift's importer does not define.
int fallocate(int fd, int mode, off_t offset, off_t length);
#ifndef F_OFD_SETLK
#define F_OFD_SETLK 37 /* linux/fcntl.h */
#endif

static inline long apus_open(const char *path, int flags, unsigned mode) {
    return apus_result(openat(AT_FDCWD, path, flags | O_CLOEXEC, mode));
}

static inline long apus_close(int fd) { return apus_result(close(fd)); }

static inline long apus_duplicate(int fd) { return apus_result(fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

static inline long apus_read(int fd, void *bytes, size_t count) { return apus_result(read(fd, bytes, count)); }

static inline long apus_write(int fd, const void *bytes, size_t count) { return apus_result(write(fd, bytes, count)); }

static inline long apus_pread(int fd, void *bytes, size_t count, uint64_t offset) {
    return apus_result(pread(fd, bytes, count, (off_t)offset));
}

static inline long apus_pwrite(int fd, const void *bytes, size_t count, uint64_t offset) {
    return apus_result(pwrite(fd, bytes, count, (off_t)offset));
}

static inline long apus_preadv(int fd, const struct iovec *vectors, int count, uint64_t offset) {
    return apus_result(preadv(fd, vectors, count, (off_t)offset));
}

static inline long apus_pwritev(int fd, const struct iovec *vectors, int count, uint64_t offset) {
    return apus_result(pwritev(fd, vectors, count, (off_t)offset));
}

static inline long apus_data_sync(int fd) { return apus_result(fdatasync(fd)); }

static inline long apus_allocate(int fd, int mode, uint64_t offset, uint64_t length) {
    return apus_result(fallocate(fd, mode, (off_t)offset, (off_t)length));
}

/// What a file is and how large: `mode` and `size` of fstat(2).
static inline long apus_status(int fd, uint32_t *mode, uint64_t *size) {
    struct stat status;
    long result = apus_result(fstat(fd, &status));
    if (result == 0) {
        *mode = status.st_mode;
        *size = (uint64_t)status.st_size;
    }
    return result;
}

/// Tries an open-file-description lock over the whole file: it ends with the last descriptor, also after a crash.
static inline long apus_lock(int fd, short type) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    return apus_result(fcntl(fd, F_OFD_SETLK, &lock));
}

/// The size in bytes of a block special file (BLKGETSIZE64, linux/fs.h, which clashes with sys/mount.h).
static inline long apus_block_device_size(int fd, uint64_t *size) {
    return apus_result(ioctl(fd, _IOR(0x12, 114, size_t), size));
}

#endif
