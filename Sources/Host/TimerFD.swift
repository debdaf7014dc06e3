// timerfd(2): a deadline as a descriptor.

internal import CShims

/// A one-shot timer on the monotonic clock.
public final class TimerFD: Sendable {
    private let descriptor: FileDescriptor

    public init() throws(Errno) {
        descriptor = FileDescriptor(owning: Int32(try checked(apus_timerfd_create())))
    }

    public var rawValue: Int32 { descriptor.rawValue }

    /// Fires once, `nanoseconds` from now (at least 1).
    public func arm(afterNanoseconds nanoseconds: UInt64) throws(Errno) {
        try checked(apus_timerfd_arm(descriptor.rawValue, max(nanoseconds, 1)))
    }
}
