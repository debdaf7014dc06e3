// Mappings: mmap answers a pointer or MAP_FAILED, here a value or -errno like everything else.
#ifndef APUS_MEMORY_H
#define APUS_MEMORY_H

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "result.h"

// The C library shows it only under _GNU_SOURCE, which Swift's importer does not define.
int memfd_create(const char *name, unsigned flags);

static inline long apus_map(void *address, size_t length, int protection, int flags, int fd, uint64_t offset) {
    void *mapped = mmap(address, length, protection, flags, fd, (off_t)offset);
    return mapped == MAP_FAILED ? -(long)errno : (long)mapped;
}

static inline long apus_unmap(void *address, size_t length) { return apus_result(munmap(address, length)); }

static inline long apus_memfd_create(const char *name) {
    return apus_result(memfd_create(name, 1u /* MFD_CLOEXEC */));
}

static inline long apus_truncate(int fd, uint64_t size) { return apus_result(ftruncate(fd, (off_t)size)); }

#endif
