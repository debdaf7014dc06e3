// The local APIC's two interrupt pins.

internal import CShims
internal import Host

extension VCPU {
    /// Connects LINT0 to the PIC (ExtINT) and LINT1 to NMI, as firmware does before it starts an operating system
    /// in virtual wire mode (MultiProcessor Specification 1.4, 3.6.2.2).
    public func connectLocalInterrupts() throws(KVMError) {
        var state = kvm_lapic_state()
        // SAFETY: the kernel fills, and then reads, one structure of this type.
        try unsafe checked(apus_kvm_get_lapic(descriptor.rawValue, &state), "KVM_GET_LAPIC")
        LocalVector.set(.extINT, at: LocalVector.lint0, in: &state)
        LocalVector.set(.nmi, at: LocalVector.lint1, in: &state)
        try unsafe checked(apus_kvm_set_lapic(descriptor.rawValue, &state), "KVM_SET_LAPIC")
    }
}

/// A register of the local vector table (Intel SDM 3A, 11.5.1).
private enum LocalVector {
    static var lint0: UInt32 { 0x350 }
    static var lint1: UInt32 { 0x360 }

    enum DeliveryMode: UInt32 {
        case nmi = 0b100
        case extINT = 0b111
    }

    /// Replaces the delivery mode (bits 8 to 10) and unmasks the pin (bit 16).
    static func set(_ mode: DeliveryMode, at offset: UInt32, in state: inout kvm_lapic_state) {
        // SAFETY: both offsets lie inside the 1024-byte register page.
        let value = unsafe apus_lapic_register(&state, offset)
        unsafe apus_set_lapic_register(&state, offset, value & ~0x1_0700 | mode.rawValue << 8)
    }
}
