// What a machine starts: a kernel or a ROM. A new kind is a subclass and a case in `open`.

internal import Boot
internal import GuestMemory

/// Something to start, opened and checked before anything is made, so that a wrong file costs no time.
class Payload {
    static func open(_ configuration: MachineConfiguration) throws(MachineError) -> Payload {
        switch configuration.payload {
        case .kernel(let path): try LinuxPayload(path: path)
        case .firmware(let path): try FirmwarePayload(path: path)
        }
    }

    /// The memory that the machine needs: its RAM, and what the payload brings along.
    func memoryRanges(for memorySize: UInt64) -> [(start: GuestAddress, count: UInt64)] {
        Layout.ramRanges(memory: memorySize)
    }

    /// Lays the payload into the machine's memory and points the boot processor at it. All devices are attached.
    func load(into machine: Machine) throws(MachineError) {}
}
