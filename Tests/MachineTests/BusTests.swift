import GuestMemory
import Testing

@testable import Machine

private final class Recorder: BusDevice {
    var writes: [[UInt64]] = []

    override func read(offset: UInt64, width: Int) -> UInt64 { 0x1122_3344_5566_7788 + offset }

    override func write(_ value: UInt64, offset: UInt64, width: Int) {
        writes.append([value, offset, UInt64(width)])
    }
}

@Suite struct BusTests {
    private let bus = Bus()
    private let device = Recorder()

    @Test func givesADeviceOffsetsFromItsFirstPort() {
        bus.attach(device, atPorts: 0x3F8, count: 8)

        bus.writePort(0x41, 0x3FF, width: 1)

        #expect(device.writes == [[0x41, 7, 1]])
        #expect(bus.readPort(0x3F8, width: 4) == 0x5566_7788)
    }

    @Test func keepsPortsAndMemoryApart() {
        bus.attach(device, at: GuestAddress(0xD000_0000), count: 0x1000)

        bus.writeMemory(1, 0xD000_0FFF, width: 1)
        bus.writeMemory(2, 0xD000_1000, width: 1)
        bus.writePort(3, 0, width: 1)

        #expect(device.writes == [[1, 0xFFF, 1]])
        #expect(bus.readMemory(0xD000_0004, width: 8) == 0x1122_3344_5566_778C)
    }

    @Test func readsOnesWhereNothingIs() {
        #expect(bus.readPort(0x80, width: 1) == 0xFF)
        #expect(bus.readPort(0xFFFF, width: 2) == 0xFFFF)
        #expect(bus.readMemory(0xFEB0_0000, width: 8) == .max)
    }
}
