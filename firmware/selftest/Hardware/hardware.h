// The instructions that Swift cannot express, and the addresses that assembly and Swift share.
//
// Addresses are integers here: the machine is identity-mapped, and device registers are not Swift objects. Every memory
// access is one plain MOV of exactly the width in its name, because a device sees the width and because software KVM
// backends interpret this code and know few instructions.
#pragma once
#include <stdint.h>

#define ACCESS(bits, type)                                                       \
    static inline type load##bits(uint64_t address) {                            \
        type value;                                                              \
        __asm__ volatile("mov (%1), %0" : "=r"(value) : "r"(address) : "memory"); \
        return value;                                                            \
    }                                                                            \
    static inline void store##bits(uint64_t address, type value) {               \
        __asm__ volatile("mov %0, (%1)" : : "r"(value), "r"(address) : "memory"); \
    }

ACCESS(8, uint8_t)
ACCESS(16, uint16_t)
ACCESS(32, uint32_t)
ACCESS(64, uint64_t)

#define PORT(bits, type)                                                    \
    static inline type port_read##bits(uint16_t port) {                     \
        type value;                                                         \
        __asm__ volatile("in %1, %0" : "=a"(value) : "Nd"(port));           \
        return value;                                                       \
    }                                                                       \
    static inline void port_write##bits(uint16_t port, type value) {        \
        __asm__ volatile("out %0, %1" : : "a"(value), "Nd"(port));          \
    }

PORT(8, uint8_t)
PORT(16, uint16_t)
PORT(32, uint32_t)

// A full memory barrier. A locked instruction, since KVM's instruction emulator has no MFENCE.
static inline void full_fence(void) {
    __asm__ volatile("lock; orl $0, (%%rsp)" : : : "memory", "cc");
}

struct cpuid_result {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_result cpuid(uint32_t leaf) {
    struct cpuid_result result;
    __asm__ volatile("cpuid"
                     : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
                     : "a"(leaf), "c"(0));
    return result;
}

static inline void load_interrupt_table(uint64_t base, uint16_t limit) {
    struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } operand = {limit, base};
    __asm__ volatile("lidt %0" : : "m"(operand));
}

// Sleeps until an interrupt has been served. Interrupts are off before and after; STI takes effect one instruction
// late, so none can slip in before HLT.
static inline void wait_for_interrupt(void) {
    __asm__ volatile("sti; hlt; cli" : : : "memory", "cc");
}

_Noreturn static inline void halt_forever(void) {
    for (;;)
        __asm__ volatile("cli; hlt" : : : "memory");
}

// Symbols of start.S and interrupts.S, as addresses.
#define ADDRESS_OF(symbol)                             \
    extern uint8_t symbol[];                           \
    static inline uint64_t address_of_##symbol(void) { \
        return (uint64_t)symbol;                       \
    }

ADDRESS_OF(dma_page)
ADDRESS_OF(interrupt_table)
ADDRESS_OF(exception_entries)
ADDRESS_OF(timer_interrupt_entry)
ADDRESS_OF(device_interrupt_entry)
ADDRESS_OF(spurious_interrupt_entry)
ADDRESS_OF(timer_interrupt_count)
ADDRESS_OF(device_interrupt_count)
