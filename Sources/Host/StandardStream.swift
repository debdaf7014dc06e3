// Lines for the person who started the program.

internal import CShims

/// A standard stream that is written at once and unbuffered: the monitor's end flushes nothing.
public enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Writes `line` and a line feed. Where nobody listens any more the line is lost; the exit status still tells.
    public func write(_ line: String) { write(Array(line.utf8)) }

    /// Writes `message` as one line, whatever it quotes: a file's name may have line feeds, or what drives a terminal.
    public func writeOneLine(_ message: String) { write(message.utf8.map(StandardStream.printable)) }

    static func printable(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "\n"): UInt8(ascii: " ")
        case 0..<0x20, 0x7F: UInt8(ascii: "?")
        default: byte
        }
    }

    private func write(_ bytes: [UInt8]) {
        do throws(Errno) {
            try FileDescriptor.duplicate(rawValue).writeAll(bytes + [UInt8(ascii: "\n")])
        } catch {}
    }
}

extension StandardStream {
    /// Puts /dev/null in the place of a standard stream that the caller closed. Otherwise the next file to be opened gets
    /// its number: a kernel read as the console's input, complaints written into a disk.
    public static func reserveNumbers() {
        var number = 0
        while number >= 0, number <= Int(StandardStream.error.rawValue) {
            // SAFETY: the C string lives for the call.
            number = unsafe "/dev/null".withCString { unsafe apus_open($0, O_RDWR, 0) }
        }
        if number > 0 { _ = apus_close(Int32(number)) }
    }
}
