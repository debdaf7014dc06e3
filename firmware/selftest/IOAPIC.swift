// The controller that turns a device's interrupt line into a vector of a processor.
import Hardware

/// The I/O APIC (Intel 82093AA data sheet, section 3).
enum IOAPIC {
    private static let select: UInt64 = 0xFEC0_0000
    private static let window: UInt64 = 0xFEC0_0010

    /// Delivers a rising edge on `input` to this processor as `vector`.
    static func route(_ input: UInt32, to vector: UInt8) {
        write(0x11 + 2 * input, UInt32(LocalAPIC.id) << 24)
        write(0x10 + 2 * input, UInt32(vector))
    }

    static func mask(_ input: UInt32) {
        write(0x10 + 2 * input, 1 << 16)
    }

    /// Device interrupts since the start.
    static var deviceInterrupts: UInt32 { load32(address_of_device_interrupt_count()) }

    private static func write(_ register: UInt32, _ value: UInt32) {
        store32(select, register)
        store32(window, value)
    }
}
