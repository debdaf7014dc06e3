// The zero of a boot's timeline: when the whole command was exec'd, not when its `main` was reached.

import Glibc

/// Times are CLOCK_MONOTONIC in nanoseconds.
enum ClockZero {
    /// Set by whoever starts `apus` (a harness, a container runtime), just before `exec`, to the time then.
    static let variable = "APUS_CLOCK_ZERO"

    /// When this process began, as near as it can tell: fixed by the first use, which is the first
    /// thing in `main`.
    static let processStart = now()

    static func now() -> UInt64 {
        var time = timespec()
        // SAFETY: writes one timespec; the clock always exists, so it cannot fail.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The time that was handed over, else the start of this process. Takes the variable out of the environment: it
    /// speaks of this process's start and would mislead a program started later.
    static func take() throws(UsageError) -> UInt64 {
        // SAFETY: getenv's text stays in place until unsetenv, and is copied before; one thread runs.
        guard let text = unsafe getenv(variable) else { return processStart }
        let given = unsafe String(cString: text)
        unsafe unsetenv(variable)
        return try parse(given, processStart: processStart)
    }

    /// - Parameter processStart: the zero cannot be later.
    static func parse(_ given: String, processStart: UInt64) throws(UsageError) -> UInt64 {
        guard let zero = UInt64(given), zero <= processStart else {
            throw UsageError(
                "\(variable) is '\(given)': it must hold CLOCK_MONOTONIC in nanoseconds, not later than now (\(processStart)); "
                    + "unset it, or set it just before exec")
        }
        return zero
    }
}
