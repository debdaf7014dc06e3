// timerfd(2): a deadline as a descriptor.

internal import CShims

/// A one-shot timer on the monotonic clock.
public final class TimerFD: Sendable {
    private let descriptor: FileDescriptor

    public init() throws(Errno) {
        descriptor = FileDescriptor(owning: Int32(try checked(apus_timerfd_create())))
    }

    public var rawValue: Int32 { descriptor.rawValue }

    /// Takes note that the timer fired; until then its descriptor stays readable.
    public func acknowledge() {
        var count: UInt64 = 0
        // SAFETY: eight bytes are written to a local value.
        _ = unsafe apus_read(descriptor.rawValue, &count, 8)
    }

    /// Fires once, `nanoseconds` from now (at least 1).
    public func arm(afterNanoseconds nanoseconds: UInt64) throws(Errno) {
        try checked(apus_timerfd_arm(descriptor.rawValue, max(nanoseconds, 1)))
    }
}
