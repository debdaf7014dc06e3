import Foundation
import GuestMemory
import Host
import Testing
import Virtio
import VirtioTestKit

@testable import Devices

@Suite struct BlockDeviceTests {
    private enum Kind {
        static let read: UInt32 = 0
        static let write: UInt32 = 1
        static let flush: UInt32 = 4
        static let identify: UInt32 = 8
        static let discard: UInt32 = 11
        static let writeZeroes: UInt32 = 13
    }

    // MARK: Requests

    @Test func saysWhatItIs() throws {
        let disk = try BlockFixture()
        let registers = disk.driver.transport
        #expect(disk.driver[DriverMock.Register.deviceID] == 2)
        #expect(registers.read(offset: 0x100, width: 8) == 64)
        #expect(registers.read(offset: 0x10C, width: 4) == 254)
        #expect(registers.read(offset: 0x114, width: 4) == 512)
        #expect(disk.driver.offeredFeatures().contains([.blockFlush, .blockDiscard, .blockWriteZeroes, .blockSize]))
        #expect(!disk.driver.offeredFeatures().contains(.blockReadOnly))
    }

    @Test func reads() throws {
        let disk = try BlockFixture()
        #expect(try disk.request(Kind.read, sector: 5, in: 1024) == .ok(1025))
        #expect(try disk.data(1024) == disk.file.sector(5) + disk.file.sector(6))
    }

    @Test func readsNothing() throws {
        let disk = try BlockFixture()
        #expect(try disk.request(Kind.read, sector: 64) == .ok(1))
    }

    @Test func writes() throws {
        let disk = try BlockFixture()
        let sector = (0..<512).map { UInt8(truncatingIfNeeded: $0 * 7) }
        #expect(try disk.request(Kind.write, sector: 63, out: sector) == .ok(1))
        #expect(disk.file.sector(63) == sector)
        #expect(disk.file.sector(62).allSatisfy { $0 == 62 })
    }

    @Test func flushes() throws {
        let disk = try BlockFixture()
        #expect(try disk.request(Kind.flush) == .ok(1))
        #expect(disk.backend.calls == ["flush"])
    }

    @Test func identifiesItself() throws {
        let disk = try BlockFixture()
        #expect(try disk.request(Kind.identify, in: 20) == .ok(21))
        #expect(try disk.data(20) == Array("vda".utf8) + [UInt8](repeating: 0, count: 17))
        #expect(try disk.request(Kind.identify, in: 19) == .failed())
    }

    @Test func discards() throws {
        let disk = try BlockFixture()
        #expect(try disk.request(Kind.discard, out: BlockFixture.range(8, 8) + BlockFixture.range(24, 1)) == .ok(1))
        #expect(disk.backend.calls == ["discard 4096+4096", "discard 12288+512"])
        #expect(disk.file.sector(8).allSatisfy { $0 == 0 })
        #expect(disk.file.sector(16).allSatisfy { $0 == 16 })
        #expect(disk.file.sector(24).allSatisfy { $0 == 0 })
    }

    @Test(arguments: [(0, true), (1, false)] as [(UInt32, Bool)])
    func writesZeroes(flags: UInt32, keepsSpace: Bool) throws {
        let disk = try BlockFixture()
        #expect(try disk.request(Kind.writeZeroes, out: BlockFixture.range(3, 2, flags: flags)) == .ok(1))
        #expect(disk.backend.calls == ["zero 1536+1024 \(keepsSpace)"])
        #expect(disk.file.sector(2).allSatisfy { $0 == 2 })
        #expect(disk.file.sector(3) + disk.file.sector(4) == [UInt8](repeating: 0, count: 1024))
        #expect(disk.file.sector(5).allSatisfy { $0 == 5 })
    }

    @Test(arguments: [2, 3, 5, 6, 7, 9, 10, 12, 14, 0x100, .max] as [UInt32])
    func doesNotSupport(type: UInt32) throws {
        let disk = try BlockFixture()
        #expect(try disk.request(type, in: 512) == .unsupported)
        #expect(disk.backend.calls == [])
    }

    // MARK: Ranges that are not the disk's

    @Test(
        arguments: [
            (64, 512), (63, 1024), (65, 0), (0, 65 * 512), (1 << 55, 512), (UInt64.max / 512, 512), (.max, 512),
            (.max, 1024),
        ] as [(UInt64, UInt32)])
    func refusesToPassTheEnd(sector: UInt64, count: UInt32) throws {
        let disk = try BlockFixture()
        let bytes = [UInt8](repeating: 1, count: Int(count))
        #expect(try disk.request(Kind.read, sector: sector, in: count) == .failed())
        try disk.writeHeader(Kind.write, sector)
        let chain: [DriverBuffer] = [
            .readable(BlockFixture.header, 16), .readable(BlockFixture.data, UInt32(bytes.count)),
            .writable(0x18000, 1),
        ]
        try disk.memory.write(UInt8(0xAA), at: GuestAddress(0x18000))
        #expect(try disk.send(chain).written == 1)
        #expect(try disk.memory.read(UInt8.self, at: GuestAddress(0x18000)) == 1)
        #expect(disk.backend.calls == [])
    }

    @Test func refusesASumOfDescriptorsThatPassesTheEndThoughEachFits() throws {
        let disk = try BlockFixture()
        try disk.writeHeader(Kind.read, 62)
        let buffers = [DriverBuffer](repeating: .writable(BlockFixture.data, 512), count: 3)
        let chain = [.readable(BlockFixture.header, 16)] + buffers + [.writable(BlockFixture.status, 1)]
        #expect(try disk.send(chain) == .failed())
        #expect(disk.backend.calls == [])
    }

    @Test(arguments: [1, 511, 513, 1000] as [UInt32])
    func refusesPartsOfSectors(count: UInt32) throws {
        let disk = try BlockFixture()
        #expect(try disk.request(Kind.read, in: count) == .failed())
        #expect(try disk.request(Kind.write, out: [UInt8](repeating: 0, count: Int(count))) == .failed())
        #expect(disk.backend.calls == [])
    }

    @Test(arguments: [
        (Kind.discard, BlockFixture.range(0, 1, flags: 1), BlockFixture.Answer.unsupported),
        (Kind.discard, BlockFixture.range(0, 1, flags: 2), .unsupported),
        (Kind.writeZeroes, BlockFixture.range(0, 1, flags: 2), .unsupported),
        (Kind.writeZeroes, BlockFixture.range(0, 1) + BlockFixture.range(1, 1, flags: 0x8000_0001), .unsupported),
        (Kind.discard, BlockFixture.range(64, 1), .failed()), (Kind.discard, BlockFixture.range(.max, 1), .failed()),
        (Kind.discard, BlockFixture.range(1, .max), .failed()),
        (Kind.writeZeroes, BlockFixture.range(0, 1) + BlockFixture.range(60, 5), .failed()),
        (Kind.discard, [], .failed()), (Kind.discard, [0], .failed()),
        (Kind.discard, BlockFixture.range(0, 1) + [0], .failed()),
        (Kind.discard, (0..<17).flatMap { _ in BlockFixture.range(0, 1) }, .failed()),
    ])
    func refusesRanges(type: UInt32, data: [UInt8], expected: BlockFixture.Answer) throws {
        let disk = try BlockFixture()
        #expect(try disk.request(type, out: data) == expected)
        #expect(disk.backend.calls == [])
    }

    // MARK: Framing

    @Test func takesAHeaderSplitAcrossDescriptors() throws {
        let disk = try BlockFixture()
        try disk.writeHeader(Kind.read, 7)
        var chain = (0..<16).map { DriverBuffer.readable(BlockFixture.header + $0, 1) }
        chain += [.writable(BlockFixture.data, 512), .writable(BlockFixture.status, 1)]
        #expect(try disk.send(chain) == .ok(513))
        #expect(try disk.data(512) == disk.file.sector(7))
    }

    @Test func takesHeaderAndDataInOneDescriptor() throws {
        let disk = try BlockFixture()
        try disk.writeHeader(Kind.write, 7)
        try disk.memory.fill(0x77, at: GuestAddress(BlockFixture.header + 16), count: 512)
        #expect(
            try disk.send([.readable(BlockFixture.header, 16 + 512), .writable(BlockFixture.status, 1)]) == .ok(1))
        #expect(disk.file.sector(7).allSatisfy { $0 == 0x77 })
    }

    @Test func takesDataAndStatusInOneDescriptor() throws {
        let disk = try BlockFixture()
        try disk.writeHeader(Kind.read, 7)
        let start = BlockFixture.status - 512
        #expect(try disk.send([.readable(BlockFixture.header, 16), .writable(start, 513)]) == .ok(513))
        #expect(try disk.memory.readBytes(at: GuestAddress(start), count: 512) == disk.file.sector(7))
    }

    @Test func takesDataInUnevenPieces() throws {
        let disk = try BlockFixture()
        try disk.writeHeader(Kind.write, 1)
        try disk.memory.writeBytes((0..<1024).map { UInt8(truncatingIfNeeded: $0 / 3) }, at: GuestAddress(0x2000))
        let chain: [DriverBuffer] = [
            .readable(BlockFixture.header, 10), .readable(BlockFixture.header + 10, 6), .readable(0x2000, 1),
            .readable(0x2001, 0), .readable(0x2001, 700), .readable(0x22BD, 323), .writable(BlockFixture.status, 1),
        ]
        #expect(try disk.send(chain, indirect: true) == .ok(1))
        #expect(disk.file.sector(1) + disk.file.sector(2) == (0..<1024).map { UInt8(truncatingIfNeeded: $0 / 3) })
    }

    @Test func putsTheStatusIntoTheVeryLastByteAlsoBeforeEmptyDescriptors() throws {
        let disk = try BlockFixture()
        try disk.writeHeader(Kind.flush, 0)
        let chain: [DriverBuffer] = [
            .readable(BlockFixture.header, 16), .writable(BlockFixture.status, 1), .writable(0x9000, 0),
        ]
        #expect(try disk.send(chain) == .ok(1))
    }

    @Test(
        arguments: [
            [.readable(BlockFixture.header, 16)],  // no status
            [.readable(BlockFixture.header, 16), .readable(BlockFixture.status, 1)],  // a read-only one
            [.readable(BlockFixture.header, 16), .writable(BlockFixture.status, 0)],  // an empty one
            [.readable(BlockFixture.header, 15), .writable(BlockFixture.status, 1)],  // no whole header
            [.writable(BlockFixture.header, 16), .writable(BlockFixture.status, 1)],  // a writable one
            [.writable(BlockFixture.status, 1)],
        ] as [[DriverBuffer]])
    func breaksWhereItCannotAnswer(chain: [DriverBuffer]) throws {
        let disk = try BlockFixture()
        try disk.writeHeader(Kind.flush, 0)
        try disk.sendBreaking(chain)
        #expect(try disk.queue.usedIndex() == 0)

        try disk.restart()
        #expect(try disk.request(Kind.read, sector: 1, in: 512) == .ok(513))
    }

    // MARK: Features that were not negotiated

    @Test func doesNotDiscardWithoutTheFeature() throws {
        let disk = try BlockFixture(without: [.blockDiscard, .blockWriteZeroes])
        #expect(try disk.request(Kind.discard, out: BlockFixture.range(0, 1)) == .unsupported)
        #expect(try disk.request(Kind.writeZeroes, out: BlockFixture.range(0, 1)) == .unsupported)
        #expect(disk.backend.calls == [])
    }

    @Test func makesEveryWriteDurableForADriverThatCannotFlush() throws {
        let disk = try BlockFixture(without: .blockFlush)
        #expect(try disk.request(Kind.flush) == .unsupported)
        #expect(try disk.request(Kind.write, out: [UInt8](repeating: 1, count: 512)) == .ok(1))
        #expect(try disk.request(Kind.discard, out: BlockFixture.range(8, 8)) == .ok(1))
        #expect(disk.backend.calls == ["write 0+512", "flush", "discard 4096+4096", "flush"])
    }

    // MARK: Durability and errors

    @Test func flushesAfterTheWritesThatItAnswered() throws {
        let disk = try BlockFixture()
        for sector in 0..<3 as Range<UInt64> {
            #expect(try disk.request(Kind.write, sector: sector, out: [UInt8](repeating: 1, count: 512)) == .ok(1))
        }
        #expect(try disk.request(Kind.flush) == .ok(1))
        #expect(disk.backend.calls == ["write 0+512", "write 512+512", "write 1024+512", "flush"])
    }

    @Test(arguments: [Errno.noSpace, .inputOutput])
    func tellsTheGuestOfTheHostsErrorsAndGoesOn(error: Errno) throws {
        let disk = try BlockFixture()
        let sector = [UInt8](repeating: 9, count: 512)
        disk.backend.fail(with: error)
        #expect(try disk.request(Kind.write, out: sector) == .failed())
        #expect(try disk.request(Kind.read, in: 512) == .failed())
        #expect(try disk.request(Kind.flush) == .failed())
        #expect(try disk.request(Kind.discard, out: BlockFixture.range(0, 1)) == .failed())
        #expect(try disk.request(Kind.writeZeroes, out: BlockFixture.range(0, 1)) == .failed())
        disk.backend.fail(with: nil)
        #expect(try disk.request(Kind.write, out: sector) == .ok(1))
        #expect(disk.file.sector(0) == sector)
    }

    @Test func saysThatTheHostCannotDiscard() throws {
        let disk = try BlockFixture()
        disk.backend.fail(with: .notSupported)
        #expect(try disk.request(Kind.discard, out: BlockFixture.range(0, 1)) == .unsupported)
    }

    @Test func survivesADiskThatShrank() throws {
        let disk = try BlockFixture()
        #expect(truncate(disk.file.path, 10 * 512 + 100) == 0)

        #expect(try disk.request(Kind.read, sector: 9, in: 512) == .ok(513))
        #expect(try disk.request(Kind.read, sector: 10, in: 1024) == .failed(101))
        #expect(try disk.request(Kind.read, sector: 20, in: 512) == .failed())
        #expect(try disk.request(Kind.write, sector: 10, out: [UInt8](repeating: 1, count: 512)) == .failed())
        #expect(try disk.request(Kind.discard, out: BlockFixture.range(20, 1)) == .failed())
        #expect(try disk.request(Kind.writeZeroes, out: BlockFixture.range(20, 1)) == .failed())
        #expect(disk.file.bytes.count == 10 * 512 + 100)
        #expect(try disk.request(Kind.write, sector: 9, out: [UInt8](repeating: 1, count: 512)) == .ok(1))
    }

    /// A sealed memory file stands for a host that takes no more writes: the kernel itself refuses.
    @Test func survivesAHostThatRefusesToWrite() throws {
        let sealed = try SealableFile(sectors: 64)
        let disk = try BlockFixture(path: sealed.path)
        let sector = [UInt8](repeating: 9, count: 512)
        #expect(try disk.request(Kind.write, out: sector) == .ok(1))
        sealed.refuseWrites()
        #expect(try disk.request(Kind.write, out: [UInt8](repeating: 1, count: 512)) == .failed())
        #expect(try disk.request(Kind.writeZeroes, out: BlockFixture.range(0, 1)) == .failed())
        #expect(try disk.request(Kind.discard, out: BlockFixture.range(0, 1)) == .failed())
        #expect(try disk.request(Kind.read, in: 512) == .ok(513))
        #expect(try disk.data(512) == sector)
    }

    // MARK: Read-only

    @Test func aReadOnlyDiskIsNotWritten() throws {
        let disk = try BlockFixture(readOnly: true)
        let before = disk.file.bytes
        #expect(disk.driver.offeredFeatures().contains(.blockReadOnly))
        #expect(disk.driver.offeredFeatures().isDisjoint(with: [.blockDiscard, .blockWriteZeroes]))
        #expect(try disk.request(Kind.write, out: [UInt8](repeating: 1, count: 512)) == .failed())
        #expect(try disk.request(Kind.discard, out: BlockFixture.range(0, 1)) == .unsupported)
        #expect(try disk.request(Kind.read, sector: 1, in: 512) == .ok(513))
        #expect(try disk.request(Kind.flush) == .ok(1))
        #expect(disk.backend.calls == ["read 512+512", "flush"])
        #expect(disk.file.bytes == before)
    }

    // MARK: Life

    @Test func aResetInTheMiddleLeavesTheQueueAlone() throws {
        let disk = try BlockFixture()
        for _ in 0..<20 {
            try disk.writeHeader(Kind.read, 3)
            let chain: [DriverBuffer] = [
                .readable(BlockFixture.header, 16), .writable(BlockFixture.data, 512),
                .writable(BlockFixture.status, 1),
            ]
            for _ in 0..<20 { try disk.queue.add(chain) }
            disk.driver.ring(0)
            disk.driver.reset()
            let served = try disk.queue.usedIndex()
            disk.driver.transport.interrupt.drain()
            disk.driver.ring(0)
            disk.device.stop()
            #expect(try disk.queue.usedIndex() == served)
            #expect(disk.driver.transport.interrupt.drain() == 0)
            #expect(disk.driver[DriverMock.Register.interruptStatus] == 0)

            try disk.device.start()
            try disk.restart()
            #expect(try disk.request(Kind.read, sector: 3, in: 512) == .ok(513))
        }
    }

    @Test func stopsWithRequestsLeftAndGoesOnWithThem() throws {
        let disk = try BlockFixture()
        disk.device.stop()
        try disk.writeHeader(Kind.read, 3)
        try disk.queue.add([
            .readable(BlockFixture.header, 16), .writable(BlockFixture.data, 512), .writable(BlockFixture.status, 1),
        ])
        disk.driver.ring(0)
        #expect(try disk.queue.usedIndex() == 0)

        try disk.device.start()

        try disk.driver.handleInterrupts { try disk.queue.usedIndex() == 1 }
        #expect(try disk.data(512) == disk.file.sector(3))
    }

    @Test func stoppingTwiceIsStoppingOnce() throws {
        let disk = try BlockFixture()
        disk.device.stop()
        disk.device.stop()
    }

    @Test(arguments: [11, 12] as [UInt64])
    func survivesRandomChains(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let disk = try BlockFixture()
        for _ in 0..<200 {
            try disk.restart()
            try disk.queue.scramble(with: &generator)
            for _ in 0..<8 {
                let header = UInt64.random(in: 0..<0x1FFF0, using: &generator)
                try disk.memory.write(
                    UInt64([0, 1, 4, 8, 11, 13].randomElement(using: &generator)!), at: GuestAddress(header))
                try disk.memory.write(UInt64.random(in: 0..<70, using: &generator), at: GuestAddress(header + 8))
            }
            disk.driver.ring(0)
        }
        try disk.restart()
        #expect(try disk.request(Kind.identify, in: 20) == .ok(21))
    }
}
