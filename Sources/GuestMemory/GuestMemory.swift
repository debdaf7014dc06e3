// Guest RAM, and the only owner of pointers into it.
//
// Everything in guest RAM is hostile and may change under the reader: so this target hands out copies, never views.
// Bulk I/O goes through `GuestIOVector`, ring indices through the atomics of `GuestMemory+Atomics.swift`.

internal import CShims
public import Host

/// The memory of one machine: a few regions of guest physical address space.
///
/// Threads may use it at the same time; the accesses themselves are not ordered, as on any machine.
@safe
public final class GuestMemory: @unchecked Sendable {
    // @unchecked: `regions` never changes after init, and the bytes are shared with the guest by design.

    /// Whether the host sees the guest's memory through a file.
    public enum Backing: Sendable {
        /// Anonymous, copy-on-write over what is laid into it: what snapshots and forks need. The default.
        case `private`
        /// A memfd, for devices that run in another process (vhost-user).
        case shared
    }

    /// A contiguous range of guest physical addresses.
    public struct Region: Sendable {
        public let start: GuestAddress
        /// In bytes, a multiple of 4096.
        public let count: UInt64
        /// Where the region is in the monitor's address space, for KVM_SET_USER_MEMORY_REGION only.
        public let hostAddress: UInt64
        fileprivate let mappingOffset: Int

        public var end: UInt64 { start.rawValue + count }
    }

    /// In ascending order, disjoint.
    public let regions: [Region]
    private let mapping: MemoryMapping

    /// Maps zeroed memory for `ranges`: ascending, disjoint, each a multiple of 4096 in start and count.
    /// - Throws: `.outOfRange` for a range that is empty, unaligned, overlapping or wrapping; `.host` (ENOMEM).
    public init(_ ranges: [(start: GuestAddress, count: UInt64)], backing: Backing = .private)
        throws(GuestMemoryError)
    {
        var total: UInt64 = 0
        var previousEnd: UInt64 = 0
        for range in ranges {
            let (end, wraps) = range.start.rawValue.addingReportingOverflow(range.count)
            let (sum, overflows) = total.addingReportingOverflow(range.count)
            guard !wraps, !overflows, sum <= UInt64(Int.max), range.count > 0,
                range.start.rawValue % 4096 == 0, range.count % 4096 == 0, range.start.rawValue >= previousEnd
            else { throw .outOfRange(range.start, length: range.count) }
            previousEnd = end
            total = sum
        }
        do throws(Errno) {
            mapping = try GuestMemory.map(count: Int(total), backing: backing)
        } catch { throw .host(error) }

        var offset = 0
        var regions: [Region] = []
        for range in ranges {
            let hostAddress = unsafe UInt64(UInt(bitPattern: mapping.baseAddress)) + UInt64(offset)
            regions.append(
                Region(
                    start: range.start, count: range.count, hostAddress: hostAddress, mappingOffset: offset))
            offset += Int(range.count)
        }
        self.regions = regions
    }

    /// Guest and host addresses that agree modulo 2 MiB let KVM map a huge page of the host as one of the guest's.
    private static var hugePageSize: Int { 2 << 20 }

    private static func map(count: Int, backing: Backing) throws(Errno) -> MemoryMapping {
        switch backing {
        case .private:
            return try .anonymous(count: count, alignment: hugePageSize)
        case .shared:
            // SAFETY: the C string lives for the call.
            let number = unsafe "guest-ram".withCString { unsafe apus_memfd_create($0) }
            let file = FileDescriptor(owning: Int32(try checked(number)))
            try checked(apus_truncate(file.rawValue, UInt64(count)))
            return try .shared(file, count: count)
        }
    }

    /// All regions together, in bytes.
    public var count: UInt64 { UInt64(mapping.count) }

    /// Whether `count` bytes from `address` lie inside one region.
    public func contains(_ address: GuestAddress, count: UInt64) -> Bool {
        offset(of: address, count: count) != nil
    }

    /// Where the range is in the mapping, or nil where it is not wholly inside one region.
    @inline(__always)
    private func offset(of address: GuestAddress, count: UInt64) -> Int? {
        for region in regions where address >= region.start {
            let offset = address.rawValue - region.start.rawValue
            if offset <= region.count, count <= region.count - offset {
                return region.mappingOffset + Int(offset)
            }
        }
        return nil
    }

    /// The checked pointer behind every access; it must not leave this target.
    @inline(__always)
    func pointer(to address: GuestAddress, count: UInt64) throws(GuestMemoryError) -> UnsafeMutableRawPointer {
        guard let offset = offset(of: address, count: count) else {
            throw .outOfRange(address, length: count)
        }
        // SAFETY: the offset and count were just checked against a region of this mapping.
        return unsafe mapping.baseAddress + offset
    }

    /// Lays a copy-on-write view of a file over guest memory instead of copying it in.
    /// `address` and `fileOffset` are multiples of 4096; `count` is rounded up to one, and where the file ends
    /// inside that last page the rest of the page reads as zeroes.
    public func mapFile(
        _ file: borrowing FileDescriptor, fileOffset: UInt64, at address: GuestAddress, count: UInt64
    ) throws(GuestMemoryError) {
        let (padded, wraps) = count.addingReportingOverflow(4095)
        let rounded = padded & ~4095
        guard !wraps, rounded > 0, let offset = offset(of: address, count: rounded) else {
            throw .outOfRange(address, length: count)
        }
        guard address.rawValue % 4096 == 0, fileOffset % 4096 == 0 else { throw .misaligned(address) }
        do throws(Errno) {
            try mapping.overlay(file, fileOffset: fileOffset, at: offset, count: Int(rounded))
        } catch { throw .host(error) }
    }
}
