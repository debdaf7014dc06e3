// Text as the kernel hands it to a program: bytes of no promised encoding.

import Glibc

/// One argument of a command line, without its terminating NUL.
///
/// File names on Linux are bytes. A `String` would repair what is not UTF-8 and so name another file.
struct ByteString: Equatable, Sendable {
    var bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes) }

    /// Copies the text at `start` up to its NUL.
    @unsafe init(cString start: UnsafePointer<CChar>) {
        // SAFETY: the caller promises a NUL-terminated text that stays in place for this call.
        bytes = unsafe Array(UnsafeRawBufferPointer(start: start, count: strlen(start)))
    }

    var isEmpty: Bool { bytes.isEmpty }

    /// The text before `suffix`, or nil where it does not end so.
    func removing(suffix: StaticString) -> ByteString? {
        // SAFETY: a static string of this program's own, in place as long as the process.
        let ending = unsafe UnsafeBufferPointer(start: suffix.utf8Start, count: suffix.utf8CodeUnitCount)
        guard unsafe bytes.suffix(ending.count).elementsEqual(ending) else { return nil }
        return ByteString(bytes.dropLast(ending.count))
    }
}

extension ByteString: ExpressibleByStringLiteral {
    init(stringLiteral value: String) { self.init(value) }
}

extension ByteString: CustomStringConvertible {
    /// The text for a message; what is not UTF-8 shows as U+FFFD.
    var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension ByteString {
    /// What this process was started with, without the program's own name.
    static func commandLine() -> [ByteString] {
        var arguments: [ByteString] = []
        arguments.reserveCapacity(Int(CommandLine.argc))
        for index in 1..<max(1, Int(CommandLine.argc)) {
            // SAFETY: `index` is below argc, and the kernel's argument texts are NUL-terminated and never move.
            guard let text = unsafe CommandLine.unsafeArgv[index] else { break }
            unsafe arguments.append(ByteString(cString: text))
        }
        return arguments
    }
}
