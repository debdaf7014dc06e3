// eventfd(2): how a device raises an interrupt, and how the kernel says that a guest rang a doorbell.

internal import CShims

/// A 64-bit counter with a descriptor.
public final class EventFD: Sendable {
    private let descriptor: FileDescriptor

    public init() throws(Errno) {
        descriptor = FileDescriptor(owning: Int32(try checked(apus_eventfd_create())))
    }

    public var rawValue: Int32 { descriptor.rawValue }

    /// Adds one. Never waits: a counter at its limit is signalled anyway.
    public func signal() {
        var one: UInt64 = 1
        // SAFETY: eight bytes are read from a local value.
        _ = unsafe apus_write(descriptor.rawValue, &one, 8)
    }

    /// Takes the count, leaving 0; 0 where nothing was signalled.
    @discardableResult
    public func drain() -> UInt64 {
        var count: UInt64 = 0
        // SAFETY: eight bytes are written to a local value.
        let result = unsafe apus_read(descriptor.rawValue, &count, 8)
        return result == 8 ? count : 0
    }
}
