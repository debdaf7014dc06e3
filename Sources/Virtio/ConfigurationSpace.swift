// Device-specific configuration (virtio 1.2, 2.5): little-endian fields that a driver reads in any width.

/// The bytes of a configuration space and the generation that tells a driver of a torn read.
public struct ConfigurationSpace {
    private var bytes: [UInt8]
    /// Grows with every change and survives resets: a driver compares it before and after it read several fields.
    public private(set) var generation: UInt32 = 0

    /// `count` zero bytes.
    public init(count: Int) { bytes = [UInt8](repeating: 0, count: count) }

    /// Lays a field down while the device is being made.
    public mutating func set<Field: FixedWidthInteger>(_ value: Field, at offset: Int) {
        var rest = value
        for index in 0..<(Field.bitWidth / 8) {
            bytes[offset + index] = UInt8(truncatingIfNeeded: rest)
            rest = Field.bitWidth > 8 ? rest >> 8 : 0
        }
    }

    /// Lays a field down under a running driver.
    public mutating func update<Field: FixedWidthInteger>(_ value: Field, at offset: Int) {
        set(value, at: offset)
        generation &+= 1
    }

    /// A read of 1, 2, 4 or 8 bytes; zero where it has another width or passes the end.
    func read(offset: UInt64, width: Int) -> UInt64 {
        guard holds(offset: offset, width: width) else { return 0 }
        var value: UInt64 = 0
        for index in (0..<width).reversed() { value = value << 8 | UInt64(bytes[Int(offset) + index]) }
        return value
    }

    /// Whether an access of that width lies inside the space.
    func holds(offset: UInt64, width: Int) -> Bool {
        guard width == 1 || width == 2 || width == 4 || width == 8 else { return false }
        return offset <= UInt64(bytes.count) && UInt64(width) <= UInt64(bytes.count) - offset
    }
}
