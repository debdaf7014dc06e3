import GuestMemory
import Testing
import VirtioTestKit

@testable import Virtio

@Suite struct ChainBuffersTests {
    let memory: GuestMemory
    let driver: DriverQueue
    let queue: Virtqueue
    var buffers: ChainBuffers

    init() throws {
        memory = try GuestMemory([(GuestAddress(0), 0x20000)])
        driver = DriverQueue(memory, base: 0x10000, size: 16)
        queue = try Virtqueue(driver.configuration, maximumSize: 16, features: [], memory: memory)
        buffers = ChainBuffers(memory, capacity: 16)
        try memory.writeBytes(Array(0..<64), at: GuestAddress(0))
    }

    mutating func gather(_ chain: [DriverBuffer]) throws {
        try driver.add(chain)
        var chain = try #require(try queue.pop())
        try buffers.gather(&chain)
    }

    @Test mutating func readsNumbersAcrossDescriptors() throws {
        try gather([.readable(0, 3), .readable(10, 0), .readable(20, 1), .readable(30, 8), .writable(40, 5)])

        #expect(buffers.readable.count == 12)
        #expect(buffers.writable.count == 5)
        #expect(try buffers.readable.load(UInt32.self, at: 0) == 0x1402_0100)
        #expect(try buffers.readable.load(UInt64.self, at: 2) == 0x2322_2120_1F1E_1402)
        #expect(try buffers.readable.load(UInt8.self, at: 11) == 37)
        #expect(try buffers.readable.load(UInt16.self, at: 11) == nil)
        #expect(try buffers.readable.load(UInt64.self, at: .max) == nil)
    }

    @Test mutating func writesAcrossDescriptorsAndStopsAtTheEnd() throws {
        try gather([.writable(0x100, 2), .writable(0x200, 3)])

        #expect(try buffers.writable.store([9, 1, 2, 3, 4, 5, 6, 7], in: 1..<8, at: 1) == 4)
        try buffers.writable.storeByte(0xFF, at: 4)

        #expect(try memory.readBytes(at: GuestAddress(0x100), count: 3) == [0, 1, 0])
        #expect(try memory.readBytes(at: GuestAddress(0x200), count: 4) == [2, 3, 0xFF, 0])
    }

    @Test mutating func appendsPartsToAnArrayAndAVector() throws {
        try gather([.readable(0, 4), .readable(32, 4)])
        var bytes: [UInt8] = [99]
        var vector = GuestIOVector(memory)

        try buffers.readable.append(from: 3, length: 3, to: &bytes)
        try buffers.readable.append(from: 2, length: 100, to: &vector)

        #expect(bytes == [99, 3, 32, 33])
        #expect(vector.count == 6)
    }

    @Test mutating func forgetsTheChainBefore() throws {
        try gather([.readable(0, 4), .writable(32, 4)])
        try gather([.readable(0, 2)])
        #expect(buffers.readable.count == 2)
        #expect(buffers.writable.count == 0)
    }
}
