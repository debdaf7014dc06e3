// What answers an access that is not to RAM: the shape that the machine's port and MMIO buses call.

/// A device behind a range of I/O ports or of guest physical addresses.
///
/// A class to inherit from, not a protocol: Embedded Swift has no existentials. The bus calls it on vCPU threads,
/// several at a time, so a device guards its own state and never waits for I/O.
open class BusDevice {
    public init() {}

    /// Answers a read of `width` bytes (1, 2, 4 or 8) at `offset` from the device's first port or address.
    /// Nothing there reads as ones, as on an empty bus.
    open func read(offset: UInt64, width: Int) -> UInt64 { BusDevice.allOnes(width: width) }

    /// Takes the low `width` bytes of `value`. Nothing there ignores them.
    open func write(_ value: UInt64, offset: UInt64, width: Int) {}

    /// What `width` bytes of an empty bus read as.
    public static func allOnes(width: Int) -> UInt64 {
        width >= 8 ? .max : (1 << UInt64(8 * max(width, 0))) - 1
    }
}
