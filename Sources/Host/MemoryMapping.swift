// mmap(2): a range of address space with one owner.

internal import CShims

/// Mapped memory, unmapped when its owner goes.
@safe
public struct MemoryMapping: ~Copyable, @unchecked Sendable {
    // @unchecked: the value only names the range; who touches the bytes, and when, is its owner's business.

    /// The first byte, page-aligned.
    public let baseAddress: UnsafeMutableRawPointer
    /// In bytes, a multiple of the page size.
    public let count: Int

    deinit {
        // SAFETY: the range was mapped by this value and no reference to it outlives it.
        _ = unsafe apus_unmap(baseAddress, count)
    }

    private init(result: Int, count: Int) throws(Errno) {
        // SAFETY: mmap answered this address; it is not 0, since 0 is never mapped without MAP_FIXED.
        unsafe baseAddress = UnsafeMutableRawPointer(bitPattern: try checked(result))!
        self.count = count
    }

    /// Private zeroes, not yet backed by memory and not counted against the host's commit limit.
    /// - Parameter alignment: of the first byte, a power of two and at least the page size.
    public static func anonymous(count: Int, alignment: Int = 4096) throws(Errno) -> MemoryMapping {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let (padded, overflows) = count.addingReportingOverflow(alignment - 4096)
        guard !overflows else { throw .noMemory }
        let start = try checked(apus_map(nil, padded, PROT_READ | PROT_WRITE, flags, -1, 0))
        let aligned = (start + alignment - 1) & ~(alignment - 1)
        // What lies before and behind the aligned range goes back.
        unmap(from: start, to: aligned)
        unmap(from: aligned + count, to: start + padded)
        return try MemoryMapping(result: aligned, count: count)
    }

    private static func unmap(from start: Int, to end: Int) {
        guard start < end else { return }
        // SAFETY: the range was mapped a moment ago and nobody knows it yet.
        _ = unsafe apus_unmap(UnsafeMutableRawPointer(bitPattern: start), end - start)
    }

    /// A shared mapping of `descriptor` from `offset` (a multiple of the page size).
    public static func shared(
        _ descriptor: borrowing FileDescriptor, offset: UInt64 = 0, count: Int
    ) throws(Errno) -> MemoryMapping {
        try MemoryMapping(
            result: apus_map(
                nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.rawValue, offset),
            count: count)
    }

    /// Lays a private, copy-on-write view of a file over part of the mapping.
    /// All three are multiples of the page size; the range must lie inside the mapping.
    public borrowing func overlay(
        _ descriptor: borrowing FileDescriptor, fileOffset: UInt64, at offset: Int, count: Int
    ) throws(Errno) {
        precondition(offset >= 0 && count > 0 && offset <= self.count - count, "overlay outside the mapping")
        let flags = MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE
        // SAFETY: MAP_FIXED replaces only pages of this mapping, as just checked.
        try unsafe checked(
            apus_map(
                baseAddress + offset, count, PROT_READ | PROT_WRITE, flags, descriptor.rawValue, fileOffset))
    }
}
