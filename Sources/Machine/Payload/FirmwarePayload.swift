// A flat ROM image that ends at 4 GiB, started at the reset vector like a PC's firmware.

internal import Boot
internal import GuestMemory
internal import KVM

final class FirmwarePayload: Payload {
    private let path: String
    private let image: FirmwareImage

    init(path: String) throws(MachineError) {
        self.path = path
        do throws(FirmwareError) {
            image = try .open(path)
        } catch { throw MachineError(error.message(path: path)) }
    }

    override func memoryRanges(for memorySize: UInt64) -> [(start: GuestAddress, count: UInt64)] {
        // RAM above 4 GiB, if there is any, is the second range: the ROM lies between the two.
        var ranges = super.memoryRanges(for: memorySize)
        ranges.insert((image.start, image.count), at: 1)
        return ranges
    }

    override func load(into machine: Machine) throws(MachineError) {
        do throws(FirmwareError) {
            try image.load(into: machine.memory)
        } catch { throw MachineError(error.message(path: path)) }
        try explaining { () throws(KVMError) in
            try machine.vcpus[0].setBootState(.reset, .reset)
        }
    }
}
