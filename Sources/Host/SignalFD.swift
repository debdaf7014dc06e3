// signalfd(2): signals as events of the loop instead of handlers that interrupt it.

internal import CShims

/// A set of signals, bit n-1 for signal n.
public struct SignalSet: OptionSet, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public init(_ number: Int32) { rawValue = 1 << UInt64(number - 1) }

    /// The number of the lowest signal of the set.
    public var number: Int32 { Int32(rawValue.trailingZeroBitCount) + 1 }

    public static var hangup: SignalSet { SignalSet(SIGHUP) }
    public static var interrupt: SignalSet { SignalSet(SIGINT) }
    public static var terminate: SignalSet { SignalSet(SIGTERM) }
    public static var windowChange: SignalSet { SignalSet(SIGWINCH) }
}

/// A descriptor that reads the signals of a set, which are blocked for the calling thread and all that it makes.
public final class SignalFD: Sendable {
    private let descriptor: FileDescriptor

    public init(_ signals: SignalSet) throws(Errno) {
        try checked(apus_block_signals(signals.rawValue))
        descriptor = FileDescriptor(owning: Int32(try checked(apus_signalfd_create(signals.rawValue))))
    }

    public var rawValue: Int32 { descriptor.rawValue }

    /// The next pending signal, or nil.
    public func next() -> SignalSet? {
        let number = apus_signalfd_read(descriptor.rawValue)
        return number > 0 ? SignalSet(Int32(number)) : nil
    }

    /// Ignores SIGPIPE and SIGXFSZ: a closed stdout, or a file at its limit (setrlimit(2), RLIMIT_FSIZE), is an error
    /// of that write, not the end of the machine.
    public static func ignoreFailedWrites() {
        apus_ignore_signal(SIGPIPE)
        apus_ignore_signal(SIGXFSZ)
    }
}
