// The kernel's command line, and the options in it that are init's:
//
//     apus.run=PROGRAM[,ARGUMENT]...   run this instead of a shell, and power off when it ends.
//                                      PROGRAM is a path, or a name looked up in PATH. %XX stands for
//                                      the byte with that hexadecimal number: %20 is a blank,
//                                      %2C a comma, %25 the per cent sign itself.
//     apus.script                      run a shell that reads commands from the console without
//                                      prompting or echoing, and power off when it ends.
//     apus.exit_at_ready               power off at once after guest_ready.
//
// The kernel keeps options with a dot for its modules and hands init none of them, so this reads
// /proc/cmdline.

import CInit

struct KernelCommandLine {
    private let words: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    /// Longest command line that the kernel takes on x86, with the zero byte (COMMAND_LINE_SIZE).
    private static let capacity = 2048

    /// Reads and splits /proc/cmdline. Its memory stays in use for as long as init runs.
    static func read() -> KernelCommandLine {
        let text = UnsafeMutableBufferPointer<CChar>.allocate(capacity: capacity)
        _ = readFile("/proc/cmdline", into: text)
        return KernelCommandLine(splitting: text.baseAddress!)
    }

    private init(splitting text: UnsafeMutablePointer<CChar>) {
        words = .allocate(capacity: Self.capacity / 2)
        count = split(text, at: " \n", into: words)
    }

    /// Whether the option stands in the command line by itself.
    func has(_ option: StaticString) -> Bool {
        words[..<count].contains { strcmp($0!, cString(option)) == 0 }
    }

    /// What follows `prefix` in the last word that starts with it.
    func value(after prefix: StaticString) -> UnsafeMutablePointer<CChar>? {
        let length = prefix.utf8CodeUnitCount
        guard let word = words[..<count].last(where: { strncmp($0!, cString(prefix), length) == 0 }) else { return nil }
        return word! + length
    }
}

/// Cuts `text` in place at every byte of `separators`, leaving out empty parts, and ends the list with nil.
/// - Returns: the number of parts; `parts` must have room for one more.
func split(
    _ text: UnsafeMutablePointer<CChar>, at separators: StaticString,
    into parts: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>
) -> Int {
    var count = 0
    var rest: UnsafeMutablePointer<CChar>?
    var part = strtok_r(text, cString(separators), &rest)
    while let found = part, count < parts.count - 1 {
        parts[count] = found
        count += 1
        part = strtok_r(nil, cString(separators), &rest)
    }
    parts[count] = nil
    return count
}

/// Replaces every %XX in `text` by the byte that it names; a % before anything else stays.
func decodePercents(_ text: UnsafeMutablePointer<CChar>) {
    var source = text
    var target = text
    while source.pointee != 0 {
        if source.pointee == CChar(UInt8(ascii: "%")), let high = hexDigit(source[1]), let low = hexDigit(source[2]) {
            target.pointee = CChar(truncatingIfNeeded: high << 4 | low)
            source += 3
        } else {
            target.pointee = source.pointee
            source += 1
        }
        target += 1
    }
    target.pointee = 0
}

private func hexDigit(_ character: CChar) -> UInt8? {
    switch UInt8(bitPattern: character) {
    case let digit where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit): digit - UInt8(ascii: "0")
    case let digit where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(digit): digit - UInt8(ascii: "a") + 10
    case let digit where (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(digit): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}
