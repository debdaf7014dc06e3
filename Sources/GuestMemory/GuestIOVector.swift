// Bulk I/O between a file and guest memory without a copy of the monitor's own.

internal import CShims
public import Host

/// A list of guest memory ranges that one vectored system call reads into or writes from.
///
/// Only the kernel touches the bytes; what they are may change while it does, and nothing here depends on them.
@safe
public struct GuestIOVector: ~Copyable {
    private var vectors: [iovec] = unsafe []
    private let memory: GuestMemory
    /// All ranges together, in bytes.
    public private(set) var count: UInt64 = 0

    public init(_ memory: GuestMemory) { self.memory = memory }

    /// Empties the list and keeps its storage, so that a device allocates it once.
    public mutating func removeAll() {
        unsafe vectors.removeAll(keepingCapacity: true)
        count = 0
    }

    /// Adds a range at the end. Empty ranges add nothing.
    public mutating func append(_ address: GuestAddress, count: UInt32) throws(GuestMemoryError) {
        guard count > 0 else { return }
        let base = try unsafe memory.pointer(to: address, count: UInt64(count))
        unsafe vectors.append(iovec(iov_base: base, iov_len: Int(count)))
        self.count += UInt64(count)
    }

    /// Reads from `file` at `offset` until the list is full. Returns the bytes read: fewer where the file ended.
    public mutating func readAll(from file: borrowing FileDescriptor, at offset: UInt64) throws(Errno) -> UInt64 {
        let descriptor = file.rawValue
        return unsafe try transferAll { pointer, count, done in
            // SAFETY: the vectors name checked ranges of guest memory, which outlives the call.
            unsafe apus_preadv(descriptor, pointer, count, offset + done)
        }
    }

    /// Writes the whole list to `file` at `offset`. Returns the bytes written; an error after some were written is
    /// thrown all the same.
    public mutating func writeAll(to file: borrowing FileDescriptor, at offset: UInt64) throws(Errno) -> UInt64 {
        let descriptor = file.rawValue
        return unsafe try transferAll { pointer, count, done in
            // SAFETY: as in readAll.
            unsafe apus_pwritev(descriptor, pointer, count, offset + done)
        }
    }

    /// The kernel takes at most this many ranges at once (IOV_MAX, uio.h).
    private static var limit: Int { 1024 }

    private mutating func transferAll(
        _ call: (UnsafePointer<iovec>, Int32, UInt64) -> Int
    ) throws(Errno) -> UInt64 {
        var done: UInt64 = 0
        var rest = unsafe vectors
        while unsafe !rest.isEmpty {
            let result = unsafe rest.withUnsafeBufferPointer { buffer in
                unsafe call(buffer.baseAddress!, Int32(min(buffer.count, GuestIOVector.limit)), done)
            }
            if result == -Int(EINTR) { continue }
            let moved = try checked(result)
            if moved == 0 { break }
            done += UInt64(moved)
            if done == count { break }
            unsafe GuestIOVector.drop(UInt64(moved), from: &rest)
        }
        return done
    }

    private static func drop(_ bytes: UInt64, from vectors: inout [iovec]) {
        var left = bytes
        var whole = 0
        while unsafe whole < vectors.count, unsafe left >= UInt64(vectors[whole].iov_len) {
            unsafe left -= UInt64(vectors[whole].iov_len)
            whole += 1
        }
        unsafe vectors.removeFirst(whole)
        guard left > 0, unsafe !vectors.isEmpty else { return }
        unsafe vectors[0].iov_base = vectors[0].iov_base + Int(left)
        unsafe vectors[0].iov_len -= Int(left)
    }
}
