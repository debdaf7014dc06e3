// One virtual machine: memory slots, the interrupt controllers in the kernel, event descriptors, vCPUs.

internal import CShims
public import GuestMemory
public import Host

/// A virtual machine (api.rst, "VM ioctls").
public final class VirtualMachine: Sendable {
    private let descriptor: FileDescriptor
    private let runSize: Int

    init(_ descriptor: consuming FileDescriptor, runSize: Int) {
        self.descriptor = descriptor
        self.runSize = runSize
    }

    /// Gives KVM the three pages and the page that Intel hosts need for real mode (KVM_SET_TSS_ADDR,
    /// KVM_SET_IDENTITY_MAP_ADDR): guest addresses that no RAM or device uses. Before the first vCPU.
    public func reserveInternalPages(tss: GuestAddress, identityMap: GuestAddress) throws(KVMError) {
        try checked(
            apus_kvm_set_identity_map_address(descriptor.rawValue, identityMap.rawValue),
            "KVM_SET_IDENTITY_MAP_ADDR")
        try checked(apus_kvm_set_tss_address(descriptor.rawValue, tss.rawValue), "KVM_SET_TSS_ADDR")
    }

    /// Makes the two 8259 PICs, the IO-APIC and a local APIC for each vCPU. Before the first vCPU.
    public func createInterruptControllers() throws(KVMError) {
        try checked(apus_kvm_create_irqchip(descriptor.rawValue), "KVM_CREATE_IRQCHIP")
    }

    /// Makes an i8254 timer, for guests without another.
    public func createIntervalTimer() throws(KVMError) {
        try checked(apus_kvm_create_pit(descriptor.rawValue), "KVM_CREATE_PIT2")
    }

    /// Maps all regions of `memory` at their guest addresses; slots count up from `firstSlot`.
    /// The caller keeps `memory` alive as long as the virtual machine.
    public func map(_ memory: GuestMemory, firstSlot: UInt32 = 0) throws(KVMError) {
        var slot = firstSlot
        for region in memory.regions {
            try checked(
                apus_kvm_set_memory_region(
                    descriptor.rawValue, slot, 0, region.start.rawValue, region.count, region.hostAddress),
                "KVM_SET_USER_MEMORY_REGION")
            slot += 1
        }
    }

    /// Raises interrupt line `gsi` whenever `event` is signalled, without passing through the monitor.
    public func bind(_ event: EventFD, toInterrupt gsi: UInt32) throws(KVMError) {
        try checked(apus_kvm_irqfd(descriptor.rawValue, event.rawValue, gsi), "KVM_IRQFD")
    }

    /// Signals `event` whenever the guest writes the 32-bit `value` to `address`; that write is no exit.
    public func bind(_ event: EventFD, toWriteOf value: UInt32, at address: GuestAddress) throws(KVMError) {
        try checked(
            apus_kvm_ioeventfd(descriptor.rawValue, event.rawValue, address.rawValue, 4, UInt64(value)),
            "KVM_IOEVENTFD")
    }

    /// Makes a vCPU whose local APIC has `id`; the first one made, 0, is the bootstrap processor.
    public func createVCPU(id: UInt32) throws(KVMError) -> VCPU {
        let number = try checked(apus_kvm_create_vcpu(descriptor.rawValue, id), "KVM_CREATE_VCPU")
        return try VCPU(FileDescriptor(owning: Int32(number)), id: id, runSize: runSize)
    }
}
