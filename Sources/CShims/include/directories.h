#ifndef APUS_DIRECTORIES_H
#define APUS_DIRECTORIES_H

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "result.h"

/// Calls `body` with the value of every entry of `path` whose name is a decimal number, until it answers 1.
/// Returns the last answer, 0 where there was none, or -errno.
static inline long apus_for_each_number(const char *path, int (*body)(long number, void *context), void *context) {
    DIR *directory = opendir(path);
    if (!directory) return -(long)errno;
    int answer = 0;
    for (struct dirent *entry; answer != 1 && (entry = readdir(directory));) {
        char *end;
        long number = strtol(entry->d_name, &end, 10);
        if (end != entry->d_name && *end == 0) answer = body(number, context);
    }
    closedir(directory);
    return answer;
}

/// The device and inode that tell files apart, by descriptor.
static inline long apus_identity(int fd, uint64_t *device, uint64_t *inode) {
    struct stat status;
    long result = apus_result(fstat(fd, &status));
    if (result == 0) {
        *device = status.st_dev;
        *inode = status.st_ino;
    }
    return result;
}

/// The same by path.
static inline long apus_identity_at(const char *path, uint64_t *device, uint64_t *inode) {
    struct stat status;
    long result = apus_result(stat(path, &status));
    if (result == 0) {
        *device = status.st_dev;
        *inode = status.st_ino;
    }
    return result;
}

#endif
