// Where this machine has its virtio-mmio devices. The rest of what the self-test touches (COM1, the local APIC, the
// I/O APIC) is where every PC has it.

/// The windows of the virtio-mmio transports and the interrupt of each.
struct PlatformLayout {
    /// Guest-physical address of transport 0.
    let firstDevice: UInt64
    /// Bytes from one transport to the next.
    let stride: UInt64
    /// Transports to look for.
    let deviceCount: Int

    /// The I/O APIC input of transport `index`.
    func globalInterrupt(ofDevice index: Int) -> UInt32 {
        #if QEMU_MICROVM
            return UInt32(5 + index)
        #else
            // The ISA interrupts that no PC device claims (8 is the clock's, 13 the FPU's), then those past the ISA's.
            return switch index {
            case 0...2: UInt32(5 + index)
            case 3...6: UInt32(9 + index - 3)
            case 7...8: UInt32(14 + index - 7)
            default: UInt32(16 + index - 9)
            }
        #endif
    }

    #if QEMU_MICROVM
        /// QEMU's `-M microvm,acpi=off`, on which `check` tries the image.
        static let current = PlatformLayout(firstDevice: 0xFEB0_0000, stride: 0x200, deviceCount: 8)
    #else
        /// Apus.
        static let current = PlatformLayout(firstDevice: 0xD000_0000, stride: 0x1000, deviceCount: 17)
    #endif
}
