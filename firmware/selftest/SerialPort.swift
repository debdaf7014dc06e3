// The first serial port, written by polling: the report's way out.
import Hardware

/// COM1, a 16550A.
enum SerialPort {
    private static let data: UInt16 = 0x3F8
    private static let lineStatus: UInt16 = 0x3FD
    /// LSR bit 5 (THRE): the port takes another byte.
    private static let transmitterEmpty: UInt8 = 0x20

    static func write(byte: UInt8) {
        while port_read8(lineStatus) & transmitterEmpty == 0 {}
        port_write8(data, byte)
    }

    static func write(_ text: StaticString) {
        // SAFETY: a static string's bytes live as long as the program, and there are `utf8CodeUnitCount` of them.
        let bytes = unsafe text.utf8Start
        for index in 0..<text.utf8CodeUnitCount {
            // SAFETY: `index` is below the count.
            write(byte: unsafe bytes[index])
        }
    }

    static func write(decimal value: Int) {
        if value >= 10 { write(decimal: value / 10) }
        write(byte: UInt8(truncatingIfNeeded: 0x30 + value % 10))
    }

    /// Writes `0x` and the digits that matter.
    static func write(hexadecimal value: UInt64) {
        write("0x")
        var shift = 60
        while shift > 0 && value >> UInt64(shift) == 0 { shift -= 4 }
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(shift) & 0xF)
            write(byte: digit < 10 ? 0x30 + digit : 0x57 + digit)
            shift -= 4
        }
    }

    static func endLine() {
        write(byte: 0x0D)
        write(byte: 0x0A)
    }
}
