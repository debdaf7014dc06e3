// InterruptStatus and the line behind it (virtio 1.2, 4.2.2).

public import Host
import struct Synchronization.Atomic

/// Why a device interrupts, and the event that interrupts.
///
/// Lock-free: a driver reads and acknowledges in its interrupt handler, which must not wait for a disk.
public final class InterruptLine: Sendable {
    public struct Cause: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// The device has used a buffer.
        public static var usedBuffer: Cause { Cause(rawValue: 1) }
        /// The configuration, or NEEDS_RESET, has changed.
        public static var configuration: Cause { Cause(rawValue: 2) }
    }

    /// Signalled once an interrupt; the machine binds it to an irqfd.
    public let event: EventFD
    private let bits = Atomic<UInt32>(0)

    init() throws(Errno) { event = try EventFD() }

    public var pending: Cause { Cause(rawValue: bits.load(ordering: .acquiring)) }

    /// The cause is recorded before the line rises, or a driver that is fast finds no cause and the wake-up is lost.
    func raise(_ cause: Cause) {
        bits.bitwiseOr(cause.rawValue, ordering: .sequentiallyConsistent)
        event.signal()
    }

    /// Clears these causes and no others.
    func acknowledge(_ cause: Cause) {
        bits.bitwiseAnd(~cause.rawValue, ordering: .sequentiallyConsistent)
    }
}
