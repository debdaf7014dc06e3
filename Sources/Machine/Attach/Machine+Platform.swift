// The few parts of a PC that every machine has: a reset line, and the port by which a guest tells how far it is.

internal import Boot
internal import Devices
internal import GuestMemory

extension Machine {
    func attachPlatformDevices() {
        let (stop, memory) = (stop, memory)

        bus.attach(
            I8042 { stop.make(Machine.outcomeOfReset(memory)) },
            atPorts: I8042.firstPort, count: I8042.portCount)

        bus.attach(
            GuestSignalPort { [self] signal in
                switch signal {
                case .ready:
                    timeline.mark(.guestReady)
                    didBecomeReady()
                case .powerOff, .selfTestPassed: stop.make(.shutdown)
                case .selfTestFailed: stop.make(.failedSelfTest)
                }
            },
            atPorts: GuestSignalPort.firstPort, count: GuestSignalPort.portCount)
    }

    /// Whether the guest wanted to start again or had panicked.
    ///
    /// With `reboot=k,panic_warm` Linux asks for a warm boot if and only if it panicked: it then leaves 0x1234 in the
    /// word where a PC's firmware looks for that (arch/x86/kernel/reboot.c).
    private static func outcomeOfReset(_ memory: GuestMemory) -> Outcome {
        let word = try? memory.read(UInt16.self, at: Layout.warmBootWord)
        return word == 0x1234 ? .panic : .reset
    }
}
