// Text as the kernel hands it to a program: bytes of no promised encoding.

import Glibc

/// One argument of a command line.
///
/// File names on Linux are bytes. A `String` would repair what is not UTF-8 and so name another file.
///
/// The text lives as long as the process and never changes: `execve` gave it, or this type made it and
/// keeps it for good, as there are only as many as a command line has. So a copy is two words, nothing is
/// counted or freed on the way to `execve`.
@safe
struct ByteString: @unchecked Sendable {
    /// `count` bytes, then a NUL.
    fileprivate let start: UnsafeMutablePointer<CChar>
    let count: Int

    /// Takes the text at `start` up to its NUL.
    ///
    /// - Parameter start: in place and unchanged for as long as the process lives.
    @unsafe init(immortal start: UnsafeMutablePointer<CChar>) {
        // SAFETY: the caller promises a NUL-terminated text.
        unsafe self.start = start
        count = unsafe strlen(start)
    }

    init(_ bytes: some Collection<UInt8>) {
        count = bytes.count
        // SAFETY: room for the bytes and their NUL, all written here; never freed.
        unsafe start = .allocate(capacity: count + 1)
        for (offset, byte) in bytes.enumerated() {
            unsafe (start + offset).initialize(to: CChar(bitPattern: byte))
        }
        unsafe (start + count).initialize(to: 0)
    }

    init(_ text: String) { self.init(text.utf8) }

    /// `value` in decimal digits.
    init(decimal value: UInt64) { self.init(String(value)) }

    /// A copy of the bytes, without the NUL.
    var bytes: [UInt8] {
        // SAFETY: `count` bytes that never change.
        unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    var isEmpty: Bool { count == 0 }

    /// The text as C takes it.
    @unsafe var cString: UnsafeMutablePointer<CChar> { unsafe start }
}

extension ByteString: Equatable {
    static func == (left: ByteString, right: ByteString) -> Bool {
        // SAFETY: both have this many bytes.
        unsafe left.count == right.count && memcmp(left.start, right.start, left.count) == 0
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
    /// The text before `suffix`, or nil where it does not end so.
    func removing(suffix: ByteString) -> ByteString? {
        let bytes = bytes
        guard bytes.suffix(suffix.count).elementsEqual(suffix.bytes) else { return nil }
        return ByteString(bytes.dropLast(suffix.count))
    }

    /// What this process was started with, without the program's own name.
    static func commandLine() -> [ByteString] {
        var arguments: [ByteString] = []
        arguments.reserveCapacity(Int(CommandLine.argc))
        for index in 1..<max(1, Int(CommandLine.argc)) {
            // SAFETY: `index` is below argc, and the argument texts are NUL-terminated and never move.
            guard let text = unsafe CommandLine.unsafeArgv[index] else { break }
            unsafe arguments.append(ByteString(immortal: text))
        }
        return arguments
    }
}
