// Ordered accesses to memory that a guest shares with the monitor. Swift's `Atomic` owns its storage,
// and this storage is the guest's.
#ifndef APUS_ATOMICS_H
#define APUS_ATOMICS_H

#include <stdint.h>

static inline uint16_t apus_load_acquire_u16(const void *address) {
    return __atomic_load_n((const uint16_t *)address, __ATOMIC_ACQUIRE);
}

static inline void apus_store_release_u16(void *address, uint16_t value) {
    __atomic_store_n((uint16_t *)address, value, __ATOMIC_RELEASE);
}

/// The store-load fence that virtio's event index needs; x86 does not order that pair by itself.
static inline void apus_fence(void) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#endif
