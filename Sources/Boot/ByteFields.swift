// Little-endian fields of file headers.

extension [UInt8] {
    /// The field at `offset`. The caller has checked that the array reaches that far.
    func field<Value: FixedWidthInteger & UnsignedInteger>(_ type: Value.Type, at offset: Int) -> Value {
        var value: Value = 0
        for index in (0..<MemoryLayout<Value>.size).reversed() {
            value = value << 8 | Value(truncatingIfNeeded: self[offset + index])
        }
        return value
    }

    /// Adds `value` at the end.
    mutating func append<Value: FixedWidthInteger & UnsignedInteger>(littleEndian value: Value) {
        for index in 0..<MemoryLayout<Value>.size {
            append(UInt8(truncatingIfNeeded: value >> Value(index * 8)))
        }
    }

    /// Whether `pattern` is at `offset`.
    func has(_ pattern: StaticString, at offset: Int) -> Bool {
        let length = pattern.utf8CodeUnitCount
        guard offset >= 0, offset <= count - length else { return false }
        return pattern.withUTF8Buffer { buffer in
            // SAFETY: the buffer holds `length` bytes.
            for index in 0..<length where unsafe buffer[index] != self[offset + index] { return false }
            return true
        }
    }
}

extension UInt64 {
    /// In hexadecimal, for messages.
    var hexadecimal: String { "0x" + String(self, radix: 16) }
}
