import GuestMemory
import Testing
import VirtioTestKit

@testable import Virtio

/// Random chains and register accesses, the same on every run: none may trap, all must end, and after a reset the
/// device must work.
@Suite struct FuzzTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func survives(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let memory = try GuestMemory([(GuestAddress(0), 0x40000)])
        let device = try EchoDevice(memory)
        let driver = DriverMock(MMIOTransport(device))
        var breakdowns = 0

        for _ in 0..<300 {
            let queue = DriverQueue(memory, base: 0x10000, size: 1 << UInt16.random(in: 0...6, using: &generator))
            try memory.fill(0, at: GuestAddress(0x10000), count: 0x4000)
            try driver.start([queue])
            try queue.scramble(with: &generator)
            device.poll(0)
            breakdowns += driver.status.contains(.needsReset) ? 1 : 0
            for _ in 0..<20 { accessRandomRegister(driver.transport, &generator) }
            device.poll(0)
            device.poll(1)
        }

        try memory.fill(0, at: GuestAddress(0x10000), count: 0x4000)
        let queue = DriverQueue(memory, base: 0x10000, size: 64)
        try driver.start([queue])
        try queue.add([.writable(0, 1)])
        device.poll(0)
        #expect(try queue.takeUsed() == UsedElement(head: 0, written: 1))
        #expect(breakdowns > 100)
        #expect(device.servedChains > 100)
    }

    private func accessRandomRegister(_ transport: MMIOTransport, _ generator: inout SeededGenerator) {
        let offsets: [UInt64] = [
            UInt64.random(in: 0..<0x110, using: &generator), UInt64.random(in: 0..<0x44, using: &generator) * 4,
            0x30, 0x38, 0x44, 0x50, 0x70, UInt64.max,
        ]
        let offset = offsets.randomElement(using: &generator)!
        let width = [1, 2, 4, 4, 4, 8].randomElement(using: &generator)!
        let value = [generator.next(), 0, 1, 15, 64].randomElement(using: &generator)!
        transport.write(value, offset: offset, width: width)
        _ = transport.read(offset: offset, width: width)
    }
}
