// The KVM API (Documentation/virt/kvm/api.rst, linux/kvm.h): one typed function per ioctl, and accessors for what
// Swift does not import: unions and flexible array members.
#ifndef APUS_KVM_H
#define APUS_KVM_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "result.h"

// MARK: System

static inline long apus_kvm_api_version(int kvm) { return apus_result(ioctl(kvm, KVM_GET_API_VERSION, 0)); }

static inline long apus_kvm_check_extension(int fd, int capability) {
    return apus_result(ioctl(fd, KVM_CHECK_EXTENSION, capability));
}

static inline long apus_kvm_run_size(int kvm) { return apus_result(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0)); }

static inline long apus_kvm_create_vm(int kvm) { return apus_result(ioctl(kvm, KVM_CREATE_VM, 0)); }

enum { APUS_CPUID_CAPACITY = 256 /* KVM_MAX_CPUID_ENTRIES */, APUS_MSR_CAPACITY = 16 };

/// `struct kvm_cpuid2` with room for the entries of its flexible array.
struct apus_cpuid {
    uint32_t count;
    uint32_t padding;
    struct kvm_cpuid_entry2 entries[APUS_CPUID_CAPACITY];
};
_Static_assert(offsetof(struct apus_cpuid, entries) == offsetof(struct kvm_cpuid2, entries), "kvm_cpuid2 layout");

static inline long apus_kvm_supported_cpuid(int kvm, struct apus_cpuid *cpuid) {
    cpuid->count = APUS_CPUID_CAPACITY;
    return apus_result(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid));
}

static inline struct kvm_cpuid_entry2 *apus_cpuid_entry(struct apus_cpuid *cpuid, uint32_t index) {
    return &cpuid->entries[index];
}

// MARK: Virtual machine

static inline long apus_kvm_set_tss_address(int vm, uint64_t address) {
    return apus_result(ioctl(vm, KVM_SET_TSS_ADDR, address));
}

static inline long apus_kvm_set_identity_map_address(int vm, uint64_t address) {
    return apus_result(ioctl(vm, KVM_SET_IDENTITY_MAP_ADDR, &address));
}

static inline long apus_kvm_create_irqchip(int vm) { return apus_result(ioctl(vm, KVM_CREATE_IRQCHIP, 0)); }

static inline long apus_kvm_create_pit(int vm) {
    struct kvm_pit_config configuration = {.flags = KVM_PIT_SPEAKER_DUMMY};
    return apus_result(ioctl(vm, KVM_CREATE_PIT2, &configuration));
}

static inline long apus_kvm_set_memory_region(
    int vm, uint32_t slot, uint32_t flags, uint64_t guest_address, uint64_t size, uint64_t host_address) {
    struct kvm_userspace_memory_region region = {
        .slot = slot, .flags = flags, .guest_phys_addr = guest_address, .memory_size = size,
        .userspace_addr = host_address};
    return apus_result(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region));
}

static inline long apus_kvm_irqfd(int vm, int fd, uint32_t gsi) {
    struct kvm_irqfd request = {.fd = (uint32_t)fd, .gsi = gsi};
    return apus_result(ioctl(vm, KVM_IRQFD, &request));
}

/// Signals `fd` when a guest writes `value` (`width` bytes) to `address` of MMIO space.
static inline long apus_kvm_ioeventfd(int vm, int fd, uint64_t address, uint32_t width, uint64_t value) {
    struct kvm_ioeventfd request = {
        .datamatch = value, .addr = address, .len = width, .fd = fd, .flags = KVM_IOEVENTFD_FLAG_DATAMATCH};
    return apus_result(ioctl(vm, KVM_IOEVENTFD, &request));
}

static inline long apus_kvm_create_vcpu(int vm, uint32_t id) { return apus_result(ioctl(vm, KVM_CREATE_VCPU, (unsigned long)id)); }

// MARK: vCPU

static inline long apus_kvm_run(int vcpu) { return apus_result(ioctl(vcpu, KVM_RUN, 0)); }

static inline long apus_kvm_set_cpuid(int vcpu, const struct apus_cpuid *cpuid) {
    return apus_result(ioctl(vcpu, KVM_SET_CPUID2, cpuid));
}

static inline long apus_kvm_get_registers(int vcpu, struct kvm_regs *registers) {
    return apus_result(ioctl(vcpu, KVM_GET_REGS, registers));
}

static inline long apus_kvm_set_registers(int vcpu, const struct kvm_regs *registers) {
    return apus_result(ioctl(vcpu, KVM_SET_REGS, registers));
}

static inline long apus_kvm_get_special_registers(int vcpu, struct kvm_sregs *registers) {
    return apus_result(ioctl(vcpu, KVM_GET_SREGS, registers));
}

static inline long apus_kvm_set_special_registers(int vcpu, const struct kvm_sregs *registers) {
    return apus_result(ioctl(vcpu, KVM_SET_SREGS, registers));
}

/// `struct kvm_msrs` with room for the entries of its flexible array.
struct apus_msrs {
    uint32_t count;
    uint32_t padding;
    struct kvm_msr_entry entries[APUS_MSR_CAPACITY];
};
_Static_assert(offsetof(struct apus_msrs, entries) == offsetof(struct kvm_msrs, entries), "kvm_msrs layout");

/// Adds an entry; the caller stays within APUS_MSR_CAPACITY.
static inline void apus_msrs_append(struct apus_msrs *msrs, uint32_t index, uint64_t value) {
    msrs->entries[msrs->count++] = (struct kvm_msr_entry){.index = index, .data = value};
}

/// The number of MSRs that were set: fewer than asked for where one was refused.
static inline long apus_kvm_set_msrs(int vcpu, const struct apus_msrs *msrs) {
    return apus_result(ioctl(vcpu, KVM_SET_MSRS, msrs));
}

static inline long apus_kvm_get_lapic(int vcpu, struct kvm_lapic_state *state) {
    return apus_result(ioctl(vcpu, KVM_GET_LAPIC, state));
}

static inline long apus_kvm_set_lapic(int vcpu, const struct kvm_lapic_state *state) {
    return apus_result(ioctl(vcpu, KVM_SET_LAPIC, state));
}

static inline uint32_t apus_lapic_register(const struct kvm_lapic_state *state, uint32_t offset) {
    uint32_t value;
    memcpy(&value, state->regs + offset, sizeof value);
    return value;
}

static inline void apus_set_lapic_register(struct kvm_lapic_state *state, uint32_t offset, uint32_t value) {
    memcpy(state->regs + offset, &value, sizeof value);
}

// MARK: struct kvm_run

static inline void apus_run_set_immediate_exit(struct kvm_run *run, uint8_t value) {
    __atomic_store_n(&run->immediate_exit, value, __ATOMIC_RELAXED);
}

static inline uint8_t apus_run_io_direction(const struct kvm_run *run) { return run->io.direction; }
static inline uint8_t apus_run_io_size(const struct kvm_run *run) { return run->io.size; }
static inline uint16_t apus_run_io_port(const struct kvm_run *run) { return run->io.port; }
static inline uint32_t apus_run_io_count(const struct kvm_run *run) { return run->io.count; }

/// The `index`th value of a (possibly repeated) port access; `size` is 1, 2 or 4 bytes.
static inline uint32_t apus_run_io_value(const struct kvm_run *run, uint32_t index) {
    uint32_t value = 0;
    memcpy(&value, (const uint8_t *)run + run->io.data_offset + (size_t)index * run->io.size, run->io.size);
    return value;
}

static inline void apus_run_set_io_value(struct kvm_run *run, uint32_t index, uint32_t value) {
    memcpy((uint8_t *)run + run->io.data_offset + (size_t)index * run->io.size, &value, run->io.size);
}

static inline uint64_t apus_run_mmio_address(const struct kvm_run *run) { return run->mmio.phys_addr; }
static inline uint32_t apus_run_mmio_width(const struct kvm_run *run) { return run->mmio.len; }
static inline uint8_t apus_run_mmio_is_write(const struct kvm_run *run) { return run->mmio.is_write; }

static inline uint64_t apus_run_mmio_value(const struct kvm_run *run) {
    uint64_t value = 0;
    memcpy(&value, run->mmio.data, run->mmio.len);
    return value;
}

static inline void apus_run_set_mmio_value(struct kvm_run *run, uint64_t value) {
    memcpy(run->mmio.data, &value, run->mmio.len);
}

static inline uint32_t apus_run_system_event(const struct kvm_run *run) { return run->system_event.type; }
static inline uint32_t apus_run_internal_suberror(const struct kvm_run *run) { return run->internal.suberror; }
static inline uint64_t apus_run_fail_entry_reason(const struct kvm_run *run) {
    return run->fail_entry.hardware_entry_failure_reason;
}

#endif
