/* The smallest guest: one vCPU in real mode writes 42 to a port and halts. Shows that the lab's /dev/kvm really runs
 * one. KVM API: Documentation/virt/kvm/api.rst in Linux. */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

int main(void) {
    static const unsigned char code[] = {
        0xb0, 42,   /* mov $42, %al */
        0xe6, 0x10, /* out %al, $0x10 */
        0xf4,       /* hlt */
    };
    int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (kvm < 0)
        err(1, "/dev/kvm");
    int vm = ioctl(kvm, KVM_CREATE_VM, 0);
    if (vm < 0)
        err(1, "KVM_CREATE_VM");
    unsigned char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        err(1, "mmap");
    memcpy(memory, code, sizeof code);
    struct kvm_userspace_memory_region region = {
        .guest_phys_addr = 0x1000, .memory_size = 4096, .userspace_addr = (unsigned long)memory};
    if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
        err(1, "KVM_SET_USER_MEMORY_REGION");
    int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    if (vcpu < 0)
        err(1, "KVM_CREATE_VCPU");
    struct kvm_run *run = mmap(NULL, (size_t)ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE,
                               MAP_SHARED, vcpu, 0);
    if (run == MAP_FAILED)
        err(1, "mmap of the vCPU");
    struct kvm_sregs sregs;
    if (ioctl(vcpu, KVM_GET_SREGS, &sregs) < 0)
        err(1, "KVM_GET_SREGS");
    sregs.cs.base = 0;
    sregs.cs.selector = 0;
    struct kvm_regs regs = {.rip = 0x1000, .rflags = 2};
    if (ioctl(vcpu, KVM_SET_SREGS, &sregs) < 0 || ioctl(vcpu, KVM_SET_REGS, &regs) < 0)
        err(1, "registers");
    int answer = -1;
    while (ioctl(vcpu, KVM_RUN, 0) == 0) {
        if (run->exit_reason == KVM_EXIT_IO && run->io.port == 0x10) {
            answer = *((unsigned char *)run + run->io.data_offset);
        } else if (run->exit_reason == KVM_EXIT_HLT) {
            printf("the guest wrote %d\n", answer);
            return answer == 42 ? 0 : 1;
        } else {
            errx(1, "unexpected exit %u", run->exit_reason);
        }
    }
    err(1, "KVM_RUN");
}
