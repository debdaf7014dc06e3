// The two address spaces that a vCPU reaches outside RAM: I/O ports and memory-mapped registers.

internal import GuestMemory

/// Which device answers at which port or guest physical address. It is filled before a vCPU runs and stands still then.
final class Bus: @unchecked Sendable {
    // @unchecked: devices guard themselves (see BusDevice), and the lists change only while the machine is built.

    private struct Mapping {
        let range: Range<UInt64>
        let device: BusDevice
    }

    private var ports: [Mapping] = []
    private var windows: [Mapping] = []

    /// Lets `device` answer at `count` ports from `first` on, which no other device has.
    func attach(_ device: BusDevice, atPorts first: UInt16, count: UInt16) {
        insert(device, UInt64(first)..<UInt64(first) + UInt64(count), into: &ports)
    }

    /// Lets `device` answer at `count` bytes from `start` on, which no other device has.
    func attach(_ device: BusDevice, at start: GuestAddress, count: UInt64) {
        insert(device, start.rawValue..<start.rawValue + count, into: &windows)
    }

    private func insert(_ device: BusDevice, _ range: Range<UInt64>, into mappings: inout [Mapping]) {
        precondition(!mappings.contains { $0.range.overlaps(range) }, "two devices at one address")
        mappings.append(Mapping(range: range, device: device))
    }

    func readPort(_ port: UInt16, width: UInt8) -> UInt32 {
        UInt32(truncatingIfNeeded: read(UInt64(port), width: Int(width), from: ports))
    }

    func writePort(_ value: UInt32, _ port: UInt16, width: UInt8) {
        write(UInt64(value), UInt64(port), width: Int(width), to: ports)
    }

    func readMemory(_ address: UInt64, width: UInt32) -> UInt64 {
        read(address, width: Int(width), from: windows)
    }

    func writeMemory(_ value: UInt64, _ address: UInt64, width: UInt32) {
        write(value, address, width: Int(width), to: windows)
    }

    private func read(_ address: UInt64, width: Int, from mappings: [Mapping]) -> UInt64 {
        for mapping in mappings where mapping.range.contains(address) {
            return mapping.device.read(offset: address - mapping.range.lowerBound, width: width)
        }
        return BusDevice.allOnes(width: width)
    }

    private func write(_ value: UInt64, _ address: UInt64, width: Int, to mappings: [Mapping]) {
        for mapping in mappings where mapping.range.contains(address) {
            mapping.device.write(value, offset: address - mapping.range.lowerBound, width: width)
            return
        }
    }
}
