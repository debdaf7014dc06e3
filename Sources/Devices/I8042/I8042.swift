// The keyboard controller that is not there, but for its reset line: Linux's `reboot=k` pulls it.

public import GuestMemory

/// I/O ports 0x60 to 0x64.
///
/// Everything reads as ones but for the status, whose bit 1 (input buffer full) is clear. To Linux's probe that is a
/// controller that never empties its output buffer (bit 0), and it gives up at once; a status of zeroes would make it
/// wait half a second for an answer. And its reset waits for bit 1 to clear: 65 536 reads if it never does.
public final class I8042: BusDevice, @unchecked Sendable {
    // @unchecked: `requestReset` is the machine's, made to be called on any vCPU thread.

    public static var firstPort: UInt16 { 0x60 }
    public static var portCount: UInt16 { 5 }

    private let requestReset: () -> Void

    /// - Parameter requestReset: called on the vCPU thread that wrote the command, each time it does.
    public init(requestReset: @escaping () -> Void) { self.requestReset = requestReset }

    public override func read(offset: UInt64, width: Int) -> UInt64 {
        offset == 4 && width == 1 ? 0xFD : BusDevice.allOnes(width: width)
    }

    public override func write(_ value: UInt64, offset: UInt64, width: Int) {
        // Command 0xFE pulses output line 0, which is the processor's reset.
        if offset == 4, width == 1, value & 0xFF == 0xFE { requestReset() }
    }
}
