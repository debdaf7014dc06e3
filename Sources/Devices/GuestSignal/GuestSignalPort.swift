// Apus's own port: how a guest tells the monitor how far it has come.

public import GuestMemory
import Host
import struct Synchronization.Atomic

/// What a guest said.
public enum GuestSignal: Equatable, Sendable {
    /// The guest is up: said once, with `MonotonicClock.now` of the first write.
    case ready(nanoseconds: UInt64)
    /// Power off; the outcome is `shutdown`.
    case powerOff
    case selfTestPassed
    case selfTestFailed
}

/// I/O port 0xA50, one byte wide.
///
/// | written | means |
/// |---|---|
/// | 1 | `guest_ready`: root is mounted and a program from it has run; later writes change nothing |
/// | 2 | power off |
/// | 3 | the firmware's self-test passed; powers off with success |
/// | 4 | the firmware's self-test failed |
///
/// Other values, other widths and reads mean nothing; a read gives ones, as an empty port does.
public final class GuestSignalPort: BusDevice, @unchecked Sendable {
    // @unchecked: `isReady` is atomic and `report` is the machine's, made to be called on any vCPU thread.

    public static var firstPort: UInt16 { 0xA50 }
    public static var portCount: UInt16 { 1 }

    private let isReady = Atomic<Bool>(false)
    private let report: (GuestSignal) -> Void

    /// - Parameter report: called on the vCPU thread that wrote.
    public init(report: @escaping (GuestSignal) -> Void) { self.report = report }

    public override func write(_ value: UInt64, offset: UInt64, width: Int) {
        guard offset == 0, width == 1 else { return }
        switch value & 0xFF {
        case 1:
            let now = MonotonicClock.now
            if !isReady.exchange(true, ordering: .relaxed) { report(.ready(nanoseconds: now)) }
        case 2: report(.powerOff)
        case 3: report(.selfTestPassed)
        case 4: report(.selfTestFailed)
        default: break
        }
    }
}
