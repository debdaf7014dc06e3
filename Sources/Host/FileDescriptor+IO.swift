// Reading and writing the monitor's own buffers. Guest memory has its own path: GuestIOVector.

internal import CShims

extension FileDescriptor {
    /// Reads at most `bytes.count` bytes; 0 is the end of the file.
    public borrowing func read(into bytes: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        // SAFETY: the kernel writes at most `count` bytes into a buffer of that size.
        try unsafe checked(apus_read(rawValue, bytes.baseAddress, bytes.count))
    }

    /// Writes at most `bytes.count` bytes and says how many.
    public borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int {
        // SAFETY: the kernel reads at most `count` bytes of a buffer of that size.
        try unsafe checked(apus_write(rawValue, bytes.baseAddress, bytes.count))
    }

    /// Reads at most `count` bytes to the end of `bytes` and says how many; 0 is the end of the file.
    public borrowing func read(count: Int, appendingTo bytes: inout [UInt8]) throws(Errno) -> Int {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: count))
        // SAFETY: the kernel writes at most `count` bytes behind the first `start` of an array that now holds both.
        let result = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe apus_read(rawValue, buffer.baseAddress! + start, count)
        }
        bytes.removeLast(count - max(result, 0))
        return try checked(result)
    }

    /// Writes at most the bytes of a part of an array and says how many. The part must not reach outside.
    public borrowing func write(_ bytes: [UInt8], in range: Range<Int>) throws(Errno) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "part outside the array")
        guard !range.isEmpty else { return 0 }
        // SAFETY: the kernel reads at most the range, which is inside the array.
        return try checked(
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe apus_write(rawValue, buffer.baseAddress! + range.lowerBound, range.count)
            })
    }

    /// Reads exactly `count` bytes at `offset`, or as many as the file has.
    public borrowing func read(count: Int, at offset: UInt64) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            // SAFETY: the kernel writes at most the `count - filled` bytes that are left of the array.
            let result = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe apus_pread(
                    rawValue, buffer.baseAddress! + filled, count - filled, offset + UInt64(filled))
            }
            if result == -Int(EINTR) { continue }
            let got = try checked(result)
            if got == 0 { break }
            filled += got
        }
        if filled < count { bytes.removeLast(count - filled) }
        return bytes
    }

    /// Writes all of `bytes`, waiting where the descriptor makes it wait.
    public borrowing func writeAll(_ bytes: [UInt8]) throws(Errno) {
        var written = 0
        while written < bytes.count {
            // SAFETY: the kernel reads at most the bytes that are left of the array.
            let result = unsafe bytes.withUnsafeBytes { buffer in
                unsafe apus_write(rawValue, buffer.baseAddress! + written, bytes.count - written)
            }
            if result == -Int(EINTR) { continue }
            written += try checked(result)
        }
    }
}
