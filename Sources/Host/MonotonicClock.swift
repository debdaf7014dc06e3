// CLOCK_MONOTONIC: the clock of every timeline and deadline.

internal import CShims

public enum MonotonicClock {
    /// Nanoseconds since an arbitrary point, the same for all processes of a boot.
    public static var now: UInt64 { apus_monotonic_nanoseconds() }
}
