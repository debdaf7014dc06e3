// A guest physical address: a number, never a pointer.

public import Host

/// A guest physical address in bytes.
public struct GuestAddress: Hashable, Comparable, Sendable {
    public let rawValue: UInt64

    @inline(__always)
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// The address `offset` bytes further on, or nil where that wraps.
    @inline(__always)
    public func advanced(by offset: UInt64) -> GuestAddress? {
        let (sum, overflow) = rawValue.addingReportingOverflow(offset)
        return overflow ? nil : GuestAddress(sum)
    }

    public static func < (left: GuestAddress, right: GuestAddress) -> Bool { left.rawValue < right.rawValue }
}

/// Why an access to guest memory was refused.
public enum GuestMemoryError: Error, Equatable {
    /// The range is not, or not wholly, inside one region; or its end wraps.
    case outOfRange(GuestAddress, length: UInt64)
    /// An atomic access that is not a multiple of its size.
    case misaligned(GuestAddress)
    /// The host refused.
    case host(Errno)
}
