// The interrupt descriptor table: which code the processor runs for which vector.
import Hardware

enum InterruptTable {
    /// The vectors of this program's own interrupts. The spurious vector's low four bits are set because old local
    /// APICs fix them so.
    enum Vector {
        static let timer: UInt8 = 0x40
        static let device: UInt8 = 0x50
        static let spurious: UInt8 = 0xFF
    }

    /// Fills the table and loads it. From here on an exception is reported instead of shutting the processor down.
    static func install() {
        for vector in UInt8(0)..<32 {
            set(vector, to: address_of_exception_entries() + UInt64(vector) * 16)
        }
        set(Vector.timer, to: address_of_timer_interrupt_entry())
        set(Vector.device, to: address_of_device_interrupt_entry())
        set(Vector.spurious, to: address_of_spurious_interrupt_entry())
        load_interrupt_table(address_of_interrupt_table(), 256 * 16 - 1)
    }

    /// An interrupt gate (Intel SDM volume 3, section 7.14.1) to `address` in the 64-bit code segment of start.S.
    private static func set(_ vector: UInt8, to address: UInt64) {
        let code64: UInt64 = 0x18
        let presentInterruptGate: UInt64 = 0x8E00
        let gate = address_of_interrupt_table() + UInt64(vector) * 16
        let low = address & 0xFFFF | code64 << 16 | presentInterruptGate << 32 | (address >> 16 & 0xFFFF) << 48
        store64(gate, low)
        store64(gate + 8, address >> 32)
    }
}

/// Called by interrupts.S: an exception is a failure of the self-test, told in one line.
@c(exception_raised)
func exceptionRaised(vector: UInt64, errorCode: UInt64, instruction: UInt64, faultAddress: UInt64) {
    SerialPort.endLine()
    SerialPort.write("not ok exception # vector ")
    SerialPort.write(decimal: Int(truncatingIfNeeded: vector))
    SerialPort.write(" error code ")
    SerialPort.write(hexadecimal: errorCode)
    SerialPort.write(" rip ")
    SerialPort.write(hexadecimal: instruction)
    SerialPort.write(" cr2 ")
    SerialPort.write(hexadecimal: faultAddress)
    SerialPort.endLine()
    Report.end(passed: false)
}
