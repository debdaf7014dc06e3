// What Apus's start is measured against: a monitor in C, as direct as it gets, that makes the same machine with the same
// ioctls and runs a ROM until it powers off.
//
//     monitor ROM DISK [CLOCK_ZERO REPORT]
//
// The machine: 128 MiB, the ROM below 4 GiB, interrupt controllers in the kernel, one vCPU with its CPUID and local APIC,
// a console of two queues and a disk of one, each bound to its interrupt by an irqfd and to its doorbells by ioeventfds,
// a thread for the disk, one for the vCPU, and an event loop with signals in the main thread.
// The devices have no registers: ready.bin does not look. Nothing else that a start needs is left out.
//
// REPORT gets {"timeline_us":{"guest_ready":…}} in microseconds since CLOCK_ZERO (CLOCK_MONOTONIC in nanoseconds), the
// key that Apus's report has for the same thing.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

enum {
    RAM_SIZE = 128 << 20,
    ROM_SIZE = 4096,
    STACK_SIZE = 128 << 10,
    CPUID_CAPACITY = 128,
    SIGNAL_PORT = 0xA50,
    GUEST_READY = 1,
    POWER_OFF = 2,
};
static const uint64_t rom_address = 0x100000000 - ROM_SIZE;
static const uint64_t identity_map = 0xFFFBC000, task_state_segments = 0xFFFBD000;
static const uint64_t console_doorbell = 0xD0000050, disk_doorbell = 0xD0001050;
static const unsigned console_interrupt = 5, disk_interrupt = 6;

static int kvm, machine, vcpu, disk;
static struct kvm_run *run;
static int machine_stopped, disk_loop, disk_stopped;
static uint64_t ready_time;

static int checked(long result, const char *what) {
    if (result < 0) {
        fprintf(stderr, "monitor: %s: %s\n", what, strerror(errno));
        exit(1);
    }
    return (int)result;
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int make_event(void) { return checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"); }

static void signal_event(int event) {
    uint64_t one = 1;
    checked(write(event, &one, sizeof one), "write to an eventfd");
}

static void watch(int loop, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    checked(epoll_ctl(loop, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

// Waits in `loop` until `end` is readable; anything else that wakes it is taken note of and left.
static void wait_in(int loop, int end) {
    struct epoll_event event;
    do {
        if (epoll_wait(loop, &event, 1, -1) < 0 && errno != EINTR) checked(-1, "epoll_wait");
    } while (event.data.fd != end);
}

static void *map(size_t size, int flags, int file) {
    void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, file, 0);
    if (address == MAP_FAILED) checked(-1, "mmap");
    return address;
}

static uint8_t *map_memory(const char *rom_path) {
    struct stat status;
    struct sysinfo host;
    int rom = checked(open(rom_path, O_RDONLY | O_CLOEXEC), rom_path);
    checked(fstat(rom, &status), rom_path);
    if (status.st_size != ROM_SIZE) errno = EINVAL, checked(-1, rom_path);
    checked(sysinfo(&host), "sysinfo");
    uint8_t *memory = map(RAM_SIZE + ROM_SIZE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    if (mmap(memory + RAM_SIZE, ROM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, rom, 0) == MAP_FAILED)
        checked(-1, "mmap of the ROM");
    close(rom);
    return memory;
}

static void give_memory(unsigned slot, uint64_t guest_address, uint64_t size, uint8_t *address) {
    struct kvm_userspace_memory_region region = {
        .slot = slot, .guest_phys_addr = guest_address, .memory_size = size, .userspace_addr = (uint64_t)address};
    checked(ioctl(machine, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
}

static void create_machine(uint8_t *memory) {
    kvm = checked(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
    if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) errno = ENOTSUP, checked(-1, "KVM_GET_API_VERSION");
    machine = checked(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
    checked(ioctl(machine, KVM_SET_IDENTITY_MAP_ADDR, &identity_map), "KVM_SET_IDENTITY_MAP_ADDR");
    checked(ioctl(machine, KVM_SET_TSS_ADDR, task_state_segments), "KVM_SET_TSS_ADDR");
    checked(ioctl(machine, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
    give_memory(0, 0, RAM_SIZE, memory);
    give_memory(1, rom_address, ROM_SIZE, memory + RAM_SIZE);
}

static void set_cpuid(void) {
    struct {
        struct kvm_cpuid2 head;
        struct kvm_cpuid_entry2 entries[CPUID_CAPACITY];
    } table = {.head.nent = CPUID_CAPACITY};
    checked(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &table), "KVM_GET_SUPPORTED_CPUID");
    int has_deadline_timer = checked(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_TSC_DEADLINE_TIMER), "KVM_CHECK_EXTENSION");
    for (unsigned i = 0; i < table.head.nent; i++) {
        if (table.entries[i].function != 1) continue;
        table.entries[i].ebx = (table.entries[i].ebx & 0xFFFF) | 1 << 16;
        table.entries[i].ecx |= 1u << 31 | (has_deadline_timer ? 1u << 24 : 0);
    }
    checked(ioctl(vcpu, KVM_SET_CPUID2, &table), "KVM_SET_CPUID2");
}

static void set_local_vector(struct kvm_lapic_state *state, unsigned offset, uint32_t mode) {
    uint32_t value;
    memcpy(&value, state->regs + offset, sizeof value);
    value = (value & ~0x10700u) | mode << 8;
    memcpy(state->regs + offset, &value, sizeof value);
}

static void create_vcpu(void) {
    int size = checked(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
    vcpu = checked(ioctl(machine, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
    run = map((size_t)size, MAP_SHARED, vcpu);
    set_cpuid();

    struct kvm_lapic_state lapic;
    checked(ioctl(vcpu, KVM_GET_LAPIC, &lapic), "KVM_GET_LAPIC");
    set_local_vector(&lapic, 0x350, 7); // LINT0: ExtINT
    set_local_vector(&lapic, 0x360, 4); // LINT1: NMI
    checked(ioctl(vcpu, KVM_SET_LAPIC, &lapic), "KVM_SET_LAPIC");
}

static void set_registers(void) {
    struct kvm_sregs special;
    struct kvm_regs general = {.rip = 0xFFF0, .rflags = 2};
    checked(ioctl(vcpu, KVM_GET_SREGS, &special), "KVM_GET_SREGS");
    special.cs.selector = 0xF000;
    special.cs.base = 0xFFFF0000;
    checked(ioctl(vcpu, KVM_SET_SREGS, &special), "KVM_SET_SREGS");
    checked(ioctl(vcpu, KVM_SET_REGS, &general), "KVM_SET_REGS");
}

static void bind_interrupt(unsigned line) {
    struct kvm_irqfd request = {.fd = (uint32_t)make_event(), .gsi = line};
    checked(ioctl(machine, KVM_IRQFD, &request), "KVM_IRQFD");
}

// The event that a guest's notification of `queue` signals.
static int make_doorbell(uint64_t address, uint64_t queue) {
    int event = make_event();
    struct kvm_ioeventfd request = {
        .datamatch = queue, .addr = address, .len = 4, .fd = event, .flags = KVM_IOEVENTFD_FLAG_DATAMATCH};
    checked(ioctl(machine, KVM_IOEVENTFD, &request), "KVM_IOEVENTFD");
    return event;
}

static void start_thread(pthread_t *thread, void *(*body)(void *)) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    if ((errno = pthread_create(thread, &attributes, body, NULL))) checked(-1, "pthread_create");
}

static void attach_console(int loop) {
    watch(loop, make_doorbell(console_doorbell, 0));
    watch(loop, make_doorbell(console_doorbell, 1));
    bind_interrupt(console_interrupt);
}

static void *serve_disk(void *unused) {
    (void)unused;
    prctl(PR_SET_NAME, "blk-vda");
    wait_in(disk_loop, disk_stopped);
    return NULL;
}

static void attach_disk(const char *path, pthread_t *thread) {
    struct stat status;
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    disk = checked(open(path, O_RDONLY | O_CLOEXEC), path);
    checked(fstat(disk, &status), path);
    checked(fcntl(disk, F_OFD_SETLK, &lock), path);
    disk_loop = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    disk_stopped = make_event();
    watch(disk_loop, disk_stopped);
    watch(disk_loop, make_doorbell(disk_doorbell, 0));
    bind_interrupt(disk_interrupt);
    start_thread(thread, serve_disk);
}

static void *run_vcpu(void *unused) {
    (void)unused;
    prctl(PR_SET_NAME, "vcpu-0");
    for (;;) {
        checked(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
        if (run->exit_reason != KVM_EXIT_IO || run->io.port != SIGNAL_PORT || run->io.direction != KVM_EXIT_IO_OUT) {
            fprintf(stderr, "monitor: unexpected exit %u\n", run->exit_reason);
            exit(1);
        }
        uint8_t value = *((uint8_t *)run + run->io.data_offset);
        if (value == GUEST_READY) ready_time = now();
        if (value == POWER_OFF) break;
    }
    signal_event(machine_stopped);
    return NULL;
}

static void watch_signals(int loop) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    int descriptor = checked(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
    watch(loop, descriptor);
}

static void write_report(const char *path, uint64_t zero) {
    FILE *file = fopen(path, "w");
    if (!file) checked(-1, path);
    fprintf(file, "{\"timeline_us\":{\"guest_ready\":%lu}}\n", (ready_time - zero) / 1000);
    fclose(file);
}

int main(int count, char **arguments) {
    pthread_t disk_thread, vcpu_thread;
    if (count != 3 && count != 5) {
        fprintf(stderr, "usage: monitor ROM DISK [CLOCK_ZERO REPORT]\n");
        return 2;
    }
    create_machine(map_memory(arguments[1]));
    create_vcpu();

    int loop = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    watch_signals(loop);
    machine_stopped = make_event();
    watch(loop, machine_stopped);
    attach_console(loop);
    attach_disk(arguments[2], &disk_thread);
    set_registers();

    start_thread(&vcpu_thread, run_vcpu);
    wait_in(loop, machine_stopped);
    pthread_join(vcpu_thread, NULL);
    signal_event(disk_stopped);
    pthread_join(disk_thread, NULL);
    if (count == 5) write_report(arguments[4], strtoull(arguments[3], NULL, 10));
    _exit(0);
}
